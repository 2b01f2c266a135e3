//! The judgement of the rules over one certificate: each rule passed, failed or open, and the four outcomes of
//! the whole. "No rules" is none of the other three.

use jiff::{Timestamp, tz::Offset};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::{
    CodeLists, Rule, RuleError, RuleSet, Version,
    certlogic::{ENGINE_VERSION, EvaluationError, External, Facts},
    select::Question,
};

/// What is known about the journey and the certificate beside its payload.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// Country of arrival, ISO 3166-1 alpha-2.
    pub arrival: &'a str,
    /// Region of arrival; `None` or blank for the country as a whole.
    pub region: Option<&'a str>,
    /// Country that issued the certificate, for its invalidation rules.
    pub issuer: Option<&'a str>,
    /// Key identifier in base64.
    pub kid: Option<&'a str>,
    /// Time of verification.
    pub at: Timestamp,
    /// When the certificate was issued.
    pub issued_at: Option<Timestamp>,
    /// When the certificate expires.
    pub expires_at: Option<Timestamp>,
    /// Value sets that rules look codes up in.
    pub value_sets: &'a CodeLists,
    /// Language wanted for descriptions, such as `en`.
    pub language: &'a str,
}

/// What one rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleOutcome {
    /// The certificate fulfils it.
    Passed,
    /// The certificate does not fulfil it.
    Failed,
    /// It cannot be said.
    Open,
}

/// What the rules say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every rule that applies is fulfilled.
    Passed,
    /// At least one is not.
    Failed,
    /// None is unfulfilled, and at least one cannot be told.
    Open,
    /// The country of arrival has no rule for such a certificate now. Neither good nor bad.
    NoRules,
}

/// Why a rule is open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenReason {
    /// It is written for another engine.
    #[error("it is written for the engine {engine:?}, and this is CERTLOGIC")]
    Engine {
        /// The engine asked for.
        engine: String,
    },
    /// It is written for a newer engine, or for one of unknown version.
    #[error("it wants an engine newer than {ENGINE_VERSION}, or does not say which; update this program")]
    EngineVersion,
    /// The certificate's schema is older than the rule's, or of another major version, or one of them is unknown.
    #[error("it is written for another version of the certificate schema than this certificate has")]
    SchemaVersion,
    /// It has no value for this certificate.
    #[error("{0}")]
    Evaluation(#[from] EvaluationError),
    /// Its value is neither true nor false.
    #[error("it says {found} instead of true or false; correct its logic")]
    NotBoolean {
        /// Kind of value found.
        found: &'static str,
    },
    /// It could not be read.
    #[error("it could not be read: {0}")]
    Unreadable(RuleError),
}

/// One rule's result, as it stands in a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    /// Identifier of the rule.
    pub id: String,
    /// What it says.
    pub result: RuleOutcome,
    /// What it asks for, in the wanted language, else in English; empty when it could not be read.
    pub description: String,
    /// Why it is open; `None` otherwise.
    #[serde(rename = "why", skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub open: Option<OpenReason>,
}

fn as_text<S: Serializer>(reason: &Option<OpenReason>, serializer: S) -> Result<S::Ok, S::Error> {
    match reason {
        Some(reason) => serializer.collect_str(reason),
        None => serializer.serialize_none(),
    }
}

/// What the rules say about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The whole.
    pub outcome: Outcome,
    /// Each rule that applied, acceptance first, by identifier.
    pub results: Vec<RuleResult>,
}

