//! The sheet of a certificate in the words of the core data set: WHO DDCC and DIVOC.

use super::{Frame, Words, country, day, push};
use crate::{
    document::Sheet,
    payload::core::{Coding, CoreDataSet, Event, Test, Vaccination},
};

/// `format` is the name of the format, as officers know it.
pub(super) fn sheet(frame: &Frame<'_>, core: &CoreDataSet, format: &str) -> Sheet {
    let words = Words(frame.language);
    let mut rows = Vec::new();
    let mut place = None;
    let title = match core.events.first() {
        Some(Event::Test(test)) => {
            tested(&mut rows, &words, test);
            place = test.country.clone();
            words.of("Test certificate", "Certificat de test")
        }
        Some(Event::Vaccination(dose)) => {
            vaccinated(&mut rows, &words, dose);
            place = dose.country.clone();
            words.of("Vaccination certificate", "Certificat de vaccination")
        }
        Some(Event::Recovery(_)) | None => words.of("Certificate", "Certificat"),
    };
    let place = place.as_deref().map(country);
    push(&mut rows, "country", words.of("Country", "Pays"), place.clone());
    push(&mut rows, "issuer", words.of("Issued by", "Délivré par"), core.certificate.issuer.clone());
    let expires = frame.envelope.expires_at.map(|time| day(time).to_string());
    push(&mut rows, "expires", words.of("Certificate valid until", "Certificat valable jusqu'au"), expires);
    let holder = &core.holder;
    let issuer = core.certificate.issuer.clone().or_else(|| place.clone()).unwrap_or_default();
    let born = holder.birth_date.clone().unwrap_or_default();
    Sheet {
        kind_label: format.to_owned(),
        issuer,
        country: place.unwrap_or_default(),
        name: holder.name.clone(),
        birth_date: born,
        rows,
        ..frame.sheet(title)
    }
}

fn vaccinated(rows: &mut Vec<crate::document::Row>, words: &Words, dose: &Vaccination) {
    let mut row = |field, label: &str, value| push(rows, field, label, value);
    let number = match (dose.dose, dose.total_doses) {
        (Some(dose), Some(total)) => Some(words.of_total(dose.into(), total.into())),
        (dose, _) => dose.map(|dose| dose.to_string()),
    };
    row("dose", words.of("Dose", "Dose"), number);
    row("date", words.of("Date of vaccination", "Date de vaccination"), dose.date.as_deref().map(date));
    row("vaccine", words.of("Vaccine", "Vaccin"), dose.brand.as_ref().map(named));
    row("prophylaxis", words.of("Vaccine type", "Type de vaccin"), dose.vaccine.as_ref().map(named));
    let maker = dose.holder.as_ref().or(dose.manufacturer.as_ref());
    row("holder", words.of("Manufacturer", "Fabricant"), maker.map(named));
    row("lot", words.of("Batch number", "Numéro du lot"), dose.lot.clone());
    row("disease", words.of("Disease", "Maladie"), dose.disease.as_ref().map(|disease| of_disease(words, disease)));
    row("centre", words.of("Vaccination centre", "Centre de vaccination"), dose.centre.clone());
    row("next", words.of("Next dose", "Prochaine dose"), dose.next_dose.clone());
}

fn tested(rows: &mut Vec<crate::document::Row>, words: &Words, test: &Test) {
    let mut row = |field, label: &str, value| push(rows, field, label, value);
    row("result", words.of("Test result", "Résultat du test"), test.result.as_ref().map(|r| of_result(words, r)));
    row("sampled", words.of("Sample taken", "Prélèvement"), test.date.clone());
    row("test", words.of("Type of test", "Type de test"), test.kind.as_ref().map(|kind| of_test(words, kind)));
    row("brand", words.of("Test", "Test"), test.brand.as_ref().map(named));
    row("centre", words.of("Testing centre", "Centre de test"), test.centre.clone());
}

/// A day; a time at midnight, with which DIVOC writes a day, says no more.
fn date(text: &str) -> String {
    text.strip_suffix("T00:00:00.000Z").unwrap_or(text).to_owned()
}

/// The name of a code with the code behind it, or either where there is only one.
fn named(coding: &Coding) -> String {
    match &coding.display {
        Some(display) if coding.code.is_empty() || *display == coding.code => display.clone(),
        Some(display) => format!("{display} ({})", coding.code),
        None => coding.code.clone(),
    }
}

/// Codes that the WHO core data set writes without names (ICD-11, ICHI).
fn of_result(words: &Words, result: &Coding) -> String {
    match result.code.as_str() {
        "RA01.0" => format!("{} (RA01.0)", words.of("Detected", "Détecté")),
        "QA02" => format!("{} (QA02)", words.of("Not detected", "Non détecté")),
        _ => named(result),
    }
}

fn of_test(words: &Words, kind: &Coding) -> String {
    match kind.code.as_str() {
        "1334426561" => words.of("Nucleic acid amplification", "Amplification d'acides nucléiques").to_owned(),
        "2056159157" => words.of("Rapid antigen test", "Test antigénique rapide").to_owned(),
        _ => named(kind),
    }
}

fn of_disease(words: &Words, disease: &Coding) -> String {
    match disease.code.as_str() {
        "RA01" | "RA01.0" => format!("COVID-19 ({})", disease.code),
        "1D47" => words.of("Yellow fever", "Fièvre jaune").to_owned(),
        _ => named(disease),
    }
}
