//! Recorded answers and published packages, read in place.

use std::path::PathBuf;

use vaccert::source::dhis2::metadata::MetadataError;
use vaccert::source::dhis2::{Auth, Client, ClientOptions, Dialect, ProgramMetadata, Secret};

use super::{all, query};
use crate::support::dhis2::people::covac;

/// Data that lies beside the project, or a plain word that it is absent.
fn vectors(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VACCERT_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    println!("WITHOUT DATA: {path} is not there (set VACCERT_VECTORS); this test checked nothing of it");
    None
}

#[tokio::test]
async fn recorded_pages_of_a_real_server_are_read_in_every_dialect() {
    let recorded = [
        ("legacy_trackedEntityInstances_fields_all.json", Dialect::Legacy, "trackedEntityInstances"),
        ("tracker_2.36-2.40_instances.json", Dialect::V36, "instances"),
        ("tracker_2.41_trackedEntities.json", Dialect::V41, "trackedEntities"),
        ("tracker_2.42-2.43_trackedEntities.json", Dialect::V42, "trackedEntities"),
    ];
    let mut told = Vec::new();
    for (file, dialect, key) in recorded {
        let Some(path) = vectors(&format!("dhis2/recorded/hispvn/{file}")) else { return };
        let text = std::fs::read_to_string(path).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(move |uri: axum::http::Uri| async move {
            if uri.query().unwrap().contains("page=1&") { text } else { format!(r#"{{"{key}":[]}}"#) }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut options = ClientOptions::new(url, Auth::Token(Secret::new("t".to_owned())));
        options.dialect = Some(dialect);
        let people = all(&Client::new(options).unwrap(), query(50)).await.unwrap();
        task.abort();
        let shape: Vec<_> = people
            .iter()
            .map(|p| {
                let events: Vec<_> = p.enrollments.iter().flat_map(|e| &e.events).collect();
                let values: usize = events.iter().map(|e| e.data_values.len()).sum();
                let days: Vec<_> = events.iter().map(|e| e.occurred_at.clone()).collect();
                (p.tracked_entity.clone(), p.updated_at.clone(), p.attributes.len(), values, days)
            })
            .collect();
        assert_eq!(shape.len(), 3, "{file}");
        told.push(shape);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "the same people in every dialect");
}

#[test]
fn published_packages_are_read() {
    let read = |file: &str, uid| {
        let path = vectors(&format!("dhis2/metadata/{file}"))?;
        Some(ProgramMetadata::from_package(&std::fs::read(path).unwrap(), uid))
    };
    let covac_files = [
        ("covac/D2.35_1.0.0/complete/metadata.json", "TfdH5KvFmMy", "COVAX1"),
        ("covac/D2.35_1.1.3/complete/metadata.json", "sB1IHYu2xQT", "astrazeneca"),
        ("covac/D2.35_1.2.0/CVIR00/CVIR00.json", "sB1IHYu2xQT", "ASTRAZENECA"),
        ("covac/D2.38_1.2.0/COMPLETE/metadata.json", "sB1IHYu2xQT", "ASTRAZENECA"),
    ];
    for (file, given, vaccine) in covac_files {
        let Some(programs) = read(file, None) else { return };
        let programs = programs.unwrap();
        assert_eq!(programs.len(), 1, "{file}");
        let program = &programs[0];
        assert_eq!(program.id, covac::PROGRAM);
        assert_eq!(program.access_level.as_deref(), Some("PROTECTED"));
        assert_eq!(program.attributes.len(), 11, "{file}");
        assert!(program.attributes.iter().any(|a| a.id == given && a.value_type == "TEXT"), "{file}");
        assert_eq!(program.stages.len(), 1, "{file}");
        assert_eq!(program.stages[0].id, covac::STAGE);
        assert!(program.stages[0].repeatable, "{file}");
        let element = program.stages[0].data_elements.iter().find(|e| e.id == covac::VACCINE).unwrap();
        let set = program.option_set(element.option_set.as_deref().unwrap()).unwrap();
        assert_eq!(set.options[0].code, vaccine, "{file}");
        assert_eq!(set.options[0].id, "wCXR8ztOP2N", "{file}: one UID, several meanings");
    }
    let aggregate = read("CVC_AGG/2.37/COMPLETE/metadata.json", None).unwrap();
    assert_eq!(aggregate.unwrap_err(), MetadataError::NoTrackerProgram);
    let routine = read("IMM_EIR/2.40/COMPLETE/metadata.json", Some("SSLpOM0r1U7")).unwrap().unwrap();
    assert_eq!(routine[0].stages.len(), 2);
    let cases = read("C19_CS/D2.37_1.0.2/metadata.json", Some("uYjxkTbwRNf")).unwrap().unwrap();
    assert_eq!(cases.len(), 1);
}
