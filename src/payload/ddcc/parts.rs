//! The FHIR types inside of the core data set, in every form that reads in one way only: a Coding as a map, as a
//! concept with one coding, or as a plain code; an Identifier and a Reference as a map or as a plain text.

use super::{
    model::{Coding, Identifier, Organization, name},
    read::{ReadError, Remark, wrong},
};
use crate::{envelope::hcert::cbor::Value, limits::DDCC_FIELD_CHARS, record::PartialDate};

/// Reads elements, and remembers what it forgave.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) remarks: Vec<Remark>,
}

impl Parts {
    pub(super) fn remark(&mut self, remark: Remark) {
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// A text without blanks at its ends; an empty one counts as absent.
    fn tidy(&mut self, path: &'static str, value: &Value<'_>) -> Result<Option<String>, ReadError> {
        let text = value.as_text().ok_or(wrong(path, "is not a text"))?;
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            self.remark(Remark::PaddedText);
        }
        if trimmed.chars().take(DDCC_FIELD_CHARS + 1).count() > DDCC_FIELD_CHARS {
            return Err(wrong(path, "is longer than any certificate needs"));
        }
        Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
    }

    pub(super) fn text(&mut self, map: &Value<'_>, key: &str, path: &'static str) -> Result<Option<String>, ReadError> {
        map.get(key).map_or(Ok(None), |value| self.tidy(path, value))
    }

    /// A number from 1 on.
    pub(super) fn count(&mut self, map: &Value<'_>, key: &str, path: &'static str) -> Result<Option<u32>, ReadError> {
        let Some(value) = map.get(key) else { return Ok(None) };
        let (number, float) = value.as_whole().ok_or(wrong(path, "is not a whole number"))?;
        if float {
            self.remark(Remark::FloatDose);
        }
        match u32::try_from(number) {
            Ok(0) | Err(_) if number < 1 => {
                self.remark(Remark::DoseBelowOne);
                Ok(None)
            }
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(wrong(path, "is larger than any number of doses")),
        }
    }

    /// A FHIR `date`, which may lack the day; a time behind it is kept out, never converted.
    pub(super) fn date(&mut self, map: &Value<'_>, key: &str, path: &'static str) -> Result<Option<String>, ReadError> {
        let Some(text) = self.text(map, key, path)? else { return Ok(None) };
        let day = match text.split_once(['T', ' ']) {
            Some((day, _)) => {
                self.remark(Remark::DateWithTime);
                day.to_owned()
            }
            None => text,
        };
        match day.parse::<PartialDate>() {
            Ok(PartialDate::Day(_)) => {}
            Ok(_) => self.remark(Remark::PartialDate),
            Err(_) => return Err(wrong(path, "is not a date in the form YYYY-MM-DD")),
        }
        Ok(Some(day))
    }

    /// A FHIR `dateTime`: a date, or a date with a time; kept as it stands.
    pub(super) fn date_time(
        &mut self,
        map: &Value<'_>,
        key: &str,
        path: &'static str,
    ) -> Result<Option<String>, ReadError> {
        let Some(text) = self.text(map, key, path)? else { return Ok(None) };
        match text.parse::<PartialDate>() {
            Ok(PartialDate::Day(_)) => return Ok(Some(text)),
            Ok(_) => {
                self.remark(Remark::PartialDate);
                return Ok(Some(text));
            }
            Err(_) => {}
        }
        // A reader of times takes a plain date as well; only texts with a time in them get there.
        match crate::payload::dcc::sample_time(&text) {
            Some(_) if text.contains(['T', 't', ' ']) => Ok(Some(text)),
            _ => Err(wrong(path, "is not a date, or date and time, of ISO 8601")),
        }
    }

    /// `birthDate`: one that is no date is shown as it stands, because it has to be compared with a passport.
    pub(super) fn birth_date(&mut self, map: &Value<'_>) -> Result<Option<String>, ReadError> {
        let Some(text) = self.text(map, name::BIRTH_DATE, name::BIRTH_DATE)? else { return Ok(None) };
        let day = match text.split_once('T') {
            Some((day, _)) => {
                self.remark(Remark::DateWithTime);
                day.to_owned()
            }
            None => text,
        };
        if day.parse::<PartialDate>().is_err() {
            self.remark(Remark::OddBirthDate);
        }
        Ok(Some(day))
    }

