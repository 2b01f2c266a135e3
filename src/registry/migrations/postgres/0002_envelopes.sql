-- A certificate of a record comes in one envelope or several: the first stands in its row, as it always did, and
-- the others here. `listed_as` is the name by which revocation lists know an envelope that does not carry the
-- certificate's identifier.
CREATE TABLE envelope (
    certificate TEXT COLLATE "C" NOT NULL REFERENCES certificate (id),
    format      TEXT COLLATE "C" NOT NULL,
    content     BYTEA NOT NULL CHECK (length(content) = 32),
    text        TEXT COLLATE "C" NOT NULL,
    kid         BYTEA NOT NULL,
    algorithm   TEXT COLLATE "C" NOT NULL,
    issued_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    listed_as       TEXT COLLATE "C",
    PRIMARY KEY (certificate, format)
);

ALTER TABLE certificate ADD COLUMN listed_as TEXT COLLATE "C";

-- A record has at most one certificate that stands and at most one open intent, whatever the formats.
DROP INDEX certificate_live;
CREATE UNIQUE INDEX certificate_live ON certificate (tracked_entity, event, live);
DROP INDEX intent_open;
CREATE UNIQUE INDEX intent_open ON intent (tracked_entity, event) WHERE abandoned_at IS NULL;

-- Which formats there are, so that a correction of one that is no longer wanted is still noticed.
INSERT INTO meta (name, value) SELECT 'format eu-dcc', 'eu-dcc' WHERE EXISTS (SELECT 1 FROM certificate);
