-- What replicas share of their work: recurring tasks, each done by one replica at a time, and jobs that are done once.
-- The meaning of every column stands in src/registry/work/mod.rs. Times are milliseconds since 1970 by the clock of
-- this database, so that a replica with a wrong clock takes nothing from another.
CREATE TABLE task (
    name            TEXT    NOT NULL PRIMARY KEY,
    fence           INTEGER NOT NULL DEFAULT 0,
    owner           TEXT,
    lease_until     INTEGER NOT NULL DEFAULT 0,
    begun_at        INTEGER,
    next_at         INTEGER NOT NULL DEFAULT 0,
    set_at          INTEGER NOT NULL DEFAULT 0,
    done_by         TEXT,
    last_success    INTEGER,
    outcome         TEXT,
    failures        INTEGER NOT NULL DEFAULT 0,
    failing_since   INTEGER,
    trouble         TEXT,
    needs_operator  INTEGER NOT NULL DEFAULT 0,
    successes_total INTEGER NOT NULL DEFAULT 0,
    failures_total  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE job (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    payload       TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'given-up')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    most_attempts INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    due_at        INTEGER,
    set_at        INTEGER NOT NULL,
    expires_at    INTEGER,
    owner         TEXT,
    fence         INTEGER NOT NULL DEFAULT 0,
    outcome       TEXT,
    ended_at      INTEGER,
    CHECK ((due_at IS NULL) = (state IN ('done', 'given-up'))),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
) STRICT;
-- Whatever was asked for twice is done once.
CREATE UNIQUE INDEX job_key ON job (kind, key);
-- Looked at every second by every replica: open jobs alone are in it.
CREATE INDEX job_due ON job (kind, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX job_given_up ON job (kind, number) WHERE state = 'given-up';

-- Which replicas live: each says so again and again, which also shows whether this database can be written.
CREATE TABLE replica (
    name       TEXT    NOT NULL PRIMARY KEY,
    version    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;

-- What is published, so that every replica hands out the same: the bundle, the index, and the files that it names.
CREATE TABLE published (
    name     TEXT    NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    content  BLOB    NOT NULL
) STRICT;
