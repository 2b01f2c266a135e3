//! What can be wrong with an exported file as a whole.

use std::io;

/// Why a file could not be read to its end. Whatever came before the fault was delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Opening or reading failed.
    #[error("{file} cannot be read: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing in it.
    #[error("{file} is empty: export the people again")]
    Empty {
        /// The file.
        file: String,
    },
    /// A web page.
    #[error("{file} holds a web page, not data: the export was saved from a login or error page")]
    WebPage {
        /// The file.
        file: String,
    },
    /// Another encoding or a compressed file.
    #[error("{file} is not JSON in UTF-8 but {found}: unpack or convert it first")]
    Encoding {
        /// The file.
        file: String,
        /// What it seems to be.
        found: &'static str,
    },
    /// Not JSON.
    #[error("{file} is not JSON at line {line}, column {column}: everything before it was read, export the rest again")]
    Syntax {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The end is missing.
    #[error(
        "{file} is cut off at line {line}, column {column}: everything before it was read, copy or export the file again"
    )]
    Truncated {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// One person is larger than any can be.
    #[error(
        "{file} holds a person of more than {limit} bytes before byte {byte}: export the people one page at a time"
    )]
    EntityTooLarge {
        /// The file.
        file: String,
        /// Byte at which reading stopped.
        byte: u64,
        /// Bytes allowed.
        limit: usize,
    },
    /// A DHIS2 error message instead of data.
    #[error("{file} holds an error message of DHIS2, not data: look at what it says and export again")]
    ServerError {
        /// The file.
        file: String,
    },
    /// JSON, but no people.
    #[error(
        "{file} holds no tracked entities (it has {}): export them with their enrollments and events, under trackedEntities, instances or trackedEntityInstances",
        if .keys.is_empty() { "no object".to_owned() } else { .keys.join(", ") }
    )]
    NoPeople {
        /// The file.
        file: String,
        /// Keys found instead, at most eight.
        keys: Vec<String>,
    },
    /// The list of org units is not one.
    #[error("{file} holds no organisationUnits: export /api/organisationUnits?fields=id,name&paging=false")]
    NoOrgUnits {
        /// The file.
        file: String,
    },
}
