//! `vaccert.toml`: the only room that knows the form of the configuration, and the builder of every other
//! room's options. Without a file everything runs in the sandbox: throw-away keys, the fictional country XX.

mod access;
mod audit;
mod citizen;
mod document;
mod file;
mod gateway;
mod inspect;
mod keys;
mod messages;
mod national;
mod network;
mod officer;
pub mod rehearsal;
mod returns;
mod sandbox;
mod secret;
mod service;
mod signers;
pub mod template;
mod tenants;
mod trust;
mod verify;
mod wallet;
mod watch;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

pub use access::{AccessOptions, GroupRoles, OidcOptions};
pub use audit::AuditOptions;
pub use citizen::{CitizenLimits, CitizenOptions, IdentifierKind};
pub use document::PaperOptions;
pub use file::{Dhis2Section, Environment, profile_file};
pub use gateway::GatewaySettings;
pub use inspect::{FileKind, Inspected, NamedFile, profile_of};
pub use messages::{MessageOptions, Via};
pub use national::{NamedTemplate, TemplateFault, TemplateRemark};
pub use network::{AddressBlock, Proxies};
pub use officer::{OfficerOptions, PastLists};
pub use secret::{Dhis2Access, environment_variable};
pub use service::{ServiceOptions, TlsFiles};
pub use signers::tokens;
pub use tenants::Tenant;
pub use trust::TrustSource;
pub use verify::{VerifyAccess, VerifyOptions};
pub use watch::Watch;

use crate::{
    batch::{DivocPaper, ListKey},
    issue::{Format, LinkedData, Terms},
    keys::{CertificateError, SetError, Signer, SignerError, SignerSet, UnfitKey},
    record::Country,
    registry,
    returns::{PushOptions, WriteBackOptions},
    seal::{DocumentKey, SealError},
    signers::{KeyFileError, TokenError, Tokens, sandbox::SandboxError},
    source::profile::ProfileOverride,
    valueset::dhis2::MappingTarget,
    wallet::{Wallet, WalletError},
};

/// Name of the configuration file.
pub const CONFIG_FILE: &str = "vaccert.toml";

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read or written.
    #[error("{} cannot be used ({kind})", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The file is no TOML of ours.
    #[error("{}: {message}", path.display())]
    Form {
        /// Path.
        path: PathBuf,
        /// Where, and what is wrong there; no value of the file.
        message: String,
    },
    /// A setting is missing or wrong.
    #[error("{setting} {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A sandbox certificate in production.
    #[error(
        "the signer certificate {kid} is a sandbox certificate, which production refuses: put your own in place, \
         or set environment = \"sandbox\""
    )]
    SandboxKey {
        /// Its key identifier.
        kid: String,
    },
    /// A production certificate in the sandbox.
    #[error(
        "the signer certificate {kid} is not a sandbox certificate: set environment = \"production\", so that \
         nothing real is issued as a rehearsal"
    )]
    ProductionKey {
        /// Its key identifier.
        kid: String,
    },
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A certificate file.
    #[error("the certificate in {} cannot be used: {source}", path.display())]
    Certificate {
        /// Path.
        path: PathBuf,
        /// What is wrong.
        source: CertificateError,
    },
    /// Key and certificate.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A key that must not sign anything real.
    #[error("{setting} cannot be used: {source}")]
    Unfit {
        /// Name of the setting.
        setting: &'static str,
        /// Why.
        source: UnfitKey,
    },
    /// A key in a token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Several signers that do not go together.
    #[error(transparent)]
    Signers(#[from] SetError),
    /// Templates of the paper, with all their faults.
    #[error("{}", national::listed(.0))]
    Templates(Vec<TemplateFault>),
    /// The document key.
    #[error("the document key of document.key cannot be used: {0}")]
    Seal(#[from] SealError),
    /// The passes for wallets.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl ConfigError {
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, kind: error.kind() }
    }
}

/// Everything that a command needs, built and checked.
pub struct Setup {
    /// Sandbox or production.
    pub environment: Environment,
    /// Country of issue.
    pub country: Country,
    /// Body that answers for certificates.
    pub issuer_name: String,
    /// How certificates are made.
    pub terms: Terms,
    /// Formats to issue.
    pub formats: Vec<Format>,
    /// Which of the DIVOC codes goes on paper.
    pub divoc_paper: DivocPaper,
    /// Signs linked data, if anybody does.
    pub linked_data: Option<LinkedData>,
    /// The first of the signers: country and environment are the same of all.
    pub signer: Arc<dyn Signer>,
    /// Sign certificates, each in its time.
    pub signers: Arc<SignerSet>,
    /// The tokens that hold keys, and how they are.
    pub tokens: Tokens,
    /// Signs bundles.
    pub list_key: ListKey,
    /// Where the registry is.
    pub registry_url: String,
    /// How it is opened.
    pub registry_options: registry::Options,
    /// How DHIS2 is reached, if it is configured.
    pub dhis2: Option<Dhis2Section>,
    /// What differs from the built-in profile.
    pub profile: ProfileOverride,
    /// National vaccine codes.
    pub vaccines: BTreeMap<String, MappingTarget>,
    /// Seals the paper, if anybody does.
    pub document_key: Option<Arc<DocumentKey>>,
    /// Passes for the wallets of telephones.
    pub wallet: Wallet,
    /// How the paper looks, and by which fonts.
    pub paper: PaperOptions,
    /// How the service runs.
    pub service: ServiceOptions,
    /// How people log in, and the rules for whoever issues.
    pub access: AccessOptions,
    /// Further installations that the same service runs.
    pub tenants: Vec<Tenant>,
    /// How it verifies.
    pub verify: VerifyOptions,
    /// What devices of officers go by.
    pub officer: OfficerOptions,
    /// How this installation takes part in a trust network, if it does.
    pub gateway: Option<GatewaySettings>,
    /// The lists that are pulled.
    pub trust: Vec<TrustSource>,
    /// How people find their own certificates, if they may.
    pub citizen: Option<CitizenOptions>,
    /// How people are told.
    pub messages: MessageOptions,
    /// How often the service examines itself.
    pub audit: AuditOptions,
    /// Counts that are pushed into DHIS2, if they are.
    pub push: Option<PushOptions>,
    /// Fields of DHIS2 that certificates are written into, if they are.
    pub write_back: Option<WriteBackOptions>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Setup({:?}, {}, {})", self.environment, self.country, self.signer.kid())
    }
}

