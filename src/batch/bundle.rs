//! `trust.json`: the signed bundle by which anybody checks what this issuer signs, without a network.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Batch, BatchError, OwnKeys, TakenBack, output::write_private};
use crate::{
    issue::{Issuer, LinkedData},
    keys::{Certificate, Kid, PublicKey, Signer, SignerSet, SignerState, sha256},
    limits::TRUST_LIST_BYTES,
    registry::{Registry, RegistryError},
    revocation::{Builder, HashKind, Scope, Until},
    trust::{
        TrustedKey,
        bundle::{self, BundledList, Contents, Environment},
    },
};

/// Name of the bundle.
pub const BUNDLE_FILE: &str = "trust.json";

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
pub(super) async fn named_keys(
    registry: &Registry,
    sandbox: bool,
    now: Timestamp,
) -> Result<Vec<TrustedKey>, BatchError> {
    let remembered = registry.signers().await?;
    let read = remembered.iter().filter_map(|text| serde_json::from_str::<NamedKey>(text).ok()?.into_key());
    let mut found: Vec<_> =
        read.filter(|key| key.sandbox == sandbox && key.not_after.is_none_or(|until| until > now)).collect();
    found.sort_by(|a, b| a.kid.as_bytes().cmp(b.kid.as_bytes()).then(a.key.to_spki().cmp(&b.key.to_spki())));
    Ok(found)
}

/// Certificates of earlier signers that may still vouch for something at `now`.
pub(super) async fn earlier(
    signers: &[Certificate],
    registry: &Registry,
    now: Timestamp,
) -> Result<Vec<Certificate>, BatchError> {
    let remembered = registry.signers().await?;
    let decoded = remembered.iter().filter_map(|text| Certificate::from_der(&STANDARD.decode(text).ok()?).ok());
    let mut found: Vec<_> = decoded.filter(|c| c.not_after() > now && !signers.contains(c)).collect();
    found.sort_by_key(Certificate::not_before);
    Ok(found)
}

/// Writes the bundle of the given signer certificates, which are published by it, of those that signed earlier into
/// this registry, and of all its revocations, whole or not at all. What was revoked once and is no more is named as
/// released. Its sequence number is the time in seconds, which only counts up.
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
    let path = dir.join(BUNDLE_FILE);
    write_public(&path, &make_bundle(dir, signers, list_key, registry, now).await?)?;
    Ok(path)
}

/// The bundle that [`write_bundle`] would write into `dir`, in the place of the one that is there.
///
/// # Errors
/// The registry's, or the list key's.
pub async fn make_bundle(
    dir: &Path,
    signers: &[Certificate],
    list_key: &ListKey,
    registry: &Registry,
    now: Timestamp,
) -> Result<Vec<u8>, BatchError> {
    let taken = TakenBack::read(registry).await?;
    let own = OwnKeys::of(signers, registry, now).await?;
    let environment = if own.sandbox { Environment::Sandbox } else { Environment::Production };
    let valid_until = now.checked_add(list_key.validity).unwrap_or(now);
    let mut revocations = Builder::new();
    taken.add_to(&mut revocations)?;
    for kid in own.kids() {
        for kind in [HashKind::Identifier, HashKind::Signature] {
            revocations.cover(Scope::Kid(kid.clone()), kind, Until::Time(valid_until))?;
        }
    }
    let path = dir.join(BUNDLE_FILE);
    let mut contents = Contents::new(environment, next_sequence(&path, now), now, valid_until);
    contents.certificates = own.certificates.iter().map(|certificate| certificate.der().to_vec()).collect();
    let keys = own.named;
    if !keys.is_empty() {
        let (name, made_at, authorities) = (DID_KEYS.to_owned(), Some(now), Vec::new());
        contents.lists.push(BundledList { name, made_at, keys, authorities });
    }
    contents.revocations = revocations.finish()?.encode()?;
    Ok(bundle::write(&contents, list_key.signer.as_ref())?)
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

/// The time in seconds, or one more than the bundle that is there where that is more: two bundles of one second, or a
/// clock that was set back, must not give a later one a number that devices refuse.
fn next_sequence(path: &Path, now: Timestamp) -> u64 {
    let time = u64::try_from(now.as_second()).unwrap_or(0);
    let bounded = fs::metadata(path).is_ok_and(|found| found.len() <= TRUST_LIST_BYTES);
    let before = bounded.then(|| fs::read(path).ok()).flatten().and_then(|bytes| bundle::read_unsigned(bytes).ok());
    before.map_or(time, |before| time.max(before.contents.sequence.saturating_add(1)))
}

/// Writes a file that is for everybody, whole or not at all.
///
/// # Errors
/// The disk's.
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    write_whole(path, bytes, true)
}

/// Writes a file that is for its owner alone, whole or not at all.
///
/// # Errors
/// The disk's.
pub fn write_owned(path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    write_whole(path, bytes, false)
}

/// Beside, onto the disk, then into place: after a power cut there is the old file or the new one.
fn write_whole(path: &Path, bytes: &[u8], public: bool) -> Result<(), BatchError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    write_private(&part, bytes)?;
    #[cfg(unix)]
    if public {
        fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .map_err(BatchError::write(&part))?;
    }
    #[cfg(not(unix))]
    let _ = public;
    fs::File::open(&part).and_then(|file| file.sync_all()).map_err(BatchError::write(&part))?;
    fs::rename(&part, path).map_err(BatchError::write(path))
}
