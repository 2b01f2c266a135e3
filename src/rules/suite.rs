//! Rule authors' tests: a rule and test cases of `payload`, `external` and `expected`, run and summed up. The
//! pure part of `vaccert rules test`; reading the folder is the command line's.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{certlogic::Expression, check::check, rule::field};

/// What the tests of any number of rules gave. As JSON it is what `vaccert rules test` prints.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Rules seen.
    pub rules: usize,
    /// Test cases seen.
    pub tests: usize,
    /// Cases that gave what they expect.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// Each of those.
    pub failures: Vec<Failure>,
    /// What the gateway would refuse in a rule; no failure of a test.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RuleFinding>,
}

/// A test case that failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// Identifier of the rule.
    pub rule: String,
    /// File of the test case.
    pub test: String,
    /// What the case calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it expects.
    pub expected: Json,
    /// What the rule gave; null where it gave nothing.
    pub actual: Json,
    /// Why it gave nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Something untidy about a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleFinding {
    /// Identifier of the rule.
    pub rule: String,
    /// What it is.
    pub message: String,
}

impl Summary {
    /// Takes up a rule; its tests follow with [`Summary::run`]. Only the logic must be usable: a draft without
    /// the rest can be tried too. `name` is what the rule is called where it names itself nowhere.
    pub fn begin(&mut self, name: &str, rule: &Json) -> RuleUnderTest {
        self.rules += 1;
        let id = field(rule, "Identifier").and_then(Json::as_str).unwrap_or(name).to_owned();
        for finding in check(rule) {
            self.findings.push(RuleFinding { rule: id.clone(), message: finding.to_string() });
        }
        let logic = match field(rule, "Logic") {
            Some(logic) => Expression::compile(logic).map_err(|problem| problem.to_string()),
            None => Err("the rule has no Logic; add it".to_owned()),
        };
        RuleUnderTest { id, logic }
    }

    /// Runs a test file: one case, or a list of them. Returns how many cases of it failed.
    pub fn run(&mut self, rule: &RuleUnderTest, test: &str, case: &Json) -> usize {
        let before = self.failed;
        match case {
            Json::Array(cases) => cases.iter().for_each(|case| self.run_case(rule, test, case)),
            case => self.run_case(rule, test, case),
        }
        self.failed - before
    }

    /// Notes a test file that could not be read, as a failed case.
    pub fn unreadable(&mut self, rule: &RuleUnderTest, test: &str, error: String) {
        self.tests += 1;
        self.fail(rule, test, None, Json::Null, Json::Null, Some(error));
    }

    fn run_case(&mut self, rule: &RuleUnderTest, test: &str, case: &Json) {
        self.tests += 1;
        let name = case.get("name").or_else(|| case.get("message")).and_then(Json::as_str).map(str::to_owned);
        let Some(expected) = case.get("expected") else {
            let error = "the test says nothing under \"expected\"; add what the rule should give".to_owned();
            return self.fail(rule, test, name, Json::Null, Json::Null, Some(error));
        };
        let data = data(case);
        let found = match &rule.logic {
            Ok(logic) => logic.evaluate_json(&data).map(|value| value.to_json()).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        match found {
            Ok(actual) if is_equal(&actual, expected) => self.passed += 1,
            Ok(actual) => self.fail(rule, test, name, expected.clone(), actual, None),
            Err(error) => self.fail(rule, test, name, expected.clone(), Json::Null, Some(error)),
        }
    }

    fn fail(
        &mut self,
        rule: &RuleUnderTest,
        test: &str,
        name: Option<String>,
        expected: Json,
        actual: Json,
        error: Option<String>,
    ) {
        self.failed += 1;
        self.failures.push(Failure { rule: rule.id.clone(), test: test.to_owned(), name, expected, actual, error });
    }
}

/// A rule whose tests are being run.
#[derive(Debug, Clone)]
pub struct RuleUnderTest {
    id: String,
    logic: Result<Expression, String>,
}

impl RuleUnderTest {
    /// Identifier of the rule.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The data that the rule sees. An older form of tests has `validationClock` beside `payload`.
fn data(case: &Json) -> Json {
    let mut data = Map::new();
    if let Some(payload) = case.get("payload") {
        data.insert("payload".to_owned(), payload.clone());
    }
    let mut external = case.get("external").cloned();
    if let Some(clock) = case.get("validationClock") {
        let fields = external.get_or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(fields) = fields {
            fields.entry("validationClock").or_insert_with(|| clock.clone());
        }
    }
    data.extend(external.map(|external| ("external".to_owned(), external)));
    Json::Object(data)
}

/// Equality of JSON in which 1 and 1.0 are the same number, as in JavaScript.
fn is_equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_equal(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passes_and_failures_are_counted_and_named() {
        let mut summary = Summary::default();
        let rule = json!({
            "Identifier": "VR-XX-0001",
            "Logic": {"and": [{"===": [{"var": "payload.v.0.dn"}, 2]}, {"var": "external.validationClock"}]},
        });
        let rule = summary.begin("folder", &rule);
        for (case, failed) in [
            (json!({"payload": {"v": [{"dn": 2}]}, "external": {"validationClock": "c"}, "expected": "c"}), 0),
            (json!({"payload": {"v": [{"dn": 2.0}]}, "validationClock": "d", "expected": "d"}), 0),
            (json!([{"payload": null, "expected": false}, {"expected": false}, {"expected": true}]), 1),
            (json!({"payload": {}, "external": {}}), 1),
            (json!(7), 1),
        ] {
            assert_eq!(summary.run(&rule, "test001.json", &case), failed, "{case}");
        }
        summary.unreadable(&rule, "test002.json", "no JSON".to_owned());
        assert_eq!((summary.rules, summary.tests, summary.passed, summary.failed), (1, 8, 4, 4));
        let shown = serde_json::to_value(&summary).unwrap();
        assert_eq!(
            shown["failures"][0],
            json!({"rule": "VR-XX-0001", "test": "test001.json", "expected": true, "actual": false})
        );
        assert!(shown["findings"].as_array().unwrap().len() > 5);
    }

    #[test]
    fn an_error_is_told_and_a_draft_can_be_tried() {
        let mut summary = Summary::default();
        let draft = summary.begin("VR-XX-0002", &json!({"logic": {"or": [1]}}));
        assert_eq!(draft.id(), "VR-XX-0002");
        summary.run(&draft, "a.json", &json!({"name": "case", "expected": true}));
        let empty = summary.begin("VR-XX-0003", &json!({}));
        summary.run(&empty, "b.json", &json!({"expected": true}));
        assert!(summary.failures[0].error.as_ref().unwrap().contains("unrecognised operator"));
        assert_eq!(summary.failures[0].name.as_deref(), Some("case"));
        assert!(summary.failures[1].error.as_ref().unwrap().contains("no Logic"));
        assert!(is_equal(&json!({"a": [1, 2.0]}), &json!({"a": [1.0, 2]})));
        assert!(!is_equal(&json!({"a": 1}), &json!({"b": 1})));
        assert!(!is_equal(&json!([1]), &json!([1, 1])));
    }
}
