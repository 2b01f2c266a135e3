//! JSON to a message: strict on what the message says, forgiving, by name, on what real issuers do to its form.

use jiff::civil::Date;
use serde_json::Value;

use super::model::{Dose, Message, Person, TestProof, VaccinationEvent, VaccinationProof, VdsNc};
use crate::{
    envelope::vdsnc::Seal,
    payload::dcc::sample_time,
    record::{Country, PartialDate},
};

/// The version of the structure that this program reads; a change of the structure counts it up.
pub const VERSION: u64 = 1;

/// Something that a reader forgave or wants shown. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A date carries a time; the time is cut.
    DateWithTime,
    /// A text has spaces at its ends; they are cut.
    PaddedText,
    /// A text is longer than the technical report allows.
    OverlongText,
    /// A number of doses below 1.
    DoseBelowOne,
    /// A date of birth in another form; it is shown as it stands.
    OddBirthDate,
    /// A member that the technical report does not have; it is signed, and not read.
    UnknownMember,
    /// A country that nobody has given a meaning.
    UnknownCountry,
}

impl Remark {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DateWithTime => "date-with-time",
            Self::PaddedText => "padded-text",
            Self::OverlongText => "overlong-text",
            Self::DoseBelowOne => "dose-below-one",
            Self::OddBirthDate => "odd-birth-date",
            Self::UnknownMember => "non-standard-content",
            Self::UnknownCountry => "unknown-country",
        }
    }
}

/// A message as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub vdsnc: VdsNc,
    /// What was forgiven.
    pub remarks: Vec<Remark>,
}

