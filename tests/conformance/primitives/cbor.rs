//! Appendix A of RFC 7049 (the same in RFC 8949): every encoding is read as it says, or refused for a reason
//! that stands here.

use serde_json::Value as Json;
use vaccert::envelope::hcert::cbor::{CborError, Value};

use super::file;
use crate::workshop::unhex;

/// What our reader does otherwise, on purpose: encoding, what comes out, why.
const OTHERWISE: &[(&str, Otherwise, &str)] = &[
    ("1bffffffffffffffff", Otherwise::Nearest(18_446_744_073_709_551_615.0), "beyond 64 bits signed: nearest float"),
    ("3bffffffffffffffff", Otherwise::Nearest(-18_446_744_073_709_551_616.0), "beyond 64 bits signed: nearest float"),
    ("c249010000000000000000", Otherwise::Tagged(2), "a bignum stays a tagged byte string: no claim of ours is one"),
    ("c349010000000000000000", Otherwise::Tagged(3), "a bignum stays a tagged byte string: no claim of ours is one"),
    ("f7", Otherwise::Null, "undefined is what some issuers write for null"),
    ("f0", Otherwise::Refused, "an unassigned simple value means nothing in a certificate"),
    ("f818", Otherwise::Refused, "a reserved simple value (RFC 8949 section 3.3: not well-formed)"),
    ("f8ff", Otherwise::Refused, "an unassigned simple value means nothing in a certificate"),
];

#[derive(Debug, Clone, Copy)]
enum Otherwise {
    Nearest(f64),
    Tagged(u64),
    Null,
    Refused,
}

#[test]
fn appendix_a_is_read_as_it_says() {
    let Some(cases) = file("cbor-test-vectors/appendix_a.json") else { return };
    let (mut decoded, mut diagnostic, mut otherwise) = (0, 0, 0);
    for case in cases.as_array().unwrap() {
        let hex = case["hex"].as_str().unwrap();
        let bytes = unhex(hex);
        let read = Value::read(&bytes);
        if let Some((_, outcome, reason)) = OTHERWISE.iter().find(|(known, ..)| *known == hex) {
            otherwise += 1;
            match (outcome, &read) {
                (Otherwise::Nearest(expected), Ok(Value::BigInt(found))) => assert_eq!(expected, found, "{reason}"),
                (Otherwise::Tagged(tag), Ok(Value::Tag(found, inner))) => {
                    assert_eq!(tag, found, "{reason}");
                    assert!(inner.as_bytes().is_some());
                }
                (Otherwise::Null, Ok(value)) => assert_eq!(*value, Value::Null, "{reason}"),
                (Otherwise::Refused, Err(CborError::Malformed { .. })) => {}
                _ => panic!("{hex}: {reason}, but it is read as {read:?}"),
            }
            continue;
        }
        let value = read.unwrap_or_else(|e| panic!("{hex}: {e}"));
        if let Some(expected) = case.get("decoded") {
            assert!(same(&value, expected), "{hex}: {value:?} is not {expected}");
            decoded += 1;
        } else {
            let expected = case["diagnostic"].as_str().unwrap();
            assert_eq!(notation(&value), whole(expected), "{hex}");
            diagnostic += 1;
        }
    }
    println!("{decoded} by value, {diagnostic} by diagnostic notation, {otherwise} otherwise on purpose");
    assert_eq!(decoded + diagnostic + otherwise, 82);
    assert_eq!(otherwise, OTHERWISE.len());
}

/// Diagnostic notation without the marks of indefinite length, which a tree does not keep.
fn whole(notation: &str) -> String {
    match notation {
        "(_ h'0102', h'030405')" => "h'0102030405'".to_owned(),
        other => other.replace("[_ ", "[").replace("{_ ", "{"),
    }
}

/// Equal, with floats compared as numbers.
fn same(value: &Value<'_>, expected: &Json) -> bool {
    match (value, expected) {
        (Value::Float(found), Json::Number(number)) => number.as_f64() == Some(*found),
        (Value::Array(found), Json::Array(items)) => {
            found.len() == items.len() && found.iter().zip(items).all(|(a, b)| same(a, b))
        }
        (Value::Map(found), Json::Object(entries)) => {
            found.len() == entries.len()
                && found.iter().all(|(key, value)| {
                    let entry = key.as_text().and_then(|key| entries.get(key));
                    entry.is_some_and(|entry| same(value, entry))
                })
        }
        _ => value.to_json() == *expected,
    }
}

/// Diagnostic notation (RFC 8949 section 8), as far as the cases without a JSON value need it.
fn notation(value: &Value<'_>) -> String {
    match value {
        Value::Int(n) => n.to_string(),
        Value::Float(f) if f.is_nan() => "NaN".to_owned(),
        Value::Float(f) if f.is_infinite() => if *f > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Value::Float(f) => format!("{f:?}"),
        Value::BigInt(f) => format!("{f:?}"),
        Value::Bytes(bytes) => {
            format!("h'{}'", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
        }
        Value::Text(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", items.iter().map(notation).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entry = |(k, v): &(Value<'_>, Value<'_>)| format!("{}: {}", notation(k), notation(v));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Tag(tag, inner) => format!("{tag}({})", notation(inner)),
        Value::Bool(b) => b.to_string(),
        Value::Null => "null".to_owned(),
    }
}
