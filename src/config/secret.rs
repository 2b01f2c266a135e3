//! Secrets from files and the environment; never from the configuration, the command line or a log.

use std::{fs, path::Path};

use super::{ConfigError, Dhis2Section};
use crate::{
    limits::SMALL_FILE_BYTES,
    source::dhis2::{Auth, ClientOptions, Dialect, Secret, ServerVersion},
};

/// The value of an environment variable, if it is set and not empty.
#[must_use]
pub fn environment_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads a secret from a file, without its line end.
pub(super) fn from_file(path: &Path) -> Result<String, ConfigError> {
    let size = fs::metadata(path).map_err(ConfigError::file(path))?.len();
    if size > SMALL_FILE_BYTES {
        return Err(ConfigError::Setting {
            setting: "the secret file",
            problem: format!("{} is too large to hold a secret", path.display()),
        });
    }
    let text = fs::read_to_string(path).map_err(ConfigError::file(path))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// How DHIS2 is reached, from the configuration, the command line and the environment
/// (`VACCERT_DHIS2_URL`, `VACCERT_DHIS2_USER`, `VACCERT_DHIS2_PASSWORD`, `VACCERT_DHIS2_TOKEN`).
#[derive(Debug, Clone)]
pub struct Dhis2Access {
    /// For the client.
    pub options: ClientOptions,
    /// Org units under which to look; empty means those of the user.
    pub org_units: Vec<String>,
    /// People a page.
    pub page_size: Option<u32>,
    /// Minutes by which a poll looks back behind the last one.
    pub overlap_minutes: u32,
}

impl Dhis2Access {
    /// Joins a section with the environment.
    ///
    /// # Errors
    /// When the address or the credentials are missing or cannot be read.
    pub fn of(section: Dhis2Section) -> Result<Self, ConfigError> {
        let setting = |setting, problem: &str| ConfigError::Setting { setting, problem: problem.to_owned() };
        let url = Some(section.url).filter(|url| !url.is_empty()).or_else(|| environment_variable("VACCERT_DHIS2_URL"));
        let url = url.ok_or(setting(
            "the address of DHIS2",
            "is not known: give --dhis2-url, set VACCERT_DHIS2_URL, or write [dhis2] url in vaccert.toml",
        ))?;
        let token = match &section.token_file {
            Some(path) => Some(from_file(path)?),
            None => environment_variable("VACCERT_DHIS2_TOKEN"),
        };
        let password = match &section.password_file {
            Some(path) => Some(from_file(path)?),
            None => environment_variable("VACCERT_DHIS2_PASSWORD"),
        };
        let user = section.user.or_else(|| environment_variable("VACCERT_DHIS2_USER"));
        let auth = match (token, user, password) {
            (Some(token), _, _) => Auth::Token(Secret::new(token)),
            (None, Some(user), Some(password)) => Auth::Basic { user, password: Secret::new(password) },
            _ => {
                return Err(setting(
                    "the login to DHIS2",
                    "is not complete: give a token (--dhis2-token-file or VACCERT_DHIS2_TOKEN), or a user with a \
                     password (--dhis2-user with --dhis2-password-file or VACCERT_DHIS2_PASSWORD)",
                ));
            }
        };
        let mut options = ClientOptions::new(url, auth);
        options.allow_plain_http = section.allow_plain_http;
        if let Some(path) = &section.ca_file {
            options.extra_roots_pem = fs::read(path).map_err(ConfigError::file(path))?;
        }
        if let Some(version) = &section.version {
            let dialect = version.parse::<ServerVersion>().and_then(|version| Dialect::of(&version));
            options.dialect = Some(dialect.map_err(|error| ConfigError::Setting {
                setting: "dhis2.version",
                problem: format!("cannot be used: {error}"),
            })?);
        }
        Ok(Self {
            options,
            org_units: section.org_units,
            page_size: section.page_size,
            overlap_minutes: section.overlap_minutes.unwrap_or(10),
        })
    }
}
