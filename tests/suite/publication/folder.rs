//! The published folder: when it is written, what devices make of it, and what they refuse.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;
use vaccert::{
    clock::{Clock as _, System},
    keys::{Certificate, MemorySigner},
    publication::{PublicationError, index_path},
    revocation::{Builder, Fingerprints, HashKind, Index, IndexError, Revocations, Role, Status, follows},
    signers::sandbox::{SignerKey, Validity, make},
};

use super::{at, publisher, registry, restore, revoke, signer, store};
use crate::{
    journey::export,
    support::{
        dhis2::population::crowd,
        program::{Ran, Workplace},
    },
};

/// What a device makes of a folder, and whether of its lists or its filters.
fn read(dir: &Path) -> Result<(Revocations, Role), IndexError> {
    let signed = Index::read(&fs::read(index_path(dir)).unwrap(), &[], false)?;
    let mut builder = Builder::new();
    let below = dir.join("revocations");
    let role = signed.index.add_to(&mut builder, |file| fs::read(below.join(&file.name)).ok())?;
    Ok((builder.finish()?, role))
}

fn index(dir: &Path) -> Index {
    Index::read(&fs::read(index_path(dir)).unwrap(), &[], false).unwrap().index
}

fn files(dir: &Path) -> BTreeSet<PathBuf> {
    fn walk(dir: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { assert!(found.insert(path)) }
        }
    }
    let mut found = BTreeSet::new();
    walk(dir, &mut found);
    found
}

#[tokio::test]
async fn a_revocation_is_on_a_published_list_within_five_minutes() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let kid = signer.kid().clone();
    let publisher = publisher(&registry, &signer, out.path());
    let ids = store(&registry, kid.as_bytes(), 0, 3).await;
    let print = |id: &str| Fingerprints::of_identifier(id);
    let status = |id: &str, now| read(out.path()).unwrap().0.status(&kid, &print(id), now);

    // The loop of the service, a minute a round; something is revoked between two rounds.
    let mut now = at(0);
    assert!(publisher.publish_if_due(now).await.unwrap().is_some(), "the first time");
    assert_eq!(status(&ids[0], now), Status::Clear);
    let (mut rounds, mut revoked_at, mut listed_at, mut gone_at) = (0, None, None, None);
    while gone_at.is_none() && rounds < 30 {
        rounds += 1;
        now = now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let before = now.checked_sub(SignedDuration::from_secs(1)).unwrap();
        match rounds {
            5 => {
                revoke(&registry, &ids[..1], before).await;
                revoked_at = Some(before);
            }
            10 => restore(&registry, &ids[..1], before).await,
            _ => {}
        }
        let published = publisher.publish_if_due(now).await.unwrap();
        assert_eq!(published.is_some(), rounds == 5 || rounds == 10, "only when something has changed");
        let revoked = matches!(status(&ids[0], now), Status::Revoked(hit) if hit.certain());
        match (revoked, listed_at) {
            (true, None) => listed_at = Some(now),
            (false, Some(_)) => gone_at = Some(now),
            _ => {}
        }
        assert_eq!(status(&ids[1], now), Status::Clear, "and no other");
    }
    let within = listed_at.unwrap().duration_since(revoked_at.unwrap());
    assert!(within <= SignedDuration::from_secs(300), "{within}");
    assert!(gone_at.is_some(), "what is taken back is off the list");

    // Half of the validity is over: published anew, so that devices always have time left.
    let made = index(out.path());
    let half = made.made_at.checked_add(SignedDuration::from_hours(12)).unwrap();
    let almost = half.checked_sub(SignedDuration::from_secs(1)).unwrap();
    assert!(publisher.publish_if_due(almost).await.unwrap().is_none());
    let renewed = publisher.publish_if_due(half).await.unwrap().unwrap();
    assert_eq!((renewed.new_files, renewed.revoked, renewed.released), (0, 0, 1), "the same files under a new index");
    assert!(index(out.path()).sequence > made.sequence);
    // Silence speaks no longer than the index says.
    let after = index(out.path()).valid_until.checked_add(SignedDuration::from_secs(1)).unwrap();
    assert_eq!(status(&ids[1], after), Status::Unknown);
    // Another signer: what it signed must be covered.
    let mut more = publisher.clone();
    more.signers.push(super::signer().certificate().clone());
    assert!(more.publish_if_due(half).await.unwrap().is_some());
}

