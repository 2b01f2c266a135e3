//! A file of cards: `.smart-health-card` (`{"verifiableCredential": [JWS, …]}`, "via File Download"), and the same
//! cards as a FHIR server hands them out (`Parameters`, operation `$health-cards-issue`).

use serde_json::Value;

use crate::{
    envelope::json::{self, JsonError},
    limits::{SHC_FILE_BYTES, SHC_FILE_CARDS},
};

/// Why a file that says of itself that it holds cards cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Longer than any such file.
    #[error("the file of health cards has {bytes} bytes; no such file has more than {SHC_FILE_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or a name twice.
    #[error("the file of health cards cannot be read: {0}")]
    Json(#[from] JsonError),
    /// An entry that is no text.
    #[error("card {position} in the file of health cards is no text; ask for the file again")]
    Entry {
        /// Which one, from 1.
        position: usize,
    },
    /// No card.
    #[error("the file of health cards holds none; ask for the file again")]
    Empty,
    /// Too many.
    #[error("the file holds {count} health cards; at most {SHC_FILE_CARDS} are read at once")]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// The cards of a file, each a bare JWS, to be judged one by one. `None` when the file is of another kind.
///
/// # Errors
/// [`FileError`] when it is such a file and cannot be used.
pub fn cards(bytes: &[u8]) -> Option<Result<Vec<String>, FileError>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if !text.starts_with(b"{") {
        return None;
    }
    if bytes.len() > SHC_FILE_BYTES {
        return Some(Err(FileError::TooLong { bytes: bytes.len() }));
    }
    let document = match json::read(text) {
        Ok(document) => document,
        // Only a file that names its cards is one of ours to complain about.
        Err(error) => return names_cards(text).then_some(Err(error.into())),
    };
    if let Some(list) = document.get("verifiableCredential") {
        return Some(of_list(list));
    }
    if document.get("resourceType").and_then(Value::as_str) == Some("Parameters") {
        return Some(of_parameters(&document));
    }
    None
}

fn names_cards(text: &[u8]) -> bool {
    let name = b"\"verifiableCredential\"";
    text.windows(name.len()).any(|window| window == name)
}

fn of_list(list: &Value) -> Result<Vec<String>, FileError> {
    let Value::Array(entries) = list else { return Err(FileError::Entry { position: 1 }) };
    all(entries.iter().map(Value::as_str), entries.len())
}

fn of_parameters(document: &Value) -> Result<Vec<String>, FileError> {
    let parameters = document.get("parameter").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_card = |parameter: &&Value| parameter.get("name").and_then(Value::as_str) == Some("verifiableCredential");
    let cards: Vec<&Value> = parameters.iter().filter(is_card).collect();
    all(cards.iter().map(|card| card.get("valueString").and_then(Value::as_str)), cards.len())
}

fn all<'a>(texts: impl Iterator<Item = Option<&'a str>>, count: usize) -> Result<Vec<String>, FileError> {
    match count {
        0 => Err(FileError::Empty),
        count if count > SHC_FILE_CARDS => Err(FileError::TooMany { count }),
        _ => texts
            .enumerate()
            .map(|(n, text)| text.map(str::to_owned).ok_or(FileError::Entry { position: n + 1 }))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_of_a_file_comes_out() {
        let two = Ok(vec!["a.b.c".to_owned(), "d.e.f".to_owned()]);
        assert_eq!(cards(br#" {"verifiableCredential":["a.b.c","d.e.f"]} "#), Some(two.clone()));
        let fhir = br#"{"resourceType":"Parameters","parameter":[{"name":"verifiableCredential","valueString":"a.b.c"},
            {"name":"resourceLink","part":[]},{"name":"verifiableCredential","valueString":"d.e.f"}]}"#;
        assert_eq!(cards(fhir), Some(two));
    }

    #[test]
    fn other_files_are_left_alone_and_broken_ones_told() {
        for other in [&b"HC1:ABC"[..], b"", b"[1]", b"{\"data\":{}}", b"{broken", b"shc:/56"] {
            assert_eq!(cards(other), None);
        }
        assert_eq!(cards(br#"{"verifiableCredential":[]}"#), Some(Err(FileError::Empty)));
        assert_eq!(cards(br#"{"resourceType":"Parameters"}"#), Some(Err(FileError::Empty)));
        assert_eq!(cards(br#"{"verifiableCredential":["a",1]}"#), Some(Err(FileError::Entry { position: 2 })));
        assert_eq!(cards(br#"{"verifiableCredential":"a.b.c"}"#), Some(Err(FileError::Entry { position: 1 })));
        assert!(matches!(cards(br#"{"verifiableCredential":["a"}"#), Some(Err(FileError::Json(_)))));
        let many = format!("{{\"verifiableCredential\":[{}\"a\"]}}", "\"a\",".repeat(SHC_FILE_CARDS));
        assert_eq!(cards(many.as_bytes()), Some(Err(FileError::TooMany { count: SHC_FILE_CARDS + 1 })));
        let long = format!("{{{}", " ".repeat(SHC_FILE_BYTES));
        assert!(matches!(cards(long.as_bytes()), Some(Err(FileError::TooLong { .. }))));
    }
}
