//! The digits of a code: `shc:/` and two digits for each character of the JWS, the character's ordinal less 45
//! ("Encoding QRs"). A long card was once cut into several codes, `shc:/2/3/…`; that is deprecated since 1.3.0 and
//! read all the same.

use crate::limits::{SHC_CHUNKS, SHC_JWS_BYTES};

/// The scheme, registered with IANA.
pub const SCHEME: &str = "shc:";

/// Ordinal of `-`, the lowest character of a compact JWS.
const LOWEST: u8 = 45;

/// Why the text of a code is no part of a health card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumericError {
    /// `shc:` without the slash.
    #[error("\"shc:\" is not followed by \"/\"; scan the code again")]
    Prefix,
    /// Longer than any card.
    #[error("the code has {digits} digits; no card has more than {}", 2 * SHC_JWS_BYTES)]
    TooLong {
        /// How many there are.
        digits: usize,
    },
    /// Nothing after the prefix.
    #[error("the code holds no digits; scan it again")]
    Empty,
    /// Something else than a digit.
    #[error("position {at} of the code is no digit; scan it again")]
    NoDigit {
        /// Where, in bytes from 0 after the prefix.
        at: usize,
    },
    /// Half a character.
    #[error("the code has {digits} digits, an odd number; two make a character, so one is lost: scan it again")]
    Odd {
        /// How many there are.
        digits: usize,
    },
    /// A pair that stands for no character of a JWS.
    #[error("the digits {pair:02} at position {at} stand for no character of a signed card")]
    Pair {
        /// The number.
        pair: u8,
        /// Where, in digits from 0.
        at: usize,
    },
    /// `shc:/a/b/` with numbers that count nothing.
    #[error(
        "the code says that it is one of several, and not with two numbers from 1 to {SHC_CHUNKS}, the first at most the second"
    )]
    Number,
}

/// Which part of a card a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Which one, from 1 to [`Place::total`].
    pub index: usize,
    /// How many there are.
    pub total: usize,
}

/// What one code holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which part it is; `None` for a whole card.
    pub place: Option<Place>,
    /// Characters of the JWS.
    pub text: String,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Piece").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Whether a text begins with the scheme, in either case.
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    text.get(..SCHEME.len()).is_some_and(|head| head.eq_ignore_ascii_case(SCHEME))
}

impl Piece {
    /// Reads the text of one code, without anything around it.
    ///
    /// # Errors
    /// [`NumericError`] says what is wrong with it and where.
    pub fn read(text: &str) -> Result<Self, NumericError> {
        let body = text.get(SCHEME.len()..).filter(|_| has_scheme(text)).and_then(|rest| rest.strip_prefix('/'));
        let body = body.ok_or(NumericError::Prefix)?;
        let mut parts = body.splitn(3, '/');
        let (place, digits) = match (parts.next(), parts.next(), parts.next()) {
            (Some(digits), None, None) => (None, digits),
            (Some(index), Some(total), Some(digits)) => (Some(place(index, total)?), digits),
            _ => return Err(NumericError::Number),
        };
        Ok(Self { place, text: characters(digits)? })
    }
}

fn place(index: &str, total: &str) -> Result<Place, NumericError> {
    let number = |text: &str| {
        let plain = text.len() <= 2 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or(NumericError::Number)
    };
    let (index, total) = (number(index)?, number(total)?);
    if index <= total && total <= SHC_CHUNKS { Ok(Place { index, total }) } else { Err(NumericError::Number) }
}

fn characters(digits: &str) -> Result<String, NumericError> {
    if digits.is_empty() {
        return Err(NumericError::Empty);
    }
    if digits.len() > 2 * SHC_JWS_BYTES {
        return Err(NumericError::TooLong { digits: digits.len() });
    }
    if let Some(at) = digits.bytes().position(|byte| !byte.is_ascii_digit()) {
        return Err(NumericError::NoDigit { at });
    }
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NumericError::Odd { digits: digits.len() });
    }
    let mut text = String::with_capacity(pairs.len());
    for (position, [tens, ones]) in pairs.iter().enumerate() {
        let pair = (tens - b'0') * 10 + (ones - b'0');
        let character = char::from(LOWEST + pair);
        if !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')) {
            return Err(NumericError::Pair { pair, at: position * 2 });
        }
        text.push(character);
    }
    Ok(text)
}

/// Digits of characters of a JWS; `None` when there is another character among them.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    text.bytes()
        .map(|byte| byte.checked_sub(LOWEST).filter(|pair| *pair < 78).map(|pair| format!("{pair:02}")))
        .collect()
}

/// Why codes do not make one card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// A code that is a whole card, or a card numbered 1 of 1.
    #[error("code {position} is a whole card and no part of another")]
    Whole {
        /// Which one of those given, from 1.
        position: usize,
    },
    /// Codes of different cards.
    #[error("the codes say that their card has {first} and {other} parts; they are of different cards")]
    Totals {
        /// What the first one says.
        first: usize,
        /// What another one says.
        other: usize,
    },
    /// Two codes for one place.
    #[error("two different codes both say that they are part {index}; they are of different cards")]
    Twice {
        /// The place, from 1.
        index: usize,
    },
    /// A part is not there.
    #[error("part {index} of {total} is missing; scan it too")]
    Missing {
        /// The first one missing, from 1.
        index: usize,
        /// How many there are.
        total: usize,
    },
    /// Together longer than any card.
    #[error("the codes have {characters} characters together; no card has more than {SHC_JWS_BYTES}")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
}

