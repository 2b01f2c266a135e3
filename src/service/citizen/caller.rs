//! Who asks, before anybody has proved anything: a block of addresses, and what the browser holds.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};

use super::CitizenError;
use crate::{
    config::CitizenLimits,
    limits,
    registry::people::{Allowance, Mark},
    service::{House, ServiceError, body},
};

/// Somebody at the door.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The block of addresses that they come from: IPv4 /24, IPv6 /48; so many may share one that no single visitor is
    /// told from it.
    block: String,
    /// Whether cookies go over TLS alone: everywhere but on this machine itself.
    secure: bool,
}

impl FromRequestParts<House> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let proxies = house.setup.citizen.as_ref().map_or(0, |options| options.proxies);
        let address = address(peer, &parts.headers, proxies);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let here = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
        Ok(Self { block: address.map_or_else(|| "unknown".to_owned(), block), secure: !here })
    }
}

/// The address of whoever asks: the peer's, or behind `proxies` proxies what the outermost of them has written at the
/// end of `X-Forwarded-For`. What stands before that anybody can write.
fn address(peer: Option<IpAddr>, headers: &HeaderMap, proxies: u8) -> Option<IpAddr> {
    if proxies == 0 {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let all: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let told = all.len().checked_sub(usize::from(proxies)).and_then(|at| all.get(at));
    told.and_then(|text| text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))).or(peer)
}

/// The block of an address. An IPv4 address in the clothes of IPv6 is what it is.
fn block(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

/// Names of the allowances of a block.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// Questions for a code.
    Questions,
    /// Tries of codes and links.
    Tries,
    /// Cases.
    Cases,
}

impl Caller {
    /// The mark of the block.
    pub(super) fn mark(&self, marks: &crate::work::people::Marks) -> Mark {
        marks.block(&self.block)
    }

    /// What a block may do, a quarter of an hour and a day at a time.
    pub(super) fn allowances(limits: CitizenLimits, of: Of) -> [Allowance; 2] {
        let (quarter, day) = (limits.questions_per_quarter, limits.questions_per_day);
        let (names, quarter, day) = match of {
            Of::Questions => (["questions of block", "questions of block, day"], quarter, day),
            // Each question may be answered wrongly a few times.
            Of::Tries => (["tries of block", "tries of block, day"], quarter.saturating_mul(2), day.saturating_mul(2)),
            Of::Cases => (["cases of block", "cases of block, day"], quarter, day.div_ceil(4)),
        };
        let [short, long] = names;
        [Allowance::new(short, quarter, CitizenLimits::QUARTER), Allowance::new(long, day, CitizenLimits::DAY)]
    }

    /// Gives the browser a cookie that no script reads; an empty one takes it back.
    pub(super) fn set_cookie(&self, response: &mut Response, name: &str, value: &str, seconds: Option<i64>) {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = match seconds {
            Some(seconds) => format!("; Max-Age={seconds}"),
            None => String::new(),
        };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value).filter(|value| value.len() <= 128)
}

/// What a form says.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form that this site has sent.
    pub(super) async fn read(request: Request) -> Result<Self, ServiceError> {
        // Browsers say where a form comes from (Fetch Metadata); a cookie of ours does not travel with those of others.
        let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
        if matches!(site, Some("cross-site")) {
            return Err(CitizenError::OtherSite.into());
        }
        let bytes = body::read(request, "application/x-www-form-urlencoded", limits::CITIZEN_FORM_BYTES).await?;
        let fields = url::form_urlencoded::parse(&bytes).take(32);
        Ok(Self(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }

    /// The value of a field; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_outermost_proxys_word() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let of = |forwarded: &str, proxies| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            address(Some(peer), &headers, proxies).unwrap().to_string()
        };
        assert_eq!(of("192.0.2.1", 0), "10.0.0.1", "nobody believes it without a proxy");
        assert_eq!(of("203.0.113.9, 192.0.2.1", 1), "192.0.2.1");
        assert_eq!(of("203.0.113.9, 192.0.2.1, 10.1.1.1", 2), "192.0.2.1");
        assert_eq!(of("nonsense", 1), "10.0.0.1");
        assert_eq!(of("192.0.2.1", 3), "10.0.0.1");
        assert_eq!(of("192.0.2.1:4711", 1), "192.0.2.1");
    }

    #[test]
    fn blocks_are_of_24_and_48_bits() {
        for (address, expected) in [
            ("192.0.2.200", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            assert_eq!(block(address.parse().unwrap()), expected);
        }
    }
}
