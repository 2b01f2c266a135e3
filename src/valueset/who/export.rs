//! The records of prequalified vaccines as WHO's database exports them (`FinishedVaccineProducts`), so that a
//! ministry can give the file as it is.

use jiff::civil::Date;
use serde::Deserialize;

use super::{
    WhoCatalogue, WhoCatalogueError, WhoProductId,
    merge::{File, Product, Type},
};

#[derive(Deserialize)]
struct Export {
    #[serde(rename = "FinishedVaccineProducts")]
    records: Option<Vec<Record>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    product_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    identification: Identification,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    last_publishing_date: Option<String>,
    #[serde(default)]
    date_of_pre_qualified_acceptance: Option<String>,
    #[serde(default)]
    applicant_organization: Option<Organization>,
    #[serde(default)]
    dosage_details: Option<Dosage>,
    #[serde(default)]
    presentation: Option<String>,
    #[serde(default)]
    vaccine_details: Option<Vaccine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identification {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Organization {
    identification: Identification,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dosage {
    #[serde(default)]
    no_of_dosages_per_primary_container: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vaccine {
    vaccine_name: Name,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Name {
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    abbreviated_name: Option<String>,
    #[serde(default)]
    commercial_name: Option<String>,
}

/// Day of a date or of a time.
fn day(text: Option<&str>) -> Option<Date> {
    let text = text?;
    text.split_once(['T', ' ']).map_or(text, |(day, _)| day).parse().ok()
}

/// Reads an export; `None` when the file is none.
pub(super) fn read(name: &str, bytes: &[u8], base: &WhoCatalogue) -> Result<Option<File>, WhoCatalogueError> {
    // A file of our own form has other members, which do not concern this reader.
    let Some(records) = serde_json::from_slice::<Export>(bytes)?.records else { return Ok(None) };
    let published = records.iter().filter_map(|r| day(r.product_details.last_publishing_date.as_deref())).max();
    let version = published.map_or_else(|| name.to_owned(), |day| day.to_string());
    let (mut types, mut products) = (Vec::<Type>::new(), Vec::new());
    for Record { product_details: record } in records {
        let Some(id) = record.identification.id else { continue };
        let withdrawn = record.status.as_deref().is_some_and(|status| status.starts_with("Withdrawn"));
        // The day of the withdrawal is not told: it was not later than the record was written.
        let withdrawn = day(record.last_publishing_date.as_deref()).filter(|_| withdrawn);
        let known = base.product(&id);
        let named = record.vaccine_details.map(|details| details.vaccine_name);
        let kind = named.as_ref().and_then(|name| name.abbreviated_name.clone());
        // A withdrawn record says nothing of its vaccine any more: only a known product can be told by it.
        if known.is_none() && kind.is_none() {
            continue;
        }
        if let Some(code) = kind.as_ref().filter(|code| base.kind(code).is_none())
            && known.is_none()
            && !types.iter().any(|kind| kind.code == *code.as_str())
        {
            let display = named.as_ref().and_then(|name| name.full_name.clone()).unwrap_or_else(|| code.clone());
            let (also, diseases, vaccine) = (Vec::new(), Vec::new(), Vec::new());
            types.push(Type { code: code.clone(), also, display, diseases, vaccine, decision: None });
        }
        let doses = record.dosage_details.and_then(|doses| doses.no_of_dosages_per_primary_container);
        products.push(Product {
            ids: vec![WhoProductId { id, number: record.identification.name, since: version.clone(), until: None }],
            kind: kind.filter(|_| known.is_none()),
            name: named.and_then(|name| name.commercial_name),
            manufacturer: record.applicant_organization.and_then(|body| body.identification.name),
            presentation: record.presentation,
            doses: doses.and_then(|doses| doses.trim().parse().ok()),
            prequalified: day(record.date_of_pre_qualified_acceptance.as_deref()),
            withdrawn,
        });
    }
    Ok(Some(File::of(version, published, types, products)))
}
