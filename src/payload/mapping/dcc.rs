//! To the EU DCC, schema 1.3.

use serde_json::Value;

use super::{
    ConvertError, codes, elements,
    ledger::{Ledger, object, some, text},
};
use crate::{
    limits::DCC_FIELD_CHARS,
    payload::{
        core::{CodeSystem, Coding, CoreDataSet, Event, LossKind, Recovery, Test, Vaccination},
        dcc::SCHEMA_VERSION,
    },
    record::{Country, PersonName},
    valueset::{COVID_19, EuSet, ValueSets},
};

/// A vaccine against COVID-19 of whatever technique.
const ANY_VACCINE: &str = "28531000087107";
const DETECTED: &str = "260373001";
const NOT_DETECTED: &str = "260415000";
const NAAT: &str = "LP6464-4";

const PLACES: [&str; 27] = [
    "name",
    "birthDate",
    "certificate.issuer",
    "certificate.hcid",
    "certificate.period.start",
    "certificate.period.end",
    "vaccination.vaccine",
    "vaccination.brand",
    "vaccination.maholder",
    "vaccination.disease",
    "vaccination.date",
    "vaccination.dose",
    "vaccination.totalDoses",
    "vaccination.country",
    "test.pathogen",
    "test.type",
    "test.brand",
    "test.date",
    "test.result",
    "test.centre",
    "test.country",
    "recovery.disease",
    "recovery.firstPositive",
    "recovery.validFrom",
    "recovery.validUntil",
    "recovery.country",
    // Stands in for a holder that is not known.
    "vaccination.manufacturer",
];

pub(super) fn write(core: &CoreDataSet, event: &Event, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    ledger.only_one(core);
    ledger.places(core, event, &PLACES);
    let (group, country, mut entry) = match event {
        Event::Vaccination(v) => ("v", &v.country, vaccination(v, ledger)?),
        Event::Test(t) => ("t", &t.country, test(t, ledger)?),
        Event::Recovery(r) => ("r", &r.country, recovery(r, ledger)?),
    };
    let element = match event {
        Event::Vaccination(_) => "vaccination.country",
        Event::Test(_) => "test.country",
        Event::Recovery(_) => "recovery.country",
    };
    let code = ledger.alpha2(element, country.as_deref());
    let place = code.as_deref().and_then(|code| code.parse().ok()).unwrap_or(Country::SANDBOX);
    let name = name(core, place, ledger)?;
    let issuer = ledger.wanted("certificate.issuer", core.certificate.issuer.as_deref());
    let issuer = issuer.map(|issuer| ledger.cut("certificate.issuer", issuer, DCC_FIELD_CHARS));
    // A cut identifier names another certificate, or none.
    let id = core.certificate.id.clone().filter(|id| id.chars().count() <= DCC_FIELD_CHARS);
    let id = ledger.wanted("certificate.hcid", id);
    if let Value::Object(members) = &mut entry {
        members.extend(
            [("co", code), ("is", issuer), ("ci", id)]
                .into_iter()
                .filter_map(|(key, value)| value.map(|value| (key.to_owned(), Value::String(value)))),
        );
    }
    let born = core.holder.birth_date.as_deref().unwrap_or_default();
    let known = born.is_empty() || born.parse::<crate::record::PartialDate>().is_ok();
    if !known {
        ledger.lose("birthDate", LossKind::Unknown);
    }
    Ok(object([
        ("ver", text(SCHEMA_VERSION)),
        ("nam", Some(name)),
        ("dob", text(if known { born } else { "" })),
        (group, Some(Value::Array(vec![entry]))),
    ]))
}

