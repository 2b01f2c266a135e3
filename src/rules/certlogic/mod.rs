//! CertLogic 1.3.3, the language of the business rules: an expression is read once into a tree and evaluated
//! against each certificate. Specification: CertLogic 1.3.3 in `eu-dcc-business-rules`; where it is silent, the
//! behaviour of its reference implementation certlogic-js 1.2.2, quirks included.

mod evaluate;
mod expression;
mod format;
mod path;
#[cfg(test)]
mod tests;
mod time;
mod value;

use std::fmt;

use serde_json::Value as Json;

pub use evaluate::EvaluationError;
pub use format::{FormatError, Problem, validate};
pub use time::{Moment, TimeUnit};
pub use value::{External, Facts, Made, Value};

/// Newest version of CertLogic that this engine is complete to.
pub const ENGINE_VERSION: super::Version = super::Version::new(1, 3, 3);

/// A compiled expression.
#[derive(Clone, PartialEq)]
pub struct Expression(expression::Expr);

impl Expression {
    /// Reads an expression. Malformed parts are kept and are errors only where evaluation reaches them;
    /// [`validate`] finds them all.
    ///
    /// # Errors
    /// [`Problem::TooDeep`] and [`Problem::TooLarge`] beyond [`crate::limits::RULE_DEPTH`] and
    /// [`crate::limits::RULE_EXPRESSIONS`].
    pub fn compile(source: &Json) -> Result<Self, Problem> {
        expression::compile(source).map(Self)
    }

    /// Evaluates against a certificate.
    ///
    /// # Errors
    /// [`EvaluationError`] where the rule cannot be applied to this certificate.
    pub fn evaluate<'d>(&'d self, facts: &'d Facts<'d>) -> Result<Value<'d>, EvaluationError> {
        evaluate::evaluate(&self.0, evaluate::Scope::Facts(facts))
    }

    /// Evaluates against any JSON, as the published suites do.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate_json<'d>(&'d self, data: &'d Json) -> Result<Value<'d>, EvaluationError> {
        evaluate::evaluate(&self.0, evaluate::Scope::Json(data))
    }

    /// The expression as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        self.0.to_json()
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}
