//! Files of a certificate: one folder each, named by the random part of its identifier.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{BatchError, fhir, reasons, sheet};
use crate::{
    barcode::{BarcodeError, Level, Qr},
    document::{DocumentError, Order, Press, Sheet},
    issue::{Envelope, Format, Issued},
    record::{Refusal, Uvci},
    seal::DocumentKey,
};

/// Pixels a module in a picture: 4 show well on a telephone and print at 300 dpi.
pub(super) const PICTURE_SCALE: u32 = 4;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The signed text of each format.
    Text,
    /// The code of each format as a picture.
    Png,
    /// The code of each format as a drawing.
    Svg,
    /// The paper.
    Pdf,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Text, Self::Png, Self::Svg, Self::Pdf];
}

/// A file of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The signed text of a format.
    Text(Format),
    /// The archive that the code of linked data holds.
    Archive,
    /// The FHIR document of the WHO core data set.
    FhirDocument,
    /// The code of a format as a picture.
    Png(Format),
    /// The code of a format as a drawing.
    Svg(Format),
    /// The paper, which carries the code of one format.
    Pdf,
}

impl Part {
    /// The files of these kinds that a certificate of these formats has.
    pub fn of(kinds: &[Kind], formats: &[Format]) -> Vec<Self> {
        let mut parts = Vec::new();
        for format in formats {
            for kind in kinds {
                match kind {
                    Kind::Text => {
                        parts.push(Self::Text(*format));
                        match format {
                            Format::Divoc => parts.push(Self::Archive),
                            Format::Ddcc => parts.push(Self::FhirDocument),
                            Format::EuDcc | Format::Icvp | Format::DivocCwt => {}
                        }
                    }
                    Kind::Png => parts.push(Self::Png(*format)),
                    Kind::Svg => parts.push(Self::Svg(*format)),
                    Kind::Pdf => {}
                }
            }
        }
        if kinds.contains(&Kind::Pdf) {
            parts.push(Self::Pdf);
        }
        parts
    }

    /// Every file that a certificate can have.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::of(&Kind::ALL, &Format::ALL)
    }

    /// Name of the file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text(Format::EuDcc) => "eu-dcc.txt",
            Self::Png(Format::EuDcc) => "eu-dcc.png",
            Self::Svg(Format::EuDcc) => "eu-dcc.svg",
            Self::Text(Format::Ddcc) => "ddcc.txt",
            Self::Png(Format::Ddcc) => "ddcc.png",
            Self::Svg(Format::Ddcc) => "ddcc.svg",
            Self::FhirDocument => "ddcc.json",
            Self::Text(Format::Icvp) => "icvp.txt",
            Self::Png(Format::Icvp) => "icvp.png",
            Self::Svg(Format::Icvp) => "icvp.svg",
            Self::Text(Format::Divoc) => "divoc.json",
            Self::Png(Format::Divoc) => "divoc.png",
            Self::Svg(Format::Divoc) => "divoc.svg",
            Self::Archive => "divoc.zip",
            Self::Text(Format::DivocCwt) => "divoc-cwt.txt",
            Self::Png(Format::DivocCwt) => "divoc-cwt.png",
            Self::Svg(Format::DivocCwt) => "divoc-cwt.svg",
            Self::Pdf => "certificate.pdf",
        }
    }
}

/// Which files to write, and where.
#[derive(Debug, Clone)]
pub struct Outputs {
    /// The folder that holds a folder for each certificate.
    pub dir: PathBuf,
    /// Which files.
    pub kinds: Vec<Kind>,
    /// Error correction of pictures for screens.
    pub level: Level,
}

/// How the paper is printed.
#[derive(Clone)]
pub(super) struct Paper {
    pub(super) press: Arc<Press>,
    pub(super) specimen: bool,
    pub(super) divoc: DivocPaper,
    /// Who seals what is printed, and when.
    pub(super) seal: Option<(Arc<DocumentKey>, Timestamp)>,
}

impl Paper {
    /// Certificates as one PDF, as somebody ordered it, sealed where there is a document key: nothing is handed out
    /// without its seal. `None` where one of them has no paper.
    ///
    /// # Errors
    /// A note that says what cannot be drawn.
    pub(super) fn print(&self, issued: &[Issued], order: &Order) -> Option<Result<Vec<u8>, Refusal>> {
        let sheets: Option<Vec<Sheet>> =
            issued.iter().map(|issued| sheet::of(issued, self.divoc, self.specimen)).collect();
        let sheets = sheets?;
        Some(self.press.print_as(&sheets, order).map_err(|error| not_drawn(&error)).and_then(|bytes| self.seal(bytes)))
    }

    fn seal(&self, printed: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        let Some((key, now)) = &self.seal else { return Ok(printed) };
        key.seal(&printed, *now).map_err(|error| Refusal::of(reasons::PAPER_NOT_SEALED, None).with(error))
    }

    /// Why a certificate has no paper here, where that is so. Only what a person or a registry wrote is looked at, and
    /// printed where it has letters that are not built into the program: all else was tried when the program started.
    /// On a template of the ministry each field has its box, so there everything is looked at.
    pub(super) fn unprintable(&self, issued: &Issued) -> Option<Refusal> {
        let sheet = sheet::of(issued, self.divoc, self.specimen)?;
        let tried = match self.press.fits(&sheet) {
            Some(tried) => tried,
            None if sheet.has_foreign_letters() => self.press.print(&[sheet]).map(|_| ()),
            None => return None,
        };
        tried.err().map(|error| not_drawn(&error))
    }
}

