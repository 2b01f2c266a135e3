//! What only the API has to say about a dose.

use crate::record::Reason;

/// A certificate of other content stands.
pub const CONFLICT: Reason = (
    "certificate-stands-differently",
    "a certificate of other content stands for this registration code and dose",
    "send the correction with PUT, which revokes the earlier certificate",
);

/// No certificate stands.
pub const MISSING: Reason = (
    "certificate-missing",
    "no certificate stands for this registration code and dose, so there is nothing to correct",
    "send the dose with POST to certify",
);

/// Every reason of this folder.
pub const REASONS: &[Reason] = &[CONFLICT, MISSING];
