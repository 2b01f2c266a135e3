//! The certificates that a health card key may come with (`x5c`; SMART Health Cards Framework 1.4.0, "Determining
//! keys associated with an issuer" and "Certificates").
//!
//! They prove nothing here: who vouches for the key is the list. But a key set whose own certificates contradict it
//! is broken, and a set that does not say whose it is says so by the address in the certificate. Their dates are not
//! looked at: a key stays in the set for as long as cards signed with it are to be verified.

use super::{SkipReason, json::Json, text};
use crate::{
    keys::{Certificate, PublicKey},
    limits::X5C_CERTIFICATES,
};

/// Checks the certificates of a key: the first one is the key's, and each was issued by the next. Gives the
/// addresses that the first one was issued for; `None` for a key without certificates.
pub(super) fn addresses(jwk: &Json<'_>, key: &PublicKey) -> Result<Option<Vec<String>>, SkipReason> {
    let Some((first, rest)) = certificates(jwk, key)? else { return Ok(None) };
    let mut certificate = &first;
    for (position, issuer) in rest.iter().enumerate() {
        let issued = certificate.is_issued_by(issuer);
        issued.map_err(|source| SkipReason::Chain { position: position + 1, source })?;
        certificate = issuer;
    }
    let addresses: Vec<String> = first.addresses().iter().map(|name| name.trim_end_matches('/').to_owned()).collect();
    if addresses.is_empty() { Err(SkipReason::Address) } else { Ok(Some(addresses)) }
}

/// The certificates of a key, of which the first must be its own.
pub(super) fn certificates(
    jwk: &Json<'_>,
    key: &PublicKey,
) -> Result<Option<(Certificate, Vec<Certificate>)>, SkipReason> {
    let Some(chain) = jwk.get("x5c") else { return Ok(None) };
    let list = chain.as_list().filter(|list| (1..=X5C_CERTIFICATES).contains(&list.len()));
    let list = list.ok_or(SkipReason::Missing { field: "x5c" })?;
    let mut all = Vec::with_capacity(list.len());
    for item in list {
        let der = item.as_text().and_then(text::base64).ok_or(SkipReason::NotBase64 { field: "x5c" })?;
        all.push(Certificate::from_der(&der)?);
    }
    let rest = all.split_off(1);
    let first = all.pop().filter(|first| first.spki() == key.to_spki().as_slice());
    first.map(|first| Some((first, rest))).ok_or(SkipReason::OtherKey)
}
