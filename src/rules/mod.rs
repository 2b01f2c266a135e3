//! Business rules of the country of arrival: CertLogic and the choice of the rules that apply. Last station of
//! the way up before the verdict.

pub mod certlogic;
mod codes;
mod version;

pub use codes::{CodeList, CodeLists};
pub use version::{Version, VersionError};
