//! The page of an international certificate of vaccination or prophylaxis: the columns of the model certificate
//! (International Health Regulations (2005), Annex 6) and the text that the annex prescribes, on the yellow of WHO's
//! booklet. The code and its quiet zone stand on white, for photocopiers.

use super::{
    super::{DocumentError, Language, Row, Sheet},
    Desk, Frame, Ink, Job, Page, Pen, Role, Scope, Stroke, mm, on_dot,
    parts::{HolderSizes, TableSizes, footer, title},
    pen::{Align, Style},
};

const MARGIN: f32 = 36.0;
const PAD: f32 = 14.0;
const SCALES: [f32; 6] = [1.0, 0.92, 0.84, 0.77, 0.7, 0.63];
const HOLDER: HolderSizes =
    HolderSizes { label: 7.5, name: 16.0, smallest: 11.0, standardised: 8.5, birth: 12.0, gap: 6.0 };
const PERSON: TableSizes = TableSizes { label: 7.5, value: 8.5, pad: 2.2, column: 120.0 };
const REST: TableSizes = TableSizes { label: 7.5, value: 8.5, pad: 2.4, column: 150.0 };

/// What of a person stands beside the name.
const OF_PERSON: [&str; 4] = ["sex", "nationality", "document", "guardian"];
/// Columns of the model certificate: fields of each, and the words above it.
const COLUMNS: [(&[&str], &str); 6] = [
    (&["annex-vaccine"], "label.annex-vaccine"),
    (&["date"], "label.date"),
    (&["clinician", "authority"], "label.clinician"),
    (&["maker", "lot"], "label.maker"),
    (&["valid-from", "valid-until"], "label.valid"),
    (&[], "yellow.stamp"),
];

pub(super) fn page(desk: &Desk<'_>, job: &Job<'_>) -> Result<Page, DocumentError> {
    // Annex 6: fully completed in English or French; other languages only beside one of them.
    let lawful = |language: Language| [Language::ENGLISH, Language::FRENCH].contains(&language);
    let second = match desk.second {
        Some(second) if lawful(desk.language) || lawful(second) => Some(second),
        None if lawful(desk.language) => None,
        _ => Some(Language::ENGLISH),
    };
    let desk = Desk { second, ..*desk };
    let mut pen = Pen::new(&desk);
    pen.begin(job, 0.0);
    pen.tight = true;
    let (width, height) = desk.size.points();
    let width = width - 2.0 * MARGIN;
    let foot = height - MARGIN - 26.0;
    let bottom = pen.fit_or_terse(foot - 6.0, &SCALES, |pen| card(pen, &desk, job, width))?;
    let frame = Frame { x: MARGIN, y: MARGIN, width, height: bottom - MARGIN };
    // Under everything that was drawn before it.
    pen.under(frame, Ink::YellowTint);
    let style = Style::new(8.5, 7.0, Ink::Black);
    pen.scale = 1.0;
    pen.closing(desk.look, &[8.0, 7.0, 6.0], (bottom + 12.0, foot - 8.0), (MARGIN, width), false)?;
    pen.say(|language| footer(desk.look, language), &style, (MARGIN, foot), width)?;
    Ok(pen.finish())
}

fn card(pen: &mut Pen<'_>, desk: &Desk<'_>, job: &Job<'_>, width: f32) -> Result<f32, DocumentError> {
    let (sheet, scale) = (job.sheet, pen.scale);
    let (left, inner) = (MARGIN + PAD, width - 2.0 * PAD);
    let mut y = header(pen, desk, sheet, width)? + 10.0 * scale;
    if sheet.specimen {
        y = pen.specimen(sheet, 11.0, (left, y), inner)? + 10.0 * scale;
    }
    let whole = job.symbol.side() + 2.0 * job.symbol.quiet_zone();
    let white = whole.max(mm(58.0)) + 2.0;
    let column = inner - white - 14.0;
    let certify = Style::new(8.5 * scale, 7.0 * scale, Ink::Black);
    let words = |key: &'static str| move |language: Language| language.word(key).to_owned();
    let top = y;
    y = pen.holder(sheet, &HOLDER, (left, y), column)? + 7.0 * scale;
    let person = OF_PERSON.iter().filter_map(|field| row(sheet, field));
    y = pen.rows(person, &PERSON, (left, y), column)? + 8.0 * scale;
    y = pen.say(words("yellow.certify"), &certify, (left, y), column)? + 3.0;
    let disease = Style::bold(13.0 * scale, 10.0 * scale, Ink::Black);
    y = match row(sheet, "condition") {
        Some(condition) => pen.value(condition, &disease, (left, y), column)?,
        None => pen.subject(sheet, &disease, (left, y), column)?,
    };

    // A white field for the code and what identifies it.
    let x = on_dot(left + inner - white + (white - whole) / 2.0);
    let place = (x, on_dot(top + 2.0));
    let bottom = {
        let frame = pen.code(job, place);
        let text = (left + inner - white + 8.0, frame.y + frame.height);
        pen.identifier(sheet, text, white - 16.0, Align::Start)? + 6.0
    };
    let field = Frame { x: left + inner - white, y: top, width: white, height: bottom - top };
    pen.shape(field, Ink::White, Stroke::Band);

    let y = columns(pen, sheet, (left, y.max(bottom) + 12.0 * scale), inner)? + 10.0 * scale;
    let known = |row: &&Row| {
        let mut named = COLUMNS.iter().flat_map(|(fields, _)| fields.iter()).chain(&OF_PERSON);
        row.field != "condition" && !named.any(|field| *field == row.field)
    };
    let y = pen.rows(sheet.rows.iter().filter(known), &REST, (left, y), inner)?;
    let y = signing(pen, desk, (left, y + 8.0 * scale), inner)?;
    Ok(pen.notice(sheet, (8.0 * scale).max(6.5), (left, y + 4.0 * scale), inner)? + PAD * scale)
}

