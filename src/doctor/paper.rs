//! The paper: whether everything that is configured can be printed here, and names of the country's people too.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Area, Finding, Installation, finding::Notes};
use crate::{
    batch::{Invented, Mint, Random},
    config::{ConfigError, PaperSetup, TemplateFault},
    document::{
        DocumentError, DrawnBy, Fonts, Language, Layout, Look, Order, Press, ScriptFont, template::TemplateError,
    },
    issue::Format,
};

/// Scripts in which names of a country's people are written, besides Latin ones: the official languages of countries
/// (ISO 3166-1 alpha-2), with their scripts by Unicode name (ISO 15924).
const SCRIPTS: &[(&[&str], &[&str])] = &[
    (
        &[
            "AE", "BH", "DJ", "DZ", "EG", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA", "SA", "SD",
            "SO", "SY", "TD", "TN", "YE", "IR", "AF", "PK",
        ],
        &["Arabic"],
    ),
    (&["AM"], &["Armenian"]),
    (&["BD"], &["Bengali"]),
    (&["BG", "BY", "KG", "KZ", "MK", "MN", "RS", "RU", "TJ", "UA", "BA", "ME"], &["Cyrillic"]),
    (&["BT"], &["Tibetan"]),
    (&["CN", "HK", "MO", "TW"], &["Han"]),
    (&["CY", "GR"], &["Greek"]),
    (&["ER"], &["Ethiopic", "Arabic"]),
    (&["ET"], &["Ethiopic"]),
    (&["GE"], &["Georgian"]),
    (&["IL"], &["Hebrew", "Arabic"]),
    (
        &["IN"],
        &[
            "Devanagari",
            "Bengali",
            "Tamil",
            "Telugu",
            "Gujarati",
            "Gurmukhi",
            "Kannada",
            "Malayalam",
            "Oriya",
            "Arabic",
        ],
    ),
    (&["JP"], &["Han", "Hiragana", "Katakana"]),
    (&["KH"], &["Khmer"]),
    (&["KP", "KR"], &["Hangul"]),
    (&["LA"], &["Lao"]),
    (&["LK"], &["Sinhala", "Tamil"]),
    (&["MM"], &["Myanmar"]),
    (&["MV"], &["Thaana"]),
    (&["NP"], &["Devanagari"]),
    (&["SG"], &["Han", "Tamil"]),
    (&["TH"], &["Thai"]),
];

/// Scripts of the names of a country's people.
fn of_country(code: &str) -> Vec<&'static str> {
    let rows = SCRIPTS.iter().filter(|(countries, _)| countries.contains(&code));
    rows.flat_map(|(_, scripts)| scripts.iter().copied()).collect()
}

/// Checks the paper. No key is opened.
pub(super) fn check(installation: &Installation, now: Timestamp, random: &Random) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Paper);
    match installation.file.as_deref().map(PaperSetup::load) {
        Some(Ok(setup)) => examine(&mut notes, &setup, now, random),
        Some(Err(_)) => notes.not_checked("paper", "the configuration cannot be used, see above"),
        None => notes.not_checked("paper", "nothing is configured"),
    }
    notes.into_list()
}

fn examine(notes: &mut Notes, setup: &PaperSetup, now: Timestamp, random: &Random) {
    let look = &setup.paper.look;
    let languages: Vec<Language> = [Some(look.language), look.second].into_iter().flatten().collect();
    let names: Vec<&str> = languages.iter().map(|language| language.tag()).collect();
    let fonts = match Fonts::find(&setup.paper.fonts) {
        Ok(fonts) => fonts,
        Err(error) => return notes.error("fonts", &error, "correct [document] fonts"),
    };
    let coverage = fonts.coverage();
    let needed: Vec<&str> = languages.iter().flat_map(|language| language.scripts()).collect();
    let lacking = missing(&coverage, &needed);
    if lacking.is_empty() {
        notes.ok("fonts", format!("there are fonts for the words of the paper ({})", names.join(", ")));
    } else {
        let (scripts, packages) = told(&lacking);
        let found = format!("no font is here for {scripts}, in which the words of the paper are written");
        notes.fault("fonts", found, format!("install {packages}, or put a font into the folder of [document] fonts"));
    }
    let own = of_country(setup.country.as_str());
    let lacking: Vec<&ScriptFont> =
        missing(&coverage, &own).into_iter().filter(|script| !needed.contains(&script.script)).collect();
    if !lacking.is_empty() {
        let (scripts, packages) = told(&lacking);
        let found = format!("no font is here for {scripts}, so that names in it cannot be printed");
        notes.warning("fonts-of-names", found, format!("install {packages}, or give names in Latin letters alone"));
    } else if !own.is_empty() {
        notes.ok("fonts-of-names", format!("names in {} can be printed", own.join(", ")));
    }
    print(notes, setup, fonts, now, random);
    let unset = [("ministry", look.ministry.is_empty()), ("emblem", look.emblem.is_none())];
    let unset: Vec<&str> = unset.into_iter().filter_map(|(name, unset)| unset.then_some(name)).collect();
    if !unset.is_empty() {
        notes.advice(
            "look",
            format!("[document] has no {}, so that the paper looks like anybody's", unset.join(" and no ")),
            "set it in vaccert.toml; look at it with vaccert document preview",
        );
    }
}

/// Scripts of these names that nothing draws.
fn missing<'c>(coverage: &'c [ScriptFont], names: &[&str]) -> Vec<&'c ScriptFont> {
    let lacks = |script: &&ScriptFont| names.contains(&script.script) && matches!(script.font, DrawnBy::Nothing { .. });
    coverage.iter().filter(lacks).collect()
}

