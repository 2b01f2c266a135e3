//! Who is asking: the certificate of the connection, or what a load balancer says of it in headers, looked up among
//! the onboarded ones.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    book::{Book, Kind, Role, hex, thumbprint},
    reply::Problem,
    tls::Peer,
};
use crate::keys::Certificate;

/// How clients prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// By the certificate of their connection.
    Mutual,
    /// By the headers that a load balancer sets (plain HTTP on this machine alone).
    Headers,
}

/// A client that is onboarded.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Its country.
    pub(super) country: String,
}

/// Thumbprint and country, as they were shown.
struct Shown {
    thumbprint: String,
    country: Option<String>,
}

/// Finds out who is asking, or refuses with the gateway's codes.
pub(super) fn caller(
    door: Door,
    peer: &Peer,
    headers: &HeaderMap,
    role: Option<Role>,
    book: &Book,
    anchor: &Certificate,
) -> Result<Caller, Problem> {
    let shown = match door {
        Door::Mutual => peer.certificate.as_deref().map(of_certificate),
        Door::Headers => of_headers(headers),
    };
    let shown = shown.ok_or(Problem::new(401, "0x400", "No thumbprint or distinguish name", ""))?;
    let no_country = || Problem::new(400, "0x401", "Client Certificate must contain country property", "");
    let country = shown.country.ok_or_else(no_country)?;
    let known = book.party(Kind::Authentication, &country, &shown.thumbprint, anchor);
    let unknown = || Problem::new(401, "0x402", "Client is not authorized to access the service", "");
    let (party, _) = known.ok_or_else(unknown)?;
    if role.is_some_and(|role| !party.roles.contains(&role)) {
        return Err(Problem::new(403, "0x403", "Client is not authorized to access the endpoint", ""));
    }
    Ok(Caller { country })
}

fn of_certificate(der: &[u8]) -> Shown {
    let country = Certificate::from_der(der).ok().and_then(|certificate| certificate.country().map(str::to_owned));
    Shown { thumbprint: thumbprint(der), country }
}

fn of_headers(headers: &HeaderMap) -> Option<Shown> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let thumbprint = normalized(header("X-SSL-Client-SHA256")?)?;
    let name = percent_decoded(header("X-SSL-Client-DN")?);
    Some(Shown { thumbprint, country: part(&name, "C") })
}

/// The thumbprint as 64 hexadecimal digits: it comes as these, or as base64 of the 32 bytes, which may be
/// URL-encoded and then has a percent sign.
fn normalized(sent: &str) -> Option<String> {
    if sent.len() == 64 && sent.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Some(sent.to_owned());
    }
    let text = if sent.contains('%') { percent_decoded(sent) } else { sent.to_owned() };
    STANDARD.decode(text).ok().map(|bytes| hex(&bytes))
}

/// URL-decoding as forms have it: a plus sign is a space.
fn percent_decoded(text: &str) -> String {
    let pair = format!("x={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// A part of a distinguished name, cut at commas and equals signs as the gateway does it: a value with one of them in
/// it is dropped, and of two parts with one name the first counts.
fn part(name: &str, wanted: &str) -> Option<String> {
    name.split(',').find_map(|piece| {
        let mut halves = piece.split('=');
        match (halves.next(), halves.next(), halves.next()) {
            (Some(key), Some(value), None) if key.trim().eq_ignore_ascii_case(wanted) && !value.is_empty() => {
                Some(value.trim().to_owned())
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_as_the_gateway_cuts_it() {
        assert_eq!(part("CN=x, C=XX,O=y", "C").as_deref(), Some("XX"));
        assert_eq!(part("c=XX,C=YY", "C").as_deref(), Some("XX"));
        assert_eq!(part("O=a=b,C=XX", "O"), None);
        assert_eq!(part("CN=Ministry, of Health,C=XX", "C").as_deref(), Some("XX"));
        assert_eq!(part("O=nobody", "C"), None);
    }

    #[test]
    fn a_thumbprint_comes_in_three_spellings() {
        let bytes = [0xfb; 32];
        let digits = hex(&bytes);
        let base64 = STANDARD.encode(bytes);
        let encoded = base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert!(base64.contains('+') && encoded.contains('%'));
        for spelling in [&digits, &base64, &encoded] {
            assert_eq!(normalized(spelling).as_deref(), Some(digits.as_str()), "{spelling}");
        }
        assert_eq!(normalized("not base64!"), None);
    }

    #[test]
    fn a_name_may_be_url_encoded() {
        assert_eq!(percent_decoded("C%3DXX%2CO%3DA+B%26C"), "C=XX,O=A B&C");
        assert_eq!(percent_decoded("C=XX,O=A&B"), "C=XX,O=A&B");
    }
}
