//! Pages of a PDF → shades of grey. A code in a PDF may be a picture under any filter, a mask, an inline image or
//! lines; drawing the page covers them all. `hayro` draws; what it may be given to draw is bounded here.

use std::io::Read;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{LoadPdfError, Pdf, object::Object, page::Page},
    render,
    vello_cpu::color::palette::css::WHITE,
};

use super::{
    FileKind, PictureError,
    decode::{luma, pixels},
    grey::Grey,
};
use crate::limits::{PDF_INFLATED_BYTES, PDF_OBJECTS, PDF_PAGE_PIXELS, PDF_PAGE_SIDE, PDF_PAGES, PICTURE_PIXELS};

/// Dots an inch. At 200 a code of 35 mm (the smallest that HCERT 1.0.8, section 4.2.2, recommends) in version 25
/// has 2.2 pixels a module; the second try is for smaller ones.
const RESOLUTIONS: [f32; 2] = [200.0, 350.0];

/// A point, the unit of PDF (ISO 32000-1, section 8.3.2.3): 72 an inch.
const POINTS_AN_INCH: f32 = 72.0;

/// Draws each of the first pages and hands it to `read`, which says whether it read something; a page that it
/// could not read is drawn again, finer, and handed over with `true`.
pub(super) fn each_page(bytes: &[u8], mut read: impl FnMut(&Grey, bool) -> bool) -> Result<(), PictureError> {
    let pdf = open(bytes)?;
    let pages: Vec<_> = pdf.pages().iter().take(PDF_PAGES).collect();
    if pages.is_empty() {
        return Err(PictureError::Damaged { kind: FileKind::Pdf });
    }
    let cache = RenderCache::new();
    let mut unread = pages;
    for (resolution, again) in RESOLUTIONS.into_iter().zip([false, true]) {
        unread.retain(|page| draw(page, &cache, resolution).is_some_and(|picture| !read(&picture, again)));
    }
    Ok(())
}

/// The page at this resolution, or at the finest that the limits allow. `None` if it has no size.
fn draw<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, resolution: f32) -> Option<Grey> {
    let (width, height) = page.render_dimensions();
    if !(width >= 1.0 && height >= 1.0) {
        return None;
    }
    let scale = (resolution / POINTS_AN_INCH)
        .min((PDF_PAGE_PIXELS / width / height).sqrt())
        .min(PDF_PAGE_SIDE / width.max(height));
    // A band of some hundred pixels by less than one has no code.
    if !(width * scale >= 1.0 && height * scale >= 1.0) {
        return None;
    }
    let drawn = render(
        page,
        cache,
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
    );
    let grey = drawn.data().iter().map(|pixel| luma(&[pixel.r, pixel.g, pixel.b])).collect();
    Grey::new(usize::from(drawn.width()), usize::from(drawn.height()), grey)
}

/// A page as dots, row by row from the top left: red, green and blue of each.
#[cfg(feature = "issue")]
pub(crate) struct Dots {
    /// Dots of a row.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// Three bytes a dot.
    pub(crate) colours: Vec<u8>,
}

/// Opens a PDF that somebody else made, for paper that is printed over it, and hands it to `look`. No panic of the
/// library gets through.
#[cfg(feature = "issue")]
pub(crate) fn foreign<T>(bytes: &[u8], look: impl FnOnce(&Pdf) -> Result<T, PictureError>) -> Result<T, PictureError> {
    super::contained(FileKind::Pdf, || look(&open(bytes)?))
}

/// Draws a page at so many dots a point, across and down.
#[cfg(feature = "issue")]
pub(crate) fn dots(page: &Page<'_>, (x_scale, y_scale): (f32, f32)) -> Dots {
    let settings = PixmapSettings { x_scale, y_scale, bg_color: WHITE };
    let interpreter = InterpreterSettings::default();
    let drawn = render(page, &RenderCache::new(), &interpreter, &RenderSettings::default(), &settings);
    let colours = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    Dots { width: drawn.width().into(), height: drawn.height().into(), colours }
}

/// Opens a file that anybody may have made.
fn open(bytes: &[u8]) -> Result<Pdf, PictureError> {
    check_streams(bytes)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => PictureError::Encrypted,
        LoadPdfError::Invalid => PictureError::Damaged { kind: FileKind::Pdf },
    })?;
    check_images(&pdf)?;
    Ok(pdf)
}

/// Refuses streams that unpack to more than a certificate needs, without keeping what they unpack to. Every place
/// where a stream may start is tried, whether the file refers to it or not.
fn check_streams(bytes: &[u8]) -> Result<(), PictureError> {
    let mut left = PDF_INFLATED_BYTES;
    let mut rest = bytes;
    while let Some(at) = rest.windows(6).position(|six| six == b"stream") {
        let (_, data) = rest.split_at_checked(at.saturating_add(6)).unwrap_or_default();
        rest = data;
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        // The two bytes of a zlib header (RFC 1950, section 2.2) are a multiple of 31 and name method 8.
        let zlib = data.first_chunk::<2>().is_some_and(|header| {
            header.first().is_some_and(|first| first % 16 == 8) && u16::from_be_bytes(*header).is_multiple_of(31)
        });
        if zlib {
            let mut inflated = flate2::read::ZlibDecoder::new(data).take(left.saturating_add(1));
            // An error ends this stream; what it gave until then counts.
            let _ = std::io::copy(&mut inflated, &mut std::io::sink());
            left = left.saturating_sub(left.saturating_add(1).saturating_sub(inflated.limit()));
            if left == 0 {
                return Err(PictureError::Bomb { limit: PDF_INFLATED_BYTES });
            }
        }
    }
    Ok(())
}

/// Refuses images that say they have more pixels than are read: a scan of nothing may have any size in some bytes.
fn check_images(pdf: &Pdf) -> Result<(), PictureError> {
    if pdf.len() > PDF_OBJECTS {
        return Err(PictureError::Bomb { limit: PDF_INFLATED_BYTES });
    }
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        let side = |long: &str, short: &str| {
            let value = stream.dict().get::<u32>(long).or_else(|| stream.dict().get::<u32>(short));
            value.map_or(0, |value| usize::try_from(value).unwrap_or(usize::MAX))
        };
        pixels(side("Width", "W"), side("Height", "H"), PICTURE_PIXELS)?;
    }
    Ok(())
}
