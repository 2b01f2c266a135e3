//! Keys that everybody knows: examples of specifications, demonstrations, fixtures and signers of test data. Trusting
//! them in production has let forged certificates pass (failure F06: CVE-2021-40855, PathCheck's demonstration key).
//!
//! The list is `trust-lists/demonstration-keys.txt`, which says where each key is published.

use std::{collections::BTreeMap, sync::LazyLock};

use super::sha256;

const LIST: &str = include_str!("../../trust-lists/demonstration-keys.txt");

/// Why a key counts as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// An example whose private half is published.
    Demonstration,
    /// Made for the tests of some software and published with them.
    Fixture,
    /// A signer of published test certificates.
    TestSigner,
}

/// A key that must never sign anything real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKey {
    /// Why it counts as known.
    pub published: Published,
    /// Where it is published.
    pub place: &'static str,
}

static KNOWN: LazyLock<BTreeMap<[u8; 32], KnownKey>> = LazyLock::new(|| LIST.lines().filter_map(line).collect());

/// A line of the list: digest, kind, place.
fn line(text: &'static str) -> Option<([u8; 32], KnownKey)> {
    let mut words = text.splitn(3, ' ');
    let digest = digest(words.next()?)?;
    let published = match words.next()? {
        "demonstration" => Published::Demonstration,
        "fixture" => Published::Fixture,
        "test" => Published::TestSigner,
        _ => return None,
    };
    Some((digest, KnownKey { published, place: words.next()?.trim() }))
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

/// What is known of a key, by its SubjectPublicKeyInfo in DER; `None` for a key that nobody has published.
#[must_use]
pub fn known_key(spki: &[u8]) -> Option<KnownKey> {
    KNOWN.get(&sha256(spki)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(KNOWN.len(), lines, "a line is malformed or comes twice");
        assert!(lines >= 130);
        assert!(KNOWN.values().all(|known| !known.place.is_empty()));
    }

    #[test]
    fn keys_of_this_repository_are_known() {
        let key = include_bytes!("../../fixtures/pki/es256.cert.der");
        let certificate = crate::keys::Certificate::from_der(key).unwrap();
        let known = known_key(certificate.spki()).unwrap();
        assert_eq!(known.published, Published::Fixture);
        assert!(known.place.contains("es256"));
        let fresh = crate::keys::MemoryX509Signer::new(
            aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(
                &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
                &aws_lc_rs::rand::SystemRandom::new(),
            )
            .unwrap()
            .as_ref(),
        );
        assert_eq!(known_key(crate::keys::X509Signer::spki(&fresh.unwrap())), None);
    }
}
