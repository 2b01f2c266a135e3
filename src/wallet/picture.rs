//! The icon of a pass: the ministry's emblem on white, or a tick that is drawn.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{colorspace::ColorSpace, options::DecoderOptions},
};

use super::WalletError;
use crate::limits::{EMBLEM_BYTES, EMBLEM_SIDE, JPEG_SCANS};

/// Points of an icon on a side (Apple developer documentation, "Creating the Source for a Pass").
pub(super) const ICON: u32 = 29;
/// Points of a logo, which may be 160 wide and 50 high.
pub(super) const LOGO: u32 = 50;

/// A picture in memory, from the top: red, green, blue, opacity.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} wide)", self.width)
    }
}

/// How passes look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Colour of the pass: red, green, blue.
    pub colour: [u8; 3],
    /// The ministry's emblem, if it has one.
    pub emblem: Option<Picture>,
}

impl Default for Face {
    /// The blue of the paper, and no emblem.
    fn default() -> Self {
        Self { colour: [0x10, 0x3b, 0x6d], emblem: None }
    }
}

impl Picture {
    /// Reads a PNG or a JPEG.
    ///
    /// # Errors
    /// [`WalletError::Picture`] when it is neither, damaged, or larger than an emblem.
    pub fn read(bytes: &[u8]) -> Result<Self, WalletError> {
        let wrong = |problem| WalletError::Picture { problem };
        if bytes.len() > EMBLEM_BYTES {
            return Err(wrong("it has more than two megabytes"));
        }
        let picture = if bytes.starts_with(b"\x89PNG") {
            Self::from_png(bytes)
        } else if bytes.starts_with(b"\xff\xd8") {
            Self::from_jpeg(bytes)
        } else {
            return Err(wrong("it is neither a PNG nor a JPEG"));
        };
        picture.ok_or_else(|| wrong("it is damaged, or larger than 4,000 by 4,000 dots"))
    }

    fn from_png(bytes: &[u8]) -> Option<Self> {
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16 | Transformations::ALPHA);
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = (reader.info().width, reader.info().height);
        let width = sides(width, height)?;
        let mut raw = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut raw).ok()?;
        let raw = raw.get(..frame.buffer_size())?;
        let pixels = match frame.color_type {
            ColorType::Rgba => raw.as_chunks::<4>().0.to_vec(),
            ColorType::GrayscaleAlpha => raw.as_chunks::<2>().0.iter().map(|[g, a]| [*g, *g, *g, *a]).collect(),
            ColorType::Rgb => raw.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect(),
            ColorType::Grayscale => raw.iter().map(|g| [*g, *g, *g, 255]).collect(),
            ColorType::Indexed => return None,
        };
        Self::whole(width, pixels)
    }

    fn from_jpeg(bytes: &[u8]) -> Option<Self> {
        let options = DecoderOptions::default()
            .set_max_width(usize::try_from(EMBLEM_SIDE).ok()?)
            .set_max_height(usize::try_from(EMBLEM_SIDE).ok()?)
            .jpeg_set_max_scans(JPEG_SCANS)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
        let raw = decoder.decode().ok()?;
        let info = decoder.info()?;
        let width = sides(info.width.into(), info.height.into())?;
        Self::whole(width, raw.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect())
    }

    fn whole(width: usize, pixels: Vec<[u8; 4]>) -> Option<Self> {
        (!pixels.is_empty() && pixels.len().is_multiple_of(width)).then_some(Self { width, pixels })
    }

    fn height(&self) -> usize {
        self.pixels.len() / self.width.max(1)
    }

    /// The mean colour on white of the part of the picture that one dot of a smaller one shows: columns `x` to `to_x`,
    /// rows `y` to `to_y`, of which at least one is taken.
    fn mean(&self, (x, to_x): (usize, usize), (y, to_y): (usize, usize)) -> [u8; 4] {
        let (mut sums, mut count) = ([0_u64; 3], 0_u64);
        for row in self.pixels.chunks(self.width.max(1)).take(to_y.max(y + 1)).skip(y) {
            for [red, green, blue, opacity] in row.iter().take(to_x.max(x + 1)).skip(x) {
                let opacity = u64::from(*opacity);
                for (sum, part) in sums.iter_mut().zip([red, green, blue]) {
                    *sum += (u64::from(*part) * opacity + 255 * (255 - opacity)) / 255;
                }
                count += 1;
            }
        }
        let [red, green, blue] = sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(255));
        [red, green, blue, 255]
    }
}

/// The width, if both sides are those of an emblem.
fn sides(width: u32, height: u32) -> Option<usize> {
    let fits = (1..=EMBLEM_SIDE).contains(&width) && (1..=EMBLEM_SIDE).contains(&height);
    fits.then_some(width).and_then(|width| usize::try_from(width).ok())
}

impl Face {
    /// Black or white, whichever stands out more from the colour (WCAG 2.2, relative luminance: above 0.179 black does).
    #[must_use]
    pub fn ink(&self) -> [u8; 3] {
        let linear = |part: u8| {
            let part = f32::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.colour.map(linear);
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        if luminance > 0.179 { [0; 3] } else { [255; 3] }
    }

    /// The icon as a PNG of `side` dots on a side.
    pub(super) fn icon(&self, side: u32) -> Result<Vec<u8>, WalletError> {
        let dots = match &self.emblem {
            Some(emblem) => fitted(emblem, side),
            None => self.tick(side),
        };
        let defect = |_| WalletError::TooLarge;
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, side, side);
        encoder.set_color(ColorType::Rgba);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(defect)?;
        writer.write_image_data(dots.as_flattened()).map_err(defect)?;
        writer.finish().map_err(defect)?;
        Ok(file)
    }

