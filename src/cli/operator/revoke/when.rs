//! Times on the command line: a day, or a moment with its zone.

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::RevokeError;

/// The day of an option.
pub(super) fn day(option: &'static str, text: Option<&str>) -> Result<Option<Date>, RevokeError> {
    text.map(|text| text.parse().map_err(|_| wrong(option, text, "no day: write it as 2026-11-22"))).transpose()
}

/// The beginning of a window: a day from its beginning in UTC, or the moment itself.
pub(super) fn from(option: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, RevokeError> {
    text.map(|text| moment(option, text, 0)).transpose()
}

/// The end of a window, the first moment that is no part of it: after a day its end in UTC, or the moment itself.
pub(super) fn until(option: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, RevokeError> {
    text.map(|text| moment(option, text, 1)).transpose()
}

fn moment(option: &'static str, text: &str, days: i32) -> Result<Timestamp, RevokeError> {
    // A day is no moment to the one parser, and a moment no bare day to the other.
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let problem = "no time: write it as 2026-11-22, or with its zone as 2026-11-22T18:00:00+01:00";
    if text.contains(['T', 't', ' ']) {
        return Err(wrong(option, text, problem));
    }
    let day: Date = text.parse().map_err(|_| wrong(option, text, problem))?;
    let day = day.checked_add(days.days()).map_err(|_| wrong(option, text, problem))?;
    Offset::UTC.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).map_err(|_| wrong(option, text, problem))
}

fn wrong(option: &'static str, text: &str, problem: &'static str) -> RevokeError {
    RevokeError::Time { option, text: text.chars().take(40).collect(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(from("--a", Some("2026-11-22")).unwrap(), at("2026-11-22T00:00:00Z"));
        assert_eq!(until("--a", Some("2026-11-22")).unwrap(), at("2026-11-23T00:00:00Z"));
        let moment = Some("2026-11-22T18:00:00+01:00");
        assert_eq!(from("--a", moment).unwrap(), at("2026-11-22T17:00:00Z"));
        assert_eq!(until("--a", moment).unwrap(), at("2026-11-22T17:00:00Z"));
        for bad in ["yesterday", "2026-13-01", "2026-11-22T18:00:00", "22.11.2026", "", "9999-12-31T"] {
            assert!(from("--a", Some(bad)).is_err(), "{bad}: without a zone nobody knows which moment is meant");
        }
        assert!(day("--a", Some("2026-02-30")).is_err() && day("--a", None).unwrap().is_none());
    }
}
