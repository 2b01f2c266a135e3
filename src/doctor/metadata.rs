//! The program against the profile: what the profile reads and the program does not record, codes that nobody has
//! given a meaning, and whether the user may read what is recorded.

use std::collections::BTreeSet;

use super::{
    Area, Finding,
    finding::{Notes, count},
    server::{Server, late, within},
};
use crate::{
    config::{Inspected, profile_of},
    limits::DOCTOR_LISTED,
    source::{
        dhis2::ProgramMetadata,
        profile::{Detected, Field, Profile, Unmapped, detect},
    },
    valueset::dhis2::{Dhis2Vaccines, VaccineLookupError},
};

/// Checks program and profile. Gives the profile by which people are read.
pub(super) async fn check(inspected: Option<&Inspected>, server: Option<&Server>) -> (Vec<Finding>, Option<Profile>) {
    let mut notes = Notes::of(Area::Profile);
    let profile = match (inspected, server.and_then(|server| Some((server, server.programs.as_ref()?)))) {
        (None, _) => {
            notes.not_checked("program", "there is no configuration that says what is certified");
            None
        }
        (_, None) => {
            notes.not_checked("program", "DHIS2 showed no programs");
            None
        }
        (Some(inspected), Some((server, _))) => look(&mut notes, inspected, server).await,
    };
    (notes.into_list(), profile)
}

async fn look(notes: &mut Notes, inspected: &Inspected, server: &Server) -> Option<Profile> {
    let named = match inspected.profile.base.as_deref().map(Profile::by_name).transpose() {
        Ok(named) => named,
        Err(error) => {
            notes.error("profile", &error, "correct base under [profile]");
            return None;
        }
    };
    let chosen = inspected.profile.program.clone().or_else(|| Some(named.as_ref()?.program.clone()));
    let (metadata, detected) = program(notes, server, chosen.filter(|uid| !uid.is_empty())).await?;
    sharing(notes, &metadata);
    let base = match (named, detected) {
        (Some(named), _) => named,
        (None, Ok(detected)) => {
            unmapped(notes, &detected);
            without_unmapped(detected)
        }
        (None, Err(problem)) if inspected.profile.stage.is_some() => {
            notes.advice("profile", problem, "the mapping of vaccert.toml is taken instead");
            Profile::default()
        }
        (None, Err(problem)) => {
            notes.fault(
                "profile",
                problem,
                "map the program under [profile]; vaccert init --from-dhis2 writes a start",
            );
            return None;
        }
    };
    let profile = match profile_of(&inspected.profile, &inspected.country, &inspected.issuer_name, &base) {
        Ok(profile) => profile,
        Err(error) => {
            notes.error("profile", &error, "correct the section [profile]");
            return None;
        }
    };
    match profile.check() {
        Ok(()) => notes.ok("profile", format!("{} ({})", profile.name, profile.title)),
        Err(error) => {
            notes.error("profile", &error, "map the missing role under [profile]");
            return None;
        }
    }
    fields(notes, &profile, &metadata);
    vaccines(notes, inspected, &profile, &metadata);
    Some(profile)
}

/// The program that is read, and what looking at it tells; of several, the first that a built-in profile knows.
async fn program(
    notes: &mut Notes,
    server: &Server,
    chosen: Option<String>,
) -> Option<(ProgramMetadata, Result<Detected, String>)> {
    let seen = server.programs.as_deref().unwrap_or_default();
    let mut candidates: Vec<String> = seen.iter().map(|program| program.id.clone()).collect();
    if let Some(uid) = &chosen {
        if !candidates.contains(uid) {
            let some: Vec<&str> = candidates.iter().map(String::as_str).take(DOCTOR_LISTED).collect();
            notes.fault(
                "program",
                format!("the user does not see the program {uid}, only {}", some.join(", ")),
                "share the program with the user for data reading, or correct program under [profile]",
            );
            return None;
        }
        candidates = vec![uid.clone()];
    }
    let known: Vec<String> = Profile::built_in().into_iter().map(|profile| profile.program).collect();
    candidates.sort_by_key(|uid| known.iter().rev().position(|known| known == uid).unwrap_or(usize::MAX));
    let mut last = None;
    for uid in candidates.iter().take(DOCTOR_LISTED) {
        let metadata = match within(server.client.program(uid)).await {
            Some(Ok(metadata)) => metadata,
            Some(Err(error)) => {
                notes.error("program", &error, "share the program with the user");
                return None;
            }
            None => {
                notes.fault("program", format!("DHIS2 did not describe the program {uid}"), late());
                return None;
            }
        };
        let detected = detect(&metadata).map_err(|error| error.to_string());
        let fits = detected.is_ok();
        last = Some((metadata, detected));
        if fits {
            break;
        }
    }
    let (metadata, _) = last.as_ref()?;
    notes.ok("program", format!("{} ({})", metadata.id, metadata.name.chars().take(80).collect::<String>()));
    last
}

