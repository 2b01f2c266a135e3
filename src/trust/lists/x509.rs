//! Certificates that the caller hands over: PEM with any number of blocks, or DER, one after another.

use super::{
    Authenticity, ListError, ListForm, ListOptions, SkipReason,
    collect::{Collector, Noted},
    text,
};
use crate::{
    keys::{Certificate, CertificateError, ChainError, Profile, der},
    trust::{Authority, TrustStore, TrustedKey},
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
        let entry = format!("block {}", index + 1);
        match content.as_deref() {
            _ if label.ends_with("PUBLIC KEY") => collector.note(&entry, Err::<Noted, _>(SkipReason::Nameless)),
            _ if !is_certificate(label) => {}
            Some(der) => note(&mut collector, &entry, der),
            None => collector.note(&entry, Err::<Noted, _>(SkipReason::NotBase64 { field: "certificate" })),
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
        note(&mut collector, &format!("certificate {index}"), item.whole);
    }
    if !items.is_empty() {
        let reason = CertificateError::Form { part: "outer sequence" };
        collector.note(&format!("certificate {}", index + 1), Err::<Noted, _>(reason.into()));
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

/// Notes a certificate: an authority where it says that its key signs certificates and no documents, otherwise a
/// signer. Where it says both, or that it is an authority and not what its key is for, it is noted as both:
/// `openssl req -x509` makes such certificates, and people sign documents with them.
fn note(collector: &mut Collector<'_>, entry: &str, der: &[u8]) {
    let list = collector.name();
    let certificate = match Certificate::from_der(der) {
        Ok(certificate) => certificate,
        Err(error) => return collector.note(entry, Err::<Noted, _>(error.into())),
    };
    let key = TrustedKey::from_certificate(&certificate, list).map_err(SkipReason::from);
    // Extensions that cannot be read never hide a signer's key.
    let Ok(profile) = certificate.profile() else { return collector.note(entry, key.map(Some)) };
    let signs_documents = profile.may_sign_documents();
    let authority = match anchor(certificate, profile, list) {
        Ok(authority) => authority,
        Err(reason) => return collector.note(entry, Err::<Noted, _>(reason)),
    };
    match (authority, key) {
        (Some(authority), Ok(key)) if signs_documents => {
            collector.also(authority);
            collector.note(entry, Ok(Some(key)));
        }
        (Some(authority), _) => collector.note(entry, Ok(Noted::Authority(Box::new(authority)))),
        (None, key) => collector.note(entry, key.map(Some)),
    }
}

/// The authority of a certificate that a caller hands over: one that signed itself, or that its predecessor of the
/// same country signed (Doc 9303-12 section 7: link certificates). `None` for any other.
fn anchor(certificate: Certificate, profile: Profile, list: &str) -> Result<Option<Authority>, SkipReason> {
    let country = certificate.country().unwrap_or_default();
    let of_own_country = profile.issuer_country.as_deref().is_some_and(|issuer| issuer.eq_ignore_ascii_case(country));
    if !profile.is_authority || !(profile.is_self_issued || of_own_country) {
        return Ok(None);
    }
    // A signature that cannot be checked, or that is too weak, proves nothing here and disproves nothing.
    if profile.is_self_signed()
        && let Err(source @ (ChainError::Mismatch | ChainError::WrongKind | ChainError::Form)) =
            certificate.is_issued_by(&certificate)
    {
        return Err(SkipReason::Issuer { country: text::shown(country), source });
    }
    Ok(Authority::with(certificate, profile, list))
}
