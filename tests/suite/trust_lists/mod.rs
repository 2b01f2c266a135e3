//! Trust lists pulled from their sources: what is taken, what is refused, and what stays in use whatever happens.

mod engine;
mod gateway;
mod known;
#[path = "../../support/made.rs"]
#[expect(dead_code, reason = "the conformance suite uses the rest")]
mod made;
mod program;
mod published;
mod world;
