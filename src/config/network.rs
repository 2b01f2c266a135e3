//! Blocks of network addresses, as `service.trusted_proxies` names them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::Arc,
};

/// A block of addresses, such as `10.0.0.0/8` or `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressBlock {
    base: IpAddr,
    bits: u8,
}

impl AddressBlock {
    /// The block of this many bits that an address lies in.
    #[must_use]
    pub fn of(address: IpAddr, bits: u8) -> Self {
        Self { base: masked(address, bits), bits }
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
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

impl FromStr for AddressBlock {
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

impl fmt::Display for AddressBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

/// Proxies whose word counts; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[AddressBlock]>);

impl Proxies {
    /// Reads blocks of addresses; the error is the first that is none, or has bits set behind its length.
    ///
    /// # Errors
    /// The text that cannot be read.
    pub fn read(blocks: &[String]) -> Result<Self, String> {
        let read = |text: &String| text.trim().parse().map_err(|()| text.clone());
        Ok(Self(blocks.iter().map(read).collect::<Result<Vec<AddressBlock>, String>>()?.into()))
    }

    /// Whether a proxy with this address is trusted.
    #[must_use]
    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.holds(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(blocks: &[&str]) -> Proxies {
        Proxies::read(&blocks.iter().map(|b| (*b).to_owned()).collect::<Vec<_>>()).unwrap()
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
