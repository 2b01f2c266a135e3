//! Text → lines inside a box: in the largest type in which they fit, on one line or on several.

use super::{
    background::MM,
    plan::{Align, Text, Valign},
};
use crate::{
    document::{
        DocumentError, Fonts,
        text::{Line, Shaped},
    },
    limits::PAPER_FIELD_CHARS,
};

/// Least room above and below the baseline in ems; a line whose ink needs more gets more.
const ABOVE: f32 = 0.93;
const BELOW: f32 = 0.26;

/// Sizes that are tried between the largest and the smallest.
const STEPS: u8 = 12;

/// Lines in their places, in points from the top left corner of the page.
pub(super) struct Fitted {
    pub(super) size: f32,
    pub(super) lines: Vec<Placed>,
}

/// One of them.
pub(super) struct Placed {
    pub(super) line: Line,
    pub(super) x: f32,
    pub(super) baseline: f32,
}

/// Gives `words` their places in the box of `text`.
pub(super) fn fit(fonts: &Fonts, text: &Text, words: &str) -> Result<Fitted, DocumentError> {
    let field = text.field();
    let pieces = pieces(words);
    let shaped: Vec<Shaped> =
        pieces.iter().map(|piece| fonts.shape(field, piece, text.weight)).collect::<Result<_, _>>()?;
    let (width, height) = (text.place.width * MM, text.place.height * MM);
    let sizes = (0..=STEPS).map(|step| {
        let part = f32::from(step) / f32::from(STEPS);
        text.size + (text.smallest - text.size) * part
    });
    let mut widest = None;
    // First in sizes in which no word is cut; a word that is too long in all of them is cut in the largest that will do.
    for cut in [false, true] {
        for size in sizes.clone() {
            let Some(lines) = lines(&shaped, size, width, height) else { continue };
            if lines.len() > shaped.len() && !cut {
                let widest = match widest {
                    Some(widest) => widest,
                    None => *widest.insert(widest_word(fonts, text, words)?),
                };
                if widest * size > width + 0.01 {
                    continue;
                }
            }
            return Ok(Fitted { size, lines: placed(text, lines, size) });
        }
    }
    Err(DocumentError::Box { field, smallest: text.smallest.round().to_string() })
}

/// Width of the widest word, in ems. A hyphen ends a word too: lines break after it.
fn widest_word(fonts: &Fonts, text: &Text, words: &str) -> Result<f32, DocumentError> {
    let mut widest = 0.0_f32;
    for word in words.split_whitespace().flat_map(|word| word.split_inclusive('-')) {
        for piece in pieces(word) {
            widest = widest.max(fonts.shape(text.field(), &piece, text.weight)?.width());
        }
    }
    Ok(widest)
}

/// The lines in type of this size, or `None` where they are too wide or too many.
fn lines(shaped: &[Shaped], size: f32, width: f32, height: f32) -> Option<Vec<Line>> {
    // Rounding may not break a line that just fits.
    let most = width / size + 1e-3;
    let lines: Vec<Line> = shaped.iter().flat_map(|piece| piece.lines(most)).collect();
    let high: f32 = lines.iter().map(|line| (above(line) + below(line)) * size).sum();
    // A letter that is wider than the box alone is no line that fits.
    let fits = high <= height + 0.01 && lines.iter().all(|line| line.width <= most + 1e-3);
    fits.then_some(lines)
}

fn above(line: &Line) -> f32 {
    line.above.max(ABOVE)
}

fn below(line: &Line) -> f32 {
    line.below.max(BELOW)
}

fn placed(text: &Text, lines: Vec<Line>, size: f32) -> Vec<Placed> {
    let (x, y) = (text.place.x * MM, text.place.y * MM);
    let (width, height) = (text.place.width * MM, text.place.height * MM);
    let high: f32 = lines.iter().map(|line| (above(line) + below(line)) * size).sum();
    let free = (height - high).max(0.0);
    let mut next = y + match text.valign {
        Valign::Top => 0.0,
        Valign::Middle => free / 2.0,
        Valign::Bottom => free,
    };
    let place = |line: Line| {
        let free = (width - line.width * size).max(0.0);
        let indent = match text.align {
            Align::Start if line.rtl => free,
            Align::Start | Align::Left => 0.0,
            Align::Centre => free / 2.0,
            Align::Right => free,
        };
        let baseline = next + above(&line) * size;
        next = baseline + below(&line) * size;
        Placed { line, x: x + indent, baseline }
    };
    lines.into_iter().map(place).collect()
}

