//! What a ministry chose for its paper, loaded and checked: pictures decode, colours are dark enough to read.

use std::io::Cursor;

use krilla::{Data, image::Image};
use zune_jpeg::JpegDecoder;

use super::{Language, Layout, PageSize, template::Templates};
use crate::limits::{LOOK_PICTURE_BYTES, LOOK_PICTURE_SIDE, PNG_METADATA_BYTES};

/// How the paper looks. [`Look::default`] is decent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The layout that is printed where nobody asks for another. A yellow card is printed on the page of Annex 6 where
    /// this is [`Layout::Plain`]: its law asks for that form.
    pub layout: Layout,
    /// The paper in the printer.
    pub size: PageSize,
    /// First language: of the document, and of the larger words.
    pub language: Language,
    /// Second language, beside the first.
    pub second: Option<Language>,
    /// Name of the ministry in each language that it has; in others, and where there is none, the issuer that the
    /// certificate names.
    pub ministry: Vec<(Language, String)>,
    /// Emblem of the country or the ministry.
    pub emblem: Option<Picture>,
    /// Colour of headings and bands.
    pub colour: Colour,
    /// Whose signature is printed. It proves nothing: only the code does.
    pub signature: Option<Signature>,
    /// What the ministry tells holders and verifiers, in place of the words of the program, a paragraph a line.
    pub instructions: Vec<(Language, String)>,
    /// Where a verifier can check a certificate, such as `verify.example.org`.
    pub address: Option<String>,
    /// Who signs the file itself (PAdES), as the paper shall say.
    pub seal: Option<String>,
    /// The ministry's own PDFs: printed on where nobody orders a layout and each certificate has one.
    pub templates: Templates,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            layout: Layout::Plain,
            size: PageSize::A4,
            language: Language::ENGLISH,
            second: None,
            ministry: Vec::new(),
            emblem: None,
            colour: Colour::default(),
            signature: None,
            instructions: Vec::new(),
            address: None,
            seal: None,
            templates: Templates::default(),
        }
    }
}

/// Why a part of the look cannot be used. No message quotes the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// Neither PNG nor JPEG.
    #[error("the picture is neither PNG nor JPEG; save it as one of them")]
    Kind,
    /// A file larger than any emblem.
    #[error("the picture has {bytes} bytes and may have {limit}; save it smaller")]
    Bytes {
        /// What it has.
        bytes: usize,
        /// [`LOOK_PICTURE_BYTES`].
        limit: usize,
    },
    /// More pixels than a printer puts on that place.
    #[error("the picture is {width} by {height} pixels and may have {limit} a side; save it smaller")]
    Pixels {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// [`LOOK_PICTURE_SIDE`].
        limit: u32,
    },
    /// It starts as a picture and does not go on as one.
    #[error("the picture is damaged or of a kind that is not read; open it in a drawing program and save it anew")]
    Damaged,
    /// Not `#rrggbb`.
    #[error("a colour is written as # and six hexadecimal digits, such as #103b6d")]
    Colour,
    /// Letters of that colour are hard to read on white paper.
    #[error(
        "the colour has a contrast of {tenths} tenths to 1 on white and needs {needed} tenths, or headings are hard to \
         read; choose a darker one"
    )]
    Contrast {
        /// Ratio of WCAG 2.2, times ten, rounded down.
        tenths: u32,
        /// What it must be: 45.
        needed: u32,
    },
}

/// An emblem or a signature: PNG or JPEG that decodes. Cheap to clone; decoded and packed once.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    image: Image,
    width: u32,
    height: u32,
}

impl Picture {
    /// Checks a file and keeps it for printing.
    ///
    /// # Errors
    /// [`LookError`] says what of the file does not fit.
    pub fn read(bytes: &[u8]) -> Result<Self, LookError> {
        if bytes.len() > LOOK_PICTURE_BYTES {
            return Err(LookError::Bytes { bytes: bytes.len(), limit: LOOK_PICTURE_BYTES });
        }
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
        if !png && !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return Err(LookError::Kind);
        }
        let (width, height) = if png { png_size(bytes)? } else { jpeg_size(bytes)? };
        if width == 0 || height == 0 {
            return Err(LookError::Damaged);
        }
        if width > LOOK_PICTURE_SIDE || height > LOOK_PICTURE_SIDE {
            return Err(LookError::Pixels { width, height, limit: LOOK_PICTURE_SIDE });
        }
        // The PDF library decodes when it first prints, and could then only fail.
        if png {
            decode_png(bytes)?
        } else {
            decode_jpeg(bytes)?
        }
        let data: Data = bytes.to_vec().into();
        // Archives (ISO 19005-2, 6.2.8) forbid smoothing.
        let image = if png { Image::from_png(data, false) } else { Image::from_jpeg(data, false) };
        Ok(Self { image: image.map_err(|_| LookError::Damaged)?, width, height })
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Width and height in points of the largest size that fits into a box.
    pub(super) fn within(&self, width: f32, height: f32) -> (f32, f32) {
        let side = |pixels: u32| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX)).max(1.0);
        let scale = (width / side(self.width)).min(height / side(self.height));
        (side(self.width) * scale, side(self.height) * scale)
    }

    pub(super) fn image(&self) -> Image {
        self.image.clone()
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} by {})", self.width, self.height)
    }
}

