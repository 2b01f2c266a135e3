//! What can go wrong between us and a DHIS2 server, each with what to do about it.
//!
//! Paths in errors are without query string; texts of the server are cut, cleaned and freed of our secrets.

use super::metadata::MetadataError;

/// Why a DHIS2 server could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Dhis2Error {
    /// The base address is unusable.
    #[error("The DHIS2 address is not usable: it {rule}; write it like https://dhis2.example.org/hmis")]
    Address {
        /// What it should be.
        rule: &'static str,
    },
    /// An option is unusable.
    #[error("The DHIS2 option {name} {rule}; correct it in the configuration")]
    Option {
        /// Name of the option.
        name: &'static str,
        /// What it should be.
        rule: &'static str,
    },
    /// A UID that is none.
    #[error("The {what} is not a DHIS2 UID (a letter, then ten letters or digits); correct it in the configuration")]
    NotAUid {
        /// Which one.
        what: &'static str,
    },
    /// 401 that does not speak of ownership.
    #[error(
        "The server did not accept the credentials for {path}; check user and password or the token, its expiry, and that tokens are enabled (2.37 to 2.39: enable.api_token.authentication)"
    )]
    Credentials {
        /// Path asked for.
        path: String,
    },
    /// 401, 403 or 404, according to version, that means: not the owner.
    #[error(
        "The user may not see people of this program for {path} (status {status}): the owning org unit is outside the user's capture scope; give the user the root org unit for data capture"
    )]
    OwnershipDenied {
        /// Path asked for.
        path: String,
        /// HTTP status.
        status: u16,
    },
    /// The program has access level CLOSED.
    #[error("The program is closed to this user for {path}; give the user the owning org unit as capture org unit")]
    ProgramClosed {
        /// Path asked for.
        path: String,
    },
    /// 403 for another reason.
    #[error(
        "The user may not read {path}: {message}; share the program, its stages and its entity type with the user for data reading"
    )]
    Forbidden {
        /// Path asked for.
        path: String,
        /// The server's words.
        message: String,
    },
    /// The user may read, and not write.
    #[error(
        "The user may not write by {path}: {message}; give the user the authority that is named, or share what is written into with the user for data writing"
    )]
    MayNotWrite {
        /// Path that was sent to.
        path: String,
        /// The server's words.
        message: String,
    },
    /// 404.
    #[error("The server has no {path}; check the address and, if the dialect is set by hand, the dialect")]
    NotFound {
        /// Path asked for.
        path: String,
    },
    /// Another 4xx, or 500.
    #[error("The server refused {path} with status {status}{}: {message}; check that program, org units and user belong together", code_text(.code))]
    Refused {
        /// Path asked for.
        path: String,
        /// HTTP status.
        status: u16,
        /// DHIS2 error code.
        code: Option<String>,
        /// The server's words.
        message: String,
    },
    /// A web page instead of data.
    #[error(
        "The server answered {path} with a web page (status {status}) instead of data; check that the address is that of DHIS2 itself and that no portal stands before it"
    )]
    Html {
        /// Path asked for.
        path: String,
        /// HTTP status.
        status: u16,
    },
    /// A redirect to a login page.
    #[error(
        "The server redirects {path} to a login page; check the credentials, and that single sign-on lets API calls through"
    )]
    LoginRedirect {
        /// Path asked for.
        path: String,
    },
    /// A redirect elsewhere. Credentials are never sent after it.
    #[error(
        "The server redirects {path} to {origin}; if that is your DHIS2, write its full address in the configuration"
    )]
    Redirected {
        /// Path asked for.
        path: String,
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The answer ends too early, in every try.
    #[error(
        "The answer to {path} ended early after {received} bytes, {tries} times; use smaller pages or look at time-outs of proxies"
    )]
    Truncated {
        /// Path asked for.
        path: String,
        /// Bytes received the last time.
        received: usize,
        /// Times tried.
        tries: u32,
    },
    /// JSON, but not what this path answers.
    #[error(
        "The answer to {path} is not what DHIS2 answers there (line {line}, column {column}); check the dialect and the server's version"
    )]
    Unexpected {
        /// Path asked for.
        path: String,
        /// Line of the fault, from 1; 0 for the whole.
        line: usize,
        /// Column of the fault, from 1; 0 for the whole.
        column: usize,
    },
    /// More bytes than we read.
    #[error("The answer to {path} is larger than {limit} bytes; use smaller pages")]
    TooLarge {
        /// Path asked for.
        path: String,
        /// Bytes allowed.
        limit: usize,
    },
    /// 429 to the end.
    #[error("The server limits requests to {path} and stayed so for {tries} tries{}; run again later or ask for a higher limit", wait_text(.retry_after))]
    RateLimited {
        /// Path asked for.
        path: String,
        /// Times tried.
        tries: u32,
        /// What `Retry-After` said last, in seconds.
        retry_after: Option<u64>,
    },
    /// 502, 503 or 504 to the end.
    #[error("The server is not available for {path} (status {status}, {tries} tries); run again when it is up")]
    Unavailable {
        /// Path asked for.
        path: String,
        /// HTTP status.
        status: u16,
        /// Times tried.
        tries: u32,
    },
    /// No answer in time.
    #[error("The server did not answer {path} in time, {tries} times; use smaller pages or a longer time-out")]
    Timeout {
        /// Path asked for.
        path: String,
        /// Times tried.
        tries: u32,
    },
    /// No connection.
    #[error(
        "No connection to {host}: {fault} ({tries} tries); check the address, the network and that the server runs"
    )]
    Connect {
        /// Host and port.
        host: String,
        /// What happened.
        fault: ConnectFault,
        /// Times tried.
        tries: u32,
    },
    /// TLS failed.
    #[error(
        "No trusted TLS connection to {host}: {detail}; check the certificate of the server, or add your own authority to the trusted roots"
    )]
    Tls {
        /// Host and port.
        host: String,
        /// What the TLS library said.
        detail: String,
    },
    /// The connection broke before an answer came.
    #[error(
        "The connection broke while asking for {path}, {tries} times; look at the server's log and at proxies between"
    )]
    Broken {
        /// Path asked for.
        path: String,
        /// Times tried.
        tries: u32,
    },
    /// Dates of another calendar.
    #[error(
        "The server uses the calendar {calendar} and certificates need iso8601 dates; read from a server set to iso8601"
    )]
    Calendar {
        /// Name of the calendar.
        calendar: String,
    },
    /// A version that no dialect covers.
    #[error("The server's version {version} is not one from 2.33 on; set the dialect by hand to try nevertheless")]
    UnsupportedVersion {
        /// What the server said.
        version: String,
    },
    /// `/api/system/info` is hidden.
    #[error(
        "The server hides /api/system/info, so its version is unknown; set the dialect by hand: legacy (to 2.35), v36 (2.36 to 2.40), v41 or v42 (2.42 and later)"
    )]
    VersionHidden,
    /// The same page again.
    #[error(
        "The server answered page {page} with the same people as the page before; a proxy may drop the query string, or the page size is too small for a list that moves"
    )]
    SamePage {
        /// Page number asked for.
        page: u32,
    },
    /// Pages without end.
    #[error("The server still had people after {pages} pages; use larger pages")]
    TooManyPages {
        /// Pages read.
        pages: u32,
    },
    /// The user has no org unit.
    #[error("The DHIS2 user has no org unit for data capture and would see nobody; give the user the root org unit")]
    NoOrgUnits,
    /// Metadata that cannot be used.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
}

