//! Cards of the size of a bank card (ISO/IEC 7810, ID-1: 85.60 by 53.98 mm), four on a page, front and back beside
//! each other with a fold between them, so that a printer for one side will do.

use super::{
    super::{DocumentError, Kind, Row, Sheet, code::DOT},
    Desk, Frame, Ink, Job, Page, Pen, Role, Stroke, mm, on_dot,
    parts::{HolderSizes, TableSizes, footer, title},
    pen::{Align, Style},
};

/// Width and height of a card: 85.60 and 53.98 mm in whole dots.
const WIDTH: f32 = 1011.0 * DOT;
const HEIGHT: f32 = 638.0 * DOT;
/// Dots that a code may have on a card, quiet zone included: the height of the card without the lines to cut along.
pub(super) const ROOM: u32 = 630;
/// Between the quiet zone and the line at the side.
const ASIDE: f32 = 6.0 * DOT;
/// Cards on a page.
pub(super) const CARDS: usize = 4;
/// Between two cards, and between the edge of the paper and the first line.
const GAP: f32 = 71.0 * DOT;
const TOP: f32 = 150.0 * DOT;
/// Between the edges of a card and what stands on it, for whoever cuts with a trembling hand.
pub(super) const PAD: f32 = 36.0 * DOT;
/// Smallest type of a card, as bank cards have it.
const LEAST: f32 = 5.0;
/// Smallest type below the cards, and the sizes that are tried there.
const LEAST_BELOW: f32 = 6.0;
const BELOW: [f32; 4] = [9.0, 8.0, 7.0, 6.0];
const SCALES: [f32; 8] = [1.0, 0.92, 0.84, 0.77, 0.7, 0.63, 0.57, 0.52];
const HOLDER: HolderSizes =
    HolderSizes { label: 5.5, name: 10.5, smallest: 8.5, standardised: 6.5, birth: 8.5, gap: 2.0 };
const TABLE: TableSizes = TableSizes { label: 6.2, value: 7.2, pad: 1.2, column: 78.0 };

/// Pages of cards, in order.
pub(super) fn pages(desk: &Desk<'_>, jobs: &[Job<'_>], pages: &mut Vec<Page>) -> Result<(), DocumentError> {
    for jobs in jobs.chunks(CARDS) {
        pages.push(page(desk, jobs)?);
    }
    Ok(())
}

fn page(desk: &Desk<'_>, jobs: &[Job<'_>]) -> Result<Page, DocumentError> {
    let (page, height) = desk.size.points();
    let left = on_dot((page - 2.0 * WIDTH) / 2.0);
    let mut pen = Pen::new(desk);
    let style = Style::new(8.0, 6.5, Ink::Grey).aligned(Align::Centre);
    let cut = pen.say(|language| language.word("card.cut").to_owned(), &style, (left, mm(10.0)), 2.0 * WIDTH)?;
    // Whoever listens hears first what it is, then how to cut it out.
    pen.read_last();
    let mut y = on_dot((cut + mm(4.0)).max(TOP));
    (pen.tight, pen.least) = (true, LEAST);
    for job in jobs {
        pen.leave();
        marks(&mut pen, (left, y));
        pen.begin(job, y);
        let (face, code) = pen.in_reading_order(left, left + WIDTH);
        pen.enter(Frame { x: face, y, width: WIDTH, height: HEIGHT }, false);
        side(&mut pen, job.sheet, |pen, facts| front(pen, desk, job, facts))?;
        pen.enter(Frame { x: code, y, width: WIDTH, height: HEIGHT }, false);
        side(&mut pen, job.sheet, |pen, _| back(pen, desk, job))?;
        y += HEIGHT + GAP;
    }
    // Below the cards, where there is room: to be kept, or cut off.
    pen.leave();
    (pen.tight, pen.least, pen.scale) = (false, LEAST_BELOW, 1.0);
    let limit = height - mm(18.0);
    pen.closing(desk.look, &BELOW, (y, limit), (left, 2.0 * WIDTH), false)?;
    Ok(pen.finish())
}

