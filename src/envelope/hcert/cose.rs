//! COSE_Sign1 (RFC 9052 section 4.2) as HCERT uses it (specification section 3.3.2).

use std::borrow::Cow;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use minicbor::Encoder;

use super::{
    Deviation,
    cbor::{CborError, TAG_CWT, TAG_SIGN1, Value},
};
use crate::keys::{Algorithm, Kid};

const HEADER_ALG: i64 = 1;
const HEADER_CRIT: i64 = 2;
const HEADER_CONTENT_TYPE: i64 = 3;
const HEADER_KID: i64 = 4;

/// The algorithm that a message names; known or not, it is the message's claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlgorithmId {
    /// One of ours.
    Known(Algorithm),
    /// Another number, or a text.
    Other(String),
}

impl std::fmt::Display for AlgorithmId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(algorithm) => algorithm.fmt(f),
            Self::Other(named) => f.write_str(named),
        }
    }
}

/// A COSE_Sign1 message taken apart. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign1<'a> {
    /// The protected header exactly as received: the signature covers these bytes.
    pub protected: Cow<'a, [u8]>,
    /// The algorithm, if a header names one.
    pub algorithm: Option<AlgorithmId>,
    /// The key identifier, if a header names one; the protected header wins.
    pub kid: Option<Kid>,
    /// The payload as received.
    pub payload: Cow<'a, [u8]>,
    /// The signature.
    pub signature: Cow<'a, [u8]>,
    /// What was forgiven.
    pub deviations: Vec<Deviation>,
}

/// Why bytes are no COSE_Sign1 message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Another tag than 18, or 61 around 18.
    #[error("the message carries the CBOR tag {tag}; a signed message of one signer carries 18")]
    Tag {
        /// The tag found.
        tag: u64,
    },
    /// Not an array of protected header, unprotected header, payload and signature.
    #[error("the message is not a COSE_Sign1 structure: its {part} is missing or of the wrong type")]
    Form {
        /// Which part.
        part: &'static str,
    },
    /// The message demands that its reader understand a header that this one does not (RFC 9052 section 3.1).
    #[error("the message calls a header critical that this program does not know; it may not be read without")]
    Critical,
}

impl<'a> Sign1<'a> {
    /// Takes a message apart: tag 18, tag 61 around 18, or no tag.
    ///
    /// # Errors
    /// [`CoseError`] says what is wrong.
    pub fn read(bytes: &'a [u8]) -> Result<Self, CoseError> {
        let mut deviations = Vec::new();
        let mut value = Value::read(bytes)?;
        if let Value::Tag(TAG_CWT, inner) = value {
            deviations.push(Deviation::CwtTag);
            value = *inner;
        }
        let parts = match value {
            Value::Tag(TAG_SIGN1, inner) => *inner,
            Value::Tag(tag, _) => return Err(CoseError::Tag { tag }),
            untagged => {
                deviations.push(Deviation::Untagged);
                untagged
            }
        };
        let Value::Array(parts) = parts else { return Err(CoseError::Form { part: "array" }) };
        let Ok([protected, unprotected, payload, signature]) = <[Value<'a>; 4]>::try_from(parts) else {
            return Err(CoseError::Form { part: "array of four" });
        };
        let bytes = |value, part| match value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(CoseError::Form { part }),
        };
        let protected = bytes(protected, "protected header")?;
        let payload = bytes(payload, "payload")?;
        let signature = bytes(signature, "signature")?;
        if !matches!(unprotected, Value::Map(_)) {
            return Err(CoseError::Form { part: "unprotected header" });
        }

