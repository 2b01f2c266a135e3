//! A list over HTTPS: bounded, with the conditions that spare a download of what is there already, and never from
//! another host than the one that was configured.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use reqwest::{StatusCode, header, redirect};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::limits::{LIST_FETCH_SECONDS, LIST_REDIRECTS, TRUST_LIST_BYTES};

/// What the server is told of the list that is there already (RFC 9110 section 13.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// Entity tag of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified` of the last answer, as the server wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The list is the one that the conditions tell of.
    Unchanged,
    /// A list.
    List {
        /// As it came.
        bytes: Vec<u8>,
        /// For the next time.
        conditions: Conditions,
    },
}

/// Why nothing came. The last good list stays in use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is unusable.
    #[error("the address {rule}")]
    Address {
        /// What is wrong with it.
        rule: &'static str,
    },
    /// Authorities of the server that are no certificates.
    #[error("the file of the server's authorities (ca_file) has no certificates in PEM form")]
    Roots,
    /// No connection, or it broke.
    #[error("{host} cannot be reached ({problem}): check the network, the proxy and the address")]
    Unreachable {
        /// Whom.
        host: String,
        /// What went wrong, in a word or two.
        problem: String,
    },
    /// An answer that is no list.
    #[error("{host} answers {status}: check the address")]
    Status {
        /// Who.
        host: String,
        /// Status of HTTP.
        status: u16,
    },
    /// A redirect to another host.
    #[error(
        "{host} redirects to another server, or without end, which is not followed: if the list has moved, configure its new address"
    )]
    Elsewhere {
        /// Who.
        host: String,
    },
    /// More than any list has.
    #[error("{host} sends more than {TRUST_LIST_BYTES} bytes, which no trust list has")]
    TooLarge {
        /// Who.
        host: String,
    },
    /// The client of a gateway failed.
    #[error("{message}")]
    Gateway {
        /// In its words.
        message: String,
    },
}

/// A download under way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>>;

/// Whatever can fetch a list.
pub trait Download: Send + Sync {
    /// Fetches the list, unless it is still the one that the conditions tell of.
    fn fetch<'a>(&'a self, known: &'a Conditions) -> Fetching<'a>;
}

/// A list at an address.
pub struct Web {
    client: reqwest::Client,
    url: Url,
    host: String,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Web({})", self.host)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn origin(url: &Url) -> (String, Option<String>, Option<u16>) {
    (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default())
}

impl Web {
    /// Prepares the download. Nothing is asked yet. `roots` are authorities (PEM) to believe besides the system's.
    ///
    /// # Errors
    /// When the address or the authorities are unusable.
    pub fn new(address: &str, roots: Option<&[u8]>) -> Result<Self, FetchError> {
        let wrong = |rule| FetchError::Address { rule };
        let url = Url::parse(address.trim()).map_err(|_| wrong("is no complete address: write https://…"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user name or a password, which would be shown: leave it out"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" => return Err(wrong("is plain http: to another machine: write https://…")),
            _ => return Err(wrong("is neither https nor http")),
        }
        let host = url.host_str().ok_or(wrong("names no host"))?.to_owned();
        let home = origin(&url);
        let same = redirect::Policy::custom(move |attempt| {
            if origin(attempt.url()) != home || attempt.previous().len() > LIST_REDIRECTS {
                attempt.stop()
            } else {
                attempt.follow()
            }
        });
        let mut builder = reqwest::Client::builder()
            .redirect(same)
            .gzip(true)
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(30))
            .timeout(Duration::from_secs(LIST_FETCH_SECONDS))
            .user_agent(concat!("vaccert/", env!("CARGO_PKG_VERSION")));
        if is_this_machine(&url) {
            // A proxy for the outside world cannot reach this machine.
            builder = builder.no_proxy();
        }
        if let Some(pem) = roots {
            let roots = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| FetchError::Roots)?;
            if roots.is_empty() {
                return Err(FetchError::Roots);
            }
            builder = roots.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let client = builder.build().map_err(|_| wrong("cannot be asked: the system has no certificates for TLS"))?;
        Ok(Self { client, url, host })
    }

    async fn get(&self, known: &Conditions) -> Result<Fetched, FetchError> {
        let host = || self.host.clone();
        let failed =
            |error: reqwest::Error| FetchError::Unreachable { host: self.host.clone(), problem: problem(&error) };
        let mut request = self.client.get(self.url.clone());
        if let Some(etag) = &known.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(time) = &known.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, time);
        }
        let mut response = request.send().await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if *known != Conditions::default() => return Ok(Fetched::Unchanged),
            status if status.is_redirection() && response.headers().contains_key(header::LOCATION) => {
                return Err(FetchError::Elsewhere { host: host() });
            }
            status => return Err(FetchError::Status { host: host(), status: status.as_u16() }),
        }
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let conditions = Conditions { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) };
        let expected = response.content_length();
        let bound = usize::try_from(TRUST_LIST_BYTES).unwrap_or(usize::MAX);
        let too_large = |length: usize| length > bound;
        if expected.is_some_and(|length| length > TRUST_LIST_BYTES) {
            return Err(FetchError::TooLarge { host: host() });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if too_large(bytes.len().saturating_add(chunk.len())) {
                return Err(FetchError::TooLarge { host: host() });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched::List { bytes, conditions })
    }
}

impl Download for Web {
    fn fetch<'a>(&'a self, known: &'a Conditions) -> Fetching<'a> {
        Box::pin(self.get(known))
    }
}

/// What went wrong on the way, without the address.
fn problem(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    if error.is_body() || error.is_decode() {
        return "the answer broke off".to_owned();
    }
    // The innermost cause says it best: a refused connection, an unknown name, a certificate.
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let words: String = cause.to_string().chars().filter(|c| !c.is_control()).take(120).collect();
    if words.contains("://") { "no connection".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_asked() {
        for (address, words) in [
            ("tng-cdn.who.int/did.json", "no complete address"),
            ("ftp://example.org/list", "neither https nor http"),
            ("http://example.org/list", "plain http"),
            ("https://user:secret@example.org/list", "user name or a password"),
        ] {
            let error = Web::new(address, None).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("secret"), "{error}");
        }
        assert!(Web::new("https://tng-cdn.who.int/v2/trustlist/did.json", None).is_ok());
        assert!(Web::new("http://127.0.0.1:8080/list", None).is_ok());
        assert_eq!(Web::new("https://example.org/", Some(b"no certificates")).unwrap_err(), FetchError::Roots);
    }
}
