//! The paper: what a [`Sheet`] says, as a PDF of one A4 page. Last station of the way down.
//!
//! A page is made in three steps: text becomes positioned glyphs (`font`), glyphs and the code get their places
//! (`layout`), and the places are written as a tagged, archivable PDF (`press`). What cannot be drawn right is
//! refused with the field and the script; nothing is left out, replaced or garbled.
//!
//! The bytes depend on the sheet alone: no clock, no randomness. The date inside the file is the date of issue.

mod code;
mod error;
mod font;
mod layout;
mod press;
mod words;
mod wrap;

use jiff::civil::Date;

pub use error::DocumentError;
pub use press::Press;
pub use words::Language;

/// One line of the table: what a certificate says besides the holder.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Name of the field for errors, such as `vaccine`.
    pub field: &'static str,
    /// What stands on the left, in the language of the sheet.
    pub label: String,
    /// What stands on the right, in words.
    pub value: String,
}

/// What a certificate says, in the words that go on paper. Its `Debug` form shows no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Heading, such as "Vaccination certificate".
    pub title: String,
    /// Second line, such as "COVID-19"; may be empty.
    pub kind_label: String,
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
    /// Texts below the table, such as what a law prescribes, word for word.
    pub notices: Vec<String>,
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
    /// Language of the fixed words.
    pub language: Language,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({})", self.field)
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({} rows, {:?}, specimen: {})", self.rows.len(), self.language, self.specimen)
    }
}
