//! A clock that a rehearsal may move.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;

/// Another clock, ahead of it or behind it by as much as it was moved.
pub struct MovedClock {
    base: Arc<dyn Clock>,
    ahead: Mutex<SignedDuration>,
}

impl std::fmt::Debug for MovedClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MovedClock({})", self.now())
    }
}

impl MovedClock {
    /// A clock that still shows the time of `base`.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>) -> Self {
        Self { base, ahead: Mutex::new(SignedDuration::ZERO) }
    }

    /// Moves it forwards, or backwards by a negative time.
    pub fn advance(&self, by: SignedDuration) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let base = self.base.now();
        base.checked_add(ahead).unwrap_or(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Fixed;

    #[test]
    fn it_is_moved_and_moved_back() {
        let base: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = MovedClock::new(Arc::new(Fixed(base)));
        assert_eq!(clock.now(), base);
        clock.advance(SignedDuration::from_hours(48));
        assert_eq!(clock.now().to_string(), "2026-11-24T10:00:00Z");
        clock.advance(SignedDuration::from_hours(-49));
        assert_eq!(clock.now().to_string(), "2026-11-22T09:00:00Z");
    }
}
