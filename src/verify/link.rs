//! Health links: a text that leads to somebody's documents, alone or signed inside an HCERT. Shown as what it is,
//! never opened, never green.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Verifier, hcert,
    hcert::Token,
    reason::Reason,
    stages::Authentic,
    verdict::{Check, Format, Stop, Verdict},
};
use crate::envelope::{
    hcert::{Claims, SUB_CLAIM_LINK},
    health_link::{HealthLink, LinkError, Scheme},
};

/// A link as far as it may be shown: neither its key nor the rest of its address, which together open the documents.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `shlink` or `vhlink`.
    pub scheme: &'static str,
    /// Host at which the documents lie.
    pub host: String,
    /// What its maker calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Until when it works, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Whether that time is past.
    pub expired: bool,
    /// Whether a passcode is asked for.
    pub passcode: bool,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({}, {}, …)", self.scheme, self.host)
    }
}

impl Link {
    fn of(link: &HealthLink, at: Timestamp) -> Self {
        Self {
            scheme: match link.scheme {
                Scheme::Shl => "shlink",
                Scheme::Vhl => "vhlink",
            },
            host: link.host.clone(),
            label: link.label.clone(),
            expires_at: link.expires_at.map(|end| end.to_string()),
            expired: link.expires_at.is_some_and(|end| at > end),
            passcode: link.passcode,
        }
    }
}

/// Judges a link that stands alone: nobody signed it.
pub(super) fn judge(verifier: &Verifier<'_>, text: &str, verdict: &mut Verdict) -> Result<(), Stop> {
    verdict.format = Format::HealthLink;
    let link = HealthLink::read(text).map_err(|error| {
        verdict.checks.decode = Check::Failed;
        Stop::Rejected(match error {
            LinkError::TooLong { .. } => Reason::TextTooLong,
            LinkError::Scheme | LinkError::Claim => Reason::FormatUnknown,
            LinkError::Base64 | LinkError::Json(_) => Reason::JsonInvalid,
            LinkError::Member { .. } => Reason::ContentInvalid,
        })
    })?;
    verdict.checks.decode = Check::Passed;
    verdict.checks.content = Check::Passed;
    show(&[link], verifier.at, verdict);
    Err(Stop::Undecided(Reason::LinkNotCertificate))
}

/// Judges a token that carries links and no certificate, once its signature matched.
pub(super) fn understand(
    authentic: &Authentic<'_, Token<'_>>,
    claims: &Claims<'_>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    // Shown, and not decisive: an expired link is no more and no less a certificate.
    hcert::times(claims, &authentic.key, verifier.at, verdict);
    unsigned(claims, verifier, verdict)
}

/// The same where nobody vouches for the signature: what is shown is the token's claim.
pub(super) fn unsigned(claims: &Claims<'_>, verifier: &Verifier<'_>, verdict: &mut Verdict) -> Result<(), Stop> {
    for deviation in &claims.deviations {
        verdict.warn((*deviation).into());
    }
    let links = claims.content(SUB_CLAIM_LINK).map_or(Err(LinkError::Claim), HealthLink::of_claim);
    match links {
        Ok(links) => {
            verdict.checks.content = Check::Passed;
            show(&links, verifier.at, verdict);
            Err(Stop::Undecided(Reason::LinkNotCertificate))
        }
        Err(_) => {
            verdict.checks.content = Check::Failed;
            Err(Stop::Rejected(Reason::ContentInvalid))
        }
    }
}

/// Notes the links that a certificate carries beside its content; one that cannot be read changes nothing.
pub(super) fn beside(claims: &Claims<'_>, at: Timestamp, verdict: &mut Verdict) {
    if let Some(Ok(links)) = claims.content(SUB_CLAIM_LINK).map(HealthLink::of_claim) {
        show(&links, at, verdict);
    }
}

fn show(links: &[HealthLink], at: Timestamp, verdict: &mut Verdict) {
    for link in links {
        for deviation in &link.deviations {
            verdict.warn((*deviation).into());
        }
    }
    verdict.links = links.iter().map(|link| Link::of(link, at)).collect();
}
