//! Trust lists from where they are published: fetched, authenticated, compared with the last good one, and put in its
//! place whole or not at all.
//!
//! A list that cannot be reached, or cannot be believed, leaves the last good one in use (failures F12, F23). One that
//! is believed and is empty, lost more than a fifth, a whole country or all authorities, or looks older than the last
//! good one, is put aside until an operator accepts it (failure F18). What is in use, what was there before and what
//! waits lies in one folder a list; one small file says which is which and is replaced in one step.
//!
//! Files: `source` (where a list comes from and what it must fulfil), `fetch` (over HTTPS), `over_gateway`, `shelf` (the folder),
//! `judge` (new against old), `pull` (all of it in order), `status` (what an operator has to know).

mod fetch;
mod judge;
mod over_gateway;
mod pull;
mod shelf;
mod source;
mod status;

pub use fetch::{Conditions, Download, FetchError, Fetched, Fetching, Web};
pub use judge::Refusal;
pub use over_gateway::OverGateway;
pub use pull::{Accepted, PullError, Stored, accept, compare_pending, load, pull, stored};
pub use shelf::{Kept, Pending, ShelfError, Version};
pub use source::{Source, SourceKind};
pub use status::{Level, Outcome, Problem, PullStatus};
