//! `[officer]`: what an installation asks of the devices of border officers. An officer may ask more of the own device.

use serde::Deserialize;

use super::ConfigError;
use crate::record::Country;

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OfficerSection {
    enabled: bool,
    amber_hours: u16,
    past_lists: PastLists,
    lock_minutes: u16,
    minimal: bool,
    require_revocations: bool,
    country: Option<String>,
}

/// What a device does whose lists are past their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PastLists {
    /// It goes on, and every certificate that would be accepted is undecided.
    #[default]
    Undecided,
    /// It scans no more until it was connected.
    Stop,
}

impl Default for OfficerSection {
    fn default() -> Self {
        Self {
            enabled: true,
            amber_hours: 24,
            past_lists: PastLists::default(),
            lock_minutes: 5,
            minimal: false,
            require_revocations: false,
            country: None,
        }
    }
}

/// What devices of officers go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerOptions {
    /// Whether there is an officer's page.
    pub enabled: bool,
    /// From which age on lists are shown in amber, in hours.
    pub amber_hours: u16,
    /// What happens when they are past their time.
    pub past_lists: PastLists,
    /// After how many minutes without use the screen is locked.
    pub lock_minutes: u16,
    /// Initials and year of birth in place of the person, unless the officer asks for more.
    pub minimal: bool,
    /// Whether a certificate is undecided for whose issuer no revocation list speaks.
    pub require_revocations: bool,
    /// Country of arrival whose rules apply, unless the officer chooses another.
    pub country: Option<Country>,
}

impl OfficerSection {
    pub(super) fn build(self) -> Result<OfficerOptions, ConfigError> {
        let between = |setting, value: u16, least: u16, most: u16| {
            if (least..=most).contains(&value) {
                Ok(value)
            } else {
                Err(ConfigError::Setting { setting, problem: format!("is {value}, and must be {least} to {most}") })
            }
        };
        let country = self.country.map(|code| {
            code.parse::<Country>().map_err(|_| ConfigError::Setting {
                setting: "officer.country",
                problem: "is no country: write its two letters (ISO 3166-1)".to_owned(),
            })
        });
        Ok(OfficerOptions {
            enabled: self.enabled,
            amber_hours: between("officer.amber_hours", self.amber_hours, 1, 720)?,
            past_lists: self.past_lists,
            lock_minutes: between("officer.lock_minutes", self.lock_minutes, 1, 60)?,
            minimal: self.minimal,
            require_revocations: self.require_revocations,
            country: country.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(text: &str) -> Result<OfficerOptions, String> {
        let section: OfficerSection = toml::from_str(text).map_err(|error| error.to_string())?;
        section.build().map_err(|error| error.to_string())
    }

    #[test]
    fn settings_out_of_bounds_are_named() {
        let found = build("").unwrap();
        assert_eq!((found.amber_hours, found.lock_minutes, found.enabled), (24, 5, true));
        assert_eq!(build("past_lists = \"stop\"").unwrap().past_lists, PastLists::Stop);
        assert!(build("amber_hours = 0").unwrap_err().starts_with("officer.amber_hours is 0"));
        assert!(build("lock_minutes = 90").unwrap_err().starts_with("officer.lock_minutes"));
        assert!(build("country = \"France\"").unwrap_err().starts_with("officer.country"));
        assert!(build("locks = 1").is_err());
    }
}
