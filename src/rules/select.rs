//! Which rules apply to a certificate: the acceptance rules of the country of arrival and the invalidation rules
//! of the issuer's country that are about this kind of certificate and in force, the newest version of each
//! (eHealth Network, EU DCC validation rules, "rule selection"; dgc-certlogic-android).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    rule::{self, CertificateType, Rule, RuleKind},
    set::{RuleSet, Skipped},
};

/// The kinds of entries that a payload has; usually one.
pub(super) fn types(payload: &Json) -> Vec<CertificateType> {
    let has = |name: &str| payload.get(name).and_then(Json::as_array).is_some_and(|entries| !entries.is_empty());
    [("v", CertificateType::Vaccination), ("t", CertificateType::Test), ("r", CertificateType::Recovery)]
        .into_iter()
        .filter_map(|(name, kind)| has(name).then_some(kind))
        .collect()
}

/// What is selected by.
pub(super) struct Question<'q> {
    pub(super) arrival: &'q str,
    pub(super) region: Option<String>,
    pub(super) issuer: Option<&'q str>,
    pub(super) types: Vec<CertificateType>,
    pub(super) at: Timestamp,
}

/// The rules that apply, and the unreadable ones that might.
pub(super) struct Selected<'a> {
    pub(super) acceptance: Vec<&'a Rule>,
    pub(super) invalidation: Vec<&'a Rule>,
    pub(super) missed: Vec<&'a Skipped>,
}

impl<'q> Question<'q> {
    pub(super) fn new(
        arrival: &'q str,
        region: Option<&str>,
        issuer: Option<&'q str>,
        payload: &Json,
        at: Timestamp,
    ) -> Self {
        Self { arrival, region: rule::region(region, arrival), issuer, types: types(payload), at }
    }

