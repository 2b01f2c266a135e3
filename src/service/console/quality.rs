//! The list by which a ministry mends its data: records without a certificate, by reason and facility, each with what
//! to do and the way to it in DHIS2.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use axum::{extract::State, response::Response};

use super::{Asked, ConsoleError, HTML, Html, TAG, Visit, all, blocks, capture::Capture, download::Sheet, reasons};
use crate::{
    access::Right,
    audit::DUPLICATE_PERSON,
    batch::reasons::PAPER_NOT_DRAWN,
    limits,
    registry::{Duplicate, RefusedCount, RefusedPage, Refusing},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind},
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let asked = |endpoint: Endpoint| {
        endpoint
            .tag(TAG)
            .needs(Right::Quality)
            .query::<String>("reason", "Code of a reason")
            .query::<String>("facility", "UID of a facility")
    };
    vec![
        asked(Endpoint::get("/quality", "showQuality"))
            .summary("Records that have no certificate, or none on paper, and why")
            .query::<String>("person", "Person of the last record of the page before")
            .query::<String>("event", "Its key")
            .gives_media(200, HTML, "The page")
            .run(show),
        asked(Endpoint::get("/quality.csv", "downloadQuality"))
            .summary("The same as a table")
            .gives_media(200, "text/csv", "The table")
            .run(download),
    ]
}

/// What somebody may see of the counts, and the facility to which their rows are bound.
struct Seen {
    counts: Vec<RefusedCount>,
    page: RefusedPage,
    /// Nothing at all: bound to facilities none of which has a row.
    nothing: bool,
    /// Names of facilities by their UIDs.
    names: HashMap<String, String>,
    /// Further facilities of theirs, at which somebody seems to be there twice.
    others: Vec<String>,
}

async fn seen(house: &House, visit: &Visit, asked: &Asked) -> Result<Seen, ServiceError> {
    let mut counts = house.registry.refused_counts().await.map_err(ConsoleError::from)?;
    let mut others = house.registry.duplicate_facilities().await.map_err(ConsoleError::from)?;
    let bound = visit.actor.facilities.is_some();
    let mut facility = asked.some("facility");
    if bound {
        let desk = house.desk().map_err(ConsoleError::from)?;
        let mut known: HashMap<Option<String>, bool> = HashMap::new();
        let asked = counts.iter().map(|count| count.facility.clone()).chain(others.iter().cloned().map(Some));
        for facility in asked {
            if let Entry::Vacant(unknown) = known.entry(facility) {
                let may = desk.may_see(&visit.actor, unknown.key().as_deref()).await;
                unknown.insert(may);
            }
        }
        let may = |facility: &Option<String>| known.get(facility).copied().unwrap_or(false);
        counts.retain(|count| may(&count.facility));
        others.retain(|uid| may(&Some(uid.clone())));
        facility = facility.filter(|facility| may(&Some(facility.clone())));
        // Whoever is bound to facilities looks at one of them at a time.
        facility = facility.or_else(|| counts.iter().find_map(|count| count.facility.clone()));
        facility = facility.or_else(|| others.first().cloned());
    }
    let nothing = bound && facility.is_none();
    let after = asked.some("person").zip(asked.some("event"));
    let page = RefusedPage { code: asked.some("reason"), facility, after, limit: limits::CONSOLE_ROWS };
    let uids = counts.iter().filter_map(|count| count.facility.as_deref()).chain(others.iter().map(String::as_str));
    let names = names(house, uids).await?;
    Ok(Seen { counts, page, nothing, names, others })
}

/// Names of facilities, each by its UID; the UID itself where there is no name.
pub(super) async fn names<'a>(
    house: &House,
    uids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, String>, ServiceError> {
    let mut uids: Vec<&str> = uids.collect();
    uids.sort_unstable();
    uids.dedup();
    Ok(house.registry.facility_names(&uids).await.map_err(ConsoleError::from)?)
}

