//! This process among those that share a registry: what it is called, whether the database can be asked and written,
//! and what the others have done.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time};

use super::{Board, schedule::about_one};
use crate::{
    batch::Random,
    limits::{REPLICA_BEAT_SECONDS, REPLICA_FORGOTTEN_SECONDS, TASK_GRACE_SECONDS},
    registry::{Registry, RegistryError},
};

/// This process among the replicas; cheap to clone.
#[derive(Clone)]
pub struct Replica {
    pub(super) registry: Registry,
    pub(super) board: Arc<Board>,
    pub(super) random: Random,
    pub(super) name: Arc<str>,
    /// How long a turn lasts that nobody renews.
    pub(super) lease: Duration,
    /// How long a task under way may go on when the program ends.
    pub(super) finish: Duration,
}

impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replica({})", self.name)
    }
}

/// What has just been seen of the database, so that only a change is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    There,
    Unwritable,
    Away,
}

impl Replica {
    /// A replica of this name, which no other process may have.
    #[must_use]
    pub fn new(registry: Registry, board: Arc<Board>, random: Random, name: &str, lease: Duration) -> Self {
        let finish = Duration::from_secs(TASK_GRACE_SECONDS);
        Self { registry, board, random, name: name.into(), lease, finish }
    }

    /// The same, whose tasks may go on for this long when the program ends.
    #[must_use]
    pub fn finishing(self, finish: Duration) -> Self {
        Self { finish, ..self }
    }

    /// How long a task under way may go on when the program ends.
    #[must_use]
    pub fn finish(&self) -> Duration {
        self.finish
    }

    /// The state of everything that runs.
    #[must_use]
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// A name that no other process has: the one that it was given or that of the machine, and a little chance.
    #[must_use]
    pub fn own_name(given: Option<&str>, random: &Random) -> String {
        let machine = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let name = given.map_or_else(machine, str::to_owned);
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let name: String = name.trim().chars().filter(plain).take(40).collect();
        let mut chance = [0; 4];
        // Without chance the number of the process tells those of one machine apart.
        if random(&mut chance).is_err() {
            chance = std::process::id().to_be_bytes();
        }
        let chance: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{chance}", if name.is_empty() { "vaccert" } else { &name })
    }

    /// Says again and again that this replica lives, and looks what the others do, until `end` says so. That is also how
    /// a database that is away, or that nobody can write, is noticed, and how it is noticed that it is back.
    pub async fn live(self, mut end: watch::Receiver<bool>) {
        let mut seen = None;
        loop {
            let now = self.beat().await;
            if seen != Some(now) {
                match now {
                    Seen::There if seen.is_some() => tracing::info!("the registry can be used again"),
                    Seen::There => {}
                    Seen::Unwritable => {
                        tracing::warn!("the registry cannot be written: nothing is issued until it can")
                    }
                    Seen::Away => tracing::warn!("the registry is away: what is published is served, and nothing else"),
                }
                seen = Some(now);
            }
            let wait = Duration::from_secs(REPLICA_BEAT_SECONDS).mul_f64(about_one(&self.random));
            tokio::select! {
                () = time::sleep(wait) => {}
                _ = end.wait_for(|ended| *ended) => break,
            }
        }
        // Whoever is left need not wait until this one is forgotten.
        let _ = time::timeout(Duration::from_secs(REPLICA_BEAT_SECONDS), self.registry.leave(&self.name)).await;
    }

    async fn beat(&self) -> Seen {
        let mode = self.board.mode();
        if let Err(error) = self.registry.revive().await {
            mode.database(Some((true, error.to_string())));
            return Seen::Away;
        }
        let forget = Duration::from_secs(REPLICA_FORGOTTEN_SECONDS);
        let beaten = self.registry.beat(&self.name, env!("CARGO_PKG_VERSION"), forget).await;
        let seen = match beaten {
            // Another writer for a moment, or for longer: that is no reason to stop.
            Ok(()) | Err(RegistryError::Locked { .. }) => {
                mode.database(None);
                Seen::There
            }
            Err(error) => {
                mode.database(Some((false, error.to_string())));
                Seen::Unwritable
            }
        };
        if let Ok(stopped) = self.registry.is_read_only().await {
            mode.switch(stopped);
        }
        self.look().await;
        seen
    }

    /// Looks what all replicas have done.
    pub(super) async fn look(&self) {
        if let Ok(tasks) = self.registry.tasks().await {
            self.board.take_over(&tasks);
        }
        if let Ok(replicas) = self.registry.replicas().await {
            self.board.note_replicas(replicas);
        }
    }
}