#[tokio::test]
async fn every_list_follows_the_one_before_and_names_what_it_released() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let publisher = publisher(&registry, &signer, out.path());
    let ids = store(&registry, signer.kid().as_bytes(), 0, 40).await;
    let mut lists: Vec<Revocations> = Vec::new();
    let mut before: Option<(Index, Vec<u8>)> = None;
    for round in 0..8_usize {
        revoke(&registry, &ids[round * 5..round * 5 + 5], at(round as i64 * 10)).await;
        if round > 0 {
            restore(&registry, &ids[round * 5 - 2..round * 5], at(round as i64 * 10 + 1)).await;
        }
        publisher.publish(at(round as i64 * 10 + 2)).await.unwrap();
        let (list, role) = read(out.path()).unwrap();
        assert_eq!(role, Role::List);
        let index = index(out.path());
        if let Some((older, file)) = &before {
            assert!(index.sequence > older.sequence && index.through > older.through);
            assert_eq!(index.previous, Some(Index::digest(file)), "each index names the one before");
            // What is being downloaded by the older index is still there.
            assert!(older.files.iter().all(|file| out.path().join("revocations").join(&file.name).is_file()));
        }
        for older in &lists {
            assert_eq!(follows(older, &list), Ok(()));
            assert!(follows(&list, older).is_err(), "an older list in place of a newer one is refused");
        }
        before = Some((index, fs::read(index_path(out.path())).unwrap()));
        lists.push(list);
    }
    let last = lists.last().unwrap();
    assert_eq!((last.len(), last.released_len()), (40 - 14, 14));
    // Nothing lies about that two indexes do not name.
    assert!(files(out.path()).len() <= 3 + 2 * 17 + 2, "{}", files(out.path()).len());
    assert!(files(out.path()).iter().all(|file| file.extension().is_none_or(|end| end != "part")));
}

#[tokio::test]
async fn a_registry_from_an_old_backup_publishes_nothing() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let ids = store(&registry, signer.kid().as_bytes(), 0, 4).await;
    revoke(&registry, &ids[..2], at(0)).await;
    let publisher_now = publisher(&registry, &signer, out.path());
    publisher_now.publish(at(1)).await.unwrap();
    let good = files(out.path());

    let (other_home, before) = (tempfile::tempdir().unwrap(), fs::read(index_path(out.path())).unwrap());
    let old = super::registry(other_home.path()).await;
    store(&old, signer.kid().as_bytes(), 0, 4).await;
    revoke(&old, &ids[..1], at(0)).await;
    let error = publisher(&old, &signer, out.path()).publish_if_due(at(2)).await.unwrap_err();
    assert!(matches!(error, PublicationError::Older { newest: 1, published: 2 }), "{error}");
    // As long a log with another content.
    revoke(&old, &ids[2..], at(0)).await;
    let error = publisher(&old, &signer, out.path()).publish(at(3)).await.unwrap_err();
    assert!(matches!(error, PublicationError::Forgets(lost) if lost.entries == 1), "{error}");
    assert!(error.to_string().contains("must not forget"));
    assert_eq!((files(out.path()), fs::read(index_path(out.path())).unwrap()), (good, before), "nothing was touched");
}

#[tokio::test]
async fn a_publication_that_was_killed_leaves_the_one_before_and_is_made_good() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let publisher = publisher(&registry, &signer, out.path());
    let ids = store(&registry, signer.kid().as_bytes(), 0, 4).await;
    revoke(&registry, &ids[..1], at(0)).await;
    publisher.publish(at(1)).await.unwrap();
    let (index_before, before) = (fs::read(index_path(out.path())).unwrap(), index(out.path()));
    revoke(&registry, &ids[1..2], at(2)).await;
    publisher.publish(at(3)).await.unwrap();
    // Killed before its last step: the files are there, the index is the old one, and half a file lies beside.
    fs::write(index_path(out.path()), &index_before).unwrap();
    fs::write(out.path().join("revocations/lists/half.vcrt.part"), b"VCR").unwrap();
    assert_eq!(read(out.path()).unwrap().0.len(), 1, "the lists of before are whole");
    let again = publisher.publish_if_due(at(4)).await.unwrap().unwrap();
    assert_eq!((again.revoked, again.new_files), (2, 0));
    assert_eq!(read(out.path()).unwrap().0.len(), 2);
    assert!(!out.path().join("revocations/lists/half.vcrt.part").exists());
    // A file that a failing disk has damaged is written again.
    let list = out.path().join("revocations").join(&index(out.path()).files[0].name);
    fs::write(&list, b"VCRT").unwrap();
    assert!(matches!(read(out.path()), Err(IndexError::Damaged { .. })));
    assert!(publisher.publish(at(5)).await.unwrap().new_files == 1 && read(out.path()).is_ok());
    assert!(index(out.path()).sequence > before.sequence);
    // A clock that was set back counts no number down.
    let sequence = index(out.path()).sequence;
    publisher.publish(at(-100_000)).await.unwrap();
    assert_eq!(index(out.path()).sequence, sequence + 1);
}

