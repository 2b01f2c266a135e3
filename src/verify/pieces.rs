//! Codes that are parts of one health card, put together before anything is judged: they come from one picture,
//! from several, or as lines of a text, in any order.

use crate::envelope::shc::{Piece, Place};

/// A card that is being put together.
struct Set {
    /// Where it stands among the codes: at the place of its first part.
    position: usize,
    slots: Vec<Option<String>>,
}

/// The codes, with the parts of a card joined to one text, each part on a line of its own. What is lacking stays
/// lacking: the verifier tells it.
///
/// Each code comes with whatever its shell knows it by; a joined card keeps that of its first part.
#[must_use]
pub fn joined<T>(codes: Vec<(T, Vec<u8>)>) -> Vec<(T, Vec<u8>)> {
    let mut sets: Vec<Set> = Vec::new();
    let mut out: Vec<(T, Vec<u8>)> = Vec::with_capacity(codes.len());
    for (origin, code) in codes {
        let Some((Place { index, total }, text)) = part(&code) else {
            out.push((origin, code));
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
                out.push((origin, Vec::new()));
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
        let codes = codes.iter().map(|code| ((), code.as_bytes().to_vec())).collect();
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
        let binary = vec![((), vec![0xff, 0])];
        assert_eq!(joined(binary.clone()), binary);
    }
}