async fn show(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let Seen { counts, page, nothing, names, others } = seen(&house, &visit, &asked).await?;
    let (mut by_reason, mut by_facility): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = Default::default();
    for RefusedCount { code, facility, count } in &counts {
        *by_reason.entry(code).or_default() += count;
        *by_facility.entry(facility.as_deref().unwrap_or_default()).or_default() += count;
    }
    let total: u64 = counts.iter().map(|count| count.count).sum();
    // A certificate without paper is a certificate all the same.
    let unprinted = by_reason.get(PAPER_NOT_DRAWN.0).copied().unwrap_or_default();
    let mut lead = visit.counted("quality.total", total - unprinted);
    if unprinted > 0 {
        lead = format!("{lead} · {}", visit.counted("quality.unprinted", unprinted));
    }
    let mut body = visit.speech.fill("<p class=\"lead\">{{text}}</p>", &[("text", super::Text(&lead))]);
    if total > 0 {
        body.push(&overview(&visit, &by_reason, &by_facility, &names));
    }
    let rows = if nothing { Vec::new() } else { house.registry.refused(&page).await.map_err(ConsoleError::from)? };
    for uid in &others {
        by_facility.entry(uid).or_default();
    }
    body.push(&filter(&visit, &page, &by_reason, &by_facility, &names));
    let capture = Capture::of(&house).await?;
    let table: Vec<Vec<Html>> = rows.iter().map(|row| line(&visit, row, &names, capture.as_ref())).collect();
    if table.is_empty() {
        body.push(&visit.quiet(say("quality.none")));
    } else {
        let heads = [say("record"), say("facility"), say("reasons"), say("since")];
        body.push(&blocks::table(say("quality"), &heads, &table));
    }
    let mut links = Vec::new();
    if !table.is_empty() {
        links.push(blocks::link(&address("/quality.csv", &page, None), say("download")));
    }
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == page.limit);
    if let Some(last) = rows.last().filter(|_| full) {
        links.push(blocks::link(&address("/quality", &page, Some(last)), say("next")));
    }
    body.push(&blocks::lines(links));
    body.push(&twice(&house, &visit, &page, nothing, &names, capture.as_ref()).await?);
    Ok(visit.show("quality", &body))
}

/// Whether this page is about people who seem to be there twice: those who look for one reason see its rows alone.
fn is_about_twice(page: &RefusedPage) -> bool {
    page.code.as_deref().is_none_or(|code| code == DUPLICATE_PERSON.0)
}

/// People who seem to be there twice; nothing where nobody is.
async fn twice(
    house: &House,
    visit: &Visit,
    page: &RefusedPage,
    nothing: bool,
    names: &HashMap<String, String>,
    capture: Option<&Capture>,
) -> Result<Html, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    if nothing || !is_about_twice(page) {
        return Ok(Html::default());
    }
    let found = house.registry.duplicates(page.facility.as_deref(), "", limits::CONSOLE_ROWS).await;
    let found = found.map_err(ConsoleError::from)?;
    if found.is_empty() {
        return Ok(Html::default());
    }
    let person = |uid: &str, facility: Option<&str>| {
        let mut lines = vec![blocks::code(uid)];
        lines.extend(capture.and_then(|c| c.person(uid, facility)).map(|to| blocks::link(&to, say("open-dhis2"))));
        lines.push(blocks::link(&format!("/certificates?q={uid}"), say("certificates")));
        lines.push(blocks::text(facility.map_or(say("unknown"), |uid| names.get(uid).map_or(uid, String::as_str))));
        blocks::below(lines)
    };
    let row = |(one, since): &(Duplicate, jiff::Timestamp)| {
        let (_, meaning, remedy) = DUPLICATE_PERSON;
        let mut why = vec![blocks::english(reasons::sentence(meaning).trim_end_matches('.'))];
        if !one.doses.is_empty() {
            let doses: Vec<String> = one.doses.iter().map(u8::to_string).collect();
            why.push(blocks::text(&visit.speech.with("quality.twice.doses", &[("doses", &doses.join(", "))])));
        }
        why.push(blocks::english(&format!("→ {}", reasons::sentence(remedy))));
        vec![
            person(&one.tracked_entity, one.facility.as_deref()),
            person(&one.other, one.other_facility.as_deref()),
            blocks::below(why),
            blocks::text(&visit.frame.lang().day(jiff::tz::Offset::UTC.to_datetime(*since).date())),
        ]
    };
    let rows: Vec<Vec<Html>> = found.iter().map(row).collect();
    let heads = [say("quality.twice.first"), say("quality.twice.second"), say("reasons"), say("since")];
    let table = blocks::table(say("quality.twice"), &heads, &rows);
    let address =
        address("/quality.csv", &RefusedPage { code: Some(DUPLICATE_PERSON.0.to_owned()), ..page.clone() }, None);
    let parts =
        all([visit.quiet(say("quality.twice.lead")), table, blocks::lines([blocks::link(&address, say("download"))])]);
    Ok(visit.section("twice", say("quality.twice"), &parts))
}

