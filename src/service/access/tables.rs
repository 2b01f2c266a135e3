//! The tables and forms of the page `/users`.

use super::{Credential, error::AccessError, tokens, views::TokenView};
use crate::{
    access::{Right, Role},
    limits::ACCESS_PAGE,
    registry::{Account, AccountState, Alert, AlertKind},
    service::{
        House,
        frame::{
            Frame, Speech,
            form::{Field, Kind},
        },
        html::{
            Html,
            Slot::{Html as Made, Text},
            fill,
        },
    },
};

macro_rules! templates {
    ($($name:ident $file:literal;)*) => {
        $(const $name: &str = include_str!(concat!("../pages/access/", $file, ".html"));)*
    };
}
templates! {
    USERS "users"; MISSING "missing"; TABLE "table"; EMPTY "empty"; HEAD "head"; ROW "row"; CELL "cell";
    DOING "doing"; BUTTON "button"; PROPOSE "propose"; NEW_TOKEN "new_token";
}

/// Name of the box of a role.
pub(super) fn role_field(role: Role) -> String {
    format!("role-{}", role.name())
}

/// Name of the box of a right.
pub(super) fn right_field(right: Right) -> String {
    format!("right-{}", right.name())
}

/// What the page shows to somebody.
pub(super) struct Tables {
    waiting: Vec<Account>,
    accounts: Vec<Account>,
    alerts: Vec<Alert>,
    tokens: Vec<TokenView>,
}

impl Tables {
    /// What this person may see.
    pub(super) async fn read(house: &House, credential: &Credential) -> Result<Self, AccessError> {
        let may = |right| credential.actor.may(right);
        let registry = &house.registry;
        let keeps = may(Right::Accounts) || may(Right::Approve) || may(Right::Audit);
        Ok(Self {
            waiting: if keeps { registry.accounts(true, "", ACCESS_PAGE).await? } else { Vec::new() },
            accounts: if keeps { registry.accounts(false, "", ACCESS_PAGE).await? } else { Vec::new() },
            alerts: if may(Right::Operate) { registry.alerts(true, ACCESS_PAGE).await? } else { Vec::new() },
            tokens: tokens::visible(house, credential).await?,
        })
    }
}

/// Joins names of roles, of rights or of org units.
fn roles_said(names: &[String], speech: Speech, of: &str) -> String {
    let said = names.iter().map(|name| speech.find(&format!("{of}.{name}")).unwrap_or(name));
    said.collect::<Vec<_>>().join(", ")
}

/// A row; on a small screen each value stands below the name of its column.
fn cells<'a>(speech: Speech, heads: &[&str], texts: impl IntoIterator<Item = &'a str>, buttons: &Html) -> Html {
    let cell = |(head, text): (&&str, &str)| fill(CELL, &[("label", Text(speech.say(head))), ("text", Text(text))]);
    let mut cells: Html = heads.iter().zip(texts).map(cell).collect();
    cells.push(&fill(DOING, &[("buttons", Made(buttons))]));
    fill(ROW, &[("cells", Made(&cells))])
}

fn button(what: &str, of: &str, label: &str) -> Html {
    fill(BUTTON, &[("what", Text(what)), ("of", Text(of)), ("label", Text(label))])
}

/// The keys of what is said around a table.
#[derive(Clone, Copy)]
struct Words {
    title: &'static str,
    text: &'static str,
    none: &'static str,
}

const ALERTS: Words = Words { title: "alerts.title", text: "alerts.text", none: "alerts.none" };
const WAITING: Words = Words { title: "waiting.title", text: "waiting.text", none: "waiting.none" };
const ACCOUNTS: Words = Words { title: "accounts.title", text: "accounts.text", none: "accounts.none" };
const TOKENS: Words = Words { title: "tokens.title", text: "tokens.text", none: "tokens.none" };

const ALERT_HEADS: [&str; 5] = ["alert.kind", "account", "alert.times", "alert.last", "doing"];
const WAITING_HEADS: [&str; 7] = ["name", "roles", "facilities", "proposed", "approved", "missing", "doing"];
const ACCOUNT_HEADS: [&str; 6] = ["name", "roles", "facilities", "state", "approved", "doing"];
const TOKEN_HEADS: [&str; 7] = ["token.label", "account", "rights", "token.until", "token.used", "state", "doing"];

