//! One page of places → drawing operators and the structure that a screen reader follows.

use std::num::NonZeroU16;

use krilla::{
    color::rgb,
    geom::{Path, PathBuilder, Rect, Size, Transform},
    image::Image,
    num::NormalizedF32,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, BBox, ContentTag, Identifier, Node, Placement, SpanTag, TableHeaderScope, Tag,
        TagGroup, TagKind, TagTree,
    },
};

use super::{
    DocumentError, Language, Sheet,
    code::DOT,
    layout::{self, Content, Frame, Ink, Mark, Page, Panel, Placed, Role, Scope, Shape, Stroke},
    look::Colour,
};

/// A fiftieth of a printer dot, by which the picture of the code is drawn smaller on each side. Painters fill every
/// dot that a picture touches: without it, rounding would add a dot at an edge and stretch one module.
const HAIR: f32 = DOT / 50.0;
/// Length of a dash, and of the gap after it.
const DASH: f32 = 3.0;
/// Second level of headings.
const SECOND_LEVEL: NonZeroU16 = NonZeroU16::MIN.saturating_add(1);

/// Something drawn, with its place in the structure.
pub(super) struct Leaf<'p> {
    mark: &'p Mark,
    /// Where on which page, for pictures.
    frame: Option<BBox>,
    nodes: Vec<Identifier>,
}

pub(super) fn defect(what: &str) -> DocumentError {
    DocumentError::Pdf { reason: what.to_owned() }
}

/// Draws a page.
pub(super) fn page<'p>(
    surface: &mut Surface<'_>,
    page: &'p Page,
    number: usize,
    colour: Colour,
) -> Result<Vec<Leaf<'p>>, DocumentError> {
    if !page.shapes.is_empty() {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        for shape in &page.shapes {
            surface.set_fill(Some(fill(shape.ink, colour)));
            let panel = panel(page, shape.panel)?;
            surface.draw_path(&outline_of(shape, panel)?);
        }
        surface.end_tagged();
    }
    let mut leaves = Vec::with_capacity(page.marks.len());
    for mark in &page.marks {
        let panel = panel(page, mark.panel)?;
        let (frame, nodes) = match &mark.content {
            Content::Text(text) => {
                surface.set_fill(Some(fill(text.ink, colour)));
                (None, write(surface, text, panel, mark.language))
            }
            Content::Code { frame, picture } => {
                let image =
                    Image::from_custom(picture.clone(), false).map_err(|reason| DocumentError::Pdf { reason })?;
                let inner = Frame {
                    x: frame.x + HAIR,
                    y: frame.y + HAIR,
                    width: frame.width - 2.0 * HAIR,
                    height: frame.height - 2.0 * HAIR,
                };
                (Some(*frame), vec![draw(surface, image, inner, panel)?])
            }
            Content::Picture { frame, picture } => (Some(*frame), vec![draw(surface, picture.image(), *frame, panel)?]),
        };
        let frame = match frame {
            Some(frame) => Some(BBox::new(number, rect(&panel.on_page(frame))?)),
            None => None,
        };
        leaves.push(Leaf { mark, frame, nodes });
    }
    Ok(leaves)
}

fn panel(page: &Page, number: usize) -> Result<&Panel, DocumentError> {
    page.panels.get(number).ok_or_else(|| defect("panel"))
}

/// From the places of a panel to those of the page.
fn transform(panel: &Panel) -> Transform {
    let frame = panel.frame;
    if panel.turned {
        Transform::from_row(-1.0, 0.0, 0.0, -1.0, frame.x + frame.width, frame.y + frame.height)
    } else {
        Transform::from_translate(frame.x, frame.y)
    }
}

fn draw(surface: &mut Surface<'_>, image: Image, frame: Frame, panel: &Panel) -> Result<Identifier, DocumentError> {
    let size = Size::from_wh(frame.width, frame.height).ok_or_else(|| defect("size of a picture"))?;
    let leaf = surface.start_tagged(ContentTag::Other);
    surface.push_transform(&transform(panel));
    surface.push_transform(&Transform::from_translate(frame.x, frame.y));
    surface.draw_image(image, size);
    surface.pop();
    surface.pop();
    surface.end_tagged();
    Ok(leaf)
}

/// Writes the lines of one text, a span each.
fn write(surface: &mut Surface<'_>, text: &Placed, panel: &Panel, language: Option<Language>) -> Vec<Identifier> {
    let upright = !panel.turned;
    let mut nodes = Vec::with_capacity(text.lines.len());
    for (line, x, baseline) in &text.lines {
        let span = SpanTag::empty().with_lang(language.map(Language::tag));
        let leaf = surface.start_tagged(ContentTag::Span(span));
        if upright {
            line.draw(surface, panel.frame.x + x, panel.frame.y + baseline, text.size);
        } else {
            surface.push_transform(&transform(panel));
            line.draw(surface, *x, *baseline, text.size);
            surface.pop();
        }
        surface.end_tagged();
        nodes.push(leaf);
    }
    nodes
}

/// The area that a shape fills, on the page.
fn outline_of(shape: &Shape, panel: &Panel) -> Result<Path, DocumentError> {
    let mut path = PathBuilder::new();
    let frame = panel.on_page(shape.frame);
    if shape.stroke == Stroke::Dashes {
        let across = frame.width > frame.height;
        let length = if across { frame.width } else { frame.height };
        let mut at = 0.0;
        while at < length {
            let long = DASH.min(length - at);
            let dash = if across {
                Frame { x: frame.x + at, width: long, ..frame }
            } else {
                Frame { y: frame.y + at, height: long, ..frame }
            };
            path.push_rect(rect(&dash)?);
            at += 2.0 * DASH;
        }
    } else {
        path.push_rect(rect(&frame)?);
    }
    path.finish().ok_or_else(|| defect("rule"))
}

