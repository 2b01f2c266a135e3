//! `[[trust]]`: the lists that say whose certificates are believed, and where they come from.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::SignedDuration;
use serde::Deserialize;

use super::{ConfigError, GatewaySettings, file::File, keys};
use crate::{
    clock::Clock,
    gateway::{
        Client, GatewayError, Http, HttpOptions, Patience, Stage,
        lists::{Download, FetchError, OverGateway, Source, SourceKind, Web},
    },
    keys::Kid,
    limits::{SMALL_FILE_BYTES, TRUST_SOURCES},
    trust::{
        lists::{ListKey, ListKeyError, OldUploaders},
        proof,
    },
};

/// Folder of what was pulled, beside the configuration.
const STATE: &str = "state/trust";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrustSection {
    name: String,
    kind: SourceKind,
    url: Option<String>,
    environment: Option<Stage>,
    #[serde(default)]
    list_key: Vec<PathBuf>,
    #[serde(default)]
    unsigned: bool,
    ca_file: Option<PathBuf>,
    max_age_hours: Option<u32>,
    #[serde(default)]
    expect_own: bool,
    #[serde(default)]
    expired_uploaders: ExpiredUploaders,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ExpiredUploaders {
    #[default]
    Refuse,
    AcceptIfSignedInTime,
}

/// A file that holds nothing but lists: a machine at a border, which issues nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListsAlone {
    trust: Vec<TrustSection>,
}

/// A list that is pulled, and the way to it.
#[derive(Debug, Clone)]
pub struct TrustSource {
    /// What it must fulfil, and where it is kept.
    pub source: Source,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Gateway(Box<GatewaySettings>),
    Web { url: String, ca_file: Option<PathBuf> },
}

fn setting(problem: String) -> ConfigError {
    ConfigError::Setting { setting: "[[trust]]", problem }
}

