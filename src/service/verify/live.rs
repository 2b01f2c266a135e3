//! What verdicts rest on, always the newest and never waited for: one immutable state in memory that requests share,
//! exchanged as a whole when a file of it has changed.
//!
//! A look at the files every second costs some microseconds; reading them happens apart, and until it is done the
//! state before answers. So a refresh never blocks a verdict (failure F23), and with the database, DHIS2 and the
//! network away nothing here notices. What cannot be used is told and leaves the state before in place.

use std::{
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::known::{Known, KnownError, Places, Seen};
use crate::limits::KNOWLEDGE_LOOK_MILLISECONDS;

/// Where a state comes from. The real one is [`Places`].
pub trait Origin: Send + Sync + 'static {
    /// What the files look like; anything that changes when they do.
    fn look(&self) -> Look;

    /// Reads all of them.
    ///
    /// # Errors
    /// [`KnownError`]; then the state before stays.
    fn read(&self, before: Option<&Known>) -> Result<Known, KnownError>;
}

/// What the files looked like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look(Vec<Seen>);

impl Look {
    /// A look that is told apart by a number alone.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        Self(vec![Seen::numbered(number)])
    }
}

impl Origin for Places {
    fn look(&self) -> Look {
        Look(Self::look(self))
    }

    fn read(&self, before: Option<&Known>) -> Result<Known, KnownError> {
        Self::read(self, before)
    }
}

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    /// What the files looked like when they were last read, whether they could be used or not.
    look: Option<Look>,
    trouble: Option<Arc<KnownError>>,
}

/// The newest state.
pub struct Live {
    origin: Arc<dyn Origin>,
    state: RwLock<State>,
    /// One reader of the files at a time.
    reading: tokio::sync::Mutex<()>,
    watching: AtomicBool,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live(…)")
    }
}

impl Live {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(origin: impl Origin) -> Arc<Self> {
        Arc::new(Self {
            origin: Arc::new(origin),
            state: RwLock::default(),
            reading: tokio::sync::Mutex::new(()),
            watching: AtomicBool::new(false),
        })
    }

    /// The newest state. Only the very first call waits for files to be read.
    ///
    /// # Errors
    /// While there is no state at all: why not.
    pub async fn current(self: &Arc<Self>) -> Result<Arc<Known>, Arc<KnownError>> {
        self.watch();
        if let Some(known) = self.known() {
            return Ok(known);
        }
        self.refresh().await;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match (&state.known, &state.trouble) {
            (Some(known), _) => Ok(Arc::clone(known)),
            (None, Some(trouble)) => Err(Arc::clone(trouble)),
            (None, None) => Err(Arc::new(KnownError::NotYet)),
        }
    }

    /// The state, if there is one.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Known>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).known.clone()
    }

    /// Why the newest files are not in use, if they are not.
    #[must_use]
    pub fn trouble(&self) -> Option<Arc<KnownError>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Looks at the files, and reads them if they changed since the last time. For whoever has just changed them;
    /// everybody else may rely on the look of every second.
    pub async fn refresh(&self) {
        let _one = self.reading.lock().await;
        let origin = Arc::clone(&self.origin);
        let (before, last) = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            (state.known.clone(), state.look.clone())
        };
        let read = tokio::task::spawn_blocking(move || {
            // Looked at before they are read: what changes meanwhile is seen the next time.
            let look = origin.look();
            (last.as_ref() != Some(&look)).then(|| (look, origin.read(before.as_deref())))
        });
        let (look, read) = match read.await {
            Ok(None) => return,
            Ok(Some((look, read))) => (Some(look), read),
            Err(_) => (None, Err(KnownError::Worker)),
        };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.look = look;
        match read {
            Ok(known) => {
                state.known = Some(Arc::new(known));
                state.trouble = None;
            }
            Err(error) => {
                tracing::warn!(reason = %error, "what verdicts rest on was not exchanged");
                state.trouble = Some(Arc::new(error));
            }
        }
    }

    /// Begins to look every second, once, until nobody holds this any more.
    fn watch(self: &Arc<Self>) {
        if self.watching.swap(true, Ordering::Relaxed) {
            return;
        }
        let watched: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(KNOWLEDGE_LOOK_MILLISECONDS));
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(live) = watched.upgrade() else { return };
                live.refresh().await;
            }
        });
    }
}
