//! The way down: prepare → lint → seal → read back. Nothing is signed that the verifier would refuse, and
//! nothing leaves this room whose signature was not checked.
//!
//! One record, many envelopes: a certificate has one identifier and one [`Envelope`] in each [`Format`] that is
//! wanted and that the record can take. Each format is a file of its own, which maps a record to its content and
//! says why it cannot; framing and signing are shared.
//!
//! Times, identifiers and keys are handed in; the record's provenance goes out beside the certificate, never
//! into it.

mod ddcc;
mod divoc;
mod error;
mod eu_dcc;
mod format;
mod hcert;
mod icvp;
mod linked_data;
pub mod reasons;
pub mod specimen;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

pub use error::{IssueError, NotIssued, RecordError};
pub use format::{Format, UnknownFormat};
pub use linked_data::LinkedData;

use crate::{
    keys::{Algorithm, Certificate, KeyUsePeriod, Kid, Member, Purpose, SetError, Signer, SignerError, SignerSet},
    payload::{
        dcc::{Dcc, NationalVaccines},
        ddcc::Ddcc,
        divoc::{Addresses, Credential},
        icvp::{CardOptions, Icvp},
    },
    record::{Country, Uvci},
    revocation::Hash,
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
    /// The issuer stops when the signer's certificate ends so soon that a certificate would be valid for less than
    /// this. Zero: the last one may be valid for a second; as long as `validity`: none is ever cut short.
    pub least_validity: SignedDuration,
    /// What to do with a vaccine that the EU lists lack.
    pub national_vaccines: NationalVaccines,
    /// How yellow cards are made.
    pub card: CardOptions,
    /// The names under which DIVOC credentials are issued, if they are.
    pub divoc: Option<Addresses>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            validity: SignedDuration::from_hours(24 * 365),
            least_validity: SignedDuration::ZERO,
            national_vaccines: NationalVaccines::default(),
            card: CardOptions::default(),
            divoc: None,
        }
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({}, {:?})", self.country, self.signers)
    }
}

/// Signers that were checked and may issue for their country, with the keys by which their output is verified.
pub struct Issuer {
    signers: Arc<SignerSet>,
    country: String,
    trust: TrustStore,
    /// The key of each signer, by its identifier.
    keys: HashMap<Kid, TrustedKey>,
    first: Certificate,
    linked_data: Option<LinkedData>,
    terms: Terms,
}

impl Issuer {
    /// Checks that the signer may issue for `country` (ISO 3166-1 alpha-2). It signs at once.
    ///
    /// # Errors
    /// [`IssueError`] when no certificate of this signer could be right.
    pub fn new(signer: Arc<dyn Signer>, country: &str, terms: Terms) -> Result<Self, IssueError> {
        Self::of_set(Arc::new(SignerSet::single(signer)), country, terms)
    }

    /// Checks that each of these signers may issue for `country` (ISO 3166-1 alpha-2). Which one signs is decided
    /// anew for every record, by its time.
    ///
    /// # Errors
    /// [`IssueError`] when no certificate of one of them could be right.
    pub fn of_set(signers: Arc<SignerSet>, country: &str, terms: Terms) -> Result<Self, IssueError> {
        let (mut trust, mut keys) = (TrustStore::new(), HashMap::new());
        for member in signers.members() {
            let key = check(member.signer().as_ref(), country)?;
            trust.add(key.clone());
            keys.insert(key.kid.clone(), key);
        }
        let first = signers.members().first().ok_or(SetError::Empty)?.certificate().clone();
        Ok(Self { signers, country: country.to_owned(), trust, keys, first, linked_data: None, terms })
    }

    /// The same, which signs linked data with this key.
    #[must_use]
    pub fn with_linked_data(mut self, linked_data: Option<LinkedData>) -> Self {
        if let Some(linked) = &linked_data {
            self.trust.add(linked.key().clone());
        }
        self.linked_data = linked_data;
        self
    }

    /// The key for linked data, if there is one.
    #[must_use]
    pub fn linked_data(&self) -> Option<&LinkedData> {
        self.linked_data.as_ref()
    }

    /// Checks that this issuer can make every one of these formats.
    ///
    /// # Errors
    /// [`IssueError::NoDivoc`] and [`IssueError::NoLinkedData`].
    pub fn check(&self, formats: &[Format]) -> Result<(), IssueError> {
        let wants = |format| formats.contains(&format);
        if (wants(Format::Divoc) || wants(Format::DivocCwt)) && self.terms.divoc.is_none() {
            return Err(IssueError::NoDivoc);
        }
        if wants(Format::Divoc) && self.linked_data.is_none() {
            return Err(IssueError::NoLinkedData);
        }
        Ok(())
    }

