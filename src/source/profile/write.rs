//! Writes the profile section of `vaccert.toml` for a program that was looked at, with comments that say what
//! could not be mapped (`vaccert init --from-dhis2`).

use std::fmt::Write as _;

use super::{
    DoseCode, Field, SexCode,
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

    let sections = [("attributes", profile.attributes.roles()), ("data_elements", profile.data_elements.roles())];
    for (section, roles) in sections {
        line("");
        line(&format!("[profile.{section}]"));
        for (role, field) in roles {
            let missing = detected
                .unmapped
                .iter()
                .any(|u| matches!(u, Unmapped::Role { section: s, role: r, .. } if *s == section && *r == role));
            line(&role_line(role, field, missing));
        }
    }

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
    line(&format!("disease = {}    # SNOMED CT; 840539006 is COVID-19", quoted(&constants.disease)));
    if !detected.vaccine_options.is_empty() {
        line("");
        line(&format!("# Vaccine options of the program: {}", one_line(&detected.vaccine_options.join(", "))));
    }
    out
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
    use crate::source::profile::{Profile, ProfileOverride};

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
