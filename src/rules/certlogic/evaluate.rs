//! Evaluation of a compiled expression: CertLogic 1.3.3, lazily, without changing anything, within a bounded
//! number of steps.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{
    expression::{Expr, In, Order},
    format::Problem,
    path::Path,
    time::Moment,
    value::{Facts, Value},
};
use crate::limits::RULE_STEPS;

/// Why an expression has no value. No variant holds data of the certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A malformed part was reached.
    #[error("the rule is malformed: {0}; run `vaccert rules test` on it and correct it")]
    Malformed(#[from] Problem),
    /// A condition is a date-time.
    #[error("operand of \"{operator}\" is {found}, neither truthy nor falsy; compare it first")]
    NotACondition {
        /// The operator.
        operator: &'static str,
        /// Kind of value found.
        found: &'static str,
    },
    /// An operand has the wrong kind.
    #[error("operand {operand} of \"{operator}\" is {found}, wanted {wanted}; guard it with \"if\"")]
    WrongKind {
        /// The operator.
        operator: &'static str,
        /// Which operand, from 1.
        operand: usize,
        /// Kind of value wanted.
        wanted: &'static str,
        /// Kind of value found.
        found: &'static str,
    },
    /// A text is no date.
    #[error("operand 1 of \"{operator}\" is a text that is not {wanted}; guard it with \"if\"")]
    NotADate {
        /// The operator.
        operator: &'static str,
        /// The forms that it reads.
        wanted: &'static str,
    },
    /// The rule runs too long.
    #[error("the rule takes more than {RULE_STEPS} steps; simplify it")]
    TooManySteps,
    /// The rule builds too large a value.
    #[error("the rule builds an array that is too large or nested too deep; simplify it")]
    TooLarge,
}

/// What `var` sees.
#[derive(Clone, Copy)]
pub(super) enum Scope<'s, 'd> {
    /// Any JSON, as in the published suites.
    Json(&'d Json),
    /// A certificate.
    Facts(&'d Facts<'d>),
    /// The lambda of a `reduce`: accumulator and current value, nothing else.
    Fold(&'s Value<'d>, &'s Value<'d>),
}

/// Evaluates with a fresh count of steps.
pub(super) fn evaluate<'d>(expression: &'d Expr, scope: Scope<'_, 'd>) -> Result<Value<'d>, EvaluationError> {
    Machine { steps: RULE_STEPS }.value(expression, scope)
}

struct Machine {
    steps: u32,
}

const DATE_FORMS: &str = "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with fraction and offset";
const BIRTH_FORMS: &str = "YYYY, YYYY-MM or YYYY-MM-DD";

