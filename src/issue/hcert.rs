//! From the content of a format to the text of its code, for all formats that share HCERT: claims, COSE signature,
//! prefix. The signer's certificate bounds every one of them.

use jiff::Timestamp;

use super::{Format, IssueError, Issuer, error::NotIssued, reasons};
use crate::{
    envelope::hcert::{self, Claims, ToBeSigned},
    keys::Purpose,
    record::Refusal,
    verify,
};

/// Content of a format that awaits its frame.
pub(super) struct Draft {
    /// One complete CBOR item.
    pub(super) content: Vec<u8>,
    /// What the signer's certificate must allow; `None` where the format knows no such mark.
    pub(super) purpose: Option<Purpose>,
}

/// A message that passed the lint and awaits its signature.
#[derive(Debug, Clone)]
pub(super) struct Unsigned {
    format: Format,
    message: ToBeSigned,
    expires_at: Timestamp,
}

/// Why a draft is not framed.
pub(super) enum Stop {
    /// This record, in this format.
    Refused(NotIssued),
    /// Every record.
    Issuer(IssueError),
}

/// Frames a draft, and runs every check of the verifier that follows the signature on the very bytes that will be
/// signed.
pub(super) fn frame(issuer: &Issuer, format: Format, draft: &Draft, now: Timestamp) -> Result<Unsigned, Stop> {
    let certificate = issuer.certificate();
    let kid = issuer.signer.kid();
    if let Some(purpose) = draft.purpose.filter(|purpose| !certificate.allows(*purpose)) {
        return Err(Stop::Issuer(IssueError::Purpose { kid: kid.clone(), purpose }));
    }
    // The validity ends with the second in which the signer's ends.
    let wanted = now.checked_add(issuer.terms.validity).unwrap_or(certificate.not_after());
    let expires_at = super::whole_second(wanted.min(certificate.not_after()));
    let payload = Claims::write_dcc(&issuer.country, now, expires_at, &draft.content);
    let message = ToBeSigned::new(issuer.signer.algorithm(), kid, payload);
    match verify::inspect(message.payload(), &issuer.key, now).first() {
        None => Ok(Unsigned { format, message, expires_at }),
        Some(reason) => {
            let refusal = Refusal::of(reasons::VERIFIER_WOULD_REFUSE, None).with(reason.code());
            Err(Stop::Refused(NotIssued { format, refusal }))
        }
    }
}

/// Signs.
pub(super) fn sign(issuer: &Issuer, unsigned: Unsigned, issued_at: Timestamp) -> Result<super::Envelope, IssueError> {
    let Unsigned { format, message, expires_at } = unsigned;
    let signature = issuer.signer.sign(&message.signed_bytes())?;
    Ok(super::Envelope {
        format,
        text: hcert::to_text(&message.finish(&signature)),
        kid: issuer.signer.kid().clone(),
        algorithm: issuer.signer.algorithm(),
        issued_at,
        expires_at: Some(expires_at),
        alias: None,
    })
}
