//! The OpenAPI 3.1 document of endpoints (OpenAPI Specification 3.1.1; schemas are JSON Schema 2020-12).

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::endpoint::{Access, Answer, Content, Endpoint};
use crate::service::guard::is_for_programs;

/// The document.
pub(super) fn of(title: &str, endpoints: &[Endpoint]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints {
        let mut content = |content: &Content| {
            let schema = match content.schema {
                Some(make) => make(&mut generator).to_value(),
                None if content.media.starts_with("text/") => json!({"type": "string"}),
                None => json!({}),
            };
            (content.media.to_owned(), json!({"schema": schema}))
        };
        let mut answers: Map<String, Value> = Map::new();
        for Answer { status, about, content: body } in &endpoint.gives {
            let entry = answers.entry(status.to_string()).or_insert_with(|| json!({"description": about}));
            let (Some(body), Some(entry)) = (body, entry.as_object_mut()) else { continue };
            let bodies = entry.entry("content").or_insert_with(|| json!({}));
            let (media, described) = content(body);
            if let Some(bodies) = bodies.as_object_mut() {
                bodies.insert(media, described);
            }
        }
        for failure in endpoint.failures() {
            // Where an answer of this status is described already, its words say more.
            answers.entry(failure.status.to_string()).or_insert_with(|| problem(failure.codes));
        }
        if let Some(about) = endpoint.leads_away() {
            answers.entry("303").or_insert_with(|| json!({"description": about}));
        }
        answers.insert(
            "default".to_owned(),
            json!({"description": "A problem: what is wrong, and what to do (RFC 9457)",
                   "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}),
        );
        if !is_for_programs(endpoint.path) {
            // People get a page that says it.
            for (status, answer) in &mut answers {
                if status == "default" || status.starts_with(['4', '5']) {
                    let bodies =
                        answer.as_object_mut().map(|answer| answer.entry("content").or_insert_with(|| json!({})));
                    if let Some(bodies) = bodies.and_then(Value::as_object_mut) {
                        bodies.insert("text/html".to_owned(), json!({"schema": {"type": "string"}}));
                    }
                }
            }
        }
        let mut operation = json!({
            "operationId": endpoint.id,
            "tags": [endpoint.tag],
            "summary": endpoint.summary,
            "responses": answers,
            "security": match endpoint.access {
                Access::Open => json!([]),
                Access::Needs(_) | Access::Known => json!([{"token": []}, {"dhis2": []}, {"session": []}]),
                Access::Citizen => json!([{"citizen": []}]),
            },
        });
        let taken: Map<String, Value> = endpoint.takes.iter().map(content).collect();
        let parameters: Vec<Value> = endpoint
            .parameters
            .iter()
            .map(|parameter| {
                json!({"in": parameter.place.name(), "name": parameter.name, "description": parameter.about,
                       "required": parameter.required, "schema": (parameter.schema)(&mut generator).to_value()})
            })
            .collect();
        if let Some(operation) = operation.as_object_mut() {
            if !endpoint.about.is_empty() {
                operation.insert("description".to_owned(), endpoint.about.into());
            }
            if let Access::Needs(right) = endpoint.access {
                operation.insert("x-right".to_owned(), right.name().into());
            }
            if !parameters.is_empty() {
                operation.insert("parameters".to_owned(), parameters.into());
            }
            if !taken.is_empty() {
                operation.insert("requestBody".to_owned(), json!({"required": true, "content": taken}));
            }
        }
        let path = paths.entry(endpoint.shown_path()).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(endpoint.method.to_owned(), operation);
        }
    }
    let mut tags: Vec<&str> = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| !endpoint.tag.is_empty()) {
        if !tags.contains(&endpoint.tag) {
            tags.push(endpoint.tag);
        }
    }
    let tags: Vec<Value> = tags.into_iter().map(|tag| json!({"name": tag})).collect();
    let mut schemas = generator.take_definitions(true);
    schemas.insert(
        "Problem".to_owned(),
        json!({"type": "object", "required": ["status", "title", "code", "detail"], "properties": {
            "status": {"type": "integer"}, "title": {"type": "string"},
            "code": {"type": "string", "description": "Stable"},
            "detail": {"type": "string", "description": "What is wrong, and what to do"}}}),
    );
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "A token of this service"},
            "dhis2": {"type": "http", "scheme": "basic", "description": "A login of the DHIS2 beside this service"},
            "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "A session of the console"},
            "citizen": {"type": "apiKey", "in": "cookie", "name": "citizen", "description": "A citizen's session"},
        }},
    })
}

/// A problem with one of these codes.
fn problem(codes: &[&str]) -> Value {
    let schema = match codes {
        [] => json!({"$ref": "#/components/schemas/Problem"}),
        codes => json!({"allOf": [{"$ref": "#/components/schemas/Problem"},
                                   {"type": "object", "properties": {"code": {"examples": codes}}}]}),
    };
    let about = if codes.is_empty() { "A problem".to_owned() } else { format!("A problem: {}", codes.join(", ")) };
    json!({"description": about, "content": {"application/problem+json": {"schema": schema}}})
}
