//! The way down: prepare → lint → seal → read back. Nothing is signed that the verifier would refuse, and
//! nothing leaves this room whose signature was not checked.
//!
//! One record, many envelopes: a certificate has one identifier and one [`Envelope`] in each [`Format`] that is
//! wanted and that the record can take. Each format is a file of its own, which maps a record to its content and
//! says why it cannot; framing and signing are shared.
//!
//! Times, identifiers and keys are handed in; the record's provenance goes out beside the certificate, never
//! into it.

mod error;
mod eu_dcc;
mod format;
mod hcert;
pub mod reasons;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use error::{IssueError, NotIssued, RecordError};
pub use format::{Format, UnknownFormat};

use crate::{
    keys::{Algorithm, Certificate, Kid, Signer, SignerError},
    payload::dcc::{Dcc, NationalVaccines},
    record::{Country, Uvci},
    trust::{TrustStore, TrustedKey},
    verify::{Decision, Reason, Verifier},
};

pub use crate::record::Record;

/// How certificates are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How long a certificate is valid; it never outlives the signer's certificate. The EU recommends at
    /// most one year (certificate governance 4.3).
    pub validity: SignedDuration,
    /// What to do with a vaccine that the EU lists lack.
    pub national_vaccines: NationalVaccines,
}

impl Default for Terms {
    fn default() -> Self {
        Self { validity: SignedDuration::from_hours(24 * 365), national_vaccines: NationalVaccines::default() }
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({}, {})", self.country, self.signer.kid())
    }
}

/// A signer that was checked and may issue for its country, with the key by which its output is verified.
pub struct Issuer {
    signer: Arc<dyn Signer>,
    country: String,
    trust: TrustStore,
    key: TrustedKey,
    terms: Terms,
}

impl Issuer {
    /// Checks that the signer may issue for `country` (ISO 3166-1 alpha-2).
    ///
    /// # Errors
    /// [`IssueError`] when no certificate of this signer could be right.
    pub fn new(signer: Arc<dyn Signer>, country: &str, terms: Terms) -> Result<Self, IssueError> {
        let certificate = signer.certificate().clone();
        if !matches!(signer.algorithm(), Algorithm::Es256 | Algorithm::Ps256) {
            return Err(IssueError::Algorithm { algorithm: signer.algorithm() });
        }
        let own = certificate.country().ok_or_else(|| IssueError::NoCountry { kid: signer.kid().clone() })?;
        if own != country {
            return Err(IssueError::OtherCountry {
                kid: signer.kid().clone(),
                certificate: own.to_owned(),
                configured: country.to_owned(),
            });
        }
        let key =
            TrustedKey::from_certificate(&certificate, "own signer").map_err(|e| SignerError::Certificate(e.into()))?;
        let mut trust = TrustStore::new();
        trust.add(key.clone());
        let country = own.to_owned();
        Ok(Self { signer, country, trust, key, terms })
    }

    /// The signer's certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Digest of what a certificate of this format would say, without identifier and times: equal digests need no
    /// new certificate, a different one supersedes the old.
    ///
    /// # Errors
    /// The refusal of a record that cannot become a certificate of this format.
    pub fn digest(&self, record: &Record, format: Format) -> Result<[u8; 32], NotIssued> {
        // The digest leaves the identifier out; any will do.
        let placeholder = Uvci::from_random(Country::SANDBOX, [0; 16]);
        match format {
            Format::EuDcc => eu_dcc::digest(record, &placeholder, &self.terms),
        }
        .map_err(|refusal| NotIssued { format, refusal })
    }

    /// Maps a record to each of these formats, and checks the results by our own rules and by the verifier's. What
    /// the record cannot be is told by [`Prepared::refused`].
    ///
    /// # Errors
    /// [`RecordError`]: the record is refused in every format, or the signer may not sign now.
    pub fn prepare(
        &self,
        record: &Record,
        id: &Uvci,
        formats: &[Format],
        now: Timestamp,
    ) -> Result<Prepared, RecordError> {
        let certificate = self.signer.certificate();
        if now < certificate.not_before() || now >= certificate.signs_until() {
            return Err(RecordError::Issuer(IssueError::NotNow {
                kid: self.signer.kid().clone(),
                from: certificate.not_before(),
                until: certificate.signs_until(),
                now,
            }));
        }
        let issued_at = whole_second(now);
        let mut prepared = Prepared { id: id.clone(), issued_at, unsigned: Vec::new(), refused: Vec::new() };
        for &format in formats {
            match self.prepare_one(format, record, id, issued_at) {
                Ok(unsigned) => prepared.unsigned.push(unsigned),
                Err(hcert::Stop::Refused(refused)) => prepared.refused.push(refused),
                Err(hcert::Stop::Issuer(error)) => return Err(error.into()),
            }
        }
        if prepared.unsigned.is_empty() { Err(RecordError::Refused(prepared.refused)) } else { Ok(prepared) }
    }

