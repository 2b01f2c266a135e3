//! Values that an expression evaluates to, borrowed from the rule and the data wherever they stand there, so
//! that judging a certificate copies no JSON.

use std::{fmt, rc::Rc, sync::LazyLock};

use serde_json::{Map, Value as Json};

use super::{path::Fragment, time::Moment};
use crate::{
    limits::{RULE_VALUE_DEPTH, RULE_VALUES},
    rules::codes::{CodeList, CodeLists},
};

/// What a rule knows besides the payload, under the names of the data context of EU DCC business rules
/// ("external parameters"). Absent ones are `null` to a rule.
#[derive(Clone)]
pub struct External<'d> {
    /// Time of verification, ISO 8601 with offset.
    pub validation_clock: String,
    /// Value sets, each a list of its codes.
    pub value_sets: &'d CodeLists,
    /// Country of arrival, ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Day on which the certificate expires, in UTC.
    pub exp: Option<String>,
    /// Day on which the certificate was issued, in UTC.
    pub iat: Option<String>,
    /// Country of the issuer.
    pub issuer_country_code: Option<String>,
    /// Key identifier, base64.
    pub kid: Option<String>,
    /// Region of arrival, empty for the whole country.
    pub region: String,
}

/// The data of one certificate: its payload and what is known beside it.
pub struct Facts<'d> {
    /// The DCC payload (`hcert`) as JSON.
    pub payload: &'d Json,
    /// Everything under `external`.
    pub external: External<'d>,
}

/// Names of the fields of `external`, in the order in which they are printed.
const EXTERNAL: [&str; 8] =
    ["validationClock", "valueSets", "countryCode", "exp", "iat", "issuerCountryCode", "kid", "region"];

