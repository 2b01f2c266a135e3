//! The sheet of a certificate in the words of the core data set: WHO DDCC and DIVOC.

use super::{Frame, coded, country, day, push, text, word};
use crate::{
    document::{Kind, Row, Sheet, Value},
    payload::core::{Coding, CoreDataSet, Event, Test, Vaccination},
};

/// `format` is the name of the format, as officers know it.
pub(super) fn sheet(frame: &Frame<'_>, core: &CoreDataSet, format: &str) -> Sheet {
    let mut rows = Vec::new();
    let mut place = None;
    let kind = match core.events.first() {
        Some(Event::Test(test)) => {
            tested(&mut rows, test);
            place = test.country.clone();
            Kind::Test
        }
        Some(Event::Vaccination(dose)) => {
            vaccinated(&mut rows, dose);
            place = dose.country.clone();
            Kind::Vaccination
        }
        Some(Event::Recovery(_)) | None => Kind::Other,
    };
    let place = place.as_deref().map(country);
    push(&mut rows, "country", place.clone().and_then(text));
    push(&mut rows, "issuer", core.certificate.issuer.clone().and_then(text));
    push(&mut rows, "expires", frame.envelope.expires_at.and_then(|time| text(day(time).to_string())));
    let holder = &core.holder;
    let issuer = core.certificate.issuer.clone().or_else(|| place.clone()).unwrap_or_default();
    let born = holder.birth_date.clone().unwrap_or_default();
    Sheet {
        subject: format.into(),
        issuer,
        country: place.unwrap_or_default(),
        name: holder.name.clone(),
        birth_date: born,
        rows,
        ..frame.sheet(kind)
    }
}

fn vaccinated(rows: &mut Vec<Row>, dose: &Vaccination) {
    let mut row = |field, value| push(rows, field, value);
    let number = match (dose.dose, dose.total_doses) {
        (Some(dose), Some(total)) => Some(Value::Dose { dose: dose.into(), total: total.into() }),
        (dose, _) => dose.and_then(|dose| text(dose.to_string())),
    };
    row("dose", number);
    row("date", dose.date.as_deref().map(date).and_then(text));
    row("vaccine", dose.brand.as_ref().map(named).and_then(text));
    row("prophylaxis", dose.vaccine.as_ref().map(named).and_then(text));
    let maker = dose.holder.as_ref().or(dose.manufacturer.as_ref());
    row("maker", maker.map(named).and_then(text));
    row("lot", dose.lot.clone().and_then(text));
    row("disease", dose.disease.as_ref().and_then(of_disease));
    row("vaccination-centre", dose.centre.clone().and_then(text));
    row("next", dose.next_dose.clone().and_then(text));
}

fn tested(rows: &mut Vec<Row>, test: &Test) {
    let mut row = |field, value| push(rows, field, value);
    row("result", test.result.as_ref().and_then(of_result));
    row("sampled", test.date.clone().and_then(text));
    row("test", test.kind.as_ref().and_then(of_test));
    row("brand", test.brand.as_ref().map(named).and_then(text));
    row("centre", test.centre.clone().and_then(text));
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
fn of_result(result: &Coding) -> Option<Value> {
    match result.code.as_str() {
        "RA01.0" => coded("detected", &result.code),
        "QA02" => coded("not-detected", &result.code),
        _ => text(named(result)),
    }
}

fn of_test(kind: &Coding) -> Option<Value> {
    match kind.code.as_str() {
        "1334426561" => word("naat"),
        "2056159157" => word("antigen"),
        _ => text(named(kind)),
    }
}

fn of_disease(disease: &Coding) -> Option<Value> {
    match disease.code.as_str() {
        "RA01" | "RA01.0" => text(format!("COVID-19 ({})", disease.code)),
        "1D47" => word("yellow-fever"),
        _ => text(named(disease)),
    }
}
