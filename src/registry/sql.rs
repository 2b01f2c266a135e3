//! The one place that knows that there are two databases: a transaction, values going in and rows coming
//! out, the same for SQLite and PostgreSQL. Every statement above it is written once, with `$1` parameters.

use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _, SqlStr, Sqlite, SqlitePool, Transaction, sqlite::SqliteRow};
#[cfg(feature = "postgres")]
use sqlx::{PgPool, Postgres, postgres::PgRow};

/// Most rows of one multi-row statement of SQLite. Enough to make ways to its thread cheap, and few enough that a batch
/// is made of few statements, which are kept prepared: this many rows, and every power of two below. PostgreSQL takes
/// whole batches in one statement.
pub(super) const CHUNK: usize = 256;

/// Statements that each connection keeps prepared: about a hundred of the daily work, of which SQLite has the multi-row
/// ones in nine sizes.
pub(super) const KEPT_STATEMENTS: usize = 512;

/// Serialises the writers of one PostgreSQL database ("vaccert" in ASCII), as SQLite does by itself.
#[cfg(feature = "postgres")]
const WRITER_LOCK: i64 = 0x0076_6163_6365_7274;

/// Takes the planner's samples of every column of the tables away, but for two from which a column is generated, and which
/// cannot be touched: the time of withdrawal, and the identifier of the certificate that came after.
#[cfg(feature = "postgres")]
const NO_SAMPLES: &str = "DO $$ DECLARE one record; BEGIN FOR one IN \
     SELECT format('%I.%I', s.schemaname, s.tablename) AS place, s.attname AS name, \
     format_type(a.atttypid, a.atttypmod) AS kind, CASE WHEN a.attcollation IN (0, t.typcollation) THEN '' \
     ELSE format(' COLLATE %I.%I', n.nspname, o.collname) END AS sorted \
     FROM pg_stats AS s \
     JOIN pg_attribute AS a ON a.attname = s.attname \
     AND a.attrelid = format('%I.%I', s.schemaname, s.tablename)::regclass \
     JOIN pg_type AS t ON t.oid = a.atttypid \
     LEFT JOIN pg_collation AS o ON o.oid = a.attcollation \
     LEFT JOIN pg_namespace AS n ON n.oid = o.collnamespace \
     WHERE s.schemaname = current_schema() AND s.tablename IN ({tables}) \
     LOOP BEGIN \
     EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s%s', one.place, one.name, one.kind, one.sorted); \
     EXCEPTION WHEN feature_not_supported THEN NULL; END; END LOOP; END $$";

/// Connections to one of the databases.
#[derive(Clone)]
pub(super) enum Pools {
    /// SQLite has one writer at a time; waiting for it in a queue is fairer than polling the file.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// Who says that it still works must not wait behind the work: leases are renewed on connections of their own.
    #[cfg(feature = "postgres")]
    Postgres { pool: PgPool, pulse: PgPool },
}

/// A transaction; dropped without [`Tx::commit`] it leaves no trace.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Transaction<'static, Postgres>),
}

/// A parameter.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    OptText(Option<&'a str>),
    Int(i64),
    OptInt(Option<i64>),
    Bytes(&'a [u8]),
    OptBytes(Option<&'a [u8]>),
}

/// A row of an answer.
pub(super) enum Row {
    Sqlite(SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
}

/// Binds every value; the two query types have no common trait that is shorter than this.
macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let (sql, keep) = $sql;
        let mut query = sqlx::query(sql).persistent(keep);
        for value in $values {
            query = match *value {
                Value::Text(v) => query.bind(v),
                Value::OptText(v) => query.bind(v),
                Value::Int(v) => query.bind(v),
                Value::OptInt(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
                Value::OptBytes(v) => query.bind(v),
            };
        }
        query
    }};
}

/// Binds every column.
#[cfg(feature = "postgres")]
macro_rules! arrays {
    ($sql:expr, $columns:expr) => {{
        let mut query = sqlx::query($sql).persistent(true);
        for column in $columns {
            query = match column {
                Column::Text(values) => query.bind(values),
                Column::Int(values) => query.bind(values),
                Column::Bytes(values) => query.bind(values),
            };
        }
        query
    }};
}

