//! What must hold for every page of every layout. One examiner for all: tests of each layout call it.

use super::{Content, Frame, Ink, Mark, Page, Stroke};
use crate::document::code::DOT;

/// No printer is sure to print nearer to the edge than 5 mm.
const EDGE: f32 = 14.1;
const ROUNDING: f32 = 0.05;
const MM: f32 = 25.4 / 72.0;

/// A box of ink on the page, with what it is.
struct Inked {
    frame: Frame,
    panel: usize,
    what: String,
}

fn overlap(a: &Frame, b: &Frame) -> bool {
    a.x + a.width > b.x + ROUNDING
        && b.x + b.width > a.x + ROUNDING
        && a.y + a.height > b.y + ROUNDING
        && b.y + b.height > a.y + ROUNDING
}

fn inside(inner: &Frame, outer: &Frame, by: f32) -> bool {
    inner.x >= outer.x + by - ROUNDING
        && inner.y >= outer.y + by - ROUNDING
        && inner.x + inner.width <= outer.x + outer.width - by + ROUNDING
        && inner.y + inner.height <= outer.y + outer.height - by + ROUNDING
}

/// Every line of text, every picture and every code as a box, on the page.
fn inked(page: &Page) -> Vec<Inked> {
    let mut boxes = Vec::new();
    for mark in &page.marks {
        let panel = page.panels[mark.panel];
        let mut push = |frame: Frame, what: String| {
            boxes.push(Inked { frame: panel.on_page(frame), panel: mark.panel, what });
        };
        match &mark.content {
            Content::Text(text) => {
                for (line, x, baseline) in &text.lines {
                    let (above, below) = (line.above * text.size, line.below * text.size);
                    let frame =
                        Frame { x: *x, y: baseline - above, width: line.width * text.size, height: above + below };
                    push(frame, format!("a line of {:?}, element {}", mark.role, mark.element));
                }
            }
            Content::Code { frame, .. } => push(*frame, "the code".to_owned()),
            Content::Picture { frame, .. } => push(*frame, "a picture".to_owned()),
        }
    }
    boxes
}

/// Fails with what is wrong on a page; `least` is the smallest type that is allowed on it.
pub(in crate::document) fn flawless(page: &Page, least: f32) {
    let boxes = inked(page);
    let whole = Frame { x: 0.0, y: 0.0, width: page.size.0, height: page.size.1 };
    assert!(!boxes.is_empty(), "an empty page");
    for (index, a) in boxes.iter().enumerate() {
        assert!(inside(&a.frame, &whole, EDGE), "{} leaves the page: {:?}", a.what, a.frame);
        if a.panel > 0 {
            // The quiet zone of a code may reach to the line; letters may not.
            let by = if a.what == "the code" { 0.4 } else { 4.0 };
            let panel = page.panels[a.panel].frame;
            assert!(inside(&a.frame, &panel, by), "{} leaves its panel {panel:?}: {:?}", a.what, a.frame);
        }
        for b in &boxes[index + 1..] {
            assert!(!overlap(&a.frame, &b.frame), "{} at {:?} overlaps {} at {:?}", a.what, a.frame, b.what, b.frame);
        }
    }
    for mark in &page.marks {
        match &mark.content {
            Content::Code { frame, .. } => code(page, mark, *frame),
            Content::Text(text) => assert!(text.size >= least - 0.01, "type of {} points", text.size),
            Content::Picture { .. } => {}
        }
    }
    shapes(page, &boxes);
}

/// F35: whole dots, four modules of quiet zone, 40 to 60 mm, black on white.
fn code(page: &Page, mark: &Mark, frame: Frame) {
    let panel = page.panels[mark.panel];
    let frame = panel.on_page(frame);
    for edge in [frame.x, frame.y, frame.width, frame.height] {
        assert!((edge / DOT - (edge / DOT).round()).abs() < 0.02, "the code stands on whole printer dots: {frame:?}");
    }
    let Content::Code { picture, .. } = &mark.content else { return };
    let modules = picture.modules();
    let dots = (frame.width / DOT).round() / (f32::from(modules) + 8.0);
    assert!((dots - dots.round()).abs() < 0.01 && dots >= 3.99, "{dots} dots a module");
    let side = f32::from(modules) * dots * DOT * MM;
    // A symbol of 21 modules with its quiet zone is higher than a card at 40 mm; its modules are 1.7 mm.
    let least = if modules == 21 && page.panels.len() > 1 { 36.0 } else { 40.0 };
    assert!((least..=60.0).contains(&side), "{side} mm");
    let mut ground = None;
    for shape in &page.shapes {
        let shape_frame = page.panels[shape.panel].on_page(shape.frame);
        if !overlap(&shape_frame, &frame) {
            continue;
        }
        assert_eq!(shape.stroke, Stroke::Band, "a line crosses the quiet zone");
        ground = Some((shape.ink, inside(&frame, &shape_frame, 0.0)));
    }
    assert!(matches!(ground, None | Some((Ink::White, true))), "the code stands on {ground:?}");
}

/// Text stands on bands and beside lines, never half on one or through one.
fn shapes(page: &Page, boxes: &[Inked]) {
    for shape in &page.shapes {
        let frame = page.panels[shape.panel].on_page(shape.frame);
        let whole = Frame { x: 0.0, y: 0.0, width: page.size.0, height: page.size.1 };
        assert!(inside(&frame, &whole, 0.0), "{:?} leaves the page: {frame:?}", shape.stroke);
        for ink in boxes.iter().filter(|ink| overlap(&ink.frame, &frame)) {
            match shape.stroke {
                Stroke::Band => {
                    assert!(
                        inside(&ink.frame, &frame, 0.0),
                        "{} {:?} is half on a band {frame:?}",
                        ink.what,
                        ink.frame
                    );
                }
                stroke => panic!("{} {:?} is crossed by {stroke:?} {frame:?}", ink.what, ink.frame),
            }
        }
    }
}
