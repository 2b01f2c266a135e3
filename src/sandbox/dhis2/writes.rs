//! Writing into records, as each version takes it: `PUT /api/events/{event}/{dataElement}` up to 2.41, and
//! `POST /api/tracker` from 2.36 on (dhis2-core, error codes of `ValidationCode`).
//!
//! Two traps of the real servers are kept. The old way takes a missing status for ACTIVE and a missing date for none,
//! so that a careless client opens a completed event again. The new way is asynchronous unless told otherwise, and
//! then the answer says nothing of what became of it.

use serde_json::{Value, json};

use super::{
    metadata,
    people::{Event, Person, covac},
    rules::Refusal,
    users::User,
    wire,
};

/// Data element for the identifier of a certificate, where the program has such fields.
pub const CERTIFICATE_ELEMENT: &str = "VaccertDe01";
/// Data element for its status.
pub const STATUS_ELEMENT: &str = "VaccertDe02";
/// Attribute of the program for the identifier of the person's latest certificate. Values of it are unique.
pub const CERTIFICATE_ATTRIBUTE: &str = "VaccertTa01";

/// Longest value that the fields take; the server refuses longer ones of any text field at 50,000.
const LONGEST: usize = 1_200;

fn finds<'p>(people: &'p mut [Person], uid: &str) -> Option<(String, String, &'p mut Event)> {
    people.iter_mut().find_map(|person| {
        let owner = person.uid.clone();
        person.enrollments.iter_mut().find_map(|enrollment| {
            let of = enrollment.uid.clone();
            let event = enrollment.events.iter_mut().find(|event| event.uid == uid && !event.deleted)?;
            Some((owner.clone(), of, event))
        })
    })
}

fn put(values: &mut Vec<(String, String)>, name: &str, value: &str) {
    values.retain(|(known, _)| known != name);
    if !value.is_empty() {
        values.push((name.to_owned(), value.to_owned()));
    }
}

fn is_element(uid: &str, with_certificates: bool) -> bool {
    let program = metadata::program_with(with_certificates);
    let stages = program.get("programStages").and_then(Value::as_array).into_iter().flatten();
    stages
        .flat_map(|stage| stage.get("programStageDataElements").and_then(Value::as_array).into_iter().flatten())
        .any(|element| element.get("dataElement").is_some_and(|element| wire::text(element, "id") == uid))
}

fn is_attribute(uid: &str, with_certificates: bool) -> bool {
    let program = metadata::program_with(with_certificates);
    let all = program.get("programTrackedEntityAttributes").and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .any(|one| one.get("trackedEntityAttribute").is_some_and(|attribute| wire::text(attribute, "id") == uid))
}

/// `PUT /api/events/{event}/{dataElement}`.
pub(super) fn event_value(
    people: &mut [Person],
    user: &User,
    with_certificates: bool,
    (uid, element): (&str, &str),
    body: &Value,
    now: &str,
) -> Result<Value, Refusal> {
    let Some((_, _, event)) = finds(people, uid) else {
        return Err(Refusal(404, None, format!("Event not found for ID {uid}")));
    };
    if !is_element(element, with_certificates) {
        return Err(Refusal(404, None, format!("DataElement not found for ID {element}")));
    }
    let summary = |status: &str, counts: Value, conflicts: Value| {
        json!({"responseType": "ImportSummary", "status": status, "importCount": counts, "conflicts": conflicts,
            "reference": uid})
    };
    if !user.writes {
        let text = format!("User has no data write access to program stage: {}", event.stage);
        let counts = json!({"imported": 0, "updated": 0, "ignored": 1, "deleted": 0});
        let mut summary = summary("ERROR", counts, json!([]));
        if let Some(summary) = summary.as_object_mut() {
            summary.insert("description".to_owned(), json!(text));
        }
        let told = json!({
            "httpStatus": "Conflict", "httpStatusCode": 409, "status": "ERROR",
            "message": "An error occurred, please check import summary.", "response": summary,
        });
        return Ok(told);
    }
    let sent = body.get("dataValues").and_then(Value::as_array).into_iter().flatten();
    let value = sent.into_iter().find(|value| wire::text(value, "dataElement") == element);
    let value = value.map(|value| wire::text(value, "value").to_owned()).unwrap_or_default();
    let text = |name: &str| Some(wire::text(body, name).to_owned()).filter(|text| !text.is_empty());
    event.status = text("status").unwrap_or_else(|| "ACTIVE".to_owned());
    event.occurred = text("eventDate");
    if event.status == "ACTIVE" {
        event.completed = None;
    }
    put(&mut event.values, element, &value);
    now.clone_into(&mut event.updated);
    let counts = json!({"imported": 0, "updated": 1, "ignored": 0, "deleted": 0});
    Ok(json!({
        "httpStatus": "OK", "httpStatusCode": 200, "status": "OK", "message": "Import was successful.",
        "response": summary("SUCCESS", counts, json!([])),
    }))
}