impl TrustSource {
    /// Reads the lists of a configuration file, and nothing else of it that would need a key.
    ///
    /// # Errors
    /// When the file cannot be read, or a setting of it is wrong.
    pub fn load(path: &Path) -> Result<Vec<Self>, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        let outline: toml::Table = super::file::parse(path)?;
        if !outline.contains_key("issuer") && !outline.contains_key("keys") && outline.contains_key("trust") {
            let sections = super::file::parse::<ListsAlone>(path)?.trust;
            return Self::all(&sections, &[], None, base);
        }
        Self::of(&File::read(path)?, base)
    }

    /// The lists of a file that was read.
    pub(super) fn of(file: &File, base: &Path) -> Result<Vec<Self>, ConfigError> {
        if file.trust.is_empty() {
            return Ok(Vec::new());
        }
        let own = file.keys.certificates().map(|path| Ok(keys::certificate(&base.join(path))?.kid().clone()));
        let own = own.collect::<Result<Vec<_>, ConfigError>>()?;
        let gateway = GatewaySettings::of(file, base)?;
        Self::all(&file.trust, &own, gateway.as_ref(), base)
    }

    fn all(
        sections: &[TrustSection],
        own: &[Kid],
        gateway: Option<&GatewaySettings>,
        base: &Path,
    ) -> Result<Vec<Self>, ConfigError> {
        if sections.len() > TRUST_SOURCES {
            return Err(setting(format!("has more than {TRUST_SOURCES} lists; pull them as one bundle")));
        }
        let mut names = BTreeSet::new();
        let mut all = Vec::with_capacity(sections.len());
        for section in sections {
            let name = section.name.as_str();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
                return Err(setting("has a list whose name is not 1 to 40 letters, digits, - and _".to_owned()));
            }
            if !names.insert(name.to_ascii_lowercase()) {
                return Err(setting(format!("has two lists of the name {name:?}: give each a name of its own")));
            }
            all.push(Self::build(section, own, gateway, base)?);
        }
        Ok(all)
    }

    fn build(
        section: &TrustSection,
        own: &[Kid],
        gateway: Option<&GatewaySettings>,
        base: &Path,
    ) -> Result<Self, ConfigError> {
        let name = &section.name;
        let wrong = |problem: &str| setting(format!("{name:?} {problem}"));
        let mut list_keys = Vec::new();
        for path in &section.list_key {
            list_keys.extend(read_keys(&base.join(path), name)?);
        }
        if section.environment.is_some() && section.kind != SourceKind::Did {
            return Err(wrong("has an environment, which only lists of the kind \"did\" have: leave it out"));
        }
        let (way, address) = match section.kind {
            SourceKind::Gateway => {
                if section.url.is_some() || section.ca_file.is_some() {
                    return Err(wrong("has url or ca_file: a gateway's address and authorities stand in [gateway]"));
                }
                let settings = gateway.ok_or_else(|| wrong("is of the kind \"gateway\", and there is no [gateway]"))?;
                list_keys.push(ListKey::Certificate(settings.anchor()?));
                (Way::Gateway(Box::new(settings.clone())), settings.url.clone())
            }
            SourceKind::Did => {
                let stage = section.environment.unwrap_or(Stage::Prod);
                let (environment, url) = match stage {
                    Stage::Prod => (proof::Environment::Production, "https://tng-cdn.who.int/v2/trustlist/did.json"),
                    Stage::Uat => (proof::Environment::Acceptance, "https://tng-cdn-uat.who.int/v2/trustlist/did.json"),
                    Stage::Dev => {
                        (proof::Environment::Development, "https://tng-cdn-dev.who.int/v2/trustlist/did.json")
                    }
                    Stage::Acc | Stage::Test | Stage::Sandbox => {
                        return Err(wrong("names an environment that WHO has not: write prod, uat or dev"));
                    }
                };
                let key = environment.signer().map_err(|error| setting(format!("{name:?}: {error}")))?;
                list_keys.push(ListKey::Key(key.to_spki()));
                let url = section.url.clone().unwrap_or_else(|| url.to_owned());
                (Way::Web { url: url.clone(), ca_file: section.ca_file.as_ref().map(|path| base.join(path)) }, url)
            }
            SourceKind::Url => {
                let url = section.url.clone().ok_or_else(|| wrong("has no url: write the address of the list"))?;
                if list_keys.is_empty() && !section.unsigned {
                    return Err(wrong(
                        "has no list_key, so that nothing would prove the list: name the key or certificate that \
                         signs it, or accept it as it is with unsigned = true",
                    ));
                }
                (Way::Web { url: url.clone(), ca_file: section.ca_file.as_ref().map(|path| base.join(path)) }, url)
            }
        };
        if section.unsigned && section.kind != SourceKind::Url {
            return Err(wrong("is signed by its maker: leave unsigned out"));
        }
        if let Way::Web { url, .. } = &way {
            // Told when the configuration is read, not at the first pull in the night.
            Web::new(url, None).map_err(|error| setting(format!("{name:?}: {error}")))?;
        }
        let hours = section.max_age_hours.unwrap_or(72);
        if !(1..=8_760).contains(&hours) {
            return Err(wrong("has max_age_hours outside of 1 to 8760"));
        }
        let old_uploaders = match section.expired_uploaders {
            ExpiredUploaders::Refuse => OldUploaders::Refused,
            ExpiredUploaders::AcceptIfSignedInTime => OldUploaders::AcceptedIfSignedInTime,
        };
        let source = Source {
            name: name.clone(),
            kind: section.kind,
            address,
            list_keys,
            unsigned: section.unsigned,
            old_uploaders,
            max_age: SignedDuration::from_hours(i64::from(hours)),
            own: own.to_vec(),
            expect_own: section.expect_own,
            folder: base.join(STATE).join(name),
        };
        Ok(Self { source, way })
    }

    /// The way to the list, ready to be gone. Keys and certificates for it are read now.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn download(&self, clock: Arc<dyn Clock>) -> Result<Box<dyn Download>, ConfigError> {
        let wrong = |error: FetchError| setting(format!("{:?}: {error}", self.source.name));
        match &self.way {
            Way::Web { url, ca_file } => {
                let roots = ca_file.as_deref().map(small).transpose()?;
                Ok(Box::new(Web::new(url, roots.as_deref()).map_err(wrong)?))
            }
            Way::Gateway(settings) => {
                let identity = settings.tls_identity()?;
                let roots = settings.tls_roots()?;
                let failed = |error: GatewayError| setting(format!("{:?}: {error}", self.source.name));
                let options = HttpOptions::new(&settings.url, &identity, roots.as_deref());
                let http = Http::new(&options).map_err(failed)?;
                // A system without randomness only loses the spread of waiting times.
                let seed = getrandom::u64().unwrap_or_default();
                let client = Client::new(Box::new(http), clock, settings.network, Patience::default(), seed);
                Ok(Box::new(OverGateway::new(client)))
            }
        }
    }
}

