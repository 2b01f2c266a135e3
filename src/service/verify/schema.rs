//! JSON Schemas (2020-12) of what verification takes and gives. They are written by hand because the verdict's own
//! types stand on a floor that knows nothing of HTTP; tests hold real verdicts against them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    limits::{VERIFY_CODES, VERIFY_PICTURE_BYTES},
    verify::words::{CheckName, Language},
};

macro_rules! schemas {
    ($($(#[$about:meta])* $name:ident $inline:literal = |$generator:ident| $schema:expr;)*) => { $(
        $(#[$about])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                $inline
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )* };
}

fn languages() -> Vec<&'static str> {
    Language::ALL.into_iter().map(Language::code).collect()
}

schemas! {
    /// ISO 3166-1 alpha-2.
    CountryCode true = |_generator| json_schema!({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["XX"]});
    /// Region of a country.
    Region true = |_generator| json_schema!({"type": "string", "pattern": "^[A-Za-z0-9]{1,5}$"});
    /// RFC 3339.
    Time true = |_generator| json_schema!({"type": "string", "format": "date-time"});
    /// Language of words.
    Lang true = |_generator| json_schema!({"type": "string", "enum": languages()});
    /// Several codes with options.
    Several false = |generator| json_schema!({
        "type": "object",
        "required": ["codes"],
        "additionalProperties": false,
        "properties": {
            "codes": {"type": "array", "minItems": 1, "maxItems": VERIFY_CODES, "items": {"oneOf": [
                {"type": "string", "description": "Text of a code"},
                {"type": "object", "required": ["base64"], "additionalProperties": false, "properties": {
                    "base64": {"type": "string", "contentEncoding": "base64", "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
                               "description": "A code that is no text (DIVOC)"}}}]}},
            "country": generator.subschema_for::<CountryCode>(),
            "region": generator.subschema_for::<Region>(),
            "at": generator.subschema_for::<Time>(),
            "rules": {"type": "boolean"},
            "explain": {"type": "boolean"},
            "lang": generator.subschema_for::<Lang>(),
            "payload": {"type": "boolean"}
        },
        "examples": [{"codes": ["HC1:6BF+70790T9WJWG.FKY*4GO0"], "country": "XX", "explain": true, "lang": "en"}]
    });
    /// A picture or PDF in a form.
    Upload false = |_generator| json_schema!({
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary", "maxLength": VERIFY_PICTURE_BYTES,
                                "description": "PNG, JPEG or PDF"}}
    });
    /// A verdict, or a list of them.
    Answer false = |generator| json_schema!({
        "oneOf": [generator.subschema_for::<Verdict>(),
                  {"type": "array", "items": generator.subschema_for::<Verdict>()}]
    });
    /// The outcome of one check.
    CheckResult false = |_generator| json_schema!({
        "enum": ["passed", "failed", "open", "no-rules", "unchecked"],
        "description": "A check that did not run is unchecked, never passed"
    });
    /// The object of the interface document.
    Verdict false = |generator| {
        let check = generator.subschema_for::<CheckResult>();
        let checks = CheckName::ALL.map(CheckName::code);
        let outcomes: serde_json::Map<String, serde_json::Value> =
            checks.iter().map(|name| ((*name).to_owned(), check.clone().to_value())).collect();
        let text = || serde_json::json!({"type": "string"});
        let maybe = || serde_json::json!({"type": ["string", "null"]});
        json_schema!({
            "type": "object",
            "required": ["verdict", "reason", "format", "kind", "checks", "warnings", "issuer", "rules"],
            "properties": {
                "verdict": {"enum": ["accepted", "rejected", "undecided"], "description": "undecided is never green"},
                "reason": {"type": ["string", "null"], "description": "The decisive reason code; null when accepted"},
                "format": {"enum": ["eu-dcc", "ddcc", "icvp", "divoc", "shc", "vds-nc", "health-link", "unknown"]},
                "kind": {"enum": ["vaccination", "test", "recovery", null]},
                "checks": {"type": "object", "required": checks, "properties": outcomes},
                "warnings": {"type": "array", "items": text()},
                "issuer": {"type": "object", "properties": {
                    "country": maybe(), "address": text(), "kid": maybe(), "algorithm": text(),
                    "list": {"type": ["string", "null"], "description": "Which list vouches"},
                    "list_made_at": text(), "list_age_seconds": {"type": "integer"}}},
                "holder": {"type": "object", "required": ["name", "standardised_name", "date_of_birth"],
                    "description": "Only after the signature passed",
                    "properties": {"name": text(), "standardised_name": text(), "date_of_birth": text(),
                                   "not_covered": {"type": "boolean"}}},
                "id": {"type": "string", "description": "Certificate identifier; only after the signature passed"},
                "valid_from": text(),
                "valid_until": text(),
                "medical": {"type": "object", "properties": {
                    "valid_from": maybe(), "valid_until": maybe(), "table": maybe(),
                    "rule": {"type": ["integer", "null"]}, "diseases": {"type": "array", "items": text()},
                    "product": maybe(), "manufacturer": maybe()}},
                "links": {"type": "array", "items": {"type": "object", "properties": {
                    "scheme": text(), "host": text(), "label": text(), "expires_at": text(),
                    "expired": {"type": "boolean"}, "passcode": {"type": "boolean"}}}},
                "rules": {"type": "array", "items": {"type": "object", "required": ["id", "result", "description"],
                    "properties": {"id": text(), "result": {"enum": ["passed", "failed", "open"]},
                                   "description": text(), "why": text()}}},
                "payload": {"description": "The decoded content, where asked for"},
                "unverified_payload": {"description": "The same of a message whose signature did not pass"},
                "counts": {"const": false, "description": "Another certificate of the same person is better and counts"},
                "explanation": {"type": "object", "required": ["lang", "verdict", "checks", "warnings"], "properties": {
                    "lang": text(), "verdict": text(),
                    "reason": {"type": "object", "properties": {"cause": text(), "next": text()}},
                    "checks": {"type": "array", "items": {"type": "object", "properties": {
                        "check": text(), "outcome": check, "text": text()}}},
                    "warnings": {"type": "array", "items": {"type": "object", "properties": {
                        "code": text(), "text": text()}}}}}
            },
            "additionalProperties": false
        })
    };
}
