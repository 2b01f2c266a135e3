//! `[access]`: how people log in, and the rules of the house for whoever issues.

use std::{collections::BTreeMap, fs, path::Path, path::PathBuf};

use jiff::{
    SignedDuration,
    civil::{Time, Weekday},
    tz::{Offset, TimeZone},
};
use serde::Deserialize;
use url::Url;

use super::{ConfigError, Dhis2Section, environment_variable, secret};
use crate::{
    access::{Hours, ISSUE_PER_HOUR, Outside, Role, Rules},
    limits::{ACCESS_MAPPED_GROUPS, OIDC_UNASKED_MINUTES, TIME_ZONE_BYTES},
};

/// Where systems keep the zones of the world.
const ZONES: &str = "/usr/share/zoneinfo";

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessSection {
    /// Certificates that an account may have issued in an hour.
    issue_per_hour: Option<u32>,
    session_hours: Option<u32>,
    idle_minutes: Option<u32>,
    hours: Option<HoursSection>,
    dhis2: Option<Dhis2LoginSection>,
    oidc: Option<OidcSection>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursSection {
    time_zone: String,
    from: String,
    to: String,
    #[serde(default = "weekdays")]
    days: Vec<String>,
    #[serde(default)]
    outside: OutsideName,
}

fn weekdays() -> Vec<String> {
    ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec()
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OutsideName {
    #[default]
    Alert,
    Refuse,
}

/// Who must approve that somebody from elsewhere issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Approvals {
    /// Two people of this service.
    #[default]
    Two,
    /// Nobody: membership in the group is enough.
    Groups,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dhis2LoginSection {
    groups: BTreeMap<String, Vec<Role>>,
    #[serde(default)]
    approvals: Approvals,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcSection {
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    /// Address of this service as the browser knows it.
    address: String,
    #[serde(default = "openid")]
    scopes: Vec<String>,
    #[serde(default = "groups")]
    roles_claim: String,
    facilities_claim: Option<String>,
    roles: BTreeMap<String, Vec<Role>>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    approvals: Approvals,
    /// How long a session lasts about which the provider cannot be asked again.
    session_minutes: Option<u32>,
}

fn openid() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn groups() -> String {
    "groups".to_owned()
}

/// Which roles somebody has by the groups that a server says they are in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupRoles {
    /// Roles by the name or the UID of a group.
    pub groups: BTreeMap<String, Vec<Role>>,
    /// Whether the group is enough also for roles that issue.
    pub is_enough: bool,
}

impl GroupRoles {
    /// The roles of whoever is in these groups.
    #[must_use]
    pub fn roles<'a>(&self, groups: impl IntoIterator<Item = &'a str>) -> Vec<Role> {
        let mut roles: Vec<Role> =
            groups.into_iter().filter_map(|group| self.groups.get(group)).flatten().copied().collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

/// How people log in by a provider of identities (OpenID Connect Core 1.0).
#[derive(Clone)]
pub struct OidcOptions {
    /// Its issuer identifier.
    pub issuer: Url,
    /// What it knows this service by.
    pub client_id: String,
    /// The secret that goes with it, if there is one.
    pub client_secret: Option<String>,
    /// Address of this service as the browser knows it.
    pub address: Url,
    /// Scopes besides `openid`.
    pub scopes: Vec<String>,
    /// Name of the claim that holds groups.
    pub roles_claim: String,
    /// Name of the claim that holds UIDs of org units.
    pub facilities_claim: Option<String>,
    /// Roles by those groups.
    pub roles: GroupRoles,
    /// What the button says.
    pub name: String,
    /// How long a session lasts about which it cannot be asked again, for it gave no refresh token.
    pub unasked: SignedDuration,
}

impl std::fmt::Debug for OidcOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OidcOptions({})", self.issuer)
    }
}

/// Who may log in, for how long, and the rules for whoever issues.
#[derive(Debug, Clone)]
pub struct AccessOptions {
    /// Quota and hours.
    pub rules: Rules,
    /// How long a session lasts at most.
    pub session: SignedDuration,
    /// How long it may lie unused.
    pub idle: SignedDuration,
    /// Login by DHIS2: roles by its user groups.
    pub dhis2: Option<GroupRoles>,
    /// Login by a provider of identities.
    pub oidc: Option<OidcOptions>,
}

impl Default for AccessOptions {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            session: SignedDuration::from_hours(10),
            idle: SignedDuration::from_mins(30),
            dhis2: None,
            oidc: None,
        }
    }
}

fn within(name: &'static str, value: Option<u32>, least: u32, most: u32) -> Result<Option<i64>, ConfigError> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(setting(name, format!("is {value}, and must be {least} to {most}")))
        }
        value => Ok(value.map(i64::from)),
    }
}

fn setting(setting: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.into() }
}

