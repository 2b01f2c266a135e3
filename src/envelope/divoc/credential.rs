//! The credential inside a DIVOC code: JSON, read so that nothing unsigned is left in it, with the 64 bytes that
//! its issuer signed.

use std::fmt;

use serde_json::Value;

use super::{
    Deviation, Terms,
    proof::{Proof, verify_data},
    statements::{Graph, Members},
};
use crate::{
    envelope::{
        json::{self, JsonError},
        linked_data::{CanonError, Escaping, Options, canonicalize},
    },
    keys::sha256,
    limits::DIVOC_TEXT_BYTES,
};

/// Longest part of somebody else's text that an error shows.
const SHOWN_CHARS: usize = 60;

/// Longest signature: RSA of 8,192 bits.
pub(super) const MAX_SIGNATURE_BYTES: usize = 1024;

/// Why a text is no DIVOC credential that this program reads. Holds names of members, never their values, but for
/// those of `@context` and `proof.type`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Longer than any credential.
    #[error("the credential has {bytes} bytes, more than the {DIVOC_TEXT_BYTES} that are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or a name twice.
    #[error("the credential is not readable: {0}")]
    Json(#[from] JsonError),
    /// A part that is missing, or is something else.
    #[error("the credential is not of DIVOC's shape: {path} must be {expected}")]
    Form {
        /// Where.
        path: &'static str,
        /// What must stand there.
        expected: &'static str,
    },
    /// A member that is missing, or is something else.
    #[error("the credential is not of DIVOC's shape: {path} must be {expected}")]
    Member {
        /// Where.
        path: String,
        /// What must stand there.
        expected: &'static str,
    },
    /// Other types than the one kind of document of its context.
    #[error("the credential is not of DIVOC's shape: the type of {path} does not belong to its @context")]
    Type {
        /// Where.
        path: &'static str,
    },
    /// A member that the signature does not cover, because no context knows it.
    #[error(
        "the member {path} is not covered by the signature; somebody added it, or the issuer uses terms of its own"
    )]
    UnknownMember {
        /// Where.
        path: String,
    },
    /// An address in `@context` that is on no list.
    #[error(
        "the context {address} is unknown, so that nobody can say what was signed; the signature does not cover the address itself"
    )]
    UnknownContext {
        /// The address, shortened.
        address: String,
    },
    /// Not exactly one event.
    #[error("the credential has {count} entries of evidence; a DIVOC credential has one")]
    Evidence {
        /// How many.
        count: usize,
    },
    /// A name that is no absolute IRI, so that what it names left the signed graph.
    #[error("{path} is no absolute IRI, so that the signature does not cover what it names")]
    Uncovered {
        /// Where.
        path: &'static str,
    },
    /// Characters that would write statements of their own into the signed text.
    #[error("{path} has characters that no IRI can have; it was made to deceive")]
    Iri {
        /// Where.
        path: &'static str,
    },
    /// Person and evidence have one name.
    #[error("the person and the evidence have the same id, so that their members could be exchanged")]
    SharedId,
    /// A kind of proof that DIVOC does not have.
    #[error("the proof is of the kind {found}; DIVOC has RsaSignature2018 and Ed25519Signature2018")]
    Suite {
        /// Its name, shortened.
        found: String,
    },
    /// The signature text is malformed, or of another kind than the proof says.
    #[error("the signature (proof.jws) is malformed in its {part}")]
    Jws {
        /// Which part.
        part: &'static str,
    },
    /// The graph cannot be written in canonical form.
    #[error(transparent)]
    Canon(#[from] CanonError),
}

/// A piece of somebody else's text, short and without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// URDNA2015 as the signer's library has it.
const CANON: Options = Options { digest: crate::envelope::linked_data::Digest::Sha256, escaping: Escaping::Urdna2015 };

/// A credential as read. What it says is claimed, not proven, until its signature is checked over
/// [`Credential::signing_input`].
#[derive(Clone, PartialEq)]
pub struct Credential {
    document: Value,
    proof: Proof,
    namespace: &'static str,
    terms: Terms,
    subject_covered: bool,
    verify_data: [u8; 64],
    deviations: Vec<Deviation>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data never reaches a log through `{:?}`.
        write!(f, "Credential({}, {})", self.namespace, self.proof.verification_method)
    }
}

impl Credential {
    /// Reads a credential. Every member is known and signed afterwards, but for the person when
    /// [`Credential::subject_covered`] says otherwise.
    ///
    /// # Errors
    /// [`CredentialError`] names what is wrong, and where.
    pub fn read(text: &[u8]) -> Result<Self, CredentialError> {
        if text.len() > DIVOC_TEXT_BYTES {
            return Err(CredentialError::TooLong { bytes: text.len() });
        }
        let mut document = members(json::read(text)?)?;
        let proof = document.remove("proof");
        let proof = Proof::of(&proof.ok_or(CredentialError::Form { path: "proof", expected: "one object" })?)?;
        let graph = Graph::of(&document)?;
        let verify_data = verify_data(&proof.canonical(), document_hash(&graph)?);
        let Graph { namespace, terms, subject_covered, spaces, .. } = graph;
        let deviations = spaces.then_some(Deviation::SpaceInIri).into_iter().collect();
        let document = Value::Object(document);
        Ok(Self { document, proof, namespace, terms, subject_covered, verify_data, deviations })
    }

    /// The credential without its proof.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Second address of `@context`. It is not signed; it is one of a list.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// The terms of that address.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.terms
    }

    /// Whether the signature covers the person: name, date of birth, gender and number. It does not when the
    /// subject's id is no absolute IRI, which real certificates of three countries show.
    #[must_use]
    pub fn subject_covered(&self) -> bool {
        self.subject_covered
    }

    /// SHA-256 of the canonical proof and SHA-256 of the canonical document: the one name of this certificate that
    /// cannot be changed without breaking its signature.
    #[must_use]
    pub fn verify_data(&self) -> &[u8; 64] {
        &self.verify_data
    }

    /// What was forgiven.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Canonical statements of the document (RDFC-1.0, which was URDNA2015).
    ///
    /// # Errors
    /// Never for a credential that was read; the signature is that of [`canonicalize`].
    pub fn canonical_document(&self) -> Result<String, CredentialError> {
        let Some(document) = self.document.as_object() else {
            return Err(CredentialError::Form { path: "the credential", expected: "an object" });
        };
        canonical(&Graph::of(document)?)
    }
}

pub(super) fn members(document: Value) -> Result<Members, CredentialError> {
    match document {
        Value::Object(members) => Ok(members),
        _ => Err(CredentialError::Form { path: "the credential", expected: "an object" }),
    }
}

fn canonical(graph: &Graph<'_>) -> Result<String, CredentialError> {
    Ok(canonicalize(&graph.quads, CANON)?.nquads)
}

pub(super) fn document_hash(graph: &Graph<'_>) -> Result<[u8; 32], CredentialError> {
    Ok(sha256(canonical(graph)?.as_bytes()))
}

#[cfg(test)]
mod tests;
