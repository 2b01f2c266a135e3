//! What lists are made of: every certificate that the log names, with the names and keys of its envelopes.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Action, Registry, RegistryError,
    sql::{Row, Tx, Value},
};

pub(super) const LISTED: &str = "SELECT r.number, r.certificate, r.action, c.format, c.kid, c.expires_at, c.listed_as \
     FROM revocation AS r JOIN certificate AS c ON c.id = r.certificate WHERE r.number > $1 \
     AND NOT EXISTS (SELECT 1 FROM revocation AS later WHERE later.certificate = r.certificate \
     AND later.number > r.number) ORDER BY r.number LIMIT $2";
pub(super) const LISTED_FURTHER: &str = "SELECT e.certificate, e.format, e.kid, e.expires_at, e.listed_as \
     FROM (VALUES {}) AS v JOIN envelope AS e ON e.certificate = v.column1";

/// Records read at a time.
pub(super) const PAGE: i64 = 5_000;

/// A certificate that the log names, by its latest record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Number of that record.
    pub number: u64,
    /// Its identifier.
    pub id: String,
    /// Revoked, or restored.
    pub revoked: bool,
    /// Its envelopes.
    pub envelopes: Vec<ListedEnvelope>,
}

/// What a list needs to know of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEnvelope {
    /// Name of its format.
    pub format: String,
    /// Key identifier of its signer.
    pub kid: Vec<u8>,
    /// Its end; a time beyond all others where the format has none.
    pub expires_at: Timestamp,
    /// The name by which lists know it, where it does not carry the certificate's identifier.
    pub listed_as: Option<String>,
}

impl Registry {
    /// Calls `each` with every certificate that the log names, in the order of their latest records and in one view of
    /// the registry. Gives the number of the newest record.
    ///
    /// # Errors
    /// The database's.
    pub async fn each_listed(&self, mut each: impl FnMut(Listed) + Send) -> Result<u64, RegistryError> {
        let mut tx = self.read().await?;
        let mut after = 0;
        loop {
            let page = self.listed(&mut tx, after).await?;
            let Some(last) = page.last() else { return Ok(after) };
            after = last.number;
            page.into_iter().for_each(&mut each);
        }
    }

    /// A page of it.
    pub(super) async fn listed(&self, tx: &mut Tx, after: u64) -> Result<Vec<Listed>, RegistryError> {
        let say = self.say();
        let values = [Value::Int(i64::try_from(after).unwrap_or(i64::MAX)), Value::Int(PAGE)];
        let mut page = Vec::new();
        for row in tx.fetch(LISTED, &values).await.map_err(&say)? {
            page.push(Listed {
                number: u64::try_from(row.int(0).map_err(&say)?).map_err(|_| self.row("number"))?,
                id: row.text(1).map_err(&say)?,
                revoked: row.text(2).map_err(&say)? == Action::Revoke.as_str(),
                envelopes: vec![self.listed_envelope(&row, 3)?],
            });
        }
        let mut further: HashMap<String, Vec<ListedEnvelope>> = HashMap::new();
        let rows: Vec<_> = page.iter().map(|listed| [Value::Text(&listed.id)]).collect();
        for row in tx.fetch_many(LISTED_FURTHER, &rows).await.map_err(&say)? {
            let envelope = self.listed_envelope(&row, 1)?;
            further.entry(row.text(0).map_err(&say)?).or_default().push(envelope);
        }
        for listed in &mut page {
            listed.envelopes.extend(further.remove(&listed.id).unwrap_or_default());
        }
        Ok(page)
    }

    /// Reads format, kid, expires_at and listed_as, from the column `from` on.
    fn listed_envelope(&self, row: &Row, from: usize) -> Result<ListedEnvelope, RegistryError> {
        let say = self.say();
        Ok(ListedEnvelope {
            format: row.text(from).map_err(&say)?,
            kid: row.bytes(from + 1).map_err(&say)?,
            expires_at: self.time(row.int(from + 2).map_err(&say)?, "expires_at")?,
            listed_as: row.opt_text(from + 3).map_err(&say)?,
        })
    }
}
