//! Revokes many certificates: a list of identifiers, with a line for each, or everything of a facility, an operator or
//! a batch of vaccine in a window of time. Of neither anything is done before its exact number was typed.

use axum::{
    extract::{Multipart, State},
    response::Response,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::{ConsoleError, HTML, Html, SENT, Sent, TAG, Visit, all, blocks, certificates, detail, issue, sent::day};
use crate::{
    access::Right,
    limits,
    registry::{Reason, Selection},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind, hidden, summary},
        html::Slot::{Html as Made, Text},
    },
    work::desk::{Bulk, BulkDone, DeskError, Line, LineDone, Names, Order},
};

const UPLOAD: &str = include_str!("../pages/console/upload.html");
/// Lines of a report that the page shows; the file has all of them.
const SHOWN: usize = 500;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let send = |path, id, media: &'static str| {
        Endpoint::post(path, id).tag(TAG).needs(Right::Revoke).takes_media(media).gives_media(
            200,
            HTML,
            "What would be done, or what became of it",
        )
    };
    vec![
        Endpoint::get("/revoke", "showRevoke")
            .tag(TAG)
            .summary("The forms by which many certificates are revoked")
            .needs(Right::Revoke)
            .gives_media(200, HTML, "The page")
            .run(show),
        send("/revoke/window", "sendRevokeWindow", SENT).summary("Revoke what came from somewhere").run(window),
        send("/revoke/list", "sendRevokeList", "multipart/form-data")
            .summary("Revoke a list of identifiers")
            .run(axum::handler::Handler::layer(list, axum::extract::DefaultBodyLimit::max(limits::CONSOLE_CSV_BYTES))),
    ]
}

async fn show(visit: Visit) -> Response {
    visit.show("revoke", &forms(&visit, &Sent::default(), &[]))
}

/// Both forms; `errors` are those of the fields of `sent`.
fn forms(visit: &Visit, sent: &Sent, errors: &[(&str, &str)]) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let options = visit.reasons();
    let wrong = |name: &str| errors.iter().find(|(at, _)| *at == name).map(|(_, text)| *text);
    let cause = |name| {
        let value = Some(sent.get("cause")).filter(|text| !text.is_empty()).unwrap_or(Reason::Fraud.as_str());
        Field { kind: Kind::Select(&options), value, ..Field::line(name, say("reason")) }.html()
    };
    let text = |name, label| Field {
        value: sent.get(name),
        required: false,
        error: wrong(name),
        ..Field::line(name, say(label))
    };
    let of_day = |name, label| Field { kind: Kind::Day, ..text(name, label) }.html();
    let why = issue::why(visit, sent.get("reason"), wrong("reason"));
    let window = [
        Field { hint: say("window.facility.hint"), ..text("facility", "window.facility") }.html(),
        Field { hint: say("window.operator.hint"), ..text("operator", "window.operator") }.html(),
        text("lot", "window.lot").html(),
        of_day("issued-from", "window.issued-from"),
        of_day("issued-until", "window.issued-until"),
        of_day("given-from", "window.given-from"),
        of_day("given-until", "window.given-until"),
        cause("cause"),
        why.html(),
    ];
    let number = Field {
        hint: say("list.number.hint"),
        kind: Kind::Line { autocomplete: "off", mode: "numeric" },
        ..Field::line("number", say("list.number"))
    };
    let file = Field {
        hint: say("list.file.hint"),
        kind: Kind::File { accept: ".csv,text/csv,text/plain" },
        ..Field::line("list", say("list.file"))
    };
    // The names of fields are those of the page: each stands there once.
    let list_why = Field { hint: say("why.hint"), ..Field::line("list-reason", say("why")) };
    let upload = all([file.html(), cause("list-cause"), list_why.html(), number.html()]);
    let slots = [("fields", Made(&upload)), ("button", Text(say("revoke.list.button")))];
    all([
        summary(&visit.frame, errors),
        visit.speech.fill("<p class=\"lead\">{{=revoke.lead}}</p>", &[]),
        visit.section("list-title", say("revoke.list"), &visit.speech.fill(UPLOAD, &slots)),
        visit.section("window", say("revoke.window"), &visit.form("post", "/revoke/window", say("preview"), window)),
    ])
}

