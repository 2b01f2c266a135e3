use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn jws(header: &str, payload: &[u8]) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}.{}", part(header.as_bytes()), part(payload), part(&[9; 64]))
}

fn good(payload: &[u8]) -> String {
    jws(r#"{"zip":"DEF","alg":"ES256","kid":"a"}"#, &deflate(payload))
}

#[test]
fn a_card_is_read_from_digits_and_from_its_text() {
    let text = good(br#"{"iss":"https://a.example"}"#);
    let code = format!("shc:/{}", numeric::digits(&text).unwrap());
    let (card, forgiven) = Card::read(&text).unwrap();
    assert_eq!(card.payload["iss"], "https://a.example");
    assert!(forgiven.is_empty());
    assert_eq!(Card::read(&code).unwrap(), (card.clone(), vec![]));
    assert_eq!(Card::read(&format!("{code}\r\n")).unwrap().1, []);
    assert_eq!(Card::read(&format!(" \t\n {code} \n")).unwrap(), (card.clone(), vec![Deviation::Blanks]));
    let numbered = format!("shc:/1/1/{}", numeric::digits(&text).unwrap());
    assert_eq!(Card::read(&numbered).unwrap(), (card, vec![Deviation::Pieces]));
    let (head, tail) = text.split_at(text.len() / 3);
    let (head, tail) = (numeric::digits(head).unwrap(), numeric::digits(tail).unwrap());
    let pieces = format!("shc:/2/2/{tail} \r\n\nshc:/1/2/{head}\n");
    assert_eq!(Card::read(&pieces).unwrap().0.payload["iss"], "https://a.example");
    assert_eq!(Form::of(&code), Some(Form::Numeric));
    assert_eq!(Form::of(&text), Some(Form::Jws));
    assert_eq!(Form::of("HC1:6BF"), None);
}

#[test]
fn what_breaks_the_standard_is_refused_by_layer() {
    let zip = |found: &str| CardError::Compression { found: found.into() };
    for (text, expected) in [
        (jws(r#"{"alg":"ES256","kid":"a"}"#, &deflate(b"{}")), zip("")),
        (jws(r#"{"alg":"ES256","kid":"a","zip":"def"}"#, &deflate(b"{}")), zip("def")),
        (jws(r#"{"zip":"DEF"}"#, b"{\"iss\":1}"), DeflateError::NotCompressed.into()),
        (good(b"\xef\xbb\xbf{}"), CardError::ByteOrderMark),
        (good(br#"{"iss":1,"iss":2}"#), CardError::Json(JsonError::Twice { member: "iss".into() })),
        (good(b"{} {}"), CardError::Json(JsonError::Form { line: 1, column: 4 })),
        ("shc:/2/3/56".into(), CardError::Incomplete { index: 1, total: 3 }),
        ("shc:/1/2/56\nshc:/1/2/57".into(), CardError::Pieces(ChunkError::Twice { index: 1 })),
        ("shc:/56\nshc:/57".into(), CardError::Pieces(ChunkError::Whole { position: 1 })),
        ("shc:/5".into(), NumericError::Odd { digits: 1 }.into()),
        ("a.b".into(), JwsError::Parts { count: 2 }.into()),
    ] {
        assert_eq!(Card::read(&text), Err(expected), "{text}");
    }
}

#[test]
fn nothing_of_the_holder_is_shown() {
    let (card, _) = Card::read(&good(br#"{"name":"Anyperson"}"#)).unwrap();
    let shown = format!("{card:?}");
    assert!(!shown.contains("Anyperson") && shown.contains("ES256"), "{shown}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Card::read(&text), Form::of(&text), cards(text.as_bytes()));
        let _ = Card::read(&good(&payload));
        let _ = Card::read(&jws(r#"{"zip":"DEF"}"#, &payload));
    }
}
