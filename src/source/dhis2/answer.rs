//! What an answer that is not data means. Pure: status, headers and body in, a verdict out.
//!
//! Shapes: DHIS2 `WebMessage`; ownership refusals as recorded by the DHIS2 Android SDK (401 up to 2.3x,
//! 403 with E1006 later, 404 with E1005 from 2.42).

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::Deserialize;
use url::Url;

use super::{auth::Auth, error::Dhis2Error};
use crate::limits;

/// What to do after an answer or a failure.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Give up: asking again changes nothing.
    Final(Dhis2Error),
    /// Ask again after a while.
    Again(Transient),
}

/// Faults that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transient {
    /// 502, 503, 504.
    Unavailable { status: u16, retry_after: Option<u64> },
    /// 429.
    Limited { retry_after: Option<u64> },
    /// No answer in time.
    Timeout,
    /// The connection broke before the answer.
    Broken,
    /// The body broke off.
    Truncated { received: usize },
    /// No connection.
    Connect { fault: super::error::ConnectFault },
}

impl Transient {
    /// How long the server asks us to wait.
    pub(super) fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Limited { retry_after } => {
                retry_after.map(Duration::from_secs)
            }
            _ => None,
        }
    }

    /// The error that it becomes when it did not pass.
    pub(super) fn into_error(self, path: &str, host: &str, tries: u32) -> Dhis2Error {
        let path = path.to_owned();
        match self {
            Self::Unavailable { status, .. } => Dhis2Error::Unavailable { path, status, tries },
            Self::Limited { retry_after } => Dhis2Error::RateLimited { path, tries, retry_after },
            Self::Timeout => Dhis2Error::Timeout { path, tries },
            Self::Broken => Dhis2Error::Broken { path, tries },
            Self::Truncated { received } => Dhis2Error::Truncated { path, received, tries },
            Self::Connect { fault } => Dhis2Error::Connect { host: host.to_owned(), fault, tries },
        }
    }
}

/// The part of a `WebMessage` that matters.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WebMessage {
    message: Option<String>,
    error_code: Option<String>,
}

/// Judges an answer whose status is not 2xx.
pub(super) fn judge(path: &str, url: &Url, status: u16, headers: &HeaderMap, body: &[u8], auth: &Auth) -> Verdict {
    let path = path.to_owned();
    match status {
        300..=399 => return Verdict::Final(redirect(path, url, headers)),
        429 => return Verdict::Again(Transient::Limited { retry_after: retry_after(headers) }),
        502..=504 => return Verdict::Again(Transient::Unavailable { status, retry_after: retry_after(headers) }),
        _ => {}
    }
    let said: WebMessage = serde_json::from_slice(body).unwrap_or_default();
    let message = said.message.unwrap_or_default();
    let code = said.error_code.map(|c| clean(&auth.scrub(&c), 20)).filter(|c| !c.is_empty());
    let is = |wanted: &str| code.as_deref() == Some(wanted);
    Verdict::Final(if message.contains("PROGRAM_ACCESS_CLOSED") {
        Dhis2Error::ProgramClosed { path }
    } else if message.contains("OWNERSHIP_ACCESS_DENIED") || is("E1006") || (status == 404 && is("E1005")) {
        Dhis2Error::OwnershipDenied { path, status }
    } else {
        let words = || clean(&auth.scrub(&message), limits::DHIS2_MESSAGE_CHARS);
        match status {
            401 => Dhis2Error::Credentials { path },
            403 => Dhis2Error::Forbidden { path, message: words() },
            404 => Dhis2Error::NotFound { path },
            _ if looks_like_html(headers, body) => Dhis2Error::Html { path, status },
            _ => Dhis2Error::Refused { path, status, code: code.clone(), message: words() },
        }
    })
}

/// Whether a body is a web page: by its declared type, or by its first character.
pub(super) fn looks_like_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    declared.trim_start().starts_with("text/html")
        || body.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF)) == Some(&b'<')
}

fn redirect(path: String, url: &Url, headers: &HeaderMap) -> Dhis2Error {
    let target = headers.get(LOCATION).and_then(|v| v.to_str().ok()).and_then(|l| url.join(l).ok());
    match target {
        // `dhis-web-commons/security/login.action` to 2.41, `/dhis-web-login/` and `/login/` later; SSO hosts vary.
        Some(target) if is_login(&target) => Dhis2Error::LoginRedirect { path },
        Some(target) => Dhis2Error::Redirected { path, origin: clean(&target.origin().ascii_serialization(), 120) },
        None => Dhis2Error::LoginRedirect { path },
    }
}

fn is_login(target: &Url) -> bool {
    let path = target.path().to_ascii_lowercase();
    ["login", "signin", "oauth", "saml", "/auth"].iter().any(|word| path.contains(word))
}

/// `Retry-After` in seconds: a number, or a date read against the answer's own `Date` (so that no clock of
/// ours is involved). RFC 9110 section 10.2.3.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?.timestamp();
    u64::try_from(until.duration_since(now).as_secs()).ok()
}