impl Dhis2Error {
    /// Whether somebody must act before it can succeed: rights, addresses and settings do not mend themselves.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        matches!(
            self,
            Self::Address { .. }
                | Self::Option { .. }
                | Self::NotAUid { .. }
                | Self::Credentials { .. }
                | Self::OwnershipDenied { .. }
                | Self::ProgramClosed { .. }
                | Self::Forbidden { .. }
                | Self::MayNotWrite { .. }
                | Self::LoginRedirect { .. }
                | Self::Redirected { .. }
                | Self::Calendar { .. }
                | Self::UnsupportedVersion { .. }
                | Self::VersionHidden
                | Self::NoOrgUnits
                | Self::Metadata(_)
        )
    }

    /// The same of a request that was to write: who is refused then lacks another right.
    pub(super) fn of_writing(self) -> Self {
        match self {
            Self::Forbidden { path, message } => Self::MayNotWrite { path, message },
            other => other,
        }
    }
}

/// Why no connection came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectFault {
    /// Nobody listens.
    #[error("connection refused")]
    Refused,
    /// The name has no address.
    #[error("the host name has no address")]
    Unresolved,
    /// Anything else on the way.
    #[error("the host cannot be reached")]
    Unreachable,
}

fn code_text(code: &Option<String>) -> String {
    code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default()
}

fn wait_text(seconds: &Option<u64>) -> String {
    seconds.map(|s| format!(" (it asks to wait {s} seconds)")).unwrap_or_default()
}
