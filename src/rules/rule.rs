//! One business rule as gateways and national backends publish it (`validation-rule.schema.json` of the DGCG):
//! read forgivingly, so that an untidy rule still counts; [`super::check`] says what is untidy.

use jiff::{Timestamp, civil, tz::Offset};
use serde_json::Value as Json;

use super::{
    Version,
    certlogic::{Expression, Problem},
};

/// Whose rule it is: of the country that lets people in, or of the one that issued the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// What the country of arrival asks of a certificate.
    Acceptance,
    /// By what the issuing country takes certificates back.
    Invalidation,
}

/// Which certificates a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateType {
    /// All of them.
    General,
    /// Vaccination certificates.
    Vaccination,
    /// Test certificates.
    Test,
    /// Recovery certificates.
    Recovery,
}

impl RuleKind {
    fn of_name(name: &str) -> Option<Self> {
        [("Acceptance", Self::Acceptance), ("Invalidation", Self::Invalidation)]
            .into_iter()
            .find_map(|(known, kind)| name.eq_ignore_ascii_case(known).then_some(kind))
    }
}

impl CertificateType {
    fn of_name(name: &str) -> Option<Self> {
        let known = [
            ("General", Self::General),
            ("Vaccination", Self::Vaccination),
            ("Test", Self::Test),
            ("Recovery", Self::Recovery),
        ];
        known.into_iter().find_map(|(known, kind)| name.eq_ignore_ascii_case(known).then_some(kind))
    }
}

/// What an identifier of the form `VR-DE-0001` says: the first two letters the type, the next two the country.
pub(super) fn of_identifier(identifier: &str) -> Option<(Option<CertificateType>, &str)> {
    let (prefix, rest) = identifier.split_once('-')?;
    let (country, number) = rest.split_once('-')?;
    let letters = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    let four_digits = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit());
    let certificate_type = match prefix {
        "GR" => Some(CertificateType::General),
        "VR" => Some(CertificateType::Vaccination),
        "TR" => Some(CertificateType::Test),
        "RR" => Some(CertificateType::Recovery),
        "IR" => None,
        _ => return None,
    };
    (letters && four_digits).then_some((certificate_type, country))
}

/// A rule in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Language, such as `en` or `de-at`.
    pub language: String,
    /// What the rule asks for, in a sentence.
    pub text: String,
}

/// A business rule, ready to judge certificates.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Identifier, such as `VR-DE-0001`.
    pub identifier: String,
    /// Acceptance or invalidation.
    pub kind: RuleKind,
    /// Country that owns the rule, ISO 3166-1 alpha-2 in capitals.
    pub country: String,
    /// Part of the country that it holds for; `None` for the whole. A region that repeats the country's code,
    /// as Austria's rules do, is the whole country.
    pub region: Option<String>,
    /// Version of the rule.
    pub version: Version,
    /// Version of the DCC schema that the rule was written for; `None` when unreadable, which leaves it open.
    pub schema_version: Option<Version>,
    /// Engine that it is written for: `CERTLOGIC`.
    pub engine: String,
    /// Version of the engine; `None` when unreadable, which leaves it open.
    pub engine_version: Option<Version>,
    /// Certificates that it is about.
    pub certificate_type: CertificateType,
    /// What it asks for, in several languages.
    pub descriptions: Vec<Description>,
    /// First instant at which it holds.
    pub valid_from: Timestamp,
    /// Last instant at which it holds.
    pub valid_to: Timestamp,
    /// Fields of the payload that it looks at, such as `v.0.dn`.
    pub affected_fields: Vec<String>,
    /// The rule itself.
    pub logic: Expression,
}

/// Why an entry of a list is not usable as a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is no JSON object.
    #[error("the entry is no JSON object; publish the rule as one object")]
    NotAnObject,
    /// A field without which the rule cannot be applied is absent.
    #[error("{field} is absent; add it to the rule")]
    Missing {
        /// Name of the field.
        field: &'static str,
    },
    /// Such a field cannot be read.
    #[error("{field} is not {wanted}; correct it in the rule")]
    Unreadable {
        /// Name of the field.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// The logic is beyond all bounds.
    #[error("Logic is refused: {0}")]
    Logic(#[source] Problem),
}

/// What can be said of a rule that could not be read, so that it is missed only where it would have counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) identifier: Option<String>,
    pub(super) kind: Option<RuleKind>,
    pub(super) country: Option<String>,
    pub(super) region: Option<Option<String>>,
    pub(super) certificate_type: Option<CertificateType>,
    pub(super) version: Option<Version>,
    pub(super) valid_from: Option<Timestamp>,
    pub(super) valid_to: Option<Timestamp>,
}

