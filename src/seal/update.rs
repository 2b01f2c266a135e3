//! The update that is appended to a printed PDF: signature, field, page and catalogue, with a place of fixed size in
//! which the signature is put afterwards (ISO 32000-1 sections 7.5.6 and 12.8.1).

use std::{io::Write as _, ops::Range};

use jiff::{Timestamp, tz::Offset};

use super::{
    SealError,
    pdf::{Object, Printed},
};
use crate::keys::sha256;

/// A PDF that waits for its signature.
pub(super) struct Prepared {
    pub(super) bytes: Vec<u8>,
    /// What the signature does not cover: its own hexadecimal digits with the brackets around them.
    pub(super) hole: Range<usize>,
}

/// Bytes kept for the four numbers of `ByteRange`: ten digits each, which is as far as a table of objects reaches.
const RANGE: usize = "[0 ".len() + 3 * "0123456789 ".len();

/// Appends everything but the signature, for which `room` bytes are kept.
pub(super) fn append(printed: &Printed<'_>, at: Timestamp, room: usize) -> Result<Prepared, SealError> {
    let long = || SealError::Foreign { part: "its length" };
    let moment = Offset::UTC.to_datetime(at).strftime("D:%Y%m%d%H%M%S+00'00'").to_string();
    let (signature, field) = (printed.size, printed.size + 1);
    let page = printed.page.number;
    let mut out = Appended { bytes: Vec::with_capacity(printed.bytes.len() + 2 * room + 4_096), places: Vec::new() };
    out.put(printed.bytes);
    out.put(b"\n");

    out.begin(signature);
    out.put(b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(");
    out.put(moment.as_bytes());
    out.put(b")/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]");
    out.put(b"/ByteRange");
    let range = out.bytes.len();
    out.bytes.resize(range + RANGE, b' ');
    out.put(b"/Contents");
    let start = out.bytes.len();
    out.put(b"<");
    out.bytes.resize(start + 1 + 2 * room, b'0');
    out.put(b">");
    let hole = start..out.bytes.len();
    out.put(b">>\nendobj\n");

    // Print and Locked; without extent nothing is printed.
    out.object(
        field,
        &format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/TU(Digital signature)/V {signature} 0 R/P {page} 0 R/Rect[0 0 \
             0 0]/F 132>>"
        ),
    );

    out.again(&printed.page, &[b"Annots"], |out| {
        out.put(b"/Annots[");
        for annotation in &printed.annotations {
            out.put(annotation);
            out.put(b" ");
        }
        out.put(format!("{field} 0 R]").as_bytes());
        // PDF/UA-1 section 7.18.3, for every page with an annotation.
        if printed.page.dictionary.get(b"Tabs").is_none() {
            out.put(b"/Tabs/S");
        }
    });
    out.again(&printed.catalogue, &[], |out| {
        out.put(format!("/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>").as_bytes());
        out.put(format!("/Perms<</DocMDP {signature} 0 R>>").as_bytes());
        // By which PDF 1.7 says that it has this kind of signature (ETSI EN 319 142-1 annex A).
        if printed.catalogue.dictionary.get(b"Extensions").is_none() {
            out.put(b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 2>>>>");
        }
    });
    out.table(printed, &moment)?;

    let behind = out.bytes.len().checked_sub(hole.end).ok_or_else(long)?;
    let text = format!("[0 {} {} {behind}]", hole.start, hole.end);
    let place = out.bytes.get_mut(range..range + text.len()).filter(|_| text.len() <= RANGE).ok_or_else(long)?;
    place.copy_from_slice(text.as_bytes());
    Ok(Prepared { bytes: out.bytes, hole })
}

/// Puts the signature into its place; what is left of it stays zeros.
pub(super) fn fill(bytes: &mut [u8], hole: &Range<usize>, message: &[u8]) -> Result<(), SealError> {
    let too_long = || SealError::Room { bytes: message.len() };
    let mut digits = bytes.get_mut(hole.start + 1..hole.end - 1).ok_or_else(too_long)?;
    for byte in message {
        write!(digits, "{byte:02x}").map_err(|_| too_long())?;
    }
    Ok(())
}

/// A file with what was appended to it, and where.
struct Appended {
    bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl Appended {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn begin(&mut self, number: usize) {
        self.places.push((number, self.bytes.len()));
        self.put(format!("{number} 0 obj\n").as_bytes());
    }

    fn object(&mut self, number: usize, text: &str) {
        self.begin(number);
        self.put(text.as_bytes());
        self.put(b"\nendobj\n");
    }

    /// Writes an object of the file again, without some entries and with more.
    fn again(&mut self, object: &Object<'_>, without: &[&[u8]], more: impl FnOnce(&mut Self)) {
        self.begin(object.number);
        self.put(b"<<");
        for (key, value) in object.dictionary.entries() {
            if !without.contains(&key) {
                self.put(b"/");
                self.put(key);
                self.put(b" ");
                self.put(value);
            }
        }
        more(self);
        self.put(b">>\nendobj\n");
    }

    /// The table of what was appended, and the trailer (section 7.5.6). The second part of the identifier is new, as
    /// that of every changed file (section 14.4); it depends on the file and the time alone.
    fn table(&mut self, printed: &Printed<'_>, moment: &str) -> Result<(), SealError> {
        let start = self.bytes.len();
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable();
        self.put(b"xref\n");
        for run in places.chunk_by(|one, next| one.0 + 1 == next.0) {
            let first = run.first().map_or(0, |(number, _)| *number);
            self.put(format!("{first} {}\n", run.len()).as_bytes());
            for (_, place) in run {
                if *place > 9_999_999_999 {
                    return Err(SealError::Foreign { part: "its length" });
                }
                self.put(format!("{place:010} 00000 n\r\n").as_bytes());
            }
        }
        let mut told = sha256(printed.bytes).to_vec();
        told.extend(moment.as_bytes());
        let identifier: String = sha256(&told).iter().take(16).map(|byte| format!("{byte:02X}")).collect();
        self.put(format!("trailer\n<</Size {}/Root {} 0 R", printed.size + 2, printed.catalogue.number).as_bytes());
        if let Some(information) = printed.information {
            self.put(b"/Info ");
            self.put(information);
        }
        self.put(b"/ID[");
        self.put(printed.identifier);
        self.put(format!("<{identifier}>]/Prev {}>>\nstartxref\n{start}\n%%EOF\n", printed.table).as_bytes());
        Ok(())
    }
}
