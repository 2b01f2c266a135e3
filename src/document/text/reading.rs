//! Glyphs as programs read them off the page again: search, copying, `pdftotext`.
//!
//! Such programs guess words from places. A letter belongs to the word before it if it begins where that one ends, as
//! the widths in the font tell; a text in marked content (`ActualText`, ISO 32000-1 section 14.9.4) begins with its
//! first glyph and ends with its last. They take text from right to left as it is seen, turn it round character by
//! character, and with it what one glyph or one marked content says. So here marks and ligatures are told in a way that
//! survives this. What is seen on the page is not changed by it; screen readers do not depend on it, they have the
//! text of the structure.

use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use unicode_normalization::char::is_combining_mark;

use super::face::Face;

/// By how much the end of a glyph may differ from the beginning of the next before a space is guessed, in ems. Poppler
/// begins a new word at 0.1.
const APART: f32 = 0.08;

/// The same for letters that are kerned: poppler's own bound, less what rounding may do.
const KERNED: f32 = 0.097;

/// By how much a mark may be moved, in ems: seen by no eye. Glyphs on one line are written in one piece, which readers
/// keep together; a mark that begins behind the beginning of the next letter poppler reads after it.
const LEVEL: f32 = 0.01;

/// By how much a character of a cluster stands before the next one, in ems: seen by no eye, told by order.
const STEP: f32 = 0.02;

/// Letters from left to right: a cluster that seems to end too early, because its last glyph is a mark, is told with
/// the next one.
pub(super) fn from_left(face: &Face, text: &str, glyphs: &mut [KrillaGlyph]) {
    let mut parts = groups(glyphs);
    if parts.iter().any(|part| part.len() > 1) {
        for part in parts {
            marked(face, text, glyphs.get_mut(part).unwrap_or_default());
        }
        parts = groups(glyphs);
    }
    let groups = parts;
    let mut told: Option<Range<usize>> = None;
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        let inside = glyphs.get(group.clone()).unwrap_or_default();
        let Some(range) = inside.first().map(|glyph| glyph.text_range.clone()) else { continue };
        // A cluster that the one before is told with.
        if let Some(start) = told.take() {
            for before in ranges.iter_mut().rev().take_while(|before| before.start >= start.start) {
                before.end = range.end;
            }
            ranges.push(start.start..range.end);
        } else {
            ranges.push(range.clone());
        }
        let next = groups.get(index + 1).and_then(|next| glyphs.get(next.start)).map(|next| next.text_range.clone());
        let letter = |range: Option<Range<usize>>| {
            range.and_then(|range| text.get(range)).is_some_and(|letters| !letters.trim().is_empty())
        };
        let kerned = inside.last().is_some_and(|last| face.advance(last) > f32::EPSILON);
        if short(face, inside).abs() > if kerned { KERNED } else { APART } && letter(next) && letter(Some(range)) {
            told = ranges.last().cloned();
        }
    }
    for (group, range) in groups.into_iter().zip(ranges) {
        for glyph in glyphs.get_mut(group).unwrap_or_default() {
            glyph.text_range = range.clone();
        }
    }
}

/// Tells a letter and the marks on it one by one, where each has its glyph and stands where the letter ends: then no
/// reader needs more than the table of the font. (A glyph that stands for a syllable in one place and for a letter in
/// the other needs `ActualText`, which Firefox passes over and MuPDF says twice.) Glyphs that were put into another
/// order are wide, or stand elsewhere.
fn marked(face: &Face, text: &str, glyphs: &mut [KrillaGlyph]) {
    let Some((first, marks)) = glyphs.split_first_mut() else { return };
    let start = first.text_range.start;
    let letters = text.get(first.text_range.clone()).unwrap_or_default();
    if marks.is_empty() {
        return;
    }
    let mut free = true;
    for mark in marks.iter_mut() {
        free &= mark.x_advance.abs() <= f32::EPSILON && face.advance(mark) <= f32::EPSILON;
        if mark.y_offset.abs() < LEVEL {
            mark.y_offset = 0.0;
        }
        if free && (0.0..LEVEL).contains(&mark.x_offset) {
            mark.x_offset = 0.0;
        }
    }
    let is_mark = |glyph: &KrillaGlyph| (-APART..=0.0).contains(&glyph.x_offset);
    let mut characters = letters.char_indices();
    let whole = free
        && characters.next().is_some_and(|(_, character)| !is_combining_mark(character))
        && first.x_offset.abs() <= APART
        && face.advance(first) > f32::EPSILON
        && characters.clone().count() == marks.len()
        && characters.clone().all(|(_, character)| is_combining_mark(character))
        && marks.iter().all(is_mark);
    if !whole {
        return;
    }
    for (mark, (at, character)) in marks.iter_mut().zip(characters) {
        first.text_range.end = first.text_range.end.min(start + at);
        mark.text_range = start + at..start + at + character.len_utf8();
    }
}

