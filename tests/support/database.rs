//! An empty registry on SQLite, and on PostgreSQL where `VACCERT_TEST_POSTGRES` names a server.

use vaccert::registry::{Options, Registry};

/// Names a PostgreSQL server on which the tests may make databases.
const SERVER: &str = "VACCERT_TEST_POSTGRES";

/// Databases made so far: each gets a name of its own.
#[cfg(feature = "postgres")]
static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// A database of its own for one test.
pub struct Database {
    /// What [`Registry::open`] takes.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    /// A new SQLite file, not yet made.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("registry.db");
        Self { url: format!("sqlite:{}", file.display()), _folder: Some(folder) }
    }

    /// A database that is there.
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), _folder: None }
    }

    /// A new database on the PostgreSQL server, if there is one.
    #[cfg(feature = "postgres")]
    pub async fn postgres() -> Option<Self> {
        use sqlx::{Connection as _, Executor as _};

        let Ok(server) = std::env::var(SERVER) else {
            missing();
            return None;
        };
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let mut admin = sqlx::PgConnection::connect(&server).await.expect("VACCERT_TEST_POSTGRES answers");
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        admin.execute(sqlx::raw_sql(sql)).await.unwrap();
        admin.close().await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Some(Self { url: url.into(), _folder: None })
    }

    /// Without the feature there is none.
    #[cfg(not(feature = "postgres"))]
    pub async fn postgres() -> Option<Self> {
        missing();
        None
    }

    /// Opens it.
    pub async fn open(&self) -> Registry {
        Registry::open(&self.url, Options::default()).await.unwrap()
    }
}

/// Whether there is a PostgreSQL on this machine that tests may use.
#[cfg(feature = "postgres")]
pub fn has_server() -> bool {
    let there = std::env::var_os(SERVER).is_some();
    if !there {
        missing();
    }
    there
}

fn missing() {
    assert!(
        std::env::var_os("VACCERT_FULL").is_none(),
        "{SERVER} names no PostgreSQL server, or the feature 'postgres' is off, but VACCERT_FULL asks for all tests"
    );
    println!("ran on SQLite only: {SERVER} names no PostgreSQL server, or the feature 'postgres' is off");
}

/// Runs a test on every database there is.
pub fn on_each(test: impl AsyncFn(Database)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        test(Database::sqlite()).await;
        if let Some(database) = Database::postgres().await {
            test(database).await;
        }
    });
}
