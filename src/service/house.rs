//! What every handler of a configured installation works with.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use tokio::sync::OnceCell;

use super::{
    Fails, Fault,
    access::AccessState,
    divoc::served::{self, Served},
    features::Features,
    operations::Board,
    published::Made,
    verify::{Live, Places},
};
use crate::{
    batch::{BatchError, Random},
    clock::Clock,
    config::Setup,
    registry::{Registry, RegistryError},
    work::{
        WorkError,
        desk::{Desk, DeskError},
        people::Marks,
    },
};

/// An installation, shared by all its handlers and tasks; cheap to clone.
#[derive(Clone)]
pub struct House(Arc<Inner>);

/// The rooms, and what is built out of them once.
struct Inner {
    rooms: Rooms,
    /// Made when it is first needed: it reads the fonts.
    desk: OnceLock<Desk>,
    /// Made when it is first needed: it reads the keys that signed earlier.
    divoc: OnceCell<Served>,
    live: Arc<Live>,
    made: Made,
    features: Features,
    access: AccessState,
    /// Made when it is first needed: its secret lies in the registry.
    marks: OnceCell<Marks>,
}

/// What an installation consists of.
pub struct Rooms {
    /// Its configuration, with its keys.
    pub setup: Arc<Setup>,
    /// What was issued.
    pub registry: Registry,
    /// The state of its tasks.
    pub board: Arc<Board>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub random: Random,
}

impl House {
    /// An installation of these parts.
    #[must_use]
    pub fn new(rooms: Rooms) -> Self {
        let live = Live::new(Places::of(&rooms.setup));
        Self(Arc::new(Inner {
            rooms,
            desk: OnceLock::new(),
            divoc: OnceCell::new(),
            live,
            made: Made::default(),
            features: Features::default(),
            access: AccessState::default(),
            marks: OnceCell::new(),
        }))
    }

    /// What verdicts rest on.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.0.live
    }

    /// What the issuing API of DIVOC's sidecars works with.
    pub(super) async fn divoc(&self) -> Result<&Served, DeskError> {
        self.0.divoc.get_or_try_init(|| served::make(self)).await
    }

    /// The desk, which issues, corrects, renews and revokes certificates one by one.
    ///
    /// # Errors
    /// A signer that does not fit the configuration, fonts that cannot be used, no random bytes.
    pub fn desk(&self) -> Result<&Desk, WorkError> {
        if let Some(desk) = self.0.desk.get() {
            return Ok(desk);
        }
        let (clock, random) = (Arc::clone(&self.clock), Arc::clone(&self.random));
        let made = Desk::new(Arc::clone(&self.setup), self.registry.clone(), clock, random)?;
        // Two that make it at once go on with the same.
        Ok(self.0.desk.get_or_init(|| made))
    }

    /// Which parts are closed.
    pub(super) fn features(&self) -> &Features {
        &self.0.features
    }

    /// What is handed out, ready to be sent.
    pub(super) fn made(&self) -> &Made {
        &self.0.made
    }

    /// What this process keeps for logins.
    pub(super) fn access(&self) -> &AccessState {
        &self.0.access
    }

    /// What makes the marks of people, numbers, codes and sessions.
    ///
    /// # Errors
    /// As [`House::secret`].
    pub async fn marks(&self) -> Result<&Marks, BatchError> {
        let make = async || Ok(Marks::new(&self.secret(Marks::PURPOSE).await?));
        self.0.marks.get_or_try_init(make).await
    }

    /// A secret of this installation for one purpose: random, and the same for every replica and after every start,
    /// because it lies in the registry. It protects what leaves the registry (marks, links, sessions), not what is in
    /// it.
    ///
    /// # Errors
    /// No random bytes, or the registry's.
    pub async fn secret(&self, purpose: &'static str) -> Result<[u8; 32], BatchError> {
        crate::work::secret(&self.registry, &self.random, purpose).await
    }
}

/// What is away comes back; everything else the program must answer for.
impl Fails for RegistryError {
    fn fault(&self) -> Fault {
        match self {
            Self::Unreachable { .. }
            | Self::Locked { .. }
            | Self::ReadOnly { .. }
            | Self::Full { .. }
            | Self::Disk { .. }
            | Self::Denied { .. }
            | Self::Tls { .. }
            | Self::Open { .. } => Fault::Unavailable { retry_after: 10 },
            _ => Fault::Internal,
        }
    }

    fn code(&self) -> &'static str {
        if matches!(self.fault(), Fault::Internal) { "internal" } else { "unavailable" }
    }

    /// Where the database is, and what is wrong with it, is for operators.
    fn words(&self) -> String {
        tracing::warn!("{self}");
        let said = if matches!(self.fault(), Fault::Internal) {
            "the records cannot be used: whoever runs this service finds more in its log"
        } else {
            "the records cannot be reached now: try again in a few seconds; what is published can be fetched and verified"
        };
        said.to_owned()
    }
}

impl Deref for House {
    type Target = Rooms;

    fn deref(&self) -> &Rooms {
        &self.0.rooms
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "House({:?})", self.setup)
    }
}
