//! COSE: tags, parts, algorithm, key identifier, critical headers.

use super::{Bench, accepted, rejected, undecided};
use crate::workshop::{
    cbor::{Node, text},
    message::{Draft, alg, kid},
    sample::Kind,
};
use vaccert::envelope::hcert;

/// The rows.
pub fn fill(bench: &mut Bench) {
    tags(bench);
    parts(bench);
    algorithms(bench);
    kids(bench);
    critical(bench);
}

fn tags(bench: &mut Bench) {
    let draft = bench.good(Kind::Test);
    let array = Node::Array(draft.parts(&draft.signature()));
    let tagged = |tags: &[u64]| {
        let node = tags.iter().rev().fold(array.clone(), |inner, tag| Node::Tag(*tag, Box::new(inner)));
        hcert::to_text(&node.encode())
    };
    for tags in [&[16][..], &[17], &[98], &[998], &[55_799], &[18, 18], &[18, 61], &[61, 61, 18], &[61, 98]] {
        bench.row(format!("tags {tags:?}"), tagged(tags), rejected("cose-invalid"));
    }
    bench.row("no tag", tagged(&[]), accepted(&["cose-untagged"]));
    bench.row("tag 61 around 18", tagged(&[61, 18]), accepted(&["cose-tag-61"]));
    bench.row("tag 61 alone", tagged(&[61]), accepted(&["cose-tag-61", "cose-untagged"]));
}

fn parts(bench: &mut Bench) {
    let draft = bench.good(Kind::Test);
    let good = draft.parts(&draft.signature());
    let message = |parts: Vec<Node>| hcert::to_text(&Node::Tag(18, Box::new(Node::Array(parts))).encode());
    for count in 0..4 {
        bench.row(format!("{count} parts"), message(good[..count].to_vec()), rejected("cose-invalid"));
    }
    bench.row("five parts", message([good.clone(), vec![Node::Null]].concat()), rejected("cose-invalid"));
    let numbered = good.iter().cloned().enumerate().map(|(n, part)| (Node::Int(n as i64), part)).collect();
    let as_map = Node::Tag(18, Box::new(Node::Map(numbered)));
    bench.row("a map of parts", hcert::to_text(&as_map.encode()), rejected("cose-invalid"));

    let names = ["protected header", "unprotected header", "payload", "signature"];
    let others = [
        ("null", Node::Null),
        ("an integer", Node::Int(0)),
        ("a text", text("x")),
        ("an array", Node::Array(vec![])),
        ("a map", Node::Map(vec![])),
        ("bytes", Node::Bytes(vec![])),
        ("tagged", Node::Tag(24, Box::new(Node::Bytes(vec![])))),
    ];
    for (at, name) in names.into_iter().enumerate() {
        for (kind, other) in &others {
            let right = matches!((at, other), (1, Node::Map(_)) | (0 | 2 | 3, Node::Bytes(_)));
            if !right {
                let mut parts = good.clone();
                parts[at] = other.clone();
                bench.row(format!("the {name} is {kind}"), message(parts), rejected("cose-invalid"));
            }
        }
    }
    for (name, bytes) in [
        ("an array", vec![0x80]),
        ("an integer", vec![0x01]),
        ("cut off", vec![0xa1, 0x01]),
        ("followed by a byte", vec![0xa0, 0x00]),
        ("a map with a key twice", vec![0xa2, 0x01, 0x26, 0x01, 0x26]),
    ] {
        let draft = Draft { protected: bytes, ..bench.good(Kind::Test) };
        bench.row(format!("the protected header holds {name}"), draft.text(), rejected("cose-invalid"));
    }
}

