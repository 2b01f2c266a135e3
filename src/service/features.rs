//! Parts of the service that operators close for a while, for all replicas: what citizens use, and issuing on request.
//! (Whatever changes anything is stopped by read-only mode, see `operations`.)

use std::sync::{PoisonError, RwLock};

use super::{Fails, Fault, House};
use crate::limits::FEATURE_SECONDS;

/// A part that can be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    /// The pages of citizens.
    Citizens,
    /// Issuing, correcting and renewing for whoever asks; passes over DHIS2 go on.
    Requests,
}

impl Feature {
    /// Every one.
    pub(super) const ALL: [Self; 2] = [Self::Citizens, Self::Requests];

    /// The switch that closes it.
    pub(super) const fn switch(self) -> &'static str {
        match self {
            Self::Citizens => "citizens-closed",
            Self::Requests => "requests-closed",
        }
    }
}

/// A part that is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is closed for a while by those who run the service: try again later")]
pub(super) struct Closed;

impl Fails for Closed {
    fn fault(&self) -> Fault {
        Fault::Unavailable { retry_after: 300 }
    }

    fn code(&self) -> &'static str {
        "closed"
    }
}

/// What was last known to be closed.
#[derive(Debug, Default)]
pub(super) struct Features(RwLock<(i64, Vec<Feature>)>);

impl Features {
    /// Refuses what is closed. The switches are looked at every [`FEATURE_SECONDS`]; while the registry is away they
    /// stand as they were.
    pub(super) async fn admit(house: &House, feature: Option<Feature>) -> Result<(), Closed> {
        let Some(feature) = feature else { return Ok(()) };
        let now = house.clock.now().as_second();
        let Self(known) = house.features();
        let due = {
            let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
            let due = !(0..FEATURE_SECONDS).contains(&now.saturating_sub(known.0));
            if due {
                // Whoever comes meanwhile goes by what is known.
                known.0 = now;
            }
            due
        };
        if due && let Ok(switches) = house.registry.switches().await {
            let on = |feature: &Feature| switches.iter().any(|one| one.on && one.name == feature.switch());
            known.write().unwrap_or_else(PoisonError::into_inner).1 = Feature::ALL.into_iter().filter(on).collect();
        }
        let closed = known.read().unwrap_or_else(PoisonError::into_inner).1.contains(&feature);
        if closed { Err(Closed) } else { Ok(()) }
    }
}