impl RuleSet {
    /// Judges a DCC payload (`hcert` as JSON). Never fails: what cannot be told is open.
    #[must_use]
    pub fn judge(&self, payload: &Json, c: &Circumstances<'_>) -> Judgement {
        let selected = Question::new(c.arrival, c.region, c.issuer, payload, c.at).select(self);
        let day = |time: Timestamp| Offset::UTC.to_datetime(time).date().to_string();
        let facts = Facts {
            payload,
            external: External {
                validation_clock: c.at.to_string(),
                value_sets: c.value_sets,
                country_code: c.arrival.to_ascii_uppercase(),
                exp: c.expires_at.map(day),
                iat: c.issued_at.map(day),
                issuer_country_code: c.issuer.map(str::to_ascii_uppercase),
                kid: c.kid.map(str::to_owned),
                region: c.region.unwrap_or_default().to_owned(),
            },
        };
        let schema = payload.get("ver").and_then(Json::as_str).and_then(|version| version.parse().ok());
        let any_acceptance = !selected.acceptance.is_empty();
        let judged = selected.acceptance.into_iter().chain(selected.invalidation).map(|rule| {
            let (result, open) = match apply(rule, schema, &facts) {
                Ok(true) => (RuleOutcome::Passed, None),
                Ok(false) => (RuleOutcome::Failed, None),
                Err(reason) => (RuleOutcome::Open, Some(reason)),
            };
            RuleResult {
                id: rule.identifier.clone(),
                result,
                description: rule.description(c.language).to_owned(),
                open,
            }
        });
        let missed = selected.missed.iter().map(|skipped| RuleResult {
            id: skipped.name.clone(),
            result: RuleOutcome::Open,
            description: String::new(),
            open: Some(OpenReason::Unreadable(skipped.error.clone())),
        });
        let results: Vec<RuleResult> = judged.chain(missed).collect();
        let any = |outcome| results.iter().any(|result| result.result == outcome);
        let outcome = if any(RuleOutcome::Failed) {
            Outcome::Failed
        } else if any(RuleOutcome::Open) {
            Outcome::Open
        } else if any_acceptance {
            Outcome::Passed
        } else {
            Outcome::NoRules
        };
        Judgement { outcome, results }
    }
}

