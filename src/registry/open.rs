//! Finds the database by its URL, makes it when it is new, and brings its schema up to date.

use std::{fs, io, path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Options, RegistryError,
    error::explain,
    sql::{KEPT_STATEMENTS, Pools},
};

// `run_direct` below, not `run`: the future of the latter is not `Send`.
static SQLITE: Migrator = sqlx::migrate!("src/registry/migrations/sqlite");
#[cfg(feature = "postgres")]
static POSTGRES: Migrator = sqlx::migrate!("src/registry/migrations/postgres");

/// Marks a SQLite file as ours (`PRAGMA application_id`, "VCRT" in ASCII).
const APPLICATION_ID: i64 = 0x5643_5254;

/// How often and how long to wait while another process makes the same file; SQLite cannot wait by itself
/// while the journal mode changes (sqlite.org/wal.html).
const RACE: (u32, Duration) = (100, Duration::from_millis(50));

/// How a database is made ready, once, before its pools are used: it is found, known to be ours, and its schema is
/// brought up to date.
#[derive(Debug)]
pub(super) enum Way {
    Sqlite {
        path: String,
        connect: SqliteConnectOptions,
    },
    #[cfg(feature = "postgres")]
    Postgres {
        place: String,
        connect: sqlx::postgres::PgConnectOptions,
        wait: Duration,
        /// Certificates and keys that the URL names: the parameter and the file.
        files: Vec<(&'static str, std::path::PathBuf)>,
    },
}

impl Way {
    /// Makes it ready.
    pub(super) async fn prepare(&self) -> Result<(), RegistryError> {
        match self {
            Self::Sqlite { path, connect } => {
                private_file(Path::new(path)).map_err(|problem| match problem {
                    FileProblem::Io(kind) => RegistryError::Open { place: path.clone(), kind },
                    FileProblem::Exposed(mode) => RegistryError::Exposed { place: path.clone(), mode },
                })?;
                let mut tries = 0;
                loop {
                    match prepare_sqlite(path, connect).await {
                        Err(RegistryError::Locked { .. }) if tries < RACE.0 => {
                            tries += 1;
                            tokio::time::sleep(RACE.1).await;
                        }
                        done => return done,
                    }
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { place, connect, wait, files } => {
                for (parameter, path) in files {
                    let broken = |kind| RegistryError::TlsFile { place: place.clone(), parameter, kind };
                    pem_file(path).map_err(broken)?;
                }
                prepare_postgres(place, connect, *wait).await
            }
        }
    }
}

/// The pools of the database that `url` names, and how it is made ready before they are used. The second value is how
/// errors call it: a path, or server and database without the login. Nothing is looked for yet.
pub(super) fn pools(url: &str, options: &Options) -> Result<(Pools, String, Way), RegistryError> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        None | Some("sqlite") => {
            let path = url.strip_prefix("sqlite:").unwrap_or(url);
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(RegistryError::Url);
            }
            Ok(sqlite(path, options))
        }
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => postgres(url, options),
        #[cfg(not(feature = "postgres"))]
        Some("postgres" | "postgresql") => Err(RegistryError::NoPostgres),
        Some(scheme) => Err(RegistryError::Scheme { scheme: scheme.chars().take(16).collect() }),
    }
}

fn sqlite(path: &str, options: &Options) -> (Pools, String, Way) {
    // FULL: a commit is on the disk before a certificate leaves the house. With NORMAL a power cut forgets
    // the last commits, and a certificate would be out that nobody knows and nobody can revoke. It costs one
    // sync of the log a batch.
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.wait)
        .statement_cache_capacity(KEPT_STATEMENTS)
        .pragma("cache_size", "-16384")
        // Identifiers are random, so a batch touches pages all over the file. A log of 64 MiB (in pages of
        // 4 KiB) lets many batches touch a page before it is copied home once.
        .pragma("wal_autocheckpoint", "16384")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.wait)
        .test_before_acquire(false)
        .connect_lazy_with(connect.clone());
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(options.wait)
        .test_before_acquire(false)
        .connect_lazy_with(connect.clone());
    (Pools::Sqlite { writer, readers }, path.to_owned(), Way::Sqlite { path: path.to_owned(), connect })
}

