//! Glyphs → lines no wider than their column.

use std::{ops::Range, sync::Arc};

use super::{Line, Run, Shaped};

/// Breaks `shaped` into lines of at most `most` ems: after spaces, hyphens and the separators of identifiers,
/// and inside a word only when the word alone is wider than the column. Letters are never cut from their marks.
pub(super) fn lines(shaped: &Shaped, most: f32) -> Vec<Line> {
    let glyphs = &shaped.glyphs;
    let mut lines = Vec::new();
    let (mut start, mut width) = (0, 0.0);
    // Where the line may end: index of the next glyph.
    let mut chance = 0;
    let mut previous = None;
    for (index, glyph) in glyphs.iter().enumerate() {
        let letters = shaped.letters(glyph);
        let new_letter = previous != Some(&glyph.text_range);
        let space = letters == " ";
        // Spaces may hang over the edge: nobody sees them. A word that is moved down may itself be too wide.
        while !space && new_letter && index > start && width + glyph.x_advance > most {
            let end = if chance > start { chance } else { index };
            lines.push(line(shaped, start..end));
            start = end;
            width = glyphs.get(end..index).unwrap_or_default().iter().map(|glyph| glyph.x_advance).sum();
        }
        width += glyph.x_advance;
        if letters.ends_with([' ', '-', '‐', '–', '/', ':', '#', ',', ';', '<']) {
            chance = index + 1;
        }
        previous = Some(&glyph.text_range);
    }
    if start < glyphs.len() {
        lines.push(line(shaped, start..glyphs.len()));
    }
    lines
}

fn line(shaped: &Shaped, glyphs: Range<usize>) -> Line {
    let inside = shaped.glyphs.get(glyphs.clone()).unwrap_or_default();
    let trailing = inside.iter().rev().take_while(|glyph| shaped.letters(glyph) == " ").count();
    let width = inside.iter().take(inside.len() - trailing).map(|glyph| glyph.x_advance).sum();
    let reach = inside.iter().map(|glyph| shaped.face.ink(glyph));
    let (above, below) = reach.fold((0.0_f32, 0.0_f32), |most, ink| (most.0.max(ink.0), most.1.max(ink.1)));
    let runs =
        vec![Run { face: Arc::clone(&shaped.face), text: Arc::clone(&shaped.text), glyphs: inside.to_vec(), x: 0.0 }];
    Line { width, above, below, rtl: false, runs }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{FONTS, Weight},
        *,
    };

    fn broken(text: &str, most: f32) -> Vec<String> {
        let shaped = FONTS.shape("family", text, Weight::Regular).unwrap();
        lines(&shaped, most)
            .into_iter()
            .map(|line| line.runs[0].glyphs.iter().map(|glyph| shaped.letters(glyph)).collect())
            .collect()
    }

    #[test]
    fn lines_break_at_spaces_and_hyphens_before_they_break_words() {
        assert_eq!(broken("Anna Maria", 100.0), ["Anna Maria"]);
        assert_eq!(broken("Anna Maria Luise", 6.0), ["Anna Maria ", "Luise"]);
        assert_eq!(broken("Schmidt-Rottluff", 6.0), ["Schmidt-", "Rottluff"]);
        assert_eq!(broken("URN:UVCI:01:XX", 5.0), ["URN:UVCI:", "01:XX"]);
        assert_eq!(broken("a-WWW", 3.0), ["a-", "WWW"]);
        assert_eq!(broken("a-WWWW", 3.0), ["a-", "WWW", "W"]);
        assert_eq!(broken("", 6.0), Vec::<String>::new());
        assert!(broken(&"W".repeat(80), 10.0).len() > 7);
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_no_line_too_wide(text in "[A-Za-zế '-]{0,80}", most in 1.2f32..20.0) {
            let shaped = FONTS.shape("family", &text, Weight::Regular).unwrap();
            let lines = lines(&shaped, most);
            let mut next = 0;
            for line in &lines {
                let glyphs = &line.runs[0].glyphs;
                prop_assert!(!glyphs.is_empty());
                prop_assert!(line.width <= most + 1e-4, "{} > {}", line.width, most);
                next += glyphs.len();
            }
            prop_assert_eq!(next, shaped.glyphs.len());
        }
    }
}
