-- The order in which verifier apps of countries fetch signer certificates, one after the other: a certificate that
-- comes back after it was gone stands at the end again, because devices that passed its old place have removed it.
CREATE TABLE app_signer (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the certificate, in hexadecimal.
    print      TEXT    NOT NULL,
    -- Key identifier, base64.
    kid        TEXT    NOT NULL,
    added_at   INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX app_signer_there ON app_signer (print) WHERE removed_at IS NULL;
