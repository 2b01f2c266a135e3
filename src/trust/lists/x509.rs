//! Certificates that the caller hands over: PEM with any number of blocks, or DER, one after another.

use super::{Authenticity, ListError, ListForm, ListOptions, SkipReason, collect::Collector, text};
use crate::{
    keys::{Certificate, CertificateError, der},
    trust::{TrustStore, TrustedKey},
};

/// Reads the certificates of a PEM file. A broken block is skipped by name like any bad entry.
pub(super) fn read_pem(bytes: &[u8], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let blocks = text::pem(bytes);
    if blocks.iter().any(|(label, _)| label.ends_with("PRIVATE KEY")) {
        return Err(ListError::PrivateKey);
    }
    if !blocks.iter().any(|(label, _)| is_certificate(label)) {
        let key = blocks.iter().any(|(label, _)| label.ends_with("PUBLIC KEY"));
        return Err(if key { ListError::Nameless } else { ListError::Unknown });
    }
    let mut collector = Collector::new(options, ListForm::Certificates);
    for (index, (label, content)) in blocks.iter().enumerate() {
        let key = || {
            if label.ends_with("PUBLIC KEY") {
                return Err(SkipReason::Nameless);
            }
            let der = content.as_deref().ok_or(SkipReason::NotBase64 { field: "certificate" })?;
            key(der, options.name).map(Some)
        };
        if is_certificate(label) || label.ends_with("PUBLIC KEY") {
            collector.note(&format!("block {}", index + 1), key());
        }
    }
    collector.commit(Authenticity::Vouched, store);
    Ok(())
}

fn is_certificate(label: &str) -> bool {
    matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
}

/// Reads certificates in DER.
pub(super) fn read_der(bytes: &[u8], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let mut collector = Collector::new(options, ListForm::Certificates);
    let mut items = der::Reader::new(bytes);
    let mut index = 0;
    while let Some(item) = items.any() {
        if index == 0 && is_public_key(item) {
            return Err(ListError::Nameless);
        }
        index += 1;
        collector.note(&format!("certificate {index}"), key(item.whole, options.name).map(Some));
    }
    if !items.is_empty() {
        let reason = CertificateError::Form { part: "outer sequence" };
        collector.note(&format!("certificate {}", index + 1), Err(reason.into()));
    }
    // One file, one certificate, and that one unreadable: whatever it is, it is no list.
    if collector.gathered() == 0 && collector.unreadable() == collector.entries() {
        return Err(ListError::Unknown);
    }
    collector.commit(Authenticity::Vouched, store);
    Ok(())
}

fn is_public_key(item: der::Item<'_>) -> bool {
    let mut fields = der::Reader::new(item.content);
    fields.expect(der::SEQUENCE).is_some() && fields.expect(der::BIT_STRING).is_some() && fields.is_empty()
}

fn key(der: &[u8], list: &str) -> Result<TrustedKey, SkipReason> {
    Ok(TrustedKey::from_certificate(&Certificate::from_der(der)?, list)?)
}