fn png_size(bytes: &[u8]) -> Result<(u32, u32), LookError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: PNG_METADATA_BYTES });
    let info = decoder.read_header_info().map_err(|_| LookError::Damaged)?;
    Ok((info.width, info.height))
}

fn decode_png(bytes: &[u8]) -> Result<(), LookError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: PNG_METADATA_BYTES });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| LookError::Damaged)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(LookError::Damaged)?];
    reader.next_frame(&mut pixels).map(|_| ()).map_err(|_| LookError::Damaged)
}

fn jpeg_size(bytes: &[u8]) -> Result<(u32, u32), LookError> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes));
    decoder.decode_headers().map_err(|_| LookError::Damaged)?;
    let info = decoder.info().ok_or(LookError::Damaged)?;
    Ok((info.width.into(), info.height.into()))
}

fn decode_jpeg(bytes: &[u8]) -> Result<(), LookError> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes));
    decoder.decode().map(|_| ()).map_err(|_| LookError::Damaged)
}

/// A printed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The hand.
    pub picture: Picture,
    /// Whose it is.
    pub name: String,
    /// What they are, such as `Director of Public Health`; may be empty.
    pub office: String,
}

/// A colour that can be read on white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// Least contrast of text (WCAG 2.2, criterion 1.4.3), times ten.
const CONTRAST_TENTHS: u32 = 45;

impl Colour {
    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// [`LookError::Colour`] and [`LookError::Contrast`].
    pub fn read(text: &str) -> Result<Self, LookError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(LookError::Colour)?;
        let part = |range: std::ops::Range<usize>| {
            let digits = digits.get(range).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(LookError::Colour)
        };
        let colour = Self { red: part(0..2)?, green: part(2..4)?, blue: part(4..6)? };
        let contrast = 1.05 / (colour.luminance() + 0.05);
        let tenths = (0..=210).rev().find(|tenths| f64::from(*tenths) <= contrast * 10.0).unwrap_or_default();
        if tenths < CONTRAST_TENTHS {
            return Err(LookError::Contrast { tenths, needed: CONTRAST_TENTHS });
        }
        Ok(colour)
    }

    /// Red, green and blue.
    #[must_use]
    pub fn parts(self) -> (u8, u8, u8) {
        (self.red, self.green, self.blue)
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.red) + 0.7152 * part(self.green) + 0.0722 * part(self.blue)
    }
}

impl Default for Colour {
    fn default() -> Self {
        Self { red: 0x10, green: 0x3b, blue: 0x6d }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_that_nobody_can_read_are_refused() {
        assert_eq!(Colour::read("#103b6d"), Ok(Colour::default()));
        assert_eq!(Colour::read("#767676").map(Colour::parts), Ok((0x76, 0x76, 0x76)));
        for (text, tenths) in [("#ffffff", 10), ("#777777", 44), ("#ffd100", 14)] {
            assert_eq!(Colour::read(text), Err(LookError::Contrast { tenths, needed: 45 }), "{text}");
        }
        for text in ["", "#", "103b6d", "#103b6", "#103b6d0", "#+03b6d", "#é03b6", "blue"] {
            assert_eq!(Colour::read(text), Err(LookError::Colour), "{text}");
        }
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgba);
        let pixels: Vec<u8> = (0..width * height * 4).map(|i| u8::try_from(i % 251).unwrap()).collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        file
    }

    #[test]
    fn pictures_are_looked_at_before_anything_is_printed() {
        let whole = png(30, 20);
        let picture = Picture::read(&whole).unwrap();
        assert_eq!(picture.size(), (30, 20));
        assert_eq!(picture.within(60.0, 60.0), (60.0, 40.0));
        let mut pixels = vec![0x80; 24 * 16 * 3];
        pixels[0] = 0;
        let mut jpeg = Vec::new();
        jpeg_encoder::Encoder::new(&mut jpeg, 80).encode(&pixels, 24, 16, jpeg_encoder::ColorType::Rgb).unwrap();
        assert_eq!(Picture::read(&jpeg).unwrap().size(), (24, 16));

        assert_eq!(Picture::read(b"GIF89a"), Err(LookError::Kind));
        assert_eq!(Picture::read(&whole[..whole.len() - 20]), Err(LookError::Damaged));
        assert_eq!(Picture::read(&jpeg[..30]), Err(LookError::Damaged));
        let mut flipped = whole.clone();
        flipped[60] ^= 1;
        assert_eq!(Picture::read(&flipped), Err(LookError::Damaged));
        let wide = LOOK_PICTURE_SIDE + 1;
        assert!(matches!(Picture::read(&png(wide, 1)), Err(LookError::Pixels { width, .. }) if width == wide));
        let mut long = whole;
        long.resize(LOOK_PICTURE_BYTES + 1, 0);
        assert!(matches!(Picture::read(&long), Err(LookError::Bytes { .. })));
    }
}
