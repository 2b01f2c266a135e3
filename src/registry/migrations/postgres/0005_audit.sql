-- Who did what, when and why: a log that only grows, each row sealed to the one before by a hash. The meaning of
-- every column and the form that is hashed stand in src/registry/audit/.
CREATE TABLE audit (
    number      BIGINT PRIMARY KEY CHECK (number > 0),
    at          BIGINT NOT NULL,
    actor_kind  TEXT COLLATE "C" NOT NULL,
    actor       TEXT COLLATE "C",
    action      TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C",
    object      TEXT COLLATE "C",
    record      TEXT COLLATE "C",
    reason      TEXT COLLATE "C",
    request     TEXT COLLATE "C",
    details     TEXT COLLATE "C",
    form        BIGINT NOT NULL,
    previous    BYTEA NOT NULL CHECK (length(previous) = 32),
    hash        BYTEA NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX audit_object ON audit (object, number) WHERE object IS NOT NULL;
CREATE INDEX audit_at ON audit (at);

-- Nothing of it is changed or removed, whatever the program above it does.
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

-- Why a certificate is asked for, and the request that asked, on their way to the row of its issue.
ALTER TABLE intent ADD COLUMN reason TEXT COLLATE "C";
ALTER TABLE intent ADD COLUMN request TEXT COLLATE "C";

-- What was issued and revoked before there was this log has no row in it.
INSERT INTO meta (name, value) SELECT 'audit after certificate', CAST(coalesce(max(number), 0) AS TEXT) FROM certificate;
INSERT INTO meta (name, value) SELECT 'audit after revocation', CAST(coalesce(max(number), 0) AS TEXT) FROM revocation;
