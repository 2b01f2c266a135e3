//! The first form of DDCC: the claims of the token are the elements themselves, in one flat map and with names of
//! their own (WHO facts, section 3.4; seen from WHO's first issuer and, for tests, from Singapore's).

use super::{
    model::{Certificate, Coding, Ddcc, Event, Identifier, Organization, Period, Vaccination, name},
    parts::Parts,
    read::{self, ReadError, wrong},
};
use crate::envelope::hcert::cbor::Value;

const MA_HOLDER: &str = "ma_holder";
const VALID_FROM: &str = "vaccine_valid";
const TOTAL_DOSES: &str = "total_doses";
const HEALTH_WORKER: &str = "hw";
const DUE_DATE: &str = "due_date";
const AUTHORITY: &str = "pha";
const CERTIFICATE_FROM: &str = "valid_from";
const CERTIFICATE_UNTIL: &str = "valid_until";
/// Singapore's frame of a test.
const META: &str = "meta";
const META_REFERENCE: &str = "reference";
const META_NOTARISED: &str = "notarisedOn";
const META_PASSPORT: &str = "passportNumber";
const META_URL: &str = "url";

/// Whether the claims of a token are a DDCC of the first form: a name, and an event in one of its two shapes.
#[must_use]
pub fn looks_flat(payload: &Value<'_>) -> bool {
    let has = |key: &str| payload.get(key).is_some();
    has(name::NAME) && (has(name::VACCINE) || matches!(payload.get(name::TEST), Some(Value::Map(_))))
}

pub(super) fn read(payload: &Value<'_>, parts: &mut Parts) -> Result<Ddcc, ReadError> {
    let holder = parts.text(payload, name::NAME, name::NAME)?.ok_or(wrong(name::NAME, "is missing"))?;
    let identifier = parts.identifier(payload, name::IDENTIFIER, name::IDENTIFIER)?;
    let (event, certificate, identifier) = match (payload.get(name::TEST), payload.get(name::VACCINE)) {
        (Some(_), Some(_)) => return Err(ReadError::SeveralEvents { count: 2 }),
        (Some(map @ Value::Map(_)), None) => {
            let test = read::test(map, parts)?;
            let (certificate, identifier) = singapore(payload, identifier, parts)?;
            (Event::Test(Box::new(test)), certificate, identifier)
        }
        (Some(_), None) => return Err(wrong(name::TEST, "is not a map")),
        (None, _) => {
            let vaccination = vaccination(payload, parts)?;
            (Event::Vaccination(Box::new(vaccination)), frame(payload, parts)?, identifier)
        }
    };
    Ok(Ddcc {
        name: holder,
        birth_date: parts.birth_date(payload)?,
        identifier,
        sex: read::sex(payload, parts)?,
        certificate,
        event,
    })
}

fn frame(payload: &Value<'_>, parts: &mut Parts) -> Result<Certificate, ReadError> {
    Ok(Certificate {
        issuer: parts.organization(payload, AUTHORITY, AUTHORITY)?,
        hcid: parts.identifier(payload, name::HCID, name::HCID)?,
        period: Period {
            start: parts.date_time(payload, CERTIFICATE_FROM, CERTIFICATE_FROM)?,
            end: parts.date_time(payload, CERTIFICATE_UNTIL, CERTIFICATE_UNTIL)?,
        },
        ..Certificate::default()
    })
}

/// Singapore's frame: `identifier` is the certificate's, and the passport's number is the person's.
fn singapore(
    payload: &Value<'_>,
    identifier: Option<Identifier>,
    parts: &mut Parts,
) -> Result<(Certificate, Option<Identifier>), ReadError> {
    let Some(meta) = payload.get(META) else { return Ok((frame(payload, parts)?, identifier)) };
    if !matches!(meta, Value::Map(_)) {
        return Err(wrong(META, "is not a map"));
    }
    let reference = parts.identifier(meta, META_REFERENCE, "meta.reference")?;
    let passport = parts.identifier(meta, META_PASSPORT, "meta.passportNumber")?;
    let site = parts.text(meta, META_URL, "meta.url")?;
    // A UVCI names a certificate, never a person, whatever the element is called.
    let (of_certificate, of_person) = match identifier {
        Some(identifier) if is_uvci(&identifier.value) => (Some(identifier), None),
        other => (None, other),
    };
    let certificate = Certificate {
        issuer: site.map(|site| Organization { reference: Some(site), ..Organization::default() }),
        hcid: of_certificate.or(reference),
        period: Period { start: parts.date_time(meta, META_NOTARISED, "meta.notarisedOn")?, end: None },
        ..Certificate::default()
    };
    let passport = passport.map(|number| Identifier { kind: Some("PPN".to_owned()), ..number });
    Ok((certificate, of_person.or(passport)))
}

fn is_uvci(text: &str) -> bool {
    text.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("URN:UVCI:"))
}

fn vaccination(map: &Value<'_>, parts: &mut Parts) -> Result<Vaccination, ReadError> {
    Ok(Vaccination {
        vaccine: parts.coding(map, name::VACCINE, name::VACCINE)?,
        brand: parts.coding(map, name::BRAND, name::BRAND)?,
        manufacturer: parts.named(map, name::MANUFACTURER, name::MANUFACTURER)?,
        holder: parts.named(map, MA_HOLDER, MA_HOLDER)?,
        lot: parts.text(map, name::LOT, name::LOT)?,
        date: parts.date_time(map, name::DATE, name::DATE)?.ok_or(wrong(name::DATE, "is missing"))?,
        valid_from: parts.date(map, VALID_FROM, VALID_FROM)?,
        dose: parts.count(map, name::DOSE, name::DOSE)?,
        total_doses: parts.count(map, TOTAL_DOSES, TOTAL_DOSES)?,
        country: parts.coding(map, name::COUNTRY, name::COUNTRY)?,
        centre: parts.text(map, name::CENTRE, name::CENTRE)?,
        practitioner: parts.identifier(map, HEALTH_WORKER, HEALTH_WORKER)?,
        disease: parts.coding(map, name::DISEASE, name::DISEASE)?,
        next_dose: parts.date(map, DUE_DATE, DUE_DATE)?,
    })
}

impl Parts {
    /// A code, or the name of a body or a place as a plain text, which is no code without its system.
    pub(super) fn named(
        &mut self,
        map: &Value<'_>,
        key: &str,
        path: &'static str,
    ) -> Result<Option<Coding>, ReadError> {
        match map.get(key) {
            Some(Value::Map(_)) => self.coding(map, key, path),
            _ => Ok(self.text(map, key, path)?.map(|text| Coding { display: Some(text), ..Coding::default() })),
        }
    }
}
