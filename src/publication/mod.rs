//! From the registry's log of revocations to what devices and gateways read: the offline bundle, hash lists and
//! filters in a folder with a signed index, and batches for the EU gateway.
//!
//! The folder is what a web server, a memory stick or [`crate::service`] hands out:
//!
//! ```text
//! DIR/trust.json                   keys and revocations in one signed file
//! DIR/revocations/index.json       signed: version, sequence, index before, files with size and SHA-256
//! DIR/revocations/lists/…          shards of the lists; a name never gets another content
//! DIR/audit/…                      heads of the audit log, signed: the newest, and one a day
//! DIR/revocations/filters/…        Bloom filters by key, for small devices; the index states their measured error
//! ```
//!
//! Files come first and the index last, each whole or not at all: a publication that is killed leaves the one before.
//! The files of the index before stay, for whoever is just downloading them. Numbers only count up, and a
//! publication that would forget what an earlier one revoked is refused (failure F21): that is a registry restored
//! from an old backup, and not a decision to take anything back.
//!
//! Where several replicas hand out the same, the registry keeps what is published ([`Publisher::publish_together`]), and
//! each fills its own folder from there ([`Publisher::fetch`]).

mod files;
pub mod gateway;
mod head;
mod shared;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use crate::{
    batch::{BatchError, ListKey, OwnKeys, TakenBack, make_bundle, write_public},
    keys::{Certificate, Kid},
    registry::{Registry, RegistryError},
    revocation::{
        Builder, FilterSlice, Index, IndexError, IndexedFile, Regressed, RevocationError, Revocations, Role,
        SignedIndex, follows,
    },
};
use files::Folder;
pub use head::{HEAD_FILE, HEADS_FOLDER, HeadError, SignedHead, heads};

/// Name of the folder of lists below the published folder.
pub const LISTS_FOLDER: &str = "revocations";

/// The rate of false hits that filters are made for: one certificate in a million at a gate, and every hit can be
/// asked about in the lists.
pub const FALSE_HITS: f32 = 1e-6;

/// Why nothing was published. What was published before stays.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The registry, the list key of the bundle, or the disk.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// More than lists may hold.
    #[error(transparent)]
    Revocations(#[from] RevocationError),
    /// The list key of the index.
    #[error("the index of revocations cannot be signed: {0}")]
    Sign(IndexError),
    /// The folder cannot be used.
    #[error("{} cannot be used for publishing ({kind}): check that the folder exists and belongs to this user", path.display())]
    Folder {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// Another publication is under way.
    #[error("another run is publishing into {}: wait for its end", path.display())]
    Held {
        /// Which folder.
        path: PathBuf,
    },
    /// The registry is older than what was published.
    #[error(
        "the registry's log ends at {newest} and what was published went to {published}: it was restored from an old \
         backup; restore a newer one, for publishing now would take revocations back that nobody decided to"
    )]
    Older {
        /// The newest record of the registry.
        newest: u64,
        /// The newest record that was published.
        published: u64,
    },
    /// The registry lacks revocations that were published.
    #[error("the registry does not hold what was published, which a publication must not forget: {0}")]
    Forgets(#[from] Regressed),
    /// The head of the audit log.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// A worker was lost.
    #[error("a part of the program ended unexpectedly; run again, nothing is lost")]
    Worker,
}

/// Publishes one registry into one folder.
#[derive(Clone)]
pub struct Publisher {
    /// What is published.
    pub registry: Registry,
    /// Certificates of the signers of now.
    pub signers: Vec<Certificate>,
    /// Signs bundle and index, and says how long they may be used.
    pub list_key: ListKey,
    /// The folder.
    pub dir: PathBuf,
    /// The rate of false hits that filters are made for, above 0 and below 1.
    pub false_hits: f32,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Publisher({:?}, {})", self.registry, self.dir.display())
    }
}

/// What was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Number of the index.
    pub sequence: u64,
    /// Number of the newest record of the log that is in it.
    pub through: u64,
    /// Revoked certificates.
    pub revoked: usize,
    /// Revocations that were taken back.
    pub released: usize,
    /// Files of lists and filters, and how many of them are new.
    pub files: usize,
    /// Of these, files that were not there before.
    pub new_files: usize,
    /// Bytes of the lists.
    pub list_bytes: u64,
    /// Bytes of the filters.
    pub filter_bytes: u64,
    /// The highest rate of false hits that was measured on a filter.
    pub false_hits: f64,
    /// Until when devices may use it.
    pub valid_until: Timestamp,
}

