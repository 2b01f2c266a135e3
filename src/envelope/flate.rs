//! DEFLATE (RFC 1951), bare or in a zlib frame (RFC 1950), bounded while inflating. Every format that compresses does
//! it here: HCERT in a frame, SMART Health Cards and DIVOC's archive without one.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What is around the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// A zlib header and a checksum.
    Zlib,
    /// Nothing.
    Bare,
}

/// Why bytes are no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlateError {
    /// Damaged, cut off, or something else altogether.
    Damaged,
    /// Inflates to more than the limit.
    TooLarge,
    /// Something follows the stream.
    Trailing {
        /// How many bytes.
        count: usize,
    },
}

thread_local! {
    // The states are large to set up and free to reuse: that is most of the time of a message of 350 bytes.
    static ZLIB_IN: RefCell<Decompress> = RefCell::new(Decompress::new(true));
    static ZLIB_OUT: RefCell<Compress> = RefCell::new(Compress::new(Compression::best(), true));
    static BARE_IN: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    static BARE_OUT: RefCell<Compress> = RefCell::new(Compress::new(Compression::best(), false));
}

/// Inflates a stream to at most `limit` bytes; `growth` is how many times larger it is expected to become.
pub(super) fn inflate(frame: Frame, bytes: &[u8], growth: usize, limit: usize) -> Result<Vec<u8>, FlateError> {
    let out = Vec::with_capacity(bytes.len().saturating_mul(growth).saturating_add(64).min(limit));
    match frame {
        Frame::Zlib => ZLIB_IN.with_borrow_mut(|state| {
            state.reset(true);
            inflate_with(state, bytes, out, limit)
        }),
        Frame::Bare => BARE_IN.with_borrow_mut(|state| {
            state.reset(false);
            inflate_with(state, bytes, out, limit)
        }),
    }
}

fn inflate_with(state: &mut Decompress, bytes: &[u8], mut out: Vec<u8>, limit: usize) -> Result<Vec<u8>, FlateError> {
    loop {
        let read = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(read..).unwrap_or_default();
        let length = out.len();
        match state.decompress_vec(rest, &mut out, FlushDecompress::None) {
            Ok(Status::StreamEnd) => break,
            Ok(_) if out.len() >= limit => return Err(FlateError::TooLarge),
            Ok(_) if out.len() == out.capacity() => out.reserve_exact(out.len().max(64).min(limit - out.len())),
            Ok(_) if out.len() == length => return Err(FlateError::Damaged),
            Ok(_) => {}
            Err(_) => return Err(FlateError::Damaged),
        }
    }
    let read = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
    match bytes.len().saturating_sub(read) {
        0 => Ok(out),
        count => Err(FlateError::Trailing { count }),
    }
}

/// Compresses `bytes` as well as the library can.
pub(super) fn deflate(frame: Frame, bytes: &[u8]) -> Vec<u8> {
    match frame {
        Frame::Zlib => ZLIB_OUT.with_borrow_mut(|state| deflate_with(state, bytes)),
        Frame::Bare => BARE_OUT.with_borrow_mut(|state| deflate_with(state, bytes)),
    }
}

fn deflate_with(state: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    state.reset();
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 64);
    loop {
        let taken = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        match state.compress_vec(bytes.get(taken..).unwrap_or_default(), &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) | Err(_) => return out,
            Ok(_) => out.reserve(bytes.len() / 2 + 64),
        }
    }
}
