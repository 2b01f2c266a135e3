//! Whether somebody may have certificates issued now: the quota of the account and the hours of the house. Asked
//! before anything is signed, by the console and the API alike.

use jiff::{SignedDuration, Timestamp};

use crate::{
    access::{Actor, ActorKind, Outside, Rules},
    registry::{AlertKind, Registry, RegistryError},
};

/// The span in which a quota is counted.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Why nothing is issued now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// More than the account may have in an hour.
    #[error(
        "this account may have {most} certificates issued in an hour, and this would be more: wait {} minutes, issue \
         fewer at once, or ask an administrator for a higher number", wait_seconds.div_ceil(60)
    )]
    Quota {
        /// Its quota.
        most: u32,
        /// Until the next hour begins.
        wait_seconds: u64,
    },
    /// The house is closed.
    #[error("certificates are issued in office hours only: try again then, or ask an operator")]
    OffHours {
        /// Until it opens.
        wait_seconds: u64,
    },
    /// The registry cannot say.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or_default().max(1)
}

/// Whether `actor` may have `count` certificates issued now; they are counted with it, and an alert is raised where
/// a quota is reached or the house is closed. This program itself has no quota, and citizens have bounds of their own.
///
/// # Errors
/// [`NotAllowed`]: nothing may be signed then.
pub async fn allow_issue(
    registry: &Registry,
    rules: &Rules,
    actor: &Actor,
    count: u32,
    now: Timestamp,
) -> Result<(), NotAllowed> {
    if matches!(actor.kind, ActorKind::System | ActorKind::Citizen) {
        return Ok(());
    }
    if let Some(hours) = rules.hours.as_ref().filter(|hours| !hours.is_open(now)) {
        registry.raise_alert(AlertKind::OffHours, &actor.name, now).await?;
        if rules.outside == Outside::Refuse {
            let wait_seconds = hours.opens(now).map_or(86_400, |opens| seconds(now, opens));
            return Err(NotAllowed::OffHours { wait_seconds });
        }
    }
    let own = registry.account(&actor.name).await?.and_then(|account| account.quota);
    let most = own.unwrap_or(rules.per_hour);
    let counted = registry.count_up(&name(actor), count, most, HOUR, now).await?;
    if counted.allowed {
        return Ok(());
    }
    registry.raise_alert(AlertKind::Quota, &actor.name, now).await?;
    Err(NotAllowed::Quota { most, wait_seconds: seconds(now, counted.ends_at) })
}

/// Gives back what [`allow_issue`] counted and what was then not issued, because the record was refused or had its
/// certificate already.
///
/// # Errors
/// The registry's.
pub async fn not_issued(registry: &Registry, actor: &Actor, count: u32, now: Timestamp) -> Result<(), RegistryError> {
    if matches!(actor.kind, ActorKind::System | ActorKind::Citizen) || count == 0 {
        return Ok(());
    }
    registry.count_back(&name(actor), count, HOUR, now).await
}

fn name(actor: &Actor) -> String {
    format!("issue {}", actor.name)
}
