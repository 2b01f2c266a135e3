//! The client: one server, one user, one dialect once it is known.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use super::auth::Auth;
use super::dialect::{Dialect, Params, ServerVersion};
use super::error::Dhis2Error;
use super::metadata::{OptionSet, ProgramMetadata};
use super::page::{Pager, Query};
use super::transport::{Retry, Transport};
use crate::limits;
use crate::source::model::OrgUnit;

/// How to reach a server.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Address with context path, with or without `/` or `/api` at the end.
    pub base_url: String,
    /// Credentials.
    pub auth: Auth,
    /// The dialect, where the server hides its version or is known to differ; otherwise it is asked.
    pub dialect: Option<Dialect>,
    /// Allow `http:` to hosts other than this machine. Credentials and records then travel in clear.
    pub allow_plain_http: bool,
    /// Certificates (PEM) of authorities to trust besides those of the system.
    pub extra_roots_pem: Vec<u8>,
    /// Time to wait for a connection.
    pub connect_timeout: Duration,
    /// Time to wait for the next bytes of an answer.
    pub read_timeout: Duration,
    /// Time for one whole answer.
    pub request_timeout: Duration,
    /// When to ask again.
    pub retry: Retry,
    /// Name of this program for the server's log.
    pub user_agent: String,
    /// Seed of the waiting times; `None` takes one from the system.
    pub jitter_seed: Option<u64>,
}

impl ClientOptions {
    /// Options with sane defaults.
    #[must_use]
    pub fn new(base_url: impl Into<String>, auth: Auth) -> Self {
        Self {
            base_url: base_url.into(),
            auth,
            dialect: None,
            allow_plain_http: false,
            extra_roots_pem: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(300),
            retry: Retry::default(),
            user_agent: concat!("vaccert/", env!("CARGO_PKG_VERSION")).to_owned(),
            jitter_seed: None,
        }
    }
}

/// What a server says about itself (`/api/system/info`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemInfo {
    /// Version, such as `2.41.0`.
    pub version: String,
    /// Revision of the build.
    #[serde(default)]
    pub revision: Option<String>,
    /// Time zone in which all tracker time stamps are written.
    #[serde(default)]
    pub server_time_zone_id: Option<String>,
    /// The server's time, in that zone.
    #[serde(default)]
    pub server_date: Option<String>,
    /// Calendar of the server's dates.
    #[serde(default)]
    pub calendar: Option<String>,
}

/// What the user may see (`/api/me`). Missing access often looks like a short list, not like an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Me {
    /// Org units for data capture.
    pub organisation_units: Vec<OrgUnit>,
    /// Authorities.
    pub authorities: Vec<String>,
}

impl Me {
    /// Whether the user may search everywhere, whatever the org units.
    #[must_use]
    pub fn sees_all_org_units(&self) -> bool {
        self.authorities.iter().any(|a| a == "ALL" || a == "F_TRACKED_ENTITY_INSTANCE_SEARCH_IN_ALL_ORGUNITS")
    }

    /// The topmost capture org units: those that lie under no other one.
    #[must_use]
    pub fn root_org_units(&self) -> Vec<String> {
        let all = &self.organisation_units;
        let under = |a: &OrgUnit, b: &OrgUnit| match (&a.path, &b.path) {
            (Some(a), Some(b)) => a.strip_prefix(b.as_str()).is_some_and(|rest| rest.starts_with('/')),
            _ => false,
        };
        all.iter().filter(|a| !all.iter().any(|b| under(a, b))).map(|a| a.id.clone()).collect()
    }
}

/// A tracker program's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProgramSummary {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    #[serde(default)]
    pub code: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: String,
}

/// Looked-up metadata; each map is emptied when it reaches [`limits::DHIS2_CACHE_ENTRIES`].
#[derive(Default)]
pub(super) struct Cache {
    /// `None`: the server has no such org unit, or does not show it.
    pub(super) org_units: HashMap<String, Option<OrgUnit>>,
    pub(super) option_sets: HashMap<String, OptionSet>,
    pub(super) programs: HashMap<String, ProgramMetadata>,
}

/// A client of one DHIS2 server.
pub struct Client {
    transport: Transport,
    chosen: Option<Dialect>,
    found: Mutex<Option<Dialect>>,
    cache: Mutex<Cache>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({:?})", *self.found())
    }
}

