//! Writing CMS SignedData (RFC 5652 section 5): id-data, one signer named by issuer and serial number, SHA-256, and the
//! signed attributes content type and message digest. [`sign`] writes it as the gateways read it (facts on the trust
//! framework, section 2), with one certificate and the signing time; [`sign_digest`] as wallets and readers of PDF do,
//! detached and with a chain.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::Offset};

use super::{OID_CONTENT_TYPE, OID_DATA, OID_MESSAGE_DIGEST, OID_SIGNED_DATA, OID_SIGNING_TIME};
use crate::keys::{Certificate, SignerError, X509Algorithm, X509Signer, der, sha256};

/// SHA-256 (RFC 5754 section 2.2).
const OID_SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// ecdsa-with-SHA256 (RFC 5758 section 3.2).
const OID_ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// rsaEncryption, which CMS uses for RSASSA-PKCS1-v1.5 signatures (RFC 3370 section 3.2).
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-aa-signingCertificateV2 (RFC 5035 section 3).
const OID_SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// Whether a message carries what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// Attached: uploads.
    Content,
    /// Detached: the entries of a trust list.
    SignatureOnly,
}

/// What a message states under its signature, besides type and digest of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// When it was signed, to the second (RFC 5652 section 11.3).
    Time(Timestamp),
    /// Which certificate it was signed with, by its hash (RFC 5035 section 3), and no time: PAdES, where the time stands
    /// in the PDF (ETSI EN 319 142-1 section 6.3).
    Certificate,
}

impl States {
    fn attribute(self, certificate: &Certificate) -> Vec<u8> {
        match self {
            Self::Time(at) => attribute(OID_SIGNING_TIME, &time(at)),
            Self::Certificate => {
                // SHA-256 is the default of the hash algorithm, and DER leaves a default out.
                let named = sequence(&[&item(der::OCTET_STRING, &sha256(certificate.der()))]);
                attribute(OID_SIGNING_CERTIFICATE, &sequence(&[&sequence(&[&named])]))
            }
        }
    }
}

/// Why no message was made.
#[derive(Debug, thiserror::Error)]
pub enum CmsWriteError {
    /// The certificate is of another key, or damaged.
    #[error("the certificate {kid} does not belong to the key that signs with it: give the key that was certified")]
    OtherKey {
        /// Its key identifier.
        kid: String,
    },
    /// The key or the token failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    der::write(tag, content, &mut out);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    item(der::SEQUENCE, &parts.concat())
}

fn oid(content: &[u8]) -> Vec<u8> {
    item(der::OID, content)
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), &item(der::SET, value)])
}