impl AccessSection {
    pub(super) fn build(self, base: &Path, dhis2: Option<&Dhis2Section>) -> Result<AccessOptions, ConfigError> {
        let default = AccessOptions::default();
        let session = within("access.session_hours", self.session_hours, 1, 24)?.map(SignedDuration::from_hours);
        let idle = within("access.idle_minutes", self.idle_minutes, 1, 24 * 60)?.map(SignedDuration::from_mins);
        let (hours, outside) = match self.hours {
            Some(section) => {
                let outside = match section.outside {
                    OutsideName::Alert => Outside::Alert,
                    OutsideName::Refuse => Outside::Refuse,
                };
                (Some(section.build(Path::new(ZONES))?), outside)
            }
            None => (None, Outside::default()),
        };
        let dhis2 = match self.dhis2 {
            Some(section) => {
                let known = dhis2.is_some_and(|section| !section.url.is_empty());
                if !known && environment_variable("VACCERT_DHIS2_URL").is_none() {
                    return Err(setting("access.dhis2", "needs the address of DHIS2: write [dhis2] url"));
                }
                Some(group_roles("access.dhis2.groups", section.groups, section.approvals)?)
            }
            None => None,
        };
        Ok(AccessOptions {
            rules: Rules { per_hour: self.issue_per_hour.unwrap_or(ISSUE_PER_HOUR), hours, outside },
            session: session.unwrap_or(default.session),
            idle: idle.unwrap_or(default.idle),
            dhis2,
            oidc: self.oidc.map(|section| section.build(base)).transpose()?,
        })
    }
}

fn group_roles(
    name: &'static str,
    groups: BTreeMap<String, Vec<Role>>,
    approvals: Approvals,
) -> Result<GroupRoles, ConfigError> {
    if groups.is_empty() || groups.len() > ACCESS_MAPPED_GROUPS {
        return Err(setting(name, format!("names no group, or more than {ACCESS_MAPPED_GROUPS}: name at least one")));
    }
    if groups.values().flatten().any(|role| *role == Role::Citizen) {
        return Err(setting(name, "gives the role citizen, which is no account's: name another role"));
    }
    Ok(GroupRoles { groups, is_enough: approvals == Approvals::Groups })
}

impl HoursSection {
    fn build(self, zones: &Path) -> Result<Hours, ConfigError> {
        let clock = |name, text: &str| {
            text.parse::<Time>().map_err(|_| setting(name, "is no time of day: write it like \"07:30\""))
        };
        let (from, to) = (clock("access.hours.from", &self.from)?, clock("access.hours.to", &self.to)?);
        if from == to {
            return Err(setting("access.hours.to", "is the same as access.hours.from, so the house never opens"));
        }
        let days: Option<Vec<Weekday>> = self.days.iter().map(|day| weekday(day)).collect();
        let days = days.filter(|days| !days.is_empty());
        let days =
            days.ok_or_else(|| setting("access.hours.days", "must name days: mon, tue, wed, thu, fri, sat, sun"))?;
        Ok(Hours { zone: zone(&self.time_zone, zones)?, from, to, days })
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]
        .into_iter()
        .zip(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
        .find_map(|(day, word)| (word == name.to_ascii_lowercase()).then_some(day))
}

/// A zone by its name (`Africa/Lagos`, from the system's tables), as an offset (`+03:00`), or as a rule of POSIX
/// (`WAT-1`), for machines without those tables.
fn zone(text: &str, zones: &Path) -> Result<TimeZone, ConfigError> {
    const NAME: &str = "access.hours.time_zone";
    if text.eq_ignore_ascii_case("utc") {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = offset(text) {
        return Ok(TimeZone::fixed(offset));
    }
    let is_name = text.contains('/')
        && text.split('/').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
        });
    if is_name {
        let path = zones.join(text);
        let size = fs::metadata(&path).map(|found| found.len()).unwrap_or(u64::MAX);
        let read = if size <= TIME_ZONE_BYTES { fs::read(&path).ok() } else { None };
        let found = read.and_then(|bytes| TimeZone::tzif(text, &bytes).ok());
        return found.ok_or_else(|| {
            setting(
                NAME,
                "is not among the zones of this machine: install tzdata, or give an offset such as \"+03:00\" or a \
                 rule such as \"WAT-1\"",
            )
        });
    }
    TimeZone::posix(text).map_err(|_| {
        setting(NAME, "is no time zone: write a name such as \"Africa/Lagos\", or an offset such as \"+03:00\"")
    })
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let fits = rest.len() == 5 && rest.bytes().all(|b| b.is_ascii_digit() || b == b':') && minutes < 60 && hours <= 14;
    fits.then(|| Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok())?
}

/// An address that secrets may go to: `https:`, or `http:` on this machine.
fn safe_address(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    let wrong = || setting(name, "must be an address like https://login.example.org; http only on this machine");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong()),
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if plain && (url.scheme() == "https" || (url.scheme() == "http" && here)) { Ok(url) } else { Err(wrong()) }
}

