//! The bundle of a card: which resources it holds, and that they are of one person.

use serde_json::{Map, Value};

use super::{
    fhir::{Resource, Told},
    model::{Immunization, Observation, Patient},
    read::{ReadError, Remark},
};
use crate::limits::SHC_RESOURCES;

/// What a bundle holds.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) patient: Option<Patient>,
    pub(super) immunizations: Vec<Immunization>,
    pub(super) observations: Vec<Observation>,
    pub(super) others: usize,
    pub(super) remarks: Vec<Remark>,
}

/// Reads a bundle of any type.
pub(super) fn read(bundle: &Map<String, Value>) -> Result<Resources, ReadError> {
    let claim = |problem| ReadError::Claim { path: "vc.credentialSubject.fhirBundle", problem };
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(claim("is no Bundle"));
    }
    let entries = bundle.get("entry").and_then(Value::as_array).filter(|entries| !entries.is_empty());
    let entries = entries.ok_or(claim("has no entries"))?;
    if entries.len() > SHC_RESOURCES {
        return Err(ReadError::TooMany { what: "resources", limit: SHC_RESOURCES });
    }
    let mut all = Resources::default();
    if bundle.contains_key("id") || bundle.contains_key("meta") {
        all.remarks.push(Remark::NotMinimal);
    }
    let mut resources = Vec::with_capacity(entries.len());
    let mut patients = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        let entry_number = position + 1;
        let wrong = |path, problem| ReadError::Resource { entry: entry_number, path, problem };
        let members = entry.get("resource").and_then(Value::as_object).ok_or(wrong("resource", "is missing"))?;
        let kind = members.get("resourceType").and_then(Value::as_str);
        let kind = kind.ok_or(wrong("resource.resourceType", "is missing"))?;
        let resource = Resource { entry: entry_number, members };
        if kind == "Patient" {
            patients.push((entry.get("fullUrl").and_then(Value::as_str), resource));
        }
        resources.push((kind, resource));
    }
    let reference = match patients.as_slice() {
        [] => None,
        [(address, resource)] => {
            all.patient = Some(resource.patient(&mut all.remarks)?);
            *address
        }
        several => return Err(ReadError::SeveralPatients { count: several.len() }),
    };
    for (kind, resource) in resources {
        match kind {
            "Patient" => {}
            "Immunization" => {
                resource.of(reference, "patient", &mut all.remarks);
                match resource.immunization(&mut all.remarks)? {
                    Told::Event(dose) => all.immunizations.push(dose),
                    Told::Nothing => {}
                    Told::Undated => all.others += 1,
                }
            }
            "Observation" => {
                resource.of(reference, "subject", &mut all.remarks);
                match resource.observation(&mut all.remarks)? {
                    Told::Event(result) => all.observations.push(result),
                    Told::Nothing => {}
                    Told::Undated => all.others += 1,
                }
            }
            _ => all.others += 1,
        }
    }
    Ok(all)
}
