//! The proof of a WHO trust list (GDHCN DID document): who signed it, checked offline exactly as WHO makes it.
//!
//! The document is JSON-LD with a `proof` of the type `JsonWebSignature2020` (W3C CCG draft lds-jws2020). What WHO
//! signs, found in its signing service and confirmed on its production lists: the text of the JWS header, a full
//! stop, and the 64 raw bytes `SHA-256(canonical proof options) ‖ SHA-256(canonical document without proof)`, the
//! options read under the contexts of the document; ECDSA on P-256 with SHA-256.
//!
//! Flow: bytes → [`parse`] → statements (`document`, `context`) → canonical text
//! ([`crate::envelope::linked_data`]) → [`Statement`] → [`Proof`]. The graph is signed, not the bytes: members may
//! come in any order and so may the keys, but nothing may be in the document that the graph does not hold.

mod context;
mod document;
mod jws;
mod signers;

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    envelope::{
        json::{self, JsonError},
        linked_data::{CanonError, Options, Quad, canonicalize, jcs::JcsError},
    },
    keys::{Algorithm, PublicKey, sha256},
    limits::TRUST_LIST_BYTES,
};

pub use signers::Environment;

/// Longest piece of a document that is quoted in an error, in characters.
const SHOWN_CHARS: usize = 80;

/// A proof that was checked: one of the keys made it over the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// When the list was signed, as its signer says.
    pub created: Timestamp,
    /// The DID under which the signer publishes its key. It tells which key to look for and proves nothing.
    pub verification_method: String,
    /// Position of the key that made the proof, in the keys that were given.
    pub key: usize,
}

/// Where in the document something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its top level.
    Document,
    /// In its proof.
    Proof,
    /// In one of its keys, counted from 0.
    Entry(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("the DID document"),
            Self::Proof => f.write_str("the proof of the DID document"),
            Self::Entry(position) => write!(f, "verificationMethod[{position}] of the DID document"),
        }
    }
}

/// Why a document is not proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// More bytes than a list may have.
    #[error("the DID document has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Bytes found.
        bytes: u64,
        /// The bound.
        limit: u64,
    },
    /// Not JSON.
    #[error("the DID document is not JSON (line {line}, column {column}); download it again")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A name twice in one object: only one of the two values is signed.
    #[error(
        "the DID document has the member {member} twice in one object, so that it can be read in two ways; do not use it"
    )]
    Twice {
        /// The name.
        member: String,
    },
    /// A part is missing or has another form than the ones that are known.
    #[error("{place}: {member} is missing or is not {expected}; check that this is a GDHCN trust list")]
    Shape {
        /// Where.
        place: Place,
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The document is not signed at all.
    #[error("the DID document has no proof; get the signed list, or accept it expressly as unsigned")]
    Unproven,
    /// A context outside the table of known ones; contexts are never fetched.
    #[error(
        "the DID document uses the context {context}, whose meaning this program does not know; update the program"
    )]
    UnknownContext {
        /// Its address.
        context: String,
    },
    /// A context without which the document says nothing.
    #[error("the DID document lacks the context {context}, without which its proof covers nothing; do not use it")]
    NoContext {
        /// Its address.
        context: &'static str,
    },
    /// A member that no context gives a meaning: the proof does not cover it.
    #[error(
        "{place}: the member {member} has no meaning in the document's contexts, so the proof does not cover it; do not use it"
    )]
    Unsigned {
        /// Where.
        place: Place,
        /// The member.
        member: String,
    },
    /// Entries under one name that differ in more than one member.
    #[error(
        "{place}: the name {id} is used twice, so that it is not proven which members belong together; do not use it"
    )]
    Ambiguous {
        /// Where.
        place: Place,
        /// The name.
        id: String,
    },
    /// More keys than the bound.
    #[error("the DID document lists {found} keys, more than the {limit} that are read")]
    TooManyEntries {
        /// Keys found.
        found: usize,
        /// The bound.
        limit: usize,
    },
    /// A key cannot be written in canonical JSON.
    #[error("a key of the DID document: {0}")]
    Jcs(#[from] JcsError),
    /// The graph cannot be written in canonical form.
    #[error(transparent)]
    Canon(#[from] CanonError),
    /// The time of the proof is no RFC 3339 time.
    #[error("the proof of the DID document says no time at which it was made; check that this is a GDHCN trust list")]
    Created,
    /// The signature text is malformed.
    #[error("the signature (jws) of the DID document is malformed in its {part}; download it again")]
    Jws {
        /// Which part.
        part: &'static str,
    },
    /// Another algorithm than the one that WHO uses.
    #[error("the DID document is signed with {found}; only ECDSA on P-256 (ES256) proves a GDHCN trust list")]
    Algorithm {
        /// Its name in the header.
        found: String,
    },
    /// None of the keys given is of the kind that makes such proofs.
    #[error("no P-256 key was given to check the DID document with; give the key of {verification_method}")]
    NoKey {
        /// Whose key is needed.
        verification_method: String,
    },
    /// None of the keys made the proof.
    #[error(
        "the signature of the DID document does not match any of the {tried} keys given: it was changed, or another \
         key than that of {verification_method} was given"
    )]
    Mismatch {
        /// Keys tried.
        tried: usize,
        /// Whose key is needed.
        verification_method: String,
    },
}

