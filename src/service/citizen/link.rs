//! The link of a message. What it opens is asked for only together with the date of birth, so that the page before it
//! is the same for a link that works and for one that was made up.

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    CitizenError, STYLE, WORDS,
    caller::{Caller, Form, Of},
    find::Entered,
    session::{COOKIE, fresh},
};
use crate::{
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::{Frame, form::summary},
        html::Slot::Html as Made,
    },
    work::{messages::LINK_CHARS, people::Birth},
};

const PAGE: &str = include_str!("../pages/citizen/link.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/l/{token}", "showLink")
            .tag("Citizens")
            .summary("The page behind the link of a message, which asks for the date of birth")
            .open()
            .path_parameter("token", "What the message holds")
            .gives_media(200, "text/html", "The page, whether the link works or not")
            .run(async |frame: Frame| page(&frame, &Entered::default(), None)),
        Endpoint::post("/l/{token}", "openLink")
            .tag("Citizens")
            .summary("Begins a session with a link and a date of birth")
            .open()
            .path_parameter("token", "What the message holds")
            .takes_media("application/x-www-form-urlencoded")
            .gives_media(200, "text/html", "The form again: the date does not fit, or the link has ended")
            .gives_nothing(303, "To the certificates")
            .run(open),
    ]
}

fn page(frame: &Frame, entered: &Entered, error: Option<&str>) -> Response {
    let speech = frame.speech(&WORDS);
    let title = speech.say("link.title");
    let errors: Vec<(&str, &str)> = error.iter().map(|error| ("day", *error)).collect();
    let slots = [("summary", Made(&summary(frame, &errors))), ("birth", Made(&entered.birth(speech, error)))];
    frame.page_with(title, &speech.fill(PAGE, &slots), &[&STYLE], &[])
}

async fn open(
    State(house): State<House>,
    frame: Frame,
    caller: Caller,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ServiceError> {
    let form = Form::read(request).await?;
    let Some(options) = &house.setup.citizen else { return Err(CitizenError::Nothing.into()) };
    let link = token.map(|Path(token)| token).unwrap_or_default();
    let link = link.get(..LINK_CHARS).filter(|_| link.len() == LINK_CHARS).unwrap_or_default();
    let entered = Entered::of(&form);
    let speech = frame.speech(&WORDS);
    let Some(birth) = Birth::written(form.get("day"), form.get("month"), form.get("year")) else {
        return Ok(page(&frame, &entered, Some(speech.say("error.birth"))));
    };
    let marks = house.marks().await.map_err(CitizenError::from)?;
    let token = fresh(&house)?;
    let (mark, session, block) = (marks.token("link", link), marks.token(COOKIE, &token), caller.mark(marks));
    let [short, long] = Caller::allowances(options.limits, Of::Tries);
    let wanted = [(short, block.as_slice()), (long, block.as_slice())];
    let births = |person: &str| marks.births_of_person(person, birth);
    let right = house.registry.open_link(&mark, births, &session, &wanted, house.clock.now()).await;
    if !right.map_err(CitizenError::from)? {
        return Ok(page(&frame, &Entered::default(), Some(speech.say("error.link"))));
    }
    let mut response = Redirect::to("/me").into_response();
    caller.set_cookie(&mut response, COOKIE, &token, None);
    Ok(response)
}
