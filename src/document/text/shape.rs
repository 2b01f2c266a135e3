//! Text → runs of positioned glyphs: parts of one direction and one script, each in the first font that can draw it.

use std::{ops::Range, sync::Arc};

use unicode_script::{Script, UnicodeScript};

use super::{
    super::{DocumentError, Language},
    Fonts, Shaped, ShapedRun, Weight,
    check::check,
    face::{Face, Way},
    runs::{Part, first_script, parts, pieces},
    scripts,
};

pub(super) fn shape(
    fonts: &Fonts,
    field: &'static str,
    text: &str,
    weight: Weight,
    language: Option<Language>,
) -> Result<Shaped, DocumentError> {
    check(field, text)?;
    let (level, parts) = parts(text, language.map(Language::rtl));
    let mut runs = Vec::with_capacity(parts.len());
    let job = Job { fonts, field, text, weight, region: region(&parts) };
    for part in parts {
        job.part(&part, &mut runs)?;
    }
    Ok(Shaped { text: text.into(), level, runs })
}

/// Whose forms of ideographs are drawn: those of the country whose own letters stand beside them.
fn region(parts: &[Part]) -> Option<&'static str> {
    let has = |wanted: &[Script]| parts.iter().any(|part| wanted.contains(&part.script));
    if has(&[Script::Hiragana, Script::Katakana]) {
        Some("ja")
    } else if has(&[Script::Hangul]) {
        Some("ko")
    } else if has(&[Script::Bopomofo]) {
        Some("zh-Hant")
    } else {
        None
    }
}

struct Job<'a> {
    fonts: &'a Fonts,
    field: &'static str,
    text: &'a str,
    weight: Weight,
    region: Option<&'static str>,
}

impl Job<'_> {
    fn part(&self, part: &Part, runs: &mut Vec<ShapedRun>) -> Result<(), DocumentError> {
        if let Some(run) = self.whole(part, part.range.clone()) {
            runs.push(run);
            return Ok(());
        }
        // No font has all of it: letter by letter, and neighbours in one font together.
        let mut stretches: Vec<(Range<usize>, Arc<Face>)> = Vec::new();
        for piece in pieces(self.text, part.range.clone()) {
            let run = self.whole(part, piece.clone()).ok_or_else(|| self.missing(part.script, piece.clone()))?;
            match stretches.last_mut() {
                Some((range, face)) if Arc::ptr_eq(face, &run.face) => range.end = piece.end,
                _ => stretches.push((piece, run.face)),
            }
        }
        for (range, face) in stretches {
            let glyphs = face.shape(self.text, range.clone(), self.way(part));
            let glyphs = glyphs.ok_or_else(|| self.missing(part.script, range.clone()))?;
            runs.push(ShapedRun { face, range, level: part.level, glyphs });
        }
        Ok(())
    }

    fn way(&self, part: &Part) -> Way {
        Way { rtl: part.level.is_rtl(), script: part.script }
    }

    /// `range` in the first font that can draw it whole.
    fn whole(&self, part: &Part, range: Range<usize>) -> Option<ShapedRun> {
        let letters = self.text.get(range.clone())?;
        let attempt = |face: &Arc<Face>| {
            let glyphs = face.shape(self.text, range.clone(), self.way(part))?;
            Some(ShapedRun { face: Arc::clone(face), range: range.clone(), level: part.level, glyphs })
        };
        let own = self.fonts.own(self.weight);
        let built_in = || own.covers(letters).then(|| attempt(own)).flatten();
        let ours = matches!(
            part.script,
            Script::Latin | Script::Greek | Script::Cyrillic | Script::Common | Script::Inherited
        );
        let of = (part.script, if part.script == Script::Han { self.region } else { None });
        let found = || self.fonts.places.first(of, self.weight, letters, attempt);
        if ours { built_in().or_else(found) } else { found().or_else(built_in) }
    }

    /// The first letter of `range` that no font has.
    fn missing(&self, script: Script, range: Range<usize>) -> DocumentError {
        let letters = self.text.get(range).unwrap_or_default();
        let there = |character: char| {
            let mut bytes = [0; 4];
            let letter: &str = character.encode_utf8(&mut bytes);
            let took = |_: &Arc<Face>| Some(());
            self.fonts.own(self.weight).covers(letter)
                || self.fonts.places.first((script, None), self.weight, letter, took).is_some()
        };
        let character = letters.chars().find(|character| !there(*character)).or_else(|| letters.chars().next());
        let character = character.unwrap_or('\u{fffd}');
        // Signs of all scripts are of none; marks and signs of some are of the one that they stand in.
        let named = match first_script(character) {
            Script::Common => Script::Common,
            _ if character.script_extension().contains_script(script) => script,
            own => own,
        };
        DocumentError::MissingGlyph {
            field: self.field,
            script: named.full_name(),
            package: scripts::package(named),
            character,
        }
    }
}