impl OidcSection {
    fn build(self, base: &Path) -> Result<OidcOptions, ConfigError> {
        let client_secret = self.client_secret_file.map(|path| secret::from_file(&base.join(path))).transpose()?;
        if self.client_id.is_empty() {
            return Err(setting("access.oidc.client_id", "is empty: the provider gives one when it registers us"));
        }
        let unasked = within("access.oidc.session_minutes", self.session_minutes, 5, 24 * 60)?;
        Ok(OidcOptions {
            unasked: SignedDuration::from_mins(unasked.unwrap_or(OIDC_UNASKED_MINUTES)),
            issuer: safe_address("access.oidc.issuer", &self.issuer)?,
            address: safe_address("access.oidc.address", &self.address)?,
            client_id: self.client_id,
            client_secret,
            scopes: self.scopes,
            roles_claim: self.roles_claim,
            facilities_claim: self.facilities_claim,
            roles: group_roles("access.oidc.roles", self.roles, self.approvals)?,
            name: self.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AccessOptions, String> {
        let section: AccessSection = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let dhis2 = Dhis2Section { url: "https://dhis2.example.org".to_owned(), ..Dhis2Section::default() };
        section.build(Path::new(""), Some(&dhis2)).map_err(|e| e.to_string())
    }

    #[test]
    fn a_whole_section_is_read() {
        let text = r#"
            issue_per_hour = 40
            session_hours = 8
            [hours]
            time_zone = "WAT-1"
            from = "07:30"
            to = "19:00"
            days = ["mon", "Sat"]
            outside = "refuse"
            [dhis2]
            groups = { "q3Nh5xhJEy2" = ["facility"], "Data Admin" = ["operator", "auditor"] }
            [oidc]
            issuer = "https://login.example.org/realms/health"
            client_id = "vaccert"
            address = "https://console.example.org"
            roles = { "vaccert-admins" = ["admin", "approver"] }
        "#;
        let options = read(text).unwrap();
        assert_eq!(options.rules.per_hour, 40);
        assert_eq!(options.rules.outside, Outside::Refuse);
        assert_eq!(options.rules.hours.unwrap().days, [Weekday::Monday, Weekday::Saturday]);
        let dhis2 = options.dhis2.unwrap();
        assert!(!dhis2.is_enough, "two people approve unless the configuration says otherwise");
        assert_eq!(dhis2.roles(["q3Nh5xhJEy2", "Data Admin", "x"]), [Role::Facility, Role::Operator, Role::Auditor]);
        assert!(options.oidc.unwrap().client_secret.is_none());
        assert_eq!(read("").unwrap().rules, Rules::default());
    }

    #[test]
    fn every_mistake_names_its_setting() {
        let hours = |zone: &str, from: &str, to: &str, days: &str| {
            format!("[hours]\ntime_zone = \"{zone}\"\nfrom = \"{from}\"\nto = \"{to}\"\ndays = {days}")
        };
        let oidc = |issuer: &str| {
            format!(
                "[oidc]\nissuer = \"{issuer}\"\nclient_id = \"v\"\naddress = \"https://c.example\"\nroles = {{ \"a\" = [\"admin\"] }}"
            )
        };
        for (text, named) in [
            ("session_hours = 0".to_owned(), "access.session_hours"),
            ("idle_minutes = 9999".to_owned(), "access.idle_minutes"),
            (hours("Mars/Olympus", "07:00", "19:00", "[\"mon\"]"), "access.hours.time_zone"),
            (hours("../../etc/passwd", "07:00", "19:00", "[\"mon\"]"), "access.hours.time_zone"),
            (hours("+15:00", "07:00", "19:00", "[\"mon\"]"), "access.hours.time_zone"),
            (hours("utc", "7 h", "19:00", "[\"mon\"]"), "access.hours.from"),
            (hours("utc", "07:00", "07:00", "[\"mon\"]"), "access.hours.to"),
            (hours("utc", "07:00", "19:00", "[\"someday\"]"), "access.hours.days"),
            (hours("utc", "07:00", "19:00", "[]"), "access.hours.days"),
            ("[dhis2]\ngroups = {}".to_owned(), "access.dhis2.groups"),
            ("[dhis2]\ngroups = { \"a\" = [\"citizen\"] }".to_owned(), "access.dhis2.groups"),
            (oidc("http://login.example.org"), "access.oidc.issuer"),
            (oidc("https://user:secret@login.example.org"), "access.oidc.issuer"),
            (oidc("login"), "access.oidc.issuer"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with(named), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(read("quota = 3").unwrap_err().contains("quota"));
        assert!(read(&oidc("http://127.0.0.1:8080")).is_ok() && read(&oidc("http://localhost/x")).is_ok());
    }

    #[test]
    fn zones_are_names_offsets_and_rules() {
        let at = "2026-07-01T12:00:00Z".parse().unwrap();
        for (text, expected) in
            [("utc", 0), ("+05:45", 20_700), ("-03:00", -10_800), ("CET-1CEST,M3.5.0,M10.5.0/3", 7_200)]
        {
            assert_eq!(zone(text, Path::new(ZONES)).unwrap().to_offset(at).seconds(), expected, "{text}");
        }
        if Path::new(ZONES).join("Africa/Lagos").is_file() {
            assert_eq!(zone("Africa/Lagos", Path::new(ZONES)).unwrap().to_offset(at).seconds(), 3_600);
        }
    }
}
