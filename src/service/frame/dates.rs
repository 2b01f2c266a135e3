//! Numbers, days and times as each language writes them. Digits are Latin in every language here: travel documents
//! and codes have them, and readers of all eleven languages know them. Days are those of the Gregorian calendar, as
//! on the certificates.

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::Lang;
use crate::document::Language;

impl Lang {
    /// A number with its thousands apart.
    pub(in crate::service) fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let between = match self {
            Self::Fr => "\u{202f}",
            Self::Pt | Self::Es | Self::Vi | Self::Lo => ".",
            _ => ",",
        };
        // In Spanish four digits stand together.
        if self == Self::Es && digits.len() <= 4 {
            return digits;
        }
        let mut out = String::with_capacity(digits.len() + 8);
        for (place, digit) in digits.chars().enumerate() {
            let behind = digits.len() - place;
            // Tamil groups as India does: the last three, then by two.
            let apart = if self == Self::Ta {
                behind == 3 || behind > 3 && !behind.is_multiple_of(2)
            } else {
                behind.is_multiple_of(3)
            };
            if place > 0 && apart {
                out.push_str(between);
            }
            out.push(digit);
        }
        out
    }

    /// A day, with the month in letters where the language has them: no reader takes the day for the month.
    pub(in crate::service) fn day(self, date: Date) -> String {
        Language::of_tag(self.code()).unwrap_or(Language::ENGLISH).date(date)
    }

    /// Day and time of day in UTC, which operators in several time zones and their logs have in common.
    pub(in crate::service) fn moment(self, time: Timestamp) -> String {
        let there = Offset::UTC.to_datetime(time);
        format!("{} {} UTC", self.day(there.date()), there.strftime("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        for (lang, n, expected) in [
            (Lang::En, 0, "0"),
            (Lang::En, 999, "999"),
            (Lang::En, 1000, "1,000"),
            (Lang::En, u64::MAX, "18,446,744,073,709,551,615"),
            (Lang::Fr, 12345, "12\u{202f}345"),
            (Lang::Es, 1234, "1234"),
            (Lang::Es, 12345, "12.345"),
            (Lang::Vi, 1_000_000, "1.000.000"),
            (Lang::Ta, 1234, "1,234"),
            (Lang::Ta, 12_345, "12,345"),
            (Lang::Ta, 1_234_567, "12,34,567"),
            (Lang::Ta, 100_000, "1,00,000"),
        ] {
            assert_eq!(lang.number(n), expected, "{lang:?}");
        }
    }

    #[test]
    fn days_are_written_in_letters() {
        let day = jiff::civil::date(2026, 3, 1);
        let all: Vec<String> = Lang::ALL.into_iter().map(|lang| lang.day(day)).collect();
        assert_eq!(
            all,
            [
                "1 March 2026",
                "1er mars 2026",
                "1 de março de 2026",
                "1 de marzo de 2026",
                "1 مارس 2026",
                "1 Machi 2026",
                "ngày 1 tháng 3, 2026",
                "1 ມີນາ 2026",
                "2026 මාර්තු 1",
                "1 மார்ச், 2026",
                "1 ማርች 2026",
            ]
        );
        assert_eq!(Lang::En.moment(Timestamp::UNIX_EPOCH), "1 January 1970 00:00 UTC");
    }
}
