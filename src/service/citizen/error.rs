//! Why a page of citizens cannot be shown.

use crate::{
    batch::BatchError,
    registry::RegistryError,
    service::{Fails, Fault},
    work::{WorkError, desk::DeskError},
};

/// An error of the citizens' pages. What lies in the database or in DHIS2 goes to the log and not to the visitor.
#[derive(Debug, thiserror::Error)]
pub(in crate::service) enum CitizenError {
    /// No session.
    #[error("your session has ended: begin again at the first page")]
    NoSession,
    /// A form of another site.
    #[error("this form was sent from another site: begin at the first page of this one")]
    OtherSite,
    /// Nothing that this visitor may see.
    #[error("there is nothing at this address: begin at the first page")]
    Nothing,
    /// No such case.
    #[error("no case has this number: look at the list of cases")]
    NoCase,
    /// A decision that says nothing.
    #[error("the state of the decision is none: give open, answered or closed, and a note of at most 2000 characters")]
    Decision,
    /// The registry is away.
    #[error("certificates cannot be looked up at the moment: try again in a few minutes")]
    Away,
    /// Anything else inside.
    #[error("this failed inside the program: try again; the log says why")]
    Inside,
}

impl Fails for CitizenError {
    fn fault(&self) -> Fault {
        match self {
            Self::NoSession => Fault::Unauthorized,
            Self::OtherSite => Fault::Forbidden,
            Self::Nothing | Self::NoCase => Fault::NotFound,
            Self::Decision => Fault::Unprocessable,
            Self::Away => Fault::Unavailable { retry_after: 60 },
            Self::Inside => Fault::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSession => "no-session",
            Self::OtherSite => "other-site",
            Self::Nothing => "not-found",
            Self::NoCase => "no-case",
            Self::Decision => "decision",
            Self::Away => "unavailable",
            Self::Inside => "internal",
        }
    }
}

impl From<RegistryError> for CitizenError {
    fn from(error: RegistryError) -> Self {
        tracing::error!("the citizens' pages: {error}");
        match error {
            RegistryError::Locked { .. }
            | RegistryError::Unreachable { .. }
            | RegistryError::Full { .. }
            | RegistryError::ReadOnly { .. }
            | RegistryError::Disk { .. } => Self::Away,
            _ => Self::Inside,
        }
    }
}

impl From<BatchError> for CitizenError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Registry(error) => error.into(),
            error => {
                tracing::error!("the citizens' pages: {error}");
                Self::Inside
            }
        }
    }
}

impl From<WorkError> for CitizenError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Batch(error) => error.into(),
            error => {
                tracing::error!("the citizens' pages: {error}");
                Self::Inside
            }
        }
    }
}

impl From<DeskError> for CitizenError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Unknown | DeskError::NoForm { .. } | DeskError::NotDrawn { .. } => Self::Nothing,
            DeskError::Registry | DeskError::Away | DeskError::Crowded | DeskError::Busy | DeskError::NotSigning => {
                Self::Away
            }
            // The desk has logged it.
            _ => Self::Inside,
        }
    }
}
