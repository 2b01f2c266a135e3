//! Trouble on demand, for tests of clients and for rehearsals of bad days.

use std::time::Duration;

use serde_json::Value;

use super::{reply::Reply, route::Endpoint};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The trust list is empty.
    EmptyList,
    /// The trust list has only its first entries.
    SmallerList(usize),
    /// The signature of every signer on the trust list is another one's.
    WrongSignature,
    /// The proof of a DID document does not match.
    WrongProof,
    /// Certificates on the trust list have one byte flipped.
    FlippedCertificate,
    /// Answers come after this time.
    Slow(Duration),
    /// Every answer is this status, without a body.
    Status(u16),
    /// Connections end after their handshake. Of no effect on plain HTTP.
    Drop,
    /// Answers break off in the middle of their JSON.
    HalfJson,
}

impl Trouble {
    /// Whether it spoils the answer of this endpoint.
    pub(super) fn concerns(&self, endpoint: &Endpoint) -> bool {
        let is_list = matches!(endpoint, Endpoint::TrustList { .. } | Endpoint::Certificates);
        match self {
            Self::EmptyList | Self::SmallerList(_) | Self::WrongSignature | Self::FlippedCertificate => is_list,
            Self::WrongProof => matches!(endpoint, Endpoint::Did(_)),
            Self::Slow(_) | Self::Status(_) | Self::HalfJson => true,
            Self::Drop => false,
        }
    }

    /// Spoils an answer.
    pub(super) fn spoil(&self, reply: &mut Reply) {
        match self {
            Self::Slow(_) | Self::Drop => {}
            Self::Status(status) => *reply = Reply::empty(*status),
            Self::HalfJson => {
                let body = reply.body_mut();
                body.truncate(body.len() / 2);
            }
            Self::WrongProof => exchange_proof(reply),
            Self::EmptyList => edit(reply, Vec::clear),
            Self::SmallerList(size) => edit(reply, |items| items.truncate(*size)),
            Self::WrongSignature => edit(reply, |items| exchange_signatures(items)),
            Self::FlippedCertificate => edit(reply, |items| flip_certificates(items)),
        }
    }
}

/// Edits a list.
fn edit(reply: &mut Reply, change: impl FnOnce(&mut Vec<Value>)) {
    if let Ok(mut items) = serde_json::from_slice::<Vec<Value>>(reply.body_mut()) {
        change(&mut items);
        *reply.body_mut() = serde_json::to_vec(&items).unwrap_or_default();
    }
}

/// Every signer gets the signature of the signer before it; a lone one gets none of its own bytes.
fn exchange_signatures(items: &mut [Value]) {
    let is_signer = |item: &Value| {
        ["certificateType", "group"].iter().any(|name| item.get(*name).and_then(Value::as_str) == Some("DSC"))
    };
    let mut signatures: Vec<Value> =
        items.iter().filter(|item| is_signer(item)).filter_map(|item| item.get("signature").cloned()).collect();
    if let [only] = signatures.as_mut_slice() {
        // A message of another key: whatever vouches for the first entry.
        let other = items.iter().find(|item| !is_signer(item)).and_then(|item| item.get("signature").cloned());
        *only = other.unwrap_or(Value::Null);
    } else if !signatures.is_empty() {
        signatures.rotate_right(1);
    }
    let mut signatures = signatures.into_iter();
    for item in items.iter_mut().filter(|item| is_signer(item)) {
        if let (Some(signature), Some(members)) = (signatures.next(), item.as_object_mut()) {
            members.insert("signature".to_owned(), signature);
        }
    }
}

/// The proof says that it was made at another time.
fn exchange_proof(reply: &mut Reply) {
    let Ok(mut document) = serde_json::from_slice::<Value>(reply.body_mut()) else { return };
    let created = document.pointer_mut("/proof/created");
    if let Some(created) = created {
        *created = Value::from("2020-01-01T00:00:00Z");
    }
    *reply.body_mut() = serde_json::to_vec(&document).unwrap_or_default();
}

/// Another letter in the last third of every certificate, which is its signature.
fn flip_certificates(items: &mut [Value]) {
    for item in items {
        for name in ["rawData", "certificate"] {
            let Some(text) = item.get(name).and_then(Value::as_str) else { continue };
            let at = text.len().saturating_sub(20);
            let flipped: String = text
                .char_indices()
                .map(|(index, letter)| match letter {
                    'A' if index == at => 'B',
                    _ if index == at => 'A',
                    _ => letter,
                })
                .collect();
            if let Some(members) = item.as_object_mut() {
                members.insert(name.to_owned(), Value::from(flipped));
            }
        }
    }
}
