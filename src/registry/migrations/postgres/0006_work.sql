-- What replicas share of their work: recurring tasks, each done by one replica at a time, and jobs that are done once.
-- The meaning of every column stands in src/registry/work/mod.rs. Times are milliseconds since 1970 by the clock of
-- this database, so that a replica with a wrong clock takes nothing from another.
CREATE TABLE task (
    name            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    fence           BIGINT NOT NULL DEFAULT 0,
    owner           TEXT COLLATE "C",
    lease_until     BIGINT NOT NULL DEFAULT 0,
    begun_at        BIGINT,
    next_at         BIGINT NOT NULL DEFAULT 0,
    set_at          BIGINT NOT NULL DEFAULT 0,
    done_by         TEXT COLLATE "C",
    last_success    BIGINT,
    outcome         TEXT COLLATE "C",
    failures        BIGINT NOT NULL DEFAULT 0,
    failing_since   BIGINT,
    trouble         TEXT COLLATE "C",
    needs_operator  BIGINT NOT NULL DEFAULT 0,
    successes_total BIGINT NOT NULL DEFAULT 0,
    failures_total  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE job (
    number        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    payload       TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'given-up')),
    attempts      BIGINT NOT NULL DEFAULT 0,
    most_attempts BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    due_at        BIGINT,
    set_at        BIGINT NOT NULL,
    expires_at    BIGINT,
    owner         TEXT COLLATE "C",
    fence         BIGINT NOT NULL DEFAULT 0,
    outcome       TEXT COLLATE "C",
    ended_at      BIGINT,
    CHECK ((due_at IS NULL) = (state IN ('done', 'given-up'))),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
);
-- Whatever was asked for twice is done once.
CREATE UNIQUE INDEX job_key ON job (kind, key);
-- Looked at every second by every replica: open jobs alone are in it.
CREATE INDEX job_due ON job (kind, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX job_given_up ON job (kind, number) WHERE state = 'given-up';

-- Which replicas live: each says so again and again, which also shows whether this database can be written.
CREATE TABLE replica (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version    TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

-- What is published, so that every replica hands out the same: the bundle, the index, and the files that it names.
CREATE TABLE published (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    content  BYTEA NOT NULL
);
