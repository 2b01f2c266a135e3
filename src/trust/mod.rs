//! Whom to believe: an immutable store of signer keys, filled from lists whose own signature was checked.
//!
//! Signers of documents are found by their kid; authorities, which sign the certificates that some formats bring along,
//! by country ([`Authority`], [`barcode_signer`]). [`bundle`] is our own signed list, [`lists`] reads everybody else's, [`cms`] the signatures that gateways put on
//! single entries. A list reaches the store whole or not at all, with an account of every entry in [`ListInfo`].

mod authority;
pub mod barcode_signer;
pub mod bundle;
pub mod cms;
pub mod diff;
pub mod lists;
pub mod path;
pub mod proof;
pub mod report;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

pub use authority::Authority;
pub use lists::{Authenticity, ListForm, Remark, SkipReason, Skipped};

use crate::{
    keys::{Certificate, Kid, KnownKey, PublicKey, Published, Purpose, known_key},
    limits::KEYS_PER_KID,
};

/// Kids of keys that everybody can sign with, because their private halves are published for demonstrations:
/// PathCheck's demo key (failure F06) and the keys of the SMART Health Cards specification's examples and
/// developer tools.
const DEMONSTRATION_KIDS: &[&[u8]] = &[
    &[0x46, 0x37, 0xa7, 0x7b, 0xc4, 0x2f, 0x47, 0x00], // Rjene8QvRwA=
    b"3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s",
    b"EBKOr72QQDcTBUuVzAzkfBTGew0ZA16GuWty64nS-sw",
    b"d630duSMWmVfmOtrMKZX6izJfcampjK1h0D4jrXxJwU",
];

/// A signer's key and what its list says of it.
#[derive(Debug, Clone)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// Its identifier.
    pub kid: Kid,
    /// Country of the signer, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Start of the certificate's validity; `None` where the list tells none.
    pub not_before: Option<Timestamp>,
    /// End of the certificate's validity.
    pub not_after: Option<Timestamp>,
    /// Kinds of documents that it may sign; empty means any.
    pub purposes: Vec<Purpose>,
    /// The certificate names usages, none of them for documents of ours: allowed, with a remark (failure F14).
    pub unrelated_usages: bool,
    /// Trust domain in which the list holds it, such as `DCC` (GDHCN); `None` where the list tells none.
    pub domain: Option<String>,
    /// Whom the list binds the key to besides its kid: the address of a SMART Health Card issuer, or the DID of
    /// a bare key.
    pub issuer: Option<String>,
    /// Made by a sandbox, a test participant or for demonstrations: good for rehearsals, never for a border.
    pub sandbox: bool,
    /// Which list vouches for it.
    pub list: String,
    /// The certificate of the key in DER, where the list gives one: what national verifier apps are handed.
    pub certificate: Option<Arc<[u8]>>,
}

impl TrustedKey {
    /// The key of a certificate.
    ///
    /// # Errors
    /// When the certificate's key cannot be used.
    pub fn from_certificate(certificate: &Certificate, list: &str) -> Result<Self, crate::keys::PublicKeyError> {
        Ok(Self {
            key: certificate.public_key()?,
            kid: certificate.kid().clone(),
            country: certificate.country().map(str::to_owned),
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
            purposes: certificate.purposes().to_vec(),
            unrelated_usages: certificate.has_only_unrelated_usages(),
            domain: None,
            issuer: None,
            sandbox: certificate.is_sandbox(),
            list: list.to_owned(),
            certificate: Some(certificate.der().into()),
        })
    }

    /// A key of which its list tells nothing more than the kid.
    #[must_use]
    pub fn bare(key: PublicKey, kid: Kid, list: &str) -> Self {
        Self {
            key,
            kid,
            country: None,
            not_before: None,
            not_after: None,
            purposes: Vec::new(),
            unrelated_usages: false,
            domain: None,
            issuer: None,
            sandbox: false,
            list: list.to_owned(),
            certificate: None,
        }
    }

    /// Where the key is published, if it is one that everybody knows: an example, a fixture or a signer of test data
    /// (failure F06).
    #[must_use]
    pub fn published(&self) -> Option<KnownKey> {
        known_key(&self.key.to_spki())
    }

    /// The same of a key whose private half is published too.
    fn open_to_anybody(&self) -> Option<KnownKey> {
        self.published().filter(|known| known.published != Published::TestSigner)
    }

    /// Whether `other` is the same key for the same issuer in the same list, over the same time.
    fn repeats(&self, other: &Self) -> bool {
        self.key == other.key
            && (self.not_before, self.not_after) == (other.not_before, other.not_after)
            && (&self.list, &self.issuer, &self.domain) == (&other.list, &other.issuer, &other.domain)
            && (&self.country, self.sandbox) == (&other.country, other.sandbox)
    }

