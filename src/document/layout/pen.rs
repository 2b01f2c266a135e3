//! The pen with which every layout writes: it measures, shrinks, wraps and mirrors, and records what it placed.

use std::{collections::HashMap, sync::Arc};

use super::{
    super::{
        DocumentError, Language,
        code::on_even_dot,
        look::Picture,
        text::{Fonts, Shaped, Weight},
    },
    Content, Desk, Frame, Ink, Job, Mark, Page, Panel, Placed, Role, Shape, Stroke,
};

/// Least room above and below the baseline in ems, as the fonts ask for; a line whose ink needs more gets more.
const ROOMY: (f32, f32) = (1.069, 0.293);
/// The same where room is scarce: as high as Latin letters with their marks.
const TIGHT: (f32, f32) = (0.92, 0.25);
/// Size of the second language beside the first.
const SECOND: f32 = 0.8;
/// Smallest type of the second language, unless the first is smaller.
const SECOND_SMALLEST: f32 = 6.0;

/// Smallest type of a page: what a law prescribes can still be read.
const LEAST: f32 = 6.0;

/// How a piece of text looks.
#[derive(Clone)]
pub(in crate::document) struct Style {
    pub(in crate::document) role: Role,
    pub(in crate::document) weight: Weight,
    pub(in crate::document) size: f32,
    /// Size down to which a line shrinks before it wraps.
    pub(in crate::document) smallest: f32,
    pub(in crate::document) ink: Ink,
    pub(in crate::document) align: Align,
}

impl Style {
    pub(in crate::document) fn new(size: f32, smallest: f32, ink: Ink) -> Self {
        Self { role: Role::Paragraph, weight: Weight::Regular, size, smallest, ink, align: Align::Start }
    }

    pub(in crate::document) fn bold(size: f32, smallest: f32, ink: Ink) -> Self {
        Self { weight: Weight::Bold, ..Self::new(size, smallest, ink) }
    }

    pub(in crate::document) fn with_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    pub(in crate::document) fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// As the second language looks beside a text of this style.
    pub(super) fn second(&self) -> Self {
        let smaller = |size: f32| (size * SECOND).max(SECOND_SMALLEST).min(size);
        let ink = if self.ink == Ink::Black { Ink::Grey } else { self.ink };
        Self {
            weight: Weight::Regular,
            size: smaller(self.size),
            smallest: smaller(self.smallest),
            ink,
            ..self.clone()
        }
    }
}

/// Where in its column a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Align {
    /// Where the document is read from, whatever the writing of the text: a value stands beside its label, on every
    /// one of its lines.
    Start,
    /// Where the writing of the text begins: paragraphs of prose in another language than the document's.
    Own,
    Centre,
    /// At the other side.
    End,
}

/// A place in the marks and shapes, to go back to.
struct Bookmark {
    marks: usize,
    shapes: usize,
    elements: u32,
    tables: u16,
}

/// Writes one page.
pub(in crate::document) struct Pen<'a> {
    fonts: &'a Fonts,
    /// First language of the words.
    pub(in crate::document) language: Language,
    /// Second language of the words.
    pub(in crate::document) second: Option<Language>,
    /// By how much sizes and gaps are smaller than wished for.
    pub(in crate::document) scale: f32,
    /// Whether lines stand as close as their ink allows.
    pub(in crate::document) tight: bool,
    /// Whether the second language stands only where it fits beside the first, on the same line.
    pub(in crate::document) terse: bool,
    /// Smallest type that anything is written in.
    pub(in crate::document) least: f32,
    /// Texts that were turned into glyphs, by weight and direction: a page is tried in several sizes, and says some
    /// words twice.
    shaped: HashMap<(Weight, Option<bool>, Box<str>), Arc<Shaped>>,
    mirrored: bool,
    panel: usize,
    certificate: Option<usize>,
    elements: u32,
    tables: u16,
    /// How many of the first pieces are read last.
    last: usize,
    page: Page,
}

impl<'a> Pen<'a> {
    pub(in crate::document) fn new(desk: &Desk<'a>) -> Self {
        let size = desk.size.points();
        let whole = Panel { frame: Frame { x: 0.0, y: 0.0, width: size.0, height: size.1 }, turned: false };
        Self {
            fonts: desk.fonts,
            language: desk.language,
            second: desk.second.filter(|second| *second != desk.language),
            scale: 1.0,
            tight: false,
            terse: false,
            least: LEAST,
            shaped: HashMap::new(),
            mirrored: desk.language.rtl(),
            panel: 0,
            certificate: None,
            elements: 0,
            tables: 0,
            last: 0,
            page: Page {
                size,
                panels: vec![whole],
                shapes: Vec::new(),
                marks: Vec::with_capacity(64),
                starts: Vec::new(),
            },
        }
    }

