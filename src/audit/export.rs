//! The log for auditors: rows of a span of time as NDJSON or CSV, and a manifest beside them that the list key signs.
//!
//! The manifest names the file by its SHA-256, the span, the first and last row and the head of the whole log, so that
//! an auditor can tell that nothing was left out between two exports: rows are numbered without a gap, and each line
//! carries the hashes by which it hangs on the one before.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AuditError;
use crate::{
    batch::{ListKey, write_owned},
    keys::{PublicKey, sha256_of},
    limits,
    registry::{
        Registry,
        audit::{AuditRecord, Export},
    },
};

/// The form of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportForm {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated, with a line of names (RFC 4180).
    Csv,
}

/// What was exported: the content of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// Name of the file of rows.
    pub file: String,
    /// Its form.
    pub form: ExportForm,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
    /// The first row; none where there is none.
    pub first: Option<u64>,
    /// The last row.
    pub last: Option<u64>,
    /// The first moment of the span.
    pub from: Timestamp,
    /// The first moment behind it.
    pub until: Timestamp,
    /// Number of the newest row of the whole log.
    pub head: u64,
    /// Its hash, in hexadecimal.
    pub head_hash: String,
    /// When it was exported.
    pub made_at: Timestamp,
    /// Country of the issuer.
    pub country: String,
}

/// The manifest as it lies beside the rows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    #[serde(rename = "vaccert-audit-export")]
    version: u8,
    /// The content, as the very text that is signed.
    content: String,
    algorithm: String,
    kid: String,
    /// Over the UTF-8 bytes of `content`, in base64.
    signature: String,
}

const VERSION: u8 = 1;

/// A row as a line has it.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    at: Timestamp,
    actor_kind: &'a str,
    actor: Option<&'a str>,
    action: &'a str,
    object_kind: Option<&'a str>,
    object: Option<&'a str>,
    record: Option<&'a str>,
    reason: Option<&'a str>,
    request: Option<&'a str>,
    details: Option<&'a str>,
    previous: String,
    hash: String,
}

const NAMES: &str = "number,at,actor_kind,actor,action,object_kind,object,record,reason,request,details,previous,hash";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl<'a> Line<'a> {
    fn of(row: &'a AuditRecord) -> Self {
        Self {
            number: row.number,
            at: row.at,
            actor_kind: &row.actor_kind,
            actor: row.actor.as_deref(),
            action: &row.action,
            object_kind: row.object_kind.as_deref(),
            object: row.object.as_deref(),
            record: row.record.as_deref(),
            reason: row.reason.as_deref(),
            request: row.request.as_deref(),
            details: row.details.as_deref(),
            previous: hex(&row.previous),
            hash: hex(&row.hash),
        }
    }

    /// A value that a spreadsheet would take for a formula gets an apostrophe before it.
    fn csv(&self) -> String {
        let cell = |text: &str| {
            let guarded =
                if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
            if guarded.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", guarded.replace('"', "\"\""))
            } else {
                guarded
            }
        };
        let text = |text: Option<&str>| cell(text.unwrap_or_default());
        [
            self.number.to_string(),
            self.at.to_string(),
            cell(self.actor_kind),
            text(self.actor),
            cell(self.action),
            text(self.object_kind),
            text(self.object),
            text(self.record),
            text(self.reason),
            text(self.request),
            text(self.details),
            self.previous.clone(),
            self.hash.clone(),
        ]
        .join(",")
    }
}

/// Exports the rows of a span of time into a file that only its owner can read, and the manifest beside it (the
/// file's name and `.manifest.json`), signed by the list key.
///
/// # Errors
/// The registry's, the list key's or the disk's.
pub async fn export(
    registry: &Registry,
    span: Export,
    form: ExportForm,
    path: &Path,
    list_key: &ListKey,
    now: Timestamp,
) -> Result<Exported, AuditError> {
    let failed = |error: std::io::Error| AuditError::Write { path: path.to_owned(), kind: error.kind() };
    // Whole or not at all, and its owner's alone from the beginning.
    write_owned(path, b"")?;
    let file = std::fs::OpenOptions::new().write(true).truncate(true).open(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    if form == ExportForm::Csv {
        writeln!(out, "{NAMES}").map_err(failed)?;
    }
    let (mut rows, mut first, mut last) = (0, None, None);
    loop {
        let page = registry.audit_between(span, last.unwrap_or(0), limits::AUDIT_PAGE).await?;
        if page.is_empty() {
            break;
        }
        for row in &page {
            let line = Line::of(row);
            let text = match form {
                // Every field can be written as JSON.
                ExportForm::Ndjson => serde_json::to_string(&line).unwrap_or_default(),
                ExportForm::Csv => line.csv(),
            };
            writeln!(out, "{text}").map_err(failed)?;
            rows += 1;
            first = first.or(Some(row.number));
            last = Some(row.number);
        }
    }
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    let head = registry.audit_head().await?;
    let mut written = std::fs::File::open(path).map_err(failed)?;
    let exported = Exported {
        file: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        form,
        sha256: hex(&sha256_of(&mut written).map_err(failed)?),
        rows,
        first,
        last,
        from: span.from,
        until: span.until,
        head: head.number,
        head_hash: head.hex(),
        made_at: now,
        country: list_key.signer.certificate().country().unwrap_or_default().to_owned(),
    };
    let content = serde_json::to_string(&exported).unwrap_or_default();
    let signer = list_key.signer.as_ref();
    let manifest = Manifest {
        version: VERSION,
        algorithm: signer.algorithm().to_string(),
        kid: signer.kid().to_string(),
        signature: base64(&signer.sign(content.as_bytes())?),
        content,
    };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    write_owned(&manifest_path(path), format!("{text}\n").as_bytes())?;
    Ok(exported)
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

/// The place of the manifest of an export.
fn manifest_path(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".manifest.json");
    name.into()
}

/// Reads the manifest of an export, and checks its signature by one of these keys and the file against it. Tells
/// whether the file is the one that was exported.
///
/// # Errors
/// [`AuditError::Manifest`] when it is none, or nobody of these signed it.
pub fn read_manifest(path: &Path, list_keys: &[PublicKey]) -> Result<(Exported, bool), AuditError> {
    use ::base64::{Engine as _, engine::general_purpose::STANDARD};
    let beside = manifest_path(path);
    let wrong = || AuditError::Manifest { path: beside.clone() };
    let bounded = std::fs::metadata(&beside).is_ok_and(|file| file.len() <= limits::SMALL_FILE_BYTES);
    let text = bounded.then(|| std::fs::read_to_string(&beside).ok()).flatten().ok_or_else(wrong)?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| wrong())?;
    let signature = STANDARD.decode(&manifest.signature).map_err(|_| wrong())?;
    let algorithm = manifest.algorithm.parse().map_err(|_| wrong())?;
    let signed = manifest.version == VERSION
        && list_keys.iter().any(|key| key.verify(algorithm, manifest.content.as_bytes(), &signature).is_ok());
    let exported: Exported = serde_json::from_str(&manifest.content).map_err(|_| wrong())?;
    if !signed {
        return Err(wrong());
    }
    let found = std::fs::File::open(path).and_then(|mut file| sha256_of(&mut file)).ok();
    let same = found.is_some_and(|found| hex(&found) == exported.sha256);
    Ok((exported, same))
}
