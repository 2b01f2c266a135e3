//! Writes certificates (RFC 5280 section 4.1) and requests (RFC 2986), signed by whatever holds the key.
//!
//! Written here and not by a library, because a document signer must repeat its issuer's name byte for byte, as an
//! authority elsewhere has written it, and because the key may be in a token that gives nothing but signatures.

use jiff::{Timestamp, tz::Offset};

use crate::keys::{SignerError, X509Algorithm, X509Signer, der, sha256};

const COMMON_ATTRIBUTES: [(&str, &[u8]); 6] = [
    ("C", &[0x55, 0x04, 0x06]),
    ("ST", &[0x55, 0x04, 0x08]),
    ("L", &[0x55, 0x04, 0x07]),
    ("O", &[0x55, 0x04, 0x0a]),
    ("OU", &[0x55, 0x04, 0x0b]),
    ("CN", &[0x55, 0x04, 0x03]),
];
const PRINTABLE_STRING: u8 = 0x13;
const UTF8_STRING: u8 = 0x0c;

const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const PRIVATE_KEY_USAGE_PERIOD: &[u8] = &[0x55, 0x1d, 0x10];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// `extensionRequest` (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];

fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    der::write(tag, content, &mut out);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    item(der::SEQUENCE, &parts.concat())
}

/// A distinguished name: one attribute a set. The country is a PrintableString (RFC 5280 appendix A.1).
pub(super) fn name(subject: &[(&'static str, String)]) -> Vec<u8> {
    let mut sets = Vec::new();
    for (label, value) in subject {
        let Some((_, oid)) = COMMON_ATTRIBUTES.iter().find(|(known, _)| known == label) else { continue };
        let tag = if *label == "C" { PRINTABLE_STRING } else { UTF8_STRING };
        let pair = sequence(&[&item(der::OID, oid), &item(tag, value.as_bytes())]);
        sets.extend(item(der::SET, &pair));
    }
    item(der::SEQUENCE, &sets)
}

/// UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5).
fn time(at: Timestamp) -> Vec<u8> {
    let text = generalized(at);
    match text.get(2..) {
        Some(short) if Offset::UTC.to_datetime(at).year() < 2050 => item(der::UTC_TIME, short.as_bytes()),
        _ => item(der::GENERALIZED_TIME, text.as_bytes()),
    }
}

fn generalized(at: Timestamp) -> String {
    let utc = Offset::UTC.to_datetime(at);
    let (date, time) = (utc.date(), utc.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Identifier of a key: the first 160 bits of the SHA-256 of its bits (RFC 7093 section 2, method 1).
pub(super) fn key_id(spki: &[u8]) -> Vec<u8> {
    let bits = || {
        let body = der::Reader::new(spki).expect(der::SEQUENCE)?;
        let mut body = der::Reader::new(body.content);
        body.expect(der::SEQUENCE)?;
        body.expect(der::BIT_STRING)?.content.get(1..)
    };
    sha256(bits().unwrap_or_default()).get(..20).unwrap_or_default().to_vec()
}

/// What a certificate says beside its names and its key.
#[derive(Debug, Default)]
pub(super) struct Extensions<'a> {
    /// First octet of the key usage.
    pub(super) key_usage: u8,
    /// CA:TRUE with a path length of 0.
    pub(super) authority: bool,
    /// Extended key usages, dotted.
    pub(super) usages: &'a [String],
    /// Identifier of the issuer's key.
    pub(super) issuer_key_id: Option<&'a [u8]>,
    /// From when until when the private key signs.
    pub(super) signs: Option<(Timestamp, Timestamp)>,
    /// Address of the revocation list.
    pub(super) crl_address: Option<&'a str>,
}

impl Extensions<'_> {
    /// `Extensions`, in the order in which OpenSSL writes them.
    fn write(&self, spki: &[u8]) -> Vec<u8> {
        let mut list = Vec::new();
        let mut add = |oid: &[u8], critical: bool, value: &[u8]| {
            let truth = if critical { item(der::BOOLEAN, &[0xff]) } else { Vec::new() };
            list.extend(sequence(&[&item(der::OID, oid), &truth, &item(der::OCTET_STRING, value)]));
        };
        if self.authority {
            add(BASIC_CONSTRAINTS, true, &sequence(&[&item(der::BOOLEAN, &[0xff]), &item(der::INTEGER, &[0])]));
        }
        // A named bit list without trailing zeros (X.690 section 11.2.2).
        let unused = u8::try_from(self.key_usage.trailing_zeros()).unwrap_or(0);
        add(KEY_USAGE, true, &item(der::BIT_STRING, &[unused, self.key_usage]));
        if !self.usages.is_empty() {
            let usages: Vec<u8> = self.usages.iter().flat_map(|dotted| item(der::OID, &object_id(dotted))).collect();
            add(EXT_KEY_USAGE, false, &item(der::SEQUENCE, &usages));
        }
        add(SUBJECT_KEY_ID, false, &item(der::OCTET_STRING, &key_id(spki)));
        if let Some(issuer) = self.issuer_key_id {
            add(AUTHORITY_KEY_ID, false, &sequence(&[&item(0x80, issuer)]));
        }
        if let Some((from, until)) = self.signs {
            let bounds = [item(0x80, generalized(from).as_bytes()), item(0x81, generalized(until).as_bytes())].concat();
            add(PRIVATE_KEY_USAGE_PERIOD, false, &item(der::SEQUENCE, &bounds));
        }
        if let Some(address) = self.crl_address {
            let names = item(0xa0, &item(0xa0, &item(0x86, address.as_bytes())));
            add(CRL_DISTRIBUTION_POINTS, false, &sequence(&[&sequence(&[&names])]));
        }
        item(der::SEQUENCE, &list)
    }
}

/// Content octets of an object identifier.
pub(super) fn object_id(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').filter_map(|arc| arc.parse().ok()).collect();
    let [first, second, rest @ ..] = arcs.as_slice() else { return Vec::new() };
    let mut out = Vec::new();
    for arc in std::iter::once(first.saturating_mul(40).saturating_add(*second)).chain(rest.iter().copied()) {
        let mut groups = Vec::new();
        let mut left = arc;
        loop {
            let low = u8::try_from(left % 128).unwrap_or(0);
            groups.push(if groups.is_empty() { low } else { low | 0x80 });
            left /= 128;
            if left == 0 {
                break;
            }
        }
        out.extend(groups.iter().rev());
    }
    out
}

/// Everything that is in a certificate but its signature.
pub(super) struct Body<'a> {
    /// Sixteen random octets.
    pub(super) serial: [u8; 16],
    /// Name of the issuer in DER, exactly as its own certificate has it.
    pub(super) issuer: &'a [u8],
    /// Name of the holder in DER.
    pub(super) subject: &'a [u8],
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// Key of the holder.
    pub(super) spki: &'a [u8],
    pub(super) extensions: Extensions<'a>,
}

impl Body<'_> {
    /// Signs the certificate with the issuer's key.
    pub(super) fn sign(&self, issuer: &dyn X509Signer) -> Result<Vec<u8>, SignerError> {
        let algorithm = algorithm(issuer);
        // Positive, and always 16 octets long, with 126 random bits (RFC 5280 section 4.1.2.2).
        let serial = (u128::from_be_bytes(self.serial) & (u128::MAX >> 2)) | (1 << 126);
        let body = sequence(&[
            &item(0xa0, &item(der::INTEGER, &[2])),
            &item(der::INTEGER, &serial.to_be_bytes()),
            &algorithm,
            self.issuer,
            &sequence(&[&time(self.from), &time(self.until)]),
            self.subject,
            self.spki,
            &item(0xa3, &self.extensions.write(self.spki)),
        ]);
        seal(body, &algorithm, issuer)
    }
}