    pub(in crate::document) fn finish(mut self) -> Page {
        let last = self.last.min(self.page.marks.len());
        self.page.marks.rotate_left(last);
        self.page
    }

    /// Says that what follows belongs to this certificate, which begins `down` the page.
    pub(in crate::document) fn begin(&mut self, job: &Job<'_>, down: f32) {
        self.certificate = Some(job.number);
        self.page.starts.push((job.number, down));
    }

    /// Says that what follows belongs to this certificate, which began on an earlier page.
    pub(in crate::document) fn go_on(&mut self, job: &Job<'_>) {
        self.certificate = Some(job.number);
    }

    /// Goes on in a part of the page, which is where it is whatever the language.
    pub(in crate::document) fn enter(&mut self, frame: Frame, turned: bool) {
        self.panel = self.page.panels.len();
        self.page.panels.push(Panel { frame, turned });
    }

    /// Of two places side by side, first the one that is read first.
    pub(in crate::document) fn in_reading_order<T>(&self, left: T, right: T) -> (T, T) {
        if self.mirrored { (right, left) } else { (left, right) }
    }

    /// Goes on on the whole page, with what belongs to no certificate.
    pub(in crate::document) fn leave(&mut self) {
        (self.panel, self.certificate) = (0, None);
    }

    /// Number of a new table.
    pub(in crate::document) fn table(&mut self) -> u16 {
        self.tables = self.tables.saturating_add(1);
        self.tables
    }

    /// Tries `draw` in the sizes of `scales` until it ends above `limit`, and gives back where it ends.
    pub(in crate::document) fn fit(
        &mut self,
        limit: f32,
        scales: &[f32],
        draw: impl Fn(&mut Self) -> Result<f32, DocumentError>,
    ) -> Result<f32, DocumentError> {
        let start = self.bookmark();
        let mut excess = 0.0;
        for scale in scales {
            self.back_to(&start);
            self.scale = *scale;
            let bottom = draw(self)?;
            if bottom <= limit {
                return Ok(bottom);
            }
            excess = bottom - limit;
        }
        self.back_to(&start);
        Err(DocumentError::DoesNotFit { excess_mm: millimetres_up(excess) })
    }

    /// The same; where that fails in two languages, the second stands only where it takes no room of its own.
    pub(in crate::document) fn fit_or_terse(
        &mut self,
        limit: f32,
        scales: &[f32],
        draw: impl Fn(&mut Self) -> Result<f32, DocumentError>,
    ) -> Result<f32, DocumentError> {
        match self.fit(limit, scales, &draw) {
            Err(DocumentError::DoesNotFit { .. }) if self.second.is_some() => {
                self.terse = true;
                let bottom = self.fit(limit, scales, &draw);
                self.terse = false;
                bottom
            }
            done => done,
        }
    }

    /// Draws and takes back what went below `limit`: for what is good to have. Tells whether it stayed.
    pub(in crate::document) fn if_it_fits(
        &mut self,
        limit: f32,
        draw: impl FnOnce(&mut Self) -> Result<f32, DocumentError>,
    ) -> Result<Option<f32>, DocumentError> {
        let start = self.bookmark();
        let bottom = draw(self)?;
        if bottom <= limit {
            return Ok(Some(bottom));
        }
        self.back_to(&start);
        Ok(None)
    }

    /// Lets what was placed so far be read after everything that follows on the page.
    pub(in crate::document) fn read_last(&mut self) {
        self.last = self.page.marks.len();
    }

    fn bookmark(&self) -> Bookmark {
        let (marks, shapes) = (self.page.marks.len(), self.page.shapes.len());
        Bookmark { marks, shapes, elements: self.elements, tables: self.tables }
    }

    fn back_to(&mut self, place: &Bookmark) {
        self.page.marks.truncate(place.marks);
        self.page.shapes.truncate(place.shapes);
        (self.elements, self.tables) = (place.elements, place.tables);
    }

    fn mirror(&self, frame: Frame) -> Frame {
        let whole = self.page.panels.get(self.panel).map_or(0.0, |panel| panel.frame.width);
        if self.mirrored { Frame { x: whole - frame.x - frame.width, ..frame } } else { frame }
    }

