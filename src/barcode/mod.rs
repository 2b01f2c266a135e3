//! The picture of a code: text of an envelope → QR matrix → PNG or SVG, and back (`read`). Last station of the way
//! down before the paper, first station of the way up.
//!
//! HCERT 1.0.8, section 4.2.2: a certificate goes into a QR symbol in alphanumeric mode; error correction Q is
//! recommended. Reality: issuers moved to M for screens, because weak phone cameras read the coarser symbol
//! better; Q stays right for paper, which is folded and photocopied.

#[cfg(feature = "issue")]
mod draw;
#[cfg(feature = "issue")]
mod png;
#[cfg(feature = "verify")]
pub mod read;
#[cfg(feature = "issue")]
mod svg;

#[cfg(feature = "issue")]
pub use draw::Qr;

/// Share of the symbol that error correction can restore (ISO/IEC 18004, table 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// About 7 %.
    L,
    /// About 15 %.
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

impl Level {
    /// What a code on a screen uses: nothing folds a screen, and a coarser symbol suits weak cameras.
    pub const SCREEN: Self = Self::M;
    /// What a code on paper uses (HCERT 1.0.8, section 4.2.2).
    pub const PAPER: Self = Self::Q;
}

/// Light modules around a symbol that belong to it (ISO/IEC 18004, section 9.1: four modules on each side).
pub const QUIET_ZONE: usize = 4;

/// How the characters are packed (ISO/IEC 18004, section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Digits only.
    Numeric,
    /// `0-9 A-Z $%*+-./:` and space: what base45 and the prefix `HC1:` are made for.
    Alphanumeric,
    /// Any bytes.
    Byte,
}

impl Mode {
    /// The tightest mode that can carry `data`.
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        if data.iter().all(u8::is_ascii_digit) {
            Self::Numeric
        } else if data
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':'))
        {
            Self::Alphanumeric
        } else {
            Self::Byte
        }
    }

    /// Most characters (bytes in [`Mode::Byte`]) that the largest symbol, version 40, holds at `level`
    /// (ISO/IEC 18004, table 7).
    #[must_use]
    pub fn capacity(self, level: Level) -> usize {
        match (self, level) {
            (Self::Numeric, Level::L) => 7_089,
            (Self::Numeric, Level::M) => 5_596,
            (Self::Numeric, Level::Q) => 3_993,
            (Self::Numeric, Level::H) => 3_057,
            (Self::Alphanumeric, Level::L) => 4_296,
            (Self::Alphanumeric, Level::M) => 3_391,
            (Self::Alphanumeric, Level::Q) => 2_420,
            (Self::Alphanumeric, Level::H) => 1_852,
            (Self::Byte, Level::L) => 2_953,
            (Self::Byte, Level::M) => 2_331,
            (Self::Byte, Level::Q) => 1_663,
            (Self::Byte, Level::H) => 1_273,
        }
    }
}

/// Why a code could not be drawn. Messages never quote the content of the code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    /// Nothing to draw.
    #[error("the code is empty, so there is nothing to draw; pass the text of a certificate")]
    Empty,
    /// More content than the largest symbol holds.
    #[error(
        "the code has {length} characters and a QR symbol holds at most {limit} in {mode:?} mode at level {level:?}; \
         choose a lower level or make the certificate smaller"
    )]
    TooLong {
        /// Characters in the code (bytes in byte mode).
        length: usize,
        /// Most that fits at this level.
        limit: usize,
        /// Mode that the content needs.
        mode: Mode,
        /// Level that was asked for.
        level: Level,
    },
    /// A picture that would be empty or unreasonably large.
    #[error("a scale of {scale} pixels a module is outside 1 to {limit}; choose one inside")]
    Scale {
        /// Pixels a module asked for.
        scale: u32,
        /// Largest accepted, see [`crate::limits::PICTURE_SCALE`].
        limit: u32,
    },
    /// The picture encoder failed.
    #[error("the picture of the code could not be written as PNG ({reason}); report this as a defect")]
    Png {
        /// What the encoder says; it knows nothing of the content.
        reason: String,
    },
}
