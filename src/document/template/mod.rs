//! National templates: a ministry's own PDF as background, and a small file that says where each field and the code go.
//!
//! ```toml
//! background = "background.pdf"     # beside this file; up to A3, one or more pages
//! drawn = "picture"                 # or "vector"
//! languages = ["en"]
//!
//! [[field]]
//! name = "family"
//! x = 20                            # millimetres from the top left corner of the page
//! y = 62
//! width = 95
//! height = 8
//!
//! [[code]]
//! x = 140
//! y = 60
//! size = 52                         # the white square; the quiet zone is inside
//! ```
//!
//! The order of the file is the order in which a screen reader reads. What a background says (`[[text]]`) becomes its
//! alternative text: a picture of words has none of its own.
//!
//! A background is drawn as a picture of 300 dots an inch (`dots`), packed once when the template is loaded, unless it
//! asks for `drawn = "vector"`. A picture holds the promise that all our paper makes: PDF/A-2a and PDF/UA-1. A PDF inside a PDF
//! may bring fonts that are not embedded and whatever else those profiles forbid, so that the library gives no such
//! claim to it; in return it is sharp at any size, and smaller.
//!
//! `printpdf`, which reads and stamps PDFs too, would write neither tags nor the same bytes twice.

mod background;
mod check;
mod clean;
mod error;
mod fields;
mod file;
mod grid;
mod place;
mod plan;
mod scaffold;
mod write;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use error::{Finding, TemplateError};
pub use grid::grid;
pub use scaffold::scaffold;

use super::{DocumentError, Fonts, Kind, Language, Sheet};
use crate::limits::{TEMPLATE_BYTES, TEMPLATE_FINDINGS};
use background::Background;
use plan::Plan;

/// A national template, checked and ready to print on. Load it once and share it between threads.
pub struct Template {
    path: PathBuf,
    plan: Plan,
    background: Background,
}

impl Template {
    /// Reads a template and its background.
    ///
    /// # Errors
    /// [`TemplateError`]; every fault at once, each with its line.
    pub fn load(path: &Path) -> Result<Self, TemplateError> {
        let (plan, background, mut findings) = open(path)?;
        let template = match background {
            Ok(background) => {
                check::places(&plan, &background, &mut findings);
                Some(Self { path: path.to_owned(), plan, background })
            }
            Err(finding) => {
                findings.push(Finding { line: None, text: format!("the background {}: {finding}", plan.background) });
                None
            }
        };
        match template {
            Some(template) if findings.is_empty() => Ok(template),
            _ => Err(faults(path, findings)),
        }
    }

    /// Reads a template as [`Template::load`] does, and prints invented certificates on it that are thrown away. Gives
    /// back, beside it, what is no fault and still worth knowing, such as a box without room for a long name.
    ///
    /// # Errors
    /// [`TemplateError`]; among its faults each field that does not even hold what is usual.
    pub fn checked(path: &Path, fonts: &Fonts) -> Result<(Self, Vec<Finding>), TemplateError> {
        let template = Self::load(path)?;
        let (usual, mut remarks) = check::dry(&template, fonts);
        if !usual.is_empty() {
            return Err(faults(path, usual));
        }
        // The whole way once: what the library makes of this background is known before the first certificate.
        template.specimen(fonts)?;
        remarks.extend(check::remarks(&template));
        remarks.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
        Ok((template, remarks))
    }

    /// Prints a certificate of nobody on this template, crossed as a specimen; its code says nothing.
    ///
    /// # Errors
    /// [`DocumentError`] names the field that cannot be printed.
    pub fn specimen(&self, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
        self.specimen_of(Kind::Vaccination, fonts)
    }

    /// The same of another kind of certificate: each field that a template may place says something.
    ///
    /// # Errors
    /// [`DocumentError`] names the field that cannot be printed.
    pub fn specimen_of(&self, kind: Kind, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
        let sheet = Sheet { kind, ..check::specimen(self.language(), false) };
        print(fonts, &[(self, &sheet)])
    }

