//! Whether the database can be asked at all. A service starts while its database is away, and lives on when it goes:
//! then questions fail at once instead of waiting in a queue, and somebody looks again and again whether it is back.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::{Options, Registry, RegistryError, open};

/// How long the database may take for the simplest question before it counts as away.
const ANSWER: Duration = Duration::from_secs(5);

pub(super) struct Gate {
    way: open::Way,
    prepared: tokio::sync::OnceCell<()>,
    /// Why nothing is asked just now.
    shut: RwLock<Option<RegistryError>>,
}

impl Gate {
    pub(super) fn new(way: open::Way, why: RegistryError) -> Self {
        Self { way, prepared: tokio::sync::OnceCell::new(), shut: RwLock::new(Some(why)) }
    }

    /// Refuses while it is shut.
    pub(super) fn pass(&self) -> Result<(), RegistryError> {
        match &*self.shut.read().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(why) => Err(why.clone()),
        }
    }

    fn set(&self, why: Option<RegistryError>) {
        *self.shut.write().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

impl Registry {
    /// A registry that is not looked for yet: whatever is asked of it fails at once until [`Registry::revive`] has found
    /// it. `url` as for [`Registry::open`].
    ///
    /// # Errors
    /// A URL that cannot be one.
    pub fn away(url: &str, options: Options) -> Result<Self, RegistryError> {
        let (pools, place, way) = open::pools(url, &options)?;
        let why = RegistryError::Unreachable { place: place.clone(), kind: std::io::ErrorKind::NotConnected };
        Ok(Self {
            pools,
            place: place.into(),
            lease: options.lease,
            woken: Arc::default(),
            gate: Arc::new(Gate::new(way, why)),
        })
    }

    /// Looks whether the database answers, and makes it ready the first time. From then on it can be asked; from a
    /// failure on it cannot, until this has found it again. Whoever never calls this after [`Registry::open`] keeps
    /// asking.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub async fn revive(&self) -> Result<(), RegistryError> {
        let found = async {
            self.gate.prepared.get_or_try_init(|| self.gate.way.prepare()).await?;
            let silent =
                || RegistryError::Unreachable { place: self.place.to_string(), kind: std::io::ErrorKind::TimedOut };
            let asked = async {
                let mut tx = self.pools.read_pulse().await.map_err(self.say())?;
                tx.now().await.map_err(self.say())
            };
            match tokio::time::timeout(ANSWER, asked).await {
                Ok(Ok(_)) => Ok(()),
                // Nobody else uses these connections: who waits for one waits for the server.
                Err(_) | Ok(Err(RegistryError::Locked { .. })) => Err(silent()),
                Ok(Err(other)) => Err(other),
            }
        }
        .await;
        self.gate.set(found.as_ref().err().cloned());
        found
    }

    /// Whether the database could be asked when somebody last looked.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.gate.pass().is_ok()
    }
}
