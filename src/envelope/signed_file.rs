//! The form of every file that this program signs with its list key: the bundle for verifiers, the index of published
//! revocations, the head of the audit log.
//!
//! JSON with two members: a mark with the version of the form, such as `vaccert-bundle`, and `signed`, base64 of a
//! COSE_Sign1 message (RFC 9052); nothing outside the message counts. Its protected header names the algorithm, the kid
//! of the list key, and the content type. A rehearsal's file carries its own list key (`x5chain`, RFC 9360): its
//! signature then proves only that the file is undamaged. Whom to believe, the rooms decide that own the contents.

use std::{borrow::Cow, fmt, ops::RangeInclusive};

use base64::{Engine, engine::general_purpose::STANDARD};
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use serde::{
    Deserialize, Deserializer, Serializer as _,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap as _,
};

use crate::keys::{Algorithm, Certificate, PublicKey, Signer, SignerError};

/// COSE header `x5chain` (RFC 9360 section 2).
const HEADER_X5CHAIN: i64 = 33;
/// The member with the message.
const SIGNED: &str = "signed";

/// One kind of signed files.
#[derive(Debug, Clone)]
pub struct Form {
    /// The member by which a file says what it is.
    pub mark: &'static str,
    /// Versions that are read; the last one is written.
    pub versions: RangeInclusive<u8>,
    /// Content type of the payload.
    pub content_type: &'static str,
}