/// A connection of these options, and the address that it leads to. Nothing is asked yet.
pub(super) fn connection(options: &ClientOptions) -> Result<(reqwest::Client, Url), Dhis2Error> {
    let base = base_url(&options.base_url, options.allow_plain_http)?;
    if options.retry.tries == 0 {
        return Err(Dhis2Error::Option { name: "tries", rule: "is at least 1" });
    }
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .gzip(true)
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.read_timeout)
        .timeout(options.request_timeout)
        .user_agent(options.user_agent.clone());
    if is_this_machine(&base) {
        // A proxy for the outside world cannot reach this machine.
        builder = builder.no_proxy();
    }
    if !options.extra_roots_pem.is_empty() {
        let rule = "is not a list of certificates in PEM form";
        let roots = reqwest::Certificate::from_pem_bundle(&options.extra_roots_pem)
            .map_err(|_| Dhis2Error::Option { name: "extra_roots_pem", rule })?;
        if roots.is_empty() {
            return Err(Dhis2Error::Option { name: "extra_roots_pem", rule });
        }
        builder = builder.tls_certs_merge(roots);
    }
    let http = builder.build().map_err(|_| Dhis2Error::Option {
        name: "user_agent",
        rule: "or the trusted roots cannot be used by the HTTP library",
    })?;
    Ok((http, base))
}

impl Client {
    /// Prepares a client. Nothing is asked yet.
    ///
    /// # Errors
    /// When an option is unusable: the address, credentials that no header can carry, plain `http:` to another
    /// machine, certificates that are not PEM.
    pub fn new(options: ClientOptions) -> Result<Self, Dhis2Error> {
        let (http, base) = connection(&options)?;
        // A system without randomness only loses the spread of waiting times.
        let seed = options.jitter_seed.or_else(|| getrandom::u64().ok()).unwrap_or_default();
        Ok(Self {
            transport: Transport::new(http, base, options.auth, options.retry, seed)?,
            chosen: options.dialect,
            found: Mutex::new(options.dialect),
            cache: Mutex::default(),
        })
    }

    /// The dialect: as chosen, or as the server's version says (asked once).
    ///
    /// # Errors
    /// When the server cannot be asked, hides its version, or is older than 2.33.
    pub async fn dialect(&self) -> Result<Dialect, Dhis2Error> {
        let known = *self.found();
        if let Some(known) = known {
            return Ok(known);
        }
        let version: ServerVersion = self.system_info().await?.version.parse()?;
        let dialect = Dialect::of(&version)?;
        *self.found() = Some(dialect);
        tracing::info!(%version, ?dialect, "DHIS2 found");
        Ok(dialect)
    }

    /// What the server says about itself.
    ///
    /// # Errors
    /// When it hides that, cannot be asked, or counts its days by another calendar than iso8601.
    pub async fn system_info(&self) -> Result<SystemInfo, Dhis2Error> {
        let info: SystemInfo = match self.get("/api/system/info", &Vec::new(), limits::DHIS2_ERROR_BYTES).await {
            Err(Dhis2Error::NotFound { .. } | Dhis2Error::Forbidden { .. }) => return Err(Dhis2Error::VersionHidden),
            other => other?,
        };
        match info.calendar.as_deref() {
            None | Some("iso8601" | "gregorian") => Ok(info),
            Some(other) => Err(Dhis2Error::Calendar { calendar: super::answer::clean(other, 40) }),
        }
    }

    /// The server's clock, to the second: the header `Date` of an answer (RFC 9110 section 6.6.1), of whatever stands
    /// before DHIS2 if anything does. `serverDate` is no such clock: it carries no zone. `None` when no answer came,
    /// or one without the header.
    pub async fn server_time(&self) -> Option<jiff::Timestamp> {
        self.transport.date("/api/system/info").await
    }

    /// What the user may see.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn me(&self) -> Result<Me, Dhis2Error> {
        let fields = "id,organisationUnits[id,code,name,path,level],authorities";
        self.get("/api/me", &vec![("fields", fields.to_owned())], limits::DHIS2_METADATA_BYTES).await
    }

    /// The topmost org units of the user: the natural place to look for people.
    ///
    /// # Errors
    /// When the server cannot be asked, or the user has none.
    pub async fn root_org_units(&self) -> Result<Vec<String>, Dhis2Error> {
        let roots = self.me().await?.root_org_units();
        if roots.is_empty() { Err(Dhis2Error::NoOrgUnits) } else { Ok(roots) }
    }

    /// All people of a program, or those changed after a time, page by page. Where a changed event does not
    /// move its person (Legacy, 2.36 to 2.40) and a time is given, events are listed too.
    ///
    /// # Errors
    /// When the query is unusable; everything else comes with the pages.
    pub fn people(&self, query: Query) -> Result<Pager<'_>, Dhis2Error> {
        Pager::new(self, query)
    }

    /// The connection.
    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// One GET in JSON.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Params,
        limit: usize,
    ) -> Result<T, Dhis2Error> {
        self.transport.get(path, params, limit).await
    }

    /// Takes the legacy dialect from now on, where the server's version allows that and nobody chose another.
    pub(super) fn fall_back(&self, from: Dialect) -> bool {
        let may = self.chosen.is_none() && from.may_fall_back();
        if may {
            tracing::warn!("This DHIS2 lacks the tracker endpoints of its version; the legacy ones are used");
            *self.found() = Some(Dialect::Legacy);
        }
        may
    }

    fn found(&self) -> MutexGuard<'_, Option<Dialect>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the address; `/`, `/api` and `/api/40` at its end are dropped.
