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
    limits::{PICTURE_BYTES, PICTURE_SECONDS},
    verify::{Seal, TextError, codes_in_text},
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
    #[error("it has more than one line; use --lines to check a list of codes")]
    ManyLines,
    #[error(transparent)]
    Text(TextError),
}

/// The bytes of a path; `-` is standard input.
pub(super) fn open(input: &Path) -> io::Result<Box<dyn Read>> {
    if input == Path::new("-") { Ok(Box::new(io::stdin())) } else { Ok(Box::new(fs::File::open(input)?)) }
}

/// Every code of an input, in reading order: its content as it was read, which need not be text (DIVOC); and what the seal
/// of the file says.
pub(super) fn codes(input: &Path) -> Result<(Vec<Vec<u8>>, Seal), InputError> {
    let mut bytes = Vec::new();
    let read = open(input)?.take(PICTURE_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > PICTURE_BYTES {
        return Err(InputError::TooLarge);
    }
    let kind = FileKind::of(&bytes);
    let read = match kind {
        Some(FileKind::Pdf) => codes_in_pdf,
        Some(FileKind::Png | FileKind::Jpeg) => codes_in_picture,
        None => {
            let codes = codes_in_text(&bytes).map_err(|error| match error {
                TextError::ManyLines => InputError::ManyLines,
                other => InputError::Text(other),
            })?;
            return Ok((codes, Seal::Unknown));
        }
    };
    let pdf = kind == Some(FileKind::Pdf);
    let work = move || (read(&bytes), if pdf { Seal::of_pdf(&bytes) } else { Seal::Unknown });
    let (found, seal) = in_time(Duration::from_secs(PICTURE_SECONDS), work)?;
    Ok((found?.into_iter().map(|code| code.bytes).collect(), seal))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_not_waited_for() {
        let short = Duration::from_millis(20);
        assert!(matches!(in_time(short, || thread::sleep(Duration::from_secs(5))), Err(InputError::TooLong)));
        assert_eq!(in_time(Duration::from_secs(5), || 7).unwrap(), 7);
        // A panic of a library is an answer too.
        assert!(in_time(Duration::from_secs(5), || panic!("in a library")).map(|(): ()| ()).is_err());
    }
}
