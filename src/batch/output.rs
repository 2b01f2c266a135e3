//! Files of a certificate: one folder each, named by the random part of its identifier.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{BatchError, reasons, sheet};
use crate::{
    barcode::{Level, Qr},
    document::{Language, Press},
    issue::Issued,
    record::{Refusal, Uvci},
};

/// Pixels a module in a picture: 4 show well on a telephone and print at 300 dpi.
const PICTURE_SCALE: u32 = 4;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The text of the code.
    Text,
    /// The code as a picture.
    Png,
    /// The code as a drawing.
    Svg,
    /// The paper.
    Pdf,
}

impl Part {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Text, Self::Png, Self::Svg, Self::Pdf];

    /// Name of the file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text => "eu-dcc.txt",
            Self::Png => "eu-dcc.png",
            Self::Svg => "eu-dcc.svg",
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
    pub parts: Vec<Part>,
    /// Error correction of pictures for screens.
    pub level: Level,
}

impl Outputs {
    /// The folder of a certificate.
    #[must_use]
    pub fn folder(&self, id: &Uvci) -> PathBuf {
        self.dir.join(id.opaque())
    }

    /// Whether all files of a certificate are there. The paper may be missing for good (letters that it
    /// cannot draw), so it does not count.
    pub(super) fn is_complete(&self, id: &Uvci) -> bool {
        let folder = self.folder(id);
        self.parts.iter().filter(|part| **part != Part::Pdf).all(|part| folder.join(part.file_name()).is_file())
            && folder.is_dir()
    }

    /// Writes the files of a certificate. The folder appears under its name when it is complete, never before.
    /// Gives a note when the paper cannot be drawn.
    pub(super) fn write(
        &self,
        issued: &Issued,
        press: &Press,
        language: Language,
        specimen: bool,
    ) -> Result<Option<Refusal>, BatchError> {
        let folder = self.folder(&issued.id);
        let making = self.dir.join(format!("{}.part", issued.id.opaque()));
        make_private_dir(&making)?;
        let mut note = None;
        let mut screen = None;
        for part in &self.parts {
            let path = making.join(part.file_name());
            let bytes = match part {
                Part::Text => format!("{}\n", issued.text).into_bytes(),
                Part::Png | Part::Svg => {
                    let qr = match screen.take() {
                        Some(qr) => Ok(qr),
                        None => Qr::encode(&issued.text, self.level),
                    };
                    let drawn = qr.and_then(|qr| {
                        let bytes = match part {
                            Part::Png => qr.to_png(PICTURE_SCALE)?,
                            _ => qr.to_svg().into_bytes(),
                        };
                        screen = Some(qr);
                        Ok(bytes)
                    });
                    match drawn {
                        Ok(bytes) => bytes,
                        Err(error) => {
                            note = Some(Refusal::of(reasons::CODE_NOT_DRAWN, None).with(error));
                            continue;
                        }
                    }
                }
                Part::Pdf => match press.print(&sheet::of(issued, language, specimen)) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        note = Some(Refusal::of(reasons::PAPER_NOT_DRAWN, None).with(error));
                        continue;
                    }
                },
            };
            write_private(&path, &bytes)?;
        }
        match fs::rename(&making, &folder) {
            Ok(()) => {}
            // The folder is there already, from a run with other files or half deleted: complete it.
            Err(_) if folder.is_dir() => {
                for part in &self.parts {
                    let (from, to) = (making.join(part.file_name()), folder.join(part.file_name()));
                    if from.is_file() {
                        fs::rename(&from, &to).map_err(BatchError::write(&to))?;
                    }
                }
                fs::remove_dir_all(&making).map_err(BatchError::write(&making))?;
            }
            Err(error) => return Err(BatchError::write(&folder)(error)),
        }
        Ok(note)
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
