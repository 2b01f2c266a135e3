//! Date-times as CertLogic computes with them: milliseconds since 1970 in UTC, the arithmetic of JavaScript's
//! `Date` (ECMA-262, "Date Objects"), never a local time.
//!
//! The specification (CertLogic 1.3.3, "Offset date-time") leaves the arithmetic to the reference
//! implementation. It lets months and days run over instead of clamping them: 31 January plus one month is
//! 2 or 3 March. Libraries of civil dates clamp, so the few lines of calendar arithmetic stand here.

use std::{cmp::Ordering, fmt};

/// Unit of time of `plusTime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Calendar years; a day that the year lacks runs over into the next month.
    Year,
    /// Calendar months; a day that the month lacks runs over into the next month.
    Month,
    /// 24 hours.
    Day,
    /// 3,600 seconds.
    Hour,
}

impl TimeUnit {
    /// The unit of this name in a rule.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "hour" => Self::Hour,
            _ => return None,
        })
    }

    /// Its name in a rule.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }
}

/// A point in time with millisecond precision, or an invalid one (`Invalid Date` in JavaScript), which compares
/// false with everything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Moment(Option<i64>);

const MS_HOUR: i64 = 3_600_000;
const MS_DAY: i64 = 24 * MS_HOUR;
/// Furthest instant from 1970 that JavaScript can hold (ECMA-262, "Time Values and Time Range").
const MS_MOST: i64 = 8_640_000_000_000_000;

impl Moment {
    /// The invalid date-time.
    pub const INVALID: Self = Self(None);

    fn clipped(ms: Option<i64>) -> Self {
        Self(ms.filter(|ms| (-MS_MOST..=MS_MOST).contains(ms)))
    }

    /// Milliseconds since 1970 in UTC; `None` when invalid.
    #[must_use]
    pub fn milliseconds(self) -> Option<i64> {
        self.0
    }

    /// Order in time; `None` when either is invalid.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        Some(self.0?.cmp(&other.0?))
    }

    /// Reads what `plusTime` takes: `YYYY` and `YYYY-MM` (their last day), `YYYY-MM-DD`, and date-times with any
    /// number of fraction digits and an offset `Z`, `±h`, `±hh`, `±hmm`, `±hhmm`, `±h:mm` or `±hh:mm`; none is
    /// `Z`. `None` when the text has another form; a text of the right form that names no day gives
    /// [`Moment::INVALID`], or the day that follows where only the month is too short (2021-06-31).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() <= 10 {
            return Self::parse_date(bytes);
        }
        let (date, time) = bytes.split_at_checked(10)?;
        let (year, month, day) = civil(date)?;
        let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = time else { return None };
        let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
        let (ms, rest) = fraction(rest)?;
        let offset = offset(rest)?;
        let in_day = hour < 24 || (minute, second, ms) == (0, 0, 0);
        let Some(offset) = offset.filter(|_| hour <= 24 && minute <= 59 && second <= 59 && in_day) else {
            return Some(Self::INVALID);
        };
        let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + ms - offset * 60_000;
        Some(Self::clipped(midnight(year, month, day).map(|midnight| midnight + of_day)))
    }

    /// Reads a date of birth as the DCC writes it, `YYYY[-MM[-DD]]`, as the latest day that it allows
    /// (CertLogic 1.3.3, `dccDateOfBirth`).
    #[must_use]
    pub fn parse_date_of_birth(text: &str) -> Option<Self> {
        Self::parse_date(text.as_bytes())
    }

    fn parse_date(bytes: &[u8]) -> Option<Self> {
        let midnight = match bytes {
            [_, _, _, _] => midnight(number(bytes)?, 12, 31),
            [y1, y2, y3, y4, b'-', m1, m2] => {
                let (year, month) = (number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?);
                let next = Self::clipped(midnight(year, month, 1)).plus(1, TimeUnit::Month);
                return Some(next.plus(-1, TimeUnit::Day));
            }
            _ => {
                let (year, month, day) = civil(bytes)?;
                midnight(year, month, day)
            }
        };
        Some(Self::clipped(midnight))
    }

    /// The date-time moved by an amount of a unit (`plusTime`); out of JavaScript's range it becomes invalid.
    #[must_use]
    pub fn plus(self, amount: i64, unit: TimeUnit) -> Self {
        let Some(ms) = self.0.filter(|_| amount != 0) else { return self };
        let by = |length: i64| amount.checked_mul(length).and_then(|by| ms.checked_add(by));
        let months = match unit {
            TimeUnit::Hour => return Self::clipped(by(MS_HOUR)),
            TimeUnit::Day => return Self::clipped(by(MS_DAY)),
            TimeUnit::Month => Some(amount),
            TimeUnit::Year => amount.checked_mul(12),
        };
        let (year, month, day) = civil_of_days(ms.div_euclid(MS_DAY));
        let moved = months.and_then(|months| (year * 12 + month - 1).checked_add(months));
        // Beyond these years the result is out of range whatever the day, and the arithmetic need not go there.
        let Some(moved) = moved.filter(|m| (-4_000_000..=4_000_000).contains(m)) else { return Self::INVALID };
        let days = days_of_civil(moved.div_euclid(12), moved.rem_euclid(12) + 1, day);
        Self::clipped(Some(days * MS_DAY + ms.rem_euclid(MS_DAY)))
    }
}

