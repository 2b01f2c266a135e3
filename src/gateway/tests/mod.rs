//! The client without a network: every endpoint, every refusal, paging, changes, replays, and every byte of the chain
//! from the anchor to the thing itself.

mod calls;
mod chain;
mod listings;
mod packages;
mod preflights;
mod pulls;
mod world;
