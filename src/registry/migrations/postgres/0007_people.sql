-- What lets people fetch their own certificates. The meaning of every column stands in src/registry/people/mod.rs.
-- Marks are HMAC-SHA-256 under a secret of the service: no identifier, date of birth or number is stored.
CREATE TABLE person (
    tracked_entity TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    birth BYTEA NOT NULL CHECK (length(birth) = 32),
    contact BYTEA NOT NULL CHECK (length(contact) IN (0, 32)),
    language TEXT COLLATE "C",
    seen_at BIGINT NOT NULL
);

CREATE TABLE person_identifier (
    kind TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL CHECK (length(mark) = 32),
    tracked_entity TEXT COLLATE "C" NOT NULL REFERENCES person (tracked_entity) ON DELETE CASCADE,
    birth BYTEA NOT NULL CHECK (length(birth) = 32),
    PRIMARY KEY (kind, mark, tracked_entity)
);
CREATE INDEX person_identifier_of ON person_identifier (tracked_entity);

CREATE TABLE code_request (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    kind TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL,
    births BYTEA NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('asked', 'taken', 'sent', 'ended')),
    code BYTEA NOT NULL CHECK (length(code) IN (0, 32)),
    contact BYTEA NOT NULL,
    tries BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);
CREATE INDEX code_request_work ON code_request (state, asked_at);
CREATE INDEX code_request_end ON code_request (ends_at);

CREATE TABLE code_request_person (
    request BYTEA NOT NULL REFERENCES code_request (id) ON DELETE CASCADE,
    tracked_entity TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (request, tracked_entity)
);

CREATE TABLE allowance (
    name TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL,
    full_at BIGINT NOT NULL,
    PRIMARY KEY (name, mark)
);
CREATE INDEX allowance_full ON allowance (full_at);

CREATE TABLE citizen_session (
    token BYTEA NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    contact BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX citizen_session_seen ON citizen_session (seen_at);

CREATE TABLE citizen_session_person (
    session BYTEA NOT NULL REFERENCES citizen_session (token) ON DELETE CASCADE,
    tracked_entity TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (session, tracked_entity)
);

CREATE TABLE person_link (
    token BYTEA NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    tracked_entity TEXT COLLATE "C" NOT NULL,
    tries BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX person_link_end ON person_link (ends_at);

CREATE TABLE notice (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ready', 'expires')),
    certificate TEXT COLLATE "C" NOT NULL,
    tracked_entity TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unsure', 'ended')),
    tries BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    UNIQUE (kind, certificate)
);
CREATE INDEX notice_work ON notice (next_at) WHERE state = 'waiting';

CREATE TABLE citizen_case (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
    tracked_entity TEXT COLLATE "C",
    certificate TEXT COLLATE "C",
    text TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX citizen_case_state ON citizen_case (state, number);
CREATE INDEX citizen_case_person ON citizen_case (tracked_entity) WHERE tracked_entity IS NOT NULL;

CREATE TABLE citizen_case_step (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    citizen_case BIGINT NOT NULL REFERENCES citizen_case (number),
    state TEXT COLLATE "C" NOT NULL,
    operator TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX citizen_case_step_of ON citizen_case_step (citizen_case, number);
CREATE FUNCTION citizen_case_step_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the history of a case only grows'; END $$;
CREATE TRIGGER citizen_case_step_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON citizen_case_step
    FOR EACH STATEMENT EXECUTE FUNCTION citizen_case_step_only_grows();

-- What is due for a notice that it expires.
CREATE INDEX certificate_expires ON certificate (expires_at) WHERE live IS NOT NULL AND revoked IS NULL;
