//! Which product was given: by the names and codes of our tables, or by WHO's catalogue. Never by a part of a name.

use std::sync::Arc;

use super::{
    Terms,
    fields::{Fields, Need},
    reasons,
};
use crate::{
    record::{Reason, Refusal},
    valueset::{VaccineProduct, WhoProduct, dhis2::VaccineLookupError},
};

/// Most names that a refusal proposes.
const PROPOSED: usize = 5;

const NAME: &str = "vaccination.name";
const MANUFACTURER: &str = "vaccination.manufacturer";

/// The product, or a refusal at the member that is at fault.
pub(super) fn read(fields: &mut Fields<'_>, terms: &Terms<'_>) -> Option<Arc<VaccineProduct>> {
    let name = fields.text(NAME, Need::Filled);
    let manufacturer = fields.text(MANUFACTURER, Need::Present);
    let name = name?;
    // An id of WHO's catalogue names one product and its maker.
    if let Some(listed) = terms.sets.who_product(&name) {
        return match manufacturer.as_deref().is_none_or(|maker| is_made_by(listed, maker)) {
            true => Some(Arc::new(listed.to_product(&name))),
            false => {
                fields.refuse(reasons::MANUFACTURER_CONTRADICTS, MANUFACTURER);
                None
            }
        };
    }
    if terms.vaccines.is_family(&name) {
        fields.refuse(reasons::VACCINE_FAMILY, NAME);
        return None;
    }
    let error = match terms.vaccines.resolve(Some(&name), manufacturer.as_deref(), None) {
        Ok(product) => return Some(product),
        Err(error) => error,
    };
    // What COVID-19 vaccines are called is told by our own tables; everything else by WHO's catalogue.
    if matches!(error, VaccineLookupError::UnknownVaccine { .. }) {
        match in_catalogue(terms, &name, manufacturer.as_deref()) {
            Found::One(product) => return Some(product),
            Found::Several(ids) => {
                fields.push_at(proposing(reasons::VACCINE_AMBIGUOUS, &ids), NAME);
                return None;
            }
            Found::OtherMaker => {
                fields.refuse(reasons::MANUFACTURER_CONTRADICTS, MANUFACTURER);
                return None;
            }
            Found::None => {}
        }
    }
    let (refusal, at) = refusal(&error, terms, &name);
    fields.push_at(refusal, at);
    None
}

enum Found {
    None,
    One(Arc<VaccineProduct>),
    Several(Vec<String>),
    OtherMaker,
}

/// Looks a trade name up in WHO's catalogue. One name is often several products: one for each size of the container.
fn in_catalogue(terms: &Terms<'_>, name: &str, manufacturer: Option<&str>) -> Found {
    let wanted = loose(name);
    if wanted.is_empty() {
        return Found::None;
    }
    let called = |product: &WhoProduct| {
        product.name.as_deref().is_some_and(|own| loose(own) == wanted)
            || loose(&product.kind.display) == wanted
            || loose(&product.kind.code) == wanted
    };
    let named: Vec<&Arc<WhoProduct>> = terms.sets.who().products().iter().filter(|product| called(product)).collect();
    let made: Vec<&&Arc<WhoProduct>> =
        named.iter().filter(|product| manufacturer.is_none_or(|maker| is_made_by(product, maker))).collect();
    match (named.is_empty(), made.as_slice()) {
        (true, _) => Found::None,
        (false, []) => Found::OtherMaker,
        (false, [only]) => match newest(only) {
            Some(id) => Found::One(Arc::new(only.to_product(id))),
            None => Found::None,
        },
        (false, several) => Found::Several(several.iter().filter_map(|p| newest(p)).map(str::to_owned).collect()),
    }
}

/// The id of the newest edition that has the product.
fn newest(product: &WhoProduct) -> Option<&str> {
    product
        .ids
        .iter()
        .max_by(|a, b| (a.until.is_none(), &a.since).cmp(&(b.until.is_none(), &b.since)))
        .map(|id| id.id.as_str())
}

fn is_made_by(product: &WhoProduct, manufacturer: &str) -> bool {
    loose(&product.manufacturer) == loose(manufacturer)
}

/// Without case, spaces and signs, among them the signs of trade marks.
fn loose(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The refusal of a look-up, and the member at fault. The values themselves are not repeated: a text may hold
/// anything, also a person's name that slipped into the wrong member.
fn refusal(error: &VaccineLookupError, terms: &Terms<'_>, name: &str) -> (Refusal, &'static str) {
    use VaccineLookupError as E;
    match error {
        E::Placeholder { .. } => (proposing(reasons::VACCINE_PLACEHOLDER, &[]), NAME),
        E::Missing | E::UnknownVaccine { .. } | E::UnknownBrand { .. } => {
            (proposing(reasons::VACCINE_UNKNOWN, &terms.vaccines.near(name, PROPOSED)), NAME)
        }
        E::Ambiguous { candidates, .. } => (proposing(reasons::VACCINE_AMBIGUOUS, candidates), NAME),
        E::UnknownManufacturer { .. } => (proposing(reasons::MANUFACTURER_UNKNOWN, &[]), MANUFACTURER),
        E::ManufacturerContradicts { .. } | E::BrandContradicts { .. } => {
            (proposing(reasons::MANUFACTURER_CONTRADICTS, &[]), MANUFACTURER)
        }
    }
}

fn proposing(reason: Reason, names: &[String]) -> Refusal {
    let refusal = Refusal::of(reason, None);
    if names.is_empty() {
        return refusal;
    }
    let shown: Vec<&str> = names.iter().take(PROPOSED).map(String::as_str).collect();
    refusal.with(format!("perhaps {}", shown.join(", or ")))
}
