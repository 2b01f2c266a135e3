//! Sound keys pass; each kind of broken key is found.

use rcgen::{KeyPair, PublicKeyData, RsaKeySize};

use super::*;
use crate::keys::der;

fn spki_of(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let (mut numbers, mut key, mut kind, mut body, mut out) = (vec![], vec![0], vec![], vec![], vec![]);
    der::write_unsigned(modulus, &mut numbers);
    der::write_unsigned(exponent, &mut numbers);
    der::write(der::SEQUENCE, &numbers, &mut key);
    der::write(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], &mut kind);
    der::write(der::NULL, &[], &mut kind);
    der::write(der::SEQUENCE, &kind, &mut body);
    der::write(der::BIT_STRING, &key, &mut body);
    der::write(der::SEQUENCE, &body, &mut out);
    out
}

fn rsa(bits: RsaKeySize) -> Vec<u8> {
    KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, bits).unwrap().subject_public_key_info()
}

/// A sound modulus of 2,048 bits.
fn modulus() -> Vec<u8> {
    let spki = rsa(RsaKeySize::_2048);
    RsaNumbers::read(Spki::read(&spki).unwrap().key).unwrap().modulus.to_vec()
}

#[test]
fn sound_keys_serve_what_they_are_long_enough_for() {
    let p256 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().subject_public_key_info();
    let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap().subject_public_key_info();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().subject_public_key_info();
    let (short, long) = (rsa(RsaKeySize::_2048), rsa(RsaKeySize::_3072));
    for key_use in [KeyUse::Authority, KeyUse::Signer, KeyUse::Upload, KeyUse::Tls, KeyUse::Other] {
        let signer = key_use == KeyUse::Signer;
        assert_eq!(refuse(&p256, key_use), Ok(()));
        assert_eq!(refuse(&long, key_use), Ok(()), "{key_use:?}");
        assert_eq!(refuse(&p384, key_use).is_ok(), !signer, "{key_use:?}");
        assert_eq!(refuse(&short, key_use).is_ok(), matches!(key_use, KeyUse::Signer | KeyUse::Other));
        assert_eq!(refuse(&ed25519, key_use).is_ok(), key_use == KeyUse::Other);
    }
    let error = refuse(&short, KeyUse::Upload).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an RSA key of 2048 bits is too short for an upload certificate: make one of at least 3072 bits, or \
         better one on P-256"
    );
}

#[test]
fn exponents_are_odd_and_large() {
    let modulus = modulus();
    for (exponent, good) in
        [(&[1, 0, 1][..], true), (&[3], false), (&[1], false), (&[1, 0, 0], false), (&[0xff, 0xff], false)]
    {
        assert_eq!(refuse(&spki_of(&modulus, exponent), KeyUse::Signer).is_ok(), good, "{exponent:?}");
    }
    let long = [vec![1], vec![0; 31], vec![1]].concat();
    let error = refuse(&spki_of(&modulus, &long), KeyUse::Signer).unwrap_err();
    assert!(matches!(error, UnfitKey::Exponent { problem: "longer than 256 bits" }), "{error}");
}

#[test]
fn moduli_with_a_small_factor_are_found() {
    let mut even = modulus();
    *even.last_mut().unwrap() &= 0xfe;
    let error = |modulus: &[u8]| refuse(&spki_of(modulus, &[1, 0, 1]), KeyUse::Signer).unwrap_err();
    assert_eq!(error(&even), UnfitKey::SmallFactor { factor: 2 });
    let number = BigUint::from_bytes_be(&modulus()) >> 8;
    for factor in [3u32, 167] {
        // Odd, and just under 2,048 bits again.
        let mut product: BigUint = (&number | BigUint::from(1u32)) * factor;
        while product.bits() < 2_048 {
            product *= factor;
        }
        // A random number may have a smaller one of its own.
        let UnfitKey::SmallFactor { factor: found } = error(&product.to_bytes_be()) else { panic!("not found") };
        assert!(found <= factor && &product % found == BigUint::from(0u32));
    }
}

/// A modulus of the form of ROCA: a power of 65537 modulo the product of all small primes.
#[test]
fn keys_of_the_faulty_chip_are_found() {
    let product = SMALL_PRIMES.iter().fold(BigUint::from(2u32), |product, prime| product * *prime);
    let mut modulus = BigUint::from(1u32);
    for _ in 0..1_234 {
        modulus = modulus * ROCA_GENERATOR % &product;
    }
    let mut factor = (BigUint::from(1u32) << 2_047) / &product;
    loop {
        let candidate = &factor * &product + &modulus;
        let found = refuse(&spki_of(&candidate.to_bytes_be(), &[1, 0, 1]), KeyUse::Signer);
        if candidate.bits() == 2_048 {
            assert_eq!(found, Err(UnfitKey::Roca));
            break;
        }
        factor += 1u32;
    }
}

#[test]
fn close_primes_are_found() {
    // Fermat needs no primes: any two close odd numbers do, if no small prime divides them.
    let mut base = (BigUint::from(1u32) << 1_024) - BigUint::from(1_000_003u32);
    let sound =
        |n: &BigUint| SMALL_PRIMES.iter().all(|p| n % *p != BigUint::from(0u32)) && n % 2u32 == BigUint::from(1u32);
    while !sound(&base) {
        base -= 1u32;
    }
    let mut other = &base - BigUint::from(2_000u32);
    while !sound(&other) {
        other -= 1u32;
    }
    let product = (&base * &other).to_bytes_be();
    assert_eq!(refuse(&spki_of(&product, &[1, 0, 1]), KeyUse::Signer), Err(UnfitKey::ClosePrimes));
    assert!(!has_close_primes(&modulus()));
}

#[test]
fn points_off_the_curve_and_strange_curves_are_refused() {
    let good = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().subject_public_key_info();
    let mut off = good.clone();
    *off.last_mut().unwrap() ^= 1;
    assert_eq!(refuse(&off, KeyUse::Signer), Err(UnfitKey::Point));
    // The point at infinity is one zero octet (SEC 1 section 2.3.3).
    let mut infinity = good[..good.len() - 68].to_vec();
    infinity.extend([0x03, 0x02, 0x00, 0x00]);
    infinity[1] = u8::try_from(infinity.len() - 2).unwrap();
    assert_eq!(refuse(&infinity, KeyUse::Signer), Err(UnfitKey::Point));
    // secp256k1 instead of P-256.
    let (mut kind, mut body, mut k1) = (vec![], vec![], vec![]);
    der::write(der::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], &mut kind);
    der::write(der::OID, &[0x2b, 0x81, 0x04, 0x00, 0x0a], &mut kind);
    der::write(der::SEQUENCE, &kind, &mut body);
    der::write(der::BIT_STRING, &[&[0, 4][..], &[7; 64]].concat(), &mut body);
    der::write(der::SEQUENCE, &body, &mut k1);
    assert!(matches!(refuse(&k1, KeyUse::Authority), Err(UnfitKey::Kind { .. })));
    for cut in 0..good.len() {
        assert!(refuse(&good[..cut], KeyUse::Signer).is_err());
    }
}

#[test]
fn published_keys_are_refused_for_every_use() {
    let certificate = Certificate::from_der(include_bytes!("../../../fixtures/pki/es256.cert.der")).unwrap();
    for key_use in [KeyUse::Authority, KeyUse::Signer, KeyUse::Upload, KeyUse::Tls, KeyUse::Other] {
        let error = certificate.refuse(key_use).unwrap_err();
        assert!(matches!(error, UnfitKey::Known { .. }), "{error}");
    }
}