/// A request for a certificate, signed with the key that it is for. The issuer decides on validity and identifiers of
/// its own key.
pub(super) fn request(
    subject: &[u8],
    extensions: &Extensions<'_>,
    holder: &dyn X509Signer,
) -> Result<Vec<u8>, SignerError> {
    let wanted = extensions.write(holder.spki());
    let attribute = sequence(&[&item(der::OID, EXTENSION_REQUEST), &item(der::SET, &wanted)]);
    let body = sequence(&[&item(der::INTEGER, &[0]), subject, holder.spki(), &item(0xa0, &attribute)]);
    seal(body, &algorithm(holder), holder)
}

/// ecdsa-with-SHA256 without parameters (RFC 5758), sha256WithRSAEncryption with NULL (RFC 4055 section 5).
fn algorithm(signer: &dyn X509Signer) -> Vec<u8> {
    match signer.algorithm() {
        X509Algorithm::EcdsaSha256 => sequence(&[&item(der::OID, &object_id("1.2.840.10045.4.3.2"))]),
        X509Algorithm::RsaSha256 => {
            sequence(&[&item(der::OID, &object_id("1.2.840.113549.1.1.11")), &item(der::NULL, &[])])
        }
    }
}

fn seal(body: Vec<u8>, algorithm: &[u8], signer: &dyn X509Signer) -> Result<Vec<u8>, SignerError> {
    let signature = signer.sign(&body)?;
    let bits = item(der::BIT_STRING, &[&[0], signature.as_slice()].concat());
    Ok(sequence(&[&body, algorithm, &bits]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn object_identifiers_survive(first in 0u64..2, second in 0u64..40, rest in prop::collection::vec(0u64..3_000_000_000, 0..8)) {
            let dotted = std::iter::once(first).chain([second]).chain(rest).map(|arc| arc.to_string()).collect::<Vec<_>>().join(".");
            prop_assert_eq!(der::dotted(&object_id(&dotted)), Some(dotted));
        }
    }

    #[test]
    fn times_change_their_form_in_2050() {
        let at = |text: &str| time(text.parse().unwrap());
        assert_eq!(at("2049-12-31T23:59:59Z"), item(der::UTC_TIME, b"491231235959Z"));
        assert_eq!(at("2050-01-01T00:00:00Z"), item(der::GENERALIZED_TIME, b"20500101000000Z"));
    }
}
