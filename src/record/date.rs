//! Calendar dates of which the month or the day may be unknown.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

/// A date known to the year, the month or the day (EU DCC `dob`, schema 1.3.x; ISO 8601 reduced precision).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartialDate {
    /// Only the year is known.
    Year(i16),
    /// Year and month are known.
    Month(i16, i8),
    /// The full date.
    Day(Date),
}

/// A text that is no calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[error("not a date in the form YYYY, YYYY-MM or YYYY-MM-DD")]
    Form,
    /// The form is right, but the calendar has no such day.
    #[error("no such day in the calendar")]
    NoSuchDay,
}

impl PartialDate {
    /// First day that the date may mean.
    #[must_use]
    pub fn earliest(self) -> Date {
        match self {
            Self::Year(y) => Date::new(y, 1, 1).unwrap_or(Date::MIN),
            Self::Month(y, m) => Date::new(y, m, 1).unwrap_or(Date::MIN),
            Self::Day(d) => d,
        }
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        match self {
            Self::Year(y) | Self::Month(y, _) => y,
            Self::Day(d) => d.year(),
        }
    }

    /// The same date, known to the year only: what to certify when the day is an estimate.
    #[must_use]
    pub fn to_year(self) -> Self {
        Self::Year(self.year())
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(s: &str) -> Result<Self, DateError> {
        let digits = |part: &str, len: usize| -> Result<i16, DateError> {
            if part.len() == len && part.bytes().all(|b| b.is_ascii_digit()) {
                part.parse().map_err(|_| DateError::Form)
            } else {
                Err(DateError::Form)
            }
        };
        let mut parts = s.split('-');
        let year = digits(parts.next().unwrap_or(""), 4)?;
        let month = parts.next().map(|p| digits(p, 2)).transpose()?;
        let day = parts.next().map(|p| digits(p, 2)).transpose()?;
        if parts.next().is_some() {
            return Err(DateError::Form);
        }
        let small = |n: i16| i8::try_from(n).map_err(|_| DateError::NoSuchDay);
        match (month, day) {
            (None, _) => Ok(Self::Year(year)),
            (Some(m), None) if (1..=12).contains(&m) => Ok(Self::Month(year, small(m)?)),
            (Some(_), None) => Err(DateError::NoSuchDay),
            (Some(m), Some(d)) => {
                Date::new(year, small(m)?, small(d)?).map(Self::Day).map_err(|_| DateError::NoSuchDay)
            }
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(y) => write!(f, "{y:04}"),
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
            Self::Day(d) => write!(f, "{d}"),
        }
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Dates of birth are personal data: keep them out of `{:?}`.
        f.write_str("PartialDate(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_each_precision() {
        for text in ["1964", "1964-08", "1964-08-12"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "64", "1964-8", "1964-08-12T00:00", "1964-08-12-01", "12.08.1964", "１９６４"] {
            assert_eq!(text.parse::<PartialDate>(), Err(DateError::Form), "{text}");
        }
        for text in ["1964-13", "1964-00", "2021-02-29", "2021-99-99"] {
            assert_eq!(text.parse::<PartialDate>(), Err(DateError::NoSuchDay), "{text}");
        }
    }
}