fn apply(rule: &Rule, schema: Option<Version>, facts: &Facts<'_>) -> Result<bool, OpenReason> {
    if rule.engine != "CERTLOGIC" {
        return Err(OpenReason::Engine { engine: rule.engine.clone() });
    }
    if rule.engine_version.is_none_or(|version| version > ENGINE_VERSION) {
        return Err(OpenReason::EngineVersion);
    }
    let fits = |(dcc, rule): (Version, Version)| dcc.major == rule.major && dcc >= rule;
    if !schema.zip(rule.schema_version).is_some_and(fits) {
        return Err(OpenReason::SchemaVersion);
    }
    let value = rule.logic.evaluate(facts)?;
    value.as_bool().ok_or(OpenReason::NotBoolean { found: value.kind() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::CodeList;

    fn rule(identifier: &str, logic: Json) -> Json {
        json!({
            "Identifier": identifier, "Version": "1.0.0", "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC",
            "EngineVersion": "1.3.3", "ValidFrom": "2021-07-01T00:00:00Z", "ValidTo": "2032-07-01T00:00:00Z",
            "Description": [{"lang": "en", "desc": "The rule"}, {"lang": "fr", "desc": "La règle"}], "Logic": logic,
        })
    }

    fn with(mut rule: Json, name: &str, value: Json) -> Json {
        rule[name] = value;
        rule
    }

    fn judged(rules: Json, payload: Json) -> Judgement {
        let sets = CodeLists::from_iter([("products", CodeList::from_iter(["EU/1/20/1528"]))]);
        let circumstances = Circumstances {
            arrival: "de",
            region: None,
            issuer: Some("fr"),
            kid: Some("AAECAwQFBgc="),
            at: "2022-01-01T12:00:00Z".parse().unwrap(),
            issued_at: Some("2021-12-31T23:59:59Z".parse().unwrap()),
            expires_at: Some("2022-12-31T00:00:00Z".parse().unwrap()),
            value_sets: &sets,
            language: "fr",
        };
        RuleSet::from_json(&rules).unwrap().judge(&payload, &circumstances)
    }

    fn vaccination() -> Json {
        json!({"ver": "1.3.0", "v": [{"mp": "EU/1/20/1528"}]})
    }

    fn always() -> Json {
        json!({"===": [1, 1]})
    }

    #[test]
    fn the_four_outcomes() {
        let (pass, fail) = (rule("VR-DE-0001", always()), rule("VR-DE-0002", json!({"!": [true]})));
        let open = rule("VR-DE-0003", json!({"in": [1, {"var": "nothing"}]}));
        for (rules, expected) in [
            (json!([pass]), Outcome::Passed),
            (json!([pass, open]), Outcome::Open),
            (json!([pass, open, fail]), Outcome::Failed),
            (json!([]), Outcome::NoRules),
            (json!([rule("VR-AT-0001", always())]), Outcome::NoRules),
            (json!([rule("IR-FR-0001", always())]), Outcome::NoRules),
            (json!([rule("IR-FR-0001", json!({"!": [1]}))]), Outcome::Failed),
            (json!([pass, {"Identifier": "VR-DE-0009"}]), Outcome::Open),
        ] {
            assert_eq!(judged(rules.clone(), vaccination()).outcome, expected, "{rules}");
        }
    }

    #[test]
    fn what_is_out_of_the_engines_reach_is_open() {
        let good = || rule("VR-DE-0001", always());
        for (rule, payload) in [
            (with(good(), "Engine", json!("JSONLOGIC")), vaccination()),
            (with(good(), "EngineVersion", json!("1.3.4")), vaccination()),
            (with(good(), "EngineVersion", json!("2.0.1")), vaccination()),
            (with(good(), "EngineVersion", json!("?")), vaccination()),
            (with(good(), "SchemaVersion", json!("2.0.0")), vaccination()),
            (with(good(), "SchemaVersion", json!("1.3.1")), vaccination()),
            (good(), json!({"v": [{}]})),
            (good(), json!({"ver": "2.0.0", "v": [{}]})),
            (with(good(), "Logic", json!({"var": "payload.v"})), vaccination()),
            (with(good(), "Logic", json!({"or": [1]})), vaccination()),
        ] {
            let judgement = judged(json!([rule]), payload.clone());
            assert_eq!(judgement.outcome, Outcome::Open, "{rule} {payload}");
            let shown = serde_json::to_value(&judgement.results[0]).unwrap();
            assert_eq!((&shown["id"], &shown["result"]), (&json!("VR-DE-0001"), &json!("open")));
            assert!(shown["why"].as_str().unwrap().len() > 20, "{shown}");
        }
        for (name, version) in [("EngineVersion", "0.7.5"), ("SchemaVersion", "1.3.0")] {
            let judgement = judged(json!([with(good(), name, json!(version))]), vaccination());
            assert_eq!(judgement.outcome, Outcome::Passed);
        }
    }

    #[test]
    fn rules_see_the_external_parameters() {
        for (path, expected) in [
            ("external.validationClock", json!("2022-01-01T12:00:00Z")),
            ("external.countryCode", json!("DE")),
            ("external.issuerCountryCode", json!("FR")),
            ("external.kid", json!("AAECAwQFBgc=")),
            ("external.iat", json!("2021-12-31")),
            ("external.exp", json!("2022-12-31")),
            ("external.region", json!("")),
            ("external.valueSets.products.0", json!("EU/1/20/1528")),
            ("external.valueSets.products.length", json!(1)),
            ("payload.ver", json!("1.3.0")),
        ] {
            let judgement =
                judged(json!([rule("VR-DE-0001", json!({"===": [{"var": path}, expected]}))]), vaccination());
            assert_eq!(judgement.outcome, Outcome::Passed, "{path}");
        }
        let known = json!({"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.products"}]});
        assert_eq!(judged(json!([rule("VR-DE-0001", known.clone())]), vaccination()).outcome, Outcome::Passed);
        let other = json!({"ver": "1.3.0", "v": [{"mp": "x"}]});
        assert_eq!(judged(json!([rule("VR-DE-0001", known)]), other).outcome, Outcome::Failed);
        let whole = json!({"if": [{"var": ""}, {"===": [{"var": "external.nothing"}, {"var": "other"}]}, false]});
        assert_eq!(judged(json!([rule("VR-DE-0001", whole)]), vaccination()).outcome, Outcome::Passed);
    }

    #[test]
    fn results_are_as_the_interface_says() {
        let judgement = judged(json!([rule("VR-DE-0001", always())]), vaccination());
        let expected = json!([{"id": "VR-DE-0001", "result": "passed", "description": "La règle"}]);
        assert_eq!(serde_json::to_value(&judgement.results).unwrap(), expected);
        assert_eq!(serde_json::to_value(Outcome::NoRules).unwrap(), json!("no-rules"));
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            "\\PC{0,6}".prop_map(Json::from),
            prop::sample::select(vec!["DE", "IR-FR-0001", "1.0.0", "CERTLOGIC", "2021-01-01"]).prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                prop::collection::btree_map("(v|ver|if|var|[a-z]{0,2})", inner, 0..3).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_rule_and_no_payload_ends_the_program_and_no_broken_rule_is_lost(
            name in prop::sample::select(vec![
                "Identifier", "Version", "SchemaVersion", "Engine", "EngineVersion", "ValidFrom", "Type", "Logic",
            ]),
            value in any_json(),
            payload in any_json(),
        ) {
            let good = || rule("GR-DE-0001", always());
            let _ = judged(json!([with(good(), name, value.clone()), value]), payload);
            // The rule is of Germany and for all; whatever else is broken, it is never taken for absent.
            let judgement = judged(json!([with(good(), "Logic", Json::Null)]), vaccination());
            prop_assert_eq!(judgement.outcome, Outcome::Open);
        }
    }
}
