//! Doses as DIVOC's issuing API takes them (`POST /divoc/api/v1/certify`, `/v3/certify`, `bulkCertify`): the JSON
//! items and the sheet that sidecars of DHIS2 already send, read into records that may become certificates.
//!
//! What the item holds and the certificate does not is ignored: `enrollmentType`, `comorbidities`,
//! `recipient.contact`, `recipient.address`, all of `facility.address` but its country, `meta`, `effectiveStart` and
//! `effectiveUntil` (sidecars send the day of the dose for both, and a certificate that ended on the day it was given
//! would help nobody; how long a certificate counts is told by its format and by the rules of arrival). A member that
//! the API does not have is ignored too, as DIVOC does, and the answer says so. Everything else is read strictly: all
//! that is wrong with an item is collected, each fault with its place, and nothing is guessed or filled in. DIVOC
//! makes the first of January of some year of an age; here an age alone is refused ([`Terms::birth_date_missing`]).
//!
//! | item | record |
//! |---|---|
//! | `preEnrollmentCode` | who: `provenance.tracked_entity`, through [`Terms::pseudonym`] |
//! | `programId`, `vaccination.dose` | which dose: `provenance.event` ([`event_key`]) |
//! | `recipient.name` | `name.family`: the API has one name, and how it divides is nobody's guess (ICAO Doc 9303 part 3, 4.6: the whole is the primary identifier) |
//! | `recipient.dob` | `birth_date`, also `YYYY` or `YYYY-MM` |
//! | `recipient.gender`, `.nationality`, `.identity` | `sex`, `nationality`, `identifier` and `document`, where they can be read |
//! | `vaccination.name`, `.manufacturer` | `product` |
//! | `vaccination.batch`, `.date`, `.dose`, `.totalDoses` | `lot`, `date` (the day as written), `dose`, `total_doses` (a booster by EU notation: 3/3, 2/1) |
//! | `facility.name`, `.address.country` | `centre`, `country` |
//! | `vaccinator.name` | `clinician` |

mod fields;
mod item;
mod product;
pub mod reasons;
mod sheet;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, fmt};

use jiff::civil::Date;
use serde_json::Value;

use super::policy::BirthDateMissing;
use crate::{
    limits::DIVOC_ITEMS,
    record::{Country, Refusal, VaccinationRecord},
    valueset::{ValueSets, dhis2::Dhis2Vaccines},
};

pub use sheet::{HEADER, read_sheet};

/// Version of the API, which says what an item must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// `/v1/certify` and its sheet: gender, nationality, identity, vaccinator and the facility's address are demanded.
    V1,
    /// `/v3/certify`: gender, address, vaccinator and the facility's address may be missing.
    V3,
}

/// What an item does not say itself.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Body that answers for the certificates.
    pub issuer: &'a str,
    /// Country of issue: that of a dose whose facility names none.
    pub country: Country,
    /// The names of vaccines and manufacturers.
    pub vaccines: &'a Dhis2Vaccines,
    /// The products of WHO's catalogue.
    pub sets: &'a ValueSets,
    /// What to do with a person without date of birth.
    pub birth_date_missing: BirthDateMissing,
    /// The day on which the latest time zone stands.
    pub today: Date,
    /// Makes of a registration code, which is often a national number, the key under which the registry knows the
    /// person: nothing that could be turned back may come out of it.
    pub pseudonym: &'a (dyn Fn(&str) -> String + Sync),
}

impl fmt::Debug for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("country", &self.country).field("today", &self.today).finish_non_exhaustive()
    }
}

/// One item, read.
pub struct Item {
    /// Place in the request, from 0; of a sheet, the line in the file, from 1.
    pub place: usize,
    /// The registration code, for the answer to the caller. Personal data.
    pub code: Option<String>,
    /// Number of the dose.
    pub dose: Option<u8>,
    /// The record, or every reason why there is none.
    pub outcome: Result<Box<VaccinationRecord>, Vec<Refusal>>,
    /// What is worth knowing of an item that is sound.
    pub notes: Vec<Refusal>,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").field("place", &self.place).field("sound", &self.outcome.is_ok()).finish_non_exhaustive()
    }
}

