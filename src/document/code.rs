//! The code on paper: which level and how large, in whole dots of a 300 dpi printer.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use krilla::image::{BitsPerComponent, CustomImage, ImageColorspace};

use super::DocumentError;
use crate::barcode::{BarcodeError, Level, QUIET_ZONE, Qr};

/// One dot of a 300 dpi printer in points (1/72 inch).
pub(super) const DOT: f32 = 72.0 / 300.0;

/// Side of the symbol that is aimed at: 50 mm in dots.
const WANTED: u32 = 591;
/// Largest side: 60 mm in dots. The largest symbol, 177 modules at 4 dots, has 708.
const LARGEST: u32 = 708;
/// Smallest module that survives a photocopy: 0.4 mm are 4.7 dots, so 5 (0.42 mm).
const SOUND_MODULE: u32 = 5;
/// Module that weak cameras and scans of 100 dpi still read: 0.5 mm are 5.9 dots.
const EASY_MODULE: u32 = 6;

/// Smallest module that is printed at all: 0.34 mm. The largest symbol has it at 60 mm.
const LEAST_MODULE: u32 = 4;

/// Smallest symbol that a national template may make of a code: 40 mm in dots, and where nothing else will do the 35 mm
/// that HCERT 1.0.8, section 4.2.2, still recommends.
const LEAST: [u32; 2] = [473, 414];

/// Pixels a side of a module in the picture. Some viewers smooth what they enlarge although the file says not to, over
/// one pixel: with one pixel a module decoders fail on such pages at 100 to 150 dpi, with two they read them. One
/// pixel a printer dot (7 at the median certificate) would leave nothing to smooth, but compressing it takes longer
/// than everything else on the sheet together; outlines instead of a picture cost half as much, and painters that
/// fill every dot they touch make their modules a dot too wide.
const PIXELS: usize = 2;

/// A symbol with its size on paper.
#[derive(Debug)]
pub(super) struct Symbol {
    qr: Qr,
    /// Printer dots a module.
    dots: u32,
    /// Modules a side.
    modules: u32,
}

impl Symbol {
    /// Draws the content of a code at level Q, or at M where Q would make modules smaller than 0.4 mm or does not
    /// hold the content at all. `most` is how many dots there are for it with its quiet zone.
    pub(super) fn fit(content: &[u8], most: u32) -> Result<Self, DocumentError> {
        let symbol = match Self::at(content, Level::PAPER, most) {
            Ok(symbol) if symbol.dots >= SOUND_MODULE => symbol,
            Ok(_) | Err(BarcodeError::TooLong { .. }) => Self::at(content, Level::M, most)?,
            Err(error) => return Err(error.into()),
        };
        if symbol.dots < LEAST_MODULE {
            return Err(DocumentError::CodeTooFine { modules: symbol.modules });
        }
        Ok(symbol)
    }

    fn at(content: &[u8], level: Level, most: u32) -> Result<Self, BarcodeError> {
        let qr = Qr::encode_bytes(content, level)?;
        let modules = u32::try_from(qr.size()).unwrap_or(LARGEST).max(1);
        // The whole number of dots nearest to 50 mm, but easy modules where 60 mm allow them.
        let nearest = (2 * WANTED + modules) / (2 * modules);
        let around = modules + 2 * u32::try_from(QUIET_ZONE).unwrap_or_default();
        let dots = nearest.max(EASY_MODULE).min(LARGEST / modules).min(most / around);
        Ok(Self { qr, dots, modules })
    }

