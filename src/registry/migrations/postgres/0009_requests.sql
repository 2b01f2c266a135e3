-- Requests that are sent under a key of the sender's choosing, so that one that is sent again is done once. The meaning
-- of the columns stands in src/registry/requests.rs.
CREATE TABLE request (
    actor       TEXT COLLATE "C" NOT NULL,
    key         BYTEA  NOT NULL CHECK (length(key) = 32),
    digest      BYTEA  NOT NULL CHECK (length(digest) = 32),
    owner       TEXT COLLATE "C" NOT NULL,
    lease_until BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT COLLATE "C",
    answer      TEXT,
    PRIMARY KEY (actor, key)
);
CREATE INDEX request_at ON request (at);
