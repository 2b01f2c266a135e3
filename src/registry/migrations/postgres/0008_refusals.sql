-- Records of the source that have no certificate, and why: written by every pass over it, gone when the record is
-- issued. Codes and fields alone: what is wrong is said by tables of the program, and nothing of a person stands here.
CREATE TABLE refusal (
    tracked_entity TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    -- UID of the org unit of the event.
    facility TEXT COLLATE "C",
    -- The certificate that still stands, of a record that was changed after it was issued.
    standing TEXT COLLATE "C",
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (tracked_entity, event)
);
CREATE INDEX refusal_seen ON refusal (first_seen);

CREATE TABLE refusal_reason (
    tracked_entity TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C",
    PRIMARY KEY (tracked_entity, event, place)
);
CREATE INDEX refusal_reason_code ON refusal_reason (code);

-- Names of org units, as the source last told them.
CREATE TABLE facility (
    uid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL
);

-- What was issued on which day, for charts.
CREATE INDEX certificate_intended ON certificate (intended_at);

-- Operators look certificates up by their event.
CREATE INDEX certificate_event ON certificate (event);
