//! Record to card. What the model requires and the record lacks is refused by name; what the card has no place for
//! (number of the dose, country, centre, next dose) stays in the record.

use jiff::{ToSpan, civil::Date};
use unicode_normalization::UnicodeNormalization;

use super::{
    decide::days,
    is_participant,
    model::{Dose, FIRST_ISSUE, Generation, Icvp, TEMPLATE},
};
use crate::{
    limits::ICVP_TEXT_CHARS,
    record::{
        PartialDate, PersonName, VaccinationRecord,
        names::{NameError, says_anything},
    },
    valueset::ValueSets,
};

/// How cards are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardOptions {
    /// The model that cards follow: G3, or G2 for networks that have not moved on. G1 cannot be issued.
    pub generation: Generation,
    /// Who answers for the card: a participant of WHO's trust network (`is`). The alpha-3 code of the country of
    /// the dose when absent.
    pub participant: Option<String>,
    /// Age in years below which a card must name parent or guardian (`gn`, REQ-DE-10: the policy of the State
    /// Party); 0 for never.
    pub minor_below: u8,
}

impl Default for CardOptions {
    fn default() -> Self {
        Self { generation: Generation::G3, participant: None, minor_below: 18 }
    }
}

/// Why a record does not fit on a card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Issued before the amended regulations were in force (REQ-CC-09).
    #[error("a digital yellow card issued on {date} is not valid: the first day is {FIRST_ISSUE}")]
    BeforeFirstIssue {
        /// Day of issue.
        date: Date,
    },
    /// The first generation is only read.
    #[error("yellow cards of the first generation are not issued: set the generation to g2 or g3")]
    Generation,
    /// A required element is missing.
    #[error("a yellow card needs {element} ({wire}), which the record lacks: map the attribute that holds it")]
    Missing {
        /// In words.
        element: &'static str,
        /// Its name in the payload.
        wire: &'static str,
    },
    /// A date of birth that is not known to the day (REQ-DE-02).
    #[error(
        "a yellow card needs the full date of birth (dob), and the record has only a part of it: complete it by national policy"
    )]
    PartialBirthDate,
    /// The dose lies after the day of issue (REQ-DE-13).
    #[error("the dose of {dose} lies after the day of issue, {issue}: correct the date or issue later")]
    DoseAfterIssue {
        /// Day of the dose.
        dose: Date,
        /// Day of issue.
        issue: Date,
    },
    /// Born after the dose.
    #[error("the date of birth lies after the dose of {dose}: correct one of them")]
    BornAfterDose {
        /// Day of the dose.
        dose: Date,
    },
    /// The record's product has no id in WHO's catalogue.
    #[error(
        "the vaccine {product} has no id in WHO's catalogue of products: set who_product in its mapping (REQ-DE-11)"
    )]
    NoProductId {
        /// Our key of the product.
        product: String,
    },
    /// An id that the catalogue lacks (REQ-CC-06).
    #[error("WHO's catalogue has no product {id}: correct who_product, or give a newer catalogue with --value-sets")]
    UnknownProduct {
        /// The id.
        id: String,
    },
    /// A product against a disease that no decision table knows.
    #[error("{name} is a {kind}: yellow cards are issued against yellow fever and poliomyelitis")]
    OtherDisease {
        /// Name of the product.
        name: String,
        /// Its type in words.
        kind: String,
    },
    /// WHO had taken the product off its list.
    #[error("WHO had taken {name} off its list on {on}, before the dose: no yellow card can be issued for it")]
    ListingEnded {
        /// Name of the product.
        name: String,
        /// First day without a listing.
        on: Date,
    },
    /// A participant's code that none can have.
    #[error("{participant:?} is no code of a participant of WHO's trust network: give one such as TGO")]
    Participant {
        /// What was configured.
        participant: String,
    },
    /// A text that is neither English nor French (REQ-CC-04).
    #[error(
        "{element} ({wire}) has letters that are not Latin: a yellow card is completed in English or French, map an \
         attribute in Latin letters"
    )]
    NotLatin {
        /// In words.
        element: &'static str,
        /// Its name in the payload.
        wire: &'static str,
    },
    /// A text that does not fit.
    #[error("{element} ({wire}) is longer than {ICVP_TEXT_CHARS} characters: shorten it")]
    TooLong {
        /// In words.
        element: &'static str,
        /// Its name in the payload.
        wire: &'static str,
    },
    /// No Latin form of the name.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// The card of one dose, issued on the day `issued_on`. `sets` has the catalogue of products.
