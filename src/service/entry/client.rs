//! Who sends a request: the network block of its address, and no more of it. What a proxy says of the sender counts
//! only where the configuration trusts that proxy.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::Peer;
use crate::service::operations::ByProxy;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// A browser that was here once comes by TLS for a year.
const STRICT: &str = "max-age=31536000";

/// A block of addresses, such as `10.0.0.0/8` or `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    base: IpAddr,
    bits: u8,
}

impl Block {
    fn of(address: IpAddr, bits: u8) -> Self {
        Self { base: masked(address, bits), bits }
    }

    fn holds(self, address: IpAddr) -> bool {
        self.base.is_ipv4() == address.is_ipv4() && masked(address, self.bits) == self.base
    }
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits.into())).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits.into())).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

impl FromStr for Block {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse::<u8>().map_err(|_| ()))?;
        if bits > most || masked(address, bits) != address { Err(()) } else { Ok(Self { base: address, bits }) }
    }
}

/// Proxies whose word counts; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[Block]>);

impl Proxies {
    /// Reads blocks of addresses; the error is the first that is none, or has bits set behind its length.
    ///
    /// # Errors
    /// The text that cannot be read.
    pub fn read(blocks: &[String]) -> Result<Self, String> {
        let read = |text: &String| text.trim().parse().map_err(|()| text.clone());
        Ok(Self(blocks.iter().map(read).collect::<Result<Vec<Block>, String>>()?.into()))
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.holds(address))
    }

    /// The address of the client: the last one that no trusted proxy has. What stands before it anybody may have
    /// written.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let said = headers.get_all(FORWARDED_FOR).iter().rev();
        for part in said.flat_map(|value| value.to_str().unwrap_or("").rsplit(',')) {
            if !self.trust(client) {
                break;
            }
            // Something that is no address ends the line: what stands before it is worth nothing.
            let Some(address) = address(part) else { break };
            client = address;
        }
        client
    }
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
        let block = Block::of(address, if address.is_ipv4() { 24 } else { 48 });
        Self(format!("{}/{}", block.base, block.bits).into())
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
        let client = proxies.client(address, request.headers());
        if by_proxy {
            request.extensions_mut().insert(ByProxy);
            let said = request.headers().get(FORWARDED_PROTO).and_then(|proto| proto.to_str().ok());
            secure |= said.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"));
        }
        request.extensions_mut().insert(ClientBlock::of(client));
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

    fn client(proxies: &Proxies, peer: &str, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for said in said {
            headers.append(FORWARDED_FOR, said.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn what_a_stranger_says_of_itself_does_not_count() {
        let none = proxies(&[]);
        assert_eq!(client(&none, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let ours = proxies(&["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(client(&ours, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&ours, "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        // The client wrote the first itself.
        assert_eq!(client(&ours, "10.1.2.3", &["8.8.8.8, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&ours, "10.1.2.3", &["8.8.8.8", "198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(&ours, "10.1.2.3", &["198.51.100.1, [fd00::5]:443"]), "198.51.100.1");
        assert_eq!(client(&ours, "10.1.2.3", &["198.51.100.1:5555"]), "198.51.100.1");
        assert_eq!(client(&ours, "10.1.2.3", &["8.8.8.8, nonsense, 10.2.2.2"]), "10.2.2.2");
        assert_eq!(client(&ours, "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn blocks_keep_24_and_48_bits() {
        let block = |text: &str| ClientBlock::of(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(block("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(block("::ffff:203.0.113.77"), "203.0.113.0/24");
        assert_eq!(block("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert!(!format!("{:?}", ClientBlock::of("203.0.113.77".parse().unwrap())).contains("203"));
    }

    #[test]
    fn what_is_no_block_is_named() {
        for bad in ["10.0.0.0/33", "10.0.0.1/8", "example.org", "", "::/129", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(Proxies::read(&[bad.to_owned()]), Err(bad.to_owned()), "{bad}");
        }
        let all = proxies(&["0.0.0.0/0", "::/0", "192.0.2.1"]);
        assert!(all.trust("8.8.8.8".parse().unwrap()) && all.trust("2001:db8::1".parse().unwrap()));
    }
}