impl Pools {
    /// Begins a transaction that will write: it waits here until it is the only one, so that what it reads
    /// stays true until it commits.
    pub(super) async fn write(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite { writer, .. } => Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                // Under READ COMMITTED every statement after the lock sees what the last holder committed.
                let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITER_LOCK).execute(&mut *tx).await?;
                Ok(Tx::Postgres(tx))
            }
        }
    }

    /// Begins a transaction that writes rows which nothing else decides by: each statement of it is right by itself,
    /// whoever writes at the same time. SQLite has one writer anyway; on PostgreSQL it waits for locked rows alone, and
    /// neither for issuing nor for a long revocation.
    pub(super) async fn write_apart(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite { writer, .. } => Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                Ok(Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?))
            }
        }
    }

    /// As [`Pools::write_apart`], on the connections of the pulse; also for reading there.
    pub(super) async fn write_pulse(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite { .. } => self.write_apart().await,
            #[cfg(feature = "postgres")]
            Self::Postgres { pulse, .. } => {
                Ok(Tx::Postgres(pulse.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?))
            }
        }
    }

    /// As [`Pools::read`], on the connections of the pulse.
    pub(super) async fn read_pulse(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite { .. } => self.read().await,
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => self.write_pulse().await,
        }
    }

    /// Begins a transaction that only reads.
    pub(super) async fn read(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.begin().await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                Ok(Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?))
            }
        }
    }

    /// As [`Tx::fetch_many`], outside of any transaction: where all rows fit into one statement, that saves two ways to
    /// the database and back.
    pub(super) async fn look_many<const N: usize>(
        &self,
        sql: &'static str,
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            // A transaction of a file costs nothing.
            Self::Sqlite { .. } => self.read().await?.fetch_many(sql, rows).await,
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } if rows.is_empty() => Ok(Vec::new()),
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                let columns = columns(rows);
                let sql = with_arrays(sql, &columns);
                Ok(arrays!(sql, columns).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Asks for rows by one statement outside of any transaction, which would cost two more ways to the database and
    /// back: for questions that many requests ask.
    pub(super) async fn look(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, sqlx::Error> {
        let sql = (sql.into_sql_str(), true);
        match self {
            Self::Sqlite { readers, .. } => {
                Ok(bound!(sql, values).fetch_all(readers).await?.into_iter().map(Row::Sqlite).collect())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                Ok(bound!(sql, values).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Gives back the room of rows that were removed from these tables, so that nothing of them is left in the files.
    /// PostgreSQL did that for the rows when [`Tx::empty`] was committed; what is left are the samples of their values
    /// that its planner keeps, whole certificates among them, and that emptying a table does not remove.
    pub(super) async fn compact(&self, tables: &[&'static str]) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite { writer, .. } => {
                // SQLite keeps whole files: it has no single tables to look at.
                let _ = tables;
                for sql in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
                    sqlx::raw_sql(sql).execute(writer).await?;
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, .. } => {
                // The names are our own. A column that is given its own type again loses its samples.
                let list = tables.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
                let sql = AssertSqlSafe(NO_SAMPLES.replacen("{tables}", &list, 1));
                sqlx::raw_sql(sql).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Closes every connection and waits for it.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { pool, pulse } => {
                pool.close().await;
                pulse.close().await;
            }
        }
    }
}

impl Tx {
    /// Runs a statement of one row or none.
    pub(super) async fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, sqlx::Error> {
        self.execute((sql.into_sql_str(), true), values).await
    }

    /// Runs a statement that holds one `VALUES {}` or one `IN ({})` and no other parameter, for all of these rows: their
    /// columns are called `column1`, `column2`, … The answer is the number of rows changed.
    ///
    /// For SQLite the mark becomes a list of parameter groups, `(?, ?), (?, ?), …`, a few hundred at a time. For
    /// PostgreSQL each column of all rows goes as one array, so that the statement has the same text for any number of
    /// rows, is parsed once for each connection, and goes there and back once.
    pub(super) async fn run_many<const N: usize>(
        &mut self,
        sql: &'static str,
        rows: &[[Value<'_>; N]],
    ) -> Result<u64, sqlx::Error> {
        if rows.is_empty() {
            return Ok(0);
        }
        match self {
            Self::Sqlite(tx) => {
                let mut changed = 0;
                for chunk in pieces(rows) {
                    let sql = with_groups(sql, chunk.len(), N);
                    changed += bound!((sql, true), chunk.iter().flatten()).execute(&mut **tx).await?.rows_affected();
                }
                Ok(changed)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                let columns = columns(rows);
                let sql = with_arrays(sql, &columns);
                Ok(arrays!(sql, columns).execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// As [`Tx::run_many`], for a question.
    pub(super) async fn fetch_many<const N: usize>(
        &mut self,
        sql: &'static str,
        rows: &[[Value<'_>; N]],
    ) -> Result<Vec<Row>, sqlx::Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(tx) => {
                let mut found = Vec::new();
                for chunk in pieces(rows) {
                    let sql = with_groups(sql, chunk.len(), N);
                    let rows = bound!((sql, true), chunk.iter().flatten()).fetch_all(&mut **tx).await?;
                    found.extend(rows.into_iter().map(Row::Sqlite));
                }
                Ok(found)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                let columns = columns(rows);
                let sql = with_arrays(sql, &columns);
                let rows = arrays!(sql, columns).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Asks for rows.
    pub(super) async fn fetch(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, sqlx::Error> {
        self.rows((sql.into_sql_str(), true), values).await
    }

    /// Milliseconds since 1970 by the clock of the database, at this moment: every process that shares it sees the same
    /// clock, whatever its own says. SQLite has the clock of the one machine on which its file is.
    pub(super) async fn now(&mut self) -> Result<i64, sqlx::Error> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            // Of the moment, not of the beginning of the transaction.
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        };
        let rows = self.fetch(sql, &[]).await?;
        rows.first().ok_or(sqlx::Error::RowNotFound)?.int(0)
    }

    /// Whether rows may be removed from a table that otherwise only grows. Both databases undo it with the transaction.
    pub(super) async fn let_go(&mut self, table: &'static str, may: bool) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => {
                let sql = if may {
                    format!("DROP TRIGGER {table}_lasts")
                } else {
                    format!(
                        "CREATE TRIGGER {table}_lasts BEFORE DELETE ON {table} \
                         BEGIN SELECT RAISE(ABORT, 'this only grows'); END"
                    )
                };
                // The text holds the name of a table and no data.
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                let word = if may { "DISABLE" } else { "ENABLE" };
                sqlx::raw_sql(AssertSqlSafe(format!("ALTER TABLE {table} {word} TRIGGER USER")))
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }

    /// Removes every row of these tables, which nothing outside of them names; numbers are not given again. PostgreSQL
    /// takes a new empty file for each when this is committed, and needs no time for the rows.
    pub(super) async fn empty(&mut self, tables: &[&'static str]) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => {
                for table in tables {
                    // The text holds the name of a table and no data.
                    sqlx::raw_sql(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut **tx).await?;
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                let sql = format!("TRUNCATE {}", tables.join(", "));
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// The owner of one of these tables, if that is somebody whose rights this user has not. A SQLite file belongs to
    /// whoever can write it.
    pub(super) async fn other_owner(&mut self, tables: &[&'static str]) -> Result<Option<String>, sqlx::Error> {
        match self {
            Self::Sqlite(_) => {
                let _ = tables;
                Ok(None)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                let list = tables.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
                let sql = format!(
                    "SELECT pg_get_userbyid(c.relowner)::TEXT FROM pg_class AS c WHERE c.relkind = 'r' \
                     AND c.oid IN (SELECT to_regclass(name) FROM unnest(ARRAY[{list}]) AS name) \
                     AND NOT pg_has_role(c.relowner, 'USAGE') LIMIT 1"
                );
                sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_optional(&mut **tx).await
            }
        }
    }

    /// Makes everything since the beginning last.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    async fn execute(&mut self, sql: (SqlStr, bool), values: &[Value<'_>]) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => bound!(sql, values).execute(&mut **tx).await.map(|done| done.rows_affected()),
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => bound!(sql, values).execute(&mut **tx).await.map(|done| done.rows_affected()),
        }
    }

    async fn rows(&mut self, sql: (SqlStr, bool), values: &[Value<'_>]) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => {
                Ok(bound!(sql, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(tx) => {
                Ok(bound!(sql, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

/// Rows in pieces whose sizes come back with every batch, whatever its length: as many of [`CHUNK`] as there are, then
/// powers of two. Each size is a statement of its own, and parsing one of hundreds of groups takes longer than running
/// it.
fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = match rest.len() {
            0 => return None,
            CHUNK.. => CHUNK,
            few => 1 << few.ilog2(),
        };
        let (piece, after) = rest.split_at(size);
        rest = after;
        Some(piece)
    })
}

/// The statement of SQLite with its parameter groups. The text holds parameters and no data.
///
/// SQLite looks a numbered parameter up by name in a list of all of them, so that binding thousands takes quadratic
/// time (43 % of a run as measured); it takes nameless ones in order.
pub(super) fn with_groups(sql: &'static str, groups: usize, width: usize) -> SqlStr {
    let mut list = String::with_capacity(groups * (3 * width + 4));
    for group in 0..groups {
        list.push_str(if group == 0 { "(" } else { ", (" });
        for column in 0..width {
            list.push_str(if column == 0 { "?" } else { ", ?" });
        }
        list.push(')');
    }
    AssertSqlSafe(sql.replacen("{}", &list, 1)).into_sql_str()
}

/// A column of all rows.
#[cfg(feature = "postgres")]
enum Column<'a> {
    Text(Vec<Option<&'a str>>),
    Int(Vec<Option<i64>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

/// Rows as columns. The kind of a column is that of its first value; a value of another kind would be a fault of this
/// program and comes as NULL, which no column of such a kind takes.
#[cfg(feature = "postgres")]
fn columns<'a, const N: usize>(rows: &[[Value<'a>; N]]) -> Vec<Column<'a>> {
    let column = |place: usize| {
        let values = || rows.iter().filter_map(move |row| row.get(place).copied());
        match values().next() {
            Some(Value::Int(_) | Value::OptInt(_)) => Column::Int(
                values()
                    .map(|value| match value {
                        Value::Int(number) => Some(number),
                        Value::OptInt(number) => number,
                        _ => None,
                    })
                    .collect(),
            ),
            Some(Value::Bytes(_) | Value::OptBytes(_)) => Column::Bytes(
                values()
                    .map(|value| match value {
                        Value::Bytes(bytes) => Some(bytes),
                        Value::OptBytes(bytes) => bytes,
                        _ => None,
                    })
                    .collect(),
            ),
            _ => Column::Text(
                values()
                    .map(|value| match value {
                        Value::Text(text) => Some(text),
                        Value::OptText(text) => text,
                        _ => None,
                    })
                    .collect(),
            ),
        }
    };
    (0..N).map(column).collect()
}

/// The statement of PostgreSQL with an array for each column. The text holds parameters and no data.
#[cfg(feature = "postgres")]
fn with_arrays(sql: &'static str, columns: &[Column<'_>]) -> SqlStr {
    let (mut arrays, mut names) = (Vec::with_capacity(columns.len()), Vec::with_capacity(columns.len()));
    for (number, column) in (1..).zip(columns) {
        let kind = match column {
            Column::Text(_) => "text",
            Column::Int(_) => "int8",
            Column::Bytes(_) => "bytea",
        };
        arrays.push(format!("${number}::{kind}[]"));
        names.push(format!("column{number}"));
    }
    let rows = format!("SELECT * FROM unnest({}) AS u ({})", arrays.join(", "), names.join(", "));
    let mark = if sql.contains("VALUES {}") { "VALUES {}" } else { "{}" };
    AssertSqlSafe(sql.replacen(mark, &rows, 1)).into_sql_str()
}

impl Row {
    /// Text that is never NULL.
    pub(super) fn text(&self, index: usize) -> Result<String, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
        }
    }

    /// Text or NULL.
    pub(super) fn opt_text(&self, index: usize) -> Result<Option<String>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
        }
    }

    /// A number that is never NULL.
    pub(super) fn int(&self, index: usize) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
        }
    }

    /// A number or NULL.
    pub(super) fn opt_int(&self, index: usize) -> Result<Option<i64>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
        }
    }

    /// Bytes that are never NULL.
    pub(super) fn bytes(&self, index: usize) -> Result<Vec<u8>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_as_many_as_rows() {
        assert_eq!(with_groups("VALUES {}", 2, 3).as_str(), "VALUES (?, ?, ?), (?, ?, ?)");
        assert_eq!(with_groups("DELETE FROM t WHERE a IN ({})", 1, 1).as_str(), "DELETE FROM t WHERE a IN ((?))");
    }

    #[test]
    fn pieces_have_few_sizes_and_lose_nothing() {
        let rows: Vec<usize> = (0..4_096).collect();
        let mut sizes = std::collections::BTreeSet::new();
        for many in (0..600).chain([1_000, 4_096]) {
            let found: Vec<&[usize]> = pieces(&rows[..many]).collect();
            sizes.extend(found.iter().map(|piece| piece.len()));
            assert_eq!(found.concat(), &rows[..many]);
        }
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 64, 128, 256]);
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn arrays_have_the_kinds_of_their_columns() {
        let rows = [
            [Value::OptText(None), Value::Int(1), Value::Bytes(b"x")],
            [Value::Text("a"), Value::OptInt(None), Value::Bytes(b"")],
        ];
        let columns = columns(&rows);
        let all = "SELECT * FROM unnest($1::text[], $2::int8[], $3::bytea[]) AS u (column1, column2, column3)";
        let of = |sql| with_arrays(sql, &columns).as_str().to_owned();
        assert_eq!(of("INSERT INTO t (a, b, c) VALUES {}"), format!("INSERT INTO t (a, b, c) {all}"));
        assert_eq!(of("SELECT 1 FROM (VALUES {}) AS v"), format!("SELECT 1 FROM ({all}) AS v"));
        assert_eq!(of("DELETE FROM t WHERE (a, b, c) IN ({})"), format!("DELETE FROM t WHERE (a, b, c) IN ({all})"));
        let [Column::Text(texts), Column::Int(numbers), Column::Bytes(bytes)] = &columns[..] else {
            panic!("kinds of columns")
        };
        assert_eq!((texts.as_slice(), numbers.as_slice()), (&[None, Some("a")][..], &[Some(1), None][..]));
        assert_eq!(bytes.as_slice(), [Some(&b"x"[..]), Some(&b""[..])]);
    }
}
