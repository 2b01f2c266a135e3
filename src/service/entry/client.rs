//! Who sends a request: the network block of its address, and no more of it. What a proxy says of the sender counts
//! only where the configuration trusts that proxy.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::Peer;
use crate::{
    config::{AddressBlock, Proxies},
    service::operations::ByProxy,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// A browser that was here once comes by TLS for a year.
const STRICT: &str = "max-age=31536000";

/// The address of the client: the last one that no trusted proxy has. What stands before it anybody may have written.
fn client(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut client = peer;
    let said = headers.get_all(FORWARDED_FOR).iter().rev();
    for part in said.flat_map(|value| value.to_str().unwrap_or("").rsplit(',')) {
        if !proxies.trust(client) {
            break;
        }
        // Something that is no address ends the line: what stands before it is worth nothing.
        let Some(address) = address(part) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']').and_then(|(inner, _)| inner.parse().ok()).map(plain);
    }
    text.parse().ok().or_else(|| text.rsplit_once(':').and_then(|(host, _)| host.parse().ok())).map(plain)
}

/// An IPv4 address in the clothes of IPv6 is one of IPv4.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The block of the client's address: its first 24 bits (IPv4) or 48 bits (IPv6). Enough to count attempts by; no more
/// is kept of it, and nobody is known by it (CoronaCheck's design, facts of trusted systems).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientBlock(Arc<str>);

impl ClientBlock {
    /// The block that an address lies in.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let address = plain(address);
        Self(AddressBlock::of(address, if address.is_ipv4() { 24 } else { 48 }).to_string().into())
    }

    /// Where nothing is known of the client, as in a test without a network: all of these are one.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".into())
    }

    /// The block as text, such as `203.0.113.0/24`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientBlock(…)")
    }
}

impl<S: Sync> FromRequestParts<S> for ClientBlock {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::unknown))
    }
}

/// Notes who sends a request, outermost of all; and tells a browser that came by TLS to keep to it.
pub(in crate::service) async fn know(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.clone());
    let mut secure = peer.as_ref().is_some_and(|peer| peer.secure);
    let line = peer.as_ref().map(|peer| Arc::clone(&peer.line));
    if let Some(peer) = peer {
        let address = plain(peer.address.ip());
        let by_proxy = proxies.trust(address);
        let client = client(&proxies, address, request.headers());
        if by_proxy {
            request.extensions_mut().insert(ByProxy);
            let said = request.headers().get(FORWARDED_PROTO).and_then(|proto| proto.to_str().ok());
            secure |= said.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"));
        }
        request.extensions_mut().insert(ClientBlock::of(client));
        // As if it had come without a proxy, for whoever looks at the address itself.
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.address.port())));
    }
    let busy = line.map(|line| line.request());
    let mut response = next.run(request).await;
    drop(busy);
    if secure {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(blocks: &[&str]) -> Proxies {
        Proxies::read(&blocks.iter().map(|b| (*b).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn seen(proxies: &Proxies, peer: &str, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for said in said {
            headers.append(FORWARDED_FOR, said.parse().unwrap());
        }
        client(proxies, peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn what_a_stranger_says_of_itself_does_not_count() {
        let none = proxies(&[]);
        assert_eq!(seen(&none, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let ours = proxies(&["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(seen(&ours, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen(&ours, "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        // The client wrote the first itself.
        assert_eq!(seen(&ours, "10.1.2.3", &["8.8.8.8, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen(&ours, "10.1.2.3", &["8.8.8.8", "198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(seen(&ours, "10.1.2.3", &["198.51.100.1, [fd00::5]:443"]), "198.51.100.1");
        assert_eq!(seen(&ours, "10.1.2.3", &["198.51.100.1:5555"]), "198.51.100.1");
        assert_eq!(seen(&ours, "10.1.2.3", &["8.8.8.8, nonsense, 10.2.2.2"]), "10.2.2.2");
        assert_eq!(seen(&ours, "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn blocks_keep_24_and_48_bits() {
        let block = |text: &str| ClientBlock::of(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(block("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(block("::ffff:203.0.113.77"), "203.0.113.0/24");
        assert_eq!(block("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert!(!format!("{:?}", ClientBlock::of("203.0.113.77".parse().unwrap())).contains("203"));
    }
}
