//! One certificate: what it says, its files, what happened to it, and what can be done with it.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{ConsoleError, HTML, Html, SENT, Sent, TAG, Visit, all, blocks, certificates, issue};
use crate::{
    access::Right,
    document::{self, Layout},
    issue::Format,
    limits,
    registry::Reason,
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind},
    },
    verify::{Statement, words::Language},
    work::desk::{Happening, Held, Order, Renewal, Standing, What},
};

const ACT: &str = include_str!("../pages/console/act.html");

/// What can be done with a certificate.
const ACTS: [(&str, Right); 4] =
    [("correct", Right::Correct), ("renew", Right::Correct), ("revoke", Right::Revoke), ("restore", Right::Revoke)];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let act = |path, id, right| {
        Endpoint::post(path, id)
            .tag(TAG)
            .needs(right)
            .path_parameter("id", "Random part of the certificate's identifier")
            .takes_media(SENT)
            .gives_media(200, HTML, "What became of it")
    };
    vec![
        Endpoint::get("/certificates/{id}", "showCertificate")
            .tag(TAG)
            .summary("One certificate, and what happened to it")
            .needs(Right::Read)
            .path_parameter("id", "Random part of the certificate's identifier")
            .gives_media(200, HTML, "The page")
            .run(show),
        act("/certificates/{id}/correct", "sendCorrection", Right::Correct)
            .summary("Read its record again, and issue it anew where it was corrected")
            .run(correct),
        act("/certificates/{id}/renew", "sendRenewal", Right::Correct).summary("Issue it with new dates").run(renew),
        act("/certificates/{id}/revoke", "sendRevocation", Right::Revoke).summary("Revoke it").run(revoke),
        act("/certificates/{id}/restore", "sendRestoration", Right::Revoke)
            .summary("Take its revocation back")
            .run(restore),
    ]
}

/// The address of a certificate in the console.
pub(super) fn address(id: &str) -> String {
    format!("/certificates/{}", certificates::opaque(id))
}

/// How it stands, as a mark.
pub(super) fn standing(visit: &Visit, held: &Held) -> Html {
    let say = |key: &str| visit.speech.say(key);
    match held.standing {
        Standing::Valid => blocks::mark("accepted", say("standing.valid")),
        Standing::Expired => blocks::mark("undecided", say("standing.expired")),
        Standing::Superseded => blocks::mark("undecided", say("standing.superseded")),
        Standing::Revoked(reason) => {
            blocks::below([blocks::mark("rejected", say("standing.revoked")), blocks::text(&visit.reason(reason))])
        }
    }
}

/// Until when it counts.
pub(super) fn until(visit: &Visit, held: &Held) -> String {
    held.expires_at.map_or_else(|| visit.speech.say("no-end").to_owned(), |end| visit.frame.lang().moment(end))
}

async fn show(State(house): State<House>, visit: Visit, Path(id): Path<String>) -> Result<Response, ServiceError> {
    page(&house, &visit, &id, Html::default()).await
}

