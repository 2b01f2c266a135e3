//! DHIS2 over HTTP.

pub mod metadata;
