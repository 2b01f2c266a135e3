//! Whether a public key may sign anything that counts: long enough, of a kind that the networks accept, made by a
//! sound generator, and known to nobody else.
//!
//! Sources: certificate governance sections 3 and 4 (facts on the trust framework, section 1) for kinds and lengths;
//! CA/Browser Forum baseline requirements section 6.1.1.3 and Boulder's `goodkey` for what makes a key weak.

use rsa::BigUint;

use super::{Certificate, KeyKind, PublicKey, Published, known_key, public::RsaNumbers, signature::Spki};
use crate::limits::{RSA_BITS, RSA_EXPONENT_BITS, RSA_FERMAT_ROUNDS};

/// What a key is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// The national authority (CSCA, SCA).
    Authority,
    /// A document signer (DSC).
    Signer,
    /// Signs uploads to a gateway.
    Upload,
    /// TLS client of a gateway.
    Tls,
    /// Lists and linked data of this program.
    Other,
}

impl KeyUse {
    /// Fewest and most bits of an RSA key. Governance asks for 3,000 bits where a certificate lives for years, and
    /// gateways check for 3,072; a signer's signature must fit a QR code, hence no more than 3,072.
    fn rsa_bits(self) -> (usize, usize) {
        match self {
            Self::Authority | Self::Upload | Self::Tls => (3_072, RSA_BITS),
            Self::Signer => (2_048, 3_072),
            Self::Other => (2_048, RSA_BITS),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Authority => "a national authority (CSCA)",
            Self::Signer => "a document signer (DSC)",
            Self::Upload => "an upload certificate",
            Self::Tls => "a TLS client certificate",
            Self::Other => "signing",
        }
    }
}

/// Why a key must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitKey {
    /// No SubjectPublicKeyInfo.
    #[error("the key cannot be read: give a certificate or a public key")]
    Form,
    /// Published, so that others can sign with it.
    #[error("the key is published ({place}), so anybody may be able to sign with it: make a new key")]
    Known {
        /// Why it counts as known.
        published: Published,
        /// Where it is published.
        place: &'static str,
    },
    /// A curve written out in numbers.
    #[error(
        "the key writes its curve out in numbers, which RFC 5480 forbids and gateways refuse: make a new key on P-256 by its name"
    )]
    ExplicitCurve,
    /// A kind that the use does not allow.
    #[error("{kind} is no kind of key for {what}: make a new key, {instead}")]
    Kind {
        /// What it is.
        kind: String,
        /// What it was meant for.
        what: &'static str,
        /// What to make.
        instead: &'static str,
    },
    /// Not a point of its curve.
    #[error("the key is no point of its curve (or the point at infinity): make a new key")]
    Point,
    /// Too short.
    #[error(
        "an RSA key of {bits} bits is too short for {what}: make one of at least {least} bits, or better one on P-256"
    )]
    Short {
        /// Length found.
        bits: usize,
        /// Length needed.
        least: usize,
        /// What it was meant for.
        what: &'static str,
    },
    /// Too long.
    #[error(
        "an RSA key of {bits} bits is too long for {what}: make one of at most {most} bits, or better one on P-256"
    )]
    Long {
        /// Length found.
        bits: usize,
        /// Longest allowed.
        most: usize,
        /// What it was meant for.
        what: &'static str,
    },
    /// An exponent that no sound generator chooses.
    #[error("the RSA exponent is {problem}: make a new key with the exponent 65537")]
    Exponent {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The modulus has a small factor.
    #[error("the RSA modulus is divisible by {factor}: the key is broken, make a new one with another generator")]
    SmallFactor {
        /// The factor.
        factor: u32,
    },
    /// Made by a chip with the ROCA fault.
    #[error(
        "the RSA key was made by a chip whose keys can be computed (ROCA, CVE-2017-15361): make a new key elsewhere"
    )]
    Roca,
    /// Two primes that lie close together.
    #[error(
        "the two primes of the RSA key lie so close together that anybody can find them: make a new key with another generator"
    )]
    ClosePrimes,
    /// A certificate under MD5 or SHA-1.
    #[error("the certificate is signed with {name}, which proves nothing any more: have it issued again with SHA-256")]
    OldHash {
        /// Name of the algorithm.
        name: String,
    },
}

