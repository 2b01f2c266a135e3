//! What several journeys need: data in place, invented people, a contract server.

pub mod cost;
pub mod database;
#[cfg(feature = "service")]
pub use vaccert::sandbox::dhis2;
pub mod paper;
pub mod program;
pub mod vectors;

/// An identifier as a segment of an address: `#` ends an address, and the check character of one in 38 is `/`.
#[cfg(feature = "service")]
pub fn in_address(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}
