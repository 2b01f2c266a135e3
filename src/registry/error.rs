//! What can go wrong with the registry. No variant keeps the database's own message: those quote rows, and
//! rows hold sealed texts; the code of the database says the same without them.

use crate::limits;

/// An error of the registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The URL has a scheme that is none of ours.
    #[error("the registry cannot be opened by the scheme '{scheme}': give a path, sqlite:PATH or postgres://…")]
    Scheme {
        /// What stands before the colon.
        scheme: String,
    },
    /// The URL is not in the form of one.
    #[error("the URL of the registry is broken: give a path, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE")]
    Url,
    /// The URL has a parameter that means nothing.
    #[error("the URL of the registry has the unknown parameter '{name}': remove it")]
    UrlParameter {
        /// Its name, never its value.
        name: String,
    },
    /// A PostgreSQL URL in a program built without it.
    #[error("this program was built without PostgreSQL: use SQLite, or build it with the feature 'postgres'")]
    NoPostgres,
    /// The file or its folder cannot be used.
    #[error("the registry {place} cannot be opened ({kind}): check that the folder exists and belongs to this user")]
    Open {
        /// Path or server.
        place: String,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// Everybody on the machine can read the file.
    #[error("the registry {place} holds personal data and is open to everybody (mode {mode:04o}): chmod 600 it")]
    Exposed {
        /// Path.
        place: String,
        /// Permission bits.
        mode: u32,
    },
    /// A database of another program.
    #[error("{place} is a database of another program: give another path for the registry")]
    Foreign {
        /// Path.
        place: String,
    },
    /// The file is damaged or no database at all.
    #[error("the registry {place} is damaged: stop issuing, keep the file, and restore the last backup")]
    Corrupt {
        /// Path or server.
        place: String,
    },
    /// A newer program wrote it.
    #[error(
        "the registry {place} was made by a newer program (schema {found}, this one knows {known}): \
         use the newer program"
    )]
    Newer {
        /// Path or server.
        place: String,
        /// Its schema version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A schema version that we know has other content.
    #[error("the registry {place} has a schema {version} that no release had: restore it from a backup")]
    Altered {
        /// Path or server.
        place: String,
        /// The version.
        version: i64,
    },
    /// Nothing can be written.
    #[error("the registry {place} cannot be written: check permissions and that its disk is not mounted read-only")]
    ReadOnly {
        /// Path or server.
        place: String,
    },
    /// The disk is full.
    #[error("there is no room left for the registry {place}: free some, then run again, nothing is lost")]
    Full {
        /// Path or server.
        place: String,
    },
    /// Reading or writing the disk failed.
    #[error("the disk of the registry {place} fails (code {code}): check the disk, then run again")]
    Disk {
        /// Path or server.
        place: String,
        /// Code of the database.
        code: String,
    },
    /// Waited too long for another writer or for a connection.
    #[error("the registry {place} was busy for too long: look for another program that holds it, then run again")]
    Locked {
        /// Path or server.
        place: String,
    },
    /// The server cannot be reached, or the connection broke.
    #[error("the registry {place} cannot be reached ({kind}): check that the server runs, then run again")]
    Unreachable {
        /// Server.
        place: String,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The server refused user, password or database.
    #[error(
        "the registry {place} refused the login (code {code}): check user, password and database, and sslcert and \
         sslkey where the server wants a certificate of this program"
    )]
    Denied {
        /// Server.
        place: String,
        /// SQLSTATE.
        code: String,
    },
    /// The connection cannot be encrypted, or not to the server that is meant.
    #[error("no encrypted connection to the registry {place}: {trouble}")]
    Tls {
        /// Server.
        place: String,
        /// What is wrong.
        trouble: TlsTrouble,
    },
    /// A certificate or key that the URL names cannot be used.
    #[error(
        "the file that {parameter} of the registry {place} names cannot be used ({kind}): check the path and its \
         permissions, and that it is PEM"
    )]
    TlsFile {
        /// Server.
        place: String,
        /// Parameter of the URL.
        parameter: &'static str,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// Anything else that the database said.
    #[error("the registry {place} refused a statement (code {code}): report it with this code")]
    Database {
        /// Path or server.
        place: String,
        /// Code of the database, or the kind of the failure.
        code: String,
    },
    /// A stored value that means nothing.
    #[error("the registry {place} holds an unreadable {column}: run a check of the database")]
    Row {
        /// Path or server.
        place: String,
        /// Column.
        column: &'static str,
    },
    /// The tables belong to another user of the database.
    #[error(
        "only the owner of the tables of the registry {place} can empty them: run the command again with a URL that \
         logs in as {owner}; nothing was removed"
    )]
    NotOwner {
        /// Server.
        place: String,
        /// Name of the owner in the database.
        owner: String,
    },
    /// Too many items at once.
    #[error("a batch of {found} is too large for the registry: give at most {most} at once", most = limits::REGISTRY_BATCH)]
    Batch {
        /// How many there were.
        found: usize,
    },
    /// A key that is empty, too long or no plain text.
    #[error(
        "the {field} of item {index} is empty, longer than {most} bytes or has control characters: correct it",
        most = limits::REGISTRY_KEY_BYTES
    )]
    Key {
        /// Position in the batch, from 0.
        index: usize,
        /// Field.
        field: &'static str,
    },
    /// A note that cannot be kept.
    #[error(
        "the note on the revocation is longer than {most} characters or has line ends in it: shorten it",
        most = limits::REVOCATION_NOTE_CHARS
    )]
    Note,
    /// A selection that is too large to be shown and confirmed.
    #[error(
        "more than {most} certificates are selected: narrow the window of time and revoke them in parts",
        most = limits::REVOCATION_SELECTION
    )]
    Selection,
    /// A sealed text or key identifier of an impossible size.
    #[error("the sealed text or key identifier of {id} is empty or too long: sign it again")]
    Text {
        /// Certificate.
        id: String,
    },
    /// Envelopes that are not those of the intent.
    #[error("{id} is sealed in no format, twice in one, or in one that was not claimed: seal what the claim named")]
    Formats {
        /// Certificate.
        id: String,
    },
    /// The identifier is in use already.
    #[error("a new identifier is taken already: check the source of randomness, then run again")]
    IdTaken,
    /// No such certificate.
    #[error("the registry knows no certificate {id}: claim it before signing")]
    Unknown {
        /// Certificate.
        id: String,
    },
    /// Somebody else took the intent over.
    #[error("the lease on {id} ran out and another took it over: throw this signature away")]
    LeaseLost {
        /// Certificate.
        id: String,
    },
    /// A signature is stored already.
    #[error("{id} is sealed already: throw this signature away and use the stored one")]
    AlreadySealed {
        /// Certificate.
        id: String,
    },
    /// Another replica has taken a task over.
    #[error("the turn at the task {name} was taken over by another replica: leave the work to it")]
    TurnLost {
        /// Name of the task.
        name: String,
    },
    /// The record changed or was deleted while it was being signed.
    #[error("the record of {id} changed or was deleted meanwhile: throw this signature away")]
    Abandoned {
        /// Certificate.
        id: String,
    },
}