impl Machine {
    fn spend(&mut self, steps: usize) -> Result<(), EvaluationError> {
        let left = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps));
        self.steps = left.ok_or(EvaluationError::TooManySteps)?;
        Ok(())
    }

    fn value<'d>(&mut self, expression: &'d Expr, scope: Scope<'_, 'd>) -> Result<Value<'d>, EvaluationError> {
        self.spend(1)?;
        Ok(match expression {
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text),
            Expr::Array(items) => {
                let values = items.iter().map(|item| self.value(item, scope)).collect::<Result<_, _>>()?;
                Value::made(values, false).ok_or(EvaluationError::TooLarge)?
            }
            Expr::Var(path) => access(path, scope)?,
            Expr::If(operands) => {
                let [guard, then, otherwise] = &**operands;
                let guard = self.value(guard, scope)?;
                let branch = if condition("if", &guard)? { then } else { otherwise };
                self.value(branch, scope)?
            }
            Expr::And(operands) => return self.and(operands, scope),
            Expr::Not(operand) => Value::Bool(!condition("!", &self.value(operand, scope)?)?),
            Expr::Same(operands) => {
                let [left, right] = &**operands;
                Value::Bool(self.value(left, scope)?.is_same(&self.value(right, scope)?))
            }
            Expr::In(operands) => Value::Bool(self.is_in(operands, scope)?),
            Expr::Plus(operands) => {
                let [left, right] = &**operands;
                let left = integer("+", 1, &self.value(left, scope)?)?;
                Value::Number(left + integer("+", 2, &self.value(right, scope)?)?)
            }
            Expr::Compare { operator, order, operands } => self.chain(
                operands,
                scope,
                *order,
                |position, value| integer(operator, position, value),
                |a, b| a.partial_cmp(b),
            )?,
            Expr::CompareTimes { operator, order, operands } => {
                let moment = |position, value: &Value<'_>| match value {
                    Value::DateTime(moment) => Ok(*moment),
                    other => Err(wrong_kind(operator, position, "a date-time (plusTime makes one)", other)),
                };
                self.chain(operands, scope, *order, moment, |a, b| a.compare(*b))?
            }
            Expr::PlusTime(operands) => match operands.literal {
                Some(moment) => Value::DateTime(moment),
                None => {
                    let value = self.value(&operands.operand, scope)?;
                    let text = text("plusTime", &value)?;
                    let moment = Moment::parse(text)
                        .ok_or(EvaluationError::NotADate { operator: "plusTime", wanted: DATE_FORMS })?;
                    Value::DateTime(moment.plus(operands.amount, operands.unit))
                }
            },
            Expr::DateOfBirth(operand) => {
                let value = self.value(operand, scope)?;
                let moment = Moment::parse_date_of_birth(text("dccDateOfBirth", &value)?);
                Value::DateTime(
                    moment.ok_or(EvaluationError::NotADate { operator: "dccDateOfBirth", wanted: BIRTH_FORMS })?,
                )
            }
            Expr::UvciPart(operands) => {
                let (operand, index) = &**operands;
                match self.value(operand, scope)? {
                    Value::Null => Value::Null,
                    Value::Text(text) => uvci_part(text, *index).map_or(Value::Null, Value::Text),
                    other => return Err(wrong_kind("extractFromUVCI", 1, "a text or null", &other)),
                }
            }
            Expr::Reduce(operands) => return self.reduce(operands, scope),
            Expr::Malformed(malformed) => return Err(malformed.problem.clone().into()),
        })
    }

    /// The first falsy operand, else the last one. Only operands that decide are evaluated.
    fn and<'d>(&mut self, operands: &'d [Expr], scope: Scope<'_, 'd>) -> Result<Value<'d>, EvaluationError> {
        let Some((last, before)) = operands.split_last() else { return Ok(Value::Bool(true)) };
        for operand in before {
            let value = self.value(operand, scope)?;
            if !condition("and", &value)? {
                return Ok(value);
            }
        }
        self.value(last, scope)
    }

    fn is_in<'d>(&mut self, operands: &'d In, scope: Scope<'_, 'd>) -> Result<bool, EvaluationError> {
        let needle = self.value(&operands.needle, scope)?;
        if let Some(texts) = &operands.literal {
            return Ok(matches!(needle, Value::Text(text) if texts.contains(text)));
        }
        match self.value(&operands.list, scope)? {
            Value::Codes(codes) => Ok(matches!(needle, Value::Text(text) if codes.contains(text))),
            Value::Json(Json::Array(items)) => {
                self.spend(items.len())?;
                Ok(items.iter().any(|item| needle.is_same(&Value::of_json(item))))
            }
            Value::Made(made) if !made.fold => {
                self.spend(made.items.len())?;
                Ok(made.items.iter().any(|item| needle.is_same(item)))
            }
            other => Err(wrong_kind("in", 2, "an array", &other)),
        }
    }

    /// Two or three operands in order: `a < b` and `b < c`. All are evaluated and checked first.
    fn chain<'d, T>(
        &mut self,
        operands: &'d [Expr],
        scope: Scope<'_, 'd>,
        order: Order,
        read: impl Fn(usize, &Value<'d>) -> Result<T, EvaluationError>,
        compare: impl Fn(&T, &T) -> Option<Ordering>,
    ) -> Result<Value<'d>, EvaluationError> {
        let mut holds = true;
        let mut before: Option<T> = None;
        for (position, operand) in operands.iter().enumerate() {
            let value = read(position + 1, &self.value(operand, scope)?)?;
            if let Some(before) = &before {
                let ordering = compare(before, &value);
                // An invalid date-time has no order, and every comparison with it is false.
                holds &= ordering.is_some_and(|ordering| match order {
                    Order::Less => ordering.is_lt(),
                    Order::Greater => ordering.is_gt(),
                    Order::LessOrEqual => ordering.is_le(),
                    Order::GreaterOrEqual => ordering.is_ge(),
                });
            }
            before = Some(value);
        }
        Ok(Value::Bool(holds))
    }

    fn reduce<'d>(&mut self, operands: &'d [Expr; 3], scope: Scope<'_, 'd>) -> Result<Value<'d>, EvaluationError> {
        let [list, lambda, first] = operands;
        let list = self.value(list, scope)?;
        let count = match &list {
            Value::Null => 0,
            Value::Json(Json::Array(items)) => items.len(),
            Value::Codes(codes) => codes.codes().len(),
            Value::Made(made) if !made.fold => made.items.len(),
            other => return Err(wrong_kind("reduce", 1, "an array or null", other)),
        };
        let mut accumulator = self.value(first, scope)?;
        for position in 0..count {
            let current = match &list {
                Value::Json(Json::Array(items)) => items.get(position).map(Value::of_json),
                Value::Codes(codes) => codes.codes().get(position).map(|code| Value::Text(code)),
                Value::Made(made) => made.items.get(position).cloned(),
                _ => None,
            };
            let current = current.unwrap_or(Value::Null);
            accumulator = self.value(lambda, Scope::Fold(&accumulator, &current))?;
        }
        Ok(accumulator)
    }
}

