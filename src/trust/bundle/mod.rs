//! Our signed bundle: what an offline verifier needs, in one file, signed as COSE_Sign1 (RFC 9052).
//!
//! The file is JSON with two members, `vaccert-bundle` (version of the form) and `signed` (base64 of the
//! message); nothing outside the message counts. The message's payload is the CBOR of [`Contents`]; its
//! protected header names the algorithm, the kid of the list key, and the content type. Revocations are a table
//! of raw hashes, so that a million of them cost 16 MB and not ten times as much.
//!
//! A production bundle is believed only under a list key that the verifier was given. A sandbox bundle
//! carries its own list key (header `x5chain`, RFC 9360): the signature then proves only that the file is
//! undamaged, and every verdict that rests on it says `sandbox`.

mod wire;

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Added, Authenticity, Authority, ListForm, ListInfo, SkipReason, Skipped, TrustStore, TrustedKey};
use crate::keys::{Algorithm, Certificate, PublicKey, Signer, SignerError};

/// Form 3 adds authorities to the lists of form 2, which is still read.
const VERSION: u8 = 3;
const OLDEST_VERSION: u8 = 2;
const CONTENT_TYPE: &str = "application/vnd.vaccert.bundle+cbor";
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

/// What a bundle holds. Rules, value sets and products are the JSON texts of their makers; revocations are
/// the table of the room that reads them.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Sandbox or production.
    pub environment: Environment,
    /// Counts up with every bundle of one issuer; an older one never replaces a newer one.
    pub sequence: u64,
    /// When it was made, to the second.
    pub made_at: Timestamp,
    /// Until when it may be used, to the second.
    pub valid_until: Timestamp,
    /// Signer certificates in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Trust lists of others that were checked when the bundle was made.
    pub lists: Vec<BundledList>,
    /// Revocations, as their room encodes them; empty where the bundle tells none.
    pub revocations: Vec<u8>,
    /// Business rules, each a JSON text of one rule or of a list of them.
    pub rules: Vec<String>,
    /// Value sets, each a JSON text.
    pub value_sets: Vec<String>,
    /// Catalogue of vaccine products, a JSON text.
    pub products: Option<String>,
}

/// A trust list inside a bundle.
#[derive(Debug, Clone)]
pub struct BundledList {
    /// Its name at its maker's.
    pub name: String,
    /// When it was made, if it says so.
    pub made_at: Option<Timestamp>,
    /// Its keys.
    pub keys: Vec<TrustedKey>,
    /// Its authorities.
    pub authorities: Vec<Authority>,
}

impl Contents {
    /// A bundle that holds nothing yet.
    #[must_use]
    pub fn new(environment: Environment, sequence: u64, made_at: Timestamp, valid_until: Timestamp) -> Self {
        let to_the_second = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time);
        Self {
            environment,
            sequence,
            made_at: to_the_second(made_at),
            valid_until: to_the_second(valid_until),
            certificates: Vec::new(),
            lists: Vec::new(),
            revocations: Vec::new(),
            rules: Vec::new(),
            value_sets: Vec::new(),
            products: None,
        }
    }
}

/// A bundle that was read, and who signed it.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What it holds.
    pub contents: Contents,
    /// Identifier of the list key, base64: whose sequence numbers it counts among.
    pub maker: String,
    /// Whether a list key vouches for it; false for one whose signature nobody checked.
    pub signed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(rename = "vaccert-bundle")]
    version: u8,
    #[serde(borrow)]
    signed: Cow<'a, str>,
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
    #[error(
        "the bundle has the form {version}; this program reads the forms {OLDEST_VERSION} to {VERSION}: get a bundle and a program of the same age"
    )]
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
    /// Another list key than the pinned ones signed it.
    #[error("none of the list keys that this device was given signed the bundle: it was forged, or the issuer has a new key")]
    OtherListKey,
    /// The signer failed while making one.
    #[error(transparent)]
    Signer(#[from] SignerError),
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
    let payload = wire::encode(contents).map_err(|_| form("the content"))?;
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
    let file = File { version: VERSION, signed: STANDARD.encode(message).into() };
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

/// A bundle whose signature nobody checks: for `--trust-unsigned`, where the caller vouches for the file itself.
///
/// # Errors
/// [`BundleError::Form`] when the file is none.
pub fn read_unsigned(bytes: Vec<u8>) -> Result<Bundle, BundleError> {
    let mut message = open(bytes)?;
    let contents = contents(&mut message)?;
    Ok(Bundle { contents, maker: maker(&message), signed: false })
}

/// The signed message of a file. Takes the file and lets it go before anything is unpacked: a bundle with a
/// million revocations must not be in memory twice.
fn open(bytes: Vec<u8>) -> Result<coset::CoseSign1, BundleError> {
    let message = {
        let file: File<'_> = serde_json::from_slice(&bytes).map_err(|_| form("the file"))?;
        if !(OLDEST_VERSION..=VERSION).contains(&file.version) {
            return Err(BundleError::Version { version: file.version });
        }
        STANDARD.decode(file.signed.as_bytes()).map_err(|_| form("the member `signed`"))?
    };
    drop(bytes);
    coset::CoseSign1::from_tagged_slice(&message)
        .or_else(|_| coset::CoseSign1::from_slice(&message))
        .map_err(|_| form("the signed message"))
}

fn contents(message: &mut coset::CoseSign1) -> Result<Contents, BundleError> {
    let payload = message.payload.take().ok_or(form("the payload"))?;
    wire::decode(&payload).ok_or(form("the content"))
}

fn algorithm(message: &coset::CoseSign1) -> Result<Algorithm, BundleError> {
    let algorithm = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa].into_iter().find(|&a| {
        message.protected.header.alg == Some(coset::RegisteredLabelWithPrivate::Assigned(cose_algorithm(a)))
    });
    algorithm.ok_or(form("the algorithm"))
}

