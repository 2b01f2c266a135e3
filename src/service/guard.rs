//! What every request and every answer goes through: the check of the host, and the headers that keep a
//! browser from doing more than it should.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    error::{ServiceError, dress},
    frame::{Frame, Place},
};

/// Our pages load our own styles and pictures, send forms to us, run no script and stand in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Set on every answer that does not bring its own.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Only the page that scans asks for the camera, and says so itself.
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    ),
    // Nearly everything here is about a person; what is not says so itself.
    (header::CACHE_CONTROL, "no-store"),
];

/// The names under which requests may ask for us.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Besides this machine: host names without a port, in small letters.
    named: Arc<[String]>,
    /// Any name: behind a proxy that checks names itself.
    any: bool,
}

impl Hosts {
    /// This machine alone.
    #[must_use]
    pub fn this_machine() -> Self {
        Self::default()
    }

    /// This machine and these names; an empty list stands for any name.
    #[must_use]
    pub fn named(names: &[String]) -> Self {
        Self { named: names.iter().map(|name| name.to_ascii_lowercase()).collect(), any: names.is_empty() }
    }

    /// The name in the header `Host`, without its port, if requests may ask for us under it.
    pub(super) fn name_of<'a>(&self, authority: &'a str) -> Option<&'a str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
        let name = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let name = name.map_or(authority, |(name, _)| name);
        (self.allow(authority) && !name.is_empty() && name.chars().all(plain)).then_some(name)
    }

    fn allow(&self, authority: &str) -> bool {
        let name = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let name = name.map_or(authority, |(name, _)| name);
        self.any || is_this_machine(authority) || self.named.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Lets requests for the allowed hosts through, and dresses the answers.
pub(super) async fn guard(State((hosts, place)): State<(Hosts, Place)>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let to_program = is_for_programs(path);
    let person = (!to_program).then(|| Frame::of(&request).at(place.clone()));
    request.extensions_mut().insert(place);
    let response = if is_for(&request, &hosts) { next.run(request).await } else { ServiceError::Host.into_response() };
    let mut response = dress(response, person.as_ref());
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether what is wrong at an address is told to a program (RFC 9457) and not to a person (a page).
pub(super) fn is_for_programs(path: &str) -> bool {
    ["/v1/", "/readyz", "/divoc/", "/certificate/", "/cert/", "/signercertificate"]
        .iter()
        .any(|start| path.starts_with(start))
}

/// Whether the request names an allowed host. A page on the Internet can make its own name point to
/// 127.0.0.1 and would then be of one origin with us (DNS rebinding); its requests carry its name.
fn is_for(request: &Request, allowed: &Hosts) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let target = request.uri().authority();
    host.to_str().is_ok_and(|host| allowed.allow(host)) && target.is_none_or(|target| allowed.allow(target.as_str()))
}

/// `localhost`, `127.0.0.1` or `[::1]`, with or without a port.
pub(super) fn is_this_machine(authority: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| {
        let Some((host, rest)) = authority.split_at_checked(name.len()) else { return false };
        let port = rest.strip_prefix(':').map(|port| port.parse::<u16>().is_ok());
        host.eq_ignore_ascii_case(name) && (rest.is_empty() || port == Some(true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for good in ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:65535", "[::1]:80"] {
            assert!(is_this_machine(good), "{good}");
        }
        for bad in [
            "",
            "localhost.example.org",
            "localhost:80.example.org",
            "127.0.0.1.example.org",
            "evil:8080",
            "localhost@evil",
            "127.0.0.1:",
            "127.0.0.1:99999",
            "user@localhost",
            "127.0.0.11",
            "é",
        ] {
            assert!(!is_this_machine(bad), "{bad}");
            assert!(!Hosts::this_machine().allow(bad), "{bad}");
            assert!(!Hosts::named(&["health.example.org".to_owned()]).allow(bad), "{bad}");
        }
        let named = Hosts::named(&["Health.example.org".to_owned()]);
        assert!(named.allow("health.Example.org") && named.allow("health.example.org:443") && named.allow("localhost"));
        assert!(!named.allow("health.example.org.evil") && !named.allow("health.example.org:x"));
        assert!(Hosts::named(&[]).allow("evil"));
    }
}
