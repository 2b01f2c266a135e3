//! The first page: what needs somebody, and how the installation stands.

use axum::{extract::State, response::Response};

use super::{ConsoleError, HTML, Html, TAG, Visit, all, blocks};
use crate::{
    access::Right,
    registry::AccountState,
    service::{
        House, ServiceError,
        api::Endpoint,
        operations::{Level, TaskState},
    },
};

/// Accounts and alerts that are looked for: more than these are "many".
const MOST: u32 = 100;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/", "showOverview")
            .tag(TAG)
            .summary("What needs somebody, and how the installation stands")
            .needs(Right::Verify)
            .gives_media(200, HTML, "The page")
            .run(show),
    ]
}

/// Class and key of the word of a level.
pub(super) fn word(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Ok => ("accepted", "level.ok"),
        Level::Warning => ("undecided", "level.warning"),
        Level::Alarm => ("rejected", "level.alarm"),
    }
}

async fn show(State(house): State<House>, visit: Visit) -> Result<Response, ServiceError> {
    let mut body = visit.section("needs", visit.speech.say("needs"), &needs(&house, &visit).await?);
    if visit.actor.may(Right::Operate) {
        body.push(&state(&house, &visit));
    }
    Ok(visit.show("overview", &body))
}

/// What waits for whoever looks, each with the page where it is done.
async fn needs(house: &House, visit: &Visit) -> Result<Html, ServiceError> {
    let registry = &house.registry;
    let mut waiting: Vec<(u64, &str, &str)> = Vec::new();
    if visit.actor.may(Right::Cases) {
        let open = registry.open_cases().await.map_err(ConsoleError::from)?;
        waiting.push((open, "needs.cases", "/cases"));
    }
    if visit.actor.may(Right::Approve) {
        let pending = registry.accounts(true, "", MOST).await.map_err(ConsoleError::from)?;
        let pending = pending.iter().filter(|account| account.state == AccountState::Pending).count();
        waiting.push((u64::try_from(pending).unwrap_or(u64::MAX), "needs.approvals", "/users"));
    }
    if visit.actor.may(Right::Accounts) {
        let alerts = registry.alerts(true, MOST).await.map_err(ConsoleError::from)?;
        waiting.push((u64::try_from(alerts.len()).unwrap_or(u64::MAX), "needs.alerts", "/users"));
    }
    if visit.actor.may(Right::Quality) {
        let refused = registry.refused_counts().await.map_err(ConsoleError::from)?;
        let own = refused.iter().filter(|count| visit.actor.covers(count.facility.as_deref()));
        waiting.push((own.map(|count| count.count).sum(), "needs.refused", "/quality"));
    }
    let lines: Vec<Html> = waiting
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, key, to)| blocks::link(to, &visit.counted(key, count)))
        .collect();
    Ok(if lines.is_empty() {
        blocks::notice("done", &blocks::text(visit.speech.say("needs.nothing")))
    } else {
        blocks::lines(lines)
    })
}

fn state(house: &House, visit: &Visit) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let report = house.board.report();
    let (class, level) = word(report.level);
    let lang = visit.frame.lang();
    let mut conditions: Vec<_> = report.conditions.iter().collect();
    conditions.sort_by_key(|condition| std::cmp::Reverse(condition.level));
    let rows: Vec<Vec<Html>> = conditions
        .into_iter()
        .map(|condition| {
            let (class, level) = word(condition.level);
            vec![blocks::mark(class, say(level)), blocks::code(&condition.name), blocks::english(&condition.text)]
        })
        .collect();
    let task = |task: &TaskState| {
        let (class, level) = word(task.level());
        let told = match (&task.trouble, &task.outcome) {
            (Some(trouble), _) => blocks::english(&trouble.text),
            (None, Some(outcome)) => blocks::english(outcome),
            (None, None) => blocks::text(say("task.not-yet")),
        };
        let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "–".to_owned(), |time| lang.moment(time));
        let times = blocks::below([
            blocks::text(&visit.speech.with("task.success", &[("time", &time(task.last_success))])),
            blocks::text(&visit.speech.with("task.next", &[("time", &time(task.next))])),
        ]);
        vec![blocks::mark(class, say(level)), blocks::english(&task.title), told, times]
    };
    let tasks: Vec<Vec<Html>> = report.tasks.iter().map(task).collect();
    let heads = [say("state"), say("what"), say("told")];
    let since = visit.speech.with("running", &[("time", &lang.moment(report.started)), ("version", report.version)]);
    all([
        visit.section(
            "conditions",
            say("conditions"),
            &all([
                blocks::mark(class, say(level)),
                visit.quiet(&since),
                blocks::table(say("conditions"), &heads, &rows),
            ]),
        ),
        visit.section(
            "tasks",
            say("tasks"),
            &blocks::table(say("tasks"), &[say("state"), say("what"), say("told"), say("times")], &tasks),
        ),
    ])
}
