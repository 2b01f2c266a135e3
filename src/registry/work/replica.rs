//! Which replicas live, and whether they may change anything.

use std::time::Duration;

use jiff::Timestamp;

use super::{left, milliseconds};
use crate::registry::{Registry, RegistryError, check_key, sql::Value};

const BEAT: &str = "INSERT INTO replica (name, version, started_at, seen_at) VALUES ($1, $2, $3, $3) \
     ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, version = excluded.version";
const ALL: &str = "SELECT name, version, started_at, seen_at FROM replica ORDER BY started_at, name";
const GONE: &str = "DELETE FROM replica WHERE name = $1";
const FORGET: &str = "DELETE FROM replica WHERE seen_at < $1";
/// Name of the setting that stops whatever changes something, for all replicas; `Registry::set_switch` sets it.
const READ_ONLY: &str = "switch read-only";

/// A replica of the service. Times are of the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Its name, different for each process.
    pub name: String,
    /// Version of its program.
    pub version: String,
    /// When it came.
    pub started_at: Timestamp,
    /// When it was last heard of.
    pub seen_at: Timestamp,
    /// How long ago that is.
    pub silent: Duration,
}

impl Registry {
    /// Says that a replica lives, and forgets those that have been silent for longer than `forget`.
    ///
    /// # Errors
    /// The database's: that it cannot be reached, or not be written.
    pub async fn beat(&self, name: &str, version: &str, forget: Duration) -> Result<(), RegistryError> {
        check_key(0, "name of the replica", name)?;
        let mut tx = self.write_pulse().await?;
        let now = tx.now().await.map_err(self.say())?;
        tx.run(BEAT, &[Value::Text(name), Value::Text(version), Value::Int(now)]).await.map_err(self.say())?;
        let before = now.saturating_sub(milliseconds(forget));
        tx.run(FORGET, &[Value::Int(before)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Says that a replica ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn leave(&self, name: &str) -> Result<(), RegistryError> {
        let mut tx = self.write_pulse().await?;
        tx.run(GONE, &[Value::Text(name)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// All replicas that were heard of lately, those that came first in front.
    ///
    /// # Errors
    /// The database's.
    pub async fn replicas(&self) -> Result<Vec<Replica>, RegistryError> {
        let say = self.say();
        let mut tx = self.read().await?;
        let now = tx.now().await.map_err(&say)?;
        let rows = tx.fetch(ALL, &[]).await.map_err(&say)?;
        let replica = |row: &crate::registry::sql::Row| {
            let seen = row.int(3).map_err(&say)?;
            Ok(Replica {
                name: row.text(0).map_err(&say)?,
                version: row.text(1).map_err(&say)?,
                started_at: self.time(row.int(2).map_err(&say)?, "time of a replica")?,
                seen_at: self.time(seen, "time of a replica")?,
                silent: left(now, seen),
            })
        };
        rows.iter().map(replica).collect()
    }

    /// Whether an operator has stopped whatever changes something.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_read_only(&self) -> Result<bool, RegistryError> {
        let mut tx = self.read().await?;
        let sql = "SELECT value FROM meta WHERE name = $1";
        let rows = tx.fetch(sql, &[Value::Text(READ_ONLY)]).await.map_err(self.say())?;
        let value = rows.first().map(|row| row.text(0)).transpose().map_err(self.say())?;
        Ok(value.as_deref() == Some("on"))
    }
}
