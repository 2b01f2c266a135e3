//! To an ICAO VDS-NC (`icao.vacc`, `icao.test`): the object `data`, which a signer signs in its JCS form.

use serde_json::{Value, json};

use super::{
    ConvertError, Target, codes, elements,
    ledger::{Ledger, object, some, text},
    system,
};
use crate::{
    limits::{VDSNC_ID_CHARS, VDSNC_NAME_CHARS, VDSNC_PLACE_CHARS},
    payload::core::{CodeSystem, Coding, CoreDataSet, Event, LossKind, Test, Vaccination},
    record::{Country, PersonName, Sex},
};

/// Longest number of a travel document (`pid.i`, `pid.dn`).
const DOCUMENT_CHARS: usize = 11;
/// Longest other number (`pid.ai`).
const OTHER_NUMBER_CHARS: usize = 24;

const PLACES: [&str; 15] = [
    "name",
    "birthDate",
    "identifier",
    "certificate.issuer",
    "certificate.hcid",
    "vaccination.vaccine",
    "vaccination.brand",
    "vaccination.disease",
    "vaccination.lot",
    "vaccination.date",
    "vaccination.dose",
    "vaccination.country",
    "vaccination.centre",
    "vaccination.nextDose",
    "sex",
];
const TEST_PLACES: [&str; 12] = [
    "name",
    "birthDate",
    "identifier",
    "certificate.issuer",
    "certificate.hcid",
    "test.type",
    "test.origin",
    "test.date",
    "test.resultDate",
    "test.result",
    "test.centre",
    "test.country",
];

pub(super) fn write(core: &CoreDataSet, latest: &Event, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    match latest {
        Event::Vaccination(_) => vaccinations(core, ledger),
        Event::Test(test) => {
            ledger.only_one(core);
            ledger.places(core, latest, &TEST_PLACES);
            one_test(core, test, ledger)
        }
        Event::Recovery(_) => Err(ledger.no_such_event("recovery")),
    }
}

/// Issuing state: the certificate's issuer where it is a country, which no format but this one demands.
fn header(core: &CoreDataSet, kind: &str, ledger: &mut Ledger) -> Value {
    let issuer = ledger.alpha3("certificate.issuer", core.certificate.issuer.as_deref());
    object([("t", text(kind)), ("v", Some(json!(1))), ("is", some(&issuer))])
}

fn id(core: &CoreDataSet, ledger: &mut Ledger) -> Option<Value> {
    let id = core.certificate.id.clone();
    // A cut identifier names another certificate, or none.
    match id.filter(|id| id.chars().count() <= VDSNC_ID_CHARS) {
        Some(id) => text(id),
        None => {
            let why = if core.certificate.id.is_some() { LossKind::NoPlace } else { LossKind::Unknown };
            ledger.lose("certificate.hcid", why);
            None
        }
    }
}

/// The name in capitals as in a travel document, two blanks between its parts where the source divides it.
fn name(core: &CoreDataSet, place: Option<&str>, ledger: &mut Ledger) -> Result<String, ConvertError> {
    let holder = &core.holder;
    let standard = match holder.standardised_name.clone().filter(|standard| !standard.is_empty()) {
        Some(standard) => standard,
        None => {
            let target = ledger.target;
            let whole = elements::whole_name(core).ok_or(ConvertError::NameMissing { target })?;
            let divided = holder.family.is_some() || holder.given.is_some();
            let person = match divided {
                true => {
                    PersonName { family: holder.family.clone(), given: holder.given.clone(), ..PersonName::default() }
                }
                false => PersonName { family: Some(whole), ..PersonName::default() },
            };
            let country = place.and_then(elements::country).unwrap_or(Country::SANDBOX);
            let parts = person.standardised(country).map_err(|error| ConvertError::Name { target, error })?;
            [parts.family, parts.given].into_iter().flatten().collect::<Vec<_>>().join("<<")
        }
    };
    if !standard.is_ascii() || elements::whole_name(core).is_some_and(|shown| !shown.is_ascii()) {
        ledger.lose("name", LossKind::Coarser);
    }
    Ok(ledger.cut("name", standard.replace('<', " ").trim(), VDSNC_NAME_CHARS))
}

