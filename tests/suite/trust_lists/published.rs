//! WHO's production documents as they were published, pulled under the key that WHO publishes for them.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    clock::Fixed,
    gateway::lists::{self, Conditions, Download, Fetched, Fetching, Level, Outcome, Source, SourceKind, Version},
    trust::{
        TrustStore,
        lists::{ListKey, OldUploaders},
        proof::Environment,
    },
};

use super::engine::run;
use crate::support::vectors::vectors;

struct Sends(Mutex<Vec<u8>>);

impl Download for Sends {
    fn fetch<'a>(&'a self, _: &'a Conditions) -> Fetching<'a> {
        let bytes = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(Fetched::List { bytes, conditions: Conditions::default() }) })
    }
}

const AT: &str = "2026-08-23T00:00:00Z";

#[test]
fn the_document_is_pulled_under_its_proof_and_no_other() {
    let Some(path) = vectors("vectors/trust-lists/gdhcn-prod-v2-did.json") else { return };
    let document = std::fs::read(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = |environment: Environment| vec![ListKey::Key(environment.signer().unwrap().to_spki())];
    let source = |environment| Source {
        name: "who".into(),
        kind: SourceKind::Did,
        address: "https://tng-cdn.who.int".into(),
        list_keys: key(environment),
        unsigned: false,
        old_uploaders: OldUploaders::Refused,
        max_age: SignedDuration::from_hours(72),
        own: Vec::new(),
        expect_own: false,
        folder: folder.path().join("who"),
    };
    let sends = Sends(Mutex::new(document.clone()));
    let pull = |bytes: Vec<u8>, at: &str| {
        *sends.0.lock().unwrap() = bytes;
        run(lists::pull(&source(Environment::Production), &sends, &Fixed(at.parse::<Timestamp>().unwrap()))).unwrap()
    };
    let status = pull(document.clone(), AT);
    assert_eq!((status.outcome, status.level(AT.parse().unwrap())), (Outcome::Taken, Level::Good), "{status:?}");
    assert_eq!((status.keys, status.authorities, status.countries), (438, 60, 33), "{status:?}");
    assert_eq!(status.made_at.unwrap().to_string(), "2026-08-22T17:05:01Z");

    // Sampled bytes: the proof or the reader notices each; or the change means nothing (white space, a member that is
    // not signed and not read).
    for step in 1..8 {
        let mut damaged = document.clone();
        let at = damaged.len() / 8 * step + step * 3;
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let status = pull(damaged, AT);
        assert_eq!(status.outcome, Outcome::NotBelieved, "byte {at}: {status:?}");
        assert_eq!(status.keys, 438, "the last good one stays");
    }
    // A clock that is behind the list.
    let status = pull(document, "2026-08-01T00:00:00Z");
    assert_eq!(status.problem.unwrap().code, "from-the-future");
    // Version 1 is signed with a key that nobody publishes.
    let Some(path) = vectors("vectors/trust-lists/gdhcn-prod-v1-did.json") else { return };
    let status = pull(std::fs::read(path).unwrap(), AT);
    assert_eq!((status.outcome, status.problem.unwrap().code.as_str()), (Outcome::NotBelieved, "not-authentic"));
    let mut store = TrustStore::new();
    lists::load(&source(Environment::Production), Version::Current, &mut store).unwrap();
    assert_eq!(store.len(), 438);
}
