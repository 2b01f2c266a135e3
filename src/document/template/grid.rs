//! The background with a grid of millimetres and the boxes named: where a clerk reads the coordinates.

use std::path::Path;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    geom::{PathBuilder, Rect},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
};

use super::{
    Background, Finding, TemplateError,
    background::MM,
    open,
    plan::{Drawn, Item, Place},
};
use crate::document::{DocumentError, Fonts, text::Weight};

const FINE: [u8; 3] = [0xb9, 0xd3, 0xea];
const COARSE: [u8; 3] = [0x5a, 0x93, 0xc8];
const NUMBER: [u8; 3] = [0x0b, 0x4a, 0x8a];
const FIELD: [u8; 3] = [0xc0, 0x1c, 0x28];
const CODE: [u8; 3] = [0x1c, 0x6b, 0x2a];
const WHITE: [u8; 3] = [0xff; 3];

/// Prints the background of a template, or a PDF that shall become one, with a grid: a line each 5 millimetres, a number
/// each 10, counted from the top left corner. Boxes of a template are drawn with their names, faults or not.
///
/// # Errors
/// [`TemplateError`] where the background cannot be opened.
pub fn grid(path: &Path, fonts: &Fonts) -> Result<Vec<u8>, TemplateError> {
    let of_pdf = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
    let (items, background) = if of_pdf {
        (Vec::new(), Background::open(path, Drawn::Vector))
    } else {
        let (plan, background, _) = open(path)?;
        (plan.items, background)
    };
    let background =
        background.map_err(|finding: Finding| TemplateError::Background { path: path.to_owned(), finding })?;
    let mut document = Document::new_with(SerializeSettings::default());
    for page in 0..background.pages() {
        let (width, height) = background.paper(page).ok_or_else(|| defect("page"))?;
        let size = PageSettings::from_wh(width, height).ok_or_else(|| defect("page size"))?;
        let mut opened = document.start_page_with(size);
        let mut surface = opened.surface();
        background.draw(&mut surface, page);
        let mut pen = Pen { surface: &mut surface, fonts, strength: NormalizedF32::ONE };
        pen.lines((width / MM, height / MM))?;
        for item in &items {
            match item {
                Item::Text(text) if text.place.page == page => pen.named(&text.place, text.name(), FIELD)?,
                Item::Code(code) if code.place.page == page => pen.named(&code.place, "code", CODE)?,
                _ => {}
            }
        }
        surface.finish();
        opened.finish();
    }
    let printed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| document.finish()));
    match printed {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(DocumentError::Pdf { reason: error.to_string() }.into()),
        Err(_) => Err(defect("the background cannot be taken over").into()),
    }
}

struct Pen<'p, 's> {
    surface: &'p mut Surface<'s>,
    fonts: &'p Fonts,
    /// How much the ink covers.
    strength: NormalizedF32,
}

impl Pen<'_, '_> {
    /// The grid of a page of this size in millimetres.
    fn lines(&mut self, (width, height): (f32, f32)) -> Result<(), DocumentError> {
        let steps = |long: f32| (1_u16..).map(|step| step * 5).take_while(move |at| f32::from(*at) < long);
        // Fine lines first, so that coarse ones lie over them.
        // Under them the background must be read too.
        self.strength = NormalizedF32::new(0.5).unwrap_or(NormalizedF32::ONE);
        for coarse in [false, true] {
            let (thick, colour) = if coarse { (0.18, COARSE) } else { (0.1, FINE) };
            for at in steps(width).filter(|at| (at % 10 == 0) == coarse) {
                self.rect((f32::from(at) - thick / 2.0, 0.0, thick, height), colour)?;
            }
            for at in steps(height).filter(|at| (at % 10 == 0) == coarse) {
                self.rect((0.0, f32::from(at) - thick / 2.0, width, thick), colour)?;
            }
        }
        self.strength = NormalizedF32::ONE;
        for at in steps(width).filter(|at| at % 10 == 0) {
            self.word(&at.to_string(), (f32::from(at), 0.4), Middle::Across, NUMBER)?;
        }
        for at in steps(height).filter(|at| at % 10 == 0) {
            self.word(&at.to_string(), (0.4, f32::from(at)), Middle::Down, NUMBER)?;
        }
        Ok(())
    }

    /// A box with its name at its upper left corner.
    fn named(&mut self, place: &Place, name: &str, colour: [u8; 3]) -> Result<(), DocumentError> {
        const EDGE: f32 = 0.3;
        let Place { x, y, width, height, .. } = *place;
        for edge in [
            (x, y, width, EDGE),
            (x, y + height - EDGE, width, EDGE),
            (x, y, EDGE, height),
            (x + width - EDGE, y, EDGE, height),
        ] {
            self.rect(edge, colour)?;
        }
        self.word(name, (x + 0.6, y + 0.6), Middle::None, colour)
    }

    /// A word of small type on white.
    fn word(&mut self, word: &str, (x, y): (f32, f32), middle: Middle, colour: [u8; 3]) -> Result<(), DocumentError> {
        const SIZE: f32 = 6.0;
        let shaped = self.fonts.shape("label", word, Weight::Regular)?;
        let (width, height) = (shaped.width() * SIZE, SIZE * 1.15);
        let (mut x, mut y) = (x * MM, y * MM);
        match middle {
            Middle::Across => x -= width / 2.0,
            Middle::Down => y -= height / 2.0,
            Middle::None => {}
        }
        self.rect(((x - 0.5) / MM, y / MM, (width + 1.0) / MM, height / MM), WHITE)?;
        self.ink(colour);
        for line in shaped.lines(f32::MAX) {
            line.draw(self.surface, x, y + SIZE * 0.9, SIZE);
        }
        Ok(())
    }

    /// A filled box, in millimetres; one without extent is none.
    fn rect(&mut self, (x, y, width, height): (f32, f32, f32, f32), colour: [u8; 3]) -> Result<(), DocumentError> {
        if !(width > 0.0 && height > 0.0) {
            return Ok(());
        }
        let rect = Rect::from_xywh(x * MM, y * MM, width * MM, height * MM).ok_or_else(|| defect("box"))?;
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.ink(colour);
        self.surface.draw_path(&path.finish().ok_or_else(|| defect("box"))?);
        Ok(())
    }

    fn ink(&mut self, [red, green, blue]: [u8; 3]) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_fill(Some(Fill { paint, opacity: self.strength, rule: FillRule::NonZero }));
    }
}

/// Which way a word is moved to stand in the middle of its place.
#[derive(Clone, Copy)]
enum Middle {
    Across,
    Down,
    None,
}

fn defect(what: &str) -> DocumentError {
    DocumentError::Pdf { reason: what.to_owned() }
}
