//! Where everything stands on the pages: one file a layout, all through one pen, so that what holds for one
//! (nothing overlaps, nothing leaves the page, codes on whole dots) is checked for every layout alike.
//!
//! Measures are points (1/72 inch) from the top left corner. Layouts are written for documents that are read from
//! the left; the pen mirrors them for those that are read from the right.

mod card;
#[cfg(test)]
mod check;
mod fold;
mod page;
mod parts;
mod pen;
mod plain;
#[cfg(test)]
mod tests;
mod told;
mod yellow;

pub(super) use page::{Content, Frame, Ink, Mark, Page, Panel, Placed, Role, Scope, Shape, Stroke};
pub(super) use parts::title;
use pen::Pen;
pub(super) use told::unsaid;

use super::{
    DocumentError, Fonts, Kind, Language, Look, Sheet,
    code::{DOT, Symbol},
};
use crate::limits::PAPER_ROWS;

/// How the page is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// One page, everything on it.
    #[default]
    Plain,
    /// One page that folds twice to a quarter: front, code, details, instructions.
    Fold,
    /// The size of a bank card (ISO/IEC 7810, ID-1), four on a page, both sides beside each other.
    Card,
    /// The model certificate of Annex 6 of the International Health Regulations; for [`Kind::YellowCard`] alone.
    Yellow,
}

impl Layout {
    /// Every layout.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Plain, Self::Fold, Self::Card, Self::Yellow].into_iter()
    }

    /// Its name in configurations, commands and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Fold => "fold",
            Self::Card => "card",
            Self::Yellow => "yellow",
        }
    }

    /// The layout of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|layout| layout.name() == name)
    }

    /// Whether certificates of this kind can be printed so.
    #[must_use]
    pub fn takes(self, kind: Kind) -> bool {
        self != Self::Yellow || kind == Kind::YellowCard
    }
}

/// The paper in the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PageSize {
    /// 210 by 297 mm (ISO 216).
    #[default]
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

impl PageSize {
    /// Every size.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::A4, Self::Letter].into_iter()
    }

    /// Its name in configurations, commands and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Letter => "letter",
        }
    }

    /// The size of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|size| size.name() == name)
    }

    /// Width and height in even numbers of whole dots of 300 dpi, so that every dot of a code falls on a dot of the
    /// printer, on every quarter of the page too.
    fn dots(self) -> (u16, u16) {
        match self {
            Self::A4 => (2480, 3508),
            Self::Letter => (2550, 3300),
        }
    }

    /// Width and height in points.
    pub(super) fn points(self) -> (f32, f32) {
        let (width, height) = self.dots();
        (f32::from(width) * DOT, f32::from(height) * DOT)
    }
}

/// What is chosen for one printing.
pub(super) struct Desk<'a> {
    pub(super) fonts: &'a Fonts,
    pub(super) look: &'a Look,
    pub(super) size: PageSize,
    pub(super) language: Language,
    pub(super) second: Option<Language>,
}

/// A sheet with the code that it carries.
pub(super) struct Job<'a> {
    /// Number of the certificate in the document, from 0.
    pub(super) number: usize,
    pub(super) sheet: &'a Sheet,
    pub(super) symbol: Symbol,
}

/// The pages of all `sheets`, each in `layout` of it.
pub(super) fn arrange(
    desk: &Desk<'_>,
    layout: impl Fn(&Sheet) -> Layout,
    sheets: &[Sheet],
) -> Result<Vec<Page>, DocumentError> {
    let mut pages = Vec::with_capacity(sheets.len());
    let mut cards = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        check(sheet)?;
        let layout = layout(sheet);
        if !layout.takes(sheet.kind) {
            return Err(DocumentError::WrongLayout { layout: layout.name(), kind: sheet.kind.name() });
        }
        // What is no card ends a page of cards: pages keep the order of the certificates.
        if layout != Layout::Card {
            card::pages(desk, &std::mem::take(&mut cards), &mut pages)?;
        }
        let most = if layout == Layout::Card { card::ROOM } else { u32::MAX };
        let content = sheet.archive.as_deref();
        let symbol = match content {
            Some(archive) => Symbol::fit(archive, most)?,
            None => Symbol::fit(crate::envelope::hcert::densest(&sheet.code).as_bytes(), most)?,
        };
        let job = Job { number, sheet, symbol };
        match layout {
            Layout::Plain => plain::pages(desk, &job, &mut pages)?,
            Layout::Fold => pages.push(fold::page(desk, &job)?),
            Layout::Yellow => pages.push(yellow::page(desk, &job)?),
            Layout::Card => cards.push(job),
        }
    }
    card::pages(desk, &cards, &mut pages)?;
    Ok(pages)
}

/// What every layout needs of a sheet.
fn check(sheet: &Sheet) -> Result<(), DocumentError> {
    for (field, value) in [("issuer", &sheet.issuer), ("id", &sheet.id)] {
        if value.trim().is_empty() {
            return Err(DocumentError::Empty { field });
        }
    }
    if [&sheet.name, &sheet.family, &sheet.given].iter().all(|part| part.trim().is_empty()) {
        return Err(DocumentError::Empty { field: "family" });
    }
    if sheet.rows.len() > PAPER_ROWS {
        return Err(DocumentError::TooManyRows { rows: sheet.rows.len(), limit: PAPER_ROWS });
    }
    Ok(())
}

/// The nearest whole printer dot.
fn on_dot(points: f32) -> f32 {
    (points / DOT).round() * DOT
}

/// Millimetres in points.
fn mm(millimetres: f32) -> f32 {
    millimetres / 25.4 * 72.0
}
