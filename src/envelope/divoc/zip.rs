//! The archive in a DIVOC code (PKWARE APPNOTE 6.3, sections 4.3 to 4.4): one entry `certificate.json`, stored or
//! deflated. The central directory is the judge, because CoWIN writes sizes of 0 before the data and the true ones
//! in a data descriptor behind it; and every byte must belong to something, so that two readers cannot see two
//! contents.

use flate2::Crc;

use crate::{
    envelope::flate::{self, FlateError, Frame},
    limits::DIVOC_TEXT_BYTES,
};

/// The one entry that an archive has.
const NAME: &[u8] = b"certificate.json";

const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;

const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Flag: sizes and checksum follow the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Flags that change nothing for a reader: how hard the compressor tried, and that names are UTF-8.
const FLAGS_HARMLESS: u16 = 1 << 1 | 1 << 2 | 1 << 11;

/// Extra field of zip64 (section 4.5.3).
const EXTRA_ZIP64: u16 = 1;

/// Midnight of 1 January 1980, the earliest that the format can say: an archive tells no time of its making.
const FIXED_DATE: u16 = 1 << 5 | 1;

/// Version of the format that has DEFLATE: 2.0.
const VERSION: u16 = 20;

/// Why bytes are no archive of a DIVOC code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// Neither its begin nor its end is that of an archive.
    #[error("the content is not a zip archive")]
    NotZip,
    /// It ends early, or a length points outside.
    #[error("the zip archive is cut off or damaged in its {part}; scan the code again")]
    Damaged {
        /// Part of the archive.
        part: &'static str,
    },
    /// Another number of entries than one.
    #[error("the zip archive has {count} entries; a DIVOC code has one")]
    Entries {
        /// How many.
        count: u16,
    },
    /// The entry has another name.
    #[error("the entry of the zip archive is not named certificate.json; this is no DIVOC code")]
    Name,
    /// Something that no DIVOC code has: encryption, zip64, a comment, another compression.
    #[error("the zip archive uses {feature}, which no DIVOC code has")]
    Feature {
        /// What it uses.
        feature: &'static str,
    },
    /// Before and after the data the archive says different things of its entry.
    #[error("the zip archive contradicts itself about the {what} of its entry; it was made to be read in two ways")]
    Contradiction {
        /// Of what.
        what: &'static str,
    },
    /// More than any credential.
    #[error("the zip archive holds more than {DIVOC_TEXT_BYTES} bytes; no DIVOC credential does")]
    TooLarge,
    /// The checksum is another one.
    #[error("the checksum of the zip archive does not match; the code is damaged, scan it again")]
    Checksum,
}

/// Whether the bytes begin as an archive does.
#[must_use]
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(&LOCAL.to_le_bytes())
}

/// Fields of a header, one after another.
struct Fields<'a> {
    rest: &'a [u8],
    part: &'static str,
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ZipError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ZipError::Damaged { part: self.part })?;
        self.rest = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, ZipError> {
        let bytes = self.take(2)?;
        bytes.first_chunk().map(|chunk| u16::from_le_bytes(*chunk)).ok_or(ZipError::Damaged { part: self.part })
    }

    fn u32(&mut self) -> Result<u32, ZipError> {
        let bytes = self.take(4)?;
        bytes.first_chunk().map(|chunk| u32::from_le_bytes(*chunk)).ok_or(ZipError::Damaged { part: self.part })
    }
}

/// What a header says of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    unpacked: u32,
}

