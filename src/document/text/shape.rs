//! Text → positioned glyphs. Fonts are parsed once; every character is checked before it is drawn.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, ShapePlan, UnicodeBuffer, script};
use unicode_script::{Script, UnicodeScript};

use super::super::DocumentError;
use crate::limits::{COMBINING_MARKS, PAPER_FIELD_CHARS};

/// One font, ready to shape and to embed.
pub(super) struct Face {
    pub(super) font: Font,
    shaper: rustybuzz::Face<'static>,
    units_per_em: f32,
    latin: ShapePlan,
    greek: ShapePlan,
    cyrillic: ShapePlan,
    /// How far the ink of each glyph reaches above and below the baseline, in ems, by glyph id.
    inks: Vec<(f32, f32)>,
}

impl Face {
    pub(super) fn new(name: &'static str, data: &'static [u8]) -> Result<Self, DocumentError> {
        let broken = || DocumentError::Font { face: name };
        let font = Font::new(data.into(), 0).ok_or_else(broken)?;
        let shaper = rustybuzz::Face::from_slice(data, 0).ok_or_else(broken)?;
        let plan = |script| ShapePlan::new(&shaper, Direction::LeftToRight, Some(script), None, &[]);
        let (latin, greek, cyrillic) = (plan(script::LATIN), plan(script::GREEK), plan(script::CYRILLIC));
        let units_per_em = font.units_per_em();
        let em = |units: i16| f32::from(units) / units_per_em;
        let inks = (0..shaper.number_of_glyphs())
            .map(|glyph| shaper.glyph_bounding_box(rustybuzz::ttf_parser::GlyphId(glyph)))
            .map(|ink| ink.map_or((0.0, 0.0), |ink| (em(ink.y_max), -em(ink.y_min))))
            .collect();
        Ok(Self { font, shaper, units_per_em, latin, greek, cyrillic, inks })
    }

    /// Turns `text` into glyphs, or says which character of `field` stands in the way.
    pub(super) fn shape(&self, field: &'static str, text: &str) -> Result<Vec<KrillaGlyph>, DocumentError> {
        check(field, text)?;
        let mut glyphs = Vec::with_capacity(text.len());
        for (run, script) in script_runs(text) {
            self.shape_run(field, text, run, script, &mut glyphs)?;
        }
        Ok(glyphs)
    }

    /// How far the ink of `glyph` reaches above and below the baseline, in ems; both are zero or more.
    pub(super) fn ink(&self, glyph: &KrillaGlyph) -> (f32, f32) {
        let id = usize::try_from(glyph.glyph_id.to_u32()).unwrap_or(usize::MAX);
        let (above, below) = self.inks.get(id).copied().unwrap_or_default();
        ((above + glyph.y_offset).max(0.0), (below - glyph.y_offset).max(0.0))
    }

    fn shape_run(
        &self,
        field: &'static str,
        text: &str,
        run: std::ops::Range<usize>,
        script: Script,
        glyphs: &mut Vec<KrillaGlyph>,
    ) -> Result<(), DocumentError> {
        let (plan, tag) = match script {
            Script::Greek => (&self.greek, script::GREEK),
            Script::Cyrillic => (&self.cyrillic, script::CYRILLIC),
            _ => (&self.latin, script::LATIN),
        };
        let mut buffer = UnicodeBuffer::new();
        for (offset, character) in text.get(run.clone()).unwrap_or_default().char_indices() {
            // Positions are in the whole text, so that a glyph knows the letters it stands for.
            buffer.add(character, u32::try_from(run.start + offset).unwrap_or(u32::MAX));
        }
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(tag);
        let shaped = rustybuzz::shape_with_plan(&self.shaper, plan, buffer);

        let first = glyphs.len();
        let em = |units: i32| i16::try_from(units).map_or(1.0, |units| f32::from(units) / self.units_per_em);
        let mut end = run.end;
        let mut cluster = run.end;
        // From the back: the letters of a glyph end where those of the next cluster begin.
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()).rev() {
            let start = usize::try_from(info.cluster).unwrap_or(run.end);
            if start != cluster {
                (end, cluster) = (cluster, start);
            }
            if info.glyph_id == 0 {
                let character = text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
                return Err(missing(field, character));
            }
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                em(position.x_advance),
                em(position.x_offset),
                em(position.y_offset),
                em(position.y_advance),
                start..end,
                None,
            ));
        }
        if let Some(added) = glyphs.get_mut(first..) {
            added.reverse();
        }
        Ok(())
    }
}

fn missing(field: &'static str, character: char) -> DocumentError {
    DocumentError::MissingGlyph { field, script: character.script().full_name(), character }
}

/// Refuses what could be drawn but would mislead, and what needs shaping that is not done here.
fn check(field: &'static str, text: &str) -> Result<(), DocumentError> {
    let chars = text.chars().count();
    if chars > PAPER_FIELD_CHARS {
        return Err(DocumentError::FieldTooLong { field, chars, limit: PAPER_FIELD_CHARS });
    }
    let mut marks = 0_usize;
    for character in text.chars() {
        if invisible(character) {
            return Err(DocumentError::Invisible { field, character });
        }
        if !matches!(
            character.script(),
            Script::Latin | Script::Greek | Script::Cyrillic | Script::Common | Script::Inherited
        ) {
            return Err(missing(field, character));
        }
        marks = if unicode_normalization::char::is_combining_mark(character) { marks + 1 } else { 0 };
        if marks > COMBINING_MARKS {
            return Err(DocumentError::StackedMarks { field, limit: COMBINING_MARKS });
        }
    }
    Ok(())
}

