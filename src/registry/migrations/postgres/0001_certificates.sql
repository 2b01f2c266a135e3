-- The meaning of every column stands in src/registry/mod.rs. Intents have a table of their own because they
-- come and go: it stays small, and a certificate is written once, complete.
CREATE TABLE intent (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tracked_entity TEXT COLLATE "C" NOT NULL,
    event          TEXT COLLATE "C" NOT NULL,
    format         TEXT COLLATE "C" NOT NULL,
    content        BYTEA NOT NULL CHECK (length(content) = 32),
    intended_at    BIGINT NOT NULL,
    lease_owner    TEXT COLLATE "C" NOT NULL,
    lease_until    BIGINT NOT NULL,
    abandoned_at   BIGINT
);

-- A record has at most one open intent.
CREATE UNIQUE INDEX intent_open ON intent (tracked_entity, event, format) WHERE abandoned_at IS NULL;
CREATE INDEX intent_record ON intent (tracked_entity, event);

CREATE TABLE certificate (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             TEXT COLLATE "C" NOT NULL UNIQUE,
    tracked_entity TEXT COLLATE "C" NOT NULL,
    event          TEXT COLLATE "C" NOT NULL,
    format         TEXT COLLATE "C" NOT NULL,
    content        BYTEA NOT NULL CHECK (length(content) = 32),
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('signed', 'released')),
    intended_at    BIGINT NOT NULL,
    text           TEXT COLLATE "C" NOT NULL,
    kid            BYTEA NOT NULL,
    algorithm      TEXT COLLATE "C" NOT NULL,
    issued_at      BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    -- Deferred: the older certificate gives up its place before the newer one takes it.
    supersedes     TEXT COLLATE "C" REFERENCES certificate (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_by  TEXT COLLATE "C" REFERENCES certificate (id) DEFERRABLE INITIALLY DEFERRED,
    withdrawn_at   BIGINT,
    -- Derived, so that it cannot disagree with the rest.
    live           BIGINT GENERATED ALWAYS AS (
        CASE WHEN superseded_by IS NULL AND withdrawn_at IS NULL THEN 1 END
    ) STORED
);

-- A record has at most one certificate that stands: a unique index takes any number of NULLs, but one 1.
CREATE UNIQUE INDEX certificate_live ON certificate (tracked_entity, event, format, live);
CREATE INDEX certificate_unreleased ON certificate (state, number) WHERE state = 'signed';
-- Foreign keys are looked up from both ends.
CREATE INDEX certificate_supersedes ON certificate (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX certificate_superseded_by ON certificate (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE revocation (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES certificate (id),
    reason TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL
);

CREATE INDEX revocation_at ON revocation (at, id);

CREATE TABLE watermark (
    source TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
