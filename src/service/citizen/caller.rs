//! Who asks, before anybody has proved anything: a block of addresses, and what the browser holds.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};

use super::CitizenError;
use crate::{
    config::CitizenLimits,
    limits,
    registry::people::{Allowance, Mark},
    service::{House, ServiceError, body, entry::ClientBlock},
};

/// Somebody at the door.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The block of addresses that they come from; so many may share one that no single visitor is told by it.
    block: ClientBlock,
    /// Whether cookies go over TLS alone: everywhere but on this machine itself.
    secure: bool,
}

impl FromRequestParts<House> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Infallible> {
        let Ok(block) = ClientBlock::from_request_parts(parts, house).await;
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let here = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
        Ok(Self { block, secure: !here })
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
        marks.block(self.block.as_str())
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
