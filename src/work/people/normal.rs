//! One form for what people write in many: identifiers, dates of birth, telephone numbers, digits of any script.

use unicode_normalization::UnicodeNormalization;

use crate::{limits, record::PartialDate};

/// First digits of the scripts that have their own and that DHIS2's users type (Unicode, general category Nd).
const ZEROS: [u32; 12] =
    [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0BE6, 0x0DE6, 0x0E50, 0x0ED0, 0x1040, 0x17E0, 0x1946, 0xFF10];

/// Digits of any script as those of ASCII; everything else as it is.
#[must_use]
pub fn digits(text: &str) -> String {
    let digit = |c: char| {
        let code = u32::from(c);
        let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
        char::from_digit(code - zero, 10)
    };
    text.chars().map(|c| digit(c).unwrap_or(c)).collect()
}

/// An identifier in one form: capital letters and digits alone, without the spaces, dashes, points, slashes and
/// underscores that people put between them. `None` when nothing is left, or more than
/// [`limits::IDENTIFIER_CHARS`].
#[must_use]
pub fn identifier(text: &str) -> Option<String> {
    if text.len() > 8 * limits::IDENTIFIER_CHARS {
        return None;
    }
    let plain: String = digits(text).nfkc().flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()).collect();
    let count = plain.chars().count();
    (1..=limits::IDENTIFIER_CHARS).contains(&count).then_some(plain)
}

/// A telephone number with its country (ITU-T E.164): `+` and 7 to 15 digits. A number without a country gets
/// `prefix` (digits) in the place of its leading zeros. `None` when it is none.
#[must_use]
pub fn telephone(text: &str, prefix: &str) -> Option<String> {
    if text.len() > limits::CONTACT_BYTES {
        return None;
    }
    let text = digits(text);
    let plain: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let odd = |c: char| {
        !c.is_ascii_digit() && !c.is_whitespace() && !"+-()./\u{2010}\u{2011}\u{2013}\u{200e}\u{a0}".contains(c)
    };
    if text.chars().any(odd) || plain.rfind('+').is_some_and(|at| at > 0) {
        return None;
    }
    let number = match (plain.strip_prefix('+'), plain.strip_prefix("00")) {
        // People write +44 (0)20 …; the zero in brackets is none of the number.
        (Some(rest), _) if text.contains("(0)") => rest.replacen('0', "", 1),
        (Some(rest), _) => rest.to_owned(),
        (None, Some(rest)) => rest.to_owned(),
        (None, None) => format!("{prefix}{}", plain.trim_start_matches('0')),
    };
    ((7..=15).contains(&number.len()) && !number.starts_with('0')).then(|| format!("+{number}"))
}

/// An e-mail address in one form. `None` when it is none.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    let fits = text.len() <= limits::CONTACT_BYTES && !name.is_empty() && host.contains('.') && !host.contains('@');
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c));
    (fits && plain).then_some(text)
}

/// A date of birth, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl std::fmt::Debug for Birth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Birth(…)")
    }
}

impl Birth {
    /// What somebody wrote into three fields. Day, or day and month, may be empty; a month may be a number alone.
    /// `None` when that is no date.
    #[must_use]
    pub fn written(day: &str, month: &str, year: &str) -> Option<Self> {
        let part = |text: &str, digits_most: usize| -> Option<Option<i16>> {
            let text = digits(text.trim());
            if text.is_empty() {
                return Some(None);
            }
            if text.len() > digits_most || !text.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            text.parse().ok().map(Some)
        };
        let year = part(year, 4)?.filter(|year| (1880..=2200).contains(year))?;
        let (month, day) = (part(month, 2)?, part(day, 2)?);
        if day.is_some() && month.is_none() {
            return None;
        }
        let narrow = |value: Option<i16>| value.map(i8::try_from).transpose().ok();
        let (month, day) = (narrow(month)?, narrow(day)?);
        jiff::civil::Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        Some(Self { year, month, day })
    }