/// The name in both forms. One that the source does not divide stands whole in the family name (ICAO Doc 9303
/// part 3: an undivided name is the primary identifier).
fn name(core: &CoreDataSet, country: Country, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let holder = &core.holder;
    let divided = holder.family.is_some() || holder.given.is_some();
    let whole = elements::whole_name(core).ok_or(ConvertError::NameMissing { target: ledger.target })?;
    let person = if divided {
        PersonName { family: holder.family.clone(), given: holder.given.clone(), ..PersonName::default() }
    } else {
        ledger.lose("name", LossKind::Unknown);
        PersonName { family: Some(whole), ..PersonName::default() }
    };
    let (family, given) = match holder.standardised_name.as_deref().filter(|standard| !standard.is_empty()) {
        Some(standard) => {
            let (family, given) = standard.split_once("<<").unwrap_or((standard, ""));
            let part = |part: &str| (!part.is_empty()).then(|| part.to_owned());
            (part(family), part(given))
        }
        None => {
            let standard =
                person.standardised(country).map_err(|error| ConvertError::Name { target: ledger.target, error })?;
            (standard.family, standard.given)
        }
    };
    let shown = [(&person.family, person.display_family()), (&person.given, person.display_given())];
    for (source, shown) in &shown {
        let length = |text: &str| text.trim().chars().count();
        if source.as_deref().map(length) > shown.as_deref().map(length) {
            ledger.lose("name", LossKind::Cut);
        }
    }
    let [(_, family_shown), (_, given_shown)] = shown;
    Ok(object([("fn", some(&family_shown)), ("gn", some(&given_shown)), ("fnt", some(&family)), ("gnt", some(&given))]))
}

/// The disease, which is COVID-19 or an error; `None`, and listed, where nothing tells it.
fn disease(
    element: &'static str,
    stated: Option<&Coding>,
    implied: bool,
    ledger: &mut Ledger,
) -> Result<Option<Value>, ConvertError> {
    match stated {
        Some(stated) if codes::is_covid_19(stated) => Ok(text(COVID_19)),
        Some(_) => Err(ConvertError::OtherDisease { target: ledger.target }),
        None => Ok(ledger.wanted(element, implied.then(|| COVID_19.into()))),
    }
}

fn vaccination(v: &Vaccination, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("vaccination.date", &v.date)?;
    let both = [&v.brand, &v.vaccine];
    let implied = both.iter().any(|coding| coding.as_ref().and_then(codes::vaccine_to_icd11).is_some());
    let disease = disease("vaccination.disease", v.disease.as_ref(), implied, ledger)?;
    let product = both.iter().find_map(|coding| coding.as_ref().and_then(codes::product_of));
    let eu = product.and_then(|product| product.eu.as_ref());

    let brand = match (&v.brand, eu) {
        (Some(brand), _) if codes::product_of(brand).is_none_or(|product| product.eu.is_none()) => {
            Some(raw("vaccination.brand", brand, ledger))
        }
        (_, Some(eu)) => Some(eu.product.code.clone()),
        _ => ledger.wanted("vaccination.brand", None),
    };
    let stated = v.vaccine.as_ref().and_then(codes::vaccine_to_eu);
    let prophylaxis = match (stated, eu) {
        (Some(code), _) => {
            // The product says again what the kind of vaccine no longer does.
            let of_vaccine = v.vaccine.as_ref().and_then(codes::product_of).and_then(|product| product.eu.as_ref());
            let kept = of_vaccine.is_some_and(|eu| Some(&eu.product.code) == brand.as_ref());
            if !code.exact && !kept {
                ledger.lose("vaccination.vaccine", LossKind::Coarser);
            }
            code.code
        }
        (None, Some(eu)) => {
            if v.vaccine.is_some() {
                ledger.lose("vaccination.vaccine", LossKind::Coarser);
            }
            eu.prophylaxis.code.clone()
        }
        (None, None) => {
            ledger.lose("vaccination.vaccine", LossKind::Unknown);
            ANY_VACCINE.to_owned()
        }
    };
    if v.holder.is_some() && v.manufacturer.is_some() {
        ledger.lose("vaccination.manufacturer", LossKind::NoPlace);
    }
    let (element, stated) = match &v.holder {
        Some(holder) => ("vaccination.maholder", Some(holder)),
        None => ("vaccination.manufacturer", v.manufacturer.as_ref()),
    };
    let holder = match stated {
        Some(stated) => Some(holder_code(stated).unwrap_or_else(|| raw(element, stated, ledger))),
        None => ledger.wanted("vaccination.maholder", eu.map(|eu| eu.holder.code.clone())),
    };
    Ok(object([
        ("tg", disease),
        ("vp", text(prophylaxis)),
        ("mp", some(&brand)),
        ("ma", some(&holder)),
        ("dn", ledger.wanted("vaccination.dose", v.dose).map(Value::from)),
        ("sd", ledger.wanted("vaccination.totalDoses", v.total_doses).map(Value::from)),
        ("dt", some(&ledger.day("vaccination.date", date))),
    ]))
}