/// Makes a server's words fit for a log line: one line, no query strings, at most `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    let mut words = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        if !words.is_empty() {
            words.push(' ');
        }
        // What follows a question mark inside a word is a query string, which may hold a person's data.
        match word.split_once('?') {
            Some((before, after)) if !after.is_empty() => words.extend([before, "?…"]),
            _ => words.push_str(word),
        }
        if words.chars().nth(most).is_some() {
            return words.chars().take(most).chain(['…']).collect();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::auth::Secret;
    use super::*;

    fn verdict(status: u16, headers: &[(&'static str, &str)], body: &str) -> Verdict {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let auth = Auth::Token(Secret::new("d2pat_secret".into()));
        let url = Url::parse("https://dhis2.example.org/hmis/api/x?program=a").unwrap();
        judge("/api/x", &url, status, &map, body.as_bytes(), &auth)
    }

    fn error(status: u16, headers: &[(&'static str, &str)], body: &str) -> Dhis2Error {
        match verdict(status, headers, body) {
            Verdict::Final(error) => error,
            Verdict::Again(transient) => panic!("{transient:?} is not final"),
        }
    }

    #[test]
    fn ownership_has_three_shapes_and_none_is_about_credentials() {
        let path = || "/api/x".to_owned();
        let old = r#"{"httpStatusCode":401,"status":"ERROR","message":"OWNERSHIP_ACCESS_DENIED"}"#;
        assert_eq!(error(401, &[], old), Dhis2Error::OwnershipDenied { path: path(), status: 401 });
        let newer = r#"{"httpStatusCode":403,"message":"OWNERSHIP_ACCESS_DENIED","errorCode":"E1006"}"#;
        assert_eq!(error(403, &[], newer), Dhis2Error::OwnershipDenied { path: path(), status: 403 });
        let newest = r#"{"message":"TrackedEntity with id PgmUFEQYZdt could not be found.","errorCode":"E1005"}"#;
        assert_eq!(error(404, &[], newest), Dhis2Error::OwnershipDenied { path: path(), status: 404 });
        let closed = r#"{"httpStatusCode":401,"message":"PROGRAM_ACCESS_CLOSED"}"#;
        assert_eq!(error(401, &[], closed), Dhis2Error::ProgramClosed { path: path() });
        assert_eq!(error(401, &[], r#"{"message":"Bad credentials"}"#), Dhis2Error::Credentials { path: path() });
        assert_eq!(error(401, &[], "<html>"), Dhis2Error::Credentials { path: path() });
        assert_eq!(error(404, &[], "<html>"), Dhis2Error::NotFound { path: path() });
    }

    #[test]
    fn a_web_message_is_passed_on_cut_and_clean() {
        let long = "x".repeat(1_000);
        let body = format!(
            r#"{{"message":"Query failed\n for https://h/api?filter=name:eq:Anna with d2pat_secret {long}","errorCode":"E7106"}}"#
        );
        let Dhis2Error::Refused { status: 409, code, message, .. } = error(409, &[], &body) else { panic!() };
        assert_eq!(code.as_deref(), Some("E7106"));
        assert!(message.starts_with("Query failed for https://h/api?… with … xxx"), "{message}");
        assert!(message.chars().count() <= limits::DHIS2_MESSAGE_CHARS + 1);
        assert!(matches!(error(500, &[("content-type", "text/html")], "oops"), Dhis2Error::Html { status: 500, .. }));
        assert!(matches!(error(403, &[], r#"{"message":"No access"}"#), Dhis2Error::Forbidden { .. }));
    }

    #[test]
    fn redirects_are_named_and_their_query_is_not_told() {
        let login = error(302, &[("location", "/hmis/dhis-web-commons/security/login.action?x=1")], "");
        assert!(matches!(login, Dhis2Error::LoginRedirect { .. }));
        let sso = error(302, &[("location", "https://sso.example.org/oauth2/authorize?state=abc")], "");
        assert!(matches!(sso, Dhis2Error::LoginRedirect { .. }));
        let moved = error(301, &[("location", "https://new.example.org/hmis?token=abc")], "").to_string();
        assert!(moved.contains("https://new.example.org") && !moved.contains("token"), "{moved}");
    }

    #[test]
    fn busy_servers_say_how_long() {
        let wait = |headers: &[(&'static str, &str)]| match verdict(429, headers, "") {
            Verdict::Again(transient) => transient.retry_after(),
            Verdict::Final(error) => panic!("{error}"),
        };
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 10:01:30 GMT"), date]), Some(Duration::from_secs(90)));
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT"), date]), None);
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[]), None);
        for status in [502, 503, 504] {
            assert!(matches!(verdict(status, &[], "<html>"), Verdict::Again(Transient::Unavailable { .. })));
        }
    }

    proptest! {
        #[test]
        fn cleaned_words_fit_on_a_log_line(text in any::<String>(), most in 1_usize..60) {
            let words = clean(&text, most);
            prop_assert!(words.chars().count() <= most + 1);
            prop_assert!(!words.chars().any(char::is_control));
        }

        #[test]
        fn any_answer_gets_a_verdict_without_our_secret(
            status in 300_u16..600, message in "[ -~]{0,40}", code in "[ -~]{0,20}", raw in any::<Vec<u8>>(),
        ) {
            let body = serde_json::json!({
                "message": format!("{message} d2pat_secret {message}"), "errorCode": format!("{code}d2pat_secret"),
            });
            for body in [body.to_string().into_bytes(), raw] {
                let auth = Auth::Token(Secret::new("d2pat_secret".into()));
                let url = Url::parse("https://dhis2.example.org/api/x").unwrap();
                let verdict = judge("/api/x", &url, status, &HeaderMap::new(), &body, &auth);
                let said = match verdict {
                    Verdict::Final(error) => format!("{error} {error:?}"),
                    Verdict::Again(fault) => fault.into_error("/api/x", "h:443", 3).to_string(),
                };
                prop_assert!(!said.contains("d2pat_secret"), "{}", said);
            }
        }
    }
}
