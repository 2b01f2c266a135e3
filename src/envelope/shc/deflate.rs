//! The compressed payload: raw DEFLATE (RFC 1951) without zlib's or gzip's frame, bounded while inflating.

use crate::{
    envelope::flate::{self, FlateError, Frame},
    limits::SHC_INFLATED_BYTES,
};

/// Why bytes are no raw DEFLATE stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeflateError {
    /// JSON as it is: the header promises a compression that did not take place.
    #[error("the payload is not compressed; ask the issuer for a card that conforms")]
    NotCompressed,
    /// A frame of zlib (RFC 1950) or gzip (RFC 1952) around it.
    #[error("the payload is compressed in a frame of zlib or gzip where raw DEFLATE must stand")]
    Framed,
    /// Damaged or cut off.
    #[error("the compressed payload is damaged or cut off; scan the code again")]
    Damaged,
    /// Inflates to more than any card.
    #[error("the compressed payload inflates to more than {SHC_INFLATED_BYTES} bytes; no card does")]
    TooLarge,
    /// Something follows the stream.
    #[error("{count} bytes follow the compressed payload")]
    Trailing {
        /// How many bytes.
        count: usize,
    },
}

/// Inflates a raw stream of at most [`SHC_INFLATED_BYTES`].
///
/// # Errors
/// [`DeflateError`] says what is wrong with the stream.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DeflateError> {
    unframed(bytes).map_err(|error| match (error, bytes) {
        (DeflateError::Damaged, [b'{', ..]) => DeflateError::NotCompressed,
        (DeflateError::Damaged, [0x1f, 0x8b, ..]) => DeflateError::Framed,
        // RFC 1950 section 2.2: method 8, window 7, and a check over the first two bytes.
        (DeflateError::Damaged, [0x78, flags, ..]) if (0x7800 + u16::from(*flags)).is_multiple_of(31) => {
            DeflateError::Framed
        }
        _ => error,
    })
}

fn unframed(bytes: &[u8]) -> Result<Vec<u8>, DeflateError> {
    flate::inflate(Frame::Bare, bytes, 4, SHC_INFLATED_BYTES).map_err(|error| match error {
        FlateError::Damaged => DeflateError::Damaged,
        FlateError::TooLarge => DeflateError::TooLarge,
        FlateError::Trailing { count } => DeflateError::Trailing { count },
    })
}

/// Compresses as an issuer does, to make cards for rehearsals and tests.
#[cfg(test)]
#[must_use]
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    flate::deflate(Frame::Bare, bytes)
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
        fn a_cut_stream_is_damaged(bytes in prop::collection::vec(any::<u8>(), 1..300), keep in 0usize..20) {
            let whole = deflate(&bytes);
            prop_assume!(keep < whole.len());
            // What begins by chance like JSON or like another frame is told as that.
            let told = inflate(&whole[..keep]);
            prop_assert!(
                matches!(told, Err(DeflateError::Damaged | DeflateError::NotCompressed | DeflateError::Framed)),
                "{told:?}"
            );
        }

        #[test]
        fn any_bytes_are_inflated_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = inflate(&bytes);
        }
    }

    #[test]
    fn bombs_riders_and_frames_are_refused() {
        assert_eq!(inflate(&deflate(&vec![0; SHC_INFLATED_BYTES + 1])), Err(DeflateError::TooLarge));
        assert_eq!(inflate(&deflate(&vec![0; 50_000_000])), Err(DeflateError::TooLarge));
        assert_eq!(inflate(&deflate(&vec![7; SHC_INFLATED_BYTES])).unwrap().len(), SHC_INFLATED_BYTES);
        let mut rider = deflate(b"message");
        rider.extend(b"more");
        assert_eq!(inflate(&rider), Err(DeflateError::Trailing { count: 4 }));
        assert_eq!(inflate(&crate::envelope::hcert::deflate(b"{\"iss\":1}")), Err(DeflateError::Framed));
        assert_eq!(inflate(&[0x1f, 0x8b, 8, 0, 0]), Err(DeflateError::Framed));
        assert_eq!(inflate(b"{\"iss\":1}"), Err(DeflateError::NotCompressed));
        assert_eq!(inflate(b""), Err(DeflateError::Damaged));
    }
}