    /// Draws an area or a line.
    pub(in crate::document) fn shape(&mut self, frame: Frame, ink: Ink, stroke: Stroke) {
        let frame = self.mirror(frame);
        self.page.shapes.push(Shape { panel: self.panel, frame, ink, stroke });
    }

    /// Draws an area under every other.
    pub(in crate::document) fn under(&mut self, frame: Frame, ink: Ink) {
        let shape = Shape { panel: self.panel, frame: self.mirror(frame), ink, stroke: Stroke::Band };
        self.page.shapes.insert(0, shape);
    }

    /// Draws a hairline.
    pub(in crate::document) fn rule(&mut self, (x, y): (f32, f32), width: f32, ink: Ink) {
        self.shape(Frame { x, y, width, height: 0.6 }, ink, Stroke::Rule);
    }

    fn mark(&mut self, role: Role, language: Option<Language>, content: Content) {
        self.elements += 1;
        let (panel, certificate, element) = (self.panel, self.certificate, self.elements);
        let language = language.filter(|language| *language != self.language);
        self.page.marks.push(Mark { panel, certificate, role, element, language, content });
    }

    /// Makes the last piece a part of the paragraph, heading or cell before it.
    pub(super) fn join(&mut self) {
        self.elements = self.elements.saturating_sub(1);
        if let Some(mark) = self.page.marks.last_mut() {
            mark.element = self.elements;
        }
    }

    /// Puts the code of a job with its quiet zone there, on whole dots of the page, and gives back its frame.
    pub(in crate::document) fn code(&mut self, job: &Job<'_>, (x, y): (f32, f32)) -> Frame {
        let (side, quiet) = (job.symbol.side(), job.symbol.quiet_zone());
        let whole = side + 2.0 * quiet;
        let mut frame = Frame { x, y, width: whole, height: whole };
        let mut seen = self.mirror(frame);
        if let Some(panel) = self.page.panels.get(self.panel) {
            let there = panel.on_page(seen);
            let (across, down) = (on_even_dot(there.x) - there.x, on_even_dot(there.y) - there.y);
            let sign = if panel.turned { -1.0 } else { 1.0 };
            seen.x += sign * across;
            seen.y += sign * down;
            frame.y = seen.y;
        }
        let alternative = format!("{}: {}", self.language.word("code"), job.sheet.id);
        let content = Content::Code { frame: seen, picture: job.symbol.picture() };
        self.mark(Role::Figure(alternative.into()), None, content);
        frame
    }

    /// Puts a picture into a box, as large as it fits, and gives back the width and height it has.
    pub(in crate::document) fn picture(
        &mut self,
        picture: &Picture,
        alternative: String,
        within: Frame,
        align: Align,
    ) -> (f32, f32) {
        let (width, height) = picture.within(within.width, within.height);
        let free = within.width - width;
        let indent = match align {
            Align::Start | Align::Own => 0.0,
            Align::Centre => free / 2.0,
            Align::End => free,
        };
        let frame = self.mirror(Frame { x: within.x + indent, y: within.y, width, height });
        self.mark(Role::Figure(alternative.into()), None, Content::Picture { frame, picture: picture.clone() });
        (width, height)
    }

    /// Width on one line of a text whose direction is that of `language`, or of its first letter.
    pub(super) fn width_of(
        &mut self,
        text: &str,
        style: &Style,
        language: Option<Language>,
    ) -> Result<f32, DocumentError> {
        let size = style.size.max(self.least);
        Ok(self.glyphs("label", text, style.weight, language)?.width() * size)
    }

    fn glyphs(
        &mut self,
        field: &'static str,
        text: &str,
        weight: Weight,
        language: Option<Language>,
    ) -> Result<Arc<Shaped>, DocumentError> {
        let key = (weight, language.map(Language::rtl), text.into());
        if let Some(shaped) = self.shaped.get(&key) {
            return Ok(Arc::clone(shaped));
        }
        let shaped = Arc::new(self.fonts.shape_in(field, text, weight, language)?);
        self.shaped.insert(key, Arc::clone(&shaped));
        Ok(shaped)
    }

    /// Puts fixed words into a column, below them those of the second language, and gives back their lower edge.
    pub(in crate::document) fn say(
        &mut self,
        words: impl Fn(Language) -> String,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        if self.terse {
            return self.label(words, style, (x, y), width);
        }
        let first = words(self.language);
        let mut bottom = self.put_in(self.language, "words", &first, style, (x, y), width)?;
        if let Some(second) = self.second {
            let text = words(second);
            if text != first && !text.trim().is_empty() {
                bottom = self.place("words", &text, &style.second(), (x, bottom), width, Some(second))?;
                if !first.trim().is_empty() {
                    self.join();
                }
            }
        }
        Ok(bottom)
    }

