//! A background, written anew. The library that puts pages of one PDF into another (`hayro-write`, through `krilla`)
//! follows whatever a file says, as deep and as round as it goes; a file with a page tree in a circle would end the
//! program. So it is given this copy: the pages in one list, what they draw with and nothing else, without password,
//! actions, forms or history.

use std::collections::HashMap;

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, ObjRef, Object, ObjectIdentifier, Rect, Stream},
    page::{Page, Rotation},
};

use crate::limits::{PDF_OBJECTS, TEMPLATE_NESTING};

/// Keys that lead out of what is drawn: to the structure, the history, other files. Filters are written by the writer.
const LEFT_OUT: [&[u8]; 11] = [
    b"Metadata",
    b"StructParent",
    b"StructParents",
    b"OC",
    b"AF",
    b"PtData",
    b"Ref",
    b"LastModified",
    b"PieceInfo",
    b"OPI",
    b"Length",
];

/// The first `pages` of `pdf` as a file of their own. `None` where its lists are nested deeper, or it has more
/// objects, than a page that is to be printed over needs.
pub(super) fn copy(pdf: &Pdf, pages: usize) -> Option<Vec<u8>> {
    let mut copy = Copy {
        out: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
        places: Vec::new(),
        numbers: HashMap::new(),
        waiting: Vec::new(),
    };
    let (catalogue, tree) = (copy.number(), copy.number());
    let leaves: Vec<usize> = pdf.pages().iter().take(pages).map(|_| copy.number()).collect();
    copy.begin(catalogue);
    copy.put(&format!("<</Type/Catalog/Pages {tree} 0 R>>"));
    copy.end();
    copy.begin(tree);
    let kids: String = leaves.iter().map(|leaf| format!("{leaf} 0 R ")).collect();
    copy.put(&format!("<</Type/Pages/Count {}/Kids[{kids}]>>", leaves.len()));
    copy.end();
    for (page, leaf) in pdf.pages().iter().zip(leaves) {
        copy.page(page, leaf, tree)?;
    }
    // What they refer to, and what that refers to, each once.
    while let Some((from, number)) = copy.waiting.pop() {
        let id = ObjectIdentifier::new(from.obj_number, from.gen_number);
        copy.begin(number);
        match pdf.xref().get::<Object<'_>>(id) {
            Some(Object::Stream(stream)) => copy.stream(&stream)?,
            Some(object) => copy.object(&object, 0)?,
            None => copy.put("null"),
        }
        copy.end();
    }
    Some(copy.finish(catalogue))
}

struct Copy {
    out: Vec<u8>,
    /// Where each object begins, by its number.
    places: Vec<usize>,
    numbers: HashMap<(u32, i32), usize>,
    waiting: Vec<(ObjRef, usize)>,
}

impl Copy {
    fn number(&mut self) -> usize {
        self.places.push(0);
        self.places.len()
    }

    fn begin(&mut self, number: usize) {
        if let Some(place) = self.places.get_mut(number.saturating_sub(1)) {
            *place = self.out.len();
        }
        self.put(&format!("{number} 0 obj\n"));
    }

    fn end(&mut self) {
        self.put("\nendobj\n");
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn page(&mut self, page: &Page<'_>, leaf: usize, tree: usize) -> Option<()> {
        let content = self.number();
        self.begin(leaf);
        let turn = match page.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 90,
            Rotation::Flipped => 180,
            Rotation::FlippedHorizontal => 270,
        };
        // Viewers show what both boxes have (ISO 32000-1, section 14.11.2.1); the other library looks at one.
        let seen = corners(&page.intersected_crop_box());
        self.put(&format!(
            "<</Type/Page/Parent {tree} 0 R/Rotate {turn}/MediaBox[{seen}]/CropBox[{seen}]/Contents {content} 0 R\
             /Resources<<"
        ));
        let resources = page.resources();
        for (name, entries) in [
            ("ExtGState", &resources.ext_g_states),
            ("Font", &resources.fonts),
            ("Properties", &resources.properties),
            ("ColorSpace", &resources.color_spaces),
            ("XObject", &resources.x_objects),
            ("Pattern", &resources.patterns),
            ("Shading", &resources.shadings),
        ] {
            if !entries.is_empty() {
                self.put(&format!("/{name}"));
                self.dict(entries, 0, "")?;
            }
        }
        self.put(">>>>");
        self.end();
        let drawn = page.page_stream().unwrap_or_default();
        self.begin(content);
        self.put(&format!("<</Length {}>>\nstream\n", drawn.len()));
        self.out.extend_from_slice(drawn);
        self.put("\nendstream");
        self.end();
        Some(())
    }

