//! What an update must know of a PDF: where the table of its objects is, its catalogue and its first page (ISO 32000-1
//! sections 7.3 and 7.5). Reads what this program prints, which is one table without updates, and refuses the rest.
//!
//! Values are not understood but skipped: a dictionary is the places of its keys and values in the file, so that it can
//! be written again with something added and nothing changed.

use super::SealError;
use crate::limits::PDF_DEPTH;

/// A value as it stands in the file.
pub(super) type Value<'a> = &'a [u8];

/// A dictionary: keys without their slash, and values, in their order.
#[derive(Debug)]
pub(super) struct Dictionary<'a> {
    entries: Vec<(&'a [u8], Value<'a>)>,
}

impl<'a> Dictionary<'a> {
    pub(super) fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        self.entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> + '_ {
        self.entries.iter().copied()
    }

    fn is(&self, kind: &[u8]) -> bool {
        self.get(b"Type") == Some(kind)
    }
}

/// An object of the file that an update writes anew.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) number: usize,
    pub(super) dictionary: Dictionary<'a>,
}

/// A PDF as this program prints it.
#[derive(Debug)]
pub(super) struct Printed<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the table of objects begins.
    pub(super) table: usize,
    /// How many objects there are, with the one of number 0.
    pub(super) size: usize,
    pub(super) catalogue: Object<'a>,
    pub(super) page: Object<'a>,
    /// What the page has besides its content.
    pub(super) annotations: Vec<Value<'a>>,
    /// The first part of the identifier of the file.
    pub(super) identifier: Value<'a>,
    pub(super) information: Option<Value<'a>>,
}

fn foreign(part: &'static str) -> SealError {
    SealError::Foreign { part }
}

impl<'a> Printed<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, SealError> {
        if !bytes.starts_with(b"%PDF-1.") {
            return Err(foreign("its beginning"));
        }
        let table = end(bytes).ok_or(foreign("its end"))?;
        let (places, rest) = places(bytes, table).ok_or_else(|| {
            // A table that is not whole is that of an update: the file was changed since it was printed.
            let tables = bytes.windows(TABLE_AT.len()).filter(|window| *window == TABLE_AT).take(2).count();
            if tables > 1 { SealError::Sealed } else { foreign("the table of its objects") }
        })?;
        let trailer = Reader { bytes, at: rest }.whole_dictionary().ok_or(foreign("its trailer"))?;
        if trailer.get(b"Prev").is_some() {
            return Err(SealError::Sealed);
        }
        if trailer.get(b"Encrypt").is_some() || trailer.get(b"XRefStm").is_some() {
            return Err(foreign("its trailer"));
        }
        let size = trailer.get(b"Size").and_then(number).filter(|size| *size == places.len());
        let size = size.ok_or(foreign("the number of its objects"))?;
        let identifier = trailer.get(b"ID").and_then(array).and_then(|parts| parts.first().copied());
        let identifier = identifier.ok_or(foreign("its identifier"))?;
        let information = trailer.get(b"Info");
        if information.is_some_and(|value| reference(value).is_none()) {
            return Err(foreign("its trailer"));
        }

        let object = |value: Option<Value<'a>>, part| -> Result<Object<'a>, SealError> {
            let number = value.and_then(reference).ok_or(foreign(part))?;
            let at = places.get(number).copied().flatten().ok_or(foreign(part))?;
            let dictionary = Reader { bytes, at }.object(number).ok_or(foreign(part))?;
            Ok(Object { number, dictionary })
        };
        let catalogue = object(trailer.get(b"Root"), "its catalogue")?;
        if !catalogue.dictionary.is(b"/Catalog") {
            return Err(foreign("its catalogue"));
        }
        if catalogue.dictionary.get(b"AcroForm").is_some() || catalogue.dictionary.get(b"Perms").is_some() {
            return Err(SealError::Sealed);
        }
        let mut page = object(catalogue.dictionary.get(b"Pages"), "its pages")?;
        let mut steps = 0;
        while !page.dictionary.is(b"/Page") {
            steps += 1;
            if steps > PDF_DEPTH || !page.dictionary.is(b"/Pages") {
                return Err(foreign("its pages"));
            }
            let kids = page.dictionary.get(b"Kids").and_then(array).ok_or(foreign("its pages"))?;
            page = object(kids.first().copied(), "its pages")?;
        }
        let annotations = match page.dictionary.get(b"Annots") {
            None => Vec::new(),
            Some(value) => {
                let direct = match reference(value) {
                    None => Some(value),
                    Some(number) => places.get(number).copied().flatten().and_then(|at| {
                        let mut reader = Reader { bytes, at };
                        reader.head(number)?;
                        reader.value(PDF_DEPTH)
                    }),
                };
                direct.and_then(array).ok_or(foreign("the annotations of its first page"))?
            }
        };
        Ok(Self { bytes, table, size, catalogue, page, annotations, identifier, information })
    }
}

/// Stands before the place of a table, at the end of the file and of each update.
const TABLE_AT: &[u8] = b"startxref";

