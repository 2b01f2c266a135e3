//! The main job, from people to paper: assess → claim → sign → store → write files → release → report.
//!
//! Work goes through in chunks of people. The registry is the memory: an intent is written before its
//! signature is made and a signature is stored before a file is written, so that a run that is killed at any
//! point and started again issues each certificate once and loses none. Memory does not grow with the
//! number of people: a few chunks are in flight, and the report is written as it grows.

mod bundle;
mod chunk;
mod direct;
pub mod feed;
mod fhir;
mod output;
mod pass;
pub mod reasons;
mod report;
mod sheet;
mod specimen;
mod taken;

use std::{path::PathBuf, pin::Pin, sync::Arc};

use futures_util::{Stream, StreamExt, stream};

pub use bundle::{
    BUNDLE_FILE, ListKey, learn, make_bundle, publish, remember, write_bundle, write_owned, write_public,
};
pub use chunk::CHUNK_PEOPLE;
pub use direct::{Direct, Mode, Preview};
pub use output::{DivocPaper, Kind, Outputs, Part};
pub use report::{Item, REPORT_FILE, Report, Status, Tally};
pub use specimen::{Invented, Mint, NamesError};
pub use taken::{OwnKeys, TakenBack, exact};

use crate::{
    clock::Clock,
    document::{DocumentError, Press},
    issue::{Format, IssueError, Issuer},
    registry::{Registry, RegistryError},
    seal::DocumentKey,
    source::{assess::Assessor, model::TrackedEntity},
    wallet::Wallet,
};

/// Chunks in flight: while one is being signed, its neighbours wait for the database.
const IN_FLIGHT: usize = 3;

/// Most pages of the source that become one chunk: more than wait for it are never there.
const PAGES_TOGETHER: usize = 8;

/// Gives random bytes: the system's generator, or a test's.
pub type Random = Arc<dyn Fn(&mut [u8]) -> Result<(), RandomError> + Send + Sync>;

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes, without which no identifier can be made: check /dev/urandom")]
pub struct RandomError;

/// The system's generator.
#[must_use]
pub fn system_random() -> Random {
    Arc::new(|bytes| getrandom::fill(bytes).map_err(|_| RandomError))
}