/// Why there is no TLS to a server of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsTrouble {
    /// The server has none.
    #[error(
        "the server offers no TLS; switch it on there (ssl = on), or write sslmode=disable into the URL if nobody can \
         listen on the way"
    )]
    NotOffered,
    /// A certificate for another name.
    #[error(
        "the server's certificate is for another name than the URL has; write the name of the certificate into the \
         URL, or give the server a certificate for this one"
    )]
    Name,
    /// An issuer that nobody here trusts.
    #[error(
        "the server's certificate was issued by an authority that is not trusted here; name the file of the right \
         authority by sslrootcert in the URL"
    )]
    Issuer,
    /// An expired certificate.
    #[error("the server's certificate has expired; renew it, or set the clock of this machine right")]
    Expired,
    /// A certificate of the future.
    #[error("the server's certificate is not valid yet; set the clocks of both machines right")]
    NotYet,
    /// A certificate that cannot be used for another reason.
    #[error(
        "the server's certificate cannot be used; give it one of version 3 for servers (extended key usage serverAuth)"
    )]
    Certificate,
    /// The server does not take what this program showed.
    #[error(
        "the server does not take the certificate of this program, or wants one; name one that it trusts and its key \
         by sslcert and sslkey in the URL"
    )]
    Ours,
    /// The two do not agree on anything.
    #[error("the server and this program do not agree; this program speaks TLS 1.2 and 1.3")]
    Handshake,
}

