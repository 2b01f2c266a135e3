//! "Something is wrong": a case about a certificate, or about a person of the session.

use axum::{
    extract::{Query, Request, State, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::{CitizenError, STYLE, WORDS, caller::Form, mine::held, session::Session, shown::shown};
use crate::{
    batch::BatchError,
    config::CitizenLimits,
    limits,
    registry::people::{Allowance, CaseKind, NewCase},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::{
            Frame, Speech,
            form::{Field, Kind, hidden, summary},
        },
        html::{
            Html,
            Slot::{Html as Made, Text},
        },
    },
    work::people::Marks,
};

const PAGE: &str = include_str!("../pages/citizen/wrong.html");
const SENT: &str = include_str!("../pages/citizen/sent.html");

/// What can be wrong with one's own certificates.
const KINDS: [CaseKind; 7] = [
    CaseKind::Name,
    CaseKind::Date,
    CaseKind::Dose,
    CaseKind::NotMe,
    CaseKind::NotVaccinated,
    CaseKind::Missing,
    CaseKind::Other,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/me/wrong", "showWrong")
            .tag("Citizens")
            .summary("The page on which somebody says what is wrong")
            .citizen()
            .query::<String>("about", "A certificate or a person, as this session calls it")
            .gives_media(200, "text/html", "The page")
            .run(show),
        Endpoint::post("/me/wrong", "openCase")
            .tag("Citizens")
            .summary("Opens a case")
            .citizen()
            .takes_media("application/x-www-form-urlencoded")
            .gives_media(200, "text/html", "The number of the case, or the form again")
            .run(send),
    ]
}

/// What a case is about.
struct About {
    name: String,
    person: String,
    certificate: Option<String>,
    title: String,
}

async fn about(house: &House, session: &Session, name: &str, speech: Speech) -> Result<About, CitizenError> {
    for (person, certificates) in held(house, session).await? {
        for held in &certificates {
            if session.name(held.id()) == *name {
                let title = shown(held, speech).title;
                let certificate = Some(held.id().to_owned());
                return Ok(About { name: name.to_owned(), person, certificate, title });
            }
        }
        if session.name(&person) == *name {
            return Ok(About { name: name.to_owned(), person, certificate: None, title: String::new() });
        }
    }
    Err(CitizenError::Nothing)
}

#[derive(Deserialize)]
struct Which {
    about: Option<String>,
}

async fn show(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, ServiceError> {
    let name = which.ok().and_then(|Query(which)| which.about).unwrap_or_default();
    let about = about(&house, &session, &name, frame.speech(&WORDS)).await?;
    Ok(page(&frame, &about, "", "", &[]))
}

fn page(frame: &Frame, about: &About, kind: &str, text: &str, errors: &[(&str, &str)]) -> Response {
    let speech = frame.speech(&WORDS);
    let error = |name: &str| errors.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
    let choose = [("", speech.say("wrong.choose").to_owned())];
    let kinds: Vec<(&str, String)> = choose
        .into_iter()
        .chain(KINDS.map(|kind| (kind.as_str(), speech.say(&format!("case.{}", kind.as_str())).to_owned())))
        .collect();
    let fields: Html = [
        hidden("about", &about.name),
        Field {
            value: kind,
            error: error("kind"),
            kind: Kind::Select(&kinds),
            ..Field::line("kind", speech.say("wrong.kind"))
        }
        .html(),
        Field {
            value: text,
            hint: speech.say("wrong.text.hint"),
            error: error("text"),
            kind: Kind::Area,
            ..Field::line("text", speech.say("wrong.text"))
        }
        .html(),
    ]
    .into_iter()
    .collect();
    let slots = [("title", Text(&about.title)), ("summary", Made(&summary(frame, errors))), ("fields", Made(&fields))];
    frame.page_with(speech.say("wrong.title"), &speech.fill(PAGE, &slots), &[&STYLE], &[])
}

/// A text as it may be kept: line ends are one sign, other control characters none.
pub(super) fn kept(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || !c.is_control()).collect::<String>().trim().to_owned()
}

/// How a citizen calls a case: eight letters and digits that are not mistaken for one another on the telephone.
pub(super) fn reference(house: &House) -> Result<String, CitizenError> {
    const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bytes = [0; 8];
    (house.random)(&mut bytes).map_err(BatchError::from)?;
    let mut signs = bytes.iter().filter_map(|byte| SIGNS.get(usize::from(byte % 32))).map(|sign| char::from(*sign));
    let first: String = signs.by_ref().take(4).collect();
    Ok(format!("{first}-{}", signs.collect::<String>()))
}

/// The page that tells the number of a case.
pub(super) fn sent(frame: &Frame, reference: &str, back: &str) -> Response {
    let speech = frame.speech(&WORDS);
    let lead = speech.with("sent.lead", &[("number", reference)]);
    let slots = [("lead", Text(lead.as_str())), ("back", Text(back))];
    frame.page_with(speech.say("sent.title"), &speech.fill(SENT, &slots), &[&STYLE], &[])
}

async fn send(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    request: Request,
) -> Result<Response, ServiceError> {
    let form = Form::read(request).await?;
    let speech = frame.speech(&WORDS);
    let about = about(&house, &session, form.get("about"), speech).await?;
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == form.get("kind"));
    let text = kept(form.get("text"));
    let mut errors = Vec::new();
    if kind.is_none() {
        errors.push(("kind", speech.say("error.kind")));
    }
    if text.is_empty() || text.chars().count() > limits::CASE_CHARS {
        errors.push(("text", speech.say("error.text")));
    }
    let Some(kind) = kind.filter(|_| errors.is_empty()) else {
        return Ok(page(&frame, &about, form.get("kind"), form.get("text"), &errors));
    };
    let reference = reference(&house)?;
    let case = NewCase {
        reference: reference.clone(),
        kind,
        tracked_entity: Some(about.person.clone()),
        certificate: about.certificate.clone(),
        text,
    };
    let owner = Marks::person(&session.marks, &about.person);
    let day = Allowance::new("cases of person, day", 10, CitizenLimits::DAY);
    let opened = house.registry.open_case(&case, &[(day, owner.as_slice())], house.clock.now()).await;
    if opened.map_err(CitizenError::from)?.is_none() {
        let errors = [("text", speech.say("error.many"))];
        return Ok(page(&frame, &about, form.get("kind"), form.get("text"), &errors));
    }
    Ok(sent(&frame, &reference, "/me"))
}