/// A piece of somebody else's text, short and without control characters.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Reads a document for [`verify_value`].
///
/// # Errors
/// [`ProofError::TooLarge`], [`ProofError::Json`] and [`ProofError::Twice`].
pub fn parse(document: &[u8]) -> Result<Value, ProofError> {
    let bytes = u64::try_from(document.len()).unwrap_or(u64::MAX);
    if bytes > TRUST_LIST_BYTES {
        return Err(ProofError::TooLarge { bytes, limit: TRUST_LIST_BYTES });
    }
    json::read(document).map_err(|error| match error {
        JsonError::Form { line, column } => ProofError::Json { line, column },
        JsonError::Twice { member } => ProofError::Twice { member },
    })
}

/// Checks the proof of a document against the keys that may sign it.
///
/// # Errors
/// [`ProofError`]; nothing of the document may be believed then.
pub fn verify(document: &[u8], keys: &[PublicKey]) -> Result<Proof, ProofError> {
    verify_value(&parse(document)?, keys)
}

/// Checks the proof of a document that was read with [`parse`]. (A reader that keeps one of two members of the
/// same name hides what was signed from this check; [`parse`] refuses such documents.)
///
/// # Errors
/// As [`verify`].
pub fn verify_value(document: &Value, keys: &[PublicKey]) -> Result<Proof, ProofError> {
    Statement::of(document)?.verify(keys)
}

/// What a document's signer is said to have signed. Nothing is proven before [`Statement::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    message: Vec<u8>,
    signatures: Vec<Vec<u8>>,
    created: Timestamp,
    verification_method: String,
}

impl Statement {
    /// Reads the statement out of a document.
    ///
    /// # Errors
    /// [`ProofError`] when the document is not of the shape that WHO signs.
    pub fn of(document: &Value) -> Result<Self, ProofError> {
        let (document, proof) = parts(document)?;
        let jws = jws::read(document::text(proof, "jws", Place::Proof)?)?;
        let created = document::text(proof, "created", Place::Proof)?;
        Ok(Self {
            message: message(document, proof, jws.header)?,
            signatures: jws.signatures,
            created: created.parse().map_err(|_| ProofError::Created)?,
            verification_method: document::text(proof, "verificationMethod", Place::Proof)?.to_owned(),
        })
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The signature as r‖s; more than one when its bytes can be read in both forms.
    #[must_use]
    pub fn signatures(&self) -> &[Vec<u8>] {
        &self.signatures
    }

    /// Checks the signature against the keys that may sign. Only keys on P-256 are tried.
    ///
    /// # Errors
    /// [`ProofError::NoKey`] and [`ProofError::Mismatch`].
    pub fn verify(self, keys: &[PublicKey]) -> Result<Proof, ProofError> {
        let signed_by = |key: &PublicKey| {
            self.signatures.iter().any(|signature| key.verify(Algorithm::Es256, &self.message, signature).is_ok())
        };
        let mut tried = 0;
        for (position, key) in keys.iter().enumerate().filter(|(_, key)| key.is_p256()) {
            if signed_by(key) {
                let Self { created, verification_method, .. } = self;
                return Ok(Proof { created, verification_method, key: position });
            }
            tried += 1;
        }
        let verification_method = shown(&self.verification_method);
        Err(match tried {
            0 => ProofError::NoKey { verification_method },
            _ => ProofError::Mismatch { tried, verification_method },
        })
    }
}

/// The members of one JSON object.
type Members = Map<String, Value>;

fn parts(document: &Value) -> Result<(&Members, &Members), ProofError> {
    let place = Place::Document;
    let members =
        document.as_object().ok_or(ProofError::Shape { place, member: "the document", expected: "a JSON object" })?;
    let proof = members.get("proof").filter(|proof| !proof.is_null()).ok_or(ProofError::Unproven)?;
    let proof = proof.as_object().ok_or(ProofError::Shape { place, member: "proof", expected: "one proof" })?;
    Ok((members, proof))
}

/// Header, full stop, hash of the options, hash of the document.
fn message(document: &Members, proof: &Members, header: &str) -> Result<Vec<u8>, ProofError> {
    let codes = context::read(document.get("@context"))?;
    let hash = |quads: &[Quad<'_>]| -> Result<[u8; 32], ProofError> {
        Ok(sha256(canonicalize(quads, Options::default())?.nquads.as_bytes()))
    };
    let mut message = Vec::with_capacity(header.len() + 65);
    message.extend_from_slice(header.as_bytes());
    message.push(b'.');
    message.extend(hash(&document::options(proof)?)?);
    message.extend(hash(&document::statements(document, codes)?)?);
    Ok(message)
}

#[cfg(test)]
mod tests;
