//! A list of identifiers: one a line, or a table with a column `id` and perhaps a column `reason`.

use std::path::Path;

use super::RevokeError;
use crate::{limits, registry::Reason};

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: u64,
    /// The identifier as it stands there; `None` where the line cannot be read.
    pub(super) id: Option<String>,
    /// A reason of its own; `Err` where it is none.
    pub(super) reason: Option<Result<Reason, ()>>,
}

/// Reads a list. A line that cannot be read is one of the lines.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, RevokeError> {
    let wrong = |error: std::io::Error| RevokeError::Read { path: path.to_owned(), kind: error.kind() };
    if std::fs::metadata(path).map_err(wrong)?.len() > limits::REVOCATION_CSV_BYTES {
        return Err(RevokeError::TooLarge { path: path.to_owned() });
    }
    lines(&std::fs::read(path).map_err(wrong)?, path)
}

fn lines(bytes: &[u8], path: &Path) -> Result<Vec<Line>, RevokeError> {
    // The mark that some spreadsheets put in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = [b';', b'\t'].into_iter().find(|mark| first.contains(mark)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(delimiter);
    let mut reader = reader.from_reader(bytes);
    let (mut lines, mut columns, mut begun) = (Vec::new(), (0, None), false);
    let mut record = csv::ByteRecord::new();
    let mut counted = Counted { bytes, at: 0, line: 1 };
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            // Bytes in memory cannot fail to be read, and lines may differ in length: nothing else is an error.
            Err(_) => break,
        }
        let text = |column: usize| record.get(column).and_then(|field| std::str::from_utf8(field).ok());
        if !begun {
            begun = true;
            let named = |name: &str| (0..record.len()).find(|&c| text(c).is_some_and(|t| t.eq_ignore_ascii_case(name)));
            match named("id") {
                Some(id) => {
                    columns = (id, named("reason"));
                    continue;
                }
                None if record.len() > 1 => return Err(RevokeError::NoColumn { path: path.to_owned() }),
                None => {}
            }
        }
        if lines.len() >= limits::REVOCATION_SELECTION {
            return Err(RevokeError::TooMany { path: path.to_owned() });
        }
        let reason = columns.1.and_then(text).filter(|word| !word.is_empty());
        lines.push(Line {
            number: counted.line_at(record.position().map_or(0, csv::Position::byte)),
            id: text(columns.0).filter(|id| !id.is_empty()).map(str::to_owned),
            reason: reason.map(|word| given(word).ok_or(())),
        });
    }
    Ok(lines)
}

/// Counts the lines of a file as an editor does. The reader's own count is late by one where lines end in two
/// characters.
struct Counted<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Counted<'_> {
    /// The line of the record that begins at this byte or behind the line ends there; asked for in ascending order.
    fn line_at(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= from && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// A reason that a list may give.
fn given(word: &str) -> Option<Reason> {
    let allowed =
        [Reason::Fraud, Reason::Error, Reason::Lot, Reason::Key, Reason::Holder, Reason::Mistake, Reason::Other];
    allowed.into_iter().find(|reason| reason.as_str().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<Line>, RevokeError> {
        lines(text, Path::new("list.csv"))
    }

    #[test]
    fn lists_of_every_kind() {
        let ids = |text: &str| -> Vec<(u64, Option<String>)> {
            read(text.as_bytes()).unwrap().into_iter().map(|line| (line.number, line.id)).collect()
        };
        let both = [(1, Some("A".to_owned())), (2, Some("B".to_owned()))];
        assert_eq!(ids("A\nB\n"), both);
        assert_eq!(ids("\u{feff}A\r\nB"), both);
        let below = [(2, Some("A".to_owned())), (3, Some("B".to_owned()))];
        assert_eq!(ids("id\nA\n B \n"), below);
        assert_eq!(ids("name;ID;reason\nx;A;fraud\ny;B;\n"), below);
        assert_eq!(ids("name,id\nx,\"A\"\ny,B,too,many\n"), below);
        assert_eq!(ids("id,reason\nA,fraud\n\"\",lot\n")[1], (3, None));
        assert_eq!(ids(""), []);
        assert!(matches!(read(b"name,number\nx,1\n"), Err(RevokeError::NoColumn { .. })));
        let found = read(b"id,reason\nA,Fraud\nB,superseded\n\xff\xfe,lot\n").unwrap();
        let reasons: Vec<_> = found.iter().map(|line| line.reason).collect();
        assert_eq!(reasons, [Some(Ok(Reason::Fraud)), Some(Err(())), Some(Ok(Reason::Lot))]);
        assert_eq!(found[2].id, None, "not text");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_lines_or_a_refusal(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }
    }
}
