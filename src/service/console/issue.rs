//! Issues for a person or an event of DHIS2: first what would be issued, without a signature (failure F01), then the
//! certificates.

use axum::{extract::State, response::Response};

use super::{ConsoleError, HTML, Html, SENT, Sent, TAG, Visit, all, blocks, certificates, detail, reasons};
use crate::{
    access::Right,
    batch::{Preview, Status},
    record::{Record, Refusal},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, hidden, summary},
    },
    source::dhis2::is_uid,
    work::desk::{Desk, DeskError, Done, Ended, Order, Subject},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/certificates/preview", "showIssuePreview")
            .tag(TAG)
            .summary("What would be issued for a person or an event; nothing is signed")
            .needs(Right::Issue)
            .takes_media(SENT)
            .gives_media(200, HTML, "The page")
            .run(preview),
        Endpoint::post("/certificates/issue", "sendIssue")
            .tag(TAG)
            .summary("Issue for a person or an event")
            .needs(Right::Issue)
            .takes_media(SENT)
            .gives_media(200, HTML, "What became of each record")
            .run(issue),
    ]
}

/// The form by which issuing begins.
pub(super) fn form(visit: &Visit, uid: &str, reason: &str, error: Option<(&str, &str)>) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let wrong = |name: &str| error.filter(|(at, _)| *at == name).map(|(_, text)| text);
    let fields = [
        Field { value: uid, hint: say("issue.uid.hint"), error: wrong("uid"), ..Field::line("uid", say("issue.uid")) },
        why(visit, reason, wrong("reason")),
    ];
    let fields: Vec<Html> = fields.into_iter().map(|field| field.html()).collect();
    visit.form("post", "/certificates/preview", say("preview"), fields)
}

/// Why something is done, of every form that changes a certificate.
pub(super) fn why<'a>(visit: &Visit, value: &'a str, error: Option<&'a str>) -> Field<'a> {
    let say = |key: &str| visit.speech.say(key);
    Field { value, hint: say("why.hint"), error, ..Field::line("reason", say("why")) }
}

/// Whom it is about: the UID of a person or of an event looks the same, and DHIS2 knows which it is.
async fn looked(desk: &Desk, uid: &str, visit: &Visit) -> Result<(Subject, Vec<Preview>), DeskError> {
    let person = Subject::Person(uid.to_owned());
    match desk.preview(&person, &visit.actor).await {
        Ok(previews) => return Ok((person, previews)),
        Err(DeskError::NoPerson) => {}
        Err(other) => return Err(other),
    }
    let event = Subject::Event(uid.to_owned());
    let previews = desk.preview(&event, &visit.actor).await?;
    Ok((event, previews))
}

async fn preview(State(house): State<House>, visit: Visit, sent: Sent) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let (uid, reason) = (sent.get("uid"), sent.get("reason"));
    let wrong = match () {
        () if !is_uid(uid) => Some(("uid", say("issue.uid.wrong"))),
        () if reason.is_empty() => Some(("reason", say("why.missing"))),
        () => None,
    };
    if let Some(wrong) = wrong {
        let body = all([summary(&visit.frame, &[wrong]), form(&visit, uid, reason, Some(wrong))]);
        return Ok(visit.show("issue", &body));
    }
    let desk = house.desk().map_err(ConsoleError::from)?;
    let (subject, previews) = match looked(desk, uid, &visit).await {
        Ok(found) => found,
        Err(error) => {
            let body = all([certificates::failed(&visit, &error), form(&visit, uid, reason, None)]);
            return Ok(visit.show("issue", &body));
        }
    };
    let kind = if matches!(subject, Subject::Event(_)) { "event" } else { "person" };
    let mut body = visit.speech.fill("<p class=\"lead\">{{=preview.lead}}</p>", &[]);
    for preview in &previews {
        body.push(&card(&visit, preview));
    }
    let fresh = |preview: &Preview| preview.item.status == Status::Issued && preview.item.uvci.is_none();
    if previews.iter().any(fresh) {
        let fields = [hidden("kind", kind), hidden("uid", uid), hidden("reason", reason)];
        body.push(&visit.form("post", "/certificates/issue", say("issue"), fields));
    } else {
        body.push(&blocks::notice("", &blocks::text(say("preview.nothing"))));
    }
    body.push(&blocks::lines([blocks::link("/certificates", say("back"))]));
    Ok(visit.show("preview", &body))
}

