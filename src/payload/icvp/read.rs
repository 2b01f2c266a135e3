//! CBOR to card. Which generation it is follows from the shape: `vx`, and the type of `v` (facts on ICVP,
//! section 4). G3 is read to the letter; G1 and G2, of which only test runs are known, as forgivingly as those
//! need, each deviation with its remark.

use jiff::civil::Date;

use super::model::{Dose, Early, Generation, Icvp, StatedSex};
use crate::{
    envelope::hcert::cbor::Value,
    limits::{ICVP_MEMBERS, ICVP_TEXT_CHARS},
};

/// Something that a reader forgave or wants shown. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// A member that the model does not have (G1, G2).
    UnknownMember,
    /// A date carries a time (G1, G2); the time is cut.
    DateWithTime,
    /// A text has spaces at its ends; they are cut.
    PaddedText,
    /// Sex in another spelling, such as `M`.
    SexSpelling,
    /// Nationality as alpha-2 code.
    NationalityAlpha2,
    /// Nationality that is no code of a country.
    UnknownNationality,
    /// Neither clinician nor issuing authority is named (G1, G2), though Annex 6 of the IHR demands one.
    NoAuthority,
    /// The authority is no identifier of a participant.
    IssuerNotParticipant,
    /// G3 with the name that an earlier build had for the day of the dose.
    EarlierBuild,
    /// A date of birth after the dose.
    BornAfterDose,
}

impl Remark {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::UnknownMember,
        Self::DateWithTime,
        Self::PaddedText,
        Self::SexSpelling,
        Self::NationalityAlpha2,
        Self::UnknownNationality,
        Self::NoAuthority,
        Self::IssuerNotParticipant,
        Self::EarlierBuild,
        Self::BornAfterDose,
    ];

    /// Stable machine code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownMember => "icvp-unknown-member",
            Self::DateWithTime => "date-with-time",
            Self::PaddedText => "padded-text",
            Self::SexSpelling => "icvp-sex-spelling",
            Self::NationalityAlpha2 => "icvp-nationality-alpha2",
            Self::UnknownNationality => "unknown-country",
            Self::NoAuthority => "icvp-no-authority",
            Self::IssuerNotParticipant => "icvp-issuer-not-participant",
            Self::EarlierBuild => "icvp-earlier-build",
            Self::BornAfterDose => "icvp-born-after-dose",
        }
    }
}

/// A card as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub icvp: Icvp,
    /// What was forgiven, each once.
    pub remarks: Vec<Remark>,
}

/// Why content is no yellow card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The first part that is missing or wrong.
    #[error("the content is not a digital yellow card: {path} {problem}")]
    Part {
        /// Path of the part, in wire names.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A member that the third generation does not have: no element may be added or renamed (REQ-CC-01).
    #[error("the content is not a digital yellow card: {path} has a member that the model does not have")]
    UnknownMember {
        /// The map.
        path: &'static str,
    },
    /// More than one dose: each has a certificate of its own (REQ-CC-03).
    #[error("the content is not a digital yellow card: v holds {count} doses, not one")]
    SeveralDoses {
        /// How many.
        count: usize,
    },
    /// Neither clinician nor authority (REQ-CC-07).
    #[error("the content is not a digital yellow card: vx names neither clinician (cn) nor authority (is)")]
    NoAuthority,
}

impl ReadError {
    /// Path of the part and, in a few words, what is wrong with it, without the sentence around.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Part { path, .. } | Self::UnknownMember { path } => path,
            Self::SeveralDoses { .. } => "v",
            Self::NoAuthority => "vx",
        }
    }
}

fn wrong(path: &'static str, problem: &'static str) -> ReadError {
    ReadError::Part { path, problem }
}

/// The names that each generation gives to what changed its name.
struct Names {
    /// The map of the person.
    top: &'static [&'static str],
    /// The map of the dose.
    dose: &'static [&'static str],
    nationality: &'static str,
    number: &'static str,
    kind: &'static str,
    /// The map of the dose itself.
    at: &'static str,
}

const EARLY: Names = Names {
    top: &["n", "dob", "s", "ntl", "nid", "ndt", "gn", "v"],
    dose: &["vp", "mp", "ma", "mid", "tg", "dn", "dt", "bo", "cn", "is", "vls", "vle"],
    nationality: "ntl",
    number: "nid",
    kind: "ndt",
    at: "v",
};
const LATE: Names = Names {
    top: &["n", "dob", "s", "nt", "id", "dt", "gn", "v", "d", "vx"],
    dose: &["vp", "dv", "dt", "cn", "is", "bo"],
    nationality: "nt",
    number: "id",
    kind: "dt",
    at: "vx",
};
/// What only the first generation says of a dose.
const EARLY_ONLY: [&str; 5] = ["mp", "ma", "mid", "tg", "dn"];

