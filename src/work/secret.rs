//! Secrets of an installation that all its replicas share.

use crate::{
    batch::{BatchError, Random},
    registry::{Registry, RegistryError},
};

/// A secret of this installation for one purpose: random, and the same for every replica and after every start,
/// because it lies in the registry. It protects what leaves the registry (marks, links, sessions), not what is in
/// it.
///
/// # Errors
/// No random bytes, or the registry's.
pub async fn secret(registry: &Registry, random: &Random, purpose: &str) -> Result<[u8; 32], BatchError> {
    let mut fresh = [0; 32];
    random(&mut fresh)?;
    let fresh: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
    let held = registry.pin_meta(&format!("secret {purpose}"), &fresh).await?;
    let row = || RegistryError::Row { place: registry.place().to_owned(), column: "value" };
    let mut secret = [0; 32];
    if held.len() != 2 * secret.len() || !held.is_ascii() {
        return Err(row().into());
    }
    for (byte, digits) in secret.iter_mut().zip(held.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| row())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| row())?;
    }
    Ok(secret)
}
