//! From an input to the codes in it: a text, a picture, a PDF, or standard input with any of them.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use crate::{
    barcode::read::{FileKind, PictureError, codes_in_pdf, codes_in_picture},
    limits::PICTURE_BYTES,
};

/// One code of an input.
pub(super) enum Code {
    /// The text of a code.
    Text(String),
    /// Content of a code that is no text.
    Binary,
}

/// Why an input gives no code.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("it is larger than {} MB; give a smaller picture, or the code alone", PICTURE_BYTES / 1_000_000)]
    TooLarge,
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error("it has more than one line; use --lines to check a list of codes")]
    ManyLines,
    #[error("it is empty; give the text of a code, a picture or a PDF")]
    Empty,
}

/// The bytes of a path; `-` is standard input.
pub(super) fn open(input: &Path) -> io::Result<Box<dyn Read>> {
    if input == Path::new("-") { Ok(Box::new(io::stdin())) } else { Ok(Box::new(fs::File::open(input)?)) }
}

/// Every code of an input, in reading order.
pub(super) fn codes(input: &Path) -> Result<Vec<Code>, InputError> {
    let mut bytes = Vec::new();
    let read = open(input)?.take(PICTURE_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > PICTURE_BYTES {
        return Err(InputError::TooLarge);
    }
    let found = match FileKind::of(&bytes) {
        Some(FileKind::Pdf) => codes_in_pdf(&bytes)?,
        Some(FileKind::Png | FileKind::Jpeg) => codes_in_picture(&bytes)?,
        None => return text(&bytes).map(|code| vec![code]),
    };
    Ok(found.iter().map(|code| code.text().map_or(Code::Binary, |text| Code::Text(text.to_owned()))).collect())
}

/// A file with one code: its line ends may stand around it, never inside.
fn text(bytes: &[u8]) -> Result<Code, InputError> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let code = lines.next().ok_or(InputError::Empty)?;
    if lines.next().is_some() { Err(InputError::ManyLines) } else { Ok(Code::Text(code.to_owned())) }
}
