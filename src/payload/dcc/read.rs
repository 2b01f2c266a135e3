//! CBOR to DCC, as forgiving as real certificates need (facts on the EU DCC, section 4) and no more: one
//! event, or none is read.

use super::model::{Dcc, Entry, Name, Recovery, Test, Vaccination};
use crate::envelope::hcert::cbor::Value;

/// Something that a reader forgave or wants shown. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A date carries a time (BG, CO, DE, JO, LB, PL, SG); the time is cut.
    DateWithTime,
    /// A number of doses is a floating-point number (IE).
    FloatDose,
    /// A text has spaces at its ends (GR, CO, RO, FR); they are cut.
    PaddedText,
    /// A number of doses below 1.
    DoseBelowOne,
    /// A name or text is longer than the schema allows.
    OverlongText,
    /// A standardised name has characters outside `A-Z<`.
    NonStandardName,
    /// A date of birth in another form; it is shown as it stands.
    OddBirthDate,
}

impl Remark {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DateWithTime => "date-with-time",
            Self::FloatDose => "float-dose",
            Self::PaddedText => "padded-text",
            Self::DoseBelowOne => "dose-below-one",
            Self::OverlongText => "overlong-text",
            Self::NonStandardName => "non-standard-name",
            Self::OddBirthDate => "odd-birth-date",
        }
    }
}

/// A certificate as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub dcc: Dcc,
    /// What was forgiven.
    pub remarks: Vec<Remark>,
}

/// Why content is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The first part that is missing or wrong.
    #[error("the content is not a certificate of the EU schema: {path} {problem}")]
    Part {
        /// Path of the part, in wire names.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than one event (schema 1.3.0 allows exactly one).
    #[error("the content is not a certificate of the EU schema: v, t and r hold {count} events, not one")]
    SeveralEvents {
        /// How many.
        count: usize,
    },
}

fn wrong(path: &'static str, problem: &'static str) -> ReadError {
    ReadError::Part { path, problem }
}

impl Reading {
    /// Reads the content of a health certificate claim.
    ///
    /// # Errors
    /// [`ReadError`] names the first part without which the certificate says nothing.
    pub fn of(value: &Value<'_>) -> Result<Self, ReadError> {
        if !matches!(value, Value::Map(_)) {
            return Err(wrong("content", "is not a map"));
        }
        let mut reader = Reader { remarks: Vec::new() };
        let version = reader.text(value, "ver")?;
        let birth_date = reader.birth_date(value)?;
        let name = reader.name(value.get("nam").ok_or(wrong("nam", "is missing"))?)?;
        let entry = reader.entry(value)?;
        reader.remarks.sort_unstable();
        reader.remarks.dedup();
        Ok(Self { dcc: Dcc { version, name, birth_date, entry }, remarks: reader.remarks })
    }
}

struct Reader {
    remarks: Vec<Remark>,
}

