//! From the content of a format to the text of its code, for all formats that share HCERT: claims, COSE signature,
//! prefix. The signer's certificate bounds every one of them.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{Envelope, Format, IssueError, Issuer, error::NotIssued, reasons};
use crate::{
    envelope::hcert::{self, Claims, Sign1, ToBeSigned},
    keys::{Member, Purpose, Signer},
    record::Refusal,
    revocation::{Fingerprints, HashKind},
    verify,
};

/// Content of a format that awaits its frame.
pub(super) struct Draft {
    /// Its number in the health certificate claim.
    pub(super) sub_claim: i64,
    /// One complete CBOR item.
    pub(super) content: Vec<u8>,
    /// What the signer's certificate must allow; `None` where the format knows no such mark.
    pub(super) purpose: Option<Purpose>,
}

/// A message that passed the lint and awaits its signature.
#[derive(Clone)]
pub(super) struct Unsigned {
    message: ToBeSigned,
    expires_at: Timestamp,
    /// Its key identifier stands in the message.
    signer: Arc<dyn Signer>,
}

impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The message holds name and date of birth.
        write!(f, "Unsigned({})", self.signer.kid())
    }
}

impl Unsigned {
    /// A message that the caller has checked, its end, and who signs it.
    pub(super) fn new(message: ToBeSigned, expires_at: Timestamp, signer: Arc<dyn Signer>) -> Self {
        Self { message, expires_at, signer }
    }
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
pub(super) fn frame(
    issuer: &Issuer,
    member: &Member,
    format: Format,
    draft: &Draft,
    now: Timestamp,
) -> Result<Unsigned, Stop> {
    let (signer, certificate) = (member.signer(), member.certificate());
    let kid = signer.kid();
    if let Some(purpose) = draft.purpose.filter(|purpose| !member.serves(*purpose)) {
        return Err(Stop::Issuer(IssueError::Purpose { kid: kid.clone(), purpose }));
    }
    // The validity ends with the second in which the signer's ends.
    let wanted = now.checked_add(issuer.terms.validity).unwrap_or(certificate.not_after());
    let expires_at = super::whole_second(wanted.min(certificate.not_after()));
    if expires_at.duration_since(now) < issuer.terms.least_validity.min(issuer.terms.validity) {
        let (ends, least) = (certificate.not_after(), days(issuer.terms.least_validity));
        return Err(Stop::Issuer(IssueError::EndsSoon { kid: kid.clone(), ends, least }));
    }
    let payload = hcert::write_token(&issuer.country, now, expires_at, draft.sub_claim, &draft.content);
    let message = ToBeSigned::new(signer.algorithm(), kid, payload);
    let key = issuer.key(kid).map_err(Stop::Issuer)?;
    match verify::inspect(message.payload(), key, now).first() {
        None => Ok(Unsigned { message, expires_at, signer: Arc::clone(signer) }),
        Some(reason) => {
            let refusal = Refusal::of(reasons::VERIFIER_WOULD_REFUSE, None).with(reason.code());
            Err(Stop::Refused(NotIssued { format, refusal }))
        }
    }
}

/// Days, of 24 hours.
fn days(duration: SignedDuration) -> i64 {
    duration.as_hours() / 24
}

/// Signs.
pub(super) fn sign(format: Format, unsigned: Unsigned, issued_at: Timestamp) -> Result<Envelope, IssueError> {
    let Unsigned { message, expires_at, signer } = unsigned;
    let algorithm = signer.algorithm();
    let signature = signer.sign(&message.signed_bytes())?;
    // A yellow card carries no identifier: revocation lists know it by its signature.
    let listed_as = (format == Format::Icvp).then(|| {
        let prints = Fingerprints::new(algorithm, &signature, "", "");
        prints.get(HashKind::Signature).map(super::signature_name)
    });
    Ok(Envelope {
        format,
        text: hcert::to_text(&message.finish(&signature)),
        kid: signer.kid().clone(),
        algorithm,
        issued_at,
        expires_at: Some(expires_at),
        listed_as: listed_as.flatten(),
    })
}

/// Opens a sealed text from our own hands or our own registry: nothing is verified here.
pub(super) fn open<T>(text: &str, content: impl FnOnce(&Claims<'_>) -> Option<T>) -> Option<T> {
    let (bytes, _) = hcert::from_text(text).ok()?;
    let message = Sign1::read(&bytes).ok()?;
    content(&Claims::read(&message.payload).ok()?)
}
