//! Where everything stands on the page. Measures are points (1/72 inch) from the top left corner.

use super::super::{
    DocumentError, Language, Sheet,
    code::{DOT, Symbol},
    text::{Fonts, Line, Weight},
};
use crate::limits::{PAPER_FIELD_CHARS, PAPER_ROWS};

/// A4 in whole dots of 300 dpi (2,480 by 3,508), so that every dot of the code falls on a dot of the printer.
pub(in crate::document) const PAGE: (f32, f32) = (2480.0 * DOT, 3508.0 * DOT);
/// 18 mm: no printer clips there, and a hole punch spares it.
const MARGIN: f32 = 213.0 * DOT;
const RIGHT: f32 = PAGE.0 - MARGIN;
const WIDTH: f32 = RIGHT - MARGIN;
const FOOTER: f32 = PAGE.1 - 58.0;
const LABEL_COLUMN: f32 = 168.0;
/// Least room above and below the baseline in ems, as the fonts ask for; a line whose ink needs more gets more.
const ASCENT: f32 = 1.069;
const DESCENT: f32 = 0.293;
/// Sizes that are tried until everything fits on the page.
const SCALES: [f32; 5] = [1.0, 0.92, 0.84, 0.77, 0.7];

/// What a piece of text is to a screen reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Role {
    Title,
    Paragraph,
    RowLabel,
    RowValue,
    /// Stands under the code and is read after it.
    Identifier,
    Footer,
}

/// Colour of text and rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Ink {
    Black,
    Grey,
    Rule,
    Accent,
    Warning,
    WarningTint,
}

/// A box on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::document) struct Frame {
    pub(in crate::document) x: f32,
    pub(in crate::document) y: f32,
    pub(in crate::document) width: f32,
    pub(in crate::document) height: f32,
}

/// A piece of text in its place.
pub(in crate::document) struct Placed {
    pub(in crate::document) role: Role,
    pub(in crate::document) ink: Ink,
    pub(in crate::document) size: f32,
    pub(in crate::document) lines: Vec<PlacedLine>,
}

/// One line of it.
pub(in crate::document) struct PlacedLine {
    pub(in crate::document) line: Line,
    pub(in crate::document) x: f32,
    pub(in crate::document) baseline: f32,
}

/// The finished page.
pub(in crate::document) struct Page {
    pub(in crate::document) texts: Vec<Placed>,
    /// Bands and hairlines, drawn under everything.
    pub(in crate::document) rules: Vec<(Frame, Ink)>,
    /// The picture of the code, quiet zone included.
    pub(in crate::document) code: Frame,
}

/// Gives everything its place, in the largest type that fits on the page.
pub(in crate::document) fn arrange(
    fonts: &Fonts,
    sheet: &Sheet,
    language: Language,
    symbol: &Symbol,
) -> Result<Page, DocumentError> {
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
    let mut excess = 0.0;
    for scale in SCALES {
        let mut pen = Pen {
            fonts,
            language,
            scale,
            page: Page {
                texts: Vec::with_capacity(16 + 2 * sheet.rows.len()),
                rules: Vec::new(),
                code: Frame { x: 0.0, y: 0.0, width: 0.0, height: 0.0 },
            },
        };
        let bottom = pen.sheet(sheet, symbol)?;
        if bottom <= FOOTER - 8.0 {
            return Ok(pen.page);
        }
        excess = bottom - (FOOTER - 8.0);
    }
    Err(DocumentError::DoesNotFit { excess_mm: millimetres_up(excess) })
}

fn millimetres_up(points: f32) -> u32 {
    let mut millimetres: u16 = 0;
    while f32::from(millimetres) < points / 72.0 * 25.4 && millimetres < u16::MAX {
        millimetres += 1;
    }
    millimetres.into()
}