/// The beginning of a day in UTC, `days` later.
fn midnight(day: Option<Date>, days: i32) -> Option<Timestamp> {
    let day = day?.checked_add(days.days()).ok()?;
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

fn selection<'a>(visit: &Visit, sent: &'a Sent) -> Result<Selection, Vec<(&'a str, &'static str)>> {
    let mut errors = Vec::new();
    let mut of_day = |name: &'static str| {
        day(sent.get(name)).unwrap_or_else(|()| {
            errors.push((name, visit.speech.say("day.wrong")));
            None
        })
    };
    let selection = Selection {
        facility: sent.some("facility"),
        operator: sent.some("operator"),
        lot: sent.some("lot"),
        issued_from: midnight(of_day("issued-from"), 0),
        issued_until: midnight(of_day("issued-until"), 1),
        given_from: of_day("given-from"),
        given_until: of_day("given-until"),
    };
    if sent.get("reason").is_empty() {
        errors.push(("reason", visit.speech.say("why.missing")));
    }
    if selection.facility.is_none() && selection.operator.is_none() && selection.lot.is_none() {
        errors.push(("facility", visit.speech.say("window.missing")));
    }
    if errors.is_empty() { Ok(selection) } else { Err(errors) }
}

async fn window(State(house): State<House>, visit: Visit, sent: Sent) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let desk = house.desk().map_err(ConsoleError::from)?;
    let selection = match selection(&visit, &sent) {
        Ok(selection) => selection,
        Err(errors) => return Ok(visit.show("revoke", &forms(&visit, &sent, &errors))),
    };
    let reason = Reason::read(sent.get("cause")).ok_or(ConsoleError::Form)?;
    let order = Order { actor: &visit.actor, reason: sent.get("reason") };
    let typed = sent.get("confirm");
    let confirm = typed.parse().ok();
    let bulk = Bulk::Selection(Box::new(selection));
    let done = desk.revoke_many(bulk, reason, typed.is_empty(), confirm, order).await;
    let body = match done {
        Ok(BulkDone { found, unknown, signing, .. }) if typed.is_empty() => {
            confirmation(&visit, &sent, found, (unknown, signing), None)
        }
        Ok(done) => after(&visit, &done),
        Err(DeskError::NotConfirmed { found }) => {
            confirmation(&visit, &sent, found, (0, 0), Some(say("window.confirm.wrong")))
        }
        Err(error) => all([certificates::failed(&visit, &error), forms(&visit, &sent, &[])]),
    };
    Ok(visit.show("revoke", &body))
}

/// How many there are, and the field into which that number is typed.
fn confirmation(visit: &Visit, sent: &Sent, found: usize, (unknown, signing): (u64, u64), error: Option<&str>) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let found = u64::try_from(found).unwrap_or(u64::MAX);
    let mut told = vec![blocks::text(&visit.counted("window.found", found))];
    if unknown > 0 {
        told.push(blocks::text(&visit.counted("window.unknown", unknown)));
    }
    if signing > 0 {
        told.push(blocks::text(&visit.counted("window.signing", signing)));
    }
    let mut body = blocks::notice("", &blocks::below(told));
    if found > 0 {
        let names = [
            "facility",
            "operator",
            "lot",
            "issued-from",
            "issued-until",
            "given-from",
            "given-until",
            "cause",
            "reason",
        ];
        let mut fields: Vec<Html> = names.into_iter().map(|name| hidden(name, sent.get(name))).collect();
        let typed = Field {
            hint: say("window.confirm.hint"),
            error,
            kind: Kind::Line { autocomplete: "off", mode: "numeric" },
            ..Field::line("confirm", say("window.confirm"))
        };
        fields.push(typed.html());
        body.push(&visit.form("post", "/revoke/window", say("revoke"), fields));
    }
    body.push(&blocks::lines([blocks::link("/revoke", say("back"))]));
    body
}

fn after(visit: &Visit, done: &BulkDone) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let revoked = u64::try_from(done.revoked).unwrap_or(u64::MAX);
    let mut told = vec![blocks::text(&visit.counted("bulk.done", revoked))];
    if let Some(bulk) = &done.bulk {
        let undo = format!("vaccert revoke --undo-group {bulk} --reason mistake");
        told.push(all([blocks::text(say("bulk.undo")), blocks::code(&undo)]));
    }
    let mut body = blocks::notice("done", &blocks::below(told));
    let row = |line: &LineDone| {
        let class = match line.result {
            "revoked" | "already-revoked" => "accepted",
            "not-signed" => "undecided",
            _ => "rejected",
        };
        // What is no identifier may be anything, the name of a person among it, and is not repeated.
        let id = line.id.as_deref().map(|id| blocks::link(&detail::address(id), certificates::short(id)));
        let word = say(&format!("line.{}", line.result));
        vec![blocks::text(&visit.frame.lang().number(line.number)), id.unwrap_or_default(), blocks::mark(class, word)]
    };
    let rows: Vec<Vec<Html>> = done.lines.iter().take(SHOWN).map(row).collect();
    if !rows.is_empty() {
        body.push(&blocks::table(say("revoke.list"), &[say("line"), say("identifier"), say("state")], &rows));
        if done.lines.len() > SHOWN {
            let count = |wanted: &str| done.lines.iter().filter(|line| line.result == wanted).count();
            let tally = ["revoked", "already-revoked", "not-signed", "unknown", "malformed"];
            let tally = tally.map(|result| format!("{}: {}", say(&format!("line.{result}")), count(result)));
            body.push(&blocks::lines(tally.iter().map(|line| blocks::text(line))));
        }
    }
    body.push(&blocks::lines([blocks::link("/revoke", say("back"))]));
    body
}

