//! `/cms-migration`: an uploader whose certificate ends signs again what it has uploaded. The payload must stay the
//! same, byte for byte.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    book::Book,
    door::Caller,
    message,
    reply::{Problem, Reply},
    revocation, rules,
    signers::{self, Desk},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    cms: String,
    entity_id: u64,
    #[serde(rename = "type")]
    kind: String,
}

/// `GET /cms-migration`: what the country has uploaded. Signers are told by their certificate alone, because the
/// gateway keeps nothing else of them beside their detached signature.
pub(super) fn packages(book: &Book, caller: &Caller) -> Reply {
    let own = |country: &String| *country == caller.country;
    let package = |cms: &str, id: u64, kind: &str| json!({"cms": cms, "entityId": id, "type": kind});
    let signers = book.entries.iter().filter(|entry| own(&entry.country) && entry.deleted.is_none());
    let signers = signers.map(|entry| package(&entry.raw, entry.id, "DSC"));
    let batches = book.batches.iter().filter(|batch| own(&batch.country));
    let batches = batches.filter_map(|b| b.cms.as_ref().map(|cms| package(cms, b.id, "REVOCATION_LIST")));
    let rules = book.rules.iter().filter(|rule| own(&rule.country));
    let rules = rules.map(|rule| package(&rule.cms, rule.id, "VALIDATION_RULE"));
    Reply::json(&signers.chain(batches).chain(rules).collect::<Vec<Value>>())
}

/// `POST /cms-migration`.
pub(super) fn renew(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let package: Package = serde_json::from_slice(body).map_err(|_| Problem::bare(400))?;
    match package.kind.as_str() {
        "DSC" => signers::renew(desk, package.entity_id, &package.cms),
        "REVOCATION_LIST" => revocation::renew(desk, package.entity_id, &package.cms),
        "VALIDATION_RULE" => rules::renew(desk, package.entity_id, &package.cms),
        _ => Err(Problem::bare(400)),
    }
}

pub(super) fn bad_signature() -> Problem {
    let details = "The package must be signed by an onboarded upload certificate";
    Problem::new(400, "0x260", "CMS signature is invalid", details)
}

pub(super) fn bad_uploader() -> Problem {
    Problem::new(400, "0x004", signers::POSSIBLE, "the signer is no onboarded upload certificate of the country")
}

/// Whether a standing message has this content.
pub(super) fn same_content(standing: &str, text: &str) -> bool {
    message::read(standing.as_bytes()).is_ok_and(|message| message.content == text.as_bytes())
        || STANDARD.decode(standing).is_ok_and(|bytes| bytes == text.as_bytes())
}
