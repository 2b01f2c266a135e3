//! Writing CMS SignedData as the gateways read it (facts on the trust framework, section 2): id-data, one
//! certificate, one signer named by issuer and serial number, SHA-256, and the signed attributes content type,
//! signing time and message digest.

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

/// Whether a message carries what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// Attached: uploads.
    Content,
    /// Detached: the entries of a trust list.
    SignatureOnly,
}

/// Why no message was made.
#[derive(Debug, thiserror::Error)]
pub enum CmsWriteError {
    /// The certificate is of another key, or damaged.
    #[error("the upload certificate {kid} does not belong to the upload key: give the key that was certified")]
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
    let other = || CmsWriteError::OtherKey { kid: certificate.kid().to_string() };
    if certificate.spki() != signer.spki() {
        return Err(other());
    }
    let named = certificate.issuer_and_serial().ok_or_else(other)?;
    let digest = sequence(&[&oid(OID_SHA256)]);
    // X.690 section 11.6: the members of a SET OF stand in the order of their octets.
    let mut attributes = [
        attribute(OID_CONTENT_TYPE, &oid(OID_DATA)),
        attribute(OID_SIGNING_TIME, &time(at)),
        attribute(OID_MESSAGE_DIGEST, &item(der::OCTET_STRING, &sha256(content))),
    ];
    attributes.sort();
    let attributes = attributes.concat();
    let signature = signer.sign(&item(der::SET, &attributes))?;
    let algorithm = match signer.algorithm() {
        X509Algorithm::EcdsaSha256 => sequence(&[&oid(OID_ECDSA_SHA256)]),
        X509Algorithm::RsaSha256 => sequence(&[&oid(OID_RSA), &item(der::NULL, &[])]),
    };
    let version = item(der::INTEGER, &[1]);
    let info = sequence(&[
        &version,
        &named,
        &digest,
        &item(0xa0, &attributes),
        &algorithm,
        &item(der::OCTET_STRING, &signature),
    ]);
    let wrapped = match carries {
        Carries::Content => item(0xa0, &item(der::OCTET_STRING, content)),
        Carries::SignatureOnly => Vec::new(),
    };
    let data = sequence(&[
        &version,
        &item(der::SET, &digest),
        &sequence(&[&oid(OID_DATA), &wrapped]),
        &item(0xa0, certificate.der()),
        &item(der::SET, &info),
    ]);
    Ok(sequence(&[&oid(OID_SIGNED_DATA), &item(0xa0, &data)]))
}

/// A message as gateways take it: one line of base64 in the standard alphabet, without a line end.
#[must_use]
pub fn line(message: &[u8]) -> String {
    STANDARD.encode(message)
}
