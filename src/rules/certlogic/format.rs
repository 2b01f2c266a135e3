//! Checks whether a piece of JSON is a well-formed CertLogic expression, for rule authors and for the upload of
//! rules: every error with the place where it stands. Evaluation does not depend on it; it is more forgiving,
//! as the reference implementation is.

use serde_json::Value as Json;

use super::{path::Path, time::TimeUnit};
use crate::limits::{RULE_DEPTH, RULE_FINDINGS};

/// What is wrong with the form of an expression. The first seven are worded as the published validation suite
/// words them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// `null`, which is no literal.
    #[error("invalid CertLogic expression")]
    NotAnExpression,
    /// A number with a fraction.
    #[error("{number} is a non-integer number")]
    NotAnInteger {
        /// The number as written.
        number: String,
    },
    /// An object with no key or several.
    #[error("expression object must have exactly one key, but it has {count}")]
    KeyCount {
        /// How many it has.
        count: usize,
    },
    /// The operands are no array, or an empty one.
    #[error(r#"operation not of the form {{ "<operator>": [ <values...> ] }}"#)]
    NotAnOperation,
    /// An operator that CertLogic 1.3.3 lacks.
    #[error("unrecognised operator: \"{operator}\"")]
    UnknownOperator {
        /// Its name.
        operator: String,
    },
    /// `var` without a text.
    #[error(r#"not of the form {{ "var": "<path>" }}"#)]
    NotAPath,
    /// A path with an empty part.
    #[error("data access path doesn't have a valid format: {path}")]
    PathForm {
        /// The path as written.
        path: String,
    },
    /// Too few or too many operands.
    #[error("an operation with operator \"{operator}\" must have {wanted}, but it has {found}")]
    OperandCount {
        /// The operator.
        operator: &'static str,
        /// How many it takes, in words.
        wanted: &'static str,
        /// How many it has.
        found: usize,
    },
    /// An operand that must be written out as an integer is something else.
    #[error("operand {operand} of \"{operator}\" must be written as an integer")]
    IntegerWanted {
        /// The operator.
        operator: &'static str,
        /// Which operand, from 1.
        operand: u8,
    },
    /// The unit of `plusTime` is none.
    #[error("operand 3 of \"plusTime\" must be one of the texts year, month, day, hour")]
    UnitWanted,
    /// Nested too deep to be looked at.
    #[error("nested deeper than {RULE_DEPTH} levels; split the rule")]
    TooDeep,
    /// More expressions than are looked at.
    #[error("has more than {} expressions; split the rule", crate::limits::RULE_EXPRESSIONS)]
    TooLarge,
}

/// A format error of an expression.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{problem} (at {at})")]
pub struct FormatError {
    /// Where, as a JSON pointer (RFC 6901) from the expression's root; empty is the root.
    pub at: String,
    /// The expression that is at fault.
    pub expression: Json,
    /// What is wrong with it.
    pub problem: Problem,
}

/// How many operands an operator takes, at least and at most, with words for it; `None` for an unknown operator.
pub(super) fn arity(operator: &str) -> Option<(&'static str, usize, usize, &'static str)> {
    Some(match operator {
        "if" => ("if", 3, 3, "exactly 3 operands"),
        "and" => ("and", 2, usize::MAX, "at least 2 operands"),
        "!" => ("!", 1, 1, "exactly 1 operand"),
        "===" => ("===", 2, 2, "2 operands"),
        "in" => ("in", 2, 2, "2 operands"),
        "+" => ("+", 2, 2, "2 operands"),
        "<" => ("<", 2, 3, "2 or 3 operands"),
        ">" => (">", 2, 3, "2 or 3 operands"),
        "<=" => ("<=", 2, 3, "2 or 3 operands"),
        ">=" => (">=", 2, 3, "2 or 3 operands"),
        "after" => ("after", 2, 3, "2 or 3 operands"),
        "before" => ("before", 2, 3, "2 or 3 operands"),
        "not-after" => ("not-after", 2, 3, "2 or 3 operands"),
        "not-before" => ("not-before", 2, 3, "2 or 3 operands"),
        "plusTime" => ("plusTime", 3, 3, "exactly 3 operands"),
        "reduce" => ("reduce", 3, 3, "exactly 3 operands"),
        "extractFromUVCI" => ("extractFromUVCI", 2, 2, "exactly 2 operands"),
        "dccDateOfBirth" => ("dccDateOfBirth", 1, 1, "exactly 1 operand"),
        _ => return None,
    })
}

/// Whether a JSON number is an integer as JavaScript sees it: `42.0` is.
pub(super) fn is_integer(value: &Json) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// Checks the form of an expression. Empty means well-formed; at most [`RULE_FINDINGS`] errors are listed.
#[must_use]
pub fn validate(expression: &Json) -> Vec<FormatError> {
    let mut walk = Walk { at: Vec::new(), errors: Vec::new() };
    walk.expression(expression);
    walk.errors
}

struct Walk {
    at: Vec<Step>,
    errors: Vec<FormatError>,
}

