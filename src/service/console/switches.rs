//! Switches that take effect at once on every replica.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};

use super::{ConsoleError, HTML, Html, SENT, Sent, TAG, Visit, all, blocks};
use crate::{
    access::Right,
    limits,
    registry::{Switch, SwitchSet},
    service::{
        House, ServiceError,
        api::Endpoint,
        features::Feature,
        frame::form::{Field, hidden, summary},
    },
};

/// Every switch, by name. On, it stops something.
const SWITCHES: [&str; 3] = ["read-only", Feature::Citizens.switch(), Feature::Requests.switch()];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/switches", "showSwitches")
            .tag(TAG)
            .summary("What is switched on and off, by whom and why")
            .needs(Right::Operate)
            .gives_media(200, HTML, "The page")
            .run(show),
        Endpoint::post("/switches", "sendSwitch")
            .tag(TAG)
            .summary("Set a switch")
            .needs(Right::Switch)
            .takes_media(SENT)
            .gives_media(200, HTML, "The page with what is wrong")
            .gives_nothing(303, "Set: the page")
            .run(set),
    ]
}

async fn show(State(house): State<House>, visit: Visit) -> Result<Response, ServiceError> {
    page(&house, &visit, None).await
}

/// `error` is what is wrong with the form of one switch.
async fn page(house: &House, visit: &Visit, error: Option<(&str, &str)>) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let known = house.registry.switches().await.map_err(ConsoleError::from)?;
    let cards = SWITCHES.map(|name| {
        let switch = known.iter().find(|switch| switch.name == name);
        card(visit, name, switch, error.filter(|(at, _)| *at == name).map(|(_, text)| text))
    });
    let error: Vec<(String, &str)> = error.map(|(name, text)| (format!("why-{name}"), text)).into_iter().collect();
    let errors: Vec<(&str, &str)> = error.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let mut body = summary(&visit.frame, &errors);
    body.push(&all(cards));
    if !visit.actor.may(Right::Switch) {
        body.push(&visit.quiet(say("switches.who")));
    }
    Ok(visit.show("switches", &body))
}

fn card(visit: &Visit, name: &str, switch: Option<&Switch>, error: Option<&str>) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let on = switch.is_some_and(|switch| switch.on);
    let mark = if on { blocks::mark("undecided", say("on")) } else { blocks::mark("accepted", say("off")) };
    let mut facts = vec![(say("state"), mark)];
    if let Some(SwitchSet { by, at, reason }) = switch.and_then(|switch| switch.set.as_ref()) {
        facts.push((say("who"), blocks::code(by)));
        facts.push((say("time"), blocks::text(&visit.frame.lang().moment(*at))));
        facts.push((say("why"), blocks::text(reason)));
    }
    let mut body = all([visit.quiet(say(&format!("switch.{name}.text"))), blocks::facts(&facts)]);
    if visit.actor.may(Right::Switch) {
        let id = format!("why-{name}");
        let why = Field { hint: say("why.hint"), error, ..Field::line(&id, say("why")) };
        let fields = [hidden("name", name), hidden("state", if on { "off" } else { "on" }), why.html()];
        let button = say(if on { "switch-off" } else { "switch-on" });
        body.push(&visit.form("post", "/switches", button, fields));
    }
    visit.section(name, say(&format!("switch.{name}")), &body)
}

async fn set(State(house): State<House>, visit: Visit, sent: Sent) -> Result<Response, ServiceError> {
    let name = SWITCHES.into_iter().find(|name| *name == sent.get("name")).ok_or(ConsoleError::Form)?;
    let on = match sent.get("state") {
        "on" => true,
        "off" => false,
        _ => return Err(ConsoleError::Form.into()),
    };
    let reason = sent.get(&format!("why-{name}")).to_owned();
    let long = reason.chars().count() > limits::REVOCATION_NOTE_CHARS || reason.chars().any(char::is_control);
    let wrong = match () {
        () if reason.is_empty() => Some(visit.speech.say("why.missing")),
        () if long => Some(visit.speech.say("why.long")),
        () => None,
    };
    if let Some(wrong) = wrong {
        return page(&house, &visit, Some((name, wrong))).await;
    }
    let set = SwitchSet { by: visit.actor.name.clone(), at: house.clock.now(), reason };
    house.registry.set_switch(name, on, &set).await.map_err(ConsoleError::from)?;
    Ok(Redirect::to("/switches").into_response())
}
