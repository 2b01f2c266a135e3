//! Distinguished names (RFC 5280 section 4.1.2.4), for people and for rules about their attributes. Who issued what is
//! never decided by them.

use std::fmt;

use super::der;
use crate::limits::CERTIFICATE_LIST;

/// A distinguished name: attributes in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name(Vec<(String, String)>);

/// Short names of attributes (RFC 4514 section 3, RFC 5280 appendix A).
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.6", "C"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.97", "organizationIdentifier"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("0.9.2342.19200300.100.1.25", "DC"),
];

impl Name {
    pub(super) fn read(name: &[u8]) -> Option<Self> {
        let body = der::Reader::new(name).expect(der::SEQUENCE)?;
        let (mut sets, mut parts) = (der::Reader::new(body.content), Vec::new());
        while !sets.is_empty() {
            let mut pairs = der::Reader::new(sets.expect(der::SET)?.content);
            while !pairs.is_empty() {
                let mut pair = der::Reader::new(pairs.expect(der::SEQUENCE)?.content);
                let oid = der::dotted(pair.expect(der::OID)?.content)?;
                let label = ATTRIBUTES.iter().find(|(known, _)| *known == oid).map_or(oid.as_str(), |(_, label)| label);
                parts.push((label.to_owned(), text(pair.any()?)));
                if parts.len() > CERTIFICATE_LIST {
                    return None;
                }
            }
        }
        Some(Self(parts))
    }

    /// The values of an attribute by its short name (`C`, `O`, `OU`, `CN`, `L`, `ST`) or dotted identifier.
    pub fn all<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == label).map(|(_, value)| value.as_str())
    }

    /// Short names and values in their order.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(label, value)| (label.as_str(), value.as_str()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (label, value)) in self.0.iter().enumerate() {
            write!(f, "{}{label}={value}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// The text of an attribute; what no terminal should show is replaced.
pub(super) fn text(item: der::Item<'_>) -> String {
    let text = match item.tag {
        // BMPString: two octets a character.
        0x1e => {
            let units = item.content.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xfffd,
            });
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
        }
        // TeletexString, which everybody writes as Latin-1.
        0x14 => item.content.iter().map(|&byte| char::from(byte)).collect(),
        _ => String::from_utf8_lossy(item.content).into_owned(),
    };
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
