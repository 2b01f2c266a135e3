//! One model of people, said in the words of each server version (DHIS2 Tracker API, `trackedEntityInstances` up to
//! 2.41 and `tracker/` from 2.36 on), and the `fields` filter that every version understands.

use serde_json::{Map, Value, json};

use super::people::{Enrollment, Event, ORG_UNITS, Person, covac};

/// Which words a list uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `/api/trackedEntityInstances`, `/api/events`.
    Legacy,
    /// `/api/tracker/…` of this minor version.
    Tracker(u16),
}

impl Family {
    fn name(self, legacy: &'static str, new: &'static str) -> &'static str {
        if self == Self::Legacy { legacy } else { new }
    }

    /// `orgUnitName` went away with 2.41.
    fn names_org_units(self) -> bool {
        !matches!(self, Self::Tracker(41..))
    }

    /// Whether a changed event moves the time stamp of its person; promised from 2.41 on.
    #[must_use]
    pub fn person_moves_with_event(self) -> bool {
        matches!(self, Self::Tracker(41..))
    }

    /// When a person was last changed, as this version sees it.
    #[must_use]
    pub fn updated(self, person: &Person) -> &str {
        let events = person.events().map(|e| e.updated.as_str()).filter(|_| self.person_moves_with_event());
        events.chain([person.updated.as_str()]).max().unwrap_or_default()
    }

    /// The whole of a person, before `fields` takes its pick.
    #[must_use]
    pub fn person(self, person: &Person, program: Option<&str>, with_deleted: bool) -> Value {
        // Without a program only the attributes of the entity type are told.
        let told = |uid: &str| program.is_some() || [covac::GIVEN_NAME, covac::FAMILY_NAME].contains(&uid);
        let attributes: Vec<Value> = person
            .attributes
            .iter()
            .filter(|(uid, _)| told(uid))
            .map(|(uid, value)| json!({"attribute": uid, "value": value, "valueType": "TEXT", "storedBy": "admin"}))
            .collect();
        let enrollments: Vec<Value> = person
            .enrollments
            .iter()
            .filter(|e| program.is_none_or(|p| e.program == p) && (with_deleted || !e.deleted))
            .map(|e| self.enrollment(person, e, with_deleted))
            .collect();
        object([
            (self.name("trackedEntityInstance", "trackedEntity"), json!(person.uid)),
            ("trackedEntityType", json!(covac::PERSON_TYPE)),
            (self.name("created", "createdAt"), json!(person.created)),
            (self.name("lastUpdated", "updatedAt"), json!(self.updated(person))),
            ("orgUnit", json!(person.org_unit)),
            ("inactive", json!(false)),
            ("deleted", json!(person.deleted)),
            ("potentialDuplicate", json!(person.potential_duplicate)),
            ("relationships", json!([])),
            ("programOwners", json!([])),
            ("attributes", json!(attributes)),
            ("enrollments", json!(enrollments)),
        ])
    }

    fn enrollment(self, person: &Person, enrollment: &Enrollment, with_deleted: bool) -> Value {
        let events: Vec<Value> = enrollment
            .events
            .iter()
            .filter(|e| with_deleted || !e.deleted)
            .map(|e| self.event(person, enrollment, e))
            .collect();
        object([
            ("enrollment", json!(enrollment.uid)),
            (self.name("trackedEntityInstance", "trackedEntity"), json!(person.uid)),
            ("program", json!(enrollment.program)),
            ("status", json!(enrollment.status)),
            ("orgUnit", json!(enrollment.org_unit)),
            (self.name("enrollmentDate", "enrolledAt"), json!(enrollment.enrolled)),
            (self.name("incidentDate", "occurredAt"), json!(enrollment.enrolled)),
            ("deleted", json!(enrollment.deleted)),
            ("attributes", json!([])),
            ("events", json!(events)),
        ])
    }

    /// The whole of an event.
    #[must_use]
    pub fn event(self, person: &Person, enrollment: &Enrollment, event: &Event) -> Value {
        let values: Vec<Value> = event
            .values
            .iter()
            .map(|(element, value)| json!({"dataElement": element, "value": value, "providedElsewhere": false}))
            .collect();
        let mut said = vec![
            ("event", json!(event.uid)),
            ("program", json!(enrollment.program)),
            ("programStage", json!(event.stage)),
            ("enrollment", json!(enrollment.uid)),
            (self.name("trackedEntityInstance", "trackedEntity"), json!(person.uid)),
            ("orgUnit", json!(event.org_unit)),
            ("status", json!(event.status)),
            (self.name("eventDate", "occurredAt"), json!(event.occurred)),
            (self.name("completedDate", "completedAt"), json!(event.completed)),
            (self.name("lastUpdated", "updatedAt"), json!(event.updated)),
            ("deleted", json!(event.deleted)),
            ("dataValues", json!(values)),
        ];
        if self.names_org_units() {
            let unit = ORG_UNITS.iter().find(|u| u.0 == event.org_unit);
            said.push(("orgUnitName", json!(unit.map(|u| u.2))));
        }
        // A server leaves out what has no value.
        object(said.into_iter().filter(|(_, value)| !value.is_null()))
    }

    /// A list in its envelope. `echoed` is the page number that the server claims.
    #[must_use]
    pub fn envelope(
        self,
        events: bool,
        rows: Vec<Value>,
        echoed: usize,
        size: usize,
        total: Option<usize>,
        host: &str,
    ) -> Value {
        let pages = total.map(|t| t.div_ceil(size.max(1)).max(1));
        let mut pager = Map::from_iter([("page".to_owned(), json!(echoed)), ("pageSize".to_owned(), json!(size))]);
        if let (Some(total), Some(pages)) = (total, pages) {
            pager.insert("total".to_owned(), json!(total));
            pager.insert("pageCount".to_owned(), json!(pages));
        }
        let key = match (self, events) {
            (Self::Legacy, false) => "trackedEntityInstances",
            (Self::Tracker(..=40), _) => "instances",
            (Self::Tracker(_), false) => "trackedEntities",
            (_, true) => "events",
        };
        let mut envelope = Map::new();
        match self {
            // 2.35 tells a pager only where it counted.
            Self::Legacy if total.is_none() => {}
            Self::Legacy => drop(envelope.insert("pager".to_owned(), Value::Object(pager))),
            Self::Tracker(..=40) => envelope.extend(pager),
            Self::Tracker(41) => {
                envelope.extend(pager.clone());
                pager.insert("nextPage".to_owned(), Value::Null);
                envelope.insert("pager".to_owned(), Value::Object(pager));
            }
            Self::Tracker(_) => {
                if !rows.is_empty() {
                    pager.insert("nextPage".to_owned(), json!(format!("{host}?page={}", echoed.saturating_add(1))));
                }
                envelope.insert("pager".to_owned(), Value::Object(pager));
            }
        }
        envelope.insert(key.to_owned(), Value::Array(rows));
        Value::Object(envelope)
    }

    /// What the version tells of a person when `fields` is not sent.
    #[must_use]
    pub fn default_fields(self, events: bool) -> &'static str {
        match (self, events) {
            (Self::Legacy | Self::Tracker(..=36), _) => "*",
            (_, true) => "*,!relationships",
            (_, false) => "*,!relationships,!enrollments,!events,!programOwners",
        }
    }
}

