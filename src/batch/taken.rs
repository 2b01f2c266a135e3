//! What this issuer took back, as lists name it, and the keys that the lists speak for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    BatchError,
    bundle::{earlier, named_keys},
};
use crate::{
    issue::{Format, listed_signature},
    keys::{Certificate, Kid, sha256},
    registry::Registry,
    revocation::{Builder, Fingerprints, Hash, HashKind, RevocationError},
    trust::TrustedKey,
};

/// Everything that was revoked or restored, by hash.
#[derive(Debug, Default)]
pub struct TakenBack {
    /// Revoked and released, by the hash of the identifier.
    identifiers: (Vec<Hash>, Vec<Hash>),
    /// Revoked and released, by the hash of the signature: envelopes that carry no identifier, and no others.
    signatures: (Vec<Hash>, Vec<Hash>),
    /// What filters hold, by key of the signer: the hash of the identifier exactly as it is in a certificate, with its
    /// check character and without, or of the signature where it has none.
    pub by_key: BTreeMap<Vec<u8>, Vec<Hash>>,
    /// Number of the newest record of the log that is in it.
    pub through: u64,
}

impl TakenBack {
    /// Reads the log.
    ///
    /// # Errors
    /// The registry's.
    pub async fn read(registry: &Registry) -> Result<Self, BatchError> {
        let mut taken = Self::default();
        let (identifiers, signatures) = (&mut taken.identifiers, &mut taken.signatures);
        let by_key = &mut taken.by_key;
        taken.through = registry
            .each_listed(|listed| {
                let of = |lists: &mut (Vec<Hash>, Vec<Hash>), hash| {
                    if listed.revoked { &mut lists.0 } else { &mut lists.1 }.push(hash);
                };
                if let Some(hash) = Fingerprints::of_identifier(&listed.id).get(HashKind::Identifier) {
                    of(identifiers, *hash);
                }
                for envelope in &listed.envelopes {
                    let signature = envelope.listed_as.as_deref().and_then(listed_signature);
                    if let Some(hash) = signature {
                        of(signatures, hash);
                    }
                    if listed.revoked {
                        let hashes = by_key.entry(envelope.kid.clone()).or_default();
                        hashes.push(signature.unwrap_or_else(|| exact(&listed.id)));
                        // Not every format carries the identifier with its check character, and a filter is asked
                        // letter by letter.
                        let bare = listed.id.split_once('#').filter(|_| envelope.format != Format::EuDcc.name());
                        if let (None, Some((body, _))) = (signature, bare) {
                            hashes.push(exact(body));
                        }
                    }
                }
            })
            .await?;
        Ok(taken)
    }

    /// How many certificates are revoked, and how many revocations were taken back.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.identifiers.0.len(), self.identifiers.1.len())
    }

    /// Puts what was revoked, and what is no more, into a builder.
    ///
    /// # Errors
    /// More than lists may hold.
    pub fn add_to(&self, builder: &mut Builder) -> Result<(), RevocationError> {
        builder.revoke(None, HashKind::Identifier, self.identifiers.0.clone())?;
        builder.revoke(None, HashKind::Signature, self.signatures.0.clone())?;
        builder.release(HashKind::Identifier, self.identifiers.1.clone())?;
        builder.release(HashKind::Signature, self.signatures.1.clone())
    }
}

/// The hash of an identifier letter by letter: `UCI` of the gateway (facts on the trust framework, section 3).
#[must_use]
pub fn exact(id: &str) -> Hash {
    sha256(id.as_bytes()).first_chunk().copied().unwrap_or_default()
}

/// The keys that this issuer signs with or signed with earlier, and that may still vouch for something.
#[derive(Debug)]
pub struct OwnKeys {
    /// Whether they are a rehearsal's.
    pub sandbox: bool,
    /// Certificates of signers.
    pub certificates: Vec<Certificate>,
    /// Keys for linked data.
    pub named: Vec<TrustedKey>,
}

impl OwnKeys {
    /// The signers of now, and those that the registry remembers.
    ///
    /// # Errors
    /// The registry's.
    pub async fn of(signers: &[Certificate], registry: &Registry, now: Timestamp) -> Result<Self, BatchError> {
        let sandbox = signers.iter().any(Certificate::is_sandbox);
        let mut certificates = signers.to_vec();
        let former = earlier(signers, registry, now).await?;
        certificates.extend(former.into_iter().filter(|certificate| certificate.is_sandbox() == sandbox));
        Ok(Self { sandbox, certificates, named: named_keys(registry, sandbox, now).await? })
    }

    /// Their key identifiers.
    pub fn kids(&self) -> impl Iterator<Item = &Kid> {
        self.certificates.iter().map(Certificate::kid).chain(self.named.iter().map(|key| &key.kid))
    }
}
