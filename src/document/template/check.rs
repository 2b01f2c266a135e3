//! A template held against its background, and printed dry: what would go wrong with the first certificate, or with the
//! one of a person with long names, is said before.

use jiff::civil::date;

use super::{
    Template,
    background::Background,
    error::Finding,
    fields::FIELDS,
    plan::{Item, Place, Plan, Text, What},
    write::make,
};
use crate::{
    document::{DocumentError, Fonts, Kind, Language, Notice, Row, Sheet, Value},
    limits::TEMPLATE_FINDINGS,
};

/// Sides of a code's square in millimetres: so that the symbol in it has 40 to 60 with its quiet zone.
const CODE_MM: (f32, f32) = (46.0, 72.0);
/// Least distance of a code's square from the border of the page: nearer, printers clip and fingers cover.
const CODE_BORDER_MM: f32 = 3.0;
/// What home printers leave white.
const BORDER_MM: f32 = 4.0;
/// By how much boxes may lie over each other before it is a fault: what rounding does.
const TOLERANCE_MM: f32 = 0.05;
/// Least contrast of text (WCAG 2.2, success criterion 1.4.3).
const CONTRAST: f32 = 4.5;
/// Characters of the codes of a dry print: the median real certificate, and the longest.
const CODES: (usize, usize) = (541, 1_038);

/// What whoever scans a dry print reads, again and again.
const SAYS_NOTHING: &str = "SPECIMEN - THIS CODE CERTIFIES NOTHING. ";

/// Where the boxes stand: faults.
pub(super) fn places(plan: &Plan, background: &Background, findings: &mut Vec<Finding>) {
    let boxes: Vec<Boxed<'_>> = plan.items.iter().map(Boxed::of).collect();
    let mut fault = |line: usize, text: String| findings.push(Finding { line: Some(line), text });
    for item in &boxes {
        let Place { page, x, y, width, height } = *item.place;
        let Some((wide, high)) = background.millimetres(page) else {
            let (page, pages) = (page.saturating_add(1), background.pages());
            fault(item.line, format!("{} stands on page {page}, and the background has {pages}", item.name));
            continue;
        };
        if x + width > wide + TOLERANCE_MM || y + height > high + TOLERANCE_MM {
            let text = format!(
                "{} reaches to {:.1} mm across and {:.1} mm down, outside the page of {wide:.1} by {high:.1} mm; move \
                 it or make it smaller",
                item.name,
                x + width,
                y + height
            );
            fault(item.line, text);
        }
        match item.text {
            None => {
                let (least, most) = CODE_MM;
                if !(least..=most).contains(&width) {
                    let text = format!(
                        "the code has size = {width}, and cameras and folds ask for {least} to {most} mm, quiet zone \
                         included; 52 is good"
                    );
                    fault(item.line, text);
                }
                let near = x.min(y).min(wide - x - width).min(high - y - height);
                if (-TOLERANCE_MM..CODE_BORDER_MM).contains(&near) {
                    let text = format!(
                        "the code is {:.1} mm from the border of the page, where printers clip; leave {CODE_BORDER_MM} mm",
                        near.max(0.0)
                    );
                    fault(item.line, text);
                }
            }
            Some(_) if width <= 1.0 || height <= 1.0 => {
                fault(item.line, format!("{} has a box of {width} by {height} mm; make it larger", item.name));
            }
            Some(_) => {}
        }
    }
    for (index, one) in boxes.iter().enumerate() {
        for other in boxes.iter().skip(index.saturating_add(1)) {
            if findings.len() > TEMPLATE_FINDINGS {
                break;
            }
            if over(one.place, other.place) {
                let text = format!(
                    "{} lies over {} (line {}); move one of them or make it smaller",
                    other.name, one.name, one.line
                );
                findings.push(Finding { line: Some(other.line), text });
            }
        }
    }
    let whole = |findings: &mut Vec<Finding>, text: &str| findings.push(Finding { line: None, text: text.to_owned() });
    if !boxes.iter().any(|item| item.text.is_none()) {
        whole(findings, "there is no [[code]], and only the code counts; add it with x, y and size");
    }
    let shows = |names: &[&str]| fields(plan).any(|name| names.contains(&name));
    if !shows(&["name", "family", "given"]) {
        whole(findings, "there is no field for the name; add a [[field]] with name = \"name\", or family and given");
    }
    if shows(&["family"]) != shows(&["given"]) && !shows(&["name"]) {
        whole(findings, "family and given stand for a person together; add the other, or use name alone");
    }
    for said in &plan.said {
        if said.page >= background.pages() {
            let (page, pages) = (said.page.saturating_add(1), background.pages());
            let text = format!("[[text]] stands for page {page}, and the background has {pages}");
            findings.push(Finding { line: Some(said.line), text });
        }
    }
}

