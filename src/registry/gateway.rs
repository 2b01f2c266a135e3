//! What the EU gateway was told of the log, and what it is still to be told.
//!
//! A batch that was uploaded cannot be changed. So an entry stays in its batch; new ones go into new batches; and when
//! one of a batch is taken back, the rest of it goes into a new batch, which is uploaded before the old one is
//! deleted, so that nothing is unrevoked in between (failure F21).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{
    Listed, ListedEnvelope, Registry, RegistryError, check_key,
    sql::{Tx, Value},
};
use crate::limits;

pub(super) const HELD: &str = "SELECT e.certificate, e.batch FROM (VALUES {}) AS v JOIN gateway_entry AS e \
     ON e.certificate = v.column1 JOIN gateway_batch AS b ON b.number = e.batch \
     WHERE b.state IN ('to-upload', 'uploaded')";
const BATCH: &str = "SELECT kid, hash_kind, expires_at, state FROM gateway_batch WHERE number = $1";
pub(super) const REST: &str = "SELECT e.hash, e.certificate FROM gateway_entry AS e JOIN certificate AS c \
     ON c.id = e.certificate WHERE e.batch = $1 AND c.revoked IS NOT NULL ORDER BY e.hash";
const HASHES: &str = "SELECT hash FROM gateway_entry WHERE batch = $1 ORDER BY hash";
const ADD: &str = "INSERT INTO gateway_batch (kid, hash_kind, expires_at, state, changed_at) \
     VALUES ($1, $2, $3, 'to-upload', $4) RETURNING number";
const FILL: &str =
    "INSERT INTO gateway_entry (batch, hash, certificate) VALUES {} ON CONFLICT (batch, hash) DO NOTHING";
const LEAVE: &str = "UPDATE gateway_batch SET state = $2, replaced_by = $3, changed_at = $4 WHERE number = $1";
const OVER: &str = "UPDATE gateway_batch SET state = 'deleted', changed_at = $1 \
     WHERE state IN ('to-upload', 'uploaded', 'to-delete') AND expires_at <= $1";
pub(super) const UPLOADS: &str = "SELECT number, kid, hash_kind, expires_at, begun_at FROM gateway_batch \
     WHERE state = 'to-upload' ORDER BY number LIMIT $1";
/// Only where the batch that took over the rest has been uploaded, or there was no rest.
pub(super) const DELETES: &str = "SELECT b.number, b.gateway_id FROM gateway_batch AS b WHERE b.state = 'to-delete' \
     AND b.gateway_id IS NOT NULL AND (b.replaced_by IS NULL OR NOT EXISTS (SELECT 1 FROM gateway_batch AS n \
     WHERE n.number = b.replaced_by AND n.state = 'to-upload')) ORDER BY b.number LIMIT $1";
/// One that was given up while it was on its way is known to the gateway all the same.
const UPLOADED: &str = "UPDATE gateway_batch SET gateway_id = $2, changed_at = $3, \
     state = CASE state WHEN 'to-upload' THEN 'uploaded' ELSE 'to-delete' END \
     WHERE number = $1 AND gateway_id IS NULL AND state IN ('to-upload', 'deleted')";
const BEGUN: &str = "UPDATE gateway_batch SET begun_at = $2 WHERE number = $1 AND begun_at IS NULL";
pub(super) const KNOWN: &str = "SELECT 1 FROM gateway_batch WHERE gateway_id = $1";
const DELETED: &str =
    "UPDATE gateway_batch SET state = 'deleted', changed_at = $2 WHERE number = $1 AND state = 'to-delete'";

/// Name of the setting that says up to which record of the log batches have been planned.
const THROUGH: &str = "gateway through";

/// A batch that is to be uploaded.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayBatch {
    /// Its number in the registry.
    pub number: u64,
    /// The key whose certificates it revokes.
    pub kid: Vec<u8>,
    /// Name of its kind of hash.
    pub hash_kind: String,
    /// When its last certificate ends.
    pub expires_at: Timestamp,
    /// Its entries, in order.
    pub hashes: Vec<[u8; 16]>,
    /// When its upload was first begun, if it was: it may be at the gateway although nobody noted it.
    pub begun_at: Option<Timestamp>,
}

impl std::fmt::Debug for GatewayBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GatewayBatch({}, {} entries)", self.number, self.hashes.len())
    }
}

/// Something to be done at the gateway, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayWork {
    /// Upload this batch, then [`Registry::note_uploaded`].
    Upload(GatewayBatch),
    /// Delete this batch, then [`Registry::note_deleted`].
    Delete {
        /// Its number in the registry.
        number: u64,
        /// The gateway's name for it.
        gateway_id: String,
    },
}

