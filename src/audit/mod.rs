//! The account that the installation gives of itself: is the log whole, is every certificate what it should be, and
//! are there as many certificates as doses?
//!
//! * [`chain()`]: the audit log, row by row, against the heads that were published;
//! * [`certificates()`]: every certificate that was ever issued, verified again as a stranger would on the day of its
//!   issue, by the keys that this registry knows, and with the rows that tell of it (boulder's cert-checker does this
//!   for web certificates);
//! * [`reconcile()`]: certificates against the doses of DHIS2, by facility and day, and people who are there twice
//!   (failures F08, F09);
//! * [`export()`]: the log for auditors, with a manifest that the list key signs.
//!
//! Nothing here writes into the registry or into DHIS2. The shells tell the log that an examination took place, and put
//! down who seems to be there twice.

mod certificates;
mod chain;
mod export;
mod finding;
mod reconcile;

pub use certificates::{CertificatesChecked, certificates};
pub use chain::{ChainChecked, chain};
pub use export::{ExportForm, Exported, export, read_manifest};
pub use finding::{Finding, Findings};
pub use reconcile::{DUPLICATE_PERSON, DayCounts, FacilityCounts, Reconciled, Reconciling, reconcile};

use std::path::PathBuf;

use crate::{
    batch::BatchError, keys::SignerError, publication::PublicationError, registry::RegistryError, trust::TrustedKey,
};

/// Why an examination ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The people of DHIS2, or the keys of the registry.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The published folder.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// The list key.
    #[error("the manifest of the export cannot be signed: {0}")]
    Signer(#[from] SignerError),
    /// A key that the registry remembers and that cannot be used.
    #[error("a signer certificate that the registry remembers holds no usable key: restore the registry from a backup")]
    Key,
    /// A file of the export.
    #[error("{} cannot be written ({kind}): make room or choose another file with --out", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// A file that is no manifest, or not one of ours.
    #[error("{} is no manifest of an export that a list key of this installation signed", path.display())]
    Manifest {
        /// Which file.
        path: PathBuf,
    },
    /// A worker was lost.
    #[error("a part of the program ended unexpectedly; run again, nothing is lost")]
    Worker,
}

/// The name of the list of own keys, for verdicts.
const OWN_KEYS: &str = "keys of this installation";

/// Every key that ever signed into a registry.
fn trusted(certificate: &crate::keys::Certificate) -> Result<TrustedKey, AuditError> {
    TrustedKey::from_certificate(certificate, OWN_KEYS).map_err(|_| AuditError::Key)
}
