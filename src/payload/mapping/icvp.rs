//! To WHO ICVP, generation 3 (requirements of April 2026). Disease and manufacturer follow from the product, which
//! only WHO's catalogue names: a certificate that names it otherwise has no ICVP.

use serde_json::Value;

use super::{
    ConvertError, codes, elements,
    ledger::{Ledger, object, some, text},
    system,
};
use crate::{
    payload::{
        core::{CodeSystem, Coding, CoreDataSet, Event, LossKind},
        icvp::TEMPLATE,
    },
    valueset::ValueSets,
};

const PLACES: [&str; 18] = [
    "name",
    "birthDate",
    "sex",
    "nationality",
    "identifier",
    "guardian",
    "certificate.issuer",
    "certificate.period.start",
    "certificate.period.end",
    // These three follow from the product.
    "vaccination.vaccine",
    "vaccination.manufacturer",
    "vaccination.disease",
    "vaccination.brand",
    "vaccination.lot",
    "vaccination.date",
    "vaccination.practitioner",
    // When it counts follows from the disease and the day.
    "vaccination.validFrom",
    "vaccination.validTo",
];

pub(super) fn write(core: &CoreDataSet, event: &Event, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    ledger.only_one(core);
    let Event::Vaccination(v) = event else { return Err(ledger.no_such_event(super::kind(event))) };
    ledger.places(core, event, &PLACES);
    let target = ledger.target;
    let product = v.brand.as_ref().and_then(catalogued).ok_or(ConvertError::NotInCatalogue { target })?;
    let date = ledger.required("vaccination.date", &v.date)?;
    let holder = &core.holder;
    let name = elements::whole_name(core).ok_or(ConvertError::NameMissing { target })?;
    if holder.family.is_some() || holder.given.is_some() || holder.standardised_name.is_some() {
        ledger.lose("name", LossKind::Coarser);
    }
    let sex = holder.sex.map_or("unknown", system::sex);
    if holder.sex.is_none() {
        ledger.lose("sex", LossKind::Unknown);
    }
    let born = holder.birth_date.as_deref().and_then(elements::day);
    let dose = object([
        ("vp", text(product)),
        ("dv", some(&ledger.day("vaccination.date", date))),
        ("bo", some(&ledger.wanted("vaccination.lot", v.lot.clone()))),
        ("cn", some(&v.practitioner)),
        ("is", some(&core.certificate.issuer)),
    ]);
    if v.practitioner.is_none() && core.certificate.issuer.is_none() {
        ledger.lose("certificate.issuer", LossKind::Unknown);
    }
    Ok(object([
        ("n", text(name)),
        ("dob", ledger.wanted("birthDate", born).map(|day| day.to_string().into())),
        ("s", text(sex)),
        ("nt", some(&ledger.alpha3("nationality", holder.nationality.as_deref()))),
        ("id", some(&holder.identifier)),
        ("dt", holder.identifier.as_ref().and(holder.identifier_type.as_ref()).and_then(text)),
        ("gn", some(&holder.guardian)),
        ("vx", Some(dose)),
        ("v", text(TEMPLATE)),
    ]))
}

/// Id of a product in WHO's catalogue, of any edition: the brand's own, or that of our product with its code or name.
fn catalogued(brand: &Coding) -> Option<String> {
    let known = |id: &str| ValueSets::built_in().who_product(id).map(|_| id.to_owned());
    match brand.system {
        CodeSystem::WhoProduct => known(&brand.code),
        _ => codes::product_of(brand).and_then(|product| known(product.who_product.as_deref()?)),
    }
}
