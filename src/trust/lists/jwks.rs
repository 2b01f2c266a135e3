//! Keys of SMART Health Card issuers: a JWKS (specification, "Determining keys associated with an issuer"), and
//! the VCI directory's snapshot of many issuers' (`issuerInfo`, facts on WHO formats, section 7).
//!
//! A kid is the RFC 7638 thumbprint as text, and is checked: it costs one hash. Only P-256 keys sign cards.

use super::{
    ListError, ListForm, ListOptions, ListSignature, SkipReason,
    collect::{self, Collector, Noted},
    json::Json,
    text,
};
use crate::{
    keys::{PublicKey, sha256},
    trust::{TrustStore, TrustedKey},
};

/// Reads one issuer's keys. The file does not say whose they are.
pub(super) fn read(keys: &[Json<'_>], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let authenticity = ListSignature::Uncheckable.decide(ListForm::Jwks, options)?;
    if keys.is_empty() {
        return Err(ListError::Empty { form: ListForm::Jwks });
    }
    let mut collector = Collector::new(options, ListForm::Jwks);
    for (index, jwk) in keys.iter().enumerate() {
        note(&mut collector, index, jwk, None);
    }
    collector.commit(authenticity, store);
    Ok(())
}

/// Reads a snapshot. Issuers may share keys; each issuer keeps its own entry.
pub(super) fn read_snapshot(
    document: &Json<'_>,
    issuers: &[Json<'_>],
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let authenticity = ListSignature::Uncheckable.decide(ListForm::VciSnapshot, options)?;
    if issuers.is_empty() {
        return Err(ListError::Empty { form: ListForm::VciSnapshot });
    }
    let mut collector = Collector::new(options, ListForm::VciSnapshot);
    collector.made_at(document.text("time"));
    for (index, value) in issuers.iter().enumerate() {
        let address = value.get("issuer").and_then(|issuer| issuer.text("iss"));
        let Some(address) = address else {
            collector.note(&format!("entry {}", index + 1), Err::<Noted, _>(SkipReason::Missing { field: "iss" }));
            continue;
        };
        match value.get("keys").and_then(Json::as_list) {
            Some(keys) => keys.iter().enumerate().for_each(|(n, jwk)| note(&mut collector, n, jwk, Some(address))),
            None => collector.note(address, Err::<Noted, _>(SkipReason::Missing { field: "keys" })),
        }
    }
    collector.commit(authenticity, store);
    Ok(())
}

fn note(collector: &mut Collector<'_>, index: usize, jwk: &Json<'_>, issuer: Option<&str>) {
    let kid = jwk.text("kid").map_or_else(|| format!("key {}", index + 1), str::to_owned);
    let label = issuer.map_or_else(|| kid.clone(), |issuer| format!("{kid} {issuer}"));
    let outcome = key(jwk, issuer, collector.name());
    collector.note(&label, outcome.map(Some));
}

fn key(jwk: &Json<'_>, issuer: Option<&str>, list: &str) -> Result<TrustedKey, SkipReason> {
    if jwk.get("d").is_some() {
        return Err(SkipReason::PrivateKey);
    }
    let text = |field| jwk.text(field).ok_or(SkipReason::Missing { field });
    if let Some(usage) = jwk.text("use").filter(|usage| *usage != "sig") {
        return Err(SkipReason::Usage { usage: text::shown(usage) });
    }
    let unsupported = |name: &str| crate::keys::PublicKeyError::Unsupported { name: text::shown(name) };
    let (kind, curve) = (text("kty")?, jwk.text("crv"));
    let curve = curve.filter(|_| kind == "EC").ok_or_else(|| unsupported(kind))?;
    let algorithm = jwk.text("alg").unwrap_or("ES256");
    if curve != "P-256" || algorithm != "ES256" {
        return Err(unsupported(&format!("{curve} with {algorithm}")).into());
    }
    let number = |field| text::base64(text(field)?).ok_or(SkipReason::NotBase64 { field });
    let public = PublicKey::from_coordinates(curve, &number("x")?, &number("y")?)?;
    let thumbprint = public.thumbprint_p256().map(|json| text::base64url(&sha256(json.as_bytes())));
    let thumbprint = thumbprint.ok_or_else(|| unsupported(curve))?;
    if jwk.text("kid").is_some_and(|kid| kid != thumbprint) {
        return Err(SkipReason::KidNotThumbprint);
    }
    let mut key = TrustedKey::bare(public, collect::opaque_kid(thumbprint.into_bytes())?, list);
    // An issuer's address has no trailing slash by the specification; some lists write one.
    key.issuer = issuer.map(|address| address.trim_end_matches('/').to_owned());
    Ok(key)
}
