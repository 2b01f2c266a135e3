//! DIVOC credentials, as linked data with a proof and inside an HCERT: one content, two envelopes.

use jiff::Timestamp;

use super::{Record, Terms, hcert, hcert::Draft, reasons};
use crate::{
    envelope::{divoc::Credential as Document, hcert::Claims},
    keys::sha256,
    payload::divoc::{Addresses, Credential, MapError, Reading, SUB_CLAIM, vaccination},
    record::{Refusal, Uvci},
};

/// The credential of a record, without a proof.
pub(super) fn credential(record: &Record, id: &Uvci, terms: &Terms, now: Timestamp) -> Result<Credential, Refusal> {
    let addresses = terms.divoc.as_ref().ok_or_else(|| Refusal::of(reasons::NO_DIVOC_SETTINGS, None))?;
    map(record, id, addresses, now)
}

/// The same as the content of a token.
pub(super) fn draft(record: &Record, id: &Uvci, terms: &Terms, now: Timestamp) -> Result<Draft, Refusal> {
    let credential = credential(record, id, terms, now)?;
    Ok(Draft { sub_claim: SUB_CLAIM, content: credential.to_cbor(), purpose: None })
}

/// Digest of what it will say, under an identifier, at a time and with addresses that are always the same: the
/// issuer's names are settings, whose change corrects no record.
pub(super) fn digest(record: &Record, placeholder: &Uvci) -> Result<[u8; 32], Refusal> {
    const NAMESPACE: &str = "https://divoc.dev/credentials/vaccination/v2";
    const PLACE: &str = "https://issuer.invalid/";
    let addresses = Addresses::new(NAMESPACE, "did:web:issuer.invalid", PLACE, PLACE);
    let addresses = addresses.map_err(|error| refusal_of(&error))?;
    Ok(sha256(&map(record, placeholder, &addresses, Timestamp::UNIX_EPOCH)?.to_cbor()))
}

/// What a sealed text of ours says: linked data.
pub(super) fn read(text: &str) -> Option<Credential> {
    let document = Document::read(text.as_bytes()).ok()?;
    Some(Reading::of(document.document()).ok()?.credential)
}

/// What a sealed text of ours says: a token.
pub(super) fn read_token(text: &str) -> Option<Credential> {
    hcert::open(text, |claims: &Claims<'_>| Some(Reading::of_cbor(claims.content(SUB_CLAIM)?).ok()?.credential))
}

fn map(record: &Record, id: &Uvci, addresses: &Addresses, now: Timestamp) -> Result<Credential, Refusal> {
    let Record::Vaccination(record) = record else { return Err(Refusal::of(reasons::ONLY_VACCINATIONS, None)) };
    Ok(vaccination(record, id, now, addresses).map_err(|error| refusal_of(&error))?.credential)
}

fn refusal_of(error: &MapError) -> Refusal {
    match error {
        MapError::NoName => Refusal::of(reasons::NAME_WITHOUT_LETTERS, Some("name")),
        MapError::Context { .. } | MapError::Did { .. } | MapError::Address { .. } | MapError::EvidenceEnd { .. } => {
            Refusal::of(reasons::NO_DIVOC_SETTINGS, None).with(error)
        }
    }
}