/// Adds what was drawn to the structure: a section a certificate, in it headings, paragraphs, tables and figures in the
/// order in which they were written.
pub(super) fn tag(leaves: &[Leaf<'_>], sheets: &[Sheet], language: Language, tree: &mut TagTree) {
    for leaves in leaves.chunk_by(|a, b| a.mark.certificate == b.mark.certificate) {
        let title = leaves.first().and_then(|leaf| leaf.mark.certificate).and_then(|number| sheets.get(number));
        let blocks =
            leaves.chunk_by(|a, b| block(a.mark) == block(b.mark)).map(|leaves| group(leaves, title, language));
        match title {
            Some(_) => tree.push(TagGroup::with_children(Tag::Section, blocks.map(Node::Group).collect())),
            None => blocks.for_each(|block| tree.push(block)),
        }
    }
}

/// What pieces of one table, or of one paragraph, have in common.
fn block(mark: &Mark) -> (Option<u16>, u32) {
    match mark.role {
        Role::Cell { table, .. } => (Some(table), 0),
        _ => (None, mark.element),
    }
}

fn group(leaves: &[Leaf<'_>], sheet: Option<&Sheet>, language: Language) -> TagGroup {
    let Some(first) = leaves.first() else { return TagGroup::new(Tag::P) };
    let spoken = first.mark.language.map(|language| language.tag().to_owned());
    let said = || sheet.map(|sheet| layout::title(sheet.kind, language));
    let kind: TagKind = match &first.mark.role {
        Role::Cell { .. } => return table(leaves),
        Role::Title => Tag::Hn(NonZeroU16::MIN, said()).into(),
        Role::Heading(words) => Tag::Hn(SECOND_LEVEL, Some(words.to_string())).into(),
        Role::Paragraph => Tag::P.with_lang(spoken).into(),
        Role::Figure(alternative) => Tag::Figure(Some(alternative.to_string()))
            .with_bbox(first.frame)
            .with_placement(Some(Placement::Block))
            .into(),
    };
    TagGroup::with_children(kind, nodes(leaves))
}

/// What was drawn of these pieces. Letters stand on the page as they are seen; where that is not the order in which they
/// are read, the structure says the text, one step above what holds the letters: there screen readers find it, and
/// MuPDF, which takes such a text for one in the order of the page, and would turn it round, does not look.
fn nodes(leaves: &[Leaf<'_>]) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let drawn = leaf.nodes.iter().map(|node| Node::Leaf(*node));
        match leaf.mark.content.read_from_the_right() {
            Some(text) => {
                let language = leaf.mark.language.map(|language| language.tag().to_owned());
                let said = Tag::Span.with_lang(language).with_actual_text(Some(text.to_owned()));
                let letters = TagGroup::with_children(Tag::Span, drawn.collect());
                nodes.push(Node::Group(TagGroup::with_children(said, vec![Node::Group(letters)])));
            }
            None => nodes.extend(drawn),
        }
    }
    nodes
}

/// The rows of a table. Each has every column (ISO 14289-1 section 7.5): a cell without words, such as the field for a
/// stamp, is an empty one.
fn table(leaves: &[Leaf<'_>]) -> TagGroup {
    let place = |leaf: &Leaf<'_>| match leaf.mark.role {
        Role::Cell { row, column, .. } => (row, column),
        _ => (0, 0),
    };
    let columns = leaves.iter().map(|leaf| place(leaf).1.saturating_add(1)).max().unwrap_or_default();
    let mut table = TagGroup::new(Tag::Table);
    for row in leaves.chunk_by(|a, b| place(a).0 == place(b).0) {
        let mut group = TagGroup::new(Tag::TR);
        let mut next = 0;
        for cell in row.chunk_by(|a, b| place(a).1 == place(b).1) {
            let column = cell.first().map_or(next, |leaf| place(leaf).1);
            (next..column).for_each(|_| group.push(TagGroup::new(Tag::TD)));
            next = column.saturating_add(1);
            let header = cell.first().and_then(|leaf| match leaf.mark.role {
                Role::Cell { header, .. } => header,
                _ => None,
            });
            let kind: TagKind = match header {
                Some(Scope::Row) => Tag::TH(TableHeaderScope::Row).into(),
                Some(Scope::Column) => Tag::TH(TableHeaderScope::Column).into(),
                None => Tag::TD.into(),
            };
            group.push(TagGroup::with_children(kind, nodes(cell)));
        }
        (next..columns).for_each(|_| group.push(TagGroup::new(Tag::TD)));
        table.push(group);
    }
    table
}

fn rect(frame: &Frame) -> Result<Rect, DocumentError> {
    Rect::from_xywh(frame.x, frame.y, frame.width, frame.height).ok_or_else(|| defect("frame"))
}

fn fill(ink: Ink, accent: Colour) -> Fill {
    let (red, green, blue) = match ink {
        Ink::Black => (0x11, 0x14, 0x18),
        Ink::Grey => (0x4d, 0x56, 0x60),
        Ink::Rule => (0xc3, 0xca, 0xd1),
        Ink::Accent => accent.parts(),
        Ink::White => (0xff, 0xff, 0xff),
        Ink::Warning => (0x9b, 0x1c, 0x1c),
        Ink::WarningTint => (0xfb, 0xe6, 0xe4),
        Ink::Yellow => (0xff, 0xdd, 0x4a),
        Ink::YellowTint => (0xff, 0xf8, 0xd6),
    };
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
