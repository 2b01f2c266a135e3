//! The densest standard form of a code's text, for paper: fewer characters are larger modules.
//!
//! The signed bytes stay as they are; only the zlib layer around them is packed anew (zopfli), which every reader
//! inflates as before. A signature looks like chance and spoils the tables of the text before it, so it gets a block of
//! its own: over 299 certificates of the EU's test data that gains 12 of 375 bytes on average and a smaller symbol for
//! every third certificate, at the cost of one zopfli pass for each block. More passes gain nothing at this length;
//! zopfli's own search for blocks gains 11 bytes more at 300 times the cost, which no printer waits for.

use std::{borrow::Cow, io::Write, num::NonZeroU64};

use zopfli::{BlockType, Options, ZlibEncoder};

use super::{PREFIX, Sign1, base45, from_text};

/// `text` (`HC1:…`) with its content packed as densely as can be, or as it is where that gains nothing or it is no
/// such text. Opens to the same bytes; the same text always gives the same result.
#[must_use]
pub fn densest(text: &str) -> Cow<'_, str> {
    match repacked(text) {
        Some(dense) if dense.len() < text.len() => Cow::Owned(dense),
        _ => Cow::Borrowed(text),
    }
}

fn repacked(text: &str) -> Option<String> {
    let (cose, forgiven) = from_text(text).ok()?;
    if !forgiven.is_empty() {
        return None;
    }
    // The head of the byte string that holds the signature goes with it: two bytes, or three above 255.
    let signature = Sign1::read(&cose).ok()?.signature.len();
    let head = if signature > 255 { 3 } else { 2 };
    let (content, signature) = cose.split_at_checked(cose.len().checked_sub(signature + head)?)?;
    let options = Options {
        iteration_count: NonZeroU64::MIN,
        iterations_without_improvement: NonZeroU64::MIN,
        maximum_block_splits: 1,
    };
    let mut encoder = ZlibEncoder::new(options, BlockType::Dynamic, Vec::new()).ok()?;
    // What is written at once becomes a block.
    encoder.write_all(content).ok()?;
    encoder.write_all(signature).ok()?;
    let packed = encoder.finish().ok()?;
    let mut dense = String::with_capacity(text.len());
    dense.push_str(PREFIX);
    base45::encode_into(&packed, &mut dense);
    // A reader must find what was signed; the encoder is believed only as far as that.
    (from_text(&dense).ok()?.0 == cose).then_some(dense)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{ToBeSigned, to_text},
        *,
    };
    use crate::keys::{Algorithm, Kid};

    fn text(content: &[u8], signature: &[u8]) -> String {
        let message = ToBeSigned::new(Algorithm::Es256, &Kid::new(vec![1; 8]), content.to_vec());
        to_text(&message.finish(signature))
    }

    /// Bytes like those of a signature.
    fn chance(length: u64) -> Vec<u8> {
        (1..=length).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[1]).collect()
    }

    #[test]
    fn a_certificate_gets_shorter_and_keeps_its_bytes() {
        let content = r#"{"ver":"1.3.0","nam":{"fn":"Musterfrau","gn":"Gabriele","fnt":"MUSTERFRAU","gnt":"GABRIELE"},
            "dob":"1988-04-12","v":[{"tg":"840539006","vp":"1119349007","mp":"EU/1/20/1528","ma":"ORG-100030215","dn":2,
            "sd":2,"dt":"2021-06-15","co":"XX","is":"Ministry of Health","ci":"URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9"}]}"#;
        let text = text(content.as_bytes(), &chance(64));
        let dense = densest(&text);
        assert!(dense.len() < text.len(), "{} of {}", dense.len(), text.len());
        assert_eq!(from_text(&dense).unwrap(), from_text(&text).unwrap());
        assert_eq!(densest(&text), dense, "the same text, the same result");
        assert_eq!(densest(&dense), dense, "packed is packed");
    }

    #[test]
    fn what_is_no_certificate_stays_as_it_is() {
        for text in ["", "HC1:", "HC1:6BF", "shc:/5676", "HC2:ABC", "hello"] {
            assert_eq!(densest(text), text);
            assert!(matches!(densest(text), Cow::Borrowed(_)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn nothing_gets_longer_and_everything_opens(
            content in prop::collection::vec(any::<u8>(), 1..700),
            signature in prop::sample::select(vec![64_u64, 96, 132, 256, 512]),
        ) {
            let text = text(&content, &chance(signature));
            let dense = densest(&text);
            prop_assert!(dense.len() <= text.len());
            prop_assert_eq!(from_text(&dense).unwrap().0, from_text(&text).unwrap().0);
        }
    }
}
