//! The built-in catalogue against its own rules, and editions laid over it.

use super::*;
use crate::valueset::{ValueSetFileError, ValueSets};

const STAMARIL: &str = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";

fn built_in() -> WhoCatalogue {
    WhoCatalogue::default().with("built in", BUILT_IN.as_bytes()).unwrap()
}

#[test]
fn the_union_holds_every_edition() {
    let all = built_in();
    assert_eq!(all.products().len(), 88);
    let of = |since: &str| all.products().iter().flat_map(|p| &p.ids).filter(|id| id.since == since).count();
    // 60 ids of the first editions; 33 of the 35 of 2026 (the two that were withdrawn say nothing of themselves).
    assert_eq!((of("0.1.0"), of("2026-04-02")), (60, 33));
    let judged = |table| all.products().iter().filter(|p| p.kind.decision == Some(table)).count();
    assert_eq!((judged(DecisionTable::YellowFever), judged(DecisionTable::Polio)), (11, 49));
    assert_eq!(all.types().iter().filter(|kind| kind.decision.is_some()).count(), 11);
    for product in all.products() {
        assert!(product.doses.is_some() && product.prequalified.is_some() && !product.manufacturer.is_empty());
        for id in &product.ids {
            assert!(id.id.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", id.id);
            assert_eq!(all.product(&id.id).unwrap(), product);
        }
        if product.kind.decision.is_some() {
            assert!(["1D47", "1C81"].contains(&product.kind.diseases[0].0.as_str()));
        }
    }
    assert_eq!((all.version.as_str(), all.date.unwrap().to_string().as_str()), ("2026-04-02", "2026-04-02"));
}

#[test]
fn old_and_new_ids_of_one_product_are_one_product() {
    let all = built_in();
    for (old, new) in [
        ("YellowFeverProductf82b015dfb3b1feeacd4c44d95b3b3ec", "a3K3X000006MihuUAC"),
        ("YellowFeverProductffea8448252ee58b7a92add05f0c3431", "a3K3X000006MihvUAC"),
        ("YellowFeverProduct223330a7c15da86b21cc363f591de002", "a3K3X000006MihwUAC"),
        ("PolioVaccineOralOPVTrivaProductbd7faeaf3f0e633420fba396895d6cc9", "a3K3X000006MihtUAC"),
        ("PolioVaccineOralOPVBivalProductdcbfa0a541c65032a917c39fa762c2f9", "a3K3X000006Mii6UAC"),
    ] {
        assert!(Arc::ptr_eq(all.product(old).unwrap(), all.product(new).unwrap()), "{old}");
    }
}

#[test]
fn look_ups_tell_disease_and_manufacturer() {
    let sets = ValueSets::built_in();
    let stamaril = sets.who_product(STAMARIL).unwrap();
    assert_eq!(
        (stamaril.words(), stamaril.manufacturer.as_str(), stamaril.doses),
        ("STAMARIL", "Sanofi Pasteur", Some(10))
    );
    assert_eq!(stamaril.kind.diseases, [("1D47".to_owned(), "Yellow fever".to_owned())]);
    // The code system is not case-sensitive.
    assert!(sets.who_product(&STAMARIL.to_uppercase()).is_some());
    for unknown in ["", "XM0N24", " a3K3X000006MihuUAC", &"a".repeat(1_000)] {
        assert_eq!(sets.who_product(unknown), None);
    }
    let hexaxim = sets.who_product("DiphtheriaTetanusPertussProductd54558e2851d29311ee7f90975827dc7").unwrap();
    assert_eq!(hexaxim.kind.diseases.len(), 6);
    assert_eq!(hexaxim.kind.vaccine[0], "XM84S1");
    let nameless = sets.who_product("YellowFeverProductd2c75a15ed309658b3968519ddb31690").unwrap();
    assert_eq!((nameless.name.as_deref(), nameless.words()), (None, "Yellow fever vaccine"));
    let malaria = sets.who_product("a3K3X000005atRtUAI").unwrap();
    assert_eq!((malaria.words(), malaria.kind.decision), ("CYVAC", None));
    assert_eq!(sets.who().table_of_disease("1C81"), Some(DecisionTable::Polio));
    assert_eq!(sets.who().table_of_disease("1C17"), None);
    assert_eq!(sets.who().table_of_vaccine("XM0N24"), Some(DecisionTable::YellowFever));
    assert_eq!(sets.who().disease("1D47"), Some("Yellow fever"));
}

#[test]
fn a_record_takes_its_words_from_the_catalogue() {
    let sets = ValueSets::built_in();
    let product = sets.who_product("a3K3X000006MihwUAC").unwrap().to_product("a3K3X000006MihwUAC");
    assert_eq!((product.disease.code.as_str(), product.disease.system.as_str()), ("1D47", ICD11_SYSTEM));
    assert_eq!(product.icd11.unwrap().code, "XM3418");
    assert_eq!(product.who_product.as_deref(), Some("a3K3X000006MihwUAC"));
    assert!(product.eu.is_none() && product.id == "who-a3k3x000006mihwuac");
}

fn laid_over(text: &str) -> Result<ValueSets, ValueSetFileError> {
    ValueSets::built_in().with([("new.json", text.as_bytes())])
}

#[test]
fn a_newer_edition_adds_and_withdraws_and_forgets_nothing() {
    let new = format!(
        r#"{{"catalogue":"who-vaccine-products","version":"2027-01","date":"2027-01-01","products":[
            {{"ids":[{{"id":"{STAMARIL}","since":"0.1.0"}},{{"id":"new1","since":"2027-01"}}],"withdrawn":"2027-01-01","name":"Other"}},
            {{"ids":[{{"id":"new2","since":"2027-01"}}],"type":"YF","name":"New","manufacturer":"M","doses":1}}]}}"#
    );
    let sets = laid_over(&new).unwrap();
    let stamaril = sets.who_product("new1").unwrap();
    assert_eq!((stamaril.words(), stamaril.ids.len()), ("STAMARIL", 2));
    assert!(stamaril.is_listed_on("2026-12-31".parse().unwrap()));
    assert!(!stamaril.is_listed_on("2027-01-01".parse().unwrap()));
    assert!(Arc::ptr_eq(stamaril, sets.who_product(STAMARIL).unwrap()));
    assert_eq!(sets.who_product("new2").unwrap().kind.code, "YellowFever");
    assert_eq!(sets.who().version, "2027-01");
    assert_eq!(sets.who().products().len(), 89);
    // The built-in ones are as they were, and an older edition cannot take a withdrawal back.
    assert!(ValueSets::built_in().who_product("new2").is_none());
    let again = sets.with([("old.json", BUILT_IN.as_bytes())]).unwrap();
    assert_eq!(again.who_product(STAMARIL).unwrap().withdrawn, Some("2027-01-01".parse().unwrap()));
    assert_eq!(again.who().version, "2027-01");
}

