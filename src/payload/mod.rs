//! Wire payloads: their names (`model`) and their mapping from and to [`crate::record`] (`map`). Only the
//! `model` files know wire field names.

pub mod dcc;
