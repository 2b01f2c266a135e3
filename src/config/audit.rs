//! `[audit]`: how often the service examines itself, and what.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuditSection {
    every_hours: u32,
    certificates: bool,
    doses: bool,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self { every_hours: 24, certificates: true, doses: true }
    }
}

/// What the service examines by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditOptions {
    /// From one examination to the next. The log itself is always examined.
    pub every: Duration,
    /// Every certificate is verified again.
    pub certificates: bool,
    /// Certificates are compared with the doses of DHIS2, for which everybody is read.
    pub doses: bool,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self { every: Duration::from_secs(86_400), certificates: true, doses: true }
    }
}

impl AuditSection {
    pub(super) fn build(self) -> Result<AuditOptions, ConfigError> {
        let hours = self.every_hours;
        if !(1..=168).contains(&hours) {
            let problem = format!("is {hours}, and must be 1 to 168");
            return Err(ConfigError::Setting { setting: "audit.every_hours", problem });
        }
        let every = Duration::from_secs(3_600 * u64::from(hours));
        Ok(AuditOptions { every, certificates: self.certificates, doses: self.doses })
    }
}
