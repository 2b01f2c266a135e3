//! Revocation batches: the list of changes, single batches, uploads and deletions.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    book::{Batch, Book, Kind, thumbprint},
    lists,
    message::Message,
    reply::{Problem, Reply, created, done},
    rules::signed_text,
    signers::Desk,
};

/// Batches on a page of the list (the documentation says 10,000, the program does 1,000).
const PAGE: usize = 1_000;
/// Hashes of a batch.
const ENTRIES: std::ops::RangeInclusive<usize> = 1..=1_000;
const UNKNOWN_KID: &str = "UNKNOWN_KID";

fn problem(status: u16, what: &'static str, details: impl Into<String>) -> Problem {
    Problem::new(status, "0x000", what, details)
}

/// `GET /revocation-list`.
pub(super) fn list(book: &Book, headers: &HeaderMap, now: Timestamp) -> Result<Reply, Problem> {
    let since = lists::modified_since(headers)?.ok_or(Problem::bare(400))?;
    if since > now {
        return Err(Problem::new(400, "", "IfModifiedSince must be in past", ""));
    }
    let mut found: Vec<&Batch> = book.batches.iter().filter(|batch| batch.changed > since).collect();
    if found.is_empty() {
        return Ok(done());
    }
    found.sort_by_key(|batch| (batch.changed, batch.id));
    let more = found.len() > PAGE;
    let batches: Vec<Value> = found
        .into_iter()
        .take(PAGE)
        .map(|batch| {
            json!({
                "batchId": batch.batch, "country": batch.country, "date": batch.changed.to_string(),
                "deleted": batch.cms.is_none(),
            })
        })
        .collect();
    Ok(Reply::json(&json!({ "more": more, "batches": batches })))
}

/// Whether a text is a UUID in lower case.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// `GET /revocation-list/{batchId}`.
pub(super) fn batch(book: &Book, id: &str) -> Result<Reply, Problem> {
    if !is_uuid(id) {
        return Err(Problem::new(400, "0x001", "Validation Error", "batchId: must be a UUID in lower case"));
    }
    let found = book.batches.iter().find(|batch| batch.batch == id);
    let found = found.ok_or_else(|| problem(404, "Batch does not exist.", "there is no batch of this identifier"))?;
    let cms = found.cms.as_ref().ok_or_else(|| problem(410, "Batch already deleted.", "the batch was deleted"))?;
    Ok(Reply::typed("application/cms-text", cms.clone().into_bytes()).with(header::ETAG, id))
}

fn check_uploader(desk: &Desk<'_>, message: &Message) -> Result<(), Problem> {
    let print = thumbprint(message.signer.der());
    match desk.book.party(Kind::Upload, &desk.caller.country, &print, desk.anchor) {
        Some(_) => Ok(()),
        None => {
            let details = "the batch must be signed by an onboarded upload certificate of the country";
            Err(problem(403, "Invalid Upload Certificate", details))
        }
    }
}

/// A JSON object and nothing behind it, with no member but these.
fn object(text: &str, known: &[&str]) -> Result<Map<String, Value>, Problem> {
    let unreadable = || problem(400, "JSON Could not be parsed", "JSON could not be parsed");
    let read: Map<String, Value> = serde_json::from_str(text).map_err(|_| unreadable())?;
    if read.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(unreadable());
    }
    Ok(read)
}

/// Country and end of a batch that keeps to the schema.
fn sound(batch: &Map<String, Value>, now: Timestamp) -> Result<(String, Timestamp), Problem> {
    let unreadable = || problem(400, "JSON Could not be parsed", "JSON could not be parsed");
    let text = |name: &str| batch.get(name).and_then(Value::as_str);
    let kind = text("hashType");
    if kind.is_some_and(|kind| !["SIGNATURE", "UCI", "COUNTRYCODEUCI"].contains(&kind)) {
        return Err(unreadable());
    }
    let expires = match text("expires") {
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| unreadable())?),
        None => None,
    };
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    check(text("country").is_some_and(|country| country.chars().count() == 2), "country: length must be 2");
    check(expires.is_some_and(|expires| expires > now), "expires: must be a future date");
    check(kind.is_some(), "hashType: must not be null");
    let kid = text("kid");
    let of_kid = |kid: &str| kid == UNKNOWN_KID || matches!(kid.chars().count(), 11..=12);
    check(kid.is_some_and(of_kid), "kid: length must be between 11 and 12");
    let entries = batch.get("entries").and_then(Value::as_array);
    check(entries.is_some_and(|entries| ENTRIES.contains(&entries.len())), "entries: size must be between 1 and 1000");
    for (at, entry) in entries.into_iter().flatten().enumerate() {
        let hash = entry.get("hash").and_then(Value::as_str).unwrap_or_default();
        let digits = hash.strip_suffix("==").unwrap_or_default();
        let fits = digits.len() == 22 && digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
        if !fits {
            wrong.push(format!("Batch Entry {at}: hash: must be 16 bytes in base64"));
            // One is enough to know what is wrong with a thousand.
            break;
        }
    }
    match (text("country"), expires) {
        (Some(country), Some(expires)) if wrong.is_empty() => Ok((country.to_owned(), expires)),
        _ => Err(problem(400, "Batch has invalid values.", wrong.join(", "))),
    }
}

