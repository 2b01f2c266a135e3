//! Where the people of a run come from: a file, read on a thread of its own, or a DHIS2 server, page by page
//! with the names of the facilities that each page mentions.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use futures_util::{Stream, stream};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{BatchError, CHUNK_PEOPLE, Item, reasons};
use crate::{
    record::Refusal,
    source::{
        assess::FacilityNames,
        dhis2::{Client, Dhis2Error, Query},
        file::{FileError, Malformed, Summary, read_people},
        model::TrackedEntity,
    },
};

/// Pages that wait between the source and the signer.
const PAGES_WAITING: usize = 4;

/// Why a source ended early.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The server.
    #[error(transparent)]
    Dhis2(#[from] Dhis2Error),
}

type Page = Result<Vec<TrackedEntity>, BatchError>;

/// People in pages, with what was learnt on the way.
pub struct Feed {
    pages: Receiver<Page>,
    first: Option<Page>,
    facilities: Facilities,
    summary: Arc<RwLock<Summary>>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Feed(…)")
    }
}

/// Names of facilities by UID, growing while pages come in.
#[derive(Debug, Clone, Default)]
pub struct Facilities(Arc<RwLock<HashMap<String, String>>>);

impl Facilities {
    /// Names that are known from the start.
    #[must_use]
    pub fn new(names: HashMap<String, String>) -> Self {
        Self(Arc::new(RwLock::new(names)))
    }

    /// The look-up that an assessor takes.
    #[must_use]
    pub fn names(&self) -> FacilityNames {
        let names = Arc::clone(&self.0);
        Arc::new(move |uid| names.read().unwrap_or_else(PoisonError::into_inner).get(uid).cloned())
    }

    fn add(&self, names: impl IntoIterator<Item = (String, String)>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(names);
    }

    /// Asks a server for the names of the facilities that these people mention, where they are not known.
    ///
    /// # Errors
    /// The server's.
    pub async fn learn(&self, client: &Client, people: &[TrackedEntity]) -> Result<(), Dhis2Error> {
        let lacking = self.lacks(people);
        if !lacking.is_empty() {
            let found = client.org_units(&lacking).await?;
            self.add(found.into_iter().map(|(uid, unit)| (uid, unit.name)));
        }
        Ok(())
    }

    fn lacks(&self, people: &[TrackedEntity]) -> Vec<String> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let events = people.iter().flat_map(|p| &p.enrollments).flat_map(|e| &e.events);
        let mut units: Vec<String> = events
            .filter(|event| event.org_unit_name.is_none())
            .filter_map(|event| event.org_unit.clone())
            .filter(|unit| !known.contains_key(unit))
            .collect();
        units.sort_unstable();
        units.dedup();
        units
    }
}

impl Feed {
    /// Reads a file (`-` is standard input).
    #[must_use]
    pub fn from_file(path: PathBuf, facilities: Facilities) -> Self {
        let (sender, pages) = channel(PAGES_WAITING);
        let summary = Arc::new(RwLock::new(Summary::default()));
        let result = Arc::clone(&summary);
        std::thread::spawn(move || read_file(&path, &sender, &result));
        Self { pages, first: None, facilities, summary }
    }

    /// Reads a server.
    #[must_use]
    pub fn from_dhis2(client: Arc<Client>, query: Query) -> Self {
        let (sender, pages) = channel(PAGES_WAITING);
        let facilities = Facilities::default();
        let names = facilities.clone();
        tokio::spawn(async move {
            if let Err(error) = read_server(&client, query, &sender, &names).await {
                // The receiver may be gone because the run ended with another error.
                let _ = sender.send(Err(BatchError::Feed(error.into()))).await;
            }
        });
        Self { pages, first: None, facilities, summary: Arc::default() }
    }

    /// The names of facilities.
    #[must_use]
    pub fn facilities(&self) -> &Facilities {
        &self.facilities
    }

    /// The first page, to look at; it still comes with the stream. Empty when there are no people.
    ///
    /// # Errors
    /// When the source fails at once.
    pub async fn peek(&mut self) -> Result<&[TrackedEntity], BatchError> {
        if self.first.is_none() {
            self.first = self.pages.recv().await;
        }
        match &mut self.first {
            None => Ok(&[]),
            Some(Ok(page)) => Ok(page),
            Some(failed) => match std::mem::replace(failed, Ok(Vec::new())) {
                Err(error) => Err(error),
                Ok(_) => Ok(&[]),
            },
        }
    }

    /// The people that were malformed and left out, as items of the report. Complete after the stream has ended.
    #[must_use]
    pub fn malformed(summary: &Summary) -> Vec<Item> {
        summary.listed.iter().map(malformed_item).collect()
    }

    /// All pages, and what is known of the file when they have ended.
    pub fn into_stream(self) -> (impl Stream<Item = Page> + Send, Arc<RwLock<Summary>>) {
        let Self { pages, first, summary, .. } = self;
        let stream = stream::unfold((first, pages), |(first, mut pages)| async move {
            let page = match first {
                Some(page) => Some(page),
                None => pages.recv().await,
            };
            page.map(|page| (page, (None, pages)))
        });
        (stream, summary)
    }
}

fn malformed_item(malformed: &Malformed) -> Item {
    let reason =
        Refusal::of(reasons::RECORD_MALFORMED, None).with(format_args!("{}, {}", malformed.at, malformed.fault));
    Item::new(malformed.tracked_entity.clone().unwrap_or_default(), String::new(), None, vec![reason])
}

fn read_file(path: &std::path::Path, sender: &Sender<Page>, result: &RwLock<Summary>) {
    let mut page = Vec::with_capacity(CHUNK_PEOPLE);
    let read = read_people(path, |person| {
        page.push(person);
        if page.len() < CHUNK_PEOPLE {
            return ControlFlow::Continue(());
        }
        match sender.blocking_send(Ok(std::mem::replace(&mut page, Vec::with_capacity(CHUNK_PEOPLE)))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    if !page.is_empty() && sender.blocking_send(Ok(page)).is_err() {
        return;
    }
    match read {
        Ok(summary) => *result.write().unwrap_or_else(PoisonError::into_inner) = summary,
        Err(error) => {
            // The receiver may be gone because the run ended with another error.
            let _ = sender.blocking_send(Err(BatchError::Feed(error.into())));
        }
    }
}

async fn read_server(
    client: &Client,
    query: Query,
    sender: &Sender<Page>,
    facilities: &Facilities,
) -> Result<(), Dhis2Error> {
    let mut pager = client.people(query)?;
    while let Some(page) = pager.next_page().await? {
        facilities.learn(client, &page).await?;
        if sender.send(Ok(page)).await.is_err() {
            break;
        }
    }
    Ok(())
}
