//! Our signed bundle: what an offline verifier needs, in one file, signed as COSE_Sign1 (RFC 9052).
//!
//! The file is JSON with two members, `vaccert-bundle` (version of the form) and `signed` (base64 of the
//! message); nothing outside the message counts. The message's payload is the JSON of [`Contents`]; its
//! protected header names the algorithm, the kid of the list key, and the content type.
//!
//! A production bundle is believed only under a list key that the verifier was given. A sandbox bundle
//! carries its own list key (header `x5chain`, RFC 9360): the signature then proves only that the file is
//! undamaged, and every verdict that rests on it says `sandbox`.

use base64::{Engine, engine::general_purpose::STANDARD};
use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Added, ListForm, ListInfo, SkipReason, Skipped, TrustStore, TrustedKey};
use crate::keys::{Algorithm, Certificate, PublicKey, Signer, SignerError, sha256};

const VERSION: u8 = 1;
const CONTENT_TYPE: &str = "application/vnd.vaccert.bundle+json";
/// COSE header `x5chain` (RFC 9360 section 2).
const HEADER_X5CHAIN: i64 = 33;

/// Who may believe a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A rehearsal: throw-away keys, specimens.
    Sandbox,
    /// The real thing.
    Production,
}

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Sandbox or production.
    pub environment: Environment,
    /// Counts up with every bundle of one issuer; an older one never replaces a newer one.
    pub sequence: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it may be used.
    pub valid_until: Timestamp,
    /// Signer certificates, base64 of DER.
    pub certificates: Vec<String>,
    /// Revoked certificate identifiers, as lower-case hexadecimal of [`id_hash`].
    #[serde(default)]
    pub revoked: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "vaccert-bundle")]
    version: u8,
    signed: String,
}

/// Why a bundle is not believed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not the form of this module.
    #[error("this is not a bundle of this program: {part} cannot be read")]
    Form {
        /// Which part.
        part: &'static str,
    },
    /// A later form.
    #[error("the bundle has the form {version}; this program reads form {VERSION}: get a newer program")]
    Version {
        /// The form found.
        version: u8,
    },
    /// A production bundle and no list key that fits.
    #[error("no list key was given that signs this bundle: give the issuer's key with --list-key")]
    NoListKey,
    /// The signature does not match.
    #[error("the bundle's signature does not match its content: it was damaged or forged, get it again")]
    Signature,
    /// The signer failed while making one.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// First 128 bits of the SHA-256 of a certificate identifier in upper case without its check character: the
/// form in which identifiers are compared (facts on the EU DCC, section 5).
#[must_use]
pub fn id_hash(id: &str) -> [u8; 16] {
    let upper = id.trim().to_uppercase();
    let body = upper.rsplit_once('#').map_or(upper.as_str(), |(body, _)| body);
    let digest = sha256(body.as_bytes());
    digest.first_chunk().copied().unwrap_or_default()
}

