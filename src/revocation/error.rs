//! Why a revocation file cannot be used. One broken file is an error: a list that is quietly shorter than it
//! was lets revoked certificates through.

use crate::limits;

/// Why a revocation list or filter cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// None of the forms of this room.
    #[error(
        "{name} is no revocation list that this program knows: give gateway batches or lists of health cards as JSON, slices of the \
         distribution service in their folders or as its archive, or a table of this program"
    )]
    Unrecognised {
        /// The file.
        name: String,
    },
    /// A batch as the gateway hands it out, still in its signature.
    #[error("{name} is a signed message (CMS): check its signature with the gateway's keys and give its content")]
    Signed {
        /// The file.
        name: String,
    },
    /// JSON that is not a list.
    #[error("{name} cannot be used at line {line}, column {column}: {fault}")]
    Json {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        fault: JsonFault,
    },
    /// A slice of a filter.
    #[error("the filter slice {name} cannot be used: {fault}")]
    Slice {
        /// The file, or its place in an archive.
        name: String,
        /// What is wrong with it.
        fault: SliceFault,
    },
    /// An archive or a packed file.
    #[error("{name} is damaged or cut off in its {part}: get it again")]
    Packed {
        /// The file.
        name: String,
        /// Which part.
        part: &'static str,
    },
    /// A table of ours.
    #[error("the revocation table cannot be used, its {part} is wrong: get it again")]
    Table {
        /// Which part.
        part: &'static str,
    },
    /// A table of a later program.
    #[error("the revocation table has the form {version}; this program reads forms 1 to 3: get a newer program")]
    TableVersion {
        /// The form found.
        version: u8,
    },
    /// Filters are carried as the files that they came in.
    #[error("{count} filter slices or notes about them cannot be written into a table: carry their files as they are")]
    NotATable {
        /// Slices, statements about slices, and gaps.
        count: usize,
    },
    /// Over a bound.
    #[error("there are more than {limit} {what}: give fewer files, or only those of the issuers that matter here")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// Reading failed.
    #[error("{name} cannot be read to its end: {reason}")]
    Read {
        /// The file.
        name: String,
        /// What the system says.
        reason: std::io::ErrorKind,
    },
}

/// A list that forgets what an earlier one of the same issuer revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the list lacks {entries} revocations and {filters} filters of the one before and does not say that they were taken \
     back: keep the earlier list, and ask the issuer"
)]
pub struct Regressed {
    /// Entries that are missing.
    pub entries: usize,
    /// Filters that are missing, or were made anew.
    pub filters: usize,
}

/// What is wrong in a JSON list. A damaged value is never shown: it may be a hash of somebody's identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// Not JSON, or a member of the wrong type.
    #[error("it is not JSON of this form; get the file again")]
    Form,
    /// The gateway's index.
    #[error("this is only the gateway's index of batches; download each batch that it names and give those")]
    OnlyIndex,
    /// An object of another kind.
    #[error("this object is neither a batch nor an index of the distribution service; remove it or the file")]
    NotAList,
    /// A member that a batch or an index must have.
    #[error("the member `{member}` is missing or unreadable; get the file again")]
    Member {
        /// Its name.
        member: &'static str,
    },
    /// The same member twice: readers would differ in which counts.
    #[error("the member `{member}` stands twice in one object; get the file again")]
    Twice {
        /// Its name.
        member: &'static str,
    },
    /// Over a bound.
    #[error("there are more than {limit} {what}; give fewer files")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

/// What is wrong with a slice.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SliceFault {
    /// Another form.
    #[error("it does not begin with version 1 of the form; get it again, or get a newer program")]
    Version,
    /// Cut off, or with something behind it.
    #[error("its {found} bytes are not the length that it says of itself; get it again")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Numbers that no filter has.
    #[error("its parameters are those of no filter; get it again")]
    Parameters,
    /// Names nearly everything.
    #[error("it would name {:.0} of 1,000 certificates that nobody revoked; the issuer must make it anew", false_hits * 1000.0)]
    Useless {
        /// Rate of false hits, 0 to 1.
        false_hits: f64,
    },
    /// Too large.
    #[error("it has more than {} bytes; slices of the service are far smaller", limits::REVOCATION_SLICE_BYTES)]
    TooLarge,
    /// Nothing says which kid it is for.
    #[error("its path does not end in KID/PARTITION/CHUNK/SLICE; give the folder as the service's archive has it")]
    Place,
    /// Not the file that its name promises.
    #[error("its SHA-256 is not the one in its name; it was damaged, get it again")]
    Digest,
}