fn born(core: &CoreDataSet, ledger: &mut Ledger) -> Option<String> {
    let born = core.holder.birth_date.as_deref();
    ledger.wanted("birthDate", born.and_then(elements::day)).map(|day| day.to_string())
}

fn is_document(core: &CoreDataSet) -> bool {
    // ICAO's letters for travel documents and HL7's code of a passport.
    core.holder
        .identifier_type
        .as_deref()
        .is_some_and(|kind| matches!(kind, "P" | "A" | "C" | "I" | "AC" | "V" | "D" | "PPN"))
}

fn number(core: &CoreDataSet, most: usize, ledger: &mut Ledger) -> Option<String> {
    let number = core.holder.identifier.clone()?;
    if number.chars().count() > most {
        ledger.lose("identifier", LossKind::NoPlace);
        return None;
    }
    Some(number)
}

fn vaccinations(core: &CoreDataSet, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    let mut place = None;
    for event in &core.events {
        let Event::Vaccination(v) = event else {
            ledger.lose("events", LossKind::NoPlace);
            continue;
        };
        place = place.or(v.country.as_deref());
        ledger.places(core, event, &PLACES);
        let (kind, dose) = vaccination(v, ledger)?;
        match groups.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, doses)) => doses.push(dose),
            None => groups.push((kind, vec![dose])),
        }
    }
    let events = groups.into_iter().map(|(mut kind, doses)| {
        if let Value::Object(members) = &mut kind {
            members.insert("vd".to_owned(), Value::Array(doses));
        }
        kind
    });
    let document = is_document(core);
    let number = number(core, if document { DOCUMENT_CHARS } else { OTHER_NUMBER_CHARS }, ledger);
    let sex = core.holder.sex.map(|sex| match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Other => "X",
    });
    let holder = object([
        ("n", text(name(core, place, ledger)?)),
        ("dob", some(&born(core, ledger))),
        ("sex", sex.and_then(text)),
        (if document { "i" } else { "ai" }, some(&number)),
    ]);
    let events: Vec<Value> = events.collect();
    let message = object([("uvci", id(core, ledger)), ("pid", Some(holder)), ("ve", Some(Value::Array(events)))]);
    Ok(json!({"hdr": header(core, "icao.vacc", ledger), "msg": message}))
}

/// Vaccine and disease, and the dose.
fn vaccination(v: &Vaccination, ledger: &mut Ledger) -> Result<(Value, Value), ConvertError> {
    let date = ledger.required("vaccination.date", &v.date)?;
    let code = |coding: &Option<Coding>| {
        let stated = coding.as_ref()?;
        // A seal takes vaccines against any disease, also those that the tables for COVID-19 do not know.
        let own =
            (stated.system == CodeSystem::Icd11).then(|| codes::Translation { code: stated.code.clone(), exact: true });
        own.or_else(|| codes::vaccine_to_icd11(stated))
    };
    let vaccine = match (code(&v.vaccine), code(&v.brand)) {
        (Some(to), _) => {
            if !to.exact {
                ledger.lose("vaccination.vaccine", LossKind::Coarser);
            }
            Some(to.code)
        }
        (None, Some(to)) => {
            if v.vaccine.is_some() {
                ledger.lose("vaccination.vaccine", LossKind::Coarser);
            }
            Some(to.code)
        }
        (None, None) => {
            let covid = v.disease.as_ref().is_some_and(codes::is_covid_19);
            ledger.lose("vaccination.vaccine", LossKind::Unknown);
            covid.then(|| "XM68M6".to_owned())
        }
    };
    // A seal names the product in words: a code keeps its meaning only where the words lead back to it.
    if v.brand.as_ref().is_some_and(|brand| brand.system != CodeSystem::Text && codes::product_of(brand).is_none()) {
        ledger.lose("vaccination.brand", LossKind::Coarser);
    }
    let name = v.brand.as_ref().or(v.vaccine.as_ref()).map(|stated| match codes::product_of(stated) {
        Some(product) => product.name.clone(),
        None => elements::words(stated),
    });
    let disease = match &v.disease {
        Some(disease) if codes::is_covid_19(disease) => Some(system::DETECTED.to_owned()),
        Some(disease) if disease.system == CodeSystem::Icd11 => Some(disease.code.clone()),
        Some(_) => ledger.wanted("vaccination.disease", None),
        None => None,
    };
    let kind = object([
        ("des", some(&vaccine)),
        ("nam", ledger.wanted("vaccination.brand", name).and_then(text)),
        ("dis", some(&disease)),
    ]);
    let short = |element, value: &Option<String>, ledger: &mut Ledger| {
        value.as_deref().map(|value| ledger.cut(element, value, VDSNC_PLACE_CHARS))
    };
    let centre = short("vaccination.centre", &v.centre, ledger);
    let lot = short("vaccination.lot", &v.lot, ledger);
    let dose = object([
        ("dvc", some(&ledger.day("vaccination.date", date))),
        ("seq", ledger.wanted("vaccination.dose", v.dose).map(Value::from)),
        ("ctr", some(&ledger.alpha3("vaccination.country", v.country.as_deref()))),
        ("adm", some(&ledger.wanted("vaccination.centre", centre))),
        ("lot", some(&ledger.wanted("vaccination.lot", lot))),
        ("dvn", v.next_dose.as_deref().and_then(|next| ledger.day("vaccination.nextDose", next)).and_then(text)),
    ]);
    Ok((kind, dose))
}