/// A table with its title; a sentence where there is nothing in it.
fn table(speech: Speech, id: &str, words: Words, heads: &[&str], rows: Vec<Html>, after: &Html) -> Html {
    let Words { title, text, none } = words;
    let title = speech.say(title);
    if rows.is_empty() {
        let text = speech.say(none);
        return fill(EMPTY, &[("id", Text(id)), ("title", Text(title)), ("text", Text(text)), ("after", Made(after))]);
    }
    let head: Html = heads.iter().map(|key| fill(HEAD, &[("text", Text(speech.say(key)))])).collect();
    let text = speech.say(text);
    let slots = [
        ("id", Text(id)),
        ("title", Text(title)),
        ("text", Text(text)),
        ("head", Made(&head)),
        ("rows", Made(&rows.into_iter().collect())),
        ("after", Made(after)),
    ];
    fill(TABLE, &slots)
}

/// The whole page.
pub(super) fn page(
    tables: &Tables,
    frame: &Frame,
    speech: Speech,
    credential: &Credential,
    told: &Html,
    sent: &[(String, String)],
) -> Html {
    let actor = &credential.actor;
    let may = |right| actor.may(right);
    let effective: Vec<String> = credential.account.effective().into_iter().map(str::to_owned).collect();
    let roles = roles_said(&effective, speech, "role");
    let units = actor.facilities.as_ref().map_or_else(|| speech.say("facilities.all").to_owned(), |own| own.join(", "));
    let missing = match credential.account.approvals_missing() {
        0 => Html::default(),
        more => {
            let text = speech.count("you.missing", u64::try_from(more).unwrap_or_default(), &[]);
            fill(MISSING, &[("text", Text(&text))])
        }
    };
    let keeps = may(Right::Accounts) || may(Right::Approve) || may(Right::Audit);
    let none = Html::default;
    let alerts = if may(Right::Operate) { alerts(tables, speech, actor, frame) } else { none() };
    let waiting = if keeps { waiting(tables, speech, credential) } else { none() };
    let accounts = if keeps { accounts(tables, speech, credential, sent) } else { none() };
    speech.fill(
        USERS,
        &[
            ("told", Made(told)),
            ("name", Text(&actor.name)),
            ("roles", Text(&roles)),
            ("facilities", Text(&units)),
            ("missing", Made(&missing)),
            ("alerts", Made(&alerts)),
            ("waiting", Made(&waiting)),
            ("accounts", Made(&accounts)),
            ("tokens", Made(&own_tokens(tables, speech, credential, sent))),
        ],
    )
}

fn alerts(tables: &Tables, speech: Speech, actor: &crate::access::Actor, frame: &Frame) -> Html {
    let row = |alert: &Alert| {
        let kind = match alert.kind {
            AlertKind::Quota => "alert.quota",
            AlertKind::OffHours => "alert.off-hours",
        };
        let closes = actor.may(Right::Approve) && alert.account != actor.name;
        let of = alert.number.to_string();
        let buttons = if closes { button("seen", &of, speech.say("alert.seen")) } else { Html::default() };
        let times = frame.lang().number(alert.times);
        let last = frame.lang().moment(alert.last_at);
        cells(speech, &ALERT_HEADS, [speech.say(kind), &alert.account, &times, &last], &buttons)
    };
    let rows = tables.alerts.iter().map(row).collect();
    table(speech, "alerts", ALERTS, &ALERT_HEADS, rows, &Html::default())
}

fn waiting(tables: &Tables, speech: Speech, credential: &Credential) -> Html {
    let row = |account: &Account| {
        let me = &credential.actor;
        let done = account.approvers.contains(&me.name) || account.name == me.name;
        let mut buttons = Html::default();
        if me.may(Right::Approve) && !done {
            buttons.push(&button("approve", &account.name, speech.say("approve")));
        }
        if me.may(Right::Approve) {
            buttons.push(&button("refuse", &account.name, speech.say("refuse")));
        }
        let roles = roles_said(&account.roles, speech, "role");
        let units = account.facilities.join(", ");
        let approvers = account.approvers.join(", ");
        let more = u64::try_from(account.approvals_missing()).unwrap_or_default();
        let more = speech.count("waiting.more", more, &[]);
        cells(
            speech,
            &WAITING_HEADS,
            [account.name.as_str(), &roles, &units, &account.proposed_by, &approvers, &more],
            &buttons,
        )
    };
    let rows = tables.waiting.iter().map(row).collect();
    table(speech, "waiting", WAITING, &WAITING_HEADS, rows, &Html::default())
}

