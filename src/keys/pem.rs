//! PEM (RFC 7468): the text form of certificates, requests and keys.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::limits::PEM_BLOCKS;

const BEGIN: &str = "-----BEGIN ";

/// A block: what its label says, and the bytes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The label, such as `CERTIFICATE`.
    pub label: String,
    /// The content; `None` when it is no Base64 or the end line is missing.
    pub der: Option<Vec<u8>>,
}

/// Every block of a text, in order, [`PEM_BLOCKS`] at most; text around the blocks is left out, as RFC 7468
/// section 2 allows.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let begins = text.match_indices(BEGIN).take(PEM_BLOCKS);
    begins.filter_map(|(at, _)| block(text.get(at + BEGIN.len()..)?)).collect()
}

fn block(rest: &str) -> Option<Block> {
    let (label, rest) = rest.split_once("-----")?;
    let end = format!("-----END {label}-----");
    let der = rest.split_once(&end).and_then(|(body, _)| {
        let dense: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(dense).ok()
    });
    Some(Block { label: label.to_owned(), der })
}

/// Writes one block with lines of 64 characters.
#[must_use]
pub fn write(label: &str, der: &[u8]) -> String {
    let mut text = format!("{BEGIN}{label}-----\n");
    let base64 = STANDARD.encode(der);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn damaged_blocks_are_named_and_the_others_read() {
        let text = format!("note\n-----BEGIN A-----\n!\n-----END A-----\n{}-----BEGIN C-----\nAA", write("B", &[1, 2]));
        let found: Vec<_> = blocks(&text).into_iter().map(|block| (block.label, block.der)).collect();
        assert_eq!(found, [("A".into(), None), ("B".into(), Some(vec![1, 2])), ("C".into(), None)]);
        assert!(blocks("nothing here").is_empty());
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(der in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = write("CERTIFICATE", &der);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            prop_assert_eq!(blocks(&text), vec![Block { label: "CERTIFICATE".into(), der: Some(der) }]);
        }

        #[test]
        fn any_text_is_read(text in ".{0,200}") {
            let _ = blocks(&text);
        }
    }
}
