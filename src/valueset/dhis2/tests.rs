//! Tests of the mapping from DHIS2 option codes to products.

use super::*;

fn id(vaccine: Option<&str>, manufacturer: Option<&str>, brand: Option<&str>) -> Result<String, VaccineLookupError> {
    Dhis2Vaccines::built_in().resolve(vaccine, manufacturer, brand).map(|product| product.id.clone())
}

fn just(vaccine: &str) -> String {
    id(Some(vaccine), None, None).unwrap_or_else(|error| panic!("{vaccine}: {error}"))
}

#[test]
fn the_file_reads_and_its_codes_are_in_the_loose_form() {
    let table = Dhis2Vaccines::parse(COVAC, ValueSets::built_in()).unwrap_or_else(|error| panic!("{error}"));
    for map in [&table.vaccines, &table.manufacturers, &table.brands] {
        for (code, choice) in map {
            assert_eq!(*code, loose_key(code));
            assert!(choice.default.as_ref().is_none_or(|id| choice.has(id)), "{code}");
            assert!(!choice.products.is_empty(), "{code}");
        }
    }
    // No built-in code leads to a product whose EU code is no longer for new certificates, unless it names it.
    for (code, choice) in &table.vaccines {
        if let Some(eu) = choice.decided().and_then(|product| product.eu.as_ref()) {
            let active =
                ValueSets::built_in().eu(crate::valueset::EuSet::VaccineProduct, &eu.product.code).unwrap().active;
            assert!(active || code == "vla2001", "{code}");
        }
    }
}

#[test]
fn codes_of_every_package_version() {
    for (code, product) in [
        ("astrazeneca", "vaxzevria"),
        ("biontechpfizer", "comirnaty"),
        ("moderna", "spikevax"),
        ("gamaleya", "sputnik-v"),
        ("sinopharm", "bbibp-corv"),
    ] {
        assert_eq!(just(code), product);
        assert_eq!(just(&code.to_uppercase()), product);
        assert_eq!(just(&format!("  {code}\n")), product);
        // The package's own manufacturer of the same name fits.
        assert_eq!(id(Some(code), Some(&code.to_uppercase()), None).unwrap(), product);
        let brand = if code == "biontechpfizer" {
            "BRANDPFIZERBIONTECH".to_owned()
        } else {
            format!("BRAND{}", code.to_uppercase())
        };
        assert_eq!(id(Some(code), None, Some(&brand)).unwrap(), product);
        assert_eq!(id(None, None, Some(&brand)).unwrap(), product, "{brand}");
        assert_eq!(id(None, Some(code), Some(&brand)).unwrap(), product, "{brand}");
    }
    for manufacturer in ["astrazenecaskbio", "ASTRAZENECASKBIO", "skbioastrazeneca", "astrazeneca_ab", "AstraZeneca AB"]
    {
        assert_eq!(id(Some("ASTRAZENECA"), Some(manufacturer), None).unwrap(), "vaxzevria", "{manufacturer}");
    }
    assert_eq!(id(Some("sinopharm"), Some("sinopharm_bibp"), None).unwrap(), "bbibp-corv");
    for (manufacturer, vaccine) in [
        ("moderna1", "moderna"),
        ("lonzagroup", "moderna"),
        ("biontech1", "biontechpfizer"),
        ("pgskalamazoo", "biontechpfizer"),
    ] {
        assert!(id(Some(vaccine), Some(manufacturer), None).is_ok(), "{manufacturer}");
    }
}

#[test]
fn placeholders_are_refused_by_name() {
    for code in ["COVAX1", "covax2", "COVAX3 "] {
        let error = id(Some(code), None, None).unwrap_err();
        assert_eq!(error, VaccineLookupError::Placeholder { code: code.trim().to_owned() });
        assert!(error.to_string().contains("placeholder"));
    }
    assert!(matches!(id(Some("moderna"), Some("manufacturer1"), None), Err(VaccineLookupError::Placeholder { .. })));
}

