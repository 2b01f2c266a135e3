//! What pages are built of: tables that become lists on a phone, facts, links, marks, notices.

use crate::service::html::{
    Html,
    Slot::{Html as Made, Text},
    fill,
};

macro_rules! templates {
    ($($name:ident $file:literal;)*) => {
        $(const $name: &str = include_str!(concat!("../pages/frame/", $file, ".html"));)*
    };
}
templates! {
    TABLE "table"; HEAD "table_head"; ROW "table_row"; CELL "table_cell"; FACTS "facts"; FACT "fact"; LINK "link";
    MARK "mark"; NOTICE "notice"; LINES "lines"; LINE "line"; SPAN "span"; CODE "code"; ENGLISH "english";
}

/// A text.
pub(in crate::service) fn text(text: &str) -> Html {
    fill("{{text}}", &[("text", Text(text))])
}

/// An identifier or another text that is copied, in the order of its own letters.
pub(in crate::service) fn code(text: &str) -> Html {
    fill(CODE, &[("text", Text(text))])
}

/// A sentence that is there in English alone.
pub(in crate::service) fn english(text: &str) -> Html {
    fill(ENGLISH, &[("text", Text(text))])
}

/// A link.
pub(in crate::service) fn link(to: &str, text: &str) -> Html {
    fill(LINK, &[("to", Text(to)), ("text", Text(text))])
}

/// A word with its colour and sign, readable without either: `accepted`, `undecided` or `rejected`.
pub(in crate::service) fn mark(class: &str, word: &str) -> Html {
    let sign = match class {
        "accepted" => "✓",
        "rejected" => "✕",
        _ => "!",
    };
    fill(MARK, &[("class", Text(class)), ("sign", Text(sign)), ("word", Text(word))])
}

/// A paragraph that stands out; `class` is empty, or `done` after something was done.
pub(in crate::service) fn notice(class: &str, body: &Html) -> Html {
    fill(NOTICE, &[("class", Text(class)), ("body", Made(body))])
}

/// Several texts below each other.
pub(in crate::service) fn lines(lines: impl IntoIterator<Item = Html>) -> Html {
    let lines: Html = lines.into_iter().map(|line| fill(LINE, &[("line", Made(&line))])).collect();
    fill(LINES, &[("lines", Made(&lines))])
}

/// Texts below each other in one cell.
pub(in crate::service) fn below(lines: impl IntoIterator<Item = Html>) -> Html {
    lines.into_iter().map(|line| fill(SPAN, &[("line", Made(&line))])).collect()
}

/// Labels with what they name.
pub(in crate::service) fn facts(facts: &[(&str, Html)]) -> Html {
    let fact = |(label, value): &(&str, Html)| fill(FACT, &[("label", Text(label)), ("value", Made(value))]);
    fill(FACTS, &[("facts", Made(&facts.iter().map(fact).collect()))])
}

/// A table. Its caption is for whoever reads with ears; on a phone each row is a card with its labels.
pub(in crate::service) fn table(caption: &str, heads: &[&str], rows: &[Vec<Html>]) -> Html {
    let head: Html = heads.iter().map(|head| fill(HEAD, &[("head", Text(head))])).collect();
    let row = |cells: &Vec<Html>| {
        let cell = |(head, cell): (&&str, &Html)| fill(CELL, &[("head", Text(head)), ("cell", Made(cell))]);
        fill(ROW, &[("cells", Made(&heads.iter().zip(cells).map(cell).collect()))])
    };
    let rows: Html = rows.iter().map(row).collect();
    fill(TABLE, &[("caption", Text(caption)), ("head", Made(&head)), ("rows", Made(&rows))])
}