enum FileProblem {
    Io(io::ErrorKind),
    Exposed(u32),
}

/// Makes the file with mode 0600 before SQLite does with whatever the umask says; the log files beside it
/// take over its mode. An existing file is refused when everybody can read it; a group may be on purpose.
fn private_file(path: &Path) -> Result<(), FileProblem> {
    let mut create = fs::OpenOptions::new();
    create.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut create, 0o600);
    match create.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::metadata(path).map_err(|e| FileProblem::Io(e.kind()))?;
            if !found.is_file() {
                return Err(FileProblem::Io(io::ErrorKind::InvalidInput));
            }
            #[cfg(unix)]
            {
                let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
                if mode & 0o007 != 0 {
                    return Err(FileProblem::Exposed(mode));
                }
            }
            Ok(())
        }
        Err(e) => Err(FileProblem::Io(e.kind())),
    }
}

/// Write-ahead log, application mark, schema: under one write lock, so that any number of processes may open
/// a new file at the same time.
async fn prepare_sqlite(path: &str, connect: &SqliteConnectOptions) -> Result<(), RegistryError> {
    let say = |e: sqlx::Error| explain(path, &e);
    let mut connection = SqliteConnection::connect_with(connect).await.map_err(say)?;
    // Before anything is changed: whose file is it? Both questions in one view of the file, for another
    // process may be making it.
    let mut tx = connection.begin().await.map_err(say)?;
    let mark: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *tx).await.map_err(say)?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *tx).await.map_err(say)?;
    tx.rollback().await.map_err(say)?;
    if mark != APPLICATION_ID && (mark != 0 || tables != 0) {
        return Err(RegistryError::Foreign { place: path.to_owned() });
    }
    sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await.map_err(say)?;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(say)?;
    if mark != APPLICATION_ID {
        // A pragma takes no parameters.
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
        sqlx::query(sql).execute(&mut *tx).await.map_err(say)?;
    }
    SQLITE.run_direct(None, &mut *tx, false).await.map_err(|e| migration(path, &SQLITE, &e))?;
    tx.commit().await.map_err(say)?;
    connection.close().await.map_err(say)
}

#[cfg(feature = "postgres")]
fn postgres(url: &str, options: &Options) -> Result<(Pools, String, Way), RegistryError> {
    use sqlx::{
        Connection as _, Executor as _, postgres::PgConnectOptions, postgres::PgPoolOptions, postgres::PgSslMode,
    };

    // The driver would write an unknown parameter to the log, value and all; it may be a misspelt password.
    const KNOWN: [&str; 13] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "sslkey",
        "host",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
    ];
    let parsed = url::Url::parse(url).map_err(|_| RegistryError::Url)?;
    for (name, _) in parsed.query_pairs() {
        if !KNOWN.contains(&&*name) {
            return Err(RegistryError::UrlParameter { name: name.into_owned() });
        }
    }
    let connect: PgConnectOptions = url.parse().map_err(|_| RegistryError::Url)?;
    let mut connect =
        connect.application_name("vaccert").statement_cache_capacity(KEPT_STATEMENTS).disable_statement_logging();
    // The driver's own choice is to go on in the clear when the server has no TLS. Names and dates of birth
    // do not leave the machine like that unless the operator says so.
    let local =
        connect.get_socket().is_some() || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&connect.get_host());
    let given = |names: &[&str]| parsed.query_pairs().find(|(name, _)| names.contains(&&**name));
    let root = given(&["sslrootcert", "ssl-root-cert", "ssl-ca"]);
    let mode = given(&["sslmode", "ssl-mode"]).map(|(_, mode)| mode.to_ascii_lowercase());
    // Whoever names an authority wants the server held against it; the driver would only do so when told once more.
    // Libpq does the same for `require`.
    connect = match (mode.as_deref(), &root) {
        (None, Some(_)) => connect.ssl_mode(PgSslMode::VerifyFull),
        (None, None) if !local => connect.ssl_mode(PgSslMode::Require),
        (Some("require"), Some(_)) => connect.ssl_mode(PgSslMode::VerifyCa),
        _ => connect,
    };
    let named = [("sslrootcert", root), ("sslcert", given(&["sslcert"])), ("sslkey", given(&["sslkey"]))];
    let files = named.into_iter().filter_map(|(name, found)| Some((name, found?.1.into_owned().into()))).collect();
    let host = connect.get_socket().map_or_else(|| connect.get_host().to_owned(), |s| s.display().to_string());
    let place = format!("postgres://{host}:{}/{}", connect.get_port(), connect.get_database().unwrap_or(""));

    // A client that vanishes in the middle must not hold the lock of the writers for ever.
    let wait = options.wait.as_millis();
    // A plan that was made while the tables were small, and kept since, reads them whole for every batch: they
    // grow by themselves faster than statistics are renewed. Planning each time takes the size of now.
    let settings = format!(
        "SET plan_cache_mode = force_custom_plan; SET lock_timeout = {wait}; \
         SET idle_in_transaction_session_timeout = 30000; SET statement_timeout = 60000; SET synchronous_commit = on"
    );
    let opened = |most: u32, wait: Duration, settings: String| {
        PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(wait)
            // A connection that was used a moment ago is there; asking each time is one more way to the database.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for >= TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                let settings = sqlx::AssertSqlSafe(settings.clone());
                Box::pin(async move { connection.execute(sqlx::raw_sql(settings)).await.map(|_| ()) })
            })
            .connect_lazy_with(connect.clone())
    };
    let pool = opened(options.connections.max(1), options.wait, settings.clone());
    let pulse = opened(PULSE_CONNECTIONS, options.wait.min(PULSE_WAIT), settings);
    let way = Way::Postgres { place: place.clone(), connect, wait: options.wait, files };
    Ok((Pools::Postgres { pool, pulse }, place, way))
}

