//! The EU Digital COVID Certificate: sub-claim 1 of the health certificate claim.

use super::{Record, Terms, hcert, hcert::Draft, reasons};
use crate::{
    envelope::hcert::{Claims, SUB_CLAIM_DCC},
    keys::{Purpose, sha256},
    payload::dcc::{self, Dcc, Entry, MapError, Reading},
    record::{Refusal, Uvci, names::NameError},
};

/// What the certificate of a record will say.
pub(super) fn draft(record: &Record, id: &Uvci, terms: &Terms) -> Result<Draft, Refusal> {
    let dcc = map(record, id, terms)?;
    if let Some(fault) = dcc::check(&dcc).first() {
        return Err(Refusal::of(reasons::CONTENT_NOT_ALLOWED, Some(fault.field)).with(fault));
    }
    let purpose = match &dcc.entry {
        Entry::Vaccination(_) => Purpose::Vaccination,
        Entry::Test(_) => Purpose::Test,
        Entry::Recovery(_) => Purpose::Recovery,
    };
    Ok(Draft { sub_claim: SUB_CLAIM_DCC, content: dcc.to_cbor(), purpose: Some(purpose) })
}

/// Digest of what it will say, without its identifier.
pub(super) fn digest(record: &Record, placeholder: &Uvci, terms: &Terms) -> Result<[u8; 32], Refusal> {
    let mut dcc = map(record, placeholder, terms)?;
    match &mut dcc.entry {
        Entry::Vaccination(v) => v.id.clear(),
        Entry::Test(t) => t.id.clear(),
        Entry::Recovery(r) => r.id.clear(),
    }
    Ok(sha256(&dcc.to_cbor()))
}

/// What a sealed text of ours says.
pub(super) fn read(text: &str) -> Option<Dcc> {
    hcert::open(text, |claims: &Claims<'_>| Some(Reading::of(claims.dcc()?).ok()?.dcc))
}

fn map(record: &Record, id: &Uvci, terms: &Terms) -> Result<Dcc, Refusal> {
    let mapped = match record {
        Record::Vaccination(record) => dcc::vaccination(record, id, terms.national_vaccines),
        Record::Test(record) => dcc::test(record, id),
        Record::Recovery(record) => dcc::recovery(record, id),
    };
    mapped.map_err(|error| refusal_of(&error))
}

/// The words in which a mapping error is reported.
fn refusal_of(error: &MapError) -> Refusal {
    match error {
        MapError::Name(NameError::Empty) => Refusal::of(reasons::NAME_WITHOUT_LETTERS, Some("name")),
        MapError::Name(name) => Refusal::of(reasons::NAME_NOT_LATIN, Some("name")).with(name),
        MapError::NotInEuLists { id } => Refusal::of(reasons::NOT_IN_EU_LISTS, Some("vaccine")).with(id),
        MapError::OtherDisease { id } => Refusal::of(reasons::OTHER_DISEASE, Some("vaccine")).with(id),
    }
}
