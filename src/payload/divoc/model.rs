//! What a DIVOC credential says, by its wire names (npm `vaccination-context` 1.1.0, both versions and the one of
//! tests). Texts stand as they were signed; `""`, which DIVOC writes for what it does not know, is absent here.

use std::fmt;

/// A credential without its proof.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credential {
    /// `@context[1]`: which terms it has.
    pub namespace: String,
    /// `credentialSubject`.
    pub subject: Subject,
    /// `issuer`: an address, a name and nothing that is fetched.
    pub issuer: String,
    /// `issuanceDate`: ISO 8601 with milliseconds.
    pub issuance_date: String,
    /// `nonTransferable`: the text `true`.
    pub non_transferable: Option<String>,
    /// `evidence[0]`.
    pub evidence: Evidence,
}

/// `credentialSubject`: the person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `id`: an identity of the person, as an IRI when it is covered by a linked-data signature.
    pub id: Option<String>,
    /// `refId`: number of the enrolment.
    pub ref_id: Option<String>,
    /// `uhid`: health identifier.
    pub uhid: Option<String>,
    /// `name`: the whole name.
    pub name: Option<String>,
    /// `gender`, in words.
    pub gender: Option<String>,
    /// `age` in years at the time of issue.
    pub age: Option<String>,
    /// `dob`: date of birth; not in the first version.
    pub birth_date: Option<String>,
    /// `nationality`, in words.
    pub nationality: Option<String>,
    /// `address`.
    pub address: Option<Address>,
}

/// An address.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// `streetAddress`.
    pub street: Option<String>,
    /// `streetAddress2`.
    pub street2: Option<String>,
    /// `district`.
    pub district: Option<String>,
    /// `city`.
    pub city: Option<String>,
    /// `addressRegion`.
    pub region: Option<String>,
    /// `addressCountry`: alpha-2, alpha-3 or a word.
    pub country: Option<String>,
    /// `postalCode`.
    pub postal_code: Option<String>,
}

/// `evidence[0]`: the frame of what happened.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// `id`: base address and certificate id; the one name of the certificate that a linked-data signature binds
    /// to its place.
    pub id: Option<String>,
    /// `certificateId`.
    pub certificate_id: Option<String>,
    /// `feedbackUrl`.
    pub feedback_url: Option<String>,
    /// `infoUrl`.
    pub info_url: Option<String>,
    /// What happened.
    pub event: Event,
    /// `verifier`: who gave the vaccine or made the test.
    pub verifier: Option<Verifier>,
    /// `facility`: where.
    pub facility: Option<Facility>,
}

/// What happened.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Of a `ProofOfVaccinationCredential`.
    Vaccination(Box<Vaccination>),
    /// Of a `ProofOfTestCertificateCredential`.
    Test(Box<Test>),
}

impl Default for Event {
    fn default() -> Self {
        Self::Vaccination(Box::default())
    }
}

/// A dose.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Vaccination {
    /// `batch`.
    pub batch: Option<String>,
    /// `vaccine`: brand or kind, in words.
    pub vaccine: Option<String>,
    /// `manufacturer`, in words.
    pub manufacturer: Option<String>,
    /// `icd11Code`; not in the first version.
    pub icd11: Option<String>,
    /// `prophylaxis`: name of that code; not in the first version.
    pub prophylaxis: Option<String>,
    /// `date`: date-time, or date.
    pub date: Option<String>,
    /// `effectiveStart`: date.
    pub effective_start: Option<String>,
    /// `effectiveUntil`: date.
    pub effective_until: Option<String>,
    /// `dose`: number of this dose.
    pub dose: Option<u32>,
    /// `totalDoses`: doses in the series.
    pub total_doses: Option<u32>,
}

/// A test.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Test {
    /// `testName`.
    pub name: Option<String>,
    /// `testType`, in words.
    pub kind: Option<String>,
    /// `disease`, in words.
    pub disease: Option<String>,
    /// `sampleOrigin`, in words.
    pub origin: Option<String>,
    /// `result`: `Negative` or `Positive`.
    pub result: Option<String>,
    /// `batch`.
    pub batch: Option<String>,
    /// `manufacturer`.
    pub manufacturer: Option<String>,
    /// `sampleCollectionTimestamp`.
    pub sampled_at: Option<String>,
    /// `resultTimestamp`.
    pub result_at: Option<String>,
}

/// `verifier`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Verifier {
    /// `id`.
    pub id: Option<String>,
    /// `name`; real DIVOC writes it as `""` when it knows none, and so do we.
    pub name: Option<String>,
    /// `sign-image`.
    pub sign_image: Option<String>,
}

/// `facility`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facility {
    /// `name`.
    pub name: Option<String>,
    /// `address`.
    pub address: Option<Address>,
    /// `seal-image`.
    pub seal_image: Option<String>,
}

impl Credential {
    /// The dose, if it is about one.
    #[must_use]
    pub fn vaccination(&self) -> Option<&Vaccination> {
        match &self.evidence.event {
            Event::Vaccination(vaccination) => Some(vaccination),
            Event::Test(_) => None,
        }
    }

    /// Identifier of the certificate: its own, or else the address that ends in it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.evidence.certificate_id.as_deref().or(self.evidence.id.as_deref())
    }
}

macro_rules! hidden {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Personal data never reaches a log through `{:?}`.
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        }
    )*};
}
hidden!(Credential, Subject, Address, Evidence, Event, Vaccination, Test, Verifier, Facility);
