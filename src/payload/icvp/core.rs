//! Card to core data set. Disease, kind of vaccine, name and manufacturer are looked up in WHO's catalogue
//! (REQ-DE-12, REQ-DE-16); where a card of the first generation states them itself, they stand as signed.

use super::{
    annex::{AnnexLanguage, for_life},
    decide::{Until, days},
    model::{Early, Icvp, StatedSex},
};
use crate::{
    payload::core::{Certificate, CodeSystem, Coding, CoreDataSet, Event, Holder, Vaccination},
    valueset::{ValueSets, WhoProduct},
};

/// The card in the words of the core data set.
#[must_use]
pub fn to_core(card: &Icvp, sets: &ValueSets) -> CoreDataSet {
    let dose = &card.dose;
    let product = sets.who_product(&dose.product);
    let mut vaccination = match (product, &dose.early) {
        (Some(product), _) => derived(&dose.product, product),
        (None, Some(early)) => stated(&dose.product, early, sets),
        (None, None) => Vaccination {
            brand: Some(Coding::new(CodeSystem::WhoProduct, dose.product.as_str())),
            ..Vaccination::default()
        },
    };
    let (from, until, _) = days(card, product.and_then(|product| product.kind.decision));
    vaccination.lot = Some(dose.batch.clone());
    vaccination.date = Some(dose.date.to_string());
    vaccination.valid_from = from.map(|day| day.to_string());
    vaccination.valid_to = match until {
        Until::Life => Some(for_life(AnnexLanguage::English).to_owned()),
        Until::Day(day) => Some(day.to_string()),
        Until::NotStated => None,
    };
    vaccination.practitioner.clone_from(&dose.clinician);
    CoreDataSet {
        holder: Holder {
            name: card.name.clone(),
            birth_date: Some(card.birth_date.to_string()),
            sex: card.sex.and_then(StatedSex::known),
            nationality: card.nationality.clone(),
            identifier: card.document_number.clone(),
            identifier_type: card.document_kind.clone(),
            guardian: card.guardian.clone(),
            ..Holder::default()
        },
        certificate: Certificate {
            issuer: dose.issuer.clone(),
            version: card.version.clone(),
            valid_from: card.issued_on.map(|day| day.to_string()),
            ..Certificate::default()
        },
        events: vec![Event::Vaccination(Box::new(vaccination))],
    }
}

fn derived(id: &str, product: &WhoProduct) -> Vaccination {
    let kind = &product.kind;
    let named = |code: &String, name: &str| Coding::named(CodeSystem::Icd11, code.as_str(), name);
    Vaccination {
        vaccine: Some(match kind.vaccine.first() {
            Some(code) => named(code, &kind.display),
            None => Coding::new(CodeSystem::Text, kind.display.as_str()),
        }),
        brand: Some(Coding::named(CodeSystem::WhoProduct, id, product.words())),
        manufacturer: Some(Coding::new(CodeSystem::Text, product.manufacturer.as_str())),
        // The set has room for one disease: that of the decision table, which stands first.
        disease: kind.diseases.first().map(|(code, name)| named(code, name)),
        ..Vaccination::default()
    }
}

fn stated(class: &str, early: &Early, sets: &ValueSets) -> Vaccination {
    let system = |code: &str| match code {
        code if code.starts_with('X') => CodeSystem::Icd11,
        code if !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()) => CodeSystem::Snomed,
        _ => CodeSystem::Text,
    };
    let disease = |code: &String| match sets.who().disease(code) {
        Some(name) => Coding::named(CodeSystem::Icd11, code.as_str(), name),
        None => Coding::new(CodeSystem::Icd11, code.as_str()),
    };
    let text = |text: &String| Coding::new(CodeSystem::Text, text.as_str());
    Vaccination {
        vaccine: Some(Coding::new(system(class), class)),
        brand: early.trade_item.as_ref().map(text),
        manufacturer: early.manufacturer.as_ref().or(early.manufacturer_id.as_ref()).map(text),
        disease: early.disease.as_ref().map(disease),
        dose: early.dose.as_ref().and_then(|dose| dose.parse().ok()),
        ..Vaccination::default()
    }
}