/// A member that is text; empty when there is none.
pub(super) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn object<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Picks fields of one value: see [`Fields`].
#[must_use]
pub fn pick(value: &Value, fields: &str) -> Value {
    Fields::read(fields).pick(value.clone())
}

/// What a request asks to be told, read once for all rows: `a,b[c,d]`, `*`, `!a`.
#[derive(Debug)]
pub struct Fields<'f>(Vec<(&'f str, Option<Self>)>);

impl<'f> Fields<'f> {
    /// Reads the parameter `fields`.
    #[must_use]
    pub fn read(fields: &'f str) -> Self {
        Self(split(fields).into_iter().map(|(name, inner)| (name, inner.map(Self::read))).collect())
    }

    /// What of a value is asked for.
    #[must_use]
    pub fn pick(&self, value: Value) -> Value {
        // The recursion follows what the server itself holds, which is as deep as an event's data values.
        match value {
            Value::Array(rows) => Value::Array(rows.into_iter().map(|row| self.pick(row)).collect()),
            Value::Object(mut all) => {
                let mut picked = Map::new();
                if self.0.iter().any(|(name, _)| *name == "*") {
                    std::mem::swap(&mut picked, &mut all);
                }
                for (name, inner) in &self.0 {
                    if let Some(unwanted) = name.strip_prefix('!') {
                        picked.remove(unwanted);
                    } else if let Some(value) = all.remove(*name).or_else(|| picked.remove(*name)) {
                        picked.insert(
                            (*name).to_owned(),
                            match inner {
                                Some(inner) => inner.pick(value),
                                None => value,
                            },
                        );
                    }
                }
                Value::Object(picked)
            }
            other => other,
        }
    }
}

/// Splits a field list at the commas outside brackets.
fn split(fields: &str) -> Vec<(&str, Option<&str>)> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    let ends = fields.char_indices().chain([(fields.len(), ',')]);
    for (at, c) in ends {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1_i64,
            ',' if depth == 0 => {
                parts.push(fields.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('[') {
            Some((name, inner)) => (name, Some(inner.strip_suffix(']').unwrap_or(inner))),
            None => (part, None),
        })
        .collect()
}
