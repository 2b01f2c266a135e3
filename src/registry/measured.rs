//! What monitoring asks of the registry: how many sessions stand.

use jiff::{SignedDuration, Timestamp};

use super::{Registry, RegistryError, people::SessionTimes, sql::Value};

const OPERATORS: &str = "SELECT count(*) FROM access_session WHERE ends_at > $1 AND seen_at > $2";
const CITIZENS: &str = "SELECT count(*) FROM citizen_session WHERE made_at > $1 AND seen_at > $2";

/// Sessions that stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenSessions {
    /// Of people with an account.
    pub operators: u64,
    /// Of citizens.
    pub citizens: u64,
}

impl Registry {
    /// How many sessions stand now: neither ended nor unused for `idle`; those of citizens by their own times.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_sessions(&self, idle: SignedDuration, now: Timestamp) -> Result<OpenSessions, RegistryError> {
        let before =
            |time: SignedDuration| Value::Int(now.checked_sub(time).unwrap_or(Timestamp::MIN).as_millisecond());
        let citizens = SessionTimes::CITIZENS;
        let mut tx = self.read().await?;
        let mut counted = [0; 2];
        let asked = [
            (OPERATORS, [Value::Int(now.as_millisecond()), before(idle)]),
            (CITIZENS, [before(citizens.most), before(citizens.idle)]),
        ];
        for (place, (sql, values)) in counted.iter_mut().zip(asked) {
            let rows = tx.fetch(sql, &values).await.map_err(self.say())?;
            let count = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
            *place = u64::try_from(count).map_err(|_| self.row("count"))?;
        }
        let [operators, citizens] = counted;
        Ok(OpenSessions { operators, citizens })
    }
}