fn access<'d>(path: &Path, scope: Scope<'_, 'd>) -> Result<Value<'d>, EvaluationError> {
    let mut fragments = path.fragments.iter();
    let mut value = match scope {
        Scope::Json(data) => Value::of_json(data),
        Scope::Facts(facts) => Value::Facts(facts),
        Scope::Fold(accumulator, current) => match fragments.next().map(|first| &*first.key) {
            Some("accumulator") => accumulator.clone(),
            Some("current") => current.clone(),
            Some(_) => return Ok(Value::Null),
            None => {
                let both = vec![accumulator.clone(), current.clone()];
                Value::made(both, true).ok_or(EvaluationError::TooLarge)?
            }
        },
    };
    for fragment in fragments {
        value = value.step(fragment);
    }
    Ok(value)
}

fn wrong_kind(operator: &'static str, operand: usize, wanted: &'static str, found: &Value<'_>) -> EvaluationError {
    EvaluationError::WrongKind { operator, operand, wanted, found: found.kind() }
}

fn condition(operator: &'static str, value: &Value<'_>) -> Result<bool, EvaluationError> {
    value.truthiness().ok_or(EvaluationError::NotACondition { operator, found: value.kind() })
}

fn integer(operator: &'static str, operand: usize, value: &Value<'_>) -> Result<f64, EvaluationError> {
    match value {
        Value::Number(number) if number.fract() == 0.0 => Ok(*number),
        other => Err(wrong_kind(operator, operand, "an integer", other)),
    }
}

fn text<'d>(operator: &'static str, value: &Value<'d>) -> Result<&'d str, EvaluationError> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(wrong_kind(operator, 1, "a text", other)),
    }
}

/// The part of a UVCI at an index, between `/`, `#` and `:`, without the optional prefix (eHealth Network,
/// interoperability of vaccination certificates, annex 2; CertLogic 1.3.3, `extractFromUVCI`).
fn uvci_part(uvci: &str, index: i64) -> Option<&str> {
    let index = usize::try_from(index).ok()?;
    uvci.strip_prefix("URN:UVCI:").unwrap_or(uvci).split(['/', '#', ':']).nth(index)
}
