//! One tolerant model of tracker data for every API dialect (DHIS2 2.33 to 2.43). Key names of all dialects
//! are aliases here and nowhere else; unknown fields are ignored. Dates stay text: they carry no zone, and
//! only their first ten characters mean anything (`2021-03-15T00:00:00.000` is the local date 2021-03-15).

use serde::{Deserialize, Deserializer};

/// `null` as if the key were absent: some servers and many tools write it.
fn or_null<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A value as text. DHIS2 writes every value as text; spreadsheets and scripts in between make numbers and
/// truth values of some.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Truth(bool),
        Number(serde_json::Number),
    }
    Ok(Option::<Scalar>::deserialize(deserializer)?.map(|value| match value {
        Scalar::Text(text) => text,
        Scalar::Truth(truth) => truth.to_string(),
        Scalar::Number(number) => number.to_string(),
    }))
}

/// A person with enrollments and events. Legacy name: tracked entity instance.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackedEntity {
    /// UID of the person.
    #[serde(alias = "trackedEntityInstance")]
    pub tracked_entity: String,
    /// UID of the registering org unit.
    #[serde(default)]
    pub org_unit: Option<String>,
    /// Last change as the server wrote it.
    #[serde(default, alias = "lastUpdated")]
    pub updated_at: Option<String>,
    /// Deleted on the server; only seen with `includeDeleted`.
    #[serde(default, deserialize_with = "or_null")]
    pub deleted: bool,
    /// Marked as a possible duplicate of another person.
    #[serde(default, deserialize_with = "or_null")]
    pub potential_duplicate: bool,
    /// Attributes at the level of the person.
    #[serde(default, deserialize_with = "or_null")]
    pub attributes: Vec<AttributeValue>,
    /// Enrollments in programs.
    #[serde(default, deserialize_with = "or_null")]
    pub enrollments: Vec<Enrollment>,
}

impl std::fmt::Debug for TrackedEntity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Personal data never reaches a log through `{:?}`.
        write!(f, "TrackedEntity({}, {} enrollments)", self.tracked_entity, self.enrollments.len())
    }
}

/// The value of one tracked entity attribute.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeValue {
    /// UID of the attribute.
    pub attribute: String,
    /// Code of the attribute, where the server tells it.
    #[serde(default)]
    pub code: Option<String>,
    /// The value, always text.
    #[serde(default, deserialize_with = "scalar")]
    pub value: Option<String>,
}

/// A person's enrollment in a program.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrollment {
    /// UID of the enrollment.
    #[serde(default)]
    pub enrollment: String,
    /// UID of the program.
    #[serde(default)]
    pub program: Option<String>,
    /// ACTIVE, COMPLETED or CANCELLED.
    #[serde(default)]
    pub status: Option<String>,
    /// UID of the enrolling org unit.
    #[serde(default)]
    pub org_unit: Option<String>,
    /// When the person was enrolled, in the server's local time.
    #[serde(default, alias = "enrollmentDate")]
    pub enrolled_at: Option<String>,
    /// Deleted on the server.
    #[serde(default, deserialize_with = "or_null")]
    pub deleted: bool,
    /// Attributes that some servers repeat here.
    #[serde(default, deserialize_with = "or_null")]
    pub attributes: Vec<AttributeValue>,
    /// Events of the enrollment.
    #[serde(default, deserialize_with = "or_null")]
    pub events: Vec<Event>,
}

/// One event: a dose, a test, a visit.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// UID of the event.
    pub event: String,
    /// UID of the program stage.
    #[serde(default)]
    pub program_stage: Option<String>,
    /// ACTIVE, COMPLETED, VISITED, SCHEDULE, OVERDUE or SKIPPED.
    #[serde(default)]
    pub status: Option<String>,
    /// UID of the facility.
    #[serde(default)]
    pub org_unit: Option<String>,
    /// Name of the facility; servers from 2.41 on no longer tell it.
    #[serde(default)]
    pub org_unit_name: Option<String>,
    /// When it happened, in the server's local time.
    #[serde(default, alias = "eventDate")]
    pub occurred_at: Option<String>,
    /// When it was completed.
    #[serde(default, alias = "completedDate")]
    pub completed_at: Option<String>,
    /// Last change as the server wrote it.
    #[serde(default, alias = "lastUpdated")]
    pub updated_at: Option<String>,
    /// Deleted on the server.
    #[serde(default, deserialize_with = "or_null")]
    pub deleted: bool,
    /// Values of data elements.
    #[serde(default, deserialize_with = "or_null")]
    pub data_values: Vec<DataValue>,
}

/// The value of one data element in an event.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataValue {
    /// UID of the data element.
    pub data_element: String,
    /// The value, always text.
    #[serde(default, deserialize_with = "scalar")]
    pub value: Option<String>,
}

/// A facility or a unit above it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrgUnit {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    #[serde(default)]
    pub code: Option<String>,
    /// Name.
    #[serde(default, alias = "displayName")]
    pub name: String,
    /// UIDs from the root down, separated and led by `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// Depth, 1 for the root.
    #[serde(default)]
    pub level: Option<u8>,
}

impl std::fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AttributeValue({})", self.attribute)
    }
}

impl std::fmt::Debug for Enrollment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enrollment({}, {} events)", self.enrollment, self.events.len())
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({})", self.event)
    }
}

impl std::fmt::Debug for DataValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataValue({})", self.data_element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_numbers_are_read_as_what_they_mean() {
        let text = r#"{"trackedEntity":"abcdefghijk","deleted":null,"attributes":null,"enrollments":[{"events":[
            {"event":"bbcdefghijk","dataValues":[{"dataElement":"a","value":2},{"dataElement":"b","value":true},
            {"dataElement":"c","value":null},{"dataElement":"d","value":"x"}]}]}]}"#;
        let person: TrackedEntity = serde_json::from_str(text).unwrap();
        assert!(!person.deleted && person.attributes.is_empty());
        let values: Vec<_> =
            person.enrollments[0].events[0].data_values.iter().map(|v| v.value.as_deref().unwrap_or("-")).collect();
        assert_eq!(values, ["2", "true", "-", "x"]);
    }
}
