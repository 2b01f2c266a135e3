//! Record to DIVOC credential, in the shape that DIVOC's own verifiers read, with what they make unsafe put right:
//! the person has an absolute IRI, so that the signature covers name and birth; the dose has a time of the day and
//! all other dates have none, so that they cannot be taken for each other; codes come from the product and not
//! from a part of its name; texts are escaped by a JSON writer and not pasted into a template.

use jiff::{Timestamp, tz::Offset};

use super::model::{Address, Credential, Event, Evidence, Facility, Subject, Vaccination, Verifier};
use crate::{
    envelope::divoc::{Terms, context},
    payload::core::{Loss, LossKind},
    record::{PartialDate, Person, Sex, Uvci, VaccinationRecord},
};

/// Names under which an issuer issues: all of them are names and nothing that a verifier opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    namespace: &'static str,
    terms: Terms,
    did: String,
    issuer: String,
    evidence: String,
    info: Option<String>,
}

/// Why a record does not become a DIVOC credential, or why an issuer's settings make none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A context that readers do not know.
    #[error(
        "{context:?} is no context of DIVOC vaccinations: give one of the published addresses, such as https://cowin.gov.in/credentials/vaccination/v2"
    )]
    Context {
        /// The setting.
        context: String,
    },
    /// The name of the issuing key.
    #[error("{did:?} is no DID: give a name such as did:example:moh, without spaces")]
    Did {
        /// The setting.
        did: String,
    },
    /// An address of another kind.
    #[error(
        "{address:?} is no absolute address for the {what}: give one such as https://vaccine.example/, without spaces"
    )]
    Address {
        /// Of what.
        what: &'static str,
        /// The setting.
        address: String,
    },
    /// An address of evidence in which a certificate id would not stand apart.
    #[error(
        "the address of the evidence {address:?} must end in a slash or another sign, so that the certificate id behind it stands apart"
    )]
    EvidenceEnd {
        /// The setting.
        address: String,
    },
    /// The person has no name with a letter in it.
    #[error("the person has no name; a DIVOC credential has one: fill it in")]
    NoName,
}

/// Whether a text may stand as the address or name that it is given for.
fn is_address(text: &str) -> bool {
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    let legal = |c: char| c.is_ascii_graphic() && !r#"<>"{}|\^`"#.contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !matches!(scheme, "schema" | "vac")
        && !rest.is_empty()
        && text.chars().all(legal)
}

impl Addresses {
    /// The names of an issuer: `namespace` is the second address of `@context` (one of those that readers have
    /// built in), `did` the name of its key, `issuer` its own address, `evidence` the address to which the
    /// certificate id is added.
    ///
    /// # Errors
    /// [`MapError`] names the setting that no reader would take.
    pub fn new(namespace: &str, did: &str, issuer: &str, evidence: &str) -> Result<Self, MapError> {
        let known = context(namespace).filter(|(_, terms)| *terms != Terms::Test);
        let (namespace, terms) = known.ok_or_else(|| MapError::Context { context: namespace.to_owned() })?;
        if !is_address(did) || !did.starts_with("did:") || did.ends_with(':') {
            return Err(MapError::Did { did: did.to_owned() });
        }
        for (what, address) in [("issuer", issuer), ("evidence", evidence)] {
            if !is_address(address) {
                return Err(MapError::Address { what, address: address.to_owned() });
            }
        }
        if evidence.ends_with(|c: char| c.is_alphanumeric()) {
            return Err(MapError::EvidenceEnd { address: evidence.to_owned() });
        }
        let [did, issuer, evidence] = [did, issuer, evidence].map(str::to_owned);
        Ok(Self { namespace, terms, did, issuer, evidence, info: None })
    }

    /// An address with information, to which the certificate id is added.
    ///
    /// # Errors
    /// [`MapError::Address`].
    pub fn with_info(mut self, address: &str) -> Result<Self, MapError> {
        if !is_address(address) {
            return Err(MapError::Address { what: "information", address: address.to_owned() });
        }
        self.info = Some(address.to_owned());
        Ok(self)
    }

    /// The name of the issuing key, which is the proof's `verificationMethod`.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
    }
}

/// A credential, and what of the record it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The credential, without a proof.
    pub credential: Credential,
    /// What was lost.
    pub losses: Vec<Loss>,
}

