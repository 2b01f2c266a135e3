//! Whether anything may be changed just now: an operator can stop it for one replica or for all, and a database that
//! cannot be written stops it by itself. What exists is handed out and verified all the same.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// Why nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// This program was started so.
    Configured,
    /// An operator said so, to all replicas.
    Switched,
    /// The database cannot be written, or not even asked; in its words.
    Database {
        /// Whether it cannot be asked either.
        away: bool,
        /// What is wrong and what to do.
        text: String,
    },
}

impl Stopped {
    /// A sentence for operators.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Configured => "read-only by the setting service.read_only: nothing is issued or revoked".to_owned(),
            Self::Switched => "read-only: an operator has stopped whatever changes something".to_owned(),
            Self::Database { text, .. } => format!("nothing can be issued or revoked: {text}"),
        }
    }
}

/// What may be done.
#[derive(Debug, Default)]
pub struct Mode {
    configured: AtomicBool,
    switched: AtomicBool,
    ending: AtomicBool,
    database: Mutex<Option<(bool, String)>>,
}

impl Mode {
    /// Read-only as long as the program runs.
    pub fn configure(&self, read_only: bool) {
        self.configured.store(read_only, Ordering::Relaxed);
    }

    pub(super) fn switch(&self, read_only: bool) {
        self.switched.store(read_only, Ordering::Relaxed);
    }

    /// The program ends: it should get no new requests.
    pub(in crate::service) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    pub(super) fn database(&self, trouble: Option<(bool, String)>) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Why nothing may be changed, if it may not.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        if let Some((away, text)) = self.database.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Some(Stopped::Database { away, text });
        }
        if self.switched.load(Ordering::Relaxed) {
            return Some(Stopped::Switched);
        }
        self.configured.load(Ordering::Relaxed).then_some(Stopped::Configured)
    }

    /// Whether nothing may be changed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped().is_some()
    }
}
