//! Text or bytes → matrix of modules.

use fast_qr::{ECL, QRBuilder};

use super::{BarcodeError, Level, Mode};

/// A QR symbol (ISO/IEC 18004), without its quiet zone. Holds personal data: its `Debug` form shows only sizes.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    size: usize,
    level: Level,
    mode: Mode,
    /// Row by row from the top left; `true` is dark.
    modules: Box<[bool]>,
}

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Qr({} modules, {:?}, {:?})", self.size, self.level, self.mode)
    }
}

impl Qr {
    /// Draws `text` in the tightest mode and the smallest version that hold it.
    ///
    /// # Errors
    /// [`BarcodeError::Empty`] and [`BarcodeError::TooLong`].
    pub fn encode(text: &str, level: Level) -> Result<Self, BarcodeError> {
        Self::encode_bytes(text.as_bytes(), level)
    }

    /// The same for binary content (DIVOC zip archives go into the symbol as they are).
    ///
    /// # Errors
    /// [`BarcodeError::Empty`] and [`BarcodeError::TooLong`].
    pub fn encode_bytes(data: &[u8], level: Level) -> Result<Self, BarcodeError> {
        if data.is_empty() {
            return Err(BarcodeError::Empty);
        }
        let mode = Mode::of(data);
        let (length, limit) = (data.len(), mode.capacity(level));
        let too_long = BarcodeError::TooLong { length, limit, mode, level };
        if length > limit {
            return Err(too_long);
        }
        // The mode is stated and not left to the library, so that what `Mode::of` promises is what is drawn.
        let symbol = QRBuilder::new(data)
            .mode(match mode {
                Mode::Numeric => fast_qr::Mode::Numeric,
                Mode::Alphanumeric => fast_qr::Mode::Alphanumeric,
                Mode::Byte => fast_qr::Mode::Byte,
            })
            .ecl(match level {
                Level::L => ECL::L,
                Level::M => ECL::M,
                Level::Q => ECL::Q,
                Level::H => ECL::H,
            })
            .build()
            .map_err(|_| too_long)?;
        let size = symbol.size;
        let modules = symbol.data.iter().take(size.saturating_mul(size)).map(|module| module.value()).collect();
        Ok(Self { size, level, mode, modules })
    }

    /// Modules a side, without the quiet zone: 21 (version 1) to 177 (version 40).
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Version, 1 to 40.
    #[must_use]
    pub fn version(&self) -> usize {
        self.size.saturating_sub(17) / 4
    }

    /// Level of error correction.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// How the characters are packed.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the module in column `x` of row `y`, counted from the top left, is dark. Outside the symbol
    /// everything is light.
    #[must_use]
    pub fn module(&self, x: usize, y: usize) -> bool {
        self.row(y).get(x).copied().unwrap_or(false)
    }

    /// The modules of row `y`, `true` for dark; empty outside the symbol.
    #[must_use]
    pub fn row(&self, y: usize) -> &[bool] {
        let start = y.saturating_mul(self.size);
        self.modules.get(start..start.saturating_add(self.size)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEVELS: [Level; 4] = [Level::L, Level::M, Level::Q, Level::H];

    /// Reads the symbol back with a decoder that shares no code with the encoder. It loses its place in a symbol of a
    /// certain size once in thousands, and finds it at another.
    fn read(qr: &Qr) -> (rqrr::MetaData, Vec<u8>) {
        let attempt = |scale: usize| {
            let side = (qr.size() + 8) * scale;
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
                let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
                if qr.module(x, y) { 0 } else { 255 }
            });
            let grids = image.detect_grids();
            assert_eq!(grids.len(), 1);
            let mut out = Vec::new();
            grids[0].decode_to(&mut out).map(|meta| (meta, out))
        };
        [3, 4, 5].into_iter().find_map(|scale| attempt(scale).ok()).expect("a symbol that can be read")
    }

    #[test]
    fn alphanumeric_text_takes_the_smallest_version_of_the_standard() {
        // Most alphanumeric characters by version at level Q (ISO/IEC 18004, table 7).
        for (version, most) in [(1, 16), (13, 352), (14, 376), (15, 426), (16, 470), (17, 531), (18, 574), (19, 644)]
            .into_iter()
            .chain([(20, 702), (21, 742), (22, 823), (23, 890), (24, 963), (25, 1041)])
        {
            let text = "HC1:6BFOXN%TSMAHN-H*PVOJVY8".chars().cycle().take(most).collect::<String>();
            let qr = Qr::encode(&text, Level::Q).unwrap();
            assert_eq!((qr.version(), qr.mode()), (version, Mode::Alphanumeric));
            assert_eq!(Qr::encode(&format!("{text}A"), Level::Q).unwrap().version(), version + 1);
        }
    }

    #[test]
    fn the_largest_content_of_each_level_and_mode_fits_and_one_more_is_refused() {
        for level in LEVELS {
            for (mode, filler) in [(Mode::Numeric, "7"), (Mode::Alphanumeric, "Z"), (Mode::Byte, "z")] {
                let most = mode.capacity(level);
                let qr = Qr::encode(&filler.repeat(most), level).unwrap();
                assert_eq!((qr.version(), qr.mode(), qr.level()), (40, mode, level));
                assert_eq!(
                    Qr::encode(&filler.repeat(most + 1), level).unwrap_err(),
                    BarcodeError::TooLong { length: most + 1, limit: most, mode, level }
                );
            }
        }
        assert_eq!(Qr::encode("", Level::Q).unwrap_err(), BarcodeError::Empty);
    }

    #[test]
    fn every_version_reads_back_at_every_level() {
        for level in LEVELS {
            for length in (10..Mode::Alphanumeric.capacity(level)).step_by(170) {
                let text =
                    "NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL-AH-R6IOOK.IR9B+9".chars().cycle().take(length).collect::<String>();
                let qr = Qr::encode(&text, level).unwrap();
                let (meta, bytes) = read(&qr);
                assert_eq!((meta.version.0, bytes), (qr.version(), text.into_bytes()), "{level:?} {length}");
            }
        }
    }

    #[test]
    fn debug_shows_sizes_and_no_content() {
        let qr = Qr::encode("HC1:SECRET", Level::M).unwrap();
        assert_eq!(format!("{qr:?}"), "Qr(21 modules, M, Alphanumeric)");
    }

    #[test]
    fn outside_the_symbol_is_light() {
        let qr = Qr::encode("A", Level::L).unwrap();
        assert!(qr.module(0, 0) && qr.module(20, 0) && !qr.module(7, 7));
        assert!(!qr.module(21, 0) && !qr.module(0, 21) && !qr.module(usize::MAX, usize::MAX));
        assert!(qr.row(21).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_is_drawn_is_what_is_read(text in "[0-9A-Z $%*+./:-]{1,400}", level in 0usize..4) {
            let qr = Qr::encode(&text, LEVELS[level]).unwrap();
            let (_, bytes) = read(&qr);
            prop_assert_eq!(bytes, text.into_bytes());
        }

        #[test]
        fn bytes_read_back_too(data in proptest::collection::vec(any::<u8>(), 1..500), level in 0usize..4) {
            let qr = Qr::encode_bytes(&data, LEVELS[level]).unwrap();
            let (_, bytes) = read(&qr);
            prop_assert_eq!(bytes, data);
        }
    }
}
