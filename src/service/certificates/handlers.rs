//! Issue, look, correct, renew, revoke, list.

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::Uri,
    response::Response,
};
use serde::Serialize;

use super::{
    JSON,
    error::CertificateError,
    keyed,
    read::{self, Fields},
    wire,
};
use crate::{
    access::Actor,
    limits::{CERTIFICATE_BODY_BYTES, CERTIFICATE_PAGE},
    service::{House, ServiceError, error::Answered, typed},
    work::desk::{Desk, DeskError, Done, Ended, Order},
};

pub(super) type Answer = Result<Response, ServiceError>;
pub(super) type Id = Result<Path<String>, PathRejection>;

/// The desk of the house.
pub(super) fn desk(house: &House) -> Result<&Desk, ServiceError> {
    Ok(house.desk().map_err(DeskError::from)?)
}

/// The identifier in an address. What cannot be read is no certificate's.
pub(super) fn id(path: Id) -> Result<String, DeskError> {
    path.map(|Path(id)| id).map_err(|_| DeskError::Unknown)
}

pub(super) fn json<T: Serialize>(value: &T) -> Answer {
    let bytes = serde_json::to_vec(value).map_err(|_| ServiceError::Worker)?;
    Ok(typed(JSON, bytes))
}

pub(super) async fn issue(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let key = keyed::key(request.headers())?;
    let known = ["person", "event", "reason", "formats"];
    let (fields, bytes) = Fields::read(request, CERTIFICATE_BODY_BYTES, &known).await?;
    let (subject, reason, formats) = (fields.subject()?, fields.reason()?, fields.formats()?);
    let desk = desk(&house)?;
    keyed::once(&house, &actor, key, &["issue"], &bytes, async {
        let order = Order { actor: &actor, reason: &reason };
        let done = desk.issue_in(&subject, &formats, order).await?;
        let (answered, location) = (whole(&done), first(&done));
        let results = wire::Results { certificates: done.into_iter().map(wire::Outcome::from).collect() };
        keyed::Given::of(answered, location, &results)
    })
    .await
}

/// How a request for several records went as a whole.
fn whole(done: &[Done]) -> Answered {
    let any = |ended: &[Ended]| done.iter().any(|one| ended.contains(&one.ended));
    match () {
        () if any(&[Ended::Issued]) => Answered::Created,
        () if any(&[Ended::Unchanged, Ended::Withdrawn]) => Answered::All,
        () if any(&[Ended::Conflict, Ended::Barred]) => Answered::SomeConflict,
        () => Answered::SomeRefused,
    }
}

/// Where the one certificate is that was made; none of several is "the" one.
fn first(done: &[Done]) -> Option<String> {
    let mut made = done.iter().filter(|one| one.ended == Ended::Issued);
    let (Some(one), None) = (made.next(), made.next()) else { return None };
    one.id.as_deref().map(wire::href)
}

fn one(done: Done) -> Result<keyed::Given, ServiceError> {
    let answered = whole(std::slice::from_ref(&done));
    keyed::Given::of(answered, first(std::slice::from_ref(&done)), &wire::Outcome::from(done))
}

pub(super) async fn correct(State(house): State<House>, actor: Actor, path: Id, request: Request) -> Answer {
    let (key, id) = (keyed::key(request.headers())?, id(path)?);
    let (fields, bytes) = Fields::read(request, CERTIFICATE_BODY_BYTES, &["reason"]).await?;
    let (reason, desk) = (fields.reason()?, desk(&house)?);
    keyed::once(&house, &actor, key, &["correct", &id], &bytes, async {
        one(desk.correct(&id, Order { actor: &actor, reason: &reason }).await?)
    })
    .await
}

pub(super) async fn renew(State(house): State<House>, actor: Actor, path: Id, request: Request) -> Answer {
    let (key, id) = (keyed::key(request.headers())?, id(path)?);
    let (fields, bytes) = Fields::read(request, CERTIFICATE_BODY_BYTES, &["reason"]).await?;
    let (reason, desk) = (fields.reason()?, desk(&house)?);
    keyed::once(&house, &actor, key, &["renew", &id], &bytes, async {
        one(desk.renew(&id, Order { actor: &actor, reason: &reason }).await?)
    })
    .await
}

pub(super) async fn revoke(State(house): State<House>, actor: Actor, path: Id, request: Request) -> Answer {
    let id = id(path)?;
    let (fields, _) = Fields::read(request, CERTIFICATE_BODY_BYTES, &["reason", "note"]).await?;
    let reason = fields.revocation()?;
    let note = read::note(reason, fields.text("note")?)?;
    let held = desk(&house)?.revoke(&id, reason, Order { actor: &actor, reason: &note }).await?;
    json(&wire::Certificate::of(&held, false))
}

pub(super) async fn restore(State(house): State<House>, actor: Actor, path: Id, request: Request) -> Answer {
    let id = id(path)?;
    let (fields, _) = Fields::read(request, CERTIFICATE_BODY_BYTES, &["reason"]).await?;
    let reason = fields.reason()?;
    let held = desk(&house)?.restore(&id, Order { actor: &actor, reason: &reason }).await?;
    json(&wire::Certificate::of(&held, false))
}

pub(super) async fn preview(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (fields, _) = Fields::read(request, CERTIFICATE_BODY_BYTES, &["person", "event"]).await?;
    let previews = desk(&house)?.preview(&fields.subject()?, &actor).await?;
    json(&wire::Previews { certificates: previews.into_iter().map(wire::Previewed::from).collect() })
}

pub(super) async fn history(State(house): State<House>, actor: Actor, path: Id) -> Answer {
    let desk = desk(&house)?;
    let id = desk.identifier(&id(path)?)?;
    let happened = desk.history(&id, &actor).await?;
    json(&wire::History { id, happened: happened.into_iter().map(wire::Happened::from).collect() })
}

pub(super) async fn list(State(house): State<House>, actor: Actor, uri: Uri) -> Answer {
    let (mut person, mut limit, mut after) = (None, 100, None);
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "person" if person.is_none() => person = Some(value.into_owned()),
            "person" => return Err(CertificateError::Query { name: "person", form: "sent once" }.into()),
            "limit" => {
                let found = value.parse().ok().filter(|limit| (1..=CERTIFICATE_PAGE).contains(limit));
                limit = found.ok_or(CertificateError::Query { name: "limit", form: "a number from 1 to 500" })?;
            }
            "after" => after = Some(value.into_owned()),
            _ => {}
        }
    }
    let person = person.filter(|person| !person.is_empty());
    let person = person.ok_or(CertificateError::Query { name: "person", form: "the UID of a person in DHIS2" })?;
    let all = desk(&house)?.list(&person, &actor).await?;
    let opaque = |held: &crate::work::desk::Held| held.issued.id.opaque().to_owned();
    let from = match &after {
        None => 0,
        Some(after) => {
            let place = all.iter().position(|held| opaque(held) == *after);
            let form = "the value of \"next\" on the page before";
            place.map(|place| place + 1).ok_or(CertificateError::Query { name: "after", form })?
        }
    };
    let page: Vec<_> = all.iter().skip(from).take(limit).collect();
    let next = page.last().filter(|_| from + page.len() < all.len()).map(|last| opaque(last));
    json(&wire::List { certificates: page.into_iter().map(|held| wire::Certificate::of(held, false)).collect(), next })
}