/// A report of errors: code, message, type, UID.
type Errors = Vec<(&'static str, String, &'static str, String)>;

/// `POST /api/tracker`: events and enrollments that are there already. The status and the answer.
pub(super) fn import(
    people: &mut Vec<Person>,
    user: &User,
    with_certificates: bool,
    params: &[(String, String)],
    body: &Value,
    now: &str,
) -> Result<(u16, Value), Refusal> {
    let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    const KNOWN: &[&str] =
        &["async", "importStrategy", "atomicMode", "reportMode", "skipRuleEngine", "skipSideEffects", "importMode"];
    if let Some((name, _)) = params.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal(400, None, format!("Unknown parameter {name}")));
    }
    if get("importStrategy").is_some_and(|s| !["CREATE", "UPDATE", "CREATE_AND_UPDATE", "DELETE"].contains(&s)) {
        return Err(Refusal(400, None, "Value of importStrategy is not valid".to_owned()));
    }
    let updates = matches!(get("importStrategy"), Some("UPDATE" | "CREATE_AND_UPDATE"));
    let rows = |name: &str| body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (events, enrollments) = (rows("events"), rows("enrollments"));
    let total = events.len() + enrollments.len();
    // Judged on a copy: with atomicMode=ALL (the default) nothing is written when anything is wrong.
    let mut copy = people.clone();
    let (mut errors, mut updated): (Errors, usize) = (Vec::new(), 0);
    for event in &events {
        match change_event(&mut copy, user, with_certificates, event, updates, now) {
            Ok(()) => updated += 1,
            Err(wrong) => errors.extend(wrong),
        }
    }
    for enrollment in &enrollments {
        match change_enrollment(&mut copy, user, with_certificates, enrollment, updates, now) {
            Ok(()) => updated += 1,
            Err(wrong) => errors.extend(wrong),
        }
    }
    let whole = get("atomicMode") != Some("OBJECT");
    if whole && !errors.is_empty() {
        updated = 0;
    } else if get("importMode") != Some("VALIDATE") {
        *people = copy;
    }
    if get("async") != Some("false") {
        let told = json!({
            "httpStatus": "OK", "httpStatusCode": 200, "status": "OK", "message": "Tracker job added",
            "response": {"responseType": "TrackerJob", "id": "TrackerJob1", "location": "/api/tracker/jobs/TrackerJob1"},
        });
        return Ok((200, told));
    }
    let stats = json!({"created": 0, "updated": updated, "deleted": 0, "ignored": total - updated, "total": total});
    let reports: Vec<Value> = errors
        .iter()
        .map(|(code, text, kind, uid)| json!({"message": text, "errorCode": code, "trackerType": kind, "uid": uid}))
        .collect();
    let failed = !reports.is_empty() && (whole || updated == 0);
    let told = json!({
        "status": if failed { "ERROR" } else { "OK" },
        "validationReport": {"errorReports": reports, "warningReports": []}, "stats": stats,
    });
    Ok((if failed { 409 } else { 200 }, told))
}

