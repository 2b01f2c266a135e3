//! What a session may see: everybody's certificates in it, each under a name that means nothing to another session.

use axum::{
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    CitizenError, STYLE, WORDS,
    caller::{Caller, Form},
    files::PASS,
    find::{Entered, note},
    session::{COOKIE, Session},
    shown::{Shown, initials, is_usable, shown, standing},
};
use crate::{
    batch::Part,
    config::CitizenLimits,
    document::{Language, Layout},
    issue::Format,
    limits,
    registry::people::{Allowance, CaseState},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::{Frame, Speech, form::summary},
        html::{
            Html,
            Slot::{Html as Made, Text},
        },
    },
    work::desk::{Desk, Ended, Held, Order, Passes, Renewal},
};

const PAGE: &str = include_str!("../pages/citizen/mine.html");
const PERSON: &str = include_str!("../pages/citizen/person.html");
const CARD: &str = include_str!("../pages/citizen/card.html");
const ROW: &str = include_str!("../pages/citizen/row.html");
const LINK: &str = include_str!("../pages/citizen/link_line.html");
const FORMAT: &str = include_str!("../pages/citizen/format.html");
const RENEW: &str = include_str!("../pages/citizen/renew.html");
const PAPER: &str = include_str!("../pages/citizen/paper.html");
const SELECT: &str = include_str!("../pages/citizen/select.html");
const OPTION: &str = include_str!("../pages/citizen/option.html");
const ALL: &str = include_str!("../pages/citizen/all.html");
const CASE: &str = include_str!("../pages/citizen/case.html");
const CASES: &str = include_str!("../pages/citizen/cases.html");
const SHOW: &str = include_str!("../pages/citizen/show.html");
const BRIEF: &str = include_str!("../pages/citizen/brief.html");
const LINE: &str = include_str!("../pages/citizen/line.html");

pub(super) fn endpoints() -> Vec<Endpoint> {
    let html = |endpoint: Endpoint| endpoint.tag("Citizens").citizen().gives_media(200, "text/html", "The page");
    vec![
        html(Endpoint::get("/me", "showMine").summary("The certificates of a session"))
            .query::<String>("note", "What was just done")
            .run(show),
        html(Endpoint::post("/me/add", "addPerson").summary("Adds another person of the same number"))
            .takes_media("application/x-www-form-urlencoded")
            .gives_nothing(303, "To the certificates")
            .run(add),
        html(Endpoint::post("/me/end", "endMine").summary("Ends the session"))
            .gives_nothing(303, "To the first page")
            .run(end),
        html(Endpoint::get("/me/c/{name}/show", "showLarge").summary("A code, as large as the screen"))
            .path_parameter("name", "The certificate, as this session calls it")
            .query::<String>("format", "Format of the code")
            .run(full),
        html(Endpoint::get("/me/c/{name}/brief", "showBrief").summary("A certificate with initials and year of birth"))
            .path_parameter("name", "The certificate, as this session calls it")
            .run(brief),
        html(Endpoint::post("/me/c/{name}/renew", "renewMine").summary("Renews a certificate that ends soon"))
            .path_parameter("name", "The certificate, as this session calls it")
            .gives_nothing(303, "To the certificates")
            .run(renew),
    ]
}

/// The certificates of a session, person by person.
pub(super) async fn held(house: &House, session: &Session) -> Result<Vec<(String, Vec<Held>)>, CitizenError> {
    let (desk, actor) = (house.desk()?, session.actor());
    let mut all = Vec::with_capacity(session.inner.people.len());
    for person in &session.inner.people {
        let mut held = desk.list(person, &actor).await?;
        let from = held.len().saturating_sub(limits::CITIZEN_SHOWN);
        all.push((person.clone(), held.split_off(from)));
    }
    Ok(all)
}

/// The certificate that a session calls so.
pub(super) async fn named(
    house: &House,
    session: &Session,
    name: Result<Path<String>, PathRejection>,
) -> Result<Held, CitizenError> {
    let Ok(Path(name)) = name else { return Err(CitizenError::Nothing) };
    named_so(house, session, &name).await
}

/// The same, for a name that was taken out of its place.
pub(super) async fn named_so(house: &House, session: &Session, name: &str) -> Result<Held, CitizenError> {
    let all = held(house, session).await?.into_iter().flat_map(|(_, held)| held);
    all.into_iter().find(|held| session.name(held.id()) == *name).ok_or(CitizenError::Nothing)
}

#[derive(Deserialize)]
struct Noted {
    note: Option<String>,
}

