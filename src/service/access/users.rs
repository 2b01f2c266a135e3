//! The page `/users`: who one is, what waits for approval, alerts, accounts and tokens. Everything on it goes through
//! the same functions as the JSON API.

use axum::{
    extract::{Path, RawQuery, Request, State},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Credential, accounts, alerts,
    error::AccessError,
    login::{WORDS, with_status},
    tables::{self, Tables},
    tokens,
    views::{NewAccount, WantedToken, asked, form},
};
use crate::{
    access::{Right, Role},
    service::{
        Fails, House, ServiceError,
        api::Endpoint,
        frame::{Frame, form::summary},
        html::{Html, Slot::Text, fill},
    },
};

const MADE: &str = include_str!("../pages/access/made.html");
const TOLD: &str = include_str!("../pages/access/told.html");

/// The endpoints.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/users", "showUsers")
            .tag("Accounts")
            .summary("People and rights, as a page: approvals, alerts, accounts, tokens")
            .known()
            .query::<String>("done", "What was just done")
            .gives_media(200, "text/html", "The page")
            .run(show),
        Endpoint::post("/users/{what}", "changeUsers")
            .tag("Accounts")
            .summary("A form of the page People and rights")
            .about("approve, refuse, close, propose, seen, token, untoken. Each asks for the right that it needs.")
            .known()
            .path_parameter("what", "The form")
            .takes_media("application/x-www-form-urlencoded")
            .gives_nothing(303, "Done: the way back to the page")
            .gives_media(200, "text/html", "The token that was made, shown this once")
            .run(change),
    ]
}

async fn show(
    State(house): State<House>,
    frame: Frame,
    credential: Credential,
    RawQuery(query): RawQuery,
) -> Result<Response, ServiceError> {
    let done = asked(query.as_deref(), "done").filter(|done| DONE.contains(&done.as_str()));
    let told = done.map(|done| {
        let speech = frame.speech(&WORDS);
        fill(TOLD, &[("text", Text(speech.say(&format!("done.{done}"))))])
    });
    Ok(page(&house, &frame, &credential, told.unwrap_or_default(), &[]).await?)
}

/// What can be done on the page, as the address of its result says it.
const DONE: [&str; 6] = ["approve", "refuse", "close", "propose", "seen", "untoken"];

async fn page(
    house: &House,
    frame: &Frame,
    credential: &Credential,
    told: Html,
    sent: &[(String, String)],
) -> Result<Response, AccessError> {
    let speech = frame.speech(&WORDS);
    let tables = Tables::read(house, credential).await?;
    let body = tables::page(&tables, frame, speech, credential, &told, sent);
    Ok(frame.page(speech.say("users.title"), &body))
}

async fn change(
    State(house): State<House>,
    frame: Frame,
    credential: Credential,
    Path(what): Path<String>,
    request: Request,
) -> Result<Response, ServiceError> {
    let fields = form(request).await?;
    match act(&house, &frame, &credential, &what, &fields).await {
        Ok(response) => Ok(response),
        Err(Failed::Right(right)) => Err(ServiceError::Forbidden { right: right.name() }),
        Err(Failed::Nothing) => Err(ServiceError::NotFound),
        Err(Failed::Access(error)) => {
            let speech = frame.speech(&WORDS);
            let Some(words) = speech.find(&format!("error.{}", error.code())) else { return Err(error.into()) };
            let told = summary(&frame, &[(place(&error), words)]);
            Ok(with_status(page(&house, &frame, &credential, told, &fields).await?, error))
        }
    }
}

/// The field that an error is about.
fn place(error: &AccessError) -> &'static str {
    match error {
        AccessError::Name => "name",
        AccessError::Role => "roles",
        AccessError::Facility => "facilities",
        AccessError::Right => "rights",
        AccessError::Days => "days",
        AccessError::Label => "label",
        _ => "content",
    }
}

enum Failed {
    Right(Right),
    Nothing,
    Access(AccessError),
}

impl From<AccessError> for Failed {
    fn from(error: AccessError) -> Self {
        Self::Access(error)
    }
}

async fn act(
    house: &House,
    frame: &Frame,
    credential: &Credential,
    what: &str,
    fields: &[(String, String)],
) -> Result<Response, Failed> {
    let actor = &credential.actor;
    let needs = |right| if actor.may(right) { Ok(()) } else { Err(Failed::Right(right)) };
    let get = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim());
    let list = |name: &str| -> Vec<String> {
        get(name).split([',', ' ', '\n', '\r']).filter(|unit| !unit.is_empty()).map(str::to_owned).collect()
    };
    match what {
        "approve" => {
            needs(Right::Approve)?;
            accounts::approve_account(house, actor, get("of")).await?;
        }
        "refuse" => {
            needs(Right::Approve)?;
            accounts::refuse_account(house, actor, get("of")).await?;
        }
        "close" => {
            needs(Right::Accounts)?;
            accounts::close_account(house, actor, get("of")).await?;
        }
        "propose" => {
            needs(Right::Accounts)?;
            let chosen = Role::of_accounts().into_iter().filter(|role| !get(&tables::role_field(*role)).is_empty());
            let roles = chosen.map(|role| role.name().to_owned()).collect();
            let quota = match get("quota") {
                "" => None,
                text => Some(text.parse().map_err(|_| AccessError::Field { field: "quota" })?),
            };
            let wanted = NewAccount::new(get("name").to_owned(), roles, list("facilities"), quota);
            accounts::propose_account(house, actor, wanted).await?;
        }
        "seen" => {
            needs(Right::Approve)?;
            alerts::see(house, actor, get("of").parse().map_err(|_| AccessError::NoAlert)?).await?;
        }
        "untoken" => {
            tokens::revoke_token(house, credential, get("of")).await?;
        }
        "token" => {
            let chosen = Right::ALL.into_iter().filter(|right| !get(&tables::right_field(*right)).is_empty());
            let wanted = WantedToken {
                account: None,
                label: get("label").to_owned(),
                rights: chosen.collect(),
                facilities: list("units"),
                days: get("days").parse().map_err(|_| AccessError::Days)?,
            };
            let made = tokens::make_token(house, credential, wanted).await?;
            let speech = frame.speech(&WORDS);
            let until = speech.with("made.until", &[("day", made.about.last_day())]);
            let body = speech.fill(MADE, &[("token", Text(&made.token)), ("until", Text(&until))]);
            return Ok(frame.page(speech.say("made.title"), &body));
        }
        _ => return Err(Failed::Nothing),
    }
    Ok(Redirect::to(&format!("/users?done={what}")).into_response())
}
