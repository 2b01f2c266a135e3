//! Glyphs → lines no wider than their column, each in the order in which it is seen.

use std::{ops::Range, sync::Arc};

use icu_segmenter::{LineSegmenter, options::LineBreakOptions};
use krilla::text::KrillaGlyph;
use unicode_bidi::{BidiInfo, Level};

use super::{Line, Run, Shaped, ShapedRun, reading};

/// Letters that are never cut from each other: what the font draws as one.
struct Cluster {
    range: Range<usize>,
    advance: f32,
}

/// Breaks `shaped` into lines of at most `most` ems: where the language allows it (UAX 14; Lao, Thai, Khmer and Burmese
/// by their words), after the separators of identifiers, and inside a word only when the word alone is
/// wider than the column.
pub(super) fn lines(shaped: &Shaped, most: f32) -> Vec<Line> {
    let text = &*shaped.text;
    if text.is_empty() {
        return Vec::new();
    }
    let clusters = clusters(shaped);
    let end = text.trim_end().len();
    let inked = clusters.iter().filter(|cluster| cluster.range.start < end).map(|cluster| cluster.advance).sum::<f32>();
    if inked <= most {
        return vec![line(shaped, 0..text.len())];
    }
    let chances = chances(text);
    let mut lines = Vec::new();
    let (mut start, mut width) = (0, 0.0);
    // Where the line may end: index of the next cluster.
    let mut chance = 0;
    let place = |index: usize| clusters.get(index).map_or(text.len(), |cluster| cluster.range.start);
    for (index, cluster) in clusters.iter().enumerate() {
        let letters = text.get(cluster.range.clone()).unwrap_or_default();
        let space = letters.chars().all(char::is_whitespace);
        // Spaces may hang over the edge: nobody sees them. A word that is moved down may itself be too wide.
        while !space && index > start && width + cluster.advance > most {
            let end = if chance > start {
                chance
            } else {
                // A word that is wider than its line.
                (start + 1..=index).rev().find(|index| !parts(text, place(*index))).unwrap_or(index)
            };
            lines.push(line(shaped, place(start)..place(end)));
            start = end;
            width = clusters.get(end..index).unwrap_or_default().iter().map(|cluster| cluster.advance).sum();
        }
        width += cluster.advance;
        if chances.binary_search(&cluster.range.end).is_ok() {
            chance = index + 1;
        }
    }
    if start < clusters.len() {
        lines.push(line(shaped, place(start)..text.len()));
    }
    lines
}

/// Whether a line that ends at `at` parts what is written and read as one, which graphemes do not tell: a vowel of Thai
/// or Lao and the consonant before or behind which it stands, and in Burmese a consonant that ends a syllable (it has
/// an asat or a virama) and the syllable.
fn parts(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let mut after = after.chars();
    let leads = matches!(before.chars().next_back(), Some('\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}'));
    let follows = match after.next() {
        Some('\u{e30}' | '\u{e32}' | '\u{e33}' | '\u{e45}' | '\u{eb0}' | '\u{eb2}' | '\u{eb3}' | '\u{ebd}') => true,
        Some('\u{1000}'..='\u{1021}' | '\u{103f}') => {
            matches!(after.find(|next| *next != '\u{1037}'), Some('\u{1039}' | '\u{103a}'))
        }
        _ => false,
    };
    leads || follows
}

/// Where a line may end, as places in the text, ascending.
fn chances(text: &str) -> Vec<usize> {
    let segmenter = LineSegmenter::new_dictionary(LineBreakOptions::default());
    let mut chances: Vec<usize> = segmenter.segment_str(text).collect();
    // Identifiers are long and have no spaces.
    chances.extend(
        text.char_indices().filter(|(_, c)| matches!(c, '/' | ':' | '#' | ',' | ';' | '<')).map(|(at, _)| at + 1),
    );
    chances.retain(|at| !parts(text, *at));
    chances.sort_unstable();
    chances
}

/// The clusters of the text, in the order in which they are read.
fn clusters(shaped: &Shaped) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::with_capacity(shaped.text.len());
    let mut add = |glyph: &KrillaGlyph| match clusters.last_mut() {
        Some(cluster) if cluster.range == glyph.text_range => cluster.advance += glyph.x_advance,
        _ => clusters.push(Cluster { range: glyph.text_range.clone(), advance: glyph.x_advance }),
    };
    for run in &shaped.runs {
        if run.level.is_rtl() {
            run.glyphs.iter().rev().for_each(&mut add);
        } else {
            run.glyphs.iter().for_each(&mut add);
        }
    }
    clusters
}

/// The letters `range` as one line (UAX 9, rules L1 and L2).
fn line(shaped: &Shaped, range: Range<usize>) -> Line {
    let letters = shaped.text.get(range.clone()).unwrap_or_default();
    let seen = range.start + letters.trim_end().len();
    let part = |run: &ShapedRun, within: &Range<usize>| {
        let range = run.range.start.max(within.start)..run.range.end.min(within.end);
        (!range.is_empty()).then_some(range)
    };
    let inside = |within: Range<usize>, level: Option<Level>| {
        shaped.runs.iter().filter_map(move |run| Some((run, part(run, &within)?, level.unwrap_or(run.level))))
    };
    // Spaces at the end go to the end of the line, whatever stands before them.
    let parts: Vec<(&ShapedRun, Range<usize>, Level)> =
        inside(range.start..seen, None).chain(inside(seen..range.end, Some(shaped.level))).collect();
    let levels: Vec<Level> = parts.iter().map(|(_, _, level)| *level).collect();

    let rtl = shaped.level.is_rtl();
    let mut line =
        Line { width: 0.0, above: 0.0, below: 0.0, rtl, turned: false, runs: Vec::with_capacity(parts.len()) };
    let mut x = 0.0;
    for place in BidiInfo::reorder_visual(&levels) {
        let Some((run, range, _)) = parts.get(place) else { continue };
        let mut glyphs: Vec<KrillaGlyph> =
            run.glyphs.iter().filter(|glyph| range.contains(&glyph.text_range.start)).cloned().collect();
        let width: f32 = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        if range.start < seen {
            for glyph in &glyphs {
                let (above, below) = run.face.ink(glyph);
                (line.above, line.below) = (line.above.max(above), line.below.max(below));
            }
            line.width += width;
        } else if rtl {
            // They hang over the left edge.
            x -= width;
            line.runs.iter_mut().for_each(|run: &mut Run| run.x -= width);
        }
        if run.level.is_rtl() {
            line.turned = true;
            glyphs = reading::from_right(&run.face, &shaped.text, glyphs);
        } else {
            reading::from_left(&run.face, &shaped.text, &mut glyphs);
        }
        line.runs.push(Run { face: Arc::clone(&run.face), text: Arc::clone(&shaped.text), glyphs, x });
        x += width;
    }
    line
}
