//! What the gateway would say to a rule: the conditions of `validation-rule.schema.json` (DGCG) and the checks
//! on upload that need no clock and no other rule. Findings, not refusals: a rule with findings still counts.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    certlogic::{FormatError, validate},
    rule::{CertificateType, of_identifier},
};

/// Something that the gateway would refuse in a rule.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Finding {
    /// A field is absent.
    #[error("{field} is absent; the gateway wants it")]
    Missing {
        /// Name of the field.
        field: &'static str,
    },
    /// A field has another form.
    #[error("{field} is not {wanted}")]
    Form {
        /// Name of the field.
        field: &'static str,
        /// What the schema asks for.
        wanted: &'static str,
    },
    /// A field that the schema does not know.
    #[error("field {field:?} is unknown to the schema; remove it")]
    Unknown {
        /// Name of the field.
        field: String,
    },
    /// Two fields contradict each other.
    #[error("{first} and {second} contradict each other: {rule}")]
    Contradiction {
        /// One field.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// What holds between them.
        rule: &'static str,
    },
    /// The logic is malformed.
    #[error("Logic: {0}")]
    Logic(FormatError),
}

const VERSION: &str = "a version of three numbers such as 1.0.0";
const TIME: &str = "a time without fraction and with offset, such as 2021-07-01T00:00:00Z";

/// Name, whether the gateway wants it, what it should be, and whether a value is that.
type Condition = (&'static str, bool, &'static str, fn(&Json) -> bool);

const CONDITIONS: [Condition; 14] = [
    ("Identifier", true, "of the form VR-DE-0001", |v| v.as_str().is_some_and(|id| of_identifier(id).is_some())),
    ("Type", true, "Acceptance or Invalidation", |v| is_one_of(v, &["Acceptance", "Invalidation"])),
    ("Country", true, "a country code of two capitals", |v| {
        v.as_str().is_some_and(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase()))
    }),
    ("Region", false, "at most five capitals or digits", |v| {
        v.as_str().is_some_and(|r| r.len() <= 5 && r.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    }),
    ("Version", true, VERSION, is_version),
    ("SchemaVersion", true, VERSION, is_version),
    ("Engine", true, "a text", Json::is_string),
    ("EngineVersion", true, VERSION, is_version),
    ("CertificateType", true, "General, Vaccination, Test or Recovery", |v| {
        is_one_of(v, &["General", "Vaccination", "Test", "Recovery"])
    }),
    ("Description", true, "a list of {lang, desc} of at least 20 characters each, one of them in en", is_description),
    ("ValidFrom", true, TIME, is_time),
    ("ValidTo", true, TIME, is_time),
    ("AffectedFields", true, "a list of at least one text", |v| {
        v.as_array().is_some_and(|fields| !fields.is_empty() && fields.iter().all(Json::is_string))
    }),
    ("Logic", true, "an object that is not empty", |v| v.as_object().is_some_and(|logic| !logic.is_empty())),
];

/// Checks a rule as the gateway would. Empty: it would take it, time and earlier versions apart.
#[must_use]
pub fn check(rule: &Json) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (field, wanted, form, holds) in CONDITIONS {
        match rule.get(field) {
            None if wanted => findings.push(Finding::Missing { field }),
            Some(value) if !holds(value) => findings.push(Finding::Form { field, wanted: form }),
            _ => {}
        }
    }
    // `hash` is what distributors add beside the rule itself.
    let known = |name: &str| name == "hash" || CONDITIONS.iter().any(|(field, ..)| *field == name);
    let unknown = rule.as_object().into_iter().flat_map(|map| map.keys()).filter(|name| !known(name));
    findings.extend(unknown.map(|field| Finding::Unknown { field: field.clone() }));
    findings.extend(contradictions(rule));
    if let Some(logic) = rule.get("Logic") {
        findings.extend(validate(logic).into_iter().map(Finding::Logic));
    }
    findings
}

