//! Background, fields and code → PDF. The reading order is that of the template's file.
//!
//! A picture as background gives an archivable, accessible file (PDF/A-2a, PDF/UA-1) as all our paper is. A background
//! that is taken over as it is may use anything, fonts that are not embedded among it, so no such claim is made then;
//! tags, languages and alternative texts are there all the same.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, Configuration, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect, Size, Transform},
    image::Image,
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{Artifact, ArtifactType, BBox, ContentTag, Node, Placement, SpanTag, Tag, TagGroup, TagTree},
};

use super::{
    Template,
    background::MM,
    fields::{self, said},
    place::{Fitted, fit},
    plan::{Code, Item, Text, What},
};
use crate::document::{
    DocumentError, Fonts, Language, Sheet,
    code::{DOT, Symbol, on_even_dot},
    paper_text,
    text::Weight,
};

/// By how much the picture of the code is drawn smaller on each side, as on our own sheets: painters fill every dot that
/// a picture touches.
const HAIR: f32 = DOT / 50.0;

/// Ink of the word that a specimen is crossed with: light, so that what it crosses can be read.
const CROSSED: [u8; 3] = [0xf2, 0xb5, 0xb0];
const WHITE: [u8; 3] = [0xff; 3];

/// Prints each sheet on its template, as one file. The same sheets always give the same bytes.
pub(super) fn print(fonts: &Fonts, sheets: &[(&Template, &Sheet)]) -> Result<Vec<u8>, DocumentError> {
    let Some((first, sheet)) = sheets.first() else { return Err(defect("no sheet")) };
    let archivable = sheets.iter().all(|(template, _)| template.background.archivable());
    let configuration = configuration(archivable)?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let (mut tree, mut outline, mut page) = (TagTree::new(), Outline::new(), 0);
    for (template, sheet) in sheets {
        outline
            .push_child(OutlineNode::new(title(template, sheet), XyzDestination::new(page, Point::from_xy(0.0, 0.0))));
        let made = set(fonts, template, sheet)?;
        for leaf in 0..template.background.pages() {
            let (width, height) = template.background.paper(leaf).ok_or_else(|| defect("page"))?;
            let size = PageSettings::from_wh(width, height).ok_or_else(|| defect("page size"))?;
            let mut opened = document.start_page_with(size);
            let mut surface = opened.surface();
            let mut pen = Pen { surface: &mut surface, tree: &mut tree, template, page };
            pen.background(leaf, (width, height))?;
            if sheet.specimen {
                pen.crossed(fonts, leaf, (width, height))?;
            }
            for made in made.iter().filter(|made| made.page() == leaf) {
                pen.item(made, sheet)?;
            }
            surface.finish();
            opened.finish();
            page += 1;
        }
    }
    document.set_tag_tree(tree);
    document.set_metadata(metadata(first, sheet));
    document.set_outline(outline);
    document.finish().map_err(|error| DocumentError::Pdf { reason: error.to_string() })
}

/// Whether everything that the template shows of the sheet has its room there.
pub(super) fn fits(fonts: &Fonts, template: &Template, sheet: &Sheet) -> Result<(), DocumentError> {
    set(fonts, template, sheet).map(|_| ())
}

fn configuration(archivable: bool) -> Result<Configuration, DocumentError> {
    if !archivable {
        return Ok(Configuration::default());
    }
    ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| DocumentError::Pdf { reason: format!("{error:?}") })
}

/// A field or code with what is drawn of it.
pub(super) enum Made<'t> {
    Text { text: &'t Text, words: String, fitted: Fitted },
    Code { code: &'t Code, symbol: Symbol },
}

impl Made<'_> {
    fn page(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.place.page,
            Self::Code { code, .. } => code.place.page,
        }
    }
}

/// What the template shows of the sheet, each in its place.
fn set<'t>(fonts: &Fonts, template: &'t Template, sheet: &Sheet) -> Result<Vec<Made<'t>>, DocumentError> {
    if sheet.id.trim().is_empty() {
        return Err(DocumentError::Empty { field: "id" });
    }
    if [&sheet.name, &sheet.family, &sheet.given].iter().all(|part| part.trim().is_empty()) {
        return Err(DocumentError::Empty { field: "family" });
    }
    let mut made = Vec::with_capacity(template.plan.items.len());
    for item in &template.plan.items {
        made.extend(make(fonts, item, sheet)?);
    }
    Ok(made)
}