fn maker(message: &coset::CoseSign1) -> String {
    STANDARD.encode(&message.protected.header.key_id)
}

/// Checks a bundle's signature and gives its contents.
///
/// # Errors
/// [`BundleError`] says why it is not believed.
pub fn read(bytes: Vec<u8>, list_keys: &[PublicKey]) -> Result<Bundle, BundleError> {
    let mut message = open(bytes)?;
    let algorithm = algorithm(&message)?;
    let signed = message.tbs_data(&[]);
    let matches = |key: &PublicKey| key.verify(algorithm, &signed, &message.signature).is_ok();
    let vouched = list_keys.iter().any(matches);
    let own = || {
        let chain = message.unprotected.rest.iter().find_map(|(label, value)| match (label, value) {
            (coset::Label::Int(HEADER_X5CHAIN), coset::cbor::value::Value::Bytes(der)) => Some(der),
            _ => None,
        });
        let own = chain.and_then(|der| Certificate::from_der(der).ok()).filter(Certificate::is_sandbox);
        own.and_then(|certificate| certificate.public_key().ok())
    };
    let undamaged = vouched || own().is_some_and(|key| matches(&key));
    drop(signed);
    let contents = contents(&mut message)?;
    match contents.environment {
        _ if vouched => Ok(Bundle { contents, maker: maker(&message), signed: true }),
        Environment::Sandbox if undamaged => Ok(Bundle { contents, maker: maker(&message), signed: true }),
        Environment::Sandbox => Err(BundleError::Signature),
        Environment::Production if list_keys.is_empty() => Err(BundleError::NoListKey),
        Environment::Production => Err(BundleError::Signature),
    }
}

/// The same for a reader that was given the list keys and believes nothing else: not even of a rehearsal's bundle
/// counts the key that it brings along.
///
/// # Errors
/// [`BundleError`] says why it is not believed.
pub fn read_pinned(bytes: Vec<u8>, list_keys: &[PublicKey]) -> Result<Bundle, BundleError> {
    let mut message = open(bytes)?;
    let signed = message.tbs_data(&[]);
    let named = algorithm(&message)?;
    if !list_keys.iter().any(|key| key.verify(named, &signed, &message.signature).is_ok()) {
        return Err(BundleError::OtherListKey);
    }
    drop(signed);
    let contents = contents(&mut message)?;
    Ok(Bundle { contents, maker: maker(&message), signed: true })
}

/// Adds a bundle's keys to a store. Certificates that cannot be used, or that belong to the other environment,
/// are left out by name.
pub fn add_to(store: &mut TrustStore, bundle: &Bundle, name: &str) {
    let contents = &bundle.contents;
    let sandbox = contents.environment == Environment::Sandbox;
    let authenticity = match (sandbox, bundle.signed) {
        (_, false) => Authenticity::Unsigned,
        // It carries its own key: nobody but whoever hands it over vouches for it, nor for the time in it.
        (true, true) => Authenticity::Vouched,
        (false, true) => Authenticity::Whole { by: bundle.maker.clone() },
    };
    let mut info = ListInfo {
        name: name.to_owned(),
        form: ListForm::Bundle,
        authenticity,
        made_at: Some(contents.made_at),
        valid_until: Some(contents.valid_until),
        ..ListInfo::default()
    };
    for (index, der) in contents.certificates.iter().enumerate() {
        info.entries += 1;
        let key = Certificate::from_der(der)
            .map_err(SkipReason::from)
            .and_then(|certificate| Ok(TrustedKey::from_certificate(&certificate, name)?));
        let skip = |reason| Skipped { entry: format!("certificate {}", index + 1), country: None, reason };
        match key {
            Ok(key) if key.sandbox && !sandbox => info.skipped.push(skip(SkipReason::Sandbox)),
            Ok(mut key) => {
                key.sandbox |= sandbox;
                match store.add(key) {
                    Added::Stored => info.keys += 1,
                    Added::Repeated => info.repeated += 1,
                    Added::TooMany => info.skipped.push(skip(SkipReason::TooManyKeys)),
                }
            }
            Err(reason) => info.skipped.push(skip(reason)),
        }
    }
    for list in &contents.lists {
        let inner = format!("{name}: {}", list.name);
        let mut info = ListInfo {
            name: inner.clone(),
            entries: list.keys.len() + list.authorities.len(),
            keys: 0,
            authorities: 0,
            repeated: 0,
            skipped: Vec::new(),
            // The bundle is as old as the lists in it.
            made_at: Some(list.made_at.unwrap_or(contents.made_at)),
            ..info.clone()
        };
        for key in &list.keys {
            let mut key = TrustedKey { list: inner.clone(), ..key.clone() };
            key.sandbox |= sandbox;
            match store.add(key) {
                Added::Stored => info.keys += 1,
                Added::Repeated => info.repeated += 1,
                Added::TooMany => {}
            }
        }
        for authority in &list.authorities {
            let mut authority = Authority { list: inner.clone(), ..authority.clone() };
            authority.sandbox |= sandbox;
            match store.add_authority(authority) {
                Added::Stored => info.authorities += 1,
                Added::Repeated => info.repeated += 1,
                Added::TooMany => {}
            }
        }
        store.add_list(info);
    }
    store.add_list(info);
}
