//! Messages to people: codes, and that a certificate is ready or expires soon. No message names a person or a disease.
//!
//! `templates` has the words, `carrier` hands a message over, `directory` asks the source where a person is reached,
//! `courier` does what waits in the registry, `start` puts one together. A number is read when a message goes out and is never stored.

mod carrier;
mod courier;
mod directory;
mod start;
mod templates;

pub use carrier::{Carrier, CarryError};
pub use courier::{Courier, Delivered, LINK_CHARS, Trouble};
pub use directory::{Dhis2Directory, Directory, DirectoryError, Reached};
pub use start::courier;
pub use templates::{Message, Text, is_gsm, text};
