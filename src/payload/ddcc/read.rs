//! CBOR to DDCC. Forgiven is what can be read in one way only, each with a remark; what could be read in two ways
//! is refused. A certificate says whose it is, what happened and when; without one of them it says nothing.

use super::{
    flat,
    model::{Certificate, Ddcc, Event, Period, Test, Vaccination, name},
    parts::Parts,
};
use crate::envelope::hcert::cbor::Value;

/// Something that a reader forgave or wants shown. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// The first form of DDCC: one flat map without a health certificate claim.
    FlatForm,
    /// The one event, or the one number, stands in a list.
    OneInList,
    /// A code stands without its system.
    PlainCode,
    /// An element that the model requires is missing (brand, lot, manufacturer and holder, dose, country, kind of
    /// test, pathogen).
    ElementMissing,
    /// The date of the event lacks its day.
    PartialDate,
    /// A date carries a time; the time is cut.
    DateWithTime,
    /// A number of doses is a floating-point number.
    FloatDose,
    /// A number of doses below 1.
    DoseBelowOne,
    /// A text has spaces at its ends; they are cut.
    PaddedText,
    /// A date of birth in another form; it is shown as it stands.
    OddBirthDate,
}

impl Remark {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FlatForm => "flat-form",
            Self::OneInList => "one-in-list",
            Self::PlainCode => "plain-code",
            Self::ElementMissing => "element-missing",
            Self::PartialDate => "partial-date",
            Self::DateWithTime => "date-with-time",
            Self::FloatDose => "float-dose",
            Self::DoseBelowOne => "dose-below-one",
            Self::PaddedText => "padded-text",
            Self::OddBirthDate => "odd-birth-date",
        }
    }
}

/// A certificate as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub ddcc: Ddcc,
    /// What was forgiven.
    pub remarks: Vec<Remark>,
}

/// Which of the two certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// DDCC:VS.
    Vaccination,
    /// DDCC:TR.
    Test,
}

/// Why content is no DDCC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The first element that is missing or wrong.
    #[error("the content is not a certificate of the DDCC model: {path} {problem}")]
    Part {
        /// Path of the element.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than one event (the model allows exactly one).
    #[error("the content is not a certificate of the DDCC model: it states {count} events, not one")]
    SeveralEvents {
        /// How many.
        count: usize,
    },
}

pub(super) fn wrong(path: &'static str, problem: &'static str) -> ReadError {
    ReadError::Part { path, problem }
}

impl Reading {
    /// Reads the content of sub-claim 3 ([`Kind::Vaccination`]) or 4 ([`Kind::Test`]).
    ///
    /// # Errors
    /// [`ReadError`] names the first element without which the certificate says nothing, or that says two things.
    pub fn of(value: &Value<'_>, kind: Kind) -> Result<Self, ReadError> {
        let mut parts = Parts::default();
        let content = one("the sub-claim", value, &mut parts)?;
        let key = match kind {
            Kind::Vaccination => name::VACCINATION,
            Kind::Test => name::TEST,
        };
        let both = [name::VACCINATION, name::TEST].into_iter().filter(|key| content.get(key).is_some()).count();
        if both > 1 {
            return Err(ReadError::SeveralEvents { count: both });
        }
        let event = one(key, content.get(key).ok_or(wrong(key, "is missing"))?, &mut parts)?;
        let certificate = match content.get(name::CERTIFICATE) {
            None => Certificate::default(),
            Some(map @ Value::Map(_)) => certificate(map, &mut parts)?,
            Some(_) => return Err(wrong(name::CERTIFICATE, "is not a map")),
        };
        let ddcc = Ddcc {
            name: parts.text(content, name::NAME, name::NAME)?.ok_or(wrong(name::NAME, "is missing"))?,
            birth_date: parts.birth_date(content)?,
            identifier: parts.identifier(content, name::IDENTIFIER, name::IDENTIFIER)?,
            sex: sex(content, &mut parts)?,
            certificate,
            event: match kind {
                Kind::Vaccination => Event::Vaccination(Box::new(vaccination(event, &mut parts)?)),
                Kind::Test => Event::Test(Box::new(test(event, &mut parts)?)),
            },
        };
        Self::finish(ddcc, parts)
    }

    /// Reads the first form: the claims of a token without a health certificate claim ([`super::looks_flat`]).
    ///
    /// # Errors
    /// [`ReadError`], as for the newer form.
    pub fn of_flat(payload: &Value<'_>) -> Result<Self, ReadError> {
        let mut parts = Parts::default();
        parts.remark(Remark::FlatForm);
        let ddcc = flat::read(payload, &mut parts)?;
        Self::finish(ddcc, parts)
    }

    fn finish(ddcc: Ddcc, mut parts: Parts) -> Result<Self, ReadError> {
        if let Event::Vaccination(dose) = &ddcc.event
            && dose.vaccine.is_none()
            && dose.brand.is_none()
        {
            return Err(wrong("vaccination.vaccine", "is missing, and so is the brand"));
        }
        if lacks_elements(&ddcc.event) {
            parts.remark(Remark::ElementMissing);
        }
        parts.remarks.sort_unstable();
        Ok(Self { ddcc, remarks: parts.remarks })
    }
}

