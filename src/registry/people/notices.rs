//! Messages that are due once for a certificate: that it is ready, and that it expires soon.
//!
//! A message that may have gone out is never sent again: it is marked before it is sent, and one whose fate nobody
//! knows stays `unsure`.

use jiff::Timestamp;

use super::super::{Registry, RegistryError, check_batch, check_key, sql::Value};

const DUE: &str = "INSERT INTO notice (kind, certificate, tracked_entity, state, tries, made_at, next_at) \
     SELECT v.column1, v.column2, v.column3, 'waiting', 0, v.column4, v.column4 FROM (VALUES {}) AS v WHERE 1 = 1 \
     ON CONFLICT (kind, certificate) DO NOTHING";
// The person must be known with a number, or there is nobody to tell.
const EXPIRING: &str = "INSERT INTO notice (kind, certificate, tracked_entity, state, tries, made_at, next_at) \
     SELECT 'expires', c.id, c.tracked_entity, 'waiting', 0, $1, $1 FROM certificate AS c \
     JOIN person AS p ON p.tracked_entity = c.tracked_entity \
     WHERE c.live IS NOT NULL AND c.revoked IS NULL AND c.expires_at > $1 AND c.expires_at <= $2 \
     AND length(p.contact) = 32 \
     AND NOT EXISTS (SELECT 1 FROM notice AS n WHERE n.kind = 'expires' AND n.certificate = c.id) \
     ORDER BY c.expires_at LIMIT $3 ON CONFLICT (kind, certificate) DO NOTHING";
const WAITING: &str = "SELECT number, kind, certificate, tracked_entity, tries FROM notice \
     WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at LIMIT $2";
const SENDING: &str = "UPDATE notice SET state = 'sending', tries = tries + 1, next_at = $2 \
     WHERE number = $1 AND state = 'waiting'";
const UNTRIED: &str = "UPDATE notice SET state = 'waiting', next_at = $2, tries = tries - 1 \
     WHERE number = $1 AND state = 'sending'";
const SETTLE: &str = "UPDATE notice SET state = $2, next_at = $3 WHERE number = $1 AND state = 'sending'";
// Whoever was sending it is gone.
const LOST: &str = "UPDATE notice SET state = 'unsure' WHERE state = 'sending' AND next_at < $1";
const COUNTS: &str = "SELECT state, count(*) FROM notice GROUP BY state ORDER BY state";

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A certificate is ready.
    Ready,
    /// A certificate expires soon.
    Expires,
}

impl NoticeKind {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Expires => "expires",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Ready, Self::Expires].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub number: i64,
    /// What it says.
    pub kind: NoticeKind,
    /// Identifier of the certificate.
    pub certificate: String,
    /// UID of the person.
    pub tracked_entity: String,
    /// How often it was tried before.
    pub tries: i64,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeOutcome {
    /// It went out.
    Sent,
    /// It certainly did not: try again at this time.
    Again(Timestamp),
    /// Nothing goes out just now, whoever it is for: try again at this time, and count this for nothing.
    Later(Timestamp),
    /// It may have gone out: leave it alone.
    Unsure,
    /// It is not to be sent.
    Ended,
}

impl Registry {
    /// Notes that the holders of these certificates (identifier, tracked entity) are to be told once that they are
    /// ready.
    ///
    /// # Errors
    /// More than one batch, a key of impossible size, or the database.
    pub async fn note_ready(&self, certificates: &[(String, String)], now: Timestamp) -> Result<u64, RegistryError> {
        check_batch(certificates.len())?;
        for (index, (id, person)) in certificates.iter().enumerate() {
            check_key(index, "identifier", id)?;
            check_key(index, "tracked entity", person)?;
        }
        if certificates.is_empty() {
            return Ok(0);
        }
        let at = Value::Int(now.as_millisecond());
        let kind = Value::Text(NoticeKind::Ready.as_str());
        let rows: Vec<_> =
            certificates.iter().map(|(id, person)| [kind, Value::Text(id), Value::Text(person), at]).collect();
        let mut tx = self.write().await?;
        let noted = tx.run_many(DUE, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(noted)
    }

    /// Notes that the holders of standing certificates that expire before `until` are to be told, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_expiring(&self, until: Timestamp, limit: u32, now: Timestamp) -> Result<u64, RegistryError> {
        let mut tx = self.write().await?;
        let values =
            [Value::Int(now.as_millisecond()), Value::Int(until.as_millisecond()), Value::Int(i64::from(limit))];
        let noted = tx.run(EXPIRING, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(noted)
    }

    /// Takes messages that wait, at most `limit`, to be settled before `until`. Those that somebody else took and never
    /// settled may have gone out, and are marked so.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_notices(
        &self,
        limit: u32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Notice>, RegistryError> {
        let at = Value::Int(now.as_millisecond());
        let mut tx = self.write().await?;
        tx.run(LOST, &[at]).await.map_err(self.say())?;
        let rows = tx.fetch(WAITING, &[at, Value::Int(i64::from(limit))]).await.map_err(self.say())?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let notice = Notice {
                number: row.int(0).map_err(self.say())?,
                kind: NoticeKind::read(&row.text(1).map_err(self.say())?).ok_or_else(|| self.row("kind"))?,
                certificate: row.text(2).map_err(self.say())?,
                tracked_entity: row.text(3).map_err(self.say())?,
                tries: row.int(4).map_err(self.say())?,
            };
            let values = [Value::Int(notice.number), Value::Int(until.as_millisecond())];
            tx.run(SENDING, &values).await.map_err(self.say())?;
            taken.push(notice);
        }
        tx.commit().await.map_err(self.say())?;
        Ok(taken)
    }

    /// Notes what became of a message that was taken.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle_notice(&self, number: i64, outcome: NoticeOutcome) -> Result<(), RegistryError> {
        let (state, at) = match outcome {
            NoticeOutcome::Later(at) => {
                let mut tx = self.write().await?;
                let values = [Value::Int(number), Value::Int(at.as_millisecond())];
                tx.run(UNTRIED, &values).await.map_err(self.say())?;
                return tx.commit().await.map_err(self.say());
            }
            NoticeOutcome::Sent => ("sent", 0),
            NoticeOutcome::Again(at) => ("waiting", at.as_millisecond()),
            NoticeOutcome::Unsure => ("unsure", 0),
            NoticeOutcome::Ended => ("ended", 0),
        };
        let mut tx = self.write().await?;
        tx.run(SETTLE, &[Value::Int(number), Value::Text(state), Value::Int(at)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// How many messages there are by state.
    ///
    /// # Errors
    /// The database's.
    pub async fn notice_counts(&self) -> Result<Vec<(String, u64)>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(COUNTS, &[]).await.map_err(self.say())?;
        let count = |row: &super::super::sql::Row| {
            let count = u64::try_from(row.int(1).map_err(self.say())?).map_err(|_| self.row("count"))?;
            Ok((row.text(0).map_err(self.say())?, count))
        };
        rows.iter().map(count).collect()
    }
}