    /// The largest symbol that stands in a square of `side` points with its quiet zone, 60 mm at most: at level Q if its
    /// modules are then sound and it has 40 mm, at level M otherwise.
    pub(super) fn within(content: &[u8], side: f32) -> Result<Self, DocumentError> {
        let room = dots_of(side);
        let quiet = u32::try_from(2 * QUIET_ZONE).unwrap_or_default();
        let at = |level| -> Result<Self, BarcodeError> {
            let qr = Qr::encode_bytes(content, level)?;
            let modules = u32::try_from(qr.size()).unwrap_or(LARGEST).max(1);
            let dots = (room / (modules + quiet)).min(LARGEST / modules);
            Ok(Self { qr, dots, modules })
        };
        for least in LEAST {
            for level in [Level::PAPER, Level::M] {
                match at(level) {
                    Ok(symbol) if symbol.dots >= SOUND_MODULE && symbol.modules * symbol.dots >= least => {
                        return Ok(symbol);
                    }
                    Ok(_) | Err(BarcodeError::TooLong { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        // What has so much in it that 60 mm do not give sound modules gets what the plain sheet gives it.
        let (finest, [least, _]) = (at(Level::M)?, LEAST);
        let most = LARGEST / finest.modules;
        if most < SOUND_MODULE && finest.dots >= most && finest.modules * finest.dots >= least {
            return Ok(finest);
        }
        let wanted = most.min(SOUND_MODULE).max(least.div_ceil(finest.modules));
        let needed = (finest.modules + quiet) * wanted;
        Err(DocumentError::CodeSquare { needed_mm: (needed * 254).div_ceil(3_000), given_mm: room * 254 / 3_000 })
    }

    /// Side of the symbol without its quiet zone, in points.
    pub(super) fn side(&self) -> f32 {
        points(self.modules * self.dots)
    }

    /// Width of the quiet zone, in points.
    pub(super) fn quiet_zone(&self) -> f32 {
        points(u32::try_from(QUIET_ZONE).unwrap_or_default() * self.dots)
    }

    #[cfg(test)]
    pub(super) fn facts(&self) -> (Level, u32, u32) {
        (self.qr.level(), self.modules, self.dots)
    }

    /// The symbol with its quiet zone, [`PIXELS`] a side of each module. The edges of modules lie on whole printer
    /// dots whatever that number is.
    pub(super) fn picture(&self) -> Picture {
        let width = (self.qr.size() + 2 * QUIET_ZONE) * PIXELS;
        let margin = QUIET_ZONE * PIXELS;
        let mut pixels = Vec::with_capacity(width * width);
        pixels.resize(margin * width, 0xff);
        let mut line = vec![0xff; width];
        for y in 0..self.qr.size() {
            for (of_module, dark) in
                line.get_mut(margin..).unwrap_or_default().chunks_exact_mut(PIXELS).zip(self.qr.row(y))
            {
                of_module.fill(if *dark { 0 } else { 0xff });
            }
            for _ in 0..PIXELS {
                pixels.extend_from_slice(&line);
            }
        }
        pixels.resize(width * width, 0xff);
        Picture(Arc::new(Pixels { matrix: self.matrix(), width: u32::try_from(width).unwrap_or_default(), pixels }))
    }

    fn matrix(&self) -> Vec<bool> {
        (0..self.qr.size()).flat_map(|y| self.qr.row(y)).copied().collect()
    }
}

/// The nearest second dot of the printer: where a scan or a screen of 150 dpi has a whole one. A symbol with modules of
/// an even number of dots that begins between two of those has edges in the middle of them, and painters then make some
/// of its modules a dot wider than others: of such pages decoders read every other one.
pub(super) fn on_even_dot(points: f32) -> f32 {
    (points / (2.0 * DOT)).round() * 2.0 * DOT
}

/// Whole dots that go into so many points.
fn dots_of(points: f32) -> u32 {
    (0..=LARGEST * 2).take_while(|dots| self::points(*dots) <= points + 1e-3).last().unwrap_or_default()
}

fn points(dots: u32) -> f32 {
    f32::from(u16::try_from(dots).unwrap_or(u16::MAX)) * DOT
}

/// What the PDF library takes: grey values, 8 bits each, because it writes no 1-bit pictures; only black and white
/// occur.
#[derive(Clone)]
pub(super) struct Picture(Arc<Pixels>);

struct Pixels {
    matrix: Vec<bool>,
    width: u32,
    pixels: Vec<u8>,
}

#[cfg(test)]
impl Picture {
    /// Modules a side of the symbol.
    pub(super) fn modules(&self) -> u16 {
        u16::try_from(self.0.width).unwrap() / u16::try_from(PIXELS).unwrap() - 8
    }
}

impl Hash for Picture {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Modules and width determine every pixel, and there are fifty times fewer of them.
        self.0.matrix.hash(state);
        self.0.width.hash(state);
    }
}

impl CustomImage for Picture {
    fn color_channel(&self) -> &[u8] {
        &self.0.pixels
    }
    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }
    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }
    fn size(&self) -> (u32, u32) {
        (self.0.width, self.0.width)
    }
    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }
    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Luma
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_40_to_60_mm_and_sound_modules_where_they_fit() {
        let (mut levels, mut last) = (Vec::new(), 0);
        for length in (1..=3_391).step_by(37).chain([531, 532, 2_420, 2_421, 3_391]) {
            let symbol = Symbol::fit("A".repeat(length).as_bytes(), u32::MAX).unwrap();
            let (level, modules, dots) = symbol.facts();
            let millimetres = symbol.side() / 72.0 * 25.4;
            assert!((40.0..=60.0).contains(&millimetres), "{length}: {millimetres} mm");
            if dots < SOUND_MODULE {
                assert!(level == Level::M && modules * SOUND_MODULE > LARGEST, "{length}: {dots} dots");
            }
            if length <= last {
                continue;
            }
            last = length;
            if levels.last() != Some(&level) {
                levels.push(level);
            }
        }
        assert_eq!(levels, [Level::Q, Level::M]);
        let (level, modules, dots) = Symbol::fit("A".repeat(531).as_bytes(), u32::MAX).unwrap().facts();
        assert_eq!((level, modules, dots), (Level::Q, 85, 7));
    }

    #[test]
    fn in_a_square_of_a_template_the_symbol_and_its_quiet_zone_fit_and_are_sound() {
        for millimetres in [46_u8, 48, 52, 58, 64, 72] {
            let side = f32::from(millimetres) / 25.4 * 72.0;
            for length in (150..=3_391).step_by(53) {
                match Symbol::within("A".repeat(length).as_bytes(), side) {
                    Ok(symbol) => {
                        let (level, modules, dots) = symbol.facts();
                        assert!(symbol.side() + 2.0 * symbol.quiet_zone() <= side + 0.01, "{length}: does not fit");
                        let wide = symbol.side() / 72.0 * 25.4;
                        assert!((35.0..=60.0).contains(&wide), "{length} in {millimetres} mm: {wide} mm");
                        assert!(dots >= SOUND_MODULE || (level == Level::M && modules * SOUND_MODULE > LARGEST));
                        if millimetres >= 58 && length <= 1_000 {
                            assert!(wide >= 40.0 && level == Level::Q, "{length}: {wide} mm");
                        }
                    }
                    Err(DocumentError::CodeSquare { needed_mm, given_mm }) => {
                        assert!(length > 500 && needed_mm > given_mm, "{length} in {millimetres} mm: {needed_mm}");
                        let side = f32::from(u16::try_from(needed_mm).unwrap()) / 25.4 * 72.0;
                        assert!(Symbol::within("A".repeat(length).as_bytes(), side).is_ok(), "{length}: {needed_mm}");
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    #[test]
    fn what_no_symbol_holds_is_an_error() {
        assert!(matches!(
            Symbol::fit("A".repeat(3_392).as_bytes(), u32::MAX),
            Err(DocumentError::Code(BarcodeError::TooLong { .. }))
        ));
        assert_eq!(Symbol::fit(b"", u32::MAX).unwrap_err(), DocumentError::Code(BarcodeError::Empty));
    }

    #[test]
    fn the_picture_is_the_symbol_module_by_module() {
        let symbol = Symbol::fit(b"HC1:6BFOXN", u32::MAX).unwrap();
        let picture = symbol.picture();
        let (width, height) = picture.size();
        assert_eq!((width, height), ((21 + 8) * 2, (21 + 8) * 2));
        let width = usize::try_from(width).unwrap();
        assert_eq!(picture.color_channel().len(), width * width);
        for (index, pixel) in picture.color_channel().iter().enumerate() {
            let (x, y) = ((index % width / 2).wrapping_sub(4), (index / width / 2).wrapping_sub(4));
            assert_eq!(*pixel, if symbol.qr.module(x, y) { 0 } else { 255 });
        }
    }
}
