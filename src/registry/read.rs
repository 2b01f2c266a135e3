//! Questions, and the small tables: watermarks and settings.

use std::collections::HashMap;

use super::{
    Certificate, Counts, Envelope, Registry, RegistryError, SEPARATOR, Sealed, State, check_key,
    sql::{Row, Tx, Value},
};
use crate::limits;

pub(super) const BY_ID: &str = "SELECT id, format, content, text, kid, algorithm, issued_at, expires_at, listed_as, \
     tracked_entity, event, state, intended_at, supersedes, superseded_by, withdrawn_at, facility, operator, lot, \
     given_on, revoked FROM certificate WHERE id = $1";
pub(super) const BY_PERSON: &str = "SELECT id, format, content, text, kid, algorithm, issued_at, expires_at, listed_as, \
     tracked_entity, event, state, intended_at, supersedes, superseded_by, withdrawn_at, facility, operator, lot, \
     given_on, revoked FROM certificate \
     WHERE tracked_entity = $1 ORDER BY intended_at, number LIMIT $2";
pub(super) const FURTHER: &str = "SELECT e.certificate, e.format, e.content, e.text, e.kid, e.algorithm, e.issued_at, \
     e.expires_at, e.listed_as FROM (VALUES {}) AS v JOIN envelope AS e ON e.certificate = v.column1";
pub(super) const LISTED_AS: &str = "SELECT c.listed_as FROM (VALUES {}) AS v JOIN certificate AS c ON c.id = v.column1 \
     WHERE c.listed_as IS NOT NULL";
pub(super) const FURTHER_NAMES: &str = "SELECT e.listed_as FROM (VALUES {}) AS v JOIN envelope AS e \
     ON e.certificate = v.column1 WHERE e.listed_as IS NOT NULL";
pub(super) const INTENT_BY_ID: &str = "SELECT id, tracked_entity, event, format, intended_at, abandoned_at, facility, operator, lot, given_on \
     FROM intent WHERE id = $1";
pub(super) const INTENTS_BY_PERSON: &str = "SELECT id, tracked_entity, event, format, intended_at, \
     abandoned_at, facility, operator, lot, given_on FROM intent WHERE tracked_entity = $1 ORDER BY intended_at, id LIMIT $2";
/// Beginning of the names of settings that hold the certificate of a signer.
const SIGNER: &str = "signer ";
/// Beginning of the names of settings that hold the name of a format.
const FORMAT: &str = "format ";
/// Each of these reads an index through, and none reads the certificates, which are many gigabytes of a country.
pub(super) const ALL: &str = "SELECT count(*) FROM certificate";
/// Those that stand. `live` is derived, and SQLite takes no derived column from an index; so in two parts.
pub(super) const IN_FORCE: &str = "SELECT count(*) FROM certificate WHERE live IS NOT NULL AND revoked IS NULL";
pub(super) const LIVE_REVOKED: &str = "SELECT count(*) FROM certificate WHERE live IS NOT NULL \
     AND revoked IS NOT NULL AND id IN (SELECT certificate FROM revocation)";
pub(super) const SIGNED: &str = "SELECT count(*) FROM certificate WHERE state = 'signed' AND live IS NOT NULL";
pub(super) const SUPERSEDED: &str = "SELECT count(*) FROM certificate WHERE superseded_by IS NOT NULL";
/// Those of whom the latest record of the log revokes.
pub(super) const REVOKED: &str = "SELECT count(*) FROM revocation AS r WHERE r.action = 'revoke' AND NOT EXISTS \
     (SELECT 1 FROM revocation AS later WHERE later.certificate = r.certificate AND later.number > r.number)";