fn small(path: &Path) -> Result<Vec<u8>, ConfigError> {
    if fs::metadata(path).map_err(ConfigError::file(path))?.len() > SMALL_FILE_BYTES {
        let message = format!("larger than {SMALL_FILE_BYTES} bytes; this is no file of keys or certificates");
        return Err(ConfigError::Form { path: path.to_owned(), message });
    }
    fs::read(path).map_err(ConfigError::file(path))
}

fn read_keys(path: &Path, name: &str) -> Result<Vec<ListKey>, ConfigError> {
    let wrong = |error: ListKeyError| setting(format!("{name:?}: {}: {error}", path.display()));
    ListKey::read(&small(path)?).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Vec<TrustSource>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vaccert.toml");
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join("no-key.pem"), "nothing").unwrap();
        TrustSource::load(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_machine_at_a_border_needs_nothing_but_lists() {
        let found = load("[[trust]]\nname = \"who\"\nkind = \"did\"\n").unwrap();
        let source = &found[0].source;
        assert_eq!(source.address, "https://tng-cdn.who.int/v2/trustlist/did.json");
        assert!(source.folder.ends_with("state/trust/who"));
        assert_eq!((source.list_keys.len(), source.own.len(), source.max_age.as_hours()), (1, 0, 72));
        let dev = load("[[trust]]\nname = \"dev\"\nkind = \"did\"\nenvironment = \"dev\"\n").unwrap();
        assert_ne!(dev[0].source.list_keys, source.list_keys);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (section, words) in [
            ("name = \"a b\"\nkind = \"did\"", "letters, digits"),
            ("name = \"../x\"\nkind = \"did\"", "letters, digits"),
            ("name = \"a\"\nkind = \"url\"", "has no url"),
            ("name = \"a\"\nkind = \"url\"\nurl = \"https://example.org/\"", "has no list_key"),
            ("name = \"a\"\nkind = \"url\"\nunsigned = true\nurl = \"http://example.org/\"", "plain http"),
            ("name = \"a\"\nkind = \"url\"\nunsigned = true\nurl = \"example.org\"", "no complete address"),
            (
                "name = \"a\"\nkind = \"url\"\nurl = \"https://example.org/\"\nlist_key = [\"no-key.pem\"]",
                "no public key",
            ),
            ("name = \"a\"\nkind = \"gateway\"", "there is no [gateway]"),
            ("name = \"a\"\nkind = \"did\"\nenvironment = \"acc\"", "prod, uat or dev"),
            ("name = \"a\"\nkind = \"did\"\nunsigned = true", "leave unsigned out"),
            ("name = \"a\"\nkind = \"did\"\nmax_age_hours = 0", "max_age_hours"),
            ("name = \"a\"\nkind = \"did\"\nenviroment = \"dev\"", "unknown field"),
            ("name = \"a\"\nkind = \"did\"\n[[trust]]\nname = \"A\"\nkind = \"did\"", "two lists of the name"),
        ] {
            let error = load(&format!("[[trust]]\n{section}\n")).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
