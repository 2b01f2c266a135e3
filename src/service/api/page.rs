//! The description of all endpoints as a page: by group, with parameters, bodies, answers and a line for `curl`.
//! The frame speaks the visitor's language; what an endpoint says of itself is in English, as its names are.

use axum::response::Response;

use super::{
    Access, Endpoint,
    endpoint::{Answer, Parameter},
};
use crate::service::{
    frame::{Frame, Speech, Words, words},
    html::{
        Html,
        Slot::{Html as Made, Text},
        fill,
    },
};

static WORDS: Words = words!("api");

const PAGE: &str = include_str!("../pages/api/page.html");
const LEAF: &str = include_str!("../pages/api/leaf.html");
const GROUP: &str = include_str!("../pages/api/group.html");
const OPERATION: &str = include_str!("../pages/api/operation.html");
const ABOUT: &str = include_str!("../pages/api/about.html");
const TABLE: &str = include_str!("../pages/api/table.html");
const ROW: &str = include_str!("../pages/api/row.html");

/// All that the page says of endpoints.
#[derive(Debug)]
pub(super) struct Description {
    groups: Vec<(&'static str, Vec<Operation>)>,
}

#[derive(Debug)]
struct Operation {
    id: &'static str,
    method: String,
    path: String,
    summary: &'static str,
    about: &'static str,
    access: Access,
    /// Name, where it stands, what it is.
    parameters: Vec<(&'static str, &'static str, String)>,
    takes: Vec<&'static str>,
    /// Status, media type, what it is.
    gives: Vec<(String, &'static str, String)>,
    curl: String,
}

impl Description {
    pub(super) fn of(endpoints: &[Endpoint]) -> Self {
        let mut groups: Vec<(&'static str, Vec<Operation>)> = Vec::new();
        for endpoint in endpoints {
            let operation = Operation::of(endpoint);
            match groups.iter_mut().find(|(tag, _)| *tag == endpoint.tag) {
                Some((_, operations)) => operations.push(operation),
                None => groups.push((endpoint.tag, vec![operation])),
            }
        }
        Self { groups }
    }

    /// The page.
    pub(super) fn show(&self, frame: &Frame) -> Response {
        let speech = frame.speech(&WORDS);
        let leaves = self.groups.iter().map(|(tag, _)| fill(LEAF, &[("tag", Text(tag)), ("link", Text(&link(tag)))]));
        let groups = self.groups.iter().map(|(tag, operations)| {
            let all: Html = operations.iter().map(|operation| operation.html(speech)).collect();
            fill(GROUP, &[("tag", Text(tag)), ("link", Text(&link(tag))), ("operations", Made(&all))])
        });
        let (leaves, groups): (Html, Html) = (leaves.collect(), groups.collect());
        frame.page(speech.say("title"), &speech.fill(PAGE, &[("leaves", Made(&leaves)), ("groups", Made(&groups))]))
    }
}

/// A name as the target of a link.
fn link(tag: &str) -> String {
    tag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

impl Operation {
    fn of(endpoint: &Endpoint) -> Self {
        let parameter = |parameter: &Parameter| (parameter.name, parameter.place.name(), parameter.about.to_owned());
        let answer = |answer: &Answer| {
            let media = answer.content.as_ref().map_or("", |content| content.media);
            (answer.status.to_string(), media, answer.about.to_owned())
        };
        let failures = endpoint
            .fails
            .iter()
            .map(|failure| (failure.status.to_string(), "application/problem+json", failure.codes.join(", ")));
        Self {
            id: endpoint.id,
            method: endpoint.method.to_ascii_uppercase(),
            path: endpoint.shown_path(),
            summary: endpoint.summary,
            about: endpoint.about,
            access: endpoint.access,
            parameters: endpoint.parameters.iter().map(parameter).collect(),
            takes: endpoint.takes.iter().map(|content| content.media).collect(),
            gives: endpoint.gives.iter().map(answer).chain(failures).collect(),
            curl: curl(endpoint),
        }
    }

    fn html(&self, speech: Speech) -> Html {
        let who = match self.access {
            Access::Open => speech.say("open").to_owned(),
            Access::Needs(right) => speech.with("needs", &[("right", right.name())]),
            Access::Known => speech.say("known").to_owned(),
            Access::Citizen => speech.say("citizen").to_owned(),
        };
        let rows = |rows: Vec<[&str; 3]>| -> Html {
            let row = |[first, second, third]: [&str; 3]| {
                fill(ROW, &[("first", Text(first)), ("second", Text(second)), ("third", Text(third))])
            };
            rows.into_iter().map(row).collect()
        };
        let table = |heading: &str, body: Html| {
            let empty = body.clone().into_string().is_empty();
            let slots = [("heading", Text(speech.say(heading))), ("rows", Made(&body))];
            if empty { Html::default() } else { fill(TABLE, &slots) }
        };
        let parameters = rows(self.parameters.iter().map(|(name, place, about)| [*name, *place, about]).collect());
        let takes = rows(self.takes.iter().map(|media| [*media, "", ""]).collect());
        let gives = rows(self.gives.iter().map(|(status, media, about)| [status, *media, about]).collect());
        let about = if self.about.is_empty() { Html::default() } else { fill(ABOUT, &[("about", Text(self.about))]) };
        speech.fill(
            OPERATION,
            &[
                ("id", Text(self.id)),
                ("method", Text(&self.method)),
                ("path", Text(&self.path)),
                ("summary", Text(self.summary)),
                ("about", Made(&about)),
                ("who", Text(&who)),
                ("parameters", Made(&table("parameters", parameters))),
                ("takes", Made(&table("takes", takes))),
                ("gives", Made(&table("gives", gives))),
                ("curl", Text(&self.curl)),
            ],
        )
    }
}

/// A line that calls it. `$SERVICE` is the address of the service, `$TOKEN` a token.
fn curl(endpoint: &Endpoint) -> String {
    let mut line = String::from("curl");
    if endpoint.method != "get" {
        line.push_str(&format!(" -X {}", endpoint.method.to_ascii_uppercase()));
    }
    match endpoint.access {
        Access::Open => {}
        Access::Needs(_) | Access::Known => line.push_str(" -H \"Authorization: Bearer $TOKEN\""),
        Access::Citizen => line.push_str(" -b \"citizen=$SESSION\""),
    }
    if let Some(content) = endpoint.takes.first() {
        match content.media {
            "multipart/form-data" => line.push_str(" -F file=@FILE"),
            media => line.push_str(&format!(" -H 'Content-Type: {media}' --data-binary @FILE")),
        }
    }
    line.push_str(&format!(" \"$SERVICE{}\"", endpoint.shown_path()));
    line
}
