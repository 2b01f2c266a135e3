//! Before signing: who signs which record, decided in one transaction.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{
    Again, Candidate, Claim, Content, Envelope, Reason, Registry, RegistryError, SEPARATOR, State, check_batch,
    check_key,
    origin::Columns,
    sql::{Row, Tx, Value},
    store::DONE,
};
use crate::{keys::sha256, limits};

/// `live IS NOT NULL`, not `live = 1`: PostgreSQL takes an equation for rare before it has statistics, and would
/// read the whole table by it.
pub(super) const STANDING: &str = "SELECT v.column3, c.id, c.state, c.format, c.content, c.text, c.kid, c.algorithm, \
     c.issued_at, c.expires_at, c.listed_as, c.revoked FROM (VALUES {}) AS v JOIN certificate AS c \
     ON c.tracked_entity = v.column1 AND c.event = v.column2 AND c.live IS NOT NULL";
pub(super) const INTENDED: &str = "SELECT v.column3, i.id, i.format, i.content, i.lease_until \
     FROM (VALUES {}) AS v JOIN intent AS i \
     ON i.tracked_entity = v.column1 AND i.event = v.column2 AND i.abandoned_at IS NULL";
pub(super) const TAKEN: &str = "SELECT c.id FROM (VALUES {}) AS v JOIN certificate AS c ON c.id = v.column1";
pub(super) const ABANDON: &str = "UPDATE intent SET abandoned_at = v.column2 FROM (VALUES {}) AS v \
     WHERE intent.id = v.column1";
pub(super) const TAKE_OVER: &str = "UPDATE intent SET lease_owner = v.column2, lease_until = v.column3, \
     facility = v.column4, operator = v.column5, lot = v.column6, given_on = v.column7, reason = v.column8, \
     request = v.column9 FROM (VALUES {}) AS v WHERE intent.id = v.column1";
const INTEND: &str = "INSERT INTO intent (id, tracked_entity, event, format, content, intended_at, \
     lease_owner, lease_until, facility, operator, lot, given_on, reason, request) VALUES {}";
pub(super) const GIVE_UP: &str = "UPDATE intent SET lease_until = v.column3 FROM (VALUES {}) AS v \
     WHERE intent.id = v.column1 AND intent.lease_owner = v.column2 AND intent.abandoned_at IS NULL";

/// What the database knows of one record.
#[derive(Default)]
struct Known {
    live: Option<Live>,
    intent: Option<Intent>,
}

struct Live {
    id: String,
    envelopes: Vec<Envelope>,
    released: bool,
    revoked: Option<Reason>,
}

impl Live {
    /// The reason for which its record gets no other certificate, if an operator revoked it for such a one.
    fn bars(&self, candidate: &Candidate) -> Option<Reason> {
        self.revoked.filter(|reason| match reason.again() {
            Again::Never => true,
            Again::Corrected => self.agrees(candidate),
            Again::AtOnce => false,
        })
    }

    /// Whether it still says what its record says: no envelope that can be compared differs, and one can be. A
    /// format that can no longer say the record (a setting changed) is no correction by itself.
    fn agrees(&self, candidate: &Candidate) -> bool {
        let mut compared = self.envelopes.iter().filter_map(|envelope| {
            let content = candidate.contents.iter().find(|content| content.format == envelope.format)?;
            Some(content.digest == envelope.content)
        });
        compared.next().is_some_and(|first| first && compared.all(|same| same))
    }

    /// The wanted contents that it has no envelope of.
    fn lacks<'a>(&self, candidate: &'a Candidate) -> Vec<&'a Content> {
        let has = |content: &Content| self.envelopes.iter().any(|envelope| envelope.format == content.format);
        candidate.contents.iter().filter(|content| content.wanted && !has(content)).collect()
    }
}

struct Intent {
    id: String,
    plan: Plan,
    until: i64,
}

/// What an intent is about: its formats by name, and the digest of their contents.
#[derive(PartialEq, Eq)]
struct Plan {
    formats: String,
    content: Vec<u8>,
}

impl Plan {
    fn of(contents: &[&Content]) -> Self {
        let formats: Vec<&str> = contents.iter().map(|content| content.format.as_str()).collect();
        let content = match contents {
            [one] => one.digest.to_vec(),
            several => {
                let digests: Vec<u8> = several.iter().flat_map(|content| content.digest).collect();
                sha256(&digests).to_vec()
            }
        };
        Self { formats: formats.join(SEPARATOR), content }
    }
}