#[tokio::test]
async fn many_revocations_are_small_files_that_stay_as_they_are() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let publisher = publisher(&registry, &signer, out.path());
    let ids = store(&registry, signer.kid().as_bytes(), 0, 6_001).await;
    revoke(&registry, &ids[..6_000], at(0)).await;
    let first = publisher.publish(at(1)).await.unwrap();
    assert!(first.list_bytes < 6_000 * 16 + 100 && first.filter_bytes < 6_000 * 5, "{first:?}");
    assert!(first.false_hits > 0.0 && first.false_hits < 3e-6, "{first:?}");
    revoke(&registry, &ids[6_000..], at(2)).await;
    let second = publisher.publish(at(3)).await.unwrap();
    assert!(second.new_files <= 2, "one shard and one slice: {second:?}");

    // Filters alone revoke the same, and say that they may err; a certificate of another key is unknown to them.
    let lists: Vec<PathBuf> = files(&out.path().join("revocations/lists")).into_iter().collect();
    lists.iter().for_each(|file| fs::remove_file(file).unwrap());
    let (filters, role) = read(out.path()).unwrap();
    assert_eq!(role, Role::Filter);
    let print = |id: &str| Fingerprints::new(vaccert::keys::Algorithm::Es256, &[7; 64], "XX", id);
    for id in &ids {
        let status = filters.status(signer.kid(), &print(id), at(4));
        assert!(
            matches!(status, Status::Revoked(hit) if hit.kind == HashKind::Uci && hit.false_hits < 3e-6),
            "{status:?}"
        );
    }
    let clear = |n: u32| filters.status(signer.kid(), &print(&format!("URN:UVCI:01:XX:{n}")), at(4)) == Status::Clear;
    assert!((0..2_000).filter(|n| clear(*n)).count() >= 1_999);
    assert_eq!(filters.status(&vaccert::keys::Kid::new([1; 8]), &print("x"), at(4)), Status::Unknown);
    // Neither is complete: nothing is used, and what is missing is said.
    let slice = files(&out.path().join("revocations/filters")).into_iter().next().unwrap();
    fs::remove_file(slice).unwrap();
    assert!(matches!(read(out.path()), Err(IndexError::Missing { .. })));
}

/// One sentence, and the status of a file that cannot be used.
#[track_caller]
fn unreadable(ran: &Ran) -> String {
    assert_eq!(ran.code, Some(4), "{ran:?}");
    ran.err.clone()
}

#[test]
fn the_verifier_goes_by_what_is_published() {
    let mut work = Workplace::new();
    work.set("LOGNAME", "alice");
    work.write("export.json", export(&crowd(8, 4)));
    work.run(&["issue", "--from", "export.json", "--out", "out", "--files", "txt", "--quiet"]).good();
    let out = work.out("out");
    let ids: Vec<String> = out.items().into_values().filter_map(|(_, id)| id).collect();
    // What a device had before: keys, and nothing revoked.
    fs::copy(out.trust(), work.path("trust-before.json")).unwrap();
    let said = work.run(&["publish"]).good().out;
    assert!(said.starts_with("out: number ") && said.contains(": 0 revoked, 0 taken back; 0 files"), "{said}");
    assert!(work.run(&["publish"]).good().out.starts_with("out: nothing has changed"));

    work.run(&["revoke", &ids[0], "--reason", "fraud"]).good();
    let said = work.run(&["publish"]).good().out;
    assert!(said.contains(": 1 revoked, 0 taken back; ") && said.contains("name at most one in "), "{said}");
    let codes = |id: &str| -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            fs::read_dir(out.folder(id)).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.retain(|path| path.extension().is_some_and(|end| end == "txt"));
        found.sort();
        found
    };
    let verify = |more: &[&str], codes: &[PathBuf]| {
        let codes: Vec<&str> = codes.iter().map(|path| path.to_str().unwrap()).collect();
        let base = ["verify", "--format", "json", "--trust", "trust-before.json", "--require-revocations"];
        work.run(&[&base[..], more, &codes].concat())
    };
    let reasons = |ran: &Ran| -> Vec<Option<String>> {
        ran.out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["reason"].as_str().map(str::to_owned))
            .collect()
    };
    for folder in ["out/revocations", "out", "out/revocations/index.json"] {
        let ran = verify(&["--revocations", folder], &codes(&ids[0]));
        assert!(reasons(&ran).len() >= 2 && reasons(&ran).iter().all(|r| r.as_deref() == Some("revoked")), "{ran:?}");
        let ran = verify(&["--revocations", folder], &codes(&ids[1]));
        assert!(ran.code == Some(0) && reasons(&ran).iter().all(Option::is_none), "exactly the one: {ran:?}");
    }

    // A download that lacks the lists goes by the filters; one that lacks both is refused and can go on.
    let lists = files(&work.path("out/revocations/lists"));
    let list = lists.first().unwrap();
    let whole = fs::read(list).unwrap();
    fs::remove_file(list).unwrap();
    let by_filter = verify(&["--revocations", "out/revocations"], &codes(&ids[0]));
    assert!(reasons(&by_filter).iter().all(|r| r.as_deref() == Some("revoked")), "{by_filter:?}");
    let ran = verify(&["--revocations", "out/revocations"], &codes(&ids[1]));
    assert!(ran.code == Some(0), "{ran:?}");
    let slices = files(&work.path("out/revocations/filters"));
    let slice = slices.first().unwrap();
    let kept = fs::read(slice).unwrap();
    fs::remove_file(slice).unwrap();
    let sentence = unreadable(&verify(&["--revocations", "out/revocations"], &codes(&ids[0])));
    assert!(sentence.contains("download the rest"), "{sentence}");
    fs::write(slice, kept).unwrap();
    for cut in [0, 20, whole.len() - 1] {
        fs::write(list, &whole[..cut]).unwrap();
        let sentence = unreadable(&verify(&["--revocations", "out/revocations"], &codes(&ids[0])));
        assert!(sentence.contains("damaged"), "{sentence}");
    }
    let mut flipped = whole.clone();
    flipped[30] ^= 1;
    fs::write(list, &flipped).unwrap();
    assert!(unreadable(&verify(&["--revocations", "out/revocations"], &codes(&ids[0]))).contains("damaged"));
    fs::write(list, whole).unwrap();
    let index_file = work.path("out/revocations/index.json");
    let good = fs::read_to_string(&index_file).unwrap();
    let at = good.find("\"signed\": \"").unwrap() + 400;
    let mut bytes = good.clone().into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    fs::write(&index_file, bytes).unwrap();
    unreadable(&verify(&["--revocations", "out/revocations"], &codes(&ids[0])));
    fs::write(&index_file, good).unwrap();

    // Taken back.
    work.run(&["revoke", "--undo", &ids[0], "--reason", "mistake"]).good();
    assert!(work.run(&["publish"]).good().out.contains(": 0 revoked, 1 taken back"));
    assert_eq!(verify(&["--revocations", "out"], &codes(&ids[0])).code, Some(0));
    // Whoever has both the older and the newer list still refuses it.
    assert!(
        work.run(&["verify", "--trust", "out/trust.json", codes(&ids[0])[0].to_str().unwrap()]).good().code == Some(0)
    );
}

