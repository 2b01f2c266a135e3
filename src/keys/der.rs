//! A bounded reader of DER's tag-length-value items, forgiving where real certificates break DER
//! (explicit defaults, odd extensions) and strict where that would matter (lengths).
//!
//! CMS messages come in BER (X.690 section 8): the gateway's library writes indefinite lengths. A reader made
//! by [`Reader::ber`] takes those too, as deep as the bound allows.

use std::borrow::Cow;

use crate::limits::BER_DEPTH;

/// One item: its tag byte, its content and, for signatures over it, the whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// Identifier octet. Multi-byte tags do not occur in certificates.
    pub(crate) tag: u8,
    /// Content octets.
    pub(crate) content: &'a [u8],
    /// Identifier, length and content octets.
    pub(crate) whole: &'a [u8],
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;

pub(crate) const NULL: u8 = 0x05;
pub(crate) const SET: u8 = 0x31;
/// An octet string in parts, which BER allows (X.690 section 8.7.3).
const OCTET_STRING_IN_PARTS: u8 = 0x24;

/// Reads items one after another.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// How many indefinite lengths may still be nested; none in DER.
    indefinite: usize,
}

impl<'a> Reader<'a> {
    /// A reader of DER.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, indefinite: 0 }
    }

    /// A reader of BER.
    pub(crate) fn ber(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, indefinite: BER_DEPTH }
    }

    /// A reader of the content of an item, by the same rules.
    pub(crate) fn inside(&self, item: Item<'a>) -> Self {
        Self { rest: item.content, indefinite: self.indefinite.saturating_sub(1) }
    }

    /// Whether everything was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Content of an octet string, put together when it comes in parts.
    pub(crate) fn octets(&self, item: Item<'a>) -> Option<Cow<'a, [u8]>> {
        match item.tag {
            OCTET_STRING => Some(Cow::Borrowed(item.content)),
            OCTET_STRING_IN_PARTS if self.indefinite > 0 => {
                let mut parts = self.inside(item);
                let mut whole = Vec::with_capacity(item.content.len());
                while !parts.is_empty() {
                    let part = parts.any()?;
                    whole.extend_from_slice(&parts.octets(part)?);
                }
                Some(Cow::Owned(whole))
            }
            _ => None,
        }
    }

    /// Length of the content up to the end-of-contents octets.
    fn definite_length(&self, content: &'a [u8]) -> Option<usize> {
        let mut items = Self { rest: content, indefinite: self.indefinite.checked_sub(1)? };
        while !items.rest.starts_with(&[0, 0]) {
            items.any()?;
        }
        content.len().checked_sub(items.rest.len())
    }

    /// The next item of any tag.
    pub(crate) fn any(&mut self) -> Option<Item<'a>> {
        let (&tag, after_tag) = self.rest.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, after_first) = after_tag.split_first()?;
        let (length, header) = if first < 0x80 {
            (usize::from(first), 2)
        } else if first == 0x80 && tag & 0x20 != 0 {
            let length = self.definite_length(after_first)?;
            let whole = self.rest.get(..length.checked_add(4)?)?;
            let content = after_first.get(..length)?;
            self.rest = self.rest.get(whole.len()..)?;
            return Some(Item { tag, content, whole });
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return None;
            }
            let octets = after_first.get(..count)?;
            let length = octets.iter().try_fold(0usize, |n, &b| n.checked_mul(256)?.checked_add(usize::from(b)))?;
            (length, 2 + count)
        };
        let end = header.checked_add(length)?;
        let whole = self.rest.get(..end)?;
        let content = whole.get(header..)?;
        self.rest = self.rest.get(end..)?;
        Some(Item { tag, content, whole })
    }

    /// The next item, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Item<'a>> {
        let mut ahead = self.clone();
        let item = ahead.any().filter(|item| item.tag == tag)?;
        self.rest = ahead.rest;
        Some(item)
    }
}

/// Writes an item: the DER form of an ECDSA signature or of a key that came as bare numbers, and the signed
/// attributes of a CMS message under their own tag.
pub(crate) fn write(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let octets = content.len().to_be_bytes();
            let significant = octets.iter().copied().skip_while(|&octet| octet == 0);
            // At most eight, so the count of octets fits the first octet.
            out.push(0x80 | u8::try_from(significant.clone().count()).unwrap_or(8));
            out.extend(significant);
        }
    }
    out.extend_from_slice(content);
}

/// Writes a number that is not negative, without needless leading zeros.
pub(crate) fn write_unsigned(magnitude: &[u8], out: &mut Vec<u8>) {
    let significant = trimmed(magnitude);
    let mut content = Vec::with_capacity(significant.len() + 1);
    if significant.first().is_none_or(|&octet| octet >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(significant);
    write(INTEGER, &content, out);
}

/// A number without leading zeros.
pub(crate) fn trimmed(magnitude: &[u8]) -> &[u8] {
    let zeros = magnitude.iter().take_while(|&&octet| octet == 0).count();
    magnitude.get(zeros..).unwrap_or_default()
}

/// Dotted form of an object identifier's content octets.
pub(crate) fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut value = 0u64;
    for &byte in oid {
        value = value.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            arcs.push(value);
            value = 0;
        }
    }
    let (&first, rest) = arcs.split_first()?;
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in rest {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn indefinite_lengths_are_read_in_ber_alone() {
        let bytes = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 7, 0x04, 0x02, 8, 9, 0, 0, 0, 0];
        assert!(Reader::new(&bytes).any().is_none());
        let mut reader = Reader::ber(&bytes);
        let outer = reader.any().unwrap();
        assert_eq!(outer.whole.len(), bytes.len());
        assert!(reader.is_empty());
        let mut inner = reader.inside(outer);
        let string = inner.any().unwrap();
        assert_eq!(inner.octets(string).unwrap().as_ref(), [7, 8, 9]);
        assert!(inner.is_empty());
    }

    #[test]
    fn endless_nesting_ends() {
        let mut bytes = [0x30, 0x80].repeat(100_000);
        assert!(Reader::ber(&bytes).any().is_none());
        bytes.extend([0, 0].repeat(100_000));
        assert!(Reader::ber(&bytes).any().is_none());
        let deep = [0x24, 0x80].repeat(BER_DEPTH + 1);
        assert!(Reader::ber(&deep).any().is_none());
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(tag in 0u8..0x1f, content in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let mut bytes = Vec::new();
            write(tag, &content, &mut bytes);
            for mut reader in [Reader::new(&bytes), Reader::ber(&bytes)] {
                let item = reader.any().unwrap();
                prop_assert_eq!((item.tag, item.content, item.whole), (tag, content.as_slice(), bytes.as_slice()));
                prop_assert!(reader.is_empty());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::ber(&bytes);
            while let Some(item) = reader.any() {
                let _ = reader.octets(item);
            }
        }
    }
}
