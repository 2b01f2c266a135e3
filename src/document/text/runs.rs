//! Text → parts of one direction (UAX 9) and one script (UAX 24), in the order in which they are read.

use std::ops::Range;

use unicode_bidi::{Level, ParagraphBidiInfo};
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::check::ignorable;

/// A part of a text.
pub(super) struct Part {
    pub(super) range: Range<usize>,
    /// Level of embedding; odd ones are read from right to left.
    pub(super) level: Level,
    pub(super) script: Script,
}

/// The parts of `text`, and the level of the whole: given by `rtl`, otherwise that of the first strong letter (UAX 9,
/// rules P2 and P3).
pub(super) fn parts(text: &str, rtl: Option<bool>) -> (Level, Vec<Part>) {
    // Nothing before U+0590 is written from right to left.
    let plain = rtl != Some(true) && text.chars().all(|character| character < '\u{590}');
    let bidi = (!plain).then(|| {
        let level = rtl.map(|rtl| if rtl { Level::rtl() } else { Level::ltr() });
        ParagraphBidiInfo::new(text, level)
    });
    let whole = bidi.as_ref().map_or(Level::ltr(), |bidi| bidi.paragraph_level);

    let mut parts: Vec<Part> = Vec::new();
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let level = bidi.as_ref().and_then(|bidi| bidi.levels.get(at)).copied().unwrap_or(whole);
        match parts.last_mut() {
            Some(part) if part.level == level => match joined(part.script, character) {
                Some(script) => {
                    part.range.end = end;
                    part.script = script;
                }
                None => parts.push(Part { range: at..end, level, script: first_script(character) }),
            },
            last => {
                // Digits and brackets in another direction keep the script of the letters before them.
                let before = last.map_or(Script::Common, |part| part.script);
                let own = first_script(character);
                let script = if own == Script::Common { before } else { own };
                parts.push(Part { range: at..end, level, script });
            }
        }
    }
    (whole, parts)
}

/// The script of a part in `script` with `character` behind it; `None` where another part begins.
fn joined(script: Script, character: char) -> Option<Script> {
    let own = character.script();
    match own {
        Script::Common | Script::Inherited => {
            let uses = character.script_extension();
            let fits = script == Script::Common || uses.contains_script(script);
            // Leading signs take the script of the first letter.
            let resolved = if script == Script::Common { first_script(character) } else { script };
            fits.then_some(resolved)
        }
        _ if own == script || script == Script::Common => Some(own),
        _ => None,
    }
}

/// The script of a character on its own: that of the letters which it goes with, where it goes with some only.
pub(super) fn first_script(character: char) -> Script {
    match character.script() {
        Script::Common | Script::Inherited => {
            let uses = character.script_extension();
            match Script::try_from(uses) {
                Ok(Script::Common | Script::Inherited) => Script::Common,
                _ => uses.iter().next().unwrap_or(Script::Common),
            }
        }
        own => own,
    }
}

/// Pieces of `range` that one font must draw whole: a letter with its marks, and letters that a virama or a joiner
/// ties to it.
pub(super) fn pieces(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut tied = false;
    for (offset, character) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let (at, end) = (range.start + offset, range.start + offset + character.len_utf8());
        let hangs = is_combining_mark(character) || ignorable(character);
        match pieces.last_mut() {
            Some(piece) if hangs || tied => piece.end = end,
            _ => pieces.push(at..end),
        }
        tied = canonical_combining_class(character) == 9 || character == '\u{200d}';
    }
    pieces
}
