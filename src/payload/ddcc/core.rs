//! DDCC to the hub of all formats. The hub is this very data set, so nothing is lost but the systems of numbers
//! and the parts of a reference that are not shown.

use super::model::{self, Ddcc, Event, Identifier};
use crate::payload::{
    core::{Certificate, Coding, CoreDataSet, Event as CoreEvent, Holder, Test, Vaccination},
    mapping::{codes, system},
};

/// What the certificate says.
#[must_use]
pub fn to_core(ddcc: &Ddcc) -> CoreDataSet {
    let value = |identifier: &Option<Identifier>| identifier.as_ref().map(|identifier| identifier.value.clone());
    let certificate = &ddcc.certificate;
    CoreDataSet {
        holder: Holder {
            name: ddcc.name.clone(),
            birth_date: ddcc.birth_date.clone(),
            sex: ddcc.sex.as_deref().and_then(system::sex_of),
            identifier: value(&ddcc.identifier),
            identifier_type: ddcc.identifier.as_ref().and_then(|identifier| identifier.kind.clone()),
            ..Holder::default()
        },
        certificate: Certificate {
            issuer: certificate.issuer.as_ref().map(|issuer| issuer.words().to_owned()),
            id: value(&certificate.hcid),
            version: certificate.version.clone(),
            valid_from: certificate.period.start.clone(),
            valid_until: certificate.period.end.clone(),
        },
        events: vec![event(&ddcc.event)],
    }
}

fn event(event: &Event) -> CoreEvent {
    match event {
        Event::Vaccination(v) => CoreEvent::Vaccination(Box::new(Vaccination {
            vaccine: coding(&v.vaccine),
            brand: coding(&v.brand),
            manufacturer: coding(&v.manufacturer),
            holder: coding(&v.holder),
            disease: coding(&v.disease),
            lot: v.lot.clone(),
            date: Some(v.date.clone()),
            valid_from: v.valid_from.clone(),
            valid_to: None,
            dose: v.dose,
            total_doses: v.total_doses,
            country: country(&v.country),
            centre: v.centre.clone(),
            practitioner: v.practitioner.as_ref().map(|identifier| identifier.value.clone()),
            next_dose: v.next_dose.clone(),
        })),
        Event::Test(t) => CoreEvent::Test(Box::new(Test {
            pathogen: coding(&t.pathogen),
            kind: coding(&t.kind),
            brand: coding(&t.brand),
            manufacturer: coding(&t.manufacturer),
            origin: coding(&t.origin),
            date: Some(t.date.clone()),
            result_date: None,
            result: coding(&t.result),
            centre: t.centre.as_ref().map(|centre| centre.words().to_owned()),
            country: country(&t.country),
        })),
    }
}

fn coding(coding: &Option<model::Coding>) -> Option<Coding> {
    let coding = coding.as_ref()?;
    Some(match &coding.code {
        Some(code) => {
            let mut read = Coding::new(system::classify(coding.system.as_deref(), code), code.clone());
            // A code alone says nothing to an officer; the tables know most names.
            read.display = coding.display.clone().or_else(|| codes::display_of(&read).map(str::to_owned));
            read
        }
        None => Coding::new(crate::payload::core::CodeSystem::Text, coding.display.clone()?),
    })
}

fn country(country: &Option<model::Coding>) -> Option<String> {
    let country = country.as_ref()?;
    Some(country.code.as_deref().unwrap_or_else(|| country.words()).to_owned())
}