type Key<'a> = (&'a str, &'a str);

fn key(candidate: &Candidate) -> Key<'_> {
    (&candidate.tracked_entity, &candidate.event)
}

/// What a batch changes, written at its end in four statements.
#[derive(Default)]
struct Changes<'a> {
    abandoned: Vec<String>,
    /// With the record as it is now.
    taken_over: Vec<(String, &'a Candidate)>,
    /// With the identifier of a certificate to make.
    intended: Vec<(String, &'a Candidate, Plan)>,
    /// With the identifier of a certificate that stands.
    added: Vec<(String, &'a Candidate, Plan)>,
}

impl Registry {
    /// Decides for each candidate whether the caller is to sign it, and writes the intent before it does.
    /// The answers stand in the order of the batch.
    ///
    /// * No certificate stands, or one of other content: [`Claim::Sign`], leased to `owner` until `now` plus
    ///   the lease of [`Options`](super::Options). `new_ids` makes the identifier.
    /// * A certificate of the same content stands and lacks a wanted format: [`Claim::Add`], leased likewise. It
    ///   keeps its identifier, and nothing of it is revoked.
    /// * An intent of the same content whose lease ran out is taken over with its identifier; one of other
    ///   content is abandoned, so that an identifier never means two contents.
    /// * A certificate of the same content stands in every wanted format: [`Claim::Unchanged`].
    /// * An operator revoked the certificate of the record for a reason that bars another one:
    ///   [`Claim::Revoked`]; an open intent is abandoned.
    /// * A lease is live, whoever holds it, or the record came earlier in this batch: [`Claim::Busy`].
    ///
    /// `owner` must be different for each run of a program: give it a random part. A caller that cannot
    /// sign after all uses [`Registry::give_up`].
    ///
    /// # Errors
    /// Nothing is written when the answer is an error: a key or batch of impossible size, or the database.
    pub async fn claim(
        &self,
        batch: &[Candidate],
        new_ids: impl FnMut() -> String + Send,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Claim>, RegistryError> {
        self.claim_renewing(batch, &[], new_ids, owner, now).await
    }

    /// As [`Registry::claim`], where the standing certificates `renews` are to be renewed: a new one of the same
    /// content, with new dates and perhaps of another key, is to take their place ([`Claim::Sign`]). Where another one
    /// stands by now, it has been renewed or corrected meanwhile and counts as any other: however often it is asked
    /// for, a certificate is renewed once.
    ///
    /// # Errors
    /// As [`Registry::claim`].
    pub async fn claim_renewing(
        &self,
        batch: &[Candidate],
        renews: &[String],
        mut new_ids: impl FnMut() -> String + Send,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Claim>, RegistryError> {
        check_batch(batch.len())?;
        check_key(0, "owner", owner)?;
        for (index, candidate) in batch.iter().enumerate() {
            check_key(index, "tracked entity", &candidate.tracked_entity)?;
            check_key(index, "event", &candidate.event)?;
            check_contents(index, candidate)?;
            if candidate.origin != candidate.origin.clone().storable() {
                return Err(RegistryError::Key { index, field: "origin" });
            }
        }
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.write().await?;
        let known = self.known(&mut tx, batch).await?;
        let (claims, changes) = decide(batch, known, renews, &mut new_ids, now.as_millisecond());
        for (index, (id, ..)) in changes.intended.iter().enumerate() {
            check_key(index, "new identifier", id)?;
        }
        if self.change(&mut tx, &changes, owner, now).await? {
            tx.commit().await.map_err(self.say())?;
        }
        Ok(claims)
    }

    /// Gives leases back before they run out: what this owner claimed and will not sign now. The intents
    /// stay and are taken over by whoever claims the record next.
    ///
    /// # Errors
    /// The database's.
    pub async fn give_up(&self, ids: &[String], owner: &str, now: Timestamp) -> Result<(), RegistryError> {
        check_batch(ids.len())?;
        if ids.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            ids.iter().map(|id| [Value::Text(id), Value::Text(owner), Value::Int(now.as_millisecond())]).collect();
        let mut tx = self.write().await?;
        tx.run_many(GIVE_UP, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// The standing certificate and the open intent of every record of the batch, in its order.
    async fn known(&self, tx: &mut Tx, batch: &[Candidate]) -> Result<Vec<Known>, RegistryError> {
        let say = self.say();
        let mut known: Vec<Known> = batch.iter().map(|_| Known::default()).collect();
        let rows: Vec<_> = (0i64..)
            .zip(batch)
            .map(|(index, c)| [Value::Text(&c.tracked_entity), Value::Text(&c.event), Value::Int(index)])
            .collect();
        let record = |row: &Row| usize::try_from(row.int(0).map_err(&say)?).map_err(|_| self.row("index"));
        for row in tx.fetch_many(STANDING, &rows).await.map_err(&say)? {
            let Some(known) = known.get_mut(record(&row)?) else { continue };
            known.live = Some(Live {
                id: row.text(1).map_err(&say)?,
                envelopes: vec![self.envelope(&row, 3)?],
                released: row.text(2).map_err(&say)? == State::Released.as_str(),
                revoked: self.reason(row.opt_text(11).map_err(&say)?)?,
            });
        }
        let ids = known.iter().filter_map(|known| known.live.as_ref()).map(|live| live.id.as_str());
        let mut further = self.further(tx, ids).await?;
        for live in known.iter_mut().filter_map(|known| known.live.as_mut()) {
            live.envelopes.extend(further.remove(&live.id).unwrap_or_default());
        }
        for row in tx.fetch_many(INTENDED, &rows).await.map_err(&say)? {
            let Some(known) = known.get_mut(record(&row)?) else { continue };
            known.intent = Some(Intent {
                id: row.text(1).map_err(&say)?,
                plan: Plan { formats: row.text(2).map_err(&say)?, content: row.bytes(3).map_err(&say)? },
                until: row.int(4).map_err(&say)?,
            });
        }
        Ok(known)
    }

    /// Writes what was decided; `false` when there was nothing.
    async fn change(
        &self,
        tx: &mut Tx,
        changes: &Changes<'_>,
        owner: &str,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let until = Value::Int(now.saturating_add(self.lease).unwrap_or(Timestamp::MAX).as_millisecond());
        let owner = Value::Text(owner);
        let at = Value::Int(now.as_millisecond());
        let rows: Vec<_> = changes.intended.iter().map(|(id, ..)| [Value::Text(id)]).collect();
        if !tx.fetch_many(TAKEN, &rows).await.map_err(self.say())?.is_empty() {
            return Err(RegistryError::IdTaken);
        }
        let rows: Vec<_> = changes.abandoned.iter().map(|id| [Value::Text(id), at]).collect();
        let mut changed = tx.run_many(ABANDON, &rows).await.map_err(self.say())?;
        let columns: Vec<Columns<'_>> = changes.taken_over.iter().map(|(_, c)| Columns::of(&c.origin)).collect();
        let rows: Vec<_> = changes
            .taken_over
            .iter()
            .zip(&columns)
            .map(|((id, _), columns)| {
                let [facility, operator, lot, given_on, reason, request] = columns.values();
                [Value::Text(id), owner, until, facility, operator, lot, given_on, reason, request]
            })
            .collect();
        changed += tx.run_many(TAKE_OVER, &rows).await.map_err(self.say())?;
        // An earlier intent to add to the same certificate that was given up has its identifier.
        let rows: Vec<_> = changes.added.iter().map(|(id, ..)| [Value::Text(id)]).collect();
        tx.run_many(DONE, &rows).await.map_err(self.say())?;
        let intended = || changes.intended.iter().chain(&changes.added);
        let columns: Vec<Columns<'_>> = intended().map(|(_, c, _)| Columns::of(&c.origin)).collect();
        let rows: Vec<_> = intended()
            .zip(&columns)
            .map(|((id, candidate, plan), columns)| {
                let [facility, operator, lot, given_on, reason, request] = columns.values();
                [
                    Value::Text(id),
                    Value::Text(&candidate.tracked_entity),
                    Value::Text(&candidate.event),
                    Value::Text(&plan.formats),
                    Value::Bytes(&plan.content),
                    at,
                    owner,
                    until,
                    facility,
                    operator,
                    lot,
                    given_on,
                    reason,
                    request,
                ]
            })
            .collect();
        changed += tx.run_many(INTEND, &rows).await.map_err(self.say())?;
        Ok(changed > 0)
    }
}

/// The decision itself, without a database. `known` is in the order of the batch.
fn decide<'a>(
    batch: &'a [Candidate],
    known: Vec<Known>,
    renews: &[String],
    new_ids: &mut impl FnMut() -> String,
    now: i64,
) -> (Vec<Claim>, Changes<'a>) {
    let mut changes = Changes::default();
    // Records for which something is decided: what `known` says of them no longer holds.
    let mut decided: HashSet<Key<'a>> = HashSet::new();
    let mut claims = Vec::with_capacity(batch.len());
    for (candidate, Known { live, intent }) in batch.iter().zip(known) {
        let busy = intent.as_ref().is_some_and(|intent| intent.until > now);
        if busy || decided.contains(&key(candidate)) {
            claims.push(Claim::Busy);
            continue;
        }
        if let Some((live, reason)) = live.as_ref().and_then(|live| Some((live, live.bars(candidate)?))) {
            changes.abandoned.extend(intent.map(|intent| intent.id));
            decided.insert(key(candidate));
            claims.push(Claim::Revoked { id: live.id.clone(), reason });
            continue;
        }
        match live {
            // One that is revoked gets nothing more, and one that is renewed neither: its place is taken by a new one.
            Some(live) if live.revoked.is_none() && live.agrees(candidate) && !renews.contains(&live.id) => {
                let lacking = live.lacks(candidate);
                let Live { id, envelopes, released, .. } = live;
                if lacking.is_empty() {
                    if let Some(intent) = intent {
                        // The record went to other content and came back before anybody signed the other, or a
                        // format was asked for and then no longer.
                        changes.abandoned.push(intent.id);
                        decided.insert(key(candidate));
                    }
                    claims.push(Claim::Unchanged { id, envelopes, released });
                    continue;
                }
                let plan = Plan::of(&lacking);
                match intent {
                    Some(intent) if intent.id == id && intent.plan == plan => {
                        changes.taken_over.push((intent.id, candidate));
                    }
                    other => {
                        changes.abandoned.extend(other.map(|intent| intent.id));
                        changes.added.push((id.clone(), candidate, plan));
                    }
                }
                decided.insert(key(candidate));
                claims.push(Claim::Add { id, formats: names(&lacking), stands: envelopes, released });
            }
            live => {
                let wanted: Vec<&Content> = candidate.contents.iter().filter(|content| content.wanted).collect();
                let plan = Plan::of(&wanted);
                let supersedes = live.map(|live| live.id);
                let id = match intent {
                    // An intent to add to the certificate that is now superseded has that one's identifier.
                    Some(intent) if intent.plan == plan && supersedes.as_ref() != Some(&intent.id) => {
                        changes.taken_over.push((intent.id.clone(), candidate));
                        intent.id
                    }
                    other => {
                        changes.abandoned.extend(other.map(|intent| intent.id));
                        let id = new_ids();
                        changes.intended.push((id.clone(), candidate, plan));
                        id
                    }
                };
                decided.insert(key(candidate));
                claims.push(Claim::Sign { id, formats: names(&wanted), supersedes });
            }
        }
    }
    (claims, changes)
}

fn names(contents: &[&Content]) -> Vec<String> {
    contents.iter().map(|content| content.format.clone()).collect()
}

/// Formats have names of their own, and something is wanted.
fn check_contents(index: usize, candidate: &Candidate) -> Result<(), RegistryError> {
    let wrong = RegistryError::Key { index, field: "format" };
    let contents = &candidate.contents;
    if contents.len() > limits::REGISTRY_ENVELOPES || !contents.iter().any(|content| content.wanted) {
        return Err(wrong);
    }
    for (place, content) in contents.iter().enumerate() {
        check_key(index, "format", &content.format)?;
        let repeated = contents.iter().skip(place + 1).any(|other| other.format == content.format);
        if repeated || content.format.contains(SEPARATOR) {
            return Err(wrong);
        }
    }
    let joined: usize = contents.iter().map(|content| content.format.len() + SEPARATOR.len()).sum();
    if joined > limits::REGISTRY_KEY_BYTES { Err(wrong) } else { Ok(()) }
}
