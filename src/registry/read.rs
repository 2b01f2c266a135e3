//! Questions, and the small tables: watermarks and settings.

use super::{
    Candidate, Certificate, Counts, Registry, RegistryError, Sealed, State, check_key,
    sql::{Row, Value},
};
use crate::limits;

pub(super) const BY_ID: &str = "SELECT id, text, kid, algorithm, issued_at, expires_at, tracked_entity, event, \
     format, content, state, intended_at, supersedes, superseded_by, withdrawn_at FROM certificate WHERE id = $1";
pub(super) const BY_PERSON: &str = "SELECT id, text, kid, algorithm, issued_at, expires_at, tracked_entity, event, \
     format, content, state, intended_at, supersedes, superseded_by, withdrawn_at FROM certificate \
     WHERE tracked_entity = $1 ORDER BY intended_at, number LIMIT $2";
pub(super) const INTENT_BY_ID: &str =
    "SELECT id, tracked_entity, event, format, content, intended_at, abandoned_at FROM intent WHERE id = $1";
pub(super) const INTENTS_BY_PERSON: &str = "SELECT id, tracked_entity, event, format, content, intended_at, \
     abandoned_at FROM intent WHERE tracked_entity = $1 ORDER BY intended_at, id LIMIT $2";
/// Beginning of the names of settings that hold the certificate of a signer.
const SIGNER: &str = "signer ";
const COUNTS: &str = "SELECT state, \
     CAST(CASE WHEN superseded_by IS NOT NULL THEN 1 WHEN withdrawn_at IS NOT NULL THEN 2 ELSE 0 END AS BIGINT), \
     count(*) FROM certificate GROUP BY 1, 2";
const INTENT_COUNTS: &str = "SELECT CASE WHEN abandoned_at IS NULL THEN 'intended' ELSE 'abandoned' END, \
     CAST(0 AS BIGINT), count(*) FROM intent GROUP BY 1";

