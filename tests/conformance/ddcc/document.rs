//! Our FHIR document against the published examples in six languages and the rules of its profiles. The profiles
//! themselves are not in the published data: their rules stand here with their names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use vaccert::payload::ddcc::fhir::{DocumentError, Issue, QrCode, document};

use super::model::written;
use crate::{vectors::vectors, workshop::json};

const EXAMPLES: [&str; 6] =
    ["ExampleEnglish", "ExampleFrench", "ExampleSpanish", "ExampleArabic", "ExampleChinese", "Example-Russian"];

/// Every path of a resource with the kinds of its values; positions in lists do not count, extensions go by URL.
fn paths(value: &Json, path: &str, out: &mut BTreeMap<String, &'static str>) {
    match value {
        Json::Object(members) => {
            out.insert(path.to_owned(), "object");
            for (name, member) in members {
                paths(member, &format!("{path}.{name}"), out);
            }
        }
        Json::Array(items) => {
            out.insert(path.to_owned(), "array");
            for item in items {
                let extension = path.ends_with(".extension");
                let url = item.get("url").and_then(Json::as_str).filter(|_| extension).map(|url| format!("({url})"));
                paths(item, &format!("{path}[{}]", url.unwrap_or_default()), out);
            }
        }
        Json::String(_) => drop(out.insert(path.to_owned(), "string")),
        Json::Number(_) => drop(out.insert(path.to_owned(), "number")),
        _ => panic!("{path} is neither text nor number"),
    }
}

fn resources(bundle: &Json) -> Vec<&Json> {
    bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]).collect()
}

fn shape(bundle: &Json) -> BTreeMap<String, &'static str> {
    let mut out = BTreeMap::new();
    for resource in resources(bundle) {
        paths(resource, resource["resourceType"].as_str().unwrap(), &mut out);
    }
    let mut frame = bundle.clone();
    frame.as_object_mut().unwrap().remove("entry");
    paths(&frame, "Bundle", &mut out);
    out
}

/// What the profiles allow beside what the examples have (FHIR R4, and the DDCC profiles of that resource).
const ALLOWED: [&str; 17] = [
    "Composition.category",
    "Composition.event",
    "Patient.identifier",
    "Patient.gender",
    "Immunization.manufacturer",
    // A health worker by number, not by reference.
    "Immunization.performer[].actor.identifier",
    "Immunization.extension[(http://smart.who.int/ddcc/StructureDefinition/DDCCEventBrand)].valueCoding.display",
    "Immunization.extension[(http://smart.who.int/ddcc/StructureDefinition/DDCCVaccineMarketAuthorization)].valueCoding.display",
    "Immunization.vaccineCode.coding[].display",
    "Immunization.vaccineCode.text",
    // Of tests there is no example: the rules below.
    "Observation",
    "DocumentReference",
    "Immunization.performer",
    "ImmunizationRecommendation",
    "Immunization.protocolApplied",
    "Bundle",
    "Organization",
];

/// What every example has and a certificate of ours need not have.
const OPTIONAL: [&str; 8] = [
    // The words for people that a server adds.
    ".text",
    "Immunization.expirationDate",
    "DDCCVaccineValidFrom",
    "Immunization.performer",
    "ImmunizationRecommendation",
    // A brand without a code of a register is its name alone.
    "DDCCEventBrand)].valueCoding.",
    "DDCCVaccineMarketAuthorization)].valueCoding.",
    "Immunization.protocolApplied[].seriesDosesPositiveInt",
];

