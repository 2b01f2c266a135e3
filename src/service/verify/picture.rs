//! Pictures and PDFs that anybody may send: read apart from the requests, a bounded number at once, each for a bounded
//! time. What takes too long is not waited for, and keeps its place until it is done, so that no crowd of such files
//! can take all processors.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::body::Bytes;
use tokio::sync::Semaphore;

use super::VerifyError;
use crate::{
    barcode::read::{FileKind, PictureError, codes_in_pdf, codes_in_picture},
    limits::{PICTURE_SECONDS, VERIFY_PICTURE_WAIT_SECONDS, VERIFY_PICTURES},
    verify::{Seal, joined},
};

/// Of the whole process: processors are shared by every door.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(VERIFY_PICTURES)));

/// The codes of a file, in reading order, parts of a health card joined; and what the seal of the file says.
pub(super) async fn codes(file: Bytes) -> Result<(Vec<Vec<u8>>, Seal), VerifyError> {
    let kind = FileKind::of(&file);
    let read = match kind {
        Some(FileKind::Pdf) => codes_in_pdf,
        Some(FileKind::Png | FileKind::Jpeg) => codes_in_picture,
        None => return Err(PictureError::NotAPicture.into()),
    };
    let wait = Duration::from_secs(VERIFY_PICTURE_WAIT_SECONDS);
    let place = tokio::time::timeout(wait, Arc::clone(&PLACES).acquire_owned()).await;
    let Ok(Ok(place)) = place else { return Err(VerifyError::Busy) };
    let work = tokio::task::spawn_blocking(move || {
        // Given back when the work is done, not when nobody waits any more.
        let _place = place;
        read(&file).map(|found| (found, if kind == Some(FileKind::Pdf) { Seal::of_pdf(&file) } else { Seal::Unknown }))
    });
    let found = tokio::time::timeout(Duration::from_secs(PICTURE_SECONDS), work).await;
    let (found, seal) = found.map_err(|_| VerifyError::PictureSlow)?.map_err(|_| VerifyError::PictureSlow)??;
    let codes = found.into_iter().map(|code| ((), code.bytes)).collect();
    Ok((joined(codes).into_iter().map(|((), code)| code).collect(), seal))
}