/// Why a run ended before its end. What was stored until then stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The source failed.
    #[error(transparent)]
    Feed(#[from] feed::FeedError),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The issuer cannot sign.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The fonts cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A file cannot be written.
    #[error("{} cannot be written ({kind}): make room or choose another folder, and run again; nothing is lost", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The trust bundle cannot be made.
    #[error("the trust bundle cannot be signed: {0}")]
    Bundle(#[from] crate::trust::bundle::BundleError),
    /// The revocations of the trust bundle.
    #[error(transparent)]
    Revocations(#[from] crate::revocation::RevocationError),
    /// A part of the trust bundle.
    #[error(transparent)]
    Knowledge(#[from] crate::verify::KnowledgeError),
    /// Another run holds the same records for longer than any lease.
    #[error("{count} records are being signed by another run that does not finish; stop it, or wait and run again")]
    Busy {
        /// How many.
        count: usize,
    },
    /// A specimen of the paper.
    #[error("no specimen of the paper can be made ({0}); report this")]
    Specimen(String),
    /// A worker was lost.
    #[error("a part of the program ended unexpectedly; run again, nothing is lost")]
    Worker,
}

impl BatchError {
    fn write(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Write { path, kind: error.kind() }
    }
}

/// Everything that a run needs; cheap to clone.
#[derive(Clone)]
pub struct Batch {
    /// Reads people by a profile.
    pub assessor: Assessor,
    /// Signs.
    pub issuer: Arc<Issuer>,
    /// Formats to issue, each in which the record can be.
    pub formats: Vec<Format>,
    /// Remembers.
    pub registry: Registry,
    /// Which files to write, and where; `None` keeps everything in the registry alone.
    pub outputs: Option<Arc<Outputs>>,
    /// Prints.
    pub press: Arc<Press>,
    /// Seals the paper, if anybody does.
    pub seal: Option<Arc<DocumentKey>>,
    /// Passes that are made beside the paper, if any are.
    pub wallet: Option<Arc<Wallet>>,
    /// Which of the DIVOC codes goes on paper.
    pub divoc_paper: DivocPaper,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes identifiers.
    pub random: Random,
    /// Name of this run among those that share the registry: different for each run.
    pub owner: Arc<str>,
    /// Who has it done, as in [`Origin::operator`](crate::registry::Origin::operator).
    pub operator: Arc<str>,
    /// Why, where somebody said: for the audit log ([`Origin::reason`](crate::registry::Origin::reason)).
    pub reason: Option<Arc<str>>,
    /// The HTTP request that asks, likewise.
    pub request: Option<Arc<str>>,
    /// Told of every chunk of people when its certificates are there.
    pub follower: Option<Arc<dyn Follower>>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({:?}, {:?}, {:?})", self.assessor, self.issuer, self.registry)
    }
}

impl Batch {
    /// The same, done for somebody else.
    #[must_use]
    pub fn by(&self, operator: &str) -> Self {
        Self { operator: operator.into(), ..self.clone() }
    }

    /// The same, for a reason and at a request, which the audit log tells.
    #[must_use]
    pub fn because(&self, reason: Option<&str>, request: Option<&str>) -> Self {
        Self { reason: reason.map(Into::into), request: request.map(Into::into), ..self.clone() }
    }
}

/// Told of the people of a run, chunk by chunk, when their certificates are stored: whoever keeps something of them
/// beside the certificates.
pub trait Follower: Send + Sync {
    /// These people were read, and this became of their records. A failure ends the run.
    fn follow<'a>(
        &'a self,
        people: &'a [TrackedEntity],
        items: &'a [Item],
    ) -> Pin<Box<dyn Future<Output = Result<(), BatchError>> + Send + 'a>>;
}

/// Told how a run goes.
pub trait Progress: Send {
    /// Some more people are done.
    fn people(&mut self, done: u64, tally: &Tally);

    /// Nobody more comes, whether all went well or not.
    fn end(&mut self) {}
}

impl Progress for () {
    fn people(&mut self, _: u64, _: &Tally) {}
}

impl Batch {
    /// Works through `people`, chunk by chunk and in order, into `report`.
    ///
    /// # Errors
    /// The first failure of the source, the registry, the signer or the disk; see [`BatchError`].
    pub async fn run(
        &self,
        people: impl Stream<Item = Result<Vec<TrackedEntity>, BatchError>> + Send,
        report: &mut Report,
        progress: &mut dyn Progress,
    ) -> Result<(), BatchError> {
        self.issuer.check(&self.formats)?;
        remember(&self.issuer, &self.registry, self.clock.now()).await?;
        let wanted: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        // What a later program issued is none of ours to compare.
        let mut known: Vec<Format> =
            self.registry.formats(&wanted).await?.iter().filter_map(|name| name.parse().ok()).collect();
        known.sort_unstable();
        let done = people
            .ready_chunks(PAGES_TOGETHER)
            .flat_map(|pages| stream::iter(in_chunks(pages)))
            .map(|chunk| async {
                let chunk = chunk?;
                let people = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                // Each chunk is a task of its own: its work goes on while the others wait.
                let (batch, known) = (self.clone(), known.clone());
                let items = tokio::spawn(async move { batch.chunk(chunk, known).await });
                Ok::<_, BatchError>((people, items.await.map_err(|_| BatchError::Worker)??))
            })
            .buffered(IN_FLIGHT);
        let mut done = std::pin::pin!(done);
        let mut count = 0;
        while let Some(result) = done.next().await {
            let (people, items) = result?;
            count += people;
            for item in &items {
                report.add(item)?;
            }
            progress.people(count, report.tally());
        }
        Ok(())
    }
}

/// Brings pages that are there at the same time into chunks of bearable size: what a chunk costs of the database is
/// nearly the same for fifty people as for two hundred, and a source that is slow is not waited for.
fn in_chunks(pages: Vec<Result<Vec<TrackedEntity>, BatchError>>) -> Vec<Result<Vec<TrackedEntity>, BatchError>> {
    let mut chunks: Vec<Result<Vec<TrackedEntity>, BatchError>> = Vec::new();
    for page in pages {
        let mut page = match page {
            Ok(page) => page,
            Err(error) => {
                chunks.push(Err(error));
                continue;
            }
        };
        while !page.is_empty() {
            let rest = page.split_off(page.len().min(CHUNK_PEOPLE));
            match chunks.last_mut() {
                Some(Ok(last)) if last.len() + page.len() <= CHUNK_PEOPLE => last.append(&mut page),
                _ => chunks.push(Ok(page)),
            }
            page = rest;
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(sizes: &[usize]) -> Vec<Result<Vec<TrackedEntity>, BatchError>> {
        let people = |many: &usize| (0..*many).map(|_| TrackedEntity::default()).collect();
        sizes.iter().map(|many| Ok(people(many))).collect()
    }

    #[test]
    fn pages_that_are_there_go_together() {
        let sizes = |pages: &[usize]| -> Vec<usize> {
            in_chunks(page(pages)).into_iter().map(|chunk| chunk.unwrap().len()).collect()
        };
        assert_eq!(sizes(&[100; 2]), [200]);
        assert_eq!(sizes(&[100; 5]), [200, 200, 100]);
        assert_eq!(sizes(&[50; 8]), [250, 150]);
        assert_eq!(sizes(&[1_000]), [256, 256, 256, 232]);
        assert_eq!(sizes(&[1_000, 20]), [256, 256, 256, 252]);
        assert_eq!(sizes(&[0, 3, 0]), [3]);
        assert!(sizes(&[]).is_empty());
    }

    #[test]
    fn what_came_before_a_failure_is_not_lost() {
        let mut pages = page(&[100, 100]);
        pages.push(Err(BatchError::Worker));
        pages.extend(page(&[5]));
        let found: Vec<Option<usize>> = in_chunks(pages).into_iter().map(|chunk| chunk.ok().map(|c| c.len())).collect();
        assert_eq!(found, [Some(200), None, Some(5)]);
    }
}
