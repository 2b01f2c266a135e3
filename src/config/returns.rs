//! `[dhis2.push]` and `[dhis2.write_back]`: what goes back into DHIS2. Both are off unless they are there.

use std::time::Duration;

use jiff::tz::Offset;
use serde::Deserialize;

use super::ConfigError;
use crate::{
    returns::{Operand, Period, PushOptions, WriteBackOptions},
    source::dhis2::is_uid,
};

/// The section `[dhis2.push]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushSection {
    data_set: String,
    #[serde(default)]
    period: Period,
    issued: Option<String>,
    revoked: Option<String>,
    refused: Option<String>,
    standing: Option<String>,
    utc_offset: Option<String>,
    every_hours: Option<u32>,
}

/// The section `[dhis2.write_back]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteBackSection {
    certificate_element: Option<String>,
    status_element: Option<String>,
    certificate_attribute: Option<String>,
    status_attribute: Option<String>,
}

fn wrong(setting: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.into() }
}

const NO_UID: &str = "is no DHIS2 UID (a letter, then ten letters or digits)";

fn uid(setting: &'static str, text: Option<String>) -> Result<Option<String>, ConfigError> {
    match text {
        Some(text) if !is_uid(&text) => Err(wrong(setting, NO_UID)),
        text => Ok(text),
    }
}

/// `ELEMENT`, or `ELEMENT.COMBO` as DHIS2 writes a data element operand.
fn operand(setting: &'static str, text: Option<String>) -> Result<Option<Operand>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let (element, combo) = match text.split_once('.') {
        Some((element, combo)) => (element.to_owned(), Some(combo.to_owned())),
        None => (text, None),
    };
    if !is_uid(&element) || combo.as_deref().is_some_and(|combo| !is_uid(combo)) {
        let problem = "is neither the UID of a data element nor two UIDs with a point between them, of a data element \
                       and a category option combo";
        return Err(wrong(setting, problem));
    }
    Ok(Some(Operand { element, combo }))
}

impl PushSection {
    /// The options of the push.
    ///
    /// # Errors
    /// A setting that is not of its form, named.
    pub fn build(self) -> Result<PushOptions, ConfigError> {
        if !is_uid(&self.data_set) {
            return Err(wrong("dhis2.push.data_set", NO_UID));
        }
        let hours = self.every_hours.unwrap_or(6);
        if !(1..=168).contains(&hours) {
            return Err(wrong("dhis2.push.every_hours", format!("is {hours}, and must be 1 to 168")));
        }
        let offset = self.utc_offset.as_deref().map_or(Ok(Offset::UTC), |text| {
            offset(text).ok_or_else(|| wrong("dhis2.push.utc_offset", "is no offset such as +05:30 or -03:00"))
        })?;
        let options = PushOptions {
            data_set: self.data_set,
            period: self.period,
            issued: operand("dhis2.push.issued", self.issued)?,
            revoked: operand("dhis2.push.revoked", self.revoked)?,
            refused: operand("dhis2.push.refused", self.refused)?,
            standing: operand("dhis2.push.standing", self.standing)?,
            offset,
            every: Duration::from_secs(3_600 * u64::from(hours)),
        };
        let named = [&options.issued, &options.revoked, &options.refused, &options.standing];
        let named: Vec<&Operand> = named.into_iter().flatten().collect();
        if named.is_empty() {
            return Err(wrong("dhis2.push", "names no data element: give issued, revoked, refused or standing"));
        }
        if named.iter().enumerate().any(|(place, one)| named.iter().skip(place + 1).any(|other| one == other)) {
            return Err(wrong("dhis2.push", "names one data element for two counts: give each its own"));
        }
        Ok(options)
    }
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<i32>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

impl WriteBackSection {
    /// The options of the write-back.
    ///
    /// # Errors
    /// A setting that is not of its form, named.
    pub fn build(self) -> Result<WriteBackOptions, ConfigError> {
        let options = WriteBackOptions {
            certificate_element: uid("dhis2.write_back.certificate_element", self.certificate_element)?,
            status_element: uid("dhis2.write_back.status_element", self.status_element)?,
            certificate_attribute: uid("dhis2.write_back.certificate_attribute", self.certificate_attribute)?,
            status_attribute: uid("dhis2.write_back.status_attribute", self.status_attribute)?,
        };
        let fields = options.fields();
        if fields.is_empty() {
            let problem = "names no field: give certificate_element or certificate_attribute";
            return Err(wrong("dhis2.write_back", problem));
        }
        if fields.iter().enumerate().any(|(place, one)| fields.iter().skip(place + 1).any(|other| one == other)) {
            return Err(wrong("dhis2.write_back", "names one field twice: give each its own"));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(text: &str) -> Result<PushOptions, String> {
        let section: PushSection = toml::from_str(text).map_err(|error| error.to_string())?;
        section.build().map_err(|error| error.to_string())
    }

    #[test]
    fn a_push_names_its_data_set_and_elements() {
        let options = push(
            "data_set = 'DataSetCert'\nperiod = 'weekly'\nissued = 'ElemIssued1'\nstanding = 'ElemStands1.HllvX50cXC0'\n\
             utc_offset = '+05:30'",
        );
        let options = options.unwrap();
        assert_eq!((options.period, options.offset.seconds()), (Period::Weekly, 19_800));
        assert_eq!(options.standing.unwrap().combo.as_deref(), Some("HllvX50cXC0"));
        assert_eq!(options.every, Duration::from_secs(21_600));
        for (text, said) in [
            ("data_set = 'x'\nissued = 'ElemIssued1'", "dhis2.push.data_set"),
            ("data_set = 'DataSetCert'", "names no data element"),
            ("data_set = 'DataSetCert'\nissued = 'Elem Issued'", "dhis2.push.issued"),
            ("data_set = 'DataSetCert'\nissued = 'ElemIssued1'\nrevoked = 'ElemIssued1'", "for two counts"),
            ("data_set = 'DataSetCert'\nissued = 'ElemIssued1'\nutc_offset = '5'", "dhis2.push.utc_offset"),
            ("data_set = 'DataSetCert'\nissued = 'ElemIssued1'\nevery_hours = 0", "dhis2.push.every_hours"),
            ("data_set = 'DataSetCert'\nissued = 'ElemIssued1'\nperiod = 'hourly'", "hourly"),
            ("data_set = 'DataSetCert'\nissude = 'ElemIssued1'", "issude"),
        ] {
            let error = push(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_write_back_names_its_fields() {
        let build = |text: &str| {
            let section: WriteBackSection = toml::from_str(text).unwrap();
            section.build().map_err(|error| error.to_string())
        };
        assert_eq!(build("certificate_element = 'VaccertDe01'").unwrap().fields().len(), 1);
        assert!(build("").unwrap_err().contains("names no field"));
        assert!(build("status_element = 'x'").unwrap_err().contains("dhis2.write_back.status_element"));
        let twice = "certificate_element = 'VaccertDe01'\nstatus_element = 'VaccertDe01'";
        assert!(build(twice).unwrap_err().contains("one field twice"));
    }
}