/// A field under its published name, or with a small first letter as some backends write it.
pub(super) fn field<'a>(rule: &'a Json, name: &str) -> Option<&'a Json> {
    let found = rule.get(name).or_else(|| {
        let (first, rest) = name.split_at_checked(1)?;
        rule.get(first.to_ascii_lowercase() + rest)
    });
    found.filter(|value| !value.is_null())
}

fn text<'a>(rule: &'a Json, name: &str) -> Option<&'a str> {
    field(rule, name)?.as_str().map(str::trim)
}

/// An instant; without an offset it is UTC, a bare day its start.
fn instant(text: &str) -> Option<Timestamp> {
    let utc = |time: civil::DateTime| Offset::UTC.to_timestamp(time).ok();
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<civil::DateTime>().ok().and_then(utc))
        .or_else(|| text.parse::<civil::Date>().ok().and_then(|day| utc(day.at(0, 0, 0, 0))))
}

/// A region in capitals; blank, or the country itself, is the whole country.
pub(super) fn region(region: Option<&str>, country: &str) -> Option<String> {
    let region = region.map(str::trim).filter(|region| !region.is_empty())?;
    (!region.eq_ignore_ascii_case(country)).then(|| region.to_ascii_uppercase())
}

impl Outline {
    /// Everything that can be read; what is absent but told by the identifier is taken from there.
    pub(super) fn read(rule: &Json) -> Self {
        let identifier = text(rule, "Identifier").filter(|id| !id.is_empty());
        let told = identifier.and_then(of_identifier);
        let kind = match field(rule, "Type") {
            Some(value) => value.as_str().and_then(|name| RuleKind::of_name(name.trim())),
            None => told.map(|(certificate_type, _)| match certificate_type {
                Some(_) => RuleKind::Acceptance,
                None => RuleKind::Invalidation,
            }),
        };
        let certificate_type = match field(rule, "CertificateType") {
            Some(value) => value.as_str().and_then(|name| CertificateType::of_name(name.trim())),
            None => told.map(|(certificate_type, _)| certificate_type.unwrap_or(CertificateType::General)),
        };
        let country = match field(rule, "Country") {
            Some(value) => value.as_str().map(str::trim),
            None => told.map(|(_, country)| country),
        };
        let country = country.filter(|country| country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic()));
        let region = match (field(rule, "Region"), country) {
            (None, _) => Some(None),
            (Some(value), Some(country)) => value.as_str().map(|value| region(Some(value), country)),
            (Some(_), None) => None,
        };
        Self {
            identifier: identifier.map(str::to_owned),
            kind,
            country: country.map(str::to_ascii_uppercase),
            region,
            certificate_type,
            version: text(rule, "Version").and_then(|version| version.parse().ok()),
            valid_from: text(rule, "ValidFrom").and_then(instant),
            valid_to: text(rule, "ValidTo").and_then(instant),
        }
    }
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`] when a field that decides whether and how the rule applies is absent or unreadable.
    pub fn read(rule: &Json) -> Result<Self, RuleError> {
        Self::with_outline(rule, Outline::read(rule))
    }

    pub(super) fn with_outline(rule: &Json, outline: Outline) -> Result<Self, RuleError> {
        if !rule.is_object() {
            return Err(RuleError::NotAnObject);
        }
        let lacks = |name: &'static str, wanted| match field(rule, name) {
            None => RuleError::Missing { field: name },
            Some(_) => RuleError::Unreadable { field: name, wanted },
        };
        let logic = field(rule, "Logic").ok_or(RuleError::Missing { field: "Logic" })?;
        let time = "a time such as 2021-07-01T00:00:00Z";
        let descriptions = field(rule, "Description").and_then(Json::as_array).into_iter().flatten();
        let affected = field(rule, "AffectedFields").and_then(Json::as_array).into_iter().flatten();
        Ok(Self {
            identifier: outline.identifier.ok_or_else(|| lacks("Identifier", "a text such as VR-DE-0001"))?,
            kind: outline.kind.ok_or_else(|| lacks("Type", "Acceptance or Invalidation"))?,
            country: outline.country.ok_or_else(|| lacks("Country", "a country code of two letters"))?,
            region: outline.region.ok_or_else(|| lacks("Region", "a text"))?,
            version: outline.version.ok_or_else(|| lacks("Version", "a version such as 1.0.0"))?,
            schema_version: text(rule, "SchemaVersion").and_then(|version| version.parse().ok()),
            engine: text(rule, "Engine").unwrap_or_default().to_owned(),
            engine_version: text(rule, "EngineVersion").and_then(|version| version.parse().ok()),
            certificate_type: outline
                .certificate_type
                .ok_or_else(|| lacks("CertificateType", "General, Vaccination, Test or Recovery"))?,
            descriptions: descriptions
                .filter_map(|description| {
                    let part = |name| description.get(name).and_then(Json::as_str).map(str::to_owned);
                    Some(Description { language: part("lang")?, text: part("desc")? })
                })
                .collect(),
            valid_from: outline.valid_from.ok_or_else(|| lacks("ValidFrom", time))?,
            valid_to: outline.valid_to.ok_or_else(|| lacks("ValidTo", time))?,
            affected_fields: affected.filter_map(Json::as_str).map(str::to_owned).collect(),
            logic: Expression::compile(logic).map_err(RuleError::Logic)?,
        })
    }

    /// The description in a language, else in a variant of it, else in English, else in whatever there is.
    #[must_use]
    pub fn description(&self, language: &str) -> &str {
        let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let find = |fits: &dyn Fn(&str) -> bool| self.descriptions.iter().find(|d| fits(&d.language));
        find(&|tag| tag.eq_ignore_ascii_case(language))
            .or_else(|| find(&|tag| primary(tag) == primary(language)))
            .or_else(|| find(&|tag| primary(tag) == "en"))
            .or_else(|| self.descriptions.first())
            .map_or("", |description| &description.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Json {
        json!({
            "Identifier": "VR-DE-0001", "Type": "Acceptance", "Country": "DE", "Version": "1.0.0",
            "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "1.0.0",
            "CertificateType": "Vaccination", "ValidFrom": "2021-07-03T00:00:00+02:00",
            "ValidTo": "2030-06-01T00:00:00Z", "AffectedFields": ["v.0"],
            "Description": [
                {"lang": "de", "desc": "Es muss eine Impfung vorliegen."},
                {"lang": "en", "desc": "There must be a vaccination."},
            ],
            "Logic": {"!": [{"===": [{"var": "payload.v.0"}, {"var": "nothing"}]}]},
        })
    }

    fn without(name: &str) -> Json {
        let mut rule = sample();
        rule.as_object_mut().unwrap().remove(name);
        rule
    }

    fn with(name: &str, value: Json) -> Json {
        let mut rule = sample();
        rule.as_object_mut().unwrap().insert(name.to_owned(), value);
        rule
    }

    #[test]
    fn small_first_letters_and_what_the_identifier_tells_are_enough() {
        let whole = Rule::read(&sample()).unwrap();
        let small: Json = sample()
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key[..1].to_ascii_lowercase() + &key[1..], value.clone()))
            .collect();
        assert_eq!(Rule::read(&small).unwrap(), whole);
        for name in ["Type", "Country", "CertificateType", "Region"] {
            assert_eq!(Rule::read(&without(name)).unwrap(), whole, "{name}");
        }
        assert_eq!(whole.valid_from, "2021-07-02T22:00:00Z".parse().unwrap());
    }

    #[test]
    fn what_decides_whether_a_rule_applies_must_be_there() {
        for name in ["Identifier", "Version", "ValidFrom", "ValidTo", "Logic"] {
            assert_eq!(Rule::read(&without(name)), Err(RuleError::Missing { field: name }));
        }
        for name in ["Type", "Country", "CertificateType", "Region", "Version", "ValidFrom"] {
            let wrong = Rule::read(&with(name, json!(7)));
            assert!(matches!(wrong, Err(RuleError::Unreadable { field, .. }) if field == name), "{name}");
        }
        assert_eq!(Rule::read(&json!([])), Err(RuleError::NotAnObject));
        assert_eq!(Rule::read(&with("Logic", json!(vec![1; 50_000]))), Err(RuleError::Logic(Problem::TooLarge)));
    }

    #[test]
    fn untidy_rules_are_read() {
        let rule = Rule::read(&with("Region", json!("de"))).unwrap();
        assert_eq!(rule.region, None);
        assert_eq!(Rule::read(&with("Region", json!("by"))).unwrap().region.as_deref(), Some("BY"));
        assert_eq!(Rule::read(&without("Engine")).unwrap().engine, "");
        assert_eq!(Rule::read(&with("EngineVersion", json!("x"))).unwrap().engine_version, None);
        for (text, expected) in [
            ("2022-01-01", "2022-01-01T00:00:00Z"),
            ("2022-01-01T12:00:00", "2022-01-01T12:00:00Z"),
            ("2022-01-01T12:00:00.5Z", "2022-01-01T12:00:00.5Z"),
        ] {
            let rule = Rule::read(&with("ValidTo", json!(text))).unwrap();
            assert_eq!(rule.valid_to.to_string(), expected);
        }
    }

    #[test]
    fn a_description_is_found_in_the_nearest_language() {
        let rule = Rule::read(&sample()).unwrap();
        for (language, start) in [("de", "Es"), ("DE-at", "Es"), ("en", "There"), ("fr", "There"), ("", "There")] {
            assert!(rule.description(language).starts_with(start), "{language}");
        }
        assert_eq!(Rule::read(&without("Description")).unwrap().description("en"), "");
    }
}
