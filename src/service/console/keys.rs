//! Keys and lists, with what ends when.

use axum::{extract::State, response::Response};
use jiff::SignedDuration;

use super::{HTML, Html, TAG, Visit, all, blocks};
use crate::{
    access::Right,
    service::{House, ServiceError, api::Endpoint},
    signers::expiry::{self, Finding, Urgency},
    trust::ListInfo,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/keys", "showKeys")
            .tag(TAG)
            .summary("Keys and lists, with what ends when")
            .needs(Right::Operate)
            .gives_media(200, HTML, "The page")
            .run(show),
    ]
}

/// Class and key of the word of an urgency.
fn word(urgency: Urgency) -> (&'static str, &'static str) {
    match urgency {
        Urgency::Fine => ("accepted", "level.ok"),
        Urgency::Within90Days | Urgency::Within30Days => ("undecided", "level.warning"),
        Urgency::Within7Days | Urgency::Over => ("rejected", "level.alarm"),
    }
}

async fn show(State(house): State<House>, visit: Visit) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let lang = visit.frame.lang();
    let now = house.clock.now();
    // What else is watched (CSCA, TLS, upload) is known to the program that reads the configuration, which puts it on
    // the board where it is due.
    let status = expiry::status(&house.setup.signers, &[], &[], SignedDuration::ZERO, now);
    let key = |key: &Finding| {
        let (class, level) = word(key.urgency());
        let mut told = vec![blocks::english(key.role.title()), blocks::code(&key.kid)];
        told.extend(key.meaning.as_deref().map(blocks::english));
        let ends = key.ends.iter().map(|end| {
            let what = say(&format!("ends.{}", end.what)).to_owned();
            blocks::text(&format!("{what}: {}", lang.moment(end.at)))
        });
        let next = key.next.as_deref().map(blocks::english).unwrap_or_default();
        vec![blocks::mark(class, say(level)), blocks::below(told), blocks::lines(ends), next]
    };
    let keys: Vec<Vec<Html>> = status.keys.iter().map(key).collect();
    let mut body = match &status.not_signing {
        Some(reason) => blocks::notice("", &blocks::english(reason)),
        None => Html::default(),
    };
    let heads = [say("state"), say("key"), say("ends"), say("next-step")];
    body.push(&visit.section("signers", say("keys.signers"), &blocks::table(say("keys.signers"), &heads, &keys)));
    let report = house.board.report();
    let due: Vec<_> = report.conditions.iter().filter(|condition| condition.name.starts_with("key ")).collect();
    if !due.is_empty() {
        let due = due.into_iter().map(|condition| blocks::english(&condition.text));
        body.push(&visit.section("due", say("keys.due"), &blocks::lines(due)));
    }
    let lists = match house.live().current().await {
        Ok(known) => {
            let list = |list: &ListInfo| {
                let stale = list.valid_until.is_some_and(|until| until < now);
                let (class, level) = if stale { ("rejected", "lists.over") } else { ("accepted", "level.ok") };
                let time = |time: Option<jiff::Timestamp>| {
                    time.map_or_else(|| say("unknown").to_owned(), |time| lang.moment(time))
                };
                vec![
                    blocks::mark(class, say(level)),
                    blocks::code(&list.name),
                    blocks::text(&time(list.made_at.or(list.newest_entry))),
                    blocks::text(&time(list.valid_until)),
                    blocks::text(&lang.number(u64::try_from(list.keys).unwrap_or(u64::MAX))),
                ]
            };
            let rows: Vec<Vec<Html>> = known.knowledge.trust.lists().iter().map(list).collect();
            let heads = [say("state"), say("list"), say("made"), say("valid-until"), say("keys.count")];
            let troubles = known.troubles.iter().map(|trouble| blocks::english(trouble));
            all([blocks::table(say("keys.lists"), &heads, &rows), blocks::lines(troubles)])
        }
        Err(error) => blocks::notice("", &blocks::english(&super::reasons::sentence(&error.to_string()))),
    };
    body.push(&visit.section("lists", say("keys.lists"), &lists));
    Ok(visit.show("keys", &body))
}
