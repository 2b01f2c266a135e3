//! Files that were drawn lately, in memory alone: a certificate is drawn once and fetched several times. What was not
//! asked for longest goes first.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::DeskError;
use crate::limits;

/// The files, and who may draw.
pub(super) struct Drawn {
    files: Mutex<Files>,
    /// Drawing keeps a core busy: more at once would only make all of them late.
    turns: Semaphore,
}

#[derive(Default)]
struct Files {
    by_key: HashMap<String, (u64, Arc<[u8]>)>,
    by_use: BTreeMap<u64, String>,
    uses: u64,
    bytes: usize,
}

impl Drawn {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { files: Mutex::default(), turns: Semaphore::new(cores) }
    }

    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, DeskError> {
        self.turns.acquire().await.map_err(|_| DeskError::Inside)
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        let mut guard = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let files = &mut *guard;
        files.uses += 1;
        let now = files.uses;
        let (used, bytes) = files.by_key.get_mut(key)?;
        let before = std::mem::replace(used, now);
        let bytes = Arc::clone(bytes);
        if let Some(key) = files.by_use.remove(&before) {
            files.by_use.insert(now, key);
        }
        Some(bytes)
    }

    pub(super) fn put(&self, key: String, bytes: Arc<[u8]>) -> Arc<[u8]> {
        let mut guard = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let files = &mut *guard;
        files.uses += 1;
        let now = files.uses;
        files.bytes += bytes.len();
        files.by_use.insert(now, key.clone());
        if let Some((before, old)) = files.by_key.insert(key, (now, Arc::clone(&bytes))) {
            files.bytes = files.bytes.saturating_sub(old.len());
            files.by_use.remove(&before);
        }
        while files.bytes > limits::DRAWN_BYTES {
            let Some((_, key)) = files.by_use.pop_first() else { break };
            if let Some((_, old)) = files.by_key.remove(&key) {
                files.bytes = files.bytes.saturating_sub(old.len());
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_what_was_used_last_stays() {
        let drawn = Drawn::new();
        let piece: Arc<[u8]> = vec![0; limits::DRAWN_BYTES / 4].into();
        for name in ["a", "b", "c", "d"] {
            drawn.put(name.to_owned(), Arc::clone(&piece));
        }
        assert!(drawn.get("a").is_some());
        drawn.put("e".to_owned(), Arc::clone(&piece));
        assert!(drawn.get("b").is_none(), "the one that was not asked for longest is gone");
        for name in ["a", "c", "d", "e"] {
            assert!(drawn.get(name).is_some(), "{name}");
        }
        // The same again takes no more room.
        for _ in 0..10 {
            drawn.put("e".to_owned(), Arc::clone(&piece));
        }
        assert!(drawn.get("a").is_some());
        assert_eq!(drawn.files.lock().unwrap().bytes, piece.len() * 4);
        // What is larger than all of the room is handed out and not kept.
        drawn.put("huge".to_owned(), vec![0; limits::DRAWN_BYTES + 1].into());
        assert!(drawn.get("huge").is_none() && drawn.files.lock().unwrap().bytes == 0);
    }
}
