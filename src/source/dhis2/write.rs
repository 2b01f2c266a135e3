//! Writing into DHIS2: aggregate values, and single values of records. Everything here can be sent twice without harm,
//! so that a lost answer is asked for again; and nothing but what is named is changed.
//!
//! * `POST /api/dataValueSets`: values are replaced by their key. Up to 2.37 the summary stands alone with status 200,
//!   from 2.38 on in a `WebMessage`, with 409 where there are conflicts.
//! * `PUT /api/events/{event}/{dataElement}` (legacy): one value. Status and date are sent as they were just read: a
//!   missing status would open a completed event again.
//! * `POST /api/tracker?async=false&importStrategy=UPDATE` (2.36 and later): the same, and program attributes by their
//!   enrollment. `async` and `importStrategy` are always sent, because the defaults differ between versions; rules and
//!   side effects are skipped, because rules assign values and side effects send messages.
//!
//! The legacy way of writing an attribute replaces all attributes of the person, and is therefore not used.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::{Client, is_uid};
use super::dialect::{Dialect, Params};
use super::error::Dhis2Error;
use crate::limits;
use crate::source::model::{Enrollment, Event};

/// What the tracker says of a user who may write no record of the program, whichever it is (dhis2-core,
/// `ValidationCode`): no data write access to the type of entity, to the program, to the stage.
const NO_RIGHT: [&str; 3] = ["E1001", "E1091", "E1095"];
/// The same in the words of the old way of writing events.
const NO_WRITE_ACCESS: &str = "no data write access";

/// One aggregate value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataValue {
    /// UID of the data element.
    pub data_element: String,
    /// Period, such as `20261122`, `2026W47` or `202611`.
    pub period: String,
    /// UID of the org unit.
    pub org_unit: String,
    /// UID of the category option combo; the default one without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_option_combo: Option<String>,
    /// The value, as text.
    pub value: String,
}

/// What the server did with aggregate values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Values that are new.
    pub imported: u64,
    /// Values that were replaced.
    pub updated: u64,
    /// Values that were not taken.
    pub ignored: u64,
    /// Why, at most [`limits::DHIS2_CONFLICTS`].
    pub conflicts: Vec<String>,
}

/// What became of the writing of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is there.
    Done,
    /// The server did not take it, and would not the next time.
    Refused {
        /// DHIS2's error code, where it gives one.
        code: Option<String>,
        /// Its words, cut and cleaned.
        message: String,
    },
}

