//! The German CovPass list: the first line is the base64 of a raw ECDSA signature (P-256, SHA-256, `r‖s`) over
//! everything after its line feed, which is `{"certificates":[…]}` with entries of the gateway (facts on the EU
//! DCC, section 8). The signature vouches for the whole list; the entries' own signatures would need the
//! uploaders' certificates, which it does not have.

use super::{ListError, ListForm, ListKey, ListOptions, ListSignature, gateway, json::Json, text};
use crate::{keys::Algorithm, trust::TrustStore};

/// A list taken apart.
pub(super) struct List<'a> {
    signature: Vec<u8>,
    signed: &'a [u8],
}

/// Takes the list apart, if it has this form.
pub(super) fn split(bytes: &[u8]) -> Option<List<'_>> {
    // 64 bytes are 88 characters.
    let end = bytes.iter().take(120).position(|&byte| byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    let signature = text::base64(std::str::from_utf8(line).ok()?.trim())?;
    let signed = rest.get(1..)?;
    let json = signed.trim_ascii_start().first() == Some(&b'{');
    (signature.len() == 64 && json).then_some(List { signature, signed })
}

/// Checks the signature and reads the entries.
pub(super) fn read(list: &List<'_>, options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let authenticity = signature(list, options.list_keys).decide(ListForm::CovPass, options)?;
    let document = Json::read(list.signed)?;
    let entries = document.get("certificates").and_then(Json::as_list).ok_or(ListError::Unknown)?;
    gateway::read_believed(entries, ListForm::CovPass, authenticity, options, store)
}

/// The list's key is published as a bare P-256 key. Certificates are tried too, but one that does not match may
/// be another list's anchor and says nothing about this list.
fn signature(list: &List<'_>, keys: &[ListKey]) -> ListSignature {
    let mut fitting = false;
    for key in keys {
        let Ok(public) = key.public_key() else { continue };
        if public.is_p256() {
            fitting |= matches!(key, ListKey::Key(_));
            if public.verify(Algorithm::Es256, list.signed, &list.signature).is_ok() {
                return ListSignature::Verified { by: key.describe() };
            }
        }
    }
    if fitting { ListSignature::Wrong } else { ListSignature::Uncheckable }
}
