//! Signatures: altered, of another form, of another message, with another salt or padding.

use rsa::BigUint;
use vaccert::envelope::hcert;

use super::{Bench, accepted, rejected};
use crate::workshop::{
    cbor::{Node, text},
    der,
    message::{alg, kid},
    pki::{self, Key},
    sample::{self, Kind},
    unhex,
};

/// The rows.
pub fn fill(bench: &mut Bench) {
    altered(bench);
    misplaced(bench);
    match bench.key {
        Key::Es256 => elliptic(bench),
        Key::Ps256 => rsa(bench),
    }
}

fn with(bench: &mut Bench, name: &str, signature: &[u8]) {
    let text = hcert::to_text(&bench.good(Kind::Vaccination).with_signature(signature));
    bench.row(name, text, rejected("signature-invalid"));
}

fn altered(bench: &mut Bench) {
    let good = bench.good(Kind::Vaccination).signature();
    for at in [0, 1, good.len() / 2, good.len() - 2, good.len() - 1] {
        for bit in [0, 7] {
            let mut flipped = good.clone();
            flipped[at] ^= 1 << bit;
            with(bench, &format!("bit {bit} of byte {at}"), &flipped);
        }
    }
    with(bench, "empty", &[]);
    with(bench, "three bytes", &[1, 2, 3]);
    with(bench, "all zero", &vec![0; good.len()]);
    with(bench, "all ones", &vec![0xff; good.len()]);
    with(bench, "first byte missing", &good[1..]);
    with(bench, "last byte missing", &good[..good.len() - 1]);
    with(bench, "half", &good[..good.len() / 2]);
    with(bench, "a zero before", &[&[0], good.as_slice()].concat());
    with(bench, "a zero after", &[good.as_slice(), &[0]].concat());
    with(bench, "twice", &[good.clone(), good.clone()].concat());
    with(bench, "backwards", &good.iter().rev().copied().collect::<Vec<_>>());
    with(bench, "1,000 bytes", &vec![0x30; 1_000]);
}

/// A true signature, but of something else; or the message changed after it.
fn misplaced(bench: &mut Bench) {
    let good = bench.good(Kind::Vaccination);
    let other = bench.good(Kind::Test).signature();
    with(bench, "of another message", &other);
    with(bench, "of the payload alone", &bench.key.sign(&good.payload));
    let whole = bench.key.sign(&good.with_signature(&[]));
    with(bench, "of the whole message", &whole);
    for (name, context, external) in
        [("as one of several signers", "Signature", &[][..]), ("with outside data", "Signature1", b"data")]
    {
        let structure = Node::Array(vec![
            text(context),
            Node::Bytes(good.protected.clone()),
            Node::Bytes(external.to_vec()),
            Node::Bytes(good.payload.clone()),
        ]);
        let signature = bench.key.sign(&structure.encode());
        with(bench, name, &signature);
    }

    let signature = good.signature();
    let mut changed = good.clone();
    changed.payload = sample::payload(sample::content(Kind::Vaccination).set("dob", text("1984-03-18")));
    bench.row("another payload", hcert::to_text(&changed.with_signature(&signature)), rejected("signature-invalid"));
    let own = vec![alg(Node::Int(bench.key.cose())), kid(bench.kid.as_bytes())];
    let turned = good.clone().protected(own.iter().rev().cloned().collect());
    let text = hcert::to_text(&turned.with_signature(&signature));
    bench.row("headers in another order", text, rejected("signature-invalid"));
    let more = good.clone().protected([own.clone(), vec![(Node::Int(3), Node::Int(0))]].concat());
    let text = hcert::to_text(&more.with_signature(&signature));
    bench.row("another protected header", text, rejected("signature-invalid"));
    let moved = good.clone().protected(own[..1].to_vec()).unprotected(own[1..].to_vec());
    let text = hcert::to_text(&moved.with_signature(&signature));
    bench.row("the kid moved outside", text, rejected("signature-invalid"));

    // The unprotected header is not signed: whoever carries the code may change it, and gains nothing.
    let outside = good.unprotected(vec![(Node::Int(99), Node::Bytes(vec![0; 32]))]);
    bench.row("more outside", hcert::to_text(&outside.with_signature(&signature)), accepted(&[]));
}

fn elliptic(bench: &mut Bench) {
    let good = bench.good(Kind::Vaccination).signature();
    let (r, s) = good.split_at(32);
    let order = unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let zero = [0; 32];

    // ECDSA takes s and n−s alike; a certificate stays revoked under both (failure F25).
    let draft = bench.good(Kind::Vaccination);
    let other = hcert::to_text(&draft.with_signature(&pki::other_s(&good)));
    bench.row("n−s for s", other, accepted(&[]));

    let item = der::sequence(&[der::integer(r), der::integer(s)]);
    with(bench, "in DER", &item);
    with(bench, "in DER with a byte after", &[item, vec![0]].concat());
    with(bench, "s before r", &[s, r].concat());
    with(bench, "r is zero", &[&zero, s].concat());
    with(bench, "s is zero", &[r, &zero].concat());
    with(bench, "r is the order", &[&order, s].concat());
    with(bench, "s is the order", &[r, &order].concat());
    let one = [vec![0; 31], vec![1]].concat();
    with(bench, "r and s are one", &[one.clone(), one].concat());
    with(bench, "halves of 33 bytes", &[&[0], r, &[0], s].concat());
    with(bench, "halves of 48 bytes", &[&[0; 16], r, &[0; 16], s].concat());
    with(bench, "96 bytes", &[good.as_slice(), &zero].concat());
}

fn rsa(bench: &mut Bench) {
    let message = bench.good(Kind::Vaccination).to_be_signed();
    let good = bench.good(Kind::Vaccination).signature();
    with(bench, "PSS without salt", &pki::pss(&message, &[]));
    with(bench, "PSS with 20 bytes of salt", &pki::pss(&message, &[1; 20]));
    with(bench, "PSS with 31 bytes of salt", &pki::pss(&message, &[1; 31]));
    with(bench, "PSS with 33 bytes of salt", &pki::pss(&message, &[1; 33]));
    with(bench, "PSS with all the salt there is room for", &pki::pss(&message, &[1; 222]));
    with(bench, "PKCS#1 v1.5", &pki::pkcs1(&message));
    let modulus = pki::rsa_modulus();
    let more = (BigUint::from_bytes_be(&good) + &modulus).to_bytes_be();
    with(bench, "plus the modulus", &more);
    with(bench, "the modulus itself", &modulus.to_bytes_be());
    with(bench, "one", &[vec![0; 255], vec![1]].concat());

    let draft = bench.good(Kind::Vaccination);
    let other = hcert::to_text(&draft.with_signature(&pki::pss(&message, &[9; 32])));
    bench.row("another salt of 32 bytes", other, accepted(&[]));
}
