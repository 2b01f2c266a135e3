//! The way up: text → opened → authentic → understood → verdict. Each stage consumes the one before it, so
//! that the content of an unverified message cannot be taken for a verified one.

mod stages;
mod verdict;
pub mod words;

pub use stages::{Authentic, Opened, Understood, inspect};
pub use verdict::{Check, Checks, Decision, Format, Holder, Issuer, Kind, Verdict};

use jiff::Timestamp;

use crate::trust::TrustStore;

/// Judges certificates at one time against one store.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    trust: &'a TrustStore,
    at: Timestamp,
    payload: bool,
}

impl<'a> Verifier<'a> {
    /// A verifier at the time `at`.
    #[must_use]
    pub fn new(trust: &'a TrustStore, at: Timestamp) -> Self {
        Self { trust, at, payload: false }
    }

    /// Puts the decoded payload into the verdict.
    #[must_use]
    pub fn with_payload(mut self, wanted: bool) -> Self {
        self.payload = wanted;
        self
    }

    /// Judges the text of a code. Never fails: what cannot be read is rejected with its reason.
    #[must_use]
    pub fn judge(&self, text: &str) -> Verdict {
        let mut verdict = Verdict::new();
        let bytes = match Opened::unpack(text, &mut verdict) {
            Ok(bytes) => bytes,
            Err(reason) => return verdict.rejected(reason),
        };
        let opened = match Opened::open(&bytes, &mut verdict) {
            Ok(opened) => opened,
            Err(reason) => return verdict.rejected(reason),
        };
        if self.payload {
            verdict.unverified_payload = opened.to_json();
        }
        let authentic = match opened.authenticate(self.trust, &mut verdict) {
            Ok(authentic) => authentic,
            Err(stop) => return verdict.stopped(stop),
        };
        verdict.payload = verdict.unverified_payload.take();
        match authentic.understand(self.trust, self.at, &mut verdict) {
            Ok(_) => verdict.concluded(self.trust, self.at),
            Err(reason) => verdict.rejected(reason),
        }
    }
}