impl Reading {
    /// Reads the content of sub-claim -6 of the health certificate claim.
    ///
    /// # Errors
    /// [`ReadError`] names the first part without which the card says nothing.
    pub fn of(value: &Value<'_>) -> Result<Self, ReadError> {
        if !matches!(value, Value::Map(_)) {
            return Err(wrong("content", "is not a map"));
        }
        let (generation, dose) = dispatch(value)?;
        let names = if generation == Generation::G3 { &LATE } else { &EARLY };
        let mut reader = Reader { strict: generation == Generation::G3, remarks: Vec::new() };
        reader.members("content", value, names.top)?;
        reader.members(names.at, dose, names.dose)?;
        let version = match generation {
            Generation::G3 => Some(reader.text(value, "v")?),
            Generation::G1 | Generation::G2 => None,
        };
        let mut icvp = Icvp {
            generation,
            name: reader.text(value, "n")?,
            birth_date: reader.date(value, "dob")?,
            sex: reader.sex(value)?,
            nationality: reader.nationality(value, names.nationality)?,
            document_number: reader.optional(value, names.number)?,
            document_kind: reader.optional(value, names.kind)?,
            guardian: reader.optional(value, "gn")?,
            version,
            issued_on: reader.strict.then(|| reader.optional_date(value, "d")).transpose()?.flatten(),
            dose: reader.dose(dose, generation)?,
        };
        // Members of the first generation that say nothing make no card of it.
        if icvp.dose.early == Some(Early::default()) {
            (icvp.generation, icvp.dose.early) = (Generation::G2, None);
        }
        if icvp.birth_date > icvp.dose.date {
            reader.remarks.push(Remark::BornAfterDose);
        }
        reader.remarks.sort_unstable();
        reader.remarks.dedup();
        Ok(Self { icvp, remarks: reader.remarks })
    }
}

/// The generation, and the map of the dose.
fn dispatch<'m, 'a>(value: &'m Value<'a>) -> Result<(Generation, &'m Value<'a>), ReadError> {
    if let Some(dose) = value.get("vx") {
        return match dose {
            Value::Map(_) => Ok((Generation::G3, dose)),
            _ => Err(wrong("vx", "is not a map")),
        };
    }
    let dose = match value.get("v") {
        None => return Err(wrong("v, vx", "are both missing")),
        // A version without a dose.
        Some(Value::Text(_)) => return Err(wrong("vx", "is missing")),
        Some(dose @ Value::Map(_)) => dose,
        Some(Value::Array(doses)) => match doses.as_slice() {
            [dose @ Value::Map(_)] => dose,
            [_] => return Err(wrong("v", "holds something that is no map")),
            [] => return Err(wrong("v", "holds no dose")),
            several => return Err(ReadError::SeveralDoses { count: several.len() }),
        },
        Some(_) => return Err(wrong("v", "is neither a text nor a map nor a list")),
    };
    let early = EARLY_ONLY.iter().any(|key| dose.get(key).is_some());
    Ok((if early { Generation::G1 } else { Generation::G2 }, dose))
}

struct Reader {
    /// G3: nothing is forgiven that the model excludes.
    strict: bool,
    remarks: Vec<Remark>,
}

impl Reader {
    /// Looks for members that the model does not have.
    fn members(&mut self, path: &'static str, map: &Value<'_>, known: &[&str]) -> Result<(), ReadError> {
        let Value::Map(entries) = map else { return Err(wrong(path, "is not a map")) };
        if entries.len() > ICVP_MEMBERS {
            return Err(wrong(path, "has more members than any card"));
        }
        let all_known = entries.iter().all(|(key, _)| matches!(key, Value::Text(key) if known.contains(&key.as_ref())));
        if !all_known {
            if self.strict {
                return Err(ReadError::UnknownMember { path });
            }
            self.remarks.push(Remark::UnknownMember);
        }
        Ok(())
    }

    fn optional(&mut self, map: &Value<'_>, key: &'static str) -> Result<Option<String>, ReadError> {
        let Some(value) = map.get(key) else { return Ok(None) };
        let text = value.as_text().ok_or(wrong(key, "is not a text"))?;
        let trimmed = text.trim();
        if trimmed.chars().nth(ICVP_TEXT_CHARS).is_some() {
            return Err(wrong(key, "is longer than any card's"));
        }
        if trimmed.chars().any(|c| c.is_control()) {
            return Err(wrong(key, "has characters that cannot be shown"));
        }
        if trimmed.is_empty() {
            // An empty text says as little as a missing one; which of them are required is asked elsewhere.
            return if self.strict { Err(wrong(key, "is empty")) } else { Ok(None) };
        }
        if trimmed.len() != text.len() {
            self.remarks.push(Remark::PaddedText);
        }
        Ok(Some(trimmed.to_owned()))
    }

    fn text(&mut self, map: &Value<'_>, key: &'static str) -> Result<String, ReadError> {
        self.optional(map, key)?.ok_or(wrong(key, "is missing"))
    }