impl Entry {
    /// The part that both headers share, up to the sizes.
    fn read(fields: &mut Fields<'_>) -> Result<Self, ZipError> {
        let (_version, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        Ok(Self { flags, method, crc: fields.u32()?, packed: fields.u32()?, unpacked: fields.u32()? })
    }

    fn write(self, out: &mut Vec<u8>) {
        for value in [VERSION, self.flags, self.method, 0, FIXED_DATE] {
            out.extend(value.to_le_bytes());
        }
        for value in [self.crc, self.packed, self.unpacked] {
            out.extend(value.to_le_bytes());
        }
    }
}

fn size(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Content of the one entry.
///
/// # Errors
/// [`ZipError`] says what is wrong.
pub fn read(archive: &[u8]) -> Result<Vec<u8>, ZipError> {
    if !begins(archive) {
        return Err(ZipError::NotZip);
    }
    let (entry, directory_at) = central(archive)?;
    let (body, _) = archive.split_at_checked(directory_at).ok_or(ZipError::Damaged { part: "directory" })?;
    let data = data(body, entry)?;
    let content = if entry.method == STORED { data.to_vec() } else { inflate(data, size(entry.unpacked))? };
    if content.len() != size(entry.unpacked) {
        return Err(ZipError::Contradiction { what: "size" });
    }
    if checksum(&content) != entry.crc {
        return Err(ZipError::Checksum);
    }
    Ok(content)
}

/// The entry as the central directory has it, and where that directory begins.
fn central(archive: &[u8]) -> Result<(Entry, usize), ZipError> {
    let damaged = ZipError::Damaged { part: "end" };
    let end_at = archive.len().checked_sub(END_BYTES).ok_or(damaged)?;
    let (before, end) = archive.split_at_checked(end_at).ok_or(damaged)?;
    let mut end = Fields { rest: end, part: "end" };
    if end.u32()? != END {
        // A comment would move the end; nobody can then say where the archive stops.
        return Err(damaged);
    }
    let (disk, directory_disk) = (end.u16()?, end.u16()?);
    let (here, all) = (end.u16()?, end.u16()?);
    let (directory_bytes, directory_at) = (size(end.u32()?), size(end.u32()?));
    if end.u16()? != 0 {
        return Err(ZipError::Feature { feature: "a comment" });
    }
    if (disk, directory_disk) != (0, 0) {
        return Err(ZipError::Feature { feature: "several volumes" });
    }
    if (here, all) != (1, 1) {
        return Err(ZipError::Entries { count: all.max(here) });
    }
    let (_, directory) = before.split_at_checked(directory_at).ok_or(ZipError::Damaged { part: "directory" })?;
    if directory.len() != directory_bytes {
        return Err(ZipError::Damaged { part: "directory" });
    }
    let mut fields = Fields { rest: directory, part: "directory" };
    if fields.u32()? != CENTRAL {
        return Err(ZipError::Damaged { part: "directory" });
    }
    let _made_by = fields.u16()?;
    let entry = Entry::read(&mut fields)?;
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let disk = fields.u16()?;
    let _attributes = fields.take(6)?;
    let offset = fields.u32()?;
    if fields.take(name.into())? != NAME {
        return Err(ZipError::Name);
    }
    no_zip64(fields.take(extra.into())?)?;
    if comment != 0 {
        return Err(ZipError::Feature { feature: "a comment" });
    }
    if disk != 0 {
        return Err(ZipError::Feature { feature: "several volumes" });
    }
    if !fields.rest.is_empty() || offset != 0 {
        return Err(ZipError::Damaged { part: "directory" });
    }
    if entry.flags & !(FLAG_DESCRIPTOR | FLAGS_HARMLESS) != 0 {
        return Err(ZipError::Feature { feature: "encryption or patches" });
    }
    if [entry.packed, entry.unpacked].contains(&u32::MAX) {
        return Err(ZipError::Feature { feature: "zip64" });
    }
    match entry.method {
        STORED if entry.packed != entry.unpacked => return Err(ZipError::Contradiction { what: "size" }),
        STORED | DEFLATED => {}
        _ => return Err(ZipError::Feature { feature: "a compression other than DEFLATE" }),
    }
    if size(entry.unpacked) > DIVOC_TEXT_BYTES {
        return Err(ZipError::TooLarge);
    }
    Ok((entry, directory_at))
}

/// The packed data between the local header and the central directory, which it fills up to a data descriptor.
fn data(body: &[u8], entry: Entry) -> Result<&[u8], ZipError> {
    let mut fields = Fields { rest: body, part: "header" };
    if fields.u32()? != LOCAL {
        return Err(ZipError::NotZip);
    }
    let local = Entry::read(&mut fields)?;
    let (name, extra) = (fields.u16()?, fields.u16()?);
    if fields.take(name.into())? != NAME {
        return Err(ZipError::Contradiction { what: "name" });
    }
    no_zip64(fields.take(extra.into())?)?;
    if (local.flags, local.method) != (entry.flags, entry.method) {
        return Err(ZipError::Contradiction { what: "compression" });
    }
    let streamed = entry.flags & FLAG_DESCRIPTOR != 0;
    let unsaid = streamed && (local.crc, local.packed, local.unpacked) == (0, 0, 0);
    if !unsaid && local != entry {
        return Err(ZipError::Contradiction { what: "size" });
    }
    let data = fields.take(size(entry.packed))?;
    if streamed {
        let mut descriptor = Fields { rest: fields.rest, part: "data descriptor" };
        // Its signature is optional (section 4.3.9.3).
        if descriptor.rest.len() == 16 && descriptor.u32()? != DESCRIPTOR {
            return Err(ZipError::Damaged { part: "data descriptor" });
        }
        if (descriptor.u32()?, descriptor.u32()?, descriptor.u32()?) != (entry.crc, entry.packed, entry.unpacked) {
            return Err(ZipError::Contradiction { what: "size" });
        }
        fields.rest = descriptor.rest;
    }
    if fields.rest.is_empty() { Ok(data) } else { Err(ZipError::Damaged { part: "data" }) }
}

/// Extra fields tell times and owners, which are nothing to us; zip64 would tell other sizes.
fn no_zip64(mut extra: &[u8]) -> Result<(), ZipError> {
    while !extra.is_empty() {
        let mut fields = Fields { rest: extra, part: "extra field" };
        if fields.u16()? == EXTRA_ZIP64 {
            return Err(ZipError::Feature { feature: "zip64" });
        }
        let length = fields.u16()?;
        fields.take(length.into())?;
        extra = fields.rest;
    }
    Ok(())
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Inflates to exactly `expected` bytes (RFC 1951), which the caller has bounded, from all of `data`.
fn inflate(data: &[u8], expected: usize) -> Result<Vec<u8>, ZipError> {
    // One byte more than promised tells a longer content from the promised one.
    match flate::inflate(Frame::Bare, data, 4, expected.saturating_add(1)) {
        Ok(content) => Ok(content),
        Err(FlateError::TooLarge) => Err(ZipError::Contradiction { what: "size" }),
        Err(FlateError::Damaged | FlateError::Trailing { .. }) => Err(ZipError::Damaged { part: "data" }),
    }
}

/// An archive with `content` as its one entry: the same bytes for the same content, whenever it is made.
///
/// # Errors
/// [`ZipError::TooLarge`].
pub fn write(content: &[u8]) -> Result<Vec<u8>, ZipError> {
    if content.len() > DIVOC_TEXT_BYTES {
        return Err(ZipError::TooLarge);
    }
    let packed = flate::deflate(Frame::Bare, content);
    let length = |bytes: usize| u32::try_from(bytes).map_err(|_| ZipError::TooLarge);
    let name_bytes = u16::try_from(NAME.len()).map_err(|_| ZipError::TooLarge)?;
    let entry = Entry {
        flags: 0,
        method: DEFLATED,
        crc: checksum(content),
        packed: length(packed.len())?,
        unpacked: length(content.len())?,
    };
    let mut out = Vec::with_capacity(packed.len() + LOCAL_BYTES + CENTRAL_BYTES + END_BYTES + 2 * NAME.len());
    out.extend(LOCAL.to_le_bytes());
    entry.write(&mut out);
    out.extend(name_bytes.to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out.extend_from_slice(NAME);
    out.extend_from_slice(&packed);
    let directory_at = length(out.len())?;
    out.extend(CENTRAL.to_le_bytes());
    out.extend(VERSION.to_le_bytes());
    entry.write(&mut out);
    out.extend(name_bytes.to_le_bytes());
    // Extra field, comment, volume, attributes, offset of the local header: none, and 0.
    out.extend([0; 16]);
    out.extend_from_slice(NAME);
    let directory_bytes = length(CENTRAL_BYTES + NAME.len())?;
    out.extend(END.to_le_bytes());
    for value in [0u16, 0, 1, 1] {
        out.extend(value.to_le_bytes());
    }
    out.extend(directory_bytes.to_le_bytes());
    out.extend(directory_at.to_le_bytes());
    out.extend(0u16.to_le_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests;
