//! Wire payloads: their names (`model`) and their mapping from and to [`crate::record`] (`map`). Only the
//! `model` files know wire field names.
//!
//! [`core`] is what all of them have in common: every format is read into it and written from it, with an account
//! of what did not fit.

pub mod core;
pub mod dcc;
pub mod ddcc;
pub mod divoc;
pub mod icvp;
pub mod mapping;
pub mod shc;
pub mod vdsnc;
