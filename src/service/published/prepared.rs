//! An answer that is made once and sent often: with its tag, its date and its compressed form (RFC 9110: ETag,
//! If-None-Match, Last-Modified, If-Modified-Since, Range, If-Range, Accept-Encoding).

use std::io::Write as _;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use jiff::{Timestamp, tz::Offset};

use crate::{
    keys::sha256,
    service::{ServiceError, error::Sent, typed},
};

/// Content shorter than this is not worth compressing: it fits into one packet as it is.
const WORTH_COMPRESSING: usize = 1_024;

/// How a content is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) struct Kind {
    /// Media type.
    pub(in crate::service) media: &'static str,
    /// How long caches may keep it.
    pub(in crate::service) cache: &'static str,
    /// Whether it becomes smaller when it is compressed.
    pub(in crate::service) compress: bool,
}

impl Kind {
    /// JSON that changes: clients ask again and again, and are told in a few bytes that it is the same.
    pub(in crate::service) const JSON: Self = Self { media: "application/json", cache: "no-cache", compress: true };
    /// JSON whose name holds its hash.
    pub(in crate::service) const NAMED_JSON: Self =
        Self { media: "application/json", cache: "public, max-age=31536000, immutable", compress: true };
    /// A file whose name never gets another content.
    pub(in crate::service) const LASTING: Self =
        Self { media: "application/octet-stream", cache: "public, max-age=31536000, immutable", compress: false };
}

/// An answer, ready to be sent.
#[derive(Debug, Clone)]
pub(in crate::service) struct Prepared {
    kind: Kind,
    bytes: Bytes,
    gzip: Option<Bytes>,
    tag: String,
    modified: Option<Timestamp>,
    /// Value of `X-SIGNATURE`.
    signature: Option<HeaderValue>,
}