/// Where the registry of a configuration is: for whoever keeps it and signs nothing.
#[derive(Debug, Clone)]
pub struct Books {
    /// Country of issue, as it stands in the file.
    pub country: String,
    /// Where the registry is.
    pub url: String,
    /// How it is opened.
    pub options: registry::Options,
}

impl Books {
    /// Reads a configuration file, and none of the keys that it names.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file at fault.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        file::File::read(path)?.into_books(path.parent().unwrap_or(Path::new("")))
    }
}

/// What of a configuration the paper needs: for whoever looks at it and signs nothing.
#[derive(Debug, Clone)]
pub struct PaperSetup {
    /// Country of issue.
    pub country: Country,
    /// Body that answers for certificates.
    pub issuer_name: String,
    /// Formats that are issued.
    pub formats: Vec<Format>,
    /// How it looks, and by which fonts.
    pub paper: PaperOptions,
}

impl PaperSetup {
    /// Reads a configuration file, and none of the keys that it names.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file at fault.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        file::File::read(path)?.into_paper(path.parent().unwrap_or(Path::new("")))
    }

    /// That of a rehearsal.
    #[must_use]
    pub fn sandbox() -> Self {
        Self {
            country: Country::SANDBOX,
            issuer_name: SANDBOX_ISSUER.to_owned(),
            formats: Format::ALL.to_vec(),
            paper: PaperOptions::default(),
        }
    }
}

/// Who issues in the sandbox.
const SANDBOX_ISSUER: &str = "Ministry of Health (specimen)";

impl Setup {
    /// Reads a configuration file; relative paths in it start at its folder.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file at fault.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let file = file::File::read(path)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let loader = signers::Loader::new(&file, &base)?;
        let signers = Arc::new(loader.signers()?);
        let list_key = keys::list_key(&file, &loader, &signers)?;
        let linked_data = keys::linked_data(&file, &base, &loader)?;
        let document_key = file.document_key()?.map(|(key, path)| loader.document_key(key, path)).transpose()?;
        let mut wallet = wallet::build(&file, &base, &loader)?;
        let tokens = loader.tokens().clone();
        let mut setup = file.into_setup(&base, signers, tokens, list_key, linked_data)?;
        // What is sealed says so, and by whom.
        setup.paper.look.seal = document_key.as_ref().map(|key| key.holder().to_owned());
        wallet.language = setup.paper.look.language;
        (setup.document_key, setup.wallet) = (document_key.map(Arc::new), wallet);
        Ok(setup)
    }

    /// The sandbox whose keys and registry live in `state`, made there if they are not.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn sandbox(state: &Path, now: Timestamp, random: &crate::batch::Random) -> Result<Self, ConfigError> {
        let keys = sandbox::keys(state, now, random)?;
        let country = Country::SANDBOX.to_string();
        let wrong = |problem: String| ConfigError::Setting { setting: "the sandbox of DIVOC", problem };
        let linked = LinkedData::new(keys.named, sandbox::DID, &country, None).map_err(|e| wrong(e.to_string()))?;
        let signers = SignerSet::single(Arc::clone(&keys.signer));
        let names = file::divoc_addresses(None, sandbox::DID, sandbox::BASE_URL)?;
        Ok(Self {
            environment: Environment::Sandbox,
            country: Country::SANDBOX,
            issuer_name: SANDBOX_ISSUER.to_owned(),
            terms: Terms { divoc: Some(names), ..Terms::default() },
            divoc_paper: DivocPaper::default(),
            linked_data: Some(linked.in_sandbox(true)),
            formats: Format::ALL.to_vec(),
            signers: Arc::new(signers),
            signer: keys.signer,
            tokens: Tokens::none(),
            list_key: ListKey { signer: keys.list_signer, validity: SignedDuration::from_hours(24 * 30) },
            registry_url: state.join("registry.sqlite").to_string_lossy().into_owned(),
            registry_options: registry::Options::default(),
            dhis2: None,
            profile: ProfileOverride::default(),
            vaccines: BTreeMap::new(),
            document_key: None,
            wallet: Wallet::default(),
            paper: PaperOptions::default(),
            service: service::ServiceSection::default().build(state)?,
            access: AccessOptions::default(),
            tenants: Vec::new(),
            // A rehearsal may look at other days.
            verify: VerifyOptions { any_time: true, ..VerifyOptions::default() },
            officer: officer::OfficerSection::default().build()?,
            gateway: None,
            trust: Vec::new(),
            citizen: Some(CitizenOptions::rehearsal()),
            messages: MessageOptions::rehearsal(state),
            audit: AuditOptions::default(),
            push: None,
            write_back: None,
        })
    }
}
