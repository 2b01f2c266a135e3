//! Everything that the service's verdicts rest on, read once: the bundle that this installation publishes, the lists
//! that it pulled, and what `vaccert gateway pull` brought (rules, value sets, revocations, countries).
//!
//! What may be missing and what may not: a foreign list that cannot be read leaves its signers unknown, which makes
//! verdicts undecided and is told; a revocation list that cannot be read would make revoked certificates green, so
//! nothing is taken over then and the state before stays.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::{
    batch::BUNDLE_FILE,
    config::Setup,
    gateway::{
        self, FolderError, Kind,
        lists::{self, PullStatus, Source as List, Version},
    },
    keys::PublicKey,
    limits::{SMALL_FILE_BYTES, TRUST_LIST_BYTES},
    revocation::{Regressed, RevocationError, Revocations, follows},
    rules::{RuleSet, RuleSetError},
    trust::bundle::{self, Bundle, BundleError, Environment},
    verify::{Assembly, Knowledge, KnowledgeError},
};

/// Why what is there cannot be used. What was read before stays in use.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// Nothing was published yet.
    #[error(
        "{BUNDLE_FILE} is not there yet, and nothing can be checked without it: wait for the first publication, or \
         run `vaccert publish`"
    )]
    NotYet,
    /// A file cannot be read.
    #[error("{file} cannot be read ({kind}): check that it belongs to the user of this service")]
    Read {
        /// Its name, without the folder.
        file: String,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// Larger than any list.
    #[error("{file} is larger than any list ({limit} bytes): publish or pull it again")]
    TooLarge {
        /// Its name.
        file: String,
        /// Most bytes that are read.
        limit: u64,
    },
    /// The bundle is not believed.
    #[error("{BUNDLE_FILE} is not believed: {0}")]
    Bundle(#[from] BundleError),
    /// A part of the bundle, or all parts together.
    #[error("what verdicts rest on cannot be put together: {0}")]
    Content(#[from] KnowledgeError),
    /// Revocations.
    #[error("{file} cannot be used: {source}; nothing is taken over, for a revocation could be missed")]
    Revocations {
        /// Its name.
        file: String,
        /// What is wrong.
        source: RevocationError,
    },
    /// Rules.
    #[error("{file} cannot be used: {source}; pull again")]
    Rules {
        /// Its name.
        file: String,
        /// What is wrong.
        source: RuleSetError,
    },
    /// The folder of what was pulled.
    #[error("what was pulled cannot be read: {0}")]
    Pulled(#[from] FolderError),
    /// An older bundle (failure F12).
    #[error("{BUNDLE_FILE} has the number {found}, and number {seen} of the same maker was in use: publish again")]
    Older {
        /// Number of the file.
        found: u64,
        /// Number in use.
        seen: u64,
    },
    /// A bundle that forgets (failure F21).
    #[error("{BUNDLE_FILE} is not taken over: {0}; publish again from the whole registry")]
    Forgets(#[from] Regressed),
    /// A worker was lost.
    #[error("a part of the program ended unexpectedly: try again, nothing is lost")]
    Worker,
}

/// Where it all comes from.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The published bundle.
    pub bundle: PathBuf,
    /// Keys that sign it.
    pub list_keys: Vec<PublicKey>,
    /// Lists that are pulled.
    pub lists: Vec<List>,
    /// Folder of what was pulled from a gateway.
    pub pulled: Option<PathBuf>,
}

/// What a file looked like: another time or size means another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(Option<(SystemTime, u64)>);

impl Seen {
    pub(super) fn numbered(number: u64) -> Self {
        Self(Some((SystemTime::UNIX_EPOCH, number)))
    }
}

/// The bundle in use: what the next one is held against.
#[derive(Debug)]
struct Own {
    maker: String,
    sequence: u64,
    /// A rehearsal may begin anew; a real issuer may not forget.
    production: bool,
    revocations: Revocations,
}

/// A rule as apps fetch it: its text is what its country signed, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// Identifier.
    pub identifier: String,
    /// Version.
    pub version: String,
    /// Country, two capital letters.
    pub country: String,
    /// JSON.
    pub text: String,
}

/// A value set as apps fetch it, in the EU's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSetText {
    /// Published name.
    pub id: String,
    /// JSON.
    pub text: String,
}

/// What was read, all of one moment.
#[derive(Debug)]
pub struct Known {
    /// What verifiers go by.
    pub knowledge: Knowledge,
    /// Every rule, for apps.
    pub rules: Vec<RuleText>,
    /// Value sets that were pulled, for apps.
    pub value_sets: Vec<ValueSetText>,
    /// Participating countries that were pulled; empty where none were.
    pub countries: Vec<String>,
    /// When rules, value sets and countries were pulled.
    pub pulled_at: Option<Timestamp>,
    /// When the bundle was made.
    pub made_at: Timestamp,
    /// What could not be used, and what that means.
    pub troubles: Vec<String>,
    own: Own,
}

impl Places {
    /// Those of a configuration.
    #[must_use]
    pub fn of(setup: &Setup) -> Self {
        Self {
            bundle: setup.service.public.join(BUNDLE_FILE),
            list_keys: setup.list_key.signer.certificate().public_key().into_iter().collect(),
            lists: setup.trust.iter().map(|list| list.source.clone()).collect(),
            pulled: setup.gateway.as_ref().map(|gateway| gateway.state.clone()),
        }
    }

    /// What the files look like now; cheap enough for every second.
    pub(super) fn look(&self) -> Vec<Seen> {
        let seen = |path: &Path| {
            let found = fs::metadata(path).ok();
            Seen(found.and_then(|found| Some((found.modified().ok()?, found.len()))))
        };
        let pulled = self.pulled.iter().flat_map(|root| [".pulls.json", "report.json"].map(|name| root.join(name)));
        let ledgers = self.lists.iter().map(List::ledger);
        std::iter::once(self.bundle.clone()).chain(ledgers).chain(pulled).map(|path| seen(&path)).collect()
    }

    /// Reads everything. `before` is what is in use, which a new bundle must not undo.
    ///
    /// # Errors
    /// [`KnownError`]; then what is in use stays.
    pub fn read(&self, before: Option<&Known>) -> Result<Known, KnownError> {
        let mut assembly = Assembly::default();
        let mut troubles = Vec::new();
        let bundle = self.read_bundle()?;
        let own = Own::of(&bundle)?;
        if let Some(before) = before {
            own.follows(&before.own)?;
        }
        assembly.add_bundle(&bundle, BUNDLE_FILE)?;
        for list in &self.lists {
            // Entries of a list that is read halfway must not stay.
            let mut store = assembly.trust.clone();
            match lists::load(list, Version::Current, &mut store) {
                Ok(Some(_)) => {
                    bound(list, &mut store);
                    if own.production {
                        troubles.extend(store.forget_published().into_iter().map(|(list, keys)| {
                            format!(
                                "{keys} keys of the list {list} are not believed: everybody can sign with them (F06)"
                            )
                        }));
                    }
                    assembly.trust = store;
                }
                Ok(None) => troubles.push(format!(
                    "the list {} was never pulled, so its signers are unknown: run `vaccert trust pull`",
                    list.name
                )),
                Err(error) => troubles.push(format!("the list {} is not used: {error}", list.name)),
            }
        }
        let mut rules = of_bundle(&bundle);
        let (mut value_sets, mut countries, mut pulled_at) = (Vec::new(), Vec::new(), None);
        if let Some(root) = &self.pulled {
            for (name, bytes) in gateway::kept(root, Kind::Revocations.name())? {
                let added = assembly.revocations.add(&name, &bytes);
                added.map_err(|source| KnownError::Revocations { file: name, source })?;
            }
            for (name, bytes) in gateway::kept(root, Kind::Rules.name())? {
                let set = RuleSet::parse(&bytes).and_then(|set| assembly.rules.merge(set));
                set.map_err(|source| KnownError::Rules { file: name, source })?;
                rules.extend(String::from_utf8(bytes).ok().and_then(rule_text));
            }
            for (name, bytes) in gateway::kept(root, Kind::ValueSets.name())? {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                value_sets.extend(value_set_id(&text).map(|id| ValueSetText { id, text }));
                assembly.value_sets.push((name, bytes));
            }
            countries = small_json(&root.join("countries.json")).unwrap_or_default();
            let report: Option<Json> = small_json(&root.join("report.json"));
            pulled_at = report.and_then(|report| report.get("pulled_at")?.as_str()?.parse().ok());
        }
        let mut seen = BTreeSet::new();
        rules.retain(|rule| seen.insert((rule.country.clone(), rule.identifier.clone(), rule.version.clone())));
        let made_at = bundle.contents.made_at;
        drop(bundle);
        let knowledge = assembly.finish()?;
        Ok(Known { knowledge, rules, value_sets, countries, pulled_at, made_at, troubles, own })
    }

    fn read_bundle(&self) -> Result<Bundle, KnownError> {
        match bounded(&self.bundle, BUNDLE_FILE, TRUST_LIST_BYTES) {
            Ok(bytes) => Ok(bundle::read(bytes, &self.list_keys)?),
            Err(KnownError::Read { kind: io::ErrorKind::NotFound, .. }) => Err(KnownError::NotYet),
            Err(error) => Err(error),
        }
    }
}

impl Own {
    fn of(bundle: &Bundle) -> Result<Self, KnownError> {
        let bytes = &bundle.contents.revocations;
        let revocations = if bytes.is_empty() { Ok(Revocations::default()) } else { Revocations::decode(bytes) };
        Ok(Self {
            maker: bundle.maker.clone(),
            sequence: bundle.contents.sequence,
            production: bundle.contents.environment == Environment::Production,
            revocations: revocations.map_err(KnowledgeError::from)?,
        })
    }

    /// Whether it may take the place of `before`: a later number of the same maker, and nothing forgotten.
    fn follows(&self, before: &Self) -> Result<(), KnownError> {
        if !self.production || !before.production {
            return Ok(());
        }
        if self.maker == before.maker && self.sequence < before.sequence {
            return Err(KnownError::Older { found: self.sequence, seen: before.sequence });
        }
        Ok(follows(&before.revocations, &self.revocations)?)
    }
}

/// A list that does not say how long it may be used may be used as long as the configuration says after it was last
/// confirmed at its source (failure F23).
fn bound(list: &List, store: &mut crate::trust::TrustStore) {
    let confirmed = PullStatus::of(list).ok().flatten().and_then(|status| status.last_success);
    if let Some(end) = confirmed.and_then(|at| at.checked_add(list.max_age).ok()) {
        store.bound_list(&list.name, end);
    }
}

/// The rules inside a bundle, each by itself.
fn of_bundle(bundle: &Bundle) -> Vec<RuleText> {
    let mut found = Vec::new();
    for text in &bundle.contents.rules {
        match serde_json::from_str::<Json>(text) {
            Ok(Json::Array(all)) => found.extend(all.iter().filter_map(|rule| rule_text(rule.to_string()))),
            Ok(_) => found.extend(rule_text(text.clone())),
            Err(_) => {}
        }
    }
    found
}

/// A rule with the fields by which lists name it; `None` for what is no rule.
fn rule_text(text: String) -> Option<RuleText> {
    let json: Json = serde_json::from_str(&text).ok()?;
    let field = |names: [&str; 2]| names.iter().find_map(|name| json.get(*name)?.as_str()).map(str::to_owned);
    let identifier = field(["Identifier", "identifier"])?;
    let version = field(["Version", "version"])?;
    let country = field(["Country", "country"]).or_else(|| identifier.get(3..5).map(str::to_owned))?;
    Some(RuleText { identifier, version, country: country.to_ascii_uppercase(), text })
}

fn value_set_id(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    Some(json.get("valueSetId")?.as_str()?.to_owned())
}

fn small_json<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&bounded(path, "", SMALL_FILE_BYTES).ok()?).ok()
}

fn bounded(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, KnownError> {
    let wrong = |error: io::Error| KnownError::Read { file: name.to_owned(), kind: error.kind() };
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes)).map_err(wrong)?;
    if u64::try_from(bytes.len()).map_or(true, |read| read > limit) {
        return Err(KnownError::TooLarge { file: name.to_owned(), limit });
    }
    Ok(bytes)
}
