//! The metadata of the rehearsal server: COVAC 1.2.0, as far as a certificate needs it, in the nested form of
//! the metadata API. `fields` takes its pick afterwards.

use serde_json::{Map, Value, json};

use super::people::{ORG_UNITS, covac};
use super::writes::{CERTIFICATE_ATTRIBUTE, CERTIFICATE_ELEMENT, STATUS_ELEMENT};

/// UID, code, name, label, value type, option set.
type Field = (&'static str, Option<&'static str>, &'static str, &'static str, &'static str, Option<&'static str>);

const ATTRIBUTES: [Field; 7] = [
    (covac::NATIONAL_ID, Some("NATIONAL_ID"), "GEN - National ID", "National ID", "TEXT", None),
    (covac::SYSTEM_ID, None, "Unique System Identifier (VACCINATION)", "", "TEXT", None),
    (covac::GIVEN_NAME, Some("GIVEN_NAME"), "GEN - Given name", "First Name", "TEXT", None),
    (covac::FAMILY_NAME, Some("FAMILY_NAME"), "GEN - Family name", "Last name", "TEXT", None),
    (covac::SEX, Some("PATINFO_SEX"), "GEN - Sex", "Sex", "TEXT", Some("WDUwjiW2rGH")),
    (covac::BIRTH_DATE, Some("PATINFO_DOB"), "GEN - Date of birth", "Date of Birth", "DATE", None),
    (covac::PHONE, Some("PHONE_LOCAL"), "GEN - Contact phone number (local)", "Mobile phone", "PHONE_NUMBER", None),
];

const ELEMENTS: [Field; 8] = [
    (
        covac::VACCINE,
        Some("CVC_EIR_VACCINE_NAME"),
        "COVAC - Vaccine Name",
        "Vaccine given",
        "TEXT",
        Some("VQo3HkUlMHc"),
    ),
    (covac::DOSE, Some("CVC_EIR_DOSE_NUMBER"), "COVAC - Dose Number", "Dose number", "TEXT", Some("oj3CWm4hpPb")),
    (covac::BATCH, Some("CVC_EIR_BATCH_NR"), "COVAC - Batch Number", "Vaccine batch/lot number", "TEXT", None),
    (covac::EXPIRY, Some("CVC_EIR_DOSE_EXPIRY_DATE"), "COVAC - Dose Expiry Date", "Vaccine expiry date", "DATE", None),
    (covac::LAST_DOSE, Some("CVC_EIR_LAST_DOSE"), "COVAC - Last Dose", "Is this the last dose?", "BOOLEAN", None),
    (
        covac::NEXT_DATE,
        Some("CVC_EIR_SUGGESTED_DATE_NEXT_DOSE"),
        "COVAC - Suggested date for next dose",
        "",
        "DATE",
        None,
    ),
    (
        covac::MANUFACTURER,
        Some("CVC_EIR_VACCINE_MANUFACTURER"),
        "COVAC - Vaccine Manufacturer",
        "Vaccine manufacturer",
        "TEXT",
        Some("DtOGtoLbaB5"),
    ),
    (covac::TOTAL_DOSES, Some("CVC_EIR_TOTAL_DOSES"), "COVAC - Total doses", "Total doses required", "NUMBER", None),
];

/// UID, code, name, options (UID, code, name).
type Set = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const OPTION_SETS: [Set; 4] = [
    ("WDUwjiW2rGH", "SEX", "GEN - Sex", &[("FKKrOBBFgs1", "FEMALE", "Female"), ("Ii4IxCLWEFn", "MALE", "Male")]),
    (
        "oj3CWm4hpPb",
        "CVC_EIR_DOSE",
        "COVAC - Dose",
        &[
            ("G08Evdkx5dY", "DOSE1", "1st dose"),
            ("DYJrGkIG11J", "DOSE2", "2nd dose"),
            ("xl5HHvHV2XH", "DOSE3", "3rd dose"),
            ("PoeQ0Zb1avN", "BOOSTER", "Booster dose"),
        ],
    ),
    (
        "VQo3HkUlMHc",
        "CVC_EIR_VACCINE_NAMES",
        "COVAC - Vaccine Names",
        &[
            ("wCXR8ztOP2N", "ASTRAZENECA", "AZD1222 / AstraZeneca"),
            ("B26BIJSeQy0", "BIONTECHPFIZER", "BNT162b2"),
            ("yeTPD0qoaz7", "MODERNA", "mRNA-1273 / Moderna"),
            ("TVWwdI7Mlrh", "GAMALEYA", "Sputnik V / Gamaleya"),
            ("clKOrDK3Gw0", "SINOPHARM", "VeroCell / Sinopharm"),
        ],
    ),
    (
        "DtOGtoLbaB5",
        "CVC_EIR_VACCINE_MANUFACTURERS",
        "COVAC - Vaccine Manufacturers",
        &[
            ("labbhFBSyp4", "MODERNA", "Moderna"),
            ("gKvIUJwVIHi", "ASTRAZENECA", "AstraZeneca"),
            ("FMOE7pmr0JD", "BIONTECHPFIZER", "BioNTech/Pfizer"),
            ("n1p4obma3dp", "GAMALEYA", "Gamaleya"),
            ("CkibqhWdy3q", "SINOPHARM", "Sinopharm / BIBP"),
            ("Yjp2PzOQiMa", "ASTRAZENECASKBIO", "SK Bio AstraZeneca"),
        ],
    ),
];

