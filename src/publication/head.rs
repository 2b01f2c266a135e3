//! The head of the audit log, signed and published, so that a log that is cut off at its end or rewritten shows
//! against what others have kept.
//!
//! ```text
//! DIR/audit/head.json            the newest
//! DIR/audit/2026-11-22.json      the last of each day; never removed
//! ```
//!
//! A file is JSON with two members, `vaccert-audit-head` (version of the form) and `signed`: base64 of a COSE_Sign1
//! message (RFC 9052) by the list key, whose payload is JSON: number and hash of the newest row, the time, the country
//! of the issuer, and whether it is a rehearsal's. A rehearsal's carries its own list key (`x5chain`, RFC 9360). Hash
//! and form of a row are described in [`crate::registry::audit`].

use std::{borrow::Cow, fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

use crate::{
    batch::write_public,
    keys::{Algorithm, Certificate, PublicKey, Signer, SignerError},
    limits,
    registry::audit::Head,
};

/// Name of the folder of heads below the published folder.
pub const HEADS_FOLDER: &str = "audit";
/// Name of the newest head.
pub const HEAD_FILE: &str = "head.json";

const VERSION: u8 = 1;
const CONTENT_TYPE: &str = "application/vnd.vaccert.audit-head+json";
/// COSE header `x5chain` (RFC 9360 section 2).
const HEADER_X5CHAIN: i64 = 33;

/// A head that was signed at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Number and hash.
    pub head: Head,
    /// When it was signed.
    pub at: Timestamp,
    /// Country of the issuer, ISO 3166-1 alpha-2.
    pub country: String,
    /// A rehearsal's.
    pub sandbox: bool,
}

/// Why a head is not believed.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// Not of this form.
    #[error("this is no signed head of an audit log: {part} cannot be read; get it again")]
    Form {
        /// Which part.
        part: &'static str,
    },
    /// The signature does not match any list key.
    #[error("the signature of the head matches no list key of this installation: it is another's, or forged")]
    Signature,
    /// The signer failed.
    #[error("the head of the audit log cannot be signed: {0}")]
    Signer(#[from] SignerError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(rename = "vaccert-audit-head")]
    version: u8,
    #[serde(borrow)]
    signed: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    number: u64,
    hash: String,
    at: Timestamp,
    country: String,
    sandbox: bool,
}

fn form(part: &'static str) -> HeadError {
    HeadError::Form { part }
}

fn cose(algorithm: Algorithm) -> iana::Algorithm {
    match algorithm {
        Algorithm::Es256 => iana::Algorithm::ES256,
        Algorithm::Ps256 => iana::Algorithm::PS256,
        Algorithm::EdDsa => iana::Algorithm::EdDSA,
    }
}

