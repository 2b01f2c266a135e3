//! `[messages]`: how people are told of codes and certificates.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, Environment};

/// By what messages go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// By nothing: nobody gets a code.
    #[default]
    Off,
    /// By DHIS2 as SMS.
    Sms,
    /// By DHIS2 as e-mail.
    Email,
    /// Into a file that shows them to whoever rehearses.
    File,
}

impl Via {
    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::File => "file",
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MessageSection {
    via: Option<Via>,
    file: Option<PathBuf>,
    address: Option<String>,
    ready: bool,
    expires: bool,
}

/// How people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageOptions {
    /// By what messages go out.
    pub via: Via,
    /// The file of [`Via::File`].
    pub file: PathBuf,
    /// Address of the service as people open it, without a slash at its end: links in messages begin with it.
    pub address: Option<String>,
    /// Tell people that a certificate is ready.
    pub ready: bool,
    /// Tell people that a certificate expires soon.
    pub expires: bool,
}

/// Name of the file of messages.
const FILE: &str = "messages.txt";

impl MessageOptions {
    /// Those of the sandbox in `state`.
    pub(super) fn rehearsal(state: &Path) -> Self {
        Self { via: Via::File, file: state.join(FILE), address: None, ready: false, expires: false }
    }

    pub(super) fn of(section: MessageSection, environment: Environment, base: &Path) -> Result<Self, ConfigError> {
        let wrong = |setting, problem: &str| Err(ConfigError::Setting { setting, problem: problem.to_owned() });
        let sandbox = environment == Environment::Sandbox;
        let via = section.via.unwrap_or(if sandbox { Via::File } else { Via::Off });
        if via == Via::File && !sandbox {
            return wrong(
                "messages.via",
                "is \"file\", by which nobody is told in production: use \"sms\" or \"email\"",
            );
        }
        let address = section.address.map(|address| address.trim_end_matches('/').to_owned());
        if let Some(address) = &address {
            let secure = address.starts_with("https://") || sandbox && address.starts_with("http://");
            if !secure || url::Url::parse(address).is_err() || address.contains(['?', '#', ' ']) || address.len() > 60 {
                return wrong(
                    "messages.address",
                    "must begin with https:// and be short (60 characters): it stands in every message with a link",
                );
            }
        }
        if (section.ready || section.expires) && address.is_none() {
            return wrong(
                "messages.address",
                "is missing: such messages hold a link; give the address of this service",
            );
        }
        let file = base.join(section.file.unwrap_or_else(|| FILE.into()));
        Ok(Self { via, file, address, ready: section.ready, expires: section.expires })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(text: &str, environment: Environment) -> Result<MessageOptions, String> {
        let section: MessageSection = toml::from_str(text).map_err(|e| e.to_string())?;
        MessageOptions::of(section, environment, Path::new("base")).map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_is_sent_in_production_unless_somebody_says_so() {
        let options = built("", Environment::Production).unwrap();
        assert_eq!((options.via, options.ready, options.expires), (Via::Off, false, false));
        let options = built("", Environment::Sandbox).unwrap();
        assert_eq!((options.via, options.file.as_path()), (Via::File, Path::new("base/messages.txt")));
        assert!(built("via = \"file\"", Environment::Production).unwrap_err().starts_with("messages.via"));
        assert!(built("ready = true", Environment::Production).unwrap_err().starts_with("messages.address"));
        for address in ["http://a.example", "a.example", "https://a.example/?x", "https://a b.example"] {
            let text = format!("address = \"{address}\"");
            assert!(built(&text, Environment::Production).is_err(), "{address}");
        }
        let options = built("via = \"sms\"\nready = true\naddress = \"https://a.example/\"", Environment::Production);
        assert_eq!(options.unwrap().address.as_deref(), Some("https://a.example"));
    }
}