/// The page, with what was just done before it.
async fn page(house: &House, visit: &Visit, id: &str, before: Html) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let desk = house.desk().map_err(ConsoleError::from)?;
    let held = desk.open(id, &visit.actor).await.map_err(ConsoleError::from)?;
    let history = desk.history(id, &visit.actor).await.map_err(ConsoleError::from)?;
    let names = super::quality::names(house, held.origin.facility.iter().map(String::as_str)).await?;
    let mut facts: Vec<(&str, Html)> = vec![
        (say("identifier"), blocks::code(held.id())),
        (say("state"), standing(visit, &held)),
        (say("valid-until"), blocks::text(&until(visit, &held))),
        (say("person"), blocks::link(&format!("/certificates?q={}", held.person), &held.person)),
        (say("record"), blocks::code(&held.record)),
    ];
    if let Some(uid) = &held.origin.facility {
        facts.push((say("facility"), blocks::text(names.get(uid).unwrap_or(uid))));
    }
    for (label, id) in [("supersedes", &held.supersedes), ("superseded-by", &held.superseded_by)] {
        if let Some(id) = id {
            facts.push((say(label), blocks::link(&address(id), certificates::short(id))));
        }
    }
    let lang = visit.frame.lang();
    let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "–".to_owned(), |time| lang.moment(time));
    let rows: Vec<Vec<Html>> = history
        .iter()
        .map(|Happening { at, what, by, note }| {
            vec![
                blocks::text(&time(*at)),
                happened(visit, what),
                by.as_deref().map(blocks::code).unwrap_or_default(),
                blocks::text(note.as_deref().unwrap_or("")),
            ]
        })
        .collect();
    let heads = [say("time"), say("what"), say("who"), say("why")];
    let mut body = all([
        before,
        statement(house, visit, &held).await,
        visit.section("facts", say("about"), &blocks::facts(&facts)),
        visit.section("files", say("files"), &files(visit, &held)),
        visit.section("history", say("history"), &blocks::table(say("history"), &heads, &rows)),
    ]);
    if visit.actor.may(Right::Audit) {
        let rows = house.registry.audit_of(held.id(), 0, limits::CONSOLE_ROWS).await.map_err(ConsoleError::from)?;
        body.push(&visit.section("audit", say("audit"), &super::audit::table(visit, &rows)));
    }
    let acts = acts(visit, &held);
    if !acts.is_empty() {
        body.push(&visit.section("acts", say("acts"), &all(acts)));
    }
    Ok(visit.show("certificate", &body))
}

/// What its first envelope says, read by the verifier: what a border officer would see.
async fn statement(house: &House, visit: &Visit, held: &Held) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let Ok(known) = house.live().current().await else { return Html::default() };
    let Some(envelope) = held.issued.envelopes.first() else { return Html::default() };
    let verdict = known.knowledge.verifier(house.clock.now()).judge(&envelope.text);
    let Some(content) = &verdict.content else { return Html::default() };
    let language = Language::from_code(visit.frame.lang().code()).unwrap_or(Language::English);
    let mut facts: Vec<(&str, Html)> = Vec::new();
    if let Some(holder) = &verdict.holder {
        facts.push((say("name"), blocks::below([blocks::text(&holder.name), blocks::code(&holder.standardised_name)])));
        facts.push((say("birth-date"), blocks::text(&holder.date_of_birth)));
    }
    let Statement { rows, .. } = Statement::of(content, known.knowledge.value_sets());
    facts.extend(rows.into_iter().map(|(label, value)| (language.label(label), blocks::text(&value))));
    blocks::facts(&facts)
}

fn happened(visit: &Visit, what: &What) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let other =
        |key, id: &str| blocks::below([blocks::text(say(key)), blocks::link(&address(id), certificates::short(id))]);
    match what {
        What::Intended => blocks::text(say("what.intended")),
        What::Signed(format) => blocks::text(&visit.speech.with("what.signed", &[("format", format.name())])),
        What::Supersedes(id) => other("supersedes", id),
        What::SupersededBy(id) => other("superseded-by", id),
        What::Revoked(reason) => {
            blocks::below([blocks::text(say("standing.revoked")), blocks::text(&visit.reason(*reason))])
        }
        What::Restored(_) => blocks::text(say("what.restored")),
    }
}

/// Links to its files; what no longer counts is not handed out.
fn files(visit: &Visit, held: &Held) -> Html {
    if !matches!(held.standing, Standing::Valid | Standing::Expired) {
        return visit.quiet(visit.speech.say("files.gone"));
    }
    let base = format!("/v1/certificates/{}", certificates::opaque(held.id()));
    let mut links = vec![blocks::link(&format!("{base}?as=pdf"), "PDF")];
    let spoken = document::Language::of_tag(visit.frame.lang().code()).unwrap_or_default();
    // The page of the yellow card is for yellow cards alone, and the ministry's own form is what is printed by itself.
    let card = held.issued.formats().contains(&Format::Icvp);
    for name in Layout::all().map(Layout::name).filter(|name| *name != "national" && (card || *name != "yellow")) {
        let title = spoken.entry("layout", name).unwrap_or(name);
        links.push(blocks::link(&format!("{base}?as=pdf&layout={name}"), &format!("PDF: {title}")));
    }
    for format in held.issued.formats() {
        for form in ["png", "text"] {
            let to = format!("{base}?as={form}&format={}", format.name());
            links.push(blocks::link(&to, &format!("{} ({form})", format.name())));
        }
    }
    links.push(blocks::link(&format!("{base}?as=json"), "JSON"));
    blocks::lines(links)
}

