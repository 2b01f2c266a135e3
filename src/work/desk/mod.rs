//! The issuing desk: certificates one by one, for somebody who waits. The console, the issuing API and the pages of
//! citizens all come here.
//!
//! A record is read from DHIS2 at the moment of the request, assessed by the same rules as in a pass over DHIS2, and
//! issued on the same way through the registry: whoever asks, nothing is signed without a completed event (failure F05),
//! and however many ask at once, a record is signed once (failure F07). Every signature and every revocation has an
//! [`Order`]: who has it done, and why (failure F01).
//!
//! What stands already is opened, drawn and revoked without DHIS2 (failure F38).

mod bulk;
mod drawn;
mod error;
mod held;
mod issue;
mod read;
mod revoke;
mod wallet;

use std::sync::Arc;

pub use bulk::{Bulk, BulkDone, Line, LineDone, Names};
pub use error::DeskError;
pub use held::{Happening, Held, Renewal, Standing, What};
pub use issue::{Done, Ended, Subject};
pub use wallet::Passes;

use super::{WorkError, batch, profile};
use crate::{
    access::Actor,
    batch::{Batch, Random},
    clock::Clock,
    config::{Dhis2Access, Setup},
    limits,
    record::{Uvci, check_character},
    registry::Registry,
    source::{assess::Assessor, profile::Profile},
    valueset::dhis2::Dhis2Vaccines,
};

/// On whose behalf something is done, and why. The reason is kept for ever: it must hold nothing of a person.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Why, in one line of at most [`DESK_REASON_BYTES`](limits::DESK_REASON_BYTES) bytes.
    pub reason: &'a str,
}

impl Order<'_> {
    /// Refuses an order without a reason, or with one that cannot be kept.
    ///
    /// # Errors
    /// [`DeskError::ReasonMissing`], [`DeskError::Reason`].
    pub fn check(&self) -> Result<(), DeskError> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(DeskError::ReasonMissing);
        }
        let long = reason.len() > limits::DESK_REASON_BYTES;
        if long || reason.chars().any(char::is_control) { Err(DeskError::Reason) } else { Ok(()) }
    }
}

/// The desk of an installation; cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    setup: Arc<Setup>,
    /// How DHIS2 is reached, or why it is not.
    access: Result<Dhis2Access, String>,
    /// Opens, draws and revokes; its assessor is never asked.
    batch: Batch,
    reader: read::Shared,
    drawn: drawn::Drawn,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({:?})", self.0.batch)
    }
}

impl Desk {
    /// The desk of this installation. DHIS2 is not asked yet.
    ///
    /// # Errors
    /// A signer that does not fit the configuration, fonts that cannot be used, no random bytes.
    pub fn new(
        setup: Arc<Setup>,
        registry: Registry,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Result<Self, WorkError> {
        // Without a section, the environment may say all of it.
        let access = Dhis2Access::of(setup.dhis2.clone().unwrap_or_default()).map_err(|error| error.to_string());
        let read_by = profile(&setup, None, Profile::built_in().pop())?;
        let vaccines = Dhis2Vaccines::built_in().with_overrides(setup.vaccines.clone())?;
        let assessor = Assessor::new(read_by, Arc::new(vaccines), Arc::new(|_: &str| None))?;
        let mut batch = batch(&setup, registry, assessor, None, "")?;
        (batch.clock, batch.random) = (clock, random);
        let (reader, drawn) = (read::Shared::default(), drawn::Drawn::new());
        Ok(Self(Arc::new(Inner { setup, access, batch, reader, drawn })))
    }

    /// A batch of this installation that brings no profile: for what comes with records of its own.
    #[must_use]
    pub fn plain_batch(&self) -> Batch {
        self.0.batch.clone()
    }

    /// Prints specimens with the look of this installation.
    ///
    /// # Errors
    /// No random bytes, or no key.
    pub fn preview_paper(&self) -> Result<super::Preview, WorkError> {
        let Inner { setup, batch, .. } = &*self.0;
        let look = &setup.paper.look;
        let languages: Vec<_> = [Some(look.language), look.second].into_iter().flatten().collect();
        let whose = (setup.country, setup.issuer_name.as_str());
        let people = super::Preview::people(&languages);
        super::Preview::new(Arc::clone(&batch.press), &people, whose, batch.clock.now(), &batch.random)
    }

    fn batch(&self) -> &Batch {
        &self.0.batch
    }

    fn registry(&self) -> &Registry {
        &self.0.batch.registry
    }

    /// The whole identifier behind what people type and addresses hold: with or without its check character, its
    /// random part alone, in any case.
    ///
    /// # Errors
    /// [`DeskError::Unknown`]: it can be none.
    pub fn identifier(&self, text: &str) -> Result<String, DeskError> {
        let text = text.trim().to_ascii_uppercase();
        if text.len() > limits::REGISTRY_KEY_BYTES {
            return Err(DeskError::Unknown);
        }
        let opaque = text.len() == 26 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let text = if opaque { format!("URN:UVCI:01:{}:{text}", self.0.setup.country) } else { text };
        let whole = match (text.contains('#'), check_character(&text)) {
            (false, Some(check)) if text.starts_with("URN:UVCI:") => format!("{text}#{check}"),
            _ => text,
        };
        whole.parse::<Uvci>().map(|id| id.to_string()).map_err(|_| DeskError::Unknown)
    }
}
