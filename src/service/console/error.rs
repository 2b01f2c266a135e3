//! Why a page of the console is not shown.

use crate::{
    registry::RegistryError,
    service::{Fails, Fault},
    work::{WorkError, desk::DeskError},
};

/// An error of the console.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsoleError {
    /// The registry.
    #[error("the registry cannot be used at the moment: try again in a few minutes; the log says why")]
    Registry,
    /// The desk.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The desk cannot be opened.
    #[error("certificates cannot be issued at the moment: the log says why")]
    NoDesk,
    /// There is no such thing.
    #[error("there is no such certificate, case or record: go back and look for it again")]
    NotFound,
    /// A form that is none.
    #[error("the form did not arrive as the page sends it: go back, load the page again, and send it again")]
    Form,
}

impl From<RegistryError> for ConsoleError {
    fn from(error: RegistryError) -> Self {
        if matches!(error, RegistryError::Key { .. } | RegistryError::Batch { .. }) {
            return Self::Form;
        }
        tracing::error!("the console: {error}");
        Self::Registry
    }
}

impl From<WorkError> for ConsoleError {
    fn from(error: WorkError) -> Self {
        tracing::error!("the console: {error}");
        Self::NoDesk
    }
}

impl Fails for ConsoleError {
    fn fault(&self) -> Fault {
        match self {
            Self::Registry
            | Self::NoDesk
            | Self::Desk(DeskError::Registry | DeskError::Away | DeskError::Crowded | DeskError::Busy) => {
                Fault::Unavailable { retry_after: 30 }
            }
            Self::Desk(DeskError::Inside) => Fault::Internal,
            Self::Desk(DeskError::Unknown | DeskError::NoPerson | DeskError::NoEvent) | Self::NotFound => {
                Fault::NotFound
            }
            Self::Desk(_) => Fault::Unprocessable,
            Self::Form => Fault::Bad,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Desk(_) => "desk",
            Self::NoDesk => "unavailable",
            Self::NotFound => "not-found",
            Self::Form => "form",
        }
    }
}
