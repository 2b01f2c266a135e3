//! Takes the members of one item, and notes what is wrong with each of them at its place.

use jiff::{civil::Date, fmt::temporal::Pieces};
use serde_json::Value;

use super::reasons;
use crate::{
    limits::{DIVOC_IGNORED_LISTED, DIVOC_TEXT_CHARS},
    record::{Country, PartialDate, Reason, Refusal},
    source::{
        assess::text::clean,
        reasons::{NoteCode, ReasonCode},
    },
    valueset::countries,
};

/// What must be there of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing.
    Optional,
    /// The member; it may be empty, which says that the value is not known.
    Present,
    /// The member with a value.
    Filled,
}

/// The members of the API, by their paths; `*` is a list or an object of which nothing is read.
const MEMBERS: [&str; 27] = [
    "preEnrollmentCode",
    "enrollmentType",
    "programId",
    "comorbidities*",
    "meta*",
    "recipient",
    "recipient.name",
    "recipient.dob",
    "recipient.age",
    "recipient.gender",
    "recipient.nationality",
    "recipient.identity",
    "recipient.contact*",
    "recipient.address*",
    "vaccination",
    "vaccination.name",
    "vaccination.batch",
    "vaccination.manufacturer",
    "vaccination.date",
    "vaccination.effectiveStart",
    "vaccination.effectiveUntil",
    "vaccination.dose",
    "vaccination.totalDoses",
    "vaccinator*",
    "facility",
    "facility.name",
    "facility.address*",
];

/// Longest name of a member that is told.
const SHOWN_CHARS: usize = 40;

/// An item while it is read.
pub(super) struct Fields<'a> {
    item: &'a Value,
    locate: &'a dyn Fn(&str) -> String,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notes: Vec<Refusal>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(item: &'a Value, locate: &'a dyn Fn(&str) -> String) -> Self {
        Self { item, locate, refusals: Vec::new(), notes: Vec::new() }
    }

    pub(super) fn refuse(&mut self, reason: Reason, at: &str) {
        self.push(Refusal::of(reason, Some(&(self.locate)(at))));
    }

    pub(super) fn refuse_as(&mut self, reason: ReasonCode, at: &str) {
        self.push(reason.at(Some(&(self.locate)(at))));
    }

    /// Adds a refusal whose field is a path in the item.
    pub(super) fn push_at(&mut self, mut refusal: Refusal, at: &str) {
        refusal.field = Some((self.locate)(at));
        self.push(refusal);
    }

    fn push(&mut self, refusal: Refusal) {
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    pub(super) fn note(&mut self, reason: Reason, at: &str) {
        self.notes.push(Refusal::of(reason, Some(&(self.locate)(at))));
    }

    pub(super) fn left_out(&mut self, at: &str) {
        self.notes.push(NoteCode::FieldLeftOut.at(Some(&(self.locate)(at))));
    }

    /// The member at a path of names with points between them; `null` is a member that is not there.
    fn get(&self, at: &str) -> Option<&'a Value> {
        let member = at.split('.').try_fold(self.item, |value, name| value.as_object()?.get(name));
        member.filter(|value| !value.is_null())
    }

    /// Whether the object at a path can be read; if not, that is one fault, and not one for each of its members.
    pub(super) fn object(&mut self, at: &str, need: Need) -> bool {
        match self.get(at) {
            Some(Value::Object(_)) => return true,
            Some(_) => self.refuse(reasons::MEMBER_TYPE, at),
            None if need == Need::Optional => {}
            None => self.refuse(reasons::MEMBER_MISSING, at),
        }
        false
    }

    /// A text, trimmed and composed (NFC); `None` when it is empty or at fault.
    pub(super) fn text(&mut self, at: &str, need: Need) -> Option<String> {
        let read = match self.get(at) {
            None if need == Need::Optional => return None,
            None => {
                self.refuse(reasons::MEMBER_MISSING, at);
                return None;
            }
            Some(Value::String(text)) => clean(text),
            Some(_) => {
                self.refuse(reasons::MEMBER_TYPE, at);
                return None;
            }
        };
        match read {
            Ok(None) if need == Need::Filled => self.refuse(reasons::MEMBER_EMPTY, at),
            Ok(Some(text)) if text.chars().nth(DIVOC_TEXT_CHARS).is_some() => {
                self.refuse_as(ReasonCode::ValueTooLong, at);
            }
            Ok(text) => return text,
            Err(reason) => self.refuse_as(reason, at),
        }
        None
    }

    /// A whole number from 1 to 9, as a number or in digits.
    pub(super) fn number(&mut self, at: &str) -> Option<u8> {
        let number = match self.get(at) {
            None => {
                self.refuse(reasons::MEMBER_MISSING, at);
                return None;
            }
            Some(Value::Number(number)) => whole(&number.to_string()),
            Some(Value::String(text)) => whole(text.trim()),
            Some(_) => {
                self.refuse(reasons::MEMBER_TYPE, at);
                return None;
            }
        };
        if number.is_none() {
            self.refuse(reasons::NUMBER_UNUSABLE, at);
        }
        number
    }

    /// The day of a date or of a time, as it stands there: a time zone is not converted, because the day on which
    /// somebody was vaccinated is that of the place.
    pub(super) fn day(&mut self, at: &str, need: Need) -> Option<Date> {
        let text = self.text(at, need)?;
        let day = match day_of(&text) {
            Some(PartialDate::Day(day)) => Some(day),
            _ => None,
        };
        if day.is_none() {
            self.refuse(reasons::DATE_UNUSABLE, at);
        }
        day
    }

    /// Says which members were ignored because the API has none of the name. Only names are told, no values.
    pub(super) fn note_ignored(&mut self) {
        let mut ignored = Vec::new();
        collect(self.item, "", &mut ignored);
        let Some(first) = ignored.first() else { return };
        let more = ignored.len().saturating_sub(DIVOC_IGNORED_LISTED);
        let mut list: Vec<String> = ignored.iter().take(DIVOC_IGNORED_LISTED).map(|at| (self.locate)(at)).collect();
        if more > 0 {
            list.push(format!("and {more} more"));
        }
        let field = (self.locate)(first);
        self.notes.push(Refusal::of(reasons::MEMBERS_IGNORED, Some(&field)).with(list.join(", ")));
    }
}

