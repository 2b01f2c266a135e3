//! What changed between two states of trust: signers and authorities added, removed and changed, by country.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;
use serde::Serialize;

use super::{TrustStore, TrustedKey, report::NO_COUNTRY};
use crate::keys::{Purpose, sha256};

/// A signer or an authority as a comparison shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// Key identifier in base64; of an authority the start of its thumbprint.
    pub kid: String,
    /// Start of the SHA-256 of the key in hexadecimal: several keys may share a kid.
    pub key: String,
    /// End of validity.
    pub not_after: Option<Timestamp>,
}

/// A signer that both states have, with what they say differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Changed {
    /// Which signer, as it is now.
    #[serde(flatten)]
    pub signer: Named,
    /// What differs, each as `NAME: BEFORE -> AFTER`.
    pub changes: Vec<String>,
}

/// What changed for one country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CountryDiff {
    /// Signers of the old state.
    pub before: usize,
    /// Signers of the new state.
    pub after: usize,
    /// Signers that only the new state has.
    pub added: Vec<Named>,
    /// Signers that only the old state has.
    pub removed: Vec<Named>,
    /// Signers of which the states say different things.
    pub changed: Vec<Changed>,
    /// Authorities that only the new state has.
    pub authorities_added: Vec<Named>,
    /// Authorities that only the old state has.
    pub authorities_removed: Vec<Named>,
}

impl CountryDiff {
    fn is_empty(&self) -> bool {
        let signers = self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty();
        signers && self.authorities_added.is_empty() && self.authorities_removed.is_empty()
    }
}

/// What changed between two states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Signers of the old state.
    pub before: usize,
    /// Signers of the new state.
    pub after: usize,
    /// Signers that only the new state has.
    pub added: usize,
    /// Signers that only the old state has.
    pub removed: usize,
    /// Signers of which the states say different things.
    pub changed: usize,
    /// Authorities of the old state.
    pub authorities_before: usize,
    /// Authorities of the new state.
    pub authorities_after: usize,
    /// Countries for which anything changed; `??` stands for none.
    pub countries: BTreeMap<String, CountryDiff>,
    /// Countries with a signer that had not expired, and with none at all any more.
    pub countries_gone: Vec<String>,
}

/// What makes a signer the same one: country, kid and key.
type Identity = (String, String, String);

fn hex(data: &[u8]) -> String {
    sha256(data).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn country(text: Option<&str>) -> String {
    text.unwrap_or(NO_COUNTRY).to_owned()
}

/// Signers by identity. What several lists say of one is put together, so that it does not matter which list has it.
fn signers(store: &TrustStore) -> BTreeMap<Identity, TrustedKey> {
    let mut all: BTreeMap<Identity, TrustedKey> = BTreeMap::new();
    for key in store.keys() {
        match all.entry((country(key.country.as_deref()), key.kid.to_string(), hex(&key.key.to_spki()))) {
            Entry::Vacant(place) => {
                place.insert(key.clone());
            }
            Entry::Occupied(mut known) => {
                // The wider validity counts, whatever the order of the lists.
                let known = known.get_mut();
                known.not_after = known.not_after.max(key.not_after);
                known.not_before = known.not_before.min(key.not_before);
                known.join(key);
            }
        }
    }
    all
}

fn authorities(store: &TrustStore) -> BTreeMap<Identity, Named> {
    let of = |authority: &super::Authority| {
        let certificate = &authority.certificate;
        let named = Named {
            kid: certificate.kid().to_string(),
            key: hex(certificate.spki()),
            not_after: Some(certificate.not_after()),
        };
        ((country(authority.country.as_deref()), named.kid.clone(), named.key.clone()), named)
    };
    store.authorities().map(of).collect()
}

fn named(identity: &Identity, key: &TrustedKey) -> Named {
    Named { kid: identity.1.clone(), key: identity.2.clone(), not_after: key.not_after }
}

fn changes(before: &TrustedKey, after: &TrustedKey) -> Vec<String> {
    let time = |time: Option<Timestamp>| time.map_or_else(|| "none".to_owned(), |time| time.to_string());
    let purposes = |key: &TrustedKey| {
        let mut names: Vec<&str> = key
            .purposes
            .iter()
            .map(|purpose| match purpose {
                Purpose::Test => "test",
                Purpose::Vaccination => "vaccination",
                Purpose::Recovery => "recovery",
            })
            .collect();
        names.sort_unstable();
        if names.is_empty() { "any".to_owned() } else { names.join("+") }
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let told = [
        ("valid from", time(before.not_before), time(after.not_before)),
        ("valid until", time(before.not_after), time(after.not_after)),
        ("signs", purposes(before), purposes(after)),
        ("domain", text(&before.domain), text(&after.domain)),
        ("issuer", text(&before.issuer), text(&after.issuer)),
        ("for rehearsals", before.sandbox.to_string(), after.sandbox.to_string()),
    ];
    let differing = told.into_iter().filter(|(_, one, other)| one != other);
    differing.map(|(name, one, other)| format!("{name}: {one} -> {other}")).collect()
}

impl Diff {
    /// What changed from one state to the other; `at` says which signers have expired.
    #[must_use]
    pub fn between(before: &TrustStore, after: &TrustStore, at: Timestamp) -> Self {
        let (old, new) = (signers(before), signers(after));
        let (old_authorities, new_authorities) = (authorities(before), authorities(after));
        let mut diff = Self {
            before: old.len(),
            after: new.len(),
            authorities_before: old_authorities.len(),
            authorities_after: new_authorities.len(),
            ..Self::default()
        };
        let mut countries: BTreeMap<String, CountryDiff> = BTreeMap::new();
        let mut living: BTreeMap<&str, usize> = BTreeMap::new();
        for (identity, key) in &old {
            let of = countries.entry(identity.0.clone()).or_default();
            of.before += 1;
            *living.entry(&identity.0).or_default() += usize::from(key.not_after.is_none_or(|end| end >= at));
            match new.get(identity) {
                None => of.removed.push(named(identity, key)),
                Some(now) => {
                    let changes = changes(key, now);
                    if !changes.is_empty() {
                        of.changed.push(Changed { signer: named(identity, now), changes });
                    }
                }
            }
        }
        for (identity, key) in &new {
            let of = countries.entry(identity.0.clone()).or_default();
            of.after += 1;
            if !old.contains_key(identity) {
                of.added.push(named(identity, key));
            }
        }
        for (identity, authority) in
            old_authorities.iter().filter(|(identity, _)| !new_authorities.contains_key(*identity))
        {
            countries.entry(identity.0.clone()).or_default().authorities_removed.push(authority.clone());
        }
        for (identity, authority) in
            new_authorities.iter().filter(|(identity, _)| !old_authorities.contains_key(*identity))
        {
            countries.entry(identity.0.clone()).or_default().authorities_added.push(authority.clone());
        }
        for of in countries.values() {
            diff.added += of.added.len();
            diff.removed += of.removed.len();
            diff.changed += of.changed.len();
        }
        let gone = |country: &&&str| countries.get(**country).is_some_and(|of| of.after == 0);
        let living = living.iter().filter(|(_, count)| **count > 0).map(|(country, _)| country);
        diff.countries_gone = living.filter(gone).map(|country| (*country).to_owned()).collect();
        countries.retain(|_, of| !of.is_empty());
        diff.countries = countries;
        diff
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.countries.is_empty()
    }
}
