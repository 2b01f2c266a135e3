//! A DIVOC credential in the words of the WHO core data set. Age, addresses and the pictures of signatures have no
//! element there; a year of birth is not guessed from an age.

use super::model::{Credential, Event, Test, Vaccination};
use crate::{
    payload::core::{self, Certificate, CodeSystem, Coding, CoreDataSet, Holder},
    record::Sex,
    valueset::{COVID_19, ValueSets},
};

/// What the credential says. Nothing is checked, and the order of values is believed.
#[must_use]
pub fn to_core(credential: &Credential) -> CoreDataSet {
    let subject = &credential.subject;
    let event = match &credential.evidence.event {
        Event::Vaccination(v) => core::Event::Vaccination(Box::new(vaccination(credential, v))),
        Event::Test(t) => core::Event::Test(Box::new(test(credential, t))),
    };
    CoreDataSet {
        holder: Holder {
            name: known(&subject.name).unwrap_or_default(),
            birth_date: known(&subject.birth_date),
            sex: subject.gender.as_deref().and_then(sex),
            nationality: known(&subject.nationality),
            identifier: known(&subject.id).or_else(|| known(&subject.ref_id)),
            ..Holder::default()
        },
        certificate: Certificate {
            issuer: Some(credential.issuer.clone()),
            id: credential.id().map(str::to_owned),
            version: Some(credential.namespace.clone()),
            valid_from: Some(credential.issuance_date.clone()),
            valid_until: None,
        },
        events: vec![event],
    }
}

/// `-` stands for what an issuer does not know (Indonesia).
fn known(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| text != "-")
}

fn named(text: &Option<String>) -> Option<Coding> {
    known(text).map(|text| Coding::new(CodeSystem::Text, text))
}

fn sex(gender: &str) -> Option<Sex> {
    match gender.to_ascii_lowercase().as_str() {
        "m" | "male" => Some(Sex::Male),
        "f" | "female" => Some(Sex::Female),
        "o" | "other" | "others" => Some(Sex::Other),
        _ => None,
    }
}

fn country(credential: &Credential) -> Option<String> {
    credential.evidence.facility.as_ref().and_then(|facility| known(&facility.address.as_ref()?.country))
}

fn centre(credential: &Credential) -> Option<String> {
    credential.evidence.facility.as_ref().and_then(|facility| known(&facility.name))
}

fn vaccination(credential: &Credential, v: &Vaccination) -> core::Vaccination {
    let sets = ValueSets::built_in();
    let product = v.vaccine.as_deref().and_then(|name| sets.named_vaccine(name)).and_then(|named| named.product);
    // The credential does not name the disease; its vaccine does, where a value set knows it.
    let covid = product.as_ref().is_some_and(|product| product.disease.code == COVID_19)
        || v.icd11.as_deref().is_some_and(|code| sets.icd11(code).is_some());
    let disease = covid.then(|| {
        let coding = sets.covid_19();
        Coding::named(CodeSystem::Snomed, coding.code, coding.display)
    });
    let verifier = credential.evidence.verifier.as_ref();
    core::Vaccination {
        vaccine: known(&v.icd11).map(|code| Coding { system: CodeSystem::Icd11, code, display: known(&v.prophylaxis) }),
        brand: named(&v.vaccine),
        manufacturer: named(&v.manufacturer),
        disease,
        lot: known(&v.batch),
        date: known(&v.date),
        valid_from: known(&v.effective_start),
        valid_to: known(&v.effective_until),
        dose: v.dose,
        total_doses: v.total_doses,
        country: country(credential),
        centre: centre(credential),
        practitioner: verifier.and_then(|verifier| known(&verifier.name).or_else(|| known(&verifier.id))),
        ..core::Vaccination::default()
    }
}

/// Codes of the EU value set `covid-19-lab-result`, which are SNOMED CT's.
const NOT_DETECTED: &str = "260415000";
const DETECTED: &str = "260373001";

/// The code of a result in words; nothing for any other word.
pub(super) fn result_code(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "negative" | "not detected" => Some(NOT_DETECTED),
        "positive" | "detected" => Some(DETECTED),
        _ => None,
    }
}

fn test(credential: &Credential, t: &Test) -> core::Test {
    let result = known(&t.result).map(|text| match result_code(&text) {
        Some(code) => Coding::named(CodeSystem::Snomed, code, text),
        None => Coding::new(CodeSystem::Text, text),
    });
    core::Test {
        pathogen: named(&t.disease),
        kind: named(&t.kind),
        brand: named(&t.name),
        manufacturer: named(&t.manufacturer),
        origin: named(&t.origin),
        date: known(&t.sampled_at),
        result_date: known(&t.result_at),
        result,
        centre: centre(credential),
        country: country(credential),
    }
}
