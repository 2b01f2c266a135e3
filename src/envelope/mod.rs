//! Bytes to signed content and back, one folder a format. Nothing here knows what the content means, and
//! nothing here checks a signature: what comes out is what somebody *claims* to have signed.

pub mod detect;
pub mod divoc;
mod flate;
pub mod hcert;
pub mod health_link;
pub mod json;
pub mod linked_data;
pub mod shc;
pub mod vdsnc;
