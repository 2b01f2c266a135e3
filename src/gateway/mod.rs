//! The trust networks: a client for the EU gateway (DGCG) and for WHO's (TNG), which speak one interface.
//!
//! Up go signer certificates, business rules and revocation batches, each in a CMS message of the country's upload
//! key ([`UploadKey`]), and each checked first against everything that the gateway would refuse ([`Sender`]). Down
//! come the same of all countries; nothing of it is used before the chain from the operator's trust anchor over the
//! country's upload certificate to the thing itself holds ([`Uploaders`]), and no download takes the place of the last
//! good one that is empty or a fifth smaller ([`guard`]).
//!
//! A [`Client`] speaks over any [`Transport`]; [`Http`] is the real one, with mutual TLS.

mod batch;
mod client;
mod endpoint;
mod error;
mod folder;
pub mod guard;
mod http;
pub mod lists;
mod lock;
mod migration;
mod network;
pub mod onboard;
mod preflight;
mod problem;
mod pull;
mod reject;
mod revocations;
mod rules;
mod signers;
mod take;
#[cfg(test)]
mod tests;
mod transport;
mod trust_list;
mod uploaders;
mod values;

pub use batch::{Batch, BatchEntry, HashType, UNKNOWN_KID};
pub use client::{Client, Patience, Removed, UploadKey};
pub use endpoint::Endpoint;
pub use error::GatewayError;
pub use folder::{Folder, FolderError, kept};
pub use http::{Http, HttpOptions};
pub use lock::lock;
pub use migration::{Own, Package, PackageKind, Plan};
pub use network::{Network, Stage};
pub use preflight::{Finding, Sender};
pub use problem::{Author, Problem, Words};
pub use pull::{KindReport, PullOptions, PullReport, Rejection, State, pull};
pub use reject::{Reject, Rejected};
pub use revocations::{BEGINNING, Changes, ListedBatch, open_batch};
pub use rules::{CheckedRule, ListedRule, ListedRules, open_rule, open_rules};
pub use signers::{DEFAULT_DOMAIN, Placed};
pub use take::{KeptBatches, Kind, LastPull, Taken};
pub use transport::{Answer, Body, Method, Request, Transport, TransportError};
pub use trust_list::{Issuer, ItemType, ListEntry, Part, Snapshot, TrustedEntry, TrustedFilter};
pub use uploaders::{Uploaders, thumbprint, vouched_for};
