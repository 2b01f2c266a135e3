//! The certificates that were stored last: what an examination looks at.

use super::{Registry, RegistryError, Sealed, check_batch, sql::Value};

const LATEST: &str = "SELECT id, format, content, text, kid, algorithm, issued_at, expires_at, listed_as \
     FROM certificate WHERE live IS NOT NULL AND revoked IS NULL ORDER BY number DESC LIMIT $1";

impl Registry {
    /// The standing certificates that were stored last, the newest first, at most `limit`. Personal data.
    ///
    /// # Errors
    /// [`RegistryError::Batch`] for more than one batch, or the database's.
    pub async fn latest(&self, limit: u32) -> Result<Vec<Sealed>, RegistryError> {
        check_batch(usize::try_from(limit).unwrap_or(usize::MAX))?;
        let mut tx = self.read().await?;
        let rows = tx.fetch(LATEST, &[Value::Int(i64::from(limit))]).await.map_err(self.say())?;
        let mut sealed = rows.iter().map(|row| self.sealed(row)).collect::<Result<Vec<_>, _>>()?;
        let mut further = self.further(&mut tx, sealed.iter().map(|item| item.id.as_str())).await?;
        for item in &mut sealed {
            item.envelopes.extend(further.remove(&item.id).unwrap_or_default());
        }
        Ok(sealed)
    }
}