fn contradictions(rule: &Json) -> Vec<Finding> {
    let text = |name: &str| rule.get(name).and_then(Json::as_str);
    let mut findings = Vec::new();
    let mut unless = |holds: bool, first, second, rule| {
        if !holds {
            findings.push(Finding::Contradiction { first, second, rule });
        }
    };
    if let Some((of_prefix, country)) = text("Identifier").and_then(of_identifier) {
        let named = of_prefix.map(|kind| match kind {
            CertificateType::General => "General",
            CertificateType::Vaccination => "Vaccination",
            CertificateType::Test => "Test",
            CertificateType::Recovery => "Recovery",
        });
        let fits = |found: Option<&str>, wanted: &str| found.is_none_or(|found| found == wanted);
        unless(
            named.is_none_or(|named| fits(text("CertificateType"), named)),
            "Identifier",
            "CertificateType",
            "GR is for General, VR Vaccination, TR Test, RR Recovery",
        );
        let kind = if named.is_none() { "Invalidation" } else { "Acceptance" };
        unless(fits(text("Type"), kind), "Identifier", "Type", "IR, and IR alone, is for Invalidation");
        unless(fits(text("Country"), country), "Identifier", "Country", "both name the owner of the rule");
    }
    let time = |name| text(name).and_then(|time| time.parse::<Timestamp>().ok());
    if let (Some(from), Some(to)) = (time("ValidFrom"), time("ValidTo")) {
        unless(from < to, "ValidFrom", "ValidTo", "a rule begins before it ends");
    }
    findings
}

fn is_one_of(value: &Json, names: &[&str]) -> bool {
    value.as_str().is_some_and(|value| names.contains(&value))
}

fn is_version(value: &Json) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    value.as_str().is_some_and(|text| text.split('.').count() == 3 && text.split('.').all(digits))
}

/// `YYYY-MM-DDThh:mm:ss` and `Z` or `±hh:mm`.
fn is_time(value: &Json) -> bool {
    let fits = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(b, f)| if f == b'0' { b.is_ascii_digit() } else { b == f })
    };
    let forms = ["0000-00-00T00:00:00Z", "0000-00-00T00:00:00+00:00", "0000-00-00T00:00:00-00:00"];
    value.as_str().is_some_and(|text| forms.iter().any(|form| fits(text, form)) && text.parse::<Timestamp>().is_ok())
}

fn is_description(value: &Json) -> bool {
    let language = |tag: &str| {
        let parts: Vec<&str> = tag.split('-').collect();
        parts.len() <= 2 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let part =
        |item: &Json, name: &str, fits: &dyn Fn(&str) -> bool| item.get(name).and_then(Json::as_str).is_some_and(fits);
    value.as_array().is_some_and(|items| {
        items.iter().all(|item| part(item, "lang", &language) && part(item, "desc", &|text| text.chars().count() >= 20))
            && items.iter().any(|item| part(item, "lang", &|tag| tag == "en"))
    })
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
            "Description": [{"lang": "en", "desc": "There must be a vaccination."}],
            "Logic": {"===": [1, 1]}, "hash": "00",
        })
    }

    #[test]
    fn a_good_rule_has_no_finding() {
        assert_eq!(check(&sample()), []);
    }

    #[test]
    fn each_condition_has_its_finding() {
        for (field, value) in [
            ("Identifier", json!("VR-DE-1")),
            ("Type", json!("acceptance")),
            ("Country", json!("de")),
            ("Region", json!("BAYERN")),
            ("Version", json!("1.0")),
            ("SchemaVersion", json!("1.0.0a")),
            ("Engine", json!(1)),
            ("EngineVersion", json!(1.0)),
            ("CertificateType", json!("Vaccine")),
            ("Description", json!([{"lang": "de", "desc": "Es muss eine Impfung vorliegen."}])),
            ("Description", json!([{"lang": "en", "desc": "too short"}])),
            ("ValidFrom", json!("2021-07-03T00:00:00.000Z")),
            ("ValidTo", json!("2030-06-01T00:00:00")),
            ("ValidTo", json!("2030-13-01T00:00:00Z")),
            ("AffectedFields", json!([])),
            ("Logic", json!(true)),
        ] {
            let mut rule = sample();
            rule[field] = value.clone();
            let found = check(&rule);
            assert!(
                found.iter().any(|f| matches!(f, Finding::Form { field: named, .. } if *named == field)),
                "{field} {value}: {found:?}"
            );
            if field != "Region" {
                rule.as_object_mut().unwrap().remove(field);
                assert!(check(&rule).contains(&Finding::Missing { field }));
            }
        }
    }

    #[test]
    fn contradictions_and_unknown_fields_and_broken_logic_are_found() {
        for (field, value, text) in [
            ("CertificateType", json!("Test"), "GR is for General"),
            ("Type", json!("Invalidation"), "IR alone"),
            ("Country", json!("FR"), "owner"),
            ("ValidTo", json!("2021-07-01T00:00:00Z"), "begins before"),
            ("Note", json!(1), "unknown to the schema"),
            ("Logic", json!({"or": [1]}), "unrecognised operator"),
        ] {
            let mut rule = sample();
            rule[field] = value;
            let found = check(&rule);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].to_string().contains(text), "{found:?}");
        }
    }
}
