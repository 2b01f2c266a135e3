//! One list through every fate: a scripted source, a clock that is set, and the folder on the disk.

use std::{collections::BTreeSet, path::Path, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use vaccert::{
    clock::Fixed,
    gateway::lists::{
        self, Conditions, Download, FetchError, Fetched, Fetching, Level, Outcome, PullError, PullStatus, ShelfError,
        Source, SourceKind, Version,
    },
    keys::Kid,
    trust::{
        TrustStore,
        lists::{ListKey, OldUploaders},
    },
};

use super::world::{self, AT, kids, list, whole, without, world};

/// A source that answers what it is told, and notes what it was asked.
pub struct Script {
    answer: Mutex<Result<Fetched, FetchError>>,
    asked: Mutex<Vec<Conditions>>,
}

impl Script {
    pub fn new() -> Self {
        Self { answer: Mutex::new(Ok(Fetched::Unchanged)), asked: Mutex::new(Vec::new()) }
    }

    fn says(&self, answer: Result<Fetched, FetchError>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn sends(&self, bytes: Vec<u8>) {
        self.says(Ok(Fetched::List { bytes, conditions: Conditions::default() }));
    }
}

impl Download for Script {
    fn fetch<'a>(&'a self, known: &'a Conditions) -> Fetching<'a> {
        self.asked.lock().unwrap().push(known.clone());
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move { answer })
    }
}

struct Desk {
    folder: tempfile::TempDir,
    script: Script,
    source: Source,
}

pub fn source(folder: &Path, kind: SourceKind) -> Source {
    Source {
        name: "gateway".into(),
        kind,
        address: "https://gateway.invalid".into(),
        list_keys: ListKey::read(&world().anchor).unwrap(),
        unsigned: false,
        old_uploaders: OldUploaders::Refused,
        max_age: SignedDuration::from_hours(72),
        own: Vec::new(),
        expect_own: false,
        folder: folder.join("trust").join("gateway"),
    }
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Desk {
    fn new(kind: SourceKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = source(folder.path(), kind);
        Self { folder, script: Script::new(), source }
    }

    fn pull_at(&self, at: &str) -> PullStatus {
        run(lists::pull(&self.source, &self.script, &Fixed(time(at)))).unwrap()
    }

    /// Pulls what is sent, at the usual time.
    fn pull(&self, bytes: Vec<u8>) -> PullStatus {
        self.script.sends(bytes);
        self.pull_at(AT)
    }

    /// Kids in use.
    fn in_use(&self) -> BTreeSet<String> {
        let mut store = TrustStore::new();
        lists::load(&self.source, Version::Current, &mut store).unwrap();
        store.keys().map(|key| key.kid.to_string()).collect()
    }

    /// Folders of versions on the disk.
    fn versions(&self) -> usize {
        std::fs::read_dir(self.source.folder.join("versions")).unwrap().count()
    }
}

fn all() -> BTreeSet<String> {
    world::COUNTRIES.iter().flat_map(|country| kids(country)).collect()
}

fn problem(status: &PullStatus) -> &str {
    status.problem.as_ref().map_or("", |problem| problem.code.as_str())
}

#[test]
fn a_list_is_taken_stays_and_is_judged_anew() {
    let mut desk = Desk::new(SourceKind::Gateway);
    assert!(PullStatus::of(&desk.source).unwrap().is_none());
    let bytes = whole();
    desk.script.says(Ok(Fetched::List {
        bytes: bytes.clone(),
        conditions: Conditions {
            etag: Some("\"1\"".into()),
            last_modified: Some("Sun, 01 Nov 2026 00:00:00 GMT".into()),
        },
    }));
    let status = desk.pull_at(AT);
    assert_eq!((status.outcome, status.level(time(AT))), (Outcome::Taken, Level::Good), "{status:?}");
    assert_eq!((status.keys, status.authorities, status.countries, status.rejected), (15, 3, 3, 0));
    assert_eq!((status.added, status.removed), (15, 0));
    assert_eq!(desk.in_use(), all());

    // The server says that nothing changed; and then sends the same again.
    desk.script.says(Ok(Fetched::Unchanged));
    let status = desk.pull_at("2026-11-22T09:00:00Z");
    assert_eq!((status.outcome, status.last_success), (Outcome::Unchanged, Some(time("2026-11-22T09:00:00Z"))));
    assert_eq!(desk.script.asked.lock().unwrap()[1].etag.as_deref(), Some("\"1\""));
    // Another server is told nothing of what this one said.
    desk.source.address = "https://elsewhere.invalid".into();
    desk.script.sends(bytes);
    assert_eq!(desk.pull_at("2026-11-22T10:00:00Z").outcome, Outcome::Unchanged);
    assert_eq!(desk.script.asked.lock().unwrap()[2], Conditions::default());
    assert_eq!(desk.versions(), 1);

    // One signer less is a change like any other; the one before is kept.
    let status = desk.pull(without("XB", 1));
    assert_eq!((status.outcome, status.removed, status.keys), (Outcome::Taken, 1, 14));
    assert_eq!(desk.versions(), 2);
    let mut before = TrustStore::new();
    assert!(lists::load(&desk.source, Version::Previous, &mut before).unwrap().is_some());
    assert_eq!(before.len(), 15);
    // The status lies beside the list.
    assert_eq!(PullStatus::of(&desk.source).unwrap().unwrap(), status);
}

/// F18: an empty, a smaller or an emptied list waits for an operator, and the last good one stays in use.
#[test]
fn a_list_that_shrinks_waits_for_an_operator() {
    let of = |kind: &'static str| move |entry: &Value| entry["certificateType"] == kind;
    let cases: [(&str, Vec<u8>, &str); 5] = [
        (
            "four of fifteen gone",
            list(|entry| !(of("DSC")(entry) && kids("XA")[..4].iter().any(|kid| entry["kid"] == **kid))),
            "smaller",
        ),
        ("no authority", list(|entry| !of("CSCA")(entry)), "empty"),
        ("one authority gone, with its signers", list(|entry| entry["country"] != "XC"), "smaller"),
        ("nobody but uploaders", list(of("UPLOAD")), "empty"),
        ("authorities alone", list(|entry| !of("DSC")(entry)), "empty"),
    ];
    for (what, bytes, code) in cases {
        let desk = Desk::new(SourceKind::Gateway);
        desk.pull(whole());
        let status = desk.pull(bytes.clone());
        assert_eq!((status.outcome, problem(&status)), (Outcome::Refused, code), "{what}: {status:?}");
        assert_eq!(status.level(time(AT)), Level::Alarm, "{what}");
        assert_eq!((status.keys, desk.in_use()), (15, all()), "{what}: the last good one stays in use");
        // The next run finds the same and says since when it waits.
        desk.script.sends(bytes);
        let status = desk.pull_at("2026-11-22T11:00:00Z");
        assert_eq!(status.pending_since, Some(time(AT)), "{what}");
        assert_eq!(desk.versions(), 2, "{what}: one in use, one that waits");
        // And when the source comes to itself nothing waits any more.
        let status = desk.pull(whole());
        assert_eq!((status.outcome, status.pending_since), (Outcome::Unchanged, None), "{what}");
    }
    // A list without entries is none at all; it cannot even be accepted.
    let desk = Desk::new(SourceKind::Gateway);
    assert_eq!(desk.pull(b"[]".to_vec()).level(time(AT)), Level::Alarm);
    desk.pull(whole());
    let status = desk.pull(b"[]".to_vec());
    assert_eq!((status.outcome, problem(&status)), (Outcome::NotBelieved, "empty"));
    assert_eq!(desk.in_use(), all());
    assert!(matches!(lists::compare_pending(&desk.source, &Fixed(time(AT))), Err(PullError::NothingPending { .. })));
}

#[test]
fn a_country_that_vanishes_is_missed_even_where_few_signers_go() {
    let desk = Desk::new(SourceKind::Gateway);
    // XC has one signer of eleven.
    let few =
        |entry: &Value| entry["country"] != "XC" || entry["certificateType"] != "DSC" || entry["kid"] == *kids("XC")[0];
    desk.pull(list(few));
    let gone = list(|entry| entry["country"] != "XC" || entry["certificateType"] != "DSC");
    let status = desk.pull(gone.clone());
    assert_eq!((status.outcome, problem(&status)), (Outcome::Refused, "country-gone"), "{status:?}");
    assert!(status.problem.unwrap().words.contains("XC"));
    let (diff, pending) = lists::compare_pending(&desk.source, &Fixed(time(AT))).unwrap();
    assert_eq!((diff.countries_gone.as_slice(), diff.removed), (["XC".to_owned()].as_slice(), 1));
    let accepted = lists::accept(&desk.source, &pending.kept.sha256, &Fixed(time(AT))).unwrap();
    assert_eq!((accepted.status.keys, accepted.status.level(time(AT))), (10, Level::Good));
    assert_eq!(accepted.refusals[0].code, "country-gone");
    // From then on it is the good one.
    assert_eq!(desk.pull(gone).outcome, Outcome::Unchanged);
}

#[test]
fn what_was_not_seen_is_not_accepted() {
    let desk = Desk::new(SourceKind::Gateway);
    desk.pull(whole());
    desk.pull(without("XA", 4));
    let (_, seen) = lists::compare_pending(&desk.source, &Fixed(time(AT))).unwrap();
    // Meanwhile another one came.
    desk.pull(without("XB", 5));
    let outcome = lists::accept(&desk.source, &seen.kept.sha256, &Fixed(time(AT)));
    assert!(matches!(outcome, Err(PullError::NothingPending { .. })));
    assert_eq!(desk.in_use(), all());
    let (_, seen) = lists::compare_pending(&desk.source, &Fixed(time(AT))).unwrap();
    lists::accept(&desk.source, &seen.kept.sha256, &Fixed(time(AT))).unwrap();
    assert_eq!(desk.in_use().len(), 10);
    assert!(matches!(lists::compare_pending(&desk.source, &Fixed(time(AT))), Err(PullError::NothingPending { .. })));
}

/// F12: an older list played again.
#[test]
fn replays_are_refused() {
    // A mirror over the open network: the newest entry is older than in the one in use.
    let desk = Desk::new(SourceKind::Url);
    let old = list(|entry| entry["timestamp"] != "2026-10-05T10:00:00+01:00");
    desk.pull(old.clone());
    assert_eq!(desk.pull(whole()).outcome, Outcome::Taken);
    let status = desk.pull(old.clone());
    assert_eq!((status.outcome, problem(&status)), (Outcome::Refused, "older"), "{status:?}");
    assert_eq!(desk.in_use(), all());
    // A third one of the same age as the old one, neither in use now nor before.
    let other = list(|entry| entry["timestamp"] != "2026-10-05T10:00:00+01:00" && entry["kid"] != *kids("XA")[0]);
    assert_eq!(desk.pull(other).outcome, Outcome::Refused);

    // A gateway proves by its connection that it is it; there an entry may go and come back.
    let desk = Desk::new(SourceKind::Gateway);
    desk.pull(old.clone());
    desk.pull(whole());
    assert_eq!(desk.pull(old).outcome, Outcome::Taken);
    assert_eq!(desk.pull(whole()).outcome, Outcome::Taken);
}

/// F12: whatever byte of a list is changed, no key comes into use that was not in the published one, and the last good
/// list stays or loses what the change spoilt.
#[test]
fn no_changed_byte_brings_a_key_in() {
    let desk = Desk::new(SourceKind::Gateway);
    let bytes = whole();
    desk.pull(bytes.clone());
    let (mut not_believed, mut refused, mut taken) = (0, 0, 0);
    for step in 0..90 {
        let at = step * (bytes.len() / 90) + step % 7;
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (step % 7);
        let status = desk.pull(damaged);
        match status.outcome {
            Outcome::NotBelieved => not_believed += 1,
            Outcome::Refused => refused += 1,
            Outcome::Taken | Outcome::Unchanged => taken += 1,
            Outcome::Unreachable => panic!("{status:?}"),
        }
        let now = desk.in_use();
        // A kid is not signed; a key under another kid verifies nothing more than before.
        assert!(now.len() >= 14 || status.keys < 15, "byte {at}: {status:?}");
        let mut store = TrustStore::new();
        lists::load(&desk.source, Version::Current, &mut store).unwrap();
        let known = published_keys();
        assert!(store.keys().all(|key| known.contains(&key.key.to_spki())), "byte {at}");
        if status.outcome != Outcome::Unchanged {
            desk.pull(bytes.clone());
        }
    }
    println!("{not_believed} not believed, {refused} refused, {taken} taken without what was changed");
    assert!(not_believed > 0 && taken > 0);
}

fn published_keys() -> BTreeSet<Vec<u8>> {
    let mut store = TrustStore::new();
    let folder = tempfile::tempdir().unwrap();
    source(folder.path(), SourceKind::Gateway).read(&whole(), time(AT), &mut store).unwrap();
    store.keys().map(|key| key.key.to_spki()).collect()
}

/// F12: with a changed or another anchor nothing is believed, and what is in use stays.
#[test]
fn a_changed_anchor_is_no_anchor() {
    let mut desk = Desk::new(SourceKind::Gateway);
    desk.pull(whole());
    let good = desk.source.list_keys.clone();
    for at in (0..world().anchor.len()).step_by(23) {
        let mut damaged = world().anchor.clone();
        damaged[at] ^= 1;
        let Ok(keys) = ListKey::read(&damaged) else { continue };
        desk.source.list_keys = keys;
        let status = desk.pull(without("XA", 1));
        assert_eq!(status.outcome, Outcome::NotBelieved, "byte {at}");
        assert!(matches!(problem(&status), "not-authentic" | "list-key-out-of-date" | "unreadable"), "{status:?}");
    }
    desk.source.list_keys = good;
    assert_eq!(desk.in_use(), all());
}

#[test]
fn moved_clocks_are_noticed() {
    let desk = Desk::new(SourceKind::Gateway);
    desk.pull(whole());
    // The upload certificates end in June 2044: their entries count no more, and the list waits.
    let status = desk.pull_at("2044-06-02T00:00:00Z");
    assert_eq!((status.outcome, problem(&status)), (Outcome::Refused, "empty"), "{status:?}");
    // The anchor ends in June 2049: nothing counts.
    let status = desk.pull_at("2049-06-02T00:00:00Z");
    assert_eq!((status.outcome, problem(&status)), (Outcome::NotBelieved, "list-key-out-of-date"));
    // Before anything was valid.
    let status = desk.pull_at("2021-01-01T00:00:00Z");
    assert_eq!((status.outcome, problem(&status)), (Outcome::NotBelieved, "list-key-out-of-date"));
    // What was judged good when it came is in use as it was judged then.
    assert_eq!(desk.in_use(), all());
    assert_eq!(desk.pull_at(AT).outcome, Outcome::Unchanged);
}

/// F20: the alarm when the own signer is missing.
#[test]
fn an_own_signer_is_missed_from_when_it_was_seen() {
    let mut desk = Desk::new(SourceKind::Gateway);
    let kid = kids("XB").pop().unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &kid).unwrap();
    desk.source.own = vec![Kid::new(bytes)];
    // Before it was ever listed nobody misses it, unless it is expected.
    let status = desk.pull(without("XB", 1));
    assert_eq!((status.own_missing.len(), status.level(time(AT))), (0, Level::Good));
    desk.source.expect_own = true;
    assert_eq!(desk.pull(without("XB", 1)).own_missing, std::slice::from_ref(&kid));
    desk.source.expect_own = false;
    // Seen, and gone: the list is used, for the others' sake, and an operator is called at every run.
    assert_eq!(desk.pull(whole()).own_missing.len(), 0);
    for _ in 0..2 {
        let status = desk.pull(without("XB", 2));
        assert_eq!((status.own_missing.as_slice(), status.level(time(AT))), (std::slice::from_ref(&kid), Level::Alarm));
    }
}

#[test]
fn a_source_out_of_reach_alarms_when_the_list_grows_old() {
    let desk = Desk::new(SourceKind::Gateway);
    let lost = FetchError::Unreachable { host: "gateway.invalid".into(), problem: "it took too long".into() };
    desk.script.says(Err(lost.clone()));
    let status = desk.pull_at(AT);
    assert_eq!(
        (status.outcome, status.level(time(AT))),
        (Outcome::Unreachable, Level::Alarm),
        "there is no list at all"
    );
    desk.pull(whole());
    desk.script.says(Err(lost));
    let status = desk.pull_at("2026-11-24T08:00:00Z");
    assert_eq!(status.level(time("2026-11-24T08:00:00Z")), Level::Warning);
    assert_eq!(
        (status.last_success, status.age(time("2026-11-24T08:00:00Z"))),
        (Some(time(AT)), Some(SignedDuration::from_hours(48)))
    );
    assert_eq!(status.level(time("2026-11-25T08:00:01Z")), Level::Alarm);
    assert_eq!(desk.in_use(), all());
    // A server that knows a list of ours which we have not.
    let fresh = Desk::new(SourceKind::Url);
    assert_eq!(fresh.pull_at(AT).outcome, Outcome::Unreachable);
}

/// Asks for the same list while it is being pulled.
struct Nested<'s>(&'s Source, Mutex<Option<PullError>>);

