//! Trust lists as others publish them: recognised by their content, checked, and read entry by entry.
//!
//! One bad entry never breaks a list: it is skipped with a named reason (failure F17). A list whose
//! authenticity nobody can check is refused, unless the caller accepts it as it is. What the caller hands over
//! as a certificate or a bare key needs no signature: the caller vouches.
//!
//! Files: `gateway` (DGCG and TNG), `covpass`, `mirrors` (national forms), `did` (GDHCN), `jwks` (SMART Health
//! Cards) with `x5c` (their certificates), `x509` (certificates), `master_list` (ICAO's authorities), `bare` (keys
//! with a name given by the caller).

mod bare;
mod collect;
mod covpass;
mod did;
mod gateway;
mod json;
mod jwks;
mod listkey;
mod master_list;
mod mirrors;
mod reason;
mod text;
mod x509;
mod x5c;

pub use bare::{Binding, bare_key};
pub use listkey::{ListKey, ListKeyError};
pub use reason::{Remark, SkipReason, Skipped};

use json::Json;

use jiff::Timestamp;

use super::{TrustStore, cms::CmsError, path::Reason};
use crate::{keys::PublicKeyError, limits::TRUST_LIST_BYTES};

/// How a list is to be read.
#[derive(Debug, Clone, Copy)]
pub struct ListOptions<'a> {
    /// Name to show in verdicts: a file name or an address.
    pub name: &'a str,
    /// Keys and certificates that the caller believes as signers of lists: a CovPass key, a trust anchor, an
    /// upload certificate, WHO's key.
    pub list_keys: &'a [ListKey],
    /// Accept a list whose own signature cannot be checked.
    pub unsigned: bool,
}

/// Whether entries count whose upload certificate has expired since they were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OldUploaders {
    /// No: their country has to sign them again (the gateway's CMS migration).
    #[default]
    Refused,
    /// Yes, where the message says that it was signed while the upload certificate was valid. The country's authority
    /// must have issued the signer's certificate in any case.
    AcceptedIfSignedInTime,
}

/// What a list must fulfil besides its signatures when it is taken over from its source: dates, and the path of every
/// signer to an authority of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// When the list is judged: anchors, uploaders and authorities must be valid then. Signers that have expired stay
    /// listed with their dates.
    pub at: Timestamp,
    /// Whether every signer needs an authority of its country in the list. Without, a list that has no authorities at
    /// all is believed on the word of its uploaders.
    pub need_authorities: bool,
    /// Entries of uploaders that have expired.
    pub old_uploaders: OldUploaders,
}

impl Checks {
    /// Everything that a gateway's own list must fulfil.
    #[must_use]
    pub fn of_gateway(at: Timestamp) -> Self {
        Self { at, need_authorities: true, old_uploaders: OldUploaders::default() }
    }

    /// What any other list must fulfil.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { need_authorities: false, ..Self::of_gateway(at) }
    }
}

/// Form of a trust list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListForm {
    /// Our own signed bundle.
    Bundle,
    /// Trust list of the EU gateway or of WHO's: entries with their own CMS signatures.
    Gateway,
    /// CovPass (DE): a signature line, then certificates.
    CovPass,
    /// Certificates with kids (AT, SE).
    CertificateMirror,
    /// Certificates under Polish names.
    PolishMirror,
    /// Keys with names and dates (FR, IT).
    KeyMirror,
    /// Keys with usage letters (NL).
    DutchMirror,
    /// Keys as JWK parts with usage letters (CH).
    SwissMirror,
    /// GDHCN DID document, either version.
    Did,
    /// JWKS of a SMART Health Card issuer.
    Jwks,
    /// Snapshot of the VCI directory of SMART Health Card issuers.
    VciSnapshot,
    /// X.509 certificates.
    #[default]
    Certificates,
    /// Master list of ICAO or one of its members: authorities of many countries.
    MasterList,
    /// One public key that the caller named.
    BareKey,
}

