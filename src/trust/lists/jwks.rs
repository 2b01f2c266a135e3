//! Keys of SMART Health Card issuers: a JWKS (specification, "Determining keys associated with an issuer"), and
//! the VCI directory's snapshot of many issuers' (`issuerInfo`, facts on WHO formats, section 7).
//!
//! A key counts for the address of its issuer: the snapshot names it, the caller may (`https://ISSUER=FILE`), and
//! otherwise a certificate inside the set does. A kid is the RFC 7638 thumbprint as
//! text, and is checked: it costs one hash. Only P-256 keys sign cards.

use super::{
    Authenticity, ListError, ListForm, ListOptions, ListSignature, SkipReason,
    collect::{self, Collector, Noted},
    json::Json,
    text, x5c,
};
use crate::{
    keys::{PublicKey, sha256},
    trust::{TrustStore, TrustedKey},
};

/// How much the certificates of a key must hold.
#[derive(Debug, Clone, Copy)]
enum Whose<'a> {
    /// Said by nobody but, perhaps, a certificate.
    Unsaid,
    /// Said by the caller; a certificate must agree.
    Bound(&'a str),
    /// Said by a directory, which stands for it whatever certificate a key comes with.
    Listed(&'a str),
}

impl<'a> Whose<'a> {
    fn address(self) -> Option<&'a str> {
        match self {
            Self::Unsaid => None,
            Self::Bound(address) | Self::Listed(address) => Some(address),
        }
    }
}

/// Reads the keys of the issuer at an address that the caller names. The caller vouches.
pub(super) fn read_bound(
    keys: &[Json<'_>],
    address: &str,
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    if keys.is_empty() {
        return Err(ListError::Empty { form: ListForm::Jwks });
    }
    let mut collector = Collector::new(options, ListForm::Jwks);
    for (index, jwk) in keys.iter().enumerate() {
        note(&mut collector, index, jwk, Whose::Bound(address));
    }
    collector.commit(Authenticity::Vouched, store);
    Ok(())
}

/// Reads one issuer's keys. The file does not say whose they are.
pub(super) fn read(keys: &[Json<'_>], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let authenticity = ListSignature::Uncheckable.decide(ListForm::Jwks, options)?;
    if keys.is_empty() {
        return Err(ListError::Empty { form: ListForm::Jwks });
    }
    let mut collector = Collector::new(options, ListForm::Jwks);
    for (index, jwk) in keys.iter().enumerate() {
        note(&mut collector, index, jwk, Whose::Unsaid);
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
            Some(keys) => {
                let whose = Whose::Listed(address);
                keys.iter().enumerate().for_each(|(n, jwk)| note(&mut collector, n, jwk, whose));
            }
            None => collector.note(address, Err::<Noted, _>(SkipReason::Missing { field: "keys" })),
        }
    }
    collector.commit(authenticity, store);
    Ok(())
}

fn note(collector: &mut Collector<'_>, index: usize, jwk: &Json<'_>, whose: Whose<'_>) {
    let kid = jwk.text("kid").map_or_else(|| format!("key {}", index + 1), str::to_owned);
    let label = whose.address().map_or_else(|| kid.clone(), |issuer| format!("{kid} {issuer}"));
    let outcome = key(jwk, whose, collector.name());
    collector.note(&label, outcome.map(Some));
}

fn key(jwk: &Json<'_>, whose: Whose<'_>, list: &str) -> Result<TrustedKey, SkipReason> {
    if jwk.get("d").is_some() {
        return Err(SkipReason::PrivateKey);
    }
    let text = |field| jwk.text(field).ok_or(SkipReason::Missing { field });
    if let Some(usage) = jwk.text("use").filter(|usage| *usage != "sig") {
        return Err(SkipReason::Usage { usage: text::shown(usage) });
    }
    // RFC 7517 section 4.3: another way to say what a key is for.
    if let Some(operations) = jwk.get("key_ops").and_then(Json::as_list)
        && !operations.iter().any(|operation| operation.as_text() == Some("verify"))
    {
        return Err(SkipReason::Usage { usage: "other operations than verify".into() });
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
    let kid = thumbprint(&public).ok_or_else(|| unsupported(curve))?;
    if jwk.text("kid").is_some_and(|named| named != kid) {
        return Err(SkipReason::KidNotThumbprint);
    }
    // An issuer's address has no trailing slash by the specification; some lists write one.
    let said = whose.address().map(|address| address.trim_end_matches('/').to_owned());
    let issuer = match whose {
        Whose::Listed(_) => x5c::certificates(jwk, &public).map(|_| said)?,
        Whose::Unsaid | Whose::Bound(_) => match (x5c::addresses(jwk, &public)?, said) {
            (Some(certified), Some(said)) if !certified.contains(&said) => return Err(SkipReason::Address),
            (Some(certified), None) => certified.into_iter().next(),
            (_, said) => said,
        },
    };
    let mut key = TrustedKey::bare(public, collect::opaque_kid(kid.into_bytes())?, list);
    key.issuer = issuer;
    Ok(key)
}

/// The kid of a health card key: its thumbprint (RFC 7638) in base64url. `None` for a key of another kind.
pub(super) fn thumbprint(key: &PublicKey) -> Option<String> {
    key.thumbprint_p256().map(|json| text::base64url(&sha256(json.as_bytes())))
}
