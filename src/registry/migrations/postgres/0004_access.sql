-- Who may use the service. A role with which certificates are issued takes effect only after two different people
-- have approved it, none of whom is the account itself (failure F03); the rules stand here, below the program.
CREATE TABLE account (
    -- It begins with whence the account comes: `user:NAME` is local, `dhis2:NAME` and `oidc:NAME` are vouched for.
    name            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    origin          TEXT COLLATE "C" NOT NULL CHECK (origin IN ('local', 'dhis2', 'oidc')),
    -- What the origin knows it by, for ever: a UID of DHIS2, a subject of OpenID Connect, or the name itself.
    subject         TEXT COLLATE "C" NOT NULL,
    -- Names of roles with commas between, in the order of the alphabet; UIDs of org units likewise.
    roles           TEXT COLLATE "C" NOT NULL,
    facilities      TEXT COLLATE "C" NOT NULL,
    issuing         BIGINT NOT NULL CHECK (issuing IN (0, 1)),
    -- For which roles its origin vouches: 0 none, 1 those that do not issue, 2 all, where the configuration says so.
    vouched         BIGINT NOT NULL CHECK (vouched IN (0, 1, 2)),
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'active', 'closed')),
    proposed_by     TEXT COLLATE "C" NOT NULL,
    proposed_at     BIGINT NOT NULL,
    approver_one    TEXT COLLATE "C",
    approved_one_at BIGINT,
    approver_two    TEXT COLLATE "C",
    approved_two_at BIGINT,
    -- Certificates an hour, where it differs from the configuration.
    quota           BIGINT CHECK (quota >= 0),
    closed_by       TEXT COLLATE "C",
    closed_at       BIGINT,
    UNIQUE (origin, subject),
    CHECK (issuing = 1 OR (',' || roles || ',' NOT LIKE '%,facility,%' AND ',' || roles || ',' NOT LIKE '%,operator,%')),
    CHECK (origin = 'local' OR vouched > 0),
    CHECK (origin <> 'local' OR vouched = 0),
    CHECK (proposed_by <> name),
    CHECK (approver_one <> name),
    CHECK (approver_two IS NULL OR approver_one IS NOT NULL),
    CHECK (approver_two <> name AND approver_two <> approver_one),
    CHECK (state <> 'active' OR vouched = 2 OR approver_two IS NOT NULL
        OR (issuing = 0 AND (vouched = 1 OR approver_one IS NOT NULL)))
);

CREATE TABLE access_token (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
    account    TEXT COLLATE "C" NOT NULL REFERENCES account (name),
    label      TEXT COLLATE "C" NOT NULL,
    rights     TEXT COLLATE "C" NOT NULL,
    facilities TEXT COLLATE "C" NOT NULL,
    made_by    TEXT COLLATE "C" NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The day only: an hour would tell where its holder was.
    used_on    BIGINT,
    revoked_by TEXT COLLATE "C",
    revoked_at BIGINT
);
CREATE INDEX access_token_account ON access_token (account);

CREATE TABLE access_session (
    hash    BYTEA NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    account TEXT COLLATE "C" NOT NULL REFERENCES account (name),
    -- The token that it was begun with, whose bounds it keeps.
    token   TEXT COLLATE "C"    REFERENCES access_token (id),
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX access_session_account ON access_session (account);
CREATE INDEX access_session_end ON access_session (ends_at);

-- What was done in a span of time: certificates that an account issued, logins that failed.
CREATE TABLE access_count (
    name      TEXT COLLATE "C" NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    used      BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (name, starts_at)
);
CREATE INDEX access_count_end ON access_count (ends_at);

CREATE TABLE alert (
    number   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('quota', 'off-hours')),
    account  TEXT COLLATE "C" NOT NULL,
    starts_at BIGINT NOT NULL,
    times    BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    seen_by  TEXT COLLATE "C",
    seen_at  BIGINT,
    UNIQUE (kind, account, starts_at)
);
CREATE INDEX alert_open ON alert (number) WHERE seen_at IS NULL;
