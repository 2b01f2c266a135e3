//! The rules of the house for whoever issues: how many an hour, and when.

use super::Hours;

/// What is done with a wish to issue outside of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// It is done, and somebody looks at it.
    #[default]
    Alert,
    /// It is refused, and somebody looks at it.
    Refuse,
}

/// How many certificates an account may have issued in an hour, where neither it nor the configuration says
/// otherwise: more than a clinic gives doses, and far fewer than a thief wants.
pub const ISSUE_PER_HOUR: u32 = 200;

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Certificates that an account may have issued in an hour of the clock, where it has no number of its own.
    pub per_hour: u32,
    /// Office hours, if the house has any.
    pub hours: Option<Hours>,
    /// What is done outside of them.
    pub outside: Outside,
}

impl Default for Rules {
    fn default() -> Self {
        Self { per_hour: ISSUE_PER_HOUR, hours: None, outside: Outside::default() }
    }
}
