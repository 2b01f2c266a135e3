//! The end of a programme (failure F40): everything about people is removed, and the account of what was done stays.
//!
//! Removed: certificates and their envelopes, intents, revocations with their notes, what the gateway was told of single
//! certificates, marks, codes, sessions, links, notices and cases of citizens, refused records, people who were twice in the
//! source, answers to earlier requests, jobs. Kept: the audit log with its chain of hashes, in which stand UIDs of the
//! source and identifiers of certificates, which name nobody once the source has forgotten its people too; accounts of
//! operators, for whom it tells; settings and what was published.
//!
//! Nothing brings it back but a backup, which must be removed as well.

use jiff::Timestamp;

use super::{
    Registry, RegistryError,
    audit::{By, Deed, Entry, ObjectKind},
};

const HELD: &str = "SELECT count(*), count(DISTINCT tracked_entity) FROM certificate";
const VALID: &str = "SELECT count(*), max(expires_at) FROM certificate WHERE expires_at > $1";

/// Whose logs only grow, and may be emptied here alone.
const OPEN: &[&str] = &["revocation", "citizen_case_step"];

/// In an order in which nothing is removed that something else still names.
const BEFORE: &[&str] = &["DELETE FROM revocation", "DELETE FROM citizen_case_step"];
const AFTER: &[&str] = &[
    "DELETE FROM gateway_entry",
    "DELETE FROM envelope",
    "DELETE FROM notice",
    "DELETE FROM citizen_case",
    "DELETE FROM citizen_session_person",
    "DELETE FROM citizen_session",
    "DELETE FROM code_request_person",
    "DELETE FROM code_request",
    "DELETE FROM person_link",
    "DELETE FROM person_identifier",
    "DELETE FROM person",
    "DELETE FROM allowance",
    "DELETE FROM refusal_reason",
    "DELETE FROM refusal",
    "DELETE FROM duplicate_person",
    "DELETE FROM request",
    "DELETE FROM job",
    "DELETE FROM intent",
    "DELETE FROM certificate",
];

/// What a registry holds about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AboutPeople {
    /// Certificates, whatever became of them.
    pub certificates: u64,
    /// People who have one.
    pub people: u64,
    /// Certificates that have not expired.
    pub valid: u64,
    /// When the last of them expires.
    pub valid_until: Option<Timestamp>,
}

impl Registry {
    /// What the registry holds about people.
    ///
    /// # Errors
    /// The database's.
    pub async fn about_people(&self, now: Timestamp) -> Result<AboutPeople, RegistryError> {
        let say = self.say();
        let count = |number: i64| u64::try_from(number).map_err(|_| self.row("count"));
        let mut tx = self.read().await?;
        let held = tx.fetch(HELD, &[]).await.map_err(&say)?;
        let held = held.first().ok_or_else(|| self.row("count"))?;
        let valid = tx.fetch(VALID, &[super::sql::Value::Int(now.as_millisecond())]).await.map_err(&say)?;
        let valid = valid.first().ok_or_else(|| self.row("count"))?;
        let until = valid.opt_int(1).map_err(&say)?.map(|ms| self.time(ms, "expires_at")).transpose()?;
        Ok(AboutPeople {
            certificates: count(held.int(0).map_err(&say)?)?,
            people: count(held.int(1).map_err(&say)?)?,
            valid: count(valid.int(0).map_err(&say)?)?,
            valid_until: until,
        })
    }

    /// Removes everything about people, in one transaction with the row of the log that tells of it, and then gives the
    /// room back, so that nothing is left in the files of the database. Gives whether that was done too: on PostgreSQL it
    /// takes the owner of the tables.
    ///
    /// # Errors
    /// The database's; then everything is as it was.
    pub async fn forget_people(&self, by: By, reason: &str, now: Timestamp) -> Result<bool, RegistryError> {
        let about = self.about_people(now).await?;
        let say = self.say();
        let mut tx = self.write().await?;
        for table in OPEN {
            tx.let_go(table, true).await.map_err(&say)?;
        }
        for sql in BEFORE {
            tx.run(sql, &[]).await.map_err(&say)?;
        }
        for table in OPEN {
            tx.let_go(table, false).await.map_err(&say)?;
        }
        for sql in AFTER {
            tx.run(sql, &[]).await.map_err(&say)?;
        }
        let entry = Entry::new(by, Deed::Forget)
            .to(ObjectKind::List, "everybody")
            .because(reason)
            .with("certificates", about.certificates)
            .with("people", about.people);
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(&say)?;
        let compact = self.pools.compact().await;
        if let Err(error) = &compact {
            tracing::warn!("the room of what was removed could not be given back: {}", say_plainly(error));
        }
        Ok(compact.is_ok())
    }
}

/// What the database says, without its place.
fn say_plainly(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| "the connection failed".to_owned(), |error| error.message().to_owned())
}
