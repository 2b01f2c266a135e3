//! Record to DDCC. Kind of vaccine and disease are ICD-11 codes, country is ISO 3166-1 alpha-3, kind of test and
//! result are the codes of the guide's value sets. What the model requires and the record lacks is an error.

use super::{
    SCHEMA_VERSION,
    model::{Certificate, Coding, Ddcc, Event, Identifier, Organization, Period, Test, Vaccination},
};
use crate::{
    payload::mapping::system,
    record::{Country, Person, Sex, TestKind, TestRecord, TestResult, Uvci, VaccinationRecord},
    valueset::{self, COVID_19, EuSet, ValueSets},
};

/// What the issuer adds to a record.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'f> {
    /// Identifier of the certificate (HCID); it is the EU certificate's of the same record.
    pub id: &'f Uvci,
    /// Identifier of the key that will sign, as text; `None` leaves it to the envelope alone.
    pub kid: Option<&'f str>,
}

/// Why a record does not fit into a DDCC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// No part of the name holds a letter.
    #[error("the name has no letter in it: enter the person's name")]
    NameMissing,
    /// The model requires the lot.
    #[error("the lot (batch) of the dose is missing, which a DDCC must state: enter it with the dose")]
    LotMissing,
    /// Neither manufacturer nor holder is known (rule who-ddcc-data-1).
    #[error("the vaccine {id} has neither a manufacturer nor a holder of its authorisation: add one to its product")]
    HolderMissing {
        /// Our key of the product.
        id: String,
    },
    /// The product has no ICD-11 code.
    #[error("the vaccine {id} has no ICD-11 code: add it to its product")]
    NoIcd11 {
        /// Our key of the product.
        id: String,
    },
    /// The vaccine targets another disease than COVID-19.
    #[error("the vaccine {id} is not against COVID-19, which is all that a DDCC documents: issue an ICVP for it")]
    OtherDisease {
        /// Our key of the product.
        id: String,
    },
    /// A country without an alpha-3 code.
    #[error("the country {country} has no alpha-3 code: correct the country of the facility")]
    Country {
        /// Its alpha-2 code.
        country: Country,
    },
}

/// A vaccination certificate (DDCC:VS).
///
/// # Errors
/// [`MapError`] when the model requires what the record does not say.
pub fn vaccination(record: &VaccinationRecord, frame: Frame<'_>) -> Result<Ddcc, MapError> {
    let product = &record.product;
    let id = || product.id.clone();
    if product.disease.code != COVID_19 {
        return Err(MapError::OtherDisease { id: id() });
    }
    let vaccine = product.icd11.as_ref().ok_or_else(|| MapError::NoIcd11 { id: id() })?;
    let (brand, holder) = match &product.eu {
        Some(eu) => (of(&eu.product), of(&eu.holder)),
        None => (named(&product.name), named(&product.holder_name)),
    };
    if holder.words().is_empty() {
        return Err(MapError::HolderMissing { id: id() });
    }
    let lot = record.lot.as_deref().map(str::trim).filter(|lot| !lot.is_empty()).ok_or(MapError::LotMissing)?;
    let event = Event::Vaccination(Box::new(Vaccination {
        vaccine: Some(coding(system::ICD_11, &vaccine.code)),
        brand: Some(brand),
        manufacturer: None,
        holder: Some(holder),
        lot: Some(lot.to_owned()),
        date: record.date.to_string(),
        valid_from: None,
        dose: Some(record.dose.into()),
        total_doses: Some(record.total_doses.into()),
        country: Some(country(record.country)?),
        centre: record.centre.clone(),
        practitioner: record.practitioner.clone().map(plain),
        disease: Some(coding(system::ICD_11, system::COVID_19)),
        next_dose: record.next_dose.map(|day| day.to_string()),
    }));
    // The sex belongs to the variant for continuity of care, which also demands the centre.
    let sex = record.person.sex.filter(|_| record.centre.is_some());
    certificate(&record.person, sex, &record.issuer, frame, event)
}

/// A test certificate (DDCC:TR). The model has one place for a test's name and device: its brand.
///
/// # Errors
/// [`MapError::NameMissing`] and [`MapError::Country`].
pub fn test(record: &TestRecord, frame: Frame<'_>) -> Result<Ddcc, MapError> {
    let (kind, brand) = match record.kind {
        TestKind::Naat => (system::NAAT, record.name.as_deref().map(named)),
        TestKind::RapidAntigen => {
            let device = |code: &String| {
                ValueSets::built_in().eu_coding(EuSet::TestDevice, code).map_or_else(|| named(code), |known| of(&known))
            };
            (system::RAPID_ANTIGEN, record.device.as_ref().map(device).or(record.name.as_deref().map(named)))
        }
    };
    let result = match record.result {
        TestResult::Detected => system::DETECTED,
        TestResult::NotDetected => system::NOT_DETECTED,
    };
    let event = Event::Test(Box::new(Test {
        pathogen: Some(coding(system::ICD_11, system::SARS_COV_2)),
        kind: Some(coding(system::ICHI, kind)),
        brand,
        manufacturer: None,
        origin: None,
        date: format!("{:.0}", record.sampled_at),
        result: Some(coding(system::ICD_11, result)),
        centre: record.centre.as_deref().map(named),
        country: Some(country(record.country)?),
    }));
    certificate(&record.person, None, &record.issuer, frame, event)
}

fn certificate(
    person: &Person,
    sex: Option<Sex>,
    issuer: &str,
    frame: Frame<'_>,
    event: Event,
) -> Result<Ddcc, MapError> {
    let parts = [person.name.display_given(), person.name.display_family()];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(MapError::NameMissing);
    }
    Ok(Ddcc {
        name,
        birth_date: person.birth_date.map(|date| date.to_string()),
        // One place for a number: the person's own, or else the document's.
        identifier: person.identifier.clone().map(plain).or_else(|| {
            let document = person.document.as_ref()?;
            let kind = Some(document.kind.code().to_owned());
            Some(Identifier { system: None, kind, value: document.number.clone() })
        }),
        sex: sex.map(|sex| system::sex(sex).to_owned()),
        certificate: Certificate {
            issuer: Some(Organization { display: Some(issuer.to_owned()), ..Organization::default() }),
            kid: frame.kid.map(str::to_owned),
            hcid: Some(plain(frame.id.to_string())),
            ddccid: None,
            version: Some(SCHEMA_VERSION.to_owned()),
            period: Period::default(),
        },
        event,
    })
}

fn coding(system: &str, code: &str) -> Coding {
    Coding { system: Some(system.to_owned()), code: Some(code.to_owned()), display: None }
}

fn of(known: &valueset::Coding) -> Coding {
    Coding {
        system: Some(known.system.clone()),
        code: Some(known.code.clone()),
        display: Some(known.display.clone()).filter(|display| *display != known.code),
    }
}

fn named(name: &str) -> Coding {
    Coding { display: Some(name.to_owned()), ..Coding::default() }
}

fn plain(value: String) -> Identifier {
    Identifier { system: None, kind: None, value }
}

fn country(country: Country) -> Result<Coding, MapError> {
    country.alpha3().map(|code| coding(system::ISO_3166, code)).ok_or(MapError::Country { country })
}
