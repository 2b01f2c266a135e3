//! The name as the certificate shows it: in its own writing, composed, and not longer than the schema allows.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::limits::{NAME_CHARS, SOURCE_VALUE_CHARS};

const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// The first of the two texts that says anything, ready to be shown.
pub(super) fn part(native: &Option<String>, latin: &Option<String>) -> Option<String> {
    [native, latin].into_iter().flatten().find(|text| says_anything(text)).map(|text| shown(text))
}

/// Whether a text says anything: it holds a character that can be seen and is not one of the marks that clerks write
/// for "none" (`-`, `.`, `/`, `_`, and their like). Signs and digits count too: a name of them is wrong, and whoever
/// looks at the certificate must see so. What no font can draw is refused by the paper, not left out.
#[must_use]
pub fn says_anything(text: &str) -> bool {
    text.chars().any(|c| !(c.is_whitespace() || c.is_control() || means_none(c) || has_no_shape(c)))
}

fn means_none(c: char) -> bool {
    matches!(
        c,
        '-' | '.' | '_' | '/' | ',' | '\'' | '*' | '~' | '\u{2010}'..='\u{2015}' | '\u{2026}' | '\u{2212}' | '\u{FF0D}'
    )
}

/// Format characters and selectors, which show nothing by themselves (general category Cf; variation selectors).
fn has_no_shape(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a text is longer than a certificate shows, so that its end is left out there.
#[must_use]
pub fn is_cut(text: &str) -> bool {
    text.trim().chars().nfc().nth(NAME_CHARS).is_some()
}

/// Composes (NFC: EU DCC specification 3.3.7), turns line ends and tabs into spaces, trims, and cuts to the
/// schema's 80 characters at a place where no combining mark or joiner is torn from its letter.
fn shown(text: &str) -> String {
    let composed: Vec<char> =
        text.chars().take(SOURCE_VALUE_CHARS).nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let all: String = composed.iter().collect();
    let trimmed: Vec<char> = all.trim().chars().collect();
    if trimmed.len() <= NAME_CHARS {
        return trimmed.into_iter().collect();
    }
    let joined = |at: usize| {
        let sticks = trimmed.get(at).is_some_and(|c| is_combining_mark(*c) || *c == ZERO_WIDTH_JOINER);
        sticks || at.checked_sub(1).and_then(|before| trimmed.get(before)) == Some(&ZERO_WIDTH_JOINER)
    };
    // A text that is nothing but marks has no good place; then the limit itself is the place.
    let end = (1..=NAME_CHARS).rev().find(|at| !joined(*at)).unwrap_or(NAME_CHARS);
    let cut: String = trimmed.into_iter().take(end).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cut_never_tears_a_mark_from_its_letter() {
        let base = "a".repeat(79);
        assert_eq!(shown(&format!("{base}bcd")), format!("{base}b"));
        // q with two marks has no composed form: it stays whole or goes whole.
        assert_eq!(shown(&format!("{base}q\u{323}\u{307}x")), base);
        assert_eq!(shown(&format!("{}q\u{323}\u{307}x", "a".repeat(77))), format!("{}q\u{323}\u{307}", "a".repeat(77)));
        // Devanagari: the vowel sign belongs to the letter before it.
        assert_eq!(shown(&format!("{base}कि")), base);
        assert_eq!(shown(&format!("{base}\u{200D}b")), "a".repeat(78));
        assert_eq!(shown(&format!("{} bcd", "a".repeat(79))), base);
    }

    #[test]
    fn letters_are_composed_and_blanks_tidy() {
        assert_eq!(shown(" Jose\u{301}\n"), "José");
        assert_eq!(shown("van\tHalen"), "van Halen");
        assert_eq!(part(&Some(" - ".into()), &Some("Ann".into())).as_deref(), Some("Ann"));
    }

    #[test]
    fn what_can_be_seen_is_shown_and_a_mark_for_none_is_not() {
        for text in ["🫠", "123", "?", "Ь", "\u{301}", "\u{e000}", "\u{378}", "❤\u{fe0f}", "٣", "A"] {
            assert_eq!(part(&Some(text.into()), &Some("Ann".into())).as_deref(), Some(text), "{text}");
        }
        for text in ["", " ", "-", "--", ".", "—", "n\u{0}".get(1..).unwrap(), "\u{200d}", "\u{fe0f}", "_ / _"] {
            assert_eq!(part(&Some(text.into()), &Some("Ann".into())).as_deref(), Some("Ann"), "{text:?}");
            assert_eq!(part(&Some(text.into()), &None), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_character_that_can_be_seen_is_lost(text in "(\\PC|[a-z -]){0,80}|.{0,40}") {
            let seen = |text: &str| -> String {
                text.nfc().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
            };
            // Composing may make more characters of few, which are then cut.
            prop_assume!(text.nfc().count() <= NAME_CHARS);
            match part(&Some(text.clone()), &None) {
                Some(shown) => prop_assert_eq!(seen(&shown), seen(&text)),
                None => prop_assert!(text.chars().all(|c| !c.is_alphanumeric()), "{}", text.escape_unicode()),
            }
        }

        #[test]
        fn never_too_long_and_stable(text in "\\PC{0,200}") {
            let once = shown(&text);
            prop_assert!(once.chars().count() <= NAME_CHARS);
            prop_assert_eq!(shown(&once), once);
        }
    }
}