impl Publisher {
    /// Publishes when there is something to publish: the log has grown, the signers are others, half of the validity
    /// is over, or nothing was published yet. To be called every minute or so: that is how a revocation reaches a
    /// published list within five minutes.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn publish_if_due(&self, now: Timestamp) -> Result<Option<Published>, PublicationError> {
        if self.is_due(now).await? { self.publish(now).await.map(Some) } else { Ok(None) }
    }

    /// Whether there is something to publish.
    ///
    /// # Errors
    /// The registry's.
    pub async fn is_due(&self, now: Timestamp) -> Result<bool, PublicationError> {
        let Some((before, _)) = self.folder().index(&self.list_key) else { return Ok(true) };
        // Signed by an earlier list key, or damaged: devices would refuse it.
        if !before.signed {
            return Ok(true);
        }
        let index = before.index;
        let validity = index.valid_until.duration_since(index.made_at);
        let half = validity.checked_div(2).unwrap_or(validity);
        let over = index.made_at.checked_add(half).is_ok_and(|half| now >= half);
        if over || !self.folder().bundle().is_file() {
            return Ok(true);
        }
        let own = OwnKeys::of(&self.signers, &self.registry, now).await?;
        let covers = texts(own.kids());
        Ok(covers.iter().any(|kid| !index.covers.contains(kid))
            || self.registry.newest_revocation().await? != index.through)
    }

    fn folder(&self) -> Folder {
        Folder::new(&self.dir)
    }

    /// Publishes now, into this folder alone.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn publish(&self, now: Timestamp) -> Result<Published, PublicationError> {
        let folder = self.folder();
        let _held = folder.hold()?;
        let sealed = self.seal(&folder, now).await?;
        let published = sealed.published.clone();
        let placed = tokio::task::spawn_blocking(move || sealed.place(&folder));
        placed.await.map_err(|_| PublicationError::Worker)??;
        self.announced(now).await?;
        Ok(published)
    }

    /// Makes everything that is to be published next: the files of lists lie in the folder already, where nobody finds
    /// them without the index.
    async fn seal(&self, folder: &Folder, now: Timestamp) -> Result<Sealed, PublicationError> {
        let before = folder.index(&self.list_key);
        let taken = TakenBack::read(&self.registry).await?;
        if let Some(published) = before.as_ref().map(|(before, _)| before.index.through)
            && published > taken.through
        {
            return Err(PublicationError::Older { newest: taken.through, published });
        }
        let own = OwnKeys::of(&self.signers, &self.registry, now).await?;
        let rate = self.false_hits;
        let made_in = folder.clone();
        let previous = before.as_ref().map(|(before, _)| before.clone());
        let made = tokio::task::spawn_blocking(move || Made::new(&taken, &own, rate, &made_in, previous.as_ref()));
        let made = made.await.map_err(|_| PublicationError::Worker)??;
        let bundle = make_bundle(&self.dir, &self.signers, &self.list_key, &self.registry, now).await?;
        let (list_key, folder) = (self.list_key.clone(), folder.clone());
        let sealed = tokio::task::spawn_blocking(move || made.seal(&folder, &list_key, before, bundle, now));
        sealed.await.map_err(|_| PublicationError::Worker)?
    }

    /// From now on a new signer counts as published, and its day begins.
    async fn announced(&self, now: Timestamp) -> Result<(), PublicationError> {
        let kids: Vec<String> = self.signers.iter().map(|certificate| certificate.kid().to_string()).collect();
        self.registry.publish_signers(&kids, now).await?;
        self.put_head(now).await?;
        Ok(())
    }

    /// Publishes the head of the audit log, signed. Tells whether it was: one that would go back behind the newest
    /// that lies there is not.
    ///
    /// # Errors
    /// The registry's, the list key's or the disk's.
    pub async fn put_head(&self, now: Timestamp) -> Result<bool, PublicationError> {
        let head = self.registry.audit_head().await?;
        let own = self.list_key.signer.certificate();
        let country = own.country().unwrap_or_default().to_owned();
        let signed = SignedHead { head, at: now, country, sandbox: own.is_sandbox() };
        let put = head::put(&self.dir, &signed, self.list_key.signer.as_ref())?;
        if !put {
            tracing::error!(head.number, "the audit log ends before its published head: run vaccert audit verify");
        }
        Ok(put)
    }
}

/// A publication that is made and not yet to be seen.
struct Sealed {
    bundle: Vec<u8>,
    index: Index,
    index_bytes: Vec<u8>,
    before: Option<Index>,
    files: Vec<(IndexedFile, Arc<[u8]>)>,
    published: Published,
}

impl Sealed {
    /// Puts it where everybody sees it. The bundle first: whoever has the newer index never has the older bundle for
    /// long.
    fn place(&self, folder: &Folder) -> Result<(), PublicationError> {
        write_public(&folder.bundle(), &self.bundle)?;
        folder.put_index(&self.index_bytes)?;
        folder.sweep([Some(&self.index), self.before.as_ref()].into_iter().flatten());
        Ok(())
    }
}

