//! The plan: what a ceremony file asks for, with every default filled in and every rule checked.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use toml::de::DeTable;

use super::{
    Fault, Role,
    authority::ExistingAuthority,
    entity,
    fault::{At, Faults},
    file::{Section, line_of},
    rules,
};
use crate::{
    keys::{KeyKind, SANDBOX_ORGANISATION, sha256},
    limits::{CEREMONY_ENTRIES, SMALL_FILE_BYTES},
    record::Country,
    signers::TokenUri,
};

/// Whether what is made counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A rehearsal: every certificate is marked as the sandbox's, and key files may be unencrypted.
    Sandbox,
    /// The real thing.
    Production,
}

impl Environment {
    /// As it is written in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// Kind of a key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// EC on P-256: ES256.
    P256,
    /// RSA of 2,048 bits: PS256, for document signers alone.
    Rsa2048,
    /// RSA of 3,072 bits.
    Rsa3072,
    /// RSA of 4,096 bits; no document signer.
    Rsa4096,
}

impl Algorithm {
    /// As it is written in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::Rsa4096 => "RSA-4096",
        }
    }

    /// The kind of its public keys.
    pub(super) fn kind(self) -> KeyKind {
        let bits = match self {
            Self::P256 => return KeyKind::P256,
            Self::Rsa2048 => 2_048,
            Self::Rsa3072 => 3_072,
            Self::Rsa4096 => 4_096,
        };
        KeyKind::Rsa { bits, pss: false }
    }
}

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Made anew, in a file.
    File,
    /// In a token (PKCS#11).
    Token {
        /// Name of the token and of the key in it.
        uri: TokenUri,
        /// Whether the key is there already; otherwise it is made there, and never leaves it.
        existing: bool,
    },
}

/// Who signs a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuance {
    /// Its own key.
    SelfSigned,
    /// The authority of this ceremony.
    Authority,
    /// Somebody else: only a request is made.
    Request,
}

/// A certificate or a request to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// What it is for.
    pub role: Role,
    /// Name of its files, and of its key where people hold keys.
    pub name: String,
    /// Attributes of the subject, in order: `C`, `ST`, `L`, `O`, `OU`, `CN`.
    pub subject: Vec<(&'static str, String)>,
    /// Kind of key.
    pub algorithm: Algorithm,
    /// Where the key is.
    pub key: KeySource,
    /// Who signs it.
    pub issuance: Issuance,
    /// Validity of the certificate in days.
    pub days: i64,
    /// How long the private key may sign, in days; `None` for as long as the certificate.
    pub key_use_days: Option<i64>,
    /// Extended key usages, dotted.
    pub usages: Vec<String>,
    /// Bits of the key usage (first octet).
    pub key_usage: u8,
    /// Where it is in the file.
    pub(super) line: usize,
    /// Its table in the file, such as `signer[1]`.
    pub(super) setting: String,
}

impl Entity {
    /// The common name.
    #[must_use]
    pub fn common_name(&self) -> &str {
        self.subject.iter().find(|(label, _)| *label == "CN").map_or("", |(_, value)| value.as_str())
    }
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Name.
    pub name: String,
    /// Role in the ceremony.
    pub role: String,
    /// Whether the ceremony waits for this person's word.
    pub confirms: bool,
    /// Names of the keys whose passphrase only this person knows.
    pub holds: Vec<String>,
    /// Where the person is in the file.
    pub(super) line: usize,
}