fn base_url(text: &str, allow_plain_http: bool) -> Result<Url, Dhis2Error> {
    let wrong = |rule| Dhis2Error::Address { rule };
    let mut url = Url::parse(text.trim()).map_err(|_| wrong("is no absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("may not hold credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("may not hold a query or a fragment"));
    }
    if url.host().is_none() {
        return Err(wrong("names no host"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) || allow_plain_http => {}
        "http" => return Err(wrong("would send credentials and records in clear (allow_plain_http permits that)")),
        _ => return Err(wrong("is neither https nor http")),
    }
    let path = url.path().trim_end_matches('/');
    let unversioned = match path.rsplit_once('/') {
        Some((front, number)) if front.ends_with("/api") && number.parse::<u16>().is_ok() => front,
        _ => path,
    };
    let context = unversioned.strip_suffix("/api").unwrap_or(unversioned).trim_end_matches('/').to_owned();
    url.set_path(&context);
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether a text is a DHIS2 UID: a letter, then ten letters or digits (core: CodeGenerator).
#[must_use]
pub fn is_uid(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::auth::Secret;
    use super::*;

    #[test]
    fn addresses_are_taken_in_every_usual_form() {
        let of = |text: &str| base_url(text, false).map(String::from);
        for text in [
            "https://h.example/hmis",
            "https://h.example/hmis/",
            " https://h.example/hmis/api ",
            "https://h.example/hmis/api/",
            "https://h.example/hmis/api/40/",
        ] {
            assert_eq!(of(text).unwrap(), "https://h.example/hmis", "{text}");
        }
        assert_eq!(of("https://h.example/api").unwrap(), "https://h.example/");
        assert_eq!(of("https://h.example/dhis/2.41").unwrap(), "https://h.example/dhis/2.41");
        assert!(of("http://127.0.0.1:8080/").is_ok() && of("http://[::1]/").is_ok() && of("http://localhost/").is_ok());
        for text in
            ["http://h.example", "h.example", "ftp://h.example", "https://u:p@h.example", "https://h.example?x=1", ""]
        {
            assert!(of(text).is_err(), "{text}");
        }
        assert!(base_url("http://h.example", true).is_ok());
    }

    #[test]
    fn unusable_options_are_refused_before_anything_is_sent() {
        let with = |change: fn(&mut ClientOptions)| {
            let mut options = ClientOptions::new("https://h.example", Auth::Token(Secret::new("t".to_owned())));
            change(&mut options);
            Client::new(options)
        };
        assert!(with(|_| ()).is_ok());
        assert!(with(|o| o.extra_roots_pem = b"no certificate".to_vec()).is_err());
        assert!(with(|o| o.retry.tries = 0).is_err());
        assert!(with(|o| o.user_agent = "line\nbreak".to_owned()).is_err());
        assert!(with(|o| o.auth = Auth::Token(Secret::new(String::new()))).is_err());
    }

    proptest! {
        #[test]
        fn a_cleaned_address_is_clean(path in "(/[a-z0-9.]{1,6}){0,4}/{0,2}") {
            let once = base_url(&format!("https://h.example{path}"), false).unwrap();
            let again = base_url(once.as_str(), false).unwrap();
            prop_assert!(!once.path().ends_with("/api"));
            prop_assert!(once.path() == "/" || !once.path().ends_with('/'));
            prop_assert!(once == again || path.contains("/api"));
        }
    }

    #[test]
    fn org_units_under_another_one_are_not_roots() {
        let unit = |id: &str, path: Option<&str>| OrgUnit {
            id: id.to_owned(),
            path: path.map(str::to_owned),
            ..OrgUnit::default()
        };
        let me = Me {
            organisation_units: vec![
                unit("A", Some("/A")),
                unit("B", Some("/A/B")),
                unit("AB", Some("/AB")),
                unit("C", None),
            ],
            authorities: vec!["ALL".to_owned()],
        };
        assert_eq!(me.root_org_units(), ["A", "AB", "C"]);
        assert!(me.sees_all_org_units());
        assert!(Me::default().root_org_units().is_empty());
    }

    #[test]
    fn uids_are_eleven_letters_and_digits() {
        assert!(is_uid("yDuAzyqYABS"));
        for text in ["", "1DuAzyqYABS", "yDuAzyqYAB", "yDuAzyqYABSS", "yDuAzy;YABS", "yDuAzyqYAB\u{e9}"] {
            assert!(!is_uid(text), "{text}");
        }
    }
}
