//! What may be drawn at all: nothing that would make the paper say something else than the code.

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::super::DocumentError;
use crate::limits::{COMBINING_MARKS, COMBINING_MARKS_OTHER, PAPER_FIELD_CHARS};

const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';
const ZWSP: char = '\u{200b}';

/// Refuses what could be drawn but would mislead.
pub(super) fn check(field: &'static str, text: &str) -> Result<(), DocumentError> {
    let chars = text.chars().count();
    if chars > PAPER_FIELD_CHARS {
        return Err(DocumentError::FieldTooLong { field, chars, limit: PAPER_FIELD_CHARS });
    }
    let mut marks = 0_usize;
    let mut script = Script::Common;
    let mut before = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if invisible(character) && !joins(before, character, rest.clone()) {
            return Err(DocumentError::Invisible { field, character });
        }
        if is_combining_mark(character) {
            // On nothing, it would stand on what is printed beside the field.
            if before.is_none_or(char::is_whitespace) {
                return Err(DocumentError::LoneMark { field, character });
            }
            marks += 1;
            let own = character.script();
            if !matches!(own, Script::Common | Script::Inherited) {
                script = own;
            }
        } else if !ignorable(character) {
            (marks, script) = (0, character.script());
        }
        let limit = match script {
            Script::Latin | Script::Greek | Script::Cyrillic | Script::Common | Script::Inherited => COMBINING_MARKS,
            _ => COMBINING_MARKS_OTHER,
        };
        if marks > limit {
            return Err(DocumentError::StackedMarks { field, limit });
        }
        before = Some(character);
    }
    Ok(())
}

/// Characters that orthographies need and that have no shape of their own: joiners, break opportunities, selectors of
/// a form. A font need not have them.
pub(super) fn ignorable(character: char) -> bool {
    matches!(character, ZWSP..=ZWJ | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Characters without a shape of their own: controls, and the format characters (general category Cf), line
/// separators, fillers and selectors of Unicode 16.
fn invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether an invisible character stands where an orthography has it.
///
/// * ZWNJ and ZWJ after a virama, and ZWNJ between letters that join (RFC 5892 appendix A.1 and A.2; UAX 31 section
///   2.3). The forms of joining are not looked up: where two letters of a cursive script would not join anyway, writers
///   of Persian put a ZWNJ all the same, and it changes nothing that is seen.
/// * ZWJ before a virama: ya-phalaa after ra in Bengali, and its like (Unicode core specification 16, sections 12.2
///   and 12.8).
/// * ZWSP between letters of scripts that are written without spaces (section 16).
/// * Selectors after the letters whose form they select: ideographs (UTS 37) and Mongolian (section 13.5).
fn joins(before: Option<char>, character: char, mut after: std::str::Chars<'_>) -> bool {
    let Some(before) = before else { return false };
    let after = after.find(|next| !is_combining_mark(*next) || virama(*next));
    match character {
        ZWNJ | ZWJ if virama(before) => true,
        ZWNJ => after.is_some_and(|after| cursive(after) && (cursive(before) || is_combining_mark(before))),
        ZWJ => after.is_some_and(|after| virama(after) && after.script() == before.script()) && before.is_alphabetic(),
        ZWSP => after.is_some_and(|after| spaceless(before) && spaceless(after)),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => before.script() == Script::Mongolian,
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => before.script() == Script::Han,
        _ => false,
    }
}

fn virama(character: char) -> bool {
    canonical_combining_class(character) == 9
}

fn cursive(character: char) -> bool {
    matches!(
        character.script(),
        Script::Arabic
            | Script::Syriac
            | Script::Nko
            | Script::Mongolian
            | Script::Mandaic
            | Script::Adlam
            | Script::Hanifi_Rohingya
    ) && character.is_alphabetic()
}

fn spaceless(character: char) -> bool {
    matches!(
        character.script(),
        Script::Khmer | Script::Lao | Script::Thai | Script::Myanmar | Script::Tibetan | Script::Tai_Tham
    )
}