    fn prepare_one(
        &self,
        format: Format,
        record: &Record,
        id: &Uvci,
        now: Timestamp,
    ) -> Result<hcert::Unsigned, hcert::Stop> {
        let refused = |refusal| hcert::Stop::Refused(NotIssued { format, refusal });
        let draft = match format {
            Format::EuDcc => eu_dcc::draft(record, id, &self.terms).map_err(refused)?,
        };
        hcert::frame(self, format, &draft, now)
    }

    /// Signs every envelope, and reads each back with the verifier.
    ///
    /// # Errors
    /// [`IssueError`] when a key fails or a signature does not verify; nothing is released then, of no format.
    pub fn seal(&self, prepared: Prepared) -> Result<Issued, IssueError> {
        let issued = self.sign(prepared)?;
        for envelope in &issued.envelopes {
            let verdict = Verifier::new(&self.trust, issued.issued_at).judge(&envelope.text);
            let own = envelope.alias.as_deref().unwrap_or(issued.id.as_str());
            if verdict.verdict != Decision::Accepted || verdict.id.as_deref() != Some(own) {
                return Err(IssueError::ReadBack {
                    format: envelope.format,
                    kid: envelope.kid.clone(),
                    reason: verdict.reason.map_or("id-differs", Reason::code).to_owned(),
                });
            }
        }
        Ok(issued)
    }

    /// The signatures alone, without reading back: what `benches` compares with the bare operation.
    ///
    /// # Errors
    /// [`IssueError::Signer`] when the key fails.
    #[doc(hidden)]
    pub fn sign(&self, prepared: Prepared) -> Result<Issued, IssueError> {
        let Prepared { id, issued_at, unsigned, .. } = prepared;
        let envelopes = unsigned.into_iter().map(|unsigned| hcert::sign(self, unsigned, issued_at));
        Ok(Issued { id, issued_at, envelopes: envelopes.collect::<Result<_, _>>()? })
    }
}

/// A certificate that passed the lint and awaits its signatures.
#[derive(Debug, Clone)]
pub struct Prepared {
    id: Uvci,
    issued_at: Timestamp,
    unsigned: Vec<hcert::Unsigned>,
    refused: Vec<NotIssued>,
}

impl Prepared {
    /// The formats that the record cannot be issued in, each with its reason.
    #[must_use]
    pub fn refused(&self) -> &[NotIssued] {
        &self.refused
    }
}

/// A signed certificate that its own verifier accepts, in every format in which it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its identifier.
    pub id: Uvci,
    /// When it was issued; of one that got a further format later, when that was.
    pub issued_at: Timestamp,
    /// Its envelopes, at least one, each of another format.
    pub envelopes: Vec<Envelope>,
}

impl Issued {
    /// The envelope of a format.
    #[must_use]
    pub fn envelope(&self, format: Format) -> Option<&Envelope> {
        self.envelopes.iter().find(|envelope| envelope.format == format)
    }

    /// The formats that it has, in the order of [`Format::ALL`].
    #[must_use]
    pub fn formats(&self) -> Vec<Format> {
        Format::ALL.into_iter().filter(|format| self.envelope(*format).is_some()).collect()
    }
}

/// One signed form of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its format.
    pub format: Format,
    /// What is signed and handed out, as text: that of the code, or the document from which the code is packed.
    pub text: String,
    /// Who signed.
    pub kid: Kid,
    /// How.
    pub algorithm: Algorithm,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends; `None` where the format does not say.
    pub expires_at: Option<Timestamp>,
    /// The identifier that it carries, where that is not the certificate's.
    pub alias: Option<String>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text holds name and date of birth.
        write!(f, "Envelope({}, {})", self.format, self.kid)
    }
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// In the words of the EU certificate.
    EuDcc(Box<Dcc>),
}

impl Envelope {
    /// What an envelope that this program made says: for its paper, not a verification, and no way to read anybody
    /// else's. `None` when the text is none that this program writes.
    #[must_use]
    pub fn says(&self) -> Option<Says> {
        match self.format {
            Format::EuDcc => eu_dcc::read(&self.text).map(|dcc| Says::EuDcc(Box::new(dcc))),
        }
    }
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
