//! From an input to the codes in it: a text, a picture, a PDF, or standard input with any of them.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{
    barcode::read::{FileKind, PictureError, codes_in_pdf, codes_in_picture},
    envelope::shc,
    limits::{PICTURE_BYTES, PICTURE_SECONDS},
};

/// Why an input gives no code.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("it is larger than {} MB; give a smaller picture, or the code alone", PICTURE_BYTES / 1_000_000)]
    TooLarge,
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error("it takes more than {PICTURE_SECONDS} seconds to read; give a screenshot of the code alone")]
    TooLong,
    #[error("it is neither the text of a code nor a PNG, a JPEG or a PDF; give one of these")]
    NotText,
    #[error("it has more than one line; use --lines to check a list of codes")]
    ManyLines,
    #[error("it is empty; give the text of a code, a picture or a PDF")]
    Empty,
}

/// The bytes of a path; `-` is standard input.
pub(super) fn open(input: &Path) -> io::Result<Box<dyn Read>> {
    if input == Path::new("-") { Ok(Box::new(io::stdin())) } else { Ok(Box::new(fs::File::open(input)?)) }
}

/// Every code of an input, in reading order: its content as it was read, which need not be text (DIVOC).
pub(super) fn codes(input: &Path) -> Result<Vec<Vec<u8>>, InputError> {
    let mut bytes = Vec::new();
    let read = open(input)?.take(PICTURE_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > PICTURE_BYTES {
        return Err(InputError::TooLarge);
    }
    let read = match FileKind::of(&bytes) {
        Some(FileKind::Pdf) => codes_in_pdf,
        Some(FileKind::Png | FileKind::Jpeg) => codes_in_picture,
        None => return text(&bytes),
    };
    let found = in_time(Duration::from_secs(PICTURE_SECONDS), move || read(&bytes))??;
    Ok(found.into_iter().map(|code| code.bytes).collect())
}

/// Waits for an answer no longer than `limit`. The work itself cannot be stopped: it ends with the program.
fn in_time<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, InputError> {
    let (done, answer) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = done.send(work());
    });
    answer.recv_timeout(limit).map_err(|_| InputError::TooLong)
}

/// A file with one code: its line ends may stand around it, never inside. A zip archive (DIVOC) and a JSON text are
/// one code as they are, but for a file of health cards, which gives each of its cards. The parts of a health card
/// that was cut into several codes stand one a line.
fn text(bytes: &[u8]) -> Result<Vec<Vec<u8>>, InputError> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if let Some(Ok(cards)) = shc::cards(bytes) {
        return Ok(cards.into_iter().map(String::into_bytes).collect());
    }
    if bytes.starts_with(b"PK\x03\x04") || start.starts_with(b"{") {
        return Ok(vec![bytes.to_vec()]);
    }
    if bytes.contains(&0) {
        return Err(InputError::NotText);
    }
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.as_slice() {
        [] => Err(InputError::Empty),
        [code] => Ok(vec![code.as_bytes().to_vec()]),
        codes if codes.iter().all(|code| shc::numeric::has_scheme(code.trim_start_matches('\u{feff}').trim())) => {
            Ok(codes.iter().map(|code| code.as_bytes().to_vec()).collect())
        }
        _ => Err(InputError::ManyLines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_and_no_other_kind_of_file() {
        assert!(matches!(text(b"\r\nHC1:ABC\r\n\r\n"), Ok(codes) if codes == [b"HC1:ABC"]));
        assert!(matches!(text(b"PK\x03\x04\x00\n\n"), Ok(codes) if codes.len() == 1 && codes[0].len() == 7));
        assert!(matches!(text(b" {\n\"a\": 1}\n"), Ok(codes) if codes.len() == 1 && codes[0].ends_with(b"}\n")));
        let cards = br#"{"verifiableCredential": ["a.b.c", "d.e.f"]}"#;
        assert!(matches!(text(cards), Ok(codes) if codes == [b"a.b.c", b"d.e.f"]));
        assert!(matches!(text(b"shc:/1/2/56\r\n\nshc:/2/2/56\n"), Ok(codes) if codes.len() == 2));
        assert!(matches!(text(b"shc:/1/2/56\nHC1:ABC"), Err(InputError::ManyLines)));
        assert!(matches!(text(b"HC1:ABC\nHC1:ABC"), Err(InputError::ManyLines)));
        assert!(matches!(text(b" \n"), Err(InputError::Empty)));
        assert!(matches!(text(b"GIF89a\x00\x01\n\n"), Err(InputError::NotText)));
    }

    #[test]
    fn what_takes_too_long_is_not_waited_for() {
        let short = Duration::from_millis(20);
        assert!(matches!(in_time(short, || thread::sleep(Duration::from_secs(5))), Err(InputError::TooLong)));
        assert_eq!(in_time(Duration::from_secs(5), || 7).unwrap(), 7);
        // A panic of a library is an answer too.
        assert!(in_time(Duration::from_secs(5), || panic!("in a library")).map(|(): ()| ()).is_err());
    }
}
