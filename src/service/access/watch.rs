//! Alerts as conditions on the board, and what was done to accounts as lines of the log.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    limits::ACCESS_PAGE,
    registry::{Alert, AlertKind, Registry, RegistryError},
    service::operations::{Condition, Conditions, Level},
};

/// The alerts that nobody has looked at, as they were a moment ago.
#[derive(Debug, Clone, Default)]
pub struct Alerts(Arc<Mutex<Vec<Alert>>>);

impl Alerts {
    /// Asks the registry again.
    ///
    /// # Errors
    /// The registry's; what was known before stays.
    pub async fn refresh(&self, registry: &Registry) -> Result<usize, RegistryError> {
        let open = registry.alerts(true, ACCESS_PAGE).await?;
        let many = open.len();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = open;
        Ok(many)
    }

    /// For the board.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        let held = Arc::clone(&self.0);
        Arc::new(move |_| {
            let open = held.lock().unwrap_or_else(PoisonError::into_inner);
            open.iter().map(condition).collect()
        })
    }
}

/// A quota that was reached is for somebody to look at, and takes no readiness away.
fn condition(alert: &Alert) -> Condition {
    let Alert { kind, account, times, last_at, .. } = alert;
    let what = match kind {
        AlertKind::Quota => "wanted to issue more certificates in an hour than it may",
        AlertKind::OffHours => "issued outside of office hours",
    };
    Condition {
        name: kind.as_str().to_owned(),
        level: Level::Warning,
        text: format!(
            "the account {account} {what} ({times} times, last at {last_at}): look at what it issued, then close the \
             alert on the page People and rights"
        ),
    }
}
