//! The menu of each door.

use super::Speech;
use crate::service::html::{
    Html,
    Slot::{Html as Made, Text},
    fill,
};

const MENU: &str = include_str!("../pages/frame/menu.html");
const ENTRY: &str = include_str!("../pages/frame/entry.html");

/// Whose door a page is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::service) enum At {
    /// Citizens, officers, and whoever verifies.
    #[default]
    Everybody,
    /// Those who run the installation.
    Operators,
    /// Whoever tries the program out on this machine.
    Rehearsal,
}

/// An entry: where it leads, and the key of its words.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Entry {
    path: &'static str,
    word: &'static str,
}

const fn entry(path: &'static str, word: &'static str) -> Entry {
    Entry { path, word }
}

/// For everybody. A part that brings a page adds its line.
const EVERYBODY: &[Entry] = &[entry("/verify", "menu.verify")];
/// For operators.
const OPERATORS: &[Entry] = &[];

/// The menu, with the page that is shown marked in it; nothing where there are no entries.
pub(super) fn menu(at: At, path: &str, speech: Speech) -> Html {
    let entries = match at {
        At::Everybody => EVERYBODY,
        At::Operators => OPERATORS,
        At::Rehearsal => &[],
    };
    if entries.is_empty() {
        return Html::default();
    }
    let one = |entry: &Entry| {
        let below = path.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with('/'));
        let current = match (path == entry.path, below && entry.path != "/") {
            (true, _) => "page",
            (false, true) => "true",
            (false, false) => "false",
        };
        fill(ENTRY, &[("path", Text(entry.path)), ("current", Text(current)), ("word", Text(speech.say(entry.word)))])
    };
    speech.fill(MENU, &[("entries", Made(&entries.iter().map(one).collect()))])
}
