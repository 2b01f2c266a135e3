//! How much was issued, revoked and refused: by day, facility, format and reason. Counts alone, nothing of a person.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{Registry, RegistryError, sql::Value};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

const ISSUED: &str = "SELECT intended_at / 86400000, facility, format, count(*) FROM certificate \
     WHERE intended_at >= $1 AND intended_at < $2 GROUP BY 1, 2, 3";
const FURTHER: &str = "SELECT e.format, count(*) FROM certificate AS c JOIN envelope AS e ON e.certificate = c.id \
     WHERE c.intended_at >= $1 AND c.intended_at < $2 GROUP BY 1";
const REVOKED: &str = "SELECT r.at / 86400000, c.facility, count(*) FROM revocation AS r JOIN certificate AS c \
     ON c.id = r.certificate WHERE r.action = 'revoke' AND r.at >= $1 AND r.at < $2 GROUP BY 1, 2";
const REFUSED: &str = "SELECT first_seen / 86400000, facility, count(*) FROM refusal \
     WHERE first_seen >= $1 AND first_seen < $2 GROUP BY 1, 2";

/// Counts of one day or one facility.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Certificates issued.
    pub issued: u64,
    /// Certificates revoked, whenever they were issued; corrections are among them.
    pub revoked: u64,
    /// Records refused since then and until now.
    pub refused: u64,
}

/// What happened in a span of days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By day (UTC); every day of the span is there.
    pub days: BTreeMap<Date, Figures>,
    /// By UID of the facility, or the empty text where none is known.
    pub facilities: BTreeMap<String, Figures>,
    /// Envelopes issued, by name of the format.
    pub formats: BTreeMap<String, u64>,
}

impl Registry {
    /// Counts of the days `from` to `until`, the last one among them, in UTC.
    ///
    /// # Errors
    /// The database's.
    pub async fn statistics(&self, from: Date, until: Date) -> Result<Statistics, RegistryError> {
        let say = self.say();
        let begin = |day: Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_or(0, Timestamp::as_millisecond);
        let values = [Value::Int(begin(from)), Value::Int(begin(until).saturating_add(DAY))];
        let mut found = Statistics::default();
        let mut day = from;
        while day <= until {
            found.days.insert(day, Figures::default());
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        // One view of the database for all counts.
        let mut tx = self.read().await?;
        for row in tx.fetch(ISSUED, &values).await.map_err(&say)? {
            let (day, count) = (self.day(row.int(0).map_err(&say)?)?, self.figure(row.int(3).map_err(&say)?)?);
            let facility = row.opt_text(1).map_err(&say)?.unwrap_or_default();
            found.days.entry(day).or_default().issued += count;
            found.facilities.entry(facility).or_default().issued += count;
            *found.formats.entry(row.text(2).map_err(&say)?).or_default() += count;
        }
        for row in tx.fetch(FURTHER, &values).await.map_err(&say)? {
            let count = self.figure(row.int(1).map_err(&say)?)?;
            *found.formats.entry(row.text(0).map_err(&say)?).or_default() += count;
        }
        let adds: [(&str, fn(&mut Figures) -> &mut u64); 2] =
            [(REVOKED, |figures| &mut figures.revoked), (REFUSED, |figures| &mut figures.refused)];
        for (sql, part) in adds {
            for row in tx.fetch(sql, &values).await.map_err(&say)? {
                let (day, count) = (self.day(row.int(0).map_err(&say)?)?, self.figure(row.int(2).map_err(&say)?)?);
                let facility = row.opt_text(1).map_err(&say)?.unwrap_or_default();
                *part(found.days.entry(day).or_default()) += count;
                *part(found.facilities.entry(facility).or_default()) += count;
            }
        }
        Ok(found)
    }

    fn day(&self, number: i64) -> Result<Date, RegistryError> {
        let time = self.time(number.saturating_mul(DAY), "day")?;
        Ok(Offset::UTC.to_datetime(time).date())
    }

    fn figure(&self, count: i64) -> Result<u64, RegistryError> {
        u64::try_from(count).map_err(|_| self.row("count"))
    }
}