#[test]
fn the_manufacturer_refines_the_product() {
    assert_eq!(id(Some("astrazeneca"), Some("serum_institute"), None).unwrap(), "covishield");
    assert_eq!(id(Some("ASTRAZENECA"), Some("SII"), Some("BRANDASTRAZENECA")).unwrap(), "covishield");
    assert_eq!(id(Some("astrazeneca"), Some("Fiocruz"), None).unwrap(), "covid-19-recombinant");
    assert_eq!(id(Some("novavax"), Some("serum institute of india"), None).unwrap(), "covovax");
    assert_eq!(id(Some("sinopharm"), Some("sinopharm_wibp"), None).unwrap(), "wibp-corv");
    assert_eq!(id(Some("sinovac"), Some("butantan"), None).unwrap(), "vacina-adsorvida-butantan");
    assert_eq!(id(Some("gamaleya"), None, Some("sputnik_light")).unwrap(), "sputnik-light");
    assert_eq!(id(Some("serum"), None, Some("covovax")).unwrap(), "covovax");
}

#[test]
fn contradictions_name_both_codes() {
    let error = id(Some("moderna"), Some("GAMALEYA"), None).unwrap_err();
    assert_eq!(
        error,
        VaccineLookupError::ManufacturerContradicts { vaccine: "moderna".into(), manufacturer: "GAMALEYA".into() }
    );
    let error = id(Some("moderna"), None, Some("BRANDSINOPHARM")).unwrap_err();
    assert_eq!(
        error,
        VaccineLookupError::BrandContradicts { vaccine: "moderna".into(), brand: "BRANDSINOPHARM".into() }
    );
    assert!(error.to_string().contains("moderna") && error.to_string().contains("BRANDSINOPHARM"));
    assert!(matches!(
        id(None, Some("moderna"), Some("BRANDSINOPHARM")),
        Err(VaccineLookupError::ManufacturerContradicts { .. })
    ));
    assert!(matches!(
        id(Some("covishield"), Some("astrazeneca_ab"), None),
        Err(VaccineLookupError::ManufacturerContradicts { .. })
    ));
}

#[test]
fn what_is_not_said_is_not_guessed() {
    assert_eq!(id(None, None, None), Err(VaccineLookupError::Missing));
    assert_eq!(id(Some(" "), Some("moderna"), Some("")), Err(VaccineLookupError::Missing));
    assert_eq!(id(Some("mumps"), None, None), Err(VaccineLookupError::UnknownVaccine { code: "mumps".into() }));
    assert_eq!(
        id(Some("moderna"), Some("acme"), None),
        Err(VaccineLookupError::UnknownManufacturer { code: "acme".into() })
    );
    assert_eq!(
        id(Some("moderna"), None, Some("brandacme")),
        Err(VaccineLookupError::UnknownBrand { code: "brandacme".into() })
    );
    for code in ["sputnik", "serum", "soberana"] {
        let error = id(Some(code), None, None).unwrap_err();
        assert!(matches!(&error, VaccineLookupError::Ambiguous { candidates, .. } if candidates.len() > 1), "{error}");
    }
    let long = "x".repeat(5_000);
    assert!(id(Some(&long), None, None).unwrap_err().to_string().len() < 200);
}

fn overridden(json: &str) -> Result<Dhis2Vaccines, MappingError> {
    Dhis2Vaccines::built_in().with_overrides(serde_json::from_str(json).unwrap())
}

