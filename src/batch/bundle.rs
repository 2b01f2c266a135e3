//! `trust.json`: the signed bundle by which anybody checks what this issuer signs, without a network.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};

use super::{BatchError, output::write_private};
use crate::{
    keys::{Certificate, Signer},
    registry::{Registry, RegistryError},
    revocation::{Builder, Fingerprints, HashKind},
    trust::bundle::{self, Contents, Environment},
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

/// Tells the registry who signs from now on: what was signed must still verify when the key has been replaced.
pub(super) async fn remember(signer: &Certificate, registry: &Registry) -> Result<(), RegistryError> {
    registry.remember_signer(&signer.kid().to_string(), &STANDARD.encode(signer.der())).await
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
    let mut revoked = Vec::new();
    let mut last = None;
    loop {
        let since = last.as_ref().map(|(at, id): &(Timestamp, String)| (*at, id.as_str()));
        let page = registry.revocations(since, PAGE).await?;
        let mut ids: Vec<String> = page.iter().map(|entry| entry.id.clone()).collect();
        // An envelope that carries another identifier is looked up by that one.
        ids.extend(registry.aliases(&ids).await?);
        revoked.extend(ids.iter().filter_map(|id| Fingerprints::of_identifier(id).get(HashKind::Identifier).copied()));
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
    let mut revocations = Builder::new();
    revocations.add_own(revoked, certificates().map(Certificate::kid), valid_until)?;
    let mut contents = Contents::new(environment, u64::try_from(now.as_second()).unwrap_or(0), now, valid_until);
    contents.certificates = certificates().map(|certificate| certificate.der().to_vec()).collect();
    contents.revocations = revocations.finish()?.encode()?;
    let bytes = bundle::write(&contents, list_key.signer.as_ref())?;
    let path = dir.join(BUNDLE_FILE);
    write_public(&path, &bytes)?;
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
