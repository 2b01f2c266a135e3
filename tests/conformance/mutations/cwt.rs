//! Claims: times, issuer, the health certificate claim.

use super::{Bench, accepted, rejected, undecided};
use crate::workshop::{
    cbor::{Node, text},
    sample::{self, AT, EXPIRES, ISSUED, KINDS, Kind, seconds},
};

const EXP: i64 = 4;
const IAT: i64 = 6;

/// The rows.
pub fn fill(bench: &mut Bench) {
    times(bench);
    issuers(bench);
    contents(bench);
}

/// The claims of a good certificate with one replaced, or taken away.
fn claims(claim: i64, value: Option<Node>) -> Vec<(Node, Node)> {
    let mut claims = sample::claims(sample::content(Kind::Vaccination));
    claims.retain(|(key, _)| *key != Node::Int(claim));
    claims.extend(value.map(|value| (Node::Int(claim), value)));
    claims
}

fn times(bench: &mut Bench) {
    let now = seconds(AT);
    for (claim, name, missing) in [(EXP, "exp", "expiry-missing"), (IAT, "iat", "issue-time-missing")] {
        let absent = [("missing", None), ("null", Some(Node::Null))];
        for (how, value) in absent {
            bench.row(format!("{name} {how}"), bench.claiming(claims(claim, value)).text(), rejected(missing));
        }
        for (how, value) in [
            ("a text", text(EXPIRES)),
            ("digits in a text", text("1800000000")),
            ("true", Node::Bool(true)),
            ("bytes", Node::Bytes(vec![1])),
            ("a list", Node::Array(vec![Node::Int(now)])),
            ("not a number", Node::Float(f64::NAN)),
            ("infinite", Node::Float(f64::INFINITY)),
            ("a huge float", Node::Float(1e300)),
            ("in milliseconds", Node::Int(now * 1_000)),
            ("the largest integer", Node::Int(i64::MAX)),
            ("the smallest integer", Node::Int(i64::MIN)),
            ("beyond 64 bits", Node::Raw(vec![0x1b, 255, 255, 255, 255, 255, 255, 255, 255])),
            ("tagged as a time", Node::Tag(1, Box::new(Node::Int(now)))),
        ] {
            let text = bench.claiming(claims(claim, Some(value))).text();
            bench.row(format!("{name} is {how}"), text, rejected("content-invalid"));
        }
        let good = if claim == EXP { EXPIRES } else { ISSUED };
        let float = Node::Float(seconds(good) as f64 + 0.25);
        let text = bench.claiming(claims(claim, Some(float))).text();
        bench.row(format!("{name} is a float"), text, accepted(&["float-time"]));
    }
    let rows = [
        ("expired a second ago", EXP, Node::Int(now - 1), rejected("expired")),
        ("expires this second", EXP, Node::Int(now), accepted(&[])),
        ("a specimen that expires in 1970", EXP, Node::Int(42), rejected("expired")),
        ("expired before 1970", EXP, Node::Int(-1), rejected("expired")),
        ("expired as a float", EXP, Node::Float(now as f64 - 0.5), rejected("expired")),
        ("outlives its signer", EXP, Node::Int(seconds("2031-06-01T00:00:00Z")), accepted(&["expires-after-signer"])),
        ("issued in a second", IAT, Node::Int(now + 1), rejected("not-yet-valid")),
        ("issued this second", IAT, Node::Int(now), accepted(&[])),
        ("issued next year", IAT, Node::Int(now + 31_536_000), rejected("not-yet-valid")),
        (
            "issued before its signer",
            IAT,
            Node::Int(seconds("2020-12-31T00:00:00Z")),
            accepted(&["issued-before-signer"]),
        ),
    ];
    for (name, claim, value, expected) in rows {
        bench.row(name, bench.claiming(claims(claim, Some(value))).text(), expected);
    }
}

fn issuers(bench: &mut Bench) {
    let rows = [
        ("no issuer", None, accepted(&[])),
        ("the issuer is null", Some(Node::Null), accepted(&[])),
        ("another country", Some(text("FR")), accepted(&["issuer-not-signer"])),
        ("a ministry as issuer", Some(text("CNAM")), accepted(&["issuer-not-signer"])),
        ("a long issuer", Some(text(&"Ministry ".repeat(100))), accepted(&["issuer-not-signer"])),
    ];
    for (name, value, expected) in rows {
        bench.row(name, bench.claiming(claims(1, value)).text(), expected);
    }
    for (key, value) in [(2, text("free text")), (7, Node::Bytes(vec![1, 2])), (-65_537, Node::Null)] {
        bench.row(format!("an unknown claim {key}"), bench.claiming(claims(key, Some(value))).text(), accepted(&[]));
    }
}

fn contents(bench: &mut Bench) {
    for kind in KINDS {
        let content = sample::content(kind);
        let name = kind.name();
        let under = |key: Node| Node::Map(vec![(key, content.clone())]);
        for (how, value, reason) in [
            ("claim is missing", None, "content-missing"),
            ("claim is null", Some(Node::Null), "content-missing"),
            ("claim is a list", Some(Node::Array(vec![content.clone()])), "content-missing"),
            ("claim is empty", Some(Node::Map(vec![])), "content-missing"),
            ("claim holds no map of formats", Some(content.clone()), "content-missing"),
            ("is under the text 1", Some(under(text("1"))), "content-missing"),
            ("is under the float 1", Some(under(Node::Float(1.0))), "content-missing"),
            ("is bytes", Some(Node::Map(vec![(Node::Int(1), Node::Bytes(content.encode()))])), "content-invalid"),
            ("is a list", Some(Node::Map(vec![(Node::Int(1), Node::Array(vec![content.clone()]))])), "content-invalid"),
            ("is a text", Some(Node::Map(vec![(Node::Int(1), text("{}"))])), "content-invalid"),
            ("is null", Some(Node::Map(vec![(Node::Int(1), Node::Null)])), "content-invalid"),
            ("is an empty map", Some(Node::Map(vec![(Node::Int(1), Node::Map(vec![]))])), "content-invalid"),
        ] {
            let text = bench.claiming(claims(-260, value)).text();
            bench.row(format!("the content of a {name} {how}"), text, rejected(reason));
        }
        // One issuer's software names every number by a text; half of it is nobody's.
        let named = |of: &[(Node, Node)]| -> Vec<(Node, Node)> {
            let name = |key: &Node| if let Node::Int(number) = key { text(&number.to_string()) } else { key.clone() };
            of.iter().map(|(key, value)| (name(key), value.clone())).collect()
        };
        let all = named(&claims(-260, Some(under(text("1")))));
        let row = format!("the claims of a {name} are named by texts");
        bench.row(row, bench.claiming(all.clone()).text(), accepted(&["cwt-text-keys"]));
        let mut mixed = all.clone();
        mixed[0].0 = Node::Int(1);
        let row = format!("some claims of a {name} are named by texts");
        bench.row(row, bench.claiming(mixed).text(), rejected("content-missing"));
        let twice = Node::Map(vec![(text("1"), content.clone()), (Node::Int(1), content.clone())]);
        let twice = named(&claims(-260, Some(twice)));
        let row = format!("the content of a {name} is there as 1 and as the text 1");
        bench.row(row, bench.claiming(twice).text(), rejected("content-invalid"));
        // A number that this program does not know may hold a good certificate of another format.
        for number in [2, -7, 1_000] {
            let text = bench.claiming(claims(-260, Some(under(Node::Int(number))))).text();
            bench.row(
                format!("the content of a {name} is under the key {number}"),
                text,
                undecided("content-unsupported"),
            );
        }
    }
}
