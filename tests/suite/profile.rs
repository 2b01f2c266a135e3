//! From recorded DHIS2 data and published packages to records: the file source, the choice of a profile and
//! the assessment together.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use jiff::civil::Date;
use serde_json::Value;
use vaccert::{
    record::Sex,
    source::{
        assess::{Assessment, Assessor, FacilityNames},
        dhis2::metadata::{MetaAttribute, MetaElement, MetaOption, MetaStage, OptionSet, ProgramMetadata},
        file::{facilities_beside, read_facilities, read_people},
        model::TrackedEntity,
        profile::{
            DetectError, Detected, Profile, ProfileOverride, Unmapped, detect, detect_from_data, to_toml_with_comments,
        },
    },
    valueset::dhis2::Dhis2Vaccines,
};

use crate::support::vectors::vectors;

const RECORDED: [&str; 4] = [
    "legacy_trackedEntityInstances_fields_all.json",
    "tracker_2.36-2.40_instances.json",
    "tracker_2.41_trackedEntities.json",
    "tracker_2.42-2.43_trackedEntities.json",
];

fn people(path: &std::path::Path) -> Vec<TrackedEntity> {
    let mut people = Vec::new();
    let summary = read_people(path, |person| {
        people.push(person);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.malformed, 0);
    people
}

#[test]
fn recorded_people_give_the_same_six_records_in_every_dialect() {
    let Some(folder) = vectors("dhis2/recorded/hispvn") else { return };
    let today: Date = "2022-01-01".parse().unwrap();
    let mut before: Option<Vec<Assessment>> = None;
    for file in RECORDED {
        let path = folder.join(file);
        let people = people(&path);
        let detected = detect_from_data(&people).unwrap();
        assert_eq!(detected.profile.name, "hisp-vietnam", "{file}: {:?}", detected.notes);
        assert!(detected.notes.is_empty(), "{:?}", detected.notes);

        let facilities = read_facilities(&facilities_beside(&path).unwrap()).unwrap();
        let names: FacilityNames = Arc::new(move |uid| facilities.get(uid).cloned());
        let mut profile = detected.profile;
        profile.constants.country = Some("XX".to_owned());
        profile.constants.issuer = Some("Ministry of Health".to_owned());
        let assessor = Assessor::new(profile, Arc::new(Dhis2Vaccines::built_in().clone()), names).unwrap();
        let mut assessed: Vec<Assessment> = people.iter().map(|p| assessor.assess(p, today)).collect();
        assessed.sort_by(|a, b| a.tracked_entity.cmp(&b.tracked_entity));

        let found: BTreeMap<&str, Vec<String>> = assessed
            .iter()
            .map(|a| {
                let short = a.records.iter().map(|d| match d.outcome.vaccination() {
                    Some(r) => format!("{} {} {}/{} {}", d.event, r.date, r.dose, r.total_doses, r.product.id),
                    None => format!("{} {:?}", d.event, d.outcome.reasons()),
                });
                (a.tracked_entity.as_str(), short.collect())
            })
            .collect();
        let expected: BTreeMap<&str, Vec<String>> = [
            ("iiLrIm7raqI", ["rKH8eLOeK8S 2021-05-01 1/2 vaxzevria", "QTjED4WeSWU 2021-07-01 2/2 vaxzevria"]),
            ("oCNYhAunuwv", ["m7fcpaMb04B 2021-08-01 1/2 vaxzevria", "PE57e3VRUk5 2021-10-26 2/2 vaxzevria"]),
            ("sdapNTYzgRI", ["XOLRyl0OdTD 2021-06-16 1/2 vaxzevria", "cqxweXKXhVw 2021-09-15 2/2 vaxzevria"]),
        ]
        .into_iter()
        .map(|(person, doses)| (person, doses.map(str::to_owned).to_vec()))
        .collect();
        assert_eq!(found, expected, "{file}");

        let record = assessed[0].records[0].outcome.vaccination().unwrap();
        assert_eq!(record.centre.as_deref(), Some("Cardinal Hospital Gateway PHC"), "{file}");
        assert_eq!(record.lot.as_deref(), Some("ABX3266"));
        assert_eq!(record.person.sex, Some(Sex::Female));
        assert_eq!(record.person.birth_date.unwrap().to_string(), "1955-10-12");
        if let Some(before) = before {
            assert_eq!(before, assessed, "{file} differs from the dialect before it");
        }
        before = Some(assessed);
    }
}

#[test]
fn each_published_package_is_recognised() {
    for (file, name) in [
        ("D2.35_1.0.0/complete/metadata.json", "covac-1.0.0"),
        ("D2.35_1.1.3/complete/metadata.json", "covac-1.1.x"),
        ("D2.35_1.2.0/CVIR00/CVIR00.json", "covac-1.2.0-2.35"),
        ("D2.38_1.2.0/COMPLETE/metadata.json", "covac-1.2.0"),
    ] {
        let Some(path) = vectors(&format!("dhis2/metadata/covac/{file}")) else { return };
        let programs = ProgramMetadata::from_package(&std::fs::read(path).unwrap(), None).unwrap();
        let detected = detect(&programs[0]).unwrap();
        assert_eq!(detected.profile, Profile::by_name(name).unwrap(), "{file}: nothing of it differs");
        assert_eq!(detected.notes, [""; 0], "{file}");
        // The packages record no Latin names; what the profile does map is all there.
        for unmapped in &detected.unmapped {
            let Unmapped::Role { role, needed, .. } = unmapped else { panic!("{file}: {unmapped:?}") };
            let absent = [
                "family_latin",
                "given_latin",
                "brand",
                "practitioner",
                "clinician",
                "middle",
                "nationality",
                "document",
                "document_kind",
                "guardian_family",
                "guardian_given",
            ];
            assert!(!needed && absent.contains(role), "{file}: {role}");
        }
        assert!(detected.vaccine_options.len() >= 3, "{file}");
    }
}

/// The program of a package, and the profile that is found for it.
fn package(path: &str, code: &str) -> Option<(ProgramMetadata, Detected)> {
    let path = vectors(path)?;
    let programs = ProgramMetadata::from_package(&std::fs::read(path).unwrap(), None).unwrap();
    let program = programs.into_iter().find(|p| p.code.as_deref() == Some(code)).unwrap();
    let detected = detect(&program).unwrap();
    Some((program, detected))
}

#[test]
fn the_immunization_registry_is_recognised_with_all_its_doses() {
    let Some((program, detected)) = package("dhis2/metadata/IMM_EIR/2.40/COMPLETE/metadata.json", "IMM_EIR") else {
        return;
    };
    assert_eq!(detected.profile, Profile::by_name("imm-eir-2.40").unwrap(), "nothing of it differs");
    assert_eq!(detected.notes, [""; 0]);
    assert_eq!(detected.profile.given.len(), 11);
    let needed = |u: &Unmapped| matches!(u, Unmapped::Role { needed: true, .. } | Unmapped::Given { .. });
    assert!(!detected.unmapped.iter().any(needed), "{:?}", detected.unmapped);
    // Each rule is of a data element that the package has, by the name that the profile knows.
    let elements: Vec<_> = program.stages.iter().flat_map(|s| &s.data_elements).collect();
    for rule in &detected.profile.given {
        let element = elements.iter().find(|e| e.id == rule.data_element.uid).unwrap();
        assert!(rule.data_element.has_name(&element.name), "{}", element.name);
        assert_eq!(element.value_type, "BOOLEAN", "{}", element.name);
        assert!(rule.not_given.uid.is_empty() || elements.iter().any(|e| e.id == rule.not_given.uid));
    }

    // A country's copy with UIDs of its own is known by the names, and keeps what it has of the doses.
    let mut copy = program;
    copy.id = "nationalEir".to_owned();
    for (i, element) in copy.stages.iter_mut().flat_map(|s| &mut s.data_elements).enumerate() {
        element.id = format!("ownElem{i:04}");
    }
    for stage in &mut copy.stages {
        stage.data_elements.retain(|e| e.name != "EIR - mOPV");
    }
    let detected = detect(&copy).unwrap();
    assert_eq!((detected.profile.name.as_str(), detected.profile.given.len()), ("imm-eir-2.40", 10));
    assert!(detected.unmapped.contains(&Unmapped::Given { name: "EIR - mOPV".to_owned() }));
    assert!(detected.profile.given.iter().all(|rule| rule.part().starts_with("ownElem")));
    // What is written for it reads every dose by its own UID.
    #[derive(serde::Deserialize)]
    struct File {
        profile: ProfileOverride,
    }
    let written: File = toml::from_str(&to_toml_with_comments(&detected)).unwrap();
    let again = written.profile.build(&Profile::default()).unwrap();
    again.check().unwrap();
    assert!(
        detected.profile.given.iter().all(|r| again.given.iter().any(|g| g.part() == r.part() && g.dose == r.dose))
    );
}

#[test]
fn case_surveillance_is_recognised_with_every_code_of_its_package() {
    let Some((program, detected)) = package("dhis2/metadata/C19_CS/D2.37_1.0.2/metadata.json", "C19_CS_IND") else {
        return;
    };
    assert_eq!(detected.profile, Profile::by_name("c19-cs-1.0.2").unwrap(), "nothing of it differs");
    assert_eq!(detected.notes, [""; 0]);
    // Every option of the package has a meaning.
    let open = |u: &Unmapped| !matches!(u, Unmapped::Role { needed: false, .. });
    assert!(!detected.unmapped.iter().any(open), "{:?}", detected.unmapped);
    // A national option is told, and given no meaning.
    let mut copy = program;
    let set = copy.option_sets.iter_mut().find(|s| s.options.iter().any(|o| o.code == "INCONCLUSIVE")).unwrap();
    set.options.push(MetaOption { code: "WEAKLY_POSITIVE".to_owned(), ..MetaOption::default() });
    let detected = detect(&copy).unwrap();
    assert!(detected.unmapped.contains(&Unmapped::TestResultOption("WEAKLY_POSITIVE".to_owned())));
    let text = to_toml_with_comments(&detected);
    assert!(text.contains("WEAKLY_POSITIVE") && text.contains("sample_time"), "{text}");
}

#[test]
fn both_programs_are_recognised_by_their_data() {
    for (folder, name) in [("immunization", "imm-eir-2.40"), ("surveillance", "c19-cs-1.0.2")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder).join("people.json");
        let detected = detect_from_data(&people(&path)).unwrap();
        assert_eq!(detected.profile, Profile::by_name(name).unwrap(), "{:?}", detected.notes);
        assert!(detected.notes.is_empty(), "{:?}", detected.notes);

        // Together with doses of COVID-19 these decide, in any order.
        let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/people.json");
        let mut all: Vec<_> = people(&path).into_iter().chain(people(&demo)).collect();
        for _ in 0..2 {
            assert_eq!(detect_from_data(&all).unwrap().profile.name, "covac-1.2.0");
            all.reverse();
        }
    }
}