/// Characters without a shape of their own: controls, and the format characters (general category Cf), line
/// separators and fillers that Unicode 16 has among the scripts drawn here.
fn invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Parts of one script each; punctuation, digits and marks go with the letters before them.
fn script_runs(text: &str) -> Vec<(std::ops::Range<usize>, Script)> {
    let mut runs: Vec<(std::ops::Range<usize>, Script)> = Vec::new();
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let script = character.script();
        let neutral = matches!(script, Script::Common | Script::Inherited);
        match runs.last_mut() {
            Some((run, of)) if neutral || *of == script => run.end = end,
            // Leading punctuation takes the script of the first letter.
            Some((run, of)) if matches!(*of, Script::Common | Script::Inherited) => (run.end, *of) = (end, script),
            _ => runs.push((at..end, script)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{FONTS, Weight},
        *,
    };

    #[test]
    fn what_is_drawn_covers_the_alphabets_in_full() {
        let vietnamese = "ĂÂĐÊÔƠƯăâđêôơư ẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ";
        let greek: String = ('Α'..='Ρ').chain('Σ'..='Ϋ').chain('ά'..='ώ').collect();
        let cyrillic: String = ('Ѐ'..='џ').chain('Ґ'..='ӿ').filter(|letter| letter.is_alphabetic()).collect();
        let latin: String = ('À'..='ʯ').filter(|letter| letter.is_alphabetic()).collect();
        for face in [&FONTS.regular, &FONTS.bold] {
            for text in [vietnamese, &greek, &cyrillic, &latin] {
                for part in text.chars().collect::<Vec<_>>().chunks(100) {
                    let part: String = part.iter().collect();
                    assert!(face.shape("family", &part).is_ok(), "{part}");
                }
            }
        }
    }

    #[test]
    fn other_scripts_are_refused_by_name() {
        for (text, script) in [
            ("Ali عَلِي", "Arabic"),
            ("ສົມສັກ", "Lao"),
            ("สมชาย", "Thai"),
            ("សុខា", "Khmer"),
            ("အောင်", "Myanmar"),
            ("አበበ", "Ethiopic"),
            ("සුනිල්", "Sinhala"),
            ("செல்வம்", "Tamil"),
            ("राम", "Devanagari"),
            ("রহিম", "Bengali"),
            ("გიორგი", "Georgian"),
            ("Արամ", "Armenian"),
            ("王小明", "Han"),
            ("משה", "Hebrew"),
            ("김", "Hangul"),
        ] {
            match FONTS.regular.shape("given", text).err().unwrap() {
                DocumentError::MissingGlyph { field, script: found, character } => {
                    assert_eq!((field, found), ("given", script));
                    assert!(text.contains(character));
                }
                other => panic!("{other}"),
            }
        }
        let error = FONTS.regular.shape("given", "A😀").err().unwrap();
        assert_eq!(error, DocumentError::MissingGlyph { field: "given", script: "Common", character: '😀' });
        assert!(error.to_string().contains("the field given has the character U+1F600"));
    }

    #[test]
    fn what_could_mislead_is_refused() {
        for character in ['\n', '\u{0}', '\u{202e}', '\u{200b}', '\u{200d}', '\u{2028}', '\u{ad}', '\u{feff}'] {
            let text = format!("A{character}B");
            let error = FONTS.regular.shape("family", &text).err().unwrap();
            assert_eq!(error, DocumentError::Invisible { field: "family", character });
        }
        let text = "A\u{301}\u{302}\u{303}\u{304}";
        let error = FONTS.regular.shape("family", text).err().unwrap();
        assert_eq!(error, DocumentError::StackedMarks { field: "family", limit: COMBINING_MARKS });
        let text = "A".repeat(PAPER_FIELD_CHARS + 1);
        let error = FONTS.regular.shape("family", &text).err().unwrap();
        assert_eq!(error, DocumentError::FieldTooLong { field: "family", chars: 401, limit: 400 });
    }

    #[test]
    fn marks_stand_on_their_letters_in_both_spellings() {
        // Where the font has the composed letter, both spellings are the same glyphs; where not, the mark takes
        // no room of its own.
        let composed = FONTS.shape("given", "Nguyễn", Weight::Bold).unwrap();
        let decomposed = FONTS.shape("given", "Nguye\u{302}\u{303}n", Weight::Bold).unwrap();
        assert!((composed.width() - decomposed.width()).abs() < 1e-6);
        assert_eq!(decomposed.letters(&decomposed.glyphs[4]), "e\u{302}\u{303}");
        let marked = FONTS.shape("given", "q\u{304}", Weight::Bold).unwrap();
        assert!((marked.width() - FONTS.shape("given", "q", Weight::Bold).unwrap().width()).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn the_glyphs_stand_for_every_letter_once_and_in_order(text in "[A-Za-zÀ-ỹΑ-ωА-я '’.\u{301}-]{0,60}") {
            match FONTS.shape("family", &text, Weight::Regular) {
                Ok(shaped) => {
                    let mut ranges: Vec<_> = shaped.glyphs.iter().map(|glyph| glyph.text_range.clone()).collect();
                    ranges.dedup();
                    let letters: String = ranges.into_iter().map(|range| &text[range]).collect();
                    prop_assert_eq!(letters, text);
                }
                Err(
                    DocumentError::StackedMarks { .. }
                    | DocumentError::MissingGlyph { .. }
                    | DocumentError::Invisible { .. },
                ) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,80}|.{0,80}") {
            if let Ok(shaped) = FONTS.shape("family", &text, Weight::Bold) {
                prop_assert!(shaped.width().is_finite());
            }
        }
    }
}