/// `POST /revocation-list`.
pub(super) fn upload(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, text) = signed_text(body)?;
    check_uploader(&desk, &message)?;
    let read = object(&text, &["country", "expires", "kid", "hashType", "entries"])?;
    let (country, expires) = sound(&read, desk.now)?;
    if country != desk.caller.country {
        return Err(problem(403, "Invalid Country sent", "the country is not the one of the client"));
    }
    let id = desk.book.next();
    desk.book.batches.push(Batch {
        id,
        batch: desk.uuid.clone(),
        country,
        expires,
        changed: desk.now,
        cms: Some(message.text),
    });
    Ok(created().with(header::ETAG, &desk.uuid))
}

/// `DELETE /revocation-list`: the content goes, the identifier stays for two weeks.
pub(super) fn delete(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, text) = signed_text(body)?;
    check_uploader(&desk, &message)?;
    let read = object(&text, &["batchId"])?;
    let id = read.get("batchId").and_then(Value::as_str).filter(|id| is_uuid(id));
    let id =
        id.ok_or_else(|| problem(400, "Delete Request has invalid values.", "batchId: must be a UUID in lower case"))?;
    let found = desk.book.batches.iter_mut().find(|batch| batch.batch == id);
    let found = found.ok_or_else(|| problem(404, "Batch does not exists.", "there is no batch of this identifier"))?;
    if found.country != desk.caller.country {
        return Err(problem(403, "Invalid Country sent", "the batch is another country's"));
    }
    if found.cms.take().is_none() {
        return Err(problem(410, "Batch is already deleted.", "the batch was deleted"));
    }
    found.changed = desk.now;
    Ok(done())
}

/// A new signature over a batch that stands (`POST /cms-migration`).
pub(super) fn renew(desk: Desk<'_>, id: u64, cms: &str) -> Result<Reply, Problem> {
    let (message, text) = signed_text(cms.as_bytes()).map_err(|_| super::migration::bad_signature())?;
    let missing = || Problem::new(409, "0x020", "RevocationBatch to be updated does not exist.", "");
    let found = desk.book.batches.iter().position(|batch| batch.id == id && batch.cms.is_some());
    let found = found.ok_or_else(missing)?;
    check_uploader(&desk, &message).map_err(|_| super::migration::bad_uploader())?;
    let (own, now) = (desk.caller.country.clone(), desk.now);
    let batch = desk.book.batches.get_mut(found).ok_or_else(missing)?;
    if batch.country != own {
        return Err(Problem::new(400, "0x021", "Invalid country", "the batch is another country's"));
    }
    if !batch.cms.as_ref().is_some_and(|standing| super::migration::same_content(standing, &text)) {
        return Err(Problem::new(400, "0x022", "Json Payload invalid", "the payload is not the one that stands"));
    }
    batch.cms = Some(message.text);
    batch.changed = now;
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn sample() -> Value {
        json!({
            "country": "XX", "expires": "2027-01-01T00:00:00Z", "kid": "HBDru8SfeDE=", "hashType": "UCI",
            "entries": [{"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}],
        })
    }

    #[test]
    fn each_breach_of_the_schema_is_refused() {
        let known = ["country", "expires", "kid", "hashType", "entries"];
        let read = |value: &Value| object(&value.to_string(), &known).and_then(|batch| sound(&batch, now()));
        assert_eq!(read(&sample()).unwrap().0, "XX");
        for (member, value) in [
            ("country", json!("XXX")),
            ("expires", json!("2026-11-22T09:59:59Z")),
            ("expires", json!("soon")),
            ("kid", json!("short")),
            ("kid", Value::Null),
            ("hashType", json!("SHA")),
            ("hashType", Value::Null),
            ("entries", json!([])),
            ("entries", json!([{"hash": "6WSb8R/8lDysIHW4A4J5qQ="}])),
            ("entries", json!([{"hash": "6WSb8R_8lDysIHW4A4J5qQ=="}])),
            ("entries", json!(vec![json!({"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}); 1_001])),
            ("other", json!(1)),
        ] {
            let mut batch = sample();
            batch[member] = value.clone();
            assert!(read(&batch).is_err(), "{member}: {value}");
        }
        let mut unknown = sample();
        unknown["kid"] = json!(UNKNOWN_KID);
        assert!(read(&unknown).is_ok());
        assert!(object(&format!("{} {{}}", sample()), &known).is_err(), "nothing may stand behind the object");
    }

    #[test]
    fn identifiers_are_lower_case() {
        assert!(is_uuid("0b7d1f4e-8a5c-4f0e-9a44-0123456789ab"));
        assert!(!is_uuid("0B7D1F4E-8A5C-4F0E-9A44-0123456789AB"));
        assert!(!is_uuid("0b7d1f4e8a5c4f0e9a440123456789ab"));
    }
}
