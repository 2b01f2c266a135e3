//! Text → lines of positioned glyphs, in any script that a font is there for. All that layouts know of fonts.
//!
//! Measures are ems: times the size of the type they are points.

mod lines;
mod shape;

use std::sync::Arc;

use krilla::{geom::Point, surface::Surface, text::KrillaGlyph};

use super::DocumentError;
use shape::Face;

/// How heavy the type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Weight {
    /// For running text and values.
    Regular,
    /// For headings and names.
    Bold,
}

/// The fonts of a program, parsed once: make one and share it between threads.
pub struct Fonts {
    regular: Arc<Face>,
    bold: Arc<Face>,
}

impl Fonts {
    /// The fonts that are built into the program: Latin, Greek and Cyrillic.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the program is damaged.
    pub fn embedded() -> Result<Self, DocumentError> {
        let face = |name, data| Face::new(name, data).map(Arc::new);
        Ok(Self {
            regular: face("Noto Sans Regular", include_bytes!("fonts/NotoSans-Regular.ttf"))?,
            bold: face("Noto Sans Bold", include_bytes!("fonts/NotoSans-Bold.ttf"))?,
        })
    }

    /// Turns `text` into glyphs, or says which character of `field` stands in the way.
    pub(super) fn shape(&self, field: &'static str, text: &str, weight: Weight) -> Result<Shaped, DocumentError> {
        let face = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let glyphs = face.shape(field, text)?;
        Ok(Shaped { face: Arc::clone(face), text: text.into(), glyphs })
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fonts")
    }
}

/// Text with its glyphs.
pub(super) struct Shaped {
    face: Arc<Face>,
    text: Arc<str>,
    glyphs: Vec<KrillaGlyph>,
}

impl Shaped {
    /// Width of the whole text on one line.
    pub(super) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.x_advance).sum()
    }

    /// The text broken into lines of at most `most` ems.
    pub(super) fn lines(&self, most: f32) -> Vec<Line> {
        lines::lines(self, most)
    }

    /// The letters that glyph `glyph` stands for.
    fn letters(&self, glyph: &KrillaGlyph) -> &str {
        self.text.get(glyph.text_range.clone()).unwrap_or_default()
    }
}

/// What stands on one line, in the order in which it is seen.
pub(super) struct Line {
    /// Width, without spaces at the end.
    pub(super) width: f32,
    /// How far its ink reaches above the baseline.
    pub(super) above: f32,
    /// How far its ink reaches below the baseline.
    pub(super) below: f32,
    /// Whether it is read from right to left, and so stands at the right edge of its column.
    pub(super) rtl: bool,
    runs: Vec<Run>,
}

/// Neighbouring glyphs of one face.
struct Run {
    face: Arc<Face>,
    text: Arc<str>,
    glyphs: Vec<KrillaGlyph>,
    /// Where it begins, from the left edge of the line.
    x: f32,
}

impl Line {
    /// Draws the line with its left edge at `x`, in the ink that the surface has, in type of `size` points.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, x: f32, baseline: f32, size: f32) {
        for run in &self.runs {
            let start = Point::from_xy(x + run.x * size, baseline);
            surface.draw_glyphs(start, &run.glyphs, run.face.font.clone(), &run.text, size, false);
        }
    }
}

/// Fonts that all tests share, as the sheets of a program do.
#[cfg(test)]
pub(super) static FONTS: std::sync::LazyLock<Fonts> = std::sync::LazyLock::new(|| Fonts::embedded().unwrap());
