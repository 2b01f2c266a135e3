//! Which profile fits a program, told by its metadata or by its data. Evidence is counted, not assumed: the
//! program's UID alone says nothing about the version, and national copies change it.

use std::collections::BTreeSet;

use super::{Field, Profile};
use crate::source::{
    dhis2::metadata::{MetaAttribute, MetaElement, MetaStage, ProgramMetadata},
    model::{Event, TrackedEntity},
};

/// Why no profile was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The program records neither doses nor results of tests that any profile knows.
    #[error(
        "the program {program} is none that a built-in profile knows (it lacks {}): write a profile for it, starting from {closest}",
        .lacks.join(" and ")
    )]
    NothingFits {
        /// UID of the program.
        program: String,
        /// Roles that no field was found for.
        lacks: Vec<&'static str>,
        /// The profile that fits least badly.
        closest: String,
    },
    /// The data hold no dose and no test of any known profile.
    #[error(
        "none of the {people} people looked at has a dose or a test that a built-in profile knows: name the profile in the configuration"
    )]
    NothingInData {
        /// People looked at.
        people: usize,
    },
}

/// Something that the found profile does not map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// No field of the program fits this role.
    Role {
        /// Section of the profile: `attributes`, `data_elements` or `lab`.
        section: &'static str,
        /// Role.
        role: &'static str,
        /// Without it no certificate can be made.
        needed: bool,
    },
    /// The program has no data element for a dose that the profile knows: its rule is left out.
    Given {
        /// What the package calls it.
        name: String,
    },
    /// The program's dose option that the profile gives no meaning.
    DoseOption(String),
    /// The program's type of test that the profile gives no meaning.
    TestKindOption(String),
    /// The program's test result that the profile gives no meaning.
    TestResultOption(String),
    /// The program's sex option that the profile gives no meaning.
    SexOption(String),
}

/// A profile that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The profile, with the UIDs of this program.
    pub profile: Profile,
    /// What it does not map.
    pub unmapped: Vec<Unmapped>,
    /// What is worth knowing, one sentence each.
    pub notes: Vec<String>,
    /// Vaccine option codes of the program, for the caller to look up.
    pub vaccine_options: Vec<String>,
}

/// Roles without which no certificate can be made.
const NEEDED: [&str; 8] = ["family", "given", "birth_date", "vaccine", "dose_number", "kind", "result", "sample_date"];

/// Roles that only events have whose codes say which dose they are.
const CODED: [&str; 6] = ["vaccine", "brand", "manufacturer", "dose_number", "total_doses", "last_dose"];

/// The data elements that a profile reads, of whatever stage.
fn elements_of(profile: &Profile) -> impl Iterator<Item = &Field> {
    let coded = profile.data_elements.roles().into_iter().chain(profile.lab.roles()).map(|(_, field)| field);
    coded.chain(profile.given.iter().map(|rule| &rule.data_element))
}

/// Whether a data element says of its event that it is a dose or a result.
fn is_record(profile: &Profile, element: &str) -> bool {
    let fields = [&profile.data_elements.vaccine, &profile.data_elements.dose_number, &profile.lab.result];
    !element.is_empty()
        && (fields.iter().any(|field| field.uid == element) || profile.given.iter().any(|rule| rule.part() == element))
}

/// What was seen of a program.
#[derive(Default)]
struct Seen<'a> {
    programs: BTreeSet<&'a str>,
    program_code: Option<&'a str>,
    attributes: Vec<Described<'a>>,
    elements: Vec<Described<'a>>,
    stages: BTreeSet<&'a str>,
    vaccine_codes: BTreeSet<&'a str>,
    /// Whether what was not seen does not exist: true for metadata, false for a sample of data.
    complete: bool,
}

