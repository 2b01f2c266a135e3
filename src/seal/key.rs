//! The document key: who seals, and whether its certificate lets it.

use std::{fmt, io::Read as _, sync::Arc};

use jiff::Timestamp;

use super::{SealError, pdf::Printed, update};
use crate::{
    keys::{Certificate, X509Signer, sha256_of},
    limits::{SEAL_CHAIN, SEAL_ROUND},
    trust::cms::{self, States},
};

/// Extended key usages with which readers of PDF accept a signature: any, document signing (RFC 9336), Adobe's and
/// Microsoft's own of the same name, e-mail.
const PURPOSES: &[&str] =
    &["2.5.29.37.0", "1.3.6.1.5.5.7.3.36", "1.2.840.113583.1.1.5", "1.3.6.1.4.1.311.10.3.12", "1.3.6.1.5.5.7.3.4"];

/// What CMS puts around certificates, name and signature, in bytes: some three hundred, and as many in reserve.
const AROUND: usize = 640;

/// The ministry's document key with its certificate. Make one, and share it between threads.
pub struct DocumentKey {
    signer: Arc<dyn X509Signer>,
    certificate: Certificate,
    chain: Vec<Certificate>,
    holder: String,
    room: usize,
}

impl DocumentKey {
    /// Takes the key, its certificate and the certificates that it comes from, each issued by the next; the chain may
    /// be empty. What the certificate says of its use must allow it to sign documents.
    ///
    /// # Errors
    /// [`SealError`] says what does not fit, and what to do.
    pub fn new(
        signer: Arc<dyn X509Signer>,
        certificate: Certificate,
        chain: Vec<Certificate>,
    ) -> Result<Self, SealError> {
        let kid = || certificate.kid().to_string();
        if certificate.spki() != signer.spki() {
            return Err(SealError::OtherKey { kid: kid() });
        }
        let details = certificate.details().map_err(|_| SealError::Damaged { kid: kid() })?;
        let extensions = details.extensions;
        if let Some(usage) = extensions.key_usage
            && !(usage.digital_signature() || usage.non_repudiation())
        {
            return Err(SealError::Usage { kid: kid(), usage: usage.to_string() });
        }
        if !extensions.usages.is_empty() && !extensions.usages.iter().any(|usage| PURPOSES.contains(&usage.as_str())) {
            return Err(SealError::Purpose { kid: kid(), purposes: extensions.usages.join(", ") });
        }
        let found = chain.len() + 1;
        if found > SEAL_CHAIN {
            return Err(SealError::LongChain { found, most: SEAL_CHAIN });
        }
        let mut below = &certificate;
        for (at, above) in chain.iter().enumerate() {
            below.is_issued_by(above).map_err(|_| SealError::Chain { position: at + 2 })?;
            below = above;
        }
        let holder = ["CN", "O"].iter().find_map(|label| details.subject.all(label).next().map(str::to_owned));
        let holder = holder.unwrap_or_else(|| details.subject.to_string());
        // The issuer's name comes again in the message, and no signature is longer than its key and a little.
        let certificates: usize = chain.iter().map(|link| link.der().len()).sum();
        let room = certificates + 2 * certificate.der().len() + certificate.spki().len() + AROUND;
        let room = room.next_multiple_of(SEAL_ROUND);
        Ok(Self { signer, certificate, chain, holder, room })
    }

    /// Who seals, for the line on the paper: the common name that readers of PDF show, or the organisation.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The certificate of the key.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether the key may sign at this time: within its certificate, and within the period for private keys where the
    /// certificate names one.
    ///
    /// # Errors
    /// [`SealError::NotYet`], [`SealError::Expired`].
    pub fn may_seal(&self, at: Timestamp) -> Result<(), SealError> {
        let kid = || self.certificate.kid().to_string();
        if at < self.certificate.signs_from() {
            return Err(SealError::NotYet { kid: kid(), from: self.certificate.signs_from() });
        }
        if at > self.certificate.signs_until() {
            return Err(SealError::Expired { kid: kid(), until: self.certificate.signs_until() });
        }
        Ok(())
    }

    /// Seals a PDF that this program printed. `at` is when, stated to the second.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, pdf: &[u8], at: Timestamp) -> Result<Vec<u8>, SealError> {
        self.may_seal(at)?;
        let update::Prepared { mut bytes, hole } = update::append(&Printed::read(pdf)?, at, self.room)?;
        let outside = (bytes.get(..hole.start), bytes.get(hole.end..));
        let (Some(before), Some(mut behind)) = outside else { return Err(SealError::Foreign { part: "its length" }) };
        // Nothing but slices is read, which cannot fail.
        let digest =
            sha256_of(&mut before.chain(&mut behind)).map_err(|_| SealError::Foreign { part: "its length" })?;
        let message =
            cms::sign_digest(&digest, States::Certificate, &self.certificate, &self.chain, self.signer.as_ref())?;
        update::fill(&mut bytes, &hole, &message)?;
        Ok(bytes)
    }
}

impl fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentKey({})", self.certificate.kid())
    }
}