/// The forms of what can be done with it now, by whoever looks.
fn acts(visit: &Visit, held: &Held) -> Vec<Html> {
    let say = |key: &str| visit.speech.say(key);
    let stands = matches!(held.standing, Standing::Valid | Standing::Expired);
    let error = matches!(held.standing, Standing::Revoked(Reason::Error));
    let undoable = matches!(held.standing, Standing::Revoked(reason) if reason != Reason::Superseded);
    let possible = |name: &str| match name {
        "correct" => stands || error,
        "renew" => held.renewal == Renewal::Now,
        "revoke" => stands,
        _ => undoable && held.superseded_by.is_none(),
    };
    let options = visit.reasons();
    let form = |(name, _): &(&str, Right)| {
        let mut fields = Vec::new();
        if *name == "revoke" {
            let kind = Kind::Select(&options);
            fields.push(Field { kind, value: Reason::Error.as_str(), ..Field::line("cause", say("reason")) }.html());
        }
        // Each form of the page has its own field, whose name in the page must be its own as well.
        let id = format!("why-{name}");
        let why = Field { hint: say("why.hint"), ..Field::line(&id, say("why")) };
        fields.push(why.html());
        let to = format!("{}/{name}", address(held.id()));
        let form = visit.form("post", &to, say(&format!("act.{name}")), fields);
        let hint = visit.quiet(say(&format!("act.{name}.hint")));
        let body = all([hint, form]);
        let slots = [("title", super::Text(say(&format!("act.{name}")))), ("body", super::Made(&body))];
        visit.speech.fill(ACT, &slots)
    };
    ACTS.iter().filter(|(name, right)| visit.actor.may(*right) && possible(name)).map(form).collect()
}

async fn correct(
    State(house): State<House>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(ConsoleError::from)?;
    let done = desk.correct(&id, Order { actor: &visit.actor, reason: sent.get("why-correct") }).await;
    let before = match done {
        Ok(done) => issue::results(&visit, &[done]),
        Err(error) => certificates::failed(&visit, &error),
    };
    page(&house, &visit, &id, before).await
}

async fn renew(
    State(house): State<House>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(ConsoleError::from)?;
    let done = desk.renew(&id, Order { actor: &visit.actor, reason: sent.get("why-renew") }).await;
    let before = match done {
        Ok(done) => issue::results(&visit, &[done]),
        Err(error) => certificates::failed(&visit, &error),
    };
    page(&house, &visit, &id, before).await
}

async fn revoke(
    State(house): State<House>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(ConsoleError::from)?;
    let reason = Reason::read(sent.get("cause")).ok_or(ConsoleError::Form)?;
    let done = desk.revoke(&id, reason, Order { actor: &visit.actor, reason: sent.get("why-revoke") }).await;
    let before = match done {
        Ok(_) => blocks::notice("done", &blocks::text(visit.speech.say("revoked"))),
        Err(error) => certificates::failed(&visit, &error),
    };
    page(&house, &visit, &id, before).await
}

async fn restore(
    State(house): State<House>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(ConsoleError::from)?;
    let done = desk.restore(&id, Order { actor: &visit.actor, reason: sent.get("why-restore") }).await;
    let before = match done {
        Ok(_) => blocks::notice("done", &blocks::text(visit.speech.say("restored"))),
        Err(error) => certificates::failed(&visit, &error),
    };
    page(&house, &visit, &id, before).await
}
