//! Reads single values of a record: which value a field has, whether its text can be used, which day a
//! DHIS2 date means.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    limits::SOURCE_VALUE_CHARS,
    record::PartialDate,
    source::{profile::Field, reasons::ReasonCode},
};

/// What a record says about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picked<'a> {
    /// Nothing.
    Absent,
    /// One value, however often it is repeated.
    One(&'a str),
    /// Several different values.
    Several,
}

impl<'a> Picked<'a> {
    /// The value of a field among (UID, code, value): by UID, else by code.
    pub(super) fn from<I>(field: &Field, values: I) -> Self
    where
        I: Iterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)> + Clone,
    {
        let by_uid = values.clone().filter(|(uid, ..)| !field.uid.is_empty() && *uid == field.uid);
        match Self::one_of(by_uid.filter_map(|(.., value)| value)) {
            Self::Absent => {
                let by_code = values.filter(|(_, code, _)| code.is_some_and(|c| field.has_code(c)));
                Self::one_of(by_code.filter_map(|(.., value)| value))
            }
            found => found,
        }
    }

    fn one_of(values: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::Absent;
        for value in values.map(str::trim).filter(|v| !v.is_empty()) {
            found.and(value);
        }
        found
    }

    /// One value more, which is not empty.
    pub(super) fn and(&mut self, value: &'a str) {
        *self = match *self {
            Self::Absent => Self::One(value),
            Self::One(first) if first == value => Self::One(first),
            _ => Self::Several,
        };
    }

    /// The value, cleaned: `None` when absent.
    pub(super) fn text(self) -> Result<Option<String>, ReasonCode> {
        match self {
            Self::Absent => Ok(None),
            Self::One(value) => clean(value),
            Self::Several => Err(ReasonCode::ContradictingValues),
        }
    }

    /// The day that the value means: `None` when absent.
    pub(super) fn day(self) -> Result<Option<Date>, ReasonCode> {
        match self {
            Self::Absent => Ok(None),
            Self::One(value) => match calendar_date(value) {
                Some(PartialDate::Day(day)) => Ok(Some(day)),
                _ => Err(ReasonCode::DateUnreadable),
            },
            Self::Several => Err(ReasonCode::ContradictingValues),
        }
    }
}

/// Trims a text and brings it to Unicode normalisation form C (UAX 15): `None` when nothing is left.
pub(in crate::source) fn clean(raw: &str) -> Result<Option<String>, ReasonCode> {
    if raw.chars().nth(SOURCE_VALUE_CHARS).is_some() {
        return Err(ReasonCode::ValueTooLong);
    }
    let text: String = raw.trim().nfc().collect();
    if text.chars().any(is_unprintable) {
        return Err(ReasonCode::ValueControlCharacters);
    }
    Ok(Some(text).filter(|t| !t.is_empty()))
}

/// Control characters, line and paragraph separators, marks that turn the writing direction (they make a
/// printed name read as another), byte-order marks, and the sign of text that was broken on its way. Joiners
/// stay: several scripts need them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
}

/// The local calendar date of a DHIS2 date or timestamp: its first ten characters. DHIS2 writes no zone, so
/// nothing is converted.
pub(super) fn calendar_date(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    let date = match text.char_indices().nth(10) {
        None => text,
        Some((end, 'T' | ' ')) => text.get(..end)?,
        Some(_) => return None,
    };
    date.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Option<String> {
        calendar_date(text).map(|d| d.to_string())
    }

    #[test]
    fn dates_are_their_first_ten_characters() {
        assert_eq!(day("2021-03-15T23:30:00.000").as_deref(), Some("2021-03-15"));
        assert_eq!(day("2021-03-15T00:00:00.000+0700").as_deref(), Some("2021-03-15"));
        assert_eq!(day(" 2021-03-15 ").as_deref(), Some("2021-03-15"));
        assert_eq!(day("1964").as_deref(), Some("1964"));
        for wrong in ["2021-02-30", "15/03/2021", "2021-03-155", "2021-3-1", "", "2021-03-1٥"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_is_trimmed_composed_and_checked() {
        assert_eq!(clean("  Zoe\u{308} "), Ok(Some("Zoë".into())));
        assert_eq!(clean(" \t "), Ok(None));
        assert_eq!(clean("a\u{200D}b"), Ok(Some("a\u{200D}b".into())));
        for wrong in ["a\nb", "a\u{202E}b", "a\u{FFFD}"] {
            assert_eq!(clean(wrong), Err(ReasonCode::ValueControlCharacters));
        }
        assert_eq!(clean(&"x".repeat(SOURCE_VALUE_CHARS + 1)), Err(ReasonCode::ValueTooLong));
        assert!(clean(&"x".repeat(SOURCE_VALUE_CHARS)).is_ok());
    }

    #[test]
    fn a_field_is_found_by_uid_then_by_code() {
        let field = Field { uid: "uid".into(), codes: vec!["CODE".into()], names: Vec::new() };
        let pick = |values: &[(&'static str, Option<&'static str>, Option<&'static str>)]| {
            Picked::from(&field, values.iter().copied()).text()
        };
        assert_eq!(pick(&[("x", Some("code"), Some("b")), ("uid", None, Some("a"))]), Ok(Some("a".into())));
        assert_eq!(pick(&[("x", Some("code"), Some("b")), ("uid", None, Some(" "))]), Ok(Some("b".into())));
        assert_eq!(pick(&[("uid", None, Some("a")), ("uid", None, Some(" a"))]), Ok(Some("a".into())));
        assert_eq!(pick(&[("uid", None, Some("a")), ("uid", None, Some("b"))]), Err(ReasonCode::ContradictingValues));
        assert_eq!(pick(&[("y", None, Some("a"))]), Ok(None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in any::<String>()) {
            let _ = calendar_date(&text);
            if let Ok(Some(cleaned)) = clean(&text) {
                prop_assert_eq!(clean(&cleaned), Ok(Some(cleaned.clone())));
            }
        }
    }
}
