//! What we write, held against the published logical models: cardinalities, types, no element of another name,
//! the rule of the model. The checker reads the snapshots; it is itself tried on broken content.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::Value as Json;
use vaccert::{
    payload::ddcc::{Ddcc, Frame, test, vaccination},
    record::{Country, Person, PersonName, Provenance, Sex, TestKind, TestRecord, TestResult, Uvci, VaccinationRecord},
    valueset::ValueSets,
};

use crate::{vectors::vectors, workshop::json};

/// One element of a model.
struct Element {
    least: usize,
    most: Option<usize>,
    types: Vec<String>,
}

/// The elements of a model by path, as far as content may have them.
struct Model(BTreeMap<String, Element>);

impl Model {
    fn read(path: &Path) -> Self {
        let snapshot = json(path);
        let elements = snapshot["snapshot"]["element"].as_array().unwrap();
        let of = |element: &Json| {
            let path = element["path"].as_str().unwrap().split_once('.')?.1.to_owned();
            // Members that every FHIR element has and no content of ours needs.
            let inherited =
                ["id", "extension", "modifierExtension"].iter().any(|name| path.ends_with(&format!(".{name}")));
            let types = element["type"]
                .as_array()
                .map(|all| all.iter().map(|t| t["code"].as_str().unwrap().to_owned()).collect());
            (!inherited).then(|| {
                let least = element["min"].as_u64().unwrap() as usize;
                let most = element["max"].as_str().unwrap().parse().ok();
                (path, Element { least, most, types: types.unwrap_or_default() })
            })
        };
        Self(elements.iter().filter_map(of).collect())
    }

    fn faults(&self, content: &Json) -> Vec<String> {
        let mut faults = Vec::new();
        self.group("", content, &mut faults);
        if let Some(dose) = content.get("vaccination")
            && dose.get("manufacturer").is_none()
            && dose.get("maholder").is_none()
        {
            faults.push("who-ddcc-data-1".to_owned());
        }
        faults
    }

    fn group(&self, path: &str, content: &Json, faults: &mut Vec<String>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let members = content.as_object().unwrap();
        for name in members.keys() {
            if !self.0.contains_key(&below(name)) {
                faults.push(format!("{} is no element of the model", below(name)));
            }
        }
        for (full, element) in &self.0 {
            let Some(name) = full.strip_prefix(path).map(|rest| rest.trim_start_matches('.')) else { continue };
            if name.contains('.') || below(name) != *full {
                continue;
            }
            let count = members.get(name).map_or(0, |value| value.as_array().map_or(1, Vec::len));
            if count < element.least || element.most.is_some_and(|most| count > most) {
                faults.push(format!("{full} stands {count} times"));
            }
            if let Some(value) = members.get(name) {
                self.value(full, element, value, faults);
            }
        }
    }

    fn value(&self, path: &str, element: &Element, value: &Json, faults: &mut Vec<String>) {
        let has = |names: &[&str]| {
            value.as_object().is_some_and(|members| members.keys().all(|key| names.contains(&key.as_str())))
        };
        let fine = element.types.iter().any(|kind| match kind.as_str() {
            "BackboneElement" => value.is_object(),
            "Period" => has(&["start", "end"]),
            "Coding" => {
                has(&["system", "version", "code", "display", "userSelected"]) && !value.as_object().unwrap().is_empty()
            }
            "Identifier" => {
                has(&["use", "type", "system", "value", "period", "assigner"]) && value["value"].is_string()
            }
            "Reference" => has(&["reference", "type", "identifier", "display"]),
            "positiveInt" => value.as_u64().is_some_and(|number| number > 0),
            "date" => value
                .as_str()
                .is_some_and(|text| text.len() <= 10 && text.parse::<vaccert::record::PartialDate>().is_ok()),
            "dateTime" => value.as_str().is_some_and(|text| {
                text.parse::<vaccert::record::PartialDate>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
            }),
            "string" | "code" => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            other => panic!("{path} is of the type {other}, which this checker does not know"),
        });
        if !fine {
            faults.push(format!("{path} is not of {:?}", element.types));
        }
        if element.types.iter().any(|kind| kind == "BackboneElement" || kind == "Period") && value.is_object() {
            self.group(path, value, faults);
        }
    }
}

fn models() -> Option<[Model; 3]> {
    let folder = vectors("vectors/who/ddcc-fhir")?;
    Some(
        ["VS", "VSCoC", "TR"]
            .map(|name| Model::read(&folder.join(format!("StructureDefinition-DDCCCoreDataSet{name}.json")))),
    )
}

