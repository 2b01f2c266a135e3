//! One request to a gateway and its bounded answer: what the client asks of whoever carries it. The real carrier is
//! [`super::Http`]; tests script one, so that everything but TLS is tested without a network.

use std::fmt;

use futures_util::future::BoxFuture;

/// Verb of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; may be asked again.
    Get,
    /// Sends; never sent again by itself.
    Post,
    /// Takes away; may be sent again, because what is gone stays gone.
    Delete,
}

impl Method {
    /// Whether a request that got no answer may be sent again without harm.
    #[must_use]
    pub fn may_repeat(self) -> bool {
        self != Self::Post
    }
}

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// Media type.
    pub content_type: &'static str,
    /// The text itself; everything that gateways take is text.
    pub text: String,
}

/// One request. Shown by its verb and path alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Verb.
    pub method: Method,
    /// Path under the gateway's address, beginning with `/`; made of letters that need no escape.
    pub path: String,
    /// Query.
    pub query: Vec<(&'static str, String)>,
    /// Headers besides those that the carrier sets.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Option<Body>,
}

impl Request {
    /// A question.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), query: Vec::new(), headers: Vec::new(), body: None }
    }

    /// A request with a body.
    #[must_use]
    pub fn with_body(method: Method, path: impl Into<String>, content_type: &'static str, text: String) -> Self {
        let body = Some(Body { content_type, text });
        Self { method, path: path.into(), query: Vec::new(), headers: Vec::new(), body }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with a parameter.
    #[must_use]
    pub fn parameter(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?} {})", self.method, self.path)
    }
}

/// What came back. Shown by its status alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// Body, within the limit that was asked for.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first value of a header, by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Whether it says that the request was carried out.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. Neither path nor body is told, only the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nobody listens.
    #[error("{host} refuses connections: check gateway.url, and whether a firewall stands between")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No such name.
    #[error("the name {host} is not known to this network: check gateway.url and the name server")]
    Unresolved {
        /// Host and port.
        host: String,
    },
    /// No way there.
    #[error("{host} cannot be reached: check the network, and whether a firewall or proxy stands between")]
    Unreachable {
        /// Host and port.
        host: String,
    },
    /// Too slow.
    #[error("{host} did not answer in time: try again later")]
    Timeout {
        /// Host and port.
        host: String,
    },
    /// Cut off on the way. Gateways that do not know a client certificate often answer in this way too.
    #[error(
        "the connection to {host} was cut off: try again, and if that stays so, ask the operator whether the TLS \
         certificate of this country is admitted"
    )]
    Broken {
        /// Host and port.
        host: String,
    },
    /// The gateway is not known to be the gateway.
    #[error(
        "{host} shows a TLS certificate that cannot be relied on ({detail}): give the authority that the operator named \
         as gateway.tls_ca"
    )]
    ServerCertificate {
        /// Host and port.
        host: String,
        /// The TLS library's words.
        detail: String,
    },
    /// The gateway does not accept the client certificate.
    #[error(
        "{host} does not accept the TLS certificate of this country ({detail}): check with `vaccert gateway status` \
         that it is the one that was sent to the operator, for this environment, and not expired; a self-signed one \
         needs the key usage keyCertSign"
    )]
    ClientCertificate {
        /// Host and port.
        host: String,
        /// The TLS library's words.
        detail: String,
    },
    /// More than any such answer has.
    #[error("{host} answered with more than {limit} bytes: check that gateway.url is the address of a gateway")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The limit.
        limit: usize,
    },
}

impl TransportError {
    /// Whether it may pass by itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Unresolved { .. } | Self::Unreachable { .. } => true,
            Self::Timeout { .. } | Self::Broken { .. } => true,
            Self::ServerCertificate { .. } | Self::ClientCertificate { .. } | Self::TooLarge { .. } => false,
        }
    }

    /// Whether the request may have been carried out although no answer came.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Broken { .. } | Self::TooLarge { .. })
    }
}

/// Nothing of the text is shown.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({}, {} bytes)", self.content_type, self.text.len())
    }
}

/// Carries requests to one gateway.
pub trait Transport: Send + Sync {
    /// Sends a request and gives the whole answer, of which the body has at most `limit` bytes. Redirects are not
    /// followed.
    fn send<'a>(&'a self, request: &'a Request, limit: usize) -> BoxFuture<'a, Result<Answer, TransportError>>;
}