/// As JavaScript prints it: `2021-06-01T00:00:00.000Z`, or `Invalid Date`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ms) = self.0 else { return f.write_str("Invalid Date") };
        let (year, month, day) = civil_of_days(ms.div_euclid(MS_DAY));
        let of_day = ms.rem_euclid(MS_DAY);
        match year {
            0..=9999 => write!(f, "{year:04}")?,
            _ => write!(f, "{}{:06}", if year < 0 { '-' } else { '+' }, year.abs())?,
        }
        let (seconds, ms) = (of_day / 1000, of_day % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// A moment is often someone's date of birth, so it says only whether it is one.
impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Moment" } else { "Moment(invalid)" })
    }
}

/// Decimal digits only, ASCII, no sign.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0')))
}

/// `YYYY-MM-DD`, not yet checked to be a day.
fn civil(bytes: &[u8]) -> Option<(i64, i64, i64)> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return None };
    Some((number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?, number(&[*d1, *d2])?))
}

/// Fraction of a second cut to milliseconds, and what follows it.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', rest @ ..] = bytes else { return Some((0, bytes)) };
    let end = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    let ms = digits.iter().copied().chain(std::iter::repeat(b'0')).take(3);
    Some((ms.fold(0, |ms, digit| ms * 10 + i64::from(digit.saturating_sub(b'0'))), rest))
}