/// Says whether a key (SubjectPublicKeyInfo in DER) may serve this use. Time and memory are bounded for any input.
///
/// # Errors
/// [`UnfitKey`] with the reason and what to do.
pub fn refuse(spki: &[u8], key_use: KeyUse) -> Result<(), UnfitKey> {
    let kind = KeyKind::of(spki).ok_or(UnfitKey::Form)?;
    let what = key_use.name();
    let unfit = |instead| UnfitKey::Kind { kind: kind.to_string(), what, instead };
    match &kind {
        KeyKind::ExplicitCurve => return Err(UnfitKey::ExplicitCurve),
        KeyKind::P256 => PublicKey::from_spki(spki).map(drop).map_err(|_| UnfitKey::Point)?,
        KeyKind::P384 | KeyKind::P521 if key_use == KeyUse::Signer => {
            return Err(unfit("on P-256, the only curve that readers of certificates must know"));
        }
        KeyKind::P384 | KeyKind::P521 => PublicKey::for_seals(spki).map(drop).map_err(|_| UnfitKey::Point)?,
        KeyKind::Ed25519 if key_use == KeyUse::Other => {
            PublicKey::from_spki(spki).map(drop).map_err(|_| UnfitKey::Point)?;
        }
        KeyKind::Rsa { bits, .. } => {
            let (least, most) = key_use.rsa_bits();
            if *bits < least {
                return Err(UnfitKey::Short { bits: *bits, least, what });
            }
            if *bits > most {
                return Err(UnfitKey::Long { bits: *bits, most, what });
            }
            rsa_numbers(spki)?;
        }
        _ => return Err(unfit("on P-256 or RSA with at least 3,072 bits")),
    }
    match known_key(spki) {
        Some(known) => Err(UnfitKey::Known { published: known.published, place: known.place }),
        None => Ok(()),
    }
}

impl Certificate {
    /// Says whether the key of the certificate may serve this use, and whether its signature still proves anything.
    ///
    /// # Errors
    /// [`UnfitKey`] with the reason and what to do.
    pub fn refuse(&self, key_use: KeyUse) -> Result<(), UnfitKey> {
        refuse(self.spki(), key_use)?;
        match self.details() {
            Ok(details) if details.signature.weak => {
                Err(UnfitKey::OldHash { name: details.signature.name().to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// The primes whose residues give a ROCA key away, and by which no modulus may be divisible.
const SMALL_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The generator of the residues that ROCA's primes have (Nemec et al. 2017, section 2.1).
const ROCA_GENERATOR: u32 = 65_537;

fn rsa_numbers(spki: &[u8]) -> Result<(), UnfitKey> {
    let Spki { key, .. } = Spki::read(spki).map_err(|_| UnfitKey::Form)?;
    let numbers = RsaNumbers::read(key).ok_or(UnfitKey::Form)?;
    exponent(numbers.exponent)?;
    if numbers.modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(UnfitKey::SmallFactor { factor: 2 });
    }
    if let Some(&factor) = SMALL_PRIMES.iter().find(|&&prime| residue(numbers.modulus, prime) == 0) {
        return Err(UnfitKey::SmallFactor { factor });
    }
    if SMALL_PRIMES.iter().all(|&prime| is_power(residue(numbers.modulus, prime), prime)) {
        return Err(UnfitKey::Roca);
    }
    if has_close_primes(numbers.modulus) {
        return Err(UnfitKey::ClosePrimes);
    }
    // What is left, such as an exponent that the library does not take.
    PublicKey::from_spki(spki).map(drop).map_err(|_| UnfitKey::Form)
}

fn exponent(exponent: &[u8]) -> Result<(), UnfitKey> {
    let problem = |problem| Err(UnfitKey::Exponent { problem });
    if exponent.last().is_none_or(|last| last % 2 == 0) {
        return problem("even");
    }
    // 65,537 is the least of three octets that is allowed.
    let small = exponent.len() < 3 || (exponent.len() == 3 && exponent < [1, 0, 1].as_slice());
    if small {
        return problem("smaller than 65537");
    }
    if exponent.len() * 8 > RSA_EXPONENT_BITS {
        return problem("longer than 256 bits");
    }
    Ok(())
}

/// A number modulo a small one.
fn residue(number: &[u8], modulus: u32) -> u32 {
    number.iter().fold(0, |rest, &octet| (rest * 256 + u32::from(octet)) % modulus)
}

/// Whether a residue is a power of [`ROCA_GENERATOR`] modulo this prime.
fn is_power(residue: u32, prime: u32) -> bool {
    let generator = ROCA_GENERATOR % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

/// Fermat's factoring: a modulus of two close primes is a square less a small square.
fn has_close_primes(modulus: &[u8]) -> bool {
    let modulus = BigUint::from_bytes_be(modulus);
    let mut middle = modulus.sqrt();
    if &middle * &middle < modulus {
        middle += 1u32;
    }
    for _ in 0..RSA_FERMAT_ROUNDS {
        let rest = &middle * &middle - &modulus;
        if may_be_square(&rest) {
            let root = rest.sqrt();
            if &root * &root == rest {
                return true;
            }
        }
        middle += 1u32;
    }
    false
}

/// Squares end in few of the hexadecimal digits; the others need no root.
fn may_be_square(number: &BigUint) -> bool {
    number.to_bytes_le().first().is_none_or(|low| matches!(low % 16, 0 | 1 | 4 | 9))
}

#[cfg(test)]
#[cfg(feature = "issue")]
mod tests;
