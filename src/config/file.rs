//! The form of `vaccert.toml`. Unknown settings are refused: a mistyped name would otherwise be silently
//! without effect.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::SignedDuration;
use serde::Deserialize;

use super::{
    ConfigError, Setup, keys,
    signers::{SignerSection, TokenSection},
};
use crate::{
    batch::{DivocPaper, ListKey},
    issue::{Format, LinkedData, Terms},
    keys::SignerSet,
    limits::SMALL_FILE_BYTES,
    payload::{
        dcc::NationalVaccines,
        divoc::{self, Addresses},
        icvp::{CardOptions, Generation, is_participant},
    },
    record::Country,
    registry,
    signers::Tokens,
    source::profile::ProfileOverride,
    valueset::dhis2::MappingTarget,
};

/// Whether what is issued counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A rehearsal: throw-away keys, every product marked as a specimen.
    #[default]
    Sandbox,
    /// The real thing: encrypted keys, certified by the national authority.
    Production,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) environment: Environment,
    issuer: IssuerSection,
    #[serde(default)]
    issue: IssueSection,
    #[serde(default)]
    icvp: IcvpSection,
    pub(super) divoc: Option<DivocSection>,
    pub(super) keys: KeysSection,
    #[serde(default)]
    registry: RegistrySection,
    dhis2: Option<Dhis2Section>,
    pub(super) gateway: Option<super::gateway::GatewaySection>,
    #[serde(default)]
    pub(super) trust: Vec<super::trust::TrustSection>,
    #[serde(default)]
    document: super::document::DocumentSection,
    #[serde(default)]
    profile: ProfileOverride,
    #[serde(default)]
    vaccines: BTreeMap<String, MappingTarget>,
    #[serde(default)]
    service: super::service::ServiceSection,
    #[serde(default)]
    access: super::access::AccessSection,
    #[serde(default)]
    tenant: Vec<super::tenants::TenantSection>,
    #[serde(default)]
    verify: super::verify::VerifySection,
    #[serde(default)]
    officer: super::officer::OfficerSection,
    #[serde(default)]
    audit: super::audit::AuditSection,
    citizen: Option<super::citizen::CitizenSection>,
    #[serde(default)]
    messages: super::messages::MessageSection,
    pub(super) wallet: Option<super::wallet::WalletSection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerSection {
    country: String,
    name: String,
    #[serde(default = "a_year")]
    validity_days: u32,
    least_validity_days: Option<u32>,
    #[serde(default)]
    national_vaccines: NationalVaccines,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueSection {
    formats: Option<Vec<Format>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IcvpSection {
    #[serde(default)]
    generation: GenerationName,
    participant: Option<String>,
    minor_below: Option<u8>,
}

/// The models that are issued; the first one is only read.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum GenerationName {
    G2,
    #[default]
    G3,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DivocSection {
    pub(super) did: String,
    base_url: String,
    namespace: Option<String>,
    pub(super) key: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    #[serde(default)]
    paper: DivocPaper,
}

/// The second address of `@context` that all published verifiers know, in the version with dates of birth.
const DIVOC_NAMESPACE: &str = "https://cowin.gov.in/credentials/vaccination/v2";

/// The names of an issuer of DIVOC credentials: `base_url` is its own, and what certificate identifiers stand behind.
pub(super) fn divoc_addresses(namespace: Option<&str>, did: &str, base_url: &str) -> Result<Addresses, ConfigError> {
    let setting = |error: divoc::MapError| {
        let setting = match &error {
            divoc::MapError::Did { .. } => "divoc.did",
            divoc::MapError::Context { .. } => "divoc.namespace",
            divoc::MapError::Address { .. } | divoc::MapError::EvidenceEnd { .. } | divoc::MapError::NoName => {
                "divoc.base_url"
            }
        };
        ConfigError::Setting { setting, problem: format!("cannot be used: {error}") }
    };
    Addresses::new(namespace.unwrap_or(DIVOC_NAMESPACE), did, base_url, base_url).map_err(setting)
}

fn a_year() -> u32 {
    365
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeysSection {
    pub(super) signer_key: Option<PathBuf>,
    pub(super) signer_certificate: Option<PathBuf>,
    #[serde(default)]
    pub(super) signer: Vec<SignerSection>,
    /// Hours for which a new key is published before it signs.
    pub(super) publish_hours: Option<u32>,
    pub(super) pkcs11: Option<TokenSection>,
    pub(super) list_key: Option<PathBuf>,
    pub(super) list_certificate: Option<PathBuf>,
    /// File that holds the passphrase of the keys; otherwise VACCERT_PASSPHRASE, otherwise it is asked for.
    pub(super) passphrase_file: Option<PathBuf>,
    #[serde(default = "a_week")]
    pub(super) bundle_days: u32,
}

impl KeysSection {
    /// The certificates of all signers, in their order.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Path> {
        let listed = self.signer.iter().map(|section| &section.certificate);
        self.signer_certificate.iter().chain(listed).map(PathBuf::as_path)
    }
}

fn a_week() -> u32 {
    7
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrySection {
    url: Option<String>,
    /// Environment variable that holds the URL, for databases whose URL has a password.
    url_env: Option<String>,
    lease_seconds: Option<u32>,
}

/// How to reach DHIS2. Secrets are never in the file: it names a file or an environment variable.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dhis2Section {
    /// Address, with or without `/api`.
    pub url: String,
    /// User name for Basic authentication.
    pub user: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// File that holds a personal access token.
    pub token_file: Option<PathBuf>,
    /// Org units under which to look; empty means those of the user.
    #[serde(default)]
    pub org_units: Vec<String>,
    /// Version to assume where the server hides it, such as `2.38`.
    pub version: Option<String>,
    /// People a page.
    pub page_size: Option<u32>,
    /// Allow `http:` to another machine.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// Certificates (PEM) of authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Minutes by which a poll looks back behind the last one.
    pub overlap_minutes: Option<u32>,
    /// Counts that are pushed into an aggregate data set; off without it.
    pub push: Option<super::returns::PushSection>,
    /// Fields that certificates are written into; off without it.
    pub write_back: Option<super::returns::WriteBackSection>,
}

impl Dhis2Section {
    /// Paths of files start at the configuration's folder.
    fn based(mut self, base: &Path) -> Self {
        for path in [&mut self.password_file, &mut self.token_file, &mut self.ca_file] {
            *path = path.take().map(|path| base.join(path));
        }
        self
    }
}

impl RegistrySection {
    /// Where the registry is.
    fn place(&self, base: &Path) -> Result<String, ConfigError> {
        let url = match (&self.url, &self.url_env) {
            (Some(_), Some(_)) => {
                return Err(ConfigError::Setting {
                    setting: "registry",
                    problem: "has both url and url_env; give one of them".into(),
                });
            }
            (None, Some(name)) => super::environment_variable(name).ok_or_else(|| ConfigError::Setting {
                setting: "registry.url_env",
                problem: format!("names the environment variable {name}, which is not set"),
            })?,
            (Some(url), None) => url.clone(),
            (None, None) => "registry.sqlite".to_owned(),
        };
        Ok(based(&url, base))
    }

    /// How it is opened.
    fn options(&self) -> registry::Options {
        let mut options = registry::Options::default();
        if let Some(seconds) = self.lease_seconds {
            options.lease = SignedDuration::from_secs(i64::from(seconds.clamp(1, 3_600)));
        }
        options
    }
}

/// What an inspection takes from the file without using it.
impl File {
    pub(super) fn issuer_name(&self) -> &str {
        &self.issuer.name
    }

    pub(super) fn dhis2(&self, base: &Path) -> Option<Dhis2Section> {
        self.dhis2.clone().map(|section| section.based(base))
    }

    /// The shortest time for which a certificate may be valid: a month, unless all are shorter. Shorter ones would
    /// send people back to the office at once.
    pub(super) fn least_validity(&self) -> SignedDuration {
        let days = self.issuer.least_validity_days.unwrap_or(30).min(self.issuer.validity_days);
        SignedDuration::from_hours(24 * i64::from(days))
    }

    /// Pictures on the paper, each with the setting that names it.
    pub(super) fn pictures(&self) -> Vec<(&'static str, &PathBuf)> {
        self.document.pictures()
    }

    /// Templates of the paper, each with the setting that names it.
    pub(super) fn templates(&self) -> Vec<super::NamedTemplate> {
        self.document.templates()
    }

    pub(super) fn registry(&self, base: &Path) -> Result<String, ConfigError> {
        self.registry.place(base)
    }

    pub(super) fn named_variable(&self) -> Option<&str> {
        self.registry.url_env.as_deref()
    }

    /// The document key and the file of its certificates, if the paper is sealed.
    pub(super) fn document_key(&self) -> Result<Option<(&Path, &Path)>, ConfigError> {
        self.document.sealing()
    }

    pub(super) fn profile(&self) -> &ProfileOverride {
        &self.profile
    }

    pub(super) fn vaccines(&self) -> &BTreeMap<String, MappingTarget> {
        &self.vaccines
    }
}

/// A file that holds nothing but the profile section of a configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    profile: ProfileOverride,
}

/// Reads a profile from a file of its own: the section `[profile]`, as in `vaccert.toml`.
///
/// # Errors
/// When the file cannot be read, or holds anything else.
pub fn profile_file(path: &Path) -> Result<ProfileOverride, ConfigError> {
    Ok(parse::<ProfileFile>(path)?.profile)
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let size = fs::metadata(path).map_err(ConfigError::file(path))?.len();
    if size > SMALL_FILE_BYTES {
        return Err(ConfigError::Form {
            path: path.to_owned(),
            message: format!("larger than {SMALL_FILE_BYTES} bytes; this is no configuration"),
        });
    }
    let text = fs::read_to_string(path).map_err(ConfigError::file(path))?;
    toml::from_str(&text).map_err(|error| ConfigError::Form { path: path.to_owned(), message: explain(&text, &error) })
}

impl File {
    /// The country of issue, as it stands in the file.
    pub(super) fn country(&self) -> &str {
        &self.issuer.country
    }

    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        parse(path)
    }

    /// The registry alone: no key is opened for it.
    pub(super) fn into_books(self, base: &Path) -> Result<super::Books, ConfigError> {
        let (url, options) = (self.registry.place(base)?, self.registry.options());
        Ok(super::Books { country: self.issuer.country, url, options })
    }

    /// The paper alone.
    pub(super) fn into_paper(self, base: &Path) -> Result<super::PaperSetup, ConfigError> {
        let messages = super::MessageOptions::of(self.messages, self.environment, base)?;
        let paper = self.document.build(base, messages.address.as_deref())?;
        let country = country(&self.issuer.country)?;
        // Whether there are names and keys for all of them does not matter here.
        let formats = match (self.issue.formats, self.environment) {
            (Some(formats), _) => formats,
            (None, Environment::Sandbox) => Format::ALL.to_vec(),
            (None, Environment::Production) => vec![Format::EuDcc],
        };
        Ok(super::PaperSetup { country, issuer_name: self.issuer.name, formats, paper })
    }

    pub(super) fn into_setup(
        self,
        base: &Path,
        signers: Arc<SignerSet>,
        tokens: Tokens,
        list_key: ListKey,
        linked_data: Option<LinkedData>,
    ) -> Result<Setup, ConfigError> {
        let gateway = super::GatewaySettings::of(&self, base)?;
        let trust = super::TrustSource::of(&self, base)?;
        let country = country(&self.issuer.country)?;
        if self.environment == Environment::Production && country == Country::SANDBOX {
            return Err(ConfigError::Setting {
                setting: "issuer.country",
                problem: "is XX, the sandbox's fictional country: give your own for production".into(),
            });
        }
        if !(1..=3_650).contains(&self.issuer.validity_days) {
            return Err(ConfigError::Setting {
                setting: "issuer.validity_days",
                problem: "must be 1 to 3650; the EU recommends 365".into(),
            });
        }
        let least_validity = self.least_validity();
        let formats = match (self.issue.formats, self.environment) {
            (Some(formats), _) if formats.is_empty() => {
                return Err(ConfigError::Setting {
                    setting: "issue.formats",
                    problem: "is empty: name at least one format, or leave the setting out".into(),
                });
            }
            (Some(formats), _) => formats,
            // All that there are names and keys for.
            (None, Environment::Sandbox) => Format::ALL
                .into_iter()
                .filter(|format| match format {
                    Format::Divoc => linked_data.is_some(),
                    Format::DivocCwt => self.divoc.is_some(),
                    Format::EuDcc | Format::Ddcc | Format::Icvp => true,
                })
                .collect(),
            // What an installation issued before there was a choice.
            (None, Environment::Production) => vec![Format::EuDcc],
        };
        let divoc = match &self.divoc {
            Some(section) if self.environment == Environment::Production && section.did == super::sandbox::DID => {
                return Err(ConfigError::Setting {
                    setting: "divoc.did",
                    problem: "is the sandbox's: give your own for production".into(),
                });
            }
            Some(section) => Some(divoc_addresses(section.namespace.as_deref(), &section.did, &section.base_url)?),
            None => None,
        };
        let card = CardOptions {
            generation: match self.icvp.generation {
                GenerationName::G2 => Generation::G2,
                GenerationName::G3 => Generation::G3,
            },
            participant: self.icvp.participant,
            minor_below: self.icvp.minor_below.unwrap_or(CardOptions::default().minor_below),
        };
        if let Some(participant) = card.participant.as_deref().filter(|code| !is_participant(code)) {
            return Err(ConfigError::Setting {
                setting: "icvp.participant",
                problem: format!("is {participant:?}, which no participant can have: give a code such as TGO"),
            });
        }
        let (registry_url, registry_options) = (self.registry.place(base)?, self.registry.options());
        let mut dhis2 = self.dhis2.map(|section| section.based(base));
        let push = dhis2.as_mut().and_then(|section| section.push.take()).map(|push| push.build()).transpose()?;
        let write_back = dhis2.as_mut().and_then(|section| section.write_back.take());
        let write_back = write_back.map(|section| section.build()).transpose()?;
        let access = self.access.build(base, dhis2.as_ref())?;
        let service = self.service.build(base)?;
        let messages = super::MessageOptions::of(self.messages, self.environment, base)?;
        let paper = self.document.build(base, messages.address.as_deref())?;
        let tenants = super::tenants::build(self.tenant, &service.hosts, base)?;
        Ok(Setup {
            environment: self.environment,
            country,
            issuer_name: self.issuer.name,
            terms: Terms {
                least_validity,
                validity: SignedDuration::from_hours(24 * i64::from(self.issuer.validity_days)),
                national_vaccines: self.issuer.national_vaccines,
                card,
                divoc,
            },
            divoc_paper: self.divoc.map(|section| section.paper).unwrap_or_default(),
            linked_data,
            formats,
            signer: keys::first(&signers)?,
            signers,
            tokens,
            list_key,
            registry_url,
            registry_options,
            dhis2,
            profile: self.profile,
            vaccines: self.vaccines,
            // Both are made with the keys, and set with them.
            document_key: None,
            wallet: crate::wallet::Wallet::default(),
            paper,
            service,
            access,
            tenants,
            verify: self.verify.build(),
            officer: self.officer.build()?,
            gateway,
            trust,
            citizen: super::CitizenOptions::of(self.citizen, self.environment)?,
            messages,
            audit: self.audit.build()?,
            push,
            write_back,
        })
    }
}

fn country(code: &str) -> Result<Country, ConfigError> {
    code.parse().map_err(|error| ConfigError::Setting { setting: "issuer.country", problem: format!("is {error}") })
}

/// The parser's finding in one line: where, and what. It never repeats a line or a value of the file, because a
/// URL with a password may stand there.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    // Strings of the file stand in double quotes, names of settings in backticks.
    let message = match message.split_once('"').and_then(|(before, rest)| Some((before, rest.rsplit_once('"')?.1))) {
        Some((before, after)) => format!("{before}\"…\"{after}"),
        None => message,
    };
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message,
    }
}

/// A registry path that starts at the configuration's folder; URLs of servers stay.
fn based(url: &str, base: &Path) -> String {
    let (scheme, path) = match url.strip_prefix("sqlite:") {
        Some(path) => ("sqlite:", path),
        None if url.contains("://") => return url.to_owned(),
        None => ("", url),
    };
    format!("{scheme}{}", base.join(path).display())
}