/// Lower-case hexadecimal of a hash.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    let bytes = text.as_bytes();
    if bytes.len() != 32 {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

fn form(part: &'static str) -> BundleError {
    BundleError::Form { part }
}

fn cose_algorithm(algorithm: Algorithm) -> iana::Algorithm {
    match algorithm {
        Algorithm::Es256 => iana::Algorithm::ES256,
        Algorithm::Ps256 => iana::Algorithm::PS256,
        Algorithm::EdDsa => iana::Algorithm::EdDSA,
    }
}

/// Makes the file of a bundle, signed by the list key `signer`.
///
/// # Errors
/// [`BundleError::Signer`] when the signer fails.
pub fn write(contents: &Contents, signer: &dyn Signer) -> Result<Vec<u8>, BundleError> {
    let payload = serde_json::to_vec(contents).map_err(|_| form("content"))?;
    let protected = HeaderBuilder::new()
        .algorithm(cose_algorithm(signer.algorithm()))
        .key_id(signer.kid().as_bytes().to_vec())
        .content_type(CONTENT_TYPE.to_owned())
        .build();
    let mut unprotected = HeaderBuilder::new();
    if contents.environment == Environment::Sandbox {
        unprotected =
            unprotected.value(HEADER_X5CHAIN, coset::cbor::value::Value::Bytes(signer.certificate().der().to_vec()));
    }
    let message = CoseSign1Builder::new()
        .protected(protected)
        .unprotected(unprotected.build())
        .payload(payload)
        .try_create_signature(&[], |bytes| signer.sign(bytes))?
        .build()
        .to_tagged_vec()
        .map_err(|_| form("message"))?;
    let file = File { version: VERSION, signed: STANDARD.encode(message) };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(|_| form("file"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Whether a file says of itself that it is a bundle.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Mark {
        #[serde(rename = "vaccert-bundle")]
        _version: u8,
    }
    serde_json::from_slice::<Mark>(bytes).is_ok()
}

/// The contents of a bundle whose signature nobody checks: for `--trust-unsigned`, where the caller vouches
/// for the file itself.
///
/// # Errors
/// [`BundleError::Form`] when the file is none.
pub fn read_unsigned(bytes: &[u8]) -> Result<Contents, BundleError> {
    let message = open(bytes)?;
    serde_json::from_slice(message.payload.as_deref().ok_or(form("the payload"))?).map_err(|_| form("the content"))
}

fn open(bytes: &[u8]) -> Result<coset::CoseSign1, BundleError> {
    let file: File = serde_json::from_slice(bytes).map_err(|_| form("the file"))?;
    if file.version != VERSION {
        return Err(BundleError::Version { version: file.version });
    }
    let message = STANDARD.decode(file.signed).map_err(|_| form("the member `signed`"))?;
    coset::CoseSign1::from_tagged_slice(&message)
        .or_else(|_| coset::CoseSign1::from_slice(&message))
        .map_err(|_| form("the signed message"))
}

/// Checks a bundle's signature and gives its contents.
///
/// # Errors
/// [`BundleError`] says why it is not believed.
pub fn read(bytes: &[u8], list_keys: &[PublicKey]) -> Result<Contents, BundleError> {
    let message = open(bytes)?;
    let payload = message.payload.as_deref().ok_or(form("the payload"))?;
    let contents: Contents = serde_json::from_slice(payload).map_err(|_| form("the content"))?;
    let algorithm = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa].into_iter().find(|&a| {
        message.protected.header.alg == Some(coset::RegisteredLabelWithPrivate::Assigned(cose_algorithm(a)))
    });
    let algorithm = algorithm.ok_or(form("the algorithm"))?;
    let matches = |key: &PublicKey| {
        message.verify_signature(&[], |signature, signed| key.verify(algorithm, signed, signature)).is_ok()
    };
    if list_keys.iter().any(matches) {
        return Ok(contents);
    }
    if contents.environment == Environment::Sandbox {
        let chain = message.unprotected.rest.iter().find_map(|(label, value)| match (label, value) {
            (coset::Label::Int(HEADER_X5CHAIN), coset::cbor::value::Value::Bytes(der)) => Some(der),
            _ => None,
        });
        let own = chain.and_then(|der| Certificate::from_der(der).ok()).filter(Certificate::is_sandbox);
        let own = own.and_then(|certificate| certificate.public_key().ok());
        return match own {
            Some(key) if matches(&key) => Ok(contents),
            _ => Err(BundleError::Signature),
        };
    }
    Err(if list_keys.is_empty() { BundleError::NoListKey } else { BundleError::Signature })
}

/// Adds a bundle's keys and revocations to a store. Certificates that cannot be used, or that belong to the
/// other environment, are left out by name.
pub fn add_to(store: &mut TrustStore, contents: &Contents, name: &str) {
    let mut skipped = Vec::new();
    let (mut keys, mut repeated) = (0, 0);
    for (index, text) in contents.certificates.iter().enumerate() {
        let key = STANDARD
            .decode(text)
            .map_err(|_| SkipReason::NotBase64 { field: "certificate" })
            .and_then(|der| Ok(Certificate::from_der(&der)?))
            .and_then(|certificate| Ok(TrustedKey::from_certificate(&certificate, name)?));
        let skip = |reason| Skipped { entry: format!("certificate {}", index + 1), reason };
        match key {
            Ok(key) if key.sandbox && contents.environment == Environment::Production => {
                skipped.push(skip(SkipReason::Sandbox));
            }
            Ok(mut key) => {
                key.sandbox |= contents.environment == Environment::Sandbox;
                match store.add(key) {
                    Added::Stored => keys += 1,
                    Added::Repeated => repeated += 1,
                    Added::TooMany => skipped.push(skip(SkipReason::TooManyKeys)),
                }
            }
            Err(reason) => skipped.push(skip(reason)),
        }
    }
    store.revoke(contents.revoked.iter().filter_map(|text| unhex(text)));
    store.add_list(ListInfo {
        name: name.to_owned(),
        form: ListForm::Bundle,
        entries: contents.certificates.len(),
        keys,
        repeated,
        made_at: Some(contents.made_at),
        valid_until: Some(contents.valid_until),
        tells_revocations: true,
        skipped,
        ..ListInfo::default()
    });
}