impl Reader {
    fn optional(&mut self, map: &Value<'_>, key: &'static str) -> Result<Option<String>, ReadError> {
        let Some(value) = map.get(key) else { return Ok(None) };
        let text = value.as_text().ok_or(wrong(key, "is not a text"))?;
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            self.remarks.push(Remark::PaddedText);
        }
        if trimmed.chars().count() > crate::limits::DCC_FIELD_CHARS {
            self.remarks.push(Remark::OverlongText);
        }
        Ok(Some(trimmed.to_owned()))
    }

    fn text(&mut self, map: &Value<'_>, key: &'static str) -> Result<String, ReadError> {
        self.optional(map, key)?.ok_or(wrong(key, "is missing"))
    }

    /// A calendar date; a time after it is cut, never converted.
    fn date(&mut self, map: &Value<'_>, key: &'static str) -> Result<String, ReadError> {
        let text = self.text(map, key)?;
        let day = match text.split_once(['T', ' ']) {
            Some((day, _)) => {
                self.remarks.push(Remark::DateWithTime);
                day.to_owned()
            }
            None => text,
        };
        match day.parse::<jiff::civil::Date>() {
            Ok(_) if day.len() == 10 => Ok(day),
            _ => Err(wrong(key, "is not a date in the form YYYY-MM-DD")),
        }
    }

    /// A date-time in any form that real issuers write; it is kept as it stands.
    fn date_time(&mut self, map: &Value<'_>, key: &'static str) -> Result<String, ReadError> {
        let text = self.text(map, key)?;
        if super::sample_time(&text).is_none() {
            return Err(wrong(key, "is not a date and time"));
        }
        Ok(text)
    }

    fn birth_date(&mut self, map: &Value<'_>) -> Result<String, ReadError> {
        let text = self.text(map, "dob")?;
        let day = match text.split_once('T') {
            Some((day, _)) => {
                self.remarks.push(Remark::DateWithTime);
                day.to_owned()
            }
            None => text,
        };
        // `-00` and `""` are legal partial dates in the schema's pattern.
        let known = day.trim_end_matches("-00");
        if !day.is_empty() && known.parse::<crate::record::PartialDate>().is_err() {
            self.remarks.push(Remark::OddBirthDate);
        }
        Ok(day)
    }

    fn count(&mut self, map: &Value<'_>, key: &'static str) -> Result<i64, ReadError> {
        let value = map.get(key).ok_or(wrong(key, "is missing"))?;
        let (number, float) = value.as_whole().ok_or(wrong(key, "is not a whole number"))?;
        if float {
            self.remarks.push(Remark::FloatDose);
        }
        if number < 1 {
            self.remarks.push(Remark::DoseBelowOne);
        }
        Ok(number)
    }

    fn name(&mut self, map: &Value<'_>) -> Result<Name, ReadError> {
        if !matches!(map, Value::Map(_)) {
            return Err(wrong("nam", "is not a map"));
        }
        let name = Name {
            family: self.optional(map, "fn")?,
            given: self.optional(map, "gn")?,
            family_standard: self.optional(map, "fnt")?,
            given_standard: self.optional(map, "gnt")?,
        };
        let standard = [&name.family_standard, &name.given_standard];
        if standard.iter().all(|part| part.is_none()) {
            return Err(wrong("nam", "has neither fnt nor gnt"));
        }
        if standard.into_iter().flatten().any(|part| !part.bytes().all(|b| b.is_ascii_uppercase() || b == b'<')) {
            self.remarks.push(Remark::NonStandardName);
        }
        Ok(name)
    }

    /// The one entry. Two entries, or two groups, say more than one event and are refused (schema 1.3.0).
    fn entry(&mut self, map: &Value<'_>) -> Result<Entry, ReadError> {
        let mut groups = Vec::new();
        for key in ["v", "t", "r"] {
            match map.get(key) {
                None => {}
                Some(Value::Array(items)) => groups.extend(items.iter().map(|item| (key, item))),
                Some(_) => return Err(wrong(key, "is not a list")),
            }
        }
        let &[(group, item)] = groups.as_slice() else {
            return Err(match groups.len() {
                0 => wrong("v, t, r", "are all empty"),
                count => ReadError::SeveralEvents { count },
            });
        };
        if !matches!(item, Value::Map(_)) {
            return Err(wrong(group, "holds something that is no map"));
        }
        match group {
            "v" => self.vaccination(item).map(Entry::Vaccination),
            "t" => self.test(item).map(Entry::Test),
            _ => self.recovery(item).map(Entry::Recovery),
        }
    }

    fn vaccination(&mut self, map: &Value<'_>) -> Result<Vaccination, ReadError> {
        Ok(Vaccination {
            disease: self.text(map, "tg")?,
            prophylaxis: self.text(map, "vp")?,
            product: self.text(map, "mp")?,
            holder: self.text(map, "ma")?,
            dose: self.count(map, "dn")?,
            total_doses: self.count(map, "sd")?,
            date: self.date(map, "dt")?,
            country: self.text(map, "co")?,
            issuer: self.text(map, "is")?,
            id: self.text(map, "ci")?,
        })
    }

    fn test(&mut self, map: &Value<'_>) -> Result<Test, ReadError> {
        Ok(Test {
            disease: self.text(map, "tg")?,
            kind: self.text(map, "tt")?,
            test_name: self.optional(map, "nm")?,
            device: self.optional(map, "ma")?,
            sampled_at: self.date_time(map, "sc")?,
            result: self.text(map, "tr")?,
            centre: self.optional(map, "tc")?,
            country: self.text(map, "co")?,
            issuer: self.text(map, "is")?,
            id: self.text(map, "ci")?,
        })
    }

    fn recovery(&mut self, map: &Value<'_>) -> Result<Recovery, ReadError> {
        Ok(Recovery {
            disease: self.text(map, "tg")?,
            first_positive: self.date(map, "fr")?,
            country: self.text(map, "co")?,
            issuer: self.text(map, "is")?,
            valid_from: self.date(map, "df")?,
            valid_until: self.date(map, "du")?,
            id: self.text(map, "ci")?,
        })
    }
}