    /// A full calendar date (REQ-DE-02, REQ-DE-13).
    fn optional_date(&mut self, map: &Value<'_>, key: &'static str) -> Result<Option<Date>, ReadError> {
        let Some(text) = self.optional(map, key)? else { return Ok(None) };
        let day = match text.split_once(['T', ' ']) {
            Some((day, _)) if !self.strict => {
                self.remarks.push(Remark::DateWithTime);
                day
            }
            _ => &text,
        };
        match day.parse::<Date>() {
            Ok(date) if day.len() == 10 => Ok(Some(date)),
            _ => Err(wrong(key, "is not a date in the form YYYY-MM-DD")),
        }
    }

    fn date(&mut self, map: &Value<'_>, key: &'static str) -> Result<Date, ReadError> {
        self.optional_date(map, key)?.ok_or(wrong(key, "is missing"))
    }

    /// Required in G3, where the value set can be extended and what is added counts as unknown (REQ-DE-03).
    fn sex(&mut self, map: &Value<'_>) -> Result<Option<StatedSex>, ReadError> {
        let Some(code) = self.optional(map, "s")? else {
            return if self.strict { Err(wrong("s", "is missing")) } else { Ok(None) };
        };
        let (sex, spelled) = match code.as_str() {
            "male" => (StatedSex::Male, true),
            "female" => (StatedSex::Female, true),
            "other" => (StatedSex::Other, true),
            "unknown" => (StatedSex::Unknown, true),
            other => match other.to_lowercase().as_str() {
                "m" | "male" => (StatedSex::Male, false),
                "f" | "female" => (StatedSex::Female, false),
                "o" | "other" => (StatedSex::Other, false),
                _ => (StatedSex::Unknown, false),
            },
        };
        if !spelled {
            self.remarks.push(Remark::SexSpelling);
        }
        Ok(Some(sex))
    }

    /// Alpha-3, required in G3 (REQ-DE-08). The value set can be extended, for the stateless among others, so that
    /// another code is shown and not refused.
    fn nationality(&mut self, map: &Value<'_>, key: &'static str) -> Result<Option<String>, ReadError> {
        let Some(code) = self.optional(map, key)? else {
            return if self.strict { Err(wrong(key, "is missing")) } else { Ok(None) };
        };
        if crate::record::Country::from_alpha3(&code).is_err() {
            let alpha2 = code.parse::<crate::record::Country>().is_ok_and(|country| country.name().is_some());
            // The user-assigned codes XAA to XZZ stand for test participants and for the stateless (XXA, XXB, XXC).
            let user = code.len() == 3 && code.starts_with('X') && code.bytes().all(|b| b.is_ascii_uppercase());
            if alpha2 {
                self.remarks.push(Remark::NationalityAlpha2);
            } else if !user {
                self.remarks.push(Remark::UnknownNationality);
            }
        }
        Ok(Some(code))
    }

    fn dose(&mut self, map: &Value<'_>, generation: Generation) -> Result<Dose, ReadError> {
        let product = self.text(map, "vp")?;
        let date = match (generation, map.get("dv"), map.get("dt")) {
            (Generation::G3, Some(_), Some(_)) => return Err(wrong("vx", "has both dv and dt")),
            (Generation::G3, Some(_), None) => self.date(map, "dv")?,
            (Generation::G3, None, Some(_)) => {
                self.remarks.push(Remark::EarlierBuild);
                self.date(map, "dt")?
            }
            (Generation::G3, None, None) => return Err(wrong("dv", "is missing")),
            _ => self.date(map, "dt")?,
        };
        let batch = self.text(map, "bo")?;
        let clinician = self.optional(map, "cn")?;
        let issuer = self.optional(map, "is")?;
        if clinician.is_none() && issuer.is_none() {
            if self.strict {
                return Err(ReadError::NoAuthority);
            }
            self.remarks.push(Remark::NoAuthority);
        }
        if issuer.as_deref().is_some_and(|id| !super::is_participant(id)) {
            self.remarks.push(Remark::IssuerNotParticipant);
        }
        let (valid_from, valid_until) =
            if self.strict { (None, None) } else { (self.optional_date(map, "vls")?, self.optional_date(map, "vle")?) };
        let early = (generation == Generation::G1).then(|| self.early(map)).transpose()?;
        Ok(Dose { product, date, batch, clinician, issuer, valid_from, valid_until, early })
    }

    fn early(&mut self, map: &Value<'_>) -> Result<Early, ReadError> {
        let dose = match map.get("dn") {
            Some(Value::Int(number)) => Some(number.to_string()),
            _ => self.optional(map, "dn")?,
        };
        Ok(Early {
            trade_item: self.optional(map, "mp")?,
            manufacturer: self.optional(map, "ma")?,
            manufacturer_id: self.optional(map, "mid")?,
            disease: self.optional(map, "tg")?,
            dose,
        })
    }
}
