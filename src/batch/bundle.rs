//! `trust.json`: the signed bundle by which anybody checks what this issuer signs, without a network.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Batch, BatchError, output::write_private};
use crate::{
    issue::{Issuer, LinkedData, listed_signature},
    keys::{Certificate, Kid, PublicKey, Signer, SignerSet, SignerState, sha256},
    registry::{Registry, RegistryError},
    revocation::{Builder, Fingerprints, HashKind, Scope, Until},
    trust::{
        TrustedKey,
        bundle::{self, BundledList, Contents, Environment},
    },
};

/// Name of the bundle.
pub const BUNDLE_FILE: &str = "trust.json";

/// Revocations read from the registry at a time.
const PAGE: u32 = 10_000;

/// Who signs bundles, and for how long they may be used.
#[derive(Clone)]
pub struct ListKey {
    /// Signs the bundle.
    pub signer: Arc<dyn Signer>,
    /// How long a bundle may be used.
    pub validity: SignedDuration,
}

impl std::fmt::Debug for ListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListKey({})", self.signer.kid())
    }
}

/// Tells the set what the registry knows of its publication: another process may have published a key meanwhile.
///
/// # Errors
/// The registry's.
pub async fn learn(signers: &SignerSet, registry: &Registry) -> Result<(), RegistryError> {
    let published = registry.published_signers().await?;
    for member in signers.members() {
        let kid = member.certificate().kid();
        if let Some(at) = published.get(&kid.to_string()) {
            signers.learn(kid, *at);
        }
    }
    Ok(())
}