/// A text in pieces that can be shaped, cut between its sentences; most texts are one.
fn pieces(words: &str) -> Vec<String> {
    if words.chars().count() <= PAPER_FIELD_CHARS {
        return vec![words.to_owned()];
    }
    let mut pieces: Vec<String> = Vec::new();
    for sentence in words.split_inclusive(". ") {
        match pieces.last_mut() {
            Some(last) if last.chars().count() + sentence.chars().count() <= PAPER_FIELD_CHARS => {
                last.push_str(sentence);
            }
            _ => pieces.push(sentence.to_owned()),
        }
    }
    pieces.iter().map(|piece| piece.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{
        Language,
        template::{
            fields::{DayForm, known},
            plan::{Place, What},
        },
        text::{FONTS, Weight},
    };

    fn text(place: Place, (smallest, size): (f32, f32), align: Align, valign: Valign) -> Text {
        Text {
            what: What::Field(known("family").unwrap()),
            place,
            size,
            smallest,
            align,
            valign,
            weight: Weight::Bold,
            colour: [0; 3],
            language: Language::ENGLISH,
            days: DayForm::Iso,
            prefix: String::new(),
            optional: false,
            label: None,
            line: 1,
        }
    }

    fn sizes(words: &str, width: f32, height: f32) -> Option<(f32, usize)> {
        let place = Place { page: 0, x: 10.0, y: 10.0, width, height };
        let fitted = fit(&FONTS, &text(place, (6.0, 14.0), Align::Start, Valign::Top), words).ok()?;
        Some((fitted.size, fitted.lines.len()))
    }

    #[test]
    fn a_text_shrinks_before_it_wraps_and_words_are_cut_last() {
        assert_eq!(sizes("Anna", 60.0, 7.0), Some((14.0, 1)));
        let (size, lines) = sizes("Anna Maria Magdalena Wilhelmine", 60.0, 7.0).unwrap();
        assert!((6.0..14.0).contains(&size) && lines == 1, "shrinks on one line: {size}, {lines}");
        assert_eq!(sizes("Anna Maria Magdalena Wilhelmine", 60.0, 14.0), Some((14.0, 2)), "wraps where there is room");
        // A long word is made small rather than cut, and cut rather than left out.
        let (size, lines) = sizes("Wolfeschlegelsteinhausen", 40.0, 14.0).unwrap();
        assert!(size < 14.0 && lines == 1, "{size}, {lines}");
        let (_, lines) = sizes(&"Wolfeschlegel".repeat(4), 40.0, 14.0).unwrap();
        assert!(lines > 1);
        assert_eq!(sizes(&"Wolfeschlegel".repeat(20), 40.0, 7.0), None);
        assert_eq!(sizes("Anna", 60.0, 2.0), None, "no size is so low");
    }

    proptest! {
        #[test]
        fn every_line_stays_in_its_box(
            words in "[A-Za-zÀ-ỹΑ-ωА-я '’-]{1,120}",
            (width, height) in (3.0_f32..150.0, 2.0_f32..40.0),
            (smallest, more) in (5.0_f32..12.0, 0.0_f32..20.0),
            (align, valign) in (0..4_usize, 0..3_usize),
        ) {
            let place = Place { page: 0, x: 20.0, y: 30.0, width, height };
            let align = [Align::Start, Align::Left, Align::Centre, Align::Right][align];
            let valign = [Valign::Top, Valign::Middle, Valign::Bottom][valign];
            match fit(&FONTS, &text(place, (smallest, smallest + more), align, valign), &words) {
                Ok(fitted) => {
                    let mut last = 30.0 * MM;
                    for placed in &fitted.lines {
                        prop_assert!(placed.x >= 20.0 * MM - 0.05);
                        prop_assert!(placed.x + placed.line.width * fitted.size <= (20.0 + width) * MM + 0.1);
                        prop_assert!(placed.baseline - above(&placed.line) * fitted.size >= last - 0.05);
                        last = placed.baseline + below(&placed.line) * fitted.size;
                    }
                    prop_assert!(last <= (30.0 + height) * MM + 0.05);
                    prop_assert!(fitted.size >= smallest - 0.01 && fitted.size <= smallest + more + 0.01);
                }
                Err(DocumentError::Box { field, .. }) => prop_assert_eq!(field, "family"),
                Err(
                    DocumentError::StackedMarks { .. }
                    | DocumentError::LoneMark { .. }
                    | DocumentError::MissingGlyph { .. }
                    | DocumentError::Invisible { .. },
                ) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}