#[test]
fn a_ministry_maps_its_own_codes() {
    let mapping = overridden(
        r#"{"Vax 1": "comirnaty", "COVAX1": "vaxzevria", "acme": ["comirnaty", "spikevax"], "11": "spikevax", "1.1": "jcovden"}"#,
    )
    .unwrap();
    let id =
        |vaccine, manufacturer| mapping.resolve(Some(vaccine), manufacturer, None).map(|product| product.id.clone());
    assert_eq!(id("vax 1", None).unwrap(), "comirnaty");
    assert_eq!(id("covax1", None).unwrap(), "vaxzevria");
    assert_eq!(id("moderna", Some("ACME")).unwrap(), "spikevax");
    assert!(matches!(id("sinopharm", Some("ACME")), Err(VaccineLookupError::ManufacturerContradicts { .. })));
    assert_eq!((id("11", None).unwrap().as_str(), id("1.1", None).unwrap().as_str()), ("spikevax", "jcovden"));
    assert!(matches!(id("acme", None), Err(VaccineLookupError::Ambiguous { .. })));
    assert_eq!(id("moderna", None).unwrap(), "spikevax");
}

#[test]
fn a_ministry_defines_a_product() {
    let mapping = overridden(
        r#"{"yf": {"name": "Stamaril", "holder": "Sanofi Pasteur", "icd11": "XM0N24",
                   "disease": {"system": "http://snomed.info/sct", "code": "16541001", "display": "Yellow fever"}},
            "yellow": "national-stamaril",
            "az2": {"id": "az-national", "name": "AZ", "holder": "AZ", "primary_doses": 2, "first_given": "2021-01-01",
                    "eu": {"prophylaxis": "28531000087107", "product": "EU/1/21/1529", "holder": "ORG-100001699"}}}"#,
    )
    .unwrap();
    let product = mapping.resolve(Some("YF"), Some("sanofi1"), None).unwrap();
    assert_eq!((product.id.as_str(), product.disease.code.as_str()), ("national-stamaril", "16541001"));
    assert_eq!(product.icd11.as_ref().unwrap().display, "Stamaril");
    assert_eq!(mapping.resolve(Some("yellow"), Some("whoever"), None).unwrap(), product);
    let product = mapping.resolve(Some("az2"), None, None).unwrap();
    assert_eq!(product.eu.as_ref().unwrap().holder.display, "AstraZeneca AB");
}

#[test]
fn a_wrong_mapping_is_named() {
    type Check = fn(&MappingError) -> bool;
    let cases: [(&str, Check); 8] = [
        (r#"{"a": "nope"}"#, |e| matches!(e, MappingError::UnknownProduct { .. })),
        (r#"{"a": []}"#, |e| matches!(e, MappingError::NoProduct { .. })),
        (r#"{" ": "comirnaty"}"#, |e| matches!(e, MappingError::EmptyCode)),
        (r#"{"a": "comirnaty", "A": "spikevax"}"#, |e| matches!(e, MappingError::Twice { .. })),
        (r#"{"a": {"name": "", "holder": "h"}}"#, |e| matches!(e, MappingError::Incomplete { field: "name", .. })),
        (r#"{"a": {"name": "n", "holder": "h", "primary_doses": 0}}"#, |e| {
            matches!(e, MappingError::Incomplete { .. })
        }),
        (r#"{"a": {"id": "comirnaty", "name": "n", "holder": "h"}}"#, |e| matches!(e, MappingError::KeyTaken { .. })),
        (r#"{"a": {"name": "n", "holder": "h", "eu": {"prophylaxis": "1", "product": "2", "holder": "3"}}}"#, |e| {
            matches!(e, MappingError::EuCode { .. })
        }),
    ];
    for (json, check) in cases {
        let error = overridden(json).unwrap_err();
        assert!(check(&error), "{json}: {error}");
    }
    let unknown_field: Result<MappingTarget, _> =
        serde_json::from_str(r#"{"name": "n", "holder": "h", "colour": "red"}"#);
    assert!(unknown_field.is_err());
}

#[test]
fn mappings_read_back_as_written() {
    for json in [r#""comirnaty""#, r#"["comirnaty","spikevax"]"#, r#"{"name":"n","holder":"h"}"#] {
        let target: MappingTarget = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&target).unwrap(), json);
    }
}