///
/// # Errors
/// [`MapError`] names the first element that is missing or wrong.
pub fn card(
    record: &VaccinationRecord,
    issued_on: Date,
    options: &CardOptions,
    sets: &ValueSets,
) -> Result<Icvp, MapError> {
    if options.generation == Generation::G1 {
        return Err(MapError::Generation);
    }
    if issued_on < FIRST_ISSUE {
        return Err(MapError::BeforeFirstIssue { date: issued_on });
    }
    if record.date > issued_on {
        return Err(MapError::DoseAfterIssue { dose: record.date, issue: issued_on });
    }
    let late = options.generation == Generation::G3;
    let person = &record.person;
    let birth_date = match person.birth_date {
        Some(PartialDate::Day(day)) => day,
        Some(_) => return Err(MapError::PartialBirthDate),
        None => return Err(missing("the date of birth", "dob")),
    };
    if birth_date > record.date {
        return Err(MapError::BornAfterDose { dose: record.date });
    }
    if late && person.sex.is_none() {
        return Err(missing("the sex", "s"));
    }
    let nationality = person.nationality.and_then(|country| country.alpha3()).map(str::to_owned);
    if late && nationality.is_none() {
        return Err(missing("the nationality", "nt"));
    }
    let guardian = text(person.guardian.as_deref(), "the name of parent or guardian", "gn")?;
    if late && guardian.is_none() && is_minor(birth_date, issued_on, options.minor_below) {
        return Err(missing("the name of parent or guardian of a minor", "gn"));
    }
    let (document_number, document_kind) = match &person.document {
        Some(document) => {
            let number = text(Some(&document.number), "the number of the document", if late { "id" } else { "nid" })?;
            let kind = number.as_ref().map(|_| document.kind.code().to_owned());
            (number, kind)
        }
        None => (None, None),
    };
    let mut card = Icvp {
        generation: options.generation,
        name: name(&person.name, record)?,
        birth_date,
        sex: person.sex.map(Into::into),
        nationality,
        document_number,
        document_kind,
        guardian,
        version: late.then(|| TEMPLATE.to_owned()),
        issued_on: None,
        dose: Dose {
            product: product(record, sets)?,
            date: record.date,
            batch: text(record.lot.as_deref(), "the batch", "bo")?.ok_or_else(|| missing("the batch", "bo"))?,
            clinician: text(record.clinician.as_deref(), "the name of the clinician", "cn")?,
            issuer: participant(record, options)?,
            valid_from: None,
            valid_until: None,
            early: None,
        },
    };
    if card.dose.clinician.is_none() && card.dose.issuer.is_none() {
        return Err(missing("the clinician or the issuing authority", "cn, is"));
    }
    if !late {
        // Computed by the rule of the disease, never entered (REQ-DE-20); without an end where there is none.
        let table = sets.who_product(&card.dose.product).and_then(|product| product.kind.decision);
        card.dose.valid_from = days(&card, table).0;
    }
    Ok(card)
}

const fn missing(element: &'static str, wire: &'static str) -> MapError {
    MapError::Missing { element, wire }
}

fn is_minor(birth: Date, on: Date, below: u8) -> bool {
    birth.checked_add(i16::from(below).years()).is_ok_and(|of_age| on < of_age)
}