#[test]
fn other_programs_are_refused_by_name() {
    let Some(path) = vectors("dhis2/metadata/C19_CS/D2.37_1.0.2/metadata.json") else { return };
    let programs = ProgramMetadata::from_package(&std::fs::read(path).unwrap(), None).unwrap();
    let contacts = programs.iter().find(|p| p.code.as_deref() == Some("C19_CS_CTF")).unwrap();
    let error = detect(contacts).unwrap_err();
    assert!(matches!(error, DetectError::NothingFits { .. }), "{error}");
    assert!(error.to_string().contains(&contacts.id));
    assert!(matches!(detect_from_data(&[]), Err(DetectError::NothingInData { people: 0 })));
}

#[test]
fn a_national_derivative_is_recognised_by_its_metadata() {
    let Some(path) = vectors("dhis2/recorded/hispvn/metadata_index.json") else { return };
    let index: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |row: &Value, at: usize| row[at].as_str().map(str::to_owned);
    let rows = |key: &str| index[key].as_array().unwrap().clone();
    let program = ProgramMetadata {
        id: "yDuAzyqYABS".to_owned(),
        attributes: rows("attributes")
            .iter()
            .map(|row| MetaAttribute {
                id: text(row, 0).unwrap(),
                code: text(row, 1),
                name: text(row, 2).unwrap(),
                ..MetaAttribute::default()
            })
            .collect(),
        stages: vec![MetaStage {
            id: "a1jCssI2LkW".to_owned(),
            data_elements: rows("stageDEs")
                .iter()
                .map(|row| MetaElement {
                    id: text(row, 1).unwrap(),
                    code: text(row, 2),
                    name: text(row, 3).unwrap(),
                    ..MetaElement::default()
                })
                .collect(),
            ..MetaStage::default()
        }],
        ..ProgramMetadata::default()
    };
    let detected = detect(&program).unwrap();
    assert_eq!(detected.profile.name, "hisp-vietnam");
    assert!(detected.unmapped.contains(&Unmapped::Role {
        section: "attributes",
        role: "birth_date_estimated",
        needed: false
    }));
}

