//! Record to EU DCC. The mapping table is in the WHO facts, section 3.5; what the DCC cannot carry (lot,
//! centre of a vaccination, sex, identifier) stays in the record.

use super::{
    SCHEMA_VERSION,
    model::{Dcc, Entry, Name, Recovery, Test, Vaccination},
};
use crate::record::{
    Country, Person, PersonName, RecoveryRecord, TestKind, TestRecord, TestResult, Uvci, VaccinationRecord,
    names::NameError,
};

/// Disease targeted: COVID-19 (EU value set `disease-agent-targeted`).
const COVID_19: &str = "840539006";

/// What to do with a vaccine that the EU value sets lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NationalVaccines {
    /// Refuse the record.
    #[default]
    Refuse,
    /// Issue with the national names in place of codes; verifiers abroad will show them raw.
    NationalName,
}

/// Why a record does not fit into a DCC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The name has no standardised form.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The vaccine is not in the EU value sets and the policy is to refuse.
    #[error("the vaccine {id} is not in the EU value sets")]
    NotInEuLists {
        /// Our key of the product.
        id: String,
    },
    /// The vaccine targets another disease than COVID-19.
    #[error("the vaccine {id} is not against COVID-19, which is all that the EU certificate can state")]
    OtherDisease {
        /// Our key of the product.
        id: String,
    },
}

/// A vaccination certificate.
///
/// # Errors
/// [`MapError`] when the DCC cannot say what the record says.
pub fn vaccination(record: &VaccinationRecord, id: &Uvci, national: NationalVaccines) -> Result<Dcc, MapError> {
    let product = &record.product;
    if product.disease.code != COVID_19 {
        return Err(MapError::OtherDisease { id: product.id.clone() });
    }
    let (prophylaxis, code, holder) = match (&product.eu, national) {
        (Some(eu), _) => (eu.prophylaxis.code.clone(), eu.product.code.clone(), eu.holder.code.clone()),
        (None, NationalVaccines::NationalName) => {
            (GENERIC_PROPHYLAXIS.to_owned(), product.name.clone(), product.holder_name.clone())
        }
        (None, NationalVaccines::Refuse) => return Err(MapError::NotInEuLists { id: product.id.clone() }),
    };
    let entry = Entry::Vaccination(Vaccination {
        disease: COVID_19.to_owned(),
        prophylaxis,
        product: code,
        holder,
        dose: record.dose.into(),
        total_doses: record.total_doses.into(),
        date: record.date.to_string(),
        country: record.country.to_string(),
        issuer: record.issuer.clone(),
        id: id.to_string(),
    });
    certificate(&record.person, record.country, entry)
}

/// A vaccine against COVID-19 of whatever technique (SNOMED CT; EU value set `sct-vaccines-covid-19`).
const GENERIC_PROPHYLAXIS: &str = "28531000087107";

/// A test certificate.
///
/// # Errors
/// [`MapError::Name`] when the name has no standardised form.
pub fn test(record: &TestRecord, id: &Uvci) -> Result<Dcc, MapError> {
    let naat = record.kind == TestKind::Naat;
    let entry = Entry::Test(Test {
        disease: COVID_19.to_owned(),
        kind: if naat { "LP6464-4" } else { "LP217198-3" }.to_owned(),
        test_name: record.name.clone().filter(|_| naat),
        device: record.device.clone().filter(|_| !naat),
        sampled_at: format!("{:.0}", record.sampled_at),
        result: match record.result {
            TestResult::Detected => "260373001",
            TestResult::NotDetected => "260415000",
        }
        .to_owned(),
        centre: record.centre.clone(),
        country: record.country.to_string(),
        issuer: record.issuer.clone(),
        id: id.to_string(),
    });
    certificate(&record.person, record.country, entry)
}

/// A recovery certificate.
///
/// # Errors
/// [`MapError::Name`] when the name has no standardised form.
pub fn recovery(record: &RecoveryRecord, id: &Uvci) -> Result<Dcc, MapError> {
    let entry = Entry::Recovery(Recovery {
        disease: COVID_19.to_owned(),
        first_positive: record.first_positive.to_string(),
        country: record.country.to_string(),
        issuer: record.issuer.clone(),
        valid_from: record.valid_from.to_string(),
        valid_until: record.valid_until.to_string(),
        id: id.to_string(),
    });
    certificate(&record.person, record.country, entry)
}

fn certificate(person: &Person, country: Country, entry: Entry) -> Result<Dcc, MapError> {
    Ok(Dcc {
        version: SCHEMA_VERSION.to_owned(),
        name: name(&person.name, country)?,
        birth_date: person.birth_date.map_or_else(String::new, |date| date.to_string()),
        entry,
    })
}

fn name(name: &PersonName, country: Country) -> Result<Name, NameError> {
    let standard = name.standardised(country)?;
    // A mark for "none" ("-", ".") is left out in both forms; signs that no passport has (digits, pictures) in the
    // standardised one alone, so that whoever looks at the certificate sees what the record says.
    Ok(Name {
        family: name.display_family(),
        given: name.display_given(),
        family_standard: standard.family,
        given_standard: standard.given,
    })
}
