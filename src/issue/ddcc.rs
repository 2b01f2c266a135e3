//! The WHO core data set: sub-claims 3 (vaccination) and 4 (test) of the health certificate claim.

use super::{Record, hcert, hcert::Draft, reasons};
use crate::{
    envelope::hcert::{Claims, SUB_CLAIM_DDCC_TEST, SUB_CLAIM_DDCC_VACCINATION},
    keys::sha256,
    payload::ddcc::{self, Ddcc, Frame, Kind, MapError, Reading},
    record::{Refusal, Uvci},
};

/// What the certificate of a record will say. No purpose of a signer's certificate concerns it: its usages are those
/// of EU certificates.
pub(super) fn draft(record: &Record, id: &Uvci) -> Result<Draft, Refusal> {
    let ddcc = map(record, id)?;
    Ok(Draft { sub_claim: ddcc.sub_claim(), content: ddcc.to_cbor(), purpose: None })
}

/// Digest of what it will say, under an identifier that is always the same.
pub(super) fn digest(record: &Record, placeholder: &Uvci) -> Result<[u8; 32], Refusal> {
    Ok(sha256(&map(record, placeholder)?.to_cbor()))
}

/// What a sealed text of ours says.
pub(super) fn read(text: &str) -> Option<Ddcc> {
    hcert::open(text, |claims: &Claims<'_>| {
        let kinds = [(SUB_CLAIM_DDCC_VACCINATION, Kind::Vaccination), (SUB_CLAIM_DDCC_TEST, Kind::Test)];
        let found = kinds.into_iter().find_map(|(number, kind)| Some((claims.content(number)?, kind)));
        found.and_then(|(content, kind)| Some(Reading::of(content, kind).ok()?.ddcc))
    })
}

fn map(record: &Record, id: &Uvci) -> Result<Ddcc, Refusal> {
    let frame = Frame { id, kid: None };
    match record {
        Record::Vaccination(record) => ddcc::vaccination(record, frame),
        Record::Test(record) => ddcc::test(record, frame),
        Record::Recovery(_) => return Err(Refusal::of(reasons::NO_DDCC_RECOVERY, None)),
    }
    .map_err(|error| refusal_of(&error))
}

/// The words in which a mapping error is reported.
fn refusal_of(error: &MapError) -> Refusal {
    let (reason, field) = match error {
        MapError::NameMissing => (reasons::NAME_WITHOUT_LETTERS, Some("name")),
        MapError::LotMissing => (reasons::LOT_MISSING, Some("lot")),
        MapError::HolderMissing { .. } | MapError::NoIcd11 { .. } => (reasons::PRODUCT_INCOMPLETE, Some("vaccine")),
        MapError::OtherDisease { .. } => (reasons::OTHER_DISEASE, Some("vaccine")),
        MapError::Country { .. } => (reasons::COUNTRY_WITHOUT_CODE, Some("country")),
    };
    match error {
        MapError::OtherDisease { id } => Refusal::of(reason, field).with(id),
        MapError::HolderMissing { .. } | MapError::NoIcd11 { .. } | MapError::Country { .. } => {
            Refusal::of(reason, field).with(error)
        }
        MapError::NameMissing | MapError::LotMissing => Refusal::of(reason, field),
    }
}
