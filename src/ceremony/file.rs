//! The form of a ceremony file: TOML, read by hand so that every fault is found at once and named by its line.
//! Unknown settings are refused: a mistyped name would otherwise be silently without effect.

use std::{cell::RefCell, ops::Range};

use jiff::Timestamp;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::{At, Faults};

/// A table of the file, with the settings that were asked for.
pub(super) struct Section<'t> {
    text: &'t str,
    table: &'t DeTable<'t>,
    /// Where it is in the file, such as `signer[2].`; empty for the file itself.
    path: String,
    /// Line where it begins.
    pub(super) line: usize,
    asked: RefCell<Vec<&'static str>>,
}

/// The line of a place in the text, from 1.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).map_or(0, |before| before.matches('\n').count() + 1)
}

impl<'t> Section<'t> {
    /// The whole file.
    pub(super) fn whole(text: &'t str, table: &'t DeTable<'t>) -> Self {
        Self { text, table, path: String::new(), line: 1, asked: RefCell::default() }
    }

    /// The full name of a setting.
    pub(super) fn setting(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// The name of the table itself.
    pub(super) fn name(&self) -> &str {
        self.path.trim_end_matches('.')
    }

    fn get(&self, name: &'static str) -> Option<(&'t DeValue<'t>, usize)> {
        self.asked.borrow_mut().push(name);
        let (_, value) = self.table.iter().find(|(key, _)| key.get_ref().as_ref() == name)?;
        Some((value.get_ref(), line_of(self.text, &value.span())))
    }

    fn wrong(&self, faults: &mut Faults, name: &str, line: usize, found: &DeValue<'_>, wanted: &str) {
        let kind = match found {
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
            DeValue::Datetime(_) => "a date",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::String(_) => "a text",
        };
        faults.add(line, self.setting(name), format!("{kind} stands here, but it takes {wanted}"));
    }

    /// A text, without spaces around it; what no certificate can hold is refused.
    pub(super) fn text(&self, faults: &mut Faults, name: &'static str) -> Option<At<String>> {
        let (value, line) = self.get(name)?;
        self.as_text(faults, name, value, line)
    }

    fn as_text(&self, faults: &mut Faults, name: &str, value: &DeValue<'_>, line: usize) -> Option<At<String>> {
        let Some(text) = value.as_str() else {
            self.wrong(faults, name, line, value, "a text in quotation marks");
            return None;
        };
        if text.chars().any(char::is_control) {
            faults.add(line, self.setting(name), "holds a control character: write it on one line without tabs");
            return None;
        }
        if text.trim().is_empty() {
            faults.add(line, self.setting(name), "is empty: write a text, or remove the setting");
            return None;
        }
        Some(At { value: text.trim().to_owned(), line })
    }

    /// A text that must be there.
    pub(super) fn needed(&self, faults: &mut Faults, name: &'static str, what: &str) -> Option<At<String>> {
        if !self.table.keys().any(|key| key.get_ref().as_ref() == name) {
            self.asked.borrow_mut().push(name);
            faults.add(self.line, self.setting(name), format!("is missing: {what}"));
            return None;
        }
        self.text(faults, name)
    }

    /// A list of texts; one text alone stands for a list of one.
    pub(super) fn texts(&self, faults: &mut Faults, name: &'static str) -> Option<At<Vec<String>>> {
        let (value, line) = self.get(name)?;
        let items: Vec<&DeValue<'_>> = match value {
            DeValue::Array(items) => items.iter().map(Spanned::get_ref).collect(),
            one => vec![one],
        };
        let texts = items.into_iter().filter_map(|item| self.as_text(faults, name, item, line)).map(|at| at.value);
        Some(At { value: texts.collect(), line })
    }

    /// A number of days.
    pub(super) fn days(&self, faults: &mut Faults, name: &'static str) -> Option<At<i64>> {
        let (value, line) = self.get(name)?;
        let number = value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        match number {
            Some(days) if (1..=10_000).contains(&days) => Some(At { value: days, line }),
            Some(days) => {
                faults.add(line, self.setting(name), format!("{days} is no number of days between 1 and 10000"));
                None
            }
            None => {
                self.wrong(faults, name, line, value, "a whole number");
                None
            }
        }
    }

    /// A small number.
    pub(super) fn number(&self, faults: &mut Faults, name: &'static str) -> Option<At<i64>> {
        let (value, line) = self.get(name)?;
        let number = value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        if number.is_none() {
            self.wrong(faults, name, line, value, "a whole number");
        }
        number.map(|value| At { value, line })
    }

    /// Yes or no.
    pub(super) fn flag(&self, faults: &mut Faults, name: &'static str) -> Option<bool> {
        let (value, line) = self.get(name)?;
        if value.as_bool().is_none() {
            self.wrong(faults, name, line, value, "true or false");
        }
        value.as_bool()
    }

    /// A moment: date and time with offset.
    pub(super) fn moment(&self, faults: &mut Faults, name: &'static str) -> Option<At<Timestamp>> {
        let (value, line) = self.get(name)?;
        let text = value.as_datetime().map(ToString::to_string);
        let moment = text.and_then(|text| text.parse().ok());
        if moment.is_none() {
            self.wrong(faults, name, line, value, "a time with offset, such as 2027-01-15T08:00:00Z");
        }
        moment.map(|value| At { value, line })
    }

    /// A table in this one.
    pub(super) fn table(&self, faults: &mut Faults, name: &'static str) -> Option<Section<'t>> {
        let (value, line) = self.get(name)?;
        match value {
            DeValue::Table(table) => Some(self.inside(format!("{}{name}.", self.path), table, line)),
            other => {
                self.wrong(faults, name, line, other, &format!("a table: [{}{name}]", self.path));
                None
            }
        }
    }

    /// The tables of a list, such as `[[signer]]`.
    pub(super) fn tables(&self, faults: &mut Faults, name: &'static str) -> Vec<Section<'t>> {
        let Some((value, line)) = self.get(name) else { return Vec::new() };
        let items: Option<Vec<Section<'t>>> = value.as_array().and_then(|items| {
            let section = |(at, item): (usize, &'t Spanned<DeValue<'t>>)| {
                let table = item.get_ref().as_table()?;
                Some(self.inside(format!("{}{name}[{}].", self.path, at + 1), table, line_of(self.text, &item.span())))
            };
            items.iter().enumerate().map(section).collect()
        });
        if items.is_none() {
            self.wrong(faults, name, line, value, &format!("tables: [[{}{name}]]", self.path));
        }
        items.unwrap_or_default()
    }

    fn inside(&self, path: String, table: &'t DeTable<'t>, line: usize) -> Section<'t> {
        Section { text: self.text, table, path, line, asked: RefCell::default() }
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(&self, faults: &mut Faults) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name = key.get_ref();
            if !asked.contains(&name.as_ref()) {
                let mut known = asked.clone();
                known.sort_unstable();
                known.dedup();
                let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                let problem = format!("is no setting of this place, which has: {}", known.join(", "));
                faults.add(line_of(self.text, &key.span()), self.setting(&shown), problem);
            }
        }
    }
}
