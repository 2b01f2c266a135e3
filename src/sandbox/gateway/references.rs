//! References to things outside (WHO): `/trust/reference` and `/trustList/references`.

use serde_json::{Map, Value};

use super::{
    book::{Book, Reference},
    lists::{Params, param, seconds},
    reply::{Problem, Reply, created, done},
    signers::Desk,
};

/// Members of a reference and their longest values in characters.
const MEMBERS: [(&str, usize); 11] = [
    ("url", 100),
    ("country", 2),
    ("type", 16),
    ("service", 1024),
    ("thumbprint", 64),
    ("name", 512),
    ("sslPublicKey", 2048),
    ("contentType", 512),
    ("signatureType", 16),
    ("referenceVersion", 64),
    ("domain", 32),
];

fn refused(details: String) -> Problem {
    Problem::new(400, "0x001", "Validation Error", details)
}

/// `POST /trust/reference`.
pub(super) fn upload(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let members: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Problem::bare(400))?;
    for (name, value) in &members {
        let Some((_, longest)) = MEMBERS.iter().find(|(known, _)| known == name) else { continue };
        let text = value.as_str().ok_or_else(|| refused(format!("{name}: must be text")))?;
        if text.chars().count() > *longest {
            return Err(refused(format!("{name}: length must be at most {longest}")));
        }
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("url").is_empty() {
        return Err(refused("url: must not be empty".to_owned()));
    }
    if text("country") != desk.caller.country {
        return Err(Problem::new(403, "0x210", "Invalid Country sent", "the country is not the one of the client"));
    }
    if !["DCC", "FHIR"].contains(&text("type")) {
        return Err(refused("type: must be DCC or FHIR".to_owned()));
    }
    if !["CMS", "JWS", "NONE"].contains(&text("signatureType")) {
        return Err(refused("signatureType: must be CMS, JWS or NONE".to_owned()));
    }
    let known = |name: &str| MEMBERS.iter().any(|(known, _)| *known == name);
    let members = members.into_iter().filter(|(name, _)| known(name)).collect();
    desk.book.references.push(Reference {
        uuid: desk.uuid,
        country: desk.caller.country.clone(),
        since: desk.now,
        members,
    });
    Ok(created())
}

/// `DELETE /trust/reference`: `{"uuid": …}`.
pub(super) fn delete(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let sent: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Problem::bare(400))?;
    let uuid = sent.get("uuid").and_then(Value::as_str).unwrap_or_default();
    let found = desk.book.references.iter().position(|reference| reference.uuid == uuid);
    let found = found.ok_or(Problem::bare(404))?;
    let own = desk.book.references.get(found).is_some_and(|reference| reference.country == desk.caller.country);
    if !own {
        return Err(Problem::new(403, "0x210", "Invalid Country sent", "the reference is another country's"));
    }
    desk.book.references.remove(found);
    Ok(done())
}

fn told(reference: &Reference) -> Value {
    let mut members = reference.members.clone();
    members.insert("uuid".to_owned(), Value::from(reference.uuid.clone()));
    members.insert("timestamp".to_owned(), Value::from(seconds(reference.since)));
    members.entry("domain").or_insert_with(|| Value::from("DCC"));
    Value::Object(members)
}

/// `GET /trust/reference/{uuid}`.
pub(super) fn one(book: &Book, uuid: &str) -> Result<Reply, Problem> {
    let found = book.references.iter().find(|reference| reference.uuid == uuid);
    found.map(|reference| Reply::json(&told(reference))).ok_or(Problem::bare(404))
}

/// `GET /trustList/references`.
pub(super) fn list(book: &Book, params: &Params) -> Reply {
    let among = |reference: &Value, parameter: &str, member: &str| {
        let value = reference.get(member).and_then(Value::as_str).unwrap_or_default();
        param(params, parameter).is_none_or(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(value)))
    };
    let asked =
        [("country", "country"), ("domain", "domain"), ("referenceType", "type"), ("signatureType", "signatureType")];
    let all = book.references.iter().map(told);
    let found = all.filter(|reference| asked.iter().all(|(parameter, member)| among(reference, parameter, member)));
    Reply::json(&found.collect::<Vec<Value>>())
}