/// What the library for TLS said, which arrives as an error of reading: by the names of its variants, for the driver
/// shows no type of it.
fn tls_trouble(io: &std::io::Error) -> Option<TlsTrouble> {
    let inner = format!("{:?}", io.get_ref()?);
    let says = |words: &[&str]| words.iter().any(|word| inner.contains(word));
    Some(if inner.starts_with("InvalidCertificate(") {
        match () {
            () if says(&["NotValidYet"]) => TlsTrouble::NotYet,
            () if says(&["Expired"]) => TlsTrouble::Expired,
            () if says(&["NotValidForName"]) => TlsTrouble::Name,
            () if says(&["UnknownIssuer", "BadSignature"]) => TlsTrouble::Issuer,
            () => TlsTrouble::Certificate,
        }
    } else if inner.starts_with("AlertReceived(") {
        let ours = ["Certificate", "UnknownCA", "AccessDenied", "DecryptError"];
        if says(&ours) { TlsTrouble::Ours } else { TlsTrouble::Handshake }
    } else if says(&["PeerIncompatible", "PeerMisbehaved", "InvalidMessage", "HandshakeFailure"]) {
        TlsTrouble::Handshake
    } else {
        return None;
    })
}

/// Says in our words what the database said.
pub(super) fn explain(place: &str, error: &sqlx::Error) -> RegistryError {
    let place = place.to_owned();
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().map(std::borrow::Cow::into_owned).unwrap_or_default();
            // SQLite has a code of its own for a primary key, PostgreSQL names the constraint.
            if matches!(database.constraint(), Some("intent_pkey" | "certificate_id_key")) {
                return RegistryError::IdTaken;
            }
            if code.len() == 5 && !is_sqlite(database.as_ref()) { postgres(place, code) } else { sqlite(place, code) }
        }
        sqlx::Error::Io(io) => match tls_trouble(io) {
            Some(trouble) => RegistryError::Tls { place, trouble },
            None => RegistryError::Unreachable { place, kind: io.kind() },
        },
        sqlx::Error::PoolTimedOut => RegistryError::Locked { place },
        sqlx::Error::Tls(why) => {
            let offers = !why.to_string().contains("does not support TLS");
            let trouble = if offers { TlsTrouble::Handshake } else { TlsTrouble::NotOffered };
            RegistryError::Tls { place, trouble }
        }
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            RegistryError::Database { place, code: "closed".into() }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            RegistryError::Row { place, column: "value" }
        }
        sqlx::Error::Protocol(_) => RegistryError::Database { place, code: "protocol".into() },
        _ => RegistryError::Database { place, code: "client".into() },
    }
}

fn is_sqlite(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
}

/// SQLite result codes (sqlite.org/rescode.html); the low byte of an extended code is the primary one.
fn sqlite(place: String, code: String) -> RegistryError {
    match code.parse::<u32>().map(|c| c & 0xff) {
        Ok(5 | 6) => RegistryError::Locked { place },
        Ok(8) => RegistryError::ReadOnly { place },
        Ok(10) => RegistryError::Disk { place, code },
        Ok(11 | 26) => RegistryError::Corrupt { place },
        Ok(13) => RegistryError::Full { place },
        Ok(3 | 14 | 23) => RegistryError::Open { place, kind: std::io::ErrorKind::PermissionDenied },
        Ok(19) if code == "1555" => RegistryError::IdTaken,
        _ => RegistryError::Database { place, code },
    }
}

/// SQLSTATE codes (PostgreSQL documentation, appendix A).
fn postgres(place: String, code: String) -> RegistryError {
    match code.as_str() {
        "28000" | "28P01" | "3D000" | "42501" => RegistryError::Denied { place, code },
        "25006" => RegistryError::ReadOnly { place },
        "53100" => RegistryError::Full { place },
        "55P03" | "57014" | "53300" | "40001" | "40P01" => RegistryError::Locked { place },
        "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => {
            RegistryError::Unreachable { place, kind: std::io::ErrorKind::ConnectionAborted }
        }
        "58030" => RegistryError::Disk { place, code },
        "XX001" | "XX002" => RegistryError::Corrupt { place },
        _ => RegistryError::Database { place, code },
    }
}
