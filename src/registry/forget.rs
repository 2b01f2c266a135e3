//! The end of a programme (failure F40): everything about people is removed, and the account of what was done stays.
//!
//! Removed: certificates and their envelopes, intents, revocations with their notes, what the gateway was told of single
//! certificates, marks, codes, sessions, links, notices and cases of citizens, refused records, people who were twice in the
//! source, answers to earlier requests. Kept: the audit log with its chain of hashes, in which stand UIDs of the
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

/// Every table with something about people, in an order in which nothing is removed that something else still names.
const ABOUT_PEOPLE: &[&str] = &[
    "revocation",
    "citizen_case_step",
    "gateway_entry",
    "envelope",
    "notice",
    "citizen_case",
    "citizen_session_person",
    "citizen_session",
    "code_request_person",
    "code_request",
    "person_link",
    "person_identifier",
    "person",
    "allowance",
    "refusal_reason",
    "refusal",
    "duplicate_person",
    "request",
    "intent",
    "certificate",
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

    /// Removes everything about people, in one transaction with the row of the log that tells of it, and gives the room
    /// back, so that nothing is left in the files of the database: neither rows nor, on PostgreSQL, the samples that its
    /// planner keeps of them. Gives whether that last part was done too.
    ///
    /// # Errors
    /// [`RegistryError::NotOwner`] on PostgreSQL when the tables belong to somebody else; the database's. Then everything
    /// is as it was.
    pub async fn forget_people(&self, by: By, reason: &str, now: Timestamp) -> Result<bool, RegistryError> {
        let about = self.about_people(now).await?;
        let say = self.say();
        let mut tx = self.write().await?;
        if let Some(owner) = tx.other_owner(ABOUT_PEOPLE).await.map_err(&say)? {
            return Err(RegistryError::NotOwner { place: self.place.to_string(), owner });
        }
        for table in OPEN {
            tx.let_go(table, true).await.map_err(&say)?;
        }
        tx.empty(ABOUT_PEOPLE).await.map_err(&say)?;
        for table in OPEN {
            tx.let_go(table, false).await.map_err(&say)?;
        }
        let entry = Entry::new(by, Deed::Forget)
            .to(ObjectKind::List, "everybody")
            .because(reason)
            .with("certificates", about.certificates)
            .with("people", about.people);
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(&say)?;
        let compact = self.pools.compact(ABOUT_PEOPLE).await;
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

#[cfg(test)]
mod tests {
    use super::ABOUT_PEOPLE;

    /// Tables about nobody: what was done, who works here, settings, what was published.
    const KEPT: &[&str] = &[
        "access_count",
        "access_session",
        "access_token",
        "account",
        "account_person",
        "alert",
        "app_signer",
        "audit",
        "facility",
        "gateway_batch",
        "meta",
        "published",
        "replica",
        "task",
        "watermark",
    ];

    /// A table that a later schema adds must be named here or there.
    #[test]
    fn f40_every_table_is_kept_or_emptied() {
        for folder in ["sqlite", "postgres"] {
            let mut seen: Vec<String> = Vec::new();
            let folder = std::path::Path::new("src/registry/migrations").join(folder);
            let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            let name = |rest: &str| rest.split([' ', '(', ';']).next().unwrap_or_default().to_owned();
            for file in files {
                for line in std::fs::read_to_string(file).unwrap().lines() {
                    seen.extend(line.strip_prefix("CREATE TABLE ").map(name));
                    let gone = line.strip_prefix("DROP TABLE ").map(name);
                    seen.retain(|seen| Some(seen) != gone.as_ref());
                }
            }
            assert!(seen.len() > 20, "{seen:?}");
            for table in &seen {
                let (kept, emptied) = (KEPT.contains(&table.as_str()), ABOUT_PEOPLE.contains(&table.as_str()));
                assert!(kept != emptied, "{}: {table}: is it about people?", folder.display());
            }
            for table in ABOUT_PEOPLE {
                assert!(seen.iter().any(|seen| seen == table), "{table}");
            }
        }
    }
}
