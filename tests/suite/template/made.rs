//! PDFs written by hand, as design programs and enemies write them.

/// A page of a background.
#[derive(Clone)]
pub struct PageMade {
    pub media: [f32; 4],
    pub crop: Option<[f32; 4]>,
    pub rotate: i32,
    pub content: String,
    /// Resources, as the inside of a dictionary.
    pub resources: String,
}

impl PageMade {
    /// A page of this size in points with nothing but `content`.
    pub fn plain(width: f32, height: f32, content: &str) -> Self {
        Self {
            media: [0.0, 0.0, width, height],
            crop: None,
            rotate: 0,
            content: content.to_owned(),
            resources: String::new(),
        }
    }
}

/// How a file says where its objects are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// Cross-reference table (ISO 32000-1, section 7.5.4).
    Table,
    /// Cross-reference stream, the dictionaries in an object stream (sections 7.5.7 and 7.5.8).
    Stream,
}

/// A PDF with these pages.
pub fn pdf(pages: &[PageMade], index: Index) -> Vec<u8> {
    let numbers = |array: &[f32; 4]| array.map(|number| number.to_string()).join(" ");
    let mut objects: Vec<(bool, String)> = vec![(false, "<</Type/Catalog/Pages 2 0 R>>".into())];
    let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", 3 + 2 * page)).collect();
    objects.push((false, format!("<</Type/Pages/Count {}/Kids[{kids}]>>", pages.len())));
    for (page, made) in pages.iter().enumerate() {
        let crop = made.crop.map(|crop| format!("/CropBox[{}]", numbers(&crop))).unwrap_or_default();
        objects.push((
            false,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[{}]{crop}/Rotate {}/Contents {} 0 R/Resources<<{}>>>>",
                numbers(&made.media),
                made.rotate,
                4 + 2 * page,
                made.resources
            ),
        ));
        let content = &made.content;
        objects.push((true, format!("<</Length {}>>stream\n{content}\nendstream", content.len())));
    }
    match index {
        Index::Table => table(&objects.iter().map(|(_, text)| text.clone().into_bytes()).collect::<Vec<_>>(), ""),
        Index::Stream => streams(&objects),
    }
}

/// A PDF of these objects, numbered from 1, with a cross-reference table.
pub fn table(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", index + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// The same with everything that is no stream inside an object stream.
fn streams(objects: &[(bool, String)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    // Type, place or number of the object stream, index in it.
    let mut entries = vec![(0_u8, 0_usize, 255_u8)];
    let holder = objects.len() + 1;
    let (mut head, mut body, mut inside) = (String::new(), String::new(), 0_u8);
    for (index, (stream, text)) in objects.iter().enumerate() {
        if *stream {
            entries.push((1, out.len(), 0));
            out.extend(format!("{} 0 obj\n{text}\nendobj\n", index + 1).bytes());
        } else {
            entries.push((2, holder, inside));
            head.push_str(&format!("{} {} ", index + 1, body.len()));
            body.push_str(text);
            body.push('\n');
            inside += 1;
        }
    }
    entries.push((1, out.len(), 0));
    out.extend(
        format!(
            "{holder} 0 obj\n<</Type/ObjStm/N {inside}/First {}/Length {}>>stream\n{head}{body}\nendstream\nendobj\n",
            head.len(),
            head.len() + body.len()
        )
        .bytes(),
    );
    let start = out.len();
    entries.push((1, start, 0));
    out.extend(
        format!(
            "{} 0 obj\n<</Type/XRef/Size {}/W[1 4 1]/Root 1 0 R/Length {}>>stream\n",
            holder + 1,
            entries.len(),
            entries.len() * 6
        )
        .bytes(),
    );
    for (kind, place, index) in &entries {
        out.push(*kind);
        out.extend((*place as u32).to_be_bytes());
        out.push(*index);
    }
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// Lines all over the page, as designers draw them against copying, and words in their way.
pub fn busy(width: f32, height: f32) -> String {
    let mut content = "0.75 0.88 0.82 RG 0.4 w\n".to_owned();
    for line in 0..90 {
        let y = height * line as f32 / 90.0;
        content.push_str(&format!(
            "0 {y} m {} {} {} {} {width} {y} c S\n",
            width / 3.0,
            y + 60.0,
            width / 1.5,
            y - 60.0
        ));
    }
    content.push_str("0.1 0.4 0.3 RG 2 w\n");
    for line in 0..12 {
        let x = width * line as f32 / 12.0;
        content.push_str(&format!("{x} 0 m {} {height} l S\n", width - x));
    }
    content
}
