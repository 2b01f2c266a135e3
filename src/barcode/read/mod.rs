//! The codes in a photograph, a screenshot, a scan or a PDF: first station of the way up.
//!
//! File → shades of grey (`decode`, `pdf`) → dark and light (`threshold`) → finder patterns, symbols, bytes
//! (`find`, `aztec`), and, as long as nothing reads, the same again through another lens (`search`).
//!
//! QR and Aztec symbols, as they are, turned, mirrored or with inverted colours, several in one picture. What a
//! symbol says is handed on as bytes, because a DIVOC symbol holds a zip archive.
//!
//! Codes read, of distorted pictures of 24 published certificates, one a country (`cargo bench
//! --no-default-features --features verify --bench pictures` repeats the first column, with times):
//!
//! | picture | here | zxing-cpp 3 | rxing alone | zbar 0.23 | rqrr 0.11 |
//! |---|---|---|---|---|---|
//! | screenshot | 24/24 | 24/24 | 24/24 | 24/24 | 24/24 |
//! | 2.3 pixels a module | 24/24 | 24/24 | 24/24 | 24/24 | 11/24 |
//! | turned 5 degrees | 24/24 | 24/24 | 24/24 | 24/24 | 3/24 |
//! | turned 17 degrees | 24/24 | 24/24 | 24/24 | 24/24 | 3/24 |
//! | turned 45 degrees | 24/24 | 24/24 | 24/24 | 24/24 | 5/24 |
//! | turned 90 degrees | 24/24 | 24/24 | 24/24 | 24/24 | 8/24 |
//! | blur 1, module 4 | 24/24 | 24/24 | 24/24 | 24/24 | 7/24 |
//! | blur 2, module 4 | 24/24 | 0/24 | 0/24 | 0/24 | 0/24 |
//! | blur 3, module 6 | 24/24 | 19/24 | 14/24 | 0/24 | 0/24 |
//! | moved 5 pixels | 24/24 | 24/24 | 24/24 | 24/24 | 7/24 |
//! | slanted 25 % | 24/24 | 24/24 | 24/24 | 17/24 | 6/24 |
//! | slanted 45 % | 22/24 | 24/24 | 20/24 | 8/24 | 6/24 |
//! | bent 5 % | 17/24 | 14/24 | 17/24 | 0/24 | 0/24 |
//! | low light | 24/24 | 21/24 | 22/24 | 0/24 | 0/24 |
//! | low light, noise | 24/24 | 7/24 | 13/24 | 0/24 | 0/24 |
//! | half in shadow | 24/24 | 24/24 | 23/24 | 24/24 | 3/24 |
//! | JPEG 30, module 3 | 24/24 | 24/24 | 24/24 | 24/24 | 8/24 |
//! | inverted | 24/24 | 24/24 | 24/24 | 0/24 | 0/24 |
//! | stained | 24/24 | 24/24 | 24/24 | 24/24 | 3/24 |
//! | 14 pixels a module, noise | 24/24 | 24/24 | 24/24 | 19/24 | 19/24 |
//! | all together | 24/24 | 24/24 | 24/24 | 15/24 | 2/24 |
//! | all together, worse | 5/24 | 4/24 | 4/24 | 0/24 | 0/24 |
//! | small in 12 megapixels | 6/6 | 6/6 | 6/6 | 6/6 | 2/6 |
//! | four codes | 24/24 | 24/24 | 24/24 | 24/24 | 3/24 |
//!
//! The blurs are the widths of the bell and of a module in pixels. `zxing-cpp` is C++ and needs CMake; the readers
//! here are Rust and build with nothing else. On one core of 2026 a screenshot takes 5 ms, most photographs 10 to
//! 30, one that needs several looks 50 to 500, one of 12 megapixels without any code 1,400.
//!
//! What a hostile file can cost is bounded in [`crate::limits`], except the time that a PDF takes to draw: its
//! library has no bound, so a shell that opens PDFs of strangers should set one.

mod aztec;
mod decode;
mod find;
mod grey;
#[cfg(not(target_arch = "wasm32"))]
mod pdf;
mod search;
mod threshold;

#[cfg(all(feature = "issue", not(target_arch = "wasm32")))]
pub(crate) use pdf::{Dots, dots, foreign};

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::limits::{PICTURE_BYTES, PICTURE_PIXELS, PICTURE_SIDE};

/// A file that may hold codes, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Portable Network Graphics (ISO/IEC 15948).
    Png,
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// Portable Document Format (ISO 32000).
    Pdf,
}

impl FileKind {
    /// The kind of file that starts with `bytes`; a kilobyte is enough. A PDF may have some other bytes before its
    /// header, as mail programs and scanners leave them (ISO 32000-1, annex H.3, note 13).
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let start = bytes.get(..1024).unwrap_or(bytes);
        if start.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if start.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if start.windows(5).any(|five| five == b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Pdf => "PDF",
        })
    }
}

/// Kind of symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symbology {
    /// QR code (ISO/IEC 18004), which HCERT 1.0.8, section 4.2.2, asks for.
    Qr,
    /// Aztec (ISO/IEC 24778), which Ireland printed.
    Aztec,
}

/// One code of a picture. Holds personal data: its `Debug` form shows only its kind and size.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Kind of symbol.
    pub symbology: Symbology,
    /// Content of the symbol. Text of an Aztec symbol is in UTF-8; a QR symbol gives its bytes as they are.
    pub bytes: Vec<u8>,
}

impl Found {
    /// The content as text; `None` if it is binary, as a DIVOC archive is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({:?}, {} bytes)", self.symbology, self.bytes.len())
    }
}