        let header = if protected.is_empty() { Value::Map(Vec::new()) } else { Value::read(&protected)? };
        if !matches!(header, Value::Map(_)) {
            return Err(CoseError::Form { part: "protected header" });
        }
        demands_nothing_unknown(&header, &unprotected)?;
        let algorithm = header.get_int(HEADER_ALG).or_else(|| {
            let found = unprotected.get_int(HEADER_ALG);
            deviations.extend(found.map(|_| Deviation::UnprotectedAlgorithm));
            found
        });
        let algorithm = algorithm.map(|id| match id {
            Value::Int(number) => {
                Algorithm::from_cose(*number).map_or_else(|| AlgorithmId::Other(number.to_string()), AlgorithmId::Known)
            }
            other => AlgorithmId::Other(other.to_json().to_string().chars().take(40).collect()),
        });
        let (inside, outside) = (header.get_int(HEADER_KID), unprotected.get_int(HEADER_KID));
        match (inside, outside) {
            (Some(a), Some(b)) if a != b => deviations.push(Deviation::KidsDisagree),
            (None, Some(_)) => deviations.push(Deviation::UnprotectedKid),
            _ => {}
        }
        let kid = match inside.or(outside) {
            Some(Value::Text(text)) => {
                let kid = text_kid(text);
                deviations.extend(kid.as_ref().map(|_| Deviation::TextKid));
                kid
            }
            other => other.and_then(Value::as_bytes).map(Kid::new),
        };
        drop(header);
        Ok(Self { protected, algorithm, kid, payload, signature, deviations })
    }

    /// The bytes that the signature covers, from the received header and payload. A protected header without
    /// parameters counts as absent there, however it was written (RFC 9052 section 4.4).
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let empty = matches!(*self.protected, [0xa0] | [0xbf, 0xff]);
        signature_structure(if empty { &[] } else { &self.protected }, &self.payload)
    }
}

/// A key identifier that was written as the text of its base64: the eight bytes of specification section 3.3.3, and
/// nothing else, because no other text can be told from a name.
fn text_kid(text: &str) -> Option<Kid> {
    let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?;
    (bytes.len() == 8).then(|| Kid::new(bytes))
}

/// Holds the headers against their `crit` (RFC 9052 section 3.1): it must be protected, and every label in it
/// must be one that is understood here. No issuer of certificates is known to use it.
fn demands_nothing_unknown(protected: &Value<'_>, unprotected: &Value<'_>) -> Result<(), CoseError> {
    if unprotected.get_int(HEADER_CRIT).is_some() {
        return Err(CoseError::Critical);
    }
    match protected.get_int(HEADER_CRIT) {
        None => Ok(()),
        Some(Value::Array(labels)) if !labels.is_empty() => {
            let known = [HEADER_ALG, HEADER_CONTENT_TYPE, HEADER_KID].map(Value::Int);
            if labels.iter().all(|label| known.contains(label)) { Ok(()) } else { Err(CoseError::Critical) }
        }
        Some(_) => Err(CoseError::Critical),
    }
}

/// `Sig_structure` of RFC 9052 section 4.4 with context "Signature1" and no external data.
fn signature_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(protected.len() + payload.len() + 24));
    let written = encoder
        .array(4)
        .and_then(|e| e.str("Signature1"))
        .and_then(|e| e.bytes(protected))
        .and_then(|e| e.bytes(&[]))
        .and_then(|e| e.bytes(payload))
        .is_ok();
    debug_assert!(written, "writing to memory cannot fail");
    encoder.into_writer()
}

/// A message before its signature: built, shown to whoever checks it, then signed and finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToBeSigned {
    protected: Vec<u8>,
    payload: Vec<u8>,
}

impl ToBeSigned {
    /// Algorithm and kid in the protected header, in this order, and the payload.
    #[must_use]
    pub fn new(algorithm: Algorithm, kid: &Kid, payload: Vec<u8>) -> Self {
        let mut encoder = Encoder::new(Vec::with_capacity(24));
        let written = encoder
            .map(2)
            .and_then(|e| e.i64(HEADER_ALG))
            .and_then(|e| e.i64(algorithm.cose()))
            .and_then(|e| e.i64(HEADER_KID))
            .and_then(|e| e.bytes(kid.as_bytes()))
            .is_ok();
        debug_assert!(written, "writing to memory cannot fail");
        Self { protected: encoder.into_writer(), payload }
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes to sign.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        signature_structure(&self.protected, &self.payload)
    }

