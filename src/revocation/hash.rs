//! What a certificate is known by on a revocation list: the first 16 bytes of SHA-256 over its signature, its
//! identifier, or its country and identifier (dgc-gateway, revocation batches; facts on the EU trust
//! framework, section 3).

use std::fmt;

use jiff::Timestamp;

use crate::keys::{Algorithm, sha256};

/// First 16 bytes of a SHA-256.
pub type Hash = [u8; 16];

/// What was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashKind {
    /// The signature (`SIGNATURE`): under ES256 its first half r alone, because (r, n−s) is as valid as (r, s);
    /// under PS256 the whole of it.
    Signature,
    /// The identifier `ci` exactly as in the certificate (`UCI`).
    Uci,
    /// The country `co` of the certificate's first entry, and its `ci` exactly as in it (`COUNTRYCODEUCI`).
    CountryCodeUci,
    /// The identifier in upper case without its check character: how our own bundle names certificates, because
    /// identifiers are compared so (facts on the EU DCC, section 5). Never in a list of the EU gateway.
    Identifier,
}

impl HashKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Signature, Self::Uci, Self::CountryCodeUci, Self::Identifier];

    /// Name on the wire of the EU gateway; for [`HashKind::Identifier`] a name of our own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Uci => "UCI",
            Self::CountryCodeUci => "COUNTRYCODEUCI",
            Self::Identifier => "IDENTIFIER",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the EU gateway's lists and filters hold this kind.
    #[must_use]
    pub const fn is_eu(self) -> bool {
        !matches!(self, Self::Identifier)
    }
}

/// One value for each kind of hash.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ByKind<T> {
    signature: T,
    uci: T,
    country_code_uci: T,
    identifier: T,
}

impl<T> ByKind<T> {
    pub(super) fn get(&self, kind: HashKind) -> &T {
        match kind {
            HashKind::Signature => &self.signature,
            HashKind::Uci => &self.uci,
            HashKind::CountryCodeUci => &self.country_code_uci,
            HashKind::Identifier => &self.identifier,
        }
    }

    pub(super) fn get_mut(&mut self, kind: HashKind) -> &mut T {
        match kind {
            HashKind::Signature => &mut self.signature,
            HashKind::Uci => &mut self.uci,
            HashKind::CountryCodeUci => &mut self.country_code_uci,
            HashKind::Identifier => &mut self.identifier,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (HashKind, &T)> {
        HashKind::ALL.into_iter().map(|kind| (kind, self.get(kind)))
    }

    pub(super) fn map<U>(self, mut change: impl FnMut(T) -> U) -> ByKind<U> {
        ByKind {
            signature: change(self.signature),
            uci: change(self.uci),
            country_code_uci: change(self.country_code_uci),
            identifier: change(self.identifier),
        }
    }
}

/// The hashes of one certificate. Two codes of one certificate have the same ones however they are packed:
/// nothing but the signature's r, the country and the identifier goes into those of [`Fingerprints::get`].
#[derive(Clone, PartialEq)]
pub struct Fingerprints {
    hashes: ByKind<Option<Hash>>,
    /// Of the whole ES256 signature: what an issuer hashes who goes by the gateway's own description, which
    /// says "the signature" and nothing of halves. Asked for as well; it is no help against (r, n−s).
    whole_signature: Option<Hash>,
    country: Option<[u8; 2]>,
    card: Option<CardPrint>,
}

/// What a list of health cards is asked by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CardPrint {
    /// Hash of the identifier; `None` for a card without one, which no list can name.
    pub(super) rid: Option<Hash>,
    /// When the card was issued.
    pub(super) issued: Timestamp,
}

impl Fingerprints {
    /// The hashes of a certificate of the EU form: its signature as received, and `co` and `ci` of its first
    /// entry exactly as in the certificate. An empty text stands for one that the certificate lacks.
    ///
    /// An algorithm that the scheme does not name has no hash of its signature.
    #[must_use]
    pub fn new(algorithm: Algorithm, signature: &[u8], country: &str, id: &str) -> Self {
        let mut all = Self::of_identifier(id);
        let covered = match algorithm {
            Algorithm::Es256 => signature.get(..signature.len() / 2),
            Algorithm::Ps256 => Some(signature),
            Algorithm::EdDsa => None,
        };
        all.hashes.signature = covered.filter(|bytes| !bytes.is_empty()).map(truncated);
        if algorithm == Algorithm::Es256 && !signature.is_empty() {
            all.whole_signature = Some(truncated(signature));
        }
        all.country = country.as_bytes().try_into().ok();
        if !id.is_empty() {
            all.hashes.uci = Some(truncated(id.as_bytes()));
            all.hashes.country_code_uci = Some(truncated(&[country.as_bytes(), id.as_bytes()].concat()));
        }
        all
    }

    /// The hashes of a certificate of another form, which only our own lists name.
    #[must_use]
    pub fn of_identifier(id: &str) -> Self {
        let upper = id.trim().to_uppercase();
        let body = upper.rsplit_once('#').map_or(upper.as_str(), |(body, _)| body);
        let identifier = (!body.is_empty()).then(|| truncated(body.as_bytes()));
        Self { hashes: ByKind { identifier, ..ByKind::default() }, whole_signature: None, country: None, card: None }
    }