impl Registry {
    /// The certificate or intent of this identifier.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, id: &str) -> Result<Option<Certificate>, RegistryError> {
        if id.contains('\0') {
            return Ok(None);
        }
        let mut tx = self.read().await?;
        let rows = tx.fetch(BY_ID, &[Value::Text(id)]).await.map_err(self.say())?;
        if let Some(row) = rows.first() {
            return self.certificate(row).map(Some);
        }
        let rows = tx.fetch(INTENT_BY_ID, &[Value::Text(id)]).await.map_err(self.say())?;
        rows.first().map(|row| self.intent(row)).transpose()
    }

    /// Everything that was issued for a person, the oldest first, closed ones included; then the intents.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_by_person(&self, tracked_entity: &str) -> Result<Vec<Certificate>, RegistryError> {
        check_key(0, "tracked entity", tracked_entity)?;
        let values = [Value::Text(tracked_entity), Value::Int(limits::REGISTRY_PERSON_ROWS)];
        let mut tx = self.read().await?;
        let rows = tx.fetch(BY_PERSON, &values).await.map_err(self.say())?;
        let mut all = rows.iter().map(|row| self.certificate(row)).collect::<Result<Vec<_>, _>>()?;
        for row in tx.fetch(INTENTS_BY_PERSON, &values).await.map_err(self.say())? {
            all.push(self.intent(&row)?);
        }
        Ok(all)
    }

    /// How many certificates there are in each state. Reads the whole table.
    ///
    /// # Errors
    /// The database's.
    pub async fn counts(&self) -> Result<Counts, RegistryError> {
        let mut tx = self.read().await?;
        let mut counts = Counts::default();
        let mut rows = tx.fetch(COUNTS, &[]).await.map_err(self.say())?;
        rows.extend(tx.fetch(INTENT_COUNTS, &[]).await.map_err(self.say())?);
        for row in rows {
            let word = row.text(0).map_err(self.say())?;
            let state = State::read(&word).ok_or_else(|| self.row("state"))?;
            let closed = row.int(1).map_err(self.say())?;
            let many = u64::try_from(row.int(2).map_err(self.say())?).map_err(|_| self.row("count"))?;
            let place = match (state, closed) {
                (State::Intended, _) => &mut counts.intended,
                (State::Abandoned, _) => &mut counts.abandoned,
                (_, 1) => &mut counts.superseded,
                (_, 2) => &mut counts.withdrawn,
                (State::Signed, _) => &mut counts.signed,
                (State::Released, _) => &mut counts.released,
            };
            *place += many;
        }
        let rows = tx.fetch("SELECT count(*) FROM revocation", &[]).await.map_err(self.say())?;
        let revoked = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        counts.revoked = u64::try_from(revoked).map_err(|_| self.row("count"))?;
        Ok(counts)
    }

    /// How far a source was read.
    ///
    /// # Errors
    /// The database's.
    pub async fn watermark(&self, source: &str) -> Result<Option<String>, RegistryError> {
        self.small("SELECT value FROM watermark WHERE source = $1", source).await
    }

    /// Notes how far a source was read. Texts are compared byte by byte: write times of one form, such as
    /// `2026-11-21T10:00:00.000`. A value before the stored one is ignored unless `force`; the answer tells
    /// whether the value was taken.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn set_watermark(&self, source: &str, value: &str, force: bool) -> Result<bool, RegistryError> {
        check_key(0, "source", source)?;
        check_key(0, "watermark", value)?;
        let mut tx = self.write().await?;
        let values = [Value::Text(source)];
        let rows = tx.fetch("SELECT value FROM watermark WHERE source = $1", &values).await.map_err(self.say())?;
        let stored = rows.first().map(|row| row.text(0)).transpose().map_err(self.say())?;
        if !force && stored.is_some_and(|stored| stored.as_bytes() > value.as_bytes()) {
            return Ok(false);
        }
        let sql = "INSERT INTO watermark (source, value) VALUES ($1, $2) \
             ON CONFLICT (source) DO UPDATE SET value = excluded.value";
        tx.run(sql, &[Value::Text(source), Value::Text(value)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// A setting of this database, such as the country that it was made for.
    ///
    /// # Errors
    /// The database's.
    pub async fn meta(&self, name: &str) -> Result<Option<String>, RegistryError> {
        self.small("SELECT value FROM meta WHERE name = $1", name).await
    }

    /// Sets a setting of this database if it has none of that name yet; the answer is the one that holds.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn pin_meta(&self, name: &str, value: &str) -> Result<String, RegistryError> {
        check_key(0, "name", name)?;
        check_key(0, "setting", value)?;
        let mut tx = self.write().await?;
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        tx.run(sql, &[Value::Text(name), Value::Text(value)]).await.map_err(self.say())?;
        let rows =
            tx.fetch("SELECT value FROM meta WHERE name = $1", &[Value::Text(name)]).await.map_err(self.say())?;
        let held = rows.first().ok_or_else(|| self.row("value"))?.text(0).map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(held)
    }

    /// Remembers the certificate of a signer, so that what it signed can be checked after its key was replaced.
    /// `kid` and `certificate` are texts of the caller's choosing; the first certificate of a kid stays.
    ///
    /// # Errors
    /// A text of impossible size, or the database.
    pub async fn remember_signer(&self, kid: &str, certificate: &str) -> Result<(), RegistryError> {
        check_key(0, "kid", kid)?;
        if certificate.is_empty() || certificate.len() > limits::REGISTRY_TEXT_BYTES || certificate.contains('\0') {
            return Err(RegistryError::Text { id: kid.to_owned() });
        }
        let name = format!("{SIGNER}{kid}");
        let mut tx = self.write().await?;
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        tx.run(sql, &[Value::Text(&name), Value::Text(certificate)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// The certificates of all signers that [`Registry::remember_signer`] was told of, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn signers(&self) -> Result<Vec<String>, RegistryError> {
        let mut tx = self.read().await?;
        let sql = "SELECT value FROM meta WHERE substr(name, 1, 7) = $1";
        let rows = tx.fetch(sql, &[Value::Text(SIGNER)]).await.map_err(self.say())?;
        rows.iter().map(|row| row.text(0).map_err(self.say())).collect()
    }

    async fn small(&self, sql: &'static str, key: &str) -> Result<Option<String>, RegistryError> {
        check_key(0, "name", key)?;
        let mut tx = self.read().await?;
        let rows = tx.fetch(sql, &[Value::Text(key)]).await.map_err(self.say())?;
        rows.first().map(|row| row.text(0)).transpose().map_err(self.say())
    }

    fn certificate(&self, row: &Row) -> Result<Certificate, RegistryError> {
        let say = self.say();
        let content = row.bytes(9).map_err(&say)?;
        let withdrawn = row.opt_int(14).map_err(&say)?;
        Ok(Certificate {
            id: row.text(0).map_err(&say)?,
            sealed: Some(self.sealed(row)?),
            candidate: Candidate {
                tracked_entity: row.text(6).map_err(&say)?,
                event: row.text(7).map_err(&say)?,
                format: row.text(8).map_err(&say)?,
                content: content.try_into().map_err(|_| self.row("content"))?,
            },
            state: State::read(&row.text(10).map_err(&say)?).ok_or_else(|| self.row("state"))?,
            intended_at: self.time(row.int(11).map_err(&say)?, "intended_at")?,
            supersedes: row.opt_text(12).map_err(&say)?,
            superseded_by: row.opt_text(13).map_err(&say)?,
            withdrawn_at: withdrawn.map(|at| self.time(at, "withdrawn_at")).transpose()?,
        })
    }

    fn intent(&self, row: &Row) -> Result<Certificate, RegistryError> {
        let say = self.say();
        let abandoned = row.opt_int(6).map_err(&say)?;
        Ok(Certificate {
            id: row.text(0).map_err(&say)?,
            sealed: None,
            candidate: Candidate {
                tracked_entity: row.text(1).map_err(&say)?,
                event: row.text(2).map_err(&say)?,
                format: row.text(3).map_err(&say)?,
                content: row.bytes(4).map_err(&say)?.try_into().map_err(|_| self.row("content"))?,
            },
            state: if abandoned.is_some() { State::Abandoned } else { State::Intended },
            intended_at: self.time(row.int(5).map_err(&say)?, "intended_at")?,
            supersedes: None,
            superseded_by: None,
            withdrawn_at: None,
        })
    }

    /// Reads id, text, kid, algorithm, issued_at and expires_at, with which the row begins.
    pub(super) fn sealed(&self, row: &Row) -> Result<Sealed, RegistryError> {
        let say = self.say();
        Ok(Sealed {
            id: row.text(0).map_err(&say)?,
            text: row.text(1).map_err(&say)?,
            kid: row.bytes(2).map_err(&say)?,
            algorithm: row.text(3).map_err(&say)?,
            issued_at: self.time(row.int(4).map_err(&say)?, "issued_at")?,
            expires_at: self.time(row.int(5).map_err(&say)?, "expires_at")?,
        })
    }
}
