//! How a poll goes: a line for each tenth of the people.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use vaccert::batch::{Progress, Tally};

/// Ticks of the clock in which Linux counts processor time.
const TICKS: f64 = 100.0;

/// What of a process is counted.
enum Who {
    One(u32),
    /// The children of this one, and itself.
    Family(u32),
}

/// Tells of each tenth.
pub(crate) struct Curve {
    every: u64,
    next: u64,
    last: (u64, Instant, [f64; 3]),
    dhis2: u32,
    database: Database,
}

struct Database {
    /// Bytes, looked at now and then.
    size: Arc<AtomicU64>,
    files: Option<String>,
    server: Option<u32>,
}

impl Curve {
    /// Begins a poll of so many people into this database.
    pub(crate) async fn begin(people: usize, url: &str, dhis2: u32) -> Self {
        let every = u64::try_from(people).unwrap().div_ceil(10).max(1);
        let database = Database::of(url).await;
        let mut curve = Self { every, next: every, last: (0, Instant::now(), [0.0; 3]), dhis2, database };
        curve.last.2 = curve.used();
        curve
    }

    /// Seconds of processor so far: this process, DHIS2, the database.
    fn used(&self) -> [f64; 3] {
        let server = self.database.server.map_or(0.0, |server| seconds(&Who::Family(server)));
        [seconds(&Who::One(std::process::id())), seconds(&Who::One(self.dhis2)), server]
    }
}

impl Progress for Curve {
    fn people(&mut self, done: u64, tally: &Tally) {
        if done < self.next {
            return;
        }
        let (people, at, used) = (done, Instant::now(), self.used());
        let passed = (people - self.last.0) as f64;
        if self.next == self.every {
            println!(
                "{:>10} {:>9} {:>13} {:>9} {:>12}   seconds of processor for 1,000 people: here, DHIS2, PostgreSQL",
                "people", "a second", "certificates", "memory MB", "database MB"
            );
        }
        let cost: Vec<String> =
            used.iter().zip(self.last.2).map(|(now, last)| format!("{:.2}", (now - last) * 1_000.0 / passed)).collect();
        println!(
            "{people:>10} {:>9.0} {:>13} {:>9} {:>12}   {}",
            passed / at.duration_since(self.last.1).as_secs_f64(),
            tally.issued,
            memory(),
            self.database.bytes() / 1_000_000,
            cost.join(", ")
        );
        self.last = (people, at, used);
        self.next = people - people % self.every + self.every;
    }
}

impl Database {
    async fn of(url: &str) -> Self {
        let size = Arc::new(AtomicU64::new(0));
        if !url.starts_with("postgres") {
            return Self { size, files: Some(url.trim_start_matches("sqlite:").to_owned()), server: None };
        }
        let server = postgres(url, Arc::clone(&size)).await;
        Self { size, files: None, server }
    }

    fn bytes(&self) -> u64 {
        match &self.files {
            None => self.size.load(Ordering::Relaxed),
            Some(file) => {
                let long = |name: String| fs::metadata(name).map_or(0, |about| about.len());
                long(file.clone()) + long(format!("{file}-wal"))
            }
        }
    }
}

/// Watches the size of a database; gives the process of its server, where that is one of this machine.
#[cfg(feature = "postgres")]
async fn postgres(url: &str, size: Arc<AtomicU64>) -> Option<u32> {
    use sqlx::{Connection as _, PgConnection};
    let mut connection = PgConnection::connect(url).await.unwrap();
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
    tokio::spawn(async move {
        let asked = "SELECT pg_database_size(current_database())";
        while let Ok(bytes) = sqlx::query_scalar::<_, i64>(asked).fetch_one(&mut connection).await {
            size.store(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    });
    let about = fs::read_to_string(format!("/proc/{backend}/stat")).ok()?;
    about.contains("(postgres)").then(|| parent(&about))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &str, _: Arc<AtomicU64>) -> Option<u32> {
    None
}

/// Fields behind the name of a process, which may hold anything.
fn fields(stat: &str) -> Vec<&str> {
    stat.rsplit_once(") ").map_or_else(Vec::new, |(_, rest)| rest.split(' ').collect())
}

fn parent(stat: &str) -> u32 {
    fields(stat).get(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Seconds of processor that a process took so far, in its own name and the system's.
fn seconds(who: &Who) -> f64 {
    let of = |stat: &str| {
        let ticks = |place: usize| fields(stat).get(place).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) / TICKS
    };
    let stat = |process: &str| fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    match who {
        Who::One(process) => of(&stat(&process.to_string())),
        Who::Family(head) => {
            let all = fs::read_dir("/proc").into_iter().flatten().flatten();
            let all = all.map(|entry| stat(&entry.file_name().to_string_lossy()));
            let ended = fields(&stat(&head.to_string()))
                .get(13..15)
                .map_or(0.0, |gone| gone.iter().filter_map(|text| text.parse::<f64>().ok()).sum::<f64>() / TICKS);
            ended + all.filter(|stat| parent(stat) == *head).map(|stat| of(&stat)).sum::<f64>()
        }
    }
}

/// Resident memory of this process in MB.
pub(crate) fn memory() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident: u64 = pages.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    resident * 4_096 / 1_000_000
}
