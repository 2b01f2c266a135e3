//! The name as the certificate shows it: in its own writing, composed, and not longer than the schema allows.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::limits::{NAME_CHARS, SOURCE_VALUE_CHARS};

const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// The first of the two texts that holds a letter, ready to be shown.
pub(super) fn part(native: &Option<String>, latin: &Option<String>) -> Option<String> {
    [native, latin].into_iter().flatten().find(|text| text.chars().any(char::is_alphabetic)).map(|text| shown(text))
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
        assert_eq!(part(&Some("123".into()), &None), None);
    }

    proptest! {
        #[test]
        fn never_too_long_and_stable(text in "\\PC{0,200}") {
            let once = shown(&text);
            prop_assert!(once.chars().count() <= NAME_CHARS);
            prop_assert_eq!(shown(&once), once);
        }
    }
}