/// How a piece of text looks.
struct Style {
    role: Role,
    weight: Weight,
    size: f32,
    /// Size down to which a line shrinks before it wraps.
    smallest: f32,
    ink: Ink,
    align: Align,
}

#[derive(Clone, Copy)]
enum Align {
    Left,
    Centre,
    Right,
}

struct Pen<'a> {
    fonts: &'a Fonts,
    language: Language,
    scale: f32,
    page: Page,
}

impl Pen<'_> {
    fn sheet(&mut self, sheet: &Sheet, symbol: &Symbol) -> Result<f32, DocumentError> {
        let top = self.header(sheet)?;
        let holder_width = WIDTH - symbol.side() - symbol.quiet_zone() - 14.0;
        let left = self.holder(sheet, top, holder_width)?;
        let right = self.code(sheet, symbol, top)?;
        let bottom = self.table(sheet, left.max(right) + 16.0 * self.scale)?;
        let bottom = self.notices(sheet, bottom)?;

        self.rule(FOOTER, 0.6, Ink::Rule);
        let style = self.regular(Role::Footer, 8.5, 7.0, Ink::Black);
        self.put("footer", self.language.word("footer"), &style, (MARGIN, FOOTER + 6.0), WIDTH)?;
        Ok(bottom)
    }

    /// Issuer, title, and the banner of a specimen. Gives back where the next block starts.
    fn header(&mut self, sheet: &Sheet) -> Result<f32, DocumentError> {
        let issuer = self.bold(Role::Paragraph, 10.5, 9.0, Ink::Grey);
        let country = Style { align: Align::Right, ..self.bold(Role::Paragraph, 10.5, 9.0, Ink::Grey) };
        let left = self.put("issuer", &sheet.issuer, &issuer, (MARGIN, 44.0), WIDTH - 130.0)?;
        let right = self.put("country", &sheet.country, &country, (RIGHT - 120.0, 44.0), 120.0)?;
        let title = self.bold(Role::Title, 23.0, 16.0, Ink::Accent);
        let mut y = self.put(
            "title",
            self.language.entry("title", sheet.kind.name()).unwrap_or_default(),
            &title,
            (MARGIN, left.max(right) + 7.0),
            WIDTH,
        )?;
        let kind = self.regular(Role::Paragraph, 12.5, 10.0, Ink::Grey);
        y = self.put("subject", &sheet.subject, &kind, (MARGIN, y), WIDTH)? + 7.0;
        self.rule(y, 1.8, Ink::Accent);
        y += 13.0 * self.scale;
        if sheet.specimen {
            let style = Style { align: Align::Centre, ..self.bold(Role::Paragraph, 12.0, 12.0, Ink::Warning) };
            let bottom = self.put("specimen", self.language.word("specimen"), &style, (MARGIN, y + 3.0), WIDTH)? + 3.0;
            self.page.rules.push((Frame { x: MARGIN, y, width: WIDTH, height: bottom - y }, Ink::WarningTint));
            y = bottom + 13.0 * self.scale;
        }
        Ok(y)
    }

    /// Names in both forms and the date of birth.
    fn holder(&mut self, sheet: &Sheet, top: f32, width: f32) -> Result<f32, DocumentError> {
        let label = self.regular(Role::Paragraph, 8.0, 8.0, Ink::Grey);
        let large = self.bold(Role::Paragraph, 18.0 * self.scale, 12.0 * self.scale, Ink::Black);
        let small = self.regular(Role::Paragraph, 9.5, 8.0, Ink::Black);
        let mut y = top;
        for (name, native, field, standardised, std_field) in [
            ("name", &sheet.name, "name", "", "name"),
            ("family", &sheet.family, "family", &*sheet.family_std, "family_std"),
            ("given", &sheet.given, "given", &*sheet.given_std, "given_std"),
        ] {
            if native.trim().is_empty() && standardised.trim().is_empty() {
                continue;
            }
            y = self.put("label", self.language.word(name), &label, (MARGIN, y), width)?;
            y = self.put(field, native, &large, (MARGIN, y), width)?;
            if !standardised.trim().is_empty() {
                // The form stands behind its label where it fits on the line, otherwise below.
                let after = self.width_of(self.language.word("standardised"), &label)? + 7.0;
                let form = self.width_of(standardised, &small)?;
                let bottom = self.put("label", self.language.word("standardised"), &label, (MARGIN, y + 2.2), width)?;
                y = if after + form <= width {
                    self.put(std_field, standardised, &small, (MARGIN + after, y + 0.7), width - after)?.max(bottom)
                } else {
                    self.put(std_field, standardised, &small, (MARGIN, bottom), width)?
                };
            }
            y += 9.0 * self.scale;
        }
        y = self.put("label", self.language.word("birth_date"), &label, (MARGIN, y), width)?;
        let born =
            if sheet.birth_date.trim().is_empty() { self.language.word("not_recorded") } else { &sheet.birth_date };
        let style = self.bold(Role::Paragraph, 13.0 * self.scale, 10.0 * self.scale, Ink::Black);
        self.put("birth_date", born, &style, (MARGIN, y), width)
    }

    /// The code at the right edge, its quiet zone reaching into the margin, and the identifier below it.
    fn code(&mut self, sheet: &Sheet, symbol: &Symbol, top: f32) -> Result<f32, DocumentError> {
        let (side, quiet) = (symbol.side(), symbol.quiet_zone());
        let (x, y) = (on_dot(RIGHT - side - quiet), on_dot(top));
        self.page.code = Frame { x, y, width: side + 2.0 * quiet, height: side + 2.0 * quiet };
        let (x, y) = (x + quiet, y + side + 2.0 * quiet);
        let label = self.regular(Role::Identifier, 6.5, 6.5, Ink::Grey);
        let y = self.put("label", self.language.word("id"), &label, (x, y), side)?;
        let style = self.regular(Role::Identifier, 7.5, 6.5, Ink::Black);
        self.put("id", &sheet.id, &style, (x, y), side)
    }

    fn table(&mut self, sheet: &Sheet, top: f32) -> Result<f32, DocumentError> {
        let label = self.regular(Role::RowLabel, 9.5 * self.scale, 8.5 * self.scale, Ink::Grey);
        let value = self.regular(Role::RowValue, 10.5 * self.scale, 9.5 * self.scale, Ink::Black);
        let pad = 4.5 * self.scale;
        let mut y = top;
        for row in &sheet.rows {
            let name = self.language.entry("label", row.field).unwrap_or(row.field);
            let said = row.value.in_words(self.language);
            if said.trim().is_empty() {
                return Err(DocumentError::Empty { field: row.field });
            }
            self.rule(y, 0.6, Ink::Rule);
            // Both columns stand on the first line of the larger type.
            let drop = (value.size - label.size) * ASCENT;
            let left = self.put(row.field, name, &label, (MARGIN, y + pad + drop), LABEL_COLUMN - 12.0)?;
            let place = (MARGIN + LABEL_COLUMN, y + pad);
            let right = self.put(row.field, &said, &value, place, WIDTH - LABEL_COLUMN)?;
            y = left.max(right) + pad;
        }
        if !sheet.rows.is_empty() {
            self.rule(y, 0.6, Ink::Rule);
        }
        Ok(y)
    }

    /// What stands below the table, read after it.
    fn notices(&mut self, sheet: &Sheet, top: f32) -> Result<f32, DocumentError> {
        let style = self.regular(Role::Footer, 7.5 * self.scale, 7.5 * self.scale, Ink::Black);
        let mut y = top;
        for piece in sheet.notice(self.language).map(|notice| pieces(notice.text)).unwrap_or_default() {
            y = self.put("notice", &piece, &style, (MARGIN, y + 5.0 * self.scale), WIDTH)?;
        }
        Ok(y)
    }

    fn regular(&self, role: Role, size: f32, smallest: f32, ink: Ink) -> Style {
        Style { role, weight: Weight::Regular, size, smallest, ink, align: Align::Left }
    }

    fn bold(&self, role: Role, size: f32, smallest: f32, ink: Ink) -> Style {
        Style { weight: Weight::Bold, ..self.regular(role, size, smallest, ink) }
    }

    fn rule(&mut self, y: f32, height: f32, ink: Ink) {
        self.page.rules.push((Frame { x: MARGIN, y, width: WIDTH, height }, ink));
    }

    fn width_of(&self, text: &str, style: &Style) -> Result<f32, DocumentError> {
        Ok(self.fonts.shape("label", text, style.weight)?.width() * style.size)
    }

    /// Puts `text` into a column and gives back its lower edge. A text that is too wide shrinks to the smallest
    /// size of its style and then wraps.
    fn put(
        &mut self,
        field: &'static str,
        text: &str,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let shaped = self.fonts.shape(field, text, style.weight)?;
        let ems = shaped.width();
        let size = if ems * style.size <= width {
            style.size
        } else if ems * style.smallest <= width {
            width / ems
        } else {
            style.smallest
        };
        // Rounding may not break a line that was made to fit.
        let lines = shaped.lines(width / size + 1e-3);
        if lines.is_empty() {
            return Ok(y);
        }
        let mut next = y;
        let mut placed = Vec::with_capacity(lines.len());
        for line in lines {
            let free = width - line.width * size;
            let indent = match style.align {
                // Text that is read from the right begins there.
                Align::Left if line.rtl => free,
                Align::Left => 0.0,
                Align::Centre => free / 2.0,
                Align::Right => free,
            };
            let baseline = next + size * line.above.max(ASCENT);
            next = baseline + size * line.below.max(DESCENT);
            placed.push(PlacedLine { line, x: x + indent.max(0.0), baseline });
        }
        self.page.texts.push(Placed { role: style.role, ink: style.ink, size, lines: placed });
        Ok(next)
    }
}

