//! DHIS2: reachable, spoken to in the right dialect, logged in, and allowed to see what certificates need. Missing
//! rights look like a short list, never like an error (facts on DHIS2, section 3), so each right is asked for by name.

use std::{future::Future, time::Duration};

use super::{
    Area, Finding, Options,
    clock::Reading,
    finding::{Notes, count},
};
use crate::{
    clock::Clock,
    config::{Dhis2Access, Dhis2Section, Inspected},
    limits::{DOCTOR_LISTED, DOCTOR_QUESTION_SECONDS},
    source::dhis2::{Client, Dhis2Error, Dialect, Me, ProgramSummary, Retry},
};

/// A server that was asked.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) client: Client,
    /// Its clock.
    pub(super) clock: Option<Reading>,
    /// Org units under which people are looked for; empty when there are none.
    pub(super) org_units: Vec<String>,
    /// People a page, as configured.
    pub(super) page_size: Option<u32>,
    /// Tracker programs that the user sees; `None` when it could not be asked.
    pub(super) programs: Option<Vec<ProgramSummary>>,
}

/// Authorities that change the server itself: nothing that reads records needs them.
const RULING: [&str; 6] = [
    "F_USER_ADD",
    "F_USERROLE_PUBLIC_ADD",
    "F_METADATA_IMPORT",
    "F_SYSTEM_SETTING",
    "F_PERFORM_MAINTENANCE",
    "F_PROGRAM_DELETE",
];

/// Asks one question and waits no longer than the bound. `None` when no answer came in time.
pub(super) async fn within<T>(question: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(DOCTOR_QUESTION_SECONDS), question).await.ok()
}

/// What is said where [`within`] gave nothing.
pub(super) fn late() -> String {
    format!("no answer within {DOCTOR_QUESTION_SECONDS} s; look at the server's load and at proxies between")
}

/// Checks the server.
pub(super) async fn check(
    inspected: Option<&Inspected>,
    options: &Options,
    clock: &dyn Clock,
) -> (Vec<Finding>, Option<Server>) {
    let mut notes = Notes::of(Area::Dhis2);
    if options.offline {
        notes.not_checked("reachable", "no server is asked (--offline)");
        return (notes.into_list(), None);
    }
    let server = ask(&mut notes, inspected.and_then(|inspected| inspected.dhis2.clone()), clock).await;
    (notes.into_list(), server)
}

async fn ask(notes: &mut Notes, section: Option<Dhis2Section>, clock: &dyn Clock) -> Option<Server> {
    let configured = section.is_some() || crate::config::environment_variable("VACCERT_DHIS2_URL").is_some();
    if !configured {
        notes.not_checked("reachable", "no DHIS2 is configured; records then come from files (vaccert issue --from)");
        return None;
    }
    let mut access = match Dhis2Access::of(section.unwrap_or_default()) {
        Ok(access) => access,
        Err(error) => {
            notes.error("reachable", &error, "complete the section [dhis2] in vaccert.toml");
            return None;
        }
    };
    // Whoever waits in front of the terminal is served better by a quick answer than by patience.
    access.options.retry = Retry { tries: 2, ..access.options.retry };
    access.options.read_timeout = Duration::from_secs(DOCTOR_QUESTION_SECONDS);
    access.options.request_timeout = Duration::from_secs(DOCTOR_QUESTION_SECONDS);
    let in_clear = access.options.base_url.trim_start().starts_with("http:");
    let client = match Client::new(access.options.clone()) {
        Ok(client) => client,
        Err(error) => {
            notes.error("reachable", &error, "correct the section [dhis2] in vaccert.toml");
            return None;
        }
    };
    if in_clear && access.options.allow_plain_http {
        notes.warning(
            "encrypted",
            "login and records travel in clear (http:)",
            "give DHIS2 a certificate, write https: in [dhis2] url and remove allow_plain_http",
        );
    }
    let before = clock.now();
    let server = within(client.server_time()).await.flatten();
    let reading = server.map(|server| Reading { before, server, after: clock.now() });
    let mut server =
        Server { client, clock: reading, org_units: Vec::new(), page_size: access.page_size, programs: None };
    if !version(notes, &server.client).await {
        for name in ["least-privilege", "org-units", "programs"] {
            notes.not_checked(name, "DHIS2 did not let itself be asked, see above");
        }
        return Some(server);
    }
    match within(server.client.me()).await {
        None => notes.fault("login", "DHIS2 did not tell who the user is", late()),
        Some(Err(error)) => notes.error("login", &error, "check user and password or the token"),
        Some(Ok(me)) => {
            notes.ok("login", format!("accepted, {}", count(me.authorities.len(), "authority", "authorities")));
            rights(notes, &me);
            server.org_units = org_units(notes, &server.client, &access.org_units, &me).await;
        }
    }
    match within(server.client.programs()).await {
        None => notes.fault("programs", "DHIS2 did not list its programs", late()),
        Some(Err(error)) => notes.error("programs", &error, "share the program with the user"),
        Some(Ok(programs)) if programs.is_empty() => notes.fault(
            "programs",
            "the user sees no tracker program",
            "share the program, its stages and its entity type with the user for data reading (Maintenance, Program, \
             Sharing settings)",
        ),
        Some(Ok(programs)) => {
            notes.ok(
                "programs",
                format!("the user sees {}", count(programs.len(), "tracker program", "tracker programs")),
            );
            server.programs = Some(programs);
        }
    }
    Some(server)
}

