//! The proof of a DIVOC credential: what it may say, and exactly which bytes are signed. Both suites are older
//! than the standards of their name: `RsaSignature2018` is PS256 here, not RS256, and the payload of the JWS is
//! detached and unencoded (RFC 7797).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    Credential, CredentialError, MAX_SIGNATURE_BYTES,
    credential::{document_hash, members},
    shown,
    statements::{Graph, Members, is_clean_iri, text},
};
use crate::{
    keys::{Algorithm, sha256},
    limits::DIVOC_TEXT_BYTES,
};

/// How a credential is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// `RsaSignature2018`: RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Rsa,
    /// `Ed25519Signature2018`: plain Ed25519.
    Ed25519,
}

impl Suite {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Rsa, Self::Ed25519];

    /// Its name in `proof.type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RsaSignature2018",
            Self::Ed25519 => "Ed25519Signature2018",
        }
    }

    /// The algorithm that a key must serve.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::Ps256,
            Self::Ed25519 => Algorithm::EdDsa,
        }
    }

    /// The suite of a key of this algorithm, if there is one.
    #[must_use]
    pub fn of(algorithm: Algorithm) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.algorithm() == algorithm)
    }

    /// Header of the JWS, in base64url: `{"alg":"PS256"|"EdDSA","b64":false,"crit":["b64"]}`. Its text is signed,
    /// so that no other writing of the same header is the same.
    const fn header(self) -> &'static str {
        match self {
            Self::Rsa => "eyJhbGciOiJQUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19",
            Self::Ed25519 => "eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19",
        }
    }
}

/// A proof as read: who says to have signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub suite: Suite,
    /// When, as signed; an ISO 8601 text in every sample.
    pub created: String,
    /// The DID of the key (`did:india`); a name and no address.
    pub verification_method: String,
    /// The signature: 64 bytes of Ed25519, or as long as the RSA key.
    pub signature: Vec<u8>,
}

impl Proof {
    pub(super) fn of(proof: &Value) -> Result<Self, CredentialError> {
        let place = "proof";
        let proof = proof.as_object().ok_or(CredentialError::Form { path: place, expected: "one object" })?;
        let known = ["type", "created", "verificationMethod", "proofPurpose", "jws"];
        if let Some(member) = proof.keys().find(|member| !known.contains(&member.as_str())) {
            return Err(CredentialError::UnknownMember { path: format!("proof.{}", shown(member)) });
        }
        let name = text(proof, "type", "proof.type")?;
        let suite = Suite::ALL.into_iter().find(|suite| suite.name() == name);
        let suite = suite.ok_or_else(|| CredentialError::Suite { found: shown(name) })?;
        if text(proof, "proofPurpose", "proof.proofPurpose")? != "assertionMethod" {
            return Err(CredentialError::Form { path: "proof.proofPurpose", expected: "assertionMethod" });
        }
        let created = text(proof, "created", "proof.created")?;
        let verification_method = text(proof, "verificationMethod", "proof.verificationMethod")?;
        checked(created, verification_method)?;
        let signature = signature(suite, text(proof, "jws", "proof.jws")?)?;
        Ok(Self { suite, created: created.to_owned(), verification_method: verification_method.to_owned(), signature })
    }

    /// The statements of the proof in their one canonical text. They always have the same shape and one node, so
    /// that the text is a template.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical(self.suite, &self.created, &self.verification_method)
    }
}

/// The texts stand in the canonical text as they are: nothing in them may end a literal or an IRI.
fn checked(created: &str, verification_method: &str) -> Result<(), CredentialError> {
    let plain = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
    if created.is_empty() || !created.bytes().all(plain) {
        return Err(CredentialError::Form { path: "proof.created", expected: "a time in ISO 8601" });
    }
    if !is_clean_iri(verification_method) {
        return Err(CredentialError::Form { path: "proof.verificationMethod", expected: "a DID" });
    }
    Ok(())
}

