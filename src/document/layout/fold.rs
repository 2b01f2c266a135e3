//! A page that folds twice to a quarter (A4 to A6), printed on one side: the lower half behind the upper one, then the
//! left half behind the right one. Outside, front and instructions; inside, code and details. The lower panels are
//! upside down on the flat page and upright in the booklet. Folding is the same in every language, for a page in two
//! languages says it once; inside, the code is on the page that is read first.

use super::{
    super::{DocumentError, Language},
    Desk, Frame, Ink, Job, Page, Pen, Role, Stroke, mm, on_dot,
    parts::{HolderSizes, TableSizes, footer, title},
    pen::{Align, Style},
    told::Instructions,
};

/// Between the edges of a panel and what stands in it: more than any printer clips, and clear of the fold.
pub(super) const PAD: f32 = 26.0;
/// Sizes that are tried until everything fits on a panel.
const SCALES: [f32; 7] = [1.0, 0.92, 0.84, 0.77, 0.7, 0.63, 0.57];
const HOLDER: HolderSizes =
    HolderSizes { label: 7.5, name: 15.0, smallest: 10.5, standardised: 8.5, birth: 12.0, gap: 6.0 };
const TABLE: TableSizes = TableSizes { label: 7.5, value: 8.5, pad: 2.8, column: 96.0 };

pub(super) fn page(desk: &Desk<'_>, job: &Job<'_>) -> Result<Page, DocumentError> {
    let (width, height) = desk.size.points();
    let (width, height) = (width / 2.0, height / 2.0);
    let panel = |x: f32, y: f32| Frame { x, y, width, height };
    let mut pen = Pen::new(desk);
    pen.tight = true;
    marks(&mut pen, width, height);
    pen.begin(job, 0.0);
    let inner = width - 2.0 * PAD;
    let limit = height - PAD;

    pen.enter(panel(width, 0.0), false);
    pen.fit_or_terse(limit, &SCALES, |pen| front(pen, desk, job, width))?;
    // What is upside down to the right is the left page of the open booklet.
    let (first, then) = pen.in_reading_order(width, 0.0);
    pen.enter(panel(first, height), true);
    pen.fit_or_terse(limit, &SCALES, |pen| code(pen, desk, job, width))?;
    pen.enter(panel(then, height), true);
    pen.fit_or_terse(limit, &SCALES, |pen| details(pen, desk, job, inner))?;
    pen.enter(panel(0.0, 0.0), false);
    pen.fit_or_terse(limit, &SCALES, |pen| back(pen, desk, inner)).map_err(|error| match error {
        // What stands there is not the certificate's.
        DocumentError::DoesNotFit { excess_mm } => DocumentError::Instructions { excess_mm },
        error => error,
    })?;
    Ok(pen.finish())
}

/// Where to fold: dashes across the page, and marks at its edges that survive a weak printer.
fn marks(pen: &mut Pen<'_>, width: f32, height: f32) {
    let (long, thick) = (mm(4.0), 0.8);
    for x in [0.0, 2.0 * width - long] {
        pen.shape(Frame { x, y: height - thick / 2.0, width: long, height: thick }, Ink::Black, Stroke::Tick);
    }
    for y in [0.0, 2.0 * height - long] {
        pen.shape(Frame { x: width - thick / 2.0, y, width: thick, height: long }, Ink::Black, Stroke::Tick);
    }
    let (edge, thin) = (mm(7.0), 0.5);
    let across = Frame { x: edge, y: height - thin / 2.0, width: 2.0 * (width - edge), height: thin };
    let down = Frame { x: width - thin / 2.0, y: edge, width: thin, height: 2.0 * (height - edge) };
    pen.shape(across, Ink::Rule, Stroke::Dashes);
    pen.shape(down, Ink::Rule, Stroke::Dashes);
}

