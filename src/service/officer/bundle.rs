//! The bundle for officers: what this installation goes by itself, in one signed file.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

use super::{Kind, OfficerError, Prepared};
use crate::{
    config,
    limits::OFFICER_BUNDLE_SECONDS,
    service::{House, Known},
    trust::{
        ListInfo, TrustStore,
        bundle::{self, BundledList, Contents, Environment},
    },
};

/// A bundle that was made.
struct Of {
    known: Arc<Known>,
    hour: Timestamp,
    made: Arc<Prepared>,
}

/// The bundle of now, made when it is asked for and something changed.
#[derive(Clone, Default)]
pub(super) struct Made(Arc<Slot>);

#[derive(Default)]
struct Slot {
    held: RwLock<Option<Of>>,
    making: tokio::sync::Mutex<()>,
}

impl Made {
    fn held(&self, known: &Arc<Known>, hour: Timestamp) -> Option<Arc<Prepared>> {
        let held = self.0.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|of| Arc::ptr_eq(&of.known, known) && of.hour == hour).map(|of| Arc::clone(&of.made))
    }

    /// The bundle. It is of this hour on every replica, so that none of them gives a number below another's.
    pub(super) async fn current(&self, house: &House) -> Result<Arc<Prepared>, OfficerError> {
        let known = house.live().current().await.map_err(OfficerError::NotReady)?;
        let hour = hour(house.clock.now());
        if let Some(made) = self.held(&known, hour) {
            return Ok(made);
        }
        let _turn = self.0.making.lock().await;
        if let Some(made) = self.held(&known, hour) {
            return Ok(made);
        }
        let (of, setup) = (Arc::clone(&known), Arc::clone(&house.setup));
        let made = tokio::task::spawn_blocking(move || -> Result<Prepared, OfficerError> {
            let environment = match setup.environment {
                config::Environment::Sandbox => Environment::Sandbox,
                config::Environment::Production => Environment::Production,
            };
            let contents = contents(&of, environment, hour, setup.list_key.validity)?;
            let bytes = bundle::write(&contents, setup.list_key.signer.as_ref())?;
            Ok(Prepared::new(Kind::JSON, bytes, Some(contents.made_at)))
        });
        let made = Arc::new(made.await.map_err(|_| OfficerError::Worker)??);
        let of = Of { known, hour, made: Arc::clone(&made) };
        *self.0.held.write().unwrap_or_else(PoisonError::into_inner) = Some(of);
        Ok(made)
    }
}

/// The beginning of the hour.
fn hour(now: Timestamp) -> Timestamp {
    let seconds = now.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(OFFICER_BUNDLE_SECONDS)).unwrap_or(now)
}

/// What goes into it. A list that is past its time stays out: nobody may be accepted by it. The bundle ends with the
/// first of the others.
fn contents(
    known: &Known,
    environment: Environment,
    hour: Timestamp,
    validity: SignedDuration,
) -> Result<Contents, OfficerError> {
    let made_at = hour.max(known.made_at);
    let store = &known.knowledge.trust;
    let current = |list: &&ListInfo| list.valid_until.is_none_or(|end| end > made_at);
    let ends = store.lists().iter().filter(current).filter_map(|list| list.valid_until);
    let valid_until = ends.chain(made_at.checked_add(validity)).min().unwrap_or(made_at);
    // The number is the time in seconds, as in every bundle of this program.
    let mut contents =
        Contents::new(environment, u64::try_from(made_at.as_second()).unwrap_or(0), made_at, valid_until);
    let lists = store.lists().iter().filter(current).map(|list| bundled(store, list));
    contents.lists = lists.filter(|list| !list.keys.is_empty() || !list.authorities.is_empty()).collect();
    contents.revocations = known.knowledge.revocations.encode()?;
    contents.rules = known.rules.iter().map(|rule| rule.text.clone()).collect();
    contents.value_sets = known.value_sets.iter().map(|set| set.text.clone()).collect();
    Ok(contents)
}

fn bundled(store: &TrustStore, list: &ListInfo) -> BundledList {
    BundledList {
        name: list.name.clone(),
        made_at: list.made_at.or(list.newest_entry),
        keys: store.keys().filter(|key| key.list == list.name).cloned().collect(),
        authorities: store.authorities().filter(|one| one.list == list.name).cloned().collect(),
    }
}