fn field((id, code, name, form, kind, set): &Field) -> Value {
    let mut value = Map::new();
    let mut tell = |name: &str, told: Value| drop(value.insert(name.to_owned(), told));
    tell("id", json!(id));
    tell("name", json!(name));
    tell("displayName", json!(name));
    tell("valueType", json!(kind));
    tell("unique", json!(*id == covac::NATIONAL_ID));
    if let Some(code) = code {
        tell("code", json!(code));
    }
    if !form.is_empty() {
        tell("formName", json!(form));
    }
    if let Some(set) = set {
        tell("optionSet", json!({"id": set}));
    }
    Value::Object(value)
}

/// Where a country keeps what it knows of certificates: fields of its own, beside those of the package.
const CERTIFICATE_ATTRIBUTES: [Field; 1] =
    [(CERTIFICATE_ATTRIBUTE, Some("CERTIFICATE_ID"), "Certificate", "Certificate", "TEXT", None)];
const CERTIFICATE_ELEMENTS: [Field; 2] = [
    (CERTIFICATE_ELEMENT, Some("CERTIFICATE_ID_DOSE"), "Certificate of the dose", "Certificate", "TEXT", None),
    (STATUS_ELEMENT, Some("CERTIFICATE_STATUS"), "Status of the certificate", "Status", "TEXT", None),
];

/// The COVAC program, in full.
#[must_use]
pub fn program() -> Value {
    program_with(false)
}

/// The COVAC program, on request with fields for certificates.
pub(super) fn program_with(certificates: bool) -> Value {
    let more = |fields: &'static [Field]| fields.iter().filter(move |_| certificates);
    let attributes: Vec<Value> = ATTRIBUTES
        .iter()
        .chain(more(&CERTIFICATE_ATTRIBUTES))
        .map(|a| json!({"mandatory": false, "valueType": a.4, "trackedEntityAttribute": field(a)}))
        .collect();
    let elements: Vec<Value> = ELEMENTS
        .iter()
        .chain(more(&CERTIFICATE_ELEMENTS))
        .map(|e| json!({"compulsory": false, "dataElement": field(e)}))
        .collect();
    json!({
        "id": covac::PROGRAM, "code": "CVC_EIR", "name": "COVAC - COVID-19 Vaccination Registry",
        "displayName": "COVAC - COVID-19 Vaccination Registry", "accessLevel": "PROTECTED",
        "programType": "WITH_REGISTRATION", "onlyEnrollOnce": false, "trackedEntityType": {"id": covac::PERSON_TYPE},
        "access": {"read": true, "write": false, "data": {"read": true, "write": false}},
        "programTrackedEntityAttributes": attributes,
        "programStages": [{"id": covac::STAGE, "name": "Vaccination", "repeatable": true, "programStageDataElements": elements}],
    })
}

/// All option sets.
#[must_use]
pub fn option_sets() -> Vec<Value> {
    let option = |(id, code, name): &(&str, &str, &str)| json!({"id": id, "code": code, "name": name});
    OPTION_SETS
        .iter()
        .map(|(id, code, name, options)| {
            let options: Vec<Value> = options.iter().map(option).collect();
            json!({"id": id, "code": code, "name": name, "valueType": "TEXT", "options": options})
        })
        .collect()
}

/// All org units.
#[must_use]
pub fn org_units() -> Vec<Value> {
    ORG_UNITS
        .iter()
        .map(|(id, code, name, path, level)| {
            let mut unit = Map::new();
            let mut tell = |name: &str, told: Value| drop(unit.insert(name.to_owned(), told));
            tell("id", json!(id));
            tell("name", json!(name));
            tell("displayName", json!(name));
            tell("path", json!(path));
            tell("level", json!(level));
            if let Some(code) = code {
                tell("code", json!(code));
            }
            Value::Object(unit)
        })
        .collect()
}