/// Every fault of a document.
fn faults(bundle: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    let mut unless = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    let text = |path: &str| bundle.pointer(path).and_then(Json::as_str).unwrap_or_default();
    unless(text("/resourceType") == "Bundle" && text("/type") == "document", "no document".into());
    unless(!text("/identifier/value").is_empty() && !text("/identifier/system").is_empty(), "no identifier".into());
    unless(text("/timestamp").parse::<jiff::Timestamp>().is_ok(), "no timestamp".into());
    let links = bundle["link"].as_array().unwrap();
    let publication = links.iter().filter(|link| link["relation"] == "publication").collect::<Vec<_>>();
    unless(
        publication.len() == 1 && publication[0]["url"].as_str().unwrap().starts_with("urn:HCID:"),
        "no HCID".into(),
    );

    let entries = bundle["entry"].as_array().unwrap();
    let kinds: Vec<&str> = resources(bundle).iter().map(|r| r["resourceType"].as_str().unwrap()).collect();
    unless(kinds.first() == Some(&"Composition"), "a document begins with its composition".into());
    let count = |kind: &str| kinds.iter().filter(|known| **known == kind).count();
    for kind in ["Composition", "Patient", "Organization"] {
        unless(count(kind) == 1, format!("{kind} stands {} times", count(kind)));
    }
    unless(count("Immunization") + count("Observation") == 1, "not one event".into());
    unless(count("ImmunizationRecommendation") <= 1, "several recommendations".into());

    // Addresses are unique and well-formed, ids are their ends, and every reference leads to one of the right kind.
    let mut addresses = BTreeMap::new();
    for entry in entries {
        let (address, resource) = (entry["fullUrl"].as_str().unwrap(), &entry["resource"]);
        let uuid = address.strip_prefix("urn:uuid:").unwrap_or_default();
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        let hex = uuid.bytes().all(|b| b == b'-' || (b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        unless(groups == [8, 4, 4, 4, 12] && hex, format!("{address} is no UUID"));
        unless(resource["id"] == uuid, format!("{address} has another id"));
        unless(
            addresses.insert(address, resource["resourceType"].as_str().unwrap()).is_none(),
            format!("{address} twice"),
        );
        let profile = resource["meta"]["profile"][0].as_str().unwrap();
        unless(profile.starts_with("http://smart.who.int/ddcc/StructureDefinition/DDCC"), profile.to_owned());
    }
    let mut references = Vec::new();
    for entry in entries {
        collect(&entry["resource"], "", &mut references);
    }
    for (path, reference) in &references {
        let kind = addresses.get(reference.as_str());
        let expected: &[&str] = match path.rsplit('.').find(|name| !name.is_empty()).unwrap_or_default() {
            "subject" | "patient" => &["Patient"],
            "author" | "actor" | "party" | "authority" | "authenticator" | "performer" => &["Organization"],
            "focus" | "supportingImmunization" => &["Immunization", "Observation"],
            "entry" => &["Immunization", "Observation", "ImmunizationRecommendation", "DocumentReference"],
            other => panic!("a reference at {other}"),
        };
        unless(kind.is_some_and(|kind| expected.contains(kind)), format!("{path} leads to {kind:?}"));
    }

    for resource in resources(bundle) {
        let has = |pointer: &str| resource.pointer(pointer).is_some();
        let is = |pointer: &str, value: &str| resource.pointer(pointer).and_then(Json::as_str) == Some(value);
        let required: &[&str] = match resource["resourceType"].as_str().unwrap() {
            "Composition" => {
                let test = count("Observation") == 1;
                unless(
                    is("/type/coding/0/code", "82593-5") && is("/type/coding/0/system", "http://loinc.org"),
                    "Composition.type".into(),
                );
                unless(
                    is("/title", "Digital Documentation of COVID-19 Certificate (DDCC)"),
                    "Composition.title".into(),
                );
                unless(is("/attester/0/mode", "official"), "Composition.attester.mode".into());
                unless(
                    is("/section/0/code/coding/0/code", if test { "30954-2" } else { "11369-6" }),
                    "section code".into(),
                );
                unless(is("/category/0/coding/0/code", if test { "ddcc-tr" } else { "ddcc-vs" }), "category".into());
                unless(resource["section"].as_array().unwrap().len() == 1, "one section".into());
                &[
                    "/identifier/system",
                    "/identifier/value",
                    "/status",
                    "/subject",
                    "/date",
                    "/author/0",
                    "/section/0/focus",
                ]
            }
            "Patient" => {
                unless(is("/name/0/use", "official"), "Patient.name.use".into());
                &["/name/0/text"]
            }
            "Organization" => &["/name"],
            "Immunization" => {
                unless(is("/status", "completed"), "Immunization.status".into());
                &[
                    "/vaccineCode/coding/0/system",
                    "/vaccineCode/coding/0/code",
                    "/patient",
                    "/occurrenceDateTime",
                    "/location/display",
                    "/lotNumber",
                    "/protocolApplied/0/authority",
                    "/protocolApplied/0/doseNumberPositiveInt",
                ]
            }
            "Observation" => {
                unless(is("/category/0/coding/0/code", "laboratory"), "Observation.category".into());
                &["/status", "/code", "/subject", "/effectiveDateTime", "/valueCodeableConcept"]
            }
            "ImmunizationRecommendation" => {
                unless(is("/recommendation/0/forecastStatus/coding/0/code", "due"), "forecastStatus".into());
                unless(is("/recommendation/0/dateCriterion/0/code/coding/0/code", "30980-7"), "dateCriterion".into());
                &["/patient", "/date", "/recommendation/0/vaccineCode/0", "/recommendation/0/dateCriterion/0/value"]
            }
            "DocumentReference" => {
                let formats: Vec<&str> = resource["content"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c["format"]["code"].as_str().unwrap())
                    .collect();
                unless(formats.contains(&"serialized"), "the text of the code".into());
                unless(formats.iter().collect::<BTreeSet<_>>().len() == formats.len(), "a format twice".into());
                &[
                    "/status",
                    "/category/0/coding/0/code",
                    "/subject",
                    "/authenticator",
                    "/content/0/attachment/data",
                    "/content/0/attachment/contentType",
                ]
            }
            other => {
                unless(false, format!("{other} has no place in a DDCC"));
                &[]
            }
        };
        for pointer in required {
            unless(has(pointer), format!("{}{pointer} is missing", resource["resourceType"]));
        }
        let extensions: Vec<&str> = resource["extension"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| e["url"].as_str().unwrap().rsplit('/').next().unwrap())
            .collect();
        let needed: &[&str] = match resource["resourceType"].as_str().unwrap() {
            "Immunization" => &["DDCCEventBrand", "DDCCCountryOfEvent"],
            "Observation" => &["DDCCTestPathogen", "DDCCCountryOfEvent"],
            _ => &[],
        };
        for name in needed {
            unless(extensions.iter().filter(|known| *known == name).count() == 1, format!("extension {name}"));
        }
    }
    faults
}

fn collect(value: &Json, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::String(reference) if name == "reference" => out.push((path.to_owned(), reference.clone())),
                    _ => collect(member, &format!("{path}.{name}"), out),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, path, out)),
        _ => {}
    }
}

