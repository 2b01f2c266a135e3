//! Taking many certificates back at once: by a list of identifiers, each with a result of its own, or by where they came
//! from, where nothing is done before their exact number was confirmed (failures F03, F05).

use super::{Desk, DeskError, Order, revoke};
use crate::{
    batch::{Batch, BatchError},
    limits,
    registry::{Reason, Revoked, Selected, Selection, State},
    work::bulk,
};

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// The identifier as it stands there.
    pub id: String,
    /// A reason of its own.
    pub reason: Option<Reason>,
}

/// Certificates by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// At most [`REVOCATION_SELECTION`](limits::REVOCATION_SELECTION).
    pub lines: Vec<Line>,
}

/// What is to be revoked at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bulk {
    /// By name.
    Names(Names),
    /// By where they came from. At least a facility, an operator or a lot must be named.
    Selection(Box<Selection>),
}

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDone {
    /// Its number.
    pub number: u64,
    /// The whole identifier, where it is one.
    pub id: Option<String>,
    /// `revoked`, `already-revoked`, `not-signed`, `unknown` or `malformed`; of a rehearsal `would-be-revoked`.
    pub result: &'static str,
}

/// What became of all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkDone {
    /// Name of the bulk in the log, by which it can be taken back at once; `None` where nothing was revoked.
    pub bulk: Option<String>,
    /// Certificates selected, or lines.
    pub found: usize,
    /// Revoked now.
    pub revoked: usize,
    /// Of a selection: certificates that may belong to it, of which that is not on record; they are left.
    pub unknown: u64,
    /// Of a selection: certificates that are being signed at this moment; they are left.
    pub signing: u64,
    /// Of a list: each line.
    pub lines: Vec<LineDone>,
}

impl Desk {
    /// Revokes many at once, for actors who are bound to no facility. `rehearse` shows what would be done; of a
    /// selection nothing is done unless `confirm` is the number that it has.
    ///
    /// # Errors
    /// [`DeskError::NotConfirmed`] with the number, [`DeskError::Selection`], [`DeskError::TooMany`]; the registry's.
    pub async fn revoke_many(
        &self,
        what: Bulk,
        reason: Reason,
        rehearse: bool,
        confirm: Option<usize>,
        order: Order<'_>,
    ) -> Result<BulkDone, DeskError> {
        order.check()?;
        revoke::of_an_operator(reason)?;
        if order.actor.facilities.is_some() {
            return Err(DeskError::Selection(
                "many certificates are revoked at once by those who are bound to no facility",
            ));
        }
        match what {
            Bulk::Names(names) => self.revoke_named(names, reason, rehearse, order).await,
            Bulk::Selection(selection) => self.revoke_selected(&selection, reason, rehearse, confirm, order).await,
        }
    }

    async fn revoke_selected(
        &self,
        selection: &Selection,
        reason: Reason,
        rehearse: bool,
        confirm: Option<usize>,
        order: Order<'_>,
    ) -> Result<BulkDone, DeskError> {
        bulk::check(selection).map_err(|bad| DeskError::Selection(bad.words()))?;
        let now = self.batch().clock.now();
        let selected = self.registry().select(selection, now).await?;
        let Selected { unknown, signing, ref certificates } = selected;
        let found = certificates.len();
        let done = BulkDone { found, unknown, signing, ..BulkDone::default() };
        if rehearse {
            return Ok(done);
        }
        if confirm != Some(found) {
            return Err(DeskError::NotConfirmed { found });
        }
        let group = self.bulk_name()?;
        let cause = revoke::cause(reason, order, Some(group.clone()));
        let ids: Vec<String> = certificates.iter().map(|found| found.id.clone()).collect();
        let revoked = bulk::revoke_all(self.registry(), &ids, &cause, now).await?;
        Ok(BulkDone { bulk: (revoked > 0).then_some(group), revoked, ..done })
    }

    async fn revoke_named(
        &self,
        names: Names,
        reason: Reason,
        rehearse: bool,
        order: Order<'_>,
    ) -> Result<BulkDone, DeskError> {
        if names.lines.len() > limits::REVOCATION_SELECTION {
            return Err(DeskError::TooMany { most: limits::REVOCATION_SELECTION });
        }
        if names.lines.is_empty() {
            return Err(DeskError::Selection("the list is empty: send one identifier a line"));
        }
        let found = names.lines.len();
        let mut lines = Vec::with_capacity(found);
        // By reason, because one order has one.
        let mut due: Vec<(Reason, Vec<(usize, String)>)> = Vec::new();
        for (place, Line { number, id, reason: own }) in names.lines.into_iter().enumerate() {
            let (id, result) = match self.identifier(&id) {
                Ok(id) => (Some(id), "unknown"),
                Err(_) => (None, "malformed"),
            };
            if let Some(id) = &id {
                let reason = own.unwrap_or(reason);
                revoke::of_an_operator(reason)?;
                match due.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, ids)) => ids.push((place, id.clone())),
                    None => due.push((reason, vec![(place, id.clone())])),
                }
            }
            lines.push(LineDone { number, id, result });
        }
        let group = self.bulk_name()?;
        let now = self.batch().clock.now();
        let mut revoked = 0;
        for (reason, ids) in due {
            let cause = revoke::cause(reason, order, Some(group.clone()));
            for chunk in ids.chunks(limits::REGISTRY_BATCH) {
                let names: Vec<String> = chunk.iter().map(|(_, id)| id.clone()).collect();
                let results = if rehearse { self.would(&names).await? } else { self.did(&names, &cause, now).await? };
                for ((place, _), result) in chunk.iter().zip(results) {
                    revoked += usize::from(result == "revoked");
                    if let Some(line) = lines.get_mut(*place) {
                        line.result = result;
                    }
                }
            }
        }
        let bulk = (revoked > 0).then_some(group);
        Ok(BulkDone { bulk, found, revoked, lines, ..BulkDone::default() })
    }

    async fn did(
        &self,
        ids: &[String],
        cause: &crate::registry::Cause,
        now: jiff::Timestamp,
    ) -> Result<Vec<&'static str>, DeskError> {
        let answers = self.registry().revoke(ids, cause, now).await?;
        let word = |answer: Revoked| match answer {
            Revoked::Done => "revoked",
            Revoked::Already { .. } => "already-revoked",
            Revoked::NotSigned => "not-signed",
            Revoked::Unknown => "unknown",
        };
        Ok(answers.into_iter().map(word).collect())
    }

    async fn would(&self, ids: &[String]) -> Result<Vec<&'static str>, DeskError> {
        let mut words = Vec::with_capacity(ids.len());
        for id in ids {
            words.push(match self.registry().get(id).await? {
                None => "unknown",
                Some(found) if found.state == State::Abandoned => "unknown",
                Some(found) if found.sealed.is_none() => "not-signed",
                Some(found) if found.revoked.is_some() => "already-revoked",
                Some(_) => "would-be-revoked",
            });
        }
        Ok(words)
    }

    /// A name for a bulk.
    fn bulk_name(&self) -> Result<String, DeskError> {
        let Batch { clock, random, .. } = self.batch();
        Ok(bulk::name(clock.now(), random).map_err(BatchError::from)?)
    }
}