async fn list(State(house): State<House>, visit: Visit, form: Multipart) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let (sent, bytes) = parts(form).await?;
    let lines = lines(&bytes);
    let mut errors: Vec<(&str, &str)> = Vec::new();
    if lines.is_empty() {
        errors.push(("list", say("list.empty")));
    }
    if sent.get("list-reason").is_empty() {
        errors.push(("list-reason", say("why.missing")));
    }
    let number = visit.counted("list.number.wrong", u64::try_from(lines.len()).unwrap_or(u64::MAX));
    if !lines.is_empty() && sent.get("number").parse() != Ok(lines.len()) {
        errors.push(("number", &number));
    }
    if !errors.is_empty() {
        return Ok(visit.show("revoke", &forms(&visit, &sent, &errors)));
    }
    let reason = Reason::read(sent.get("list-cause")).ok_or(ConsoleError::Form)?;
    let order = Order { actor: &visit.actor, reason: sent.get("list-reason") };
    let desk = house.desk().map_err(ConsoleError::from)?;
    let body = match desk.revoke_many(Bulk::Names(Names { lines }), reason, false, None, order).await {
        Ok(done) => after(&visit, &done),
        Err(error) => all([certificates::failed(&visit, &error), forms(&visit, &sent, &[])]),
    };
    Ok(visit.show("revoke", &body))
}

/// The fields of a form with a file, and the file.
async fn parts(mut form: Multipart) -> Result<(Sent, Vec<u8>), ServiceError> {
    let (mut fields, mut file) = (Vec::new(), Vec::new());
    loop {
        let part = form.next_field().await.map_err(|_| ConsoleError::Form)?;
        let Some(part) = part else { return Ok((Sent::of(fields), file)) };
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| ConsoleError::Form)?;
        if name == "list" {
            file = bytes.to_vec();
        } else if fields.len() < 20 && bytes.len() <= limits::CONSOLE_FORM_BYTES {
            fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}

/// Identifiers of a list: the column `id` (or `identifier`, `uvci`), or else the first one; a reason of its own in a
/// column `reason`. A line that cannot be read is one without an identifier.
fn lines(bytes: &[u8]) -> Vec<Line> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let (mut at, mut why) = (0, None);
    let mut found = Vec::new();
    // The reader counts a line end of two characters late.
    let (mut number, mut counted) = (1, 0);
    for (place, record) in reader.byte_records().enumerate() {
        let record = record.unwrap_or_default();
        let start = record.position().map_or(counted, |position| usize::try_from(position.byte()).unwrap_or(counted));
        let more = bytes.get(counted..start).unwrap_or_default();
        number += u64::try_from(more.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0);
        counted = counted.max(start);
        let ahead = bytes.get(counted..).unwrap_or_default();
        let skipped =
            ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
        let line = number + u64::try_from(skipped).unwrap_or(0);
        let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let named =
            |names: &[&str]| cells.iter().position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)));
        if place == 0
            && let Some(column) = named(&["id", "identifier", "uvci"])
        {
            (at, why) = (column, named(&["reason"]));
            continue;
        }
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let reason = why.and_then(|column| cells.get(column)).and_then(|word| Reason::read(&word.to_lowercase()));
        found.push(Line { number: line, id: cells.get(at).cloned().unwrap_or_default(), reason });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_and_without_a_head_and_in_any_order_of_columns() {
        let of =
            |text: &str| lines(text.as_bytes()).into_iter().map(|l| (l.number, l.id, l.reason)).collect::<Vec<_>>();
        assert_eq!(of("A\nB\n\n"), [(1, "A".to_owned(), None), (2, "B".to_owned(), None)]);
        let fraud = Some(Reason::Fraud);
        assert_eq!(of("\u{feff}Reason;ID\r\nfraud;A\r\nodd;B"), [(2, "A".into(), fraud), (3, "B".into(), None)]);
        assert_eq!(of("id,name\n\"A\",\"x, y\"\n"), [(2, "A".into(), None)]);
        assert!(of("").is_empty() && of("\n\n").is_empty() && of("id\n").is_empty());
    }
}
