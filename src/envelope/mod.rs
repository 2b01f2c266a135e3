//! Bytes to signed content and back, one folder a format. Nothing here knows what the content means, and
//! nothing here checks a signature: what comes out is what somebody *claims* to have signed. Only the files that this
//! program signs itself ([`signed_file`]) tell by which of some keys they are signed; whom to believe is for others.

pub mod detect;
pub mod divoc;
mod flate;
pub mod hcert;
pub mod health_link;
pub mod json;
pub mod linked_data;
pub mod shc;
pub mod signed_file;
pub mod vdsnc;