    /// Takes over what a second entry of the same key says.
    fn join(&mut self, other: &Self) {
        if self.purposes.is_empty() || other.purposes.is_empty() {
            self.purposes.clear();
        } else {
            let new = other.purposes.iter().filter(|purpose| !self.purposes.contains(purpose));
            self.purposes.extend(new.copied().collect::<Vec<_>>());
        }
        self.unrelated_usages &= other.unrelated_usages;
    }

    /// Whether it may sign documents of this kind.
    #[must_use]
    pub fn allows(&self, purpose: Purpose) -> bool {
        self.purposes.is_empty() || self.purposes.contains(&purpose)
    }
}

/// A list that was read into the store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListInfo {
    /// Name to show: a file name or an address.
    pub name: String,
    /// Which of the forms of trust lists it has.
    pub form: ListForm,
    /// How it was established that the list is what its maker published.
    pub authenticity: Authenticity,
    /// When the list was made, if it says so.
    pub made_at: Option<Timestamp>,
    /// When the newest of its entries was made, if they say so: the list is not older.
    pub newest_entry: Option<Timestamp>,
    /// Until when it may be used, if it says so.
    pub valid_until: Option<Timestamp>,
    /// How many entries it has: those stored, repeated, authorities, of other kinds and skipped.
    pub entries: usize,
    /// How many keys of it were stored.
    pub keys: usize,
    /// How many entries repeat another one.
    pub repeated: usize,
    /// How many of its entries were stored as authorities, which sign no documents themselves.
    pub authorities: usize,
    /// How many entries are uploaders and the like, which sign neither documents nor their signers.
    pub not_signers: usize,
    /// Entries that were left out, with the reason of each.
    pub skipped: Vec<Skipped>,
    /// What is worth knowing of entries that count.
    pub remarks: Vec<Remark>,
}

/// What became of a key that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It was stored.
    Stored,
    /// The same key was there already; what this entry adds was joined to it.
    Repeated,
    /// There are as many keys under its kid as the bound allows; it was left out.
    TooMany,
}

/// Signer keys by identifier: many keys a kid, because kids collide and are no proof (specification 3.3.3).
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    keys: HashMap<Kid, Vec<TrustedKey>>,
    /// By country in capitals; empty where neither certificate nor list tells one.
    authorities: BTreeMap<String, Vec<Authority>>,
    lists: Vec<ListInfo>,
}

impl TrustStore {
    /// An empty store: everything is undecided.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key, once. A key that is published for demonstrations is marked whoever lists it.
    pub fn add(&mut self, mut key: TrustedKey) -> Added {
        key.sandbox |= DEMONSTRATION_KIDS.contains(&key.kid.as_bytes());
        key.sandbox |= key.published().is_some_and(|known| known.published == Published::Demonstration);
        let same_kid = self.keys.entry(key.kid.clone()).or_default();
        if let Some(known) = same_kid.iter_mut().find(|known| known.repeats(&key)) {
            known.join(&key);
            return Added::Repeated;
        }
        if same_kid.len() >= KEYS_PER_KID {
            return Added::TooMany;
        }
        same_kid.push(key);
        Added::Stored
    }

    /// Takes out every key that everybody knows, as a border must: examples, fixtures, signers of test data. Gives how
    /// many there were of each list.
    pub fn forget_published(&mut self) -> BTreeMap<String, usize> {
        let mut forgotten: BTreeMap<String, usize> = BTreeMap::new();
        for keys in self.keys.values_mut() {
            keys.retain(|key| {
                let known = key.published().is_some() || DEMONSTRATION_KIDS.contains(&key.kid.as_bytes());
                if known {
                    *forgotten.entry(key.list.clone()).or_default() += 1;
                }
                !known
            });
        }
        self.keys.retain(|_, keys| !keys.is_empty());
        forgotten
    }

    /// Notes that a list was read.
    pub fn add_list(&mut self, list: ListInfo) {
        self.lists.push(list);
    }

    /// Says until when a list may be used that does not say so itself: whoever pulls it knows how old it may become.
    pub fn bound_list(&mut self, name: &str, until: Timestamp) {
        for list in self.lists.iter_mut().filter(|list| list.name == name) {
            list.valid_until = Some(list.valid_until.map_or(until, |end| end.min(until)));
        }
    }

    /// The list of this name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&ListInfo> {
        self.lists.iter().find(|list| list.name == name)
    }

    /// All keys under an identifier.
    #[must_use]
    pub fn candidates(&self, kid: &Kid) -> &[TrustedKey] {
        self.keys.get(kid).map_or(&[], Vec::as_slice)
    }

    /// Every key, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.keys.values().flatten()
    }

    /// The lists that were read.
    #[must_use]
    pub fn lists(&self) -> &[ListInfo] {
        &self.lists
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.values().map(Vec::len).sum()
    }

    /// Whether there is no key and no authority at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.authorities.is_empty()
    }
}
