//! Places → PDF: tagged and archivable (PDF/A-2a, ISO 19005-2; PDF/UA-1, ISO 14289-1). The library checks both
//! profiles while it writes and refuses a file that breaks them.

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
    tagging::{
        Artifact, ArtifactType, BBox, ContentTag, Identifier, Node, Placement, SpanTag, TableHeaderScope, Tag,
        TagGroup, TagTree,
    },
};

use super::{
    DocumentError, Fonts, Language, Look, Sheet,
    code::{DOT, Picture, Symbol},
    layout::plain::{self, Frame, Ink, PAGE, Page, Placed, PlacedLine, Role},
};

/// A fiftieth of a printer dot, by which the picture of the code is drawn smaller on each side. Painters fill every
/// dot that a picture touches: without it, rounding would add a dot at an edge and stretch one module.
const HAIR: f32 = DOT / 50.0;

/// Prints sheets. Holds the parsed fonts: make one and share it between threads.
pub struct Press {
    look: Look,
    fonts: Fonts,
    configuration: Configuration,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Press")
    }
}

impl Press {
    /// A press that prints in this look, with these fonts.
    ///
    /// # Errors
    /// [`DocumentError::Pdf`] when the library has no such profile.
    pub fn new(look: Look, fonts: Fonts) -> Result<Self, DocumentError> {
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| DocumentError::Pdf { reason: format!("{error:?}") })?;
        Ok(Self { look, fonts, configuration })
    }

    /// A press with the look of nobody in particular and the fonts of the program.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the program is damaged.
    pub fn standard() -> Result<Self, DocumentError> {
        Self::new(Look::default(), Fonts::embedded()?)
    }

    /// Prints `sheets` as one PDF. The same sheets always give the same bytes.
    ///
    /// # Errors
    /// Says which field cannot be printed and why; see [`DocumentError`].
    pub fn print(&self, sheets: &[Sheet]) -> Result<Vec<u8>, DocumentError> {
        let [sheet] = sheets else { return Err(defect("one sheet at a time")) };
        let symbol = Symbol::fit(sheet.archive.as_deref().unwrap_or(sheet.code.as_bytes()))?;
        let page = plain::arrange(&self.fonts, sheet, self.look.language, &symbol)?;

        let mut document =
            Document::new_with(SerializeSettings { configuration: self.configuration, ..SerializeSettings::default() });
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| defect("page size"))?;
        let mut leaf = document.start_page_with(size);
        let mut surface = leaf.surface();
        let tree = draw(&mut surface, &page, symbol.picture(), sheet, self.look.language)?;
        surface.finish();
        leaf.finish();

        document.set_tag_tree(tree);
        document.set_metadata(metadata(sheet, self.look.language));
        let mut outline = Outline::new();
        outline.push_child(OutlineNode::new(
            title(sheet, self.look.language),
            XyzDestination::new(0, Point::from_xy(0.0, 0.0)),
        ));
        document.set_outline(outline);
        document.finish().map_err(|error| DocumentError::Pdf { reason: error.to_string() })
    }
}

/// No name goes into the metadata: it shows in file lists and search indexes.
fn metadata(sheet: &Sheet, language: Language) -> Metadata {
    let mut title = title(sheet, language);
    if !sheet.subject.is_empty() {
        title = format!("{title}, {}", sheet.subject);
    }
    let date = DateTime::new(u16::try_from(sheet.issued.year()).unwrap_or_default())
        .month(sheet.issued.month().unsigned_abs())
        .day(sheet.issued.day().unsigned_abs())
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0);
    Metadata::new()
        .title(title)
        .language(language.tag().to_owned())
        .authors(vec![sheet.issuer.clone()])
        .creator("vaccert".to_owned())
        .document_id(sheet.id.clone())
        .creation_date(date)
}

fn title(sheet: &Sheet, language: Language) -> String {
    language.entry("title", sheet.kind.name()).unwrap_or_default().to_owned()
}

fn defect(what: &str) -> DocumentError {
    DocumentError::Pdf { reason: what.to_owned() }
}

