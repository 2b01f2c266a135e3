//! CBOR written exactly as a test asks, well-formed or not.

/// One item, or bytes that stand where one should.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Major types 0 and 1, shortest form.
    Int(i64),
    /// Byte string.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// Array.
    Array(Vec<Node>),
    /// Map, in this order, duplicates and all.
    Map(Vec<(Node, Node)>),
    /// Tag.
    Tag(u64, Box<Node>),
    /// Double precision.
    Float(f64),
    /// true, false.
    Bool(bool),
    /// null.
    Null,
    /// Anything.
    Raw(Vec<u8>),
}

/// A text.
pub fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

/// A map with text keys.
pub fn map(entries: &[(&str, Node)]) -> Node {
    Node::Map(entries.iter().map(|(key, value)| (text(key), value.clone())).collect())
}

/// Initial byte and argument (RFC 8949 section 3).
pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let major = major << 5;
    match argument {
        0..24 => vec![major | argument as u8],
        24..0x100 => vec![major | 24, argument as u8],
        0x100..0x1_0000 => [&[major | 25][..], &(argument as u16).to_be_bytes()].concat(),
        0x1_0000..0x1_0000_0000 => [&[major | 26][..], &(argument as u32).to_be_bytes()].concat(),
        _ => [&[major | 27][..], &argument.to_be_bytes()].concat(),
    }
}

impl Node {
    /// Its encoding.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Int(n) if *n >= 0 => head(0, n.unsigned_abs()),
            Self::Int(n) => head(1, (-1 - n).unsigned_abs()),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.as_bytes().to_vec()].concat(),
            Self::Array(items) => {
                let mut out = head(4, items.len() as u64);
                items.iter().for_each(|item| out.extend(item.encode()));
                out
            }
            Self::Map(entries) => {
                let mut out = head(5, entries.len() as u64);
                for (key, value) in entries {
                    out.extend(key.encode());
                    out.extend(value.encode());
                }
                out
            }
            Self::Tag(tag, inner) => [head(6, *tag), inner.encode()].concat(),
            Self::Float(f) => [&[0xfb][..], &f.to_be_bytes()].concat(),
            Self::Bool(b) => vec![if *b { 0xf5 } else { 0xf4 }],
            Self::Null => vec![0xf6],
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    fn entries(&mut self) -> &mut Vec<(Node, Node)> {
        match self {
            Self::Map(entries) => entries,
            other => panic!("not a map: {other:?}"),
        }
    }

    /// The value at a path of text keys and array positions: `t.0.sc`.
    pub fn at(&mut self, path: &str) -> &mut Node {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let found = match self {
            Self::Array(items) => &mut items[first.parse::<usize>().unwrap()],
            other => other.entries().iter_mut().find(|(key, _)| *key == text(first)).map(|(_, value)| value).unwrap(),
        };
        match rest {
            None => found,
            Some(rest) => found.at(rest),
        }
    }

    /// The map that holds the last part of the path, and that part.
    fn parent<'a>(&mut self, path: &'a str) -> (&mut Vec<(Node, Node)>, &'a str) {
        match path.rsplit_once('.') {
            None => (self.entries(), path),
            Some((parent, last)) => (self.at(parent).entries(), last),
        }
    }

    /// With the value at a path replaced, or added.
    pub fn set(mut self, path: &str, value: Node) -> Self {
        let (entries, key) = self.parent(path);
        match entries.iter_mut().find(|(k, _)| *k == text(key)) {
            Some((_, slot)) => *slot = value,
            None => entries.push((text(key), value)),
        }
        self
    }

    /// Without the entry at a path.
    pub fn without(mut self, path: &str) -> Self {
        let (entries, key) = self.parent(path);
        let before = entries.len();
        entries.retain(|(k, _)| *k != text(key));
        assert_eq!(entries.len() + 1, before, "{path} was not there");
        self
    }
}
