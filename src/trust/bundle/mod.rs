//! Our signed bundle: what an offline verifier needs, in one file, signed as COSE_Sign1 (RFC 9052).
//!
//! The file has the form of [`signed_file`](crate::envelope::signed_file) with the mark `vaccert-bundle`; the payload is
//! the CBOR of [`Contents`]. Revocations are a table
//! of raw hashes, so that a million of them cost 16 MB and not ten times as much.
//!
//! A production bundle is believed only under a list key that the verifier was given. A sandbox bundle
//! carries its own list key (header `x5chain`, RFC 9360): the signature then proves only that the file is
//! undamaged, and every verdict that rests on it says `sandbox`.

mod wire;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Added, Authenticity, Authority, ListForm, ListInfo, SkipReason, Skipped, TrustStore, TrustedKey};
use crate::{
    envelope::signed_file::{Form, SignedFile, SignedFileError},
    keys::{Certificate, PublicKey, Signer, SignerError},
};

/// Form 3 adds authorities to the lists of form 2, which is still read.
const VERSION: u8 = 3;
const OLDEST_VERSION: u8 = 2;
const FORM: Form = Form {
    mark: "vaccert-bundle",
    versions: OLDEST_VERSION..=VERSION,
    content_type: "application/vnd.vaccert.bundle+cbor",
};

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
    #[error(
        "none of the list keys that this device was given signed the bundle: it was forged, or the issuer has a new key"
    )]
    OtherListKey,
    /// The signer failed while making one.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

fn form(part: &'static str) -> BundleError {
    BundleError::Form { part }
}

impl From<SignedFileError> for BundleError {
    fn from(error: SignedFileError) -> Self {
        match error {
            SignedFileError::Part(part) => Self::Form { part },
            SignedFileError::Version(version) => Self::Version { version },
            SignedFileError::Signer(error) => Self::Signer(error),
        }
    }
}

/// Makes the file of a bundle, signed by the list key `signer`.
///
/// # Errors
/// [`BundleError::Signer`] when the signer fails.
pub fn write(contents: &Contents, signer: &dyn Signer) -> Result<Vec<u8>, BundleError> {
    let payload = wire::encode(contents).map_err(|_| form("the content"))?;
    Ok(FORM.write(payload, signer, contents.environment == Environment::Sandbox)?)
}

/// Whether a file says of itself that it is a bundle.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> bool {
    FORM.marks(bytes)
}

/// A bundle whose signature nobody checks: for `--trust-unsigned`, where the caller vouches for the file itself.
///
/// # Errors
/// [`BundleError::Form`] when the file is none.
pub fn read_unsigned(bytes: Vec<u8>) -> Result<Bundle, BundleError> {
    unpack(FORM.open(bytes)?, false)
}

fn unpack(file: SignedFile, signed: bool) -> Result<Bundle, BundleError> {
    let maker = file.maker();
    let contents = wire::decode(&file.into_payload()?).ok_or(form("the content"))?;
    Ok(Bundle { contents, maker, signed })
}

/// Checks a bundle's signature and gives its contents.
///
/// # Errors
/// [`BundleError`] says why it is not believed.
pub fn read(bytes: Vec<u8>, list_keys: &[PublicKey]) -> Result<Bundle, BundleError> {
    let file = FORM.open(bytes)?;
    let (vouched, undamaged) = file.signed_by(list_keys)?;
    let bundle = unpack(file, true)?;
    match bundle.contents.environment {
        _ if vouched => Ok(bundle),
        Environment::Sandbox if undamaged => Ok(bundle),
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
    let file = FORM.open(bytes)?;
    match file.signed_by(list_keys)? {
        (true, _) => unpack(file, true),
        (false, _) => Err(BundleError::OtherListKey),
    }
}

/// Adds a bundle's keys to a store. Certificates that cannot be used, or that belong to the other environment,
/// are left out by name, and of a production bundle every key that everybody knows (failure F06).
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
            Ok(key) if !sandbox && let Some(known) = key.published() => {
                info.skipped.push(skip(SkipReason::Published { place: known.place }));
            }
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
        for (index, key) in list.keys.iter().enumerate() {
            if !sandbox && let Some(known) = key.published() {
                let reason = SkipReason::Published { place: known.place };
                let country = key.country.clone();
                info.skipped.push(Skipped { entry: format!("key {}", index + 1), country, reason });
                continue;
            }
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