async fn show(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    noted: Result<Query<Noted>, QueryRejection>,
) -> Result<Response, ServiceError> {
    let noted = noted.ok().and_then(|Query(noted)| noted.note).unwrap_or_default();
    page(&house, &frame, &session, &noted, &Entered::default(), &[]).await
}

async fn page(
    house: &House,
    frame: &Frame,
    session: &Session,
    noted: &str,
    entered: &Entered,
    errors: &[(&str, &str)],
) -> Result<Response, ServiceError> {
    let speech = frame.speech(&WORDS);
    let Some(options) = &house.setup.citizen else { return Err(CitizenError::Nothing.into()) };
    let all = held(house, session).await?;
    let desk = house.desk().map_err(CitizenError::from)?;
    let mut people = Html::default();
    let mut cases = Html::default();
    for (person, held) in &all {
        people.push(&one_person(session, person, held, desk, speech));
        for case in house.registry.cases_of(person, 10).await.map_err(CitizenError::from)? {
            let state = speech.say(match case.state {
                CaseState::Open => "case.open",
                CaseState::Answered => "case.answered",
                CaseState::Closed => "case.closed",
            });
            let kind = speech.say(&format!("case.{}", case.kind.as_str()));
            let slots = [("reference", Text(&case.reference)), ("kind", Text(kind)), ("state", Text(state))];
            cases.push(&speech.fill(CASE, &slots));
        }
    }
    let usable = all.iter().flat_map(|(_, held)| held).filter(|held| is_usable(held)).count();
    let bundle = if usable > 0 { speech.fill(ALL, &[]) } else { Html::default() };
    let told = match noted {
        "added" => note(speech, "me.added", true),
        "renewed" => note(speech, "cert.renewed", true),
        "later" => note(speech, "cert.renew.later", false),
        "differs" => note(speech, "cert.renew.differs", false),
        "google-long" => note(speech, "cert.google.long", false),
        _ => Html::default(),
    };
    let had_cases = !cases.clone().into_string().is_empty();
    let cases = if had_cases { speech.fill(CASES, &[("cases", Made(&cases))]) } else { Html::default() };
    let body = speech.fill(
        PAGE,
        &[
            ("note", Made(&told)),
            ("summary", Made(&summary(frame, errors))),
            ("people", Made(&people)),
            ("all", Made(&bundle)),
            ("cases", Made(&cases)),
            ("fields", Made(&entered.fields(options, speech, errors))),
        ],
    );
    Ok(frame.page_with(speech.say("me.title"), &body, &[&STYLE], &[]))
}

fn one_person(session: &Session, person: &str, held: &[Held], desk: &Desk, speech: Speech) -> Html {
    let mut all: Vec<(&Held, Shown)> = held.iter().map(|held| (held, shown(held, speech))).collect();
    // What counts comes first, and of that the newest.
    all.sort_by(|(a, a_shown), (b, b_shown)| {
        is_usable(b).cmp(&is_usable(a)).then_with(|| b_shown.date.cmp(&a_shown.date)).then_with(|| a.id().cmp(b.id()))
    });
    let name = all.iter().map(|(_, shown)| shown.name.clone()).find(|name| !name.is_empty()).unwrap_or_default();
    let cards: Html = all.iter().map(|(held, shown)| card(session, held, shown, desk.passes(held), speech)).collect();
    let none = if all.is_empty() { note(speech, "me.none", false) } else { Html::default() };
    let slots =
        [("name", Text(&name)), ("about", Text(&session.name(person))), ("none", Made(&none)), ("cards", Made(&cards))];
    speech.fill(PERSON, &slots)
}

