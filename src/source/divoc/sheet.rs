//! The sheet of `bulkCertify`: CSV by RFC 4180, its first line the names of the columns. Each line becomes the item
//! that it stands for and is read as one; what is wrong with a line is told of the line. (DIVOC logs such faults and
//! goes on with zeros.)

use serde_json::{Map, Value};

use super::{Contract, DivocError, Item, Terms, check_count, item, reasons, without_repetitions};
use crate::{limits::DIVOC_ITEMS, record::Refusal};

/// The columns in the order of DIVOC's template, each with the member that it stands for; a place that is empty has
/// no place in the item. Other columns are ignored, and so is the order.
pub const HEADER: [(&str, &str); 28] = [
    ("preEnrollmentCode", "preEnrollmentCode"),
    ("recipientName", "recipient.name"),
    ("recipientMobileNumber", ""),
    ("recipientDOB", "recipient.dob"),
    ("recipientAge", "recipient.age"),
    ("recipientGender", "recipient.gender"),
    ("recipientNationality", "recipient.nationality"),
    ("recipientIdentity", "recipient.identity"),
    ("recipientAddressLine1", ""),
    ("recipientAddressLine2", ""),
    ("recipientDistrict", ""),
    ("recipientState", ""),
    ("recipientPincode", ""),
    ("vaccinationBatch", "vaccination.batch"),
    ("vaccinationDate", "vaccination.date"),
    ("vaccinationDose", "vaccination.dose"),
    ("vaccinationTotalDoses", "vaccination.totalDoses"),
    ("vaccinationEffectiveStart", "vaccination.effectiveStart"),
    ("vaccinationEffectiveEnd", "vaccination.effectiveUntil"),
    ("vaccinationManufacturer", "vaccination.manufacturer"),
    ("vaccinationName", "vaccination.name"),
    ("vaccinatorName", "vaccinator.name"),
    ("facilityName", "facility.name"),
    ("facilityAddressLine1", "facility.address.addressLine1"),
    ("facilityAddressLine2", "facility.address.addressLine2"),
    ("facilityDistrict", "facility.address.district"),
    ("facilityState", "facility.address.state"),
    ("facilityPincode", "facility.address.pincode"),
];

/// Columns that no sheet can do without: a certificate cannot.
const NEEDED: [&str; 8] = [
    "preEnrollmentCode",
    "recipientName",
    "recipientDOB",
    "vaccinationDate",
    "vaccinationDose",
    "vaccinationTotalDoses",
    "vaccinationManufacturer",
    "vaccinationName",
];

/// Reads a sheet; the place of an item is its line in the file.
///
/// # Errors
/// When it is no sheet of this kind at all. What is wrong with one line stands in its item.
pub fn read_sheet(bytes: &[u8], terms: &Terms<'_>) -> Result<Vec<Item>, DivocError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| DivocError::Encoding { at: error.valid_up_to() })?;
    let mut rows = Rows { rest: text, line: 1 };
    let columns = match rows.next_row()? {
        Some((_, header)) => columns(&header)?,
        None => return Err(DivocError::Empty),
    };
    let mut items = Vec::new();
    while let Some((line, cells)) = rows.next_row()? {
        if items.len() == DIVOC_ITEMS {
            return Err(DivocError::TooMany { limit: DIVOC_ITEMS });
        }
        items.push(read_line(line, &cells, &columns, terms));
    }
    check_count(items.len())?;
    Ok(without_repetitions(items, |line| format!("line {line}")))
}

/// What each column of the sheet stands for.
fn columns(header: &[String]) -> Result<Vec<Option<(&'static str, &'static str)>>, DivocError> {
    let columns: Vec<Option<(&str, &str)>> = header
        .iter()
        .map(|name| HEADER.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())))
        .collect();
    for (known, _) in HEADER {
        let count = columns.iter().flatten().filter(|(name, _)| *name == known).count();
        if count > 1 {
            return Err(DivocError::ColumnTwice { column: known });
        }
    }
    for needed in NEEDED {
        if !columns.iter().flatten().any(|(name, _)| *name == needed) {
            return Err(DivocError::Column { column: needed });
        }
    }
    Ok(columns)
}

fn read_line(line: usize, cells: &[String], columns: &[Option<(&str, &str)>], terms: &Terms<'_>) -> Item {
    if cells.len() != columns.len() {
        let refusal = Refusal::of(reasons::LINE_CELLS, Some(&format!("line {line}")));
        return Item { place: line, code: None, dose: None, outcome: Err(vec![refusal]), notes: Vec::new() };
    }
    let mut item = Value::Object(Map::new());
    // A sheet has a cell for everything: an empty one says that the value is not known.
    for (_, at) in HEADER.iter().filter(|(_, at)| !at.is_empty()) {
        put(&mut item, at, Value::String(String::new()));
    }
    for (cell, (_, at)) in cells.iter().zip(columns).filter_map(|(cell, column)| Some((cell, (*column)?))) {
        if !at.is_empty() {
            put(&mut item, at, Value::String(cell.clone()));
        }
    }
    let locate = |at: &str| match HEADER.iter().find(|(_, known)| !at.is_empty() && *known == at) {
        Some((column, _)) => format!("line {line}, {column}"),
        None => format!("line {line}"),
    };
    item::read(&item, line, Contract::V1, terms, &locate)
}

/// Sets the member at a path of names with points between them.
fn put(item: &mut Value, at: &str, value: Value) {
    let (first, rest) = at.split_once('.').map_or((at, None), |(first, rest)| (first, Some(rest)));
    let Some(object) = item.as_object_mut() else { return };
    match rest {
        None => {
            object.insert(first.to_owned(), value);
        }
        Some(rest) => {
            put(object.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new())), rest, value);
        }
    }
}

/// The rows of a CSV text (RFC 4180; line ends CRLF, LF or CR; empty lines are none).
struct Rows<'t> {
    rest: &'t str,
    line: usize,
}

impl Rows<'_> {
    /// The next row and the line in which it begins.
    fn next_row(&mut self) -> Result<Option<(usize, Vec<String>)>, DivocError> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let line = self.line;
            let row = self.row()?;
            if row.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some((line, row)));
            }
        }
    }

    fn row(&mut self) -> Result<Vec<String>, DivocError> {
        let mut cells = Vec::new();
        loop {
            cells.push(if self.rest.starts_with('"') { self.quoted()? } else { self.plain()? });
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            let ends = ["\r\n", "\n", "\r"];
            self.rest = ends.into_iter().find_map(|end| self.rest.strip_prefix(end)).unwrap_or(self.rest);
            self.line += 1;
            return Ok(cells);
        }
    }

    fn plain(&mut self) -> Result<String, DivocError> {
        let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        if cell.contains('"') {
            return Err(DivocError::StrayQuote { line: self.line });
        }
        self.rest = rest;
        Ok(cell.to_owned())
    }

    fn quoted(&mut self) -> Result<String, DivocError> {
        let begun = self.line;
        let mut cell = String::new();
        let mut rest = self.rest.strip_prefix('"').unwrap_or(self.rest);
        loop {
            let (part, after) = rest.split_once('"').ok_or(DivocError::Quote { line: begun })?;
            cell.push_str(part);
            self.line += part.matches('\n').count();
            match after.strip_prefix('"') {
                Some(more) => {
                    cell.push('"');
                    rest = more;
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        if !(rest.is_empty() || rest.starts_with([',', '\r', '\n'])) {
            return Err(DivocError::StrayQuote { line: self.line });
        }
        self.rest = rest;
        Ok(cell)
    }
}
