//! Distinguished names, compared as RFC 5280 section 7.1 asks: by what they say, not by the string type that they
//! are written in. Authorities write one name as `PrintableString` here and as `UTF8String` there.

use super::der;

const UTF8_STRING: u8 = 0x0c;
const TELETEX_STRING: u8 = 0x14;
const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;

/// One attribute: its type, and its value ready to be compared.
type Attribute<'a> = (&'a [u8], Value<'a>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    /// Text without differences of case and white space.
    Text(String),
    /// Whatever is no text that can be read, as it is.
    Other(u8, &'a [u8]),
}

/// Whether two names (each a whole SEQUENCE) are one. Names that cannot be read are one when their octets are.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other || matches!((read(one), read(other)), (Some(one), Some(other)) if one == other)
}

/// A name in words, in the order in which it is written.
pub(super) fn in_words(name: &[u8]) -> String {
    let mut words = Vec::new();
    let Some(mut sets) = content(name, der::SEQUENCE) else { return String::new() };
    while let Some(set) = sets.any() {
        let mut pairs = der::Reader::new(set.content);
        while let Some(pair) = pairs.any() {
            let mut fields = der::Reader::new(pair.content);
            let Some((kind, value)) = fields.expect(der::OID).zip(fields.any()) else { continue };
            let Some(value) = text(value) else { continue };
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            words.push(format!("{}={value}", label(kind.content)));
        }
    }
    words.join(", ")
}

/// The usual abbreviations (RFC 4514 section 3), else the object identifier.
fn label(oid: &[u8]) -> String {
    match oid {
        [0x55, 4, 3] => "CN".into(),
        [0x55, 4, 5] => "serialNumber".into(),
        [0x55, 4, 6] => "C".into(),
        [0x55, 4, 7] => "L".into(),
        [0x55, 4, 8] => "ST".into(),
        [0x55, 4, 10] => "O".into(),
        [0x55, 4, 11] => "OU".into(),
        other => der::dotted(other).unwrap_or_else(|| "?".into()),
    }
}

fn content(bytes: &[u8], tag: u8) -> Option<der::Reader<'_>> {
    der::Reader::new(bytes).expect(tag).map(|item| der::Reader::new(item.content))
}

/// The relative names in order; within one the order says nothing.
fn read(name: &[u8]) -> Option<Vec<Vec<Attribute<'_>>>> {
    let mut sets = content(name, der::SEQUENCE)?;
    let mut all = Vec::new();
    while !sets.is_empty() {
        let mut pairs = der::Reader::new(sets.expect(der::SET)?.content);
        let mut attributes = Vec::new();
        while !pairs.is_empty() {
            let mut fields = der::Reader::new(pairs.expect(der::SEQUENCE)?.content);
            let kind = fields.expect(der::OID)?.content;
            let value = fields.any().filter(|_| fields.is_empty())?;
            attributes
                .push((kind, text(value).map_or(Value::Other(value.tag, value.content), |t| Value::Text(folded(&t)))));
        }
        attributes.sort();
        all.push(attributes);
    }
    Some(all)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn text(value: der::Item<'_>) -> Option<String> {
    match value.tag {
        // Numeric, printable and IA5 strings are ASCII.
        UTF8_STRING | 0x12 | 0x13 | 0x16 => std::str::from_utf8(value.content).ok().map(str::to_owned),
        TELETEX_STRING => Some(value.content.iter().map(|&octet| char::from(octet)).collect()),
        BMP_STRING => {
            let units = value.content.chunks(2).map(|pair| match pair {
                [high, low] => Some(u16::from_be_bytes([*high, *low])),
                _ => None,
            });
            String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
        }
        UNIVERSAL_STRING => {
            let units = value.content.chunks(4).map(|four| {
                let octets: [u8; 4] = four.try_into().ok()?;
                char::from_u32(u32::from_be_bytes(octets))
            });
            units.collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        der::write(tag, content, &mut out);
        out
    }

    fn attribute(kind: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        item(der::SEQUENCE, &[item(der::OID, &[0x55, 4, kind]), item(tag, value)].concat())
    }

    fn name(sets: &[&[Vec<u8>]]) -> Vec<u8> {
        item(der::SEQUENCE, &sets.iter().map(|set| item(der::SET, &set.concat())).collect::<Vec<_>>().concat())
    }

    #[test]
    fn the_way_of_writing_does_not_matter() {
        let country = attribute(6, 0x13, b"XA");
        let plain = name(&[std::slice::from_ref(&country), &[attribute(3, 0x13, b"National CSCA")]]);
        for same in [
            attribute(3, UTF8_STRING, b"National CSCA"),
            attribute(3, UTF8_STRING, b" national  csca "),
            attribute(3, BMP_STRING, &"National CSCA".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
            attribute(
                3,
                UNIVERSAL_STRING,
                &"National CSCA".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<_>>(),
            ),
        ] {
            assert!(is_same(&plain, &name(&[std::slice::from_ref(&country), &[same]])));
        }
        let other = [
            name(&[std::slice::from_ref(&country), &[attribute(3, 0x13, b"National CSCA 2")]]),
            name(&[std::slice::from_ref(&country), &[attribute(10, 0x13, b"National CSCA")]]),
            name(&[&[attribute(3, 0x13, b"National CSCA")], std::slice::from_ref(&country)]),
            name(&[&[country.clone(), attribute(3, 0x13, b"National CSCA")]]),
            name(&[&[country]]),
        ];
        for other in other {
            assert!(!is_same(&plain, &other));
        }
        assert_eq!(in_words(&plain), "C=XA, CN=National CSCA");
    }

    #[test]
    fn in_one_set_the_order_does_not_matter() {
        let (one, two) = (attribute(3, 0x13, b"a"), attribute(5, 0x13, b"b"));
        assert!(is_same(&name(&[&[one.clone(), two.clone()]]), &name(&[&[two, one]])));
    }

    #[test]
    fn broken_names_are_the_same_only_octet_by_octet() {
        let broken = [0x30, 3, 0x31, 1, 5];
        assert!(is_same(&broken, &broken));
        assert!(!is_same(&broken, &[0x30, 3, 0x31, 1, 6]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_compared(one in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(is_same(&one, &one));
            let _ = (in_words(&one), read(&one));
        }
    }
}
