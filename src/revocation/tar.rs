//! Archives as the distribution service makes them: POSIX ustar, as much of it as its writer uses.

use std::io::Read;

use super::error::RevocationError;
use crate::limits;

const BLOCK: usize = 512;

/// Whether the first bytes of a file are the head of an archive.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar") && bytes.len() >= BLOCK
}

/// Hands every file of an archive to `take`, with its path.
///
/// The service closes its archives without the two empty blocks that should end them, so that the end of the
/// data between two files is an end as well.
pub(super) fn read(
    name: &str,
    mut archive: impl Read,
    mut take: impl FnMut(&str, &[u8]) -> Result<(), RevocationError>,
) -> Result<(), RevocationError> {
    let damaged = |part| RevocationError::Packed { name: name.to_owned(), part };
    let mut body = Vec::new();
    for _ in 0..=limits::REVOCATION_SLICES {
        let mut head = [0; BLOCK];
        let length = fill(&mut archive, &mut head).map_err(|_| damaged("compression"))?;
        if length == 0 || head.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if length < BLOCK || !sum_fits(&head) {
            return Err(damaged("file heads"));
        }
        let size = octal(head.get(124..136).unwrap_or_default()).ok_or_else(|| damaged("file sizes"))?;
        let size = usize::try_from(size).ok().filter(|size| *size <= limits::REVOCATION_SLICE_BYTES);
        let size = size.ok_or_else(|| damaged("file sizes"))?;

        body.clear();
        let wanted = u64::try_from(size).unwrap_or(u64::MAX);
        let found = archive.by_ref().take(wanted).read_to_end(&mut body).map_err(|_| damaged("compression"))?;
        if found < size {
            return Err(damaged("last file"));
        }
        let padding = size.next_multiple_of(BLOCK) - size;
        // The last file's padding may be missing with the rest of the end.
        fill(&mut archive, head.clone().get_mut(..padding).unwrap_or_default()).map_err(|_| damaged("compression"))?;

        match head.get(156) {
            Some(b'0' | 0) => {
                let text = |range| text(head.get(range).unwrap_or_default()).ok_or_else(|| damaged("file names"));
                let (prefix, last) = (text(345..500)?, text(0..100)?);
                // GNU writers keep times where POSIX has the prefix.
                let posix = head.get(257..263) == Some(b"ustar\0");
                let path = if prefix.is_empty() || !posix { last.to_owned() } else { format!("{prefix}/{last}") };
                take(&path, &body)?;
            }
            // Folders; notes of the writer about times and owners.
            Some(b'5' | b'x' | b'g') => {}
            _ => return Err(damaged("file kinds")),
        }
    }
    Err(RevocationError::TooMany { what: "files in one archive", limit: limits::REVOCATION_SLICES })
}

/// Reads until the buffer is full or the data ends; gives the bytes read.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// The head's own sum, with its field taken for spaces.
fn sum_fits(head: &[u8; BLOCK]) -> bool {
    let field = 148..156;
    let sum: u64 =
        head.iter().enumerate().map(|(at, byte)| if field.contains(&at) { 32 } else { u64::from(*byte) }).sum();
    octal(head.get(field).unwrap_or_default()) == Some(sum)
}

fn octal(field: &[u8]) -> Option<u64> {
    u64::from_str_radix(text(field)?.trim(), 8).ok()
}

/// Text up to the first zero.
fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An archive of these files, without the empty blocks at its end.
    pub(in crate::revocation) fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (path, body) in files {
            let mut head = [0_u8; BLOCK];
            head[..path.len()].copy_from_slice(path.as_bytes());
            head[124..136].copy_from_slice(format!("{:011o}\0", body.len()).as_bytes());
            head[148..156].fill(b' ');
            head[156] = b'0';
            head[257..265].copy_from_slice(b"ustar\x0000");
            let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
            head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            out.extend(head);
            out.extend(body);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
        out
    }

    fn files(archive: &[u8]) -> Result<Vec<(String, Vec<u8>)>, RevocationError> {
        let mut all = Vec::new();
        read("x.tar", archive, |path, body| {
            all.push((path.to_owned(), body.to_vec()));
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let good = archive(&[("a/b".to_owned(), vec![7; 700])]);
        assert!(looks_like(&good) && !looks_like(&good[..400]));
        assert_eq!(files(&good[..BLOCK + 700]).unwrap().len(), 1, "padding may be missing");
        assert!(files(&good[..BLOCK + 699]).is_err(), "content may not");
        assert!(files(&good[..BLOCK - 1]).is_err());
        let mut flipped = good.clone();
        flipped[3] ^= 1;
        assert!(files(&flipped).is_err());
        // A size beyond every bound, with a sum that fits: nothing of it is reserved.
        let mut huge = good;
        huge[124..136].copy_from_slice(b"77777777777\0");
        let sum: u32 = huge[..BLOCK]
            .iter()
            .enumerate()
            .map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) })
            .sum();
        huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(matches!(files(&huge), Err(RevocationError::Packed { part: "file sizes", .. })));
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(
            all in prop::collection::vec(("[a-z]{1,9}/[a-z=+]{1,60}", prop::collection::vec(any::<u8>(), 0..1500)), 0..5),
            ended in any::<bool>(),
        ) {
            let mut bytes = archive(&all);
            if ended {
                bytes.extend([0; 2 * BLOCK]);
            }
            prop_assert_eq!(files(&bytes).unwrap(), all);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = files(&bytes);
        }
    }
}
