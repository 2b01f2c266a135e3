//! This machine's clock beside those of the servers that it talks to (failure F27). Certificates carry the time of
//! issue: a clock that runs ahead makes them "not yet valid" at the border, one that runs behind ends them early.

use jiff::{SignedDuration, Timestamp};

use super::{Area, Finding, Options, finding::Notes};
use crate::limits::{DOCTOR_CLOCK_FAULT_SECONDS, DOCTOR_CLOCK_WARNING_SECONDS};

/// One reading of a server's clock between two of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Our time before the question.
    pub(super) before: Timestamp,
    /// The server's time.
    pub(super) server: Timestamp,
    /// Our time after the answer.
    pub(super) after: Timestamp,
}

impl Reading {
    /// By how much our clock is certainly off: zero where the server's second fits anywhere between question and
    /// answer. Positive means that ours runs ahead.
    fn ahead(self) -> SignedDuration {
        // The header has whole seconds, cut off: the true time lies in the second that begins there.
        let latest = self.server.saturating_add(SignedDuration::from_secs(1)).unwrap_or(self.server);
        if self.before > latest {
            self.before.duration_since(latest)
        } else if self.after < self.server {
            self.after.duration_since(self.server)
        } else {
            SignedDuration::ZERO
        }
    }
}

/// Judges the clock.
pub(super) fn check(options: &Options, dhis2: Option<Reading>, gateway: Option<Reading>) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Clock);
    match dhis2 {
        Some(reading) => compare(&mut notes, "clock-dhis2", "DHIS2", reading),
        None if options.offline => notes.not_checked("clock-dhis2", "no server is asked (--offline)"),
        None => notes.not_checked("clock-dhis2", "DHIS2 gave no time"),
    }
    if let Some(reading) = gateway {
        compare(&mut notes, "clock-gateway", "the gateway", reading);
    }
    notes.into_list()
}

/// Compares with one server.
pub(super) fn compare(notes: &mut Notes, name: &'static str, whose: &str, reading: Reading) {
    let ahead = reading.ahead();
    let seconds = ahead.abs().as_secs();
    if seconds <= DOCTOR_CLOCK_WARNING_SECONDS {
        return notes.ok(name, format!("agrees with that of {whose} (within {} s)", seconds.saturating_add(1)));
    }
    let way = if ahead.is_negative() { "behind" } else { "ahead of" };
    let found = format!("this machine's clock is {} {way} that of {whose}", words(seconds));
    let remedy = "switch on time synchronisation (timedatectl set-ntp true) on this machine, and ask the server's \
                  operator to do the same; do not issue before both agree";
    if seconds > DOCTOR_CLOCK_FAULT_SECONDS {
        notes.fault(name, found, remedy);
    } else {
        notes.warning(name, found, remedy);
    }
}

fn words(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Outcome;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_difference_that_the_journey_cannot_explain_counts() {
        let server = at("2026-11-22T10:00:00Z");
        let judged = |before: &str, after: &str| {
            let mut notes = Notes::of(Area::Clock);
            compare(&mut notes, "clock-dhis2", "DHIS2", Reading { before: at(before), server, after: at(after) });
            let finding = notes.into_list().pop().unwrap();
            (finding.outcome, finding.found)
        };
        assert_eq!(judged("2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00.9Z").0, Outcome::Ok);
        // An answer that took two minutes says little, and accuses nobody.
        assert_eq!(judged("2026-11-22T09:59:00Z", "2026-11-22T10:01:00Z").0, Outcome::Ok);
        assert_eq!(judged("2026-11-22T10:00:31Z", "2026-11-22T10:00:31Z").0, Outcome::Ok);
        let (outcome, found) = judged("2026-11-22T10:00:41Z", "2026-11-22T10:00:42Z");
        assert_eq!((outcome, found.contains("40 s ahead of")), (Outcome::Warning, true), "{found}");
        let (outcome, found) = judged("2026-11-22T09:54:00Z", "2026-11-22T09:54:01Z");
        assert_eq!((outcome, found.contains("5 min behind")), (Outcome::Fault, true), "{found}");
        assert_eq!(judged("1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z").0, Outcome::Fault);
    }
}