/// What a ceremony makes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Title of the ceremony.
    pub title: String,
    /// Country of the participant.
    pub country: Country,
    /// Organisation in the subjects.
    pub organisation: String,
    /// Rehearsal or not.
    pub environment: Environment,
    /// Start of every validity.
    pub start: Timestamp,
    /// The authority that exists already, if the file names one.
    pub existing: Option<ExistingAuthority>,
    /// What is made, in order: the authority, document signers, TLS client, upload.
    pub entities: Vec<Entity>,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// Where the authority publishes its revocation list.
    pub crl_address: Option<String>,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// What is allowed and still worth a word.
    pub remarks: Vec<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{} cannot be read ({kind}): check the path", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The file is no text of sensible size.
    #[error("{} is no text of at most {SMALL_FILE_BYTES} bytes: give the TOML file of a ceremony", path.display())]
    Text {
        /// Path.
        path: PathBuf,
    },
    /// The file breaks rules.
    #[error("{} has {} that must be mended before anything is made:{}", path.display(), count(faults.len()), list(faults))]
    Faults {
        /// Path.
        path: PathBuf,
        /// Every fault, in the order of the file.
        faults: Vec<Fault>,
    },
}

fn count(faults: usize) -> String {
    if faults == 1 { "one fault".to_owned() } else { format!("{faults} faults") }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

impl Plan {
    /// Reads a ceremony file from the disk; gives its text as well, which goes beside the transcript.
    ///
    /// # Errors
    /// [`PlanError`] with every fault at once.
    pub fn load(path: &Path, now: Timestamp) -> Result<(Self, String), PlanError> {
        use std::io::Read as _;
        let fail = |error: std::io::Error| PlanError::File { path: path.to_owned(), kind: error.kind() };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(fail)?;
        file.take(SMALL_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
        let small = u64::try_from(bytes.len()).is_ok_and(|length| length <= SMALL_FILE_BYTES);
        let text = std::str::from_utf8(&bytes).ok().filter(|_| small);
        let text = text.ok_or_else(|| PlanError::Text { path: path.to_owned() })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let plan = Self::read(text, base, now);
        let plan = plan.map_err(|faults| PlanError::Faults { path: path.to_owned(), faults })?;
        Ok((plan, text.to_owned()))
    }

    /// Reads the text of a ceremony file; relative paths in it start at `base`. A file that names an existing
    /// authority has its certificate read as well.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn read(text: &str, base: &Path, now: Timestamp) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = error.span().map_or(0, |span| line_of(text, &span));
            faults.add(
                line,
                "TOML",
                format!("{}: vaccert keys ceremony --example prints a file to start from", first_line(error.message())),
            );
        }
        if !errors.is_empty() {
            return Err(faults.sorted());
        }
        let root = Section::whole(text, table.get_ref());
        let plan = read(&root, base, now, sha256(text.as_bytes()), &mut faults);
        root.finish(&mut faults);
        match plan {
            Some(plan) if faults.0.is_empty() => Ok(plan),
            _ => Err(faults.sorted()),
        }
    }

    /// The authority that the ceremony makes, if it makes one.
    #[must_use]
    pub fn new_authority(&self) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.role == Role::Authority)
    }

    /// Who holds the key of this name.
    #[must_use]
    pub fn holder(&self, key: &str) -> Option<&Participant> {
        self.participants.iter().find(|person| person.holds.iter().any(|held| held == key))
    }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Reads everything that can be read, so that one fault hides no other.