    /// Where the template was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Pages of its background.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.background.pages()
    }

    /// Fields, labels and codes that it places.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.plan.items.len()
    }

    /// Whether what is printed on it is archivable and accessible by the letter (PDF/A-2a, PDF/UA-1).
    #[must_use]
    pub fn archivable(&self) -> bool {
        self.background.archivable()
    }

    /// First language of the document.
    fn language(&self) -> Language {
        self.plan.languages.first().copied().unwrap_or(Language::ENGLISH)
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({})", self.path.display())
    }
}

/// Prints each sheet on its template, all as one PDF. The same sheets always give the same bytes.
///
/// # Errors
/// [`DocumentError`] names the field that cannot be printed and why; a field is never left out, cut or laid over another.
pub fn print(fonts: &Fonts, sheets: &[(&Template, &Sheet)]) -> Result<Vec<u8>, DocumentError> {
    let printed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write::print(fonts, sheets)));
    let refused = || DocumentError::Pdf { reason: "the background of the template cannot be taken over".to_owned() };
    printed.unwrap_or_else(|_| Err(refused()))
}

/// The templates of a ministry: one for every kind of certificate that has its own, and one for the rest.
#[derive(Clone, Default)]
pub struct Templates(Vec<(Option<Kind>, Arc<Template>)>);

impl Templates {
    /// Adds a template: of this kind, or of every kind that has none of its own.
    pub fn add(&mut self, kind: Option<Kind>, template: impl Into<Arc<Template>>) {
        self.0.retain(|(of, _)| *of != kind);
        self.0.push((kind, template.into()));
    }

    /// The template of this kind of certificate.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Template> {
        let find = |wanted: Option<Kind>| self.0.iter().find(|(kind, _)| *kind == wanted);
        find(Some(kind)).or_else(|| find(None)).map(|(_, template)| &**template)
    }

    /// Whether everything that its template shows of the sheet has its room there; `None` where it has no template.
    /// Nothing is printed for it.
    #[must_use]
    pub fn fits(&self, fonts: &Fonts, sheet: &Sheet) -> Option<Result<(), DocumentError>> {
        Some(write::fits(fonts, self.of(sheet.kind)?, sheet))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Prints the sheets, each on the template of its kind; `None` where a sheet has none.
    #[must_use]
    pub fn print(&self, fonts: &Fonts, sheets: &[Sheet]) -> Option<Result<Vec<u8>, DocumentError>> {
        let pairs: Option<Vec<_>> = sheets.iter().map(|sheet| Some((self.of(sheet.kind)?, sheet))).collect();
        Some(print(fonts, &pairs?))
    }
}

impl PartialEq for Templates {
    /// Whether they are the same templates, loaded once.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, two)| one.0 == two.0 && Arc::ptr_eq(&one.1, &two.1))
    }
}

impl Eq for Templates {}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(kind, template)| (kind, template.path()))).finish()
    }
}

/// Reads the file and opens the background that it names.
fn open(path: &Path) -> Result<(Plan, Result<Background, Finding>, Vec<Finding>), TemplateError> {
    let unreadable = |error: std::io::Error| TemplateError::Unreadable { path: path.to_owned(), kind: error.kind() };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(TEMPLATE_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TEMPLATE_BYTES {
        return Err(TemplateError::TooLarge { path: path.to_owned(), limit: TEMPLATE_BYTES });
    }
    let mut findings = Vec::new();
    let Ok(text) = String::from_utf8(bytes) else {
        let text = "the file is no text in UTF-8; give the TOML file, and the PDF inside it".to_owned();
        return Err(faults(path, vec![Finding { line: None, text }]));
    };
    let plan = file::read(text.strip_prefix('\u{feff}').unwrap_or(&text), &mut findings);
    if findings.iter().any(|finding| finding.text.starts_with("this is no TOML")) {
        return Err(faults(path, findings));
    }
    let background = path.parent().unwrap_or(Path::new("")).join(&plan.background);
    let background = Background::open(&background, plan.drawn);
    Ok((plan, background, findings))
}

fn faults(path: &Path, mut findings: Vec<Finding>) -> TemplateError {
    findings.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
    if findings.len() > TEMPLATE_FINDINGS {
        findings.truncate(TEMPLATE_FINDINGS);
        findings.push(Finding { line: None, text: "and more: mend these first".to_owned() });
    }
    TemplateError::Faults { path: path.to_owned(), findings }
}