/// A code of no EU list goes over as its name; verifiers show it raw.
fn raw(element: &'static str, coding: &Coding, ledger: &mut Ledger) -> String {
    if !matches!(coding.system, CodeSystem::Text | CodeSystem::EuRegister) {
        ledger.lose(element, LossKind::Coarser);
    }
    let words = match coding.system {
        CodeSystem::EuRegister => coding.code.clone(),
        _ => elements::words(coding),
    };
    ledger.cut(element, &words, DCC_FIELD_CHARS)
}

fn holder_code(coding: &Coding) -> Option<String> {
    let set = ValueSets::built_in().eu_set(EuSet::VaccineHolder);
    match coding.system {
        CodeSystem::EuRegister => set.get(&coding.code).map(|entry| entry.code.clone()),
        CodeSystem::Text => {
            let name = coding.code.to_lowercase();
            set.entries().find(|entry| entry.display.to_lowercase() == name).map(|entry| entry.code.clone())
        }
        _ => None,
    }
}

fn test(t: &Test, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("test.date", &t.date)?;
    let disease = disease("test.pathogen", t.pathogen.as_ref(), false, ledger)?;
    let exact = |coding: &Coding| matches!(coding.code.as_str(), "XN109" | COVID_19 | "840533007");
    if t.pathogen.as_ref().is_some_and(|pathogen| pathogen.system != CodeSystem::Text && !exact(pathogen)) {
        ledger.lose("test.pathogen", LossKind::Coarser);
    }
    let kind = t.kind.as_ref().and_then(codes::test_to_eu);
    if kind.as_ref().is_some_and(|kind| !kind.exact) {
        ledger.lose("test.type", LossKind::Coarser);
    }
    let kind = ledger.wanted("test.type", kind.map(|kind| kind.code));
    let naat = kind.as_deref() == Some(NAAT);
    let (mut name, mut device) = (None, None);
    match &t.brand {
        Some(brand) if naat => name = Some(raw("test.brand", brand, ledger)),
        Some(brand) if ValueSets::built_in().eu(EuSet::TestDevice, &brand.code).is_some() => {
            device = Some(brand.code.clone());
        }
        // A rapid antigen test has a device of the EU's list and no name of its own.
        Some(_) => ledger.lose("test.brand", LossKind::NoPlace),
        None if !naat && kind.is_some() => ledger.lose("test.brand", LossKind::Unknown),
        None => {}
    }
    // A result that is not known is left out: it must not be taken for any.
    let result = t.result.as_ref().and_then(codes::detected).map(|found| if found { DETECTED } else { NOT_DETECTED });
    let sampled = Some(date).filter(|date| elements::has_time(date)).map(str::to_owned);
    let centre = t.centre.as_deref().map(|centre| ledger.cut("test.centre", centre, DCC_FIELD_CHARS));
    Ok(object([
        ("tg", disease),
        ("tt", some(&kind)),
        ("nm", some(&name)),
        ("ma", some(&device)),
        ("sc", some(&ledger.wanted("test.date", sampled))),
        ("tr", ledger.wanted("test.result", result).and_then(text)),
        ("tc", some(&centre)),
    ]))
}

fn recovery(r: &Recovery, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let first = ledger.required("recovery.firstPositive", &r.first_positive)?;
    let disease = disease("recovery.disease", r.disease.as_ref(), false, ledger)?;
    let (from, until) = (r.valid_from.clone(), r.valid_until.clone());
    let from = ledger.wanted("recovery.validFrom", from).and_then(|from| ledger.day("recovery.validFrom", &from));
    let until = ledger.wanted("recovery.validUntil", until).and_then(|until| ledger.day("recovery.validUntil", &until));
    Ok(object([
        ("tg", disease),
        ("fr", some(&ledger.day("recovery.firstPositive", first))),
        ("df", some(&from)),
        ("du", some(&until)),
    ]))
}