/// An entry with its box.
struct Boxed<'p> {
    name: String,
    place: &'p Place,
    text: Option<&'p Text>,
    line: usize,
}

impl<'p> Boxed<'p> {
    fn of(item: &'p Item) -> Self {
        match item {
            Item::Text(text) => {
                let kind = if matches!(text.what, What::Field(_)) { "the field" } else { "the label" };
                Self { name: format!("{kind} {}", text.name()), place: &text.place, text: Some(text), line: text.line }
            }
            Item::Code(code) => Self { name: "the code".to_owned(), place: &code.place, text: None, line: code.line },
        }
    }
}

fn over(one: &Place, other: &Place) -> bool {
    let along = |a: f32, a_long: f32, b: f32, b_long: f32| (a + a_long).min(b + b_long) - a.max(b) > TOLERANCE_MM;
    one.page == other.page
        && along(one.x, one.width, other.x, other.width)
        && along(one.y, one.height, other.y, other.height)
}

fn fields(plan: &Plan) -> impl Iterator<Item = &'static str> + '_ {
    plan.items.iter().filter_map(|item| match item {
        Item::Text(Text { what: What::Field(known), .. }) => Some(known.name),
        _ => None,
    })
}

/// What is no fault and still worth a look.
pub(super) fn remarks(template: &Template) -> Vec<Finding> {
    let (plan, background) = (&template.plan, &template.background);
    let mut findings = Vec::new();
    for item in &plan.items {
        let Boxed { name, place, text, line } = Boxed::of(item);
        let mut remark = |text: String| findings.push(Finding { line: Some(line), text });
        let under = background.under(place.page, (place.x, place.y, place.width, place.height));
        match text {
            None => {
                let printed = under.iter().filter(|dot| luminance(dot) < 0.3).count();
                if printed.saturating_mul(100) > under.len() {
                    remark(format!(
                        "{name} covers something that the background prints there; move it if it is needed"
                    ));
                }
            }
            Some(text) => {
                let contrast = contrast(text.colour, &under);
                if contrast < CONTRAST {
                    remark(format!(
                        "{name} has a contrast of {contrast:.1} to the background under it, and {CONTRAST} can be read; \
                         choose another colour or place"
                    ));
                }
                if let Some((wide, high)) = background.millimetres(place.page) {
                    let near =
                        place.x.min(place.y).min(wide - place.x - place.width).min(high - place.y - place.height);
                    if near < BORDER_MM {
                        remark(format!(
                            "{name} is {near:.1} mm from the border, where home printers leave {BORDER_MM} mm white"
                        ));
                    }
                }
            }
        }
    }
    let mut whole = |text: &str| findings.push(Finding { line: None, text: text.to_owned() });
    for (name, why) in [
        ("birth_date", "an officer compares it with the passport"),
        ("id", "whoever asks about the certificate names it"),
    ] {
        if !fields(plan).any(|field| field == name) {
            whole(&format!("there is no field {name}: {why}"));
        }
    }
    if !(plan.items.iter())
        .any(|item| matches!(item, Item::Text(Text { what: What::Word(key, _), .. }) if key == "footer"))
    {
        whole(
            "there is no [[label]] with word = \"footer\": unless the background says it, nobody reads that only the code \
             counts",
        );
    }
    if !background.borrowed().is_empty() {
        whole(&format!(
            "the background does not bring the font {} that it is written in: other programs draw its words in another \
             one; export it with fonts embedded",
            background.borrowed().join(", ")
        ));
    }
    if plan.said.is_empty() {
        whole(
            "there is no [[text]]: what the background says is silent for people who listen to a screen reader; write it \
             there",
        );
    }
    findings
}