/// Collects members that the API does not have.
fn collect(value: &Value, path: &str, ignored: &mut Vec<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match MEMBERS.iter().find(|known| known.trim_end_matches('*') == at) {
            Some(known) if known.ends_with('*') => {}
            Some(_) => collect(member, &at, ignored),
            None => {
                let plain: String = at.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS).collect();
                ignored.push(plain);
            }
        }
    }
}

/// A whole number from 1 to 9, also written as `2.0`.
fn whole(text: &str) -> Option<u8> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b == b'0');
    digits.parse().ok().filter(|number| plain && (1..=9).contains(number))
}

/// What a text of a date, or of a time by RFC 3339, says of the day: its first ten characters.
pub(super) fn day_of(text: &str) -> Option<PartialDate> {
    match text.char_indices().nth(10) {
        None => text.parse().ok(),
        Some((end, 'T' | 't' | ' ')) => {
            Pieces::parse(text).ok()?.time()?;
            text.get(..end)?.parse().ok()
        }
        Some(_) => None,
    }
}

/// The country that a text names: by its code of two or three letters or by its English name.
pub(super) fn country_of(text: &str) -> Option<Country> {
    let capitals = text.to_uppercase();
    let known = |country: &Country| country.name().is_some();
    if let Ok(country) = capitals.parse::<Country>() {
        return Some(country).filter(known);
    }
    if let Ok(country) = Country::from_alpha3(&capitals) {
        return Some(country);
    }
    let named = countries::all().iter().find(|entry| entry.name.to_uppercase() == capitals)?;
    named.alpha2.parse().ok()
}
