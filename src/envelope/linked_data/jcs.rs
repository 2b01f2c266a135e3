//! JSON Canonicalization Scheme (RFC 8785), as far as signed documents of the field need it: everything but
//! numbers that are not exact integers, which are refused by name instead of being written in a guess of
//! ECMAScript's form.

use serde_json::Value;

use crate::limits::JSON_DEPTH;

/// Largest integer that every JSON reader holds exactly (RFC 7493 section 2.2).
const EXACT: u64 = (1 << 53) - 1;

/// Why a JSON value has no canonical form here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JcsError {
    /// A fraction, an exponent or an integer beyond 2⁵³ − 1.
    #[error("a number in the signed JSON is not an integer of at most 53 bits; ask the issuer to write it as text")]
    Number,
    /// Nested deeper than the bound.
    #[error("the signed JSON is nested more than {limit} levels deep")]
    Depth {
        /// The bound.
        limit: usize,
    },
}

/// Appends the canonical form of `value` to `out`.
///
/// # Errors
/// [`JcsError`] for a number that has no one exact form, and for nesting beyond [`JSON_DEPTH`].
pub fn write(value: &Value, out: &mut String) -> Result<(), JcsError> {
    nested(value, JSON_DEPTH, out)
}

fn nested(value: &Value, levels: usize, out: &mut String) -> Result<(), JcsError> {
    let deeper = || levels.checked_sub(1).ok_or(JcsError::Depth { limit: JSON_DEPTH });
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let exact = number.as_i64().is_some_and(|n| n.unsigned_abs() <= EXACT);
            if !exact {
                return Err(JcsError::Number);
            }
            out.push_str(&number.to_string());
        }
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            let levels = deeper()?;
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                nested(item, levels, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let levels = deeper()?;
            let mut members: Vec<_> = members.iter().collect();
            // By UTF-16 code units (section 3.2.3), which beyond the basic plane is another order than UTF-8's.
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (position, (name, member)) in members.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                nested(member, levels, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(position) = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, from) = rest.split_at_checked(position).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = from.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(control) => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn canonical(value: &Value) -> String {
        let mut out = String::new();
        write(value, &mut out).unwrap();
        out
    }

    #[test]
    fn members_are_sorted_by_utf_16() {
        // RFC 8785 section 3.2.3: the example of the specification (without its comment values).
        let value = json!({"€": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "😀": 5, "\u{80}": 6, "ö": 7});
        assert_eq!(canonical(&value), "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn text_is_escaped_as_little_as_possible() {
        let value = json!(["\u{20ac}$\u{f}\nA'B\"\\\\\"/\u{7f}", null, true, false, -5, {}]);
        assert_eq!(canonical(&value), "[\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\",null,true,false,-5,{}]");
    }

    #[test]
    fn numbers_without_one_exact_form_are_refused() {
        for number in [json!(1.5), json!(9_007_199_254_740_992_u64), json!(-9_007_199_254_740_992_i64), json!(1e300)] {
            assert_eq!(write(&json!({"n": number}), &mut String::new()), Err(JcsError::Number));
        }
        assert_eq!(canonical(&json!(9_007_199_254_740_991_u64)), "9007199254740991");
    }

    #[test]
    fn nesting_is_bounded() {
        let mut value = json!(1);
        for _ in 0..JSON_DEPTH {
            value = json!([value]);
        }
        assert!(write(&value, &mut String::new()).is_ok());
        assert_eq!(write(&json!([value]), &mut String::new()), Err(JcsError::Depth { limit: JSON_DEPTH }));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_the_same_value(value in any_json()) {
            let text = canonical(&value);
            prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
            prop_assert_eq!(canonical(&serde_json::from_str(&text).unwrap()), text);
        }
    }
}
