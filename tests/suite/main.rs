//! One binary for all journeys through the whole program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "tests fail by panicking"
)]
#![cfg(feature = "issue")]

#[path = "../support/distort.rs"]
#[expect(dead_code, reason = "shared with the conformance tests, which use all of it")]
mod distort;
#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "service")]
mod access;
mod api;
mod audit;
#[cfg(feature = "service")]
mod browser;
mod bundles;
mod ceremony;
mod certificates;
#[cfg(feature = "service")]
mod chaos;
mod citizen;
#[cfg(feature = "service")]
mod dhis2_client;
#[cfg(feature = "service")]
mod divoc_api;
mod doctor;
mod document;
#[cfg(feature = "service")]
mod formats;
#[cfg(feature = "service")]
mod gateway;
mod interop;
#[cfg(feature = "service")]
mod journey;
#[cfg(feature = "service")]
mod key_status;
mod kill;
mod names;
#[cfg(feature = "service")]
mod officer;
mod pades;
mod paper;
#[cfg(feature = "service")]
mod parallel;
mod preview;
mod profile;
mod publication;
mod registry;
#[cfg(feature = "service")]
mod replicas;
mod revoke;
#[cfg(feature = "service")]
mod sandbox;
mod scripts;
#[cfg(feature = "service")]
mod service;
mod signer_sets;
mod signers;
mod template;
mod tokens;
mod trust_lists;
mod verdicts;
mod wallet;
