//! Text → lines of positioned glyphs, in any script that a font is there for. All that layouts know of fonts.
//!
//! A text is checked (`check`), divided into parts of one direction and script (`runs`), and each part is turned into
//! glyphs (`shape`) by the first font that can draw it whole: one that is built into the program (`face`), or one of
//! the machine (`places`, in the order of `scripts`). Lines are broken and put into the order in which they are seen
//! by `lines`. What no font can draw is refused by its field and character.
//!
//! Measures are ems: times the size of the type they are points.

mod check;
mod face;
mod lines;
mod places;
mod reading;
mod runs;
mod scripts;
mod shape;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use krilla::{geom::Point, surface::Surface, text::KrillaGlyph};
use unicode_bidi::Level;

use super::{DocumentError, Language};
use face::Face;
use places::Places;
pub use places::{FontFound, FontPlaces};

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
    places: Places,
}

/// Whether a script can be printed here, and by which font.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFont {
    /// The script by its Unicode name, such as `Arabic`.
    pub script: &'static str,
    /// What draws it.
    pub font: DrawnBy,
}

/// What draws a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawnBy {
    /// A font that is built into the program.
    BuiltIn,
    /// A font of the machine.
    Font(FontFound),
    /// Nothing: texts in this script are refused until a font is there.
    Nothing {
        /// The Debian package that has one.
        package: Option<&'static str>,
    },
}

impl Fonts {
    /// The fonts that are built into the program: Latin, Greek and Cyrillic.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the program is damaged.
    pub fn embedded() -> Result<Self, DocumentError> {
        let face = |name, data: &'static [u8], weight| {
            Face::new(Arc::new(data), 0, weight).map(Arc::new).ok_or(DocumentError::Font { face: name })
        };
        Ok(Self {
            regular: face("Noto Sans Regular", include_bytes!("fonts/NotoSans-Regular.ttf"), Weight::Regular)?,
            bold: face("Noto Sans Bold", include_bytes!("fonts/NotoSans-Bold.ttf"), Weight::Bold)?,
            places: Places::default(),
        })
    }

    /// The fonts that are built into the program, and those of the machine for all other scripts. Files are listed
    /// now and read when the first text needs them.
    ///
    /// # Errors
    /// [`DocumentError::FontFolder`] for a folder that cannot be read, [`DocumentError::TooManyFonts`] for folders
    /// that cannot be meant, [`DocumentError::Font`] when the program is damaged.
    pub fn find(places: &FontPlaces) -> Result<Self, DocumentError> {
        Ok(Self { places: Places::find(places)?, ..Self::embedded()? })
    }

    /// Which scripts of living languages can be printed here, and by which font.
    #[must_use]
    pub fn coverage(&self) -> Vec<ScriptFont> {
        let drawn = |known: &scripts::Known| {
            if self.regular.covers(known.sample) {
                DrawnBy::BuiltIn
            } else if let Some(found) = self.places.which(known.script, known.sample) {
                DrawnBy::Font(found)
            } else {
                DrawnBy::Nothing { package: scripts::package(known.script) }
            }
        };
        scripts::TABLE.iter().map(|known| ScriptFont { script: known.script.full_name(), font: drawn(known) }).collect()
    }

    /// Turns `text` into glyphs, or says which character of `field` stands in the way. Its direction is that of its
    /// first strong letter.
    pub(super) fn shape(&self, field: &'static str, text: &str, weight: Weight) -> Result<Shaped, DocumentError> {
        self.shape_in(field, text, weight, None)
    }

    /// The same for words of ours, whose language, and so their direction, is known. (None of our languages draws letters
    /// otherwise than its script does.)
    pub(super) fn shape_in(
        &self,
        field: &'static str,
        text: &str,
        weight: Weight,
        language: Option<Language>,
    ) -> Result<Shaped, DocumentError> {
        shape::shape(self, field, text, weight, language)
    }

    /// The face that is built into the program.
    fn own(&self, weight: Weight) -> &Arc<Face> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fonts")
    }
}

/// Text with its glyphs.
pub(super) struct Shaped {
    text: Arc<str>,
    /// Level of embedding of the whole: odd where it is read from right to left.
    level: Level,
    /// In the order in which they are read.
    runs: Vec<ShapedRun>,
}

/// Part of a text in one face and one direction.
struct ShapedRun {
    face: Arc<Face>,
    range: Range<usize>,
    level: Level,
    /// In the order in which they are seen.
    glyphs: Vec<KrillaGlyph>,
}

impl Shaped {
    /// Width of the whole text on one line.
    pub(super) fn width(&self) -> f32 {
        self.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.x_advance).sum()
    }

    /// The text broken into lines of at most `most` ems.
    pub(super) fn lines(&self, most: f32) -> Vec<Line> {
        lines::lines(self, most)
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
    /// Whether anything on it is read from right to left.
    turned: bool,
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
    /// The whole text that the line is of, where the order in which its letters stand is not the one in which they are
    /// read.
    pub(super) fn read_from_the_right(&self) -> Option<&str> {
        self.turned.then(|| self.whole().trim_end())
    }

    /// The whole text of which it is a line.
    pub(super) fn whole(&self) -> &str {
        self.runs.first().map_or("", |run| &run.text)
    }

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