fn change_event(
    people: &mut [Person],
    user: &User,
    with_certificates: bool,
    sent: &Value,
    updates: bool,
    now: &str,
) -> Result<(), Errors> {
    let uid = wire::text(sent, "event").to_owned();
    let wrong = |code, text: String| Err(vec![(code, text, "EVENT", uid.clone())]);
    let Some((_, _, event)) = finds(people, &uid) else {
        return wrong("E1032", format!("Event: `{uid}`, do not exist."));
    };
    if !updates {
        return wrong("E1030", format!("Event: `{uid}`, already exists."));
    }
    if !user.writes {
        return wrong(
            "E1095",
            format!("User: `{}`, has no data write access to ProgramStage: `{}`.", user.id, event.stage),
        );
    }
    for (field, code) in [("occurredAt", "E1031"), ("orgUnit", "E1123"), ("programStage", "E1123")] {
        if wire::text(sent, field).is_empty() {
            return wrong(code, format!("Event property {field} is missing."));
        }
    }
    if wire::text(sent, "orgUnit") != event.org_unit || wire::text(sent, "programStage") != event.stage {
        return wrong("E1029", "Event OrganisationUnit and Program dont match.".to_owned());
    }
    let values: Vec<Value> = sent.get("dataValues").and_then(Value::as_array).cloned().unwrap_or_default();
    for value in &values {
        let (element, text) = (wire::text(value, "dataElement"), wire::text(value, "value"));
        if !is_element(element, with_certificates) {
            return wrong(
                "E1305",
                format!("DataElement: `{element}`, is not part of `{}` program stage.", event.stage),
            );
        }
        if text.len() > LONGEST {
            return wrong(
                "E1302",
                format!("DataElement `{element}` is not valid: value_length_greater_than_max_length."),
            );
        }
    }
    if let Some(status) = sent.get("status").and_then(Value::as_str) {
        status.clone_into(&mut event.status);
    } else {
        "ACTIVE".clone_into(&mut event.status);
    }
    event.occurred = Some(wire::text(sent, "occurredAt").to_owned());
    for value in &values {
        put(&mut event.values, wire::text(value, "dataElement"), wire::text(value, "value"));
    }
    now.clone_into(&mut event.updated);
    Ok(())
}

fn change_enrollment(
    people: &mut [Person],
    user: &User,
    with_certificates: bool,
    sent: &Value,
    updates: bool,
    now: &str,
) -> Result<(), Errors> {
    let uid = wire::text(sent, "enrollment").to_owned();
    let wrong = |code, text: String| Err(vec![(code, text, "ENROLLMENT", uid.clone())]);
    let attributes: Vec<Value> = sent.get("attributes").and_then(Value::as_array).cloned().unwrap_or_default();
    for value in &attributes {
        let (attribute, text) = (wire::text(value, "attribute"), wire::text(value, "value"));
        let taken = people.iter().any(|person| {
            let has = person.attributes.iter().any(|(known, kept)| known == attribute && kept == text);
            has && person.enrollments.iter().all(|enrollment| enrollment.uid != uid)
        });
        if attribute == CERTIFICATE_ATTRIBUTE && taken {
            let text = "Non-unique attribute value for attribute".to_owned();
            return wrong("E1064", format!("{text} `{attribute}`."));
        }
    }
    let found = people.iter_mut().find(|person| person.enrollments.iter().any(|e| e.uid == uid && !e.deleted));
    let Some(person) = found else {
        return wrong("E1081", format!("Enrollment: `{uid}`, do not exist."));
    };
    if !updates {
        return wrong("E1080", format!("Enrollment: `{uid}`, already exists."));
    }
    if !user.writes {
        return wrong(
            "E1091",
            format!("User: `{}`, has no data write access to Program: `{}`.", user.id, covac::PROGRAM),
        );
    }
    if wire::text(sent, "enrolledAt").is_empty() {
        return wrong("E1025", "Property enrolledAt is null.".to_owned());
    }
    if wire::text(sent, "trackedEntity") != person.uid {
        return wrong("E1014", "Provided Program and TrackedEntity dont match.".to_owned());
    }
    for value in &attributes {
        let attribute = wire::text(value, "attribute");
        if !is_attribute(attribute, with_certificates) {
            let text = "Only program attributes is allowed for enrollment; Non valid attribute:";
            return wrong("E1019", format!("{text} `{attribute}`."));
        }
    }
    let status = sent.get("status").and_then(Value::as_str).unwrap_or("ACTIVE");
    for enrollment in person.enrollments.iter_mut().filter(|enrollment| enrollment.uid == uid) {
        status.clone_into(&mut enrollment.status);
        wire::text(sent, "enrolledAt").clone_into(&mut enrollment.enrolled);
    }
    for value in &attributes {
        put(&mut person.attributes, wire::text(value, "attribute"), wire::text(value, "value"));
    }
    now.clone_into(&mut person.updated);
    Ok(())
}
