//! The form of a row that is hashed (version 1, in the head of this folder), and the head of the log.

use std::fmt;

use crate::keys::sha256;

/// Version of the form.
pub(super) const VERSION: i64 = 1;

/// What every hashed text begins with, so that it is never mistaken for another.
const LABEL: &[u8] = b"vaccert audit 1\0";

/// The nine texts of a row, in the order of the form.
pub(super) type Texts<'a> = [Option<&'a str>; 9];

/// The newest row of the log: its number and its hash, which stands for all rows before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Head {
    /// Number; 0 while there is no row.
    pub number: u64,
    /// SHA-256 of the row.
    pub hash: [u8; 32],
}

impl Head {
    /// The head of a log without rows.
    pub const NONE: Self = Self { number: 0, hash: [0; 32] };

    /// The hash in lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a number and a hash in hexadecimal.
    #[must_use]
    pub fn read(number: u64, hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self { number, hash })
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({}, {})", self.number, self.hex())
    }
}

/// The hash of a row.
pub(super) fn hash(previous: &[u8; 32], number: u64, at: i64, texts: &Texts<'_>) -> [u8; 32] {
    let length: usize = texts.iter().flatten().map(|text| text.len() + 4).sum();
    let mut form = Vec::with_capacity(LABEL.len() + 32 + 16 + texts.len() + length);
    form.extend_from_slice(LABEL);
    form.extend_from_slice(previous);
    form.extend_from_slice(&number.to_be_bytes());
    form.extend_from_slice(&at.to_be_bytes());
    for text in texts {
        match text {
            None => form.push(0),
            Some(text) => {
                form.push(1);
                // No text of the log comes near four gigabytes; one that did would have no length and no twin.
                form.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
                form.extend_from_slice(text.as_bytes());
            }
        }
    }
    sha256(&form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_form_gives_this_hash() {
        // Written down once, by hand from the document: a change of it would make every log unreadable.
        let texts = [Some("user"), Some("amara"), Some("login"), None, None, None, Some(""), None, Some("{}")];
        let mut form = b"vaccert audit 1\0".to_vec();
        form.extend_from_slice(&[0; 32]);
        form.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        form.extend_from_slice(&[0, 0, 1, 0x8B, 0xCF, 0xE5, 0x68, 0]);
        form.extend_from_slice(
            b"\x01\0\0\0\x04user\x01\0\0\0\x05amara\x01\0\0\0\x05login\0\0\0\x01\0\0\0\0\0\x01\0\0\0\x02{}",
        );
        assert_eq!(hash(&[0; 32], 1, 1_700_000_000_000, &texts), sha256(&form));
    }

    #[test]
    fn texts_cannot_flow_into_each_other() {
        let of = |texts: Texts<'_>| hash(&[0; 32], 1, 0, &texts);
        let none: Texts<'_> = [None; 9];
        let mut seen = std::collections::HashSet::new();
        for place in 0..9 {
            for text in ["", "a", "ab", "\0"] {
                let mut texts = none;
                texts[place] = Some(text);
                assert!(seen.insert(of(texts)));
            }
        }
        let [mut one, mut two] = [none, none];
        (one[0], one[1]) = (Some("ab"), Some("c"));
        (two[0], two[1]) = (Some("a"), Some("bc"));
        assert_ne!(of(one), of(two));
    }

    #[test]
    fn heads_are_read_back() {
        let head = Head { number: 7, hash: sha256(b"x") };
        assert_eq!(Head::read(7, &head.hex()), Some(head));
        for bad in ["", "zz", &"g".repeat(64), &"é".repeat(32), &head.hex()[1..]] {
            assert_eq!(Head::read(7, bad), None, "{bad}");
        }
    }
}
