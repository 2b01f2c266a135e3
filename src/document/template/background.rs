//! A ministry's own PDF: read within bounds, and made ready to lie under every certificate.

use std::{
    hash::{Hash, Hasher},
    io::Read as _,
    path::Path,
    sync::Arc,
};

use hayro::hayro_syntax::{
    Pdf,
    object::{Dict, Name, Object},
    page::Page,
};
use krilla::{
    geom::Size,
    image::{BitsPerComponent, CustomImage, Image, ImageColorspace},
    pdf::PdfDocument,
    surface::Surface,
};

use super::{clean, error::Finding, plan::Drawn};
use crate::{
    barcode::read::{Dots, PictureError, dots, foreign},
    document::code::DOT,
    limits::{PDF_INFLATED_BYTES, TEMPLATE_LEAST_MM, TEMPLATE_MOST_MM, TEMPLATE_PAGES, TEMPLATE_PDF_BYTES},
};

/// Points of a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;

/// A background, ready to be drawn.
pub(super) struct Background {
    leaves: Vec<Leaf>,
    ready: Ready,
    /// Fonts that it names and does not bring.
    borrowed: Vec<String>,
}

/// One page of it.
pub(super) struct Leaf {
    /// Width and height in points, as it is.
    size: (f32, f32),
    /// The same in whole dots of 300 dpi: the size of the certificate's page, so that the code's dots are the printer's.
    dots: (u32, u32),
    /// How light it is, a dot a point, for checks.
    shade: Shade,
}

/// Lightness of a page, row by row, one dot a point.
struct Shade {
    width: usize,
    colours: Vec<u8>,
}

enum Ready {
    Vector(PdfDocument),
    Picture(Vec<Image>),
}

impl Background {
    /// Reads the file and makes it ready.
    pub(super) fn open(path: &Path, drawn: Drawn) -> Result<Self, Finding> {
        let bytes = read(path)?;
        foreign(&bytes, |pdf| Ok(prepared(pdf, drawn))).map_err(|error| finding(&error))?
    }

    /// Fonts that it names and does not bring, so that every program draws its words in another one.
    pub(super) fn borrowed(&self) -> &[String] {
        &self.borrowed
    }

    /// Pages.
    pub(super) fn pages(&self) -> usize {
        self.leaves.len()
    }

    /// Width and height of a page in points, in whole dots of 300 dpi.
    pub(super) fn paper(&self, page: usize) -> Option<(f32, f32)> {
        self.leaves.get(page).map(|leaf| (points(leaf.dots.0), points(leaf.dots.1)))
    }

    /// Width and height of a page in millimetres.
    pub(super) fn millimetres(&self, page: usize) -> Option<(f32, f32)> {
        self.leaves.get(page).map(|leaf| (leaf.size.0 / MM, leaf.size.1 / MM))
    }

    /// Whether it is drawn as a picture, which archives and screen readers take.
    pub(super) fn archivable(&self) -> bool {
        matches!(self.ready, Ready::Picture(_))
    }