/// One item; `None` where an optional field is empty.
pub(super) fn make<'t>(fonts: &Fonts, item: &'t Item, sheet: &Sheet) -> Result<Option<Made<'t>>, DocumentError> {
    match item {
        Item::Code(code) => {
            let side = code.place.width * MM;
            let symbol = match &sheet.archive {
                Some(archive) => Symbol::within(archive, side)?,
                None => Symbol::within(paper_text(&sheet.code).as_bytes(), side)?,
            };
            Ok(Some(Made::Code { code, symbol }))
        }
        Item::Text(text) => {
            let words = match &text.what {
                What::Word(_, word) => (*word).to_owned(),
                What::Field(known) => match said(sheet, known, text.language, &text.days) {
                    Some(words) => format!("{}{words}", text.prefix),
                    // A person may have one name alone, and a certificate either form of it.
                    None if text.optional || is_name(known.name) => return Ok(None),
                    None => return Err(DocumentError::Lacking { field: known.name }),
                },
            };
            let fitted = fit(fonts, text, &words)?;
            Ok(Some(Made::Text { text, words, fitted }))
        }
    }
}

fn is_name(field: &str) -> bool {
    matches!(field, "family" | "given" | "family_std" | "given_std")
}

struct Pen<'p, 's> {
    surface: &'p mut Surface<'s>,
    tree: &'p mut TagTree,
    template: &'p Template,
    /// Page of the whole document, from 0.
    page: usize,
}

impl Pen<'_, '_> {
    /// The background: decoration, or a figure that says what stands on it.
    fn background(&mut self, leaf: usize, (width, height): (f32, f32)) -> Result<(), DocumentError> {
        let whole = Rect::from_xywh(0.0, 0.0, width, height).ok_or_else(|| defect("page"))?;
        let words: Vec<&str> =
            self.template.plan.said.iter().filter(|said| said.page == leaf).map(|said| &*said.text).collect();
        if words.is_empty() {
            let artifact = Artifact::new(ArtifactType::Background, Some(whole));
            self.surface.start_tagged(ContentTag::Artifact(artifact));
            self.template.background.draw(self.surface, leaf);
            self.surface.end_tagged();
            return Ok(());
        }
        let tagged = self.surface.start_tagged(ContentTag::Other);
        self.template.background.draw(self.surface, leaf);
        self.surface.end_tagged();
        let tag = Tag::Figure(Some(words.join("\n")))
            .with_bbox(Some(BBox::new(self.page, whole)))
            .with_placement(Some(Placement::Block));
        self.tree.push(TagGroup::with_children(tag, vec![Node::Leaf(tagged)]));
        Ok(())
    }

    /// What every specimen says, from corner to corner.
    fn crossed(&mut self, fonts: &Fonts, leaf: usize, (width, height): (f32, f32)) -> Result<(), DocumentError> {
        let language = self.template.language();
        let shaped = fonts.shape("specimen", language.word("specimen"), Weight::Bold)?;
        let long = width.hypot(height);
        let (across, down) = (width / long, height / long);
        // From the lower left to the upper right, or down where a code would then cover it.
        let away = |rising: bool| {
            let codes = self.template.plan.items.iter().filter_map(|item| match item {
                Item::Code(code) if code.place.page == leaf => Some(&code.place),
                _ => None,
            });
            let far = codes.map(|place| {
                let (x, y) = ((place.x + place.width / 2.0) * MM, (place.y + place.height / 2.0) * MM);
                let y = if rising { height - y } else { y };
                (x * down - y * across).abs()
            });
            far.fold(f32::INFINITY, f32::min)
        };
        let down = if away(true) >= away(false) { down } else { -down };
        let size = (0.72 * long / shaped.width().max(1.0)).min(long / 10.0);
        let Some(line) = shaped.lines(f32::MAX).into_iter().next() else { return Ok(()) };
        self.ink(CROSSED);
        let turn = Transform::from_row(across, -down, down, across, width / 2.0, height / 2.0);
        self.surface.push_transform(&turn);
        let tagged = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        line.draw(self.surface, -line.width * size / 2.0, size * 0.35, size);
        self.surface.end_tagged();
        self.surface.pop();
        self.tree.push(TagGroup::with_children(Tag::P, vec![Node::Leaf(tagged)]));
        Ok(())
    }

    fn item(&mut self, made: &Made<'_>, sheet: &Sheet) -> Result<(), DocumentError> {
        match made {
            Made::Text { text, words, fitted } => {
                self.text(text, words, fitted, sheet);
                Ok(())
            }
            Made::Code { code, symbol } => self.code(code, symbol, sheet),
        }
    }