/// Their names, and the packages that have fonts for them, each once.
fn told(lacking: &[&ScriptFont]) -> (String, String) {
    let scripts: Vec<&str> = lacking.iter().map(|script| script.script).collect();
    let mut packages: Vec<&str> = lacking
        .iter()
        .filter_map(|script| match script.font {
            DrawnBy::Nothing { package } => package,
            _ => None,
        })
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let packages = if packages.is_empty() { "a font for it".to_owned() } else { packages.join(" ") };
    (scripts.join(" and "), packages)
}

/// Prints specimens: that of the longest names too.
fn print(notes: &mut Notes, setup: &PaperSetup, fonts: Fonts, now: Timestamp, random: &Random) {
    let Some(look) = dressed(notes, setup, &fonts) else { return };
    let look = &look;
    let printed = Press::new(look.clone(), fonts).map_err(|error| error.to_string()).and_then(|press| {
        let mint = Mint::new(setup.country, &setup.issuer_name, now, Arc::clone(random)).map_err(|e| e.to_string())?;
        let mut unsaid = Vec::new();
        for format in formats(setup) {
            for (person, long) in [(Invented::of(look.language), false), (Invented::long(), true)] {
                let sheet = mint.sheet(format, &person).map_err(|error| error.to_string())?;
                let sheets = std::slice::from_ref(&sheet);
                match press.print(sheets) {
                    // A name that has no room in a box of a template was told with the template.
                    Err(DocumentError::Box { .. }) if long => {}
                    printed => printed.map(|_| ()).map_err(|error| error.to_string())?,
                }
                if look.templates.of(sheet.kind).is_none() {
                    unsaid.extend(press.unsaid(sheets, &Order::default()).map_err(|error| error.to_string())?);
                }
            }
        }
        unsaid.sort_unstable();
        unsaid.dedup();
        Ok(unsaid)
    });
    if let Ok(unsaid) = &printed
        && !unsaid.is_empty()
    {
        notes.advice(
            "texts",
            format!(
                "the layout {} has no room for {}, or not beside long names",
                look.layout.name(),
                unsaid.join(", ")
            ),
            "look at it with vaccert document preview; shorten the texts, or choose the layout plain",
        );
    }
    match printed {
        Ok(_) if !look.templates.is_empty() => notes.ok("prints", "specimens print on the templates of [document]"),
        Ok(_) => notes.ok("prints", format!("specimens print in the layout {}", Layout::name(look.layout))),
        Err(error) => notes.error("prints", &error, "correct [document]; try it with vaccert document preview"),
    }
}

/// What is printed: the certificate of the layout; with templates, a certificate of each form that is issued, for each
/// has its own.
fn formats(setup: &PaperSetup) -> Vec<Format> {
    if setup.paper.templates.is_empty() {
        return vec![if setup.paper.look.layout.name() == "yellow" { Format::Icvp } else { Format::EuDcc }];
    }
    let dose = setup.formats.iter().any(|format| *format != Format::Icvp).then_some(Format::EuDcc);
    let card = setup.formats.contains(&Format::Icvp).then_some(Format::Icvp);
    dose.into_iter().chain(card).collect()
}

/// The look with its templates; faults and remarks of them are noted, each by itself.
fn dressed(notes: &mut Notes, setup: &PaperSetup, fonts: &Fonts) -> Option<Look> {
    let faults = match setup.paper.dressed(fonts) {
        Ok((look, remarks)) => {
            if let Some(first) = setup.paper.templates.first() {
                let count = setup.paper.templates.len();
                let named = if count == 1 { first.setting.to_owned() } else { format!("{count} settings") };
                notes.ok("templates", format!("the templates of [document] have no fault ({named})"));
            }
            for remark in remarks {
                let remedy = format!("see it with vaccert document template grid {}", remark.path.display());
                notes.advice("templates", remark.to_string(), remedy);
            }
            return Some(look);
        }
        Err(ConfigError::Templates(faults)) => faults,
        Err(error) => {
            notes.error("templates", &error, "correct [document]");
            return None;
        }
    };
    for TemplateFault { settings, error } in faults {
        match error {
            TemplateError::Faults { path, findings } => {
                let otherwise = format!("correct {}", path.display());
                for finding in findings {
                    notes.error("templates", &format!("{settings}: {}: {finding}", path.display()), &otherwise);
                }
            }
            error => notes.error("templates", &format!("{settings}: {error}"), "correct the setting in vaccert.toml"),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_and_script_of_the_table_is_known() {
        for (countries, scripts) in SCRIPTS {
            for country in *countries {
                assert!(country.parse::<crate::record::Country>().is_ok(), "{country}");
            }
            assert!(!scripts.is_empty());
        }
        assert_eq!(of_country("LK"), ["Sinhala", "Tamil"]);
        assert!(of_country("TG").is_empty());
    }

    #[test]
    fn what_lacks_is_told_with_what_to_install() {
        let script = |script, font| ScriptFont { script, font };
        let coverage = [
            script("Latin", DrawnBy::BuiltIn),
            script("Lao", DrawnBy::Nothing { package: Some("fonts-noto-core") }),
            script("Han", DrawnBy::Nothing { package: Some("fonts-noto-cjk") }),
        ];
        let lacking = missing(&coverage, &["Latin", "Lao", "Han"]);
        assert_eq!(told(&lacking), ("Lao and Han".to_owned(), "fonts-noto-cjk fonts-noto-core".to_owned()));
        assert!(missing(&coverage, &["Latin"]).is_empty());
    }
}
