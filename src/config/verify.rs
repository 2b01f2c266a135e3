//! `[verify]`: who may have codes verified over HTTP, and how.

use serde::Deserialize;

/// The section.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct VerifySection {
    access: VerifyAccess,
    any_time: bool,
    require_revocations: bool,
}

/// Who may ask for verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerifyAccess {
    /// Everybody.
    #[default]
    Open,
    /// Whoever has a token or a login with the right to verify.
    Token,
}

/// How verification is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifyOptions {
    /// Who may ask.
    pub access: VerifyAccess,
    /// Whether a request may name the time of verification: for rehearsals and arrivals that are planned.
    pub any_time: bool,
    /// Whether a certificate is undecided for whose issuer no revocation list speaks.
    pub require_revocations: bool,
}

impl VerifySection {
    pub(super) fn build(self) -> VerifyOptions {
        let Self { access, any_time, require_revocations } = self;
        VerifyOptions { access, any_time, require_revocations }
    }
}
