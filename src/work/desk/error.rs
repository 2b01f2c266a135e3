//! Why the desk does not do what it is asked for. What lies in the database, in DHIS2's answers or in the signer is
//! written to the log and not told to whoever asks.

use jiff::Timestamp;

use crate::{
    batch::BatchError,
    issue::IssueError,
    record::Refusal,
    registry::{Reason, RegistryError},
    source::dhis2::Dhis2Error,
    work::{NotAllowed, WorkError},
};

/// An error of the desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No reason.
    #[error("the reason is missing: say in a few words why this is done, without the name of a person")]
    ReasonMissing,
    /// A reason that cannot be kept.
    #[error(
        "the reason is too long or holds line ends: write at most 240 letters (fewer in other scripts than Latin) in one line"
    )]
    Reason,
    /// A UID that is none.
    #[error("the {what} is no UID of DHIS2, which is a letter and then ten letters or digits: copy it from DHIS2")]
    Uid {
        /// Whose.
        what: &'static str,
    },
    /// There is no such person.
    #[error("DHIS2 shows no such person in the program: check the UID, and that the person is enrolled")]
    NoPerson,
    /// There is no such event.
    #[error("DHIS2 shows no such event in the program: check the UID, and that it is an event of the program")]
    NoEvent,
    /// Nothing of the person, or of the event, is ever certified.
    #[error(
        "nothing that is certified is recorded there: enter the dose or the result in DHIS2, and complete its event"
    )]
    NothingRecorded,
    /// No certificate has this identifier, or none that who asks may see.
    #[error("no certificate has this identifier: compare it with the certificate, letter by letter")]
    Unknown,
    /// DHIS2 no longer says what the certificate says.
    #[error("DHIS2 no longer holds the record of this certificate: revoke it, or restore the record in DHIS2")]
    RecordGone,
    /// The certificate did not come from DHIS2.
    #[error("this certificate was issued through the DIVOC API and not from DHIS2: send its dose there again")]
    NotFromDhis2,
    /// Another certificate took its place.
    #[error("another certificate took the place of this one: {by}")]
    Replaced {
        /// The other one.
        by: String,
    },
    /// It is revoked.
    #[error("the certificate is revoked ({}): what was revoked is not issued again until that is taken back", reason.as_str())]
    Revoked {
        /// Why.
        reason: Reason,
    },
    /// It is not due for renewal yet.
    #[error("the certificate is valid until {expires}, and can be renewed from {from} on")]
    TooEarly {
        /// From when.
        from: Timestamp,
        /// When it ends.
        expires: Timestamp,
    },
    /// Its renewal was due long ago.
    #[error("the certificate could be renewed until {until}: have the record issued as if for the first time")]
    TooLate {
        /// Until when.
        until: Timestamp,
    },
    /// It has no end.
    #[error("the certificate does not expire, so there is nothing to renew")]
    NoExpiry,
    /// A format that is not issued here.
    #[error("a format is not issued here: ask for {}", offered.join(", "))]
    Format {
        /// Those that are.
        offered: Vec<String>,
    },
    /// It has no such form.
    #[error("the certificate has no such form: it is there as {}", forms.join(", "))]
    NoForm {
        /// The formats that it has.
        forms: Vec<String>,
    },
    /// It cannot be drawn.
    #[error("{}; {}", note.message, note.remedy)]
    NotDrawn {
        /// Why.
        note: Refusal,
    },
    /// A selection of everything.
    #[error("{0}")]
    Selection(&'static str),
    /// A number that was not confirmed, or another one.
    #[error("nothing was done: {found} certificates are selected; send that number in \"confirm\" to go on")]
    NotConfirmed {
        /// How many there are.
        found: usize,
    },
    /// More than are looked at.
    #[error("more than {most} certificates are selected: divide the selection by times")]
    TooMany {
        /// How many are bearable.
        most: usize,
    },
    /// Not now, or not so many.
    #[error(transparent)]
    NotAllowed(NotAllowed),
    /// DHIS2 cannot be asked.
    #[error("DHIS2 cannot be read at the moment, so that nothing can be issued; what was issued before is served")]
    Away,
    /// No DHIS2 at all.
    #[error("this service has no DHIS2 to read from: certificates come through the DIVOC API, or by vaccert issue")]
    NoDhis2,
    /// Too many wait for DHIS2.
    #[error("too many requests wait for DHIS2: send this one again later")]
    Crowded,
    /// The registry is away.
    #[error("the registry cannot be used at the moment: send the request again later")]
    Registry,
    /// Nobody can sign.
    #[error("no certificate can be signed at the moment: send the request again later; the operator's page says why")]
    NotSigning,
    /// Others hold the record.
    #[error("the record is being signed for somebody else and that does not end: send the request again")]
    Busy,
    /// Something else inside.
    #[error("the request failed inside the program: send it again; the log says why")]
    Inside,
}

impl From<RegistryError> for DeskError {
    fn from(error: RegistryError) -> Self {
        tracing::error!("the issuing desk: {error}");
        match error {
            RegistryError::Note => Self::Reason,
            RegistryError::Selection => Self::TooMany { most: crate::limits::REVOCATION_SELECTION },
            RegistryError::Locked { .. }
            | RegistryError::Unreachable { .. }
            | RegistryError::Full { .. }
            | RegistryError::ReadOnly { .. }
            | RegistryError::Disk { .. }
            | RegistryError::Denied { .. }
            | RegistryError::Tls { .. } => Self::Registry,
            _ => Self::Inside,
        }
    }
}

impl From<BatchError> for DeskError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Registry(error) => error.into(),
            BatchError::Busy { .. } => Self::Busy,
            error => {
                tracing::error!("the issuing desk: {error}");
                match error {
                    BatchError::Issue(IssueError::ReadBack { .. }) => Self::Inside,
                    BatchError::Issue(_) => Self::NotSigning,
                    _ => Self::Inside,
                }
            }
        }
    }
}

impl From<NotAllowed> for DeskError {
    fn from(error: NotAllowed) -> Self {
        match error {
            NotAllowed::Registry(error) => error.into(),
            other => Self::NotAllowed(other),
        }
    }
}

impl From<Dhis2Error> for DeskError {
    fn from(error: Dhis2Error) -> Self {
        tracing::warn!("the issuing desk: {error}");
        Self::Away
    }
}

impl From<WorkError> for DeskError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Batch(error) => error.into(),
            WorkError::Dhis2(error) => error.into(),
            error => {
                tracing::error!("the issuing desk: {error}");
                Self::Inside
            }
        }
    }
}