/// RFC 5652 section 11.3: `UTCTime` from 1950 to 2049, `GeneralizedTime` otherwise.
fn time(at: Timestamp) -> Vec<u8> {
    let moment = Offset::UTC.to_datetime(at);
    if (1950..2050).contains(&moment.year()) {
        item(der::UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
    } else {
        item(der::GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
    }
}

/// Signs `content` with the key of `certificate`, in DER. `at` is the signing time, stated to the second.
///
/// # Errors
/// [`CmsWriteError`].
pub fn sign(
    content: &[u8],
    carries: Carries,
    certificate: &Certificate,
    signer: &dyn X509Signer,
    at: Timestamp,
) -> Result<Vec<u8>, CmsWriteError> {
    let wrapped = match carries {
        Carries::Content => item(0xa0, &item(der::OCTET_STRING, content)),
        Carries::SignatureOnly => Vec::new(),
    };
    write(&sha256(content), &wrapped, States::Time(at), certificate, &[], signer)
}

/// Signs content by its SHA-256 digest with the key of `certificate`, in DER and detached. The message brings the
/// certificate and `chain`, the certificates that it comes from.
///
/// # Errors
/// [`CmsWriteError`].
pub fn sign_digest(
    digest: &[u8; 32],
    states: States,
    certificate: &Certificate,
    chain: &[Certificate],
    signer: &dyn X509Signer,
) -> Result<Vec<u8>, CmsWriteError> {
    write(digest, &[], states, certificate, chain, signer)
}

/// X.690 section 11.6: the members of a SET OF stand in the order of their octets.
fn in_order(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    members.concat()
}

fn write(
    digest: &[u8; 32],
    wrapped: &[u8],
    states: States,
    certificate: &Certificate,
    chain: &[Certificate],
    signer: &dyn X509Signer,
) -> Result<Vec<u8>, CmsWriteError> {
    let other = || CmsWriteError::OtherKey { kid: certificate.kid().to_string() };
    if certificate.spki() != signer.spki() {
        return Err(other());
    }
    let named = certificate.issuer_and_serial().ok_or_else(other)?;
    let hash = sequence(&[&oid(OID_SHA256)]);
    let attributes = in_order(vec![
        attribute(OID_CONTENT_TYPE, &oid(OID_DATA)),
        states.attribute(certificate),
        attribute(OID_MESSAGE_DIGEST, &item(der::OCTET_STRING, digest)),
    ]);
    let signature = signer.sign(&item(der::SET, &attributes))?;
    let algorithm = match signer.algorithm() {
        X509Algorithm::EcdsaSha256 => sequence(&[&oid(OID_ECDSA_SHA256)]),
        X509Algorithm::RsaSha256 => sequence(&[&oid(OID_RSA), &item(der::NULL, &[])]),
    };
    let version = item(der::INTEGER, &[1]);
    let info = sequence(&[
        &version,
        &named,
        &hash,
        &item(0xa0, &attributes),
        &algorithm,
        &item(der::OCTET_STRING, &signature),
    ]);
    let mut certificates = vec![certificate.der().to_vec()];
    certificates.extend(chain.iter().map(|link| link.der().to_vec()));
    let data = sequence(&[
        &version,
        &item(der::SET, &hash),
        &sequence(&[&oid(OID_DATA), wrapped]),
        &item(0xa0, &in_order(certificates)),
        &item(der::SET, &info),
    ]);
    Ok(sequence(&[&oid(OID_SIGNED_DATA), &item(0xa0, &data)]))
}

/// A message as gateways take it: one line of base64 in the standard alphabet, without a line end.
#[must_use]
pub fn line(message: &[u8]) -> String {
    STANDARD.encode(message)
}

#[cfg(test)]
#[cfg(feature = "issue")]
mod tests {
    use rcgen::{CertificateParams, KeyPair, RsaKeySize};

    use super::*;
    use crate::{
        keys::MemoryX509Signer,
        trust::cms::{Believed, CmsError, SignedData},
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn holder(key: &KeyPair) -> (Certificate, MemoryX509Signer) {
        let certificate = CertificateParams::default().self_signed(key).unwrap();
        let signer = MemoryX509Signer::new(&key.serialize_der()).unwrap();
        (Certificate::from_der(certificate.der()).unwrap(), signer)
    }

    #[test]
    fn what_is_written_is_read_and_verified_under_its_signer_alone() {
        let keys = [
            KeyPair::generate().unwrap(),
            KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
        ];
        let [(ec, ec_signer), (rsa, rsa_signer)] = keys.each_ref().map(holder);
        for (certificate, signer, other) in [(&ec, &ec_signer, &rsa), (&rsa, &rsa_signer, &ec)] {
            for content in [b"".as_slice(), b"content", &[0; 70_000]] {
                let now = at("2026-11-22T12:00:00.75Z");
                let attached = sign(content, Carries::Content, certificate, signer, now).unwrap();
                let read = SignedData::read(&attached).unwrap();
                assert_eq!(read.content(), Some(content));
                assert_eq!(read.signing_time(), Some(at("2026-11-22T12:00:00Z")));
                assert_eq!(read.certificates().collect::<Vec<_>>(), [certificate.der()]);
                assert_eq!(read.verify(Believed::Certificate(certificate), None), Ok(()));
                assert_eq!(read.verify(Believed::Key(certificate.spki()), Some(content)), Ok(()));
                assert_eq!(read.verify(Believed::Certificate(other), None), Err(CmsError::OtherSigner));
                let detached = sign(content, Carries::SignatureOnly, certificate, signer, now).unwrap();
                let read = SignedData::read(&detached).unwrap();
                assert_eq!(read.content(), None);
                assert_eq!(read.verify(Believed::Certificate(certificate), Some(content)), Ok(()));
                assert_eq!(read.verify(Believed::Certificate(certificate), Some(b"x")), Err(CmsError::OtherContent));
                assert_eq!(read.verify(Believed::Certificate(certificate), None), Err(CmsError::NoContent));
            }
        }
        assert!(matches!(
            sign(b"", Carries::Content, &ec, &rsa_signer, Timestamp::UNIX_EPOCH),
            Err(CmsWriteError::OtherKey { .. })
        ));
    }

    #[test]
    fn a_detached_message_brings_its_chain_and_states_what_was_asked() {
        let (certificate, signer) = holder(&KeyPair::generate().unwrap());
        let (above, _) = holder(&KeyPair::generate().unwrap());
        let (chain, digest) = (std::slice::from_ref(&above), sha256(b"content"));
        let now = at("2026-11-22T12:00:00Z");
        for (states, time) in [(States::Time(now), Some(now)), (States::Certificate, None)] {
            let message = sign_digest(&digest, states, &certificate, chain, &signer).unwrap();
            let read = SignedData::read(&message).unwrap();
            assert_eq!((read.content(), read.signing_time()), (None, time));
            assert_eq!(read.verify(Believed::Certificate(&certificate), Some(b"content")), Ok(()));
            assert_eq!(read.verify(Believed::Certificate(&certificate), Some(b"other")), Err(CmsError::OtherContent));
            let mut brought: Vec<&[u8]> = vec![certificate.der(), above.der()];
            brought.sort_unstable();
            assert_eq!(read.certificates().collect::<Vec<_>>(), brought);
            let hash = sha256(certificate.der());
            let named = message.windows(hash.len()).filter(|window| *window == hash).count();
            assert_eq!(named, usize::from(states == States::Certificate));
        }
    }

    #[test]
    fn times_are_written_by_their_century() {
        let (certificate, signer) = holder(&KeyPair::generate().unwrap());
        for time in ["1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "1949-12-31T23:59:59Z"] {
            let message = sign(b"x", Carries::Content, &certificate, &signer, at(time)).unwrap();
            let read = SignedData::read(&message).unwrap();
            assert_eq!(read.signing_time(), Some(at(time)), "{time}");
            assert_eq!(read.verify(Believed::Certificate(&certificate), None), Ok(()));
        }
    }

    #[test]
    fn no_byte_that_counts_can_change() {
        let (certificate, signer) = holder(&KeyPair::generate().unwrap());
        let message = sign(b"content", Carries::Content, &certificate, &signer, at("2026-11-22T12:00:00Z")).unwrap();
        for position in 0..message.len() {
            let mut changed = message.clone();
            changed[position] ^= 0x01;
            let Ok(read) = SignedData::read(&changed) else { continue };
            if read.verify(Believed::Certificate(&certificate), None).is_ok() {
                assert_eq!(read.content(), Some(b"content".as_slice()), "byte {position}");
            }
        }
        assert!(!line(&message).contains(['\n', '\r', ' ']));
    }
}
