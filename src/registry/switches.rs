//! Switches that operators set while the service runs, for all its replicas: settings of the database named
//! `switch NAME`, and beside each who set it last, when and why. Each change is in the audit log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Registry, RegistryError,
    audit::{By, Deed, Entry, ObjectKind},
    check_key,
    sql::Value,
};

const SET: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET \
     value = excluded.value";
const ALL: &str = "SELECT name, value FROM meta WHERE substr(name, 1, 7) = 'switch '";

/// How a switch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Its name.
    pub name: String,
    /// On or off.
    pub on: bool,
    /// Who set it last, and when and why; unknown where it was set by other means.
    pub set: Option<SwitchSet>,
}

/// Who set a switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchSet {
    /// Name of the account or token.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Registry {
    /// Every switch that was ever set, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn switches(&self) -> Result<Vec<Switch>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(ALL, &[]).await.map_err(self.say())?;
        let read = |row: &super::sql::Row| Ok((row.text(0)?, row.text(1)?));
        let mut found = rows.iter().map(read).collect::<Result<Vec<_>, sqlx::Error>>().map_err(self.say())?;
        found.sort_unstable();
        let by = |name: &str| {
            let text = found.iter().find(|(known, _)| known.strip_suffix(" by") == Some(name));
            text.and_then(|(_, text)| serde_json::from_str(text).ok())
        };
        let switches = found.iter().filter(|(name, _)| !name.ends_with(" by")).map(|(name, value)| Switch {
            name: name.trim_start_matches("switch ").to_owned(),
            on: value == "on",
            set: by(name),
        });
        Ok(switches.collect())
    }

    /// Sets a switch, with its row in the audit log.
    ///
    /// # Errors
    /// A text of impossible size, or the database: then the switch stands as before.
    pub async fn set_switch(&self, name: &str, on: bool, set: &SwitchSet) -> Result<(), RegistryError> {
        check_key(0, "name of the switch", name)?;
        check_key(0, "operator", &set.by)?;
        let value = if on { "on" } else { "off" };
        let told = serde_json::to_string(set).map_err(|_| self.row("value"))?;
        let entry = Entry::new(By::operator(Some(&set.by)), Deed::SwitchSet)
            .to(ObjectKind::Switch, name)
            .because(set.reason.clone())
            .with("state", value);
        let key = format!("switch {name}");
        let by = format!("{key} by");
        let mut tx = self.write().await?;
        tx.run(SET, &[Value::Text(&key), Value::Text(value)]).await.map_err(self.say())?;
        tx.run(SET, &[Value::Text(&by), Value::Text(&told)]).await.map_err(self.say())?;
        self.witness(&mut tx, &[entry], set.at).await?;
        tx.commit().await.map_err(self.say())
    }
}