    /// The certificate of the first signer; country and environment are the same of all.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.first
    }

    /// Who signs, and when.
    #[must_use]
    pub fn signers(&self) -> &Arc<SignerSet> {
        &self.signers
    }

    /// The key by which the output of a signer of this issuer is verified.
    fn key(&self, kid: &Kid) -> Result<&TrustedKey, IssueError> {
        Ok(self.keys.get(kid).ok_or_else(|| SignerError::Failed { kid: kid.clone() })?)
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Digest of what a certificate of this format would say if it were issued `now`, without identifier, times and
    /// what is a setting of the issuer: equal digests need no new certificate, a different one supersedes the old.
    ///
    /// # Errors
    /// The refusal of a record that cannot become a certificate of this format.
    pub fn digest(&self, record: &Record, format: Format, now: Timestamp) -> Result<[u8; 32], NotIssued> {
        // The digest leaves the identifier out; any will do.
        let placeholder = Uvci::from_random(Country::SANDBOX, [0; 16]);
        match format {
            Format::EuDcc => eu_dcc::digest(record, &placeholder, &self.terms),
            Format::Ddcc => ddcc::digest(&lasting(record), &placeholder),
            Format::Icvp => icvp::digest(record, &self.terms, now),
            Format::Divoc | Format::DivocCwt => divoc::digest(&lasting(record), &placeholder),
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
        let member = self.signers.select(purpose(record), now).map_err(IssueError::NotSigning)?;
        let issued_at = whole_second(now);
        let mut prepared = Prepared { id: id.clone(), issued_at, unsigned: Vec::new(), refused: Vec::new() };
        for &format in formats {
            match self.prepare_one(format, record, id, member, issued_at) {
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
        member: &Member,
        now: Timestamp,
    ) -> Result<Unsigned, hcert::Stop> {
        let refused = |refusal| hcert::Stop::Refused(NotIssued { format, refusal });
        let draft = match format {
            Format::EuDcc => eu_dcc::draft(record, id, &self.terms),
            Format::Ddcc => ddcc::draft(record, id),
            Format::Icvp => icvp::draft(record, &self.terms, now),
            Format::DivocCwt => divoc::draft(record, id, &self.terms, now),
            Format::Divoc => {
                let Some(linked) = &self.linked_data else { return Err(hcert::Stop::Issuer(IssueError::NoLinkedData)) };
                let credential = divoc::credential(record, id, &self.terms, now).map_err(refused)?;
                return linked_data::frame(linked, &credential, now).map(|draft| Unsigned::LinkedData(Box::new(draft)));
            }
        };
        hcert::frame(self, member, format, &draft.map_err(refused)?, now)
            .map(|message| Unsigned::Hcert(format, message))
    }

    /// Signs every envelope, and reads each back with the verifier.
    ///
    /// # Errors
    /// [`IssueError`] when a key fails or a signature does not verify; nothing is released then, of no format.
    pub fn seal(&self, prepared: Prepared) -> Result<Issued, IssueError> {
        let issued = self.sign(prepared)?;
        for envelope in &issued.envelopes {
            let verdict = Verifier::new(&self.trust, issued.issued_at).judge(&envelope.text);
            let id = match envelope.format {
                Format::EuDcc | Format::Ddcc => Some(issued.id.as_str()),
                // The credential has the identifier without its check character; the card has none.
                Format::Divoc | Format::DivocCwt => issued.id.as_str().split('#').next(),
                Format::Icvp => None,
            };
            let good = match verdict.verdict {
                Decision::Accepted => true,
                // A card may be issued on the day of the dose; it counts when its days have passed.
                _ => envelope.format == Format::Icvp && verdict.reason == Some(Reason::TooRecent),
            };
            if !good || verdict.id.as_deref() != id {
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
        let envelopes = unsigned.into_iter().map(|unsigned| match unsigned {
            Unsigned::Hcert(format, message) => hcert::sign(format, message, issued_at),
            Unsigned::LinkedData(draft) => linked_data::sign(self, *draft, issued_at),
        });
        Ok(Issued { id, issued_at, envelopes: envelopes.collect::<Result<_, _>>()? })
    }
}

/// A certificate that passed the lint and awaits its signatures.
#[derive(Debug, Clone)]
pub struct Prepared {
    id: Uvci,
    issued_at: Timestamp,
    unsigned: Vec<Unsigned>,
    refused: Vec<NotIssued>,
}

/// An envelope that awaits its signature.
#[derive(Debug, Clone)]
enum Unsigned {
    Hcert(Format, hcert::Unsigned),
    LinkedData(Box<crate::envelope::divoc::Draft>),
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
    /// The name by which revocation lists know it, where it does not carry the certificate's identifier: see
    /// [`listed_signature`].
    pub listed_as: Option<String>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text holds name and date of birth.
        write!(f, "Envelope({}, {})", self.format, self.kid)
    }
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// In the words of the EU certificate.
    EuDcc(Box<Dcc>),
    /// In the words of the WHO core data set.
    Ddcc(Box<Ddcc>),
    /// In the words of the yellow card.
    Icvp(Box<Icvp>),
    /// In the words of DIVOC.
    Divoc(Box<Credential>),
}

impl Envelope {
    /// What an envelope that this program made says: for its paper, not a verification, and no way to read anybody
    /// else's. `None` when the text is none that this program writes.
    #[must_use]
    pub fn says(&self) -> Option<Says> {
        match self.format {
            Format::EuDcc => eu_dcc::read(&self.text).map(|dcc| Says::EuDcc(Box::new(dcc))),
            Format::Ddcc => ddcc::read(&self.text).map(|ddcc| Says::Ddcc(Box::new(ddcc))),
            Format::Icvp => icvp::read(&self.text).map(|card| Says::Icvp(Box::new(card))),
            Format::Divoc => divoc::read(&self.text).map(|credential| Says::Divoc(Box::new(credential))),
            Format::DivocCwt => divoc::read_token(&self.text).map(|credential| Says::Divoc(Box::new(credential))),
        }
    }

    /// What goes into the code: the text, or for linked data the archive that holds it. `None` when it is too long
    /// for any code.
    #[must_use]
    pub fn code(&self) -> Option<Cow<'_, [u8]>> {
        match self.format {
            Format::Divoc => crate::envelope::divoc::pack(&self.text).ok().map(Cow::Owned),
            _ => Some(Cow::Borrowed(self.text.as_bytes())),
        }
    }
}

/// Begin of the name of an envelope that lists know by its signature.
const SIGNATURE: &str = "signature:";

fn signature_name(hash: &Hash) -> String {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{SIGNATURE}{hex}")
}

/// The hash of the signature in the name of an envelope ([`Envelope::listed_as`]).
#[must_use]
pub fn listed_signature(name: &str) -> Option<Hash> {
    let hex = name.strip_prefix(SIGNATURE).filter(|hex| hex.len() == 32 && hex.is_ascii())?;
    u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)
}

/// A record without what may change although nothing in it was corrected: the names of facility and issuer. A
/// facility that is renamed must not revoke everything that was ever done there.
fn lasting(record: &Record) -> Record {
    const SOME: &str = "-";
    let mut record = record.clone();
    let (centre, issuer) = match &mut record {
        Record::Vaccination(dose) => (Some(&mut dose.centre), &mut dose.issuer),
        Record::Test(test) => (Some(&mut test.centre), &mut test.issuer),
        Record::Recovery(recovery) => (None, &mut recovery.issuer),
    };
    SOME.clone_into(issuer);
    if let Some(centre) = centre {
        *centre = Some(SOME.to_owned());
    }
    record
}

/// What the certificate of a signer must allow for a record of this kind.
fn purpose(record: &Record) -> Purpose {
    match record {
        Record::Vaccination(_) => Purpose::Vaccination,
        Record::Test(_) => Purpose::Test,
        Record::Recovery(_) => Purpose::Recovery,
    }
}

/// The key of a signer that may issue for a country.
fn check(signer: &dyn Signer, country: &str) -> Result<TrustedKey, IssueError> {
    let (certificate, kid) = (signer.certificate(), signer.kid());
    if !matches!(signer.algorithm(), Algorithm::Es256 | Algorithm::Ps256) {
        return Err(IssueError::Algorithm { algorithm: signer.algorithm() });
    }
    let own = certificate.country().ok_or_else(|| IssueError::NoCountry { kid: kid.clone() })?;
    if own != country {
        return Err(IssueError::OtherCountry {
            kid: kid.clone(),
            certificate: own.to_owned(),
            configured: country.to_owned(),
        });
    }
    // Whoever cannot read when the key may sign would sign past its end.
    if !matches!(
        certificate.profile().map(|profile| profile.key_use),
        Ok(KeyUsePeriod::Unlimited | KeyUsePeriod::Between { .. })
    ) {
        return Err(IssueError::Extensions { kid: kid.clone() });
    }
    Ok(TrustedKey::from_certificate(certificate, "own signer").map_err(|e| SignerError::Certificate(e.into()))?)
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
