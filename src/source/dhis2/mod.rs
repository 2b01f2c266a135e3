//! A DHIS2 server as a source of people: the Tracker API in every dialect from 2.33 to 2.43.
//!
//! [`Client`] talks HTTP and knows no dialect; [`Dialect`] knows every difference between the versions and
//! talks no HTTP; [`Pager`] joins both into a stream of pages whose memory does not grow with the country.
//! Everything here only reads, but for what `write` writes into values that are configured for it, and for the messages that `message` has DHIS2 send.

mod answer;
mod auth;
mod client;
mod dialect;
mod error;
mod login;
mod lookup;
mod message;
pub mod metadata;
mod one;
mod package;
mod page;
mod transport;
mod write;

pub use auth::{Auth, Secret};
pub use client::{Client, ClientOptions, Me, ProgramSummary, SystemInfo, is_uid};
pub use dialect::{Dialect, ServerVersion};
pub use error::{ConnectFault, Dhis2Error};
pub use login::{Login, User};
pub use message::SendError;
pub use metadata::ProgramMetadata;
pub use page::{Pager, Query};
pub use transport::Retry;
pub use write::{DataValue, EventPlace, ImportSummary, Written};