#[test]
fn an_older_index_of_the_same_maker_is_refused() {
    let work = Workplace::new();
    let now = System.now();
    let keys = make(SignerKey::P256, &Validity::recommended(now).unwrap(), [[1; 16], [2; 16]]).unwrap();
    let certificate = Certificate::from_der(&keys.csca.certificate_der).unwrap();
    let maker = MemorySigner::new(&keys.csca.private_key, certificate).unwrap();
    let key = work.write("maker.der", &keys.csca.certificate_der);
    let write = |name: &str, sequence: u64, change: &dyn Fn(&mut Index)| {
        let mut index = Index {
            sandbox: false,
            sequence,
            previous: None,
            made_at: now,
            valid_until: now.checked_add(SignedDuration::from_hours(24)).unwrap(),
            through: sequence,
            covers: vec!["AAECAwQFBgc=".into()],
            filters_cover: Vec::new(),
            files: Vec::new(),
        };
        change(&mut index);
        work.write(&format!("{name}/index.json"), index.write(&maker).unwrap());
        name.to_owned()
    };
    let (old, new) = (write("old", 7, &|_| ()), write("new", 8, &|_| ()));
    let code = work.write("code.txt", "HC1:NONSENSE");
    let run = |folder: &str, list_key: Option<&str>| {
        let base = ["verify", "--state", "state.json", "--trust", key.to_str().unwrap(), "--revocations", folder];
        let key = list_key.map_or(vec![], |key| vec!["--list-key", key]);
        work.run(&[&base[..], &key, &[code.to_str().unwrap()]].concat())
    };
    let with = |folder: &str| run(folder, key.to_str());
    assert_eq!(with(&old).code, Some(1));
    assert_eq!(with(&new).code, Some(1));
    let replayed = with(&old);
    assert!(replayed.code == Some(4) && replayed.err.contains("number 7"), "{replayed:?}");
    assert_eq!(with(&new).code, Some(1));
    // Without the maker's key it is nothing, and with another's neither.
    assert!(run(&new, None).err.contains("--list-key"));
    // Names that lead elsewhere, and numbers beyond all bounds.
    let entry = |name: &str| Index::entry(name.to_owned(), Role::List, b"", 0, 0.0);
    for name in ["../state.json", "/etc/passwd", "lists/../../x", ".hidden", "", "a//b", "index.json", "a\\b"] {
        let bad = write("bad", 9, &|index| index.files = vec![entry(name)]);
        let ran = with(&bad);
        assert!(ran.code == Some(4) && ran.err.contains("list of files"), "{name}: {ran:?}");
    }
}