    fn stream(&mut self, stream: &Stream<'_>) -> Option<()> {
        let data = stream.raw_data();
        self.dict(stream.dict(), 0, &format!("/Length {}", data.len()))?;
        self.put("\nstream\n");
        self.out.extend_from_slice(&data);
        self.put("\nendstream");
        Some(())
    }

    fn dict(&mut self, dict: &Dict<'_>, depth: usize, first: &str) -> Option<()> {
        self.put("<<");
        self.put(first);
        for (name, value) in dict.entries() {
            let name: &[u8] = &name;
            if !LEFT_OUT.contains(&name) {
                self.name(name);
                self.value(&value, depth)?;
            }
        }
        self.put(">>");
        Some(())
    }

    fn array(&mut self, array: &Array<'_>, depth: usize) -> Option<()> {
        self.put("[");
        for value in array.raw_iter() {
            self.value(&value, depth)?;
        }
        self.put("]");
        Some(())
    }

    fn value(&mut self, value: &MaybeRef<Object<'_>>, depth: usize) -> Option<()> {
        match value {
            MaybeRef::NotRef(object) => self.object(object, depth),
            MaybeRef::Ref(to) => {
                let key = (to.obj_number, to.gen_number);
                let number = match self.numbers.get(&key) {
                    Some(number) => *number,
                    None => {
                        let number = self.number();
                        self.numbers.insert(key, number);
                        self.waiting.push((*to, number));
                        number
                    }
                };
                self.put(&format!(" {number} 0 R "));
                (self.places.len() <= PDF_OBJECTS).then_some(())
            }
        }
    }

    fn object(&mut self, object: &Object<'_>, depth: usize) -> Option<()> {
        if depth > TEMPLATE_NESTING {
            return None;
        }
        match object {
            // A stream that stands inside another object is none of the format.
            Object::Null(_) | Object::Stream(_) => self.put(" null"),
            Object::Boolean(value) => self.put(if *value { " true" } else { " false" }),
            Object::Number(number) => {
                let value = number.as_f64();
                // Readers take 32 bits (ISO 32000-1, annex C).
                let text = if value.fract() == 0.0 { format!(" {}", number.as_i64()) } else { format!(" {value:.6}") };
                self.put(&text);
            }
            Object::String(string) => {
                self.put("<");
                let hex: String = string.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                self.put(&hex);
                self.put(">");
            }
            Object::Name(name) => self.name(name),
            Object::Dict(dict) => self.dict(dict, depth.saturating_add(1), "")?,
            Object::Array(array) => self.array(array, depth.saturating_add(1))?,
        }
        Some(())
    }

    /// A name, with the sign `#` before the code of whatever is not a letter or digit.
    fn name(&mut self, name: &[u8]) {
        self.put("/");
        for byte in name {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'*') {
                self.out.push(*byte);
            } else {
                self.put(&format!("#{byte:02x}"));
            }
        }
        // Whatever comes next, the name ends here.
        self.put(" ");
    }

    fn finish(mut self, catalogue: usize) -> Vec<u8> {
        let start = self.out.len();
        let size = self.places.len().saturating_add(1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            table.push_str(&format!("{place:010} 00000 n \n"));
        }
        self.put(&table);
        self.put(&format!("trailer\n<</Size {size}/Root {catalogue} 0 R>>\nstartxref\n{start}\n%%EOF\n"));
        self.out
    }
}

fn corners(rect: &Rect) -> String {
    format!("{:.4} {:.4} {:.4} {:.4}", rect.x0, rect.y0, rect.x1, rect.y1)
}