/// Reachable, TLS, version and dialect.
async fn version(notes: &mut Notes, client: &Client) -> bool {
    let dialect = match within(client.dialect()).await {
        None => {
            notes.fault("reachable", "DHIS2 did not answer", late());
            return false;
        }
        Some(Err(error)) => {
            let name = match error {
                Dhis2Error::Credentials { .. } | Dhis2Error::LoginRedirect { .. } => "login",
                Dhis2Error::Tls { .. } => "encrypted",
                _ => "reachable",
            };
            notes.error(name, &error, "check the section [dhis2] in vaccert.toml");
            return false;
        }
        Some(Ok(dialect)) => dialect,
    };
    let version = within(client.system_info()).await.and_then(Result::ok).map(|info| info.version);
    let version: String = version.unwrap_or_else(|| "set by hand".to_owned()).chars().take(40).collect();
    notes.ok("reachable", format!("version {version}, spoken to as {dialect:?}"));
    if dialect == Dialect::Legacy {
        notes.advice(
            "dialect",
            "the server has only the tracker interface that DHIS2 removed in 2.42",
            "plan the update of DHIS2; vaccert reads every version from 2.33 on",
        );
    }
    true
}

/// Least privilege: a stolen login of the issuer should read one program and nothing more.
fn rights(notes: &mut Notes, me: &Me) {
    let ruling: Vec<&str> = RULING.into_iter().filter(|right| me.authorities.iter().any(|a| a == right)).collect();
    if me.authorities.iter().any(|authority| authority == "ALL") {
        notes.warning(
            "least-privilege",
            "the user is a superuser (authority ALL)",
            "make a user of its own for vaccert: no authorities, the root org unit for data capture, and the program \
             shared for data reading alone",
        );
    } else if !ruling.is_empty() {
        notes.warning(
            "least-privilege",
            format!("the user may change the server ({})", ruling.join(", ")),
            "take these authorities from the user: reading records needs none",
        );
    } else {
        notes.ok("least-privilege", "the user is no superuser and may not change the server");
    }
}

/// The org units under which people are looked for.
async fn org_units(notes: &mut Notes, client: &Client, configured: &[String], me: &Me) -> Vec<String> {
    let roots = me.root_org_units();
    if configured.is_empty() {
        if roots.is_empty() && !me.sees_all_org_units() {
            notes.fault(
                "org-units",
                "the user has no org unit for data capture and would see nobody",
                "give the user the root org unit for data capture (Users, Organisation units)",
            );
        } else if me.organisation_units.iter().any(|unit| unit.level == Some(1)) {
            notes.ok("org-units", "the root org unit: everybody is seen");
        } else {
            notes.advice(
                "org-units",
                format!("{} below the root: nobody outside is seen", count(roots.len(), "org unit", "org units")),
                "give the user the root org unit for data capture, unless only these districts are certified",
            );
        }
        return roots;
    }
    match within(client.org_units(configured)).await {
        None => notes.fault("org-units", "DHIS2 did not tell the configured org units", late()),
        Some(Err(error)) => notes.error("org-units", &error, "correct org_units under [dhis2]"),
        Some(Ok(found)) => {
            let missing: Vec<&str> = configured
                .iter()
                .filter(|uid| !found.contains_key(*uid))
                .map(String::as_str)
                .take(DOCTOR_LISTED)
                .collect();
            if missing.is_empty() {
                notes.ok("org-units", format!("{} of the configuration", count(found.len(), "org unit", "org units")));
            } else {
                notes.fault(
                    "org-units",
                    format!("the user does not see {}", missing.join(", ")),
                    "correct org_units under [dhis2], or give them to the user for data capture",
                );
                // The others are looked at all the same.
                return configured.iter().filter(|uid| found.contains_key(*uid)).cloned().collect();
            }
        }
    }
    configured.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::Outcome, source::model::OrgUnit};

    #[test]
    fn more_rights_than_reading_needs_are_told() {
        let judged = |authorities: &[&str]| {
            let mut notes = Notes::of(Area::Dhis2);
            let authorities = authorities.iter().map(|&a| a.to_owned()).collect();
            rights(&mut notes, &Me { authorities, organisation_units: Vec::new() });
            let finding = notes.into_list().pop().unwrap();
            (finding.outcome, finding.found)
        };
        assert_eq!(judged(&["F_EXPORT_DATA"]).0, Outcome::Ok);
        assert!(matches!(judged(&["ALL"]), (Outcome::Warning, found) if found.contains("superuser")));
        assert!(matches!(judged(&["F_USER_ADD"]), (Outcome::Warning, found) if found.contains("F_USER_ADD")));
    }

    #[tokio::test]
    async fn org_units_below_the_root_are_a_choice_and_none_are_a_fault() {
        let auth = crate::source::dhis2::Auth::Token(crate::source::dhis2::Secret::new("t".to_owned()));
        let client = Client::new(crate::source::dhis2::ClientOptions::new("https://h.example", auth)).unwrap();
        let judged = async |units: Vec<OrgUnit>, authorities: Vec<String>| {
            let mut notes = Notes::of(Area::Dhis2);
            let me = Me { authorities, organisation_units: units };
            org_units(&mut notes, &client, &[], &me).await;
            notes.into_list().pop().unwrap().outcome
        };
        let unit = |id: &str, path: &str, level| OrgUnit {
            id: id.to_owned(),
            path: Some(path.to_owned()),
            level: Some(level),
            ..OrgUnit::default()
        };
        assert_eq!(judged(vec![unit("RootLand001", "/RootLand001", 1)], Vec::new()).await, Outcome::Ok);
        assert_eq!(judged(vec![unit("North", "/RootLand001/North", 2)], Vec::new()).await, Outcome::Note);
        assert_eq!(judged(Vec::new(), Vec::new()).await, Outcome::Fault);
    }
}
