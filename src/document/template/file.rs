//! The file of a template, read by hand so that every fault is found at once, each with its line.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    error::Finding,
    fields::{DayForm, FIELDS, known},
    plan::{Align, Code, Drawn, Item, Place, Plan, Said, Text, Valign, What},
};
use crate::{
    document::{Language, text::Weight},
    limits::{TEMPLATE_ENTRIES, TEMPLATE_TEXT_CHARS},
};

/// Reads the file; faults are added to `findings`, and the plan has what is sound.
pub(super) fn read(text: &str, findings: &mut Vec<Finding>) -> Plan {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map(|span| line_of(text, span.start));
        let why = error.message().replace('\n', ", ");
        findings.push(Finding { line, text: format!("this is no TOML ({why}); correct it") });
    }
    let mut reader = Reader { text, findings };
    let mut plan = Plan {
        background: String::new(),
        drawn: Drawn::Picture(DOTS),
        title: None,
        languages: Vec::new(),
        items: Vec::new(),
        said: Vec::new(),
    };
    // A file that is cut short by a syntax error lacks what comes after: one message is enough.
    if errors.is_empty() {
        reader.whole(table.get_ref(), &mut plan);
    }
    if plan.languages.is_empty() {
        plan.languages.push(Language::ENGLISH);
    }
    plan
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1)
}

struct Reader<'t> {
    text: &'t str,
    findings: &'t mut Vec<Finding>,
}

/// One table of the file, with what was asked of it.
struct Section<'s> {
    table: &'s DeTable<'s>,
    /// How it stands in the file, such as `[[field]]`.
    name: &'static str,
    at: usize,
}

/// Dots an inch of a picture where nothing else is asked.
const DOTS: u16 = 300;

const WHOLE: &[&str] = &["background", "drawn", "dots", "title", "languages", "field", "label", "code", "text"];
const PLACED: &[&str] = &[
    "page", "x", "y", "width", "height", "size", "smallest", "align", "valign", "weight", "colour", "language",
    "optional", "label", "prefix", "date", "name",
];
const LABEL: &[&str] = &[
    "page", "x", "y", "width", "height", "size", "smallest", "align", "valign", "weight", "colour", "language", "word",
];
const CODE: &[&str] = &["page", "x", "y", "size"];
const SAID: &[&str] = &["page", "text"];