/// The id as the catalogue writes it.
fn product(record: &VaccinationRecord, sets: &ValueSets) -> Result<String, MapError> {
    let Some(id) = record.product.who_product.as_deref() else {
        return Err(MapError::NoProductId { product: record.product.id.clone() });
    };
    let known = sets.who_product(id).ok_or_else(|| MapError::UnknownProduct { id: id.to_owned() })?;
    if known.kind.decision.is_none() {
        return Err(MapError::OtherDisease { name: known.words().to_owned(), kind: known.kind.display.clone() });
    }
    if let Some(on) = known.withdrawn.filter(|_| !known.is_listed_on(record.date)) {
        return Err(MapError::ListingEnded { name: known.words().to_owned(), on });
    }
    let written = known.ids.iter().find(|known| known.id.eq_ignore_ascii_case(id));
    Ok(written.map_or_else(|| id.to_owned(), |known| known.id.clone()))
}

fn participant(record: &VaccinationRecord, options: &CardOptions) -> Result<Option<String>, MapError> {
    let configured = options.participant.as_deref();
    let code = configured.or_else(|| record.country.alpha3());
    match code {
        Some(code) if !is_participant(code) => Err(MapError::Participant { participant: code.to_owned() }),
        code => Ok(code.map(str::to_owned)),
    }
}

/// Given names and family name in Latin letters, in this order: mapped forms and Latin writing as they stand, other
/// writing in the form that the travel document has (ICAO Doc 9303).
fn name(name: &PersonName, record: &VaccinationRecord) -> Result<String, MapError> {
    let latin = |mapped: &Option<String>, own: &Option<String>| {
        let all: Vec<&String> = [mapped, own].into_iter().flatten().filter(|text| says_anything(text)).collect();
        let found = all.iter().find(|text| is_latin(text)).map(|text| (*text).clone());
        (found, !all.is_empty())
    };
    let (given, has_given) = latin(&name.given_latin, &name.given);
    let (family, has_family) = latin(&name.family_latin, &name.family);
    let standard = name.standardised(record.country);
    let part = |found: Option<String>, there: bool, standard: Option<&String>| match (found, standard) {
        (None, Some(standard)) if there => Ok(Some(standard.replace('<', " "))),
        // A part that vanishes in the passport's form, such as a lone soft sign, is not left out in silence.
        (None, None) if there => Err(MapError::NotLatin { element: "the name", wire: "n" }),
        (found, _) => Ok(found),
    };
    let parts = if (given.is_none() && has_given) || (family.is_none() && has_family) {
        let standard = standard?;
        [part(given, has_given, standard.given.as_ref())?, part(family, has_family, standard.family.as_ref())?]
    } else {
        [given, family]
    };
    let whole = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    text(Some(&whole), "the name", "n")?.ok_or_else(|| missing("the name", "n"))
}

/// A text ready to be signed: composed (NFC), in one line, in Latin letters, within the bound.
fn text(raw: Option<&str>, element: &'static str, wire: &'static str) -> Result<Option<String>, MapError> {
    let Some(raw) = raw else { return Ok(None) };
    let composed: String =
        raw.chars().take(4 * ICVP_TEXT_CHARS).nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return Ok(None);
    }
    if words.chars().nth(ICVP_TEXT_CHARS).is_some() {
        return Err(MapError::TooLong { element, wire });
    }
    if !is_latin(&words) {
        return Err(MapError::NotLatin { element, wire });
    }
    Ok(Some(words))
}

/// Whether every letter is of the Latin script, accents and all.
fn is_latin(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).all(|c| {
        matches!(c, 'A'..='Z' | 'a'..='z' | 'ª' | 'º' | 'À'..='\u{02FF}' | '\u{1E00}'..='\u{1EFF}'
            | '\u{2C60}'..='\u{2C7F}' | '\u{A722}'..='\u{A7FF}' | '\u{FB00}'..='\u{FB06}')
    })
}
