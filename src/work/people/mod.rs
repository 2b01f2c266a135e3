//! People who fetch their own certificates: by what they are found, and what is kept of it.
//!
//! `normal` brings what people write into one form, `marks` turns that into marks which tell nothing, `index` fills the
//! registry's index with them after every chunk of a pass, `contact` knows where a person is reached.

mod contact;
mod index;
mod marks;
mod normal;

pub use contact::{Contact, contact, language};
pub use index::{PeopleIndex, read_all, reads_all};
pub use marks::Marks;
pub(crate) use marks::base32;
pub use normal::{Birth, digits, email, identifier, telephone};
