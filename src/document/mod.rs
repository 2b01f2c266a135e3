//! The paper: what a [`Sheet`] says, as a PDF. Last station of the way down.
//!
//! Paper is made in three steps: text becomes positioned glyphs (`text`), glyphs and the code get their places
//! (`layout`), and the places are written as a tagged, archivable PDF (`press`, `paint`). What cannot be drawn right is
//! refused with the field and the script; nothing is left out, replaced or garbled.
//!
//! The bytes depend on the sheet alone: no clock, no randomness. The date inside the file is the date of issue.

mod code;
mod error;
mod layout;
mod look;
mod paint;
mod picture;
mod press;
pub mod template;
mod text;
mod words;

use jiff::civil::Date;

/// The text that goes into the code on paper, and into whatever else shall be equal to it (wallet passes).
pub use crate::envelope::hcert::densest as paper_text;
pub use error::DocumentError;
pub use layout::{Layout, PageSize};
pub use look::{Colour, Look, LookError, Picture, Signature};
pub use picture::pictures;
pub use press::{Order, Press};
pub use text::{DrawnBy, FontFound, FontPlaces, Fonts, ScriptFont};
pub use words::Language;

/// What a certificate certifies; the heading follows from it (`title.<name>` of the words).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A vaccination.
    Vaccination,
    /// A test.
    Test,
    /// A recovery.
    Recovery,
    /// A vaccination, on the model certificate of Annex 6 of the International Health Regulations.
    YellowCard,
    /// Something that the program does not know.
    Other,
}

impl Kind {
    /// Its name in the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vaccination => "vaccination",
            Self::Test => "test",
            Self::Recovery => "recovery",
            Self::YellowCard => "yellow-card",
            Self::Other => "other",
        }
    }
}

/// One line of the table: what a certificate says besides the holder. The label is `label.<field>` of the words.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Name of the field, for words and errors, such as `vaccine`.
    pub field: &'static str,
    /// What stands beside the label.
    pub value: Value,
}

/// What stands beside a label.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// The same in every language: names, days, identifiers.
    Text(String),
    /// A word of ours: `value.<word>`, with the code behind it that it stands for, if there is one.
    Word {
        /// Name in the words.
        word: &'static str,
        /// Code to show in brackets; may be empty.
        code: String,
    },
    /// A day, which is written with its month in letters: the yellow card's. Days of other certificates are texts, as
    /// ISO 8601 has them.
    Day(Date),
    /// Number of a dose and of all doses of its series.
    Dose {
        /// This one.
        dose: i64,
        /// All.
        total: i64,
    },
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Value {
    /// Whether it is a text that says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// What is printed in `language`.
    #[must_use]
    pub fn in_words(&self, language: Language) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Word { word, code } => {
                let said = language.entry("value", word).unwrap_or(word);
                if code.is_empty() { said.to_owned() } else { format!("{said} ({code})") }
            }
            Self::Day(date) => language.date(*date),
            Self::Dose { dose, total } => {
                language.fill("value.dose", &[("dose", &dose.to_string()), ("total", &total.to_string())])
            }
        }
    }
}

/// A text that a law prescribes, word for word, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its language.
    pub language: Language,
    /// The text; it may be long.
    pub text: &'static str,
}

/// What a certificate says, apart from any language or layout. Its `Debug` form shows no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it certifies.
    pub kind: Kind,
    /// Against what, such as `COVID-19`, or the format where that is all that is known; may be empty. A word of ours
    /// where there is one, so that it is told in the languages of the paper.
    pub subject: Value,
    /// Who issues it, such as the name of the ministry.
    pub issuer: String,
    /// Country of issue: code or name.
    pub country: String,
    /// Whole name, for formats that do not tell its parts apart; otherwise empty.
    pub name: String,
    /// Surname(s) in the holder's own writing; may be empty if there are forenames.
    pub family: String,
    /// Forename(s) in the holder's own writing; may be empty if there are surnames.
    pub given: String,
    /// Surname(s) as in the machine-readable zone of a passport (ICAO Doc 9303 part 3); may be empty.
    pub family_std: String,
    /// Forename(s) as in the machine-readable zone of a passport; may be empty.
    pub given_std: String,
    /// Date of birth as it shall be printed; empty if the source has none, which the paper then says.
    pub birth_date: String,
    /// The table, in its order: dose, date, vaccine, product, holder, country, disease, and so on.
    pub rows: Vec<Row>,
    /// Texts that a law prescribes, in each language that they have.
    pub notices: Vec<Notice>,
    /// Identifier of the certificate (UVCI), printed under the code.
    pub id: String,
    /// Text of the code (`HC1:…`).
    pub code: String,
    /// What goes into the code where that is no text; the text is then not drawn.
    pub archive: Option<Vec<u8>>,
    /// Date of issue; it becomes the date of the file.
    pub issued: Date,
    /// Whether the sheet must say that it is not valid.
    pub specimen: bool,
}

impl Sheet {
    /// What the law prescribes in `language`; in English where it prescribes nothing in that language.
    #[must_use]
    pub fn notice(&self, language: Language) -> Option<&Notice> {
        let of = |language| self.notices.iter().find(|notice| notice.language == language);
        of(language).or_else(|| of(Language::ENGLISH))
    }
}

/// Whether the fonts of the program are sure to have it: letters of Western and Vietnamese names, Greek and Cyrillic,
/// and what stands between words. What is not in here may be there too.
fn is_plain(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{17f}' | '\u{300}'..='\u{304}' | '\u{306}'..='\u{30c}' | '\u{323}' |
        'Α'..='Ρ' | 'Σ'..='Ω' | 'ά'..='ώ' | 'Ѐ'..='ѿ' | '\u{1ea0}'..='\u{1ef9}' | '–' | '—' | '‘'..='„' | '…')
}

impl Sheet {
    /// Whether it may have letters that are not built into the program, in what was written about a person: the names,
    /// and texts of the table.
    #[must_use]
    pub fn has_foreign_letters(&self) -> bool {
        let named = [&self.name, &self.family, &self.given, &self.issuer];
        let told = self.rows.iter().filter_map(|row| match &row.value {
            Value::Text(text) => Some(text),
            _ => None,
        });
        named.into_iter().chain(told).any(|text| !text.chars().all(is_plain))
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({})", self.field)
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({:?}, {} rows, specimen: {})", self.kind, self.rows.len(), self.specimen)
    }
}

#[cfg(test)]
mod tests {
    use super::{text::FONTS, *};

    #[test]
    fn what_counts_as_plain_is_drawn_by_the_fonts_of_the_program() {
        for c in ('\u{20}'..='\u{2fff}').filter(|c| is_plain(*c)) {
            // A mark stands on a letter.
            let text = if ('\u{300}'..='\u{36f}').contains(&c) { format!("a{c}") } else { c.to_string() };
            for weight in [text::Weight::Regular, text::Weight::Bold] {
                assert!(FONTS.shape("family", &text, weight).is_ok(), "U+{:04X}", u32::from(c));
            }
        }
    }
}
