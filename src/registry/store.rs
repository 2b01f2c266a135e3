//! After signing: the signature under its intent, the older certificate out of the way, the output handed over.

use std::collections::{HashMap, HashSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::{
    Action, Cause, Envelope, Reason, Registry, RegistryError, SEPARATOR, Sealed, State,
    audit::{By, Deed, Entry, ObjectKind},
    check_batch,
    claim::TAKEN,
    sql::{Tx, Value},
};
use crate::limits;

pub(super) const INTENTS: &str = "SELECT i.id, i.lease_owner, i.abandoned_at, i.format, c.id, \
     i.tracked_entity, i.event, i.facility, i.operator, i.reason, i.request FROM (VALUES {}) AS v JOIN intent AS i ON i.id = v.column1 \
     LEFT JOIN certificate AS c ON c.tracked_entity = i.tracked_entity AND c.event = i.event AND c.live IS NOT NULL";
pub(super) const SUPERSEDE: &str = "UPDATE certificate SET superseded_by = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const SEAL: &str = "INSERT INTO certificate (id, tracked_entity, event, format, content, state, \
     intended_at, text, kid, algorithm, issued_at, expires_at, listed_as, supersedes, facility, operator, lot, given_on) \
     SELECT i.id, i.tracked_entity, i.event, v.column2, v.column3, v.column11, i.intended_at, \
     v.column4, v.column5, v.column6, v.column7, v.column8, v.column9, v.column10, \
     i.facility, i.operator, i.lot, i.given_on FROM (VALUES {}) AS v JOIN intent AS i ON i.id = v.column1";
const ENCLOSE: &str = "INSERT INTO envelope (certificate, format, content, text, kid, algorithm, issued_at, \
     expires_at, listed_as) VALUES {}";
/// A certificate that got a further envelope has output to hand over again.
pub(super) const RECALL: &str = "UPDATE certificate SET state = 'signed' FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const DONE: &str = "DELETE FROM intent WHERE id IN ({})";
pub(super) const RELEASE: &str = "UPDATE certificate SET state = 'released' FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1 AND certificate.state = 'signed'";
pub(super) const UNRELEASED: &str = "SELECT id, format, content, text, kid, algorithm, issued_at, expires_at, listed_as \
     FROM certificate WHERE state = 'signed' \
     AND number > coalesce((SELECT number FROM certificate WHERE id = $1), 0) AND live IS NOT NULL \
     AND revoked IS NULL ORDER BY number LIMIT $2";

/// The reason of whoever asks for a certificate in the place of one that runs out ([`Origin::reason`](super::Origin)).
pub const RENEWAL: &str = "renewal";

/// Whether that is the reason, alone or with more behind a colon.
fn is_renewal(reason: &str) -> bool {
    reason.strip_prefix(RENEWAL).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Where an identifier stands now.
enum Found {
    /// Its intent is open: who holds it, in which formats, and the certificate whose place it will take or to which
    /// it will add.
    Open(Box<Open>),
    /// Its intent was given up.
    Abandoned,
    /// It has a signature.
    Sealed,
}

/// An open intent.
struct Open {
    owner: String,
    formats: String,
    stands: Option<String>,
    person: String,
    event: String,
    facility: Option<String>,
    operator: Option<String>,
    reason: Option<String>,
    request: Option<String>,
}

impl Open {
    /// What the audit log says of the signature that is stored under it: record, operator and reason are never
    /// missing (failure F01).
    fn entry(&self, item: &Sealed) -> Entry {
        let said = self.reason.as_deref();
        let (deed, reason) = match self.stands.as_deref() {
            None => (Deed::Issue, "the record is complete"),
            Some(stands) if stands == item.id => (Deed::Add, "a further format is wanted"),
            Some(_) if said.is_some_and(is_renewal) => (Deed::Renew, RENEWAL),
            Some(_) => (Deed::Correct, "the record has changed"),
        };
        let mut formats: Vec<&str> = item.envelopes.iter().map(|envelope| envelope.format.as_str()).collect();
        formats.sort_unstable();
        let mut kids: Vec<String> = item.envelopes.iter().map(|envelope| STANDARD.encode(&envelope.kid)).collect();
        kids.sort_unstable();
        kids.dedup();
        let mut entry = Entry::new(By::operator(self.operator.as_deref()), deed)
            .to(ObjectKind::Certificate, item.id.as_str())
            .of(&self.person, &self.event)
            .because(said.unwrap_or(reason))
            .with("formats", formats.join(","))
            .with("keys", kids.join(","));
        if let Some(facility) = &self.facility {
            entry = entry.with("facility", facility.as_str());
        }
        if let Some(stands) = self.stands.as_deref().filter(|stands| *stands != item.id) {
            entry = entry.with("supersedes", stands);
        }
        match &self.request {
            Some(request) => entry.at(request.as_str()),
            None => entry,
        }
    }
}

impl Registry {
    /// Stores signatures under their intents. Where a certificate of the same record stood, it is marked as
    /// superseded and listed for revocation in the same transaction; one that was claimed for further formats
    /// ([`Claim::Add`](super::Claim::Add)) gets them and stays.
    ///
    /// Each item has an answer of its own, in order: [`RegistryError::Unknown`], [`RegistryError::LeaseLost`]
    /// (the intent was taken over; a lease that merely ran out is no obstacle),
    /// [`RegistryError::AlreadySealed`], [`RegistryError::Abandoned`] (record changed or deleted meanwhile),
    /// [`RegistryError::Formats`], [`RegistryError::Text`]. What has such an answer must be thrown away: it is not in the registry.
    ///
    /// # Errors
    /// Nothing is stored when the whole answer is an error.
    pub async fn store(
        &self,
        sealed: &[Sealed],
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        self.store_as(State::Signed, sealed, owner, now).await
    }

    /// As [`Registry::store`] and [`Registry::release`] in one transaction: for whoever hands nothing out but what the
    /// registry holds.
    ///
    /// # Errors
    /// As [`Registry::store`].
    pub async fn store_released(
        &self,
        sealed: &[Sealed],
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        self.store_as(State::Released, sealed, owner, now).await
    }

    async fn store_as(
        &self,
        state: State,
        sealed: &[Sealed],
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        check_batch(sealed.len())?;
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.write().await?;
        let mut found = self.find(&mut tx, sealed).await?;
        let mut answers = Vec::with_capacity(sealed.len());
        let mut accepted: Vec<(&Sealed, Option<String>)> = Vec::with_capacity(sealed.len());
        let mut told = Vec::with_capacity(sealed.len());
        for item in sealed {
            let judged = judge(item, found.get(item.id.as_str()), owner);
            let answer = judged.map(|open| (open.entry(item), open.stands.clone()));
            answers.push(answer.map(|(entry, stands)| {
                told.push(entry);
                accepted.push((item, stands));
                // The same identifier again in this batch comes too late.
                found.insert(item.id.as_str(), Found::Sealed);
            }));
        }

        let (added, made): (Vec<_>, Vec<_>) =
            accepted.iter().partition(|(item, stands)| stands.as_deref() == Some(item.id.as_str()));
        // In this order: the older ones give up their place before the new ones take it.
        let older: Vec<(&str, &str)> =
            made.iter().filter_map(|(item, stands)| Some((stands.as_deref()?, item.id.as_str()))).collect();
        let rows: Vec<_> = older.iter().map(|&(old, new)| [Value::Text(old), Value::Text(new)]).collect();
        tx.run_many(SUPERSEDE, &rows).await.map_err(self.say())?;
        let older: Vec<&str> = older.into_iter().map(|(old, _)| old).collect();
        self.log(&mut tx, Action::Revoke, &older, &Cause::from(Reason::Superseded), now).await?;
        let first = made.iter().filter_map(|(item, stands)| Some((item, stands, item.envelopes.first()?)));
        let rows: Vec<_> = first
            .map(|(item, stands, envelope)| {
                let [id, format, content, text, kid, algorithm, issued, expires, listed_as] =
                    values(&item.id, envelope);
                let stands = Value::OptText(stands.as_deref());
                let state = Value::Text(state.as_str());
                [id, format, content, text, kid, algorithm, issued, expires, listed_as, stands, state]
            })
            .collect();
        tx.run_many(SEAL, &rows).await.map_err(self.say())?;
        let further = made.iter().flat_map(|(item, _)| item.envelopes.iter().skip(1).map(|e| values(&item.id, e)));
        let more = added.iter().flat_map(|(item, _)| item.envelopes.iter().map(|e| values(&item.id, e)));
        let rows: Vec<_> = further.chain(more).collect();
        tx.run_many(ENCLOSE, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = added.iter().map(|(item, _)| [Value::Text(&item.id)]).collect();
        let mark = if state == State::Released { RELEASE } else { RECALL };
        tx.run_many(mark, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = accepted.iter().map(|(item, _)| [Value::Text(&item.id)]).collect();
        tx.run_many(DONE, &rows).await.map_err(self.say())?;
        self.witness(&mut tx, &told, now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(answers)
    }

    async fn find<'a>(&self, tx: &mut Tx, sealed: &'a [Sealed]) -> Result<HashMap<&'a str, Found>, RegistryError> {
        // PostgreSQL takes no NUL in a text; such an identifier was never ours.
        let ids: HashSet<&str> = sealed.iter().map(|item| item.id.as_str()).filter(|id| !id.contains('\0')).collect();
        let rows: Vec<_> = ids.iter().map(|&id| [Value::Text(id)]).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for row in tx.fetch_many(INTENTS, &rows).await.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            let Some(&id) = ids.get(id.as_str()) else { continue };
            let intent = match row.opt_int(2).map_err(self.say())? {
                Some(_) => Found::Abandoned,
                None => Found::Open(Box::new(Open {
                    owner: row.text(1).map_err(self.say())?,
                    formats: row.text(3).map_err(self.say())?,
                    stands: row.opt_text(4).map_err(self.say())?,
                    person: row.text(5).map_err(self.say())?,
                    event: row.text(6).map_err(self.say())?,
                    facility: row.opt_text(7).map_err(self.say())?,
                    operator: row.opt_text(8).map_err(self.say())?,
                    reason: row.opt_text(9).map_err(self.say())?,
                    request: row.opt_text(10).map_err(self.say())?,
                })),
            };
            found.insert(id, intent);
        }
        let rows: Vec<_> = ids.iter().filter(|&id| !found.contains_key(id)).map(|&id| [Value::Text(id)]).collect();
        for row in tx.fetch_many(TAKEN, &rows).await.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            found.extend(ids.get(id.as_str()).map(|&id| (id, Found::Sealed)));
        }
        Ok(found)
    }

    /// Notes that the output of these certificates has been handed over. What is not signed or is released
    /// already stays as it is; the answer is how many changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(&self, ids: &[String]) -> Result<u64, RegistryError> {
        check_batch(ids.len())?;
        let rows: Vec<_> = ids.iter().filter(|id| !id.contains('\0')).map(|id| [Value::Text(id)]).collect();
        if rows.is_empty() {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let released = tx.run_many(RELEASE, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(released)
    }

    /// Standing certificates whose output is not yet handed over, in the order in which they were stored, at
    /// most `limit`: what a killed run left to do. `after` is the last identifier of the page before, `None`
    /// for the first page.
    ///
    /// # Errors
    /// The database's.
    pub async fn unreleased(&self, after: Option<&str>, limit: u32) -> Result<Vec<Sealed>, RegistryError> {
        let values = [Value::Text(after.unwrap_or("")), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(UNRELEASED, &values).await.map_err(self.say())?;
        let mut sealed = rows.iter().map(|row| self.sealed(row)).collect::<Result<Vec<_>, _>>()?;
        let mut further = self.further(&mut tx, sealed.iter().map(|item| item.id.as_str())).await?;
        for item in &mut sealed {
            item.envelopes.extend(further.remove(&item.id).unwrap_or_default());
        }
        Ok(sealed)
    }
}

/// An envelope as a row of parameters, behind the identifier of its certificate.
fn values<'a>(id: &'a str, envelope: &'a Envelope) -> [Value<'a>; 9] {
    [
        Value::Text(id),
        Value::Text(&envelope.format),
        Value::Bytes(&envelope.content),
        Value::Text(&envelope.text),
        Value::Bytes(&envelope.kid),
        Value::Text(&envelope.algorithm),
        Value::Int(envelope.issued_at.as_millisecond()),
        Value::Int(envelope.expires_at.as_millisecond()),
        Value::OptText(envelope.listed_as.as_deref()),
    ]
}

/// May this signature be stored, and in whose place?
fn judge<'a>(item: &Sealed, found: Option<&'a Found>, owner: &str) -> Result<&'a Open, RegistryError> {
    let id = || item.id.clone();
    let open = match found {
        None => return Err(RegistryError::Unknown { id: id() }),
        Some(Found::Sealed) => return Err(RegistryError::AlreadySealed { id: id() }),
        Some(Found::Abandoned) => return Err(RegistryError::Abandoned { id: id() }),
        Some(Found::Open(open)) if open.owner != owner => {
            return Err(RegistryError::LeaseLost { id: id() });
        }
        Some(Found::Open(open)) => open,
    };
    let claimed = |format: &str| open.formats.split(SEPARATOR).any(|claimed| claimed == format);
    for (place, envelope) in item.envelopes.iter().enumerate() {
        let repeated = item.envelopes.iter().skip(place + 1).any(|other| other.format == envelope.format);
        if repeated || !claimed(&envelope.format) {
            return Err(RegistryError::Formats { id: id() });
        }
        if !bearable(envelope) {
            return Err(RegistryError::Text { id: id() });
        }
    }
    if item.envelopes.is_empty() { Err(RegistryError::Formats { id: id() }) } else { Ok(open) }
}

/// Whether every part of an envelope can be stored.
fn bearable(envelope: &Envelope) -> bool {
    let Envelope { text, kid, algorithm, listed_as, .. } = envelope;
    let short = |text: &str, limit| !text.is_empty() && text.len() <= limit && !text.contains('\0');
    short(text, limits::REGISTRY_TEXT_BYTES)
        && !kid.is_empty()
        && kid.len() <= limits::REGISTRY_KEY_BYTES
        && short(algorithm, limits::REGISTRY_KEY_BYTES)
        && listed_as.as_deref().is_none_or(|listed_as| short(listed_as, limits::REGISTRY_TEXT_BYTES))
}
