//! Files that one process holds at a time.

use std::{
    fs::{File, TryLockError},
    time::Duration,
};

/// How often, and how long between, a lock is asked for.
const TRIES: (u32, Duration) = (50, Duration::from_millis(20));

/// Locks a file, asking again for a moment before it gives up: a program that is just being started by this one has a
/// copy of every open file until it runs, and with it the lock of whoever has let go meanwhile; on a busy machine that
/// takes some tenths of a second. Dropping the file lets go.
///
/// # Errors
/// [`TryLockError::WouldBlock`] when somebody else holds it; otherwise the file system's.
pub fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES.0 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(TRIES.1),
            other => return other,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time_and_a_moment_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let open = || File::create(folder.path().join("lock")).unwrap();
        let (first, second) = (open(), open());
        lock(&first).unwrap();
        assert!(matches!(lock(&second), Err(TryLockError::WouldBlock)));
        let letting_go = std::thread::spawn(move || {
            std::thread::sleep(TRIES.1 * 2);
            drop(first);
        });
        lock(&second).unwrap();
        letting_go.join().unwrap();
    }
}
