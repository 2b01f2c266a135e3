//! The only room that reads the time. Everything else is handed a [`Clock`] or a [`Timestamp`], so that
//! tests, replays and `--at` decide what "now" is.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// The latest calendar date that is "today" anywhere on Earth (UTC+14). A dose dated after it is in the
    /// future wherever it was given.
    fn latest_today(&self) -> Date {
        latest_date_at(self.now())
    }
}

/// The latest calendar date that some place on Earth has at `now` (UTC+14, Kiribati).
#[must_use]
pub fn latest_date_at(now: Timestamp) -> Date {
    let shifted = now.checked_add(SignedDuration::from_hours(14)).unwrap_or(now);
    Offset::UTC.to_datetime(shifted).date()
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Measures how long something takes; no change of the computer's clock moves it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Since its start.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// A clock that stands still: tests, and verification `--at` a time.
#[derive(Debug, Clone, Copy)]
pub struct Fixed(pub Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_the_latest_date_on_earth() {
        let clock = Fixed("2026-11-21T09:59:59Z".parse().unwrap());
        assert_eq!(clock.latest_today().to_string(), "2026-11-21");
        let clock = Fixed("2026-11-21T10:00:00Z".parse().unwrap());
        assert_eq!(clock.latest_today().to_string(), "2026-11-22");
    }
}
