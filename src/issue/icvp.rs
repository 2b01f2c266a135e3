//! WHO's digital yellow card: sub-claim −6 of the health certificate claim. Its expiry is the life of the signature;
//! how long the vaccination counts is another matter, which its reader decides.

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{Record, Terms, hcert, hcert::Draft, reasons};
use crate::{
    envelope::hcert::{Claims, SUB_CLAIM_ICVP},
    keys::sha256,
    payload::icvp::{Generation, Icvp, MapError, Reading, card},
    record::Refusal,
    valueset::{COVID_19, ValueSets},
};

/// What the card of a record will say. No purpose of a signer's certificate concerns it.
pub(super) fn draft(record: &Record, terms: &Terms, now: Timestamp) -> Result<Draft, Refusal> {
    let card = map(record, terms, now)?;
    Ok(Draft { sub_claim: SUB_CLAIM_ICVP, content: card.to_cbor(), purpose: None })
}

/// Digest of what it will say of person and dose. The model that it follows and the authority that answers for it are
/// settings, whose change corrects no record.
pub(super) fn digest(record: &Record, terms: &Terms, now: Timestamp) -> Result<[u8; 32], Refusal> {
    let mut card = map(record, terms, now)?;
    card.generation = Generation::G3;
    card.version = None;
    (card.dose.issuer, card.dose.valid_from) = (None, None);
    Ok(sha256(&card.to_cbor()))
}

/// What a sealed text of ours says.
pub(super) fn read(text: &str) -> Option<Icvp> {
    hcert::open(text, |claims: &Claims<'_>| Some(Reading::of(claims.content(SUB_CLAIM_ICVP)?).ok()?.icvp))
}

fn map(record: &Record, terms: &Terms, now: Timestamp) -> Result<Icvp, Refusal> {
    let Record::Vaccination(record) = record else { return Err(Refusal::of(reasons::ONLY_VACCINATIONS, None)) };
    // Told first: what else such a record lacks is of no interest.
    if record.product.disease.code == COVID_19 {
        return Err(Refusal::of(reasons::NO_CARD_FOR_DISEASE, Some("vaccine")).with(&record.product.id));
    }
    card(record, latest_day(now), &terms.card, ValueSets::built_in()).map_err(|error| refusal_of(&error))
}

/// The day that it is already somewhere: a dose of today is not refused because the day has not begun in Greenwich.
fn latest_day(now: Timestamp) -> Date {
    Offset::constant(14).to_datetime(now).date()
}

/// The words in which a mapping error is reported.
fn refusal_of(error: &MapError) -> Refusal {
    let (reason, field) = match error {
        MapError::Missing { wire, .. } | MapError::NotLatin { wire, .. } | MapError::TooLong { wire, .. } => {
            (reasons::CARD_INCOMPLETE, Some(*wire))
        }
        MapError::PartialBirthDate => (reasons::CARD_INCOMPLETE, Some("dob")),
        MapError::NoProductId { .. } | MapError::UnknownProduct { .. } => (reasons::NO_WHO_PRODUCT, Some("vaccine")),
        MapError::ListingEnded { .. } => (reasons::NO_WHO_PRODUCT, Some("vaccine")),
        MapError::OtherDisease { .. } => (reasons::NO_CARD_FOR_DISEASE, Some("vaccine")),
        MapError::DoseAfterIssue { .. } | MapError::BornAfterDose { .. } => {
            (reasons::CONTENT_NOT_ALLOWED, Some("date"))
        }
        MapError::BeforeFirstIssue { .. } | MapError::Generation | MapError::Participant { .. } => {
            (reasons::CONTENT_NOT_ALLOWED, None)
        }
        MapError::Name(_) => (reasons::NAME_NOT_LATIN, Some("name")),
    };
    Refusal::of(reason, field).with(error)
}