/// Learns which keys are published, and tells the registry who may sign from now on: what was signed must still
/// verify when the key has been replaced.
///
/// # Errors
/// The registry's.
pub async fn remember(issuer: &Issuer, registry: &Registry, now: Timestamp) -> Result<(), RegistryError> {
    learn(issuer.signers(), registry).await?;
    for member in issuer.signers().members() {
        let certificate = member.certificate();
        // A key that nobody knows yet and that signs nothing must not look as if it had.
        let signs = matches!(issuer.signers().state(member, now), SignerState::Active { .. });
        if signs || member.published().is_some() {
            registry.remember_signer(&certificate.kid().to_string(), &STANDARD.encode(certificate.der())).await?;
        }
    }
    let Some(key) = issuer.linked_data().map(LinkedData::key) else { return Ok(()) };
    let named = NamedKey::of(key);
    let text = serde_json::to_string(&named).unwrap_or_default();
    // A DID may get a new key: both are remembered.
    let print = sha256(named.spki.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    registry.remember_signer(&format!("key {print}"), &text).await
}

/// A key for linked data, as the registry remembers it.
#[derive(Serialize, Deserialize)]
struct NamedKey {
    did: String,
    spki: String,
    country: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    sandbox: bool,
}

impl NamedKey {
    fn of(key: &TrustedKey) -> Self {
        Self {
            did: key.issuer.clone().unwrap_or_default(),
            spki: STANDARD.encode(key.key.to_spki()),
            country: key.country.clone(),
            from: key.not_before,
            until: key.not_after,
            sandbox: key.sandbox,
        }
    }

    /// As a list has it: under the bytes of its DID.
    fn into_key(self) -> Option<TrustedKey> {
        let public = PublicKey::from_spki(&STANDARD.decode(self.spki).ok()?).ok()?;
        let mut key = TrustedKey::bare(public, Kid::new(self.did.as_bytes()), DID_KEYS);
        (key.country, key.not_before, key.not_after) = (self.country, self.from, self.until);
        (key.issuer, key.sandbox) = (Some(self.did), self.sandbox);
        Some(key)
    }
}

/// Name of the list of keys for linked data in a bundle.
const DID_KEYS: &str = "keys for linked data";

/// Keys for linked data that ever signed into this registry and may still vouch for something at `now`.
async fn named_keys(registry: &Registry, sandbox: bool, now: Timestamp) -> Result<Vec<TrustedKey>, BatchError> {
    let remembered = registry.signers().await?;
    let read = remembered.iter().filter_map(|text| serde_json::from_str::<NamedKey>(text).ok()?.into_key());
    let mut found: Vec<_> =
        read.filter(|key| key.sandbox == sandbox && key.not_after.is_none_or(|until| until > now)).collect();
    found.sort_by(|a, b| a.kid.as_bytes().cmp(b.kid.as_bytes()).then(a.key.to_spki().cmp(&b.key.to_spki())));
    Ok(found)
}

/// Certificates of earlier signers that may still vouch for something at `now`.
async fn earlier(signers: &[Certificate], registry: &Registry, now: Timestamp) -> Result<Vec<Certificate>, BatchError> {
    let remembered = registry.signers().await?;
    let decoded = remembered.iter().filter_map(|text| Certificate::from_der(&STANDARD.decode(text).ok()?).ok());
    let mut found: Vec<_> = decoded.filter(|c| c.not_after() > now && !signers.contains(c)).collect();
    found.sort_by_key(Certificate::not_before);
    Ok(found)
}

/// Writes the bundle of the given signer certificates, of those that signed earlier into this registry, and of
/// all its revocations, whole or not at all. Its sequence number is the time in seconds, which only counts up.
///
/// # Errors
/// The registry's, the list key's or the disk's.
pub async fn write_bundle(
    dir: &Path,
    signers: &[Certificate],
    list_key: &ListKey,
    registry: &Registry,
    now: Timestamp,
) -> Result<PathBuf, BatchError> {
    let (mut revoked, mut by_signature) = (Vec::new(), Vec::new());
    let mut last = None;
    loop {
        let since = last.as_ref().map(|(at, id): &(Timestamp, String)| (*at, id.as_str()));
        let page = registry.revocations(since, PAGE).await?;
        let ids: Vec<String> = page.iter().map(|entry| entry.id.clone()).collect();
        revoked.extend(ids.iter().filter_map(|id| Fingerprints::of_identifier(id).get(HashKind::Identifier).copied()));
        by_signature.extend(registry.listed_as(&ids).await?.iter().filter_map(|name| listed_signature(name)));
        match page.into_iter().next_back() {
            Some(entry) => last = Some((entry.at, entry.id)),
            None => break,
        }
    }
    let sandbox = signers.iter().any(Certificate::is_sandbox);
    let mut earlier = earlier(signers, registry, now).await?;
    earlier.retain(|certificate| certificate.is_sandbox() == sandbox);
    let environment = if sandbox { Environment::Sandbox } else { Environment::Production };
    let valid_until = now.checked_add(list_key.validity).unwrap_or(now);
    let certificates = || signers.iter().chain(&earlier);
    let keys = named_keys(registry, sandbox, now).await?;
    let mut revocations = Builder::new();
    let kids = || certificates().map(Certificate::kid).chain(keys.iter().map(|key| &key.kid));
    revocations.add_own(revoked, kids(), valid_until)?;
    // Envelopes without an identifier are named by their signatures, and no others are.
    revocations.revoke(None, HashKind::Signature, by_signature)?;
    for kid in kids() {
        revocations.cover(Scope::Kid(kid.clone()), HashKind::Signature, Until::Time(valid_until))?;
    }
    let mut contents = Contents::new(environment, u64::try_from(now.as_second()).unwrap_or(0), now, valid_until);
    contents.certificates = certificates().map(|certificate| certificate.der().to_vec()).collect();
    if !keys.is_empty() {
        let (name, made_at, authorities) = (DID_KEYS.to_owned(), Some(now), Vec::new());
        contents.lists.push(BundledList { name, made_at, keys, authorities });
    }
    contents.revocations = revocations.finish()?.encode()?;
    let bytes = bundle::write(&contents, list_key.signer.as_ref())?;
    let path = dir.join(BUNDLE_FILE);
    write_public(&path, &bytes)?;
    Ok(path)
}

impl Batch {
    /// Learns which keys are published and, where one is not, writes the bundle into `dir` now: its time until it
    /// signs begins. Gives the bundle, if one was written.
    ///
    /// # Errors
    /// The registry's, the list key's or the disk's.
    pub async fn announce(&self, dir: &Path, list_key: &ListKey) -> Result<Option<PathBuf>, BatchError> {
        let (signers, now) = (self.issuer.signers(), self.clock.now());
        learn(signers, &self.registry).await?;
        let waits = |member| signers.state(member, now) == SignerState::Unpublished;
        if !signers.members().iter().any(waits) {
            return Ok(None);
        }
        self.publish(dir, list_key).await.map(Some)
    }

    /// Writes the bundle of all signers into `dir`: those that sign, that will, and that did.
    ///
    /// # Errors
    /// The registry's, the list key's or the disk's.
    pub async fn publish(&self, dir: &Path, list_key: &ListKey) -> Result<PathBuf, BatchError> {
        publish(dir, self.issuer.signers(), list_key, &self.registry, self.clock.now()).await
    }
}

/// Writes the bundle of all signers of a set into `dir`: those that sign, that will, and that did. From then on they
/// count as published.
///
/// # Errors
/// The registry's, the list key's or the disk's.
pub async fn publish(
    dir: &Path,
    signers: &SignerSet,
    list_key: &ListKey,
    registry: &Registry,
    now: Timestamp,
) -> Result<PathBuf, BatchError> {
    let certificates = signers.certificates(now);
    let path = write_bundle(dir, &certificates, list_key, registry, now).await?;
    let kids: Vec<String> = certificates.iter().map(|certificate| certificate.kid().to_string()).collect();
    registry.publish_signers(&kids, now).await?;
    learn(signers, registry).await?;
    Ok(path)
}

/// Writes a file that is for everybody, whole or not at all.
///
/// # Errors
/// The disk's.
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    write_private(&part, bytes)?;
    #[cfg(unix)]
    fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .map_err(BatchError::write(&part))?;
    fs::rename(&part, path).map_err(BatchError::write(path))
}
