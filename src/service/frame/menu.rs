//! The menu of each door: the pages that the door has, and of them those that the visitor may open. It is made from
//! the endpoints, so that no entry leads nowhere.

use std::sync::Arc;

use super::Speech;
use crate::{
    access::Actor,
    service::{
        api::{Access, Endpoint},
        html::{
            Html,
            Slot::{Html as Made, Text},
            fill,
        },
    },
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

impl At {
    /// Every page that may be in the menu, in its order: its address, and the key of its words.
    const fn pages(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Everybody => &[
                ("/", "menu.find"),
                ("/verify", "menu.verify"),
                ("/officer", "menu.officer"),
                ("/report", "menu.report"),
                ("/api", "menu.api"),
            ],
            Self::Operators => &[
                ("/", "menu.overview"),
                ("/quality", "menu.quality"),
                ("/certificates", "menu.certificates"),
                ("/revoke", "menu.revoke"),
                ("/cases", "menu.cases"),
                ("/keys", "menu.keys"),
                ("/paper", "menu.paper"),
                ("/statistics", "menu.statistics"),
                ("/audit", "menu.audit"),
                ("/users", "menu.users"),
                ("/switches", "menu.switches"),
                ("/api", "menu.api"),
            ],
            Self::Rehearsal => &[],
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    path: &'static str,
    word: &'static str,
    access: Access,
}

/// The menu of a door.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct Menu(Arc<[Entry]>);

impl Menu {
    /// Of the pages that are among the endpoints of the door.
    pub(in crate::service) fn of(at: At, endpoints: &[Endpoint]) -> Self {
        let entry = |(path, word): &(&'static str, &'static str)| {
            let page = endpoints.iter().find(|endpoint| endpoint.is_read_at(path))?;
            Some(Entry { path, word, access: page.access() })
        };
        Self(at.pages().iter().filter_map(entry).collect())
    }

    /// For this visitor, with the page that is shown marked in it; nothing where there are no two entries.
    pub(super) fn html(&self, visitor: Option<&Actor>, path: &str, speech: Speech) -> Html {
        let open = |entry: &&Entry| match entry.access {
            Access::Open => true,
            Access::Needs(right) => visitor.is_some_and(|visitor| visitor.may(right)),
            Access::Known => visitor.is_some(),
            Access::Citizen => false,
        };
        let entries: Vec<&Entry> = self.0.iter().filter(open).collect();
        if entries.len() < 2 {
            return Html::default();
        }
        let one = |entry: &Entry| {
            let below = path.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with('/'));
            let current = match (path == entry.path, below && entry.path != "/") {
                (true, _) => "page",
                (false, true) => "true",
                (false, false) => "false",
            };
            let slots =
                [("path", Text(entry.path)), ("current", Text(current)), ("word", Text(speech.say(entry.word)))];
            fill(ENTRY, &slots)
        };
        speech.fill(MENU, &[("entries", Made(&entries.into_iter().map(one).collect()))])
    }
}
