//! CBOR, in the message and under a true signature.

use super::{Bench, accepted, rejected};
use crate::workshop::{
    cbor::{Node, head, map, text},
    message::Draft,
    sample::{self, Kind},
};
use vaccert::envelope::hcert;

/// The rows.
pub fn fill(bench: &mut Bench) {
    for (name, junk) in junk() {
        // Where the message should be: nothing is signed.
        bench.row(format!("{name} as the message"), hcert::to_text(&junk), rejected("cose-invalid"));
        // Inside the payload: the signature is true, the content cannot be read.
        let mut claims = sample::claims(sample::content(Kind::Test));
        claims.push((Node::Int(99), Node::Raw(junk)));
        let text = bench.claiming(claims).text();
        bench.row(format!("{name} in the payload"), text, rejected("content-invalid"));
    }
    payloads(bench);
    forms(bench);
}

/// Bytes that are no CBOR item of ours.
fn junk() -> Vec<(&'static str, Vec<u8>)> {
    let indefinite = |depth: usize| vec![0x9f; depth];
    vec![
        ("depth 17 of arrays", [vec![0x81; 17], vec![0]].concat()),
        ("depth 8,000 of arrays", vec![0x81; 8_000]),
        ("depth 8,000 of tags", vec![0xc1; 8_000]),
        ("depth 8,000 of maps", [0xa1, 0x00].repeat(4_000)),
        ("depth of indefinite arrays", indefinite(8_000)),
        ("an indefinite array of 5,000", [vec![0x9f], vec![0; 5_000], vec![0xff]].concat()),
        ("an array that claims 2^63", vec![0x9b, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("an array that claims 2^64-1", vec![0x9b, 255, 255, 255, 255, 255, 255, 255, 255]),
        ("a map that claims 2^32-1", vec![0xba, 255, 255, 255, 255]),
        ("bytes that claim 2^64-1", vec![0x5b, 255, 255, 255, 255, 255, 255, 255, 255]),
        ("text that claims 2^31", vec![0x7a, 0x80, 0, 0, 0]),
        ("text that is not UTF-8", vec![0x62, 0xc3, 0x28]),
        ("text with half of a surrogate pair", vec![0x63, 0xed, 0xa0, 0x80]),
        ("a break alone", vec![0xff]),
        ("a break as a value", vec![0xa1, 0x00, 0xff]),
        ("an indefinite map with half an entry", vec![0xbf, 0x00, 0xff]),
        ("reserved length 28", vec![0x1c]),
        ("reserved length 30 of an array", vec![0x9e]),
        ("an indefinite integer", vec![0x1f]),
        ("an indefinite tag", vec![0xdf, 0x00]),
        ("a chunk of text in bytes", vec![0x5f, 0x61, b'a', 0xff]),
        ("a chunk in a chunk", vec![0x7f, 0x7f, 0x61, b'a', 0xff, 0xff]),
        ("a chunk without end", vec![0x7f, 0x61, b'a']),
        ("a duplicate integer key", vec![0xa2, 0x01, 0x00, 0x01, 0x00]),
        ("a duplicate key in another length", vec![0xa2, 0x01, 0x00, 0x18, 0x01, 0x00]),
        ("a duplicate text key", vec![0xa2, 0x61, b'a', 0x00, 0x61, b'a', 0x00]),
        ("a duplicate key, chunked", vec![0xa2, 0x61, b'a', 0x00, 0x7f, 0x61, b'a', 0xff, 0x00]),
        ("a simple value in two bytes below 32", vec![0xf8, 0x18]),
        ("an unassigned simple value", vec![0xf0]),
        ("a float cut off", vec![0xfb, 0x40]),
        ("a tag without content", vec![0xc0]),
    ]
}

fn payloads(bench: &mut Bench) {
    for (name, payload) in [
        ("empty", Vec::new()),
        ("an integer", vec![0x01]),
        ("null", vec![0xf6]),
        ("an array", vec![0x80]),
        ("a byte string around the claims", Node::Bytes(sample::payload(sample::content(Kind::Test))).encode()),
        ("JSON", b"{\"ver\":\"1.3.0\"}".to_vec()),
    ] {
        let text = Draft::new(bench.key, &bench.kid, payload).text();
        bench.row(format!("the payload is {name}"), text, rejected("content-invalid"));
    }
    let payload = sample::payload(sample::content(Kind::Recovery));
    let after = [payload.clone(), vec![0x00]].concat();
    let text = Draft::new(bench.key, &bench.kid, after).text();
    bench.row("a byte after the payload", text, rejected("content-invalid"));
    let cut = payload[..payload.len() - 1].to_vec();
    let text = Draft::new(bench.key, &bench.kid, cut).text();
    bench.row("the payload lacks a byte", text, rejected("content-invalid"));

    let message = bench.good(Kind::Recovery).finish();
    let after = hcert::to_text(&[message.clone(), vec![0xa0]].concat());
    bench.row("a map after the message", after, rejected("cose-invalid"));
    let twice = hcert::to_text(&[message.clone(), message.clone()].concat());
    bench.row("the message twice", twice, rejected("cose-invalid"));
    let cut = hcert::to_text(&message[..message.len() - 1]);
    bench.row("the message lacks a byte", cut, rejected("cose-invalid"));
}

/// Other encodings of the same: RFC 8949 calls them valid, so do we.
fn forms(bench: &mut Bench) {
    let content = sample::content(Kind::Vaccination);
    let Node::Map(entries) = content.clone() else { panic!("a map") };

    let mut indefinite = vec![0xbf];
    for (key, value) in &entries {
        indefinite.extend([key.encode(), value.encode()].concat());
    }
    indefinite.push(0xff);
    bench.row("an indefinite map", bench.around(Node::Raw(indefinite)).text(), accepted(&[]));

    let chunked = Node::Raw([vec![0x7f], text("IS").encode(), vec![0xff]].concat());
    bench.row("a text in chunks", bench.around(content.clone().set("v.0.co", chunked)).text(), accepted(&[]));
    let long = Node::Raw(vec![0x1b, 0, 0, 0, 0, 0, 0, 0, 2]);
    bench.row("an integer in eight bytes", bench.around(content.clone().set("v.0.dn", long)).text(), accepted(&[]));
    let tagged = Node::Tag(0, Box::new(text("2021-06-20")));
    bench.row("tag 0 on a date", bench.around(content.clone().set("v.0.dt", tagged)).text(), accepted(&[]));
    let undefined = Node::Raw(vec![0xf7]);
    bench.row("undefined for absent", bench.around(content.clone().set("t", undefined)).text(), accepted(&[]));
    let extra = map(&[("deep", Node::Array(vec![map(&[("er", Node::Bool(true))])]))]);
    bench.row("an extra member", bench.around(content.clone().set("meta", extra)).text(), accepted(&[]));
    let reversed = Node::Map(entries.iter().rev().cloned().collect());
    bench.row("members in another order", bench.around(reversed).text(), accepted(&[]));

    let draft = bench.good(Kind::Vaccination);
    let parts: Vec<u8> = draft.parts(&draft.signature()).iter().flat_map(Node::encode).collect();
    let array = [vec![0xd2, 0x9f], parts.clone(), vec![0xff]].concat();
    bench.row("an indefinite message", hcert::to_text(&array), accepted(&[]));
    let long = [vec![0xd8, 0x12, 0x98, 0x04], parts].concat();
    bench.row("tag and length in long form", hcert::to_text(&long), accepted(&[]));
    assert_eq!(head(4, 4), [0x84]);
}
