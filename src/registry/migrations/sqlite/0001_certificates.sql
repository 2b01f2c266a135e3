-- One row a certificate or an intent of one. The meaning of every column stands in src/registry/mod.rs.
CREATE TABLE certificate (
    id             TEXT    NOT NULL PRIMARY KEY,
    tracked_entity TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    format         TEXT    NOT NULL,
    content        BLOB    NOT NULL CHECK (length(content) = 32),
    state          TEXT    NOT NULL CHECK (state IN ('intended', 'abandoned', 'signed', 'released')),
    intended_at    INTEGER NOT NULL,
    lease_owner    TEXT,
    lease_until    INTEGER,
    text           TEXT,
    kid            BLOB,
    algorithm      TEXT,
    issued_at      INTEGER,
    expires_at     INTEGER,
    supersedes     TEXT REFERENCES certificate (id),
    superseded_by  TEXT REFERENCES certificate (id),
    withdrawn_at   INTEGER,
    -- Derived, so that it cannot disagree with the state: a record has at most one certificate that stands
    -- and at most one open intent. Closed rows are NULL, of which a unique index takes any number.
    slot           TEXT GENERATED ALWAYS AS (
        CASE
            WHEN state = 'intended' THEN 'intent'
            WHEN state IN ('signed', 'released') AND superseded_by IS NULL AND withdrawn_at IS NULL THEN 'live'
        END
    ) STORED,
    CHECK ((state = 'intended') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)),
    CHECK ((state IN ('signed', 'released')) = (
        text IS NOT NULL AND kid IS NOT NULL AND algorithm IS NOT NULL
        AND issued_at IS NOT NULL AND expires_at IS NOT NULL
    ))
) STRICT;

CREATE UNIQUE INDEX certificate_slot ON certificate (tracked_entity, event, format, slot);
CREATE INDEX certificate_unreleased ON certificate (id) WHERE state = 'signed';
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
