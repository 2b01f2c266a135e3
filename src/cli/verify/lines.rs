//! A stream of codes, one a line: from a file, or from a scanner that types. All cores judge, the answers come
//! out in order, and no answer waits for a line that has not come.

use std::io::{self, BufRead, Read, Write};

use rayon::prelude::*;

use crate::limits::{CODE_FILE_BYTES, LINES_AT_ONCE};

/// Bytes read at once: a file fills it, a scanner gives one line.
const BUFFER: usize = 1024 * 1024;

/// Which side of the stream failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinesError {
    #[error("the input cannot be read: {0}")]
    Read(io::Error),
    #[error("the verdicts cannot be written: {0}")]
    Write(io::Error),
}

/// Reads lines, turns each into its answer, and writes the answers in order. A line longer than any code is
/// cut where the bound lies, so that it gets its answer too; an empty line is none.
pub(super) fn run<A: Send>(
    input: impl Read,
    out: &mut impl Write,
    answer: impl Fn(&str) -> A + Sync,
    mut write: impl FnMut(A, &mut dyn Write) -> io::Result<()>,
) -> Result<(), LinesError> {
    let mut reader = io::BufReader::with_capacity(BUFFER, input);
    let mut batch = Vec::new();
    loop {
        // The first line may be waited for; the others of a batch only if they are here already.
        let more = read_line(&mut reader, &mut batch).map_err(LinesError::Read)?;
        while more && batch.len() < LINES_AT_ONCE && reader.buffer().contains(&b'\n') {
            read_line(&mut reader, &mut batch).map_err(LinesError::Read)?;
        }
        if batch.len() == 1 {
            for line in batch.drain(..) {
                write(answer(&line), out).map_err(LinesError::Write)?;
            }
        } else {
            let answers: Vec<A> = batch.par_iter().map(|line| answer(line)).collect();
            batch.clear();
            for answer in answers {
                write(answer, out).map_err(LinesError::Write)?;
            }
        }
        out.flush().map_err(LinesError::Write)?;
        if !more {
            return Ok(());
        }
    }
}

/// Adds the next line; false at the end of the input.
fn read_line(reader: &mut impl BufRead, batch: &mut Vec<String>) -> io::Result<bool> {
    let mut line = Vec::new();
    let limit = u64::try_from(CODE_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(2);
    if reader.take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(false);
    }
    if line.last() != Some(&b'\n') {
        reader.skip_until(b'\n')?;
    }
    let text = String::from_utf8_lossy(&line);
    let text = text.trim_end_matches(['\r', '\n']);
    if !text.trim().is_empty() {
        batch.push(text.to_owned());
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(input: &[u8]) -> Vec<usize> {
        let mut seen = Vec::new();
        run(input, &mut io::sink(), str::len, |length, _| {
            seen.push(length);
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn every_line_gets_its_answer_in_order() {
        let mut input = Vec::new();
        let expected: Vec<usize> = (1..20_000).map(|n| n % 700 + 1).collect();
        for length in &expected {
            input.extend(vec![b'A'; *length]);
            input.extend(b"\r\n");
        }
        assert_eq!(lengths(&input), expected);
    }

    #[test]
    fn broken_lines_stop_nothing() {
        let mut input = b"one\n\n  \n".to_vec();
        input.extend(vec![b'X'; 3 * CODE_FILE_BYTES]);
        input.extend(b"\n\xff\xfe\nlast");
        assert_eq!(lengths(&input), [3, CODE_FILE_BYTES + 2, 6, 4]);
        assert_eq!(lengths(b""), Vec::<usize>::new());
    }
}
