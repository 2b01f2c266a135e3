//! How large the codes are: a typical one stays within what a telephone reads from a printed page.

use super::{code, test, vaccination};
use crate::workshop::cbor::{Node, map, text};

/// Characters of the text, and the versions of its symbol at the levels M and Q.
fn sizes(number: i64, content: Node) -> (usize, usize, usize) {
    let (text, _) = code(number, content);
    let version = |level| (fast_qr::QRBuilder::new(text.as_str()).ecl(level).build().unwrap().size - 17) / 4;
    let found = (text.len(), version(fast_qr::ECL::M), version(fast_qr::ECL::Q));
    println!("sub-claim {number}: {} characters, QR version {} at M, {} at Q", found.0, found.1, found.2);
    found
}

#[test]
fn codes_stay_readable() {
    let (characters, _, version) = sizes(3, vaccination());
    assert!(characters < 900 && version <= 23, "{characters} characters, version {version}");
    let (characters, _, version) = sizes(4, test());
    assert!(characters < 800 && version <= 22, "{characters} characters, version {version}");
    // A name and a place of many letters, and every element that a record may have.
    // Thai consonants in no order: what compression makes nothing of.
    let letter = |n: usize| char::from_u32(0xe01 + (n * n * 7 + n * 13) as u32 % 46).unwrap();
    let long = |letters: usize| text(&(1..=letters).map(letter).collect::<String>());
    let worst = vaccination()
        .set("name", long(160))
        .set("vaccination.centre", long(120))
        .set("vaccination.lot", text("ABCDEFGHIJKLMNOPQRST"))
        .set("vaccination.practitioner", map(&[("value", text("N-1234567890"))]))
        .set("vaccination.nextDose", text("2027-10-20"))
        .set("identifier", map(&[("value", text("123456789012345678"))]))
        .set("certificate.hcid.value", text("URN:UVCI:01:XX:ABCDEFGHIJKLMNOPQRSTUVWXYZ#A"));
    assert!(sizes(3, worst).0 < 4_296, "more than one symbol holds");
}