fn algorithms(bench: &mut Bench) {
    let id = kid(bench.kid.as_bytes());
    let with = |value: Node| bench.good(Kind::Test).protected(vec![alg(value), id.clone()]).text();
    let mut rows: Vec<(String, String, &'static str)> = Vec::new();
    for number in [0, 1, -8, -16, -35, -36, -38, -39, -46, -47, -257, -258, -999, 26, i64::MIN] {
        rows.push((format!("algorithm {number}"), with(Node::Int(number)), "algorithm-unsupported"));
    }
    for (name, value) in [
        ("a name", text("ES256")),
        ("none", text("none")),
        ("an empty text", text("")),
        ("a float", Node::Float(-7.0)),
        ("null", Node::Null),
        ("bytes", Node::Bytes(vec![0x26])),
        ("a list", Node::Array(vec![Node::Int(-7)])),
        ("beyond 64 bits", Node::Raw(vec![0x3b, 255, 255, 255, 255, 255, 255, 255, 255])),
    ] {
        rows.push((format!("the algorithm is {name}"), with(value), "algorithm-unsupported"));
    }
    let other = Node::Int(if bench.key.cose() == -7 { -37 } else { -7 });
    rows.push(("the other algorithm".to_owned(), with(other.clone()), "algorithm-key-mismatch"));
    let none = bench.good(Kind::Test).protected(vec![id.clone()]).text();
    rows.push(("no algorithm".to_owned(), none, "algorithm-missing"));
    for (name, text, reason) in rows {
        bench.row(name, text, rejected(reason));
    }

    let own = Node::Int(bench.key.cose());
    let outside = bench.good(Kind::Test).protected(vec![id.clone()]).unprotected(vec![alg(own.clone())]).text();
    bench.row("the algorithm is not protected", outside, accepted(&["alg-unprotected"]));
    let overruled = bench.good(Kind::Test).unprotected(vec![alg(other.clone())]).text();
    bench.row("another algorithm outside", overruled, accepted(&[]));
    let protected = vec![alg(other), id];
    let overruled = bench.good(Kind::Test).protected(protected).unprotected(vec![alg(own)]).text();
    bench.row("the wrong algorithm is protected", overruled, rejected("algorithm-key-mismatch"));
}

fn kids(bench: &mut Bench) {
    let right = bench.kid.as_bytes().to_vec();
    let own = alg(Node::Int(bench.key.cose()));
    let inside = |id: Option<Node>| {
        let mut header = vec![own.clone()];
        header.extend(id.map(|id| (Node::Int(4), id)));
        bench.good(Kind::Recovery).protected(header)
    };
    let mut wrong = right.clone();
    wrong[0] ^= 1;
    let longer = [right.clone(), vec![0]].concat();
    let rows = [
        ("no kid", inside(None).text(), rejected("kid-missing")),
        ("an empty kid", inside(Some(Node::Bytes(vec![]))).text(), undecided("issuer-unknown")),
        ("7 bytes of the kid", inside(Some(Node::Bytes(right[..7].to_vec()))).text(), undecided("issuer-unknown")),
        ("9 bytes of kid", inside(Some(Node::Bytes(longer))).text(), undecided("issuer-unknown")),
        ("4,000 bytes of kid", inside(Some(Node::Bytes(vec![7; 4_000]))).text(), undecided("issuer-unknown")),
        ("another kid", inside(Some(Node::Bytes(wrong.clone()))).text(), undecided("issuer-unknown")),
        ("the kid as a text", inside(Some(text("12345678"))).text(), rejected("kid-missing")),
        ("the kid as a number", inside(Some(Node::Int(8))).text(), rejected("kid-missing")),
        ("the kid is null", inside(Some(Node::Null)).text(), rejected("kid-missing")),
        (
            "the kid is not protected",
            inside(None).unprotected(vec![kid(&right)]).text(),
            accepted(&["kid-unprotected"]),
        ),
        ("another kid, not protected", inside(None).unprotected(vec![kid(&wrong)]).text(), undecided("issuer-unknown")),
        (
            "the same kid twice",
            inside(Some(Node::Bytes(right.clone()))).unprotected(vec![kid(&right)]).text(),
            accepted(&[]),
        ),
        (
            "another kid outside",
            inside(Some(Node::Bytes(right.clone()))).unprotected(vec![kid(&wrong)]).text(),
            accepted(&["kids-disagree"]),
        ),
        (
            "another kid inside",
            inside(Some(Node::Bytes(wrong))).unprotected(vec![kid(&right)]).text(),
            undecided("issuer-unknown"),
        ),
    ];
    for (name, text, expected) in rows {
        bench.row(name, text, expected);
    }
}

fn critical(bench: &mut Bench) {
    let own = vec![alg(Node::Int(bench.key.cose())), kid(bench.kid.as_bytes())];
    let with = |more: Vec<(Node, Node)>| bench.good(Kind::Test).protected([own.clone(), more].concat());
    let crit = |labels: Node| (Node::Int(2), labels);
    let list = |labels: &[i64]| Node::Array(labels.iter().copied().map(Node::Int).collect());
    let rows = [
        ("critical and unknown", with(vec![crit(list(&[99])), (Node::Int(99), Node::Null)]).text(), false),
        ("critical and absent", with(vec![crit(list(&[99]))]).text(), false),
        ("critical by name", with(vec![crit(Node::Array(vec![text("x")]))]).text(), false),
        ("critical nothing", with(vec![crit(list(&[]))]).text(), false),
        ("critical that is no list", with(vec![crit(Node::Int(1))]).text(), false),
        ("critical outside", bench.good(Kind::Test).unprotected(vec![crit(list(&[1]))]).text(), false),
        ("critical and known", with(vec![crit(list(&[1, 4]))]).text(), true),
        ("an odd content type", with(vec![(Node::Int(3), text("61"))]).text(), true),
        ("an unknown header", with(vec![(Node::Int(99), text("x"))]).text(), true),
        ("an unknown header by name", with(vec![(text("x"), Node::Null)]).text(), true),
        (
            "a certificate of its own outside",
            bench.good(Kind::Test).unprotected(vec![(Node::Int(33), Node::Bytes(vec![0x30, 0]))]).text(),
            true,
        ),
        (
            "an address for keys outside",
            bench.good(Kind::Test).unprotected(vec![(Node::Int(35), text("https://example.org"))]).text(),
            true,
        ),
    ];
    for (name, text, good) in rows {
        bench.row(name, text, if good { accepted(&[]) } else { rejected("cose-invalid") });
    }
}
