//! Good certificates of invented people, one of each kind, as trees that a test changes.

use jiff::Timestamp;
use vaccert::keys::Kid;

use super::{
    cbor::{Node, map, text},
    message::Draft,
    pki::Key,
};

/// What a certificate states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `v`.
    Vaccination,
    /// `t`.
    Test,
    /// `r`.
    Recovery,
}

/// All three.
pub const KINDS: [Kind; 3] = [Kind::Vaccination, Kind::Test, Kind::Recovery];

impl Kind {
    /// Short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vaccination => "vaccination",
            Self::Test => "test",
            Self::Recovery => "recovery",
        }
    }

    /// Wire name of its group.
    pub fn group(self) -> &'static str {
        match self {
            Self::Vaccination => "v",
            Self::Test => "t",
            Self::Recovery => "r",
        }
    }
}

/// When the samples are judged.
pub const AT: &str = "2026-11-21T12:00:00Z";
/// When they were issued.
pub const ISSUED: &str = "2026-11-20T08:00:00Z";
/// When they end.
pub const EXPIRES: &str = "2027-05-20T08:00:00Z";

/// Seconds since 1970 of a time.
pub fn seconds(time: &str) -> i64 {
    time.parse::<Timestamp>().unwrap().as_second()
}

/// The entry of a kind.
pub fn entry(kind: Kind) -> Node {
    match kind {
        Kind::Vaccination => map(&[
            ("tg", text("840539006")),
            ("vp", text("1119349007")),
            ("mp", text("EU/1/20/1528")),
            ("ma", text("ORG-100030215")),
            ("dn", Node::Int(2)),
            ("sd", Node::Int(2)),
            ("dt", text("2021-06-20")),
            ("co", text("IS")),
            ("is", text("Ministry of Health")),
            ("ci", text("URN:UVCI:01:XX:6K3RZPVQ1N")),
        ]),
        Kind::Test => map(&[
            ("tg", text("840539006")),
            ("tt", text("LP6464-4")),
            ("nm", text("Sample PCR")),
            ("sc", text("2026-11-20T06:12:00Z")),
            ("tr", text("260415000")),
            ("tc", text("Harbour Clinic")),
            ("co", text("IS")),
            ("is", text("Ministry of Health")),
            ("ci", text("URN:UVCI:01:XX:T9M2KD47QA")),
        ]),
        Kind::Recovery => map(&[
            ("tg", text("840539006")),
            ("fr", text("2026-10-20")),
            ("co", text("IS")),
            ("is", text("Ministry of Health")),
            ("df", text("2026-10-31")),
            ("du", text("2027-04-18")),
            ("ci", text("URN:UVCI:01:XX:R5HW8C0BXE")),
        ]),
    }
}

/// The whole content.
pub fn content(kind: Kind) -> Node {
    map(&[
        (kind.group(), Node::Array(vec![entry(kind)])),
        ("dob", text("1984-03-19")),
        (
            "nam",
            map(&[
                ("fn", text("Örnek-Sjöberg")),
                ("gn", text("Ayşe Łucja")),
                ("fnt", text("OERNEK<SJOEBERG")),
                ("gnt", text("AYSE<LUCJA")),
            ]),
        ),
        ("ver", text("1.3.0")),
    ])
}

/// The claims around a content.
pub fn claims(content: Node) -> Vec<(Node, Node)> {
    vec![
        (Node::Int(1), text("XX")),
        (Node::Int(4), Node::Int(seconds(EXPIRES))),
        (Node::Int(6), Node::Int(seconds(ISSUED))),
        (Node::Int(-260), Node::Map(vec![(Node::Int(1), content)])),
    ]
}

/// The payload around a content.
pub fn payload(content: Node) -> Vec<u8> {
    Node::Map(claims(content)).encode()
}

/// A message around a content.
pub fn draft(key: Key, kid: &Kid, content: Node) -> Draft {
    Draft::new(key, kid, payload(content))
}
