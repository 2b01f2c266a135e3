//! What stands on a page: every piece with its place and with what it is to a screen reader.

use std::sync::Arc;

use super::super::{Language, code::Picture as Code, look::Picture, text::Line};

/// A finished page.
pub(in crate::document) struct Page {
    /// Width and height.
    pub(in crate::document) size: (f32, f32),
    /// Parts of the page with their own upright direction; the first is the whole page.
    pub(in crate::document) panels: Vec<Panel>,
    /// Bands, rules and marks, drawn under everything, which screen readers pass over.
    pub(in crate::document) shapes: Vec<Shape>,
    /// Everything that says something, in the order in which it is read.
    pub(in crate::document) marks: Vec<Mark>,
    /// Each certificate that begins on this page: its number and how far down.
    pub(in crate::document) starts: Vec<(usize, f32)>,
}

/// A part of a page with its own corner; places in it count from there.
#[derive(Debug, Clone, Copy)]
pub(in crate::document) struct Panel {
    /// Its place on the page.
    pub(in crate::document) frame: Frame,
    /// Upside down, so that it stands upright when the page is folded.
    pub(in crate::document) turned: bool,
}

impl Panel {
    /// Where on the page a frame of this panel stands.
    pub(in crate::document) fn on_page(&self, frame: Frame) -> Frame {
        let (x, y) = if self.turned {
            (self.frame.width - frame.x - frame.width, self.frame.height - frame.y - frame.height)
        } else {
            (frame.x, frame.y)
        };
        Frame { x: self.frame.x + x, y: self.frame.y + y, ..frame }
    }
}

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::document) struct Frame {
    pub(in crate::document) x: f32,
    pub(in crate::document) y: f32,
    pub(in crate::document) width: f32,
    pub(in crate::document) height: f32,
}

/// Colour of text and shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Ink {
    Black,
    Grey,
    Rule,
    /// The ministry's colour.
    Accent,
    Warning,
    WarningTint,
    /// The yellow of WHO's booklet, and its tint under text.
    Yellow,
    YellowTint,
    /// Letters on the ministry's colour: whatever can be read on white can be told from it.
    White,
}

/// Something drawn that says nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::document) struct Shape {
    pub(in crate::document) panel: usize,
    pub(in crate::document) frame: Frame,
    pub(in crate::document) ink: Ink,
    pub(in crate::document) stroke: Stroke,
}

/// How a shape is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Stroke {
    /// An area that text stands on.
    Band,
    /// A line.
    Rule,
    /// A line of dashes, where the paper is folded.
    Dashes,
    /// A short line at the edge of the paper, where no text can stand.
    Tick,
}

/// What a piece is to a screen reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::document) enum Role {
    /// The heading of a certificate.
    Title,
    /// The heading of a part of it, with its words.
    Heading(Arc<str>),
    Paragraph,
    /// A cell of a table; cells with the same numbers are one cell.
    Cell {
        table: u16,
        row: u16,
        column: u16,
        header: Option<Scope>,
    },
    /// A picture and what it shows.
    Figure(Arc<str>),
}

impl Role {
    /// A heading; the pen writes its words.
    pub(in crate::document) fn heading() -> Self {
        Self::Heading("".into())
    }
}

/// What a header cell is the header of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Scope {
    Row,
    Column,
}

/// A piece in its place.
pub(in crate::document) struct Mark {
    pub(in crate::document) panel: usize,
    /// Number of the certificate that it belongs to; `None` for what belongs to the page.
    pub(in crate::document) certificate: Option<usize>,
    pub(in crate::document) role: Role,
    /// Pieces with the same number are one paragraph, heading or cell.
    pub(in crate::document) element: u32,
    /// Its language where that is not the document's.
    pub(in crate::document) language: Option<Language>,
    pub(in crate::document) content: Content,
}

/// What is drawn.
pub(in crate::document) enum Content {
    Text(Placed),
    /// A code with its quiet zone.
    Code {
        frame: Frame,
        picture: Code,
    },
    Picture {
        frame: Frame,
        picture: Picture,
    },
}

impl Content {
    /// The text of a piece whose letters do not stand in the order in which they are read.
    pub(in crate::document) fn read_from_the_right(&self) -> Option<&str> {
        match self {
            Self::Text(placed) => placed.lines.iter().find_map(|(line, ..)| line.read_from_the_right()),
            Self::Code { .. } | Self::Picture { .. } => None,
        }
    }
}

/// A text in its place.
pub(in crate::document) struct Placed {
    pub(in crate::document) ink: Ink,
    pub(in crate::document) size: f32,
    /// Each line with its left edge and its baseline.
    pub(in crate::document) lines: Vec<(Line, f32, f32)>,
}
