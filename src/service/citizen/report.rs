//! A certificate that looks false, reported by anybody (failure F39). The answer tells nobody whether the certificate is
//! ours, neither by its words nor by its time: it comes [`REPORT_MILLISECONDS`](crate::limits::REPORT_MILLISECONDS) after
//! the report at the earliest, which is many times what looking it up takes.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    CitizenError, STYLE, WORDS,
    caller::{Caller, Form, Of},
    wrong::{kept, reference, sent},
};
use crate::{
    config::CitizenOptions,
    limits,
    registry::people::{CaseKind, NewCase},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::{
            Frame,
            form::{Field, Kind, summary},
        },
        html::{Html, Slot::Html as Made},
    },
};

const PAGE: &str = include_str!("../pages/citizen/report.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/report", "showReport")
            .tag("Citizens")
            .summary("The page on which anybody reports a certificate that looks false")
            .open()
            .gives_media(200, "text/html", "The page")
            .run(async |frame: Frame| page(&frame, "", "", &[])),
        Endpoint::post("/report", "report")
            .tag("Citizens")
            .summary("Reports a certificate that looks false")
            .open()
            .takes_media("application/x-www-form-urlencoded")
            .gives_media(200, "text/html", "The number of the case, or the form again")
            .run(send),
    ]
}

fn page(frame: &Frame, code: &str, text: &str, errors: &[(&str, &str)]) -> Response {
    let speech = frame.speech(&WORDS);
    let error = |name: &str| errors.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
    let area = |name: &'static str, label: &'static str, hint: &'static str, value| {
        let (label, hint) = (speech.say(label), speech.say(hint));
        Field { value, hint, error: error(name), required: false, kind: Kind::Area, ..Field::line(name, label) }.html()
    };
    let fields: Html =
        [area("code", "report.code", "report.code.hint", code), area("text", "report.text", "report.text.hint", text)]
            .into_iter()
            .collect();
    let slots = [("summary", Made(&summary(frame, errors))), ("fields", Made(&fields))];
    frame.page_with(speech.say("report.title"), &speech.fill(PAGE, &slots), &[&STYLE], &[])
}

/// The certificate of ours that a text names, by its number or as a code whose signature is right.
async fn ours(house: &House, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let named = house.desk().ok().and_then(|desk| desk.identifier(text).ok());
    let id = match named {
        Some(id) => id,
        None => {
            let known = house.live().current().await.ok()?;
            let (code, now) = (text.to_owned(), house.clock.now());
            let judge = move || known.knowledge.verifier(now).judge(&code).id;
            tokio::task::spawn_blocking(judge).await.ok().flatten()?
        }
    };
    let plain =
        |id: &str| !id.is_empty() && id.len() <= limits::REGISTRY_KEY_BYTES && !id.chars().any(char::is_control);
    let found = house.registry.get(&id).await.ok().flatten().filter(|_| plain(&id));
    found.map(|certificate| certificate.id)
}

async fn send(
    State(house): State<House>,
    frame: Frame,
    caller: Caller,
    request: Request,
) -> Result<Response, ServiceError> {
    let form = Form::read(request).await?;
    let speech = frame.speech(&WORDS);
    let (code, text) = (kept(form.get("code")), kept(form.get("text")));
    if code.is_empty() && text.is_empty() {
        let errors = [("code", speech.say("error.report"))];
        return Ok(page(&frame, form.get("code"), form.get("text"), &errors));
    }
    if text.chars().count() > limits::CASE_CHARS {
        return Ok(page(&frame, form.get("code"), form.get("text"), &[("text", speech.say("error.text"))]));
    }
    // From here on what is done depends on whose certificate it is, and no answer leaves before its time.
    let least = tokio::time::sleep(Duration::from_millis(limits::REPORT_MILLISECONDS));
    let opened = open(&house, &caller, &code, text).await;
    least.await;
    match opened? {
        Some(reference) => Ok(sent(&frame, &reference, "/")),
        None => Ok(page(&frame, form.get("code"), form.get("text"), &[("code", speech.say("error.many"))])),
    }
}

/// Opens a case, and gives what it is called; `None` when too many were opened from there.
async fn open(house: &House, caller: &Caller, code: &str, text: String) -> Result<Option<String>, CitizenError> {
    let certificate = ours(house, code).await;
    // What names no certificate of ours is all that an operator has.
    let words = if certificate.is_some() || code.is_empty() { text } else { format!("{text}\n\n{code}") };
    let reference = reference(house)?;
    let case = NewCase {
        reference: reference.clone(),
        kind: CaseKind::LooksFalse,
        tracked_entity: None,
        certificate,
        text: words.trim().chars().take(limits::CASE_CHARS).collect(),
    };
    let limits = house.setup.citizen.as_ref().map_or_else(|| CitizenOptions::rehearsal().limits, |o| o.limits);
    let marks = house.marks().await?;
    let block = caller.mark(marks);
    let [short, long] = Caller::allowances(limits, Of::Cases);
    let wanted = [(short, block.as_slice()), (long, block.as_slice())];
    Ok(house.registry.open_case(&case, &wanted, house.clock.now()).await?.map(|_| reference))
}
