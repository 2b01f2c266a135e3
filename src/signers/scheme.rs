//! Looks at the encryption of a key file before anything is computed with it: which scheme, and at what cost.
//! A file that asks for endless rounds or all memory is refused, and schemes that we lack are named.

use pkcs8::{
    ObjectIdentifier,
    der::{self, Decode as _, Reader as _, SliceReader, asn1::AnyRef, asn1::OctetStringRef},
    spki::AlgorithmIdentifierRef,
};

use crate::limits;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
/// AES with 128, 192 and 256 bits: CBC, and GCM but for 192 bits, which the library lacks.
const CIPHERS: [ObjectIdentifier; 5] = [
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.6"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.46"),
];
/// Longest salt that the library holds; it panics at a longer one.
const SALT_BYTES: usize = 32;

/// What is wrong with the scheme.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SchemeFault {
    /// An algorithm that we do not have.
    Unsupported(String),
    /// It would cost too much.
    Costly,
    /// No `EncryptedPrivateKeyInfo` (RFC 5958 section 3, RFC 8018 appendix A.4).
    Broken,
}

impl From<der::Error> for SchemeFault {
    fn from(_: der::Error) -> Self {
        Self::Broken
    }
}

/// Accepts PBES2 with PBKDF2 or scrypt and AES, of bearable cost.
pub(super) fn check(encrypted_key: &[u8]) -> Result<(), SchemeFault> {
    AnyRef::from_der(encrypted_key)?.sequence(|reader| {
        let scheme = AlgorithmIdentifierRef::decode(reader)?;
        let _ciphertext: &OctetStringRef = reader.decode()?;
        if scheme.oid != PBES2 {
            return Err(unsupported(scheme.oid));
        }
        scheme.parameters.ok_or(SchemeFault::Broken)?.sequence(|reader| {
            let derivation = AlgorithmIdentifierRef::decode(reader)?;
            let cipher = AlgorithmIdentifierRef::decode(reader)?;
            if !CIPHERS.contains(&cipher.oid) {
                return Err(unsupported(cipher.oid));
            }
            derivation.parameters.ok_or(SchemeFault::Broken)?.sequence(|reader| cost(derivation.oid, reader))
        })
    })
}

fn unsupported(oid: ObjectIdentifier) -> SchemeFault {
    SchemeFault::Unsupported(oid.to_string())
}

/// RFC 8018 appendix A.2 (PBKDF2) and RFC 7914 section 7 (scrypt): salt first, then the costs.
fn cost(derivation: ObjectIdentifier, reader: &mut SliceReader<'_>) -> Result<(), SchemeFault> {
    if derivation != PBKDF2 && derivation != SCRYPT {
        return Err(unsupported(derivation));
    }
    let salt: &OctetStringRef = reader.decode()?;
    if salt.as_bytes().len() > SALT_BYTES {
        return Err(SchemeFault::Costly);
    }
    let first: u64 = reader.decode()?;
    if derivation == PBKDF2 {
        if first > limits::PBKDF2_ROUNDS {
            return Err(SchemeFault::Costly);
        }
    } else {
        let (block, parallel): (u64, u64) = (reader.decode()?, reader.decode()?);
        let bytes = [first, block, parallel].into_iter().try_fold(128u64, u64::checked_mul);
        if bytes.is_none_or(|bytes| bytes > limits::SCRYPT_BYTES) {
            return Err(SchemeFault::Costly);
        }
    }
    while !reader.is_finished() {
        let _ = AnyRef::decode(reader)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut out = vec![tag];
        match u8::try_from(length) {
            Ok(short @ 0..=127) => out.push(short),
            Ok(long) => out.extend([0x81, long]),
            Err(_) => out.extend([0x82, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 0xff).unwrap()]),
        }
        out.extend(content);
        out
    }

    fn algorithm(oid: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
        tlv(0x30, &[tlv(6, oid.as_bytes()), parameters.to_vec()].concat())
    }

    fn file(scheme: ObjectIdentifier, derivation: ObjectIdentifier, costs: &[&[u8]], salt: usize) -> Vec<u8> {
        let costs: Vec<u8> = costs.iter().flat_map(|c| tlv(2, c)).collect();
        let derivation = algorithm(derivation, &tlv(0x30, &[tlv(4, &vec![7; salt]), costs].concat()));
        let cipher = algorithm(CIPHERS[2], &tlv(4, &[9; 16]));
        let scheme = algorithm(scheme, &tlv(0x30, &[derivation, cipher].concat()));
        tlv(0x30, &[scheme, tlv(4, &[0; 48])].concat())
    }

    #[test]
    fn costs_are_bounded_before_they_are_paid() {
        let million = [0x0f, 0x42, 0x40];
        assert_eq!(check(&file(PBES2, PBKDF2, &[&million], 16)), Ok(()));
        assert_eq!(check(&file(PBES2, PBKDF2, &[&[0x7f, 0xff, 0xff, 0xff]], 16)), Err(SchemeFault::Costly));
        assert_eq!(check(&file(PBES2, PBKDF2, &[&million], 33)), Err(SchemeFault::Costly));
        assert_eq!(check(&file(PBES2, SCRYPT, &[&[0x40, 0], &[8], &[1]], 16)), Ok(()));
        assert_eq!(check(&file(PBES2, SCRYPT, &[&[0x40, 0, 0, 0], &[8], &[1]], 16)), Err(SchemeFault::Costly));
        let huge = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(check(&file(PBES2, SCRYPT, &[&huge, &huge, &huge], 16)), Err(SchemeFault::Costly));
        let fault = check(&file(SCRYPT, PBKDF2, &[&million], 16));
        assert_eq!(fault, Err(SchemeFault::Unsupported(SCRYPT.to_string())));
        let fault = check(&file(PBES2, PBES2, &[&million], 16));
        assert_eq!(fault, Err(SchemeFault::Unsupported(PBES2.to_string())));
        assert_eq!(check(b""), Err(SchemeFault::Broken));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = check(&bytes);
        }
    }
}