impl Prepared {
    /// Makes it. `modified` is when its content came to be.
    pub(in crate::service) fn new(kind: Kind, bytes: impl Into<Bytes>, modified: Option<Timestamp>) -> Self {
        let bytes = bytes.into();
        let tag = sha256(&bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let gzip = if kind.compress && bytes.len() >= WORTH_COMPRESSING { compressed(&bytes) } else { None };
        // A date of HTTP has no fraction, and one in the future is none.
        let modified = modified.and_then(|at| Timestamp::from_second(at.as_second()).ok());
        Self { kind, bytes, gzip, tag, modified, signature: None }
    }

    /// The same with a signature beside it.
    pub(in crate::service) fn signed(mut self, signature: Option<&str>) -> Self {
        self.signature = signature.and_then(|text| HeaderValue::from_str(text).ok());
        self
    }

    /// Bytes that it holds.
    pub(in crate::service) fn len(&self) -> usize {
        self.bytes.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }

    /// What a request gets: the whole, compressed where the client takes that, or nothing where it has it already.
    pub(in crate::service) fn answer(&self, asked: &HeaderMap) -> Response {
        let compressed = self.gzip.as_ref().filter(|_| takes_gzip(asked));
        let response = if self.is_known(asked) {
            Sent::Nothing.with(().into_response())
        } else {
            typed(self.kind.media, compressed.unwrap_or(&self.bytes).clone())
        };
        self.dressed(response, compressed.is_some())
    }

    /// The same of a file that may be fetched in parts.
    pub(in crate::service) fn answer_part(&self, asked: &HeaderMap) -> Result<Response, ServiceError> {
        // A part of another version would not fit to what the client has: then it gets the whole.
        let fits = text(asked, &header::IF_RANGE).is_none_or(|tag| tag.trim() == self.quoted(false));
        let range = text(asked, &header::RANGE).filter(|_| fits && !self.is_known(asked));
        let response = match range.and_then(|range| part(range, self.bytes.len())) {
            None => self.answer(asked),
            Some(Err(())) => return Err(ServiceError::Range { bytes: self.bytes.len() }),
            Some(Ok((from, to))) => {
                let mut response = typed(self.kind.media, self.bytes.slice(from..to));
                let said = format!("bytes {from}-{}/{}", to.saturating_sub(1), self.bytes.len());
                if let Ok(said) = HeaderValue::from_str(&said) {
                    response.headers_mut().insert(header::CONTENT_RANGE, said);
                }
                self.dressed(Sent::Part.with(response), false)
            }
        };
        let mut response = response;
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        Ok(response)
    }

    fn dressed(&self, mut response: Response, compressed: bool) -> Response {
        let out = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.quoted(compressed)) {
            out.insert(header::ETAG, tag);
        }
        if let Some(date) = self.modified.and_then(|at| HeaderValue::from_str(&http_date(at)).ok()) {
            out.insert(header::LAST_MODIFIED, date);
        }
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.kind.cache));
        if self.gzip.is_some() {
            out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if compressed {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(signature) = &self.signature {
            out.insert(HeaderName::from_static("x-signature"), signature.clone());
        }
        response
    }

    /// The compressed form is another one, with a tag of its own (RFC 9110, 8.8.3.3).
    fn quoted(&self, compressed: bool) -> String {
        if compressed { format!("\"{}-gzip\"", self.tag) } else { format!("\"{}\"", self.tag) }
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        if let Some(tags) = text(asked, &header::IF_NONE_MATCH) {
            let both = [self.quoted(false), self.quoted(true)];
            return tags.split(',').any(|one| {
                let one = one.trim();
                one == "*" || both.iter().any(|tag| one.strip_prefix("W/").unwrap_or(one) == tag)
            });
        }
        let since = text(asked, &header::IF_MODIFIED_SINCE).and_then(since);
        self.modified.zip(since).is_some_and(|(modified, since)| modified <= since)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether gzip is among what the client takes, and not refused (`gzip;q=0`).
fn takes_gzip(asked: &HeaderMap) -> bool {
    text(asked, &header::ACCEPT_ENCODING).is_some_and(|all| {
        all.split(',').any(|one| {
            let (name, weight) = one.split_once(';').unwrap_or((one, ""));
            let refused = weight.split_once('=').is_some_and(|(_, q)| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0));
            matches!(name.trim(), "gzip" | "x-gzip") && !refused
        })
    })
}

fn compressed(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    let out = encoder.finish().ok()?;
    (out.len() < bytes.len()).then(|| out.into())
}

/// A date of HTTP (RFC 9110, 5.6.7).
fn http_date(at: Timestamp) -> String {
    Offset::UTC.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A time as HTTP has it, or in ISO 8601 as the gateway's clients write it, with an offset or without (then UTC).
pub(super) fn since(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let of_http = || jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let civil = || Offset::UTC.to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?).ok();
    text.parse().ok().or_else(of_http).or_else(civil)
}

/// The bytes of one range, from and behind the last; `None` where it is not understood, which asks for the whole;
/// `Err` where the file has no such bytes.
fn part(range: &str, size: usize) -> Option<Result<(usize, usize), ()>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<usize>().ok();
    let (from, to) = match (first.is_empty(), last.is_empty()) {
        (false, true) => (number(first)?, size),
        (false, false) => (number(first)?, number(last)?.saturating_add(1).min(size)),
        (true, false) => (size.saturating_sub(number(last)?), size),
        (true, true) => return None,
    };
    Some(if from < to { Ok((from, to)) } else { Err(()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn ranges_are_those_of_the_standard() {
        for (range, expected) in [
            ("bytes=0-", Some(Ok((0, 10)))),
            ("bytes=4-", Some(Ok((4, 10)))),
            ("bytes=0-0", Some(Ok((0, 1)))),
            ("bytes=8-99", Some(Ok((8, 10)))),
            ("bytes=-3", Some(Ok((7, 10)))),
            ("bytes=-99", Some(Ok((0, 10)))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=5-4", Some(Err(()))),
            ("bytes=-0", Some(Err(()))),
            ("bytes=-", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("bytes=a-b", None),
            ("bytes=99999999999999999999-", None),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }

    #[test]
    fn each_form_has_its_tag_and_either_is_known_again() {
        let made: Timestamp = "2026-11-22T10:00:00.7Z".parse().unwrap();
        let content = "a rule ".repeat(1_000);
        let prepared = Prepared::new(Kind::JSON, content.clone(), Some(made));
        let plain = prepared.answer(&asked(&[]));
        let small = prepared.answer(&asked(&[("accept-encoding", "br, gzip;q=0.5")]));
        assert!(plain.headers().get("content-encoding").is_none());
        assert_eq!(small.headers()["content-encoding"], "gzip");
        assert_eq!(plain.headers()["last-modified"], "Sun, 22 Nov 2026 10:00:00 GMT");
        assert_ne!(plain.headers()["etag"], small.headers()["etag"]);
        assert_eq!(plain.headers()["vary"], "Accept-Encoding");
        let not = prepared.answer(&asked(&[("accept-encoding", "gzip;q=0, identity")]));
        assert!(not.headers().get("content-encoding").is_none());
        for tag in [&plain.headers()["etag"], &small.headers()["etag"]] {
            let tag = tag.to_str().unwrap();
            for sent in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                assert_eq!(prepared.answer(&asked(&[("if-none-match", &sent)])).status(), 304, "{sent}");
            }
        }
        // A tag that is not ours counts more than a date that would be.
        let date = "Sun, 22 Nov 2026 10:00:00 GMT";
        assert_eq!(prepared.answer(&asked(&[("if-modified-since", date)])).status(), 304);
        let both = [("if-modified-since", date), ("if-none-match", "\"other\"")];
        assert_eq!(prepared.answer(&asked(&both)).status(), 200);
        let earlier = [("if-modified-since", "2026-11-22T09:59:59Z")];
        assert_eq!(prepared.answer(&asked(&earlier)).status(), 200);
        assert_eq!(prepared.answer(&asked(&[("if-modified-since", "yesterday")])).status(), 200);
    }

    #[test]
    fn times_come_in_three_forms() {
        let expected: Timestamp = "2021-06-01T00:00:00Z".parse().unwrap();
        for text in [
            "2021-06-01T00:00:00Z",
            "2021-06-01T02:00:00+02:00",
            "2021-06-01T00:00:00",
            "Tue, 01 Jun 2021 00:00:00 GMT",
        ] {
            assert_eq!(since(text), Some(expected), "{text}");
        }
        for text in ["", "soon", "2021-13-01T00:00:00Z", "1622505600"] {
            assert_eq!(since(text), None, "{text}");
        }
    }
}