/// Draws the page and tells in which order it is read: header, holder, code with its identifier, table, footer.
fn draw(
    surface: &mut Surface<'_>,
    page: &Page,
    picture: Picture,
    sheet: &Sheet,
    language: Language,
) -> Result<TagTree, DocumentError> {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    for (frame, ink) in &page.rules {
        let mut path = PathBuilder::new();
        path.push_rect(rect(frame)?);
        surface.set_fill(Some(fill(*ink)));
        surface.draw_path(&path.finish().ok_or_else(|| defect("rule"))?);
    }
    surface.end_tagged();

    let mut tree = TagTree::new();
    let mut table = TagGroup::new(Tag::Table);
    let mut label = None;
    let mut figure = Some(figure(surface, page, picture, sheet, language)?);
    for text in &page.texts {
        let content = write(surface, text);
        match text.role {
            Role::Title => {
                tree.push(TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(title(sheet, language))), content));
            }
            Role::Paragraph | Role::Footer | Role::Identifier => {
                if text.role == Role::Identifier
                    && let Some(figure) = figure.take()
                {
                    tree.push(figure);
                }
                if text.role == Role::Footer && !table.children.is_empty() {
                    tree.push(std::mem::replace(&mut table, TagGroup::new(Tag::Table)));
                }
                tree.push(TagGroup::with_children(Tag::P, content));
            }
            Role::RowLabel => label = Some(TagGroup::with_children(Tag::TH(TableHeaderScope::Row), content)),
            Role::RowValue => {
                let mut row = TagGroup::new(Tag::TR);
                if let Some(label) = label.take() {
                    row.push(label);
                }
                row.push(TagGroup::with_children(Tag::TD, content));
                table.push(row);
            }
        }
    }
    Ok(tree)
}

/// Draws the code; its alternative text says what it is and which one.
fn figure(
    surface: &mut Surface<'_>,
    page: &Page,
    picture: Picture,
    sheet: &Sheet,
    language: Language,
) -> Result<TagGroup, DocumentError> {
    let frame = page.code;
    let image = Image::from_custom(picture, false).map_err(|reason| DocumentError::Pdf { reason })?;
    let (width, height) = (frame.width - 2.0 * HAIR, frame.height - 2.0 * HAIR);
    let size = Size::from_wh(width, height).ok_or_else(|| defect("size of the code"))?;
    let leaf = surface.start_tagged(ContentTag::Other);
    surface.push_transform(&Transform::from_translate(frame.x + HAIR, frame.y + HAIR));
    surface.draw_image(image, size);
    surface.pop();
    surface.end_tagged();
    let alternative = format!("{}: {}", language.word("code"), sheet.id);
    let tag = Tag::Figure(Some(alternative))
        .with_bbox(Some(BBox::new(0, rect(&frame)?)))
        .with_placement(Some(Placement::Block));
    Ok(TagGroup::with_children(tag, vec![Node::Leaf(leaf)]))
}

/// Writes the lines of one text, a span each.
fn write(surface: &mut Surface<'_>, text: &Placed) -> Vec<Node> {
    surface.set_fill(Some(fill(text.ink)));
    let mut line = |placed: &PlacedLine| -> Identifier {
        let leaf = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        placed.line.draw(surface, placed.x, placed.baseline, text.size);
        surface.end_tagged();
        leaf
    };
    text.lines.iter().map(|placed| Node::Leaf(line(placed))).collect()
}

fn rect(frame: &Frame) -> Result<Rect, DocumentError> {
    Rect::from_xywh(frame.x, frame.y, frame.width, frame.height).ok_or_else(|| defect("frame"))
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Black => rgb::Color::new(0x11, 0x14, 0x18),
        Ink::Grey => rgb::Color::new(0x4d, 0x56, 0x60),
        Ink::Rule => rgb::Color::new(0xc3, 0xca, 0xd1),
        Ink::Accent => rgb::Color::new(0x10, 0x3b, 0x6d),
        Ink::Warning => rgb::Color::new(0x9b, 0x1c, 0x1c),
        Ink::WarningTint => rgb::Color::new(0xfb, 0xe6, 0xe4),
    };
    Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
