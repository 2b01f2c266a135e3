//! When the certificates of signers were first published: a key signs only some time after that, whichever process
//! asks, and also after a restart.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Registry, RegistryError, check_key, sql::Value};

/// Beginning of the names of settings that hold the time of a first publication, in seconds since 1970.
const PUBLISHED: &str = "published ";
/// Beginning of the names of settings that hold the certificate of a signer that signed into this registry.
const SIGNED: &str = "signer ";

impl Registry {
    /// Remembers that the certificates of these key identifiers (base64) are published since `at`, in a list or at a
    /// gateway. The first time stays.
    ///
    /// # Errors
    /// A key identifier of impossible size, or the database.
    pub async fn publish_signers(&self, kids: &[String], at: Timestamp) -> Result<(), RegistryError> {
        for (index, kid) in kids.iter().enumerate() {
            check_key(index, "kid", &format!("{PUBLISHED}{kid}"))?;
        }
        let seconds = at.as_second().to_string();
        let mut tx = self.write().await?;
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        for kid in kids {
            let signed = format!("{SIGNED}{kid}");
            let signed = tx.fetch("SELECT value FROM meta WHERE name = $1", &[Value::Text(&signed)]).await;
            // It signed before its publication was written down: what verifiers know must not seem new to them.
            let since = if signed.map_err(self.say())?.is_empty() { seconds.as_str() } else { "0" };
            let name = format!("{PUBLISHED}{kid}");
            tx.run(sql, &[Value::Text(&name), Value::Text(since)]).await.map_err(self.say())?;
        }
        tx.commit().await.map_err(self.say())
    }

    /// When signers were first published, by key identifier (base64). One that signed into this registry before
    /// there was such a record has been published for ever.
    ///
    /// # Errors
    /// The database's, or a stored time that is none.
    pub async fn published_signers(&self) -> Result<BTreeMap<String, Timestamp>, RegistryError> {
        let sql = "SELECT name, value FROM meta WHERE substr(name, 1, 10) = $1 OR substr(name, 1, 7) = $2";
        let mut tx = self.read().await?;
        let rows = tx.fetch(sql, &[Value::Text(PUBLISHED), Value::Text(SIGNED)]).await.map_err(self.say())?;
        let (mut published, mut signed) = (BTreeMap::new(), Vec::new());
        for row in &rows {
            let name = row.text(0).map_err(self.say())?;
            if let Some(kid) = name.strip_prefix(PUBLISHED) {
                let seconds = row.text(1).map_err(self.say())?.parse::<i64>().ok();
                let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
                published.insert(kid.to_owned(), at.ok_or_else(|| self.row("value"))?);
            } else if let Some(kid) = name.strip_prefix(SIGNED) {
                signed.push(kid.to_owned());
            }
        }
        for kid in signed {
            published.entry(kid).or_insert(Timestamp::UNIX_EPOCH);
        }
        Ok(published)
    }
}