/// What a record would say, or why it cannot be issued.
fn card(visit: &Visit, preview: &Preview) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let Preview { item, record, differs } = preview;
    let mut facts: Vec<(&str, Html)> = vec![(say("record"), blocks::code(&item.key()))];
    let word = match (item.status, &item.uvci, differs) {
        (Status::Refused, ..) => blocks::mark("rejected", say("preview.refused")),
        (_, Some(_), true) => blocks::mark("undecided", say("preview.differs")),
        (_, Some(_), false) => blocks::mark("accepted", say("preview.stands")),
        (_, None, _) => blocks::mark("accepted", say("preview.ready")),
    };
    facts.push((say("state"), word));
    if let Some(record) = record {
        facts.extend(said(visit, record));
    }
    if let Some(id) = &item.uvci {
        facts.push((say("certificate"), blocks::link(&detail::address(id), certificates::short(id))));
    }
    let formats: Vec<&str> = item.formats.iter().map(|format| format.name()).collect();
    if !formats.is_empty() {
        facts.push((say("formats"), blocks::text(&formats.join(", "))));
    }
    if !item.reasons.is_empty() {
        facts.push((say("reasons"), why_not(&item.reasons)));
    }
    blocks::facts(&facts)
}

fn said<'a>(visit: &Visit, record: &Record) -> Vec<(&'a str, Html)> {
    let say = |key: &str| visit.speech.say(key);
    let person = record.person();
    let name = [&person.name.given, &person.name.family].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let born = person.birth_date.as_ref().map_or_else(|| say("unknown").to_owned(), ToString::to_string);
    let mut facts = vec![
        (say("name"), blocks::text(&name)),
        (say("birth-date"), blocks::text(&born)),
        (say("day"), blocks::text(&visit.frame.lang().day(record.day()))),
    ];
    if let Some(dose) = record.vaccination() {
        facts.push((say("vaccine"), blocks::text(&dose.product.name)));
        facts.push((say("dose"), blocks::text(&format!("{}/{}", dose.dose, dose.total_doses))));
    }
    facts
}

fn why_not(refusals: &[Refusal]) -> Html {
    blocks::lines(refusals.iter().map(|refusal| {
        let field = refusal.field.as_deref().map(|field| format!(" ({field})")).unwrap_or_default();
        let meaning = reasons::sentence(&refusal.message);
        blocks::below([
            blocks::english(&format!("{}{field}", meaning.trim_end_matches('.'))),
            blocks::english(&format!("→ {}", reasons::sentence(&refusal.remedy))),
        ])
    }))
}

async fn issue(State(house): State<House>, visit: Visit, sent: Sent) -> Result<Response, ServiceError> {
    let (uid, reason) = (sent.get("uid").to_owned(), sent.get("reason"));
    let subject = match sent.get("kind") {
        "event" => Subject::Event(uid),
        _ => Subject::Person(uid),
    };
    let desk = house.desk().map_err(ConsoleError::from)?;
    let done = desk.issue(&subject, Order { actor: &visit.actor, reason }).await;
    let body = match done {
        Ok(done) => {
            all([results(&visit, &done), blocks::lines([blocks::link("/certificates", visit.speech.say("back"))])])
        }
        Err(error) => certificates::failed(&visit, &error),
    };
    Ok(visit.show("issue", &body))
}

/// What became of records, each in a line.
pub(super) fn results(visit: &Visit, done: &[Done]) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let row = |done: &Done| {
        let (class, key) = match done.ended {
            Ended::Issued => ("accepted", "ended.issued"),
            Ended::Unchanged => ("accepted", "ended.unchanged"),
            Ended::Conflict => ("undecided", "ended.conflict"),
            Ended::Refused => ("rejected", "ended.refused"),
            Ended::Barred => ("rejected", "ended.barred"),
            Ended::Withdrawn => ("undecided", "ended.withdrawn"),
        };
        let id = done.id.as_deref().map(|id| blocks::link(&detail::address(id), certificates::short(id)));
        vec![blocks::mark(class, say(key)), blocks::code(&done.event), id.unwrap_or_default(), why_not(&done.reasons)]
    };
    let rows: Vec<Vec<Html>> = done.iter().map(row).collect();
    blocks::table(say("issue"), &[say("state"), say("record"), say("certificate"), say("reasons")], &rows)
}
