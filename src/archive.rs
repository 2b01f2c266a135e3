//! A ZIP archive with nothing compressed (PKWARE APPNOTE 6.3, sections 4.3 to 4.4), for files that are compressed
//! already, such as PDFs and pictures. The same files always give the same bytes.

use flate2::Crc;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version that a reader needs: 2.0.
const VERSION: u16 = 20;
/// Midnight of 1 January 1980: an archive tells no time of its making.
const DATE: u16 = 1 << 5 | 1;

/// Names are in UTF-8.
const FLAGS: u16 = 1 << 11;

/// An archive of these files, in their order. `None` when it would need the 64-bit form, which phones cannot always
/// open.
#[must_use]
pub fn stored<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in files {
        let (name, bytes) = (name.as_ref(), bytes.as_ref());
        let offset = u32::try_from(out.len()).ok()?;
        let size = u32::try_from(bytes.len()).ok()?;
        let length = u16::try_from(name.len()).ok()?;
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut entry = Vec::new();
        for value in [VERSION, FLAGS, 0, 0, DATE] {
            entry.extend(value.to_le_bytes());
        }
        for value in [crc.sum(), size, size] {
            entry.extend(value.to_le_bytes());
        }
        entry.extend(length.to_le_bytes());
        entry.extend(0_u16.to_le_bytes());
        out.extend(LOCAL.to_le_bytes());
        out.extend(&entry);
        out.extend(name.as_bytes());
        out.extend(bytes);
        directory.extend(CENTRAL.to_le_bytes());
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&entry);
        // Comment, disk, attributes inside; then attributes outside.
        directory.extend([0; 6]);
        directory.extend([0; 4]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).ok()?;
    let (start, length) = (u32::try_from(out.len()).ok()?, u32::try_from(directory.len()).ok()?);
    out.extend(directory);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_reads_it() {
        let files = [("a.pdf", b"first".as_slice()), ("ລາວ/b.pdf", b"")];
        let archive = stored(&files).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.zip");
        std::fs::write(&path, &archive).unwrap();
        let script = "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                      print({n: z.read(n) for n in z.namelist()})";
        let read = std::process::Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
        assert_eq!(String::from_utf8(read.stdout).unwrap().trim(), "{'a.pdf': b'first', 'ລາວ/b.pdf': b''}");
    }
}