/// Where the table of objects begins, by the last lines of the file (section 7.5.5).
fn end(bytes: &[u8]) -> Option<usize> {
    let text = bytes.trim_ascii_end().strip_suffix(b"%%EOF")?.trim_ascii_end();
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, digits) = text.split_at_checked(text.len().checked_sub(digits)?)?;
    before.trim_ascii_end().ends_with(TABLE_AT).then(|| number(digits)).flatten()
}

/// Where each object is, by its number, and where the trailer's dictionary begins (section 7.5.4). One section that
/// starts at 0.
fn places(bytes: &[u8], table: usize) -> Option<(Vec<Option<usize>>, usize)> {
    let mut reader = Reader { bytes, at: table };
    reader.word(b"xref")?;
    reader.space();
    (reader.number()? == 0).then_some(())?;
    reader.space();
    let count = reader.number()?;
    // The line ends here; the first entry begins with the next.
    reader.space();
    let length = count.checked_mul(ENTRY)?;
    let rows = bytes.get(reader.at..reader.at.checked_add(length)?)?;
    let mut found = Vec::with_capacity(count);
    for row in rows.chunks_exact(ENTRY) {
        let place = number(row.get(..10)?)?;
        let (generation, kind) = (number(row.get(11..16)?)?, row.get(17)?);
        found.push(match kind {
            b'n' if generation == 0 => Some(place),
            b'f' => None,
            _ => return None,
        });
    }
    reader.at = reader.at.checked_add(length)?;
    reader.space();
    reader.word(b"trailer")?;
    Some((found, reader.at))
}

/// Bytes of an entry of the table.
const ENTRY: usize = 20;

/// A whole number without a sign, of at most ten digits.
fn number(text: &[u8]) -> Option<usize> {
    let plain = (1..=10).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| plain)?.parse().ok()
}

/// The number of the object that a value refers to (section 7.3.10).
pub(super) fn reference(value: Value<'_>) -> Option<usize> {
    let mut reader = Reader { bytes: value, at: 0 };
    let number = reader.number()?;
    reader.space();
    (reader.number()? == 0).then_some(())?;
    reader.space();
    reader.word(b"R")?;
    (reader.at == value.len()).then_some(number)
}

/// The members of an array.
fn array(value: Value<'_>) -> Option<Vec<Value<'_>>> {
    let mut reader = Reader { bytes: value, at: 0 };
    reader.word(b"[")?;
    let mut members = Vec::new();
    loop {
        reader.space();
        if reader.word(b"]").is_some() {
            return (reader.at == value.len()).then_some(members);
        }
        members.push(reader.value(PDF_DEPTH)?);
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// What a name or a word is made of (section 7.2.2).
fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// Reads on from a place.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let count = rest.iter().take_while(|byte| wanted(**byte)).count();
        self.at += count;
        rest.get(..count).unwrap_or_default()
    }

    fn space(&mut self) {
        self.take_while(is_space);
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest().starts_with(word).then(|| self.at += word.len())
    }

    fn number(&mut self) -> Option<usize> {
        number(self.take_while(|byte| byte.is_ascii_digit()))
    }

    /// The head of an object: its number, generation 0.
    fn head(&mut self, wanted: usize) -> Option<()> {
        self.space();
        (self.number()? == wanted).then_some(())?;
        self.space();
        (self.number()? == 0).then_some(())?;
        self.space();
        self.word(b"obj")?;
        self.space();
        Some(())
    }

    /// An object that is a dictionary and nothing else, such as a stream.
    fn object(mut self, number: usize) -> Option<Dictionary<'a>> {
        self.head(number)?;
        let dictionary = self.dictionary()?;
        self.space();
        self.word(b"endobj")?;
        Some(dictionary)
    }

    fn whole_dictionary(mut self) -> Option<Dictionary<'a>> {
        self.space();
        self.dictionary()
    }

    fn dictionary(&mut self) -> Option<Dictionary<'a>> {
        self.word(b"<<")?;
        let mut entries: Vec<(&[u8], Value<'_>)> = Vec::new();
        loop {
            self.space();
            if self.word(b">>").is_some() {
                return Some(Dictionary { entries });
            }
            let key = self.name()?;
            // A key that is written with escapes, or twice, could be read as another.
            if key.contains(&b'#') || entries.iter().any(|(known, _)| *known == key) {
                return None;
            }
            self.space();
            entries.push((key, self.value(PDF_DEPTH)?));
        }
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        self.word(b"/")?;
        Some(self.take_while(is_regular))
    }

    /// Skips a value of any kind, and gives it as it stands there.
    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        let (start, depth) = (self.at, depth.checked_sub(1)?);
        let rest = self.rest();
        match rest.first()? {
            b'<' if rest.starts_with(b"<<") => {
                self.at += 2;
                loop {
                    self.space();
                    if self.word(b">>").is_some() {
                        break;
                    }
                    self.name()?;
                    self.space();
                    self.value(depth)?;
                }
            }
            b'<' => {
                self.at += 1;
                self.take_while(|byte| byte.is_ascii_hexdigit() || is_space(byte));
                self.word(b">")?;
            }
            b'(' => self.at += text(rest)?,
            b'[' => {
                self.at += 1;
                loop {
                    self.space();
                    if self.word(b"]").is_some() {
                        break;
                    }
                    self.value(depth)?;
                }
            }
            b'/' => {
                self.name()?;
            }
            byte if byte.is_ascii_digit() => {
                self.take_while(|byte| byte.is_ascii_digit() || byte == b'.');
                // Two numbers and an R are one value.
                let mut ahead = *self;
                ahead.space();
                if ahead.number().is_some() {
                    ahead.space();
                    let ends = |reader: Self| !reader.rest().first().is_some_and(|byte| is_regular(*byte));
                    if ahead.word(b"R").is_some() && ends(ahead) {
                        *self = ahead;
                    }
                }
            }
            byte if is_regular(*byte) => {
                self.take_while(is_regular);
            }
            _ => return None,
        }
        self.bytes.get(start..self.at)
    }
}