/// Whether a file can be read and has something in PEM in it: the driver says of neither which file it was.
#[cfg(feature = "postgres")]
fn pem_file(path: &Path) -> Result<(), io::ErrorKind> {
    let size = fs::metadata(path).map_err(|e| e.kind())?.len();
    if size > crate::limits::SMALL_FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge);
    }
    let text = fs::read(path).map_err(|e| e.kind())?;
    let begins = b"-----BEGIN ";
    if text.windows(begins.len()).any(|window| window == begins) { Ok(()) } else { Err(io::ErrorKind::InvalidData) }
}

/// How long an unused connection is taken for alive.
#[cfg(feature = "postgres")]
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Connections for saying that one still lives, and how long is waited for one.
#[cfg(feature = "postgres")]
const PULSE_CONNECTIONS: u32 = 2;
#[cfg(feature = "postgres")]
const PULSE_WAIT: Duration = Duration::from_secs(3);

/// A connection of its own: it tells at once what is wrong, where the pool would try until the end.
#[cfg(feature = "postgres")]
async fn prepare_postgres(
    place: &str,
    connect: &sqlx::postgres::PgConnectOptions,
    wait: Duration,
) -> Result<(), RegistryError> {
    use sqlx::PgConnection;

    let timeout = || RegistryError::Unreachable { place: place.to_owned(), kind: io::ErrorKind::TimedOut };
    let mut connection = tokio::time::timeout(wait, PgConnection::connect_with(connect))
        .await
        .map_err(|_| timeout())?
        .map_err(|e| explain(place, &e))?;
    // The migrator takes a lock of the database by itself.
    POSTGRES.run_direct(None, &mut connection, false).await.map_err(|e| migration(place, &POSTGRES, &e))?;
    connection.close().await.map_err(|e| explain(place, &e))
}

fn migration(place: &str, migrator: &Migrator, error: &MigrateError) -> RegistryError {
    let place_owned = place.to_owned();
    match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => explain(place, e),
        MigrateError::VersionMissing(found) => {
            let known = migrator.iter().map(|m| m.version).max().unwrap_or(0);
            RegistryError::Newer { place: place_owned, found: *found, known }
        }
        MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
            RegistryError::Altered { place: place_owned, version: *version }
        }
        _ => RegistryError::Database { place: place_owned, code: "migration".into() },
    }
}
