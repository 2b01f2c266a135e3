//! The resources of a card, as strict as their meaning needs: what a dose or a result is, when it was, and of whom.

use serde_json::{Map, Value};

use super::{
    model::{Answer, Code, HumanName, Immunization, Observation, Patient},
    read::{ReadError, Remark, shortened},
};
use crate::{limits::SHC_LIST, record::PartialDate};

/// One resource, with its place for errors.
#[derive(Clone, Copy)]
pub(super) struct Resource<'v> {
    pub(super) entry: usize,
    pub(super) members: &'v Map<String, Value>,
}

/// What a resource tells.
pub(super) enum Told<T> {
    /// A dose or a result.
    Event(T),
    /// None: not given, not known, or only the frame of others.
    Nothing,
    /// One of a time that FHIR allows and no reader can order by: a text, a period, or none of its own.
    Undated,
}

/// Codes that stand for the absence of any immunization (International Patient Summary).
const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

impl Resource<'_> {
    fn wrong(self, path: &'static str, problem: &'static str) -> ReadError {
        ReadError::Resource { entry: self.entry, path, problem }
    }

    /// What every resource is looked at for: elements that change its meaning, and those that do not belong into a
    /// card.
    fn plain(self, remarks: &mut Vec<Remark>) -> Result<(), ReadError> {
        for path in ["modifierExtension", "implicitRules"] {
            if self.members.contains_key(path) {
                return Err(self.wrong(path, "changes the meaning in a way that this program does not know"));
            }
        }
        let mut minimal = !(self.members.contains_key("id") || self.members.contains_key("text"));
        if let Some(meta) = self.members.get("meta") {
            match meta.as_object() {
                Some(meta) if meta.keys().all(|name| name == "security") && !meta.is_empty() => {}
                _ => minimal = false,
            }
            if let Some(security) = meta.get("security") {
                self.codes(security, "meta.security", &mut Vec::new())?;
            }
        }
        if !minimal {
            remarks.push(Remark::NotMinimal);
        }
        Ok(())
    }

    /// Notes when a resource does not say that it is of the card's person.
    pub(super) fn of(self, patient: Option<&str>, member: &str, remarks: &mut Vec<Remark>) {
        let named = self.members.get(member).and_then(|value| value.get("reference")).and_then(Value::as_str);
        if patient.is_none() || named != patient {
            remarks.push(Remark::Reference);
        }
    }

    fn text(self, value: Option<&Value>, path: &'static str) -> Result<Option<String>, ReadError> {
        match value {
            None => Ok(None),
            // FHIR has no empty texts; an empty one says nothing.
            Some(Value::String(text)) => Ok(Some(shortened(text.trim())).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(path, "is no text")),
        }
    }

    fn member(self, path: &'static str) -> Result<Option<String>, ReadError> {
        self.text(self.members.get(path), path)
    }

    fn list<'v>(self, value: Option<&'v Value>, path: &'static str) -> Result<&'v [Value], ReadError> {
        let list = match value {
            None => &[][..],
            Some(value) => value.as_array().ok_or(self.wrong(path, "is no list"))?,
        };
        if list.len() > SHC_LIST {
            return Err(ReadError::TooMany { what: "items in one list", limit: SHC_LIST });
        }
        Ok(list)
    }

    fn texts(self, value: Option<&Value>, path: &'static str) -> Result<Vec<String>, ReadError> {
        let texts = self.list(value, path)?.iter().map(|item| self.text(Some(item), path));
        Ok(texts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    pub(super) fn patient(self, remarks: &mut Vec<Remark>) -> Result<Patient, ReadError> {
        self.plain(remarks)?;
        let mut names = Vec::new();
        for name in self.list(self.members.get("name"), "name")? {
            let family = match name.get("family") {
                Some(Value::Array(_)) => {
                    remarks.push(Remark::OddForm);
                    let parts = self.texts(name.get("family"), "name.family")?;
                    Some(parts.join(" ")).filter(|family| !family.is_empty())
                }
                family => self.text(family, "name.family")?,
            };
            let name = HumanName {
                usage: self.text(name.get("use"), "name.use")?,
                text: self.text(name.get("text"), "name.text")?,
                family,
                given: self.texts(name.get("given"), "name.given")?,
                suffix: self.texts(name.get("suffix"), "name.suffix")?,
            };
            if name.text.is_some() || name.family.is_some() || !name.given.is_empty() {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Err(self.wrong("name", "names nobody"));
        }
        let mut birth_date = self.member("birthDate")?;
        if let Some((day, _)) = birth_date.as_deref().and_then(|date| date.split_once('T')) {
            remarks.push(Remark::OddForm);
            birth_date = Some(day.to_owned());
        }
        if birth_date.as_ref().is_some_and(|date| date.parse::<PartialDate>().is_err()) {
            return Err(self.wrong("birthDate", "is no date"));
        }
        let first = self.list(self.members.get("identifier"), "identifier")?.first();
        let kind = first.and_then(|id| id.pointer("/type/coding/0/code"));
        let value = self.text(first.and_then(|id| id.get("value")), "identifier.value")?;
        let kind = self.text(kind, "identifier.type")?;
        let gender = self.member("gender")?;
        Ok(Patient { names, birth_date, gender, identifier: value.map(|value| (value, kind)) })
    }

    pub(super) fn immunization(self, remarks: &mut Vec<Remark>) -> Result<Told<Immunization>, ReadError> {
        self.plain(remarks)?;
        let vaccine = self.concept("vaccineCode", remarks)?;
        let given = match self.status(remarks).as_deref() {
            Some("completed") => self.members.get("isSubpotent").and_then(Value::as_bool) != Some(true),
            Some("not-done" | "entered-in-error") => false,
            _ => return Err(self.wrong("status", "is none of completed, not-done and entered-in-error")),
        };
        let given = given && vaccine.iter().all(|code| code.system != ABSENT);
        let occurrence = self.moment("occurrence", "occurrenceDateTime", remarks)?;
        let lot = self.member("lotNumber")?;
        let protocol = match self.members.get("protocolApplied") {
            Some(object @ Value::Object(_)) => {
                remarks.push(Remark::OddForm);
                Some(object)
            }
            list => self.list(list, "protocolApplied")?.first(),
        };
        // R4 names the kind of number, R5 and some R4 cards do not.
        let number = |stem: &str| {
            let value = protocol.and_then(|p| p.get(format!("{stem}PositiveInt")).or_else(|| p.get(stem)))?;
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
            u32::try_from(number).ok()
        };
        let manufacturer = self.manufacturer()?;
        let performer = self.list(self.members.get("performer"), "performer")?.first();
        let actor = performer.and_then(|performer| performer.pointer("/actor/display"));
        let place = self.members.get("location").and_then(|location| location.get("display"));
        let Some(occurrence) = occurrence else { return Ok(Told::Undated) };
        let dose = Immunization {
            vaccine,
            occurrence,
            lot,
            manufacturer,
            performer: self.text(actor.or(place), "performer.actor.display")?,
            dose: number("doseNumber"),
            total_doses: number("seriesDoses"),
        };
        if !given {
            remarks.push(Remark::NotGiven);
            return Ok(Told::Nothing);
        }
        Ok(Told::Event(dose))
    }

    /// The status in small letters, as FHIR has its codes.
    fn status(self, remarks: &mut Vec<Remark>) -> Option<String> {
        let text = self.members.get("status")?.as_str()?;
        let small = text.to_ascii_lowercase();
        if small != text {
            remarks.push(Remark::OddForm);
        }
        Some(small)
    }

    fn manufacturer(self) -> Result<Option<Code>, ReadError> {
        let Some(manufacturer) = self.members.get("manufacturer") else { return Ok(None) };
        let identifier = manufacturer.get("identifier");
        let part = |name: &str| identifier.and_then(|identifier| identifier.get(name));
        let display = self.text(manufacturer.get("display"), "manufacturer.display")?;
        let code = self.text(part("value"), "manufacturer.identifier.value")?;
        let system = self.text(part("system"), "manufacturer.identifier.system")?.unwrap_or_default();
        Ok(match (code, display) {
            (Some(code), display) => Some(Code { system, code, display }),
            (None, Some(name)) => Some(Code { system: String::new(), code: name, display: None }),
            (None, None) => None,
        })
    }

    pub(super) fn observation(self, remarks: &mut Vec<Remark>) -> Result<Told<Observation>, ReadError> {
        self.plain(remarks)?;
        let code = self.concept("code", remarks)?;
        let known = match self.status(remarks).as_deref() {
            Some("final" | "amended" | "corrected") => true,
            Some("registered" | "preliminary" | "cancelled" | "entered-in-error" | "unknown") => false,
            _ => return Err(self.wrong("status", "is no status of an observation")),
        };
        let answers: Vec<(&String, &Value)> =
            self.members.iter().filter(|(name, _)| name.starts_with("value")).collect();
        let answer = match answers.as_slice() {
            // A panel, whose members are observations of their own, or a result that is not there.
            [] => return Ok(Told::Nothing),
            [(name, value)] => self.answer(name, value, remarks)?,
            _ => return Err(self.wrong("value", "stands there in two forms; one is allowed")),
        };
        let performer = self.list(self.members.get("performer"), "performer")?.first();
        let performer = self.text(performer.and_then(|performer| performer.get("display")), "performer.display")?;
        // A member of a panel has no time of its own (FHIR demands none); the profiles for cards do.
        let dated = self.members.keys().any(|name| name.starts_with("effective"));
        let effective = if dated { self.moment("effective", "effectiveDateTime", remarks)? } else { None };
        let Some(effective) = effective else { return Ok(Told::Undated) };
        if !known {
            remarks.push(Remark::NotGiven);
            return Ok(Told::Nothing);
        }
        Ok(Told::Event(Observation { code, effective, answer, performer }))
    }

    fn answer(self, name: &str, value: &Value, remarks: &mut Vec<Remark>) -> Result<Answer, ReadError> {
        let words = match (name, value) {
            ("valueCodeableConcept", value) => {
                let mut codes = Vec::new();
                if let Some(list) = value.get("coding") {
                    codes = self.codes(list, "valueCodeableConcept.coding", remarks)?;
                }
                if !codes.is_empty() {
                    return Ok(Answer::Codes(codes));
                }
                self.text(value.get("text"), "valueCodeableConcept.text")?
            }
            ("valueQuantity", quantity) => {
                let number = quantity.get("value").and_then(Value::as_number).map(ToString::to_string);
                let comparator = self.text(quantity.get("comparator"), "valueQuantity.comparator")?;
                let unit = self.text(quantity.get("unit").or(quantity.get("code")), "valueQuantity.unit")?;
                number.map(|number| {
                    format!("{}{number} {}", comparator.unwrap_or_default(), unit.unwrap_or_default()).trim_end().into()
                })
            }
            (_, Value::String(text)) => Some(shortened(text)),
            (_, Value::Number(number)) => Some(number.to_string()),
            (_, Value::Bool(truth)) => Some(truth.to_string()),
            // A range, a ratio, a period: shown by nobody, but a result all the same.
            _ => Some("(\u{2026})".to_owned()),
        };
        words.map(Answer::Text).ok_or(self.wrong("value", "says nothing"))
    }

    /// A CodeableConcept with at least one code, as the data minimization profiles demand; summaries have a text
    /// alone now and then, which is taken for one.
    fn concept(self, path: &'static str, remarks: &mut Vec<Remark>) -> Result<Vec<Code>, ReadError> {
        let concept = self.members.get(path).ok_or(self.wrong(path, "is missing"))?;
        let mut codes = match concept.get("coding") {
            Some(list) => self.codes(list, path, remarks)?,
            None => Vec::new(),
        };
        if let Some(text) = self.text(concept.get("text"), path)? {
            remarks.push(Remark::NotMinimal);
            if codes.is_empty() {
                codes.push(Code { system: String::new(), code: text, display: None });
            }
        }
        if codes.is_empty() { Err(self.wrong(path, "has no code")) } else { Ok(codes) }
    }

    /// A list of codings. A member that FHIR does not know there is refused: it may have been meant for the code.
    fn codes(self, list: &Value, path: &'static str, remarks: &mut Vec<Remark>) -> Result<Vec<Code>, ReadError> {
        let mut codes = Vec::new();
        for coding in self.list(Some(list), path)? {
            let members = coding.as_object().ok_or(self.wrong(path, "holds something else than codes"))?;
            let known = |name: &String| {
                let plain = name.strip_prefix('_').unwrap_or(name);
                matches!(plain, "id" | "extension" | "system" | "version" | "code" | "display" | "userSelected")
            };
            if !members.keys().all(known) {
                return Err(self.wrong(path, "holds a member that no code has"));
            }
            let display = self.text(members.get("display"), path)?;
            if display.is_some() {
                remarks.push(Remark::NotMinimal);
            }
            let code = self.text(members.get("code"), path)?.ok_or(self.wrong(path, "has a code without its value"))?;
            let system = self.text(members.get("system"), path)?.unwrap_or_default();
            codes.push(Code { system, code, display });
        }
        Ok(codes)
    }

    /// The moment of an event: `path`, or nothing where another form of `stem` stands in its place.
    fn moment(
        self,
        stem: &'static str,
        path: &'static str,
        remarks: &mut Vec<Remark>,
    ) -> Result<Option<String>, ReadError> {
        let forms: Vec<&String> = self.members.keys().filter(|name| name.starts_with(stem)).collect();
        match forms.as_slice() {
            [] => return Err(self.wrong(path, "is missing")),
            [form] if *form != path => return Ok(None),
            [_] => {}
            _ => return Err(self.wrong(path, "stands there in two forms; one is allowed")),
        }
        let text = self.member(path)?.ok_or(self.wrong(path, "is no date"))?;
        match text.split_once('T') {
            None if text.parse::<PartialDate>().is_ok() => {}
            Some((day, _)) if day.len() == 10 && text.parse::<jiff::Timestamp>().is_ok() => {}
            // FHIR demands the zone of a time; the day is told without it.
            Some((day, _)) if day.len() == 10 && text.parse::<jiff::civil::DateTime>().is_ok() => {
                remarks.push(Remark::OddForm);
            }
            _ => return Err(self.wrong(path, "is no date")),
        }
        Ok(Some(text))
    }
}