fn accounts(tables: &Tables, speech: Speech, credential: &Credential, sent: &[(String, String)]) -> Html {
    let keeps = credential.actor.may(Right::Accounts);
    let row = |account: &Account| {
        let open = account.state != AccountState::Closed && account.name != credential.actor.name;
        let buttons = if keeps && open { button("close", &account.name, speech.say("close")) } else { Html::default() };
        let roles = roles_said(&account.roles, speech, "role");
        let units = account.facilities.join(", ");
        let state = speech.say(&format!("state.{}", account.state.as_str()));
        cells(
            speech,
            &ACCOUNT_HEADS,
            [account.name.as_str(), &roles, &units, state, &account.approvers.join(", ")],
            &buttons,
        )
    };
    let rows = tables.accounts.iter().map(row).collect();
    let after = if keeps { propose(speech, sent) } else { Html::default() };
    table(speech, "accounts", ACCOUNTS, &ACCOUNT_HEADS, rows, &after)
}

fn value<'a>(sent: &'a [(String, String)], name: &str) -> &'a str {
    sent.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn boxes<'a>(names: impl Iterator<Item = (String, &'a str)>, sent: &[(String, String)]) -> Html {
    names
        .map(|(name, label)| {
            Field { value: value(sent, &name), required: false, kind: Kind::Check, ..Field::line(&name, label) }.html()
        })
        .collect()
}

fn propose(speech: Speech, sent: &[(String, String)]) -> Html {
    let line = |name, label, hint, required| {
        let field = Field {
            hint: speech.say(hint),
            value: value(sent, name),
            required,
            ..Field::line(name, speech.say(label))
        };
        field.html()
    };
    let roles = Role::of_accounts().into_iter();
    let roles = roles.map(|role| (role_field(role), speech.say(&format!("role.{}", role.name()))));
    speech.fill(
        PROPOSE,
        &[
            ("name", Made(&line("name", "name", "propose.name.hint", true))),
            ("roles", Made(&boxes(roles, sent))),
            ("facilities", Made(&line("facilities", "facilities", "propose.facilities.hint", false))),
            ("quota", Made(&line("quota", "propose.quota", "propose.quota.hint", false))),
        ],
    )
}

fn own_tokens(tables: &Tables, speech: Speech, credential: &Credential, sent: &[(String, String)]) -> Html {
    let row = |token: &TokenView| {
        let (id, state, rights) = token.named();
        let buttons = if state == "stands" { button("untoken", id, speech.say("revoke")) } else { Html::default() };
        let rights = roles_said(rights, speech, "right");
        let [label, account, until, used] = token.shown();
        cells(
            speech,
            &TOKEN_HEADS,
            [label, account, &rights, until, used, speech.say(&format!("token.{state}"))],
            &buttons,
        )
    };
    let rows = tables.tokens.iter().map(row).collect();
    let rights = credential.actor.rights.iter();
    let rights = rights.map(|right| (right_field(*right), speech.say(&format!("right.{}", right.name()))));
    let line = |name, label, hint: &str, value, mode| {
        let kind = Kind::Line { autocomplete: "off", mode };
        Field { hint: speech.say(hint), value, kind, ..Field::line(name, speech.say(label)) }
    };
    let days = if value(sent, "days").is_empty() { "90" } else { value(sent, "days") };
    let after = speech.fill(
        NEW_TOKEN,
        &[
            ("label", Made(&line("label", "token.label", "token.label.hint", value(sent, "label"), "text").html())),
            ("rights", Made(&boxes(rights, sent))),
            (
                "units",
                Made(
                    &Field {
                        required: false,
                        ..line("units", "facilities", "token.units.hint", value(sent, "units"), "text")
                    }
                    .html(),
                ),
            ),
            ("days", Made(&line("days", "token.days", "", days, "numeric").html())),
        ],
    );
    table(speech, "tokens", TOKENS, &TOKEN_HEADS, rows, &after)
}
