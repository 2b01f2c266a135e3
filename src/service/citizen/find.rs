//! The first page: an identifier and a date of birth. The answer is always the same.

use axum::{
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{
    CitizenError, STYLE, WORDS,
    caller::{Caller, Form, Of},
    session::{QUESTION, fresh},
};
use crate::{
    config::{CitizenOptions, IdentifierKind},
    limits,
    registry::people::CodeRequest,
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
    work::people::{Birth, identifier},
};

const PAGE: &str = include_str!("../pages/citizen/find.html");
const CLOSED: &str = include_str!("../pages/citizen/closed.html");
const BIRTH: &str = include_str!("../pages/citizen/birth.html");
const NOTE: &str = include_str!("../pages/citizen/note.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/", "showFind")
            .tag("Citizens")
            .summary("The page on which people find their own certificates")
            .open()
            .query::<String>("ended", "Set when a session has ended")
            .gives_media(200, "text/html", "The page")
            .run(show),
        Endpoint::post("/find", "askForCode")
            .tag("Citizens")
            .summary("Asks for a one-time code")
            .about("The answer does not depend on whether anybody is found.")
            .open()
            .takes_media("application/x-www-form-urlencoded")
            .gives_media(200, "text/html", "The form again, with what is to be corrected")
            .gives_nothing(303, "To the page that takes the code")
            .run(ask),
    ]
}

#[derive(Deserialize)]
struct Asked {
    ended: Option<String>,
}

async fn show(State(house): State<House>, frame: Frame, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let ended = asked.is_ok_and(|Query(asked)| asked.ended.is_some());
    page(&house, &frame, &Entered::default(), &[], ended)
}

/// What was entered.
#[derive(Debug, Clone, Default)]
pub(super) struct Entered {
    kind: String,
    number: String,
    day: String,
    month: String,
    year: String,
}

impl Entered {
    pub(super) fn of(form: &Form) -> Self {
        let field = |name: &str| form.get(name).chars().take(200).collect();
        Self {
            kind: field("kind"),
            number: field("number"),
            day: field("day"),
            month: field("month"),
            year: field("year"),
        }
    }

    /// The identifier in its one form and the date of birth, or what is wrong with which field.
    pub(super) fn read<'o>(
        &self,
        options: &'o CitizenOptions,
        speech: Speech,
    ) -> Result<(&'o IdentifierKind, String, Birth), Vec<(&'static str, &'static str)>> {
        let kinds = &options.identifiers;
        let kind = kinds.iter().find(|kind| kind.name == self.kind).or_else(|| kinds.first());
        let (number, birth) = (identifier(&self.number), Birth::written(&self.day, &self.month, &self.year));
        let mut wrong = Vec::new();
        if number.is_none() {
            wrong.push(("number", speech.say("error.number")));
        }
        if birth.is_none() {
            wrong.push(("day", speech.say("error.birth")));
        }
        match (kind, number, birth) {
            (Some(kind), Some(number), Some(birth)) => Ok((kind, number, birth)),
            _ => Err(wrong),
        }
    }

    /// The fields: kind where there are several, number, date of birth.
    pub(super) fn fields(&self, options: &CitizenOptions, speech: Speech, errors: &[(&str, &str)]) -> Html {
        let error = |name: &str| errors.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
        let label = |kind: &IdentifierKind| {
            let own = kind.labels.get(speech.lang().code()).or_else(|| kind.labels.get("en"));
            own.map(String::as_str)
                .or_else(|| speech.find(&format!("kind.{}", kind.name)))
                .unwrap_or(&kind.name)
                .to_owned()
        };
        let mut fields = Html::default();
        let number_label = match options.identifiers.as_slice() {
            [only] => {
                fields.push(&hidden("kind", &only.name));
                label(only)
            }
            several => {
                let kinds: Vec<(&str, String)> = several.iter().map(|kind| (kind.name.as_str(), label(kind))).collect();
                let choice = Field {
                    value: &self.kind,
                    kind: Kind::Select(&kinds),
                    ..Field::line("kind", speech.say("find.kind"))
                };
                fields.push(&choice.html());
                speech.say("find.number").to_owned()
            }
        };
        let number = Field {
            value: &self.number,
            hint: speech.say("find.number.hint"),
            error: error("number"),
            ..Field::line("number", &number_label)
        };
        fields.push(&number.html());
        fields.push(&self.birth(speech, error("day")));
        fields
    }

    /// The three fields of the date of birth, in the order of the language.
    pub(super) fn birth(&self, speech: Speech, error: Option<&str>) -> Html {
        let part = |name: &'static str, value: &str, autocomplete: &'static str| {
            let kind = Kind::Line { autocomplete, mode: "numeric" };
            let label = speech.say(match name {
                "day" => "birth.day",
                "month" => "birth.month",
                _ => "birth.year",
            });
            Field { value, kind, required: name == "year", ..Field::line(name, label) }.html()
        };
        let day = part("day", &self.day, "bday-day");
        let month = part("month", &self.month, "bday-month");
        let year = part("year", &self.year, "bday-year");
        let parts = match speech.lang().code() {
            // Written with the year first.
            "si" => [year, month, day],
            _ => [day, month, year],
        };
        let described = if error.is_some() { "birth-error birth-hint" } else { "birth-hint" };
        let error = error.map(|error| speech.fill(NOTE_WRONG, &[("text", Text(error))])).unwrap_or_default();
        let described = Text(described);
        let parts = parts.into_iter().collect();
        speech.fill(BIRTH, &[("parts", Made(&parts)), ("error", Made(&error)), ("described", described)])
    }
}