fn provenance() -> Provenance {
    Provenance { tracked_entity: "person".into(), event: "event".into(), updated_at: None, facility: None }
}

pub(super) fn person(sex: Option<Sex>) -> Person {
    Person {
        name: PersonName { family: Some("Örnek".into()), given: Some("Ayşe".into()), ..PersonName::default() },
        birth_date: Some("1984-03".parse().unwrap()),
        sex,
        identifier: Some("XX-1234".into()),
        nationality: None,
        document: None,
        guardian: None,
    }
}

/// A dose of each product, with and without what may be missing.
pub(super) fn doses() -> impl Iterator<Item = VaccinationRecord> {
    let products = ValueSets::built_in().products().iter().filter(|product| product.icd11.is_some());
    products.enumerate().map(|(position, product)| {
        let more = position % 2 == 0;
        VaccinationRecord {
            provenance: provenance(),
            person: person(more.then_some(Sex::Female)),
            product: Arc::clone(product),
            lot: Some("ER8732".into()),
            date: jiff::civil::date(2026, 3, 1),
            dose: 1,
            total_doses: 2,
            country: Country::SANDBOX,
            centre: more.then(|| "Harbour Clinic".into()),
            practitioner: more.then(|| "N-77".into()),
            clinician: None,
            next_dose: more.then(|| jiff::civil::date(2026, 4, 1)),
            issuer: "Ministry of Health".into(),
        }
    })
}

pub(super) fn sample(kind: TestKind) -> TestRecord {
    TestRecord {
        provenance: provenance(),
        person: person(Some(Sex::Male)),
        kind,
        name: Some("PCR".into()),
        device: Some("1232".into()),
        sampled_at: "2026-03-01T10:00:00Z".parse().unwrap(),
        result: TestResult::NotDetected,
        centre: Some("Laboratory 1".into()),
        country: Country::SANDBOX,
        issuer: "Ministry of Health".into(),
    }
}

pub(super) fn written() -> Vec<Ddcc> {
    let id = Uvci::from_random(Country::SANDBOX, [9; 16]);
    let frame = Frame { id: &id, kid: Some("AAECAwQFBgc=") };
    let covid = doses().filter(|dose| dose.product.disease.code == "840539006");
    let mut all: Vec<Ddcc> = covid.map(|dose| vaccination(&dose, frame).unwrap()).collect();
    all.extend([TestKind::Naat, TestKind::RapidAntigen].map(|kind| test(&sample(kind), frame).unwrap()));
    all
}

#[test]
fn what_we_write_is_of_the_published_models() {
    let Some([vs, coc, tr]) = models() else { return };
    let all = written();
    assert!(all.len() > 40);
    for ddcc in &all {
        let content = ddcc.to_json();
        let model = match (content.get("test"), content.get("sex")) {
            (Some(_), _) => &tr,
            (None, Some(_)) => &coc,
            (None, None) => &vs,
        };
        assert_eq!(model.faults(&content), Vec::<String>::new(), "{content}");
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let Some([vs, coc, tr]) = models() else { return };
    let good = written()[1].to_json();
    assert!(good.get("sex").is_none() && vs.faults(&good).is_empty());
    let broken = |change: &dyn Fn(&mut Json)| {
        let mut content = good.clone();
        change(&mut content);
        vs.faults(&content).len()
    };
    assert_eq!(broken(&|c| drop(c["vaccination"].as_object_mut().unwrap().remove("lot"))), 1);
    assert_eq!(broken(&|c| drop(c["vaccination"].as_object_mut().unwrap().remove("maholder"))), 1);
    assert_eq!(broken(&|c| c["vaccination"]["dose"] = 0.into()), 1);
    assert_eq!(broken(&|c| c["vaccination"]["date"] = "yesterday".into()), 1);
    assert_eq!(broken(&|c| c["vaccination"]["holder"] = "X".into()), 1);
    assert_eq!(broken(&|c| c["vaccination"]["vaccine"] = "XM8NQ0".into()), 1);
    assert_eq!(broken(&|c| c["certificate"]["hcid"] = "URN".into()), 1);
    assert_eq!(broken(&|c| c["sex"] = "female".into()), 1, "the sex is of the other variant alone");
    assert!(!coc.faults(&good).is_empty(), "which demands the centre");
    assert!(!tr.faults(&good).is_empty());
}
