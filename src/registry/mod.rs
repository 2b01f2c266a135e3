//! What was issued: the memory between two runs, and the reason why a run that is killed at any point and
//! started again signs each record once and loses none. SQLite in a file beside the configuration, or
//! PostgreSQL by URL.
//!
//! The way of a record: [`Registry::claim`] writes the intent and leases it → the caller signs →
//! [`Registry::store`] seals the intent, and in the same transaction supersedes and revokes the certificate
//! that stood before, or adds an envelope to the one that stands → the caller writes files → [`Registry::release`]. A crash leaves an intent whose lease
//! runs out (the next claim takes it over under the same identifier) or a signed certificate that
//! [`Registry::unreleased`] returns.
//!
//! One certificate has one identifier and an envelope in each wanted format. A format that is added later is
//! added under the same identifier and revokes nothing; a correction that shows in any envelope supersedes the
//! whole certificate.
//!
//! Rules that the schema itself holds, whatever the code above does: a record (person, event) has at most one
//! certificate that stands and at most one open intent, and every certificate is complete. An identifier has one
//! content for ever.
//!
//! A record that changes from A to B and back to A gets a third certificate: the first A is superseded and on
//! the list of revocations, and the program never takes a listed certificate back by itself. An event that was
//! deleted and then restored gets a new certificate for the same reason.
//!
//! Revocation is a log that only grows (table `revocation`): a record revokes a certificate or takes its
//! revocation back, and the latest record of a certificate says what holds. Its number counts up. What an operator
//! revoked keeps the place of its record, so that the next pass over the source does not certify the same again
//! under another identifier ([`Reason::again`]); a revocation is taken back only where no newer certificate of the
//! record stands ([`Registry::restore`]).
//!
//! Stored, table `certificate`, and until it is signed the same row without the signature in `intent`:
//!
//! | column | why it is needed |
//! |---|---|
//! | `number` | order of storing: pages of what is not yet released |
//! | `id` | the certificate's identifier (UVCI): answers "is it ours?", and what a revocation names |
//! | `tracked_entity`, `event` | opaque UIDs of the source: find the certificates of a changed or deleted record |
//! | `format` | the format of the first envelope; in `intent` all that will be made, with commas between |
//! | `content` | SHA-256 of what that envelope says: tells an unchanged record from a corrected one |
//! | `state` | `signed` or `released`: what to resume after a crash |
//! | `intended_at` | when the decision to sign was made: audit |
//! | `text` | the sealed certificate, **with name and date of birth**: to hand it out again, and to list it by hash of its signature |
//! | `listed_as` | the name by which revocation lists know an envelope that does not carry `id` |
//! | `kid`, `algorithm` | which key signed: find what a withdrawn key has signed |
//! | `issued_at`, `expires_at` | what is due for renewal, and when a revocation may be forgotten |
//! | `supersedes`, `superseded_by` | the chain of corrections |
//! | `withdrawn_at` | its record is gone |
//! | `facility` | UID of the org unit of the event: take back everything of a facility that turned out to be false (failures F03, F05). About a person it says where, which the certificate says too |
//! | `operator` | name of the API token or of the user who had it issued: take back a night shift (failure F04) |
//! | `lot`, `given_on` | batch number of the vaccine and day of the dose: take back a batch that was recalled. **Personal data** beside the UIDs |
//! | `revoked` | why it is revoked: the reason of the latest record of the log, if that one revokes; a reason that bars another certificate stays when the record is deleted |
//! | `intent.lease_owner`, `intent.lease_until` | who signs just now: one signature however many ask |
//! | `intent.reason`, `intent.request` | why it is asked for and by which request, on the way to the audit log |
//! | `intent.abandoned_at` | the record changed or went before a signature was stored; the identifier is never used again |
//!
//! Everything that is done is told in the audit log, in the transaction that does it: see [`audit`].
//!
//! The four columns of origin are empty in rows of a registry that was made before it had them: unknown, never
//! guessed.
//!
//! `envelope` has the same columns for the further envelopes of a certificate. `revocation` (number, identifier,
//! action, reason, note, who, name of the bulk, time) is what gateways and lists are fed from; `gateway_batch` and
//! `gateway_entry` say what of it the EU gateway was told; `watermark` (source,
//! value) is how far each source was read; `meta` holds settings of the database
//! itself, the formats that were ever issued, the certificates of the signers by which what it holds is checked, and when
//! signers were first published. Nothing else about a person is stored: no address, identifier, phone number or product;
//! by what people find their own certificates stands in [`people`], in marks. Times are milliseconds since 1970 in UTC,
//! handed in by the caller; those of `task`, which is what replicas share of their work, are of the database's own
//! clock (`work`).

