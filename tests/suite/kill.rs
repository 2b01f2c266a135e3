//! The program is killed at random points, again and again, and loses and doubles nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sqlx::Connection as _;

use crate::{
    journey::{doses, export},
    support::{
        dhis2::population::{Dice, crowd},
        program::Workplace,
    },
};

const KILLS: usize = 52;
const PEOPLE: usize = 2_500;

/// Arguments of every run: as few files as may be, so that most kills meet the registry.
const ISSUE: [&str; 10] =
    ["issue", "--from", "export.json", "--out", "out", "--files", "txt", "--formats", "eu-dcc", "--quiet"];
/// The same with a format that the certificates of the first runs lack.
const ADD: [&str; 10] =
    ["issue", "--from", "export.json", "--out", "out", "--files", "txt", "--formats", "eu-dcc,ddcc", "--quiet"];
const KILLS_WHILE_ADDING: usize = 12;

/// Folders of certificates that are complete.
fn written(out: &Path) -> usize {
    let Ok(entries) = fs::read_dir(out) else { return 0 };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.len() == 26).count()
}

/// A workplace with a registry to issue, whose leases run out soon.
fn workplace() -> (Workplace, Vec<String>) {
    let people = crowd(PEOPLE, 20_261_121);
    let work = Workplace::new();
    work.run(&["init", "--quiet", "."]).good();
    let config = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", config.replace("# lease_seconds = 10", "lease_seconds = 1"));
    work.write("export.json", export(&people));
    (work, doses(&people))
}

/// Lets a run live for a while and kills it. Every fifth lives until it has written something, the others for a
/// third of a second at most: they die while they start, read, or wait for the lease of the one before.
fn kill_one(work: &Workplace, round: usize, all: usize, dice: &mut Dice) {
    let out = work.path("out");
    let mut run = work.start(&ISSUE);
    if round.is_multiple_of(5) && written(&out) < all {
        let enough = written(&out) + 1 + dice.roll(250) as usize;
        // On a slow machine it takes a while until the people are read.
        let late = Instant::now() + Duration::from_secs(60);
        while written(&out) < enough && Instant::now() < late && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(dice.roll(25)));
    } else {
        std::thread::sleep(Duration::from_millis(dice.roll(330)));
    }
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn a_run_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let (work, doses) = workplace();
    let mut dice = Dice(7);
    let mut stages = BTreeSet::new();
    for round in 0..KILLS {
        kill_one(&work, round, doses.len(), &mut dice);
        stages.insert(written(&work.path("out")));
    }
    println!("killed {KILLS} times, with these numbers of certificates written: {stages:?}");
    let halfway = stages.iter().filter(|&&count| count > 0 && count < doses.len()).count();
    assert!(halfway >= 3, "most kills came too early or too late to mean anything: {stages:?}");

    work.run(&ISSUE).good();
    let out = work.out("out");

    // Every dose has one certificate, and the report names each.
    let items = out.items();
    let standing: BTreeSet<(&String, &String)> =
        items.iter().filter_map(|(event, (_, id))| Some((event, id.as_ref()?))).collect();
    assert_eq!(standing.iter().map(|(event, _)| *event).collect::<Vec<_>>(), doses.iter().collect::<Vec<_>>());
    let ids: BTreeSet<String> = standing.iter().map(|(_, id)| (*id).clone()).collect();
    assert_eq!(ids.len(), doses.len());
    let [records, issued, refused, unchanged] = out.counts();
    assert_eq!((records, issued + unchanged), (items.len() as u64, doses.len() as u64));
    assert_eq!(refused, records - issued - unchanged);

    // The folder holds them all and nothing half-made.
    let expected: BTreeSet<_> = ids.iter().map(|id| out.folder(id)).collect();
    let names = fs::read_dir(&out.0).unwrap().map(|entry| entry.unwrap().path());
    let (folders, others): (BTreeSet<_>, BTreeSet<_>) = names.partition(|path| path.file_name().unwrap().len() == 26);
    assert_eq!(folders, expected);
    let others: Vec<_> = others.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(others, [".lock", "report.json", "trust.json"]);
    let verified = work.verify_lines(&out.trust(), &out.codes());
    verified.accepted(&["sandbox"]);
    let found: BTreeSet<String> = verified.verdicts.iter().map(|v| v["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, ids);

    // The registry agrees, and nothing that was ever signed is anything else.
    let registry = format!("sqlite:{}", work.path("registry.sqlite").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (total, records, revoked, intents) = runtime.block_on(async {
        let mut database = sqlx::SqliteConnection::connect(&registry).await.unwrap();
        let counts = "SELECT (SELECT count(*) FROM certificate), \
             (SELECT count(*) FROM (SELECT DISTINCT tracked_entity, event FROM certificate WHERE state = 'released')), \
             (SELECT count(*) FROM revocation), (SELECT count(*) FROM intent)";
        sqlx::query_as::<_, (i64, i64, i64, i64)>(counts).fetch_one(&mut database).await.unwrap()
    });
    let count = doses.len() as i64;
    assert_eq!((total, records, revoked, intents), (count, count, 0, 0));

    // A format is added by runs that are killed as well: no certificate is lost, doubled or revoked by it.
    let before: Vec<(PathBuf, Vec<u8>)> =
        out.codes().into_iter().map(|code| (code.clone(), fs::read(code).unwrap())).collect();
    for _ in 0..KILLS_WHILE_ADDING {
        let mut run = work.start(&ADD);
        std::thread::sleep(Duration::from_millis(200 + dice.roll(900)));
        run.kill().unwrap();
        run.wait().unwrap();
    }
    work.run(&ADD).good();
    let now: BTreeSet<String> = out.items().into_values().filter_map(|(_, id)| id).collect();
    assert_eq!(now, ids);
    for (code, text) in &before {
        assert_eq!(&fs::read(code).unwrap(), text, "what was handed out stays");
        assert!(code.with_file_name("ddcc.txt").is_file());
    }
    let (certificates, added, leftovers) = runtime.block_on(async {
        let mut database = sqlx::SqliteConnection::connect(&registry).await.unwrap();
        let counts = "SELECT (SELECT count(*) FROM certificate WHERE state = 'released'), \
             (SELECT count(*) FROM envelope WHERE format = 'ddcc'), \
             (SELECT count(*) FROM revocation) + (SELECT count(*) FROM intent)";
        sqlx::query_as::<_, (i64, i64, i64)>(counts).fetch_one(&mut database).await.unwrap()
    });
    assert_eq!((certificates, added, leftovers), (count, count, 0));
}