/// A program that a ministry built again with UIDs and one option of its own, keeping the package's codes.
#[test]
fn a_rebuilt_program_is_read_by_codes_and_its_gaps_are_written_down() {
    let base = Profile::by_name("covac-1.2.0").unwrap();
    let uid = |i: usize| format!("national{i:03}");
    let mapped = base.attributes.roles().into_iter().filter(|(_, f)| f.is_mapped()).enumerate();
    let attributes: Vec<MetaAttribute> = mapped
        .map(|(i, (_, field))| MetaAttribute {
            id: uid(i),
            code: field.codes.first().map(|c| c.to_lowercase()),
            name: format!("Our field {i}"),
            ..MetaAttribute::default()
        })
        .filter(|a| a.code.as_deref() != Some("national_id"))
        .chain([MetaAttribute { id: uid(90), name: "Surname, Latin name".to_owned(), ..MetaAttribute::default() }])
        .collect();
    let recorded = base.data_elements.roles().into_iter().filter(|(_, field)| field.is_mapped());
    let elements = recorded.enumerate().map(|(i, (role, field))| MetaElement {
        id: uid(100 + i),
        name: field.names[0].to_uppercase(),
        option_set: (role == "dose_number").then(|| "doses".to_owned()),
        ..MetaElement::default()
    });
    let option = |code: &str| MetaOption { code: code.to_owned(), ..MetaOption::default() };
    let program = ProgramMetadata {
        id: "nationalPro".to_owned(),
        attributes,
        stages: vec![
            MetaStage { id: "firstStage1".to_owned(), ..MetaStage::default() },
            MetaStage { id: "doseStage01".to_owned(), data_elements: elements.collect(), ..MetaStage::default() },
        ],
        option_sets: vec![OptionSet {
            id: "doses".to_owned(),
            options: vec![option("DOSE1"), option("DOSE4")],
            ..OptionSet::default()
        }],
        ..ProgramMetadata::default()
    };
    let detected = detect(&program).unwrap();
    let profile = &detected.profile;
    assert_eq!((profile.program.as_str(), profile.stage.as_str()), ("nationalPro", "doseStage01"));
    assert_eq!(profile.attributes.family.uid, uid(0));
    assert_eq!(profile.data_elements.dose_number.uid, uid(103));
    assert!(detected.unmapped.contains(&Unmapped::DoseOption("DOSE4".to_owned())));
    assert!(detected.notes.iter().any(|n| n.contains(&uid(90)) && n.contains("Latin")), "{:?}", detected.notes);

    let text = to_toml_with_comments(&detected);
    assert!(text.contains("# identifier = \"\"    # not found in the program"), "{text}");
    assert!(text.contains("# \"DOSE4\" ="), "{text}");
    #[derive(serde::Deserialize)]
    struct File {
        profile: ProfileOverride,
    }
    let built = toml::from_str::<File>(&text).unwrap().profile.build(&Profile::default()).unwrap();
    assert_eq!((built.program, built.stage), (profile.program.clone(), profile.stage.clone()));
    assert_eq!(built.attributes.family.uid, profile.attributes.family.uid);
}