fn card(session: &Session, held: &Held, shown: &Shown, passes: Passes, speech: Speech) -> Html {
    let name = session.name(held.id());
    let (class, word, why) = standing(held, speech);
    let rows: Html = shown
        .rows
        .iter()
        .map(|(label, value)| speech.fill(ROW, &[("label", Text(label)), ("value", Text(value))]))
        .collect();
    let line = |text: &str| speech.fill(LINE, &[("text", Text(text))]);
    let why = if why.is_empty() { Html::default() } else { line(why) };
    let mut links = Html::default();
    let mut formats = Html::default();
    let mut renewal = Html::default();
    let mut about = Html::default();
    let mut paper = Html::default();
    if is_usable(held) {
        paper = choice(&name, held, &shown.title, speech);
        let link = |path: &str, key: &str, class: &str| {
            let path = format!("/me/c/{name}/{path}");
            let slots = [
                ("path", Text(path.as_str())),
                ("class", Text(class)),
                ("text", Text(speech.say(key))),
                ("of", Text(&shown.title)),
            ];
            speech.fill(LINK, &slots)
        };
        links.push(&link("show", "cert.show", "button"));
        links.push(&link(Part::Pdf.file_name(), "cert.pdf", "button second"));
        links.push(&link("brief", "cert.brief", "button second"));
        if passes.apple {
            links.push(&link(PASS, "cert.apple", "button second"));
        }
        if passes.google {
            links.push(&link("google-wallet", "cert.google", "button second"));
            about = line(speech.say("cert.google.about"));
        }
        for format in held.issued.formats() {
            let files = [("show", Part::Png(format)), ("picture", Part::Png(format)), ("text", Part::Text(format))];
            let [_, (_, picture), (_, text)] = files;
            let slots = [
                ("format", Text(title(format))),
                ("name", Text(&name)),
                ("id", Text(format.name())),
                ("picture", Text(picture.file_name())),
                ("text", Text(text.file_name())),
            ];
            formats.push(&speech.fill(FORMAT, &slots));
        }
        renewal = match held.renewal {
            Renewal::Now => speech.fill(RENEW, &[("name", Text(&name)), ("of", Text(&shown.title))]),
            Renewal::From(from) => {
                let day = speech.lang().day(jiff::tz::Offset::UTC.to_datetime(from).date());
                line(&speech.with("cert.renew.from", &[("date", &day)]))
            }
            Renewal::Over(_) | Renewal::Never => Html::default(),
        };
    }
    let slots = [
        ("title", Text(&shown.title)),
        ("class", Text(class)),
        ("state", Text(word)),
        ("why", Made(&why)),
        ("rows", Made(&rows)),
        ("links", Made(&links)),
        ("about", Made(&about)),
        ("renewal", Made(&renewal)),
        ("paper", Made(&paper)),
        ("formats", Made(&formats)),
        ("more", Text(if is_usable(held) { "more" } else { "nothing" })),
        ("name", Text(&name)),
    ];
    speech.fill(CARD, &slots)
}

/// The form by which somebody chooses another paper or language than the ministry's.
fn choice(name: &str, held: &Held, title: &str, speech: Speech) -> Html {
    let spoken = Language::of_tag(speech.lang().code()).unwrap_or_default();
    let usual = || ("", speech.say("paper.usual").to_owned());
    let card = held.issued.formats().contains(&Format::Icvp);
    // The page of the yellow card is for yellow cards alone, and the ministry's own form is what is usual there.
    let offered = Layout::all().map(Layout::name).filter(|layout| match *layout {
        "yellow" => card,
        "national" => false,
        _ => true,
    });
    let named = |layout: &'static str| (layout, spoken.entry("layout", layout).unwrap_or(layout).to_owned());
    let layouts: Vec<(&str, String)> = std::iter::once(usual()).chain(offered.map(named)).collect();
    let sizes = [usual(), ("a4", "A4".to_owned()), ("letter", "US Letter".to_owned())];
    let tags = Language::all().map(|language| (language.tag(), language.own_name().to_owned()));
    let languages: Vec<(&str, String)> = std::iter::once(usual()).chain(tags).collect();
    // Labels stand around their fields: there is a form for every certificate, and an id would stand several times.
    let select = |name: &str, label: &str, options: &[(&str, String)]| {
        let option =
            |(value, text): &(&str, String)| speech.fill(OPTION, &[("value", Text(value)), ("text", Text(text))]);
        let options: Html = options.iter().map(option).collect();
        speech.fill(SELECT, &[("name", Text(name)), ("label", Text(speech.say(label))), ("options", Made(&options))])
    };
    let fields: Html = [
        select("layout", "paper.layout", &layouts),
        select("size", "paper.size", &sizes),
        select("lang", "paper.language", &languages),
    ]
    .into_iter()
    .collect();
    speech.fill(PAPER, &[("name", Text(name)), ("title", Text(title)), ("fields", Made(&fields))])
}

/// What a format is called; these are names in every language.
pub(super) fn title(format: Format) -> &'static str {
    match format {
        Format::EuDcc => "EU Digital COVID Certificate",
        Format::Ddcc => "WHO DDCC",
        Format::Icvp => "WHO ICVP",
        Format::Divoc => "DIVOC",
        Format::DivocCwt => "DIVOC (COSE)",
    }
}