impl Reader<'_> {
    fn fault(&mut self, at: usize, text: String) {
        let line = Some(line_of(self.text, at));
        self.findings.push(Finding { line, text });
    }

    fn whole(&mut self, table: &DeTable<'_>, plan: &mut Plan) {
        let root = Section { table, name: "the file", at: 0 };
        self.keys(&root, WHOLE);
        plan.background = self.string(&root, "background").unwrap_or_else(|| "background.pdf".to_owned());
        let vector = self.choice(&root, "drawn", &[("picture", false), ("vector", true)]).unwrap_or_default();
        plan.drawn = if vector { Drawn::Vector } else { Drawn::Picture(self.dots(&root)) };
        plan.title = self.string(&root, "title");
        plan.languages = self.languages(&root);
        let first = plan.languages.first().copied().unwrap_or(Language::ENGLISH);

        let mut items: Vec<(usize, Item)> = Vec::new();
        for (section, _) in self.tables(table, "field", "[[field]]") {
            self.keys(&section, PLACED);
            items.extend(self.field(&section, first).map(|text| (section.at, Item::Text(text))));
        }
        for (section, _) in self.tables(table, "label", "[[label]]") {
            self.keys(&section, LABEL);
            items.extend(self.label(&section, first).map(|text| (section.at, Item::Text(text))));
        }
        for (section, line) in self.tables(table, "code", "[[code]]") {
            self.keys(&section, CODE);
            let side = self.measure(&section, "size");
            let page = self.page(&section);
            if let (Some(x), Some(y), Some(side)) = (self.measure(&section, "x"), self.measure(&section, "y"), side) {
                let place = Place { page, x, y, width: side, height: side };
                items.push((section.at, Item::Code(Code { place, line })));
            }
        }
        for (section, line) in self.tables(table, "text", "[[text]]") {
            self.keys(&section, SAID);
            let page = self.page(&section);
            match self.string(&section, "text") {
                Some(text) if text.chars().count() > TEMPLATE_TEXT_CHARS => {
                    self.fault(section.at, format!("text has more than {TEMPLATE_TEXT_CHARS} characters; shorten it"));
                }
                Some(text) => plan.said.push(Said { page, text, line }),
                None => self
                    .fault(section.at, "[[text]] lacks text; write what the background says, or remove it".to_owned()),
            }
        }
        if items.len() > TEMPLATE_ENTRIES {
            let text =
                format!("the file has {} entries and at most {TEMPLATE_ENTRIES} are placed; remove some", items.len());
            self.findings.push(Finding { line: None, text });
            items.truncate(TEMPLATE_ENTRIES);
        }
        items.sort_by_key(|(at, _)| *at);
        plan.said.sort_by_key(|said| said.line);
        plan.items = items.into_iter().map(|(_, item)| item).collect();
    }

    /// The tables of an array of tables, each with its line.
    fn tables<'s>(&mut self, table: &'s DeTable<'s>, key: &str, name: &'static str) -> Vec<(Section<'s>, usize)> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let (at, list) = (value.span().start, value.get_ref().as_array());
        let Some(list) = list else {
            self.fault(at, format!("{key} is written as {name} on a line of its own; write it so"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in list.iter() {
            let at = entry.span().start;
            match entry.get_ref().as_table() {
                Some(table) => found.push((Section { table, name, at }, line_of(self.text, at))),
                None => self.fault(at, format!("{key} is written as {name} on a line of its own; write it so")),
            }
        }
        found
    }

    fn keys(&mut self, section: &Section<'_>, known: &[&str]) {
        for key in section.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let text = format!("{} has no setting {}; it has {}", section.name, shown(name), known.join(", "));
                self.fault(key.span().start, text);
            }
        }
    }

    fn get<'s>(section: &Section<'s>, key: &str) -> Option<(&'s DeValue<'s>, Range<usize>)> {
        let value: &'s Spanned<DeValue<'s>> = section.table.get(key)?;
        Some((value.get_ref(), value.span()))
    }

    fn string(&mut self, section: &Section<'_>, key: &str) -> Option<String> {
        let (value, span) = Self::get(section, key)?;
        let text = value.as_str();
        if text.is_none() {
            self.fault(span.start, format!("{key} is a text; write it in quotation marks"));
        }
        text.map(str::to_owned)
    }

    fn flag(&mut self, section: &Section<'_>, key: &str) -> bool {
        let Some((value, span)) = Self::get(section, key) else { return false };
        value.as_bool().unwrap_or_else(|| {
            self.fault(span.start, format!("{key} is true or false; write one of them, without quotation marks"));
            false
        })
    }

    fn choice<T: Copy>(&mut self, section: &Section<'_>, key: &str, of: &[(&str, T)]) -> Option<T> {
        let text = self.string(section, key)?;
        let found = of.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let at = Self::get(section, key).map_or(section.at, |(_, span)| span.start);
            let names: Vec<_> = of.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.fault(at, format!("{key} = {} is not known; write {}", shown(&text), names.join(" or ")));
        }
        found
    }

    /// A number, if the section has it; a value that is none is a fault.
    fn number(&mut self, section: &Section<'_>, key: &str) -> Option<f32> {
        let (value, span) = Self::get(section, key)?;
        let written = match value {
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            _ => None,
        };
        let number = written.and_then(|text| text.replace('_', "").parse::<f32>().ok()).filter(|n| n.is_finite());
        if number.is_none() {
            self.fault(span.start, format!("{key} is a number; write it without unit and quotation marks"));
        }
        number
    }

    /// A measure in millimetres, which must be there.
    fn measure(&mut self, section: &Section<'_>, key: &str) -> Option<f32> {
        if !section.table.contains_key(key) {
            self.fault(section.at, format!("{} lacks {key}; write it in millimetres", section.name));
            return None;
        }
        let number = self.number(section, key)?;
        if (0.0..=1_000.0).contains(&number) {
            return Some(number);
        }
        let at = Self::get(section, key).map_or(section.at, |(_, span)| span.start);
        self.fault(at, format!("{key} = {number} is outside any page; write millimetres from the top left corner"));
        None
    }

    /// The page, from 0; the first where none is named.
    fn page(&mut self, section: &Section<'_>) -> usize {
        let Some((value, span)) = Self::get(section, "page") else { return 0 };
        let page = value.as_integer().and_then(|number| number.as_str().parse::<usize>().ok());
        match page.and_then(|page| page.checked_sub(1)) {
            Some(page) => page,
            None => {
                self.fault(span.start, "page is the number of a page of the background; the first is 1".to_owned());
                0
            }
        }
    }

    /// Dots an inch of the background as a picture. Below 150 small print on it cannot be read, and no printer shows
    /// more than 300 of a surface.
    fn dots(&mut self, section: &Section<'_>) -> u16 {
        let Some((value, span)) = Self::get(section, "dots") else { return DOTS };
        let dots = value.as_integer().and_then(|number| number.as_str().parse::<u16>().ok());
        dots.filter(|dots| (150..=300).contains(dots)).unwrap_or_else(|| {
            self.fault(
                span.start,
                "dots are those an inch of the picture; write a number between 150 and 300".to_owned(),
            );
            DOTS
        })
    }

    fn languages(&mut self, section: &Section<'_>) -> Vec<Language> {
        let Some((value, span)) = Self::get(section, "languages") else { return Vec::new() };
        let Some(list) = value.as_array() else {
            self.fault(span.start, format!("languages is a list; write it as [\"en\"] with any of {}", tags()));
            return Vec::new();
        };
        let mut languages = Vec::new();
        for entry in list.iter() {
            match entry.get_ref().as_str().and_then(Language::of_tag) {
                Some(language) => languages.push(language),
                None => self.fault(entry.span().start, format!("this is no language of the paper; it has {}", tags())),
            }
        }
        languages
    }

    fn language(&mut self, section: &Section<'_>, first: Language) -> Language {
        let Some(tag) = self.string(section, "language") else { return first };
        Language::of_tag(&tag).unwrap_or_else(|| {
            let at = Self::get(section, "language").map_or(section.at, |(_, span)| span.start);
            self.fault(at, format!("{} is no language of the paper; it has {}", shown(&tag), tags()));
            first
        })
    }

    fn field(&mut self, section: &Section<'_>, first: Language) -> Option<Text> {
        let Some(name) = self.string(section, "name") else {
            if !section.table.contains_key("name") {
                self.fault(section.at, format!("[[field]] lacks name; write one of {}", names()));
            }
            return None;
        };
        let Some(known) = known(&name) else {
            let at = Self::get(section, "name").map_or(section.at, |(_, span)| span.start);
            self.fault(at, format!("there is no field {}; write one of {}", shown(&name), names()));
            return None;
        };
        let days = self.string(section, "date").map(|text| {
            DayForm::of(&text).unwrap_or_else(|| {
                let at = Self::get(section, "date").map_or(section.at, |(_, span)| span.start);
                self.fault(
                    at,
                    format!(
                        "date = {} is no form of a day; write \"iso\", \"long\", or a pattern with DD, MM and YYYY such \
                         as \"DD.MM.YYYY\"",
                        shown(&text)
                    ),
                );
                DayForm::Own
            })
        });
        let (optional, prefix) = (self.flag(section, "optional"), self.string(section, "prefix"));
        let label = self.string(section, "label");
        self.text(section, What::Field(known), first).map(|text| Text {
            days: days.unwrap_or(DayForm::Own),
            prefix: prefix.unwrap_or_default(),
            optional,
            label,
            ..text
        })
    }

    fn label(&mut self, section: &Section<'_>, first: Language) -> Option<Text> {
        let language = Self::get(section, "language").and_then(|(value, _)| value.as_str());
        let language = language.and_then(Language::of_tag).unwrap_or(first);
        let Some(key) = self.string(section, "word") else {
            if !section.table.contains_key("word") {
                self.fault(section.at, "[[label]] lacks word; write the key of a word, such as label.lot".to_owned());
            }
            return None;
        };
        let found = match key.split_once('.') {
            Some((part, name)) => language.entry(part, name),
            None => plain_word(&key).map(|key| language.word(key)),
        };
        // What has gaps to be filled is no fixed word.
        let Some(found) = found.filter(|found| !found.contains('{')) else {
            let at = Self::get(section, "word").map_or(section.at, |(_, span)| span.start);
            self.fault(
                at,
                format!(
                    "there is no word {}; write one of {}, or label. and the name of a field, or title. and a kind of \
                     certificate",
                    shown(&key),
                    PLAIN_WORDS.join(", ")
                ),
            );
            return None;
        };
        self.text(section, What::Word(key, found), first)
    }

    fn text(&mut self, section: &Section<'_>, what: What, first: Language) -> Option<Text> {
        let language = self.language(section, first);
        let size = self.points(section, "size").unwrap_or(11.0);
        let smallest = self.points(section, "smallest").unwrap_or(size.min(7.0));
        if smallest > size {
            let at = Self::get(section, "smallest").map_or(section.at, |(_, span)| span.start);
            self.fault(at, format!("smallest = {smallest} is larger than size = {size}; exchange them"));
        }
        let aligns = [
            ("start", Align::Start),
            ("left", Align::Left),
            ("centre", Align::Centre),
            ("center", Align::Centre),
            ("right", Align::Right),
        ];
        let align = self.choice(section, "align", &aligns).unwrap_or(Align::Start);
        let valigns = [("top", Valign::Top), ("middle", Valign::Middle), ("bottom", Valign::Bottom)];
        let valign = self.choice(section, "valign", &valigns).unwrap_or(Valign::Middle);
        let weights = [("regular", Weight::Regular), ("bold", Weight::Bold)];
        let weight = self.choice(section, "weight", &weights).unwrap_or(Weight::Regular);
        let colour = self.colour(section);
        let page = self.page(section);
        let sides = ["x", "y", "width", "height"].map(|key| self.measure(section, key));
        let [Some(x), Some(y), Some(width), Some(height)] = sides else { return None };
        Some(Text {
            what,
            place: Place { page, x, y, width, height },
            size,
            smallest: smallest.min(size),
            align,
            valign,
            weight,
            colour,
            language,
            days: DayForm::Own,
            prefix: String::new(),
            optional: false,
            label: None,
            line: line_of(self.text, section.at),
        })
    }

    /// A size of type. Below 5 points no photocopy keeps a letter.
    fn points(&mut self, section: &Section<'_>, key: &str) -> Option<f32> {
        let points = self.number(section, key)?;
        if (5.0..=96.0).contains(&points) {
            return Some(points);
        }
        let at = Self::get(section, key).map_or(section.at, |(_, span)| span.start);
        self.fault(at, format!("{key} = {points} is no size of readable type; write points between 5 and 96"));
        None
    }

    fn colour(&mut self, section: &Section<'_>) -> [u8; 3] {
        const INK: [u8; 3] = [0x11, 0x14, 0x18];
        let Some(text) = self.string(section, "colour") else { return INK };
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |range| digits.and_then(|digits| u8::from_str_radix(digits.get::<Range<usize>>(range)?, 16).ok());
        match (part(0..2), part(2..4), part(4..6)) {
            (Some(red), Some(green), Some(blue)) => [red, green, blue],
            _ => {
                let at = Self::get(section, "colour").map_or(section.at, |(_, span)| span.start);
                self.fault(at, format!("colour = {} is no colour; write it as \"#103b6d\"", shown(&text)));
                INK
            }
        }
    }
}

/// Words of ours that belong to no field.
const PLAIN_WORDS: &[&str] =
    &["name", "family", "given", "standardised", "birth_date", "id", "code", "footer", "not_recorded"];

fn plain_word(key: &str) -> Option<&'static str> {
    PLAIN_WORDS.iter().copied().find(|word| *word == key)
}

fn tags() -> String {
    Language::all().map(Language::tag).collect::<Vec<_>>().join(", ")
}

fn names() -> String {
    FIELDS.iter().map(|known| known.name).collect::<Vec<_>>().join(", ")
}

/// What somebody wrote, cut where it is long.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("{short:?}")
}