const NOTE_WRONG: &str = "<p class=\"wrong\" id=\"birth-error\">{{text}}</p>";

/// A remark at the head of a page.
pub(super) fn note(speech: Speech, key: &str, good: bool) -> Html {
    let class = if good { "notice done" } else { "notice" };
    speech.fill(NOTE, &[("class", Text(class)), ("text", Text(speech.say(key)))])
}

fn page(house: &House, frame: &Frame, entered: &Entered, errors: &[(&str, &str)], ended: bool) -> Response {
    let speech = frame.speech(&WORDS);
    let title = speech.say("find.title");
    let Some(options) = &house.setup.citizen else {
        return frame.page(title, &speech.fill(CLOSED, &[]));
    };
    let body = speech.fill(
        PAGE,
        &[
            ("note", Made(&if ended { note(speech, "ended.lead", false) } else { Html::default() })),
            ("summary", Made(&summary(frame, errors))),
            ("fields", Made(&entered.fields(options, speech, errors))),
        ],
    );
    frame.page_with(title, &body, &[&STYLE], &[])
}

async fn ask(
    State(house): State<House>,
    frame: Frame,
    caller: Caller,
    request: Request,
) -> Result<Response, ServiceError> {
    let form = Form::read(request).await?;
    let Some(options) = &house.setup.citizen else { return Err(CitizenError::Nothing.into()) };
    let entered = Entered::of(&form);
    let (kind, number, birth) = match entered.read(options, frame.speech(&WORDS)) {
        Ok(read) => read,
        Err(errors) => return Ok(page(&house, &frame, &entered, &errors, false)),
    };
    let marks = house.marks().await.map_err(CitizenError::from)?;
    let token = fresh(&house)?;
    let mark = marks.identifier(&kind.name, &number);
    let request = CodeRequest {
        id: marks.token(QUESTION, &token),
        kind: kind.name.clone(),
        births: marks.births_of_identifier(&mark, birth),
        mark,
        language: frame.lang().code().to_owned(),
    };
    let block = caller.mark(marks);
    let [short, long] = Caller::allowances(options.limits, Of::Questions);
    let now = house.clock.now();
    let ends_at = now.saturating_add(SignedDuration::from_secs(limits::CODE_SECONDS)).unwrap_or(now);
    // Whether it was taken is nothing that the answer may tell.
    let wanted = [(short, block.as_slice()), (long, block.as_slice())];
    house.registry.ask_code(&request, &wanted, ends_at, now).await.map_err(CitizenError::from)?;
    let mut response = Redirect::to("/code").into_response();
    caller.set_cookie(&mut response, QUESTION, &token, Some(limits::CODE_SECONDS));
    Ok(response)
}