/// Offset from UTC in minutes. The outer `None` is a wrong form, the inner one hours or minutes out of range.
fn offset(bytes: &[u8]) -> Option<Option<i64>> {
    let (sign, rest) = match bytes {
        [] | [b'Z'] => return Some(Some(0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hour, minute) = match rest {
        [h] | [h, b':'] => (number(&[*h])?, 0),
        [h1, h2] | [h1, h2, b':'] => (number(&[*h1, *h2])?, 0),
        [h, m1, m2] | [h, b':', m1, m2] => (number(&[*h])?, number(&[*m1, *m2])?),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    Some((hour <= 23 && minute <= 59).then_some(sign * (hour * 60 + minute)))
}

/// Milliseconds of the start of a day in UTC. Months go from 1 to 12 and days from 1 to 31 whatever the month:
/// JavaScript lets the excess run over.
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| days_of_civil(year, month, day) * MS_DAY)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; the day may run over its month.
fn days_of_civil(year: i64, month: i64, day: i64) -> i64 {
    // The year is counted from March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a count of days since 1970-01-01.
fn civil_of_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> String {
        Moment::parse(text).map_or_else(|| "refused".to_owned(), |moment| moment.to_string())
    }

    #[test]
    fn forms_of_the_specification_are_read() {
        for (text, expected) in [
            ("2021", "2021-12-31T00:00:00.000Z"),
            ("2024-02", "2024-02-29T00:00:00.000Z"),
            ("2021-06-01", "2021-06-01T00:00:00.000Z"),
            ("2021-06-31", "2021-07-01T00:00:00.000Z"),
            ("2021-02-30", "2021-03-02T00:00:00.000Z"),
            ("2021-06-32", "Invalid Date"),
            ("2021-00-01", "Invalid Date"),
            ("2021-13", "Invalid Date"),
            ("2021-06-01T00:00:00+2", "2021-05-31T22:00:00.000Z"),
            ("2021-06-01T00:00:00+2:", "2021-05-31T22:00:00.000Z"),
            ("2021-06-01T00:00:00+230", "2021-05-31T21:30:00.000Z"),
            ("2021-06-01T00:00:00-12:34", "2021-06-01T12:34:00.000Z"),
            ("2021-06-01T00:00:00+24:00", "Invalid Date"),
            ("2021-06-01T00:00:00+01:60", "Invalid Date"),
            ("2021-06-01T24:00:00.0009Z", "2021-06-02T00:00:00.000Z"),
            ("2021-06-01T24:00:00.001Z", "Invalid Date"),
            ("2021-06-01T23:59:59.9999Z", "2021-06-01T23:59:59.999Z"),
            ("2021-06-01T00:00:00.Z", "refused"),
            ("2021-06-01T00:00:00+2:3", "refused"),
            ("2021-06-01T00:00:00 Z", "refused"),
            ("2021-06-01T00:00:00Z\n", "refused"),
            ("+002021-06-01", "refused"),
            ("２０２１", "refused"),
            ("", "refused"),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn months_and_years_run_over_and_the_range_ends_where_javascripts_does() {
        let day = |text: &str| Moment::parse(text).unwrap();
        assert_eq!(day("2020-01-31").plus(1, TimeUnit::Month), day("2020-03-02"));
        assert_eq!(day("2020-02-29").plus(1, TimeUnit::Year), day("2021-03-01"));
        assert_eq!(day("2020-01-31").plus(-2, TimeUnit::Month), day("2019-12-01"));
        assert_eq!(day("1970-01-01").plus(100_000_000, TimeUnit::Day).to_string(), "+275760-09-13T00:00:00.000Z");
        assert_eq!(day("1970-01-01").plus(-100_000_000, TimeUnit::Day).to_string(), "-271821-04-20T00:00:00.000Z");
        assert_eq!(day("1970-01-01").plus(100_000_001, TimeUnit::Day), Moment::INVALID);
        for amount in [i64::MAX, i64::MIN] {
            for unit in [TimeUnit::Hour, TimeUnit::Day, TimeUnit::Month, TimeUnit::Year] {
                assert_eq!(day("2021-01-01").plus(amount, unit), Moment::INVALID);
            }
        }
        assert_eq!(Moment::INVALID.plus(1, TimeUnit::Day), Moment::INVALID);
        assert_eq!(Moment::INVALID.compare(Moment::INVALID), None);
    }

    proptest! {
        #[test]
        fn civil_dates_are_those_of_the_calendar(days in -3_650_000_i64..2_900_000) {
            let (year, month, day) = civil_of_days(days);
            prop_assert_eq!(days_of_civil(year, month, day), days);
            let expected = jiff::civil::date(1970, 1, 1)
                .checked_add(jiff::SignedDuration::from_hours(24 * days));
            if let Ok(expected) = expected {
                let found = (i64::from(expected.year()), i64::from(expected.month()), i64::from(expected.day()));
                prop_assert_eq!((year, month, day), found);
            }
        }

        #[test]
        fn what_is_printed_reads_back(ms in -62_167_219_200_000_i64..253_402_300_800_000) {
            let moment = Moment(Some(ms));
            prop_assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn any_text_and_any_amount_end_without_a_panic(text in "\\PC{0,40}|[0-9TZ:+.-]{0,40}", amount: i64) {
            if let Some(moment) = Moment::parse(&text) {
                for unit in [TimeUnit::Hour, TimeUnit::Day, TimeUnit::Month, TimeUnit::Year] {
                    let _ = moment.plus(amount, unit).to_string();
                }
            }
        }
    }
}
