//! Certificates on request: the desk over a contract DHIS2 of several versions and over both databases, and its
//! endpoints. Every person is invented.

mod desk;
pub mod http;
mod kill;
mod renewal;
mod requests;

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    access::{Actor, ActorKind, Right},
    batch::{Random, system_random},
    clock::Clock,
    config::{Dhis2Section, Setup},
    issue::Format,
    keys::{Algorithm, Certificate, Signer, SignerError, SignerSet},
    registry::Registry,
    work::desk::{Desk, Order},
};

use crate::support::{
    database::Database,
    dhis2::{
        ContractServer, Options, PASSWORD, USER,
        people::{Person, covac},
    },
};

/// When the tests begin.
const BEGUN: &str = "2026-11-22T12:00:00Z";

/// A clock that is moved by hand.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGUN.parse::<Timestamp>().unwrap().as_second())))
    }

    pub fn days(&self, days: i64) {
        self.0.fetch_add(days * 86_400, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Counts the signatures of another signer.
struct Counting {
    inner: Arc<dyn Signer>,
    signed: Arc<AtomicUsize>,
}

impl Signer for Counting {
    fn algorithm(&self) -> Algorithm {
        self.inner.algorithm()
    }

    fn certificate(&self) -> &Certificate {
        self.inner.certificate()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signed.fetch_add(1, Ordering::SeqCst);
        self.inner.sign(message)
    }
}

/// An installation with its DHIS2.
pub struct World {
    pub server: ContractServer,
    pub desk: Desk,
    pub registry: Registry,
    pub clock: Hands,
    pub setup: Arc<Setup>,
    pub signed: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

impl World {
    /// With these people in a DHIS2 of this version.
    pub async fn new(version: &str, people: Vec<Person>, database: &Database) -> Self {
        Self::with(version, people, database, |_| ()).await
    }

    /// The same with another configuration.
    pub async fn with(
        version: &str,
        people: Vec<Person>,
        database: &Database,
        change: impl FnOnce(&mut Setup),
    ) -> Self {
        let server = ContractServer::start(Options::new(version, people)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clock = Hands::new();
        let random: Random = system_random();
        let mut setup = Setup::sandbox(folder.path(), clock.now(), &random).unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        setup.dhis2 = Some(Dhis2Section {
            url: server.url.clone(),
            user: Some(USER.to_owned()),
            password_file: Some(password),
            ..Dhis2Section::default()
        });
        setup.formats = vec![Format::EuDcc];
        // So short that the sandbox's key signs beyond it.
        setup.terms.validity = SignedDuration::from_hours(60 * 24);
        let signed = Arc::new(AtomicUsize::new(0));
        let inner = Arc::clone(&setup.signer);
        let counting: Arc<dyn Signer> = Arc::new(Counting { inner, signed: Arc::clone(&signed) });
        setup.signers = Arc::new(SignerSet::single(counting));
        change(&mut setup);
        let setup = Arc::new(setup);
        let registry = database.open().await;
        let desk = Desk::new(Arc::clone(&setup), registry.clone(), Arc::new(clock.clone()), random).unwrap();
        Self { server, desk, registry, clock, setup, signed, _folder: folder }
    }

    /// Signatures so far.
    pub fn signed(&self) -> usize {
        self.signed.load(Ordering::SeqCst)
    }
}

/// Somebody who may do everything, of a facility or of none.
pub fn actor(name: &str, facilities: Option<&[&str]>) -> Actor {
    Actor {
        kind: ActorKind::Person,
        name: name.to_owned(),
        rights: Right::ALL.to_vec(),
        facilities: facilities.map(|all| all.iter().map(|unit| (*unit).to_owned()).collect()),
    }
}

pub fn order(actor: &Actor) -> Order<'_> {
    Order { actor, reason: "asked for at the counter" }
}

/// A person with two doses.
pub fn dosed(uid: &str) -> Person {
    Person::new(uid, "Zyxwana", "Qwertivo", "1977-01-12")
        .with(covac::SEX, "FEMALE")
        .dosed("ASTRAZENECA", "DOSE1", "2021-03-03", "B00001")
        .dosed("ASTRAZENECA", "DOSE2", "2021-05-03", "B00002")
}

/// UID of the n-th event.
pub fn event(person: &Person, n: usize) -> String {
    person.enrollments[0].events[n].uid.clone()
}
