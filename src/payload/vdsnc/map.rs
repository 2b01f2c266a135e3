//! Message to core data set (facts on WHO formats, section 3.5). What the core set has no place for: the additional
//! number of a person, the contact of a testing facility, and the issuer's optional data.

use super::model::{Message, Person, TestProof, VaccinationEvent, VdsNc};
use crate::{
    payload::core::{Certificate, CodeSystem, Coding, CoreDataSet, Event, Holder, Test, Vaccination},
    record::{
        Country, Sex,
        names::{NameError, standardise},
    },
};

/// What a message says, in the terms that all formats share. Each dose is an event of its own.
#[must_use]
pub fn to_core(vdsnc: &VdsNc) -> CoreDataSet {
    let (id, person, events) = match &vdsnc.message {
        Message::Vaccination(proof) => (&proof.id, &proof.person, proof.events.iter().flat_map(doses).collect()),
        Message::Test(proof) => (&proof.id, &proof.person, vec![test(proof)]),
    };
    CoreDataSet {
        holder: holder(person, &vdsnc.issuer),
        certificate: Certificate {
            issuer: Some(vdsnc.issuer.clone()),
            id: Some(id.clone()),
            version: Some(vdsnc.version.to_string()),
            ..Certificate::default()
        },
        events,
    }
}

fn holder(person: &Person, issuer: &str) -> Holder {
    let parts = name_parts(&person.name);
    Holder {
        name: person.name.clone(),
        family: parts.map(|(family, _)| family.to_owned()),
        given: parts.map(|(_, given)| given.to_owned()).filter(|given| !given.is_empty()),
        standardised_name: standardised_name(&person.name, issuing_state(issuer).unwrap_or(Country::SANDBOX)),
        birth_date: person.birth_date.clone(),
        sex: person.sex.as_deref().map(|sex| match sex {
            "M" => Sex::Male,
            "F" => Sex::Female,
            _ => Sex::Other,
        }),
        identifier: person.document_number.clone().or_else(|| person.additional.clone()),
        identifier_type: person.document_type.clone(),
        ..Holder::default()
    }
}

fn doses(event: &VaccinationEvent) -> impl Iterator<Item = Event> {
    event.doses.iter().map(|dose| {
        Event::Vaccination(Box::new(Vaccination {
            vaccine: Some(Coding::new(CodeSystem::Icd11, &event.vaccine)),
            brand: Some(Coding::new(CodeSystem::Text, &event.product)),
            disease: event.disease.as_ref().map(|code| Coding::new(CodeSystem::Icd11, code)),
            lot: Some(dose.lot.clone()),
            date: Some(dose.date.clone()),
            dose: Some(dose.number),
            country: Some(dose.country.clone()),
            centre: dose.centre.clone(),
            next_dose: dose.next.clone(),
            ..Vaccination::default()
        }))
    })
}

fn test(proof: &TestProof) -> Event {
    let text = |text: &String| Coding::new(CodeSystem::Text, text);
    Event::Test(Box::new(Test {
        kind: Some(text(&proof.kind)),
        origin: proof.method.as_ref().map(text),
        date: Some(proof.sampled_at.clone()),
        result_date: Some(proof.reported_at.clone()),
        result: Some(text(&proof.result)),
        centre: Some(proof.centre.clone()),
        country: Some(proof.country.clone()),
        ..Test::default()
    }))
}

/// Primary and secondary identifier of a name as Doc 9303-3 prints it: parted by two spaces, or by `<<` as in the
/// machine-readable zone. `None` for a name that has no such mark.
fn name_parts(name: &str) -> Option<(&str, &str)> {
    let (family, given) = name.split_once("  ").or_else(|| name.split_once("<<"))?;
    let family = family.trim_matches([' ', '<']);
    (!family.is_empty()).then_some((family, given.trim_matches([' ', '<'])))
}

/// `FAMILY<<GIVEN` by the tables of Doc 9303, where the parts of the name are told apart; a name printed by its rules
/// stays as it is. `None` for a name in one piece, and for letters without a table.
#[must_use]
pub fn standardised_name(name: &str, issuer: Country) -> Option<String> {
    let (family, given) = name_parts(name)?;
    let family = standardise(family, issuer).ok()?;
    match standardise(given, issuer) {
        Ok(given) => Some(format!("{family}<<{given}")),
        Err(NameError::Empty) => Some(family),
        Err(_) => None,
    }
}

/// The country that a code of Doc 9303-3 names as issuer: ISO 3166-1 alpha-3, `D` for Germany, and the United Nations'
/// own codes, whose documents all carry the country code `UN`. `None` for a code without a country's meaning.
#[must_use]
pub fn issuing_state(code: &str) -> Option<Country> {
    match code {
        "D" => "DE".parse().ok(),
        "UNA" | "UNK" => "UN".parse().ok(),
        code => Country::from_alpha3(code).ok(),
    }
}
