//! From what was read to codes: a text that holds one code or several, and codes that are parts of one health card,
//! put together before anything is judged: they come from one picture, from several, or as lines of a text, in any
//! order.

use crate::envelope::shc::{self, Piece, Place};

/// A card that is being put together.
struct Set {
    /// Where it stands among the codes: at the place of its first part.
    position: usize,
    slots: Vec<Option<String>>,
}

/// Why a text gives no codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Bytes that no text has.
    #[error("it is neither the text of a code nor a PNG, a JPEG or a PDF; give one of these")]
    NotText,
    /// Several lines that are not parts of one health card.
    #[error("it has more than one line, and one code is wanted")]
    ManyLines,
    /// Nothing but white space.
    #[error("it is empty; give the text of a code, a picture or a PDF")]
    Empty,
}

/// The codes of a text: its line ends may stand around a code, never inside. A zip archive (DIVOC) and a JSON text are
/// one code as they are, but for a file of health cards, which gives each of its cards. The parts of a health card
/// that was cut into several codes stand one a line.
///
/// # Errors
/// [`TextError`].
pub fn codes_in_text(bytes: &[u8]) -> Result<Vec<Vec<u8>>, TextError> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if let Some(Ok(cards)) = shc::cards(bytes) {
        return Ok(cards.into_iter().map(String::into_bytes).collect());
    }
    if bytes.starts_with(b"PK\x03\x04") || start.starts_with(b"{") {
        return Ok(vec![bytes.to_vec()]);
    }
    if bytes.contains(&0) {
        return Err(TextError::NotText);
    }
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.as_slice() {
        [] => Err(TextError::Empty),
        [code] => Ok(vec![code.as_bytes().to_vec()]),
        codes if codes.iter().all(|code| shc::numeric::has_scheme(code.trim_start_matches('\u{feff}').trim())) => {
            Ok(codes.iter().map(|code| code.as_bytes().to_vec()).collect())
        }
        _ => Err(TextError::ManyLines),
    }
}

/// The codes, each with where it came from, with the parts of a card joined to one text, each part on a line of its
/// own. What is lacking stays lacking: the verifier tells it.
#[must_use]
pub fn joined<S>(codes: Vec<(S, Vec<u8>)>) -> Vec<(S, Vec<u8>)> {
    let mut sets: Vec<Set> = Vec::new();
    let mut out: Vec<(S, Vec<u8>)> = Vec::with_capacity(codes.len());
    for (path, code) in codes {
        let Some((Place { index, total }, text)) = part(&code) else {
            out.push((path, code));
            continue;
        };
        let slot = index.saturating_sub(1);
        let holds = |set: &Set, wanted: Option<&str>| {
            set.slots.len() == total && set.slots.get(slot).is_some_and(|held| held.as_deref() == wanted)
        };
        // A scanner sees the same code twice; two cards of a family have different ones at the same place.
        if sets.iter().any(|set| holds(set, Some(&text))) {
            continue;
        }
        let open = match sets.iter().position(|set| holds(set, None)) {
            Some(open) => open,
            None => {
                sets.push(Set { position: out.len(), slots: vec![None; total] });
                out.push((path, Vec::new()));
                sets.len() - 1
            }
        };
        if let Some(held) = sets.get_mut(open).and_then(|set| set.slots.get_mut(slot)) {
            *held = Some(text);
        }
    }
    for Set { position, slots } in sets {
        if let Some((_, code)) = out.get_mut(position) {
            *code = slots.into_iter().flatten().collect::<Vec<_>>().join("\n").into_bytes();
        }
    }
    out
}

/// Which part of a card a code is; `None` for a code that stands alone.
fn part(code: &[u8]) -> Option<(Place, String)> {
    let text = std::str::from_utf8(code).ok()?.trim();
    let place = Piece::read(text).ok()?.place.filter(|place| place.total > 1)?;
    Some((place, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined_texts(codes: &[&str]) -> Vec<String> {
        let codes = codes.iter().map(|code| ("a", code.as_bytes().to_vec())).collect();
        joined(codes).into_iter().map(|(_, code)| String::from_utf8(code).unwrap()).collect()
    }

    #[test]
    fn parts_are_joined_where_their_first_one_stands() {
        let codes = ["HC1:A", "shc:/2/2/57\r\n", "HC1:B", "shc:/1/2/56", "shc:/58"];
        assert_eq!(joined_texts(&codes), ["HC1:A", "shc:/1/2/56\nshc:/2/2/57", "HC1:B", "shc:/58"]);
    }

    #[test]
    fn several_cards_do_not_mix_and_a_code_seen_twice_counts_once() {
        let codes = ["shc:/1/2/56", "shc:/1/2/56", "shc:/1/2/60", "shc:/2/2/57", "shc:/2/2/61", "shc:/1/3/56"];
        let expected = ["shc:/1/2/56\nshc:/2/2/57", "shc:/1/2/60\nshc:/2/2/61", "shc:/1/3/56"];
        assert_eq!(joined_texts(&codes), expected);
    }

    #[test]
    fn other_codes_stay_as_they_are() {
        for code in ["shc:/1/1/56", "shc:/3/2/56", "shc:/1/2/5", "shc:/1/2/", "", "{}"] {
            assert_eq!(joined_texts(&[code]), [code]);
        }
        let binary = vec![("a", vec![0xff, 0])];
        assert_eq!(joined(binary.clone()), binary);
    }

    #[test]
    fn a_text_is_one_line_and_no_other_kind_of_file() {
        let text = codes_in_text;
        assert!(matches!(text(b"\r\nHC1:ABC\r\n\r\n"), Ok(codes) if codes == [b"HC1:ABC"]));
        assert!(matches!(text(b"PK\x03\x04\x00\n\n"), Ok(codes) if codes.len() == 1 && codes[0].len() == 7));
        assert!(matches!(text(b" {\n\"a\": 1}\n"), Ok(codes) if codes.len() == 1 && codes[0].ends_with(b"}\n")));
        let cards = br#"{"verifiableCredential": ["a.b.c", "d.e.f"]}"#;
        assert!(matches!(text(cards), Ok(codes) if codes == [b"a.b.c", b"d.e.f"]));
        assert!(matches!(text(b"shc:/1/2/56\r\n\nshc:/2/2/56\n"), Ok(codes) if codes.len() == 2));
        assert_eq!(text(b"shc:/1/2/56\nHC1:ABC"), Err(TextError::ManyLines));
        assert_eq!(text(b"HC1:ABC\nHC1:ABC"), Err(TextError::ManyLines));
        assert_eq!(text(b" \n"), Err(TextError::Empty));
        assert_eq!(text(b"GIF89a\x00\x01\n\n"), Err(TextError::NotText));
    }
}
