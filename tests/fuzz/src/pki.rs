//! Entry points for certificates of a national PKI: what they say, whether their keys are fit, and the paths between
//! them; requests; CMS messages; the signed index of revocations.

use jiff::Timestamp;
use vaccert::{
    keys::{Certificate, CertificateRequest, KeyUse, PublicKey, refuse},
    revocation::Index,
    trust::{
        cms::{Believed, SignedData},
        path::{self, Dates, PathRules, Pool, Use},
    },
};

use super::entries::Entry;

/// The entry points by the names of their targets.
pub const ENTRIES: &[Entry] = &[("pki", pki)];

/// Most pieces of one input.
const PIECES: usize = 12;

/// The pieces of an input, each behind its length in two bytes; what is left over is the last one.
fn pieces(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (piece, more) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length))).unwrap_or((tail, &[]));
        found.push(piece);
        rest = more;
        if found.len() == PIECES {
            break;
        }
    }
    found
}

fn at() -> Timestamp {
    Timestamp::from_second(1_795_262_400).expect("a time")
}

/// Certificates one behind the other: the first is looked at, the others are the authorities.
pub fn pki(data: &[u8]) {
    let pieces = pieces(data);
    let mut certificates = Vec::new();
    for piece in &pieces {
        let _ = CertificateRequest::from_der(piece);
        if let Ok(message) = SignedData::read(piece) {
            // Nobody signed it with a key that is empty.
            assert!(message.verify(Believed::Key(&[]), None).is_err());
        }
        for key_use in [KeyUse::Authority, KeyUse::Signer, KeyUse::Upload, KeyUse::Tls, KeyUse::Other] {
            let _ = refuse(piece, key_use);
        }
        if let Ok(certificate) = Certificate::from_der(piece) {
            let _ = (certificate.details(), certificate.profile(), certificate.refuse(KeyUse::Signer));
            certificates.push(certificate);
        }
    }
    if let Some((first, authorities)) = certificates.split_first() {
        for purpose in [Use::Documents, Use::Messages, Use::TlsClient, Use::Certificates] {
            for dates in [Dates::At(at()), Dates::AuthoritiesAt(at()), Dates::Ignored] {
                let believed = Pool::new(authorities);
                let nobody = Pool::default().with_intermediates(authorities);
                let _ = path::find(first, &believed, &PathRules::new(purpose, dates));
                assert!(path::find(first, &nobody, &PathRules::new(purpose, dates)).is_err(), "nobody is believed");
            }
        }
    }
    let none: &[PublicKey] = &[];
    let _ = Index::read(data, none, true);
    let signed = Index::read(data, none, false);
    assert!(signed.is_err() || signed.is_ok_and(|signed| signed.index.sandbox), "a signature that nobody made");
}