    /// What the source has: `2010-03-09`, with or without a time, `2010-03`, `2010`. `None` when it is no date.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = text.split(['T', ' ']).next().unwrap_or_default();
        date.parse::<PartialDate>().ok()?;
        let mut parts = date.split('-');
        let mut part = || parts.next().unwrap_or_default();
        let (year, month, day) = (part(), part(), part());
        Self::written(day, month, year)
    }

    /// The year alone.
    #[must_use]
    pub fn to_year(self) -> Self {
        Self { month: None, day: None, ..self }
    }

    /// The text of which a mark is made.
    #[must_use]
    pub fn text(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            (None, _) => format!("{:04}", self.year),
        }
    }

    /// The texts that a stored date may have when this is what somebody knows: where the source knows the year alone,
    /// any day of it is right.
    #[must_use]
    pub fn texts(self) -> Vec<String> {
        let month = Self { day: None, ..self };
        let mut texts = vec![self.text(), month.text(), self.to_year().text()];
        texts.dedup();
        texts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_are_one_however_they_are_written() {
        for text in ["EPI_71366283", "epi 71366283", " Epi-7136.6283 ", "EPI٧١٣٦٦٢٨٣", "ＥＰＩ７１３６６２８３"]
        {
            assert_eq!(identifier(text).as_deref(), Some("EPI71366283"), "{text}");
        }
        assert_eq!(identifier(" -- "), None);
        assert_eq!(identifier(&"1".repeat(limits::IDENTIFIER_CHARS + 1)), None);
        assert_ne!(identifier("0123"), identifier("123"), "zeros count");
    }

    #[test]
    fn numbers_get_their_country() {
        for text in
            ["024 412 3456", "0244123456", "+233 24 412 3456", "00233244123456", "+233 (0)24 412-3456", "٠٢٤٤١٢٣٤٥٦"]
        {
            assert_eq!(telephone(text, "233").as_deref(), Some("+233244123456"), "{text}");
        }
        for text in ["", "12", "none", "024412345678901234", "024 or 025", "+0044", "24+4123456"] {
            assert_eq!(telephone(text, "233"), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_plain() {
        assert_eq!(email(" Ama@Example.ORG ").as_deref(), Some("ama@example.org"));
        for text in ["", "ama", "a@b", "a@b.c, d@e.f", "a b@c.d", "<a@b.c>", "a@b@c.d"] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn births_are_read_forgivingly_and_compared_exactly() {
        let told = |day, month, year| Birth::written(day, month, year).map(Birth::text);
        assert_eq!(told("9", "3", "2010").as_deref(), Some("2010-03-09"));
        assert_eq!(told(" 09 ", "٠٣", "٢٠١٠").as_deref(), Some("2010-03-09"));
        assert_eq!(told("", "", "1950").as_deref(), Some("1950"));
        assert_eq!(told("", "12", "1950").as_deref(), Some("1950-12"));
        for (day, month, year) in [
            ("31", "2", "2010"),
            ("9", "", "2010"),
            ("", "", ""),
            ("x", "3", "2010"),
            ("1", "13", "2010"),
            ("1", "1", "10"),
        ] {
            assert_eq!(told(day, month, year), None, "{day}/{month}/{year}");
        }
        assert_eq!(Birth::stored("1984-03-19T00:00:00.000").map(Birth::text).as_deref(), Some("1984-03-19"));
        assert_eq!(Birth::stored("1984").map(Birth::text).as_deref(), Some("1984"));
        assert_eq!(Birth::stored("19/03/1984"), None);
        assert_eq!(Birth::written("9", "3", "2010").unwrap().texts(), ["2010-03-09", "2010-03", "2010"]);
        assert_eq!(Birth::written("", "", "2010").unwrap().texts(), ["2010"]);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_it(a in "\\PC{0,20}", b in "\\PC{0,20}", c in "\\PC{0,20}") {
            let _ = (identifier(&a), telephone(&a, "233"), email(&a), Birth::written(&a, &b, &c), Birth::stored(&a));
        }

        #[test]
        fn an_identifier_in_its_form_stays(text in "[a-zA-Z0-9 -]{1,40}") {
            if let Some(once) = identifier(&text) {
                prop_assert_eq!(identifier(&once), Some(once.clone()));
            }
        }
    }
}
