//! The real carrier: HTTPS with a client certificate (mutual TLS 1.2 or newer, rustls).
//!
//! Redirects are never followed, so that certificate and uploads go nowhere but to the configured host. The
//! gateway's certificate must come from the authorities in the given file alone, or from the system's.

use std::{error::Error as _, time::Duration};

use futures_util::future::BoxFuture;
use url::{Host, Url};

use super::{
    GatewayError,
    transport::{Answer, Method, Request, Transport, TransportError},
};

/// How to reach a gateway.
pub struct HttpOptions<'a> {
    /// Address, with a path before the endpoints where it has one.
    pub url: &'a str,
    /// Private key and certificates of this client, PEM.
    pub identity: &'a [u8],
    /// Authorities of the gateway's certificate, PEM; `None` for the system's.
    pub roots: Option<&'a [u8]>,
    /// Time to wait for a connection.
    pub connect_timeout: Duration,
    /// Time for one whole answer.
    pub timeout: Duration,
}

impl<'a> HttpOptions<'a> {
    /// Options with sane times.
    #[must_use]
    pub fn new(url: &'a str, identity: &'a [u8], roots: Option<&'a [u8]>) -> Self {
        Self { url, identity, roots, connect_timeout: Duration::from_secs(10), timeout: Duration::from_secs(120) }
    }
}

/// Nothing of the identity is shown.
impl std::fmt::Debug for HttpOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpOptions({})", self.url)
    }
}

/// Carries requests over mutual TLS.
pub struct Http {
    http: reqwest::Client,
    base: Url,
    host: String,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http({})", self.host)
    }
}

fn setting(setting: &'static str, problem: &str) -> GatewayError {
    GatewayError::Setting { setting, problem: problem.to_owned() }
}

impl Http {
    /// Prepares the carrier. Nothing is sent yet.
    ///
    /// # Errors
    /// When address, key or certificates cannot be used.
    pub fn new(options: &HttpOptions<'_>) -> Result<Self, GatewayError> {
        let base = base(options.url)?;
        let identity = reqwest::Identity::from_pem(options.identity).map_err(|_| {
            setting("gateway.tls_key", "and gateway.tls_certificate cannot be used for TLS: give a key of P-256 or RSA")
        })?;
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .https_only(true)
            .gzip(true)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .user_agent(concat!("vaccert/", env!("CARGO_PKG_VERSION")))
            .identity(identity);
        if is_this_machine(&base) {
            // A proxy for the outside world cannot reach this machine.
            builder = builder.no_proxy();
        }
        if let Some(pem) = options.roots {
            let wrong = || setting("gateway.tls_ca", "holds no certificates in PEM: give those of the authority");
            let roots = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| wrong())?;
            if roots.is_empty() {
                return Err(wrong());
            }
            builder = builder.tls_certs_only(roots);
        }
        let http = builder.build().map_err(|_| {
            setting(
                "gateway.tls_certificate",
                "cannot be used for TLS with gateway.tls_key: check that they belong together, and gateway.tls_ca",
            )
        })?;
        let port = base.port_or_known_default().unwrap_or(443);
        let host = format!("{}:{port}", base.host_str().unwrap_or_default());
        Ok(Self { http, base, host })
    }

    async fn carry(&self, request: &Request, limit: usize) -> Result<Answer, TransportError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), request.path));
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.header(reqwest::header::CONTENT_TYPE, body.content_type).body(body.text.clone());
        }
        let mut answer = builder.send().await.map_err(|error| self.fault(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let headers = headers.collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.fault(&error))? {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(TransportError::TooLarge { host: self.host.clone(), limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }

    /// Names a failure. The library's own text is not used as it is: it holds the whole address.
    fn fault(&self, error: &reqwest::Error) -> TransportError {
        let host = self.host.clone();
        let causes = || std::iter::successors(error.source(), |e: &&(dyn std::error::Error + 'static)| (*e).source());
        for text in causes().map(ToString::to_string) {
            if let Some(fault) = tls_fault(&text) {
                let detail = clean(&text);
                return match fault {
                    TlsFault::Theirs => TransportError::ServerCertificate { host, detail },
                    TlsFault::Ours => TransportError::ClientCertificate { host, detail },
                };
            }
        }
        let io =
            |wanted| causes().filter_map(|e| e.downcast_ref::<std::io::Error>()).any(|error| error.kind() == wanted);
        if error.is_timeout() {
            TransportError::Timeout { host }
        } else if error.is_connect() && io(std::io::ErrorKind::ConnectionRefused) {
            TransportError::Refused { host }
        } else if error.is_connect() && causes().any(|cause| cause.to_string().contains("dns error")) {
            TransportError::Unresolved { host }
        } else if error.is_connect() && !causes().any(|cause| cause.to_string().contains("tls")) {
            TransportError::Unreachable { host }
        } else {
            TransportError::Broken { host }
        }
    }
}

impl Transport for Http {
    fn send<'a>(&'a self, request: &'a Request, limit: usize) -> BoxFuture<'a, Result<Answer, TransportError>> {
        Box::pin(self.carry(request, limit))
    }
}

/// Whose certificate is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsFault {
    Theirs,
    Ours,
}

/// By words, since the TLS library is not ours to name.
fn tls_fault(text: &str) -> Option<TlsFault> {
    if text.contains("invalid peer certificate") {
        return Some(TlsFault::Theirs);
    }
    let alert = text.split_once("received fatal alert: ")?.1;
    let ours = [
        "BadCertificate",
        "UnsupportedCertificate",
        "CertificateRevoked",
        "CertificateExpired",
        "CertificateUnknown",
        "CertificateRequired",
        "UnknownCA",
        "AccessDenied",
        "HandshakeFailure",
        "DecryptError",
    ];
    ours.iter().any(|name| alert.starts_with(name)).then_some(TlsFault::Ours)
}

fn clean(text: &str) -> String {
    let words = text.rsplit(": ").next().unwrap_or(text);
    words.chars().filter(|c| c.is_ascii() && !c.is_control()).take(80).collect()
}

fn base(text: &str) -> Result<Url, GatewayError> {
    let wrong = |problem: &str| setting("gateway.url", problem);
    let url = Url::parse(text.trim()).map_err(|_| wrong("is no complete address: write it as https://…"))?;
    if url.scheme() != "https" {
        return Err(wrong("does not begin with https: gateways know their participants by TLS certificates alone"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a login: gateways take none, only a TLS certificate"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query: give the address of the gateway alone"));
    }
    if url.host().is_none() {
        return Err(wrong("names no host"));
    }
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_https_address_is_taken() {
        for text in ["https://tng.who.int", " https://h.example:8443/dgcg/ ", "https://127.0.0.1:1"] {
            assert!(base(text).is_ok(), "{text}");
        }
        for text in ["http://h.example", "h.example", "https://u:p@h.example", "https://h.example?x=1", ""] {
            let error = base(text).unwrap_err().to_string();
            assert!(error.starts_with("gateway.url ") && !error.contains("u:p"), "{error}");
        }
    }

    #[test]
    fn whose_certificate_is_at_fault_is_told_apart() {
        assert_eq!(tls_fault("invalid peer certificate: UnknownIssuer"), Some(TlsFault::Theirs));
        assert_eq!(tls_fault("received fatal alert: CertificateUnknown"), Some(TlsFault::Ours));
        assert_eq!(tls_fault("io: received fatal alert: UnknownCA"), Some(TlsFault::Ours));
        assert_eq!(tls_fault("received fatal alert: ProtocolVersion"), None);
        assert_eq!(tls_fault("connection closed"), None);
    }
}
