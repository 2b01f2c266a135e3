//! What is published, kept here so that every replica hands out the same, and so that there is one line of numbers
//! whoever publishes: a file of this table has the name that it has below the published folder.

use super::Turn;
use crate::registry::{Registry, RegistryError, check_key, sql::Value};

const SEQUENCE: &str = "SELECT max(sequence) FROM published";
const NAMES: &str = "SELECT name FROM published ORDER BY name";
const FILE: &str = "SELECT content FROM published WHERE name = $1";
const PUT: &str = "INSERT INTO published (name, sequence, content) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE \
     SET sequence = excluded.sequence, content = excluded.content";
const DROP: &str = "DELETE FROM published WHERE name = $1";

impl Registry {
    /// Number of the newest publication, if there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn published_sequence(&self) -> Result<Option<u64>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(SEQUENCE, &[]).await.map_err(self.say())?;
        let sequence = rows.first().map(|row| row.opt_int(0)).transpose().map_err(self.say())?.flatten();
        Ok(sequence.and_then(|sequence| u64::try_from(sequence).ok()))
    }

    /// A file of the newest publication, by its name below the published folder.
    ///
    /// # Errors
    /// The database's.
    pub async fn published_file(&self, name: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(FILE, &[Value::Text(name)]).await.map_err(self.say())?;
        rows.first().map(|row| row.bytes(0)).transpose().map_err(self.say())
    }

    /// Takes over a publication, whole or not at all: `files` by their names, those of `keep` as they are, and no other.
    /// `before` is the number of the publication that it follows.
    ///
    /// # Errors
    /// [`RegistryError::TurnLost`] when the turn was taken over, or something else was published meanwhile; or the
    /// database.
    pub async fn keep_published(
        &self,
        turn: &Turn,
        before: Option<u64>,
        sequence: u64,
        files: &[(&str, &[u8])],
        keep: &[&str],
    ) -> Result<(), RegistryError> {
        let say = self.say();
        for (index, (name, _)) in files.iter().enumerate() {
            check_key(index, "name of the file", name)?;
        }
        let mut tx = self.write_apart().await?;
        self.check_turn(&mut tx, turn).await?;
        let rows = tx.fetch(SEQUENCE, &[]).await.map_err(&say)?;
        let newest = rows.first().map(|row| row.opt_int(0)).transpose().map_err(&say)?.flatten();
        if newest.and_then(|newest| u64::try_from(newest).ok()) != before {
            return Err(RegistryError::TurnLost { name: turn.name().to_owned() });
        }
        let number = Value::Int(i64::try_from(sequence).unwrap_or(i64::MAX));
        for (name, content) in files {
            tx.run(PUT, &[Value::Text(name), number, Value::Bytes(content)]).await.map_err(&say)?;
        }
        for row in tx.fetch(NAMES, &[]).await.map_err(&say)? {
            let name = row.text(0).map_err(&say)?;
            if !keep.contains(&name.as_str()) && !files.iter().any(|(file, _)| *file == name) {
                tx.run(DROP, &[Value::Text(&name)]).await.map_err(&say)?;
            }
        }
        tx.commit().await.map_err(&say)
    }

    /// Names of all files of the newest publication and of those that it keeps.
    ///
    /// # Errors
    /// The database's.
    pub async fn published_names(&self) -> Result<Vec<String>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(NAMES, &[]).await.map_err(self.say())?;
        rows.iter().map(|row| row.text(0).map_err(self.say())).collect()
    }
}
