-- Where a certificate came from, so that everything of one facility, of one operator or of one batch of vaccine can
-- be taken back. Rows that were there before have none of it: unknown, and never guessed.
ALTER TABLE intent ADD COLUMN facility TEXT COLLATE "C";
ALTER TABLE intent ADD COLUMN operator TEXT COLLATE "C";
ALTER TABLE intent ADD COLUMN lot TEXT COLLATE "C";
ALTER TABLE intent ADD COLUMN given_on TEXT COLLATE "C";
ALTER TABLE certificate ADD COLUMN facility TEXT COLLATE "C";
ALTER TABLE certificate ADD COLUMN operator TEXT COLLATE "C";
ALTER TABLE certificate ADD COLUMN lot TEXT COLLATE "C";
ALTER TABLE certificate ADD COLUMN given_on TEXT COLLATE "C";
-- The reason of the latest record of the log, if that one revokes.
ALTER TABLE certificate ADD COLUMN revoked TEXT COLLATE "C";

-- A log that only grows: taking a revocation back is a record of its own.
ALTER TABLE revocation RENAME TO earlier;
DROP INDEX revocation_at;
CREATE TABLE revocation (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    certificate TEXT COLLATE "C" NOT NULL REFERENCES certificate (id),
    action      TEXT COLLATE "C" NOT NULL CHECK (action IN ('revoke', 'undo')),
    reason      TEXT COLLATE "C" NOT NULL,
    note        TEXT COLLATE "C",
    operator    TEXT COLLATE "C",
    bulk        TEXT COLLATE "C",
    at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX revocation_certificate ON revocation (certificate, number);
CREATE INDEX revocation_bulk ON revocation (bulk, number) WHERE bulk IS NOT NULL;
INSERT INTO revocation (certificate, action, reason, at) SELECT id, 'revoke', reason, at FROM earlier ORDER BY at, id;
UPDATE certificate SET revoked = earlier.reason FROM earlier WHERE earlier.id = certificate.id;
DROP TABLE earlier;

-- Nothing of the log is changed or removed, whatever the program above it does.
CREATE FUNCTION revocation_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$;
CREATE TRIGGER revocation_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON revocation
    FOR EACH STATEMENT EXECUTE FUNCTION revocation_only_grows();

-- What of it the EU gateway was told, or is to be told: batches of hashes, each of one key and one kind of hash.
CREATE TABLE gateway_batch (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway_id  TEXT COLLATE "C" UNIQUE,
    kid         BYTEA NOT NULL,
    hash_kind   TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('to-upload', 'uploaded', 'to-delete', 'deleted')),
    -- The batch that holds the rest of this one: it is uploaded first.
    replaced_by BIGINT REFERENCES gateway_batch (number),
    -- When its upload was first begun: it may be at the gateway although nobody noted it.
    begun_at    BIGINT,
    changed_at  BIGINT NOT NULL
);
CREATE INDEX gateway_batch_work ON gateway_batch (state, number);

CREATE TABLE gateway_entry (
    batch       BIGINT NOT NULL REFERENCES gateway_batch (number),
    hash        BYTEA NOT NULL CHECK (length(hash) = 16),
    certificate TEXT COLLATE "C" NOT NULL REFERENCES certificate (id),
    PRIMARY KEY (batch, hash)
);
CREATE INDEX gateway_entry_certificate ON gateway_entry (certificate);
