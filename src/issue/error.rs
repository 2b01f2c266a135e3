//! Why nothing is signed: the issuer as a whole cannot, or a record cannot become a certificate of a format.

use jiff::Timestamp;

use super::Format;
use crate::{
    keys::{Algorithm, Kid, NotSigning, Purpose, SetError, SignerError},
    record::Refusal,
};

/// Why the issuer as a whole cannot sign; every record would fail.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signer is of an algorithm that HCERT does not have.
    #[error("a key for {algorithm} cannot sign EU and WHO certificates; use ES256 (P-256) or PS256 (RSA)")]
    Algorithm {
        /// The signer's algorithm.
        algorithm: Algorithm,
    },
    /// The signer's certificate names no country.
    #[error("the signer certificate {kid} names no country (C) in its subject, so it cannot issue for one")]
    NoCountry {
        /// Its key identifier.
        kid: Kid,
    },
    /// The signer's certificate is of another country than the configuration.
    #[error("the signer certificate {kid} is of {certificate} and the configuration of {configured}; they must agree")]
    OtherCountry {
        /// Its key identifier.
        kid: Kid,
        /// The certificate's country.
        certificate: String,
        /// The configured country.
        configured: String,
    },
    /// The key may not sign at this time.
    #[error("the signer certificate {kid} may sign from {from} to {until}, not at {now}; put a current one in place")]
    NotNow {
        /// Its key identifier.
        kid: Kid,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// The time of issue.
        now: Timestamp,
    },
    /// None of the signers may sign now.
    #[error(transparent)]
    NotSigning(#[from] NotSigning),
    /// What is signed now would be valid for too short a time.
    #[error(
        "the signer certificate {kid} ends at {ends}, and what it signs would be valid for less than {least} days \
         (issuer.least_validity_days): put its successor in place"
    )]
    EndsSoon {
        /// Its key identifier.
        kid: Kid,
        /// End of the certificate.
        ends: Timestamp,
        /// The least validity, in days.
        least: i64,
    },
    /// The extensions of its certificate cannot be read.
    #[error(
        "the extensions of the signer certificate {kid} cannot be read (one comes twice, or the private key usage \
         period is malformed), so nobody knows when its key may sign: get a sound certificate"
    )]
    Extensions {
        /// Its key identifier.
        kid: Kid,
    },
    /// The signers make no set.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The key may not sign documents of this kind.
    #[error("the signer certificate {kid} does not allow certificates of this kind ({purpose:?})")]
    Purpose {
        /// Its key identifier.
        kid: Kid,
        /// The kind.
        purpose: Purpose,
    },
    /// The key for linked data is of an algorithm that no proof has.
    #[error("a key for {algorithm} cannot sign linked data; use Ed25519 or RSA (PS256) for [divoc] key")]
    LinkedDataKey {
        /// The key's algorithm.
        algorithm: Algorithm,
    },
    /// Linked data is wanted and nobody can sign it.
    #[error("the format divoc needs a key of its own: set key under [divoc], or leave the format out")]
    NoLinkedData,
    /// A DIVOC format is wanted without the names that it is issued under.
    #[error(
        "the formats divoc and divoc-cwt need the section [divoc] with did and base_url: add it, or leave them out"
    )]
    NoDivoc,
    /// The key or the token failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What was signed does not verify: the key, the token or the machine is at fault.
    #[error(
        "a certificate ({format}) signed by {kid} does not verify ({reason}); nothing was released, check the key and \
         the machine"
    )]
    ReadBack {
        /// Its format.
        format: Format,
        /// The signer's key identifier.
        kid: Kid,
        /// The verifier's reason code.
        reason: String,
    },
}

/// A format that a record was not issued in, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NotIssued {
    /// The format.
    pub format: Format,
    /// Why not.
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// What happened to one record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The record can become a certificate of none of the wanted formats.
    #[error("{}", list(.0))]
    Refused(Vec<NotIssued>),
    /// The issuer cannot sign.
    #[error(transparent)]
    Issuer(#[from] IssueError),
}

fn list(refused: &[NotIssued]) -> String {
    let sentences: Vec<String> = refused
        .iter()
        .map(|NotIssued { format, refusal }| format!("{format}: {}: {}", refusal.code, refusal.message))
        .collect();
    sentences.join("; ")
}
