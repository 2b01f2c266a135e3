//! `vaccert` turns vaccination records in DHIS2 into certificates that a border officer anywhere can
//! check without a network, and checks everyone else's.
//!
//! Two flows, and every folder of `src/` is a station of one of them:
//!
//! * down: **DHIS2 → [`record`] → [`payload`] → signed [`envelope`] → QR ([`barcode`]) → paper (`document`)**
//! * up: **picture ([`barcode`]) → text → [`envelope`] opened → signature ([`keys`]) → [`trust`] → meaning
//!   ([`payload`], [`revocation`]) → [`rules`] → verdict ([`verify`])**
//!
//! The floors, from the ground: words (`clock`, `limits`, `valueset`, `record`), bytes and keys (`keys`,
//! `envelope`, `barcode`), meaning (`payload`, `trust`, `revocation`, `rules`), the two journeys (`issue`, `verify`), the outside
//! world (`source`, `signers`, `registry`, `document`, `seal`, `wallet`), the main job (`batch`), its shells (`config`, `service`, `cli`), and the others' side of a rehearsal (`sandbox`). A room imports
//! only lower floors, and those of its own floor that the table in `tests/layering.rs` allows. Floors 0 to 3
//! do no input or output, start no runtime and never read the clock.

// Floor 0: words.
pub mod clock;
pub mod limits;
pub mod record;
pub mod valueset;

// Floor 1: bytes and keys.
#[cfg(feature = "issue")]
pub mod archive;
pub mod barcode;
pub mod envelope;
pub mod keys;

// Floor 2: meaning.
pub mod payload;
pub mod revocation;
pub mod rules;
pub mod trust;

// Floor 3: the two journeys.
#[cfg(feature = "issue")]
pub mod issue;
pub mod verify;

// Floor 4: the outside world.
#[cfg(feature = "issue")]
pub mod access;
#[cfg(feature = "issue")]
pub mod ceremony;
#[cfg(feature = "issue")]
pub mod document;
#[cfg(feature = "issue")]
pub mod gateway;
#[cfg(feature = "issue")]
pub mod registry;
#[cfg(feature = "issue")]
pub mod seal;
#[cfg(feature = "issue")]
pub mod signers;
#[cfg(feature = "issue")]
pub mod source;
#[cfg(feature = "issue")]
pub mod wallet;

// Floor 5: the main job, and the shells that run it.
#[cfg(feature = "issue")]
pub mod audit;
#[cfg(feature = "issue")]
pub mod batch;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(feature = "issue")]
pub mod config;
#[cfg(feature = "issue")]
pub mod doctor;
#[cfg(feature = "issue")]
pub mod publication;
#[cfg(feature = "issue")]
pub mod returns;
#[cfg(feature = "service")]
pub mod sandbox;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "issue")]
pub mod work;
