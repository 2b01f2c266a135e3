//! Writes the profile section of `vaccert.toml` for a program that was looked at, with comments that say what
//! could not be mapped (`vaccert init --from-dhis2`).

use std::fmt::Write as _;

use super::{
    DoseCode, Field, Profile, SexCode,
    detect::{Detected, Unmapped},
};

/// A TOML section `[profile]` that reads back as [`super::ProfileOverride`] and gives the detected profile.
#[must_use]
pub fn to_toml_with_comments(detected: &Detected) -> String {
    let profile = &detected.profile;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text}");
    };
    line("# How to read this DHIS2 program. Every line may be changed; a line left out keeps the base profile's.");
    for note in &detected.notes {
        line(&format!("# Note: {}", one_line(note)));
    }
    let needed: Vec<&str> = detected
        .unmapped
        .iter()
        .filter_map(|u| match u {
            Unmapped::Role { role, needed: true, .. } => Some(*role),
            _ => None,
        })
        .collect();
    if !needed.is_empty() {
        line(&format!("# TO DO: without these no certificate can be made: {}", needed.join(", ")));
    }
    line("[profile]");
    line(&format!("base = {}", quoted(&profile.name)));
    line(&format!("program = {}", quoted(&profile.program)));
    line(&format!("stage = {}", quoted(&profile.stage)));

    let doses = profile.reads_codes();
    let mut sections = vec![("attributes", profile.attributes.roles())];
    if profile.lab.is_mapped() {
        sections.push(("lab", profile.lab.roles()));
    } else {
        sections.push(("data_elements", profile.data_elements.roles()));
    }
    for (section, roles) in sections {
        line("");
        line(&format!("[profile.{section}]"));
        if section == "lab" {
            line(&format!("sample_stage = {}", quoted(&profile.lab.sample_stage)));
        }
        for (role, field) in roles {
            let missing = detected
                .unmapped
                .iter()
                .any(|u| matches!(u, Unmapped::Role { section: s, role: r, .. } if *s == section && *r == role));
            line(&role_line(role, field, missing));
        }
    }
    write_given(profile, detected, &mut line);

    if doses {
        line("");
        line("# Meaning of the dose options: a number from 1 to 9, or \"booster\".");
        line("[profile.values.dose]");
        for (code, meaning) in &profile.values.dose {
            let meaning = match meaning {
                DoseCode::Number(n) => n.to_string(),
                DoseCode::Booster => quoted("booster"),
            };
            line(&format!("{} = {meaning}", quoted(code)));
        }
        for unmapped in &detected.unmapped {
            if let Unmapped::DoseOption(code) = unmapped {
                line(&format!("# {} =    # TO DO: this option has no meaning yet", quoted(code)));
            }
        }
    }
    if profile.lab.is_mapped() {
        line("");
        line("# Types of test: \"naat\", \"rapid-antigen\", \"serology\" or \"sequencing\".");
        line("[profile.values.test_kind]");
        for (code, meaning) in &profile.values.test_kind {
            line(&format!("{} = {}", quoted(code), worded(meaning)));
        }
        open_options(detected, &mut line, |u| match u {
            Unmapped::TestKindOption(code) => Some(code),
            _ => None,
        });
        line("");
        line(
            "# Results: \"detected\", \"not-detected\", \"inconclusive\", \"invalid\", \"unknown\", \"not-performed\".",
        );
        line("[profile.values.test_result]");
        for (code, meaning) in &profile.values.test_result {
            line(&format!("{} = {}", quoted(code), worded(meaning)));
        }
        open_options(detected, &mut line, |u| match u {
            Unmapped::TestResultOption(code) => Some(code),
            _ => None,
        });
    }
    line("");
    line("# Meaning of the sex options: \"female\", \"male\" or \"other\".");
    line("[profile.values.sex]");
    for (code, meaning) in &profile.values.sex {
        let meaning = match meaning {
            SexCode::Female => "female",
            SexCode::Male => "male",
            SexCode::Other => "other",
        };
        line(&format!("{} = {}", quoted(code), quoted(meaning)));
    }
    for unmapped in &detected.unmapped {
        if let Unmapped::SexOption(code) = unmapped {
            line(&format!("# {} =    # TO DO: this option has no meaning yet", quoted(code)));
        }
    }

    line("");
    line("# What no DHIS2 record says and every certificate needs.");
    line("[profile.constants]");
    let constant = |name: &str, value: Option<&String>, hint: &str| match value {
        Some(value) => format!("{name} = {}", quoted(value)),
        None => format!("# {name} = \"\"    # {hint}"),
    };
    let constants = &profile.constants;
    line(&constant("country", constants.country.as_ref(), "TO DO: ISO 3166-1 alpha-2 code of the country"));
    line(&constant("issuer", constants.issuer.as_ref(), "TO DO: name of the ministry, at most 80 characters"));
    line(&constant("manufacturer", constants.manufacturer.as_ref(), "manufacturer code where a record names none"));
    line(&constant("centre", constants.centre.as_ref(), "centre to name where the facility is not known"));
    if profile.lab.is_mapped() {
        let hint = "time of day at which samples count as taken whose record has none; without it tests are refused";
        line(&constant("sample_time", constants.sample_time.as_ref(), hint));
        line(&constant("utc_offset", constants.utc_offset.as_ref(), "the country's offset from UTC, such as +05:30"));
    }
    if !profile.given.is_empty() {
        let hint = "what the document attribute holds: NI national identity card, PPN passport";
        line(&constant("document_kind", constants.document_kind.as_ref(), hint));
    }
    line(&format!("disease = {}    # SNOMED CT; 840539006 is COVID-19", quoted(&constants.disease)));
    if !detected.vaccine_options.is_empty() {
        line("");
        line(&format!("# Vaccine options of the program: {}", one_line(&detected.vaccine_options.join(", "))));
    }
    out
}

