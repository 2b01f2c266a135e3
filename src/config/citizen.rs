//! `[citizen]`: how people find their own certificates, and how often they may ask.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use super::{ConfigError, Environment};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CitizenSection {
    #[serde(default)]
    identifier: Vec<IdentifierSection>,
    #[serde(default)]
    phone: OneOrMore,
    #[serde(default)]
    email: OneOrMore,
    #[serde(default)]
    language: OneOrMore,
    #[serde(default)]
    languages: BTreeMap<String, String>,
    #[serde(default)]
    country_prefix: String,
    #[serde(default = "five")]
    codes_per_hour: u32,
    #[serde(default = "ten")]
    codes_per_day: u32,
    #[serde(default = "twenty")]
    questions_per_quarter: u32,
    #[serde(default = "thousand")]
    questions_per_day: u32,
    /// An earlier name of `service.trusted_proxies`, read to say so.
    proxies: Option<toml::Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierSection {
    name: String,
    attribute: OneOrMore,
    #[serde(default)]
    label: BTreeMap<String, String>,
}

/// One UID, or several that are tried in turn.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    #[default]
    None,
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn uids(self, setting: &'static str) -> Result<Vec<String>, ConfigError> {
        let uids = match self {
            Self::None => Vec::new(),
            Self::One(uid) => vec![uid],
            Self::More(uids) => uids,
        };
        match uids.iter().find(|uid| !is_uid(uid)) {
            None => Ok(uids),
            Some(_) => Err(wrong(setting, "is no UID of DHIS2 (a letter, then ten letters or digits)")),
        }
    }
}

fn is_uid(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
}

fn wrong(setting: &'static str, problem: &str) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.to_owned() }
}

fn five() -> u32 {
    5
}

fn ten() -> u32 {
    10
}

fn twenty() -> u32 {
    20
}

fn thousand() -> u32 {
    1_000
}

/// A kind of identifier by which people are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierKind {
    /// Stable name: small letters, digits and dashes.
    pub name: String,
    /// UIDs of the attributes that hold it.
    pub attributes: Vec<String>,
    /// What it is called, by language; without any, the pages have words for `national-id`, `passport` and
    /// `system-id`.
    pub labels: BTreeMap<String, String>,
}

/// How often people may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CitizenLimits {
    /// Codes to one number, and for one person, in an hour.
    pub codes_per_hour: u32,
    /// The same in a day.
    pub codes_per_day: u32,
    /// Questions of one block of addresses (IPv4 /24, IPv6 /48) in fifteen minutes; tries of codes are twice as many.
    pub questions_per_quarter: u32,
    /// The same in a day.
    pub questions_per_day: u32,
}

impl CitizenLimits {
    /// An hour, a day and a quarter of an hour.
    pub const HOUR: SignedDuration = SignedDuration::from_hours(1);
    /// A day.
    pub const DAY: SignedDuration = SignedDuration::from_hours(24);
    /// Fifteen minutes.
    pub const QUARTER: SignedDuration = SignedDuration::from_mins(15);
}

/// How people find their own certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenOptions {
    /// The identifiers that may be asked for, in the order of the page; at least one.
    pub identifiers: Vec<IdentifierKind>,
    /// Attributes with a telephone number, in the order in which they are tried.
    pub phone: Vec<String>,
    /// Attributes with an e-mail address.
    pub email: Vec<String>,
    /// Attributes with the language of the person.
    pub language: Vec<String>,
    /// Option codes of that attribute, to tags of languages.
    pub languages: BTreeMap<String, String>,
    /// Calling code of the country (ITU-T E.164), digits alone, for numbers without one.
    pub country_prefix: String,
    /// How often they may ask.
    pub limits: CitizenLimits,
}

impl CitizenOptions {
    /// Those of the rehearsal: COVAC's attributes (its national number, its own number, the contact number) and a
    /// calling code that belongs to no country.
    #[must_use]
    pub fn rehearsal() -> Self {
        let kind = |name: &str, uid: &str| IdentifierKind {
            name: name.to_owned(),
            attributes: vec![uid.to_owned()],
            labels: BTreeMap::new(),
        };
        Self {
            identifiers: vec![kind("national-id", "Ewi7FUfcHAD"), kind("system-id", "iJ2HySGRDTh")],
            phone: vec!["fctSQp5nAYl".to_owned()],
            email: Vec::new(),
            language: Vec::new(),
            languages: BTreeMap::new(),
            country_prefix: "999".to_owned(),
            limits: CitizenLimits {
                codes_per_hour: five(),
                codes_per_day: ten(),
                questions_per_quarter: twenty(),
                questions_per_day: thousand(),
            },
        }
    }

    /// Those of a section; without one those of the rehearsal in the sandbox, and none in production.
    pub(super) fn of(section: Option<CitizenSection>, environment: Environment) -> Result<Option<Self>, ConfigError> {
        match (section, environment) {
            (Some(section), _) => section.build().map(Some),
            (None, Environment::Sandbox) => Ok(Some(Self::rehearsal())),
            (None, Environment::Production) => Ok(None),
        }
    }
}

