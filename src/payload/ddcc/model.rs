//! Element names of the DDCC core data set. No short keys were ever defined for it, so that the names of the
//! logical models are the names on the wire. Fields keep the text as signed.

use std::fmt;

/// Names of elements, common part first.
pub(super) mod name {
    pub(crate) const NAME: &str = "name";
    pub(crate) const BIRTH_DATE: &str = "birthDate";
    pub(crate) const IDENTIFIER: &str = "identifier";
    pub(crate) const SEX: &str = "sex";
    pub(crate) const CERTIFICATE: &str = "certificate";
    pub(crate) const ISSUER: &str = "issuer";
    pub(crate) const KID: &str = "kid";
    pub(crate) const HCID: &str = "hcid";
    pub(crate) const DDCCID: &str = "ddccid";
    pub(crate) const VERSION: &str = "version";
    pub(crate) const PERIOD: &str = "period";
    pub(crate) const START: &str = "start";
    pub(crate) const END: &str = "end";

    pub(crate) const VACCINATION: &str = "vaccination";
    pub(crate) const VACCINE: &str = "vaccine";
    pub(crate) const BRAND: &str = "brand";
    pub(crate) const MANUFACTURER: &str = "manufacturer";
    pub(crate) const MA_HOLDER: &str = "maholder";
    pub(crate) const LOT: &str = "lot";
    pub(crate) const DATE: &str = "date";
    pub(crate) const VALID_FROM: &str = "validFrom";
    pub(crate) const DOSE: &str = "dose";
    pub(crate) const TOTAL_DOSES: &str = "totalDoses";
    pub(crate) const COUNTRY: &str = "country";
    pub(crate) const CENTRE: &str = "centre";
    pub(crate) const PRACTITIONER: &str = "practitioner";
    pub(crate) const DISEASE: &str = "disease";
    pub(crate) const NEXT_DOSE: &str = "nextDose";

    pub(crate) const TEST: &str = "test";
    pub(crate) const PATHOGEN: &str = "pathogen";
    pub(crate) const TYPE: &str = "type";
    pub(crate) const ORIGIN: &str = "origin";
    pub(crate) const RESULT: &str = "result";

    // Members of the FHIR types Coding, CodeableConcept, Identifier and Reference.
    pub(crate) const SYSTEM: &str = "system";
    pub(crate) const CODE: &str = "code";
    pub(crate) const DISPLAY: &str = "display";
    pub(crate) const CODING: &str = "coding";
    pub(crate) const TEXT: &str = "text";
    pub(crate) const VALUE: &str = "value";
    pub(crate) const REFERENCE: &str = "reference";
}

/// A certificate: one person, one event.
#[derive(Clone, PartialEq, Eq)]
pub struct Ddcc {
    /// `name`: the whole name.
    pub name: String,
    /// `birthDate`.
    pub birth_date: Option<String>,
    /// `identifier`.
    pub identifier: Option<Identifier>,
    /// `sex` (only in the variant for continuity of care).
    pub sex: Option<String>,
    /// `certificate`.
    pub certificate: Certificate,
    /// `vaccination` or `test`.
    pub event: Event,
}

/// `certificate`: who answers for it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Certificate {
    /// `issuer`.
    pub issuer: Option<Organization>,
    /// `kid`.
    pub kid: Option<String>,
    /// `hcid`: identifier of the certificate.
    pub hcid: Option<Identifier>,
    /// `ddccid`.
    pub ddccid: Option<Identifier>,
    /// `version` of the schema.
    pub version: Option<String>,
    /// `period`.
    pub period: Period,
}

/// `period`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Period {
    /// `start`.
    pub start: Option<String>,
    /// `end`.
    pub end: Option<String>,
}

/// The one event.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// `vaccination` (DDCC:VS).
    Vaccination(Box<Vaccination>),
    /// `test` (DDCC:TR).
    Test(Box<Test>),
}

/// `vaccination`. What the model requires may be missing in what is read; the reader remarks on it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Vaccination {
    /// `vaccine`, 1..1.
    pub vaccine: Option<Coding>,
    /// `brand`, 1..1.
    pub brand: Option<Coding>,
    /// `manufacturer`; it or the holder (rule who-ddcc-data-1).
    pub manufacturer: Option<Coding>,
    /// `maholder`.
    pub holder: Option<Coding>,
    /// `lot`, 1..1.
    pub lot: Option<String>,
    /// `date`, 1..1.
    pub date: String,
    /// `validFrom`.
    pub valid_from: Option<String>,
    /// `dose`, 1..1.
    pub dose: Option<u32>,
    /// `totalDoses`.
    pub total_doses: Option<u32>,
    /// `country`, 1..1.
    pub country: Option<Coding>,
    /// `centre`.
    pub centre: Option<String>,
    /// `practitioner`.
    pub practitioner: Option<Identifier>,
    /// `disease`.
    pub disease: Option<Coding>,
    /// `nextDose`.
    pub next_dose: Option<String>,
}

/// `test`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Test {
    /// `pathogen`, 1..1.
    pub pathogen: Option<Coding>,
    /// `type`, 1..1.
    pub kind: Option<Coding>,
    /// `brand`.
    pub brand: Option<Coding>,
    /// `manufacturer`.
    pub manufacturer: Option<Coding>,
    /// `origin` of the sample.
    pub origin: Option<Coding>,
    /// `date` of the sample, 1..1.
    pub date: String,
    /// `result`.
    pub result: Option<Coding>,
    /// `centre`.
    pub centre: Option<Coding>,
    /// `country`, 1..1.
    pub country: Option<Coding>,
}

/// A code; any of its parts may be missing, never code and name both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coding {
    /// URI of the system.
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// Its name.
    pub display: Option<String>,
}

/// A number with who gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// URI of the register.
    pub system: Option<String>,
    /// Code of the kind of number (HL7 v2-0203), where it is told.
    pub kind: Option<String>,
    /// The number.
    pub value: String,
}

/// A reference to an organization, as far as it tells one without a server.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Organization {
    /// `reference`: an address.
    pub reference: Option<String>,
    /// `identifier`.
    pub identifier: Option<Identifier>,
    /// `display`: its name.
    pub display: Option<String>,
}

impl Coding {
    /// The name, or else the code.
    #[must_use]
    pub fn words(&self) -> &str {
        self.display.as_deref().or(self.code.as_deref()).unwrap_or_default()
    }
}

impl Organization {
    /// The name, or else the number, or else the address.
    #[must_use]
    pub fn words(&self) -> &str {
        self.display
            .as_deref()
            .or(self.identifier.as_ref().map(|identifier| identifier.value.as_str()))
            .or(self.reference.as_deref())
            .unwrap_or_default()
    }
}

impl Ddcc {
    /// Identifier of the certificate.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.certificate.hcid.as_ref().map(|hcid| hcid.value.as_str())
    }

    /// Country of the event, as signed.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        let country = match &self.event {
            Event::Vaccination(vaccination) => &vaccination.country,
            Event::Test(test) => &test.country,
        };
        country.as_ref().map(|coding| coding.code.as_deref().unwrap_or_else(|| coding.words()))
    }
}

macro_rules! closed {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Personal data never reaches a log through `{:?}`.
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        }
    )*};
}
closed!(Ddcc, Certificate, Event, Vaccination, Test, Identifier, Organization);
