-- Who did what, when and why: a log that only grows, each row sealed to the one before by a hash. The meaning of
-- every column and the form that is hashed stand in src/registry/audit/.
CREATE TABLE audit (
    number      INTEGER PRIMARY KEY CHECK (number > 0),
    at          INTEGER NOT NULL,
    actor_kind  TEXT    NOT NULL,
    actor       TEXT,
    action      TEXT    NOT NULL,
    object_kind TEXT,
    object      TEXT,
    record      TEXT,
    reason      TEXT,
    request     TEXT,
    details     TEXT,
    form        INTEGER NOT NULL,
    previous    BLOB    NOT NULL CHECK (length(previous) = 32),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_object ON audit (object, number) WHERE object IS NOT NULL;
CREATE INDEX audit_at ON audit (at);

-- Nothing of it is changed or removed, whatever the program above it does.
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER audit_lasts BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

-- Why a certificate is asked for, and the request that asked, on their way to the row of its issue.
ALTER TABLE intent ADD COLUMN reason TEXT;
ALTER TABLE intent ADD COLUMN request TEXT;

-- What was issued and revoked before there was this log has no row in it.
INSERT INTO meta (name, value) SELECT 'audit after certificate', CAST(coalesce(max(number), 0) AS TEXT) FROM certificate;
INSERT INTO meta (name, value) SELECT 'audit after revocation', CAST(coalesce(max(number), 0) AS TEXT) FROM revocation;
