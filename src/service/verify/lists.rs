//! What verdicts rest on, for whoever wants to know how old it is (failure F23).

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Known, VerifyError};
use crate::{
    service::{House, ServiceError, typed},
    trust::ListInfo,
};

/// Everything that verdicts rest on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Lists {
    /// `fresh` when every list may still be used, else `stale`.
    state: Freshness,
    /// Every trust list.
    lists: Vec<List>,
    /// Entries of revocation lists.
    revoked: usize,
    /// Revocation filters.
    filters: usize,
    /// Business rules.
    rules: usize,
    /// Countries that have rules.
    rules_of: Vec<String>,
    /// When rules, value sets and foreign revocations were last pulled, RFC 3339.
    pulled_at: Option<String>,
    /// What could not be used, and what to do.
    troubles: Vec<String>,
}

/// Whether lists may still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Freshness {
    /// They may.
    Fresh,
    /// Verdicts that rest on it are undecided.
    Stale,
}

/// A trust list.
#[derive(Debug, Serialize, JsonSchema)]
struct List {
    /// Its name, as verdicts have it.
    name: String,
    /// Form of the list.
    form: String,
    /// Whether it may still be used.
    state: Freshness,
    /// When it was made, or its newest entry, RFC 3339.
    made_at: Option<String>,
    /// How old it is, in seconds.
    age_seconds: Option<i64>,
    /// Until when it may be used, RFC 3339.
    valid_until: Option<String>,
    /// Keys of it.
    keys: usize,
    /// Entries that were left out.
    left_out: usize,
}

/// Answers.
pub(super) async fn read(State(house): State<House>) -> Result<Response, ServiceError> {
    let known = house.live().current().await.map_err(VerifyError::NotReady)?;
    let trouble = house.live().trouble().map(|trouble| trouble.to_string());
    let lists = Lists::of(&known, trouble, house.clock.now());
    let json = serde_json::to_vec(&lists).map_err(|_| ServiceError::Worker)?;
    Ok(typed("application/json", json))
}

impl Lists {
    fn of(known: &Known, trouble: Option<String>, now: Timestamp) -> Self {
        let knowledge = &known.knowledge;
        let lists: Vec<List> = knowledge.trust.lists().iter().map(|list| List::of(list, now)).collect();
        let stale = lists.iter().any(|list| list.state == Freshness::Stale);
        Self {
            state: if stale { Freshness::Stale } else { Freshness::Fresh },
            lists,
            revoked: knowledge.revocations.len(),
            filters: knowledge.revocations.filter_count(),
            rules: knowledge.rules.rules().count(),
            rules_of: knowledge.rules.countries().map(str::to_owned).collect(),
            pulled_at: known.pulled_at.map(|at| at.to_string()),
            troubles: trouble.into_iter().chain(known.troubles.iter().cloned()).collect(),
        }
    }
}

impl List {
    fn of(list: &ListInfo, now: Timestamp) -> Self {
        let made = list.made_at.or(list.newest_entry);
        let stale = list.valid_until.is_some_and(|end| now > end);
        Self {
            name: list.name.clone(),
            form: list.form.to_string(),
            state: if stale { Freshness::Stale } else { Freshness::Fresh },
            made_at: made.map(|made| made.to_string()),
            age_seconds: made.map(|made| now.duration_since(made).as_secs()),
            valid_until: list.valid_until.map(|end| end.to_string()),
            keys: list.keys,
            left_out: list.skipped.len(),
        }
    }
}
