//! What is made once and handed out often, and when it is made anew: when what verdicts rest on was exchanged, and for
//! signer certificates also now and then, because another replica may have put new ones into their order. Only the
//! very first request waits; all others get what was made before until the new is ready.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use jiff::Timestamp;

use super::{
    Files, PublishedError,
    forms::Forms,
    signers::{Present, Signers},
};
use crate::{
    config::Environment,
    limits::APP_SIGNERS_SECONDS,
    service::{House, Known, ServiceError},
};

/// Something that was made of a state of knowledge.
struct Of<T> {
    known: Arc<Known>,
    at: Timestamp,
    made: Arc<T>,
}

/// A place for it.
struct Slot<T> {
    held: RwLock<Option<Of<T>>>,
    /// One maker at a time.
    making: Arc<tokio::sync::Mutex<()>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { held: RwLock::new(None), making: Arc::default() }
    }
}

impl<T> Slot<T> {
    /// What was made last, and whether it is still of this state.
    fn get(&self, fresh: impl Fn(&Of<T>) -> bool) -> Option<(Arc<T>, bool)> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|of| (Arc::clone(&of.made), fresh(of)))
    }

    fn put(&self, of: Of<T>) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(of);
    }
}

/// All that is made.
#[derive(Default)]
pub(in crate::service) struct Made {
    pub(super) files: Files,
    forms: Slot<Forms>,
    signers: Slot<Signers>,
}

impl Made {
    /// Rules, value sets and countries.
    pub(super) async fn forms(&self, house: &House) -> Result<Arc<Forms>, ServiceError> {
        let known = house.live().current().await.map_err(PublishedError::NotReady)?;
        let fresh = |of: &Of<Forms>| Arc::ptr_eq(&of.known, &known);
        match self.forms.get(fresh) {
            Some((made, true)) => return Ok(made),
            Some((made, false)) => {
                if let Ok(turn) = Arc::clone(&self.forms.making).try_lock_owned() {
                    let (house, known) = (house.clone(), Arc::clone(&known));
                    tokio::spawn(async move {
                        let _turn = turn;
                        house.made().make_forms(&house, known).await
                    });
                }
                return Ok(made);
            }
            None => {}
        }
        let _turn = self.forms.making.lock().await;
        match self.forms.get(fresh) {
            Some((made, _)) => Ok(made),
            None => self.make_forms(house, known).await,
        }
    }

    async fn make_forms(&self, house: &House, known: Arc<Known>) -> Result<Arc<Forms>, ServiceError> {
        let before = self.forms.get(|_| true).map(|(made, _)| made);
        let (setup, of) = (Arc::clone(&house.setup), Arc::clone(&known));
        // The list key may lie in a token.
        let made = tokio::task::spawn_blocking(move || {
            let none = HashMap::new();
            let signatures = before.as_ref().map_or(&none, |before| &before.signatures);
            Forms::new(&of, setup.country.as_str(), setup.list_key.signer.as_ref(), signatures)
        });
        let made = Arc::new(made.await.map_err(|_| ServiceError::Worker)?);
        self.forms.put(Of { known, at: house.clock.now(), made: Arc::clone(&made) });
        Ok(made)
    }

    /// Signer certificates in their order.
    pub(super) async fn signers(&self, house: &House) -> Result<Arc<Signers>, ServiceError> {
        let known = house.live().current().await.map_err(PublishedError::NotReady)?;
        let now = house.clock.now();
        let fresh = |of: &Of<Signers>| {
            let age = now.duration_since(of.at).as_secs();
            Arc::ptr_eq(&of.known, &known) && (0..APP_SIGNERS_SECONDS).contains(&age)
        };
        match self.signers.get(fresh) {
            Some((made, true)) => return Ok(made),
            Some((made, false)) => {
                if let Ok(turn) = Arc::clone(&self.signers.making).try_lock_owned() {
                    let (house, known) = (house.clone(), Arc::clone(&known));
                    tokio::spawn(async move {
                        let _turn = turn;
                        // With the database away the order of before stays in use.
                        if let Err(error) = house.made().make_signers(&house, known).await {
                            tracing::warn!(reason = %error, "signer certificates for apps are as they were");
                        }
                    });
                }
                return Ok(made);
            }
            None => {}
        }
        let _turn = self.signers.making.lock().await;
        match self.signers.get(fresh) {
            Some((made, _)) => Ok(made),
            None => self.make_signers(house, known).await,
        }
    }

    async fn make_signers(&self, house: &House, known: Arc<Known>) -> Result<Arc<Signers>, ServiceError> {
        let sandbox = house.setup.environment == Environment::Sandbox;
        let of = Arc::clone(&known);
        let present = tokio::task::spawn_blocking(move || {
            let present = Present::of(&of, sandbox);
            let names = present.names();
            (present, names)
        });
        let (present, names) = present.await.map_err(|_| ServiceError::Worker)?;
        let now = house.clock.now();
        let order = house.registry.arrange_signers(&names, now).await.map_err(PublishedError::Order)?;
        let changed = order.iter().map(|one| one.removed_at.unwrap_or(one.added_at)).max().unwrap_or(known.made_at);
        let made = Arc::new(Signers::new(&present, order, changed));
        self.signers.put(Of { known, at: now, made: Arc::clone(&made) });
        Ok(made)
    }
}