/// Why a request holds no items at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DivocError {
    /// Not an array.
    #[error("the body is not an array: send the doses as a JSON array of objects, also a single one")]
    NotAnArray,
    /// Nothing in it.
    #[error("the request holds no dose: send at least one")]
    Empty,
    /// Too many.
    #[error("the request holds more than {limit} doses: send them in several requests")]
    TooMany {
        /// Most that are read.
        limit: usize,
    },
    /// Not text.
    #[error("the sheet is not UTF-8 text at byte {at}: save it as CSV in UTF-8")]
    Encoding {
        /// Offset of the first byte that is none.
        at: usize,
    },
    /// A quotation mark that never ends.
    #[error("a cell that begins in line {line} of the sheet has no closing quotation mark: add it")]
    Quote {
        /// Line, from 1.
        line: usize,
    },
    /// A quotation mark in the middle of a cell.
    #[error("line {line} of the sheet has a quotation mark inside a cell: write it twice, and the cell between two")]
    StrayQuote {
        /// Line, from 1.
        line: usize,
    },
    /// The header lacks a column.
    #[error("the sheet has no column {column}: its first line must name the columns as the API describes them")]
    Column {
        /// Name of the column.
        column: &'static str,
    },
    /// The header has a column twice.
    #[error("the sheet has the column {column} twice: leave one out")]
    ColumnTwice {
        /// Name of the column.
        column: &'static str,
    },
}

/// Key of a dose among those of its person: `dose-N`, and before it the program where the item names one.
#[must_use]
pub fn event_key(program: Option<&str>, dose: u8, pseudonym: &dyn Fn(&str) -> String) -> String {
    match program {
        // A program's name may hold anything, and a key of the registry must not.
        Some(program) => format!("{}-dose-{dose}", pseudonym(&format!("program\u{0}{program}"))),
        None => format!("dose-{dose}"),
    }
}

/// The number of the dose in a key that [`event_key`] made.
#[must_use]
pub fn dose_of_key(event: &str) -> Option<u8> {
    let (before, number) = event.rsplit_once("dose-")?;
    (before.is_empty() || before.ends_with('-')).then(|| number.parse().ok()).flatten()
}

/// Reads the body of a request, which the caller has parsed (strictly: no name twice in an object).
///
/// # Errors
/// When it is not an array of at least one and at most [`DIVOC_ITEMS`] doses. What is wrong with one item stands in it.
pub fn read(body: &Value, contract: Contract, terms: &Terms<'_>) -> Result<Vec<Item>, DivocError> {
    let items = body.as_array().ok_or(DivocError::NotAnArray)?;
    check_count(items.len())?;
    let read = items.iter().enumerate().map(|(place, value)| {
        let locate = |at: &str| if at.is_empty() { format!("$[{place}]") } else { format!("$[{place}].{at}") };
        item::read(value, place, contract, terms, &locate)
    });
    Ok(without_repetitions(read.collect(), |place| format!("$[{place}]")))
}

fn check_count(count: usize) -> Result<(), DivocError> {
    match count {
        0 => Err(DivocError::Empty),
        n if n > DIVOC_ITEMS => Err(DivocError::TooMany { limit: DIVOC_ITEMS }),
        _ => Ok(()),
    }
}

/// Of items with the same key the first stands: two contents cannot both be right, and a client that sends one dose
/// twice has a fault that it should hear of.
fn without_repetitions(mut items: Vec<Item>, locate: impl Fn(usize) -> String) -> Vec<Item> {
    let mut seen = HashSet::new();
    for item in &mut items {
        let Ok(record) = &item.outcome else { continue };
        if !seen.insert((record.provenance.tracked_entity.clone(), record.provenance.event.clone())) {
            item.outcome = Err(vec![Refusal::of(reasons::ITEM_REPEATED, Some(&locate(item.place)))]);
        }
    }
    items
}
