//! The operator's page: every task and condition in a table, the worst first in words.

use super::board::{BoardReport, Condition, Level, TaskState};
use crate::service::{
    html::{
        Html,
        Slot::{Html as Made, Text},
        fill,
    },
    pages::moment,
};

const STATUS: &str = include_str!("../pages/status.html");
const TASK: &str = include_str!("../pages/status_task.html");
const CONDITION: &str = include_str!("../pages/status_condition.html");

/// Class, sign and word: a level must be readable without colour.
fn word(level: Level) -> (&'static str, &'static str, &'static str) {
    match level {
        Level::Ok => ("accepted", "✓", "as it should be"),
        Level::Warning => ("undecided", "!", "warning"),
        Level::Alarm => ("rejected", "✕", "alarm"),
    }
}

fn task(task: &TaskState) -> Html {
    let (class, sign, word) = word(task.level());
    let time = |time: Option<_>| time.map_or_else(|| "–".to_owned(), moment);
    let said = match (&task.trouble, &task.outcome) {
        (Some(trouble), _) => {
            format!("{} (since {}, {} in a row)", trouble.text, moment(trouble.since), trouble.failures)
        }
        (None, Some(outcome)) => match &task.replica {
            Some(replica) => format!("{outcome} (by {replica})"),
            None => outcome.clone(),
        },
        (None, None) => "has not run yet".to_owned(),
    };
    fill(
        TASK,
        &[
            ("class", Text(class)),
            ("sign", Text(sign)),
            ("word", Text(word)),
            ("title", Text(&task.title)),
            ("name", Text(&task.name)),
            ("said", Text(&said)),
            ("success", Text(&time(task.last_success))),
            ("next", Text(&task.next.map_or_else(|| "now".to_owned(), moment))),
        ],
    )
}

fn condition(condition: &Condition) -> Html {
    let (class, sign, word) = word(condition.level);
    fill(
        CONDITION,
        &[
            ("class", Text(class)),
            ("sign", Text(sign)),
            ("word", Text(word)),
            ("name", Text(&condition.name)),
            ("text", Text(&condition.text)),
        ],
    )
}

/// The page within its frame. What tasks and conditions say is in English, as in the log and the metrics.
pub(super) fn status(report: &BoardReport) -> Html {
    let (class, sign, word) = word(report.level);
    let mut conditions: Vec<&Condition> = report.conditions.iter().collect();
    conditions.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.name.cmp(&b.name)));
    let none = Condition { name: "–".to_owned(), level: Level::Ok, text: "nothing to say".to_owned() };
    let conditions: Html =
        if conditions.is_empty() { condition(&none) } else { conditions.into_iter().map(condition).collect() };
    let mut tasks: Vec<&TaskState> = report.tasks.iter().collect();
    tasks.sort_by(|a, b| b.level().cmp(&a.level()).then_with(|| a.name.cmp(&b.name)));
    fill(
        STATUS,
        &[
            ("class", Text(class)),
            ("sign", Text(sign)),
            ("word", Text(word)),
            ("now", Text(&moment(report.now))),
            ("started", Text(&moment(report.started))),
            ("version", Text(report.version)),
            ("environment", Text(&report.environment)),
            ("tasks", Made(&tasks.into_iter().map(task).collect())),
            ("conditions", Made(&conditions)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{clock::Fixed, service::operations::Board};

    #[test]
    fn the_page_says_the_worst_first_and_leaves_no_name_unfilled() {
        let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let conditions = |_| {
            let ok = Condition { name: "keys".into(), level: Level::Ok, text: "fine".into() };
            vec![ok, Condition { name: "signer".into(), level: Level::Alarm, text: "the token is <away>".into() }]
        };
        let board = Board::new(Arc::new(Fixed(now)), "sandbox").with_conditions(Arc::new(conditions));
        board.add(TaskState::new("sync", "Poll of DHIS2", 300));
        let html = status(&board.report()).into_string();
        assert!(html.contains("the token is &lt;away&gt;"));
        assert!(html.find("signer").unwrap() < html.find("fine").unwrap());
        assert!(!html.contains("{{"), "{html}");
        assert!(html.contains("alarm"));
    }
}
