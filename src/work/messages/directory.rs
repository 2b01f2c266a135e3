//! Asks the source where a person is reached now: a number that was changed there is changed here at once.

use std::{future::Future, pin::Pin, sync::Arc};

use tokio::sync::OnceCell;

use crate::{
    config::{CitizenOptions, Dhis2Access, Setup, Via},
    source::{
        dhis2::{Client, Query},
        profile::Profile,
    },
    work::{
        self, WorkError,
        people::{Contact, contact, language},
    },
};

/// Where a person is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Number or address.
    pub contact: Contact,
    /// Language, if the source says one.
    pub language: Option<String>,
}

/// Why nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The source does not answer.
    #[error("where a person is reached cannot be asked: {0}")]
    Away(String),
}

impl From<WorkError> for DirectoryError {
    fn from(error: WorkError) -> Self {
        Self::Away(error.to_string())
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Option<Reached>, DirectoryError>> + Send + 'a>>;

/// Knows where people are reached.
pub trait Directory: Send + Sync {
    /// Where this person (UID) is reached; `None` for whoever has no number, or is not there any more.
    fn reach<'a>(&'a self, person: &'a str) -> Answer<'a>;
}

/// DHIS2 as a directory. Its program and org units are asked for once, when somebody is first looked up.
#[derive(Debug)]
pub struct Dhis2Directory {
    client: Arc<Client>,
    access: Dhis2Access,
    setup: Arc<Setup>,
    options: CitizenOptions,
    via: Via,
    found: OnceCell<(Profile, Query)>,
}

impl Dhis2Directory {
    /// The DHIS2 of an installation; `None` where citizens are not served.
    #[must_use]
    pub fn of(setup: Arc<Setup>, client: Arc<Client>, access: Dhis2Access) -> Option<Self> {
        let options = setup.citizen.clone()?;
        let via = setup.messages.via;
        Some(Self { client, access, setup, options, via, found: OnceCell::new() })
    }
}

impl Directory for Dhis2Directory {
    fn reach<'a>(&'a self, person: &'a str) -> Answer<'a> {
        Box::pin(async move {
            let found = self.found.get_or_try_init(|| async {
                let profile = work::program(&self.client, &self.setup, None).await?;
                let query = work::query(&self.client, &self.access, &profile).await?;
                Ok::<_, WorkError>((profile, query))
            });
            let (_, query) = found.await?;
            let person = self.client.person(&query.program, &query.org_units, person).await.map_err(WorkError::from)?;
            let Some(person) = person.filter(|person| !person.deleted) else { return Ok(None) };
            let language = language(&self.options, &person);
            Ok(contact(&self.options, self.via, &person).map(|contact| Reached { contact, language }))
        })
    }
}