fn overview(
    visit: &Visit,
    by_reason: &BTreeMap<&str, u64>,
    by_facility: &BTreeMap<&str, u64>,
    names: &HashMap<String, String>,
) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let number = |count: u64| blocks::text(&visit.frame.lang().number(count));
    let most = |counts: &BTreeMap<&str, u64>| {
        let mut counts: Vec<(String, u64)> = counts.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        counts
    };
    let link = |name: &str, value: &str, text: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        blocks::link(&format!("/quality?{query}"), text)
    };
    let reasons: Vec<Vec<Html>> = most(by_reason)
        .into_iter()
        .map(|(code, count)| {
            let meaning = reasons::words(&code).map(|(meaning, _)| reasons::sentence(meaning)).unwrap_or_default();
            vec![blocks::below([link("reason", &code, &code), blocks::english(&meaning)]), number(count)]
        })
        .collect();
    let facilities: Vec<Vec<Html>> = most(by_facility)
        .into_iter()
        .take(50)
        .map(|(uid, count)| {
            let name = names.get(&uid).map_or(uid.as_str(), String::as_str);
            let shown = if uid.is_empty() { blocks::text(say("unknown")) } else { link("facility", &uid, name) };
            vec![shown, number(count)]
        })
        .collect();
    all([
        visit.section(
            "by-reason",
            say("quality.by-reason"),
            &blocks::table(say("quality.by-reason"), &[say("reasons"), say("records")], &reasons),
        ),
        visit.section(
            "by-facility",
            say("quality.by-facility"),
            &blocks::table(say("quality.by-facility"), &[say("facility"), say("records")], &facilities),
        ),
    ])
}

fn filter(
    visit: &Visit,
    page: &RefusedPage,
    by_reason: &BTreeMap<&str, u64>,
    by_facility: &BTreeMap<&str, u64>,
    names: &HashMap<String, String>,
) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let every = [("", say("every").to_owned())];
    let reasons: Vec<(&str, String)> =
        every.iter().cloned().chain(by_reason.keys().map(|code| (*code, (*code).to_owned()))).collect();
    let named = by_facility.keys().filter(|uid| !uid.is_empty());
    let named = named.map(|uid| (*uid, names.get(*uid).cloned().unwrap_or_else(|| (*uid).to_owned())));
    let mut facilities: Vec<(&str, String)> = named.collect();
    facilities.sort_by(|a, b| a.1.cmp(&b.1));
    let facilities: Vec<(&str, String)> = every.iter().cloned().chain(facilities).collect();
    let select = |name, label, options, value| {
        Field { kind: Kind::Select(options), value, required: false, ..Field::line(name, label) }.html()
    };
    let fields = [
        select("reason", say("reason"), &reasons, page.code.as_deref().unwrap_or_default()),
        select("facility", say("facility"), &facilities, page.facility.as_deref().unwrap_or_default()),
    ];
    visit.section("rows", say("records"), &visit.form("get", "/quality", say("show"), fields))
}

