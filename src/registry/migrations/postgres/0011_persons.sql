-- By what accounts are known to be one person's, whose approval counts once (failure F03). A mark is a keyed hash of what
-- an origin tells of the person, an e-mail address for example; nothing can be read from it. Marks only grow: whoever was
-- one person stays one.
CREATE TABLE account_person (
    account TEXT COLLATE "C" NOT NULL REFERENCES account (name),
    mark    BYTEA NOT NULL CHECK (length(mark) = 32),
    PRIMARY KEY (account, mark)
);
CREATE INDEX account_person_mark ON account_person (mark);
