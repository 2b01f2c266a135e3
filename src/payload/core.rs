//! The WHO core data set (DDCC 1.0.1, logical models `DDCCCoreDataSetVS` and `DDCCCoreDataSetTR`) as the hub
//! between all wire formats: each format reads into it and writes from it, and says what it lost on the way.
//!
//! A [`crate::record`] is complete and decided, made to be signed. This here is what somebody's certificate says:
//! every element may be missing, codes may be of any system, texts stand as they were signed. Nothing in it is
//! checked. Recoveries, which the WHO set lacks, are carried beside the two kinds that it has.

use std::fmt;

use serde::Serialize;

use crate::record::Sex;

/// A code with the system that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coding {
    /// Which system of codes.
    pub system: CodeSystem,
    /// The code, exactly as signed.
    pub code: String,
    /// Its name, where the certificate or a value set tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl Coding {
    /// A code without a name.
    pub fn new(system: CodeSystem, code: impl Into<String>) -> Self {
        Self { system, code: code.into(), display: None }
    }

    /// A code with its name.
    pub fn named(system: CodeSystem, code: impl Into<String>, display: impl Into<String>) -> Self {
        Self { system, code: code.into(), display: Some(display.into()) }
    }

    /// The name, or else the code.
    #[must_use]
    pub fn words(&self) -> &str {
        self.display.as_deref().unwrap_or(&self.code)
    }
}

/// A system of codes. Several URIs name one system in the field (ICD-11 alone has two at WHO).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeSystem {
    /// ICD-11 MMS (`http://id.who.int/icd11/mms`, `http://id.who.int/icd/release/11/mms`).
    Icd11,
    /// ICHI, WHO's classification of health interventions (tests and specimens of DDCC:TR).
    Ichi,
    /// SNOMED CT.
    Snomed,
    /// ATC.
    Atc,
    /// LOINC.
    Loinc,
    /// CVX, vaccines of the CDC.
    Cvx,
    /// EU value sets for products, holders and devices.
    EuRegister,
    /// WHO's catalogue of prequalified products, of any version.
    WhoProduct,
    /// A plain name where a code is expected.
    Text,
    /// Another system, by its URI.
    Other(String),
}

/// The holder.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Holder {
    /// The whole name in one text, in the order of display.
    pub name: String,
    /// Family name, where the format tells it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Given names, where the format tells them apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// `FAMILY<<GIVEN` by ICAO 9303, where the format carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standardised_name: Option<String>,
    /// As signed: `YYYY-MM-DD`, or partial where the format allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Administrative sex.
    #[serde(skip)]
    pub sex: Option<Sex>,
    /// Nationality, as signed (alpha-2, alpha-3 or a word).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Number of a document or of a person in a register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// What the number is of (HL7 v2-0203 such as `PPN`; ICAO document type such as `P`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier_type: Option<String>,
    /// Parent or guardian of a minor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// A dose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Vaccination {
    /// Kind of vaccine.
    pub vaccine: Option<Coding>,
    /// Product.
    pub brand: Option<Coding>,
    /// Manufacturer.
    pub manufacturer: Option<Coding>,
    /// Marketing authorisation holder.
    pub holder: Option<Coding>,
    /// Disease or agent targeted.
    pub disease: Option<Coding>,
    /// Lot or batch.
    pub lot: Option<String>,
    /// Day of the dose, as signed; `YYYY-MM-DD` or a date-time.
    pub date: Option<String>,
    /// From when it counts.
    pub valid_from: Option<String>,
    /// Until when it counts, where the format tells it.
    pub valid_to: Option<String>,
    /// Number of the dose, from 1.
    pub dose: Option<u32>,
    /// Doses in the series.
    pub total_doses: Option<u32>,
    /// Country of the dose, as signed (alpha-2, alpha-3 or a word).
    pub country: Option<String>,
    /// Administering centre.
    pub centre: Option<String>,
    /// Who gave it, or who answers for it: identifier or name.
    pub practitioner: Option<String>,
    /// When the next dose is due.
    pub next_dose: Option<String>,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Test {
    /// What was looked for.
    pub pathogen: Option<Coding>,
    /// Type of test.
    pub kind: Option<Coding>,
    /// Product.
    pub brand: Option<Coding>,
    /// Its manufacturer.
    pub manufacturer: Option<Coding>,
    /// Where the sample comes from.
    pub origin: Option<Coding>,
    /// When the sample was taken, as signed.
    pub date: Option<String>,
    /// When the result was known.
    pub result_date: Option<String>,
    /// Outcome.
    pub result: Option<Coding>,
    /// Testing centre.
    pub centre: Option<String>,
    /// Country of the test, as signed.
    pub country: Option<String>,
}

/// A recovery; the WHO set has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Recovery {
    /// Disease that the holder recovered from.
    pub disease: Option<Coding>,
    /// Day of the first positive test.
    pub first_positive: Option<String>,
    /// From when it counts.
    pub valid_from: Option<String>,
    /// Until when.
    pub valid_until: Option<String>,
    /// Country of the test, as signed.
    pub country: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A dose.
    Vaccination(Box<Vaccination>),
    /// A test.
    Test(Box<Test>),
    /// A recovery.
    Recovery(Recovery),
}

/// Who answers for it, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Certificate {
    /// Issuing body.
    pub issuer: Option<String>,
    /// Identifier of the certificate (HCID, UVCI).
    pub id: Option<String>,
    /// Version of the format, as signed.
    pub version: Option<String>,
    /// From when, RFC 3339 or a date.
    pub valid_from: Option<String>,
    /// Until when, RFC 3339 or a date.
    pub valid_until: Option<String>,
}

/// What one certificate says: one person, and one event (several in SMART Health Cards and VDS-NC).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CoreDataSet {
    /// The holder.
    pub holder: Holder,
    /// The frame.
    pub certificate: Certificate,
    /// What happened, in the order of the certificate.
    pub events: Vec<Event>,
}

/// An element that a mapping could not carry over, and why. Holds no value: values are personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Loss {
    /// Name of the element in the WHO core data set, such as `vaccination.lot`.
    pub element: &'static str,
    /// What became of it.
    pub why: LossKind,
}

/// What became of an element that could not be carried over unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// The target has no place for it.
    NoPlace,
    /// The target has a place, and the source does not say what must stand there: a general code, or nothing.
    Unknown,
    /// The target can say it only less exactly (a date without its time, a product as its kind).
    Coarser,
    /// It was cut to the target's length.
    Cut,
}
