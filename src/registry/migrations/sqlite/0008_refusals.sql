-- Records of the source that have no certificate, and why: written by every pass over it, gone when the record is
-- issued. Codes and fields alone: what is wrong is said by tables of the program, and nothing of a person stands here.
CREATE TABLE refusal (
    tracked_entity TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    -- UID of the org unit of the event.
    facility       TEXT,
    -- The certificate that still stands, of a record that was changed after it was issued.
    standing       TEXT,
    first_seen     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL,
    PRIMARY KEY (tracked_entity, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_seen ON refusal (first_seen);

CREATE TABLE refusal_reason (
    tracked_entity TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    place          INTEGER NOT NULL,
    code           TEXT    NOT NULL,
    field          TEXT,
    PRIMARY KEY (tracked_entity, event, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_reason_code ON refusal_reason (code);

-- Names of org units, as the source last told them.
CREATE TABLE facility (
    uid  TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was issued on which day, for charts.
CREATE INDEX certificate_intended ON certificate (intended_at);

-- Operators look certificates up by their event.
CREATE INDEX certificate_event ON certificate (event);
