-- Where a certificate came from, so that everything of one facility, of one operator or of one batch of vaccine can
-- be taken back. Rows that were there before have none of it: unknown, and never guessed.
ALTER TABLE intent ADD COLUMN facility TEXT;
ALTER TABLE intent ADD COLUMN operator TEXT;
ALTER TABLE intent ADD COLUMN lot TEXT;
ALTER TABLE intent ADD COLUMN given_on TEXT;
ALTER TABLE certificate ADD COLUMN facility TEXT;
ALTER TABLE certificate ADD COLUMN operator TEXT;
ALTER TABLE certificate ADD COLUMN lot TEXT;
ALTER TABLE certificate ADD COLUMN given_on TEXT;
-- The reason of the latest record of the log, if that one revokes.
ALTER TABLE certificate ADD COLUMN revoked TEXT;

-- A log that only grows: taking a revocation back is a record of its own.
ALTER TABLE revocation RENAME TO earlier;
DROP INDEX revocation_at;
CREATE TABLE revocation (
    number      INTEGER PRIMARY KEY,
    certificate TEXT    NOT NULL REFERENCES certificate (id),
    action      TEXT    NOT NULL CHECK (action IN ('revoke', 'undo')),
    reason      TEXT    NOT NULL,
    note        TEXT,
    operator    TEXT,
    bulk        TEXT,
    at          INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX revocation_certificate ON revocation (certificate, number);
CREATE INDEX revocation_bulk ON revocation (bulk, number) WHERE bulk IS NOT NULL;
INSERT INTO revocation (certificate, action, reason, at) SELECT id, 'revoke', reason, at FROM earlier ORDER BY at, id;
UPDATE certificate SET revoked = (SELECT reason FROM earlier WHERE earlier.id = certificate.id)
    WHERE id IN (SELECT id FROM earlier);
DROP TABLE earlier;

-- Nothing of the log is changed or removed, whatever the program above it does.
CREATE TRIGGER revocation_stays BEFORE UPDATE ON revocation BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER revocation_lasts BEFORE DELETE ON revocation BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

-- What of it the EU gateway was told, or is to be told: batches of hashes, each of one key and one kind of hash.
CREATE TABLE gateway_batch (
    number      INTEGER PRIMARY KEY,
    gateway_id  TEXT UNIQUE,
    kid         BLOB    NOT NULL,
    hash_kind   TEXT    NOT NULL,
    expires_at  INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('to-upload', 'uploaded', 'to-delete', 'deleted')),
    -- The batch that holds the rest of this one: it is uploaded first.
    replaced_by INTEGER REFERENCES gateway_batch (number),
    -- When its upload was first begun: it may be at the gateway although nobody noted it.
    begun_at    INTEGER,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX gateway_batch_work ON gateway_batch (state, number);

CREATE TABLE gateway_entry (
    batch       INTEGER NOT NULL REFERENCES gateway_batch (number),
    hash        BLOB    NOT NULL CHECK (length(hash) = 16),
    certificate TEXT    NOT NULL REFERENCES certificate (id),
    PRIMARY KEY (batch, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX gateway_entry_certificate ON gateway_entry (certificate);