    /// A white tick on the colour.
    fn tick(&self, side: u32) -> Vec<[u8; 4]> {
        let ([red, green, blue], ink) = (self.colour, self.ink());
        let all = f32::from(u16::try_from(side).unwrap_or(u16::MAX));
        let at = |dot: u32| (f32::from(u16::try_from(dot).unwrap_or(u16::MAX)) + 0.5) / all;
        let stroke = |x: f32, y: f32| {
            let down = distance((x, y), (0.26, 0.53), (0.43, 0.70));
            let up = distance((x, y), (0.43, 0.70), (0.75, 0.32));
            // One where the dot is wholly inside, less at the edge.
            ((0.07 - down.min(up)) * all + 0.5).clamp(0.0, 1.0)
        };
        let mut dots = Vec::new();
        for y in 0..side {
            for x in 0..side {
                let part = stroke(at(x), at(y));
                let mixed = |below: u8, above: u8| byte(f32::from(below) * (1.0 - part) + f32::from(above) * part);
                dots.push([mixed(red, ink[0]), mixed(green, ink[1]), mixed(blue, ink[2]), 255]);
            }
        }
        dots
    }
}

/// The nearest byte.
fn byte(value: f32) -> u8 {
    (0..=255_u8).rev().find(|byte| f32::from(*byte) <= value + 0.5).unwrap_or(0)
}

/// Distance of a point from the straight line between two others.
fn distance((x, y): (f32, f32), (ax, ay): (f32, f32), (bx, by): (f32, f32)) -> f32 {
    let (dx, dy) = (bx - ax, by - ay);
    let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - ax - along * dx).hypot(y - ay - along * dy)
}

/// A picture as large as it can be in a white square.
fn fitted(picture: &Picture, side: u32) -> Vec<[u8; 4]> {
    let side = usize::try_from(side).unwrap_or_default();
    let (width, height) = (picture.width, picture.height());
    let longest = width.max(height);
    let (wide, high) = ((width * side / longest).max(1), (height * side / longest).max(1));
    let (left, top) = ((side - wide) / 2, (side - high) / 2);
    let mut dots = vec![[255; 4]; side * side];
    for (at, dot) in dots.iter_mut().enumerate() {
        let (x, y) = ((at % side).wrapping_sub(left), (at / side).wrapping_sub(top));
        if x < wide && y < high {
            *dot =
                picture.mean((x * width / wide, (x + 1) * width / wide), (y * height / high, (y + 1) * height / high));
        }
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dots(icon: &[u8], side: u32) -> Vec<[u8; 4]> {
        let picture = Picture::read(icon).unwrap();
        assert_eq!((picture.width, picture.height()), (usize::try_from(side).unwrap(), usize::try_from(side).unwrap()));
        picture.pixels
    }

    #[test]
    fn an_emblem_keeps_its_form_and_stands_on_white() {
        // Twice as wide as high: red on the left, see-through on the right.
        let pixels =
            (0..200).flat_map(|at| [[255, 0, 0, 255], [0, 0, 255, 0]][usize::from(at % 20 >= 10)]).collect::<Vec<u8>>();
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 20, 10);
        encoder.set_color(ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        let face = Face { emblem: Some(Picture::read(&file).unwrap()), ..Face::default() };
        for side in [29, 50, 87] {
            let seen = dots(&face.icon(side).unwrap(), side);
            let at = |x: u32, y: u32| seen[usize::try_from(y * side + x).unwrap()];
            assert_eq!(at(side / 4, side / 2), [255, 0, 0, 255]);
            assert_eq!(at(3 * side / 4, side / 2), [255; 4]);
            assert_eq!((at(side / 4, 1), at(side / 4, side - 2)), ([255; 4], [255; 4]), "what is over is white");
        }
    }

    #[test]
    fn without_an_emblem_a_tick_is_drawn_that_stands_out() {
        for (colour, ink) in [([0x10, 0x3b, 0x6d], [255; 3]), ([250, 220, 0], [0; 3])] {
            let face = Face { colour, emblem: None };
            assert_eq!(face.ink(), ink);
            let seen = dots(&face.icon(58).unwrap(), 58);
            let of = |wanted: [u8; 3]| seen.iter().filter(|dot| dot[..3] == wanted).count();
            assert!(of(colour) > 58 * 58 / 2 && of(ink) > 58, "{} {}", of(colour), of(ink));
            assert_eq!(face.icon(58).unwrap(), face.icon(58).unwrap());
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [b"".as_slice(), b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", &vec![0; EMBLEM_BYTES + 1]] {
            assert!(matches!(Picture::read(bytes), Err(WalletError::Picture { .. })));
        }
        let mut file = Vec::new();
        let encoder = Encoder::new(&mut file, EMBLEM_SIDE + 1, 1);
        let row = vec![0; usize::try_from(EMBLEM_SIDE).unwrap() + 1];
        encoder.write_header().unwrap().write_image_data(&row).unwrap();
        assert!(Picture::read(&file).is_err());
    }
}
