//! The order in which verifier apps fetch signer certificates (facts on the EU trust framework, section 4: an app
//! hands back the number of the certificate that it got last, and asks for the next). The numbers only count up, are
//! never given twice, and are the same at every replica, because they lie here.
//!
//! Table `app_signer`: `position` is that number; `print` (SHA-256 of the certificate, hexadecimal) and `kid` (base64)
//! name the certificate; `added_at` and `removed_at` tell what changed since an app last asked. Nothing of a person.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    Registry, RegistryError,
    sql::{Row, Tx, Value},
};
use crate::limits::APP_SIGNER_DAYS;

/// A place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSigner {
    /// Number; later ones are higher.
    pub position: i64,
    /// SHA-256 of the certificate, hexadecimal.
    pub print: String,
    /// Key identifier, base64.
    pub kid: String,
    /// Since when it is there.
    pub added_at: Timestamp,
    /// Since when it is no more.
    pub removed_at: Option<Timestamp>,
}

const ALL: &str = "SELECT position, print, kid, added_at, removed_at FROM app_signer ORDER BY position";
const ADD: &str = "INSERT INTO app_signer (print, kid, added_at) VALUES {}";
const REMOVE: &str = "UPDATE app_signer SET removed_at = v.column2 FROM (VALUES {}) AS v \
     WHERE app_signer.position = v.column1";
const FORGET: &str = "DELETE FROM app_signer WHERE removed_at < $1";

impl Registry {
    /// Brings the order up to date: `present` are the certificates that count now, by SHA-256 (hexadecimal) with
    /// their key identifiers (base64). Those that are new go to the end; those that are missing are noted as removed,
    /// and forgotten after [`APP_SIGNER_DAYS`]. Gives the whole order, with what was removed.
    ///
    /// # Errors
    /// The database's.
    pub async fn arrange_signers(
        &self,
        present: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<Vec<AppSigner>, RegistryError> {
        let mut tx = self.read().await?;
        let known = self.order(&mut tx).await?;
        drop(tx);
        if changes(&known, present).is_none() {
            return Ok(known);
        }
        let mut tx = self.write().await?;
        // Another replica may have done it while this one waited.
        let known = self.order(&mut tx).await?;
        let Some((added, removed)) = changes(&known, present) else { return Ok(known) };
        let at = Value::Int(now.as_millisecond());
        let rows: Vec<_> = removed.iter().map(|position| [Value::Int(*position), at]).collect();
        tx.run_many(REMOVE, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = added.iter().map(|(print, kid)| [Value::Text(print), Value::Text(kid), at]).collect();
        tx.run_many(ADD, &rows).await.map_err(self.say())?;
        let old = now.checked_sub(SignedDuration::from_hours(24 * APP_SIGNER_DAYS)).unwrap_or(Timestamp::MIN);
        tx.run(FORGET, &[Value::Int(old.as_millisecond())]).await.map_err(self.say())?;
        let order = self.order(&mut tx).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(order)
    }

    async fn order(&self, tx: &mut Tx) -> Result<Vec<AppSigner>, RegistryError> {
        let rows = tx.fetch(ALL, &[]).await.map_err(self.say())?;
        rows.iter().map(|row| self.app_signer(row)).collect()
    }

    fn app_signer(&self, row: &Row) -> Result<AppSigner, RegistryError> {
        let removed = row.opt_int(4).map_err(self.say())?;
        Ok(AppSigner {
            position: row.int(0).map_err(self.say())?,
            print: row.text(1).map_err(self.say())?,
            kid: row.text(2).map_err(self.say())?,
            added_at: self.time(row.int(3).map_err(self.say())?, "added_at")?,
            removed_at: removed.map(|at| self.time(at, "removed_at")).transpose()?,
        })
    }
}

/// Certificates that are missing in the order, and positions of those that are not there any more; `None` where
/// nothing is to be done.
fn changes<'p>(
    known: &[AppSigner],
    present: &'p BTreeMap<String, String>,
) -> Option<(Vec<(&'p str, &'p str)>, Vec<i64>)> {
    let there = || known.iter().filter(|signer| signer.removed_at.is_none());
    let prints: HashSet<&str> = there().map(|signer| signer.print.as_str()).collect();
    let pairs = present.iter().map(|(print, kid)| (print.as_str(), kid.as_str()));
    let added: Vec<_> = pairs.filter(|(print, _)| !prints.contains(print)).collect();
    let gone = there().filter(|signer| !present.contains_key(&signer.print));
    let removed: Vec<i64> = gone.map(|signer| signer.position).collect();
    (!added.is_empty() || !removed.is_empty()).then_some((added, removed))
}