const TEXT: &str = "HC1:NCFOXN%TSMAHN-H";

fn made() -> Vec<Json> {
    let codes =
        [QrCode { usage: "who", text: TEXT, png: Some(b"\x89PNG") }, QrCode { usage: "dcc", text: TEXT, png: None }];
    let issue = Issue {
        issued_at: "2026-03-02T08:00:00Z".parse().unwrap(),
        valid_until: Some("2027-03-02T08:00:00Z".parse().unwrap()),
        codes: &codes,
    };
    let all = written();
    // The profile of a dose demands its place, which the core data set does not.
    let (with, without): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|ddcc| ddcc.to_json().pointer("/vaccination").is_none_or(|dose| dose.get("centre").is_some()));
    for ddcc in &without {
        assert_eq!(document(ddcc, issue), Err(DocumentError::Missing { element: "vaccination.centre" }));
    }
    assert!(with.len() > 20);
    with.into_iter().map(|ddcc| document(ddcc, issue).unwrap()).collect()
}

#[test]
fn every_document_keeps_the_rules_of_its_profiles() {
    for bundle in made() {
        assert_eq!(faults(&bundle), Vec::<String>::new(), "{bundle:#}");
    }
    assert_eq!(made(), made(), "one certificate has one document");
}

#[test]
fn a_document_has_the_shape_of_the_published_examples() {
    let Some(folder) = vectors("vectors/who/ddcc-fhir") else { return };
    let examples: Vec<_> =
        EXAMPLES.iter().map(|name| shape(&json(&folder.join(format!("Bundle-{name}.json"))))).collect();
    let known = |path: &str, kind: &str| examples.iter().any(|example| example.get(path) == Some(&kind));
    for bundle in made() {
        let ours = shape(&bundle);
        for (path, kind) in &ours {
            assert!(
                known(path, kind) || ALLOWED.iter().any(|allowed| path.starts_with(allowed)),
                "{path} ({kind}) is in no example"
            );
        }
        if bundle["entry"][3]["resource"]["resourceType"] == "Observation" {
            continue;
        }
        for (path, kind) in &examples[0] {
            let always = examples.iter().all(|example| example.get(path) == Some(kind));
            let optional = OPTIONAL.iter().any(|part| path.contains(part));
            assert!(!always || optional || ours.get(path) == Some(kind), "{path} is in every example and not in ours");
        }
    }
}

#[test]
fn the_published_examples_keep_the_rules_and_broken_documents_do_not() {
    let good = made().remove(0);
    let broken = |change: &dyn Fn(&mut Json)| {
        let mut bundle = good.clone();
        change(&mut bundle);
        faults(&bundle).len()
    };
    assert_eq!(broken(&|_| ()), 0);
    assert!(broken(&|b| b["type"] = "collection".into()) > 0);
    assert!(broken(&|b| b["link"][0]["url"] = "http://example.org".into()) > 0);
    assert!(broken(&|b| b["entry"].as_array_mut().unwrap().swap(0, 1)) > 0);
    assert!(broken(&|b| drop(b["entry"].as_array_mut().unwrap().remove(2))) > 0);
    assert!(broken(&|b| b["entry"][0]["resource"]["title"] = "DDCC".into()) > 0);
    assert!(broken(&|b| b["entry"][0]["resource"]["subject"]["reference"] = b["entry"][2]["fullUrl"].clone()) > 0);
    assert!(broken(&|b| b["entry"][3]["resource"]["extension"].as_array_mut().unwrap().clear()) > 0);
    assert!(broken(&|b| drop(b["entry"][3]["resource"].as_object_mut().unwrap().remove("lotNumber"))) > 0);

    let Some(folder) = vectors("vectors/who/ddcc-fhir") else { return };
    for name in EXAMPLES {
        // The examples stand on a server: their addresses are no UUIDs, their references are relative, and they lack
        // the category. Nothing else may be found in them.
        let found = faults(&json(&folder.join(format!("Bundle-{name}.json"))));
        let rest: Vec<&String> = found
            .iter()
            .filter(|fault| {
                !(fault.contains("is no UUID")
                    || fault.contains("leads to")
                    || fault.contains("another id")
                    || *fault == "category")
            })
            .collect();
        assert!(rest.is_empty(), "{name}: {rest:?}");
    }
}