impl Seen<'_> {
    /// How much speaks for a profile. The weights order the evidence: a sign that only one profile has
    /// outweighs a field that several share, and a field outweighs one spelling of a code.
    fn weigh(&self, profile: &Profile) -> i64 {
        let absent = |weight: i64| if self.complete { -weight } else { 0 };
        let mut score = if self.programs.contains(profile.program.as_str()) { 8 } else { 0 };
        if self.program_code.is_some_and(|code| profile.signs.program_codes.iter().any(|c| c == code)) {
            score += 6;
        }
        let attributes = profile.attributes.roles().into_iter().map(|(_, field)| (field, &self.attributes));
        let elements = elements_of(profile).map(|field| (field, &self.elements));
        for (field, among) in attributes.chain(elements).filter(|(field, _)| field.is_mapped()) {
            score += match find(field, among) {
                Some((_, By::Uid)) => 3,
                Some((_, By::Code)) => 2,
                Some((_, By::Name)) => 1,
                None => absent(3),
            };
            // The spelling tells versions apart that share every UID.
            if among.iter().any(|(_, code, ..)| code.is_some_and(|code| field.codes.iter().any(|c| c == code))) {
                score += 2;
            }
        }
        for sign in &profile.signs.uids {
            let seen = self.stages.contains(sign.as_str())
                || self.attributes.iter().chain(&self.elements).any(|(uid, ..)| *uid == sign.as_str());
            score += if seen { 4 } else { absent(4) };
        }
        for code in &profile.signs.vaccine_codes {
            score += if self.vaccine_codes.contains(code.as_str()) { 1 } else { absent(1) };
        }
        score
    }

    /// The profile that most speaks for, and a note where others fit as well. Only those in question are weighed.
    fn best(&self, in_question: impl Fn(&Profile) -> bool) -> (Profile, Vec<String>) {
        let all = Profile::built_in().into_iter().filter(in_question);
        let weighed: Vec<(i64, Profile)> = all.map(|p| (self.weigh(&p), p)).collect();
        let top = weighed.iter().map(|(score, _)| *score).max().unwrap_or(0);
        let equal: Vec<String> = weighed.iter().filter(|(s, _)| *s == top).map(|(_, p)| p.name.clone()).collect();
        let notes = if equal.len() > 1 {
            vec![format!("what was seen fits {} equally well, and the last was taken", equal.join(", "))]
        } else {
            Vec::new()
        };
        let best = weighed.into_iter().max_by_key(|(score, _)| *score).map(|(_, p)| p).unwrap_or_default();
        (best, notes)
    }
}

/// Picks the profile of a program by its metadata, and gives it the program's own UIDs: a field is found by
/// UID, else by code, else by name.
///
/// # Errors
/// When the program has no field that tells a dose (vaccine and dose number, or a data element that says that one
/// was given) or the result of a test.
pub fn detect(program: &ProgramMetadata) -> Result<Detected, DetectError> {
    let mut seen = Seen {
        program_code: program.code.as_deref(),
        attributes: described_attributes(&program.attributes),
        elements: program.stages.iter().flat_map(|s| described_elements(&s.data_elements)).collect(),
        complete: true,
        ..Seen::default()
    };
    seen.programs.insert(&program.id);
    seen.stages.extend(program.stages.iter().map(|s| s.id.as_str()));
    seen.vaccine_codes.extend(program.option_sets.iter().flat_map(|s| &s.options).map(|o| o.code.as_str()));

    let (mut profile, mut notes) = seen.best(|_| true);
    if profile.program != program.id {
        notes.push(format!("the program has a UID of its own, {}", program.id));
        profile.program.clone_from(&program.id);
    }

    let mut unmapped = Vec::new();
    for (role, field) in profile.attributes.roles_mut() {
        if !adopt(field, role, &seen.attributes, &mut notes) {
            unmapped.push(Unmapped::Role { section: "attributes", role, needed: NEEDED.contains(&role) });
        }
    }
    let nothing = MetaStage::default();
    let stage = stage_of(&profile, program).unwrap_or(&nothing);
    let lacks = adopt_elements(&mut profile, program, stage, &mut unmapped, &mut notes);
    if !lacks.is_empty() {
        return Err(DetectError::NothingFits { program: program.id.clone(), lacks, closest: profile.name });
    }
    if profile.stage != stage.id {
        let what = if profile.lab.is_mapped() { "results" } else { "doses" };
        notes.push(format!("{what} are recorded in the stage {}", stage.id));
        profile.stage.clone_from(&stage.id);
    }

    let options = |set: Option<&String>| -> Vec<String> {
        let set = set.and_then(|uid| program.option_set(uid));
        set.into_iter().flat_map(|s| &s.options).map(|o| o.code.clone()).collect()
    };
    let of_element = |field: &Field| {
        options(stage.data_elements.iter().find(|e| e.id == field.uid).and_then(|e| e.option_set.as_ref()))
    };
    let values = &profile.values;
    let kinds = of_element(&profile.lab.kind).into_iter().filter(|c| values.test_kind_code(c).is_none());
    unmapped.extend(kinds.map(Unmapped::TestKindOption));
    let results = of_element(&profile.lab.result).into_iter().filter(|c| values.test_result_code(c).is_none());
    unmapped.extend(results.map(Unmapped::TestResultOption));
    let doses = of_element(&profile.data_elements.dose_number);
    unmapped.extend(doses.into_iter().filter(|c| profile.values.dose_code(c).is_none()).map(Unmapped::DoseOption));
    let sexes = options(
        program.attributes.iter().find(|a| a.id == profile.attributes.sex.uid).and_then(|a| a.option_set.as_ref()),
    );
    unmapped.extend(sexes.into_iter().filter(|c| profile.values.sex_code(c).is_none()).map(Unmapped::SexOption));
    let vaccine_options = of_element(&profile.data_elements.vaccine);

    for attribute in &program.attributes {
        let name = attribute.name.to_lowercase();
        if (name.contains("latin") || name.contains("english")) && name.contains("name") {
            notes.push(format!(
                "the attribute {} ({}) may hold a name in Latin letters: map it to family_latin or given_latin if so",
                attribute.id,
                attribute.name.trim()
            ));
        }
    }
    Ok(Detected { profile, unmapped, notes, vaccine_options })
}

