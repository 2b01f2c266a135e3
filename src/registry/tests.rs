//! Faults that only the inside can provoke: full and read-only disks, damaged files, plans of the statements.

use std::{fs, path::PathBuf};

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, SqliteConnection};

use super::{sql::Pools, *};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn batch(from: usize, many: usize) -> Vec<Candidate> {
    (from..from + many)
        .map(|n| Candidate {
            tracked_entity: format!("Person{n}"),
            event: "E".into(),
            contents: vec![Content { format: "eu-dcc".into(), digest: [1; 32], wanted: true }],
            origin: Origin::default(),
        })
        .collect()
}

fn ids(mut from: usize) -> impl FnMut() -> String + Send {
    move || {
        from += 1;
        format!("ID{from}")
    }
}

async fn new() -> (tempfile::TempDir, PathBuf, Registry) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
    (folder, file, registry)
}

fn writer(registry: &Registry) -> &sqlx::SqlitePool {
    match &registry.pools {
        Pools::Sqlite { writer, .. } => writer,
        #[cfg(feature = "postgres")]
        Pools::Postgres { .. } => panic!("a SQLite test"),
    }
}

async fn fault(registry: &Registry, pragma: String) {
    writer(registry).execute(sqlx::raw_sql(AssertSqlSafe(pragma))).await.unwrap();
}

async fn open_error(url: &str) -> RegistryError {
    Registry::open(url, Options { wait: std::time::Duration::from_secs(2), ..Options::default() }).await.unwrap_err()
}

#[tokio::test]
async fn a_full_disk_is_named_and_loses_nothing() {
    let (_folder, _, registry) = new().await;
    let claims = registry.claim(&batch(0, 10), ids(0), "a", at(0)).await.unwrap();
    fault(&registry, "PRAGMA max_page_count = 30".into()).await;
    let error = registry.claim(&batch(100, 1000), ids(100), "a", at(0)).await.unwrap_err();
    assert!(matches!(error, RegistryError::Full { .. }), "{error:?}");
    assert_eq!(registry.counts().await.unwrap().intended, 10, "all of the batch or none of it");

    fault(&registry, "PRAGMA max_page_count = 1000000".into()).await;
    assert_eq!(registry.claim(&batch(0, 10), ids(1000), "b", at(60)).await.unwrap(), claims);
}