/// An entry that is to go into a batch.
struct Due {
    hash: [u8; 16],
    id: String,
    expires_at: i64,
}

impl Registry {
    /// Plans batches for what the log says since the last plan. `hash_of` gives the hash by which the gateway is to
    /// know an envelope of a certificate, or none for one that is not its business. Gives how many batches were made.
    ///
    /// # Errors
    /// The database's; then nothing is planned.
    pub async fn plan_gateway(
        &self,
        hash_kind: &str,
        hash_of: impl Fn(&str, &ListedEnvelope) -> Option<[u8; 16]> + Send,
        now: Timestamp,
    ) -> Result<usize, RegistryError> {
        check_key(0, "kind of hash", hash_kind)?;
        let mut tx = self.write().await?;
        let at = now.as_millisecond();
        tx.run(OVER, &[Value::Int(at)]).await.map_err(self.say())?;
        let rows = tx.fetch("SELECT value FROM meta WHERE name = $1", &[Value::Text(THROUGH)]).await;
        let rows = rows.map_err(self.say())?;
        let stored = rows.first().map(|row| row.text(0)).transpose().map_err(self.say())?;
        let mut through: u64 = stored.as_deref().unwrap_or("0").parse().map_err(|_| self.row("value"))?;
        let mut due: BTreeMap<Vec<u8>, Vec<Due>> = BTreeMap::new();
        let mut broken: BTreeSet<i64> = BTreeSet::new();
        loop {
            let page = self.listed(&mut tx, through).await?;
            let Some(last) = page.last() else { break };
            through = last.number;
            let held = self.held(&mut tx, &page).await?;
            for listed in &page {
                match (listed.revoked, held.get(&listed.id)) {
                    (false, Some(batches)) => broken.extend(batches),
                    (true, None) => {
                        for envelope in &listed.envelopes {
                            let expires_at = envelope.expires_at.as_millisecond();
                            let hash = hash_of(&listed.id, envelope).filter(|_| expires_at > at);
                            if let Some(hash) = hash {
                                let entry = Due { hash, id: listed.id.clone(), expires_at };
                                due.entry(envelope.kid.clone()).or_default().push(entry);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        let mut made = 0;
        for number in broken {
            made += self.remake(&mut tx, number, at).await?;
        }
        for (kid, entries) in due {
            for chunk in entries.chunks(limits::GATEWAY_BATCH_ENTRIES) {
                let expires_at = chunk.iter().map(|entry| entry.expires_at).max().unwrap_or(at);
                let batch = self.add_batch(&mut tx, &kid, hash_kind, expires_at, at).await?;
                let rows: Vec<_> = chunk
                    .iter()
                    .map(|entry| [Value::Int(batch), Value::Bytes(&entry.hash), Value::Text(&entry.id)])
                    .collect();
                tx.run_many(FILL, &rows).await.map_err(self.say())?;
                made += 1;
            }
        }
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let value = through.to_string();
        tx.run(sql, &[Value::Text(THROUGH), Value::Text(&value)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(made)
    }

    /// The batches that hold these certificates and count.
    async fn held(&self, tx: &mut Tx, page: &[Listed]) -> Result<HashMap<String, Vec<i64>>, RegistryError> {
        let rows: Vec<_> = page.iter().map(|listed| [Value::Text(&listed.id)]).collect();
        let mut held: HashMap<String, Vec<i64>> = HashMap::new();
        for row in tx.fetch_many(HELD, &rows).await.map_err(self.say())? {
            let batch = row.int(1).map_err(self.say())?;
            held.entry(row.text(0).map_err(self.say())?).or_default().push(batch);
        }
        Ok(held)
    }

    async fn add_batch(
        &self,
        tx: &mut Tx,
        kid: &[u8],
        hash_kind: &str,
        expires_at: i64,
        at: i64,
    ) -> Result<i64, RegistryError> {
        let values = [Value::Bytes(kid), Value::Text(hash_kind), Value::Int(expires_at), Value::Int(at)];
        let rows = tx.fetch(ADD, &values).await.map_err(self.say())?;
        rows.first().ok_or_else(|| self.row("number"))?.int(0).map_err(self.say())
    }

    /// Puts what is still revoked of a batch into a new one, and leaves the old one. Gives how many were made.
    async fn remake(&self, tx: &mut Tx, number: i64, at: i64) -> Result<usize, RegistryError> {
        let say = self.say();
        let found = tx.fetch(BATCH, &[Value::Int(number)]).await.map_err(&say)?;
        let Some(row) = found.first() else { return Ok(0) };
        let (kid, kind) = (row.bytes(0).map_err(&say)?, row.text(1).map_err(&say)?);
        let (expires_at, state) = (row.int(2).map_err(&say)?, row.text(3).map_err(&say)?);
        let mut rest = Vec::new();
        for row in tx.fetch(REST, &[Value::Int(number)]).await.map_err(&say)? {
            rest.push((row.bytes(0).map_err(&say)?, row.text(1).map_err(&say)?));
        }
        let replaced_by = if rest.is_empty() {
            None
        } else {
            let batch = self.add_batch(tx, &kid, &kind, expires_at, at).await?;
            let rows: Vec<_> =
                rest.iter().map(|(hash, id)| [Value::Int(batch), Value::Bytes(hash), Value::Text(id)]).collect();
            tx.run_many(FILL, &rows).await.map_err(&say)?;
            Some(batch)
        };
        let next = if state == "uploaded" { "to-delete" } else { "deleted" };
        let values = [Value::Int(number), Value::Text(next), Value::OptInt(replaced_by), Value::Int(at)];
        tx.run(LEAVE, &values).await.map_err(&say)?;
        Ok(usize::from(replaced_by.is_some()))
    }

    /// What is to be done at the gateway now, at most `limit` of each kind: uploads, then deletions whose time has come.
    ///
    /// # Errors
    /// The database's.
    pub async fn gateway_work(&self, limit: u32) -> Result<Vec<GatewayWork>, RegistryError> {
        let say = self.say();
        let mut tx = self.read().await?;
        let mut work = Vec::new();
        for row in tx.fetch(UPLOADS, &[Value::Int(i64::from(limit))]).await.map_err(&say)? {
            let number = row.int(0).map_err(&say)?;
            let mut hashes = Vec::new();
            for row in tx.fetch(HASHES, &[Value::Int(number)]).await.map_err(&say)? {
                let hash: [u8; 16] = row.bytes(0).map_err(&say)?.try_into().map_err(|_| self.row("hash"))?;
                hashes.push(hash);
            }
            work.push(GatewayWork::Upload(GatewayBatch {
                number: u64::try_from(number).map_err(|_| self.row("number"))?,
                kid: row.bytes(1).map_err(&say)?,
                hash_kind: row.text(2).map_err(&say)?,
                expires_at: self.time(row.int(3).map_err(&say)?, "expires_at")?,
                hashes,
                begun_at: row.opt_int(4).map_err(&say)?.map(|at| self.time(at, "begun_at")).transpose()?,
            }));
        }
        for row in tx.fetch(DELETES, &[Value::Int(i64::from(limit))]).await.map_err(&say)? {
            let number = u64::try_from(row.int(0).map_err(&say)?).map_err(|_| self.row("number"))?;
            work.push(GatewayWork::Delete { number, gateway_id: row.text(1).map_err(&say)? });
        }
        Ok(work)
    }

    /// Notes that the upload of a batch begins: whoever comes after a crash looks for it at the gateway first.
    ///
    /// # Errors
    /// The database's; then nothing should be sent.
    pub async fn note_begun(&self, number: u64, now: Timestamp) -> Result<(), RegistryError> {
        self.note(BEGUN, &[int(number), Value::Int(now.as_millisecond())]).await.map(|_| ())
    }

    /// Whether the gateway's name for a batch is known here.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_gateway_batch(&self, gateway_id: &str) -> Result<bool, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(KNOWN, &[Value::Text(gateway_id)]).await.map_err(self.say())?;
        Ok(!rows.is_empty())
    }

    /// Notes that a batch was uploaded, and what the gateway calls it. One that was given up meanwhile is then to be
    /// deleted there. The answer tells whether anything changed.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn note_uploaded(&self, number: u64, gateway_id: &str, now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "identifier of a batch", gateway_id)?;
        let values = [int(number), Value::Text(gateway_id), Value::Int(now.as_millisecond())];
        self.note(UPLOADED, &values).await
    }

    /// Notes that a batch is deleted at the gateway. The answer tells whether anything changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_deleted(&self, number: u64, now: Timestamp) -> Result<bool, RegistryError> {
        self.note(DELETED, &[int(number), Value::Int(now.as_millisecond())]).await
    }

    async fn note(&self, sql: &'static str, values: &[Value<'_>]) -> Result<bool, RegistryError> {
        let mut tx = self.write().await?;
        let changed = tx.run(sql, values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(changed > 0)
    }
}

fn int(number: u64) -> Value<'static> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