/// Key identifiers as an index has them.
fn texts<'a>(kids: impl Iterator<Item = &'a Kid>) -> Vec<String> {
    let mut texts: Vec<String> = kids.map(|kid| STANDARD.encode(kid.as_bytes())).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Lists and filters, made and not yet written.
struct Made {
    files: Vec<(IndexedFile, Arc<[u8]>)>,
    covers: Vec<String>,
    filters_cover: Vec<String>,
    sandbox: bool,
    counts: (usize, usize),
    through: u64,
}

impl Made {
    fn new(
        taken: &TakenBack,
        own: &OwnKeys,
        rate: f32,
        folder: &Folder,
        before: Option<&SignedIndex>,
    ) -> Result<Self, PublicationError> {
        let mut builder = Builder::new();
        taken.add_to(&mut builder)?;
        let lists = builder.finish()?;
        // A folder whose files somebody has damaged says nothing of what was published; its index alone does.
        if let Some(older) = before.and_then(|before| published(before, folder)) {
            follows(&older, &lists)?;
        }
        let mut files = Vec::new();
        for shard in lists.shards()? {
            let name = format!("lists/{}", shard.name);
            let entry = Index::entry(name, Role::List, &shard.bytes, shard.entries, 0.0);
            files.push((entry, shard.bytes.into()));
        }
        // Only certificates in CBOR are known to filters by what is in them.
        let filtered: Vec<&Kid> = own.certificates.iter().map(Certificate::kid).collect();
        for kid in &filtered {
            let Some(hashes) = taken.by_key.get(kid.as_bytes()) else { continue };
            for slice in FilterSlice::of(kid, hashes, rate)? {
                let name = format!("filters/{}", slice.name);
                let entry = Index::entry(name, Role::Filter, &slice.bytes, slice.entries, slice.false_hits);
                files.push((entry, slice.bytes.into()));
            }
        }
        Ok(Self {
            files,
            covers: texts(own.kids()),
            filters_cover: texts(filtered.into_iter()),
            sandbox: own.sandbox,
            counts: taken.counts(),
            through: taken.through,
        })
    }

    fn seal(
        self,
        folder: &Folder,
        list_key: &ListKey,
        before: Option<(SignedIndex, Vec<u8>)>,
        bundle: Vec<u8>,
        now: Timestamp,
    ) -> Result<Sealed, PublicationError> {
        let mut new_files = 0;
        for (entry, bytes) in &self.files {
            new_files += usize::from(folder.put(&entry.name, bytes)?);
        }
        let second = |at: Timestamp| Timestamp::from_second(at.as_second()).unwrap_or(at);
        let time = u64::try_from(now.as_second()).unwrap_or(0);
        let sequence = before.as_ref().map_or(time, |(b, _)| time.max(b.index.sequence.saturating_add(1)));
        let index = Index {
            sandbox: self.sandbox,
            sequence,
            previous: before.as_ref().map(|(_, file)| Index::digest(file)),
            made_at: second(now),
            valid_until: second(now.checked_add(list_key.validity).unwrap_or(now)),
            through: self.through,
            covers: self.covers,
            filters_cover: self.filters_cover,
            files: self.files.iter().map(|(entry, _)| entry.clone()).collect(),
        };
        let index_bytes = index.write(list_key.signer.as_ref()).map_err(PublicationError::Sign)?;
        let bytes = |role| index.files.iter().filter(|file| file.role == role).map(|file| file.bytes).sum();
        let published = Published {
            sequence,
            through: self.through,
            revoked: self.counts.0,
            released: self.counts.1,
            files: index.files.len(),
            new_files,
            list_bytes: bytes(Role::List),
            filter_bytes: bytes(Role::Filter),
            false_hits: index.files.iter().map(|file| file.false_hits).fold(0.0, f64::max),
            valid_until: index.valid_until,
        };
        let before = before.map(|(before, _)| before.index);
        Ok(Sealed { bundle, index, index_bytes, before, files: self.files, published })
    }
}

/// The lists of an index, if all of them are there and whole.
fn published(before: &SignedIndex, folder: &Folder) -> Option<Revocations> {
    let mut builder = Builder::new();
    let lists_only = Index { filters_cover: Vec::new(), ..before.index.clone() };
    lists_only.add_to(&mut builder, |entry| folder.get(&entry.name)).ok()?;
    builder.finish().ok()
}

/// The place of the index below a published folder.
#[must_use]
pub fn index_path(dir: &Path) -> PathBuf {
    Folder::new(dir).index_path()
}