    /// The hashes of a credential whose signature is over linked data (DIVOC): its signature, as a whole; its own
    /// identifier; and the address of its evidence, exactly as in the credential, as [`HashKind::Uci`]. Nothing
    /// else of such a credential names it, because its values may be exchanged without breaking the signature.
    #[must_use]
    pub fn of_linked_data(signature: &[u8], id: &str, address: &str) -> Self {
        let mut all = Self::of_identifier(id);
        all.hashes.signature = (!signature.is_empty()).then(|| truncated(signature));
        all.hashes.uci = (!address.is_empty()).then(|| truncated(address.as_bytes()));
        all
    }

    /// Of a health card: its revocation identifier, if it has one, and when it was issued (`nbf`). Lists of health
    /// cards alone name it.
    #[must_use]
    pub fn of_card(rid: Option<&str>, issued: Timestamp) -> Self {
        let card = Some(CardPrint { rid: rid.map(of_rid), issued });
        Self { hashes: ByKind::default(), whole_signature: None, country: None, card }
    }

    /// What a list of health cards is asked by.
    pub(super) fn card(&self) -> Option<&CardPrint> {
        self.card.as_ref()
    }

    /// The hash of one kind, if the certificate has it.
    #[must_use]
    pub fn get(&self, kind: HashKind) -> Option<&Hash> {
        self.hashes.get(kind).as_ref()
    }

    /// The country of the certificate's first entry.
    #[must_use]
    pub fn country(&self) -> Option<[u8; 2]> {
        self.country
    }

    /// The hashes of [`Fingerprints::get`].
    pub(super) fn regular(&self) -> impl Iterator<Item = (HashKind, &Hash)> {
        self.hashes.iter().filter_map(|(kind, hash)| Some((kind, hash.as_ref()?)))
    }

    /// Every hash that the certificate may be listed by.
    pub(super) fn iter(&self) -> impl Iterator<Item = (HashKind, &Hash)> {
        self.regular().chain(self.whole_signature.as_ref().map(|hash| (HashKind::Signature, hash)))
    }
}

/// Hashes are as good as names to whoever holds a list, so that none is shown.
impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.regular().map(|(kind, _)| kind)).finish()
    }
}

/// Hash of a health card's identifier, letter by letter as in the card.
pub(super) fn of_rid(rid: &str) -> Hash {
    truncated(rid.as_bytes())
}

fn truncated(bytes: &[u8]) -> Hash {
    sha256(bytes).first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_facts() {
        let own = Fingerprints::new(Algorithm::Es256, &[7; 64], "AE", "URN:UVCI:V1:AE:8KST0RH057HI8XKW3M8K2NAD06");
        assert_eq!(STANDARD.encode(own.get(HashKind::Uci).unwrap()), "6WSb8R/8lDysIHW4A4J5qQ==");
        assert_eq!(STANDARD.encode(own.get(HashKind::CountryCodeUci).unwrap()), "yKEQpms8WCxExZ/PmjMbOQ==");
    }

    #[test]
    fn what_is_not_there_has_no_hash() {
        let none = Fingerprints::new(Algorithm::EdDsa, &[1; 64], "", "");
        assert_eq!(none.iter().count(), 0);
        assert_eq!(Fingerprints::new(Algorithm::Es256, &[], "XX", "a").get(HashKind::Signature), None);
        assert_eq!(Fingerprints::of_identifier("a").iter().count(), 1);
        let linked = Fingerprints::of_linked_data(&[1; 64], "a", "https://x/#a");
        assert_eq!(linked.get(HashKind::Identifier), Fingerprints::of_identifier("A").get(HashKind::Identifier));
        let kinds: Vec<HashKind> = linked.iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [HashKind::Signature, HashKind::Uci, HashKind::Identifier]);
        assert_ne!(linked.get(HashKind::Uci), Fingerprints::of_linked_data(&[], "", "https://x/#b").get(HashKind::Uci));
        assert_eq!(format!("{:?}", Fingerprints::of_identifier("a")), "{Identifier}");
        for kind in HashKind::ALL {
            assert_eq!(HashKind::from_name(kind.name()), Some(kind));
        }
    }

    proptest! {
        #[test]
        fn s_does_not_count_and_r_does(r in any::<[u8; 32]>(), s in any::<[u8; 32]>(), t in any::<[u8; 32]>()) {
            let of = |a: [u8; 32], b: [u8; 32]| Fingerprints::new(Algorithm::Es256, &[a, b].concat(), "XX", "id");
            let signature = |all: &Fingerprints| *all.get(HashKind::Signature).unwrap();
            prop_assert_eq!(signature(&of(r, s)), signature(&of(r, t)));
            prop_assert_eq!(signature(&of(r, s)) == signature(&of(t, s)), r == t);
            let whole = |b: [u8; 32]| Fingerprints::new(Algorithm::Ps256, &[r, b].concat(), "XX", "id");
            prop_assert_eq!(whole(s) == whole(t), s == t);
            // The hash of a misled issuer.
            prop_assert!(of(r, s).iter().any(|(_, hash)| *hash == signature(&whole(s))));
        }

        #[test]
        fn identifiers_are_compared_in_upper_case_without_their_check_character(
            id in "[A-Za-z0-9:/ßé-]{1,40}", check in "[A-Z0-9:/]",
        ) {
            let of = |id: &str| Fingerprints::of_identifier(id).get(HashKind::Identifier).copied();
            prop_assert_eq!(of(&id), of(&format!(" {}#{check}", id.to_uppercase())));
            prop_assert!(of(&id).is_some());
        }
    }
}