fn read(root: &Section<'_>, base: &Path, now: Timestamp, file_sha256: [u8; 32], faults: &mut Faults) -> Option<Plan> {
    let title = root.text(faults, "title").map_or_else(|| "Key ceremony".to_owned(), |at| at.value);
    let country = root.needed(faults, "country", "give the two capital letters of ISO 3166-1, such as TG");
    let country = country.and_then(|at| read_country(&at, faults));
    let environment = root.needed(faults, "environment", "write \"sandbox\" for a rehearsal or \"production\"");
    let environment = environment.and_then(|at| match at.value.as_str() {
        "sandbox" => Some(Environment::Sandbox),
        "production" => Some(Environment::Production),
        other => {
            faults.add(at.line, "environment", format!("'{other}' is neither \"sandbox\" nor \"production\""));
            None
        }
    });
    let organisation = root.needed(faults, "organisation", "give the name of the ministry or agency");
    let start = root.moment(faults, "start");
    let crl_address = root.text(faults, "crl_distribution_point");
    if let Some(at) = &crl_address {
        rules::crl_address(at, faults);
    }
    let common = entity::Common {
        country: country.map(|country| country.to_string()).unwrap_or_default(),
        organisation: organisation.as_ref().map(|at| at.value.clone()).unwrap_or_default(),
        sandbox: environment == Some(Environment::Sandbox),
    };
    if let Some(at) = organisation.as_ref().filter(|at| at.value == SANDBOX_ORGANISATION) {
        let problem = "is the mark of the sandbox, which is set by environment = \"sandbox\": give the real name";
        faults.add(at.line, "organisation", problem);
    }
    let (existing, mut entities) = entity::authority(root, base, &common, faults);
    let signers = root.tables(faults, "signer");
    let tls = root.table(faults, "tls");
    let upload = root.table(faults, "upload");
    if signers.len() > CEREMONY_ENTRIES {
        let problem = format!("{} signers: at most {CEREMONY_ENTRIES} are made at once", signers.len());
        faults.add(0, "signer", problem);
    }
    for (at, section) in signers.iter().enumerate().take(CEREMONY_ENTRIES) {
        entities.push(entity::signer(section, at + 1, &common, faults));
    }
    entities.extend(tls.map(|section| entity::client(&section, Role::Tls, &common, faults)));
    entities.extend(upload.map(|section| entity::client(&section, Role::Upload, &common, faults)));
    let participants = participants(root, faults);
    let start_line = start.as_ref().map_or(0, |at| at.line);
    // Certificates have whole seconds; a minute is easier to read aloud.
    let minute = now.as_second().div_euclid(60) * 60;
    let start = start.map_or_else(|| Timestamp::from_second(minute).ok(), |at| Some(at.value))?;
    let mut plan = Plan {
        title,
        country: country.unwrap_or(Country::SANDBOX),
        organisation: common.organisation,
        environment: environment.unwrap_or(Environment::Sandbox),
        start,
        existing,
        entities,
        participants,
        crl_address: crl_address.map(|at| at.value),
        file_sha256,
        remarks: Vec::new(),
    };
    rules::check(&mut plan, start_line, now, faults);
    country.and(environment).map(|_| plan)
}

fn read_country(at: &At<String>, faults: &mut Faults) -> Option<Country> {
    match at.value.parse::<Country>() {
        Ok(country) if country.name().is_some() || country.as_str().starts_with('X') => Some(country),
        Ok(_) => {
            let problem = "ISO 3166-1 has not assigned this code: give your country's, or a test code such as XA";
            faults.add(at.line, "country", problem);
            None
        }
        Err(_) => {
            faults.add(at.line, "country", "give the two capital letters of ISO 3166-1, such as TG");
            None
        }
    }
}

fn participants(root: &Section<'_>, faults: &mut Faults) -> Vec<Participant> {
    let mut found: Vec<Participant> = Vec::new();
    for section in root.tables(faults, "participant") {
        let name = section.needed(faults, "name", "give the person's full name, as in the transcript");
        let role = section.needed(faults, "role", "say what the person does, such as \"ceremony leader\"");
        let confirms = section.flag(faults, "confirms").unwrap_or(true);
        let holds = section.texts(faults, "holds").map(|at| at.value).unwrap_or_default();
        section.finish(faults);
        let (Some(name), Some(role)) = (name, role) else { continue };
        if found.iter().any(|known| known.name == name.value) {
            faults.add(name.line, section.setting("name"), format!("'{}' takes part twice: join the two", name.value));
        }
        if found.len() >= CEREMONY_ENTRIES {
            faults.add(name.line, section.name(), format!("more than {CEREMONY_ENTRIES} people take part"));
            break;
        }
        found.push(Participant { name: name.value, role: role.value, confirms, holds, line: section.line });
    }
    found
}
