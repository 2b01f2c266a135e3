//! Tests of profiles and their overrides.

use super::*;

#[test]
fn every_built_in_profile_reads_and_is_complete() {
    let all = Profile::built_in();
    assert_eq!(all.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), BUILT_IN_NAMES);
    for profile in all {
        profile.check().unwrap();
        let text = toml::to_string(&profile).unwrap();
        assert_eq!(Profile::from_toml("again", &text).unwrap(), profile);
    }
}

#[test]
fn an_override_changes_only_what_it_names() {
    let base = Profile::by_name("covac-1.2.0").unwrap();
    let over: ProfileOverride = toml::from_str(
        r#"
        [attributes]
        family = "abcdefghij1"
        identifier = ""
        family_latin = { codes = ["FAMILY_LATIN"] }
        [values.dose]
        FIRST = 1
        [constants]
        country = "LK"
        [policy]
        accept_statuses = ["COMPLETED", "ACTIVE"]
        "#,
    )
    .unwrap();
    let built = over.build(&base).unwrap();
    assert_eq!(built.attributes.family, Field::uid("abcdefghij1"));
    assert_eq!(built.attributes.given, base.attributes.given);
    assert!(!built.attributes.identifier.is_mapped());
    assert!(built.attributes.family_latin.has_code("family_latin"));
    assert_eq!(built.values.dose_code("first"), Some(DoseCode::Number(1)));
    assert_eq!(built.values.dose_code("DOSE2"), Some(DoseCode::Number(2)));
    assert_eq!(built.country().unwrap().as_str(), "LK");
    assert_eq!(built.policy.accept_statuses, ["COMPLETED", "ACTIVE"]);
    assert_eq!(built.policy.mixed_products, base.policy.mixed_products);
    let over: ProfileOverride = toml::from_str("base = \"covac-1.0.0\"").unwrap();
    assert_eq!(over.build(&base).unwrap(), Profile::by_name("covac-1.0.0").unwrap());
}

#[test]
fn wrong_settings_are_named() {
    assert!(toml::from_str::<ProfileOverride>("[attributes]\nfamly = \"a\"").is_err());
    assert!(toml::from_str::<ProfileOverride>("[attributes]\nfamily = { uuid = \"a\" }").is_err());
    assert!(toml::from_str::<ProfileOverride>("[values.dose]\nDOSE1 = 0").is_err());
    assert!(toml::from_str::<ProfileOverride>("[values.test_result]\nPOSITIVE = \"yes\"").is_err());
    assert!(toml::from_str::<ProfileOverride>("[[given]]\nvaccine = \"yellow-fever\"").is_err());
    assert!(toml::from_str::<ProfileOverride>("[values.dose]\nDOSE1 = \"often\"").is_err());
    assert!(matches!(Profile::by_name("covac-9"), Err(ProfileError::UnknownName { .. })));
    let error = Profile::from_toml("mine", "name = \"x\"\n\ncountry = 3\n").unwrap_err();
    assert!(matches!(&error, ProfileError::Form { line: 3, .. }), "{error}");

    let mut profile = Profile::by_name("covac-1.0.0").unwrap();
    assert!(matches!(profile.country(), Err(ProfileError::ConstantMissing { constant: "country", .. })));
    profile.constants.country = Some("lk".into());
    assert!(matches!(profile.country(), Err(ProfileError::Country { .. })));
    profile.constants.issuer = Some("x".repeat(81));
    assert!(matches!(profile.issuer(), Err(ProfileError::IssuerTooLong { chars: 81, .. })));
    profile.policy.accept_statuses = vec!["SCHEDULE".into()];
    assert!(matches!(profile.check(), Err(ProfileError::Status { .. })));
    profile.data_elements.dose_number = Field::default();
    assert!(matches!(profile.check(), Err(ProfileError::NotMapped { role: "dose_number", .. })));
}

#[test]
fn a_profile_of_one_kind_reads_what_it_maps() {
    let names: Vec<_> = Profile::built_in().into_iter().filter(|p| p.only_stage().is_none()).map(|p| p.name).collect();
    assert_eq!(names, ["c19-cs-1.0.2", "imm-eir-2.40"], "these read other stages too");
    let mut both = Profile::by_name("imm-eir-2.40").unwrap();
    assert!(!both.reads_codes());
    both.lab = Profile::by_name("c19-cs-1.0.2").unwrap().lab;
    assert!(matches!(both.check(), Err(ProfileError::TwoKinds { .. })));
    let mut lab = Profile::by_name("c19-cs-1.0.2").unwrap();
    lab.constants.disease = "6142004".to_owned();
    assert!(matches!(lab.check(), Err(ProfileError::Constant { constant: "disease", .. })), "influenza");
    lab.lab.sample_date = Field::default();
    assert!(matches!(lab.check(), Err(ProfileError::NotMapped { role: "sample_date", .. })));
}