fn row<'s>(sheet: &'s Sheet, field: &str) -> Option<&'s Row> {
    sheet.rows.iter().find(|row| row.field == field)
}

/// Ministry and title on the full yellow.
fn header(pen: &mut Pen<'_>, desk: &Desk<'_>, sheet: &Sheet, width: f32) -> Result<f32, DocumentError> {
    let scale = pen.scale;
    let (left, inner, top) = (MARGIN + PAD, width - 2.0 * PAD, MARGIN + 10.0);
    let within = Frame { x: left, y: top, width: 70.0, height: 44.0 * scale };
    let (emblem, high) = pen.emblem(desk, sheet, within, Align::Start);
    let indent = if emblem > 0.0 { emblem + 12.0 } else { 0.0 };
    let (x, wide) = (left + indent, inner - indent);
    let y = pen.ministry(desk, sheet, &Style::bold(10.0 * scale, 8.0 * scale, Ink::Black), (x, top), wide)?;
    let style = Style::bold(17.0 * scale, 13.0 * scale, Ink::Black).with_role(Role::Title);
    let y = pen.say(|language| title(sheet.kind, language), &style, (x, y + 2.0), wide)?;
    let y = y.max(top + high) + 8.0;
    pen.shape(Frame { x: MARGIN, y: MARGIN, width, height: y - MARGIN }, Ink::Yellow, Stroke::Band);
    Ok(y)
}

/// The table of the model certificate: one row, for a certificate certifies one dose.
fn columns(pen: &mut Pen<'_>, sheet: &Sheet, (x, top): (f32, f32), width: f32) -> Result<f32, DocumentError> {
    let (scale, table) = (pen.scale, pen.table());
    let label = Style::bold(6.8 * scale.max(0.9), 6.0, Ink::Black);
    let value = Style::new(9.0 * scale, 7.0 * scale, Ink::Black);
    let share = width / 6.0;
    let pad = 4.0;
    let cell = |row, column, header| Role::Cell { table, row, column, header };
    let at = |number: u16| x + share * f32::from(number) + pad;
    let mut head = top;
    for (number, (_, words)) in (0_u16..).zip(COLUMNS) {
        let style = label.clone().with_role(cell(0, number, Some(Scope::Column)));
        let said = |language: Language| match words {
            "label.maker" => both(language, "label.maker", "label.lot"),
            "label.clinician" => both(language, "label.clinician", "label.authority"),
            words => language.word(words).to_owned(),
        };
        head = head.max(pen.say(said, &style, (at(number), top + pad), share - 2.0 * pad)?);
    }
    let head = head + pad;
    pen.shape(Frame { x, y: top, width, height: head - top }, Ink::Yellow, Stroke::Band);
    // Room for a stamp, which the annex asks of paper.
    let mut bottom = head + 58.0 * scale;
    for (number, (fields, _)) in (0_u16..).zip(COLUMNS) {
        let style = value.clone().with_role(cell(1, number, None));
        let mut y = head + pad;
        for row in fields.iter().filter_map(|field| row(sheet, field)) {
            y = pen.value(row, &style, (at(number), y), share - 2.0 * pad)? + 2.0;
        }
        bottom = bottom.max(y + pad);
    }
    for y in [top, head, bottom] {
        pen.shape(Frame { x, y: y - 0.3, width, height: 0.6 }, Ink::Black, Stroke::Rule);
    }
    for number in 0..=6_u16 {
        let edge = x + share * f32::from(number) - 0.3;
        pen.shape(Frame { x: edge, y: top, width: 0.6, height: bottom - top }, Ink::Black, Stroke::Rule);
    }
    Ok(bottom)
}

fn both(language: Language, first: &'static str, second: &'static str) -> String {
    format!("{} · {}", language.word(first), language.word(second))
}

/// Lines for the hands that the annex asks of paper: the clinician's or the ministry's printed one, and the holder's.
fn signing(pen: &mut Pen<'_>, desk: &Desk<'_>, (x, y): (f32, f32), width: f32) -> Result<f32, DocumentError> {
    let gap = 20.0;
    let half = (width - gap) / 2.0;
    let line = y + 26.0 * pen.scale;
    let mut bottom = line;
    if let Some(signature) = &desk.look.signature {
        let within = Frame { x, y, width: half, height: 26.0 * pen.scale };
        bottom = pen.signature(signature, within, Align::Start)?;
    }
    let style = Style::new(7.0, 6.0, Ink::Black);
    pen.rule((x + half + gap, line), half, Ink::Black);
    let words = |language: Language| language.word("yellow.signature").to_owned();
    Ok(pen.say(words, &style, (x + half + gap, line + 1.5), half)?.max(bottom))
}
