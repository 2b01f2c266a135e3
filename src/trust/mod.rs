//! Whom to believe: an immutable store of signer keys, filled from lists whose own signature was checked.

pub mod bundle;
pub mod proof;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::keys::{Certificate, Kid, PublicKey, Purpose};

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
    /// Made by a sandbox: good for rehearsals, never for a border.
    pub sandbox: bool,
    /// Which list vouches for it.
    pub list: String,
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
            sandbox: certificate.is_sandbox(),
            list: list.to_owned(),
        })
    }

    /// Whether it may sign documents of this kind.
    #[must_use]
    pub fn allows(&self, purpose: Purpose) -> bool {
        self.purposes.is_empty() || self.purposes.contains(&purpose)
    }
}

/// A list that was read into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListInfo {
    /// Name to show: a file name or an address.
    pub name: String,
    /// When the list was made, if it says so.
    pub made_at: Option<Timestamp>,
    /// Until when it may be used, if it says so.
    pub valid_until: Option<Timestamp>,
    /// Whether it tells which certificates of its signers are revoked.
    pub tells_revocations: bool,
    /// Entries that were left out, with the reason of each.
    pub skipped: Vec<(String, String)>,
}

/// Signer keys by identifier: many keys a kid, because kids collide and are no proof (specification 3.3.3).
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    keys: HashMap<Kid, Vec<TrustedKey>>,
    lists: Vec<ListInfo>,
    /// Hashes of revoked certificate identifiers, see [`bundle`].
    revoked: std::collections::HashSet<[u8; 16]>,
}

impl TrustStore {
    /// An empty store: everything is undecided.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    pub fn add(&mut self, key: TrustedKey) {
        self.keys.entry(key.kid.clone()).or_default().push(key);
    }

    /// Notes that a list was read.
    pub fn add_list(&mut self, list: ListInfo) {
        self.lists.push(list);
    }

    /// The list of this name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&ListInfo> {
        self.lists.iter().find(|list| list.name == name)
    }

    /// Adds revoked identifiers by their hash.
    pub fn revoke(&mut self, hashes: impl IntoIterator<Item = [u8; 16]>) {
        self.revoked.extend(hashes);
    }

    /// Whether a certificate identifier is on a revocation list that the store holds.
    #[must_use]
    pub fn is_revoked(&self, id: &str) -> bool {
        !self.revoked.is_empty() && self.revoked.contains(&bundle::id_hash(id))
    }

    /// All keys under an identifier.
    #[must_use]
    pub fn candidates(&self, kid: &Kid) -> &[TrustedKey] {
        self.keys.get(kid).map_or(&[], Vec::as_slice)
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

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}