fn line(visit: &Visit, row: &Refusing, names: &HashMap<String, String>, capture: Option<&Capture>) -> Vec<Html> {
    let say = |key: &str| visit.speech.say(key);
    let Refusing { refused, first_seen, .. } = row;
    let mut record = vec![blocks::code(&refused.tracked_entity), blocks::code(&refused.event)];
    if let Some(link) = capture.and_then(|capture| capture.person(&refused.tracked_entity, refused.facility.as_deref()))
    {
        record.push(blocks::link(&link, say("open-dhis2")));
    }
    if refused.standing.is_some() {
        let to = format!("/certificates?q={}", refused.tracked_entity);
        record.push(blocks::link(&to, say("quality.stands")));
    }
    let facility = refused.facility.as_deref();
    let facility = facility.map_or(say("unknown"), |uid| names.get(uid).map_or(uid, String::as_str));
    let reason = |(code, field): &(String, Option<String>)| {
        let (meaning, remedy) = reasons::words(code).unwrap_or((code.as_str(), ""));
        let field = field.as_deref().map(|field| format!(" ({field})")).unwrap_or_default();
        blocks::below([
            blocks::english(&format!("{}{field}", reasons::sentence(meaning).trim_end_matches('.'))),
            blocks::english(&format!("→ {}", reasons::sentence(remedy))),
        ])
    };
    vec![
        blocks::below(record),
        blocks::text(facility),
        blocks::lines(refused.reasons.iter().map(reason)),
        blocks::text(&visit.frame.lang().day(jiff::tz::Offset::UTC.to_datetime(*first_seen).date())),
    ]
}

fn address(to: &str, page: &RefusedPage, last: Option<&Refusing>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(page.code.iter().map(|code| ("reason", code)));
    query.extend_pairs(page.facility.iter().map(|facility| ("facility", facility)));
    if let Some(Refusing { refused, .. }) = last {
        query.append_pair("person", &refused.tracked_entity).append_pair("event", &refused.event);
    }
    format!("{to}?{}", query.finish())
}

async fn download(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let Seen { mut page, nothing, names, .. } = seen(&house, &visit, &asked).await?;
    let capture = Capture::of(&house).await?;
    let mut sheet = Sheet::new(&[
        "person",
        "event",
        "facility",
        "facility_name",
        "code",
        "field",
        "meaning",
        "remedy",
        "first_seen",
        "link",
    ]);
    page.limit = u32::try_from(limits::REGISTRY_BATCH).unwrap_or(limits::CONSOLE_ROWS);
    let mut count = 0;
    while !nothing && count < limits::CONSOLE_SHEET_ROWS {
        let rows = house.registry.refused(&page).await.map_err(ConsoleError::from)?;
        let Some(last) = rows.last() else { break };
        page.after = Some((last.refused.tracked_entity.clone(), last.refused.event.clone()));
        for Refusing { refused, first_seen, .. } in &rows {
            count += 1;
            let facility = refused.facility.as_deref().unwrap_or_default();
            let name = names.get(facility).map_or("", String::as_str);
            let link = capture.as_ref().and_then(|c| c.person(&refused.tracked_entity, refused.facility.as_deref()));
            for (code, field) in &refused.reasons {
                let (meaning, remedy) = reasons::words(code).unwrap_or_default();
                sheet.row([
                    refused.tracked_entity.as_str(),
                    &refused.event,
                    facility,
                    name,
                    code,
                    field.as_deref().unwrap_or_default(),
                    meaning,
                    remedy,
                    &first_seen.to_string(),
                    link.as_deref().unwrap_or_default(),
                ]);
            }
        }
    }
    let (code, meaning, remedy) = DUPLICATE_PERSON;
    let mut after = String::new();
    while !nothing && is_about_twice(&page) && count < limits::CONSOLE_SHEET_ROWS {
        let found = house.registry.duplicates(page.facility.as_deref(), &after, limits::CONSOLE_ROWS).await;
        let found = found.map_err(ConsoleError::from)?;
        let Some((last, _)) = found.last() else { break };
        after = last.tracked_entity.clone();
        for (one, since) in &found {
            count += 1;
            let facility = one.facility.as_deref().unwrap_or_default();
            let link = capture.as_ref().and_then(|c| c.person(&one.tracked_entity, one.facility.as_deref()));
            sheet.row([
                one.tracked_entity.as_str(),
                "",
                facility,
                names.get(facility).map_or("", String::as_str),
                code,
                &one.other,
                meaning,
                remedy,
                &since.to_string(),
                link.as_deref().unwrap_or_default(),
            ]);
        }
    }
    Ok(sheet.response("refused-records"))
}