/// A vaccination credential. Its certificate id is the UVCI without its check character, whose `#` would end an
/// address; under that name our revocation lists know it in every format.
///
/// Absent in the record and left out: batch, practitioner, sex, nationality, date of birth. Left out always:
/// `effectiveUntil`, because no record says how long a dose counts, and a date there has been taken for the end
/// of the certificate.
///
/// # Errors
/// [`MapError::NoName`].
pub fn vaccination(
    record: &VaccinationRecord,
    id: &Uvci,
    issued_at: Timestamp,
    addresses: &Addresses,
) -> Result<Mapped, MapError> {
    let mut losses = Losses(Vec::new());
    let certificate_id = id.as_str().rsplit_once('#').map_or(id.as_str(), |(body, _)| body).to_owned();
    let product = &record.product;
    let second = addresses.terms == Terms::V2;
    losses.when(!second && product.icd11.is_some(), "vaccination.vaccine", LossKind::NoPlace);
    losses.when(product.icd11.is_none(), "vaccination.disease", LossKind::NoPlace);
    losses.when(record.next_dose.is_some(), "vaccination.next_dose", LossKind::NoPlace);
    // The body's name gives way to its address.
    losses.when(true, "certificate.issuer", LossKind::NoPlace);
    let icd11 = product.icd11.as_ref().filter(|_| second);
    let event = Vaccination {
        batch: text(record.lot.as_deref()),
        vaccine: Some(product.name.clone()),
        manufacturer: text(Some(&product.holder_name)),
        icd11: icd11.map(|coding| coding.code.clone()),
        prophylaxis: icd11.map(|coding| coding.display.clone()),
        date: Some(format!("{}T00:00:00.000Z", record.date)),
        effective_start: Some(record.date.to_string()),
        effective_until: None,
        dose: Some(record.dose.into()),
        total_doses: Some(record.total_doses.into()),
    };
    let country = match record.country.alpha3() {
        Some(alpha3) if second => alpha3.to_owned(),
        _ => record.country.to_string(),
    };
    let site = Address { country: Some(country), ..Address::default() };
    let subject = person(&record.person, &certificate_id, record, addresses, issued_at, &mut losses)?;
    let evidence = Evidence {
        id: Some(format!("{}{certificate_id}", addresses.evidence)),
        feedback_url: None,
        info_url: addresses.info.as_ref().map(|base| format!("{base}{certificate_id}")),
        certificate_id: Some(certificate_id),
        event: Event::Vaccination(Box::new(event)),
        verifier: Some(Verifier {
            id: text(record.practitioner.as_deref()),
            name: text(record.clinician.as_deref()),
            sign_image: None,
        }),
        facility: Some(Facility { name: text(record.centre.as_deref()), address: Some(site), seal_image: None }),
    };
    let credential = Credential {
        namespace: addresses.namespace.to_owned(),
        subject,
        issuer: addresses.issuer.clone(),
        issuance_date: format!("{issued_at:.3}"),
        non_transferable: Some("true".to_owned()),
        evidence,
    };
    Ok(Mapped { credential, losses: losses.0 })
}

struct Losses(Vec<Loss>);

impl Losses {
    fn when(&mut self, lost: bool, element: &'static str, why: LossKind) {
        if lost {
            self.0.push(Loss { element, why });
        }
    }
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn person(
    person: &Person,
    certificate_id: &str,
    record: &VaccinationRecord,
    addresses: &Addresses,
    issued_at: Timestamp,
    losses: &mut Losses,
) -> Result<Subject, MapError> {
    let (given, family) = (person.name.display_given(), person.name.display_family());
    losses.when(given.is_some() && family.is_some(), "holder.family", LossKind::Coarser);
    losses.when(given.is_some() && family.is_some(), "holder.given", LossKind::Coarser);
    let name = [given, family].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(MapError::NoName);
    }
    losses.when(person.guardian.is_some(), "holder.guardian", LossKind::NoPlace);
    losses.when(person.document.is_some() && person.identifier.is_some(), "holder.identifier", LossKind::NoPlace);
    let second = addresses.terms == Terms::V2;
    let age = match person.birth_date {
        Some(PartialDate::Day(born)) if !second => {
            let today = Offset::UTC.to_datetime(issued_at).date();
            let passed = (today.month(), today.day()) >= (born.month(), born.day());
            let age = today.year() - born.year() - i16::from(!passed);
            (age >= 0).then(|| age.to_string())
        }
        _ => None,
    };
    let why = if age.is_some() { LossKind::Coarser } else { LossKind::NoPlace };
    losses.when(!second && person.birth_date.is_some(), "holder.birth_date", why);
    Ok(Subject {
        id: Some(subject_id(person, certificate_id, &addresses.did)),
        ref_id: Some(record.provenance.tracked_entity.clone()).filter(|uid| !uid.is_empty()),
        uhid: None,
        name: Some(name),
        gender: person.sex.map(|sex| match sex {
            Sex::Female => "Female".to_owned(),
            Sex::Male => "Male".to_owned(),
            Sex::Other => "Other".to_owned(),
        }),
        age,
        birth_date: person.birth_date.filter(|_| second).map(|date| date.to_string()),
        nationality: person.nationality.map(|country| {
            let alpha3 = country.alpha3().filter(|_| second);
            alpha3.map_or_else(|| country.to_string(), str::to_owned)
        }),
        address: None,
    })
}

/// An absolute IRI for the person: the travel document or the identifier behind the issuer's DID, or the
/// certificate's own id for a person without either. An identifier that is a URI already stays what it is.
fn subject_id(person: &Person, certificate_id: &str, did: &str) -> String {
    if let Some(document) = &person.document {
        return format!("{did}:{}:{}", document.kind.code(), encoded(&document.number));
    }
    match text(person.identifier.as_deref()) {
        Some(uri) if is_address(&uri) && ["did:", "urn:", "http:", "https:"].iter().any(|s| uri.starts_with(s)) => uri,
        Some(identifier) => format!("{did}:{}", encoded(&identifier)),
        None => format!("{did}:{}", encoded(certificate_id)),
    }
}

/// Percent-encoded (RFC 3986 section 2.1), but for unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.trim().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