impl Download for Nested<'_> {
    fn fetch<'a>(&'a self, _: &'a Conditions) -> Fetching<'a> {
        Box::pin(async move {
            let inner = lists::pull(self.0, &Script::new(), &Fixed(time(AT))).await;
            *self.1.lock().unwrap() = inner.err();
            Ok(Fetched::List { bytes: whole(), conditions: Conditions::default() })
        })
    }
}

#[test]
fn two_pulls_at_once_are_one() {
    let desk = Desk::new(SourceKind::Gateway);
    let nested = Nested(&desk.source, Mutex::new(None));
    let status = run(lists::pull(&desk.source, &nested, &Fixed(time(AT)))).unwrap();
    assert_eq!(status.outcome, Outcome::Taken);
    assert!(matches!(nested.1.lock().unwrap().take(), Some(PullError::Shelf(ShelfError::Held { .. }))));
}

/// Whatever step a crash comes after, the next run finds a good state.
#[test]
fn a_crash_after_any_step_leaves_a_good_list() {
    let desk = Desk::new(SourceKind::Gateway);
    desk.pull(whole());
    let ledger = desk.source.folder.join("ledger.json");
    let before = std::fs::read(&ledger).unwrap();
    let versions = desk.source.folder.join("versions");
    // Half a version under its temporary name; a ledger that was not renamed.
    std::fs::create_dir(versions.join(".new-abc")).unwrap();
    std::fs::write(versions.join(".new-abc").join("list"), b"[{").unwrap();
    std::fs::write(desk.source.folder.join(".new-ledger"), b"{").unwrap();
    assert_eq!(desk.in_use(), all());
    // A whole version that no ledger names.
    std::fs::create_dir(versions.join("2")).unwrap();
    std::fs::write(versions.join("2").join("list"), whole()).unwrap();
    assert_eq!(desk.in_use(), all());
    let status = desk.pull(without("XA", 1));
    assert_eq!(status.outcome, Outcome::Taken);
    assert_eq!(desk.versions(), 2, "what was left half done is gone");
    assert!(!desk.source.folder.join(".new-ledger").exists());
    // The ledger was renamed, and nothing was swept: as it is right before the sweep.
    std::fs::create_dir(versions.join("99")).unwrap();
    assert_eq!(desk.pull(without("XA", 1)).outcome, Outcome::Unchanged);
    assert_eq!(desk.versions(), 2);
    // The disk is full or the power is cut before the rename: the old ledger names the old version.
    std::fs::write(&ledger, before).unwrap();
    assert_eq!(desk.in_use(), all());
}

#[test]
fn a_folder_that_was_changed_by_hand_is_named() {
    let desk = Desk::new(SourceKind::Gateway);
    desk.pull(whole());
    let path = desk.source.folder.join("versions/1/list");
    std::fs::write(&path, without("XA", 1)).unwrap();
    let mut store = TrustStore::new();
    let error = lists::load(&desk.source, Version::Current, &mut store).unwrap_err();
    assert!(error.to_string().contains("was damaged or changed by hand: move the folder"), "{error}");
    assert!(store.is_empty());
    std::fs::write(&path, whole()).unwrap();
    for damaged in ["{", "{}", "{\"form\":9}", ""] {
        std::fs::write(desk.source.folder.join("ledger.json"), damaged).unwrap();
        let outcome = run(lists::pull(&desk.source, &desk.script, &Fixed(time(AT))));
        assert!(matches!(outcome, Err(PullError::Shelf(ShelfError::Damaged { .. }))), "{damaged:?}");
    }
    assert!(desk.folder.path().exists());
}
