//! The text of an API token: `vct_` and 256 random bits in base64url (RFC 4648 section 5). The prefix lets people and
//! scanners of leaked secrets tell it from other texts; nothing in it can be guessed or derived.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::keys::sha256;

/// How every token begins.
const PREFIX: &str = "vct_";
/// Characters after the prefix: 32 bytes in base64 without padding.
const CHARACTERS: usize = 43;

/// The text of a token. It is shown once, and never by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl TokenText {
    /// A token of 32 random bytes.
    #[must_use]
    pub fn of(random: &[u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Reads a text that may be a token: its form alone, not whether it is known.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let plain = rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (rest.len() == CHARACTERS && plain).then(|| Self(text.to_owned()))
    }

    /// What is stored of it, and by which it is found.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }

    /// The text itself, for the one time when it is shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_prints() {
        let token = TokenText::of(&[0xfb; 32]);
        assert_eq!(TokenText::read(token.reveal()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "TokenText(…)");
        assert_ne!(token.hash(), TokenText::of(&[0xfc; 32]).hash());
        let text = token.reveal().to_owned();
        for wrong in
            ["", "vct_", &text[4..], &text[..text.len() - 1], &format!("{text}A"), &text.replace("vct_", "VCT_")]
        {
            assert_eq!(TokenText::read(wrong), None, "{wrong}");
        }
        assert_eq!(TokenText::read(&format!("vct_{}+", &text[4..46])), None);
    }
}