async fn add(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    request: Request,
) -> Result<Response, ServiceError> {
    let form = Form::read(request).await?;
    let speech = frame.speech(&WORDS);
    let Some(options) = &house.setup.citizen else { return Err(CitizenError::Nothing.into()) };
    let entered = Entered::of(&form);
    let (kind, number, birth) = match entered.read(options, speech) {
        Ok(read) => read,
        Err(errors) => return page(&house, &frame, &session, "", &entered, &errors).await,
    };
    let mark = session.marks.identifier(&kind.name, &number);
    let births = session.marks.births_of_identifier(&mark, birth);
    // One who has proved a number may not try numbers and dates of others with it for ever.
    let tries = Allowance::new("people of session", 10, CitizenLimits::HOUR);
    let of_contact = session.inner.contact.unwrap_or(session.inner.token);
    let wanted = [(tries, session.inner.token.as_slice()), (tries, of_contact.as_slice())];
    let now = house.clock.now();
    let joined = house.registry.join_session(&session.inner, (&kind.name, &mark), &births, &wanted, now).await;
    if joined.map_err(CitizenError::from)? {
        return Ok(Redirect::to("/me?note=added").into_response());
    }
    let errors = [("number", speech.say("error.add"))];
    page(&house, &frame, &session, "", &entered, &errors).await
}

async fn end(
    State(house): State<House>,
    caller: Caller,
    session: Session,
    request: Request,
) -> Result<Response, ServiceError> {
    Form::read(request).await?;
    house.registry.end_citizen_session(&session.inner.token).await.map_err(CitizenError::from)?;
    let mut response = Redirect::to("/?ended=1").into_response();
    caller.set_cookie(&mut response, COOKIE, "", Some(0));
    Ok(response)
}

#[derive(Deserialize)]
struct Which {
    format: Option<String>,
}

/// The format that is asked for, or the first that there is.
fn which(held: &Held, asked: Option<&str>) -> Option<Format> {
    let formats = held.issued.formats();
    let found = asked.and_then(|asked| formats.iter().copied().find(|format| format.name() == asked));
    found.or_else(|| formats.first().copied())
}

async fn full(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Which>, QueryRejection>,
) -> Result<Response, ServiceError> {
    let held = named(&house, &session, name).await?;
    let asked = asked.ok().and_then(|Query(asked)| asked.format);
    let format = which(&held, asked.as_deref()).filter(|_| is_usable(&held)).ok_or(CitizenError::Nothing)?;
    let speech = frame.speech(&WORDS);
    let shown = shown(&held, speech);
    let picture = format!("/me/c/{}/{}", session.name(held.id()), Part::Svg(format).file_name());
    let slots = [
        ("picture", Text(picture.as_str())),
        ("format", Text(title(format))),
        ("name", Text(&shown.name)),
        ("title", Text(&shown.title)),
    ];
    Ok(frame.page_with(speech.say("show.title"), &speech.fill(SHOW, &slots), &[&STYLE], &[]))
}

async fn brief(
    State(house): State<House>,
    frame: Frame,
    session: Session,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ServiceError> {
    let held = named(&house, &session, name).await?;
    let format = which(&held, None).filter(|_| is_usable(&held)).ok_or(CitizenError::Nothing)?;
    let speech = frame.speech(&WORDS);
    let shown = shown(&held, speech);
    let (class, word, _) = standing(&held, speech);
    let picture = format!("/me/c/{}/{}", session.name(held.id()), Part::Svg(format).file_name());
    let slots = [
        ("picture", Text(picture.as_str())),
        ("format", Text(title(format))),
        ("initials", Text(&initials(&shown.name))),
        ("year", Text(shown.birth.get(..4).unwrap_or("–"))),
        ("title", Text(&shown.title)),
        ("class", Text(class)),
        ("state", Text(word)),
    ];
    Ok(frame.page_with(speech.say("brief.title"), &speech.fill(BRIEF, &slots), &[&STYLE], &[]))
}

async fn renew(
    State(house): State<House>,
    session: Session,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ServiceError> {
    Form::read(request).await?;
    let held = named(&house, &session, name).await?;
    let actor = session.actor();
    let order = Order { actor: &actor, reason: "renewed by the holder" };
    let desk = house.desk().map_err(CitizenError::from)?;
    let noted = match desk.renew(held.id(), order).await {
        Ok(done) if matches!(done.ended, Ended::Issued | Ended::Unchanged) => "renewed",
        Ok(_) => "differs",
        Err(error) => {
            tracing::warn!("a renewal did not go through: {error}");
            "later"
        }
    };
    Ok(Redirect::to(&format!("/me?note={noted}")).into_response())
}