#[tokio::test]
async fn a_read_only_file_is_named_and_can_still_be_read() {
    let (_folder, _, registry) = new().await;
    registry.claim(&batch(0, 1), ids(0), "a", at(0)).await.unwrap();
    fault(&registry, "PRAGMA query_only = ON".into()).await;
    let error = registry.claim(&batch(5, 1), ids(5), "a", at(0)).await.unwrap_err();
    assert!(matches!(error, RegistryError::ReadOnly { .. }), "{error:?}");
    assert!(registry.get("ID1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let (_folder, file, registry) = new().await;
    for n in 0..20 {
        registry.claim(&batch(n * 100, 100), ids(n * 100), "a", at(0)).await.unwrap();
    }
    registry.close().await;
    let whole = fs::read(&file).unwrap();

    let mut damaged = whole.clone();
    damaged[..16].fill(b'x');
    fs::write(&file, &damaged).unwrap();
    let error = open_error(file.to_str().unwrap()).await;
    assert!(matches!(error, RegistryError::Corrupt { .. }), "{error:?}");

    // Every page but those of the schema.
    let mut damaged = whole.clone();
    assert!(whole.len() > 170 * 4096, "{}", whole.len());
    damaged[140 * 4096..].fill(0xff);
    fs::write(&file, &damaged).unwrap();
    let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
    let error = registry.counts().await.unwrap_err();
    assert!(matches!(error, RegistryError::Corrupt { .. }), "{error:?}");
    registry.close().await;

    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let error = match Registry::open(file.to_str().unwrap(), Options::default()).await {
        Ok(registry) => registry.counts().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, RegistryError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_newer_or_altered_schema_is_refused() {
    let (_folder, file, registry) = new().await;
    registry.close().await;
    let mut raw = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (7777, 'later', true, x'00', 0)";
    raw.execute(sqlx::raw_sql(newer)).await.unwrap();
    let error = open_error(file.to_str().unwrap()).await;
    let place = file.to_str().unwrap().to_owned();
    assert!(matches!(error, RegistryError::Newer { found: 7777, .. }), "{error:?}");
    raw.execute(sqlx::raw_sql("DELETE FROM _sqlx_migrations WHERE version = 7777")).await.unwrap();
    raw.execute(sqlx::raw_sql("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1")).await.unwrap();
    assert_eq!(open_error(file.to_str().unwrap()).await, RegistryError::Altered { place, version: 1 });
}

/// A registry as the first version left it, with one certificate and one open intent, opened by this one.
#[tokio::test]
async fn rows_of_the_first_schema_keep_their_meaning() {
    let (_folder, file, registry) = new().await;
    registry.close().await;
    let mut raw = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    // Everything goes but the account of the migrations, of which the first is run again.
    raw.execute(sqlx::raw_sql("PRAGMA foreign_keys = OFF")).await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' \
         AND name <> '_sqlx_migrations'";
    for row in raw.fetch_all(sqlx::raw_sql(tables)).await.unwrap() {
        let drop = format!("DROP TABLE {}", row.get::<String, _>(0));
        raw.execute(sqlx::raw_sql(AssertSqlSafe(drop))).await.unwrap();
    }
    raw.execute(sqlx::raw_sql(include_str!("migrations/sqlite/0001_certificates.sql"))).await.unwrap();
    let back = "DELETE FROM _sqlx_migrations WHERE version > 1; \
         INSERT INTO certificate (id, tracked_entity, event, format, content, state, intended_at, text, kid, algorithm, \
         issued_at, expires_at) VALUES ('OLD', 'Person0', 'E', 'eu-dcc', zeroblob(32), 'released', 1, 'HC1:OLD', x'01', \
         'ES256', 1000, 2000); \
         INSERT INTO intent (id, tracked_entity, event, format, content, intended_at, lease_owner, lease_until) \
         VALUES ('OPEN', 'Person1', 'E', 'eu-dcc', zeroblob(32), 1, 'dead', 2)";
    raw.execute(sqlx::raw_sql(back)).await.unwrap();
    raw.close().await.unwrap();

    let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
    assert_eq!(registry.formats(&[]).await.unwrap(), ["eu-dcc"]);
    let mut records = batch(0, 2);
    for record in &mut records {
        record.contents[0].digest = [0; 32];
    }
    let claims = registry.claim(&records, ids(0), "a", at(0)).await.unwrap();
    let Claim::Unchanged { id, envelopes, released: true } = &claims[0] else { panic!("{claims:?}") };
    assert_eq!((id.as_str(), envelopes[0].text.as_str(), envelopes[0].format.as_str()), ("OLD", "HC1:OLD", "eu-dcc"));
    assert!(matches!(&claims[1], Claim::Sign { id, .. } if id == "OPEN"), "taken over: {claims:?}");
    records[0].contents.push(Content { format: "ddcc".into(), digest: [3; 32], wanted: true });
    let claims = registry.claim(&records[..1], ids(0), "a", at(0)).await.unwrap();
    assert!(matches!(&claims[0], Claim::Add { id, .. } if id == "OLD"), "{claims:?}");
}

#[tokio::test]
async fn another_program_s_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    fs::write(&file, b"").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut raw = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    raw.execute(sqlx::raw_sql("CREATE TABLE theirs (x)")).await.unwrap();
    raw.close().await.unwrap();
    let before = fs::read(&file).unwrap();
    let place = file.to_str().unwrap().to_owned();
    assert_eq!(open_error(&place).await, RegistryError::Foreign { place });
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, file, registry) = new().await;
    registry.claim(&batch(0, 1), ids(0), "a", at(0)).await.unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    registry.close().await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let place = file.to_str().unwrap().to_owned();
    assert_eq!(open_error(&place).await, RegistryError::Exposed { place, mode: 0o644 });
}

#[tokio::test]
async fn bad_urls_are_named_and_keep_their_secrets() {
    assert_eq!(open_error("").await, RegistryError::Url);
    assert_eq!(open_error("sqlite::memory:").await, RegistryError::Url);
    assert_eq!(open_error("mysql://u:hunter2@h/d").await, RegistryError::Scheme { scheme: "mysql".into() });
    let error = open_error("/nowhere/at/all/registry.db").await;
    assert!(matches!(error, RegistryError::Open { kind: std::io::ErrorKind::NotFound, .. }), "{error:?}");
    let folder = tempfile::tempdir().unwrap();
    let error = open_error(folder.path().to_str().unwrap()).await;
    assert!(matches!(error, RegistryError::Open { .. }), "{error:?}");
    #[cfg(feature = "postgres")]
    for url in [
        "postgres://u:hunter2@127.0.0.1:1/d",
        "postgres://u:hunter2@[broken/d",
        "postgres://u:x@127.0.0.1:1/d?passwort=hunter2",
        "postgres://u:x@127.0.0.1:1/d?sslmode=hunter2",
        "postgres://u:hunter2@127.0.0.1:port/d",
    ] {
        let error = open_error(url).await;
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    #[cfg(not(feature = "postgres"))]
    assert_eq!(open_error("postgres://u@h/d").await, RegistryError::NoPostgres);
}

#[tokio::test]
async fn every_statement_of_the_daily_work_uses_an_index() {
    let (_folder, _, registry) = new().await;
    let writer = writer(&registry);
    for (sql, width) in [
        (claim::STANDING, 3),
        (claim::INTENDED, 3),
        (claim::TAKEN, 1),
        (claim::ABANDON, 2),
        (claim::TAKE_OVER, 9),
        (claim::GIVE_UP, 3),
        (store::INTENTS, 1),
        (store::SUPERSEDE, 2),
        (store::SEAL, 11),
        (store::RECALL, 1),
        (store::DONE, 1),
        (store::RELEASE, 1),
        (store::UNRELEASED, 0),
        (withdraw::STANDING, 0),
        (withdraw::STANDING_OF_EVENT, 0),
        (withdraw::ABANDON, 0),
        (withdraw::ABANDON_OF_EVENT, 0),
        (withdraw::WITHDRAW, 2),
        (withdraw::HOLDING, 1),
        (withdraw::AWAITING, 1),
        (revoke::MARK, 2),
        (revoke::NAMED, 1),
        (revoke::OPEN, 1),
        (revoke::ABANDON_OF_RECORD, 3),
        (revoke::STANDS_NOW, 3),
        (revoke::BACK, 1),
        (revoke::RECORDS, 0),
        (revoke::LATEST, 0),
        (revoke::LATEST_OF, 0),
        (revoke::OF_BULK, 0),
        (revoke::ABOUT, 0),
        (requests::FIND, 0),
        (requests::TAKE, 0),
        (requests::ANSWER, 0),
        (requests::FREE, 0),
        (requests::FORGET, 0),
        (revoke::NEWEST, 0),
        (listed::LISTED, 0),
        (listed::LISTED_FURTHER, 1),
        (gateway::HELD, 1),
        (gateway::REST, 0),
        (gateway::UPLOADS, 0),
        (gateway::DELETES, 0),
        (gateway::KNOWN, 0),
        (read::FURTHER, 1),
        (read::LISTED_AS, 1),
        (read::FURTHER_NAMES, 1),
        (audit::PAGE, 0),
        (audit::HELD, 0),
        (audit::TOLD, 1),
        (audit::LOGGED, 1),
        (audit::STANDING, 1),
        (audit::NEWEST, 0),
        (audit::BETWEEN, 0),
        (audit::OF_OBJECT, 0),
        (read::BY_ID, 0),
        (read::BY_PERSON, 0),
        (read::INTENT_BY_ID, 0),
        (read::INTENTS_BY_PERSON, 0),
    ] {
        let expanded = sql::with_groups(sql, 3, width);
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", expanded.as_str()));
        let plan = sqlx::query(explain).fetch_all(writer).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get::<String, _>("detail")).collect();
        assert!(plan.iter().any(|line| line.starts_with("SEARCH ")), "{sql}: {plan:?}");
        if sql == store::UNRELEASED {
            assert!(plan.iter().any(|line| line.contains("certificate_unreleased")), "{plan:?}");
        }
        for table in ["certificate", "revocation", "intent", "envelope", "audit", "request", "c", "i", "e"] {
            assert!(!plan.iter().any(|line| line.starts_with(&format!("SCAN {table}"))), "{sql}: {plan:?}");
        }
    }
    // A foreign key is looked for from its other end when a row goes.
    let plan = sqlx::query("EXPLAIN QUERY PLAN SELECT 1 FROM certificate WHERE superseded_by = 'x'");
    let plan = plan.fetch_all(writer).await.unwrap();
    assert!(plan.iter().all(|row| row.get::<String, _>("detail").starts_with("SEARCH ")));
}

#[tokio::test]
async fn certificates_are_counted_by_indexes_alone() {
    let (_folder, _, registry) = new().await;
    for sql in [read::ALL, read::IN_FORCE, read::LIVE_REVOKED, read::SIGNED, read::SUPERSEDED, read::REVOKED] {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan = sqlx::query(explain).fetch_all(writer(&registry)).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get::<String, _>("detail")).collect();
        let of_certificates = |line: &&String| line.contains("certificate") && !line.contains("revocation");
        for line in plan.iter().filter(of_certificates) {
            assert!(line.contains("USING") && line.contains("INDEX"), "{sql}: {plan:?}");
        }
    }
}
