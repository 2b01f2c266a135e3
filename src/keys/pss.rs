//! RSASSA-PSS where aws-lc-rs has none or is not there: moduli under 2,048 bits (North Macedonia signs with 1,024: facts on the
//! EU DCC, section 1.2) and salts of another length than the hash.

use rsa::{
    BigUint, Pss, RsaPublicKey,
    sha2::{Sha256, Sha384, Sha512},
};

use super::{public::RsaNumbers, signature::Digest};
use crate::limits::RSA_BITS;

/// A public key of at most [`RSA_BITS`].
#[derive(Debug, Clone)]
pub(super) struct Key(RsaPublicKey);

impl Key {
    /// The key of a modulus and an exponent; `None` when they cannot be one.
    pub(super) fn new(numbers: &RsaNumbers<'_>) -> Option<Self> {
        let number = BigUint::from_bytes_be;
        RsaPublicKey::new_with_max_size(number(numbers.modulus), number(numbers.exponent), RSA_BITS).ok().map(Self)
    }

    /// Whether the signature matches, with a salt of exactly `salt` bytes (RFC 8017 section 9.1.2).
    pub(super) fn verify(&self, digest: Digest, salt: usize, message: &[u8], signature: &[u8]) -> bool {
        let scheme = match digest {
            Digest::Sha256 => Pss::new_with_salt::<Sha256>(salt),
            Digest::Sha384 => Pss::new_with_salt::<Sha384>(salt),
            Digest::Sha512 => Pss::new_with_salt::<Sha512>(salt),
        };
        self.0.verify(scheme, digest.of(message).as_ref(), signature).is_ok()
    }
}