/// Why content is no message of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Another kind of seal than the two of health.
    #[error("the seal is a {kind}; only icao.vacc and icao.test are proofs of health")]
    Kind {
        /// Its type, shortened.
        kind: String,
    },
    /// Another version.
    #[error("the seal has version {version} of its structure; this program reads version {VERSION}")]
    Version {
        /// Its version.
        version: u64,
    },
    /// The first part that is missing or wrong.
    #[error("the message is not that of an ICAO proof: {path} {problem}")]
    Part {
        /// Path of the part, in wire names.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

fn wrong(path: &'static str, problem: &'static str) -> ReadError {
    ReadError::Part { path, problem }
}

/// The last name of a path.
fn name(path: &'static str) -> &'static str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}

impl Reading {
    /// Reads the message of a seal.
    ///
    /// # Errors
    /// [`ReadError`] names the first part without which the message is none.
    pub fn of(seal: &Seal) -> Result<Self, ReadError> {
        let mut reader = Reader { remarks: Vec::new() };
        if seal.version != VERSION && matches!(seal.kind.as_str(), "icao.vacc" | "icao.test") {
            return Err(ReadError::Version { version: seal.version });
        }
        let message = match seal.kind.as_str() {
            "icao.vacc" => Message::Vaccination(reader.vaccination(&seal.message)?),
            "icao.test" => Message::Test(reader.test(&seal.message)?),
            other => return Err(ReadError::Kind { kind: other.chars().take(20).collect() }),
        };
        reader.remarks.sort_unstable();
        reader.remarks.dedup();
        let vdsnc = VdsNc { issuer: seal.issuer.clone(), version: seal.version, message };
        Ok(Self { vdsnc, remarks: reader.remarks })
    }
}

struct Reader {
    remarks: Vec<Remark>,
}

impl Reader {
    fn vaccination(&mut self, message: &Value) -> Result<VaccinationProof, ReadError> {
        self.only(message, &["uvci", "pid", "ve"]);
        let id = self.text(message, "uvci", 12)?;
        let pid = object(message, "pid")?;
        self.only(pid, &["n", "dob", "sex", "i", "ai"]);
        let person = Person {
            name: self.text(pid, "pid.n", 39)?,
            birth_date: self.birth_date(pid)?,
            sex: self.optional(pid, "pid.sex", 1)?,
            document_number: self.optional(pid, "pid.i", 11)?,
            document_type: None,
            additional: self.optional(pid, "pid.ai", 24)?,
        };
        if person.birth_date.is_none() && person.document_number.is_none() {
            return Err(wrong("pid.dob", "is missing, and pid.i as well"));
        }
        if person.sex.as_deref().is_some_and(|sex| !matches!(sex, "M" | "F" | "X")) {
            return Err(wrong("pid.sex", "is neither M nor F nor X"));
        }
        let events = list(message, "ve")?.iter().map(|event| self.event(event)).collect::<Result<_, _>>()?;
        Ok(VaccinationProof { id, person, events })
    }

    fn event(&mut self, event: &Value) -> Result<VaccinationEvent, ReadError> {
        self.only(event, &["des", "nam", "dis", "vd"]);
        Ok(VaccinationEvent {
            vaccine: self.text(event, "ve.des", 6)?,
            product: self.text(event, "ve.nam", 100)?,
            disease: self.optional(event, "ve.dis", 6)?,
            doses: list(event, "ve.vd")?.iter().map(|dose| self.dose(dose)).collect::<Result<_, _>>()?,
        })
    }

    fn dose(&mut self, dose: &Value) -> Result<Dose, ReadError> {
        self.only(dose, &["dvc", "seq", "ctr", "adm", "lot", "dvn"]);
        Ok(Dose {
            date: self.date(dose, "ve.vd.dvc")?.ok_or(wrong("ve.vd.dvc", "is missing"))?,
            number: self.number(dose)?,
            country: self.country(dose, "ve.vd.ctr")?,
            centre: self.optional(dose, "ve.vd.adm", 20)?,
            lot: self.text(dose, "ve.vd.lot", 20)?,
            next: self.date(dose, "ve.vd.dvn")?,
        })
    }

    /// A whole number (Australia) or its digits in a text, as the technical report's table has it.
    fn number(&mut self, dose: &Value) -> Result<u32, ReadError> {
        let path = "ve.vd.seq";
        let number = match member(dose, path) {
            None => return Err(wrong(path, "is missing")),
            Some(Value::String(digits)) if digits.trim().bytes().all(|b| b.is_ascii_digit()) => {
                digits.trim().parse().ok()
            }
            Some(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        };
        let number =
            number.filter(|number| *number < 100).ok_or(wrong(path, "is not a number of at most two digits"))?;
        if number == 0 {
            self.remarks.push(Remark::DoseBelowOne);
        }
        Ok(number)
    }

    fn test(&mut self, message: &Value) -> Result<TestProof, ReadError> {
        self.only(message, &["utci", "pid", "sp", "dat", "tr", "opt"]);
        let id = self.text(message, "utci", 12)?;
        let pid = object(message, "pid")?;
        self.only(pid, &["n", "dob", "dt", "dn"]);
        let person = Person {
            name: self.text(pid, "pid.n", 39)?,
            birth_date: self.birth_date(pid)?,
            document_number: Some(self.text(pid, "pid.dn", 24)?),
            document_type: Some(self.text(pid, "pid.dt", 2)?),
            ..Person::default()
        };
        let provider = object(message, "sp")?;
        self.only(provider, &["spn", "ctr", "cd"]);
        if let Some(contact) = member(provider, "sp.cd") {
            self.only(contact, &["p", "e", "a"]);
        }
        let times = object(message, "dat")?;
        self.only(times, &["sc", "ri"]);
        let outcome = object(message, "tr")?;
        self.only(outcome, &["tc", "r", "m"]);
        Ok(TestProof {
            id,
            person,
            centre: self.text(provider, "sp.spn", 20)?,
            country: self.country(provider, "sp.ctr")?,
            sampled_at: self.moment(times, "dat.sc")?,
            reported_at: self.moment(times, "dat.ri")?,
            kind: self.text(outcome, "tr.tc", 20)?,
            result: self.text(outcome, "tr.r", 20)?,
            method: self.optional(outcome, "tr.m", 20)?,
            optional: self.optional(message, "opt", 20)?,
        })
    }

    /// Remarks on members that do not belong into an object.
    fn only(&mut self, value: &Value, known: &[&str]) {
        let members = value.as_object().into_iter().flatten();
        if members.into_iter().any(|(name, _)| !known.contains(&name.as_str())) {
            self.remarks.push(Remark::UnknownMember);
        }
    }

    /// A text that may be missing; an empty one is as good as missing.
    fn optional(&mut self, value: &Value, path: &'static str, most: usize) -> Result<Option<String>, ReadError> {
        let Some(text) = member(value, path) else { return Ok(None) };
        let text = text.as_str().ok_or(wrong(path, "is not a text"))?;
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            self.remarks.push(Remark::PaddedText);
        }
        if trimmed.chars().count() > most {
            self.remarks.push(Remark::OverlongText);
        }
        Ok(Some(trimmed).filter(|text| !text.is_empty()).map(str::to_owned))
    }

    fn text(&mut self, value: &Value, path: &'static str, most: usize) -> Result<String, ReadError> {
        self.optional(value, path, most)?.ok_or(wrong(path, "is missing or empty"))
    }

    /// A calendar date; a time after it is cut, never converted.
    fn date(&mut self, value: &Value, path: &'static str) -> Result<Option<String>, ReadError> {
        let Some(text) = self.optional(value, path, usize::MAX)? else { return Ok(None) };
        let day = self.without_time(&text);
        match day.parse::<Date>() {
            Ok(_) if day.len() == 10 => Ok(Some(day)),
            _ => Err(wrong(path, "is not a date in the form YYYY-MM-DD")),
        }
    }

    fn without_time(&mut self, text: &str) -> String {
        match text.split_once('T') {
            Some((day, _)) => {
                self.remarks.push(Remark::DateWithTime);
                day.to_owned()
            }
            None => text.to_owned(),
        }
    }

    /// A date that may lack its day, or its month as well (issuers' own software allows it); anything else is
    /// kept as it stands.
    fn birth_date(&mut self, pid: &Value) -> Result<Option<String>, ReadError> {
        let Some(text) = self.optional(pid, "pid.dob", usize::MAX)? else { return Ok(None) };
        let day = self.without_time(&text);
        if day.parse::<PartialDate>().is_ok() {
            return Ok(Some(day));
        }
        self.remarks.push(Remark::OddBirthDate);
        Ok(Some(text))
    }

    fn country(&mut self, value: &Value, path: &'static str) -> Result<String, ReadError> {
        let code = self.text(value, path, 3)?;
        if Country::from_alpha3(&code).is_err() {
            self.remarks.push(Remark::UnknownCountry);
        }
        Ok(code)
    }

    fn moment(&mut self, value: &Value, path: &'static str) -> Result<String, ReadError> {
        let text = self.text(value, path, usize::MAX)?;
        sample_time(&text).map(|_| text).ok_or(wrong(path, "is not a date and time"))
    }
}

/// The member that a path ends with; `null` counts as absent.
fn member<'v>(value: &'v Value, path: &'static str) -> Option<&'v Value> {
    value.get(name(path)).filter(|value| !value.is_null())
}

fn object<'v>(value: &'v Value, path: &'static str) -> Result<&'v Value, ReadError> {
    member(value, path).filter(|value| value.is_object()).ok_or(wrong(path, "is missing or not an object"))
}

/// A list of at least one object.
fn list<'v>(value: &'v Value, path: &'static str) -> Result<&'v [Value], ReadError> {
    let items = member(value, path).and_then(Value::as_array).ok_or(wrong(path, "is missing or not a list"))?;
    if items.is_empty() {
        return Err(wrong(path, "is empty"));
    }
    if !items.iter().all(Value::is_object) {
        return Err(wrong(path, "holds something that is not an object"));
    }
    Ok(items)
}
