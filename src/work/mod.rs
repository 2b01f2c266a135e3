//! What the commands and the service both do with a configured installation: a pass over DHIS2, the batch that
//! issues, the publisher of what was revoked, the index by which citizens are found, and messages to them.

mod admission;
mod batch;
pub mod bulk;
pub mod desk;
mod dhis2;
pub mod messages;
mod paper;
mod pass;
pub mod people;
mod publisher;
mod refusals;
mod run;
mod secret;

pub use admission::{NotAllowed, allow_issue, not_issued};
pub use batch::{POLLER, batch, profile};
pub use dhis2::{client, look, program, query};
pub use paper::{CHOICES, Preview, WrongChoice, check_paper, choose, layout, press, setting_of, size};
pub use pass::{Pass, polled_until};
pub use publisher::{publisher, summary};
pub use run::{Done, Out, run};
pub use secret::secret;

use crate::{
    batch::BatchError,
    config::ConfigError,
    publication::PublicationError,
    source::{
        dhis2::Dhis2Error,
        profile::{DetectError, ProfileError},
    },
    valueset::dhis2::MappingError,
};

/// Why a piece of work could not be done, in the words of the room where it failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The main job.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// DHIS2.
    #[error(transparent)]
    Dhis2(#[from] Dhis2Error),
    /// The profile by which records are read.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// No profile fits what was found.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// National vaccine codes.
    #[error(transparent)]
    Vaccines(#[from] MappingError),
    /// Publishing.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// A server without a program that is known.
    #[error("no program of this server records vaccinations as a built-in profile knows them: {0}")]
    NoProgram(String),
}

impl From<crate::registry::RegistryError> for WorkError {
    fn from(error: crate::registry::RegistryError) -> Self {
        Self::Batch(error.into())
    }
}
