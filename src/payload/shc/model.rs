//! What is read of a health card, in the words of the wire: JWT claims (RFC 7519), the `vc` claim, and the FHIR R4
//! resources Patient, Immunization and Observation. Texts stand as they were signed.

use std::fmt;

use jiff::Timestamp;

/// A card.
#[derive(Clone, PartialEq, Eq)]
pub struct HealthCard {
    /// `iss`: address of the issuer, https and without a slash at its end.
    pub issuer: String,
    /// `nbf`: when it was issued; may have fractions of a second.
    pub not_before: Timestamp,
    /// `exp`: until when it counts; most cards have no end.
    pub expires: Option<Timestamp>,
    /// `vc.type`, as it stands; unknown ones mean nothing.
    pub types: Vec<String>,
    /// `vc.credentialSubject.fhirVersion`.
    pub fhir_version: String,
    /// `vc.rid`: what a revocation list names it by.
    pub rid: Option<String>,
    /// The one person; `None` where the card names nobody.
    pub patient: Option<Patient>,
    /// Doses that were given.
    pub immunizations: Vec<Immunization>,
    /// Results of tests.
    pub observations: Vec<Observation>,
    /// How many resources of other kinds there are, which nobody looked at.
    pub others: usize,
}

/// `Patient`.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// `name`: at least one.
    pub names: Vec<HumanName>,
    /// `birthDate`: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub birth_date: Option<String>,
    /// `gender`: `male`, `female`, `other` or `unknown`.
    pub gender: Option<String>,
    /// First of `identifier`: its `value` and the code of its `type`.
    pub identifier: Option<(String, Option<String>)>,
}

/// `HumanName`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HumanName {
    /// `use`.
    pub usage: Option<String>,
    /// `text`: the whole name.
    pub text: Option<String>,
    /// `family`.
    pub family: Option<String>,
    /// `given`: all of them, in order.
    pub given: Vec<String>,
    /// `suffix`: all of them.
    pub suffix: Vec<String>,
}

/// `Coding`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// `system`: its URI; empty where the card has none.
    pub system: String,
    /// `code`.
    pub code: String,
    /// `display`, which cards in QR codes leave out.
    pub display: Option<String>,
}

/// `Immunization` with the status `completed`.
#[derive(Clone, PartialEq, Eq)]
pub struct Immunization {
    /// `vaccineCode.coding`: at least one.
    pub vaccine: Vec<Code>,
    /// `occurrenceDateTime`, as it stands: a day, or less or more exact.
    pub occurrence: String,
    /// `lotNumber`.
    pub lot: Option<String>,
    /// `manufacturer`: code of its identifier, or its name.
    pub manufacturer: Option<Code>,
    /// Name of the first `performer.actor`, or of the `location`.
    pub performer: Option<String>,
    /// `protocolApplied.doseNumberPositiveInt`.
    pub dose: Option<u32>,
    /// `protocolApplied.seriesDosesPositiveInt`.
    pub total_doses: Option<u32>,
}

/// `Observation` with the status `final`, `amended` or `corrected`, and a value.
#[derive(Clone, PartialEq, Eq)]
pub struct Observation {
    /// `code.coding`: what was looked for, at least one.
    pub code: Vec<Code>,
    /// `effectiveDateTime`, as it stands.
    pub effective: String,
    /// `value[x]`.
    pub answer: Answer,
    /// Name of the first `performer`.
    pub performer: Option<String>,
}

/// The value of an observation.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// `valueCodeableConcept`.
    Codes(Vec<Code>),
    /// A quantity with its unit, a text, a number.
    Text(String),
}

macro_rules! silent {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(\u{2026})"))
            }
        }
    )+};
}

silent!(HealthCard, Patient, HumanName, Immunization, Observation, Answer);
