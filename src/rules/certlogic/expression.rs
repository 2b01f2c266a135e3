//! The compiled form of an expression: JSON read once into a typed tree, with everything that does not depend on
//! the data done in advance (paths split, literal dates parsed, lists of literals hashed).
//!
//! Reading never refuses a malformed part: as in the reference implementation an operand that is never reached
//! does no harm, and one that is reached is an evaluation error. [`super::validate`] tells the author.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::{
    format::{Problem, arity, is_integer},
    path::Path,
    time::{Moment, TimeUnit},
    value::{integer, json_number},
};
use crate::limits::{RULE_DEPTH, RULE_EXPRESSIONS};

/// Order that a comparison asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Bool(bool),
    Number(f64),
    Text(Box<str>),
    Array(Vec<Expr>),
    Var(Path),
    If(Box<[Expr; 3]>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Same(Box<[Expr; 2]>),
    In(Box<In>),
    Plus(Box<[Expr; 2]>),
    Compare { operator: &'static str, order: Order, operands: Vec<Expr> },
    CompareTimes { operator: &'static str, order: Order, operands: Vec<Expr> },
    PlusTime(Box<PlusTime>),
    DateOfBirth(Box<Expr>),
    UvciPart(Box<(Expr, i64)>),
    Reduce(Box<[Expr; 3]>),
    Malformed(Box<Malformed>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct In {
    pub(super) needle: Expr,
    pub(super) list: Expr,
    /// The list, where it is made of literal texts only.
    pub(super) literal: Option<Texts>,
}

/// Literal texts of a list: a few are faster compared one by one than hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Texts {
    Few(Box<[Box<str>]>),
    Many(HashSet<Box<str>>),
}

impl Texts {
    pub(super) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.iter().any(|known| **known == *text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlusTime {
    pub(super) operand: Expr,
    pub(super) amount: i64,
    pub(super) unit: TimeUnit,
    /// The result, where the operand is a literal date.
    pub(super) literal: Option<Moment>,
}

/// A part that is no expression, as it stands in the rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Malformed {
    pub(super) source: Json,
    pub(super) problem: Problem,
}

/// Reads an expression.
///
/// # Errors
/// [`Problem::TooDeep`] or [`Problem::TooLarge`]; everything else becomes part of the tree.
pub(super) fn compile(source: &Json) -> Result<Expr, Problem> {
    Compiler { expressions: 0 }.expression(source, 0)
}

struct Compiler {
    expressions: usize,
}

impl Compiler {
    fn expression(&mut self, source: &Json, depth: usize) -> Result<Expr, Problem> {
        self.expressions += 1;
        if depth >= RULE_DEPTH {
            return Err(Problem::TooDeep);
        }
        if self.expressions > RULE_EXPRESSIONS {
            return Err(Problem::TooLarge);
        }
        let malformed = |problem| Ok(Expr::Malformed(Box::new(Malformed { source: source.clone(), problem })));
        Ok(match source {
            Json::Null => return malformed(Problem::NotAnExpression),
            Json::Bool(value) => Expr::Bool(*value),
            Json::String(text) => Expr::Text(text.as_str().into()),
            Json::Number(number) => match number.as_f64().filter(|_| is_integer(source)) {
                Some(integer) => Expr::Number(integer),
                None => return malformed(Problem::NotAnInteger { number: number.to_string() }),
            },
            Json::Array(items) => Expr::Array(self.all(items, depth + 1)?),
            Json::Object(map) => {
                let mut entries = map.iter();
                let (Some((operator, operands)), None) = (entries.next(), entries.next()) else {
                    bounded(source, depth)?;
                    return malformed(Problem::KeyCount { count: map.len() });
                };
                match self.operation(operator, operands, depth + 2)? {
                    Ok(expression) => expression,
                    Err(problem) => {
                        bounded(source, depth)?;
                        return malformed(problem);
                    }
                }
            }
        })
    }

    fn all(&mut self, items: &[Json], depth: usize) -> Result<Vec<Expr>, Problem> {
        items.iter().map(|item| self.expression(item, depth)).collect()
    }

    fn two(&mut self, a: &Json, b: &Json, depth: usize) -> Result<Box<[Expr; 2]>, Problem> {
        Ok(Box::new([self.expression(a, depth)?, self.expression(b, depth)?]))
    }

    fn three(&mut self, [a, b, c]: [&Json; 3], depth: usize) -> Result<Box<[Expr; 3]>, Problem> {
        Ok(Box::new([self.expression(a, depth)?, self.expression(b, depth)?, self.expression(c, depth)?]))
    }

    /// The outer error ends the reading, the inner one makes this operation malformed.
    fn operation(&mut self, name: &str, operands: &Json, depth: usize) -> Result<Result<Expr, Problem>, Problem> {
        if name == "var" {
            return Ok(operands.as_str().map(|path| Expr::Var(Path::parse(path))).ok_or(Problem::NotAPath));
        }
        let Some(operands) = operands.as_array().filter(|operands| !operands.is_empty()) else {
            return Ok(Err(Problem::NotAnOperation));
        };
        let Some((operator, least, most, wanted)) = arity(name) else {
            return Ok(Err(Problem::UnknownOperator { operator: name.to_owned() }));
        };
        // The reference implementation counts the operands of infix operators; of the others it takes the first.
        let takes_first = ["if", "!", "plusTime", "reduce", "extractFromUVCI", "dccDateOfBirth"].contains(&operator);
        let wrong_count = Problem::OperandCount { operator, wanted, found: operands.len() };
        if operands.len() < least || (operands.len() > most && !takes_first) {
            return Ok(Err(wrong_count));
        }
        let order = match operator {
            "<" | "before" => Some(Order::Less),
            ">" | "after" => Some(Order::Greater),
            "<=" | "not-after" => Some(Order::LessOrEqual),
            ">=" | "not-before" => Some(Order::GreaterOrEqual),
            _ => None,
        };
        Ok(Ok(match (operator, operands.as_slice()) {
            ("<" | ">" | "<=" | ">=", all) => match order {
                Some(order) => Expr::Compare { operator, order, operands: self.all(all, depth)? },
                None => return Ok(Err(wrong_count)),
            },
            ("before" | "after" | "not-before" | "not-after", all) => match order {
                Some(order) => Expr::CompareTimes { operator, order, operands: self.all(all, depth)? },
                None => return Ok(Err(wrong_count)),
            },
            ("and", all) => Expr::And(self.all(all, depth)?),
            ("if", [guard, then, otherwise, ..]) => Expr::If(self.three([guard, then, otherwise], depth)?),
            ("reduce", [list, lambda, first, ..]) => Expr::Reduce(self.three([list, lambda, first], depth)?),
            ("!", [operand, ..]) => Expr::Not(Box::new(self.expression(operand, depth)?)),
            ("dccDateOfBirth", [operand, ..]) => Expr::DateOfBirth(Box::new(self.expression(operand, depth)?)),
            ("===", [left, right]) => Expr::Same(self.two(left, right, depth)?),
            ("+", [left, right]) => Expr::Plus(self.two(left, right, depth)?),
            ("in", [needle, list]) => {
                let needle = self.expression(needle, depth)?;
                let list = self.expression(list, depth)?;
                let literal = literal_texts(&list);
                Expr::In(Box::new(In { needle, list, literal }))
            }
            ("plusTime", [operand, amount, unit, ..]) => {
                let Some(amount) = literal_integer(amount) else {
                    return Ok(Err(Problem::IntegerWanted { operator, operand: 2 }));
                };
                let Some(unit) = unit.as_str().and_then(TimeUnit::of_name) else {
                    return Ok(Err(Problem::UnitWanted));
                };
                let operand = self.expression(operand, depth)?;
                let literal = match &operand {
                    Expr::Text(text) => Moment::parse(text).map(|moment| moment.plus(amount, unit)),
                    _ => None,
                };
                Expr::PlusTime(Box::new(PlusTime { operand, amount, unit, literal }))
            }
            ("extractFromUVCI", [operand, index, ..]) => match literal_integer(index) {
                Some(index) => Expr::UvciPart(Box::new((self.expression(operand, depth)?, index))),
                None => return Ok(Err(Problem::IntegerWanted { operator, operand: 2 })),
            },
            _ => return Ok(Err(wrong_count)),
        }))
    }
}

fn literal_integer(source: &Json) -> Option<i64> {
    source.as_i64().or_else(|| source.as_f64().filter(|_| is_integer(source)).map(integer))
}

fn literal_texts(list: &Expr) -> Option<Texts> {
    const FEW: usize = 8;
    let Expr::Array(items) = list else { return None };
    let texts = items.iter().map(|item| if let Expr::Text(text) = item { Some(text.clone()) } else { None });
    Some(if items.len() <= FEW {
        Texts::Few(texts.collect::<Option<_>>()?)
    } else {
        Texts::Many(texts.collect::<Option<_>>()?)
    })
}

/// A malformed part is kept as it stands, so it must not nest deeper than what is read.
fn bounded(source: &Json, depth: usize) -> Result<(), Problem> {
    if depth >= RULE_DEPTH {
        return Err(Problem::TooDeep);
    }
    match source {
        Json::Array(items) => items.iter().try_for_each(|item| bounded(item, depth + 1)),
        Json::Object(map) => map.values().try_for_each(|item| bounded(item, depth + 1)),
        _ => Ok(()),
    }
}

impl Expr {
    /// The expression as JSON. What was read without format errors comes out as it went in.
    pub(super) fn to_json(&self) -> Json {
        let all = |operands: &[Self]| operands.iter().map(Self::to_json).collect::<Vec<_>>();
        let (operator, operands) = match self {
            Self::Bool(value) => return Json::Bool(*value),
            Self::Number(number) => return json_number(*number),
            Self::Text(text) => return Json::from(&**text),
            Self::Array(items) => return Json::Array(all(items)),
            Self::Var(path) => return Json::from_iter([("var", &*path.text)]),
            Self::Malformed(malformed) => return malformed.source.clone(),
            Self::If(operands) => ("if", all(&**operands)),
            Self::And(operands) => ("and", all(operands)),
            Self::Not(operand) => ("!", vec![operand.to_json()]),
            Self::Same(operands) => ("===", all(&**operands)),
            Self::In(operands) => ("in", vec![operands.needle.to_json(), operands.list.to_json()]),
            Self::Plus(operands) => ("+", all(&**operands)),
            Self::Compare { operator, operands, .. } | Self::CompareTimes { operator, operands, .. } => {
                (*operator, all(operands))
            }
            Self::PlusTime(operands) => {
                ("plusTime", vec![operands.operand.to_json(), operands.amount.into(), operands.unit.name().into()])
            }
            Self::DateOfBirth(operand) => ("dccDateOfBirth", vec![operand.to_json()]),
            Self::UvciPart(operands) => ("extractFromUVCI", vec![operands.0.to_json(), operands.1.into()]),
            Self::Reduce(operands) => ("reduce", all(&**operands)),
        };
        Json::Object(Map::from_iter([(operator.to_owned(), Json::Array(operands))]))
    }
}
