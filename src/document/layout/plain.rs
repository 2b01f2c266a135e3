//! One page, everything on it: header, holder beside the code, table, prescribed text, signature; instructions where
//! there is room for them.

use super::{
    super::{DocumentError, Language},
    Desk, Frame, Ink, Job, Page, Pen, Role,
    parts::{HolderSizes, Instructions, TableSizes, footer, title},
    pen::{Align, Style},
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

pub(super) fn page(desk: &Desk<'_>, job: &Job<'_>) -> Result<Page, DocumentError> {
    let mut pen = Pen::new(desk);
    pen.begin(job, 0.0);
    let (width, height) = desk.size.points();
    let width = width - 2.0 * MARGIN;
    let foot = height - FOOT;
    let limit = foot - 8.0;
    let bottom = pen.fit_or_terse(limit, &SCALES, |pen| body(pen, desk, job, width))?;
    pen.scale = 1.0;
    closing(&mut pen, desk, bottom, limit, width)?;
    pen.rule((MARGIN, foot), width, Ink::Rule);
    let style = Style::new(8.5, 7.0, Ink::Black);
    pen.say(|language| footer(desk.look, language), &style, (MARGIN, foot + 5.0), width)?;
    Ok(pen.finish())
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
    y = pen.put("subject", &sheet.subject, &Style::new(12.5, 10.0, Ink::Grey), (MARGIN, y), width)? + 6.0;
    pen.shape(Frame { x: MARGIN, y, width, height: 1.8 }, Ink::Accent, super::Stroke::Rule);
    y += 12.0 * pen.scale;
    if sheet.specimen {
        y = pen.specimen(sheet, 12.0, (MARGIN, y), width)? + 12.0 * pen.scale;
    }
    Ok(y)
}

/// What stands at the foot where there is room: instructions in two columns.
fn closing(pen: &mut Pen<'_>, desk: &Desk<'_>, top: f32, limit: f32, width: f32) -> Result<(), DocumentError> {
    let gap = 20.0;
    let column = (width - gap) / 2.0;
    let own = desk.look.instructions.iter().any(|(language, _): &(Language, String)| *language == desk.language);
    for size in [8.0, 7.0] {
        let instructions = |pen: &mut Pen<'_>, y: f32| {
            let wide = if own { width } else { column };
            let left = pen.instructions(Instructions::Holder, desk.look, size, (MARGIN, y), wide)?;
            let place = (MARGIN + column + gap, y);
            let right = if own { y } else { pen.instructions(Instructions::Verifier, desk.look, size, place, column)? };
            Ok(left.max(right))
        };
        // Measured at the top, then set at the foot of the page.
        let Some(bottom) = measure(pen, limit, top + 14.0, instructions)? else { continue };
        let down = limit - bottom;
        instructions(pen, top + 14.0 + down)?;
        break;
    }
    Ok(())
}

/// Where something would end; `None` where that is below `limit`.
fn measure(
    pen: &mut Pen<'_>,
    limit: f32,
    top: f32,
    draw: impl Fn(&mut Pen<'_>, f32) -> Result<f32, DocumentError>,
) -> Result<Option<f32>, DocumentError> {
    let mut ended = 0.0;
    // Nothing ends above minus infinity: what is drawn is always taken back.
    pen.if_it_fits(f32::NEG_INFINITY, |pen| {
        ended = draw(pen, top)?;
        Ok(ended)
    })?;
    Ok((ended <= limit).then_some(ended))
}