/// Data-read sharing on program, stages and entity type: all three, or lists come out short.
fn sharing(notes: &mut Notes, program: &ProgramMetadata) {
    let mut lacks = Vec::new();
    if program.data_read == Some(false) {
        lacks.push("the program".to_owned());
    }
    if program.people_read == Some(false) {
        lacks.push("its entity type".to_owned());
    }
    let stages = program.stages.iter().filter(|stage| stage.data_read == Some(false));
    lacks.extend(stages.map(|stage| format!("the stage {}", stage.id)));
    if !lacks.is_empty() {
        lacks.truncate(DOCTOR_LISTED);
        notes.fault(
            "sharing",
            format!("the user may not read the data of {}", lacks.join(", ")),
            "open the sharing settings of each and give the user (or its group) \"can view data\"",
        );
    } else if program.data_read.is_none() {
        notes.note("sharing", "this version of DHIS2 does not tell whether the user may read the data");
    } else {
        notes.ok("sharing", "program, stages and entity type are shared for data reading");
    }
}

/// What detection could not map.
fn unmapped(notes: &mut Notes, detected: &Detected) {
    let (mut needed, mut roles, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for unmapped in &detected.unmapped {
        match unmapped {
            Unmapped::Role { section, role, needed: true } => needed.push(format!("{section}.{role}")),
            Unmapped::Role { section, role, needed: false } => roles.push(format!("{section}.{role}")),
            Unmapped::Given { name } => roles.push(name.clone()),
            Unmapped::DoseOption(code) => codes.push(format!("dose {code}")),
            Unmapped::SexOption(code) => codes.push(format!("sex {code}")),
            Unmapped::TestKindOption(code) => codes.push(format!("type of test {code}")),
            Unmapped::TestResultOption(code) => codes.push(format!("test result {code}")),
        }
    }
    if !needed.is_empty() {
        notes.warning(
            "unmapped-needed",
            format!("the program has no field for {}", listed(&needed)),
            "name the field under [profile] if it has another code; a person without it is refused",
        );
    }
    if !roles.is_empty() {
        notes.note("unmapped", format!("the program does not record {}", listed(&roles)));
    }
    if !codes.is_empty() {
        notes.warning(
            "option-codes",
            format!("options without a meaning: {}", listed(&codes)),
            "give each a meaning under [profile.values]; records with them are refused",
        );
    }
}

/// The detected profile without the fields that the program lacks, which were told already.
fn without_unmapped(detected: Detected) -> Profile {
    let Detected { mut profile, unmapped, .. } = detected;
    for unmapped in unmapped {
        let Unmapped::Role { section, role, .. } = unmapped else { continue };
        let fields = match section {
            "attributes" => profile.attributes.roles_mut(),
            "data_elements" => profile.data_elements.roles_mut(),
            _ => profile.lab.roles_mut(),
        };
        if let Some((_, field)) = fields.into_iter().find(|(name, _)| *name == role) {
            *field = Field::default();
        }
    }
    profile
}

/// Every mapped field exists in the program: a mapping to nothing is silently never filled.
fn fields(notes: &mut Notes, profile: &Profile, program: &ProgramMetadata) {
    let attributes: BTreeSet<&str> = program.attributes.iter().map(|attribute| attribute.id.as_str()).collect();
    let elements = |stage: Option<&str>| -> BTreeSet<&str> {
        let stages = program.stages.iter().filter(|s| stage.is_none_or(|stage| s.id == stage));
        stages.flat_map(|stage| &stage.data_elements).map(|element| element.id.as_str()).collect()
    };
    let (of_stage, of_any) = (elements(Some(&profile.stage)), elements(None));
    if !program.stages.iter().any(|stage| stage.id == profile.stage) {
        let stages: Vec<String> = program.stages.iter().map(|stage| stage.id.clone()).collect();
        notes.fault(
            "stage",
            format!("the program has no stage {}, only {}", profile.stage, listed(&stages)),
            "correct stage under [profile], or share the stage with the user",
        );
        return;
    }
    let lacks = |field: &Field, among: &BTreeSet<&str>| !field.uid.is_empty() && !among.contains(field.uid.as_str());
    let mut missing = Vec::new();
    for (role, field) in profile.attributes.roles() {
        missing.extend(lacks(field, &attributes).then(|| format!("attributes.{role} ({})", field.uid)));
    }
    for (role, field) in profile.data_elements.roles() {
        missing.extend(lacks(field, &of_stage).then(|| format!("data_elements.{role} ({})", field.uid)));
    }
    for (role, field) in profile.lab.roles() {
        missing.extend(lacks(field, &of_any).then(|| format!("lab.{role} ({})", field.uid)));
    }
    for rule in &profile.given {
        missing.extend(lacks(&rule.data_element, &of_stage).then(|| format!("given ({})", rule.data_element.uid)));
    }
    let essential = |name: &String| {
        [
            "attributes.family",
            "attributes.given ",
            "attributes.birth_date ",
            "data_elements.vaccine",
            "data_elements.dose_number",
        ]
        .iter()
        .any(|role| name.starts_with(role))
    };
    let mapped = profile.attributes.roles().len() + profile.data_elements.roles().len();
    if missing.is_empty() {
        notes.ok("mapped-fields", format!("every one of {mapped} roles that is mapped exists in the program"));
    } else if missing.iter().any(essential) {
        notes.fault(
            "mapped-fields",
            format!("the program has no {}", listed(&missing)),
            "correct the UIDs under [profile], or remove [profile] so that the program is looked at anew",
        );
    } else {
        notes.advice(
            "mapped-fields",
            format!("the program has no {}", listed(&missing)),
            "correct the UIDs under [profile] if the program records these",
        );
    }
}

/// Every vaccine code of the program's option set leads to a product, alone or with manufacturer or brand.
fn vaccines(notes: &mut Notes, inspected: &Inspected, profile: &Profile, program: &ProgramMetadata) {
    let stage = program.stages.iter().find(|stage| stage.id == profile.stage);
    let element = |uid: &str| stage?.data_elements.iter().find(|element| element.id == uid);
    let options = |uid: &str| {
        let set = element(uid).and_then(|element| element.option_set.as_deref());
        set.and_then(|set| program.option_set(set)).map(|set| set.options.as_slice()).unwrap_or_default()
    };
    let vaccine = options(&profile.data_elements.vaccine.uid);
    if vaccine.is_empty() {
        return notes
            .note("vaccine-codes", "the vaccine of a dose comes from no option set; the sample shows its codes");
    }
    let vaccines = match Dhis2Vaccines::built_in().with_overrides(inspected.vaccines.clone()) {
        Ok(vaccines) => vaccines,
        Err(error) => return notes.error("vaccine-codes", &error, "correct the section [vaccines]"),
    };
    let (mut unknown, mut ambiguous) = (Vec::new(), Vec::new());
    for option in vaccine {
        match vaccines.resolve(Some(&option.code), None, None) {
            Ok(_) => {}
            Err(VaccineLookupError::Ambiguous { .. }) => ambiguous.push(option.code.clone()),
            Err(_) => unknown.push(option.code.clone()),
        }
    }
    if unknown.is_empty() {
        notes.ok("vaccine-codes", format!("{} lead to products", count(vaccine.len(), "code", "codes")));
    } else {
        notes.warning(
            "vaccine-codes",
            format!("{} of {} vaccine codes name no product: {}", unknown.len(), vaccine.len(), listed(&unknown)),
            "map each under [vaccines], such as MYCODE = \"covishield\"; doses with them are refused",
        );
    }
    if !ambiguous.is_empty() {
        let has_manufacturer = [&profile.data_elements.manufacturer, &profile.data_elements.brand]
            .iter()
            .any(|field| element(&field.uid).is_some());
        let found = format!("these need manufacturer or brand to name one product: {}", listed(&ambiguous));
        if has_manufacturer {
            notes.note("vaccine-choice", found);
        } else {
            let remedy = "the program records neither: map each code to one product under [vaccines]";
            notes.warning("vaccine-choice", found, remedy);
        }
    }
}

/// The first of a list, and how many more there are.
pub(super) fn listed(names: &[String]) -> String {
    let clean = |name: &String| name.chars().filter(|c| !c.is_control()).take(60).collect::<String>();
    let shown: Vec<String> = names.iter().take(DOCTOR_LISTED).map(clean).collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Environment,
        doctor::Outcome,
        source::{
            dhis2::metadata::{MetaElement, MetaOption, MetaStage, OptionSet},
            profile::ProfileOverride,
        },
    };

    fn judged(check: impl FnOnce(&mut Notes)) -> Vec<(&'static str, Outcome, String)> {
        let mut notes = Notes::of(Area::Profile);
        check(&mut notes);
        notes.into_list().into_iter().map(|f| (f.name, f.outcome, f.found)).collect()
    }

    #[test]
    fn data_that_may_not_be_read_are_told_part_by_part() {
        let program = |program, people, stage| ProgramMetadata {
            data_read: program,
            people_read: people,
            stages: vec![MetaStage { id: "stage000001".to_owned(), data_read: stage, ..MetaStage::default() }],
            ..ProgramMetadata::default()
        };
        let of = |program: ProgramMetadata| judged(|notes| sharing(notes, &program)).pop().unwrap();
        assert_eq!(of(program(Some(true), Some(true), Some(true))).1, Outcome::Ok);
        assert_eq!(of(program(None, None, None)).1, Outcome::Note);
        assert!(
            matches!(of(program(Some(false), Some(true), None)), (_, Outcome::Fault, f) if f.contains("the program"))
        );
        assert!(
            matches!(of(program(Some(true), Some(false), None)), (_, Outcome::Fault, f) if f.contains("entity type"))
        );
        let (_, outcome, found) = of(program(Some(true), Some(true), Some(false)));
        assert!(outcome == Outcome::Fault && found.contains("stage000001"), "{found}");
    }

    #[test]
    fn vaccine_codes_that_lead_nowhere_are_named() {
        let inspected = Inspected {
            environment: Environment::Sandbox,
            country: "XX".to_owned(),
            issuer_name: "Ministry".to_owned(),
            files: Vec::new(),
            variables: BTreeSet::new(),
            gateway: Ok(None),
            trust: Ok(Vec::new()),
            dhis2: None,
            registry: Ok(String::new()),
            profile: ProfileOverride::default(),
            vaccines: std::collections::BTreeMap::new(),
        };
        let profile = Profile::by_name("covac-1.2.0").unwrap();
        let program = |codes: &[&str]| ProgramMetadata {
            stages: vec![MetaStage {
                id: profile.stage.clone(),
                data_elements: vec![MetaElement {
                    id: profile.data_elements.vaccine.uid.clone(),
                    option_set: Some("set00000001".to_owned()),
                    ..MetaElement::default()
                }],
                ..MetaStage::default()
            }],
            option_sets: vec![OptionSet {
                id: "set00000001".to_owned(),
                options: codes
                    .iter()
                    .map(|code| MetaOption { code: (*code).to_owned(), ..MetaOption::default() })
                    .collect(),
                ..OptionSet::default()
            }],
            ..ProgramMetadata::default()
        };
        let of = |codes: &[&str]| judged(|notes| vaccines(notes, &inspected, &profile, &program(codes)));
        assert_eq!(of(&["ASTRAZENECA"]).first().unwrap().1, Outcome::Ok);
        let found = of(&["ASTRAZENECA", "COVISHIELD_UTOPIA"]);
        assert!(
            matches!(found.first().unwrap(), (_, Outcome::Warning, f) if f.contains("COVISHIELD_UTOPIA")),
            "{found:?}"
        );
        assert_eq!(of(&[]).first().unwrap().1, Outcome::Note);
        let many: Vec<String> = (0..20).map(|n| format!("NONE{n}")).collect();
        assert!(listed(&many).ends_with("and 8 more"), "{}", listed(&many));
    }
}