/// Gives the data elements of a profile the program's own UIDs, and tells what it lacks without which nothing can
/// be certified.
fn adopt_elements(
    profile: &mut Profile,
    program: &ProgramMetadata,
    stage: &MetaStage,
    unmapped: &mut Vec<Unmapped>,
    notes: &mut Vec<String>,
) -> Vec<&'static str> {
    let elements = described_elements(&stage.data_elements);
    let (coded, tests) = (profile.reads_codes(), profile.lab.is_mapped());
    let mut lacks = Vec::new();
    for (role, field) in profile.data_elements.roles_mut() {
        if adopt(field, role, &elements, notes) || tests || (!coded && CODED.contains(&role)) {
            continue;
        }
        unmapped.push(Unmapped::Role { section: "data_elements", role, needed: NEEDED.contains(&role) });
        if ["vaccine", "dose_number"].contains(&role) {
            lacks.push(role);
        }
    }
    if tests {
        let everywhere: Vec<_> = program.stages.iter().flat_map(|s| described_elements(&s.data_elements)).collect();
        for (role, field) in profile.lab.roles_mut() {
            let among = if role == "sample_date" { &everywhere } else { &elements };
            if !adopt(field, role, among, notes) {
                unmapped.push(Unmapped::Role { section: "lab", role, needed: NEEDED.contains(&role) });
                lacks.extend(NEEDED.contains(&role).then_some(role));
            }
        }
        let sample = &profile.lab.sample_date.uid;
        let has = |s: &&MetaStage| s.id != stage.id && s.data_elements.iter().any(|e| e.id == *sample);
        let known = program.stages.iter().filter(has).find(|s| s.id == profile.lab.sample_stage);
        if let Some(found) = known.or_else(|| program.stages.iter().find(has))
            && found.id != profile.lab.sample_stage
        {
            notes.push(format!("samples are recorded in the stage {}", found.id));
            profile.lab.sample_stage.clone_from(&found.id);
        }
    }
    if !profile.given.is_empty() {
        profile.given.retain_mut(|rule| {
            let found = adopt(&mut rule.data_element, "given", &elements, notes);
            if !found {
                let name = rule.data_element.names.first().unwrap_or(&rule.data_element.uid).clone();
                unmapped.push(Unmapped::Given { name });
            }
            found
        });
        if profile.given.is_empty() && !coded {
            lacks.push("given");
        }
    }
    lacks
}

/// What attributes and data elements have in common: UID, code, name, label. A sample of data tells no names.
type Described<'a> = (&'a str, Option<&'a str>, &'a str, Option<&'a str>);

fn described_attributes(attributes: &[MetaAttribute]) -> Vec<Described<'_>> {
    attributes.iter().map(|a| (a.id.as_str(), a.code.as_deref(), a.name.as_str(), a.form_name.as_deref())).collect()
}

fn described_elements(elements: &[MetaElement]) -> Vec<Described<'_>> {
    elements.iter().map(|e| (e.id.as_str(), e.code.as_deref(), e.name.as_str(), e.form_name.as_deref())).collect()
}

/// How a field of the metadata was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Uid,
    Code,
    Name,
}

fn find<'a>(field: &Field, among: &[Described<'a>]) -> Option<(&'a str, By)> {
    let by_uid = among.iter().find(|(uid, ..)| !field.uid.is_empty() && *uid == field.uid).map(|d| (d.0, By::Uid));
    let by_code =
        || among.iter().find(|(_, code, ..)| code.is_some_and(|c| field.has_code(c))).map(|d| (d.0, By::Code));
    let named = |name: &str, form: Option<&str>| field.has_name(name) || form.is_some_and(|f| field.has_name(f));
    let by_name = || among.iter().find(|&&(_, _, name, form)| named(name, form)).map(|d| (d.0, By::Name));
    by_uid.or_else(by_code).or_else(by_name)
}

