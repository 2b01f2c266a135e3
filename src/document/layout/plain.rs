//! One page, everything on it: header, holder beside the code, table, prescribed text, signature, instructions. Where
//! there is too much for one page, the instructions get a second.

use super::{
    super::DocumentError,
    Desk, Frame, Ink, Job, Page, Pen, Role,
    parts::{HolderSizes, TableSizes, footer, title},
    pen::{Align, Style},
    told,
};
use crate::document::code::DOT;

/// 18 mm: no printer clips there, and a hole punch spares it.
pub(super) const MARGIN: f32 = 213.0 * DOT;
/// Height of the footer with the lower margin.
const FOOT: f32 = 62.0;
/// Sizes that are tried until everything fits on the page.
const SCALES: [f32; 5] = [1.0, 0.92, 0.84, 0.77, 0.7];

const HOLDER: HolderSizes =
    HolderSizes { label: 8.0, name: 18.0, smallest: 12.0, standardised: 9.5, birth: 13.0, gap: 9.0 };
const TABLE: TableSizes = TableSizes { label: 9.5, value: 10.5, pad: 4.5, column: 176.0 };

/// Sizes in which the whole page is tried before the instructions get a page of their own: smaller, and whoever looks at
/// it pays for them.
const WITH_INSTRUCTIONS: [f32; 4] = [1.0, 0.92, 0.84, 0.77];
/// Sizes of the instructions.
const CLOSING: [f32; 4] = [8.0, 7.0, 6.5, 6.0];

/// The page, and a second one for the instructions where the first is full.
pub(super) fn pages(desk: &Desk<'_>, job: &Job<'_>, pages: &mut Vec<Page>) -> Result<(), DocumentError> {
    let mut pen = Pen::new(desk);
    pen.begin(job, 0.0);
    let (width, height) = desk.size.points();
    let width = width - 2.0 * MARGIN;
    let foot = height - FOOT;
    let limit = foot - 8.0;
    let whole = pen.fit(limit, &WITH_INSTRUCTIONS, |pen| {
        let bottom = body(pen, desk, job, width)?;
        let stands =
            bottom <= limit && pen.closing(desk.look, &CLOSING, (bottom + 14.0, limit), (MARGIN, width), true)?;
        Ok(if stands { limit } else { f32::MAX })
    });
    let full = match whole {
        Ok(_) => false,
        Err(DocumentError::DoesNotFit { .. }) => {
            pen.fit_or_terse(limit, &SCALES, |pen| body(pen, desk, job, width))?;
            true
        }
        Err(error) => return Err(error),
    };
    pen.scale = 1.0;
    pen.rule((MARGIN, foot), width, Ink::Rule);
    let style = Style::new(8.5, 7.0, Ink::Black);
    pen.say(|language| footer(desk.look, language), &style, (MARGIN, foot + 5.0), width)?;
    pages.push(pen.finish());
    if full {
        pages.push(told::page(desk, job)?);
    }
    Ok(())
}

fn body(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, width: f32) -> Result<f32, DocumentError> {
    let sheet = job.sheet;
    let top = header(pen, desk, job, width)?;
    // The quiet zone of the code reaches into the margin.
    let (side, quiet) = (job.symbol.side(), job.symbol.quiet_zone());
    let left = pen.holder(sheet, &HOLDER, (MARGIN, top), width - side - quiet - 14.0)?;
    let (_, right) = pen.code_and_id(job, (MARGIN + width - side - quiet, top), 0.0)?;
    let y = left.max(right) + 14.0 * pen.scale;
    let y = pen.rows(&sheet.rows, &TABLE, (MARGIN, y), width)?;
    let size = 7.5 * pen.scale.max(0.8);
    let y = pen.notice(sheet, size, (MARGIN, y), width)?;
    let Some(signature) = &desk.look.signature else { return Ok(y) };
    let (wide, high) = (150.0, 40.0 * pen.scale);
    let within = Frame { x: MARGIN + width - wide, y: y + 14.0 * pen.scale, width: wide, height: high };
    pen.signature(signature, within, Align::Start)
}

/// Emblem, ministry, country, title, and the banner of a specimen. Gives back where the next block starts.
fn header(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, width: f32) -> Result<f32, DocumentError> {
    let sheet = job.sheet;
    let top = 40.0;
    let within = Frame { x: MARGIN, y: top, width: 86.0, height: 48.0 * pen.scale };
    let (emblem, high) = pen.emblem(desk, sheet, within, Align::Start);
    let indent = if emblem > 0.0 { emblem + 12.0 } else { 0.0 };
    let (names, country) = (Style::bold(11.0, 9.0, Ink::Black), Style::bold(10.5, 8.0, Ink::Grey));
    let country = country.aligned(Align::End);
    let aside = 120.0;
    let left = pen.ministry(desk, sheet, &names, (MARGIN + indent, top), width - indent - aside - 10.0)?;
    let right = pen.put("country", &sheet.country, &country, (MARGIN + width - aside, top), aside)?;
    let style = Style::bold(22.0, 15.0, Ink::Accent).with_role(Role::Title);
    let y = left.max(right).max(top + high) + 5.0;
    let mut y = pen.say(|language| title(sheet.kind, language), &style, (MARGIN, y), width)?;
    y = pen.subject(sheet, &Style::new(12.5, 10.0, Ink::Grey), (MARGIN, y), width)? + 6.0;
    pen.shape(Frame { x: MARGIN, y, width, height: 1.8 }, Ink::Accent, super::Stroke::Rule);
    y += 12.0 * pen.scale;
    if sheet.specimen {
        y = pen.specimen(sheet, 12.0, (MARGIN, y), width)? + 12.0 * pen.scale;
    }
    Ok(y)
}