    pub(super) fn coding(
        &mut self,
        map: &Value<'_>,
        key: &str,
        path: &'static str,
    ) -> Result<Option<Coding>, ReadError> {
        map.get(key).map_or(Ok(None), |value| self.coding_of(value, path, true))
    }

    fn coding_of(&mut self, value: &Value<'_>, path: &'static str, whole: bool) -> Result<Option<Coding>, ReadError> {
        if !matches!(value, Value::Map(_)) {
            // A plain code says no system: which one it is, its reader must know from the code.
            let code = self.tidy(path, value)?;
            self.remark(Remark::PlainCode);
            return Ok(code.map(|code| Coding { code: Some(code), ..Coding::default() }));
        }
        let inner = match value.get(name::CODING) {
            None => None,
            Some(_) if !whole => return Err(wrong(path, "holds a concept inside of a code")),
            Some(Value::Array(items)) => match items.as_slice() {
                [] => None,
                [one] => self.coding_of(one, path, false)?,
                _ => return Err(wrong(path, "has several codes, of which any may be meant")),
            },
            Some(_) => return Err(wrong(path, "has codes that are no list")),
        };
        let own = Coding {
            system: self.text(value, name::SYSTEM, path)?,
            code: self.text(value, name::CODE, path)?,
            display: self.text(value, name::DISPLAY, path)?.or(self.text(value, name::TEXT, path)?),
        };
        let coding = match inner {
            Some(_) if own.code.is_some() => return Err(wrong(path, "has several codes, of which any may be meant")),
            Some(inner) => Coding { display: inner.display.or(own.display), ..inner },
            None => own,
        };
        Ok((coding.code.is_some() || coding.display.is_some()).then_some(coding))
    }

    pub(super) fn identifier(
        &mut self,
        map: &Value<'_>,
        key: &str,
        path: &'static str,
    ) -> Result<Option<Identifier>, ReadError> {
        map.get(key).map_or(Ok(None), |value| self.identifier_of(value, path))
    }

    fn identifier_of(&mut self, value: &Value<'_>, path: &'static str) -> Result<Option<Identifier>, ReadError> {
        match value {
            Value::Map(_) => {
                let kind = self.coding(value, name::TYPE, path)?.and_then(|coding| coding.code.or(coding.display));
                let system = self.text(value, name::SYSTEM, path)?;
                Ok(self.text(value, name::VALUE, path)?.map(|value| Identifier { system, kind, value }))
            }
            // Registers count; some issuers write the number as a number.
            Value::Int(number) => Ok(Some(Identifier { system: None, kind: None, value: number.to_string() })),
            Value::Array(items) => match items.as_slice() {
                [] => Ok(None),
                [one] if !matches!(one, Value::Array(_)) => {
                    self.remark(Remark::OneInList);
                    self.identifier_of(one, path)
                }
                _ => Err(wrong(path, "has several numbers, of which any may be meant")),
            },
            _ => Ok(self.tidy(path, value)?.map(|value| Identifier { system: None, kind: None, value })),
        }
    }

    pub(super) fn organization(
        &mut self,
        map: &Value<'_>,
        key: &str,
        path: &'static str,
    ) -> Result<Option<Organization>, ReadError> {
        let Some(value) = map.get(key) else { return Ok(None) };
        if !matches!(value, Value::Map(_)) {
            return Ok(self
                .tidy(path, value)?
                .map(|display| Organization { display: Some(display), ..Organization::default() }));
        }
        let organization = Organization {
            reference: self.text(value, name::REFERENCE, path)?,
            identifier: self.identifier(value, name::IDENTIFIER, path)?,
            display: self.text(value, name::DISPLAY, path)?.or(self.text(value, name::NAME, path)?),
        };
        Ok((!organization.words().is_empty()).then_some(organization))
    }
}