/// Letters from right to left: each character has a glyph of its own, in the order in which it is seen. Marks and the
/// later letters of a ligature are told by glyphs without ink beside it.
pub(super) fn from_right(face: &Face, text: &str, glyphs: Vec<KrillaGlyph>) -> Vec<KrillaGlyph> {
    let simple = |group: &Range<usize>| {
        let inside = glyphs.get(group.clone()).unwrap_or_default();
        let one = |glyph: &KrillaGlyph| text.get(glyph.text_range.clone()).is_some_and(|t| t.chars().count() == 1);
        inside.len() == 1 && inside.iter().all(one)
    };
    let groups = groups(&glyphs);
    if groups.iter().all(simple) {
        return glyphs;
    }
    let mut told = Vec::with_capacity(glyphs.len() + text.len());
    for group in groups {
        let inside = glyphs.get(group.clone()).unwrap_or_default();
        let Some(range) = inside.first().map(|glyph| glyph.text_range.clone()) else { continue };
        let letters = text.get(range.clone()).unwrap_or_default();
        let mut characters: Vec<(Range<usize>, char)> =
            letters.char_indices().map(|(at, c)| (range.start + at..range.start + at + c.len_utf8(), c)).collect();
        if simple(&group) || characters.is_empty() {
            told.extend_from_slice(inside);
            continue;
        }
        let first = characters.remove(0);
        let mut step = STEP;
        let mut before: Vec<KrillaGlyph> = Vec::with_capacity(characters.len());
        for (range, character) in characters {
            before.push(carrier(face, character, -step, range));
            step += STEP;
        }
        told.extend(before.into_iter().rev());

        // What is seen: letters first, marks over them, and the end where the cluster ends.
        let mut pen = 0.0;
        let mut seen: Vec<(bool, KrillaGlyph)> = Vec::with_capacity(inside.len() + 1);
        for glyph in inside {
            let mark = face.advance(glyph) <= f32::EPSILON;
            let glyph = KrillaGlyph { x_offset: pen + glyph.x_offset, text_range: first.0.clone(), ..glyph.clone() };
            pen += glyph.x_advance;
            seen.push((mark, KrillaGlyph { x_advance: 0.0, ..glyph }));
        }
        seen.sort_by(|(mark, a), (other, b)| mark.cmp(other).then(a.x_offset.total_cmp(&b.x_offset)));
        let mut seen: Vec<KrillaGlyph> = seen.into_iter().map(|(_, glyph)| glyph).collect();
        if let Some(last) = seen.last_mut() {
            if (pen - last.x_offset - face.advance(last)).abs() > APART {
                let end = carrier(face, first.1, pen, first.0);
                seen.push(KrillaGlyph { x_advance: pen, ..end });
            } else {
                last.x_advance = pen;
            }
        }
        told.extend(seen);
    }
    told
}

/// A glyph without ink that tells `character`.
fn carrier(face: &Face, character: char, x_offset: f32, range: Range<usize>) -> KrillaGlyph {
    KrillaGlyph::new(GlyphId::new(face.blank(character)), 0.0, x_offset, 0.0, 0.0, range, None)
}

/// How much too early the last of these glyphs seems to end.
fn short(face: &Face, glyphs: &[KrillaGlyph]) -> f32 {
    let Some(last) = glyphs.last() else { return 0.0 };
    last.x_advance - last.x_offset - face.advance(last)
}

/// Neighbours that stand for the same letters.
fn groups(glyphs: &[KrillaGlyph]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::with_capacity(glyphs.len());
    for (index, glyph) in glyphs.iter().enumerate() {
        let same = index.checked_sub(1).and_then(|before| glyphs.get(before));
        match groups.last_mut() {
            Some(group) if same.is_some_and(|same| same.text_range == glyph.text_range) => group.end = index + 1,
            _ => groups.push(index..index + 1),
        }
    }
    groups
}