enum Step {
    Operator(&'static str),
    Position(usize),
}

impl Walk {
    fn error(&mut self, expression: &Json, problem: Problem) {
        if self.errors.len() < RULE_FINDINGS {
            let at = self.at.iter().fold(String::new(), |mut at, step| {
                at.push('/');
                match step {
                    Step::Operator(name) => at.push_str(name),
                    Step::Position(position) => at.push_str(&position.to_string()),
                }
                at
            });
            // A copy of what lies too deep would itself be copied level by level.
            let expression = if problem == Problem::TooDeep { Json::Null } else { expression.clone() };
            self.errors.push(FormatError { at, expression, problem });
        }
    }

    fn each(&mut self, operator: Option<&'static str>, values: &[Json]) {
        self.at.extend(operator.map(Step::Operator));
        for (position, value) in values.iter().enumerate() {
            if self.errors.len() >= RULE_FINDINGS {
                break;
            }
            self.at.push(Step::Position(position));
            self.expression(value);
            self.at.pop();
        }
        if operator.is_some() {
            self.at.pop();
        }
    }

    fn expression(&mut self, value: &Json) {
        if self.at.len() >= RULE_DEPTH {
            return self.error(value, Problem::TooDeep);
        }
        match value {
            Json::String(_) | Json::Bool(_) => {}
            Json::Number(_) if is_integer(value) => {}
            Json::Number(number) => self.error(value, Problem::NotAnInteger { number: number.to_string() }),
            Json::Null => self.error(value, Problem::NotAnExpression),
            Json::Array(items) => self.each(None, items),
            Json::Object(map) => {
                let mut entries = map.iter();
                match (entries.next(), entries.next()) {
                    (Some((operator, operands)), None) => self.operation(value, operator, operands),
                    _ => self.error(value, Problem::KeyCount { count: map.len() }),
                }
            }
        }
    }

    fn operation(&mut self, whole: &Json, operator: &str, operands: &Json) {
        if operator == "var" {
            return match operands.as_str() {
                None => self.error(whole, Problem::NotAPath),
                Some(path) if Path::is_well_formed(path) => {}
                Some(path) => self.error(whole, Problem::PathForm { path: path.to_owned() }),
            };
        }
        let Some(operands) = operands.as_array() else { return self.error(whole, Problem::NotAnOperation) };
        let Some((operator, least, most, wanted)) = arity(operator) else {
            return self.error(whole, Problem::UnknownOperator { operator: operator.to_owned() });
        };
        if !(least..=most).contains(&operands.len()) {
            self.error(whole, Problem::OperandCount { operator, wanted, found: operands.len() });
        }
        match (operator, operands.as_slice()) {
            ("plusTime", [_, rest @ ..]) => {
                self.each(Some(operator), operands.get(..1).unwrap_or_default());
                if rest.first().is_some_and(|amount| !is_integer(amount)) {
                    self.error(whole, Problem::IntegerWanted { operator, operand: 2 });
                }
                if rest.get(1).is_some_and(|unit| unit.as_str().and_then(TimeUnit::of_name).is_none()) {
                    self.error(whole, Problem::UnitWanted);
                }
            }
            ("extractFromUVCI", [_, rest @ ..]) => {
                self.each(Some(operator), operands.get(..1).unwrap_or_default());
                if rest.first().is_some_and(|index| !is_integer(index)) {
                    self.error(whole, Problem::IntegerWanted { operator, operand: 2 });
                }
            }
            (_, operands) => self.each(Some(operator), operands.get(..operands.len().min(most)).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(expression: Json) -> Vec<String> {
        validate(&expression).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn errors_name_their_place() {
        assert_eq!(
            errors(json!({"if": [true, {"or": [1, 2]}, {"and": [{"var": "a..b"}, 1.5]}]})),
            [
                r#"unrecognised operator: "or" (at /if/1)"#,
                "data access path doesn't have a valid format: a..b (at /if/2/and/0)",
                "1.5 is a non-integer number (at /if/2/and/1)",
            ]
        );
    }

    #[test]
    fn operand_counts_and_literal_operands_are_checked() {
        for (expression, count) in [
            (json!({"if": [true, 1]}), 1),
            (json!({"if": [true, 1, 2, 3]}), 1),
            (json!({"and": [true]}), 1),
            (json!({"and": []}), 1),
            (json!({"!": []}), 1),
            (json!({"<": [1, 2, 3, 4]}), 1),
            (json!({"===": [1]}), 1),
            (json!({"plusTime": ["2021", {"+": [1, 1]}, "week"]}), 2),
            (json!({"plusTime": ["2021"]}), 1),
            (json!({"plusTime": ["2021", 1.0, "day"]}), 0),
            (json!({"extractFromUVCI": [{"var": "a"}, "0"]}), 1),
            (json!({"reduce": [[], 1]}), 1),
            (json!({"dccDateOfBirth": [{"var": "payload.dob"}]}), 0),
            (json!({"dccDateOfBirth": [1, 2]}), 1),
            (json!([null, null]), 2),
            (json!(42.0), 0),
        ] {
            assert_eq!(validate(&expression).len(), count, "{expression}");
        }
    }

    #[test]
    fn depth_and_number_of_errors_are_bounded() {
        let deep = (0..10_000).fold(json!(1), |inner, _| Json::Array(vec![inner]));
        let found = validate(&deep);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].problem, Problem::TooDeep);
        // Dropping a tree this deep is the test's own business.
        let mut rest = deep;
        while let Json::Array(mut items) = rest {
            rest = items.pop().unwrap();
        }
        assert_eq!(validate(&json!(vec![Json::Null; 10_000])).len(), RULE_FINDINGS);
    }
}
