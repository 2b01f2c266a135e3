//! The way down: prepare → lint → seal → read back. Nothing is signed that the verifier would refuse, and
//! nothing leaves this room whose signature was not checked.
//!
//! Times, identifiers and keys are handed in; the record's provenance goes out beside the certificate, never
//! into it.

pub mod reasons;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    envelope::hcert::{self, Claims, Sign1, ToBeSigned},
    keys::{Algorithm, Certificate, Kid, Purpose, Signer, SignerError, sha256},
    payload::dcc::{self, Dcc, Entry, MapError, NationalVaccines, Reading},
    record::{RecoveryRecord, Refusal, TestRecord, Uvci, VaccinationRecord, names::NameError},
    trust::{TrustStore, TrustedKey},
    verify::{self, Decision, Reason, Verifier},
};

/// A record of any kind that can become a certificate.
#[derive(Debug, Clone)]
pub enum Record {
    /// A dose.
    Vaccination(Box<VaccinationRecord>),
    /// A test.
    Test(Box<TestRecord>),
    /// A recovery.
    Recovery(Box<RecoveryRecord>),
}

/// How certificates are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why the issuer as a whole cannot sign; every record would fail.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signer is of an algorithm that the DCC does not have.
    #[error("a key for {algorithm} cannot sign EU certificates; use ES256 (P-256) or PS256 (RSA)")]
    Algorithm {
        /// The signer's algorithm.
        algorithm: Algorithm,
    },
    /// The signer's certificate names no country.
    #[error("the signer certificate {kid} names no country (C) in its subject, so it cannot issue for one")]
    NoCountry {
        /// Its key identifier.
        kid: Kid,
    },
    /// The signer's certificate is of another country than the configuration.
    #[error("the signer certificate {kid} is of {certificate} and the configuration of {configured}; they must agree")]
    OtherCountry {
        /// Its key identifier.
        kid: Kid,
        /// The certificate's country.
        certificate: String,
        /// The configured country.
        configured: String,
    },
    /// The key may not sign at this time.
    #[error("the signer certificate {kid} may sign from {from} to {until}, not at {now}; put a current one in place")]
    NotNow {
        /// Its key identifier.
        kid: Kid,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// The time of issue.
        now: Timestamp,
    },
    /// The key may not sign documents of this kind.
    #[error("the signer certificate {kid} does not allow certificates of this kind ({purpose:?})")]
    Purpose {
        /// Its key identifier.
        kid: Kid,
        /// The kind.
        purpose: Purpose,
    },
    /// The key or the token failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What was signed does not verify: the key, the token or the machine is at fault.
    #[error(
        "a certificate signed by {kid} does not verify ({reason}); nothing was released, check the key and the machine"
    )]
    ReadBack {
        /// The signer's key identifier.
        kid: Kid,
        /// The verifier's reason code.
        reason: String,
    },
}

/// What happened to one record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The record cannot become a certificate.
    #[error("{}: {}", .0.code, .0.message)]
    Refused(Refusal),
    /// The issuer cannot sign.
    #[error(transparent)]
    Issuer(#[from] IssueError),
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

    /// The algorithm of its signatures.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Maps a record, and checks the result by our own rules and by the verifier's.
    ///
    /// # Errors
    /// [`RecordError`]: the record is refused, or the signer may not sign now.
    pub fn prepare(&self, record: &Record, id: &Uvci, now: Timestamp) -> Result<Prepared, RecordError> {
        let certificate = self.signer.certificate();
        if now < certificate.not_before() || now >= certificate.signs_until() {
            return Err(RecordError::Issuer(IssueError::NotNow {
                kid: self.signer.kid().clone(),
                from: certificate.not_before(),
                until: certificate.signs_until(),
                now,
            }));
        }
        let dcc = self.map(record, id)?;
        let purpose = purpose(&dcc.entry);
        if !certificate.allows(purpose) {
            return Err(RecordError::Issuer(IssueError::Purpose { kid: self.signer.kid().clone(), purpose }));
        }
        // The certificate's validity ends with the second in which the signer's ends.
        let wanted = now.checked_add(self.terms.validity).unwrap_or(certificate.not_after());
        let (issued_at, expires_at) = (whole_second(now), whole_second(wanted.min(certificate.not_after())));
        let payload = Claims::write_dcc(&self.country, issued_at, expires_at, &dcc.to_cbor());
        let message = ToBeSigned::new(self.signer.algorithm(), self.signer.kid(), payload);
        let prepared = Prepared { id: id.clone(), dcc, message, issued_at, expires_at };
        self.lint(&prepared)?;
        Ok(prepared)
    }

    fn map(&self, record: &Record, id: &Uvci) -> Result<Dcc, RecordError> {
        map(record, id, self.terms.national_vaccines).map_err(|e| RecordError::Refused(refusal_of(&e)))
    }

    /// Our own strict rules on the content, and every check of the verifier that follows the signature, run
    /// on the very bytes that will be signed.
    fn lint(&self, prepared: &Prepared) -> Result<(), RecordError> {
        if let Some(fault) = dcc::check(&prepared.dcc).first() {
            let refusal = Refusal::of(reasons::CONTENT_NOT_ALLOWED, Some(fault.field)).with(fault);
            return Err(RecordError::Refused(refusal));
        }
        match verify::inspect(prepared.message.payload(), &self.key, prepared.issued_at).first() {
            None => Ok(()),
            Some(reason) => {
                Err(RecordError::Refused(Refusal::of(reasons::VERIFIER_WOULD_REFUSE, None).with(reason.code())))
            }
        }
    }

    /// Signs, and reads the result back with the verifier.
    ///
    /// # Errors
    /// [`IssueError`] when the key fails or its signature does not verify; nothing is released then.
    pub fn seal(&self, prepared: Prepared) -> Result<Issued, IssueError> {
        let issued = self.sign(prepared)?;
        let verdict = Verifier::new(&self.trust, issued.issued_at).judge(&issued.text);
        match verdict.verdict {
            Decision::Accepted if verdict.id.as_deref() == Some(issued.id.as_str()) => Ok(issued),
            _ => Err(IssueError::ReadBack {
                kid: self.signer.kid().clone(),
                reason: verdict.reason.map_or("id-differs", Reason::code).to_owned(),
            }),
        }
    }

    /// The signature alone, without reading back: what `benches` compares with the bare operation.
    ///
    /// # Errors
    /// [`IssueError::Signer`] when the key fails.
    #[doc(hidden)]
    pub fn sign(&self, prepared: Prepared) -> Result<Issued, IssueError> {
        let signature = self.signer.sign(&prepared.message.signed_bytes())?;
        let text = hcert::to_text(&prepared.message.finish(&signature));
        let Prepared { id, dcc, issued_at, expires_at, .. } = prepared;
        Ok(Issued { id, dcc, text, issued_at, expires_at, kid: self.signer.kid().clone() })
    }
}

