//! The text that Annex 6 of the International Health Regulations fixes for every yellow card (REQ-DE-24). It is
//! law: shown as it stands and never carried in a payload.

use std::sync::LazyLock;

use serde::Deserialize;

const FILE: &str = include_str!("../../../value-sets/who/icvp/annex-6.json");

/// The two languages of a yellow card (REQ-CC-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum AnnexLanguage {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// French.
    #[serde(rename = "fr")]
    French,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    en: String,
    #[serde(default)]
    fr: Option<String>,
}

// The file is compiled in and a test reads it, so the empty text is never seen in practice.
static TEXT: LazyLock<File> = LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());

/// The text of Annex 6 in a language, with the language that it is in: where there is no French wording that could
/// be cited, it is the English one. There is one text yet, for every version of the template: a version that is
/// not known gets that of the newest known one (REQ-DE-27).
#[must_use]
pub fn annex_6(language: AnnexLanguage) -> (&'static str, AnnexLanguage) {
    match (language, TEXT.fr.as_deref()) {
        (AnnexLanguage::French, Some(french)) => (french, AnnexLanguage::French),
        _ => (&TEXT.en, AnnexLanguage::English),
    }
}

/// What stands for the end of a validity that has none (REQ-DE-22); no other words are permitted.
#[must_use]
pub const fn for_life(language: AnnexLanguage) -> &'static str {
    match language {
        AnnexLanguage::English => "life of person vaccinated",
        AnnexLanguage::French => "vie entière du sujet vacciné",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_whole() {
        let (text, language) = annex_6(AnnexLanguage::English);
        assert_eq!(language, AnnexLanguage::English);
        assert!(
            text.starts_with("This certificate is valid only if the vaccine or prophylaxis used has been approved")
        );
        assert!(text.ends_with("in addition to either English or French."));
        assert_eq!(text.matches(". ").count(), 7);
        assert!(!annex_6(AnnexLanguage::French).0.is_empty());
    }
}
