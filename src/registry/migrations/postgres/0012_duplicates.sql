-- People of the source who have the name and date of birth of somebody else in it, as the last reconciliation found them:
-- for whoever mends the source. UIDs alone; the names were compared in memory.
CREATE TABLE duplicate_person (
    tracked_entity TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- UIDs of the org units where each of the two had a dose first.
    facility       TEXT COLLATE "C",
    other          TEXT COLLATE "C" NOT NULL,
    other_facility TEXT COLLATE "C",
    -- Numbers of the doses for which both hold a certificate, with commas between.
    doses          TEXT COLLATE "C" NOT NULL,
    first_seen     BIGINT NOT NULL
);
