//! Business rules of the country of arrival: CertLogic and the choice of the rules that apply. Last station of
//! the way up before the verdict.
//!
//! A [`RuleSet`] is read once from what gateways publish; [`RuleSet::judge`] selects the rules that apply to a
//! certificate, evaluates them and tells one of four outcomes. [`suite`] runs the tests that rule authors write.

pub mod certlogic;
mod check;
mod codes;
mod judge;
mod rule;
mod select;
mod set;
pub mod suite;
mod version;

pub use check::{Finding, check};
pub use codes::{CodeList, CodeLists};
pub use judge::{Circumstances, Judgement, OpenReason, Outcome, RuleOutcome, RuleResult};
pub use rule::{CertificateType, Description, Rule, RuleError, RuleKind};
pub use set::{RuleSet, RuleSetError, Skipped};
pub use version::{Version, VersionError};