/// A map, or the one map of a list.
fn one<'v, 'a>(path: &'static str, value: &'v Value<'a>, parts: &mut Parts) -> Result<&'v Value<'a>, ReadError> {
    match value {
        Value::Map(_) => Ok(value),
        Value::Array(items) => match items.as_slice() {
            [map @ Value::Map(_)] => {
                parts.remark(Remark::OneInList);
                Ok(map)
            }
            [] => Err(wrong(path, "is an empty list")),
            [_] => Err(wrong(path, "holds something that is no map")),
            several => Err(ReadError::SeveralEvents { count: several.len() }),
        },
        _ => Err(wrong(path, "is not a map")),
    }
}

pub(super) fn sex(map: &Value<'_>, parts: &mut Parts) -> Result<Option<String>, ReadError> {
    match map.get(name::SEX) {
        Some(Value::Map(_)) => Ok(parts.coding(map, name::SEX, name::SEX)?.and_then(|coding| coding.code)),
        _ => parts.text(map, name::SEX, name::SEX),
    }
}

fn certificate(map: &Value<'_>, parts: &mut Parts) -> Result<Certificate, ReadError> {
    let period = match map.get(name::PERIOD) {
        None => Period::default(),
        Some(period @ Value::Map(_)) => Period {
            start: parts.date_time(period, name::START, "certificate.period.start")?,
            end: parts.date_time(period, name::END, "certificate.period.end")?,
        },
        Some(_) => return Err(wrong("certificate.period", "is not a map")),
    };
    Ok(Certificate {
        issuer: parts.organization(map, name::ISSUER, "certificate.issuer")?,
        kid: match map.get(name::KID) {
            // A key identifier is bytes in the header; as bytes here it adds nothing to the header's.
            Some(Value::Bytes(_)) => None,
            _ => parts.text(map, name::KID, "certificate.kid")?,
        },
        hcid: parts.identifier(map, name::HCID, "certificate.hcid")?,
        ddccid: parts.identifier(map, name::DDCCID, "certificate.ddccid")?,
        version: parts.text(map, name::VERSION, "certificate.version")?,
        period,
    })
}

fn vaccination(map: &Value<'_>, parts: &mut Parts) -> Result<Vaccination, ReadError> {
    Ok(Vaccination {
        vaccine: parts.coding(map, name::VACCINE, "vaccination.vaccine")?,
        brand: parts.coding(map, name::BRAND, "vaccination.brand")?,
        manufacturer: parts.named(map, name::MANUFACTURER, "vaccination.manufacturer")?,
        holder: parts.named(map, name::MA_HOLDER, "vaccination.maholder")?,
        lot: parts.text(map, name::LOT, "vaccination.lot")?,
        date: parts.date_time(map, name::DATE, "vaccination.date")?.ok_or(wrong("vaccination.date", "is missing"))?,
        valid_from: parts.date(map, name::VALID_FROM, "vaccination.validFrom")?,
        dose: parts.count(map, name::DOSE, "vaccination.dose")?,
        total_doses: parts.count(map, name::TOTAL_DOSES, "vaccination.totalDoses")?,
        country: parts.coding(map, name::COUNTRY, "vaccination.country")?,
        centre: parts.text(map, name::CENTRE, "vaccination.centre")?,
        practitioner: parts.identifier(map, name::PRACTITIONER, "vaccination.practitioner")?,
        disease: parts.coding(map, name::DISEASE, "vaccination.disease")?,
        next_dose: parts.date(map, name::NEXT_DOSE, "vaccination.nextDose")?,
    })
}

pub(super) fn test(map: &Value<'_>, parts: &mut Parts) -> Result<Test, ReadError> {
    Ok(Test {
        pathogen: parts.coding(map, name::PATHOGEN, "test.pathogen")?,
        kind: parts.coding(map, name::TYPE, "test.type")?,
        brand: parts.coding(map, name::BRAND, "test.brand")?,
        manufacturer: parts.named(map, name::MANUFACTURER, "test.manufacturer")?,
        origin: parts.coding(map, name::ORIGIN, "test.origin")?,
        date: parts.date_time(map, name::DATE, "test.date")?.ok_or(wrong("test.date", "is missing"))?,
        result: parts.coding(map, name::RESULT, "test.result")?,
        centre: parts.named(map, name::CENTRE, "test.centre")?,
        country: parts.coding(map, name::COUNTRY, "test.country")?,
    })
}

/// Whether an element that the model requires is missing, beside those without which nothing is read.
fn lacks_elements(event: &Event) -> bool {
    match event {
        Event::Vaccination(v) => {
            v.vaccine.is_none()
                || v.brand.is_none()
                || (v.manufacturer.is_none() && v.holder.is_none())
                || v.lot.is_none()
                || v.dose.is_none()
                || v.country.is_none()
        }
        Event::Test(t) => t.pathogen.is_none() || t.kind.is_none() || t.country.is_none(),
    }
}
