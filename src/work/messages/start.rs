//! The courier of an installation.

use std::sync::Arc;

use super::{Carrier, Courier, Dhis2Directory, Directory, DirectoryError, Reached};
use crate::{
    batch::Random,
    clock::Clock,
    config::{Dhis2Access, Setup, Via},
    registry::Registry,
    work::{WorkError, client, people::Marks, secret},
};

/// What knows nobody: an installation without DHIS2.
#[derive(Debug)]
struct Nowhere;

impl Directory for Nowhere {
    fn reach<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Option<Reached>, DirectoryError>> + Send + 'a>> {
        Box::pin(async { Err(DirectoryError::Away("no address of DHIS2 is configured".to_owned())) })
    }
}

/// The courier of an installation, if it serves citizens. `access` is how its DHIS2 is reached.
///
/// # Errors
/// An address of DHIS2 that cannot be used, no random bytes, or the registry's.
pub async fn courier(
    setup: &Arc<Setup>,
    registry: &Registry,
    access: Option<Dhis2Access>,
    clock: Arc<dyn Clock>,
    random: Random,
) -> Result<Option<Courier>, WorkError> {
    let Some(citizen) = setup.citizen.clone() else { return Ok(None) };
    let messages = setup.messages.clone();
    let client = access.as_ref().map(client).transpose()?;
    let carrier = match (messages.via, &client) {
        (Via::File, _) => Carrier::File(messages.file.clone()),
        (Via::Sms, Some(client)) => Carrier::Sms(Arc::clone(client)),
        (Via::Email, Some(client)) => Carrier::Email(Arc::clone(client)),
        (Via::Off, _) | (_, None) => Carrier::Off,
    };
    let found = client.zip(access).and_then(|(client, access)| Dhis2Directory::of(Arc::clone(setup), client, access));
    let directory: Arc<dyn Directory> = match found {
        Some(directory) => Arc::new(directory),
        None => Arc::new(Nowhere),
    };
    let marks = Marks::new(&secret(registry, &random, Marks::PURPOSE).await?);
    Ok(Some(Courier::new(registry.clone(), marks, citizen, messages, carrier, directory, clock, random)))
}
