//! Marks: HMAC-SHA-256 (RFC 2104) under a secret of the installation, each for one purpose and bound to what it
//! belongs to, so that two marks can be compared and neither can be undone.

use aws_lc_rs::hmac;

use super::{Birth, Contact};
use crate::registry::people::Mark;

/// Makes marks.
#[derive(Clone)]
pub struct Marks(hmac::Key);

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marks(…)")
    }
}

impl Marks {
    /// Purpose of the secret, for [`secret`](crate::work::secret).
    pub const PURPOSE: &'static str = "people";

    /// Marks under this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A mark of several parts; where one ends and the next begins is part of it.
    fn of(&self, purpose: &str, parts: &[&[u8]]) -> Mark {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [purpose.as_bytes()].iter().chain(parts) {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut mark = [0; 32];
        for (to, from) in mark.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        mark
    }

    /// Of an identifier in its one form.
    #[must_use]
    pub fn identifier(&self, kind: &str, plain: &str) -> Mark {
        self.of("identifier", &[kind.as_bytes(), plain.as_bytes()])
    }

    /// Of a date of birth, bound to an identifier's mark.
    #[must_use]
    pub fn birth_of_identifier(&self, identifier: &Mark, birth: &str) -> Mark {
        self.of("birth of identifier", &[identifier, birth.as_bytes()])
    }

    /// Of a date of birth, bound to a person.
    #[must_use]
    pub fn birth_of_person(&self, person: &str, birth: &str) -> Mark {
        self.of("birth of person", &[person.as_bytes(), birth.as_bytes()])
    }

    /// Of everything that a date may be stored as, bound to an identifier's mark.
    #[must_use]
    pub fn births_of_identifier(&self, identifier: &Mark, birth: Birth) -> Vec<Mark> {
        birth.texts().iter().map(|text| self.birth_of_identifier(identifier, text)).collect()
    }

    /// The same, bound to a person.
    #[must_use]
    pub fn births_of_person(&self, person: &str, birth: Birth) -> Vec<Mark> {
        birth.texts().iter().map(|text| self.birth_of_person(person, text)).collect()
    }

    /// Of a telephone number or e-mail address.
    #[must_use]
    pub fn contact(&self, contact: &Contact) -> Mark {
        self.of("contact", &[contact.kind().as_bytes(), contact.address().as_bytes()])
    }

    /// Of a person, as the owner of an allowance.
    #[must_use]
    pub fn person(&self, person: &str) -> Mark {
        self.of("person", &[person.as_bytes()])
    }

    /// Of a block of addresses, as the owner of an allowance.
    #[must_use]
    pub fn block(&self, block: &str) -> Mark {
        self.of("block", &[block.as_bytes()])
    }

    /// Of a secret that the browser holds: the token of a question, of a session, of a link.
    #[must_use]
    pub fn token(&self, purpose: &str, token: &str) -> Mark {
        self.of("token", &[purpose.as_bytes(), token.as_bytes()])
    }

    /// Of a code, bound to the question that it answers.
    #[must_use]
    pub fn code(&self, request: &Mark, code: &str) -> Mark {
        self.of("code", &[request, code.as_bytes()])
    }

    /// The name by which a session knows something: another session's names mean nothing to it. 26 characters of
    /// base32 (RFC 4648), 130 bits.
    #[must_use]
    pub fn name_in_session(&self, session: &Mark, what: &str) -> String {
        base32(&self.of("name in session", &[session, what.as_bytes()]), 26)
    }
}

/// The first characters of bytes in base32 without padding (RFC 4648 section 6), in small letters.
pub(crate) fn base32(bytes: &[u8], chars: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(chars);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 && out.len() < chars {
            bits -= 5;
            let letter = usize::try_from(held >> bits & 31).ok().and_then(|at| LETTERS.get(at));
            out.extend(letter.map(|letter| char::from(*letter)));
        }
    }
    // What is left is filled up with zeros.
    if bits > 0 && out.len() < chars {
        let letter = usize::try_from(held << (5 - bits) & 31).ok().and_then(|at| LETTERS.get(at));
        out.extend(letter.map(|letter| char::from(*letter)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_thing_under_one_secret() {
        let marks = Marks::new(&[7; 32]);
        let id = marks.identifier("national-id", "X1");
        assert_eq!(id, Marks::new(&[7; 32]).identifier("national-id", "X1"));
        assert_ne!(id, Marks::new(&[8; 32]).identifier("national-id", "X1"));
        assert_ne!(id, marks.identifier("national-idX", "1"), "parts do not flow into each other");
        assert_ne!(marks.birth_of_identifier(&id, "2010"), marks.birth_of_person("X1", "2010"));
        assert_ne!(marks.code(&id, "123456"), marks.code(&marks.identifier("a", "b"), "123456"));
        let name = marks.name_in_session(&id, "URN:UVCI:01:XX:1");
        assert!(name.len() == 26 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"foobar", 10), "mzxw6ytboi");
        assert_eq!(base32(b"foobar", 4), "mzxw");
    }
}
