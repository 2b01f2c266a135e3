//! Prefix, base45 and zlib.

use vaccert::{envelope::hcert, limits};

use super::{Bench, accepted, rejected};
use crate::workshop::{message::wrap, sample::Kind};

/// The rows.
pub fn fill(bench: &mut Bench) {
    let message = bench.good(Kind::Vaccination).finish();
    let text = hcert::to_text(&message);
    let body = text.strip_prefix("HC1:").unwrap().to_owned();
    prefixes(bench, &text, &body);
    characters(bench, &body);
    streams(bench, &message);
}

fn prefixes(bench: &mut Bench, text: &str, body: &str) {
    for version in ["HC0:", "HC2:", "HC9:", "HCA:", "HCZ:", "hc1:", "Hc1:"] {
        bench.row(format!("prefix {version}"), format!("{version}{body}"), rejected("unknown-version"));
    }
    for other in ["HL0:", "NCF:", "AT1:"] {
        bench.row(format!("prefix {other}"), format!("{other}{body}"), rejected("format-unknown"));
    }
    bench.row("no prefix", body.to_owned(), accepted(&["missing-prefix"]));
    bench.row("prefix without colon", format!("HC1{body}"), rejected("format-unknown"));
    bench.row("prefix alone", "HC1:".to_owned(), rejected("not-compressed"));
    bench.row("nothing", String::new(), rejected("format-unknown"));
    bench.row("blanks alone", "   ".to_owned(), rejected("format-unknown"));
    bench.row("an address", "https://example.org/certificate".to_owned(), rejected("format-unknown"));
    bench.row("too long", format!("HC1:{}", "0".repeat(limits::CODE_TEXT_BYTES)), rejected("text-too-long"));
    bench.row("line end", format!("{text}\r\n"), accepted(&[]));
    bench.row("byte-order mark", format!("\u{feff}{text}"), accepted(&[]));
    bench.row("blanks before", format!("  {text}"), accepted(&[]));
    bench.row("blanks after", format!("{text}    "), accepted(&[]));
}

fn characters(bench: &mut Bench, body: &str) {
    let with = |at: usize, character: char| {
        let mut characters: Vec<char> = body.chars().collect();
        characters[at] = character;
        format!("HC1:{}", characters.into_iter().collect::<String>())
    };
    let last = body.len() - 1;
    for (name, character) in [
        ("lower case", 'a'),
        ("equals sign", '='),
        ("underscore", '_'),
        ("comma", ','),
        ("line end", '\n'),
        ("NUL", '\0'),
        ("umlaut", 'Ä'),
        ("no-break space", '\u{a0}'),
        ("Greek capital that looks Latin", 'Α'),
    ] {
        bench.row(format!("{name} at the start"), with(0, character), rejected("base45-invalid"));
        bench.row(format!("{name} inside"), with(last / 2, character), rejected("base45-invalid"));
    }
    bench.row("lower case throughout", format!("HC1:{}", body.to_lowercase()), rejected("base45-invalid"));
    let whole = &body[..body.len() / 3 * 3];
    bench.row("one character too many", format!("HC1:{whole}0"), rejected("base45-invalid"));
    bench.row("a group over 65535", format!("HC1:{whole}:::"), rejected("base45-invalid"));
    bench.row("the smallest group over 65535", format!("HC1:{whole}GGW"), rejected("base45-invalid"));
    bench.row("a pair over 255", format!("HC1:{whole}::"), rejected("base45-invalid"));
    bench.row("the smallest pair over 255", format!("HC1:{whole}V5"), rejected("base45-invalid"));
    bench.row("cut in half", format!("HC1:{}", &body[..body.len() / 6 * 3]), rejected("compression-invalid"));
    bench.row("another group", format!("HC1:{whole}000"), rejected("compression-invalid"));
}

fn streams(bench: &mut Bench, message: &[u8]) {
    let good = hcert::deflate(message);
    let changed = |change: fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        wrap(&bytes)
    };
    let zlib = |level: u32, bytes: &[u8]| {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    // RFC 1950 section 2.2.
    bench.row("not compressed", wrap(message), rejected("not-compressed"));
    bench.row("raw deflate", wrap(&good[2..good.len() - 4]), rejected("not-compressed"));
    bench.row("gzip", wrap(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &good[2..]].concat()), rejected("not-compressed"));
    bench.row("compression method 7", changed(|b| b[..2].copy_from_slice(&[0x77, 0x85])), rejected("not-compressed"));
    bench.row("header check", changed(|b| b[1] ^= 1), rejected("not-compressed"));
    bench.row("window of 64 kB", changed(|b| b[..2].copy_from_slice(&[0x88, 0x1c])), rejected("compression-invalid"));
    bench.row("preset dictionary", changed(|b| b[..2].copy_from_slice(&[0x78, 0xbb])), rejected("compression-invalid"));
    bench.row("checksum", changed(|b| *b.last_mut().unwrap() ^= 1), rejected("compression-invalid"));
    bench.row("no checksum", changed(|b| b.truncate(b.len() - 4)), rejected("compression-invalid"));
    bench.row("last byte missing", changed(|b| b.truncate(b.len() - 1)), rejected("compression-invalid"));
    bench.row("header alone", changed(|b| b.truncate(2)), rejected("compression-invalid"));
    bench.row("reserved block type", wrap(&[0x78, 0x9c, 0x07, 0, 0, 0, 0]), rejected("compression-invalid"));
    bench.row("a byte after", changed(|b| b.push(0)), rejected("compression-invalid"));
    bench.row("a second member", wrap(&[good.clone(), good.clone()].concat()), rejected("compression-invalid"));
    bench.row("nothing inside", wrap(&hcert::deflate(&[])), rejected("cose-invalid"));
    bench.row("compressed twice", wrap(&hcert::deflate(&good)), rejected("cose-invalid"));
    let bomb = vec![0; limits::INFLATED_BYTES + 1];
    bench.row("a byte over the limit", wrap(&hcert::deflate(&bomb)), rejected("inflates-too-large"));
    bench.row("5 MB of zeros", wrap(&hcert::deflate(&vec![0; 5_000_000])), rejected("inflates-too-large"));
    for level in [0, 1, 6, 9] {
        bench.row(format!("level {level}"), wrap(&zlib(level, message)), accepted(&[]));
    }
}