/// Emblem, ministry, what it is, and whose it is.
fn front(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, width: f32) -> Result<f32, DocumentError> {
    let (sheet, inner, scale) = (job.sheet, width - 2.0 * PAD, pen.scale);
    let centred = |style: Style| style.aligned(Align::Centre);
    let within = Frame { x: PAD, y: PAD, width: inner, height: 54.0 * scale };
    let (_, high) = pen.emblem(desk, sheet, within, Align::Centre);
    let mut y = PAD + if high > 0.0 { high + 8.0 * scale } else { 12.0 * scale };
    let style = centred(Style::bold(11.5 * scale, 9.0 * scale, Ink::Black));
    y = pen.ministry(desk, sheet, &style, (PAD, y), inner)?;
    let grey = centred(Style::new(9.5 * scale, 8.0 * scale, Ink::Grey));
    y = pen.put("country", &sheet.country, &grey, (PAD, y + 2.0), inner)? + 12.0 * scale;

    let band = y;
    let style = centred(Style::bold(18.0 * scale, 12.0 * scale, Ink::White)).with_role(Role::Title);
    y = pen.say(|language| title(sheet.kind, language), &style, (PAD + 4.0, y + 8.0), inner - 8.0)?;
    let style = centred(Style::new(10.5 * scale, 8.5 * scale, Ink::White));
    y = pen.subject(sheet, &style, (PAD + 4.0, y + 1.0), inner - 8.0)? + 8.0;
    pen.shape(Frame { x: PAD, y: band, width: inner, height: y - band }, Ink::Accent, Stroke::Band);
    y += 12.0 * scale;
    if sheet.specimen {
        y = pen.specimen(sheet, 10.0, (PAD, y), inner)? + 10.0 * scale;
    }
    pen.holder(sheet, &HOLDER, (PAD, y), inner)
}

/// The code alone in the middle of its panel, away from every fold.
fn code(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, width: f32) -> Result<f32, DocumentError> {
    let inner = width - 2.0 * PAD;
    let heading = Style::bold(11.0 * pen.scale, 9.0 * pen.scale, Ink::Accent);
    let heading = heading.aligned(Align::Centre).with_role(Role::heading());
    let y = pen.say(|language| language.word("scan").to_owned(), &heading, (PAD, PAD + 4.0), inner)?;
    let whole = job.symbol.side() + 2.0 * job.symbol.quiet_zone();
    let x = on_dot((width - whole) / 2.0);
    // The quiet zone of a small symbol is wide; the rest of the panel begins with it.
    let frame = pen.code(job, (x, y + 2.0));
    let y = pen.identifier(job.sheet, (PAD, frame.y + frame.height), inner, Align::Centre)? + 10.0 * pen.scale;
    let y = if job.sheet.specimen { pen.specimen(job.sheet, 10.0, (PAD, y), inner)? + 8.0 } else { y };
    let style = Style::bold(8.5 * pen.scale, 7.5 * pen.scale, Ink::Black).aligned(Align::Centre);
    pen.say(|language| footer(desk.look, language), &style, (PAD, y), inner)
}

/// The table, prescribed texts, the signature.
fn details(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, inner: f32) -> Result<f32, DocumentError> {
    let heading = Style::bold(11.0 * pen.scale, 9.0 * pen.scale, Ink::Accent).with_role(Role::heading());
    let y = pen.say(|language| language.word("details").to_owned(), &heading, (PAD, PAD + 4.0), inner)? + 6.0;
    let y = pen.rows(&job.sheet.rows, &TABLE, (PAD, y), inner)?;
    // Prescribed text stays readable however much stands above it.
    let y = pen.notice(job.sheet, (6.6 * pen.scale).max(6.0), (PAD, y), inner)?;
    let Some(signature) = &desk.look.signature else { return Ok(y) };
    let within = Frame { x: PAD, y: y + 10.0 * pen.scale, width: inner * 0.6, height: 32.0 * pen.scale };
    pen.signature(signature, within, Align::Start)
}

/// What to do with it.
fn back(pen: &mut Pen<'_>, desk: &Desk<'_>, inner: f32) -> Result<f32, DocumentError> {
    let heading = Style::bold(11.0 * pen.scale, 9.0 * pen.scale, Ink::Accent).with_role(Role::heading());
    let words = |language: Language| language.word("instructions").to_owned();
    let mut y = pen.say(words, &heading, (PAD, PAD + 4.0), inner)?;
    let size = (8.2 * pen.scale).max(6.0);
    for part in [Instructions::Holder, Instructions::Verifier, Instructions::Folding] {
        let top = y + 7.0 * pen.scale;
        let bottom = pen.instructions(part, desk.look, size, (PAD, top), inner)?;
        if bottom > top {
            y = bottom;
        }
    }
    Ok(y)
}
