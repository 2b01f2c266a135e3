//! The code that came by message.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    CitizenError, STYLE, WORDS,
    caller::{Caller, Form, Of, cookie},
    session::{COOKIE, QUESTION, fresh},
};
use crate::service::{
    House, ServiceError,
    api::Endpoint,
    frame::{
        Frame,
        form::{Field, Kind, summary},
    },
    html::Slot::Html as Made,
};

const PAGE: &str = include_str!("../pages/citizen/code.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/code", "showCode")
            .tag("Citizens")
            .summary("The page that takes a one-time code")
            .open()
            .gives_media(200, "text/html", "The page")
            .run(async |frame: Frame| page(&frame, "", None)),
        Endpoint::post("/code", "useCode")
            .tag("Citizens")
            .summary("Begins a session with a one-time code")
            .open()
            .takes_media("application/x-www-form-urlencoded")
            .gives_media(200, "text/html", "The form again: the code is not right or has ended")
            .gives_nothing(303, "To the certificates")
            .run(open),
    ]
}

fn page(frame: &Frame, entered: &str, error: Option<&str>) -> Response {
    let speech = frame.speech(&WORDS);
    let title = speech.say("code.title");
    let errors: Vec<(&str, &str)> = error.iter().map(|error| ("code", *error)).collect();
    let kind = Kind::Line { autocomplete: "one-time-code", mode: "numeric" };
    let field = Field { value: entered, error, kind, ..Field::line("code", speech.say("code.code")) };
    let slots = [("summary", Made(&summary(frame, &errors))), ("field", Made(&field.html()))];
    frame.page_with(title, &speech.fill(PAGE, &slots), &[&STYLE], &[])
}

async fn open(
    State(house): State<House>,
    frame: Frame,
    caller: Caller,
    request: Request,
) -> Result<Response, ServiceError> {
    let question = cookie(request.headers(), QUESTION).unwrap_or_default().to_owned();
    let form = Form::read(request).await?;
    let Some(options) = &house.setup.citizen else { return Err(CitizenError::Nothing.into()) };
    let entered = form.get("code");
    let digits: String = crate::work::people::digits(entered).chars().filter(char::is_ascii_digit).take(12).collect();
    let marks = house.marks().await.map_err(CitizenError::from)?;
    let (id, token) = (marks.token(QUESTION, &question), fresh(&house)?);
    let (code, session, block) = (marks.code(&id, &digits), marks.token(COOKIE, &token), caller.mark(marks));
    let [short, long] = Caller::allowances(options.limits, Of::Tries);
    let wanted = [(short, block.as_slice()), (long, block.as_slice())];
    let right = house.registry.try_code(&id, &code, &session, &wanted, house.clock.now()).await;
    if !right.map_err(CitizenError::from)? {
        return Ok(page(&frame, "", Some(frame.speech(&WORDS).say("error.code"))));
    }
    let mut response = Redirect::to("/me").into_response();
    caller.set_cookie(&mut response, COOKIE, &token, None);
    caller.set_cookie(&mut response, QUESTION, "", Some(0));
    Ok(response)
}