    /// Draws a page from the top left corner.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, page: usize) {
        let Some(leaf) = self.leaves.get(page) else { return };
        match &self.ready {
            Ready::Vector(pdf) => {
                if let Some(size) = Size::from_wh(leaf.size.0, leaf.size.1) {
                    surface.draw_pdf_page(pdf, size, page);
                }
            }
            Ready::Picture(pages) => {
                let size = Size::from_wh(points(leaf.dots.0), points(leaf.dots.1));
                if let (Some(image), Some(size)) = (pages.get(page), size) {
                    surface.draw_image(image.clone(), size);
                }
            }
        }
    }

    /// Red, green and blue of every dot, one a point, inside a box that is given in millimetres.
    pub(super) fn under(&self, page: usize, (x, y, width, height): (f32, f32, f32, f32)) -> Vec<[u8; 3]> {
        let Some(leaf) = self.leaves.get(page) else { return Vec::new() };
        let inside = |at: usize, from: f32, long: f32| {
            let at = f32::from(u16::try_from(at).unwrap_or(u16::MAX)) + 0.5;
            at >= from * MM && at <= (from + long) * MM
        };
        let rows = leaf.shade.colours.chunks_exact(leaf.shade.width.saturating_mul(3).max(3));
        rows.enumerate()
            .filter(|(row, _)| inside(*row, y, height))
            .flat_map(|(_, row)| {
                let dots = row.as_chunks::<3>().0.iter().enumerate();
                dots.filter(|(column, _)| inside(*column, x, width)).map(|(_, dot)| *dot)
            })
            .collect()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Finding> {
    let unreadable = |error: std::io::Error| {
        fault(format!("it cannot be read ({}); give the path of a PDF, relative to the template", error.kind()))
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(TEMPLATE_PDF_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TEMPLATE_PDF_BYTES {
        return Err(fault(format!(
            "it has more than {} megabytes, and goes into every certificate; export it with smaller pictures",
            TEMPLATE_PDF_BYTES / 1024 / 1024
        )));
    }
    Ok(bytes)
}

fn prepared(pdf: &Pdf, drawn: Drawn) -> Result<Background, Finding> {
    let count = pdf.pages().len();
    if count == 0 {
        return Err(fault("it has no page that can be read; export it again".to_owned()));
    }
    if count > TEMPLATE_PAGES {
        return Err(fault(format!("it has {count} pages and at most {TEMPLATE_PAGES} are used; take the others out")));
    }
    let mut leaves = Vec::with_capacity(count);
    for (number, page) in pdf.pages().iter().enumerate() {
        leaves.push(leaf(number, page)?);
    }
    let borrowed = borrowed(pdf);
    let ready = match drawn {
        Drawn::Picture(_) if !borrowed.is_empty() => {
            return Err(fault(format!(
                "it does not bring the font {} that it is written in, so that its words would be missing; export it with \
                 fonts embedded (PDF/A does), or write drawn = \"vector\"",
                borrowed.join(", ")
            )));
        }
        Drawn::Vector => {
            let copy = clean::copy(pdf, count).ok_or_else(|| {
                let text = "it is nested too deep to be taken over; export it again, or write drawn = \"picture\"";
                fault(text.to_owned())
            })?;
            let copy = krilla::pdf::Pdf::new(copy).ok().filter(|copy| copy.pages().len() == count);
            let copy = copy.ok_or_else(|| {
                fault("it cannot be taken over as it is; export it again, or write drawn = \"picture\"".to_owned())
            })?;
            Ready::Vector(PdfDocument::new(Arc::new(copy)))
        }
        Drawn::Picture(fine) => {
            let mut pictures = Vec::with_capacity(count);
            for (page, leaf) in pdf.pages().iter().zip(&leaves) {
                pictures.push(picture(page, leaf, fine)?);
            }
            Ready::Picture(pictures)
        }
    };
    Ok(Background { leaves, ready, borrowed })
}

/// Names of fonts without their outlines, a few of them.
fn borrowed(pdf: &Pdf) -> Vec<String> {
    let mut names = Vec::new();
    for object in pdf.objects() {
        let Object::Dict(font) = object else { continue };
        let is = |key: &str, value: &str| font.get::<Name<'_>>(key).is_some_and(|name| name.as_str() == value);
        if !is("Type", "Font") || is("Subtype", "Type3") || is("Subtype", "Type0") {
            continue;
        }
        let descriptor = font.get::<Dict<'_>>("FontDescriptor");
        let brought = |descriptor: Dict<'_>| {
            ["FontFile", "FontFile2", "FontFile3"].into_iter().any(|key| descriptor.contains_key(key))
        };
        if !descriptor.is_some_and(brought) {
            let name = font.get::<Name<'_>>("BaseFont").map(|name| name.as_str().to_owned()).unwrap_or_default();
            let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
            if names.len() < 5 && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn leaf(number: usize, page: &Page<'_>) -> Result<Leaf, Finding> {
    let seen = page.intersected_crop_box();
    let (width, height) = page.render_dimensions();
    let (short, long) = (width.min(height) / MM, width.max(height) / MM);
    let number = number.saturating_add(1);
    if !(seen.width() > 1.0 && seen.height() > 1.0 && short >= TEMPLATE_LEAST_MM) {
        return Err(fault(format!(
            "page {number} is {short:.0} by {long:.0} mm, and a certificate needs {TEMPLATE_LEAST_MM} mm at least; \
             make it larger"
        )));
    }
    if long > TEMPLATE_MOST_MM.0 || short > TEMPLATE_MOST_MM.1 {
        return Err(fault(format!(
            "page {number} is {short:.0} by {long:.0} mm, and A3 (297 by 420 mm) is the largest; make it smaller"
        )));
    }
    let shade = dots(page, (1.0, 1.0));
    Ok(Leaf {
        size: (width, height),
        dots: (whole(width), whole(height)),
        shade: Shade { width: shade.width, colours: shade.colours },
    })
}

/// The page in so many dots an inch.
fn picture(page: &Page<'_>, leaf: &Leaf, fine: u16) -> Result<Image, Finding> {
    let an_inch = f32::from(fine) / 72.0;
    let scale = (points(leaf.dots.0) * an_inch / leaf.size.0, points(leaf.dots.1) * an_inch / leaf.size.1);
    let picture = Painted::of(dots(page, scale));
    Image::from_custom(picture, false)
        .map_err(|reason| fault(format!("it cannot be drawn as a picture ({reason}); report this as a defect")))
}

fn finding(error: &PictureError) -> Finding {
    fault(match error {
        PictureError::Encrypted => "it is protected by a password; save it without one".to_owned(),
        PictureError::Bomb { .. } => format!(
            "it unpacks to more than {} megabytes; export it with smaller pictures",
            PDF_INFLATED_BYTES / 1024 / 1024
        ),
        PictureError::TooManyPixels { .. } => {
            "a picture in it has more dots than any printer prints; export it with smaller pictures".to_owned()
        }
        _ => "it cannot be read as PDF; export it again, or print it into a new PDF".to_owned(),
    })
}

fn fault(text: String) -> Finding {
    Finding { line: None, text }
}

/// Whole dots of 300 dpi, the nearest.
fn whole(points: f32) -> u32 {
    let mut dots: u32 = 0;
    // Pages have at most some five thousand dots a side; `as` would be no shorter than this is slow.
    let (mut low, mut high) = (0_u16, u16::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if (f32::from(middle) + 0.5) * DOT < points {
            low = middle + 1;
        } else {
            high = middle;
        }
        dots = low.into();
    }
    dots
}

fn points(dots: u32) -> f32 {
    f32::from(u16::try_from(dots).unwrap_or(u16::MAX)) * DOT
}

/// A page as the PDF library takes pictures. It packs it once, however often it is printed.
#[derive(Clone)]
struct Painted(Arc<Inner>);

struct Inner {
    size: (u32, u32),
    grey: bool,
    samples: Vec<u8>,
    hash: u64,
}

impl Painted {
    /// In shades of grey where there is no colour: a third of the size.
    fn of(dots: Dots) -> Self {
        let size = (u32::try_from(dots.width).unwrap_or_default(), u32::try_from(dots.height).unwrap_or_default());
        let grey = dots.colours.as_chunks::<3>().0.iter().all(|[red, green, blue]| red == green && green == blue);
        let samples = if grey {
            dots.colours.as_chunks::<3>().0.iter().map(|[shade, ..]| *shade).collect()
        } else {
            dots.colours
        };
        let mut hasher = std::hash::DefaultHasher::new();
        samples.hash(&mut hasher);
        Self(Arc::new(Inner { size, grey, samples, hash: hasher.finish() }))
    }
}

impl Hash for Painted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.size, self.0.grey, self.0.hash).hash(state);
    }
}

impl CustomImage for Painted {
    fn color_channel(&self) -> &[u8] {
        &self.0.samples
    }
    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }
    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }
    fn size(&self) -> (u32, u32) {
        self.0.size
    }
    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }
    fn color_space(&self) -> ImageColorspace {
        if self.0.grey { ImageColorspace::Luma } else { ImageColorspace::Rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_whole_dots() {
        assert_eq!((whole(595.276), whole(841.89)), (2480, 3508), "A4");
        assert_eq!((whole(612.0), whole(792.0)), (2550, 3300), "Letter");
        assert_eq!(whole(0.0), 0);
    }
}
