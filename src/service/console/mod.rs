//! The operators' console: pages over the same functions as the API, for people who run an installation day by day.
//!
//! Every page is behind a right; what somebody may not do is not offered to them. What changes something is a form
//! that says why, and leaves a row in the audit log.

mod audit;
mod capture;
mod cases;
mod certificates;
mod chart;
mod detail;
mod download;
mod error;
mod issue;
mod keys;
mod overview;
mod paper;
mod quality;
mod reasons;
mod revoke;
mod sent;
mod statistics;
mod switches;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};

use super::{
    ServiceError,
    api::Endpoint,
    frame::{Frame, Speech, Words, blocks, words},
    html::{
        Html,
        Slot::{Html as Made, Text},
    },
};
use crate::{access::Actor, registry::Reason};
use error::ConsoleError;
use sent::{Asked, Sent};

/// The words of the console.
static WORDS: Words = words!("console");

const PAGE: &str = include_str!("../pages/console/page.html");
const FORM: &str = include_str!("../pages/console/form.html");
const SECTION: &str = include_str!("../pages/console/section.html");

/// Name of the group in the description of the API.
const TAG: &str = "Console";
const HTML: &str = "text/html";
const SENT: &str = "application/x-www-form-urlencoded";

/// Every page and form of the console.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let parts = [
        overview::endpoints(),
        quality::endpoints(),
        certificates::endpoints(),
        issue::endpoints(),
        detail::endpoints(),
        revoke::endpoints(),
        cases::endpoints(),
        keys::endpoints(),
        paper::endpoints(),
        statistics::endpoints(),
        audit::endpoints(),
        switches::endpoints(),
    ];
    parts.into_iter().flatten().collect()
}

/// Somebody at the console, with what their page is made of.
struct Visit {
    frame: Frame,
    speech: Speech,
    actor: Actor,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ServiceError> {
        let actor = <Actor as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let frame = Frame::from_request_parts(parts, state).await.unwrap_or_else(|never: Infallible| match never {});
        let speech = frame.speech(&WORDS);
        Ok(Self { frame, speech, actor })
    }
}

impl Visit {
    /// A page with its title as the heading.
    fn page(&self, title: &str, body: &Html) -> Response {
        let whole = self.speech.fill(PAGE, &[("title", Text(title)), ("body", Made(body))]);
        self.frame.page(title, &whole)
    }

    /// The same, of a key of the words.
    fn show(&self, title: &str, body: &Html) -> Response {
        self.page(self.speech.say(title), body)
    }

    /// A part of a page under a heading.
    fn section(&self, id: &str, title: &str, body: &Html) -> Html {
        self.speech.fill(SECTION, &[("id", Text(id)), ("title", Text(title)), ("body", Made(body))])
    }

    /// A form that sends to `to`.
    fn form(&self, method: &str, to: &str, button: &str, fields: impl IntoIterator<Item = Html>) -> Html {
        let fields: Html = fields.into_iter().collect();
        let slots = [("method", Text(method)), ("to", Text(to)), ("button", Text(button)), ("fields", Made(&fields))];
        // Only files are sent in parts.
        self.speech.fill(FORM, &slots)
    }

    /// A sentence of this page.
    fn quiet(&self, text: &str) -> Html {
        self.speech.fill("<p class=\"quiet\">{{text}}</p>", &[("text", Text(text))])
    }

    /// A text with a number in place of `{n}`.
    fn counted(&self, key: &str, n: u64) -> String {
        self.speech.with(key, &[("n", &self.frame.lang().number(n))])
    }

    /// The reasons of a revocation, for a field.
    fn reasons(&self) -> Vec<(&'static str, String)> {
        let reasons = [Reason::Fraud, Reason::Error, Reason::Lot, Reason::Key, Reason::Holder, Reason::Other];
        reasons.into_iter().map(|reason| (reason.as_str(), self.reason(reason))).collect()
    }

    fn reason(&self, reason: Reason) -> String {
        self.speech.say(&format!("reason.{}", reason.as_str())).to_owned()
    }
}

/// Makes several pieces one.
fn all(pieces: impl IntoIterator<Item = Html>) -> Html {
    pieces.into_iter().collect()
}
