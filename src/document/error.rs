//! Why a sheet could not be printed. No message quotes a value: the field, a script and at most one code point
//! are enough to act on.

use std::path::PathBuf;

use crate::barcode::BarcodeError;

/// Why a sheet could not be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A letter that no font here has.
    #[error(
        "the field {field} has the character U+{:04X} ({script}), for which no font is here; {}",
        u32::from(*character), remedy(*package)
    )]
    MissingGlyph {
        /// Field of the sheet, see [`super::Sheet`] and [`super::Row::field`].
        field: &'static str,
        /// Script of the character by its Unicode name, such as `Arabic`.
        script: &'static str,
        /// Debian package that has a font for the script.
        package: Option<&'static str>,
        /// The character.
        character: char,
    },
    /// A folder of fonts that the configuration names.
    #[error("the folder of fonts {} cannot be read ({reason}); correct [document] fonts", folder.display())]
    FontFolder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Folders with more files of fonts than anybody has.
    #[error(
        "the folders of fonts have {files} files and at most {limit} are looked at; name narrower folders in [document] fonts"
    )]
    TooManyFonts {
        /// Files they have.
        files: usize,
        /// [`crate::limits::FONT_FILES`].
        limit: usize,
    },
    /// A control or formatting character: line feeds, direction overrides, zero-width characters.
    #[error(
        "the field {field} has the invisible character U+{:04X}, which can make the paper say something else than \
         the code; remove it at the source", u32::from(*character)
    )]
    Invisible {
        /// Field of the sheet.
        field: &'static str,
        /// The character.
        character: char,
    },
    /// More combining marks on one letter than any orthography of the drawn scripts has.
    #[error("the field {field} stacks more than {limit} combining marks on one letter; correct it at the source")]
    StackedMarks {
        /// Field of the sheet.
        field: &'static str,
        /// [`crate::limits::COMBINING_MARKS`].
        limit: usize,
    },
    /// A combining mark (a vowel sign, an accent) at the beginning or after a space, where there is no letter to bear it.
    #[error(
        "the field {field} has the mark U+{:04X} where there is no letter to bear it; correct it at the source",
        u32::from(*character)
    )]
    LoneMark {
        /// Field of the sheet.
        field: &'static str,
        /// The mark.
        character: char,
    },
    /// A field that must not be empty.
    #[error("the field {field} is empty, and a certificate on paper needs it; fill it before printing")]
    Empty {
        /// Field of the sheet.
        field: &'static str,
    },
    /// A field longer than any page can show.
    #[error("the field {field} has {chars} characters and the paper takes at most {limit}; shorten it")]
    FieldTooLong {
        /// Field of the sheet.
        field: &'static str,
        /// Characters it has.
        chars: usize,
        /// [`crate::limits::PAPER_FIELD_CHARS`].
        limit: usize,
    },
    /// More rows than the table of a sheet takes.
    #[error("the sheet has {rows} rows and the paper takes at most {limit}; leave some out")]
    TooManyRows {
        /// Rows it has.
        rows: usize,
        /// [`crate::limits::PAPER_ROWS`].
        limit: usize,
    },
    /// All fields together are higher than the page, even in the smallest type.
    #[error("the text is {excess_mm} mm too high for one page in the smallest type; shorten or leave out some rows")]
    DoesNotFit {
        /// Height that is missing, in millimetres, rounded up.
        excess_mm: u32,
    },
    /// The ministry's instructions are higher than their part of the folded page, even in the smallest type.
    #[error(
        "the instructions are {excess_mm} mm too high for their quarter of the folded page in the smallest type; shorten \
         [document.instructions], or print in the layout plain"
    )]
    Instructions {
        /// Height that is missing, in millimetres, rounded up.
        excess_mm: u32,
    },
    /// A layout for another kind of certificate.
    #[error(
        "the layout {layout} is the form of another kind of certificate than {kind}; print this one as plain, fold or card"
    )]
    WrongLayout {
        /// Name of the layout.
        layout: &'static str,
        /// Name of the kind.
        kind: &'static str,
    },
    /// Modules of the code would be too small on so little room.
    #[error(
        "the code has {modules} modules a side and would be too fine to scan in this layout; print it as plain or fold"
    )]
    CodeTooFine {
        /// Modules a side.
        modules: u32,
    },
    /// More certificates than one file takes, or none.
    #[error("there are {sheets} certificates to print and one file takes 1 to {limit}; print them in several files")]
    Sheets {
        /// How many there are.
        sheets: usize,
        /// [`crate::limits::PAPER_SHEETS`].
        limit: usize,
    },
    /// A field that is too long for its box of a national template, on any number of lines, even in its smallest type.
    #[error(
        "the field {field} does not fit into its box of the template, even in type of {smallest} points; make the box \
         wider or higher, or its smallest type smaller"
    )]
    Box {
        /// Field of the template.
        field: &'static str,
        /// Its smallest type, in points.
        smallest: String,
    },
    /// A template that does not tell what it shall show of this kind of certificate.
    #[error(
        "the certificate says nothing in the field {field}, which the template needs; write optional = true there, or use the template for other certificates"
    )]
    Lacking {
        /// Field of the template.
        field: &'static str,
    },
    /// A code with so much in it that the square of a national template makes its modules too small for cameras.
    #[error(
        "the code needs a square of {needed_mm} mm and the template has one of {given_mm} mm; make it larger, or put \
         less into the certificate"
    )]
    CodeSquare {
        /// Side that would do, in millimetres, rounded up.
        needed_mm: u32,
        /// Side that the template gives, in millimetres, rounded down.
        given_mm: u32,
    },
    /// The code cannot be drawn.
    #[error("the code of the sheet cannot be drawn")]
    Code(#[from] BarcodeError),
    /// The fonts built into the program cannot be read.
    #[error("the built-in font {face} cannot be read; the program is damaged, install it again")]
    Font {
        /// Which face.
        face: &'static str,
    },
    /// The PDF library refused the page.
    #[error("the page could not be written as PDF ({reason}); report this as a defect")]
    Pdf {
        /// What the library says about the structure of the file; it quotes no text.
        reason: String,
    },
}

/// What to do about a missing letter.
fn remedy(package: Option<&str>) -> String {
    match package {
        Some(package) => format!("install the package {package}, or put a font into the folder of [document] fonts"),
        None => "put a font that has it into the folder of [document] fonts, or correct it at the source".to_owned(),
    }
}

impl DocumentError {
    /// Field of the sheet at fault, with the script and the package of fonts where letters are missing, or the one
    /// character that is no letter of any script: what a list of
    /// records to mend says in a few words, and nothing of the person.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::MissingGlyph { field, script, package: Some(package), .. } => {
                Some(format!("{field}: {script}, {package}"))
            }
            // A sign of no script is told by itself: nobody finds a "Common" character in a name.
            Self::MissingGlyph { field, script: "Common" | "Inherited" | "Unknown", character, .. }
            | Self::Invisible { field, character }
            | Self::LoneMark { field, character } => Some(format!("{field}: U+{:04X}", u32::from(*character))),
            Self::MissingGlyph { field, script, .. } => Some(format!("{field}: {script}")),
            Self::StackedMarks { field, .. } | Self::Empty { field } | Self::FieldTooLong { field, .. } => {
                Some((*field).to_owned())
            }
            _ => None,
        }
    }
}
