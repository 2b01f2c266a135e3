-- The meaning of every column stands in src/registry/mod.rs. Intents have a table of their own because they
-- come and go: it stays small, and a certificate is written once, complete.
CREATE TABLE intent (
    id             TEXT    NOT NULL PRIMARY KEY,
    tracked_entity TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    format         TEXT    NOT NULL,
    content        BLOB    NOT NULL CHECK (length(content) = 32),
    intended_at    INTEGER NOT NULL,
    lease_owner    TEXT    NOT NULL,
    lease_until    INTEGER NOT NULL,
    abandoned_at   INTEGER
) STRICT;

-- A record has at most one open intent.
CREATE UNIQUE INDEX intent_open ON intent (tracked_entity, event, format) WHERE abandoned_at IS NULL;
CREATE INDEX intent_record ON intent (tracked_entity, event);

CREATE TABLE certificate (
    number         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    tracked_entity TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    format         TEXT    NOT NULL,
    content        BLOB    NOT NULL CHECK (length(content) = 32),
    state          TEXT    NOT NULL CHECK (state IN ('signed', 'released')),
    intended_at    INTEGER NOT NULL,
    text           TEXT    NOT NULL,
    kid            BLOB    NOT NULL,
    algorithm      TEXT    NOT NULL,
    issued_at      INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    -- Deferred: the older certificate gives up its place before the newer one takes it.
    supersedes     TEXT REFERENCES certificate (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_by  TEXT REFERENCES certificate (id) DEFERRABLE INITIALLY DEFERRED,
    withdrawn_at   INTEGER,
    -- Derived, so that it cannot disagree with the rest.
    live           INTEGER GENERATED ALWAYS AS (
        CASE WHEN superseded_by IS NULL AND withdrawn_at IS NULL THEN 1 END
    ) STORED
) STRICT;

-- A record has at most one certificate that stands: a unique index takes any number of NULLs, but one 1.
CREATE UNIQUE INDEX certificate_live ON certificate (tracked_entity, event, format, live);
CREATE INDEX certificate_unreleased ON certificate (state, number) WHERE state = 'signed';
-- Foreign keys are looked up from both ends.
CREATE INDEX certificate_supersedes ON certificate (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX certificate_superseded_by ON certificate (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE revocation (
    id     TEXT    NOT NULL PRIMARY KEY REFERENCES certificate (id),
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE INDEX revocation_at ON revocation (at, id);

CREATE TABLE watermark (
    source TEXT NOT NULL PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
