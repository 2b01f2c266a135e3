//! What a template says: texts and codes with their places.

use super::fields::{DayForm, Known};
use crate::document::{Language, text::Weight};

/// What a template says, checked by itself; [`super::check`] holds it against its background.
#[derive(Debug)]
pub(super) struct Plan {
    /// Name of the background's file, relative to the template's.
    pub(super) background: String,
    pub(super) drawn: Drawn,
    /// Title of the document, where it is not the heading of the kind.
    pub(super) title: Option<String>,
    /// Languages of the document; never empty.
    pub(super) languages: Vec<Language>,
    /// Texts and codes in reading order: that of the file.
    pub(super) items: Vec<Item>,
    /// What the background itself says, for screen readers.
    pub(super) said: Vec<Said>,
}

/// How the background gets into the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    /// As it is: sharp at any size.
    Vector,
    /// As a picture, of so many dots an inch.
    Picture(u16),
}

/// A box on a page, in millimetres from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Page, from 0.
    pub(super) page: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Something with a place.
#[derive(Debug)]
pub(super) enum Item {
    Text(Text),
    Code(Code),
}

/// The square in which the code stands, its quiet zone included.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) place: Place,
    pub(super) line: usize,
}

/// A field or a fixed word.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) what: What,
    pub(super) place: Place,
    /// Size of the type in points, and the smallest that it shrinks to.
    pub(super) size: f32,
    pub(super) smallest: f32,
    pub(super) align: Align,
    pub(super) valign: Valign,
    pub(super) weight: Weight,
    pub(super) colour: [u8; 3],
    pub(super) language: Language,
    pub(super) days: DayForm,
    /// Before the value.
    pub(super) prefix: String,
    /// Whether a certificate may lack it.
    pub(super) optional: bool,
    /// What a screen reader says before it; `None`: our words for it.
    pub(super) label: Option<String>,
    pub(super) line: usize,
}

/// What a text shows.
#[derive(Debug)]
pub(super) enum What {
    Field(Known),
    /// Key and text of a word of ours.
    Word(String, &'static str),
}

impl Text {
    /// What the author calls it.
    pub(super) fn name(&self) -> &str {
        match &self.what {
            What::Field(known) => known.name,
            What::Word(key, _) => key,
        }
    }

    /// What errors of the paper call it.
    pub(super) fn field(&self) -> &'static str {
        match &self.what {
            What::Field(known) => known.name,
            What::Word(..) => "label",
        }
    }
}

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Where its reading begins: at the right in Arabic.
    Start,
    Left,
    Centre,
    Right,
}

/// Where the lines stand in a box that is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Valign {
    Top,
    Middle,
    Bottom,
}

/// What a page of the background says.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) page: usize,
    pub(super) text: String,
    pub(super) line: usize,
}