/// A text in pieces that can be shaped, cut between its sentences and nowhere else.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for sentence in text.split_inclusive(". ") {
        match pieces.last_mut() {
            Some(last) if last.chars().count() + sentence.chars().count() <= PAPER_FIELD_CHARS => {
                last.push_str(sentence);
            }
            _ => pieces.push(sentence.to_owned()),
        }
    }
    pieces.iter().map(|piece| piece.trim_end().to_owned()).collect()
}

/// The nearest whole printer dot.
fn on_dot(points: f32) -> f32 {
    (points / DOT).round() * DOT
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::super::{Kind, Row, Value, text::FONTS};
    use super::*;

    fn sheet(family: &str, given: &str, value: &str, id: &str, code: usize) -> Sheet {
        let row = |value: &str| Row { field: "holder", value: Value::Text(value.into()) };
        Sheet {
            kind: Kind::Vaccination,
            subject: "COVID-19".into(),
            issuer: "Ministry of Health".into(),
            country: "XX".into(),
            name: String::new(),
            family: family.into(),
            given: given.into(),
            family_std: family.to_uppercase().chars().filter(char::is_ascii_uppercase).collect(),
            given_std: "A".into(),
            birth_date: "1990".into(),
            rows: vec![row(value), row("Comirnaty"), row(value)],
            id: id.into(),
            notices: Vec::new(),
            code: "A".repeat(code),
            archive: None,
            issued: date(2026, 11, 21),
            specimen: code.is_multiple_of(2),
        }
    }

    /// Boxes of ink: every line of text, and the code with its quiet zone.
    fn boxes(page: &Page) -> Vec<(Frame, String)> {
        let mut boxes = vec![(page.code, "code".to_owned())];
        for text in &page.texts {
            for placed in &text.lines {
                let (above, below) = (placed.line.above * text.size, placed.line.below * text.size);
                let frame = Frame {
                    x: placed.x,
                    y: placed.baseline - above,
                    width: placed.line.width * text.size,
                    height: above + below,
                };
                boxes.push((frame, format!("{:?}", text.role)));
            }
        }
        boxes
    }

    fn nothing_overlaps(page: &Page) {
        const ROUNDING: f32 = 0.02;
        for edge in [page.code.x, page.code.y, page.code.width, page.code.height] {
            assert!((edge / DOT - (edge / DOT).round()).abs() < 0.01, "the code stands on whole printer dots");
        }
        let boxes = boxes(page);
        for (index, (a, what)) in boxes.iter().enumerate() {
            let margin = if what == "code" { 12.0 } else { MARGIN };
            assert!(a.x >= margin - ROUNDING && a.x + a.width <= PAGE.0 - margin + ROUNDING, "{what} leaves the page");
            assert!(a.y >= 30.0 && a.y + a.height <= PAGE.1 - 20.0, "{what} leaves the page");
            for (b, other) in boxes.iter().skip(index + 1) {
                let apart = a.x + a.width <= b.x + ROUNDING
                    || b.x + b.width <= a.x + ROUNDING
                    || a.y + a.height <= b.y + ROUNDING
                    || b.y + b.height <= a.y + ROUNDING;
                assert!(apart, "{what:?} at {a:?} overlaps {other:?} at {b:?}");
            }
        }
    }

    #[test]
    fn stacked_marks_and_the_longest_names_keep_their_distance() {
        let stacked = "A\u{30a}\u{302}\u{303}g\u{323}\u{331}\u{32e} ".repeat(10);
        for family in ["Ẫ".repeat(80), "W".repeat(80), stacked, "Ж".repeat(200), "Ǻ".into()] {
            for code in [20, 541, 1_500, 3_391] {
                let sheet = sheet(&family, &family, "Comirnaty", "URN:UVCI:01:XX:ABC#N", code);
                let symbol = Symbol::fit(sheet.code.as_bytes()).unwrap();
                nothing_overlaps(&arrange(&FONTS, &sheet, Language::ENGLISH, &symbol).unwrap());
            }
        }
    }

    #[test]
    fn a_full_sheet_shrinks_before_it_is_refused() {
        let symbol = Symbol::fit(b"HC1:ABC").unwrap();
        let size = |rows: usize| {
            let mut sheet = sheet("Müller", "Anna", "Comirnaty", "ID", 2);
            sheet.rows = std::iter::repeat_n(sheet.rows[0].clone(), rows).collect();
            arrange(&FONTS, &sheet, Language::ENGLISH, &symbol).map(|page| {
                nothing_overlaps(&page);
                page.texts.iter().find(|text| text.role == Role::RowValue).unwrap().size
            })
        };
        assert!((size(10).unwrap() - 10.5).abs() < 1e-3);
        assert!(size(22).unwrap() < 10.0);
        assert!(matches!(size(32), Err(DocumentError::DoesNotFit { excess_mm: 1.. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_ever_overlaps(
            family in "[A-Za-zÀ-ỹΑ-ωА-я'’. \u{301}\u{323}-]{1,120}",
            given in "[A-Za-zÀ-ỹ -]{0,80}|[А-я ]{0,200}",
            value in "[A-Za-z0-9 ]{1,300}",
            id in "[A-Z0-9:/#]{1,80}",
            code in 1usize..2_000,
        ) {
            let sheet = sheet(&family, &given, &value, &id, code);
            let symbol = Symbol::fit(sheet.code.as_bytes()).unwrap();
            match arrange(&FONTS, &sheet, Language::ENGLISH, &symbol) {
                Ok(page) => nothing_overlaps(&page),
                Err(DocumentError::DoesNotFit { .. }) => prop_assert!(false, "legal names must fit"),
                Err(_) => {}
            }
        }
    }
}
