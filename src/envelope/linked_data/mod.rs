//! What a linked-data proof is made over: a graph of statements in its one canonical text.
//!
//! DIVOC credentials and WHO's DID trust lists are JSON-LD, and their issuers sign not the bytes but the graph
//! that the bytes stand for. The conversion of each document's fixed shape into statements ([`Quad`]) belongs to
//! its format; from there on everything is here: canonical labels and canonical N-Quads ([`canonicalize`], W3C
//! RDF Dataset Canonicalization 1.0, which is URDNA2015 under its final name), and the canonical JSON
//! ([`jcs::write`], RFC 8785) that a JSON value inside a graph is written in.
//!
//! Own code, because the libraries of the field either have no bound against poisoned graphs (they list every
//! permutation in memory) or drop what they do not know without a word.

mod canon;
pub mod jcs;
mod model;

pub use canon::{CanonError, Canonical, Digest, Options, canonicalize};
pub use model::{Escaping, LiteralKind, Quad, Term};
