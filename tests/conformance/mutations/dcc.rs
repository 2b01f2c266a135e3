//! The content: every member missing, null or of another type; dates, doses, codes, groups.

use super::{Bench, Expected, accepted, rejected};
use crate::workshop::{
    cbor::{Node, map, text},
    sample::{self, KINDS, Kind},
};

/// Text members of an entry that the schema demands.
const fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Vaccination => &["tg", "vp", "mp", "ma", "dt", "co", "is", "ci"],
        Kind::Test => &["tg", "tt", "sc", "tr", "co", "is", "ci"],
        Kind::Recovery => &["tg", "fr", "co", "is", "df", "du", "ci"],
    }
}

/// The rows.
pub fn fill(bench: &mut Bench) {
    for kind in KINDS {
        members(bench, kind);
        groups(bench, kind);
    }
    people(bench);
    dates(bench);
    doses(bench);
    codes(bench);
}

fn row(bench: &mut Bench, name: impl Into<String>, content: Node, expected: Expected) {
    let text = bench.around(content).text();
    bench.row(name, text, expected);
}

/// The sample of a kind with one member set; the path is relative to its entry.
fn entry(kind: Kind, member: &str, value: Node) -> Node {
    sample::content(kind).set(&format!("{}.0.{member}", kind.group()), value)
}

fn members(bench: &mut Bench, kind: Kind) {
    let (name, group) = (kind.name(), kind.group());
    let invalid = || rejected("content-invalid");
    for member in required(kind) {
        let path = format!("{group}.0.{member}");
        row(bench, format!("{name} without {member}"), sample::content(kind).without(&path), invalid());
        row(bench, format!("{name}, {member} null"), entry(kind, member, Node::Null), invalid());
        row(bench, format!("{name}, {member} a number"), entry(kind, member, Node::Int(2_021)), invalid());
        row(bench, format!("{name}, {member} bytes"), entry(kind, member, Node::Bytes(b"x".to_vec())), invalid());
        row(bench, format!("{name}, {member} a list"), entry(kind, member, Node::Array(vec![text("x")])), invalid());
    }
    for member in ["ver", "dob", "nam"] {
        row(bench, format!("{name} without {member}"), sample::content(kind).without(member), invalid());
        row(bench, format!("{name}, {member} null"), sample::content(kind).set(member, Node::Null), invalid());
        row(bench, format!("{name}, {member} a number"), sample::content(kind).set(member, Node::Int(1)), invalid());
        let list = Node::Array(vec![text("1.3.0")]);
        row(bench, format!("{name}, {member} a list"), sample::content(kind).set(member, list), invalid());
    }
    for (how, member) in [("in capitals", "CI"), ("with a blank", "ci ")] {
        let Node::Text(id) = sample::content(kind).at(&format!("{group}.0.ci")).clone() else { panic!("a text") };
        let content = entry(kind, member, text(&id)).without(&format!("{group}.0.ci"));
        row(bench, format!("{name}, the name of ci {how}"), content, invalid());
    }
}

fn groups(bench: &mut Bench, kind: Kind) {
    let (name, group) = (kind.name(), kind.group());
    let one = sample::entry(kind);
    let other = if kind == Kind::Test { Kind::Recovery } else { Kind::Test };
    let with = |value: Node| sample::content(kind).set(group, value);
    let several = || rejected("several-events");
    let invalid = || rejected("content-invalid");
    row(bench, format!("{name}: no group"), sample::content(kind).without(group), invalid());
    row(bench, format!("{name}: the group is null"), with(Node::Null), invalid());
    row(bench, format!("{name}: the group is empty"), with(Node::Array(vec![])), invalid());
    row(bench, format!("{name}: the group is one entry"), with(one.clone()), invalid());
    row(bench, format!("{name}: the group is a text"), with(text("x")), invalid());
    row(bench, format!("{name}: the entry is null"), with(Node::Array(vec![Node::Null])), invalid());
    row(bench, format!("{name}: the entry is a text"), with(Node::Array(vec![text("x")])), invalid());
    row(bench, format!("{name}: the entry is empty"), with(Node::Array(vec![Node::Map(vec![])])), invalid());
    row(bench, format!("{name}: two entries"), with(Node::Array(vec![one.clone(), one.clone()])), several());
    let nothing = with(Node::Array(vec![one.clone(), Node::Null]));
    row(bench, format!("{name}: an entry and null"), nothing, several());
    let many = with(Node::Array(vec![one; 20]));
    row(bench, format!("{name}: twenty entries"), many, several());
    let second = sample::content(kind).set(other.group(), Node::Array(vec![sample::entry(other)]));
    row(bench, format!("{name}: two groups"), second, several());
    let null = sample::content(kind).set(other.group(), Node::Null);
    row(bench, format!("{name}: another group is null"), null, accepted(&[]));
}