/// Length of a text in parentheses (section 7.3.4.2), which may be nested.
fn text(bytes: &[u8]) -> Option<usize> {
    let (mut open, mut escaped) = (0_usize, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => open += 1,
            b')' => {
                open = open.checked_sub(1)?;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file in the form of the printed ones, with these entries of catalogue and page.
    pub(in crate::seal) fn file(catalogue: &str, page: &str) -> Vec<u8> {
        let objects = [
            format!("1 0 obj\n<</Type/Catalog/Pages 2 0 R{catalogue}>>\nendobj\n"),
            "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n".to_owned(),
            format!("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.2 -8.5]{page}>>\nendobj\n"),
        ];
        let mut bytes = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n".to_vec();
        let mut table = "xref\n0 4\n0000000000 65535 f\r\n".to_owned();
        for object in &objects {
            table.push_str(&format!("{:010} 00000 n\r\n", bytes.len()));
            bytes.extend(object.as_bytes());
        }
        let at = bytes.len();
        let trailer = "trailer\n<</Size 4/Root 1 0 R/ID[(a\\)(b)c)<00ff>]>>\n";
        bytes.extend(format!("{table}{trailer}startxref\n{at}\n%%EOF").as_bytes());
        bytes
    }

    #[test]
    fn the_three_places_are_found() {
        let bytes = file("/Lang(en)/Names<</A[1 2 R<3c>]>>", "/Annots[ 7 0 R<</A/B>> ]/Tabs/S");
        let printed = Printed::read(&bytes).unwrap();
        assert_eq!((printed.size, printed.catalogue.number, printed.page.number), (4, 1, 3));
        assert_eq!(printed.identifier, b"(a\\)(b)c)");
        assert_eq!(printed.annotations, [b"7 0 R".as_slice(), b"<</A/B>>"]);
        assert_eq!(printed.catalogue.dictionary.get(b"Lang"), Some(b"(en)".as_slice()));
        assert_eq!(printed.page.dictionary.get(b"MediaBox"), Some(b"[0 0 595.2 -8.5]".as_slice()));
    }

    #[test]
    fn what_is_not_printed_by_us_is_refused() {
        let part = |bytes: &[u8]| match Printed::read(bytes) {
            Err(SealError::Foreign { part }) => part,
            Err(SealError::Sealed) => "sealed",
            other => panic!("{other:?}"),
        };
        assert_eq!(part(&file("/AcroForm<<>>", "")), "sealed");
        assert_eq!(part(&file("/Perms<<>>", "")), "sealed");
        // A key that another reader would take for a form.
        assert_eq!(part(&file("/Acro#46orm<<>>", "")), "its catalogue");
        assert_eq!(part(&file("/Lang(en)/Lang(fr)", "")), "its catalogue");
        assert_eq!(part(&file("", "/Annots 3 0 R")), "the annotations of its first page");
        assert_eq!(part(&file("", "/A (never ends")), "its pages");
        let deep = format!("/A {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(part(&file("", &deep)), "its pages");
        for (from, to, named) in [
            ("%PDF-1.7", "%PDF-2.0", "its beginning"),
            ("%%EOF", "%%EO", "its end"),
            ("0 4\n", "1 4\n", "the table of its objects"),
            ("/Size 4", "/Size 5", "the number of its objects"),
            ("/Size 4", "/Size 4/Prev 9", "sealed"),
            ("/Size 4", "/Size 4/Encrypt 9", "its trailer"),
            ("/Root 1", "/Root 2", "its catalogue"),
            ("/Root 1", "/Root 9", "its catalogue"),
            ("/Kids[3", "/Kids[2", "its pages"),
        ] {
            let mut bytes = file("", "");
            let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
            bytes.splice(at..at + from.len(), to.bytes());
            assert_eq!(part(&bytes), named, "{from} -> {to}");
        }
    }

    #[test]
    fn no_byte_makes_it_panic() {
        let whole = file("/Lang(en)", "/Annots[7 0 R]");
        for at in 0..whole.len() {
            for flip in [0x01, 0x10, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                let _ = Printed::read(&bytes);
            }
            let _ = Printed::read(&whole[..at]);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut file = b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f\r\ntrailer\n".to_vec();
            file.extend(bytes);
            file.extend(b"\nstartxref\n9\n%%EOF");
            let _ = Printed::read(&file);
        }
    }
}