impl<'d> External<'d> {
    fn field(&'d self, name: &str) -> Value<'d> {
        let text = match name {
            "valueSets" => return Value::ValueSets(self.value_sets),
            "validationClock" => Some(&self.validation_clock),
            "countryCode" => Some(&self.country_code),
            "region" => Some(&self.region),
            "exp" => self.exp.as_ref(),
            "iat" => self.iat.as_ref(),
            "issuerCountryCode" => self.issuer_country_code.as_ref(),
            "kid" => self.kid.as_ref(),
            _ => None,
        };
        text.map_or(Value::Null, |text| Value::Text(text))
    }
}

/// A value. Its `{:?}` names the kind only, since values are people's data.
#[derive(Clone)]
pub enum Value<'d> {
    /// Nothing there.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as JavaScript keeps it.
    Number(f64),
    /// A text.
    Text(&'d str),
    /// A date-time, which only `plusTime` and `dccDateOfBirth` make.
    DateTime(Moment),
    /// An array or object of the data.
    Json(&'d Json),
    /// The whole data of a certificate.
    Facts(&'d Facts<'d>),
    /// `external`.
    External(&'d External<'d>),
    /// `external.valueSets`.
    ValueSets(&'d CodeLists),
    /// One value set.
    Codes(&'d CodeList),
    /// An array or object that the rule made.
    Made(Rc<Made<'d>>),
}

/// An array, or the data that the lambda of `reduce` sees, made while a rule runs.
pub struct Made<'d> {
    /// Values in order; for a fold, accumulator and current value.
    pub(super) items: Vec<Value<'d>>,
    /// Whether this is the data of a `reduce` and not an array.
    pub(super) fold: bool,
    depth: u32,
    size: u32,
}

static EMPTY_OBJECT: LazyLock<Json> = LazyLock::new(|| Json::Object(Map::new()));

impl<'d> Value<'d> {
    pub(super) fn of_json(json: &'d Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
            Json::String(text) => Self::Text(text),
            Json::Array(_) | Json::Object(_) => Self::Json(json),
        }
    }

    /// Bundles values made by a rule; `None` when they nest too deep or are too many.
    pub(super) fn made(items: Vec<Value<'d>>, fold: bool) -> Option<Self> {
        let (mut depth, mut size) = (0, 1_u32);
        for item in &items {
            let (inner, count) = match item {
                Self::Made(made) => (made.depth, made.size),
                _ => (0, 1),
            };
            depth = depth.max(inner);
            size = size.saturating_add(count);
        }
        depth += 1;
        (depth <= RULE_VALUE_DEPTH && size <= RULE_VALUES)
            .then(|| Self::Made(Rc::new(Made { items, fold, depth, size })))
    }

    /// One step of `var`. Whatever is not there is `null`.
    pub(super) fn step(&self, fragment: &Fragment) -> Self {
        let key: &str = &fragment.key;
        match self {
            Self::Json(Json::Object(map)) => match map.get(key) {
                Some(value) => Self::of_json(value),
                // The reference implementation looks names up in JavaScript objects, which have this one.
                None if key == "__proto__" => Self::Json(&EMPTY_OBJECT),
                None => Self::Null,
            },
            Self::Json(Json::Array(items)) => match fragment.position {
                Some(position) => items.get(position).map_or(Self::Null, Self::of_json),
                None => Self::length(key, items.len()),
            },
            Self::Text(text) => match fragment.position {
                Some(position) => unit(text, position).map_or(Self::Null, Self::Text),
                None if key == "length" => Self::length(key, text.encode_utf16().count()),
                None => Self::Null,
            },
            Self::Facts(facts) => match key {
                "payload" => Self::of_json(facts.payload),
                "external" => Self::External(&facts.external),
                _ => Self::Null,
            },
            Self::External(external) => external.field(key),
            Self::ValueSets(sets) => sets.get(key).map_or(Self::Null, Self::Codes),
            Self::Codes(list) => match fragment.position {
                Some(position) => list.codes().get(position).map_or(Self::Null, |code| Self::Text(code)),
                None => Self::length(key, list.codes().len()),
            },
            Self::Made(made) => match (made.fold, fragment.position) {
                (false, Some(position)) => made.items.get(position).cloned().unwrap_or(Self::Null),
                (false, None) => Self::length(key, made.items.len()),
                (true, _) => match (key, made.items.as_slice()) {
                    ("accumulator", [accumulator, _]) => accumulator.clone(),
                    ("current", [_, current]) => current.clone(),
                    _ => Self::Null,
                },
            },
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::DateTime(_) | Self::Json(_) => Self::Null,
        }
    }

    fn length(key: &str, length: usize) -> Self {
        // Lengths of what fits into memory here are far below the 2^32 that a double takes exactly.
        if key == "length" { u32::try_from(length).map_or(Self::Null, |n| Self::Number(n.into())) } else { Self::Null }
    }

    /// Truthy, falsy or, for a date-time, neither (CertLogic 1.3.3, "Truthy and falsy values").
    #[must_use]
    pub fn truthiness(&self) -> Option<bool> {
        Some(match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::DateTime(_) => return None,
            Self::Json(Json::Array(items)) => !items.is_empty(),
            Self::Json(Json::Object(map)) => !map.is_empty(),
            Self::Codes(list) => !list.codes().is_empty(),
            Self::ValueSets(sets) => !sets.is_empty(),
            Self::Made(made) => !made.items.is_empty(),
            Self::Json(_) | Self::Facts(_) | Self::External(_) => true,
        })
    }

    /// `===`: scalars by value without any conversion, arrays and objects by identity, date-times never.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Json(a), Self::Json(b)) => std::ptr::eq(*a, *b),
            (Self::Facts(_), Self::Facts(_)) | (Self::External(_), Self::External(_)) => true,
            (Self::ValueSets(_), Self::ValueSets(_)) => true,
            (Self::Codes(a), Self::Codes(b)) => std::ptr::eq(*a, *b),
            (Self::Made(a), Self::Made(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// What kind of value this is, for error messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(number) if number.fract() == 0.0 => "an integer",
            Self::Number(_) => "a number with a fraction",
            Self::Text(_) => "a text",
            Self::DateTime(_) => "a date-time",
            Self::Json(Json::Array(_)) | Self::Codes(_) => "an array",
            Self::Made(made) if !made.fold => "an array",
            Self::Json(_) | Self::Facts(_) | Self::External(_) | Self::ValueSets(_) | Self::Made(_) => "an object",
        }
    }

    /// The value as JSON; a date-time becomes text as JavaScript writes it, an invalid one `null`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => json_number(*number),
            Self::Text(text) => Json::from(*text),
            Self::DateTime(moment) => match moment.milliseconds() {
                Some(_) => Json::from(moment.to_string()),
                None => Json::Null,
            },
            Self::Json(json) => (*json).clone(),
            Self::Facts(facts) => Json::from_iter([
                ("payload", facts.payload.clone()),
                ("external", Value::External(&facts.external).to_json()),
            ]),
            Self::External(external) => EXTERNAL
                .into_iter()
                .map(|name| (name, external.field(name).to_json()))
                .filter(|(_, value)| !value.is_null())
                .collect(),
            Self::ValueSets(sets) => {
                sets.sorted().into_iter().map(|(id, list)| (id, Value::Codes(list).to_json())).collect()
            }
            Self::Codes(list) => list.codes().iter().map(String::as_str).collect(),
            Self::Made(made) if made.fold => {
                ["accumulator", "current"].into_iter().zip(made.items.iter().map(Value::to_json)).collect()
            }
            Self::Made(made) => made.items.iter().map(Value::to_json).collect(),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A number as JSON, integers without a decimal point.
pub(super) fn json_number(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let integer = (number.fract() == 0.0 && number.abs() <= EXACT).then(|| integer(number));
    integer.map_or_else(|| Json::from(number), Json::from)
}

/// An integral double as integer, saturating.
pub(super) fn integer(number: f64) -> i64 {
    let limit = if number < 0.0 { i64::MIN } else { i64::MAX };
    // There is no conversion of a double that the lints of this crate allow; this runs once a literal.
    format!("{number:.0}").parse().unwrap_or(limit)
}

/// The UTF-16 unit of a text at a position, as text. Half of a character beyond the basic plane is no text; the
/// replacement character stands for it, which no code has.
fn unit(text: &str, position: usize) -> Option<&str> {
    let mut units = 0;
    for (start, c) in text.char_indices() {
        if position < units + c.len_utf16() {
            let whole = text.get(start..start + c.len_utf8())?;
            return Some(if c.len_utf16() == 1 { whole } else { "\u{fffd}" });
        }
        units += c.len_utf16();
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::path::Path, *};

    fn at(data: &Json, path: &str) -> Json {
        Path::parse(path).fragments.iter().fold(Value::of_json(data), |value, step| value.step(step)).to_json()
    }

    #[test]
    fn texts_and_arrays_have_positions_and_lengths() {
        let data = json!({"s": "a\u{e9}\u{1f489}b", "l": [1, [2, 3]], "length": 9});
        for (path, expected) in [
            ("s.length", json!(5)),
            ("s.1", json!("\u{e9}")),
            ("s.2", json!("\u{fffd}")),
            ("s.4", json!("b")),
            ("s.5", json!(null)),
            ("s.name", json!(null)),
            ("l.length", json!(2)),
            ("l.1.0", json!(2)),
            ("l.-1", json!(null)),
            ("l.x", json!(null)),
            ("length", json!(9)),
            ("l.0.deep.deeper", json!(null)),
        ] {
            assert_eq!(at(&data, path), expected, "{path}");
        }
    }

    #[test]
    fn what_a_rule_makes_is_bounded() {
        let mut value = Value::Null;
        let mut count = 0;
        while let Some(next) = Value::made(vec![value.clone(), value.clone()], false) {
            value = next;
            count += 1;
        }
        assert!((10..=RULE_VALUE_DEPTH).contains(&count), "{count}");
        assert!(value.to_json().to_string().len() < 100_000);
        assert!(Value::made(vec![Value::Null; 20_000], false).is_none());
    }

    #[test]
    fn debug_shows_no_data() {
        let data = json!("1990-01-01");
        assert_eq!(format!("{:?}", Value::of_json(&data)), "a text");
    }

    #[test]
    fn numbers_print_as_javascript_prints_them() {
        for (number, text) in [(1.0, "1"), (-0.0, "0"), (1.5, "1.5"), (-7.0, "-7"), (9e15, "9000000000000000")] {
            assert_eq!(json_number(number).to_string(), text);
        }
        assert_eq!(integer(1e300), i64::MAX);
        assert_eq!(integer(-1e300), i64::MIN);
    }
}
