//! Whether the database can be asked at all. A service starts while its database is away, and lives on when it goes:
//! then questions fail at once instead of waiting in a queue, and somebody looks again and again whether it is back.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
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
    /// Errors so far, by [`KINDS`].
    errors: [AtomicU64; KINDS.len()],
}

/// Kinds of errors, as metrics name them.
const KINDS: [&str; 4] = ["unreachable", "locked", "storage", "other"];

/// Which of them an error is.
fn kind(error: &RegistryError) -> usize {
    match error {
        RegistryError::Unreachable { .. } | RegistryError::Denied { .. } | RegistryError::Tls { .. } => 0,
        RegistryError::Locked { .. } => 1,
        RegistryError::Full { .. }
        | RegistryError::Disk { .. }
        | RegistryError::ReadOnly { .. }
        | RegistryError::Corrupt { .. } => 2,
        _ => 3,
    }
}

impl Gate {
    pub(super) fn new(way: open::Way, why: RegistryError) -> Self {
        let prepared = tokio::sync::OnceCell::new();
        Self { way, prepared, shut: RwLock::new(Some(why)), errors: Default::default() }
    }

    /// Refuses while it is shut.
    pub(super) fn pass(&self) -> Result<(), RegistryError> {
        match &*self.shut.read().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(why) => {
                self.count(why);
                Err(why.clone())
            }
        }
    }

    /// Counts an error.
    pub(super) fn count(&self, error: &RegistryError) {
        if let Some(count) = self.errors.get(kind(error)) {
            count.fetch_add(1, Ordering::Relaxed);
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
        Ok(Self { pools, place: place.into(), lease: options.lease, gate: Arc::new(Gate::new(way, why)) })
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
        self.gate.shut.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// How many questions have failed since the program started, by kind: `unreachable` (also those that were not asked
    /// because the database was away), `locked`, `storage` (full, read-only, damaged), `other`.
    #[must_use]
    pub fn errors(&self) -> Vec<(&'static str, u64)> {
        KINDS.into_iter().zip(&self.gate.errors).map(|(kind, count)| (kind, count.load(Ordering::Relaxed))).collect()
    }
}