fn people(bench: &mut Bench) {
    let with = |member: &str, value: Node| sample::content(Kind::Vaccination).set(&format!("nam.{member}"), value);
    let long = "Å".repeat(81);
    let rows = [
        ("no name at all", sample::content(Kind::Vaccination).set("nam", map(&[])), rejected("content-invalid")),
        ("the name is a text", sample::content(Kind::Vaccination).set("nam", text("X")), rejected("content-invalid")),
        ("fn is a number", with("fn", Node::Int(1)), rejected("content-invalid")),
        ("fnt is bytes", with("fnt", Node::Bytes(b"X".to_vec())), rejected("content-invalid")),
        (
            "neither fnt nor gnt",
            sample::content(Kind::Vaccination).without("nam.fnt").without("nam.gnt"),
            rejected("content-invalid"),
        ),
        ("no fnt", sample::content(Kind::Vaccination).without("nam.fnt"), accepted(&[])),
        ("no gnt", sample::content(Kind::Vaccination).without("nam.gnt"), accepted(&[])),
        ("no fn", sample::content(Kind::Vaccination).without("nam.fn"), accepted(&[])),
        ("gn is empty", with("gn", text("")), accepted(&[])),
        ("gn is null", with("gn", Node::Null), accepted(&[])),
        ("fnt with an umlaut", with("fnt", text("ÖRNEK")), accepted(&["non-standard-name"])),
        ("fnt in lower case", with("fnt", text("oernek")), accepted(&["non-standard-name"])),
        ("gnt with digits", with("gnt", text("AYSE2")), accepted(&["non-standard-name"])),
        ("80 characters of fn", with("fn", text(&long[..160])), accepted(&[])),
        ("81 characters of fn", with("fn", text(&long)), accepted(&["overlong-text"])),
        ("20,000 characters of fn", with("fn", text(&"A".repeat(20_000))), accepted(&["overlong-text"])),
        ("blanks around gn", with("gn", text(" Ayşe ")), accepted(&["padded-text"])),
        ("quotes in fn", with("fn", text("O\"Neil\\'")), accepted(&[])),
    ];
    for (name, content, expected) in rows {
        row(bench, name, content, expected);
    }
    for (birth, warnings) in [
        ("", &[][..]),
        ("1984", &[]),
        ("1984-03", &[]),
        ("1984-00", &[]),
        ("1984-00-00", &[]),
        ("1984-03-19T00:00:00", &["date-with-time"]),
        ("06/02/1982 00:00:00", &["odd-birth-date"]),
        ("2021-99-99", &["odd-birth-date"]),
        ("unknown", &["odd-birth-date"]),
    ] {
        let content = sample::content(Kind::Recovery).set("dob", text(birth));
        row(bench, format!("born {birth:?}"), content, accepted(warnings));
    }
    for version in ["1.0.0", "1.0.4", "1.3.3", "9.9.9"] {
        let content = sample::content(Kind::Recovery).set("ver", text(version));
        row(bench, format!("version {version}"), content, accepted(&[]));
    }
}

fn dates(bench: &mut Bench) {
    let members = [(Kind::Vaccination, "dt"), (Kind::Recovery, "fr"), (Kind::Recovery, "df"), (Kind::Recovery, "du")];
    for (kind, member) in members {
        for wrong in [
            "",
            "2021",
            "2021-06",
            "2021-6-2",
            "20210620",
            "20/06/2021",
            "2021-02-30",
            "2021-13-01",
            "2021-00-00",
            "yesterday",
            "2021-06-20X",
            "-2021-06-20",
            "٢٠٢١-٠٦-٢٠",
        ] {
            let content = entry(kind, member, text(wrong));
            row(bench, format!("{member} is {wrong:?}"), content, rejected("content-invalid"));
        }
        let good = if member == "du" { "2027-04-18" } else { "2026-10-31" };
        for suffix in ["T00:00:00", "T08:30:00.000Z", "T08:30:00+02:00"] {
            let content = entry(kind, member, text(&format!("{good}{suffix}")));
            row(bench, format!("{member} with {suffix}"), content, accepted(&["date-with-time"]));
        }
    }
    for wrong in ["", "yesterday", "2021-05-16T25:00:00Z", "16/05/2021 12:00", "1621163696"] {
        let content = entry(Kind::Test, "sc", text(wrong));
        row(bench, format!("sc is {wrong:?}"), content, rejected("content-invalid"));
    }
    for good in [
        "2026-11-20T06:12:00.000Z",
        "2026-11-20T08:12:00+02:00",
        "2026-11-20T08:12:00+0200",
        "2026-11-20T08:12:00+02",
        "2026-11-20T06:12:00",
        "2026-11-20 06:12:00Z",
    ] {
        row(bench, format!("sc is {good:?}"), entry(Kind::Test, "sc", text(good)), accepted(&[]));
    }
    let tagged = Node::Tag(0, Box::new(text("2026-11-20T06:12:00Z")));
    row(bench, "sc with tag 0", entry(Kind::Test, "sc", tagged), accepted(&[]));
    let future = || rejected("event-in-future");
    row(bench, "sampled in two days", entry(Kind::Test, "sc", text("2026-11-23T12:00:00Z")), future());
    row(bench, "vaccinated next week", entry(Kind::Vaccination, "dt", text("2026-11-28")), future());
    row(bench, "first positive next week", entry(Kind::Recovery, "fr", text("2026-11-28")), future());
    let early = entry(Kind::Recovery, "df", text("2026-11-28"));
    row(bench, "recovery valid from next week", early, accepted(&["recovery-period"]));
    let late = entry(Kind::Recovery, "du", text("2026-11-18"));
    row(bench, "recovery valid until three days ago", late, accepted(&["recovery-period"]));
}

