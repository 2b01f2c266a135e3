//! The audit log, page by page, and as a file.

use axum::{extract::State, response::Response};
use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::{Asked, ConsoleError, HTML, Html, TAG, Visit, all, blocks, certificates, detail, download::Sheet};
use crate::{
    access::Right,
    limits,
    registry::audit::{AuditRecord, By, Deed, Entry, Export, ObjectKind},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind},
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let asked = |endpoint: Endpoint| {
        endpoint
            .tag(TAG)
            .needs(Right::Audit)
            .query::<String>("from", "First day, YYYY-MM-DD")
            .query::<String>("until", "Last day (UTC)")
            .query::<String>("object", "What it was done to: an identifier, UID, account or name")
    };
    vec![
        asked(Endpoint::get("/audit", "showAudit"))
            .summary("What was done, by whom and why")
            .query::<u64>("before", "Number of the last row of the page before, without other conditions")
            .query::<u64>("after", "The same with conditions")
            .gives_media(200, HTML, "The page")
            .run(show),
        asked(Endpoint::get("/audit.csv", "downloadAudit"))
            .summary("The same as a table")
            .gives_media(200, "text/csv", "The table")
            .run(download),
    ]
}

fn span(asked: &Asked) -> Option<Export> {
    let midnight = |day: Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let (from, until) = (asked.day("from"), asked.day("until"));
    if from.is_none() && until.is_none() {
        return None;
    }
    let after = |day: Date| day.checked_add(1.day()).ok().and_then(midnight);
    let until = until.and_then(after).unwrap_or(Timestamp::MAX);
    Some(Export { from: from.and_then(midnight).unwrap_or(Timestamp::MIN), until })
}

/// Rows, and whether they are the newest first.
async fn rows(house: &House, asked: &Asked, after: u64, limit: u32) -> Result<(Vec<AuditRecord>, bool), ServiceError> {
    let registry = &house.registry;
    let found = match (asked.some("object"), span(asked)) {
        (Some(object), _) => registry.audit_of(&object, after, limit).await.map(|rows| (rows, false)),
        (None, Some(span)) => registry.audit_between(span, after, limit).await.map(|rows| (rows, false)),
        (None, None) => registry.audit_newest(asked.get("before").parse().ok(), limit).await.map(|rows| (rows, true)),
    };
    Ok(found.map_err(ConsoleError::from)?)
}

/// Rows of the log as a table.
pub(super) fn table(visit: &Visit, rows: &[AuditRecord]) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let row = |row: &AuditRecord| {
        let mut object = Vec::new();
        if let (Some(kind), Some(id)) = (&row.object_kind, &row.object) {
            object.push(match kind.as_str() {
                "certificate" => blocks::link(&detail::address(id), certificates::short(id)),
                _ => blocks::code(&format!("{kind} {id}")),
            });
        }
        object.extend(row.record.as_deref().map(blocks::code));
        vec![
            blocks::text(&visit.frame.lang().number(row.number)),
            blocks::text(&visit.frame.lang().moment(row.at)),
            blocks::below([blocks::text(&row.actor_kind), blocks::code(row.actor.as_deref().unwrap_or("–"))]),
            blocks::code(&row.action),
            blocks::below(object),
            blocks::text(row.reason.as_deref().unwrap_or("")),
        ]
    };
    let rows: Vec<Vec<Html>> = rows.iter().map(row).collect();
    let heads = [say("number"), say("time"), say("who"), say("what"), say("object"), say("why")];
    blocks::table(say("audit"), &heads, &rows)
}

async fn show(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let after = asked.get("after").parse().unwrap_or(0);
    let (found, newest) = rows(&house, &asked, after, limits::CONSOLE_ROWS).await?;
    let field = |name, label, kind| {
        Field { kind, value: asked.get(name), required: false, ..Field::line(name, say(label)) }.html()
    };
    let fields = [
        field("object", "object", Kind::Line { autocomplete: "off", mode: "text" }),
        field("from", "from", Kind::Day),
        field("until", "until", Kind::Day),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["object", "from", "until"] {
        query.extend_pairs(asked.some(name).map(|value| (name, value)));
    }
    let mut links = vec![blocks::link(&format!("/audit.csv?{}", query.finish()), say("download"))];
    let full = u32::try_from(found.len()).is_ok_and(|count| count == limits::CONSOLE_ROWS);
    if let Some(last) = found.last().filter(|_| full) {
        let name = if newest { "before" } else { "after" };
        query.append_pair(name, &last.number.to_string());
        links.push(blocks::link(&format!("/audit?{}", query.finish()), say("next")));
    }
    let body = all([
        visit.speech.fill("<p class=\"lead\">{{=audit.lead}}</p>", &[]),
        visit.form("get", "/audit", say("show"), fields),
        if found.is_empty() { visit.quiet(say("audit.none")) } else { table(&visit, &found) },
        blocks::lines(links),
    ]);
    Ok(visit.show("audit", &body))
}

async fn download(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let mut sheet = Sheet::new(&[
        "number",
        "at",
        "actor_kind",
        "actor",
        "action",
        "object_kind",
        "object",
        "record",
        "reason",
        "request",
        "details",
        "hash",
    ]);
    // Handing the log out is in the log.
    let entry = Entry::new(By::operator(Some(&visit.actor.name)), Deed::Export).to(ObjectKind::List, "audit");
    house.registry.audit(&entry, house.clock.now()).await.map_err(ConsoleError::from)?;
    let whole = asked.some("object").is_none() && span(&asked).is_none();
    let (mut after, mut count) = (0, 0);
    while count < limits::CONSOLE_SHEET_ROWS {
        let page = if whole {
            house.registry.audit_records(after, limits::AUDIT_PAGE).await.map_err(ConsoleError::from)?
        } else {
            rows(&house, &asked, after, limits::AUDIT_PAGE).await?.0
        };
        let Some(last) = page.last() else { break };
        after = last.number;
        for row in &page {
            count += 1;
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            sheet.row([
                row.number.to_string().as_str(),
                &row.at.to_string(),
                &row.actor_kind,
                &text(&row.actor),
                &row.action,
                &text(&row.object_kind),
                &text(&row.object),
                &text(&row.record),
                &text(&row.reason),
                &text(&row.request),
                &text(&row.details),
                &row.head().hex(),
            ]);
        }
    }
    Ok(sheet.response("audit"))
}