/// The note of a paper that cannot be drawn: at which field, and what is missing there.
pub(super) fn not_drawn(error: &DocumentError) -> Refusal {
    Refusal::of(reasons::PAPER_NOT_DRAWN, error.field().as_deref()).with(error)
}

/// Which of the two DIVOC codes goes on paper where both are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DivocPaper {
    /// The one inside COSE, whose signature covers every value at its place.
    #[default]
    Cose,
    /// The linked data, which DIVOC's own verifiers read.
    LinkedData,
}

impl Outputs {
    /// The folder of a certificate.
    #[must_use]
    pub fn folder(&self, id: &Uvci) -> PathBuf {
        self.dir.join(id.opaque())
    }

    /// Whether all files of a certificate are there. The paper may be missing for good (letters that it
    /// cannot draw), and so may the FHIR document (a place that nobody knows), so they do not count.
    pub(super) fn is_complete(&self, id: &Uvci, formats: &[Format]) -> bool {
        let folder = self.folder(id);
        let parts = Part::of(&self.kinds, formats);
        let optional = [Part::Pdf, Part::FhirDocument];
        parts.iter().filter(|part| !optional.contains(part)).all(|part| folder.join(part.file_name()).is_file())
            && folder.is_dir()
    }

    /// Writes the files of a certificate. The folder appears under its name when it is complete, never before.
    /// Gives a note for each file that cannot be drawn.
    pub(super) fn write(&self, issued: &Issued, paper: &Paper) -> Result<Vec<Refusal>, BatchError> {
        let folder = self.folder(&issued.id);
        let making = self.dir.join(format!("{}.part", issued.id.opaque()));
        make_private_dir(&making)?;
        let mut notes = Vec::new();
        let parts = Part::of(&self.kinds, &issued.formats());
        let mut screen: Option<(Format, Qr)> = None;
        for part in &parts {
            match make(*part, issued, self.level, paper, &mut screen) {
                Some(Ok(bytes)) => write_private(&making.join(part.file_name()), &bytes)?,
                Some(Err(note)) => notes.push(note),
                None => {}
            }
        }
        match fs::rename(&making, &folder) {
            Ok(()) => {}
            // The folder is there already, from a run with other files or formats, or half deleted: complete it.
            Err(_) if folder.is_dir() => {
                for part in &parts {
                    let (from, to) = (making.join(part.file_name()), folder.join(part.file_name()));
                    if from.is_file() {
                        fs::rename(&from, &to).map_err(BatchError::write(&to))?;
                    }
                }
                fs::remove_dir_all(&making).map_err(BatchError::write(&making))?;
            }
            Err(error) => return Err(BatchError::write(&folder)(error)),
        }
        Ok(notes)
    }
}

/// One file of a certificate, in memory; `None` where the certificate has none of that kind. `screen` is the code that
/// was drawn just before, which PNG and SVG share.
///
/// # Errors
/// A note on a file that cannot be drawn.
pub(super) fn make(
    part: Part,
    issued: &Issued,
    level: Level,
    paper: &Paper,
    screen: &mut Option<(Format, Qr)>,
) -> Option<Result<Vec<u8>, Refusal>> {
    let note = |reason, error: &dyn std::fmt::Display| Refusal::of(reason, None).with(error);
    match part {
        Part::Text(format) => issued.envelope(format).map(|envelope| Ok(format!("{}\n", envelope.text).into())),
        Part::Png(format) | Part::Svg(format) => {
            issued.envelope(format)?;
            let drawn = symbol(issued, format, level, screen.take()).and_then(|qr| {
                let bytes = match part {
                    Part::Png(_) => qr.to_png(PICTURE_SCALE)?,
                    _ => qr.to_svg().into_bytes(),
                };
                *screen = Some((format, qr));
                Ok(bytes)
            });
            Some(drawn.map_err(|error| note(reasons::CODE_NOT_DRAWN, &format_args!("{format}: {error}"))))
        }
        Part::Archive => issued.envelope(Format::Divoc).and_then(|e| e.code().map(Cow::into_owned)).map(Ok),
        Part::FhirDocument => {
            let made = fhir::document_of(issued, level)?;
            Some(made.map_err(|error| note(reasons::DOCUMENT_NOT_MADE, &error)))
        }
        Part::Pdf => Some(paper.print(std::slice::from_ref(issued), &Order::default())?),
    }
}

/// The code of a format; `last` is the one that was drawn just before, which PNG and SVG share.
fn symbol(issued: &Issued, format: Format, level: Level, last: Option<(Format, Qr)>) -> Result<Qr, BarcodeError> {
    match last {
        Some((of, qr)) if of == format => Ok(qr),
        _ => {
            let code = issued.envelope(format).and_then(Envelope::code);
            // Archives are long: more error correction would make modules that no camera sees.
            let level = if format == Format::Divoc { Level::M } else { level };
            Qr::encode_bytes(code.as_deref().unwrap_or_default(), level)
        }
    }
}

/// Makes a folder that only its owner may read: certificates are personal data.
fn make_private_dir(path: &Path) -> Result<(), BatchError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(BatchError::write(path)),
    }
}

pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(BatchError::write(path))
}
