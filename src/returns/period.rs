//! Periods of aggregate data in the ISO forms of DHIS2 (developer manual, "Date and period format").

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::Offset};
use serde::Deserialize;

/// The period type of a data set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// `20261122`.
    #[default]
    Daily,
    /// `2026W47`, ISO 8601 weeks.
    Weekly,
    /// `202611`.
    Monthly,
}

impl Period {
    /// The first day of the period that a day is in.
    #[must_use]
    pub fn first(self, day: Date) -> Date {
        match self {
            Self::Daily => day,
            Self::Weekly => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                day.saturating_sub(back.days())
            }
            Self::Monthly => day.first_of_month(),
        }
    }

    /// The first day of the period behind the one that begins on this day.
    #[must_use]
    pub fn next(self, first: Date) -> Date {
        match self {
            Self::Daily => first.saturating_add(1.day()),
            Self::Weekly => first.saturating_add(7.days()),
            Self::Monthly => first.saturating_add(1.month()),
        }
    }

    /// The first day of the period before.
    #[must_use]
    pub fn before(self, first: Date) -> Date {
        self.first(first.saturating_sub(1.day()))
    }

    /// The period that begins on this day, as DHIS2 names it.
    #[must_use]
    pub fn name(self, first: Date) -> String {
        match self {
            Self::Daily => format!("{:04}{:02}{:02}", first.year(), first.month(), first.day()),
            Self::Weekly => {
                let week = first.iso_week_date();
                format!("{:04}W{}", week.year(), week.week())
            }
            Self::Monthly => format!("{:04}{:02}", first.year(), first.month()),
        }
    }
}

/// The moment at which a day begins.
pub(super) fn midnight(day: Date, offset: Offset) -> Timestamp {
    offset.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_named_as_dhis2_names_them() {
        let day: Date = "2026-11-22".parse().unwrap();
        let name = |period: Period, day: Date| period.name(period.first(day));
        assert_eq!(name(Period::Daily, day), "20261122");
        assert_eq!(name(Period::Weekly, day), "2026W47");
        assert_eq!(name(Period::Monthly, day), "202611");
        // The week of a new year belongs to the year of its Thursday, and has no zero before its number.
        assert_eq!(name(Period::Weekly, "2027-01-01".parse().unwrap()), "2026W53");
        assert_eq!(name(Period::Weekly, "2026-01-05".parse().unwrap()), "2026W2");
        for period in [Period::Daily, Period::Weekly, Period::Monthly] {
            let mut first = period.first("2024-02-29".parse().unwrap());
            for _ in 0..40 {
                let next = period.next(first);
                assert_eq!((period.first(next), period.before(next)), (next, first), "{period:?}");
                first = next;
            }
        }
    }
}