    /// Puts a label into a column: both languages on one line where they fit, otherwise below each other.
    pub(in crate::document) fn label(
        &mut self,
        words: impl Fn(Language) -> String,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let first = words(self.language);
        let own = self.language;
        let Some(second) = self.second else { return self.put_in(own, "words", &first, style, (x, y), width) };
        let text = words(second);
        let style = &Style { size: style.size.max(self.least), ..style.clone() };
        let lighter = style.second();
        let lighter = Style { size: lighter.size.max(self.least), ..lighter };
        let before = self.width_of(&first, style, Some(own))?;
        let after = self.width_of(&text, &lighter, Some(second))?;
        let gap = 0.6 * style.size;
        let free = width - before - gap - after;
        if text == first || text.trim().is_empty() || first.trim().is_empty() || free < 0.0 {
            return if self.terse {
                self.put_in(own, "words", &first, style, (x, y), width)
            } else {
                self.say(words, style, (x, y), width)
            };
        }
        // Side by side they are placed as one, so each begins where it is put.
        let x = match style.align {
            Align::Start | Align::Own => x,
            Align::Centre => x + free / 2.0,
            Align::End => x + free,
        };
        let from_start = |style: &Style| style.clone().aligned(Align::Start);
        let drop = self.drop_between(style, &lighter);
        let bottom = self.put_in(own, "words", &first, &from_start(style), (x, y), before + 0.01)?;
        let place = (x + before + gap, y + drop);
        let beside = self.place("words", &text, &from_start(&lighter), place, after + 0.01, Some(second))?;
        self.join();
        Ok(bottom.max(beside))
    }

    /// Puts `text` into a column and gives back its lower edge. A text that is too wide shrinks to the smallest
    /// size of its style and then wraps.
    pub(in crate::document) fn put(
        &mut self,
        field: &'static str,
        text: &str,
        style: &Style,
        at: (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        self.place(field, text, style, at, width, None)
    }

    /// The same for a text whose language is known, and so its direction.
    pub(in crate::document) fn put_in(
        &mut self,
        language: Language,
        field: &'static str,
        text: &str,
        style: &Style,
        at: (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        self.place(field, text, style, at, width, Some(language))
    }

    pub(super) fn place(
        &mut self,
        field: &'static str,
        text: &str,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
        language: Option<Language>,
    ) -> Result<f32, DocumentError> {
        let shaped = self.glyphs(field, text, style.weight, language)?;
        let ems = shaped.width();
        let (largest, smallest) = (style.size.max(self.least), style.smallest.max(self.least));
        let size = if ems * largest <= width {
            largest
        } else if ems * smallest <= width {
            width / ems
        } else {
            smallest
        };
        // Rounding may not break a line that was made to fit.
        let lines = shaped.lines(width / size + 1e-3);
        if lines.is_empty() {
            return Ok(y);
        }
        let left = self.mirror(Frame { x, y, width, height: 0.0 }).x;
        let (least_above, least_below) = if self.tight { TIGHT } else { ROOMY };
        let mut next = y;
        let mut placed = Vec::with_capacity(lines.len());
        for line in lines {
            let free = (width - line.width * size).max(0.0);
            let indent = match style.align {
                Align::Centre => free / 2.0,
                Align::Own if line.rtl => free,
                Align::Own => 0.0,
                Align::Start if self.mirrored => free,
                Align::Start => 0.0,
                Align::End if self.mirrored => 0.0,
                Align::End => free,
            };
            let baseline = next + size * line.above.max(least_above);
            next = baseline + size * line.below.max(least_below);
            placed.push((line, left + indent, baseline));
        }
        let role = match &style.role {
            Role::Heading(_) => Role::Heading(text.into()),
            role => role.clone(),
        };
        self.mark(role, language, Content::Text(Placed { ink: style.ink, size, lines: placed }));
        Ok(next)
    }

    /// How much lower a text of the smaller style begins that stands on one line with the larger.
    pub(in crate::document) fn drop_between(&self, larger: &Style, smaller: &Style) -> f32 {
        let above = if self.tight { TIGHT.0 } else { ROOMY.0 };
        ((larger.size - smaller.size) * above).max(0.0)
    }
}

fn millimetres_up(points: f32) -> u32 {
    let mut millimetres: u16 = 0;
    while f32::from(millimetres) < points / 72.0 * 25.4 && millimetres < u16::MAX {
        millimetres += 1;
    }
    millimetres.into()
}
