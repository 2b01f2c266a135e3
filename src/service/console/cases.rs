//! The cases that citizens open: read, answered, decided. What a decision asks for (a correction, a revocation) is done
//! on the page of the certificate.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};

use super::{Asked, ConsoleError, HTML, Html, SENT, Sent, TAG, Visit, all, blocks, certificates, detail};
use crate::{
    access::Right,
    limits,
    registry::people::{Case, CaseState, CaseStep},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind, summary},
    },
};

const QUOTE: &str = include_str!("../pages/console/quote.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/cases", "listCases")
            .tag(TAG)
            .summary("Cases of citizens")
            .needs(Right::Cases)
            .query::<String>("state", "open, answered or closed; open by default")
            .query::<i64>("after", "Number of the last case of the page before")
            .gives_media(200, HTML, "The page")
            .run(list),
        Endpoint::get("/cases/{number}", "showCase")
            .tag(TAG)
            .summary("A case, and what became of it")
            .needs(Right::Cases)
            .path_parameter("number", "Its number")
            .gives_media(200, HTML, "The page")
            .run(show),
        Endpoint::post("/cases/{number}", "sendDecision")
            .tag(TAG)
            .summary("Answer or close a case")
            .needs(Right::Cases)
            .path_parameter("number", "Its number")
            .takes_media(SENT)
            .gives_media(200, HTML, "The page with what is wrong")
            .gives_nothing(303, "Decided: the page of the case")
            .run(decide),
    ]
}

fn state(visit: &Visit, state: CaseState) -> Html {
    let class = if state == CaseState::Open { "undecided" } else { "accepted" };
    blocks::mark(class, visit.speech.say(&format!("case.{}", state.as_str())))
}

async fn list(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let wanted = CaseState::read(asked.get("state")).unwrap_or(CaseState::Open);
    let after = asked.get("after").parse().unwrap_or(0);
    let cases = house.registry.cases(Some(wanted), after, limits::CONSOLE_ROWS).await.map_err(ConsoleError::from)?;
    let states = [CaseState::Open, CaseState::Answered, CaseState::Closed];
    let states: Vec<(&str, String)> =
        states.map(|state| (state.as_str(), say(&format!("case.{}", state.as_str())).to_owned())).into();
    let kind = Kind::Select(&states);
    let field = Field { kind, value: wanted.as_str(), ..Field::line("state", say("state")) };
    let mut body = visit.form("get", "/cases", say("show"), [field.html()]);
    let lang = visit.frame.lang();
    let row = |case: &Case| {
        vec![
            blocks::link(&format!("/cases/{}", case.number), &case.number.to_string()),
            blocks::text(say(&format!("case.kind.{}", case.kind.as_str()))),
            state(&visit, case.state),
            blocks::text(&lang.moment(case.made_at)),
        ]
    };
    let rows: Vec<Vec<Html>> = cases.iter().map(row).collect();
    if rows.is_empty() {
        body.push(&visit.quiet(say("cases.none")));
    } else {
        let heads = [say("number"), say("what"), say("state"), say("time")];
        body.push(&blocks::table(say("cases"), &heads, &rows));
    }
    let full = u32::try_from(cases.len()).is_ok_and(|count| count == limits::CONSOLE_ROWS);
    if let Some(last) = cases.last().filter(|_| full) {
        let to = format!("/cases?state={}&after={}", wanted.as_str(), last.number);
        body.push(&blocks::lines([blocks::link(&to, say("next"))]));
    }
    Ok(visit.show("cases", &body))
}

async fn show(State(house): State<House>, visit: Visit, Path(number): Path<i64>) -> Result<Response, ServiceError> {
    page(&house, &visit, number, "", None).await
}

async fn page(
    house: &House,
    visit: &Visit,
    number: i64,
    note: &str,
    error: Option<&str>,
) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let found = house.registry.case_by_number(number).await.map_err(ConsoleError::from)?;
    let (case, steps) = found.ok_or(ConsoleError::NotFound)?;
    let lang = visit.frame.lang();
    let mut facts = vec![
        (say("what"), blocks::text(say(&format!("case.kind.{}", case.kind.as_str())))),
        (say("state"), state(visit, case.state)),
        (say("time"), blocks::text(&lang.moment(case.made_at))),
        (say("case.reference"), blocks::code(&case.reference)),
    ];
    if let Some(person) = &case.tracked_entity {
        facts.push((say("person"), blocks::link(&format!("/certificates?q={person}"), person)));
    }
    if let Some(id) = &case.certificate {
        facts.push((say("certificate"), blocks::link(&detail::address(id), certificates::short(id))));
    }
    let step = |step: &CaseStep| {
        vec![
            blocks::text(&lang.moment(step.at)),
            state(visit, step.state),
            blocks::code(&step.operator),
            blocks::text(&step.note),
        ]
    };
    let rows: Vec<Vec<Html>> = steps.iter().map(step).collect();
    let states = [CaseState::Answered, CaseState::Closed, CaseState::Open];
    let states: Vec<(&str, String)> =
        states.map(|state| (state.as_str(), say(&format!("case.{}", state.as_str())).to_owned())).into();
    let fields = [
        Field { kind: Kind::Select(&states), ..Field::line("state", say("case.decision")) }.html(),
        Field {
            kind: Kind::Area,
            value: note,
            hint: say("case.note.hint"),
            error,
            ..Field::line("note", say("case.note"))
        }
        .html(),
    ];
    let errors: Vec<(&str, &str)> = error.map(|error| ("note", error)).into_iter().collect();
    let mut body = all([
        summary(&visit.frame, &errors),
        blocks::facts(&facts),
        visit.section("words", say("case.words"), &visit.speech.fill(QUOTE, &[("text", super::Text(&case.text))])),
    ]);
    if !rows.is_empty() {
        let heads = [say("time"), say("state"), say("who"), say("case.note")];
        body.push(&visit.section("history", say("history"), &blocks::table(say("history"), &heads, &rows)));
    }
    let form = visit.form("post", &format!("/cases/{number}"), say("case.send"), fields);
    body.push(&visit.section("decide", say("case.decide"), &form));
    Ok(visit.page(&visit.speech.with("case.title", &[("number", &number.to_string())]), &body))
}

async fn decide(
    State(house): State<House>,
    visit: Visit,
    Path(number): Path<i64>,
    sent: Sent,
) -> Result<Response, ServiceError> {
    let note = sent.get("note");
    let state = CaseState::read(sent.get("state")).ok_or(ConsoleError::Form)?;
    if note.is_empty() {
        let missing = visit.speech.say("case.note.missing");
        return page(&house, &visit, number, note, Some(missing)).await;
    }
    if note.chars().count() > limits::CASE_CHARS {
        let long = visit.counted("case.note.long", u64::try_from(limits::CASE_CHARS).unwrap_or(0));
        return page(&house, &visit, number, note, Some(&long)).await;
    }
    let (now, name) = (house.clock.now(), &visit.actor.name);
    let decided = house.registry.decide_case(number, state, name, note, now).await.map_err(ConsoleError::from)?;
    if !decided {
        return Err(ConsoleError::NotFound.into());
    }
    Ok(Redirect::to(&format!("/cases/{number}")).into_response())
}