/// Draws one side with as much as fits on it: the second language and the facts give way to long names, whose both
/// forms always stand.
fn side(
    pen: &mut Pen<'_>,
    sheet: &Sheet,
    draw: impl Fn(&mut Pen<'_>, &[&Row]) -> Result<f32, DocumentError>,
) -> Result<(), DocumentError> {
    let (facts, second) = (facts(sheet), pen.second);
    pen.terse = true;
    let mut last = Ok(0.0);
    for (with_second, count) in [(true, facts.len()), (false, facts.len()), (false, 2), (false, 0)] {
        pen.second = second.filter(|_| with_second);
        last = pen.fit(HEIGHT - PAD, &SCALES, |pen| draw(pen, facts.get(..count).unwrap_or(&facts)));
        if !matches!(last, Err(DocumentError::DoesNotFit { .. })) {
            break;
        }
    }
    (pen.second, pen.terse) = (second, false);
    last.map(|_| ())
}

/// Where to cut and where to fold.
fn marks(pen: &mut Pen<'_>, (x, y): (f32, f32)) {
    let (long, away, thin) = (mm(3.0), mm(1.0), 0.5);
    let (right, bottom) = (x + 2.0 * WIDTH, y + HEIGHT);
    for edge in [y, bottom] {
        for start in [x - away - long, right + away] {
            pen.shape(Frame { x: start, y: edge - thin / 2.0, width: long, height: thin }, Ink::Black, Stroke::Tick);
        }
        let line = Frame { x, y: edge - thin / 2.0, width: 2.0 * WIDTH, height: thin };
        pen.shape(line, Ink::Rule, Stroke::Rule);
    }
    for edge in [x, right] {
        let line = Frame { x: edge - thin / 2.0, y, width: thin, height: HEIGHT };
        pen.shape(line, Ink::Rule, Stroke::Rule);
    }
    let fold = Frame { x: x + WIDTH - thin / 2.0, y, width: thin, height: HEIGHT };
    pen.shape(fold, Ink::Grey, Stroke::Dashes);
}

/// Ministry, title, names, date of birth, and the facts that fit.
fn front(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, facts: &[&Row]) -> Result<f32, DocumentError> {
    let (sheet, scale) = (job.sheet, pen.scale);
    let inner = WIDTH - 2.0 * PAD;
    let within = Frame { x: PAD, y: PAD, width: 34.0, height: 20.0 };
    let (emblem, high) = pen.emblem(desk, sheet, within, Align::Start);
    let indent = if emblem > 0.0 { emblem + 5.0 } else { 0.0 };
    let style = Style::bold(6.5 * scale.max(0.8), 5.5, Ink::Black);
    let y = pen.ministry(desk, sheet, &style, (PAD + indent, PAD), inner - indent)?;
    let style = Style::bold(9.0 * scale, 6.5 * scale, Ink::Accent).with_role(Role::Title);
    let y = pen.label(|language| card_title(sheet, language), &style, (PAD + indent, y), inner - indent)?;
    let y = y.max(PAD + high) + 1.5;
    pen.shape(Frame { x: PAD, y, width: inner, height: 0.9 }, Ink::Accent, Stroke::Rule);
    let mut y = y + 2.5;
    if sheet.specimen {
        y = pen.specimen(sheet, 6.5, (PAD, y), inner)? + 1.5;
    }
    let y = pen.holder(sheet, &HOLDER, (PAD, y), inner)? + 2.5 * scale;
    pen.rows(facts.iter().copied(), &TABLE, (PAD, y), inner)
}

fn card_title(sheet: &Sheet, language: super::Language) -> String {
    let title = title(sheet.kind, language);
    if sheet.subject.is_empty() || sheet.kind == Kind::YellowCard {
        title
    } else {
        format!("{title} · {}", sheet.subject.in_words(language))
    }
}

/// The rows that a card shows: what was done, against what, and when. Everything else is in the code.
fn facts(sheet: &Sheet) -> Vec<&Row> {
    let wanted: &[&str] = match sheet.kind {
        Kind::Vaccination => &["dose", "date", "vaccine", "disease"],
        Kind::Test => &["result", "sampled", "test", "disease"],
        Kind::Recovery => &["first-positive", "valid", "disease"],
        Kind::YellowCard => &["condition", "annex-vaccine", "date", "lot", "valid-from", "valid-until"],
        Kind::Other => &[],
    };
    let found: Vec<&Row> =
        wanted.iter().filter_map(|field| sheet.rows.iter().find(|row| row.field == *field)).collect();
    if found.is_empty() { sheet.rows.iter().take(4).collect() } else { found }
}

/// The code over the whole height; beside it what it is, the identifier, and what counts.
fn back(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>) -> Result<f32, DocumentError> {
    let scale = pen.scale;
    let whole = job.symbol.side() + 2.0 * job.symbol.quiet_zone();
    let x = on_dot(WIDTH - whole - ASIDE);
    let inner = x - PAD;
    let heading = Style::bold(7.5 * scale, 6.0 * scale, Ink::Accent).with_role(Role::heading());
    let mut y = pen.say(|language| language.word("scan").to_owned(), &heading, (PAD, PAD), inner)? + 4.0 * scale;
    pen.code(job, (x, (HEIGHT - whole) / 2.0));
    if job.sheet.specimen {
        y = pen.specimen(job.sheet, 6.0, (PAD, y), inner)? + 4.0 * scale;
    }
    let label = Style::new(5.5 * scale.max(0.9), 5.0, Ink::Grey);
    y = pen.say(|language| language.word("id").to_owned(), &label, (PAD, y), inner)?;
    y = pen.put("id", &job.sheet.id, &Style::new(6.0 * scale.max(0.9), 5.4, Ink::Black), (PAD, y), inner)?
        + 4.0 * scale;
    let style = Style::bold(6.2 * scale, 5.6 * scale, Ink::Black);
    pen.say(|language| footer(desk.look, language), &style, (PAD, y), inner)
}
