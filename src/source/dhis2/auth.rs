//! Credentials, which never print.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::error::Dhis2Error;

/// A password or token: wiped from memory when dropped, and never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text of a secret; line breaks at its end are dropped, because files have them.
    #[must_use]
    pub fn new(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How to log in to DHIS2 (facts: Basic in every version; personal access tokens from 2.37, on by default from 2.40).
#[derive(Clone)]
pub enum Auth {
    /// User name and password.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// Personal access token (`Authorization: ApiToken d2pat_…`).
    Token(Secret),
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Auth::Basic(…)",
            Self::Token(_) => "Auth::Token(…)",
        })
    }
}

impl Auth {
    /// The `Authorization` header, marked as sensitive.
    ///
    /// # Errors
    /// When user name or token hold characters that the header cannot carry.
    pub(super) fn header(&self) -> Result<HeaderValue, Dhis2Error> {
        let text = match self {
            Self::Basic { user, .. } if user.is_empty() || user.contains(':') => {
                return Err(Dhis2Error::Option { name: "user", rule: "may not be empty and may not hold a colon" });
            }
            Self::Basic { .. } => Zeroizing::new(format!("Basic {}", self.basic().as_str())),
            Self::Token(token) if token.reveal().is_empty() => {
                return Err(Dhis2Error::Option { name: "token", rule: "may not be empty" });
            }
            Self::Token(token) => Zeroizing::new(format!("ApiToken {}", token.reveal())),
        };
        let mut header = HeaderValue::from_str(&text)
            .map_err(|_| Dhis2Error::Option { name: "token", rule: "may hold only visible ASCII characters" })?;
        header.set_sensitive(true);
        Ok(header)
    }

    fn basic(&self) -> Zeroizing<String> {
        match self {
            Self::Basic { user, password } => {
                let pair = Zeroizing::new(format!("{user}:{}", password.reveal()));
                Zeroizing::new(STANDARD.encode(pair.as_bytes()))
            }
            Self::Token(_) => Zeroizing::new(String::new()),
        }
    }

    /// Takes the secrets out of a text that a server wrote: some proxies echo the request.
    pub(super) fn scrub(&self, text: &str) -> String {
        let encoded = self.basic();
        let secret = match self {
            Self::Basic { password, .. } => password.reveal(),
            Self::Token(token) => token.reveal(),
        };
        [encoded.as_str(), secret]
            .into_iter()
            .filter(|s| !s.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Auth {
        Auth::Basic { user: user.into(), password: Secret::new(password.into()) }
    }

    #[test]
    fn headers_have_the_form_that_dhis2_reads() {
        assert_eq!(basic("reader", "pässwort\n").header().unwrap(), "Basic cmVhZGVyOnDDpHNzd29ydA==");
        assert_eq!(Auth::Token(Secret::new("d2pat_abc\r\n".into())).header().unwrap(), "ApiToken d2pat_abc");
        assert!(basic("a:b", "x").header().is_err());
        assert!(basic("", "x").header().is_err());
        assert!(Auth::Token(Secret::new("d2pat\nabc".into())).header().is_err());
        assert!(Auth::Token(Secret::new(String::new())).header().is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        let auth = basic("reader", "hunter22");
        let header = auth.header().unwrap();
        let shown = format!("{auth:?} {header:?} {:?}", Secret::new("hunter22".into()));
        assert!(!shown.contains("hunter22") && !shown.contains("reader") && !shown.contains("cmVh"), "{shown}");
        let echoed = format!("bad header {} for hunter22", header.to_str().unwrap());
        assert_eq!(auth.scrub(&echoed), "bad header Basic … for …");
    }
}