#[test]
fn what_contradicts_is_refused_by_name() {
    let with = |products: &str| {
        laid_over(&format!(
            r#"{{"catalogue":"who-vaccine-products","version":"1","date":null,"products":[{products}]}}"#
        ))
        .map(|_| ())
        .map_err(|error| match error {
            ValueSetFileError::Catalogue { source, .. } => source,
            other => panic!("{other}"),
        })
    };
    let id = |id: &str| format!(r#""ids":[{{"id":"{id}","since":"1"}}]"#);
    assert!(matches!(with(&format!("{{{}}}", id("x"))), Err(WhoCatalogueError::UnknownType { .. })));
    assert!(matches!(with(&format!(r#"{{{},"type":"nope"}}"#, id("x"))), Err(WhoCatalogueError::UnknownType { .. })));
    assert!(matches!(with(r#"{"ids":[],"type":"YF"}"#), Err(WhoCatalogueError::Id { position: 1 })));
    let long = id(&"x".repeat(129));
    assert!(matches!(with(&format!(r#"{{{long},"type":"YF"}}"#)), Err(WhoCatalogueError::Id { .. })));
    let changed = format!(r#"{{{},"type":"bOPV"}}"#, id(STAMARIL));
    assert!(matches!(with(&changed), Err(WhoCatalogueError::TypeChanged { .. })));
    let two = format!(r#"{{"ids":[{{"id":"{STAMARIL}","since":"1"}},{{"id":"a3K3X000006MihwUAC","since":"1"}}]}}"#);
    assert!(matches!(with(&two), Err(WhoCatalogueError::Twice { .. })));
    assert!(matches!(with(&format!(r#"{{{},"typo":1}}"#, id("x"))), Err(WhoCatalogueError::Form { .. })));
    assert!(matches!(
        laid_over(r#"{"catalogue":"other","version":"1","date":null,"products":[]}"#),
        Err(ValueSetFileError::Catalogue { source: WhoCatalogueError::Kind { .. }, .. })
    ));
}

#[test]
fn the_records_as_who_exports_them_are_read() {
    let record = |id: &str, more: &str| {
        format!(
            r#"{{"ProductDetails":{{"Identification":{{"Id":"{id}","Name":"FVP-P-1"}},"LastPublishingDate":"2027-03-04T12:00:00.000Z",{more}}}}}"#
        )
    };
    let full = |short: &str| {
        format!(
            r#""Status":"Prequalified","DateOfPreQualifiedAcceptance":"2027-02-03","ApplicantOrganization":{{"Identification":{{"Id":"o","Name":"Maker"}}}},
            "DosageDetails":{{"NoOfDosagesPerPrimaryContainer":"5"}},"Presentation":"Vial",
            "VaccineDetails":{{"VaccineName":{{"FullName":"In words","AbbreviatedName":"{short}","CommercialName":"Brand"}}}}"#
        )
    };
    let gone = r#""Status":"Withdrawn: Was Prequalified""#;
    let text = format!(
        r#"{{"Status":{{"StatusCode":"SUCCESS"}},"FinishedVaccineProducts":[{},{},{},{}]}}"#,
        record("fresh", &full("YF")),
        record("other", &full("Chikungunya")),
        record("a3K3X000006MihtUAC", gone),
        record("unheardof", gone),
    );
    let sets = laid_over(&text).unwrap();
    let fresh = sets.who_product("fresh").unwrap();
    assert_eq!((fresh.words(), fresh.manufacturer.as_str(), fresh.doses), ("Brand", "Maker", Some(5)));
    assert_eq!(fresh.kind.decision, Some(DecisionTable::YellowFever));
    assert_eq!(sets.who_product("other").unwrap().kind.decision, None);
    let polio = sets.who_product("PolioVaccineOralOPVTrivaProductbd7faeaf3f0e633420fba396895d6cc9").unwrap();
    assert_eq!(polio.withdrawn, Some("2027-03-04".parse().unwrap()));
    assert!(sets.who_product("unheardof").is_none());
    assert_eq!(sets.who().date, Some("2027-03-04".parse().unwrap()));
}

#[test]
fn other_files_are_no_catalogues() {
    for text in ["", "[]", "{}", r#"{"valueSetId":"catalogue"}"#, r#"[{"catalogue":1}]"#, r#"{"catalogue"#] {
        assert!(!WhoCatalogue::looks_like(text.as_bytes()), "{text}");
    }
    assert!(WhoCatalogue::looks_like(BUILT_IN.as_bytes()));
    assert!(WhoCatalogue::looks_like(br#"{"FinishedVaccineProducts":[]}"#));
}