/// The rules for given doses, and what of their details the program does not record by itself.
fn write_given(profile: &Profile, detected: &Detected, line: &mut impl FnMut(&str)) {
    for rule in &profile.given {
        line("");
        if let Some(name) = rule.data_element.names.first() {
            line(&format!("# {}", one_line(name)));
        }
        line("[[profile.given]]");
        line(&format!("data_element = {}", quoted(rule.part())));
        line(&format!("product = {}", quoted(&rule.product)));
        line(&format!("dose = {}", rule.dose));
        if let Some(total) = rule.total {
            line(&format!("total = {total}"));
        }
        if !rule.series.is_empty() {
            line(&format!("series = {}", quoted(&rule.series)));
        }
        if rule.repeats {
            line("repeats = true");
        }
        if !rule.not_given.uid.is_empty() {
            line(&format!("not_given = {}", quoted(&rule.not_given.uid)));
        }
    }
    for unmapped in &detected.unmapped {
        if let Unmapped::Given { name } = unmapped {
            line(&format!("# Not in this program: {}", one_line(name)));
        }
    }
    let kinds: std::collections::BTreeSet<&str> = profile.given.iter().map(|rule| rule.product.as_str()).collect();
    for kind in kinds {
        line("");
        line(&format!("# TO DO: where batch, product and clinician of these doses stand: {}", one_line(kind)));
        line("# (UIDs of attributes or data elements; used: which product the country used, and when)");
        line(&format!("# [profile.antigens.{}]", one_line(&quoted(kind))));
        line("# lot = \"\"");
        line("# exact = \"\"");
        line("# clinician = \"\"");
        line("# used = [{ product = \"\", from = \"2020-01-01\" }]");
    }
}

/// The kebab-case name of a meaning, quoted.
fn worded(meaning: &impl serde::Serialize) -> String {
    toml::Value::try_from(meaning).map_or_else(|_| quoted(""), |value| value.to_string())
}

fn open_options<'d>(
    detected: &'d Detected,
    line: &mut impl FnMut(&str),
    of: impl Fn(&'d Unmapped) -> Option<&'d String>,
) {
    for code in detected.unmapped.iter().filter_map(of) {
        line(&format!("# {} =    # TO DO: this option has no meaning yet", quoted(code)));
    }
}

fn role_line(role: &str, field: &Field, missing: bool) -> String {
    match (missing, field.is_mapped()) {
        (true, true) => {
            format!("# {role} = \"\"    # not found in the program; the base profile expects {}", field.uid)
        }
        (true, false) => format!("# {role} = \"\"    # not in the base profile: give a UID if the program has it"),
        (false, _) if field.uid.is_empty() => format!("# {role} = \"\"    # not mapped"),
        (false, _) => {
            let known = field.names.first().or(field.codes.first()).map(|n| format!("    # {}", one_line(n)));
            format!("{role} = {}{}", quoted(&field.uid), known.unwrap_or_default())
        }
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Text that cannot leave its comment.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::profile::ProfileOverride;

    #[derive(serde::Deserialize)]
    struct File {
        profile: ProfileOverride,
    }

    fn rebuilt(text: &str) -> Profile {
        toml::from_str::<File>(text).unwrap().profile.build(&Profile::default()).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        for profile in Profile::built_in() {
            let detected = Detected {
                profile: profile.clone(),
                unmapped: vec![Unmapped::DoseOption("DOSE\n9".into()), Unmapped::SexOption("x\"".into())],
                notes: vec!["a\nb = 3".into()],
                vaccine_options: vec!["a\nb".into()],
            };
            let text = to_toml_with_comments(&detected);
            let again = rebuilt(&text);
            assert_eq!(
                (&again.program, &again.stage, &again.values),
                (&profile.program, &profile.stage, &profile.values)
            );
            for ((role, a), (_, b)) in again.attributes.roles().iter().zip(profile.attributes.roles()) {
                assert_eq!(a.uid, b.uid, "{role}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_in_its_place(note in any::<String>(), uid in any::<String>(), code in any::<String>()) {
            let mut profile = Profile::by_name("covac-1.2.0").unwrap();
            profile.program = uid;
            profile.values.dose.insert(code.clone(), DoseCode::Number(1));
            let text = to_toml_with_comments(&Detected {
                profile: profile.clone(),
                unmapped: vec![Unmapped::SexOption(code)],
                notes: vec![note.clone()],
                vaccine_options: vec![note],
            });
            let again = rebuilt(&text);
            prop_assert_eq!(again.program, profile.program);
            prop_assert_eq!(again.values, profile.values);
        }
    }
}
