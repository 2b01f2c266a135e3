//! Looks certificates up: by their identifier, or by the person or the event in DHIS2.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};

use super::{Asked, ConsoleError, HTML, Html, TAG, Visit, all, blocks, detail};
use crate::{
    access::Right,
    record::Uvci,
    service::{House, ServiceError, api::Endpoint, frame::form::Field},
    source::dhis2::is_uid,
    work::desk::{DeskError, Held},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/certificates", "findCertificates")
            .tag(TAG)
            .summary("Look certificates up")
            .needs(Right::Read)
            .query::<String>("q", "Identifier of a certificate, or UID of a person or an event in DHIS2")
            .gives_media(200, HTML, "The page")
            .gives_nothing(303, "One is meant: the way to its page; or nobody is logged in: the way to log in")
            .run(find),
    ]
}

async fn find(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let wanted = asked.get("q");
    let desk = house.desk().map_err(ConsoleError::from)?;
    let mut error = None;
    let mut held: Vec<Held> = Vec::new();
    if !wanted.is_empty() {
        match desk.identifier(wanted) {
            Ok(_) => match desk.open(wanted, &visit.actor).await {
                Ok(found) => return Ok(Redirect::to(&detail::address(found.id())).into_response()),
                Err(DeskError::Unknown) => error = Some(say("find.unknown")),
                Err(other) => return Err(ConsoleError::from(other).into()),
            },
            Err(_) if is_uid(wanted) => {
                held = desk.list(wanted, &visit.actor).await.map_err(ConsoleError::from)?;
                if held.is_empty() {
                    let records = house.registry.records_of_event(wanted).await.map_err(ConsoleError::from)?;
                    for (person, record) in records {
                        let of_person = desk.list(&person, &visit.actor).await.map_err(ConsoleError::from)?;
                        held.extend(of_person.into_iter().filter(|held| held.record == record));
                    }
                }
                if held.is_empty() {
                    error = Some(say("find.nothing"));
                }
            }
            Err(_) => error = Some(say("find.form")),
        }
    }
    let hint = say("find.hint");
    let field = Field { value: wanted, hint, error, ..Field::line("q", say("find.label")) };
    let mut body = visit.form("get", "/certificates", say("find"), [field.html()]);
    if !held.is_empty() {
        let rows: Vec<Vec<Html>> = held.iter().map(|held| row(&visit, held)).collect();
        let heads = [say("identifier"), say("state"), say("formats"), say("valid-until")];
        let caption = visit.counted("find.found", u64::try_from(held.len()).unwrap_or(u64::MAX));
        body.push(&visit.section("found", &caption, &blocks::table(&caption, &heads, &rows)));
    }
    if visit.actor.may(Right::Issue) {
        body.push(&visit.section("issue", say("issue"), &super::issue::form(&visit, wanted, "", None)));
    }
    Ok(visit.show("certificates", &body))
}

fn row(visit: &Visit, held: &Held) -> Vec<Html> {
    let formats: Vec<&str> = held.issued.formats().into_iter().map(|format| format.name()).collect();
    vec![
        blocks::below([blocks::link(&detail::address(held.id()), short(held.id())), blocks::code(&held.record)]),
        detail::standing(visit, held),
        blocks::text(&formats.join(", ")),
        blocks::text(&detail::until(visit, held)),
    ]
}

/// The part of an identifier that differs from certificate to certificate.
pub(super) fn short(id: &str) -> &str {
    // The check character behind the number sign may be a colon, or a number sign itself.
    let bare = id.split_once('#').map_or(id, |(bare, _)| bare);
    bare.rsplit_once(':').map_or(bare, |(_, tail)| tail)
}

/// An identifier as it stands in an address.
pub(super) fn opaque(id: &str) -> String {
    id.parse::<Uvci>().map_or_else(|_| short(id).to_owned(), |uvci| uvci.opaque().to_owned())
}

/// What a step did, as a page: an error of the desk in its own words, or what it made.
pub(super) fn failed(visit: &Visit, error: &DeskError) -> Html {
    let sentence = super::reasons::sentence(&error.to_string());
    blocks::notice("", &all([blocks::text(visit.speech.say("not-done")), blocks::below([blocks::english(&sentence)])]))
}