const INTENT_COUNTS: &str = "SELECT CASE WHEN abandoned_at IS NULL THEN 'intended' ELSE 'abandoned' END, count(*) \
     FROM intent GROUP BY 1";

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
            let mut certificates = vec![self.certificate(row)?];
            self.complete(&mut tx, &mut certificates).await?;
            return Ok(certificates.pop());
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
        self.complete(&mut tx, &mut all).await?;
        let signed = all.len();
        for row in tx.fetch(INTENTS_BY_PERSON, &values).await.map_err(self.say())? {
            let intent = self.intent(&row)?;
            // An intent to add to a certificate has its identifier, under which the certificate stands already.
            if !all.iter().take(signed).any(|certificate| certificate.id == intent.id) {
                all.push(intent);
            }
        }
        Ok(all)
    }

    /// Adds the further envelopes to certificates that came with their first.
    async fn complete(&self, tx: &mut Tx, certificates: &mut [Certificate]) -> Result<(), RegistryError> {
        let mut further = self.further(tx, certificates.iter().map(|certificate| certificate.id.as_str())).await?;
        for certificate in certificates {
            let Some(sealed) = &mut certificate.sealed else { continue };
            sealed.envelopes.extend(further.remove(&certificate.id).unwrap_or_default());
            certificate.formats = sealed.envelopes.iter().map(|envelope| envelope.format.clone()).collect();
        }
        Ok(())
    }

    /// The further envelopes of certificates, by their identifiers.
    pub(super) async fn further(
        &self,
        tx: &mut Tx,
        ids: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, Vec<Envelope>>, RegistryError> {
        let rows: Vec<_> = ids.map(|id| [Value::Text(id)]).collect();
        let mut found: HashMap<String, Vec<Envelope>> = HashMap::new();
        for row in tx.fetch_many(FURTHER, &rows).await.map_err(self.say())? {
            found.entry(row.text(0).map_err(self.say())?).or_default().push(self.envelope(&row, 1)?);
        }
        // In the order of their names, whatever order the database found them in.
        for envelopes in found.values_mut() {
            envelopes.sort_by(|a, b| a.format.cmp(&b.format));
        }
        Ok(found)
    }

    /// The names of envelopes of these certificates that do not carry their identifier: a revocation of the
    /// certificate lists them as well.
    ///
    /// # Errors
    /// The database's.
    pub async fn listed_as(&self, ids: &[String]) -> Result<Vec<String>, RegistryError> {
        let rows: Vec<_> = ids.iter().filter(|id| !id.contains('\0')).map(|id| [Value::Text(id)]).collect();
        let mut tx = self.read().await?;
        let mut found = Vec::new();
        for sql in [LISTED_AS, FURTHER_NAMES] {
            for row in tx.fetch_many(sql, &rows).await.map_err(self.say())? {
                found.push(row.text(0).map_err(self.say())?);
            }
        }
        Ok(found)
    }

    /// Remembers that these formats are issued, and gives all that ever were, in the order of their names.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn formats(&self, issued: &[&str]) -> Result<Vec<String>, RegistryError> {
        let mut tx = self.read().await?;
        let sql = "SELECT value FROM meta WHERE substr(name, 1, 7) = $1 ORDER BY value";
        let rows = tx.fetch(sql, &[Value::Text(FORMAT)]).await.map_err(self.say())?;
        let mut known = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>().map_err(self.say())?;
        drop(tx);
        for format in issued {
            if !known.iter().any(|known| known == format) {
                self.pin_meta(&format!("{FORMAT}{format}"), format).await?;
                known.push((*format).to_owned());
            }
        }
        known.sort_unstable();
        Ok(known)
    }

    /// How many certificates there are in each state. Reads indexes through: a second or so for millions.
    ///
    /// # Errors
    /// The database's.
    pub async fn counts(&self) -> Result<Counts, RegistryError> {
        let say = self.say();
        let mut tx = self.read().await?;
        let mut found = [0; 6];
        for (place, sql) in found.iter_mut().zip([ALL, IN_FORCE, LIVE_REVOKED, SIGNED, SUPERSEDED, REVOKED]) {
            let rows = tx.fetch(sql, &[]).await.map_err(&say)?;
            let count = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(&say)?;
            *place = u64::try_from(count).map_err(|_| self.row("count"))?;
        }
        let [all, in_force, live_revoked, signed, superseded, revoked] = found;
        let live: u64 = in_force.saturating_add(live_revoked);
        let mut counts = Counts {
            signed,
            released: live.saturating_sub(signed),
            superseded,
            // Whatever stands no more and was not superseded.
            withdrawn: all.saturating_sub(live).saturating_sub(superseded),
            revoked,
            ..Counts::default()
        };
        for row in tx.fetch(INTENT_COUNTS, &[]).await.map_err(&say)? {
            let many = u64::try_from(row.int(1).map_err(&say)?).map_err(|_| self.row("count"))?;
            match State::read(&row.text(0).map_err(&say)?) {
                Some(State::Intended) => counts.intended = many,
                Some(State::Abandoned) => counts.abandoned = many,
                _ => return Err(self.row("state")),
            }
        }
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
        let sealed = self.sealed(row)?;
        let withdrawn = row.opt_int(15).map_err(&say)?;
        Ok(Certificate {
            id: sealed.id.clone(),
            tracked_entity: row.text(9).map_err(&say)?,
            event: row.text(10).map_err(&say)?,
            formats: sealed.envelopes.iter().map(|envelope| envelope.format.clone()).collect(),
            state: State::read(&row.text(11).map_err(&say)?).ok_or_else(|| self.row("state"))?,
            intended_at: self.time(row.int(12).map_err(&say)?, "intended_at")?,
            sealed: Some(sealed),
            supersedes: row.opt_text(13).map_err(&say)?,
            superseded_by: row.opt_text(14).map_err(&say)?,
            withdrawn_at: withdrawn.map(|at| self.time(at, "withdrawn_at")).transpose()?,
            origin: self.origin(row, 16)?,
            revoked: self.reason(row.opt_text(20).map_err(&say)?)?,
        })
    }

    fn intent(&self, row: &Row) -> Result<Certificate, RegistryError> {
        let say = self.say();
        let abandoned = row.opt_int(5).map_err(&say)?;
        Ok(Certificate {
            id: row.text(0).map_err(&say)?,
            tracked_entity: row.text(1).map_err(&say)?,
            event: row.text(2).map_err(&say)?,
            formats: row.text(3).map_err(&say)?.split(SEPARATOR).map(str::to_owned).collect(),
            state: if abandoned.is_some() { State::Abandoned } else { State::Intended },
            intended_at: self.time(row.int(4).map_err(&say)?, "intended_at")?,
            sealed: None,
            supersedes: None,
            superseded_by: None,
            withdrawn_at: None,
            origin: self.origin(row, 6)?,
            revoked: None,
        })
    }

    /// Reads a certificate with its first envelope: the identifier, and what [`Registry::envelope`] reads.
    pub(super) fn sealed(&self, row: &Row) -> Result<Sealed, RegistryError> {
        Ok(Sealed { id: row.text(0).map_err(self.say())?, envelopes: vec![self.envelope(row, 1)?] })
    }

    /// Reads format, content, text, kid, algorithm, issued_at, expires_at and listed_as, from the column `from` on.
    pub(super) fn envelope(&self, row: &Row, from: usize) -> Result<Envelope, RegistryError> {
        let say = self.say();
        Ok(Envelope {
            format: row.text(from).map_err(&say)?,
            content: row.bytes(from + 1).map_err(&say)?.try_into().map_err(|_| self.row("content"))?,
            text: row.text(from + 2).map_err(&say)?,
            kid: row.bytes(from + 3).map_err(&say)?,
            algorithm: row.text(from + 4).map_err(&say)?,
            issued_at: self.time(row.int(from + 5).map_err(&say)?, "issued_at")?,
            expires_at: self.time(row.int(from + 6).map_err(&say)?, "expires_at")?,
            listed_as: row.opt_text(from + 7).map_err(&say)?,
        })
    }
}
