//! Our table of vaccine products (`value-sets/products.json`), joined with the names of the value sets.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Coding, Entry, EuSet, EuVaccine, VaccineProduct, ValueSetError, ValueSets};

/// The table as compiled in.
pub(super) const PRODUCTS: &str = include_str!("../../value-sets/products.json");

#[derive(Deserialize)]
struct File {
    products: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    holder_name: String,
    #[serde(default)]
    eu: Option<EuCodes>,
    #[serde(default)]
    icd11: Option<String>,
    #[serde(default)]
    who_product: Option<String>,
    #[serde(default)]
    primary_doses: Option<u8>,
    #[serde(default)]
    first_given: Option<Date>,
}

/// The three EU codes of a product, by the wire names of the EU DCC.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EuCodes {
    vp: String,
    mp: String,
    ma: String,
}

/// Joins the three EU codes of `product` with their systems and names.
///
/// # Errors
/// [`ValueSetError::UnknownCode`] when one of them is not in its value set.
pub(super) fn eu_vaccine(
    sets: &ValueSets,
    product: &str,
    vp: &str,
    mp: &str,
    ma: &str,
) -> Result<EuVaccine, ValueSetError> {
    let look_up = |set: EuSet, code: &str| -> Result<Coding, ValueSetError> {
        sets.eu_coding(set, code).ok_or_else(|| ValueSetError::UnknownCode {
            product: product.to_owned(),
            code: code.to_owned(),
            value_set: set.id(),
        })
    };
    Ok(EuVaccine {
        prophylaxis: look_up(EuSet::VaccineProphylaxis, vp)?,
        product: look_up(EuSet::VaccineProduct, mp)?,
        holder: look_up(EuSet::VaccineHolder, ma)?,
    })
}

/// Reads the table and checks every code in it against `sets`.
///
/// # Errors
/// [`ValueSetError::Form`] and [`ValueSetError::UnknownCode`].
pub(super) fn parse(text: &str, sets: &ValueSets) -> Result<Vec<Arc<VaccineProduct>>, ValueSetError> {
    let file: File = serde_json::from_str(text)?;
    let product = |row: Row| -> Result<Arc<VaccineProduct>, ValueSetError> {
        let eu = row.eu.map(|eu| eu_vaccine(sets, &row.id, &eu.vp, &eu.mp, &eu.ma)).transpose()?;
        let icd11 = row
            .icd11
            .map(|code| {
                sets.icd11(&code).map(Entry::coding).ok_or_else(|| ValueSetError::UnknownCode {
                    product: row.id.clone(),
                    code,
                    value_set: "the ICD-11 vaccine list",
                })
            })
            .transpose()?;
        Ok(Arc::new(VaccineProduct {
            id: row.id,
            name: row.name,
            holder_name: row.holder_name,
            disease: sets.covid_19(),
            icd11,
            eu,
            who_product: row.who_product,
            primary_doses: row.primary_doses,
            first_given: row.first_given,
        }))
    };
    file.products.into_iter().map(product).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_outside_the_sets_is_named() {
        let text = r#"{"products":[{"id":"x","name":"X","holder_name":"H","eu":{"vp":"1119349007","mp":"nope","ma":"Fiocruz"}}]}"#;
        let error = parse(text, ValueSets::built_in()).unwrap_err();
        assert!(matches!(&error, ValueSetError::UnknownCode { code, .. } if code == "nope"), "{error}");
        let text = r#"{"products":[{"id":"x","name":"X","holder_name":"H","icd11":"XM0000"}]}"#;
        assert!(matches!(parse(text, ValueSets::built_in()), Err(ValueSetError::UnknownCode { .. })));
    }
}