/// Why a file cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SignedFileError {
    /// Not of this form.
    #[error("{0} cannot be read")]
    Part(&'static str),
    /// Of a version that this program does not know.
    #[error("it has the form {0}, which this program does not read: get a program and a file of the same age")]
    Version(u8),
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

const fn part(name: &'static str) -> SignedFileError {
    SignedFileError::Part(name)
}

/// A file whose signature nobody has checked yet.
#[derive(Debug)]
pub struct SignedFile {
    message: CoseSign1,
}

fn cose(algorithm: Algorithm) -> iana::Algorithm {
    match algorithm {
        Algorithm::Es256 => iana::Algorithm::ES256,
        Algorithm::Ps256 => iana::Algorithm::PS256,
        Algorithm::EdDsa => iana::Algorithm::EdDSA,
    }
}

impl Form {
    /// Makes a file of this form, signed by the list key `signer`; one of a rehearsal carries its certificate along.
    ///
    /// # Errors
    /// The signer's.
    pub fn write(&self, payload: Vec<u8>, signer: &dyn Signer, rehearsal: bool) -> Result<Vec<u8>, SignedFileError> {
        let protected = HeaderBuilder::new()
            .algorithm(cose(signer.algorithm()))
            .key_id(signer.kid().as_bytes().to_vec())
            .content_type(self.content_type.to_owned())
            .build();
        let mut unprotected = HeaderBuilder::new();
        if rehearsal {
            let own = coset::cbor::value::Value::Bytes(signer.certificate().der().to_vec());
            unprotected = unprotected.value(HEADER_X5CHAIN, own);
        }
        let message = CoseSign1Builder::new()
            .protected(protected)
            .unprotected(unprotected.build())
            .payload(payload)
            .try_create_signature(&[], |bytes| signer.sign(bytes))?
            .build()
            .to_tagged_vec()
            .map_err(|_| part("the signed message"))?;
        let mut bytes = Vec::new();
        let mut json = serde_json::Serializer::pretty(&mut bytes);
        let written = json.serialize_map(Some(2)).and_then(|mut members| {
            members.serialize_entry(self.mark, self.versions.end())?;
            members.serialize_entry(SIGNED, &STANDARD.encode(message))?;
            members.end()
        });
        written.map_err(|_| part("the file"))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether a file says of itself that it is of this form, whatever its version.
    #[must_use]
    pub fn marks(&self, bytes: &[u8]) -> bool {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let looked = Look { mark: self.mark }.deserialize(&mut json);
        looked.is_ok_and(|marked| marked) && json.end().is_ok()
    }

    /// Takes a file apart. It lets the file go before anything is unpacked: one of a million entries must not be in
    /// memory twice.
    ///
    /// # Errors
    /// [`SignedFileError::Part`] or [`SignedFileError::Version`].
    pub fn open(&self, bytes: impl AsRef<[u8]>) -> Result<SignedFile, SignedFileError> {
        let message = {
            let mut json = serde_json::Deserializer::from_slice(bytes.as_ref());
            let read = Whole { mark: self.mark }.deserialize(&mut json).and_then(|read| json.end().map(|()| read));
            let (version, signed) = read.map_err(|_| part("the file"))?;
            if !self.versions.contains(&version) {
                return Err(SignedFileError::Version(version));
            }
            STANDARD.decode(signed.as_bytes()).map_err(|_| part("the member `signed`"))?
        };
        drop(bytes);
        let message = CoseSign1::from_tagged_slice(&message).or_else(|_| CoseSign1::from_slice(&message));
        Ok(SignedFile { message: message.map_err(|_| part("the signed message"))? })
    }
}

impl SignedFile {
    /// Identifier of the list key, base64.
    #[must_use]
    pub fn maker(&self) -> String {
        STANDARD.encode(&self.message.protected.header.key_id)
    }

    /// Refuses a message whose payload says that it is something else.
    ///
    /// # Errors
    /// [`SignedFileError::Part`].
    pub fn check_type(&self, form: &Form) -> Result<(), SignedFileError> {
        let named = coset::ContentType::Text(form.content_type.to_owned());
        let same = self.message.protected.header.content_type.as_ref() == Some(&named);
        if same { Ok(()) } else { Err(part("the content type")) }
    }

    /// Whether one of these keys signed it, and whether the key signed it that it carries itself: a rehearsal's, for no
    /// other may stand for itself.
    ///
    /// # Errors
    /// An algorithm that no list key has.
    pub fn signed_by(&self, list_keys: &[PublicKey]) -> Result<(bool, bool), SignedFileError> {
        let header = &self.message.protected.header;
        let algorithm = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa]
            .into_iter()
            .find(|&a| header.alg == Some(coset::RegisteredLabelWithPrivate::Assigned(cose(a))))
            .ok_or(part("the algorithm"))?;
        let signed = self.message.tbs_data(&[]);
        let matches = |key: &PublicKey| key.verify(algorithm, &signed, &self.message.signature).is_ok();
        if list_keys.iter().any(matches) {
            return Ok((true, false));
        }
        Ok((false, self.own_key().is_some_and(|key| matches(&key))))
    }

    /// The key of a rehearsal that the file carries.
    fn own_key(&self) -> Option<PublicKey> {
        let chain = self.message.unprotected.rest.iter().find_map(|(label, value)| match (label, value) {
            (coset::Label::Int(HEADER_X5CHAIN), coset::cbor::value::Value::Bytes(der)) => Some(der),
            _ => None,
        });
        let own = chain.and_then(|der| Certificate::from_der(der).ok()).filter(Certificate::is_sandbox);
        own.and_then(|certificate| certificate.public_key().ok())
    }

    /// What was signed; the file goes with it.
    ///
    /// # Errors
    /// A message without a payload.
    pub fn into_payload(self) -> Result<Vec<u8>, SignedFileError> {
        self.message.payload.ok_or(part("the payload"))
    }
}

/// Base64 as it stands in the file, not copied where that can be avoided.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads version and message: two members, and no other.
struct Whole {
    mark: &'static str,
}

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = (u8, Cow<'de, str>);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole {
    type Value = (u8, Cow<'de, str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the members {} and {SIGNED}", self.mark)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut version, mut signed) = (None, None);
        while let Some(Text(name)) = members.next_key()? {
            if name == self.mark && version.is_none() {
                version = Some(members.next_value()?);
            } else if name == SIGNED && signed.is_none() {
                let Text(text) = members.next_value()?;
                signed = Some(text);
            } else {
                return Err(A::Error::custom("a member too many"));
            }
        }
        version.zip(signed).ok_or_else(|| A::Error::custom("a member is missing"))
    }
}

/// Looks for the mark, and reads over everything else.
struct Look {
    mark: &'static str,
}

impl<'de> DeserializeSeed<'de> for Look {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Look {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the member {}", self.mark)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut marked = false;
        while let Some(Text(name)) = members.next_key()? {
            if name == self.mark {
                if marked {
                    return Err(A::Error::custom("the mark comes twice"));
                }
                let _: u8 = members.next_value()?;
                marked = true;
            } else {
                let _: IgnoredAny = members.next_value()?;
            }
        }
        Ok(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::MemorySigner;

    const FORM: Form = Form { mark: "vaccert-test", versions: 2..=3, content_type: "application/x-test" };

    fn signer() -> MemorySigner {
        let certificate = include_bytes!("../../fixtures/pki/es256.cert.der");
        let key = include_bytes!("../../fixtures/pki/es256.key.der");
        MemorySigner::new(key, Certificate::from_der(certificate).unwrap()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let signer = signer();
        let file = FORM.write(b"content".to_vec(), &signer, false).unwrap();
        assert!(file.starts_with(b"{\n  \"vaccert-test\": 3,\n  \"signed\": \"") && file.ends_with(b"\"\n}\n"));
        assert!(FORM.marks(&file) && !Form { mark: "vaccert-other", ..FORM }.marks(&file));
        let opened = FORM.open(file.clone()).unwrap();
        let key = signer.certificate().public_key().unwrap();
        assert_eq!(opened.signed_by(&[key]).unwrap(), (true, false));
        assert_eq!(opened.signed_by(&[]).unwrap(), (false, false), "a file of production never stands for itself");
        assert!(opened.check_type(&FORM).is_ok());
        assert!(opened.check_type(&Form { content_type: "application/x-other", ..FORM }).is_err());
        assert_eq!(opened.maker(), STANDARD.encode(signer.kid().as_bytes()));
        assert_eq!(opened.into_payload().unwrap(), b"content");

        let text = String::from_utf8(file).unwrap();
        let older = text.replace("3,", "2,");
        assert!(FORM.open(&older).is_ok());
        for (version, other) in [(1, "1,"), (4, "4,")] {
            let other = text.replace("3,", other);
            assert!(FORM.marks(other.as_bytes()), "it says what it is");
            assert!(matches!(FORM.open(&other), Err(SignedFileError::Version(found)) if found == version));
        }
        for broken in [
            text.replace("3,", "300,"),
            text.replace("3,", "3, \"more\": 1,"),
            text.replace("3,", "3, \"vaccert-test\": 3,"),
            text.replace("\"signed\": \"", "\"signed\": \"%"),
            format!("{text}{{}}"),
            text[..text.len() / 2].to_owned(),
            "[]".to_owned(),
            "{\"vaccert-test\": 3}".to_owned(),
            String::new(),
        ] {
            assert!(matches!(FORM.open(&broken), Err(SignedFileError::Part(_))), "{broken}");
        }
    }

    #[test]
    fn a_changed_byte_of_the_message_is_seen() {
        let signer = signer();
        let key = signer.certificate().public_key().unwrap();
        let file = FORM.write(b"content".to_vec(), &signer, true).unwrap();
        let text = String::from_utf8(file).unwrap();
        let (head, rest) = text.split_once("\"signed\": \"").unwrap();
        let (message, tail) = rest.split_once('"').unwrap();
        let message = STANDARD.decode(message).unwrap();
        let mut judged = 0;
        for place in 0..message.len() {
            let mut changed = message.clone();
            changed[place] ^= 1;
            let file = format!("{head}\"signed\": \"{}\"{tail}", STANDARD.encode(&changed));
            let Ok(opened) = FORM.open(&file) else { continue };
            let Ok((vouched, _)) = opened.signed_by(std::slice::from_ref(&key)) else { continue };
            judged += 1;
            // What stands outside of the signature is the key that the file carries.
            let same = opened.into_payload().is_ok_and(|payload| payload == b"content");
            assert!(!vouched || same, "byte {place}");
        }
        assert!(judged > 50, "{judged}");
    }
}
