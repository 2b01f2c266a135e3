//! Finds a certificate by the event of its record.

use super::{Registry, RegistryError, check_key, sql::Value};

/// The key of a record is the UID of its event, with `#` and a part behind it where one event holds several; `$` comes
/// behind `#`.
const BY_EVENT: &str = "SELECT tracked_entity, event FROM certificate \
     WHERE event = $1 OR (event >= $2 AND event < $3) ORDER BY number LIMIT $4";

impl Registry {
    /// People and records of whom something was issued for this event of the source.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn records_of_event(&self, event: &str) -> Result<Vec<(String, String)>, RegistryError> {
        check_key(0, "event", event)?;
        let (from, until) = (format!("{event}#"), format!("{event}$"));
        let limit = crate::limits::REGISTRY_PERSON_ROWS;
        let values = [Value::Text(event), Value::Text(&from), Value::Text(&until), Value::Int(limit)];
        let mut tx = self.read().await?;
        let rows = tx.fetch(BY_EVENT, &values).await.map_err(self.say())?;
        let mut found = Vec::new();
        for row in &rows {
            let pair = (row.text(0).map_err(self.say())?, row.text(1).map_err(self.say())?);
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
        Ok(found)
    }

    /// Notes which version of the source was read, for links into it.
    ///
    /// # Errors
    /// A text of impossible size, or the database.
    pub async fn note_source(&self, seen: &SourceSeen) -> Result<(), RegistryError> {
        let text = serde_json::to_string(seen).map_err(|_| self.row("value"))?;
        check_key(0, "version of the source", &text)?;
        if self.source_seen().await?.as_ref() == Some(seen) {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET \
             value = excluded.value";
        tx.run(sql, &[Value::Text(SEEN), Value::Text(&text)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// The source as it was last read.
    ///
    /// # Errors
    /// The database's.
    pub async fn source_seen(&self) -> Result<Option<SourceSeen>, RegistryError> {
        Ok(self.meta(SEEN).await?.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

/// Name of the setting.
const SEEN: &str = "source seen";

/// The DHIS2 that was last read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SourceSeen {
    /// Its address, without a login and without `/api`.
    pub address: String,
    /// Its version, such as `2.40.3`.
    pub version: String,
    /// UID of the program.
    pub program: String,
}