    fn text(&mut self, text: &Text, words: &str, fitted: &Fitted, sheet: &Sheet) {
        self.ink(text.colour);
        let mut content: Vec<Node> = Vec::with_capacity(fitted.lines.len());
        for placed in &fitted.lines {
            let leaf = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            placed.line.draw(self.surface, placed.x, placed.baseline, fitted.size);
            self.surface.end_tagged();
            content.push(Node::Leaf(leaf));
        }
        let other = text.language != self.template.language();
        let language = other.then(|| text.language.tag().to_owned());
        if matches!(&text.what, What::Field(known) if known.name == "title") {
            let tag = Tag::Hn(NonZeroU16::MIN, Some(title(self.template, sheet))).with_lang(language);
            self.tree.push(TagGroup::with_children(tag, content));
            return;
        }
        // What is printed beside the field belongs to the background: a screen reader is told here.
        let label = match (&text.label, &text.what) {
            (Some(label), _) => Some(label.as_str()),
            (None, What::Field(known)) if text.prefix.trim().is_empty() => fields::label(known, text.language),
            (None, _) => None,
        };
        let spoken = label.filter(|label| !label.trim().is_empty()).map(|label| format!("{label}: {words}"));
        // Letters stand on the page as they are seen, which is not always the order in which they are read.
        let turned = fitted.lines.iter().any(|placed| placed.line.read_from_the_right().is_some());
        let actual = (turned && spoken.is_none()).then(|| words.to_owned());
        if actual.is_some() {
            content = vec![Node::Group(TagGroup::with_children(Tag::Span, content))];
        }
        let tag = Tag::P.with_alt_text(spoken).with_actual_text(actual).with_lang(language);
        self.tree.push(TagGroup::with_children(tag, content));
    }

    /// The code in the middle of its white square, on whole dots of the printer and of scans.
    fn code(&mut self, code: &Code, symbol: &Symbol, sheet: &Sheet) -> Result<(), DocumentError> {
        let square = (code.place.x * MM, code.place.y * MM, code.place.width * MM);
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        let white = Rect::from_xywh(square.0, square.1, square.2, square.2).ok_or_else(|| defect("square"))?;
        let mut path = PathBuilder::new();
        path.push_rect(white);
        self.ink(WHITE);
        self.surface.draw_path(&path.finish().ok_or_else(|| defect("square"))?);
        self.surface.end_tagged();

        let side = symbol.side() + 2.0 * symbol.quiet_zone();
        let (x, y) = (on_even_dot(square.0 + (square.2 - side) / 2.0), on_even_dot(square.1 + (square.2 - side) / 2.0));
        let frame = Rect::from_xywh(x, y, side, side).ok_or_else(|| defect("frame of the code"))?;
        let image = Image::from_custom(symbol.picture(), false).map_err(|reason| DocumentError::Pdf { reason })?;
        let inner = side - 2.0 * HAIR;
        let size = Size::from_wh(inner, inner).ok_or_else(|| defect("size of the code"))?;
        let leaf = self.surface.start_tagged(ContentTag::Other);
        self.surface.push_transform(&Transform::from_translate(x + HAIR, y + HAIR));
        self.surface.draw_image(image, size);
        self.surface.pop();
        self.surface.end_tagged();
        let alternative = format!("{}: {}", self.template.language().word("code"), sheet.id);
        let tag = Tag::Figure(Some(alternative))
            .with_bbox(Some(BBox::new(self.page, frame)))
            .with_placement(Some(Placement::Block));
        self.tree.push(TagGroup::with_children(tag, vec![Node::Leaf(leaf)]));
        Ok(())
    }

    fn ink(&mut self, [red, green, blue]: [u8; 3]) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
    }
}

fn title(template: &Template, sheet: &Sheet) -> String {
    let own = template.plan.title.clone();
    own.unwrap_or_else(|| heading(sheet, template.language()))
}

fn heading(sheet: &Sheet, language: Language) -> String {
    language.entry("title", sheet.kind.name()).unwrap_or_default().to_owned()
}

/// No name goes into the metadata: it shows in file lists and search indexes.
fn metadata(template: &Template, sheet: &Sheet) -> Metadata {
    let date = DateTime::new(u16::try_from(sheet.issued.year()).unwrap_or_default())
        .month(sheet.issued.month().unsigned_abs())
        .day(sheet.issued.day().unsigned_abs())
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0);
    Metadata::new()
        .title(title(template, sheet))
        .language(template.language().tag().to_owned())
        .authors(vec![sheet.issuer.clone()])
        .creator("vaccert".to_owned())
        .document_id(sheet.id.clone())
        .creation_date(date)
}

fn defect(what: &str) -> DocumentError {
    DocumentError::Pdf { reason: what.to_owned() }
}