    pub(super) fn select<'a>(&self, set: &'a RuleSet) -> Selected<'a> {
        let acceptance = self.of(set, self.arrival, RuleKind::Acceptance);
        let invalidation = self.issuer.map(|issuer| self.of(set, issuer, RuleKind::Invalidation)).unwrap_or_default();
        let mut selected = Selected { acceptance, invalidation, missed: Vec::new() };
        for skipped in set.skipped().iter().filter(|skipped| self.may_apply(skipped)) {
            let (name, version) = (&skipped.outline.identifier, skipped.outline.version);
            let order = |rule: &Rule| {
                let same = name.as_ref() == Some(&rule.identifier);
                version.filter(|_| same).map(|version| version.cmp(&rule.version))
            };
            let rules = || selected.acceptance.iter().chain(&selected.invalidation);
            // An unreadable version that a readable one has replaced is no loss.
            if rules().any(|rule| order(rule) == Some(Ordering::Less)) {
                continue;
            }
            // One that replaces a readable version leaves nothing to judge by.
            selected.acceptance.retain(|rule| order(rule) != Some(Ordering::Greater));
            selected.invalidation.retain(|rule| order(rule) != Some(Ordering::Greater));
            selected.missed.push(skipped);
        }
        selected
    }

    fn is_about(&self, certificate_type: CertificateType) -> bool {
        certificate_type == CertificateType::General || self.types.contains(&certificate_type)
    }

    /// The newest applicable version of each rule. Rules stand by identifier and falling version.
    fn of<'a>(&self, set: &'a RuleSet, country: &str, kind: RuleKind) -> Vec<&'a Rule> {
        let mut found: Vec<&Rule> = Vec::new();
        for rule in set.of_country(country) {
            let applies = rule.kind == kind
                && self.is_about(rule.certificate_type)
                && (rule.valid_from..=rule.valid_to).contains(&self.at)
                && (kind == RuleKind::Invalidation || rule.region == self.region);
            // Two different rules of one identifier and version both count: neither may hide the other.
            let newer =
                found.last().is_some_and(|last| last.identifier == rule.identifier && last.version != rule.version);
            if applies && !newer {
                found.push(rule);
            }
        }
        found
    }

    /// Whether an unreadable rule would have applied, as far as it can be read. What cannot be told counts.
    fn may_apply(&self, skipped: &Skipped) -> bool {
        let outline = &skipped.outline;
        let of = |country: Option<&str>| match (&outline.country, country) {
            (Some(owner), Some(country)) => owner.eq_ignore_ascii_case(country),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let region = || outline.region.as_ref().is_none_or(|region| *region == self.region);
        let by_country = match outline.kind {
            Some(RuleKind::Acceptance) => of(Some(self.arrival)) && region(),
            Some(RuleKind::Invalidation) => of(self.issuer),
            None => (of(Some(self.arrival)) && region()) || of(self.issuer),
        };
        by_country
            && outline.certificate_type.is_none_or(|kind| self.is_about(kind))
            && outline.valid_from.is_none_or(|from| from <= self.at)
            && outline.valid_to.is_none_or(|to| to >= self.at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(identifier: &str, version: &str, more: Json) -> Json {
        let mut rule = json!({
            "Identifier": identifier, "Version": version, "ValidFrom": "2021-07-01T00:00:00Z",
            "ValidTo": "2022-07-01T00:00:00Z", "Logic": {"===": [1, 1]},
        });
        for (key, value) in more.as_object().unwrap() {
            rule[key] = value.clone();
        }
        rule
    }

    fn selected(
        rules: Json,
        arrival: &str,
        region: Option<&str>,
        issuer: &str,
        payload: Json,
        at: &str,
    ) -> Vec<String> {
        let set = RuleSet::from_json(&rules).unwrap();
        let question = Question::new(arrival, region, Some(issuer), &payload, at.parse().unwrap());
        let selected = question.select(&set);
        let rules = selected.acceptance.into_iter().chain(selected.invalidation);
        rules
            .map(|rule| format!("{} {}", rule.identifier, rule.version))
            .chain(selected.missed.into_iter().map(|missed| format!("{} missed", missed.name)))
            .collect()
    }

    const AT: &str = "2022-01-01T00:00:00Z";

    #[test]
    fn country_kind_and_type_decide() {
        let rules = json!([
            rule("GR-DE-0001", "1.0.0", json!({})),
            rule("VR-DE-0001", "1.0.0", json!({})),
            rule("TR-DE-0001", "1.0.0", json!({})),
            rule("VR-AT-0001", "1.0.0", json!({})),
            rule("IR-DE-0001", "1.0.0", json!({"CertificateType": "Vaccination"})),
            rule("IR-AT-0001", "1.0.0", json!({})),
        ]);
        let of = |arrival, issuer, payload| selected(rules.clone(), arrival, None, issuer, payload, AT);
        assert_eq!(of("de", "at", json!({"v": [{}]})), ["GR-DE-0001 1.0.0", "VR-DE-0001 1.0.0", "IR-AT-0001 1.0.0"]);
        assert_eq!(of("DE", "XX", json!({"t": [{}], "v": []})), ["GR-DE-0001 1.0.0", "TR-DE-0001 1.0.0"]);
        assert_eq!(of("AT", "DE", json!({"v": [{}]})), ["VR-AT-0001 1.0.0", "IR-DE-0001 1.0.0"]);
        assert_eq!(of("AT", "DE", json!({"r": [{}]})), Vec::<String>::new());
    }

    #[test]
    fn the_newest_version_in_force_counts() {
        let rules = json!([
            rule("VR-DE-0001", "1.0.99", json!({})),
            rule("VR-DE-0001", "1.0.100", json!({})),
            rule("VR-DE-0001", "2.0.0", json!({"ValidFrom": "2022-03-01T00:00:00Z"})),
        ]);
        let of = |at| selected(rules.clone(), "DE", None, "DE", json!({"v": [{}]}), at);
        assert_eq!(of(AT), ["VR-DE-0001 1.0.100"]);
        assert_eq!(of("2022-03-01T00:00:00Z"), ["VR-DE-0001 2.0.0"]);
        assert_eq!(of("2022-07-01T00:00:00Z"), ["VR-DE-0001 2.0.0"]);
        assert_eq!(of("2022-07-01T00:00:01Z"), Vec::<String>::new());
        assert_eq!(of("2021-06-30T23:59:59Z"), Vec::<String>::new());
    }

    #[test]
    fn regions_are_compared_without_case_and_blank_is_blank() {
        let rules = json!([
            rule("VR-DE-0001", "1.0.0", json!({"Region": ""})),
            rule("VR-DE-0002", "1.0.0", json!({"Region": "BY"})),
            rule("VR-DE-0003", "1.0.0", json!({"Region": "DE"})),
            rule("IR-DE-0004", "1.0.0", json!({"Region": "NW"})),
        ]);
        let of = |region| selected(rules.clone(), "DE", region, "DE", json!({"v": [{}]}), AT);
        for blank in [None, Some(""), Some(" "), Some("de")] {
            assert_eq!(of(blank), ["VR-DE-0001 1.0.0", "VR-DE-0003 1.0.0", "IR-DE-0004 1.0.0"]);
        }
        assert_eq!(of(Some("by")), ["VR-DE-0002 1.0.0", "IR-DE-0004 1.0.0"]);
    }

    #[test]
    fn an_unreadable_rule_is_missed_where_it_would_have_counted() {
        let broken = |identifier, more: Json| {
            let mut rule = rule(identifier, "1.0.0", more);
            rule.as_object_mut().unwrap().remove("Logic");
            rule
        };
        for (rules, expected) in [
            (json!([broken("VR-DE-0001", json!({}))]), vec!["VR-DE-0001 missed"]),
            (
                json!([broken("VR-DE-0001", json!({})), rule("VR-DE-0001", "1.0.1", json!({}))]),
                vec!["VR-DE-0001 1.0.1"],
            ),
            (
                json!([broken("VR-DE-0001", json!({})), rule("VR-DE-0001", "0.9.0", json!({}))]),
                vec!["VR-DE-0001 missed"],
            ),
            (
                json!([broken("VR-DE-0001", json!({"Version": "?"})), rule("VR-DE-0001", "2.0.0", json!({}))]),
                vec!["VR-DE-0001 2.0.0", "VR-DE-0001 missed"],
            ),
            (json!([broken("TR-DE-0001", json!({}))]), vec![]),
            (json!([broken("VR-AT-0001", json!({}))]), vec![]),
            (json!([broken("IR-FR-0001", json!({}))]), vec!["IR-FR-0001 missed"]),
            (json!([broken("VR-DE-0001", json!({"ValidTo": "2021-12-31T00:00:00Z"}))]), vec![]),
            (json!([broken("VR-DE-0001", json!({"Region": "BY"}))]), vec![]),
            (json!([7]), vec!["entry 1 missed"]),
        ] {
            assert_eq!(selected(rules.clone(), "DE", None, "FR", json!({"v": [{}]}), AT), expected, "{rules}");
        }
    }
}
