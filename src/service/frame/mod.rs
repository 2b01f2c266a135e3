//! The frame of every page: language and direction, title, header with the choice of language, the way to the
//! content for whoever reads with ears, menu, footer, styles; and the words of the pages in every language.
//!
//! A handler takes a [`Frame`] (an extractor that never fails), says its words by [`Frame::speech`], fills its
//! template with them ([`Speech::fill`]) and sends the page by [`Frame::page`]. Everything works without a script.

mod assets;
pub(super) mod blocks;
mod dates;
pub(super) mod form;
mod lang;
mod menu;
#[cfg(test)]
mod tests;
mod words;

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request},
    http::{Extensions, HeaderMap, HeaderValue, Uri, header, request::Parts},
    response::Response,
};

pub(super) use assets::{Asset, ICON, ROUTE as ASSETS, STYLE, asset};
pub(super) use lang::Lang;
pub(super) use menu::{At, Menu};
pub(super) use words::{Speech, Words, words};

use super::{
    html::{
        Html,
        Slot::{Html as Made, Text},
        fill,
    },
    typed,
};
use crate::{
    access::{Actor, ActorKind},
    limits::LANGUAGE_QUERY_BYTES,
};

/// Name of the product, in every language.
const PRODUCT: &str = "vaccert";
const LAYOUT: &str = include_str!("../pages/frame/layout.html");
const CHOICE: &str = include_str!("../pages/frame/language.html");
const SCRIPT: &str = include_str!("../pages/frame/script.html");
const SHEET: &str = include_str!("../pages/frame/sheet.html");
const BADGE: &str = include_str!("../pages/frame/badge.html");
const ACCOUNT: &str = include_str!("../pages/frame/account.html");
const PROBLEM: &str = include_str!("../pages/frame/problem.html");
const DETAIL: &str = include_str!("../pages/frame/detail.html");

/// Pages with a script: the same as without one (`guard`), and scripts of our own that may ask our own host.
const SCRIPTED: &str = "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; script-src 'self'; \
                        connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The words of the frame itself.
static WORDS: Words = words!("frame");

/// At which door a page is shown, and in which environment. The door puts it into the request.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// Whose door it is.
    pub(super) at: At,
    /// Throw-away keys: every page says so.
    pub(super) sandbox: bool,
    /// The pages of the door.
    pub(super) menu: Menu,
}

/// The frame of one answer.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    lang: Lang,
    /// The address asked for the language: it is remembered.
    asked: bool,
    path: String,
    /// What else the address asked, for the links that change the language.
    query: Vec<(String, String)>,
    place: Place,
    /// Who asks, where that had to be proved.
    visitor: Option<Actor>,
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::new(&parts.uri, &parts.headers, &parts.extensions))
    }
}

impl Frame {
    /// The frame of a request that is not taken apart.
    pub(super) fn of(request: &Request) -> Self {
        Self::new(request.uri(), request.headers(), request.extensions())
    }

    fn new(uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let query = uri.query().unwrap_or_default();
        let (lang, asked) = Lang::of(query, headers);
        // A long query is no page's; its links then lead to the page alone.
        let kept = if query.len() <= LANGUAGE_QUERY_BYTES { query } else { "" };
        let pairs = url::form_urlencoded::parse(kept.as_bytes()).filter(|(name, _)| name != lang::NAME);
        Self {
            lang,
            asked,
            path: uri.path().to_owned(),
            query: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            place: extensions.get().cloned().unwrap_or_default(),
            visitor: extensions.get().cloned(),
        }
    }

    /// The same at another door or in another environment.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The visitor's language.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// A path on this site in the language that the address asks for, if it does.
    pub(super) fn way(&self, path: &str) -> String {
        if !self.asked {
            return path.to_owned();
        }
        let join = if path.contains('?') { '&' } else { '?' };
        format!("{path}{join}{}={}", lang::NAME, self.lang.code())
    }

    /// The words of a part in the visitor's language.
    pub(super) fn speech(&self, words: &'static Words) -> Speech {
        Speech::new(words, self.lang)
    }

