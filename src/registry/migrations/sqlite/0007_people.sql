-- What lets people fetch their own certificates. The meaning of every column stands in src/registry/people/mod.rs.
-- Marks are HMAC-SHA-256 under a secret of the service: no identifier, date of birth or number is stored.
CREATE TABLE person (
    tracked_entity TEXT    NOT NULL PRIMARY KEY,
    birth          BLOB    NOT NULL CHECK (length(birth) = 32),
    contact        BLOB    NOT NULL CHECK (length(contact) IN (0, 32)),
    language       TEXT,
    seen_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person_identifier (
    kind           TEXT NOT NULL,
    mark           BLOB NOT NULL CHECK (length(mark) = 32),
    tracked_entity TEXT NOT NULL REFERENCES person (tracked_entity) ON DELETE CASCADE,
    birth          BLOB NOT NULL CHECK (length(birth) = 32),
    PRIMARY KEY (kind, mark, tracked_entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_identifier_of ON person_identifier (tracked_entity);

CREATE TABLE code_request (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    kind           TEXT    NOT NULL,
    mark           BLOB    NOT NULL,
    births         BLOB    NOT NULL,
    language       TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('asked', 'taken', 'sent', 'ended')),
    code           BLOB    NOT NULL CHECK (length(code) IN (0, 32)),
    contact        BLOB    NOT NULL,
    tries          INTEGER NOT NULL,
    asked_at       INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL,
    lease_until    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX code_request_work ON code_request (state, asked_at);
CREATE INDEX code_request_end ON code_request (ends_at);

CREATE TABLE code_request_person (
    request        BLOB NOT NULL REFERENCES code_request (id) ON DELETE CASCADE,
    tracked_entity TEXT NOT NULL,
    PRIMARY KEY (request, tracked_entity)
) STRICT, WITHOUT ROWID;

CREATE TABLE allowance (
    name    TEXT    NOT NULL,
    mark    BLOB    NOT NULL,
    full_at INTEGER NOT NULL,
    PRIMARY KEY (name, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX allowance_full ON allowance (full_at);

CREATE TABLE citizen_session (
    token   BLOB    NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    contact BLOB    NOT NULL,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX citizen_session_seen ON citizen_session (seen_at);

CREATE TABLE citizen_session_person (
    session        BLOB    NOT NULL REFERENCES citizen_session (token) ON DELETE CASCADE,
    tracked_entity TEXT    NOT NULL,
    place          INTEGER NOT NULL,
    PRIMARY KEY (session, tracked_entity)
) STRICT, WITHOUT ROWID;

CREATE TABLE person_link (
    token          BLOB    NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    tracked_entity TEXT    NOT NULL,
    tries          INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX person_link_end ON person_link (ends_at);

CREATE TABLE notice (
    number         INTEGER PRIMARY KEY,
    kind           TEXT    NOT NULL CHECK (kind IN ('ready', 'expires')),
    certificate    TEXT    NOT NULL,
    tracked_entity TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unsure', 'ended')),
    tries          INTEGER NOT NULL,
    made_at        INTEGER NOT NULL,
    next_at        INTEGER NOT NULL,
    UNIQUE (kind, certificate)
) STRICT;
CREATE INDEX notice_work ON notice (next_at) WHERE state = 'waiting';

CREATE TABLE citizen_case (
    number         INTEGER PRIMARY KEY,
    reference      TEXT    NOT NULL UNIQUE,
    kind           TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
    tracked_entity TEXT,
    certificate    TEXT,
    text           TEXT    NOT NULL,
    made_at        INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX citizen_case_state ON citizen_case (state, number);
CREATE INDEX citizen_case_person ON citizen_case (tracked_entity) WHERE tracked_entity IS NOT NULL;

CREATE TABLE citizen_case_step (
    number         INTEGER PRIMARY KEY,
    citizen_case   INTEGER NOT NULL REFERENCES citizen_case (number),
    state          TEXT    NOT NULL,
    operator       TEXT    NOT NULL,
    note           TEXT    NOT NULL,
    at             INTEGER NOT NULL
) STRICT;
CREATE INDEX citizen_case_step_of ON citizen_case_step (citizen_case, number);
CREATE TRIGGER citizen_case_step_stays BEFORE UPDATE ON citizen_case_step
    BEGIN SELECT RAISE(ABORT, 'the history of a case only grows'); END;
CREATE TRIGGER citizen_case_step_lasts BEFORE DELETE ON citizen_case_step
    BEGIN SELECT RAISE(ABORT, 'the history of a case only grows'); END;

-- What is due for a notice that it expires.
CREATE INDEX certificate_expires ON certificate (expires_at) WHERE live IS NOT NULL AND revoked IS NULL;
