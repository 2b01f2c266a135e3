//! What something costs, whatever else the machine does meanwhile.

use std::time::{Duration, Instant};

/// Does `work`, and tells how long this thread was at it: without the time that it waited for a processor, of which
/// there is much where tests run beside each other. Where the system does not tell that, the time that passed.
pub fn worked<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (begun, before) = (Instant::now(), at_work());
    let done = work();
    let spent = match (before, at_work()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => begun.elapsed(),
    };
    (done, spent)
}

/// How long this thread has run so far (Linux, proc(5): the first number is in nanoseconds).
fn at_work() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let spent: u64 = told.split(' ').next()?.parse().ok()?;
    // A kernel that does not count says 0.
    (spent > 0).then(|| Duration::from_nanos(spent))
}