    /// A whole page. `title` is for the tab and the history; the body brings its own `h1`.
    pub(super) fn page(&self, title: &str, body: &Html) -> Response {
        self.page_with(title, body, &[], &[])
    }

    /// The page that says why there is no other: `kind` is that of the failure, and `detail` a sentence in English
    /// that says more than the words of the kind.
    pub(super) fn problem(&self, kind: &str, detail: &str) -> Response {
        let speech = self.speech(&WORDS);
        let title = speech.say(&format!("fault.{kind}"));
        let detail = match kind {
            // It would say the same again, or what only programs send.
            "not-found" | "unauthorized" => Html::default(),
            _ => fill(DETAIL, &[("sentence", Text(&sentence(detail)))]),
        };
        let text = speech.say(&format!("fault.{kind}.text"));
        let body = speech.fill(PROBLEM, &[("title", Text(title)), ("text", Text(text)), ("detail", Made(&detail))]);
        self.page(title, &body)
    }

    /// The same with further styles and with scripts.
    pub(super) fn page_with(
        &self,
        title: &str,
        body: &Html,
        sheets: &[&'static Asset],
        scripts: &[&'static Asset],
    ) -> Response {
        let link = |template, asset: &&'static Asset| fill(template, &[("path", Text(asset.path()))]);
        let mut head: Html = sheets.iter().map(|sheet| link(SHEET, sheet)).collect();
        scripts.iter().for_each(|script| head.push(&link(SCRIPT, script)));
        let mut response = typed("text/html; charset=utf-8", self.whole(title, &head, body).into_string());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.lang.code()));
        headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
        if !scripts.is_empty() {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SCRIPTED));
        }
        if self.asked {
            let cookie = format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", lang::NAME, self.lang.code());
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                headers.append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    fn whole(&self, title: &str, head: &Html, body: &Html) -> Html {
        let speech = self.speech(&WORDS);
        let badge = if self.place.sandbox { speech.fill(BADGE, &[]) } else { Html::default() };
        // A program with a token has no session to end.
        let person = self.visitor.as_ref().filter(|visitor| visitor.kind == ActorKind::Person);
        let account = person.map(|person| {
            let who = speech.with("signed-in", &[("name", &person.name)]);
            speech.fill(ACCOUNT, &[("who", Text(&who))])
        });
        let account = account.unwrap_or_default();
        let footer = speech.say(match self.place.at {
            At::Everybody => "footer.everybody",
            At::Operators => "footer.operators",
            At::Rehearsal => "footer.rehearsal",
        });
        speech.fill(
            LAYOUT,
            &[
                ("lang", Text(self.lang.code())),
                ("dir", Text(self.lang.dir())),
                ("own", Text(self.lang.own_name())),
                ("title", Text(title)),
                ("product", Text(PRODUCT)),
                ("icon", Text(ICON.path())),
                ("style", Text(STYLE.path())),
                ("head", Made(head)),
                ("badge", Made(&badge)),
                ("account", Made(&account)),
                ("languages", Made(&self.languages())),
                ("menu", Made(&self.place.menu.html(self.visitor.as_ref(), &self.path, speech))),
                ("body", Made(body)),
                ("footer", Text(footer)),
            ],
        )
    }

    /// A link for every language, to the page that is shown.
    fn languages(&self) -> Html {
        let link = |lang: Lang| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair(lang::NAME, lang.code());
            query.extend_pairs(&self.query);
            let link = format!("?{}", query.finish());
            let current = if lang == self.lang { "true" } else { "false" };
            fill(
                CHOICE,
                &[
                    ("link", Text(&link)),
                    ("lang", Text(lang.code())),
                    ("dir", Text(lang.dir())),
                    ("name", Text(lang.own_name())),
                    ("current", Text(current)),
                ],
            )
        };
        Lang::ALL.into_iter().map(link).collect()
    }
}

/// A sentence of an error begins small and has no full stop; on a page it stands alone.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
