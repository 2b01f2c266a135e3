use std::collections::BTreeSet;

use super::*;

const CHECKS: [Check; 5] = [Check::Passed, Check::Failed, Check::Open, Check::NoRules, Check::Unchecked];
const LABELS: [Label; 27] = [
    Label::Dose,
    Label::DateOfVaccination,
    Label::Vaccine,
    Label::VaccineType,
    Label::Manufacturer,
    Label::Disease,
    Label::Result,
    Label::SampleTaken,
    Label::TestType,
    Label::TestingCentre,
    Label::FirstPositive,
    Label::RecoveryPeriod,
    Label::Country,
    Label::IssuedBy,
    Label::Lot,
    Label::Centre,
    Label::Practitioner,
    Label::NextDose,
    Label::Counts,
    Label::Nationality,
    Label::Document,
    Label::Guardian,
    Label::Link,
    Label::LinkLabel,
    Label::Annex6,
    Label::LinkExpires,
    Label::LinkPasscode,
];

/// Languages with a script that none of the others has (Unicode, chapters 9, 12, 13, 16 and 19).
const SCRIPTS: [(Language, std::ops::RangeInclusive<char>); 5] = [
    (Language::Arabic, '\u{600}'..='\u{6ff}'),
    (Language::Lao, '\u{e80}'..='\u{eff}'),
    (Language::Sinhala, '\u{d80}'..='\u{dff}'),
    (Language::Tamil, '\u{b80}'..='\u{bff}'),
    (Language::Amharic, '\u{1200}'..='\u{137f}'),
];

/// Every text of a language.
fn texts(language: Language) -> Vec<&'static str> {
    let mut all = Vec::new();
    for reason in Reason::ALL {
        let advice = language.reason(*reason);
        all.extend([advice.cause, advice.next]);
    }
    all.extend(Warning::ALL.iter().map(|warning| language.warning(*warning)));
    for name in CheckName::ALL {
        all.extend(CHECKS.iter().map(|outcome| language.check(name, *outcome)));
    }
    all.extend(LABELS.iter().map(|label| language.label(*label)));
    all.extend([Kind::Vaccination, Kind::Test, Kind::Recovery].map(|kind| language.kind(kind)));
    all.extend([Decision::Accepted, Decision::Rejected, Decision::Undecided].map(|word| language.decision(word)));
    all
}

#[test]
fn every_code_has_words_of_its_own_language() {
    let english = texts(Language::English);
    for language in Language::ALL {
        let texts = texts(language);
        assert_eq!(texts.len(), english.len());
        for text in &texts {
            assert!(!text.trim().is_empty() && text.trim() == *text && !text.ends_with('.'), "{language:?}: {text:?}");
        }
        if language == Language::English {
            continue;
        }
        // Cognates such as "dose" are the same word; sentences never are.
        for (text, original) in texts.iter().zip(&english) {
            assert!(!text.contains(' ') || text != original, "{language:?} has the English text {text:?}");
        }
        for (of, letters) in SCRIPTS {
            let written = |text: &str| text.chars().any(|c| letters.contains(&c));
            if language == of {
                let foreign: Vec<_> = texts.iter().filter(|text| !written(text)).collect();
                assert!(foreign.is_empty(), "{language:?}: {foreign:?}");
            } else {
                assert!(!texts.iter().any(|text| written(text)), "{language:?} has letters of {of:?}");
            }
        }
    }
}

#[test]
fn decisions_cannot_be_confused() {
    for language in Language::ALL {
        let words: BTreeSet<&str> =
            [Decision::Accepted, Decision::Rejected, Decision::Undecided].map(|word| language.decision(word)).into();
        assert_eq!(words.len(), 3);
        assert_eq!(Language::from_code(language.code()), Some(language));
    }
    assert_eq!(Language::from_code("de"), None);
}
