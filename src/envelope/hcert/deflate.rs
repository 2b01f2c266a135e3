//! The zlib layer (RFC 1950), bounded while inflating.

use crate::{
    envelope::flate::{self, FlateError, Frame},
    limits::INFLATED_BYTES,
};

/// Why bytes are no zlib stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeflateError {
    /// No zlib header: the message was not compressed, or is something else.
    #[error("the content is not compressed with zlib")]
    NotCompressed,
    /// Damaged or cut off.
    #[error("the compressed content is damaged or cut off")]
    Damaged,
    /// Inflates to more than any certificate.
    #[error("the compressed content inflates to more than {INFLATED_BYTES} bytes; no certificate does")]
    TooLarge,
    /// Something follows the stream.
    #[error("{count} bytes follow the compressed content")]
    Trailing {
        /// How many bytes.
        count: usize,
    },
}

/// Compresses `bytes` as a zlib stream at level 9.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    flate::deflate(Frame::Zlib, bytes)
}

/// Inflates a zlib stream of at most [`INFLATED_BYTES`].
///
/// # Errors
/// [`DeflateError`] says what is wrong with the stream.
pub fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DeflateError> {
    // RFC 1950 section 2.2: method 8 and a check over the first two bytes.
    match *bytes {
        [cmf, flg, ..] if cmf & 0x0f == 8 && (u16::from(cmf) * 256 + u16::from(flg)).is_multiple_of(31) => {}
        _ => return Err(DeflateError::NotCompressed),
    }
    flate::inflate(Frame::Zlib, bytes, 2, INFLATED_BYTES).map_err(|error| match error {
        FlateError::Damaged => DeflateError::Damaged,
        FlateError::TooLarge => DeflateError::TooLarge,
        FlateError::Trailing { count } => DeflateError::Trailing { count },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn inflating_undoes_deflating(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(inflate(&deflate(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn a_cut_stream_is_damaged(bytes in prop::collection::vec(any::<u8>(), 1..300), keep in 2usize..20) {
            let whole = deflate(&bytes);
            prop_assume!(keep < whole.len());
            prop_assert_eq!(inflate(&whole[..keep]), Err(DeflateError::Damaged));
        }
    }

    #[test]
    fn bombs_and_riders_are_refused() {
        assert_eq!(inflate(&deflate(&vec![0; INFLATED_BYTES + 1])), Err(DeflateError::TooLarge));
        assert_eq!(inflate(&deflate(&vec![0; 50_000_000])), Err(DeflateError::TooLarge));
        assert_eq!(inflate(&deflate(&vec![7; INFLATED_BYTES])).unwrap().len(), INFLATED_BYTES);
        let mut rider = deflate(b"message");
        rider.extend(b"more");
        assert_eq!(inflate(&rider), Err(DeflateError::Trailing { count: 4 }));
        assert_eq!(inflate(b"\xd2\x84\x43\xa1"), Err(DeflateError::NotCompressed));
        assert_eq!(inflate(b""), Err(DeflateError::NotCompressed));
    }
}
