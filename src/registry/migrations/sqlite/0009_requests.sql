-- Requests that are sent under a key of the sender's choosing, so that one that is sent again is done once. The meaning
-- of the columns stands in src/registry/requests.rs.
CREATE TABLE request (
    actor       TEXT    NOT NULL,
    key         BLOB    NOT NULL CHECK (length(key) = 32),
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    owner       TEXT    NOT NULL,
    lease_until INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    kind        TEXT,
    answer      TEXT,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_at ON request (at);