impl std::fmt::Display for ListForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bundle => "signed bundle",
            Self::Gateway => "gateway trust list",
            Self::CovPass => "CovPass list",
            Self::CertificateMirror => "list of certificates",
            Self::PolishMirror => "Polish list",
            Self::KeyMirror => "French or Italian list",
            Self::DutchMirror => "Dutch list",
            Self::SwissMirror => "Swiss list",
            Self::Did => "GDHCN DID document",
            Self::Jwks => "JWKS",
            Self::VciSnapshot => "VCI directory snapshot",
            Self::Certificates => "certificates",
            Self::MasterList => "ICAO master list",
            Self::BareKey => "bare key",
        })
    }
}

/// How it was established that a list is what its maker published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authenticity {
    /// One signature over the whole list, by this list key.
    Whole {
        /// The list key in words.
        by: String,
    },
    /// A signature on every entry, each under one of these list keys.
    Entries {
        /// The list keys in words.
        by: String,
    },
    /// Certificates or keys that the caller handed over.
    Vouched,
    /// Not established; the caller accepted that.
    #[default]
    Unsigned,
}

impl Authenticity {
    /// Whether a signature proves it.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Entries { .. })
    }
}

/// What a reader found out about a signature over a whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ListSignature {
    /// It matches under a list key.
    Verified {
        /// The list key in words.
        by: String,
    },
    /// A list key of the kind that signs such lists was given, and it does not match.
    Wrong,
    /// Nothing was given, or nothing is there, to check it with.
    Uncheckable,
}

impl ListSignature {
    /// Whether the list may be read.
    fn decide(self, form: ListForm, options: &ListOptions<'_>) -> Result<Authenticity, ListError> {
        match self {
            Self::Verified { by } => Ok(Authenticity::Whole { by }),
            // `unsigned` is for a list that cannot be checked, not for one that was, and failed.
            Self::Wrong => Err(ListError::Signature { form }),
            Self::Uncheckable if options.unsigned => Ok(Authenticity::Unsigned),
            Self::Uncheckable => Err(ListError::Unsigned { form }),
        }
    }
}

/// Why a list is not read at all.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Larger than the bound.
    #[error("the list has {bytes} bytes, more than any trust list has ({TRUST_LIST_BYTES})")]
    TooLarge {
        /// Size found.
        bytes: usize,
    },
    /// Not JSON, or beyond the bounds on depth and number of values.
    #[error("the list cannot be read as JSON: {source}; it was cut off or damaged, get it again")]
    Json {
        /// Where and why.
        #[from]
        source: serde_json::Error,
    },
    /// No form that this program knows.
    #[error(
        "this is no trust list, certificate or key of a known form; known are gateway, CovPass, national, DID, \
         JWKS and VCI lists, ICAO master lists, certificates in PEM or DER, and keys given as kid:BASE64=FILE or did:NAME=FILE"
    )]
    Unknown,
    /// A list without entries, which is a failure at its source and not an empty world.
    #[error("the {form} is empty; keep the last good one and get it again")]
    Empty {
        /// Its form.
        form: ListForm,
    },
    /// Nothing establishes that the list is authentic.
    #[error(
        "nothing proves that this {form} is authentic: give the key or certificate that signs it with --list-key, \
         or accept it as it is with --trust-unsigned"
    )]
    Unsigned {
        /// Its form.
        form: ListForm,
    },
    /// The list's signature is wrong.
    #[error("the signature of the {form} does not match under the list key: it was damaged or forged, get it again")]
    Signature {
        /// Its form.
        form: ListForm,
    },
    /// A list that is checked entry by entry, and no entry counts.
    #[error(
        "none of the {entries} entries is signed under the list key given with --list-key ({reason}); give the trust \
         anchor or upload certificate of this list, or accept the list as it is with --trust-unsigned"
    )]
    NothingAuthentic {
        /// How many entries there are.
        entries: usize,
        /// Why the first one does not count.
        reason: SkipReason,
    },
    /// The list key's own certificate is out of date.
    #[error(
        "the list key {key} {reason}: nothing that it signed is believed; get the new one from the operator of the list"
    )]
    ListKeyDates {
        /// The list key in words.
        key: String,
        /// What is wrong with its dates.
        reason: Reason,
    },
    /// A CMS message that cannot be read.
    #[error("the {form} cannot be read: {reason}; it was cut off or damaged, get it again")]
    Cms {
        /// Its form.
        form: ListForm,
        /// What is wrong.
        reason: CmsError,
    },
    /// A public key alone.
    #[error(
        "a bare public key has neither kid nor issuer: give it as kid:BASE64=FILE, did:NAME=FILE or https://ISSUER=FILE"
    )]
    Nameless,
    /// A private key.
    #[error("this is a private key; a verifier needs the public key or the certificate only")]
    PrivateKey,
    /// A name that is no binding.
    #[error(
        "{binding} is none of kid:BASE64, did:NAME and the https:// address of an issuer without a slash at its end"
    )]
    Binding {
        /// What was given, shortened.
        binding: String,
    },
    /// The one key that the caller named cannot be used.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// The one certificate whose key the caller named cannot be used.
    #[error(transparent)]
    Certificate(#[from] crate::keys::CertificateError),
}