impl CitizenSection {
    fn build(self) -> Result<CitizenOptions, ConfigError> {
        if self.proxies.is_some() {
            let problem = "is service.trusted_proxies now, for every part of the service: move its list there";
            return Err(wrong("citizen.proxies", problem));
        }
        let between = |setting, value: u32, most: u32| {
            if (1..=most).contains(&value) {
                Ok(value)
            } else {
                Err(wrong(setting, &format!("is {value}, and must be 1 to {most}")))
            }
        };
        let limits = CitizenLimits {
            codes_per_hour: between("citizen.codes_per_hour", self.codes_per_hour, 20)?,
            codes_per_day: between("citizen.codes_per_day", self.codes_per_day, 50)?,
            questions_per_quarter: between("citizen.questions_per_quarter", self.questions_per_quarter, 10_000)?,
            questions_per_day: between("citizen.questions_per_day", self.questions_per_day, 1_000_000)?,
        };
        let mut identifiers: Vec<IdentifierKind> = Vec::new();
        for IdentifierSection { name, attribute, label } in self.identifier {
            let plain = !name.is_empty()
                && name.len() <= 40
                && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
            if !plain || identifiers.iter().any(|known| known.name == name) {
                let problem = "must be small letters, digits and dashes, and another one for each identifier";
                return Err(wrong("citizen.identifier.name", problem));
            }
            let attributes = attribute.uids("citizen.identifier.attribute")?;
            if attributes.is_empty() {
                return Err(wrong("citizen.identifier.attribute", "is missing: name the UID of the attribute"));
            }
            identifiers.push(IdentifierKind { name, attributes, labels: label });
        }
        if identifiers.is_empty() {
            let problem = "is missing: without an identifier nobody can be found; add a section [[citizen.identifier]]";
            return Err(wrong("citizen.identifier", problem));
        }
        let (phone, email) = (self.phone.uids("citizen.phone")?, self.email.uids("citizen.email")?);
        if phone.is_empty() && email.is_empty() {
            let problem = "and citizen.email are missing: a code can be sent to nobody; name the UID of one of them";
            return Err(wrong("citizen.phone", problem));
        }
        let prefix = self.country_prefix.trim().trim_start_matches('+').to_owned();
        let calling = (1..=3).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_digit());
        if !phone.is_empty() && (!calling || prefix.starts_with('0')) {
            let problem =
                "must be the calling code of the country, such as \"233\": most numbers are stored without it";
            return Err(wrong("citizen.country_prefix", problem));
        }
        Ok(CitizenOptions {
            identifiers,
            phone,
            email,
            language: self.language.uids("citizen.language")?,
            languages: self.languages,
            country_prefix: prefix,
            limits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(text: &str) -> Result<CitizenOptions, String> {
        let section: CitizenSection = toml::from_str(text).map_err(|e| e.to_string())?;
        section.build().map_err(|e| e.to_string())
    }

    const GOOD: &str = "phone = \"fctSQp5nAYl\"\ncountry_prefix = \"+233\"\n[[identifier]]\nname = \"national-id\"\n\
         attribute = [\"Ewi7FUfcHAD\", \"iJ2HySGRDTh\"]\nlabel = { en = \"Ghana Card\" }\n";

    #[test]
    fn a_section_is_read_and_its_faults_are_named() {
        let options = built(GOOD).unwrap();
        assert_eq!((options.country_prefix.as_str(), options.identifiers[0].attributes.len()), ("233", 2));
        for (from, to, setting) in [
            ("fctSQp5nAYl", "phone", "citizen.phone"),
            ("+233", "", "citizen.country_prefix"),
            ("+233", "0233", "citizen.country_prefix"),
            ("national-id", "National ID", "citizen.identifier.name"),
            ("\"Ewi7FUfcHAD\", \"iJ2HySGRDTh\"", "", "citizen.identifier.attribute"),
        ] {
            let error = built(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.starts_with(setting), "{error}");
        }
        assert!(
            built("phone = \"fctSQp5nAYl\"\ncountry_prefix = \"1\"").unwrap_err().starts_with("citizen.identifier")
        );
        assert!(built(&format!("codes_per_hour = 0\n{GOOD}")).unwrap_err().starts_with("citizen.codes_per_hour"));
        for list in ["[\"10.0.0.0/8\"]", "[]", "\"10.0.0.1\""] {
            let moved = built(&format!("proxies = {list}\n{GOOD}")).unwrap_err();
            assert!(moved.starts_with("citizen.proxies") && moved.contains("service.trusted_proxies"), "{moved}");
        }
        assert!(built(&format!("fone = \"x\"\n{GOOD}")).is_err(), "a mistyped name is no setting");
    }

    #[test]
    fn the_rehearsal_has_it_and_production_must_say_so() {
        assert!(CitizenOptions::of(None, Environment::Sandbox).unwrap().is_some());
        assert!(CitizenOptions::of(None, Environment::Production).unwrap().is_none());
    }
}