fn one_test(core: &CoreDataSet, t: &Test, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("test.date", &t.date)?;
    if t.pathogen.as_ref().is_some_and(|pathogen| !codes::is_covid_19(pathogen)) {
        return Err(ConvertError::OtherDisease { target: Target::VdsNc });
    }
    let letters = core.holder.identifier_type.as_deref().map(|kind| if kind == "PPN" { "P" } else { kind });
    let document = is_document(core);
    if core.holder.identifier.is_some() && !document {
        ledger.lose("identifier", LossKind::NoPlace);
    }
    let number = if document { number(core, DOCUMENT_CHARS, ledger) } else { None };
    let holder = object([
        ("n", text(name(core, t.country.as_deref(), ledger)?)),
        ("dob", some(&born(core, ledger))),
        ("dt", number.as_ref().and(letters).and_then(text)),
        ("dn", some(&number)),
    ]);
    let provider = object([
        ("spn", t.centre.as_deref().and_then(|centre| text(ledger.cut("test.centre", centre, VDSNC_PLACE_CHARS)))),
        ("ctr", some(&ledger.alpha3("test.country", t.country.as_deref()))),
    ]);
    // The report wants a way to reach the laboratory, which no core data set has.
    ledger.lose("test.centre.contact", LossKind::Unknown);
    let time = |element, value: Option<&str>, ledger: &mut Ledger| {
        ledger.wanted(element, value.filter(|time| elements::has_time(time))).and_then(text)
    };
    let dates = object([
        ("sc", time("test.date", Some(date), ledger)),
        ("ri", time("test.resultDate", t.result_date.as_deref(), ledger)),
    ]);
    let kind = t.kind.as_ref().and_then(codes::test_to_ichi).and_then(|to| match to.code.as_str() {
        system::NAAT if to.exact => Some("molecular(PCR)"),
        system::NAAT => Some("molecular(other)"),
        system::RAPID_ANTIGEN => Some("antigen"),
        _ => None,
    });
    let origin = t.origin.as_ref().and_then(codes::origin_to_ichi).and_then(|to| match to.code.as_str() {
        "JAM.AH.XF" => Some("nasopharyngeal"),
        "KAR.AH.XF" => Some("oropharyngeal"),
        "KAZ.AH.XD" => Some("saliva"),
        "DIA.AH.XA" => Some("blood"),
        _ => None,
    });
    if t.origin.is_some() && origin.is_none() {
        ledger.lose("test.origin", LossKind::NoPlace);
    }
    let result = t.result.as_ref().and_then(codes::detected).map(|found| if found { "positive" } else { "negative" });
    let outcome = object([
        ("tc", ledger.wanted("test.type", kind).and_then(text)),
        ("r", ledger.wanted("test.result", result).and_then(text)),
        ("m", origin.and_then(text)),
    ]);
    let message = object([
        ("utci", id(core, ledger)),
        ("pid", Some(holder)),
        ("sp", Some(provider)),
        ("dat", Some(dates)),
        ("tr", Some(outcome)),
    ]);
    Ok(json!({"hdr": header(core, "icao.test", ledger), "msg": message}))
}
