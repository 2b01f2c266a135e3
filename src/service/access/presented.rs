//! What a request brings to say who asks, as it stands in its headers: nothing is believed here.

use axum::http::{HeaderMap, Method, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

use crate::{
    access::TokenText,
    limits::{BEARER_BYTES, LOGIN_BYTES},
    service::guard::is_this_machine,
    source::dhis2::{Auth, Secret},
};

/// The session's cookie where the way to the browser is encrypted: no other host or path can set it
/// (RFC 6265bis section 4.1.3.2).
pub(super) const COOKIE: &str = "__Host-vaccert-session";
/// The same on this machine, without encryption.
pub(super) const LOCAL_COOKIE: &str = "vaccert-session";

/// What a request brings.
pub(super) enum Presented {
    /// Nothing.
    Nothing,
    /// Something that cannot be read, or two things at once.
    Unreadable,
    /// A token of ours.
    Token(TokenText),
    /// A login of DHIS2, and the user's name where it tells one.
    Dhis2 { auth: Auth, name: Option<String>, whole: String },
    /// A session's cookie.
    Session(String),
}

impl Presented {
    /// Of a request.
    pub(super) fn of(parts: &Parts) -> Self {
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (Some(value), None) if value.len() <= BEARER_BYTES => {
                value.to_str().map_or(Self::Unreadable, authorization)
            }
            (Some(_), _) => Self::Unreadable,
            (None, _) => session_cookie(&parts.headers).map_or(Self::Nothing, Self::Session),
        }
    }
}

fn authorization(value: &str) -> Presented {
    let Some((scheme, rest)) = value.split_once(' ') else { return Presented::Unreadable };
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return TokenText::read(rest).map_or(Presented::Unreadable, Presented::Token);
    }
    if scheme.eq_ignore_ascii_case("apitoken") {
        let auth = Auth::Token(Secret::new(rest.to_owned()));
        let fits = !rest.is_empty() && rest.len() <= LOGIN_BYTES;
        let whole = value.to_owned();
        return if fits { Presented::Dhis2 { auth, name: None, whole } } else { Presented::Unreadable };
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return basic(rest).map_or(Presented::Unreadable, |(name, password)| login(&name, password));
    }
    Presented::Unreadable
}

/// A login by name and password.
pub(super) fn login(name: &str, password: String) -> Presented {
    let fits = |text: &str| !text.is_empty() && text.len() <= LOGIN_BYTES && !text.chars().any(char::is_control);
    if !fits(name) || !fits(&password) || name.contains(':') {
        return Presented::Unreadable;
    }
    let whole = format!("basic {name}:{password}");
    let auth = Auth::Basic { user: name.to_owned(), password: Secret::new(password) };
    Presented::Dhis2 { auth, name: Some(name.to_owned()), whole }
}

fn basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// The value of a cookie; of two of the same name, none.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value.to_owned()),
        _ => None,
    }
}

fn session_cookie(headers: &HeaderMap) -> Option<String> {
    let secure = cookie(headers, COOKIE);
    secure.or_else(|| if is_local(headers) { cookie(headers, LOCAL_COOKIE) } else { None })
}

/// Whether the request names this machine, where no encryption is needed on the way.
pub(super) fn is_local(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(is_this_machine)
}

/// Whether a request that changes something may do so by a cookie: browsers say where it comes from, in
/// `Sec-Fetch-Site` (Fetch Metadata) or at least in `Origin`. One that says neither is no browser's with our page.
pub(super) fn is_same_site(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    said_site(headers).unwrap_or(false)
}

/// The same for credentials that programs send too, which say nothing of where they come from.
pub(super) fn is_no_other_site(method: &Method, headers: &HeaderMap) -> bool {
    method.is_safe() || said_site(headers).unwrap_or(true)
}

fn said_site(headers: &HeaderMap) -> Option<bool> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return Some(matches!(site, "same-origin" | "none"));
    }
    let origin = text("origin")?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let same = Url::parse(origin).ok().is_some_and(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        url.host_str().is_some_and(|name| format!("{name}{port}").eq_ignore_ascii_case(host))
    });
    Some(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn presented(pairs: &[(&str, &str)]) -> Presented {
        let mut request = axum::http::Request::new(());
        *request.headers_mut() = headers(pairs);
        Presented::of(&request.into_parts().0)
    }

    #[test]
    fn each_scheme_is_read_and_nothing_else() {
        let token = TokenText::of(&[7; 32]);
        let bearer = format!("bearer {}", token.reveal());
        assert!(matches!(presented(&[("authorization", &bearer)]), Presented::Token(t) if t == token));
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert!(matches!(
            presented(&[("authorization", &basic("nurse:pässwort: x"))]),
            Presented::Dhis2 { name: Some(name), .. } if name == "nurse"
        ));
        assert!(matches!(presented(&[("authorization", "ApiToken d2pat_abc")]), Presented::Dhis2 { name: None, .. }));
        let cookie = format!("{COOKIE}=abc; other=1");
        assert!(matches!(presented(&[("cookie", &cookie)]), Presented::Session(value) if value == "abc"));
        assert!(matches!(presented(&[]), Presented::Nothing));
        for bad in [
            "Bearer",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "Basic !!!",
            &basic("nocolon"),
            &basic(":x"),
            &basic("nurse:"),
            &basic("nurse:a\nb"),
            &basic(&format!("nurse:{}", "x".repeat(LOGIN_BYTES + 1))),
            "ApiToken ",
            "Digest x",
            &format!("Bearer {}", "x".repeat(BEARER_BYTES)),
        ] {
            assert!(
                matches!(presented(&[("authorization", bad), ("cookie", &cookie)]), Presented::Unreadable),
                "{bad}"
            );
        }
        assert!(matches!(presented(&[("authorization", &bearer), ("authorization", &bearer)]), Presented::Unreadable));
    }

    #[test]
    fn the_plain_cookie_counts_on_this_machine_alone() {
        let plain = ("cookie", "vaccert-session=abc");
        assert!(matches!(presented(&[plain, ("host", "127.0.0.1:8081")]), Presented::Session(_)));
        assert!(matches!(presented(&[plain, ("host", "console.example.org")]), Presented::Nothing));
        let twice = format!("{COOKIE}=a; {COOKIE}=b");
        assert!(matches!(presented(&[("cookie", &twice)]), Presented::Nothing));
    }

    #[test]
    fn what_changes_something_must_come_from_our_own_page() {
        let post = |pairs: &[(&str, &str)]| is_same_site(&Method::POST, &headers(pairs));
        assert!(post(&[("sec-fetch-site", "same-origin")]) && post(&[("sec-fetch-site", "none")]));
        let ours = ("host", "console.example.org:8443");
        assert!(post(&[ours, ("origin", "https://console.example.org:8443")]));
        for other in [
            vec![],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![ours, ("origin", "https://console.example.org")],
            vec![ours, ("origin", "null")],
            vec![ours, ("origin", "https://evil.example")],
            vec![ours, ("origin", "https://console.example.org:8443.evil.example")],
            vec![ours, ("sec-fetch-site", "cross-site"), ("origin", "https://console.example.org:8443")],
        ] {
            assert!(!post(&other), "{other:?}");
        }
        assert!(is_same_site(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")])));
        assert!(is_no_other_site(&Method::POST, &headers(&[])));
        assert!(!is_no_other_site(&Method::POST, &headers(&[("sec-fetch-site", "cross-site")])));
    }
}
