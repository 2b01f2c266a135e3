//! The time of a sample (`t.sc`), in every form that real issuers write.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The instant of an RFC 3339 or ISO 8601 date-time (`Z`, `+02:00`, `+0200`, `+02`, any fraction), and whether
/// it named its zone: one that does not is read as UTC (facts on the EU DCC, section 4). `None` when it is no
/// date-time.
#[must_use]
pub fn sample_time(text: &str) -> Option<(Timestamp, bool)> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some((instant, true));
    }
    let local: DateTime = text.parse().ok()?;
    Offset::UTC.to_timestamp(local).ok().map(|instant| (instant, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_field_is_read() {
        let noon: Timestamp = "2021-05-16T12:34:56Z".parse().unwrap();
        for text in [
            "2021-05-16T12:34:56Z",
            "2021-05-16T14:34:56+02:00",
            "2021-05-16T14:34:56+0200",
            "2021-05-16T14:34:56+02",
            "2021-05-16T12:34:56.000Z",
            "2021-05-16 12:34:56Z",
            "2021-05-16t12:34:56z",
        ] {
            assert_eq!(sample_time(text), Some((noon, true)), "{text}");
        }
        assert_eq!(sample_time("2021-05-16T12:34:56"), Some((noon, false)));
        assert_eq!(sample_time("2021-05-16").map(|(_, zoned)| zoned), Some(false));
        for text in ["", "yesterday", "2021-13-01T00:00:00Z", "16/05/2021 12:00"] {
            assert_eq!(sample_time(text), None, "{text}");
        }
    }
}