/// An event that a value is written into, as it was just read.
#[derive(Debug, Clone, Copy)]
pub struct EventPlace<'a> {
    /// UID of the program.
    pub program: &'a str,
    /// UID of the person.
    pub person: &'a str,
    /// Its enrollment.
    pub enrollment: &'a str,
    /// The event.
    pub event: &'a Event,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Counts {
    imported: u64,
    updated: u64,
    ignored: u64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Conflict {
    object: String,
    value: String,
    error_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Summary {
    status: Option<String>,
    description: Option<String>,
    import_count: Counts,
    conflicts: Vec<Conflict>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ErrorReport {
    message: String,
    error_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Validation {
    error_reports: Vec<ErrorReport>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TrackerReport {
    status: Option<String>,
    validation_report: Validation,
}

impl Client {
    /// Sends aggregate values of one data set, at most [`limits::DHIS2_VALUES`] at once. With `dry_run` the server says
    /// what it would do.
    ///
    /// # Errors
    /// Whatever goes wrong with the server; conflicts are no error, but in the summary.
    pub async fn push_values(
        &self,
        data_set: &str,
        values: &[DataValue],
        dry_run: bool,
    ) -> Result<ImportSummary, Dhis2Error> {
        let mut whole = ImportSummary::default();
        for part in values.chunks(limits::DHIS2_VALUES) {
            let body = json!({"dataSet": data_set, "dataValues": part});
            let params: Params = vec![
                ("async", "false".to_owned()),
                ("importStrategy", "CREATE_AND_UPDATE".to_owned()),
                ("dryRun", dry_run.to_string()),
            ];
            let told: Value = self
                .transport()
                .send(reqwest::Method::POST, "/api/dataValueSets", &params, &body)
                .await
                .map_err(Dhis2Error::of_writing)?;
            let summary = summary_of(&told);
            if summary.status.is_none() {
                return Err(self.refused("/api/dataValueSets", &told));
            }
            whole.imported += summary.import_count.imported;
            whole.updated += summary.import_count.updated;
            whole.ignored += summary.import_count.ignored;
            let room = limits::DHIS2_CONFLICTS.saturating_sub(whole.conflicts.len());
            whole.conflicts.extend(summary.conflicts.iter().take(room).map(|conflict| {
                let code = conflict.error_code.as_deref().map(|code| format!("{code} ")).unwrap_or_default();
                self.clean(&format!("{code}{}: {}", conflict.object, conflict.value))
            }));
        }
        Ok(whole)
    }

    /// Writes values into data elements of one event.
    ///
    /// # Errors
    /// Whatever goes wrong with the server; what it refuses for good is [`Written::Refused`].
    pub async fn write_event(&self, place: EventPlace<'_>, values: &[(&str, &str)]) -> Result<Written, Dhis2Error> {
        let EventPlace { program, person, enrollment, event } = place;
        check(&[program, person, enrollment, &event.event])?;
        check(&values.iter().map(|(element, _)| *element).collect::<Vec<_>>())?;
        let rows: Vec<Value> =
            values.iter().map(|(element, value)| json!({"dataElement": element, "value": value})).collect();
        if self.dialect().await? != Dialect::Legacy {
            let event = json!({
                "event": event.event, "program": program, "programStage": event.program_stage,
                "enrollment": enrollment, "trackedEntity": person, "orgUnit": event.org_unit,
                "status": event.status, "occurredAt": event.occurred_at, "dataValues": rows,
            });
            return self.tracker(&json!({"events": [event]})).await;
        }
        for ((element, _), row) in values.iter().zip(rows) {
            let body = json!({
                "event": event.event, "program": program, "programStage": event.program_stage,
                "trackedEntityInstance": person, "orgUnit": event.org_unit, "status": event.status,
                "eventDate": event.occurred_at, "dataValues": [row],
            });
            let path = format!("/api/events/{}/{element}", event.event);
            let told = self.transport().send::<Value>(reqwest::Method::PUT, &path, &Vec::new(), &body).await;
            let told = match told {
                // The event or the data element is not there.
                Err(Dhis2Error::NotFound { path }) => {
                    return Ok(Written::Refused { code: None, message: format!("the server has no {path}") });
                }
                other => other.map_err(Dhis2Error::of_writing)?,
            };
            let summary = summary_of(&told);
            if summary.status.is_none() {
                return Err(self.refused("/api/events", &told));
            }
            if summary.status.as_deref() != Some("SUCCESS") {
                let conflict = summary.conflicts.first();
                let code = conflict.and_then(|conflict| conflict.error_code.clone());
                let said = conflict.map(|conflict| format!("{}: {}", conflict.object, conflict.value));
                let message = said.or(summary.description).unwrap_or_default();
                if message.contains(NO_WRITE_ACCESS) {
                    return Err(Dhis2Error::MayNotWrite {
                        path: "/api/events".to_owned(),
                        message: self.clean(&message),
                    });
                }
                return Ok(Written::Refused { code, message: self.clean(&message) });
            }
        }
        Ok(Written::Done)
    }

    /// Writes values into program attributes of one enrollment.
    ///
    /// # Errors
    /// As [`Client::write_event`]; [`Dhis2Error::Option`] on a server older than 2.36, whose way of writing an
    /// attribute replaces all others.
    pub async fn write_attributes(
        &self,
        program: &str,
        person: &str,
        enrollment: &Enrollment,
        values: &[(&str, &str)],
    ) -> Result<Written, Dhis2Error> {
        check(&[program, person, &enrollment.enrollment])?;
        check(&values.iter().map(|(attribute, _)| *attribute).collect::<Vec<_>>())?;
        if self.dialect().await? == Dialect::Legacy {
            let rule =
                "needs DHIS2 2.36 or later: before, writing one attribute replaces all others; use a data element";
            return Err(Dhis2Error::Option { name: "write_back.certificate_attribute", rule });
        }
        let rows: Vec<Value> =
            values.iter().map(|(attribute, value)| json!({"attribute": attribute, "value": value})).collect();
        let enrollment = json!({
            "enrollment": enrollment.enrollment, "trackedEntity": person, "program": program,
            "orgUnit": enrollment.org_unit, "status": enrollment.status, "enrolledAt": enrollment.enrolled_at,
            "attributes": rows,
        });
        self.tracker(&json!({"enrollments": [enrollment]})).await
    }

    async fn tracker(&self, body: &Value) -> Result<Written, Dhis2Error> {
        let params: Params = [
            ("async", "false"),
            ("importStrategy", "UPDATE"),
            ("atomicMode", "ALL"),
            ("reportMode", "ERRORS"),
            ("skipRuleEngine", "true"),
            ("skipSideEffects", "true"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec();
        let told = self.transport().send(reqwest::Method::POST, "/api/tracker", &params, body).await;
        let told: Value = told.map_err(Dhis2Error::of_writing)?;
        let report: TrackerReport = serde_json::from_value(told.clone()).unwrap_or_default();
        match (report.status.as_deref(), report.validation_report.error_reports.into_iter().next()) {
            (Some("OK" | "WARNING"), None) => Ok(Written::Done),
            (_, Some(error)) if error.error_code.as_deref().is_some_and(|code| NO_RIGHT.contains(&code)) => {
                Err(Dhis2Error::MayNotWrite { path: "/api/tracker".to_owned(), message: self.clean(&error.message) })
            }
            (_, Some(error)) => Ok(Written::Refused { code: error.error_code, message: self.clean(&error.message) }),
            (_, None) => Err(self.refused("/api/tracker", &told)),
        }
    }

    /// An answer that is no report of an import, with what it says.
    fn refused(&self, path: &str, told: &Value) -> Dhis2Error {
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let code = text("errorCode").map(|code| super::answer::clean(code, 20));
        let message = self.clean(text("message").unwrap_or("it gave no report of the import"));
        Dhis2Error::Refused { path: path.to_owned(), status: 409, code, message }
    }

    fn clean(&self, text: &str) -> String {
        super::answer::clean(&self.transport().scrub(text), limits::DHIS2_MESSAGE_CHARS)
    }
}

/// The summary, alone or in a `WebMessage`.
fn summary_of(told: &Value) -> Summary {
    let inner = told.get("response").unwrap_or(told);
    serde_json::from_value(inner.clone()).unwrap_or_default()
}

fn check(uids: &[&str]) -> Result<(), Dhis2Error> {
    if uids.iter().all(|uid| is_uid(uid)) { Ok(()) } else { Err(Dhis2Error::NotAUid { what: "place to write into" }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read_alone_and_in_a_message() {
        let inner = json!({"status": "WARNING", "importCount": {"imported": 1, "updated": 2, "ignored": 3, "deleted": 0},
            "conflicts": [{"object": "A", "value": "wrong", "errorCode": "E7619", "indexes": [1]}]});
        for told in [inner.clone(), json!({"httpStatus": "Conflict", "status": "WARNING", "response": inner})] {
            let summary = summary_of(&told);
            assert_eq!(summary.status.as_deref(), Some("WARNING"));
            let counts = summary.import_count;
            assert_eq!((counts.imported, counts.updated, counts.ignored, summary.conflicts.len()), (1, 2, 3, 1));
        }
        assert_eq!(summary_of(&json!("what?")).conflicts.len(), 0);
    }
}
