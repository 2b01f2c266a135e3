//! `report.json`: every record, issued or not, written as the run goes on.

use std::{
    fs,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::PathBuf,
};

use serde::{Serialize, Serializer};

use super::BatchError;
use crate::{
    issue::{Format, NotIssued},
    record::{Provenance, Refusal, Uvci},
};

/// Name of the report.
pub const REPORT_FILE: &str = "report.json";

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A certificate was issued in this run.
    Issued,
    /// None was issued, for the reasons given.
    Refused,
    /// A certificate with the same content stands already.
    Unchanged,
}

/// One record in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// UID of the person in the source.
    pub record: String,
    /// UID of the event.
    pub event: String,
    /// What tells this record from the others of its event, where there are others: the UID of the data element
    /// that says that the dose was given, or `recovery`.
    pub part: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Identifier of its certificate (UVCI).
    pub uvci: Option<String>,
    /// Formats in which it stands.
    pub formats: Vec<Format>,
    /// Formats that were wanted and that the record cannot be issued in, each with its reason.
    pub not_issued: Vec<NotIssued>,
    /// Why not, or what is worth knowing of a certificate that was issued.
    pub reasons: Vec<Refusal>,
}

impl Item {
    /// Key of the record in the registry.
    #[must_use]
    pub fn key(&self) -> String {
        Provenance::key(&self.event, self.part.as_deref())
    }

    /// A record of which nothing is decided yet.
    pub(super) fn new(record: String, event: String, part: Option<String>, reasons: Vec<Refusal>) -> Self {
        let (formats, not_issued) = (Vec::new(), Vec::new());
        Self { record, event, part, status: Status::Refused, uvci: None, formats, not_issued, reasons }
    }

    /// Takes over why formats were not issued; where none was, the reasons of the record are theirs, each once.
    pub(super) fn refuse(&mut self, refused: Vec<NotIssued>) {
        if self.formats.is_empty() {
            let mut reasons: Vec<Refusal> = Vec::new();
            for NotIssued { refusal, .. } in &refused {
                if !reasons.contains(refusal) {
                    reasons.push(refusal.clone());
                }
            }
            self.reasons.splice(0..0, reasons);
        }
        self.not_issued.extend(refused);
    }
}

impl Serialize for Item {
    /// `id` is the name of the certificate's folder, the random part of its `uvci`, so that a script finds the
    /// files of a record without taking the identifier apart.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            record: &'a str,
            event: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            part: Option<&'a str>,
            status: Status,
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            uvci: Option<&'a str>,
            formats: &'a [Format],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            not_issued: &'a [NotIssued],
            reasons: &'a [Refusal],
        }
        let uvci: Option<Uvci> = self.uvci.as_ref().and_then(|text| text.parse().ok());
        Wire {
            record: &self.record,
            event: &self.event,
            part: self.part.as_deref(),
            status: self.status,
            id: uvci.as_ref().map(Uvci::opaque),
            uvci: self.uvci.as_deref(),
            formats: &self.formats,
            not_issued: &self.not_issued,
            reasons: &self.reasons,
        }
        .serialize(serializer)
    }
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Records looked at.
    pub records: u64,
    /// Issued in this run.
    pub issued: u64,
    /// Not issued.
    pub refused: u64,
    /// Issued before and unchanged.
    pub unchanged: u64,
}

/// Takes items as they come, and writes them to disk so that memory stays flat.
#[derive(Debug)]
pub struct Report {
    tally: Tally,
    reasons: std::collections::BTreeMap<String, u64>,
    items: Option<(PathBuf, BufWriter<fs::File>)>,
}

impl Report {
    /// A report into a folder, or one that only counts.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn new(dir: Option<&std::path::Path>) -> Result<Self, BatchError> {
        let items = match dir {
            None => None,
            Some(dir) => {
                let path = dir.join(format!("{REPORT_FILE}.items.part"));
                let file = fs::File::options().read(true).write(true).create(true).truncate(true).open(&path);
                let file = file.map_err(BatchError::write(&path))?;
                Some((path, BufWriter::with_capacity(256 * 1024, file)))
            }
        };
        Ok(Self { tally: Tally::default(), reasons: std::collections::BTreeMap::new(), items })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn add(&mut self, item: &Item) -> Result<(), BatchError> {
        self.tally.records += 1;
        match item.status {
            Status::Issued => self.tally.issued += 1,
            Status::Refused => self.tally.refused += 1,
            Status::Unchanged => self.tally.unchanged += 1,
        }
        if item.status == Status::Refused {
            for reason in &item.reasons {
                *self.reasons.entry(reason.code.clone()).or_default() += 1;
            }
        }
        if let Some((path, file)) = &mut self.items {
            let separator: &[u8] = if self.tally.records == 1 { b"\n    " } else { b",\n    " };
            let written = file.write_all(separator).and_then(|()| Ok(serde_json::to_writer(&mut *file, item)?));
            written.map_err(BatchError::write(path.clone()))?;
        }
        Ok(())
    }

    /// The counts so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many refused records each reason code has.
    #[must_use]
    pub fn reasons(&self) -> &std::collections::BTreeMap<String, u64> {
        &self.reasons
    }

    /// Writes `report.json`, whole or not at all. Gives its path.
    ///
    /// # Errors
    /// When the disk is full; an older report then stays as it was.
    pub fn finish(self) -> Result<Option<PathBuf>, BatchError> {
        let Some((items_path, file)) = self.items else { return Ok(None) };
        let path = items_path.with_file_name(REPORT_FILE);
        let part = items_path.with_file_name(format!("{REPORT_FILE}.part"));
        let Tally { records, issued, refused, unchanged } = self.tally;
        let write = || -> io::Result<()> {
            let mut items = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            items.seek(SeekFrom::Start(0))?;
            let mut out = BufWriter::with_capacity(256 * 1024, fs::File::create(&part)?);
            write!(
                out,
                "{{\n  \"records\": {records},\n  \"issued\": {issued},\n  \"refused\": {refused},\n  \"unchanged\": {unchanged},\n  \"items\": ["
            )?;
            io::copy(&mut items, &mut out)?;
            out.write_all(if records == 0 { b"]\n}\n" } else { b"\n  ]\n}\n" })?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&part, &path)?;
            fs::remove_file(&items_path)
        };
        write().map_err(BatchError::write(&path))?;
        Ok(Some(path))
    }
}