/// A certificate that passed the lint and awaits its signature.
#[derive(Debug, Clone)]
pub struct Prepared {
    id: Uvci,
    dcc: Dcc,
    message: ToBeSigned,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// A signed certificate that its own verifier accepts.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its identifier.
    pub id: Uvci,
    /// What it says.
    pub dcc: Dcc,
    /// The text of its code.
    pub text: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who signed.
    pub kid: Kid,
}

impl Issued {
    /// The certificate behind a text that this issuer sealed earlier, from its own registry: not a
    /// verification, and no way to read anybody else's. `None` when the text is none that this program writes.
    #[must_use]
    pub fn reopen(text: &str) -> Option<Self> {
        let (bytes, _) = hcert::from_text(text).ok()?;
        let message = Sign1::read(&bytes).ok()?;
        let claims = Claims::read(&message.payload).ok()?;
        let dcc = Reading::of(claims.dcc()?).ok()?.dcc;
        Some(Self {
            id: dcc.entry.id().parse().ok()?,
            dcc,
            text: text.to_owned(),
            issued_at: claims.issued_at?,
            expires_at: claims.expires_at?,
            kid: message.kid?,
        })
    }
}

/// Digest of what a certificate would say, without identifier and times: equal digests need no new
/// certificate, a different one supersedes the old.
///
/// # Errors
/// The refusal of a record that cannot become a certificate.
pub fn content_digest(record: &Record, terms: &Terms, id: &Uvci) -> Result<[u8; 32], Refusal> {
    let mut dcc = map(record, id, terms.national_vaccines).map_err(|e| refusal_of(&e))?;
    match &mut dcc.entry {
        Entry::Vaccination(v) => v.id.clear(),
        Entry::Test(t) => t.id.clear(),
        Entry::Recovery(r) => r.id.clear(),
    }
    Ok(sha256(&dcc.to_cbor()))
}

fn map(record: &Record, id: &Uvci, national: NationalVaccines) -> Result<Dcc, MapError> {
    match record {
        Record::Vaccination(record) => dcc::vaccination(record, id, national),
        Record::Test(record) => dcc::test(record, id),
        Record::Recovery(record) => dcc::recovery(record, id),
    }
}

fn purpose(entry: &Entry) -> Purpose {
    match entry {
        Entry::Vaccination(_) => Purpose::Vaccination,
        Entry::Test(_) => Purpose::Test,
        Entry::Recovery(_) => Purpose::Recovery,
    }
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The words in which a mapping error is reported.
fn refusal_of(error: &MapError) -> Refusal {
    match error {
        MapError::Name(NameError::Empty) => Refusal::of(reasons::NAME_WITHOUT_LETTERS, Some("name")),
        MapError::Name(name) => Refusal::of(reasons::NAME_NOT_LATIN, Some("name")).with(name),
        MapError::NotInEuLists { id } => Refusal::of(reasons::NOT_IN_EU_LISTS, Some("vaccine")).with(id),
        MapError::OtherDisease { id } => Refusal::of(reasons::OTHER_DISEASE, Some("vaccine")).with(id),
    }
}