/// Joins the codes of one card, given in any order, to its JWS. The same code twice counts once: a scanner may
/// see it twice.
///
/// # Errors
/// [`ChunkError`] says why they make no card, or what is missing.
pub fn join(pieces: &[Piece]) -> Result<String, ChunkError> {
    let mut total = None;
    let mut slots: Vec<Option<&str>> = Vec::new();
    for (position, piece) in pieces.iter().enumerate() {
        let place = piece.place.ok_or(ChunkError::Whole { position: position + 1 })?;
        let first = *total.get_or_insert(place.total);
        if place.total != first {
            return Err(ChunkError::Totals { first, other: place.total });
        }
        slots.resize(first.min(SHC_CHUNKS), None);
        let slot = place.index.checked_sub(1).and_then(|index| slots.get_mut(index));
        let slot = slot.ok_or(ChunkError::Missing { index: place.index, total: first })?;
        if slot.is_some_and(|known| known != piece.text) {
            return Err(ChunkError::Twice { index: place.index });
        }
        *slot = Some(&piece.text);
    }
    if let Some(index) = slots.iter().position(Option::is_none) {
        return Err(ChunkError::Missing { index: index + 1, total: slots.len() });
    }
    let text: String = slots.into_iter().flatten().collect();
    match text.len() {
        0 => Err(ChunkError::Missing { index: 1, total: 1 }),
        characters if characters > SHC_JWS_BYTES => Err(ChunkError::TooLong { characters }),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(index: usize, total: usize, text: &str) -> Piece {
        Piece { place: Some(Place { index, total }), text: text.into() }
    }

    #[test]
    fn the_example_of_the_specification() {
        // 'X' is 43.
        assert_eq!(Piece::read("shc:/43").unwrap(), Piece { place: None, text: "X".into() });
        assert_eq!(Piece::read("SHC:/2/3/4300").unwrap(), piece(2, 3, "X-"));
    }

    #[test]
    fn rubbish_is_refused_by_name() {
        for (text, expected) in [
            ("shc:567629", NumericError::Prefix),
            ("shc:", NumericError::Prefix),
            ("sch:/56", NumericError::Prefix),
            ("shc:/", NumericError::Empty),
            ("shc:/1/2/", NumericError::Empty),
            ("shc:/567", NumericError::Odd { digits: 3 }),
            ("shc:/5 67", NumericError::NoDigit { at: 1 }),
            ("shc:/56x", NumericError::NoDigit { at: 2 }),
            ("shc:/56\u{0665}", NumericError::NoDigit { at: 2 }),
            ("shc:/5678", NumericError::Pair { pair: 78, at: 2 }),
            ("shc:/5602", NumericError::Pair { pair: 2, at: 2 }),
            ("shc:/3/2/56", NumericError::Number),
            ("shc:/0/2/56", NumericError::Number),
            ("shc:/01/2/56", NumericError::Number),
            ("shc:/+1/2/56", NumericError::Number),
            ("shc:/1/99/56", NumericError::Number),
            ("shc:/1/56", NumericError::Number),
            ("shc:/1/2/3/56", NumericError::NoDigit { at: 1 }),
        ] {
            assert_eq!(Piece::read(text), Err(expected), "{text}");
        }
        let long = format!("shc:/{}", "00".repeat(SHC_JWS_BYTES + 1));
        assert!(matches!(Piece::read(&long), Err(NumericError::TooLong { .. })));
    }

    #[test]
    fn codes_of_one_card_are_joined_and_others_told_apart() {
        let all = [piece(2, 3, "b"), piece(3, 3, "c"), piece(1, 3, "a"), piece(2, 3, "b")];
        assert_eq!(join(&all).unwrap(), "abc");
        assert_eq!(join(&all[..2]), Err(ChunkError::Missing { index: 1, total: 3 }));
        assert_eq!(join(&[]), Err(ChunkError::Missing { index: 1, total: 1 }));
        assert_eq!(join(&[piece(1, 2, "a"), piece(1, 2, "b")]), Err(ChunkError::Twice { index: 1 }));
        assert_eq!(join(&[piece(1, 2, "a"), piece(2, 3, "b")]), Err(ChunkError::Totals { first: 2, other: 3 }));
        let whole = Piece { place: None, text: "a".into() };
        assert_eq!(join(&[piece(1, 2, "a"), whole]), Err(ChunkError::Whole { position: 2 }));
        let long = "a".repeat(SHC_JWS_BYTES);
        assert!(matches!(join(&[piece(1, 2, &long), piece(2, 2, "b")]), Err(ChunkError::TooLong { .. })));
        // Numbers that no reading gives do no harm.
        assert!(join(&[piece(0, 2, "a")]).is_err());
        assert!(join(&[piece(9, usize::MAX, "a")]).is_err());
    }

    proptest! {
        #[test]
        fn any_jws_survives_the_digits(text in "[A-Za-z0-9_.-]{1,200}", cuts in 1usize..10, turn in any::<usize>()) {
            let code = format!("shc:/{}", digits(&text).unwrap());
            prop_assert_eq!(Piece::read(&code).unwrap().text, text.clone());
            let size = text.len().div_ceil(cuts);
            let parts: Vec<&str> = text.as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap()).collect();
            let mut pieces: Vec<Piece> = parts.iter().enumerate().map(|(n, part)| {
                Piece::read(&format!("shc:/{}/{}/{}", n + 1, parts.len(), digits(part).unwrap())).unwrap()
            }).collect();
            let shift = turn % pieces.len();
            pieces.rotate_left(shift);
            prop_assert_eq!(join(&pieces).unwrap(), text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}", tail in "[0-9/]{0,40}") {
            let _ = Piece::read(&text);
            if let Ok(piece) = Piece::read(&format!("shc:/{tail}")) {
                prop_assert!(piece.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
            }
        }
    }
}