mod access;
mod app_signers;
pub mod audit;
mod cause;
mod claim;
mod duplicates;
mod error;
mod event;
mod forget;
mod gate;
mod gateway;
mod latest;
mod listed;
mod measured;
mod model;
mod open;
mod origin;
pub mod people;
mod read;
mod refusals;
mod requests;
mod revoke;
mod select;
mod signers;
mod sql;
mod statistics;
mod store;
mod switches;
#[cfg(test)]
mod tests;
mod withdraw;
mod work;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use access::{
    Account, AccountState, Alert, AlertKind, Approval, Counted, External, NewSession, NewToken, Proposal, Proposed,
    Session, Token, Vouched,
};
pub use app_signers::AppSigner;
pub use cause::{Action, Again, Cause, Reason, Restored, Revocation, Revoked};
pub use duplicates::Duplicate;
pub use error::{RegistryError, TlsTrouble};
pub use event::SourceSeen;
pub use forget::AboutPeople;
pub use gateway::{GatewayBatch, GatewayWork};
pub use listed::{Listed, ListedEnvelope};
pub use measured::OpenSessions;
pub use model::{Candidate, Certificate, Claim, Content, Counts, Envelope, Options, Sealed, State};
pub use origin::Origin;
pub use refusals::{Refused, RefusedCount, RefusedPage, Refusing};
pub use requests::{Admitted, Keyed};
pub use select::{Found, Selected, Selection};
pub use statistics::{Figures, Statistics};
pub use store::RENEWAL;
pub use switches::{Switch, SwitchSet};
pub use work::{Ending, Replica, TaskRecord, Turn, TurnTaken};

use crate::limits;

/// Stands between the names of formats in one text; no name has it.
const SEPARATOR: &str = ",";

/// The open registry. Clones share the connections.
#[derive(Clone)]
pub struct Registry {
    pools: sql::Pools,
    place: Arc<str>,
    lease: SignedDuration,
    gate: Arc<gate::Gate>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registry({})", self.place)
    }
}

impl Registry {
    /// Opens the registry and brings its schema up to date. `url` is a path, `sqlite:PATH`, or with the
    /// feature `postgres` a URL `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. A SQLite file that does not
    /// exist is made, readable by its owner only.
    ///
    /// # Errors
    /// The database cannot be found, used or understood; each case is a variant. Login data never shows.
    pub async fn open(url: &str, options: Options) -> Result<Self, RegistryError> {
        let registry = Self::away(url, options)?;
        registry.revive().await?;
        Ok(registry)
    }

    /// How long an intent belongs to the one who claimed it ([`Options::lease`]).
    #[must_use]
    pub fn lease(&self) -> SignedDuration {
        self.lease
    }

    /// Path, or server and database: without login data.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Closes all connections and waits for it. Dropping the registry is safe too.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    async fn write(&self) -> Result<sql::Tx, RegistryError> {
        self.gate.pass()?;
        self.pools.write().await.map_err(self.say())
    }

    async fn write_apart(&self) -> Result<sql::Tx, RegistryError> {
        self.gate.pass()?;
        self.pools.write_apart().await.map_err(self.say())
    }

    async fn write_pulse(&self) -> Result<sql::Tx, RegistryError> {
        self.gate.pass()?;
        self.pools.write_pulse().await.map_err(self.say())
    }

    async fn read_pulse(&self) -> Result<sql::Tx, RegistryError> {
        self.gate.pass()?;
        self.pools.read_pulse().await.map_err(self.say())
    }

    async fn read(&self) -> Result<sql::Tx, RegistryError> {
        self.gate.pass()?;
        self.pools.read().await.map_err(self.say())
    }

    /// Asks by one statement, outside of a transaction.
    async fn look(&self, sql: &'static str, values: &[sql::Value<'_>]) -> Result<Vec<sql::Row>, RegistryError> {
        self.gate.pass()?;
        self.pools.look(sql, values).await.map_err(self.say())
    }

    /// As [`Registry::look`], for many rows.
    async fn look_many<const N: usize>(
        &self,
        sql: &'static str,
        rows: &[[sql::Value<'_>; N]],
    ) -> Result<Vec<sql::Row>, RegistryError> {
        self.gate.pass()?;
        self.pools.look_many(sql, rows).await.map_err(self.say())
    }

    /// Turns an error of the database into ours, and counts it.
    fn say(&self) -> impl Fn(sqlx::Error) -> RegistryError {
        let (place, gate) = (Arc::clone(&self.place), Arc::clone(&self.gate));
        move |e| {
            let error = error::explain(&place, &e);
            gate.count(&error);
            error
        }
    }

    /// A stored value that means nothing.
    fn row(&self, column: &'static str) -> RegistryError {
        RegistryError::Row { place: self.place.to_string(), column }
    }

    /// Reads a stored reason, or none.
    fn reason(&self, word: Option<String>) -> Result<Option<Reason>, RegistryError> {
        word.map(|word| Reason::read(&word).ok_or_else(|| self.row("reason"))).transpose()
    }

    /// Reads a stored time.
    fn time(&self, milliseconds: i64, column: &'static str) -> Result<Timestamp, RegistryError> {
        Timestamp::from_millisecond(milliseconds).map_err(|_| self.row(column))
    }
}

/// Refuses what cannot be a key: PostgreSQL takes no NUL, and a list or log should not be broken by a line end.
fn check_key(index: usize, field: &'static str, value: &str) -> Result<(), RegistryError> {
    if value.is_empty() || value.len() > limits::REGISTRY_KEY_BYTES || value.chars().any(char::is_control) {
        return Err(RegistryError::Key { index, field });
    }
    Ok(())
}

fn check_batch(found: usize) -> Result<(), RegistryError> {
    if found > limits::REGISTRY_BATCH { Err(RegistryError::Batch { found }) } else { Ok(()) }
}
