//! The OpenAPI document of both doors: complete, consistent, its schemas and examples true.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Installation, send, text};

/// Every operation: path, method, description.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(|(method, operation)| (path.clone(), method.clone(), operation.clone()))
    });
    all.collect()
}

pub async fn documents(here: &Installation) -> [Value; 2] {
    let of = async |router| send(router, "GET", "/v1/openapi.json", &[], axum::body::Body::empty()).await.json();
    [of(&here.everybody).await, of(&here.operators).await]
}

/// A schema of the document that can be validated by itself.
pub fn schema(document: &Value, pointer: &str) -> jsonschema::Validator {
    let mut whole = document.clone();
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    // A reference is a URI: what braces of addresses and spaces of media types are in one.
    let fragment = pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D").replace(' ', "%20");
    whole["$ref"] = json!(format!("#{fragment}"));
    jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

fn each<'v>(value: &'v Value, path: &str, found: &mut Vec<(String, &'v Value)>) {
    found.push((path.to_owned(), value));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            each(value, &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), found)
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| each(value, &format!("{path}/{n}"), found))
        }
        _ => {}
    }
}

#[tokio::test]
async fn both_documents_are_complete_and_every_schema_is_one() {
    let here = Installation::empty().await;
    for document in documents(&here).await {
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            let name = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: its name is taken");
            for said in ["summary", "operationId"] {
                assert!(operation[said].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {said}");
            }
            assert!(operation["tags"][0].as_str().is_some_and(|tag| !tag.is_empty()), "{name} is in no group");
            let in_path: BTreeSet<&str> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let described: BTreeSet<&str> =
                parameters.iter().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
            assert_eq!(in_path, described, "{name}: parts of the address");
            assert!(!path.contains('*'), "{name}");
            let answers = operation["responses"].as_object().unwrap();
            // What another system's interface has and this one has not says so, and nothing else.
            let offered = !operation["summary"].as_str().unwrap().starts_with("Not offered: ");
            assert_eq!(answers.keys().any(|status| status.starts_with(['2', '3'])), offered, "{name} never succeeds");
            assert!(offered || answers.contains_key("404"), "{name}");
            assert!(answers.contains_key("default"));
            let open = operation["security"].as_array().unwrap().is_empty();
            // Where one logs in, everybody may try.
            assert_eq!(answers.contains_key("401"), !open || name == "post /login", "{name}");
        }
        let mut all = Vec::new();
        each(&document, "", &mut all);
        for (place, value) in &all {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{place}: {reference}");
            }
            let is_schema = place.ends_with("/schema")
                || place.strip_prefix("/components/schemas/").is_some_and(|name| !name.contains('/'));
            if !is_schema {
                continue;
            }
            let validator = schema(&document, place);
            for example in value["examples"].as_array().into_iter().flatten() {
                assert!(validator.is_valid(example), "{place}: an example that is none");
            }
        }
    }
}

#[tokio::test]
async fn verdicts_and_lists_are_as_the_document_says() {
    let here = Installation::issued().await;
    let [document, _] = documents(&here).await;
    let answer = schema(&document, "/components/schemas/Answer");
    let mut formats = BTreeMap::new();
    let check = |name: &str, value: &Value| {
        let errors: Vec<String> = answer.iter_errors(value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    };
    let query = "explain=true&payload=true&country=NL&lang=ar";
    for sealed in here.certificates().await {
        for envelope in &sealed.envelopes {
            let code = text(&sealed, &envelope.format);
            let one = here.post(&format!("/v1/verify?{query}"), "text/plain", code.clone()).await.json();
            check(&envelope.format, &one);
            let body = json!({"codes": [code, code]}).to_string();
            check(&envelope.format, &here.post("/v1/verify", "application/json", body).await.json());
            formats.insert(envelope.format.clone(), ());
        }
    }
    assert!(formats.len() >= 3, "{formats:?}");
    for odd in ["", "HC1:X", "shc:/5", "https://example.org", "shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0"] {
        check(odd, &here.post(&format!("/v1/verify?{query}"), "text/plain", odd).await.json());
    }
    // The example of the document is a request that is answered.
    let example = document["components"]["schemas"]["Several"]["examples"][0].to_string();
    check("the example", &here.post("/v1/verify", "application/json", example).await.json());

    let of = |path: &str| {
        let place = format!("/paths/{}/get/responses/200/content/application~1json/schema", path.replace('/', "~1"));
        schema(&document, &place)
    };
    for path in ["/v1/lists", "/v1/rules", "/v1/valuesets", "/v1/countrylist", "/signercertificateStatus"] {
        let value = here.get(path, &[]).await.json();
        let errors: Vec<String> = of(path).iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_in_every_language() {
    let here = Installation::empty().await;
    for (router, document) in [&here.everybody, &here.operators].into_iter().zip(documents(&here).await) {
        for lang in ["en", "ar", "lo"] {
            let page = send(router, "GET", &format!("/api?lang={lang}"), &[], axum::body::Body::empty()).await;
            assert_eq!(page.status, 200);
            let html = String::from_utf8(page.bytes).unwrap();
            assert!(!html.contains("{{") && !html.contains("<script"));
            for (path, _, operation) in operations(&document) {
                let id = operation["operationId"].as_str().unwrap();
                assert!(html.contains(&format!("id=\"op-{id}\"")), "{id}");
                assert!(html.contains(&format!("$SERVICE{path}")), "{path}");
            }
        }
    }
    let answer =
        send(&here.everybody, "GET", "/v1/openapi.json", &[("accept-encoding", "gzip")], axum::body::Body::empty())
            .await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    let again = [("if-none-match", answer.header("etag"))];
    assert_eq!(here.get("/v1/openapi.json", &again).await.status, 304);
}