fn doses(bench: &mut Bench) {
    for member in ["dn", "sd"] {
        let with = |value: Node| entry(Kind::Vaccination, member, value);
        let rows = [
            (
                "missing",
                sample::content(Kind::Vaccination).without(&format!("v.0.{member}")),
                rejected("content-invalid"),
            ),
            ("null", with(Node::Null), rejected("content-invalid")),
            ("a text", with(text("2")), rejected("content-invalid")),
            ("one and a half", with(Node::Float(1.5)), rejected("content-invalid")),
            ("not a number", with(Node::Float(f64::NAN)), rejected("content-invalid")),
            ("infinite", with(Node::Float(f64::INFINITY)), rejected("content-invalid")),
            ("true", with(Node::Bool(true)), rejected("content-invalid")),
            (
                "beyond 64 bits",
                with(Node::Raw(vec![0x1b, 255, 255, 255, 255, 255, 255, 255, 255])),
                rejected("content-invalid"),
            ),
            ("a list", with(Node::Array(vec![Node::Int(2)])), rejected("content-invalid")),
            ("a whole float", with(Node::Float(2.0)), accepted(&["float-dose"])),
            ("a half float", with(Node::Raw(vec![0xf9, 0x40, 0x00])), accepted(&["float-dose"])),
            ("zero", with(Node::Int(0)), accepted(&["dose-below-one"])),
            ("negative", with(Node::Int(-1)), accepted(&["dose-below-one"])),
            ("the smallest integer", with(Node::Int(i64::MIN)), accepted(&["dose-below-one"])),
            ("ten", with(Node::Int(10)), accepted(&[])),
        ];
        for (how, content, expected) in rows {
            row(bench, format!("{member} is {how}"), content, expected);
        }
    }
}

fn codes(bench: &mut Bench) {
    let unknown = text("unheard-of");
    let rows = [
        (Kind::Vaccination, "tg", unknown.clone(), &["unknown-disease"][..]),
        (Kind::Vaccination, "vp", unknown.clone(), &["unknown-vaccine"]),
        (Kind::Vaccination, "mp", unknown.clone(), &["unknown-product"]),
        (Kind::Vaccination, "mp", text("Sinovac- Biontech"), &["unknown-product"]),
        (Kind::Vaccination, "ma", unknown.clone(), &["unknown-holder"]),
        (Kind::Vaccination, "ma", text("AUTRE"), &["unknown-holder"]),
        (Kind::Vaccination, "co", text("XY"), &["unknown-country"]),
        (Kind::Vaccination, "mp", text("EU/1/20/1528 "), &["padded-text"]),
        (Kind::Test, "tt", unknown.clone(), &["unknown-test-type"]),
        (Kind::Test, "tr", text("NotDetected"), &["unknown-test-result"]),
        (Kind::Test, "tr", text("260415001"), &["unknown-test-result"]),
        (Kind::Test, "tr", text(""), &["unknown-test-result"]),
        (Kind::Test, "tr", text("260373001"), &["test-positive"]),
        (Kind::Test, "tr", text("260415000 "), &["padded-text"]),
        (Kind::Test, "ma", text("1232"), &["test-fields-mixed"]),
        (Kind::Test, "tc", text(&"x".repeat(89)), &["overlong-text"]),
        (Kind::Recovery, "tg", unknown, &["unknown-disease"]),
        (Kind::Recovery, "ci", text("URN:UVCI:01:XX:6K3RZPVQ1N#?"), &["id-check-character"]),
        (Kind::Recovery, "ci", text(&"x".repeat(81)), &["overlong-text"]),
    ];
    for (kind, member, value, warnings) in rows {
        let name = format!("{} {member} is {value:?}", kind.name());
        row(bench, name.chars().take(120).collect::<String>(), entry(kind, member, value), accepted(warnings));
    }
    for member in ["nm", "tc"] {
        let path = format!("t.0.{member}");
        row(bench, format!("test without {member}"), sample::content(Kind::Test).without(&path), accepted(&[]));
        row(bench, format!("test, {member} null"), entry(Kind::Test, member, Node::Null), accepted(&[]));
        let number = entry(Kind::Test, member, Node::Int(1));
        row(bench, format!("test, {member} a number"), number, rejected("content-invalid"));
    }
    row(bench, "test, ma a number", entry(Kind::Test, "ma", Node::Int(1)), rejected("content-invalid"));
}
