//! Who may use the API: bearer tokens (RFC 6750), of which the program knows nothing but their SHA-256, and what
//! each of them may do.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use axum::http::{HeaderMap, header};

use crate::{keys::sha256, limits::BEARER_BYTES, service::ServiceError};

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// To have certificates issued and corrected.
    Certify,
    /// To fetch certificates, and to ask whether one is revoked.
    Read,
    /// To revoke certificates.
    Revoke,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 3] = [Self::Certify, Self::Read, Self::Revoke];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certify => "certify",
            Self::Read => "read",
            Self::Revoke => "revoke",
        }
    }
}

/// A token, by its SHA-256. The token itself must be random (32 bytes from the system's generator): a hash without
/// salt protects nothing that can be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Who holds it, for the log.
    pub name: String,
    /// SHA-256 of the token's text.
    pub sha256: [u8; 32],
    /// What it allows.
    pub rights: Vec<Right>,
}

impl Token {
    /// The token of this text, with every right.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), sha256: sha256(text.as_bytes()), rights: Right::ALL.to_vec() }
    }
}

/// The tokens that are known. Without any, nobody may do anything.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Vec<Token>);

impl Tokens {
    /// These tokens.
    #[must_use]
    pub fn new(tokens: Vec<Token>) -> Self {
        Self(tokens)
    }

    /// The token that a request carries, if it allows what the request asks for.
    ///
    /// # Errors
    /// [`ServiceError::Unauthorized`] without a token that is known, [`ServiceError::Forbidden`] where it lacks the right.
    pub(super) fn admit(&self, headers: &HeaderMap, right: Right) -> Result<&Token, ServiceError> {
        let presented = sha256(bearer(headers).ok_or(ServiceError::Unauthorized)?.as_bytes());
        // Every hash is compared, and each as a whole: the time tells neither which is like it nor how far.
        let mut found = None;
        for token in &self.0 {
            if verify_slices_are_equal(&token.sha256, &presented).is_ok() {
                found = Some(token);
            }
        }
        let token = found.ok_or(ServiceError::Unauthorized)?;
        if token.rights.contains(&right) { Ok(token) } else { Err(ServiceError::Forbidden { right: right.name() }) }
    }
}

/// The text of the one bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && value.len() <= BEARER_BYTES).then_some(token)
}

/// Makes keys of the registry from registration codes. A code is often a national number, of which there are few
/// enough to try them all; without the secret nobody can tell from a key, in a report or a log, whose it is.
#[derive(Clone)]
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// With this secret, which must be random and always the same for one registry: another one makes strangers of
    /// everybody who is in it.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The key of a code: `divoc-` and 128 bits of its HMAC-SHA-256 in hexadecimal digits.
    #[must_use]
    pub fn of(&self, code: &str) -> String {
        let tag = hmac::sign(&self.0, code.as_bytes());
        let digits: String = tag.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("divoc-{digits}")
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_a_known_token_with_the_right_is_admitted() {
        let reader = Token { rights: vec![Right::Read], ..Token::of("reader", "read-token") };
        let tokens = Tokens::new(vec![Token::of("mediator", "all-token"), reader]);
        let admit = |values: &[&str], right| tokens.admit(&headers(values), right).map(|token| token.name.clone());
        for right in Right::ALL {
            assert_eq!(admit(&["Bearer all-token"], right).unwrap(), "mediator");
        }
        assert_eq!(admit(&["bearer  read-token "], Right::Read).unwrap(), "reader");
        assert!(matches!(
            admit(&["Bearer read-token"], Right::Certify),
            Err(ServiceError::Forbidden { right: "certify" })
        ));
        for wrong in [
            &[][..],
            &[""],
            &["Bearer"],
            &["Bearer "],
            &["Bearer all-toke"],
            &["Bearer all-token1"],
            &["Basic all-token"],
            &["all-token"],
            &["Bearer all-token", "Bearer all-token"],
        ] {
            assert!(matches!(admit(wrong, Right::Read), Err(ServiceError::Unauthorized)), "{wrong:?}");
        }
        let long = format!("Bearer {}", "x".repeat(BEARER_BYTES));
        assert!(matches!(admit(&[&long], Right::Read), Err(ServiceError::Unauthorized)));
        assert!(matches!(
            Tokens::default().admit(&headers(&["Bearer x"]), Right::Read),
            Err(ServiceError::Unauthorized)
        ));
    }

    #[test]
    fn a_pseudonym_depends_on_the_secret_and_tells_nothing() {
        let (one, two) = (Pseudonyms::new(&[1; 32]), Pseudonyms::new(&[2; 32]));
        assert_eq!(one.of("900112345V"), one.of("900112345V"));
        assert_ne!(one.of("900112345V"), two.of("900112345V"));
        assert_ne!(one.of("900112345V"), one.of("900112345v"));
        assert!(one.of("900112345V").len() == 38 && !one.of("900112345V").contains("9001"));
        assert_eq!(format!("{one:?}"), "Pseudonyms(…)");
    }
}