/// Prints invented certificates without keeping them. Gives back what does not fit with usual content, a fault, and what
/// does not with the longest, a remark.
pub(super) fn dry(template: &Template, fonts: &Fonts) -> (Vec<Finding>, Vec<Finding>) {
    let mut usual = Vec::new();
    let mut long = Vec::new();
    for item in &template.plan.items {
        let boxed = Boxed::of(item);
        let language = boxed.text.map_or(Language::ENGLISH, |text| text.language);
        if let Err(error) = make(fonts, item, &specimen(language, false)) {
            usual.push(Finding { line: Some(boxed.line), text: error.to_string() });
        } else if let Err(error) = make(fonts, item, &specimen(language, true)) {
            let text = match error {
                DocumentError::Box { .. } => {
                    format!("{} has no room for the longest that is to be expected: {error}", boxed.name)
                }
                error => error.to_string(),
            };
            long.push(Finding { line: Some(boxed.line), text });
        }
    }
    (usual, long)
}

/// A certificate of nobody that says something in every field.
pub(super) fn specimen(language: Language, long: bool) -> Sheet {
    let of = |name: &str| {
        let known = FIELDS.iter().find(|known| known.name == name);
        known.map(|known| if long { known.long } else { known.usual }.to_owned()).unwrap_or_default()
    };
    let rows = FIELDS.iter().filter(|known| known.row == Some(known.name)).map(|known| Row {
        field: known.name,
        value: match known.name {
            "dose" if long => Value::Dose { dose: 12, total: 12 },
            "dose" => Value::Dose { dose: 2, total: 2 },
            name => Value::Text(of(name)),
        },
    });
    let characters = if long { CODES.1 } else { CODES.0 };
    Sheet {
        kind: Kind::Vaccination,
        subject: of("subject").into(),
        issuer: of("issuing"),
        country: of("place"),
        name: if long { of("name") } else { String::new() },
        family: of("family"),
        given: of("given"),
        family_std: of("family_std"),
        given_std: of("given_std"),
        birth_date: if long { String::new() } else { of("birth_date") },
        rows: rows.collect(),
        notices: vec![Notice {
            language,
            text: "This certificate is valid only if the vaccine used has been approved.",
        }],
        id: of("id"),
        code: SAYS_NOTHING.chars().cycle().take(characters).collect(),
        archive: None,
        issued: date(2026, 11, 21),
        specimen: true,
    }
}

fn contrast(colour: [u8; 3], under: &[[u8; 3]]) -> f32 {
    // Of a large box every so many dots are enough.
    let step = under.len().div_ceil(10_000).max(1);
    let seen: Vec<f32> = under.iter().step_by(step).map(luminance).collect();
    let count = f32::from(u16::try_from(seen.len()).unwrap_or(u16::MAX));
    let mean = if seen.is_empty() { 1.0 } else { seen.iter().sum::<f32>() / count };
    let (one, other) = (luminance(&colour) + 0.05, mean + 0.05);
    one.max(other) / one.min(other)
}

/// Relative luminance (WCAG 2.2).
fn luminance([red, green, blue]: &[u8; 3]) -> f32 {
    let part = |value: u8| {
        let value = f32::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(*red) + 0.7152 * part(*green) + 0.0722 * part(*blue)
}
