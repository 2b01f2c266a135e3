//! A bounded reader of DER's tag-length-value items, forgiving where real certificates break DER
//! (explicit defaults, odd extensions) and strict where that would matter (lengths).

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

/// Reads items one after another.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next item of any tag.
    pub(crate) fn any(&mut self) -> Option<Item<'a>> {
        let (&tag, after_tag) = self.rest.split_first()?;
        let (&first, after_first) = after_tag.split_first()?;
        let (length, header) = if first < 0x80 {
            (usize::from(first), 2)
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

/// Writes an item: used to turn `r‖s` into the DER form of an ECDSA signature.
pub(crate) fn write(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        Ok(one) => out.extend([0x81, one]),
        Err(_) => {
            let [.., high, low] = content.len().to_be_bytes();
            out.extend([0x82, high, low]);
        }
    }
    out.extend_from_slice(content);
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
