//! Names of facilities from an exported list of org units: servers from 2.41 on no longer tell them in
//! events.

use std::{
    collections::HashMap,
    fs::File,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    FileError,
    json::{self, Fault, Keys},
    named, peek,
};

const ORG_UNITS: Keys = Keys { envelopes: &["organisationUnits"], own: &["id"] };

/// The list of org units that lies beside an export, if there is one: `organisationUnits.json`.
#[must_use]
pub fn facilities_beside(export: &Path) -> Option<PathBuf> {
    let beside = export.parent()?.join("organisationUnits.json");
    beside.is_file().then_some(beside)
}

/// Reads an exported list of org units: names by UID.
///
/// # Errors
/// When the file cannot be read, or is no such list.
pub fn read_facilities(path: &Path) -> Result<HashMap<String, String>, FileError> {
    let file = path.display().to_string();
    let open = File::open(path).map_err(|source| FileError::Io { file: file.clone(), source })?;
    let (_, reader) = peek(open, &file)?;
    let mut names = HashMap::new();
    json::stream(reader, ORG_UNITS, &mut |_, unit| {
        let text = |key: &str| unit.get(key).and_then(|v| v.as_str());
        if let (Some(id), Some(name)) = (text("id"), text("name").or_else(|| text("displayName"))) {
            names.insert(id.to_owned(), name.to_owned());
        }
        ControlFlow::Continue(())
    })
    .map_err(|fault| match fault {
        Fault::NoElements { .. } => FileError::NoOrgUnits { file: file.clone() },
        other => named(other, &file),
    })?;
    if names.is_empty() {
        return Err(FileError::NoOrgUnits { file });
    }
    Ok(names)
}