fn canonical(suite: Suite, created: &str, verification_method: &str) -> String {
    let suite = suite.name();
    format!(
        "_:c14n0 <http://purl.org/dc/terms/created> \"{created}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n\
         _:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#{suite}> .\n\
         _:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .\n\
         _:c14n0 <https://w3id.org/security#verificationMethod> <{verification_method}> .\n"
    )
}

fn signature(suite: Suite, jws: &str) -> Result<Vec<u8>, CredentialError> {
    let malformed = |part| CredentialError::Jws { part };
    let mut parts = jws.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("form"));
    };
    if header != suite.header() {
        return Err(malformed("header"));
    }
    if !payload.is_empty() {
        return Err(malformed("payload"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("signature"))?;
    let length_fits = match suite {
        Suite::Rsa => (128..=MAX_SIGNATURE_BYTES).contains(&signature.len()),
        Suite::Ed25519 => signature.len() == 64,
    };
    if length_fits { Ok(signature) } else { Err(malformed("signature")) }
}

/// SHA-256 of the proof's statements, then SHA-256 of the document's: what is signed besides the header.
pub(super) fn verify_data(proof: &str, document: [u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    let (first, second) = out.split_at_mut(32);
    first.copy_from_slice(&sha256(proof.as_bytes()));
    second.copy_from_slice(&document);
    out
}

/// The bytes that are signed: header, full stop, 64 bytes raw (RFC 7797 section 3).
pub(super) fn signing_input(suite: Suite, verify_data: &[u8; 64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(suite.header().len() + 65);
    out.extend_from_slice(suite.header().as_bytes());
    out.push(b'.');
    out.extend_from_slice(verify_data);
    out
}

/// A credential that waits for its signature.
#[derive(Clone, PartialEq)]
pub struct Draft {
    document: Members,
    suite: Suite,
    created: String,
    verification_method: String,
    verify_data: [u8; 64],
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({}, {})", self.suite.name(), self.verification_method)
    }
}

impl Draft {
    /// Prepares a credential without proof for signing. `created` is a time in ISO 8601 (seconds and `Z` in every
    /// sample), `verification_method` the DID of the key.
    ///
    /// # Errors
    /// [`CredentialError`] when a reader would not take it, or would not find the person covered by the signature.
    pub fn new(
        document: Value,
        suite: Suite,
        created: &str,
        verification_method: &str,
    ) -> Result<Self, CredentialError> {
        let document = members(document)?;
        checked(created, verification_method)?;
        let graph = Graph::of(&document)?;
        if !graph.subject_covered || graph.spaces {
            return Err(CredentialError::Uncovered { path: "credentialSubject.id" });
        }
        let proof = canonical(suite, created, verification_method);
        let verify_data = verify_data(&proof, document_hash(&graph)?);
        let (created, verification_method) = (created.to_owned(), verification_method.to_owned());
        Ok(Self { document, suite, created, verification_method, verify_data })
    }

    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        signing_input(self.suite, &self.verify_data)
    }

    /// The complete credential as compact JSON.
    ///
    /// # Errors
    /// [`CredentialError::TooLong`], and [`CredentialError::Jws`] when the signature has a length that its suite
    /// never has.
    pub fn sign(self, signature: &[u8]) -> Result<String, CredentialError> {
        let jws = format!("{}..{}", self.suite.header(), URL_SAFE_NO_PAD.encode(signature));
        self::signature(self.suite, &jws)?;
        let mut proof = Map::new();
        let purpose = "assertionMethod".to_owned();
        for (member, value) in [
            ("type", self.suite.name().to_owned()),
            ("created", self.created),
            ("verificationMethod", self.verification_method),
            ("proofPurpose", purpose),
            ("jws", jws),
        ] {
            proof.insert(member.to_owned(), Value::String(value));
        }
        let mut document = self.document;
        document.insert("proof".to_owned(), Value::Object(proof));
        let text = Value::Object(document).to_string();
        if text.len() > DIVOC_TEXT_BYTES {
            return Err(CredentialError::TooLong { bytes: text.len() });
        }
        Ok(text)
    }
}

impl Credential {
    /// The bytes that are signed.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        signing_input(self.proof().suite, self.verify_data())
    }
}