/// Gives a field the UID that the program knows it by. False when the program has no such field.
fn adopt(field: &mut Field, role: &str, among: &[Described<'_>], notes: &mut Vec<String>) -> bool {
    match find(field, among) {
        Some((_, By::Uid)) => true,
        Some((uid, by)) => {
            let by = if by == By::Code { "code" } else { "name" };
            notes.push(format!("{role} was recognised by its {by}, as {uid}"));
            field.uid = uid.to_owned();
            true
        }
        None => false,
    }
}

/// The stage that records doses: the profile's own where it is there, else the one that has most of its data
/// elements.
fn stage_of<'a>(profile: &Profile, program: &'a ProgramMetadata) -> Option<&'a MetaStage> {
    let found = |stage: &MetaStage| {
        let among = described_elements(&stage.data_elements);
        elements_of(profile).filter(|field| find(field, &among).is_some()).count()
    };
    program.stages.iter().find(|s| s.id == profile.stage).or_else(|| program.stages.iter().max_by_key(|s| found(s)))
}

/// Picks the profile by a sample of data alone: for files, and where metadata cannot be read. What the sample
/// lacks speaks against nothing.
///
/// # Errors
/// When no event of the sample holds a dose or a test that a profile knows.
pub fn detect_from_data(sample: &[TrackedEntity]) -> Result<Detected, DetectError> {
    let known = Profile::built_in();
    // A registry that ticks doses may go on for pages without one of those that the profile knows.
    let ticked = |event: &Event| {
        let of_stage =
            known.iter().any(|p| !p.given.is_empty() && Some(p.stage.as_str()) == event.program_stage.as_deref());
        of_stage && event.data_values.iter().any(|v| v.value.as_deref().is_some_and(|v| !v.trim().is_empty()))
    };
    let mut seen = Seen::default();
    let mut attributes: BTreeSet<Described<'_>> = BTreeSet::new();
    let mut elements: BTreeSet<Described<'_>> = BTreeSet::new();
    // Programs and stages in which doses were seen.
    let mut dose_programs = BTreeSet::new();
    let mut dose_stages = BTreeSet::new();
    for person in sample {
        let enrolled = person.enrollments.iter().flat_map(|e| &e.attributes);
        for attribute in person.attributes.iter().chain(enrolled) {
            attributes.insert((attribute.attribute.as_str(), attribute.code.as_deref(), "", None));
        }
        for enrollment in &person.enrollments {
            seen.programs.extend(enrollment.program.as_deref());
            for event in &enrollment.events {
                seen.stages.extend(event.program_stage.as_deref());
                if ticked(event) {
                    dose_programs.extend(enrollment.program.as_deref());
                    dose_stages.extend(event.program_stage.as_deref());
                }
                for value in &event.data_values {
                    elements.insert((value.data_element.as_str(), None, "", None));
                    if known
                        .iter()
                        .any(|p| !value.data_element.is_empty() && p.data_elements.vaccine.uid == value.data_element)
                    {
                        seen.vaccine_codes.extend(value.value.as_deref());
                    }
                    if known.iter().any(|p| is_record(p, &value.data_element)) {
                        dose_programs.extend(enrollment.program.as_deref());
                        dose_stages.extend(event.program_stage.as_deref());
                    }
                }
            }
        }
    }
    if dose_stages.is_empty() {
        return Err(DetectError::NothingInData { people: sample.len() });
    }
    seen.attributes = attributes.into_iter().collect();
    seen.elements = elements.into_iter().collect();
    // An export of several programs is read for the doses whose codes it holds; the others need a profile by name.
    let coded = known.iter().any(|p| p.reads_codes() && seen.elements.iter().any(|(uid, ..)| is_record(p, uid)));
    let (mut profile, mut notes) = seen.best(|p| p.reads_codes() == coded);
    // A national copy keeps the UIDs of the data elements and may have its own program and stage.
    if let (false, Some(program)) = (dose_programs.contains(profile.program.as_str()), dose_programs.first()) {
        notes.push(format!("the program has a UID of its own, {program}"));
        profile.program = (*program).to_owned();
    }
    if let (false, Some(stage)) = (dose_stages.contains(profile.stage.as_str()), dose_stages.first()) {
        let what = if profile.lab.is_mapped() { "results" } else { "doses" };
        notes.push(format!("{what} are recorded in the stage {stage}"));
        profile.stage = (*stage).to_owned();
    }
    let vaccine_options = seen.vaccine_codes.iter().map(|&c| c.to_owned()).collect();
    Ok(Detected { profile, unmapped: Vec::new(), notes, vaccine_options })
}
