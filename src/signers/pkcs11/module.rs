//! Libraries of vendors. One is loaded and initialised once a process, whoever asks for it (PKCS#11 section 5.1), and
//! is initialised anew when a token does not come back otherwise: many libraries look for tokens only then.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, TryLockError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
};

use super::fault::{Called, Fault};
use crate::signers::TokenError;

/// A loaded library.
pub(super) struct Module {
    context: Pkcs11,
    /// Held for reading by every call, for writing while it is initialised anew.
    gate: RwLock<()>,
    /// Counts initialisations; sessions are of one of them.
    generation: AtomicU64,
}

/// Where one library is, once it is loaded.
type Place = Arc<Mutex<Option<Arc<Module>>>>;

/// The libraries of this process, each under its own lock: one that hangs while it is loaded holds up no other.
static MODULES: Mutex<BTreeMap<PathBuf, Place>> = Mutex::new(BTreeMap::new());

/// How often, and how long between, to wait for other calls to end before a library is initialised anew.
const PATIENCE: (u32, Duration) = (40, Duration::from_millis(50));

impl Module {
    /// The library at `path`, loaded and initialised.
    pub(super) fn load(path: &Path) -> Called<Arc<Self>> {
        let wrong = |reason: String| Fault::Wrong(TokenError::Module { path: path.to_owned(), reason });
        if !path.is_absolute() {
            return Err(wrong("the path is not absolute".to_owned()));
        }
        // One library under two names is one library.
        let real = path.canonicalize().map_err(|error| wrong(error.kind().to_string()))?;
        let place = {
            let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(modules.entry(real.clone()).or_default())
        };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = place.as_ref() {
            return Ok(Arc::clone(module));
        }
        let context = Pkcs11::new(&real).map_err(|error| {
            wrong(match error {
                Error::MissingSymbol(_) => "it is no PKCS#11 library".to_owned(),
                Error::LibraryLoading(_) => "the system cannot load it".to_owned(),
                other => other.to_string(),
            })
        })?;
        initialize(&context)?;
        let module = Arc::new(Self { context, gate: RwLock::new(()), generation: AtomicU64::new(0) });
        *place = Some(Arc::clone(&module));
        Ok(module)
    }

    /// The library, for one call; and the initialisation that it is in.
    pub(super) fn enter(&self) -> (RwLockReadGuard<'_, ()>, &Pkcs11, u64) {
        let guard = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.load(Ordering::Acquire);
        (guard, &self.context, generation)
    }

    /// The same for a session of the initialisation `of`: the handles of an earlier one may be another's by now.
    pub(super) fn enter_again(&self, of: u64) -> Called<(RwLockReadGuard<'_, ()>, &Pkcs11)> {
        let (guard, context, generation) = self.enter();
        if generation == of {
            Ok((guard, context))
        } else {
            Err(Fault::Session("the library was initialised anew".to_owned()))
        }
    }

    /// Initialises the library anew, unless somebody did so after the initialisation `seen`. All its sessions end.
    pub(super) fn restart(&self, seen: u64) -> Called<()> {
        for _ in 0..PATIENCE.0 {
            let held = match self.gate.try_write() {
                Ok(guard) => Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            };
            if let Some(_held) = held {
                if self.generation.load(Ordering::Acquire) != seen {
                    return Ok(());
                }
                // It may never have been initialised, or lost that by itself.
                let _ = self.context.clone().finalize();
                let done = initialize(&self.context);
                self.generation.fetch_add(1, Ordering::AcqRel);
                return done;
            }
            std::thread::sleep(PATIENCE.1);
        }
        Err(Fault::Away("the library is busy with a call that does not end".to_owned()))
    }
}

fn initialize(context: &Pkcs11) -> Called<()> {
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