    /// The complete message with tag 18 (as all 412 published production codes have it).
    #[must_use]
    pub fn finish(&self, signature: &[u8]) -> Vec<u8> {
        let room = self.protected.len() + self.payload.len() + signature.len() + 16;
        let mut encoder = Encoder::new(Vec::with_capacity(room));
        let written = encoder
            .tag(minicbor::data::Tag::new(TAG_SIGN1))
            .and_then(|e| e.array(4))
            .and_then(|e| e.bytes(&self.protected))
            .and_then(|e| e.map(0))
            .and_then(|e| e.bytes(&self.payload))
            .and_then(|e| e.bytes(signature))
            .is_ok();
        debug_assert!(written, "writing to memory cannot fail");
        encoder.into_writer()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_undoes_writing(
            payload in prop::collection::vec(any::<u8>(), 0..300),
            signature in prop::collection::vec(any::<u8>(), 0..100),
            kid in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let prepared = ToBeSigned::new(Algorithm::Es256, &Kid::new(kid.clone()), payload.clone());
            let bytes = prepared.finish(&signature);
            prop_assert!(bytes.starts_with(&[0xd2, 0x84]));
            let message = Sign1::read(&bytes).unwrap();
            prop_assert_eq!(message.payload.as_ref(), &payload);
            prop_assert_eq!(message.signature.as_ref(), &signature);
            prop_assert_eq!(message.kid.as_ref().unwrap().as_bytes(), &kid);
            prop_assert_eq!(message.algorithm.clone(), Some(AlgorithmId::Known(Algorithm::Es256)));
            prop_assert_eq!(message.signed_bytes(), prepared.signed_bytes());
            prop_assert!(message.deviations.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Sign1::read(&bytes);
        }
    }

    #[test]
    fn critical_headers_must_be_known_and_protected() {
        let read = |protected: &[u8], unprotected: &[u8]| {
            let mut bytes = vec![0x84, 0x40 | u8::try_from(protected.len()).unwrap()];
            bytes.extend([protected, unprotected, &[0x41, 0x01, 0x41, 0x02]].concat());
            Sign1::read(&bytes).map(|_| ())
        };
        assert_eq!(read(&[0xa2, 0x01, 0x26, 0x02, 0x82, 0x01, 0x04], &[0xa0]), Ok(()));
        for protected in [
            &[0xa1, 0x02, 0x81, 0x18, 0x63][..], // label 99
            &[0xa1, 0x02, 0x81, 0x61, b'x'],     // a text label
            &[0xa1, 0x02, 0x80],                 // empty
            &[0xa1, 0x02, 0x01],                 // no list
        ] {
            assert_eq!(read(protected, &[0xa0]), Err(CoseError::Critical), "{protected:x?}");
        }
        assert_eq!(read(&[0xa0], &[0xa1, 0x02, 0x81, 0x01]), Err(CoseError::Critical));
    }

    #[test]
    fn an_empty_protected_header_is_signed_as_none() {
        let message = |protected: &[u8]| {
            let mut bytes = vec![0x84, 0x40 | u8::try_from(protected.len()).unwrap()];
            bytes.extend_from_slice(protected);
            bytes.extend([0xa0, 0x41, 0x01, 0x41, 0x02]);
            Sign1::read(&bytes).unwrap().signed_bytes()
        };
        assert_eq!(message(&[0xa0]), message(&[]));
        assert_eq!(message(&[0xbf, 0xff]), message(&[]));
        assert_ne!(message(&[0xa1, 0x01, 0x26]), message(&[]));
    }

    #[test]
    fn agrees_with_an_unrelated_implementation() {
        use coset::{CborSerializable, TaggedCborSerializable};
        let prepared = ToBeSigned::new(Algorithm::Ps256, &Kid::new(*b"12345678"), b"payload".to_vec());
        let theirs = coset::CoseSign1::from_tagged_slice(&prepared.finish(b"signature")).unwrap();
        assert_eq!(theirs.tbs_data(&[]), prepared.signed_bytes());
        assert_eq!(theirs.protected.header.key_id, b"12345678");
        let untagged = theirs.to_vec().unwrap();
        let read = Sign1::read(&untagged).unwrap();
        assert_eq!((read.payload.as_ref(), read.deviations), (b"payload".as_slice(), vec![Deviation::Untagged]));
    }
}