/// Why a file gave no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The first bytes are of no kind that is read here.
    #[error("the file is not a PNG, JPEG or PDF; save the picture as one of these, or pass the text of the code")]
    NotAPicture,
    /// More bytes than [`PICTURE_BYTES`].
    #[error("the file has {bytes} bytes and at most {limit} are read; pass a photograph of the code alone")]
    TooManyBytes {
        /// Bytes of the file.
        bytes: u64,
        /// Most that are read.
        limit: u64,
    },
    /// More pixels than [`crate::limits::PICTURE_PIXELS`], or a side longer than [`crate::limits::PICTURE_SIDE`].
    #[error(
        "a picture of {width} by {height} pixels is larger than the {pixels} pixels and the {side} pixels a side \
         that are read; cut it to the code or make it smaller"
    )]
    TooManyPixels {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
        /// Most pixels that are read.
        pixels: usize,
        /// Longest side that is read.
        side: usize,
    },
    /// The file breaks off or contradicts itself.
    #[error("the {kind} file is damaged or incomplete; ask for it again or take a new photograph of the code")]
    Damaged {
        /// What the file says it is.
        kind: FileKind,
    },
    /// A PDF that cannot be opened without its password, or whose encryption is not known.
    #[error("the PDF is protected by a password; open it and pass a screenshot of the code, or have it saved without")]
    Encrypted,
    /// A PDF that unpacks to far more than a certificate needs.
    #[error("the PDF unpacks to more than {limit} bytes, which no certificate needs; pass a screenshot of the code")]
    Bomb {
        /// Most bytes that a PDF may unpack to.
        limit: u64,
    },
    /// The picture is sound and no code in it could be read.
    #[error(
        "no code could be read in the {kind}; lay the code flat, let it fill most of the picture, add light, avoid \
         reflections, hold still, and take it again"
    )]
    NoCode {
        /// What was looked at.
        kind: FileKind,
    },
}

/// Every code in a PNG or JPEG picture, each content once, in reading order (from top to bottom, in a row from
/// left to right); never an empty list.
///
/// # Errors
/// [`PictureError`] if `bytes` are no such picture, one that is too large or damaged, or hold no code that reads.
pub fn codes_in_picture(bytes: &[u8]) -> Result<Vec<Found>, PictureError> {
    check_size(bytes)?;
    let kind = match FileKind::of(bytes) {
        Some(kind @ (FileKind::Png | FileKind::Jpeg)) => kind,
        Some(FileKind::Pdf) | None => return Err(PictureError::NotAPicture),
    };
    contained(kind, || {
        let picture = if kind == FileKind::Png { decode::png(bytes)? } else { decode::jpeg(bytes)? };
        let found = search::codes(&picture);
        if found.is_empty() { Err(PictureError::NoCode { kind }) } else { Ok(found) }
    })
}

/// Runs libraries on a file that anybody may have made: should one of them panic, the file is damaged, and the
/// program goes on. (The hook of the process still tells where it happened, and nothing of the file.)
fn contained<T>(kind: FileKind, read: impl FnOnce() -> Result<T, PictureError>) -> Result<T, PictureError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(PictureError::Damaged { kind }))
}

/// Every code in a frame of a camera: row by row from the top left, 0 is black, 255 is white; each content once, in
/// reading order. An empty list where there is none, which is what most frames hold. `number` counts the frames: each
/// is looked at in the plain way and in one of the others, which take turns.
///
/// # Errors
/// [`PictureError::TooManyPixels`], or [`PictureError::NotAPicture`] when the sides do not say how many pixels
/// there are.
pub fn codes_in_frame(width: usize, height: usize, pixels: Vec<u8>, number: usize) -> Result<Vec<Found>, PictureError> {
    if pixels.len() > PICTURE_PIXELS || width > PICTURE_SIDE || height > PICTURE_SIDE {
        let wide = |side| u64::try_from(side).unwrap_or(u64::MAX);
        return Err(PictureError::TooManyPixels {
            width: wide(width),
            height: wide(height),
            pixels: PICTURE_PIXELS,
            side: PICTURE_SIDE,
        });
    }
    let frame = grey::Grey::new(width, height, pixels).ok_or(PictureError::NotAPicture)?;
    Ok(search::codes_in_live(&frame, number))
}

/// Every code on the first [`PDF_PAGES`](crate::limits::PDF_PAGES) pages of a PDF, whether it is a picture or drawn
/// as lines, each content once, page by page in reading order; never an empty list. A PDF that opens without a
/// password is read even if it is encrypted.
///
/// # Errors
/// [`PictureError`] if `bytes` are no PDF, one that is protected, damaged or a bomb, or hold no code that reads.
#[cfg(not(target_arch = "wasm32"))]
pub fn codes_in_pdf(bytes: &[u8]) -> Result<Vec<Found>, PictureError> {
    check_size(bytes)?;
    if FileKind::of(bytes) != Some(FileKind::Pdf) {
        return Err(PictureError::NotAPicture);
    }
    let found = contained(FileKind::Pdf, || {
        let mut found: Vec<Found> = Vec::new();
        pdf::each_page(bytes, |page, again| {
            let codes = if again { search::codes_in_drawn(page) } else { search::codes(page) };
            let read = !codes.is_empty();
            for code in codes {
                if !found.contains(&code) {
                    found.push(code);
                }
            }
            read
        })?;
        Ok(found)
    })?;
    if found.is_empty() { Err(PictureError::NoCode { kind: FileKind::Pdf }) } else { Ok(found) }
}

fn check_size(bytes: &[u8]) -> Result<(), PictureError> {
    match u64::try_from(bytes.len()) {
        Ok(bytes) if bytes > PICTURE_BYTES => Err(PictureError::TooManyBytes { bytes, limit: PICTURE_BYTES }),
        _ => Ok(()),
    }
}