/// Reads a list into the store, whatever its form. When it fails the store is as it was.
///
/// # Errors
/// [`ListError`] says why the list as a whole is not read, and what to do. Single entries that cannot be used
/// are in [`ListInfo::skipped`](super::ListInfo::skipped).
pub fn read(bytes: &[u8], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    read_with(bytes, options, None, store)
}

/// Reads a list as [`read`] does, and checks dates and paths as well.
///
/// # Errors
/// As [`read`]; [`ListError::ListKeyDates`] when every list key is out of date.
pub fn read_checked(
    bytes: &[u8],
    options: &ListOptions<'_>,
    checks: &Checks,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let mut outdated = None;
    let mut keys = options.list_keys.to_vec();
    keys.retain(|key| match key.date_fault(checks.at) {
        Some(reason) => {
            outdated = Some(ListError::ListKeyDates { key: key.describe(), reason });
            false
        }
        None => true,
    });
    match outdated {
        Some(error) if keys.is_empty() => Err(error),
        _ => read_with(bytes, &ListOptions { list_keys: &keys, ..*options }, Some(checks), store),
    }
}

fn read_with(
    bytes: &[u8],
    options: &ListOptions<'_>,
    checks: Option<&Checks>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > TRUST_LIST_BYTES) {
        return Err(ListError::TooLarge { bytes: bytes.len() });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text {
        [b'{' | b'[', ..] => read_json(text, options, checks, store),
        [0x30, ..] if master_list::is_master_list(text) => master_list::read(text, options, store),
        // Text may begin with `0` too, but its second character is no length of several octets, and no length
        // that happens to be that of the whole file.
        [0x30, 0x80..=0xff, ..] => x509::read_der(text, options, store),
        [0x30, length, rest @ ..] if usize::from(*length) == rest.len() => x509::read_der(text, options, store),
        _ => match covpass::split(text) {
            Some(list) => covpass::read(&list, options, store),
            None if text::is_pem(text) => x509::read_pem(text, options, store),
            None => Err(ListError::Unknown),
        },
    }
}

fn read_json(
    bytes: &[u8],
    options: &ListOptions<'_>,
    checks: Option<&Checks>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let document = Json::read(bytes)?;
    if let Some(entries) = document.as_list() {
        return match entries.first() {
            Some(first) if first.get("certyfikat").is_some() => mirrors::polish(entries, options, store),
            Some(first) if gateway::is_entry(first) => gateway::read(entries, options, checks, store),
            Some(_) => Err(ListError::Unknown),
            None => Err(ListError::Empty { form: ListForm::Gateway }),
        };
    }
    if let Some(methods) = document.get("verificationMethod").and_then(Json::as_list) {
        did::read(bytes, &document, methods, options, store)
    } else if let Some(issuers) = document.get("issuerInfo").and_then(Json::as_list) {
        jwks::read_snapshot(&document, issuers, options, store)
    } else if let Some(keys) = document.get("keys").and_then(Json::as_list) {
        jwks::read(keys, options, store)
    } else if let Some(keys) = document.get("eu_keys") {
        mirrors::dutch(&document, keys, options, store)
    } else if let Some(entries) = document.get("certificates").and_then(Json::as_list) {
        gateway::read(entries, options, checks, store)
    } else {
        mirrors::by_kid(document.as_map().unwrap_or_default(), options, store)
    }
}
