//! CMS messages as the gateway takes them: one line of base64 around attached SignedData with exactly one certificate
//! and one signer, and its own words for every way to get that wrong.

use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

use super::reply::Problem;
use crate::{
    keys::{
        Certificate,
        der::{self, Reader},
    },
    trust::cms::{Believed, CmsError, SignedData},
};

/// Java's basic decoder: no line ends; the padding may be missing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Content and signer of a message.
#[derive(Debug)]
pub(super) struct Message {
    /// What was signed.
    pub(super) content: Vec<u8>,
    /// The certificate that the message brings.
    pub(super) signer: Certificate,
    /// Whether its key signed the content.
    pub(super) verified: bool,
    /// The message as it was sent.
    pub(super) text: String,
    /// The same without its content, in base64.
    pub(super) detached: String,
}

/// Why a body is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Base64,
    Cms,
    Content,
    Certificates,
    Signers,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::Base64 => "Invalid Base64 CMS Message",
            Self::Cms => "Could not parse CMS Message",
            Self::Content => "CMS Message needs to have binary data as body.",
            Self::Certificates => "CMS Message needs to contain exactly one X509 certificate",
            Self::Signers => "CMS Message needs to have exactly 1 signer information.",
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(400, "0x402", fault.words(), "")
    }
}

/// The payload is no certificate.
pub(super) fn not_a_certificate() -> Problem {
    Problem::new(400, "0x402", "CMS Message payload needs to be a DER encoded X509 certificate", "")
}

/// Reads a message.
pub(super) fn read(body: &[u8]) -> Result<Message, Fault> {
    let bytes = LENIENT.decode(body).map_err(|_| Fault::Base64)?;
    let signed = SignedData::read(&bytes).map_err(|error| match error {
        CmsError::Signers { .. } => Fault::Signers,
        CmsError::Form { part } if part == "the type of the content" || part == "the content" => Fault::Content,
        _ => Fault::Cms,
    })?;
    let content = signed.content().ok_or(Fault::Content)?.to_vec();
    let certificates: Vec<&[u8]> = signed.certificates().collect();
    let [certificate] = certificates.as_slice() else { return Err(Fault::Certificates) };
    let signer = Certificate::from_der(certificate).map_err(|_| Fault::Certificates)?;
    let verified = signed.verify(Believed::Certificate(&signer), None).is_ok();
    let detached = STANDARD.encode(detach(&bytes).ok_or(Fault::Cms)?);
    let text = String::from_utf8_lossy(body).into_owned();
    Ok(Message { content, signer, verified, text, detached })
}

/// The message without its content: all that it is signed by, over what the reader has already.
fn detach(message: &[u8]) -> Option<Vec<u8>> {
    let mut file = Reader::ber(message);
    let outer = file.expect(der::SEQUENCE)?;
    let mut outer = file.inside(outer);
    let kind = outer.expect(der::OID)?;
    let body = outer.expect(0xa0)?;
    let mut body = outer.inside(body);
    let data = body.expect(der::SEQUENCE)?;
    let mut data = body.inside(data);
    let (version, digests) = (data.any()?, data.any()?);
    let wrapped = data.expect(der::SEQUENCE)?;
    let content_kind = data.inside(wrapped).expect(der::OID)?;
    let item = |tag, content: &[u8]| {
        let mut out = Vec::with_capacity(content.len() + 6);
        der::write(tag, content, &mut out);
        out
    };
    let mut inner = [version.whole, digests.whole, item(der::SEQUENCE, content_kind.whole).as_slice()].concat();
    while let Some(rest) = data.any() {
        inner.extend_from_slice(rest.whole);
    }
    let explicit = item(0xa0, &item(der::SEQUENCE, &inner));
    Some(item(der::SEQUENCE, &[kind.whole, explicit.as_slice()].concat()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        batch::system_random,
        sandbox::pki::{Key, Purpose, Workshop},
        trust::cms::{self, Carries},
    };

    fn message(content: &[u8], carries: Carries, key: Key) -> Vec<u8> {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let made = Workshop::new("XX", now, system_random()).unwrap().make(Purpose::Upload, "UP", key).unwrap();
        cms::sign(content, carries, made.certificate(), &made.signer().unwrap(), now).unwrap()
    }

    #[test]
    fn an_attached_message_is_read_and_its_detached_form_still_verifies() {
        for key in [Key::P256, Key::Rsa3072] {
            let read = read(cms::line(&message(b"content", Carries::Content, key)).as_bytes()).unwrap();
            assert_eq!(read.content, b"content");
            assert!(read.verified);
            let bytes = STANDARD.decode(&read.detached).unwrap();
            let detached = SignedData::read(&bytes).unwrap();
            assert!(detached.content().is_none());
            detached.verify(Believed::Certificate(&read.signer), Some(b"content")).unwrap();
            assert!(detached.verify(Believed::Certificate(&read.signer), Some(b"other")).is_err());
        }
    }

    #[test]
    fn every_wrong_form_has_its_own_words() {
        let attached = cms::line(&message(b"x", Carries::Content, Key::P256));
        assert_eq!(read(format!("{attached}\n").as_bytes()).unwrap_err(), Fault::Base64);
        assert_eq!(read(b"MA==").unwrap_err(), Fault::Cms);
        assert_eq!(read(b"").unwrap_err(), Fault::Cms);
        let detached = cms::line(&message(b"x", Carries::SignatureOnly, Key::P256));
        assert_eq!(read(detached.as_bytes()).unwrap_err(), Fault::Content);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = detach(&bytes);
            let _ = read(STANDARD.encode(&bytes).as_bytes());
            let _ = read(&bytes);
        }

        #[test]
        fn a_flipped_byte_is_never_a_verified_message(at in 0usize..2_000, bit in 0u8..8) {
            let mut bytes = message(b"the content", Carries::Content, Key::P256);
            let position = at % bytes.len();
            bytes[position] ^= 1 << bit;
            if let Ok(read) = read(STANDARD.encode(&bytes).as_bytes()) {
                // What is neither content nor signed (a version number, an unused tag) may change.
                prop_assert!(!read.verified || read.content == b"the content");
            }
        }
    }
}
