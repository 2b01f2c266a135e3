//! The unique vaccination certificate identifier (eHealth Network, "Vaccination proof guidelines", annex 2).

use std::{fmt, str::FromStr};

use super::Country;
use crate::limits::DCC_FIELD_CHARS;

/// Characters of the check character, in order (the `#` itself is not one of them).
const ALPHABET: &[u8; 38] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:";

/// Alphabet of the random part: 32 characters, 5 bits each (RFC 4648 base32).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `URN:UVCI:01:CC:OPAQUE#C`: version 01, issuing country, 130 random bits, check character.
///
/// Option 3 of the guidelines: nothing in it derives from the person, the facility or a counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uvci(String);

/// A text that is none of our identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UvciError {
    /// Longer than 80 characters, or with characters outside the alphabet.
    #[error("not a certificate identifier: use A-Z, 0-9, '/', ':' and one '#' before the check character")]
    Form,
    /// The check character does not match: the text was mistyped.
    #[error("the check character does not match: compare the identifier with the certificate again")]
    Checksum,
}

impl Uvci {
    /// Makes an identifier for `country` from 128 random bits handed in by the caller.
    #[must_use]
    pub fn from_random(country: Country, random: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(random);
        let opaque: String = (0..26u32)
            .rev()
            .map(|i| {
                let five = u8::try_from((bits >> (i * 5)) & 31).unwrap_or(0);
                char::from(BASE32.get(usize::from(five)).copied().unwrap_or(b'A'))
            })
            .collect();
        let body = format!("URN:UVCI:01:{country}:{opaque}");
        let check = check_character(&body).unwrap_or('A');
        Self(format!("{body}#{check}"))
    }

    /// The identifier as text, with its check character.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The random part alone: safe as the name of a folder, and free of personal data.
    #[must_use]
    pub fn opaque(&self) -> &str {
        // The check character may itself be ':' or '/', so it goes first.
        let body = self.0.split('#').next().unwrap_or("");
        body.rsplit(':').next().unwrap_or("")
    }
}

/// Luhn mod 38 over the whole upper-case text, `URN:UVCI:` included (facts measured against published
/// certificates of DK, TH, IS and GR). `None` when a character is outside the alphabet.
#[must_use]
pub fn check_character(body: &str) -> Option<char> {
    let mut sum = 0usize;
    let mut factor = 2usize;
    for byte in body.bytes().rev() {
        let value = ALPHABET.iter().position(|&a| a == byte.to_ascii_uppercase())?;
        let addend = value * factor;
        sum += addend / 38 + addend % 38;
        factor = 3 - factor;
    }
    ALPHABET.get((38 - sum % 38) % 38).map(|&b| char::from(b))
}

impl FromStr for Uvci {
    type Err = UvciError;

    fn from_str(text: &str) -> Result<Self, UvciError> {
        if text.len() > DCC_FIELD_CHARS {
            return Err(UvciError::Form);
        }
        let (body, check) = text.rsplit_once('#').ok_or(UvciError::Form)?;
        let expected = check_character(body).ok_or(UvciError::Form)?;
        let mut given = check.chars();
        match (given.next(), given.next()) {
            (Some(c), None) if c.to_ascii_uppercase() == expected => {
                Ok(Self(format!("{}#{expected}", body.to_ascii_uppercase())))
            }
            (Some(_), None) => Err(UvciError::Checksum),
            _ => Err(UvciError::Form),
        }
    }
}

impl fmt::Display for Uvci {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn check_characters_of_published_identifiers() {
        for (body, check) in [
            ("URN:UVCI:01:NL:187/37512422923", 'Z'),
            ("URN:UVCI:01:NL:MY/INPUT/STRING", 'H'),
            ("URN:UVCI:01:DK:C85E388966B15175A0C6E9A4E50689B2", 'G'),
            ("URN:UVCI:01:TH:10000000277913", '3'),
            ("URN:UVCI:01:IS:VERA3333", 'D'),
        ] {
            assert_eq!(check_character(body), Some(check), "{body}");
        }
    }

    #[test]
    fn the_random_part_is_found_whatever_the_check_character() {
        let checks: std::collections::BTreeSet<char> = (0..=255u8)
            .flat_map(|a| (0..8u8).map(move |b| [a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b]))
            .map(|random| {
                let id = Uvci::from_random(Country::SANDBOX, random);
                assert_eq!(id.opaque().len(), 26, "{id}");
                id.as_str().chars().last().unwrap()
            })
            .collect();
        assert!(checks.contains(&':') && checks.contains(&'/'));
    }

    proptest! {
        #[test]
        fn made_identifiers_read_back(random in any::<[u8; 16]>()) {
            let country: Country = "XX".parse().unwrap();
            let id = Uvci::from_random(country, random);
            prop_assert!(id.as_str().len() < 60);
            prop_assert_eq!(id.as_str().parse::<Uvci>().unwrap(), id.clone());
            prop_assert_eq!(id.as_str().to_lowercase().parse::<Uvci>().unwrap(), id.clone());
            prop_assert_eq!(id.opaque().len(), 26);
        }

        #[test]
        fn one_wrong_letter_is_noticed(random in any::<[u8; 16]>(), at in 0usize..26) {
            let id = Uvci::from_random("XX".parse().unwrap(), random).as_str().to_owned();
            let position = "URN:UVCI:01:XX:".len() + at;
            let mut bytes = id.into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let mistyped = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(mistyped.parse::<Uvci>(), Err(UvciError::Checksum));
        }
    }
}
