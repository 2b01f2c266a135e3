//! A card in the words of the WHO core data set (facts on WHO formats, section 3.5). Doses and results come in the
//! order of the card, doses first.

use crate::{
    payload::core::{Certificate, CodeSystem, Coding, CoreDataSet, Event, Holder, Test, Vaccination},
    record::Sex,
};

use super::{
    codes,
    model::{Answer, Code, HealthCard, HumanName, Immunization, Observation, Patient},
};

/// What a card says. A card that names nobody has an empty holder.
#[must_use]
pub fn to_core(card: &HealthCard) -> CoreDataSet {
    let doses = card.immunizations.iter().map(|dose| Event::Vaccination(Box::new(vaccination(dose))));
    let results = card.observations.iter().map(|result| Event::Test(Box::new(test(result))));
    CoreDataSet {
        holder: card.patient.as_ref().map(holder).unwrap_or_default(),
        certificate: Certificate {
            issuer: Some(card.issuer.clone()),
            valid_from: Some(card.not_before.to_string()),
            valid_until: card.expires.map(|time| time.to_string()),
            ..Certificate::default()
        },
        events: doses.chain(results).collect(),
    }
}

fn holder(patient: &Patient) -> Holder {
    let name = name(&patient.names);
    let given = Some(name.given.join(" ")).filter(|given| !given.is_empty());
    let identifier = patient.identifier.as_ref();
    Holder {
        name: whole(name),
        family: name.family.clone(),
        given,
        birth_date: patient.birth_date.clone(),
        sex: match patient.gender.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            Some("other") => Some(Sex::Other),
            _ => None,
        },
        identifier: identifier.map(|(value, _)| value.clone()),
        identifier_type: identifier.and_then(|(_, kind)| kind.clone()),
        ..Holder::default()
    }
}

/// The name that a passport is compared with: the official one, or the first that is not out of use.
fn name(names: &[HumanName]) -> &HumanName {
    static NOBODY: HumanName =
        HumanName { usage: None, text: None, family: None, given: Vec::new(), suffix: Vec::new() };
    let official = names.iter().find(|name| name.usage.as_deref() == Some("official"));
    let in_use =
        |name: &&HumanName| !matches!(name.usage.as_deref(), Some("old" | "anonymous" | "nickname" | "maiden"));
    official.or_else(|| names.iter().find(in_use)).or(names.first()).unwrap_or(&NOBODY)
}

fn whole(name: &HumanName) -> String {
    let parts = || name.given.iter().chain(&name.family).chain(&name.suffix).map(String::as_str);
    name.text.clone().unwrap_or_else(|| parts().collect::<Vec<_>>().join(" "))
}

fn vaccination(dose: &Immunization) -> Vaccination {
    // One code for the kind and the product, as signed: ICD-11, which the core data set prefers, before those that
    // can be mapped to it, before any other.
    let vaccine = dose.vaccine.iter().min_by_key(|code| match codes::system(&code.system) {
        CodeSystem::Icd11 => 0,
        CodeSystem::Cvx => 1,
        CodeSystem::Snomed => 2,
        CodeSystem::Atc => 3,
        _ => 4,
    });
    let disease = dose.vaccine.iter().find_map(codes::disease);
    Vaccination {
        vaccine: vaccine.map(coding),
        brand: vaccine.map(coding),
        manufacturer: dose.manufacturer.as_ref().map(coding),
        disease: disease.map(|(code, name)| Coding::named(CodeSystem::Icd11, code, name)),
        lot: dose.lot.clone(),
        date: Some(dose.occurrence.clone()),
        dose: dose.dose,
        total_doses: dose.total_doses,
        centre: dose.performer.clone(),
        ..Vaccination::default()
    }
}

fn test(result: &Observation) -> Test {
    Test {
        kind: result.code.first().map(coding),
        date: Some(result.effective.clone()),
        result: match &result.answer {
            // A code whose meaning is known before one that must be shown raw.
            Answer::Codes(all) => all.iter().find(|code| codes::outcome(code).is_some()).or(all.first()).map(coding),
            Answer::Text(text) => Some(Coding::new(CodeSystem::Text, text)),
        },
        centre: result.performer.clone(),
        ..Test::default()
    }
}

fn coding(code: &Code) -> Coding {
    let display = codes::name(code).map(str::to_owned).or_else(|| code.display.clone());
    Coding { system: codes::system(&code.system), code: code.code.clone(), display }
}