impl SignedHead {
    /// The file of a head.
    ///
    /// # Errors
    /// [`HeadError::Signer`] when the signer fails.
    pub fn write(&self, signer: &dyn Signer) -> Result<Vec<u8>, HeadError> {
        let payload = Payload {
            number: self.head.number,
            hash: self.head.hex(),
            at: self.at,
            country: self.country.clone(),
            sandbox: self.sandbox,
        };
        let payload = serde_json::to_vec(&payload).map_err(|_| form("the content"))?;
        let protected = HeaderBuilder::new()
            .algorithm(cose(signer.algorithm()))
            .key_id(signer.kid().as_bytes().to_vec())
            .content_type(CONTENT_TYPE.to_owned())
            .build();
        let mut unprotected = HeaderBuilder::new();
        if self.sandbox {
            let own = coset::cbor::value::Value::Bytes(signer.certificate().der().to_vec());
            unprotected = unprotected.value(HEADER_X5CHAIN, own);
        }
        let message = CoseSign1Builder::new()
            .protected(protected)
            .unprotected(unprotected.build())
            .payload(payload)
            .try_create_signature(&[], |bytes| signer.sign(bytes))?
            .build()
            .to_tagged_vec()
            .map_err(|_| form("the signed message"))?;
        let file = File { version: VERSION, signed: STANDARD.encode(message).into() };
        let mut bytes = serde_json::to_vec_pretty(&file).map_err(|_| form("the file"))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the file of a head and checks its signature by one of these keys; a rehearsal's by the key that it
    /// carries, which proves only that it is undamaged.
    ///
    /// # Errors
    /// [`HeadError`] says why it is not believed.
    pub fn read(bytes: &[u8], list_keys: &[PublicKey]) -> Result<Self, HeadError> {
        if bytes.len() > limits::AUDIT_HEAD_BYTES {
            return Err(form("the file, which is too large,"));
        }
        let file: File<'_> = serde_json::from_slice(bytes).map_err(|_| form("the file"))?;
        if file.version != VERSION {
            return Err(form("its version, which is a later one,"));
        }
        let message = STANDARD.decode(file.signed.as_bytes()).map_err(|_| form("the member `signed`"))?;
        let message = coset::CoseSign1::from_tagged_slice(&message)
            .or_else(|_| coset::CoseSign1::from_slice(&message))
            .map_err(|_| form("the signed message"))?;
        let header = &message.protected.header;
        let algorithm = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa]
            .into_iter()
            .find(|&a| header.alg == Some(coset::RegisteredLabelWithPrivate::Assigned(cose(a))))
            .ok_or(form("the algorithm"))?;
        if header.content_type != Some(coset::ContentType::Text(CONTENT_TYPE.to_owned())) {
            return Err(form("the content type"));
        }
        let signed = message.tbs_data(&[]);
        let matches = |key: &PublicKey| key.verify(algorithm, &signed, &message.signature).is_ok();
        let payload = message.payload.as_deref().ok_or(form("the payload"))?;
        let payload: Payload = serde_json::from_slice(payload).map_err(|_| form("the content"))?;
        let own = message.unprotected.rest.iter().find_map(|(label, value)| match (label, value) {
            (coset::Label::Int(HEADER_X5CHAIN), coset::cbor::value::Value::Bytes(der)) => Some(der),
            _ => None,
        });
        let own = own.and_then(|der| Certificate::from_der(der).ok()).filter(Certificate::is_sandbox);
        let by_own = payload.sandbox && own.and_then(|own| own.public_key().ok()).is_some_and(|key| matches(&key));
        if !list_keys.iter().any(matches) && !by_own {
            return Err(HeadError::Signature);
        }
        let head = Head::read(payload.number, &payload.hash).ok_or(form("the hash"))?;
        Ok(Self { head, at: payload.at, country: payload.country, sandbox: payload.sandbox })
    }
}

/// The heads that lie in a published folder, oldest first; files that are none, or that somebody else signed, are
/// named with why.
#[must_use]
pub fn heads(dir: &Path, list_keys: &[PublicKey]) -> (Vec<SignedHead>, Vec<(String, HeadError)>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let Ok(entries) = fs::read_dir(dir.join(HEADS_FOLDER)) else { return (found, wrong) };
    for entry in entries.flatten().take(limits::AUDIT_HEADS) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let most = u64::try_from(limits::AUDIT_HEAD_BYTES).unwrap_or(u64::MAX);
        let bounded = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= most);
        let read = bounded.then(|| fs::read(&path).ok()).flatten().ok_or(form("the file"));
        match read.and_then(|bytes| SignedHead::read(&bytes, list_keys)) {
            Ok(head) => found.push(head),
            Err(error) => wrong.push((name, error)),
        }
    }
    found.sort_by_key(|head| (head.head.number, head.at));
    wrong.sort_by(|a, b| a.0.cmp(&b.0));
    (found, wrong)
}

/// Publishes a head, unless it would go back behind the newest that lies there: then the log was cut off, and what
/// lies there is the proof. Tells whether it was published.
///
/// # Errors
/// The signer's or the disk's.
pub(super) fn put(dir: &Path, head: &SignedHead, signer: &dyn Signer) -> Result<bool, super::PublicationError> {
    let keys: Vec<PublicKey> = signer.certificate().public_key().into_iter().collect();
    let folder = dir.join(HEADS_FOLDER);
    let newest = fs::read(folder.join(HEAD_FILE)).ok().and_then(|bytes| SignedHead::read(&bytes, &keys).ok());
    if newest.is_some_and(|newest| newest.head.number > head.head.number) {
        return Ok(false);
    }
    fs::create_dir_all(&folder)
        .map_err(|error| super::PublicationError::Folder { path: folder.clone(), kind: error.kind() })?;
    let bytes = head.write(signer)?;
    let day = Offset::UTC.to_datetime(head.at).date();
    write_public(&folder.join(format!("{day}.json")), &bytes)?;
    write_public(&folder.join(HEAD_FILE), &bytes)?;
    Ok(true)
}
