//! The commented `vaccert.toml` that `vaccert init` writes, and the keys beside it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{CONFIG_FILE, ConfigError, sandbox};
use crate::{batch::Random, source::profile::Detected};

/// The file as it stands for a new installation.
const TEMPLATE: &str = include_str!("template.toml");

/// Mark in the template where the profile of a server goes.
const PROFILE_MARK: &str = "# @profile@\n";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The configuration.
    pub config: PathBuf,
    /// The folder of the sandbox keys.
    pub keys: PathBuf,
}

/// Text of the configuration, with the profile of a server where one was looked at.
#[must_use]
pub fn text(dhis2_url: Option<&str>, detected: Option<&Detected>) -> String {
    let profile = detected.map(crate::source::profile::to_toml_with_comments).unwrap_or_default();
    let text = TEMPLATE.replace(PROFILE_MARK, &profile);
    match dhis2_url {
        // A URL is quoted as TOML quotes it: no character of it can end the string.
        Some(url) => text
            .replace("# [dhis2]", "[dhis2]")
            .replace("# url = \"https://dhis2.example.org\"", &format!("url = {}", toml::Value::from(url))),
        None => text,
    }
}

/// Writes configuration and sandbox keys into `dir`. Nothing that exists is overwritten.
///
/// # Errors
/// When a file exists already or cannot be written.
pub fn write(dir: &Path, text: &str, now: Timestamp, random: &Random) -> Result<Written, ConfigError> {
    fs::create_dir_all(dir).map_err(ConfigError::file(dir))?;
    let config = dir.join(CONFIG_FILE);
    let keys = dir.join("keys");
    let mut file = fs::File::create_new(&config).map_err(ConfigError::file(&config))?;
    if !sandbox::certificate_path(&keys, sandbox::SIGNER).exists() {
        sandbox::make_keys(&keys, now, random)?;
    }
    sandbox::make_named_key(&keys)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(ConfigError::file(&config))?;
    Ok(Written { config, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_a_configuration_and_names_every_section() {
        let parsed: toml::Table = text(None, None).parse().unwrap();
        assert_eq!(parsed["environment"].as_str(), Some("sandbox"));
        let full = text(Some("https://x.example/\"quoted\""), None);
        let parsed: toml::Table = full.parse().unwrap();
        assert_eq!(parsed["divoc"]["did"].as_str(), Some(sandbox::DID));
        assert_eq!(parsed["divoc"]["base_url"].as_str(), Some(sandbox::BASE_URL));
        assert_eq!(parsed["dhis2"]["url"].as_str(), Some("https://x.example/\"quoted\""));
    }

    #[test]
    fn every_commented_setting_of_the_paper_is_read() {
        let (_, section) = TEMPLATE.split_once("[document]\n").unwrap();
        let (section, _) = section.split_once("\n\n").unwrap();
        let setting =
            |line: &&str| line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase()));
        let settings: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("# ")).filter(setting).collect();
        for name in ["languages", "emblem", "fonts", "template", "templates"] {
            assert!(settings.iter().any(|line| line.starts_with(&format!("{name} = "))), "{name}: {settings:?}");
        }
        let whole = TEMPLATE.replace(section, &settings.join("\n"));
        let read: Result<super::super::file::File, _> = toml::from_str(&whole);
        let file = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.templates().len(), 5);
    }

    #[test]
    fn what_the_documents_say_of_the_configuration_is_read() {
        let documents = [
            include_str!("../../docs/service.md"),
            include_str!("../../docs/operations.md"),
            include_str!("../../docs/paper.md"),
        ];
        let blocks = documents.iter().flat_map(|text| text.split("```toml\n").skip(1));
        let mut count = 0;
        for block in blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block)) {
            let mut whole: toml::Table = text(None, None).parse().unwrap();
            let told: toml::Table = block.parse().unwrap_or_else(|e| panic!("{e}: {block}"));
            whole.extend(told);
            let read: Result<super::super::file::File, _> = whole.try_into();
            assert!(read.is_ok(), "{}: {block}", read.err().unwrap());
            count += 1;
        }
        assert!(count >= 5, "{count}");
    }
}
