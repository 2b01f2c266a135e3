//! Joining a network: the folder that WHO's participants submit, or the files and mails of the EU's process, written
//! from what a ceremony made, and checked before anybody sends it (facts on the trust framework, section 1).

mod checks;
mod countries;
mod eu;
mod folder;
mod issuer;
mod source;
mod who;

use std::{io, path::PathBuf};

pub use checks::{Check, Outcome, check, check_certificates};
pub use countries::alpha3;
pub use folder::Submission;
pub use source::Certificates;

use super::{Network, Stage};

/// What to write.
#[derive(Debug, Clone)]
pub struct Order {
    /// Network to join.
    pub network: Network,
    /// Which of its installations.
    pub stage: Stage,
    /// Domains of WHO's network to take part in; the first gets every certificate.
    pub domains: Vec<String>,
    /// The folder to make.
    pub out: PathBuf,
}

/// Why nothing was written or checked.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// A file cannot be read.
    #[error("{} cannot be read ({kind}): check the path", path.display())]
    Read {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file cannot be written.
    #[error("{} cannot be written ({kind}): check the folder and the disk", path.display())]
    Write {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file of the ceremony is not there.
    #[error("{} is not there: {remedy}", path.display())]
    Missing {
        /// Path.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// A file of the ceremony holds something else.
    #[error("{} holds no certificate that can be read: give the PEM file of the ceremony or of the authority that answered the request", path.display())]
    NoCertificate {
        /// Path.
        path: PathBuf,
    },
    /// A private key where certificates belong.
    #[error("{} holds a private key, which must never be sent: leave only certificates in it", path.display())]
    PrivateKey {
        /// Path.
        path: PathBuf,
    },
    /// The certificates name no country, or several.
    #[error(
        "the national authority's certificate names no single country (C) that has an alpha-3 code: hold the ceremony with the country's ISO 3166-1 code"
    )]
    Country,
    /// The folder is there.
    #[error("{} is there already: nothing is overwritten, give another folder with --out, or check it with --check", path.display())]
    Exists {
        /// Path.
        path: PathBuf,
    },
    /// No such installation.
    #[error("the network {} has no environment '{}': {}", network.name(), stage.name(), if *network == Network::Who { "take dev, uat or prod" } else { "take test, acc or prod" })]
    Stage {
        /// Network.
        network: Network,
        /// Environment.
        stage: Stage,
    },
    /// A domain name that leads elsewhere.
    #[error("'{name}' is no name of a domain: give one such as DCC, with letters, digits and hyphens alone")]
    Domain {
        /// The name.
        name: String,
    },
    /// Nothing to check.
    #[error("{} has no folder 'onboarding': give the folder that was written, or a clone of the template", path.display())]
    NoSubmission {
        /// Path.
        path: PathBuf,
    },
    /// Too much to look at.
    #[error("{} holds more files than a submission can have: give the folder of one participant", path.display())]
    TooMuch {
        /// Path.
        path: PathBuf,
    },
}

/// Writes the folder; it appears whole or not at all.
///
/// # Errors
/// [`OnboardError`].
pub fn write(order: &Order, certificates: &Certificates) -> Result<(), OnboardError> {
    if !order.network.has(order.stage) {
        return Err(OnboardError::Stage { network: order.network, stage: order.stage });
    }
    let files = match order.network {
        Network::Who => who::files(order, certificates)?,
        Network::Eu => eu::files(order, certificates)?,
    };
    folder::write(&order.out, &files)
}
