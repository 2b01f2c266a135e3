//! `vaccert revoke` as an operator runs it: by name, by list, in bulk; what it says; and what verifiers then say.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use crate::{
    journey::export,
    support::{
        dhis2::{people::Person, population::crowd},
        program::{Ran, Workplace},
    },
};

const ISSUE: [&str; 10] =
    ["issue", "--from", "export.json", "--out", "out", "--files", "txt", "--formats", "eu-dcc", "--quiet"];

/// A place where the doses of a crowd were issued by alice, and the identifier of each by event.
fn issued(people: usize) -> (Workplace, Vec<Person>, BTreeMap<String, String>) {
    let people = crowd(people, 4);
    let mut work = Workplace::new();
    work.set("LOGNAME", "alice");
    work.write("export.json", export(&people));
    work.run(&ISSUE).good();
    let ids: BTreeMap<String, String> =
        work.out("out").items().into_iter().filter_map(|(event, (_, id))| Some((event, id?))).collect();
    (work, people, ids)
}

fn code(work: &Workplace, id: &str) -> PathBuf {
    work.out("out").code(id)
}

/// What the verifier says of each certificate, by the newest bundle.
fn verdicts(work: &Workplace, ids: &[&String]) -> Vec<Option<String>> {
    work.run(&ISSUE).good();
    let codes: Vec<PathBuf> = ids.iter().map(|id| code(work, id)).collect();
    let verified = work.verify(&work.out("out").trust(), &codes, &[]);
    verified.verdicts.iter().map(|verdict| verdict["reason"].as_str().map(str::to_owned)).collect()
}

/// One clear sentence on standard error, whatever was shown before it.
#[track_caller]
fn refused(ran: &Ran, code: i32) -> String {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 1, "{ran:?}");
    lines[0].strip_prefix("vaccert: ").unwrap().to_owned()
}

#[test]
fn one_dose_is_revoked_and_no_other_and_taken_back() {
    let (work, people, ids) = issued(12);
    let doses: Vec<&String> = people
        .iter()
        .map(|person| person.events().filter_map(|event| ids.get(&event.uid)).collect::<Vec<_>>())
        .find(|doses| doses.len() >= 2)
        .unwrap();
    let (first, second) = (doses[0], doses[1]);
    let ran = work.run(&["revoke", second, "--reason", "fraud", "--note", "case 12"]).good();
    assert!(
        ran.out.starts_with(&format!("revoked          {second}\n1 revoked now, 0 as they were, 0 not\n")),
        "{ran:?}"
    );
    assert_eq!(
        verdicts(&work, &[first, second]),
        [None, Some("revoked".to_owned())],
        "exactly the dose that was meant"
    );

    // The next run certifies it not again, and says why; nothing else changes.
    let items = work.out("out").items();
    let event = ids.iter().find(|(_, id)| *id == second).unwrap().0;
    assert_eq!(items[event], ("refused".to_owned(), Some(second.clone())));
    assert_eq!(work.out("out").reasons(event)[0], "certificate-revoked");
    assert_eq!(items.values().filter(|(status, _)| status == "unchanged").count(), ids.len() - 1);

    let again = work.run(&["revoke", second, "--reason", "lot"]).good();
    assert!(
        again.out.starts_with(&format!("already revoked  {second}: reason fraud\n0 revoked now, 1 as")),
        "{again:?}"
    );
    let body = second.split('#').next().unwrap();
    let back = work.run(&["revoke", "--undo", body, "--reason", "mistake"]).good();
    assert!(back.out.starts_with(&format!("restored         {second}\n1 restored now")), "{back:?}");
    assert_eq!(verdicts(&work, &[first, second]), [None, None]);
    assert_eq!(work.out("out").items()[event].0, "unchanged", "the same certificate, not another one");

    let log = work.run(&["revoke", "--list"]).good().out;
    let rows: Vec<Vec<&str>> = log.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["number", "at", "action", "id", "reason", "who", "group", "note"]);
    let told: Vec<Vec<&str>> = rows[1..].iter().map(|row| row[2..].to_vec()).collect();
    assert_eq!(
        told,
        [
            vec!["revoke", second, "fraud", "user:alice", "", "case 12"],
            vec!["undo", second, "mistake", "user:alice", "", ""],
        ]
    );
}

#[test]
fn a_list_is_answered_line_by_line() {
    let (work, _, ids) = issued(12);
    let ids: Vec<&String> = ids.values().collect();
    let opaque = work.out("out").folder(ids[2]).file_name().unwrap().to_str().unwrap().to_owned();
    let mistyped = format!("{}#{}", ids[3].split('#').next().unwrap(), if ids[3].ends_with('A') { 'B' } else { 'A' });
    let lines = [
        "id;reason;remark".to_owned(),
        format!("{};lot;first", ids[0]),
        format!("{};;twice below", ids[1].to_lowercase()),
        format!("{opaque};fraud;by folder"),
        format!("{mistyped};;"),
        "Zyxwana Qwertivo;;a name in the wrong column".to_owned(),
        format!("{};nonsense;", ids[3]),
        "URN:UVCI:01:XX:AAAAAAAAAAAAAAAAAAAAAAAAAA;;".to_owned(),
        format!("{};;", ids[1]),
        ";;".to_owned(),
    ];
    let list = work.write("list.csv", lines.join("\r\n"));
    let list = list.to_str().unwrap();
    let plan = work.run(&["revoke", "--csv", list, "--reason", "error", "--dry-run"]);
    assert!(plan.code == Some(5) && plan.out.matches("would change").count() == 4, "{plan:?}");
    assert_eq!(work.run(&["revoke", "--list"]).good().out.lines().count(), 1, "a dry run does nothing");

    let ran = work.run(&["revoke", "--csv", list, "--reason", "error"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(5), ""), "{ran:?}");
    let results: Vec<Vec<&str>> = ran.out.lines().map(|line| line.splitn(4, ',').collect()).collect();
    let told: Vec<(&str, &str, &str)> = results.iter().map(|row| (row[0], row[1], row[2])).collect();
    assert_eq!(
        told,
        [
            ("line", "id", "result"),
            ("2", ids[0], "revoked"),
            ("3", ids[1], "revoked"),
            ("4", ids[2], "revoked"),
            ("5", "", "malformed"),
            ("6", "", "malformed"),
            ("7", "", "malformed"),
            ("8", "URN:UVCI:01:XX:AAAAAAAAAAAAAAAAAAAAAAAAAA#:", "unknown"),
            ("9", ids[1], "already revoked"),
            ("10", "", "malformed"),
        ]
    );
    assert!(results[4][3].contains("mistyped") && results[6][3].contains("reason"), "{results:?}");
    assert!(!ran.out.contains("Zyxwana"), "what is no identifier may be a name");
    let revoked = Some("revoked".to_owned());
    assert_eq!(verdicts(&work, &ids[..4]), [revoked.clone(), revoked.clone(), revoked, None]);

    // The same list taken back, with the results in a file of its owner alone.
    let back = work.run(&["revoke", "--undo", "--csv", list, "--reason", "mistake", "--report", "back.csv"]);
    assert!(back.code == Some(5) && back.out.starts_with("3 restored now, 1 as they were, 5 not\n"), "{back:?}");
    let report = std::fs::read_to_string(work.path("back.csv")).unwrap();
    assert_eq!(report.matches(",restored,").count(), 3, "{report}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(work.path("back.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(verdicts(&work, &ids[..4]), [None, None, None, None]);
}

#[test]
fn a_bulk_is_shown_and_confirmed_by_its_exact_number() {
    let (work, people, ids) = issued(40);
    let of = |unit: &str| -> Vec<&String> {
        let events = people.iter().flat_map(Person::events).filter(|event| event.org_unit == unit);
        events.filter_map(|event| ids.get(&event.uid)).collect()
    };
    let (unit, theirs) = ["HarbourHC01", "HillClinic1", "LakeHospit1", "MarketPost1"]
        .map(|unit| (unit, of(unit)))
        .into_iter()
        .max_by_key(|(_, found)| found.len())
        .unwrap();
    assert!(theirs.len() >= 3 && theirs.len() < ids.len(), "{} of {}", theirs.len(), ids.len());
    let base = ["revoke", "--facility", unit, "--reason", "fraud"];
    let with = |more: &[&str]| work.run(&[&base[..], more].concat());

    let plan = with(&["--dry-run"]).good();
    let head = format!("{} certificates are selected\n  {:>8}  facility {unit}\n", theirs.len(), theirs.len());
    assert!(plan.out.starts_with(&head), "{plan:?}");
    assert!(plan.out.contains("operator user:alice\n") && plan.out.contains("  issued from "), "{plan:?}");
    let sentence = refused(&with(&[]), 3);
    assert!(sentence.ends_with(&format!("repeat the command with --confirm {}", theirs.len())), "{sentence}");
    let sentence = refused(&with(&["--confirm", &(theirs.len() - 1).to_string()]), 3);
    assert!(sentence.contains("nothing was done"), "{sentence}");
    assert_eq!(work.run(&["revoke", "--list"]).good().out.lines().count(), 1);

    let number = theirs.len().to_string();
    let done = with(&["--confirm", &number]).good();
    let group = done.out.lines().find_map(|line| line.strip_prefix("Group ")).unwrap().split(';').next().unwrap();
    assert!(done.out.contains(&format!("\n{number} revoked now, 0 were revoked")), "{done:?}");
    let all: Vec<&String> = ids.values().collect();
    let expected: Vec<Option<String>> =
        all.iter().map(|id| theirs.contains(id).then(|| "revoked".to_owned())).collect();
    assert_eq!(verdicts(&work, &all), expected, "everything of the facility and nothing else");
    // Confirmed again by mistake: nothing is selected any more.
    assert!(with(&["--confirm", &number]).good().out.starts_with("0 certificates are selected"));

    // One of them again for another reason is left alone when the bulk is taken back.
    work.run(&["revoke", "--undo", theirs[0], "--reason", "mistake"]).good();
    work.run(&["revoke", theirs[0], "--reason", "lot"]).good();
    let undo = ["revoke", "--undo-group", group, "--reason", "mistake"];
    let fewer = (theirs.len() - 1).to_string();
    let sentence = refused(&work.run(&undo), 3);
    assert!(sentence.contains(&fewer), "{sentence}");
    let undone = work.run(&[&undo[..], &["--confirm", &fewer]].concat()).good();
    assert!(
        undone.out.contains("1 more of it were revoked again")
            && undone.out.contains(&format!("{fewer} restored, 0 left")),
        "{undone:?}"
    );
    let listed = work.run(&["revoke", "--list", "--group", group]).good().out;
    assert_eq!(listed.lines().count(), theirs.len() + 1);
    let expected: Vec<Option<String>> = all.iter().map(|id| (*id == theirs[0]).then(|| "revoked".to_owned())).collect();
    assert_eq!(verdicts(&work, &all), expected);
}

#[test]
fn a_bulk_by_operator_by_lot_and_by_days() {
    let (work, _, ids) = issued(12);
    let shown = |more: &[&str]| {
        let ran = work.run(&[&["revoke", "--reason", "fraud", "--dry-run"], more].concat()).good();
        ran.out.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(shown(&["--operator", "user:alice"]), ids.len());
    assert_eq!(shown(&["--operator", "user:bob"]), 0);
    assert_eq!(shown(&["--operator", "user:alice", "--issued-from", "2020-01-01", "--issued-to", "2020-12-31"]), 0);
    assert_eq!(shown(&["--operator", "user:alice", "--given-from", "2000-01-01"]), ids.len());
    let early = shown(&["--operator", "user:alice", "--given-to", "2021-06-30"]);
    let late = shown(&["--operator", "user:alice", "--given-from", "2021-07-01"]);
    assert_eq!(early + late, ids.len());
    let all = work.run(&["revoke", "--reason", "lot", "--dry-run", "--operator", "user:alice"]).good().out;
    let row = all.lines().find(|line| line.contains("batch number ")).unwrap().trim();
    let (count, lot) = row.split_once("  batch number ").unwrap();
    assert_eq!(shown(&["--batch-number", &lot.to_lowercase()]).to_string(), count, "{all}");
}

#[test]
fn calls_that_make_no_sense_are_told_what_to_do() {
    let (work, _, ids) = issued(3);
    let id = ids.values().next().unwrap().as_str();
    for (more, words) in [
        (&[][..], "nothing is named"),
        (&[id], "--reason fraud"),
        (&[id, "--reason", "mistake"], "for --undo"),
        (&[id, "--reason", "other"], "add --note"),
        (&[id, "--facility", "HillClinic1", "--reason", "fraud"], "one after the other"),
        (&["--issued-from", "2026-01-01", "--reason", "fraud"], "select everybody"),
        (
            &["--facility", "x", "--issued-from", "yesterday", "--reason", "fraud"],
            "--issued-from \"yesterday\" is no time",
        ),
        (&["--facility", "x", "--given-from", "1.2.2026", "--reason", "fraud"], "no day"),
        (
            &["--facility", "x", "--given-from", "2026-02-02", "--given-to", "2026-02-01", "--reason", "fraud"],
            "before it",
        ),
        (&["--undo", "--facility", "x", "--reason", "mistake"], "--undo-group"),
        (&["--undo-group", "nonsense", "--reason", "mistake"], "--list"),
        (&[id, "--reason", "fraud", "--confirm", "1"], "--confirm is for"),
    ] {
        let sentence = refused(&work.run(&[&["revoke"], more].concat()), 2);
        assert!(sentence.contains(words), "{more:?}: {sentence}");
    }
    let long = "x".repeat(501);
    assert!(refused(&work.run(&["revoke", id, "--reason", "fraud", "--note", &long]), 2).contains("500"));
    assert!(refused(&work.run(&["revoke", id, "--reason", "fraud", "--out", "nowhere"]), 4).contains("--out"));
    assert!(refused(&work.run(&["revoke", "--csv", "nowhere.csv", "--reason", "fraud"]), 4).contains("nowhere.csv"));
    work.write("table.csv", "name,number\nJane,1\n");
    assert!(refused(&work.run(&["revoke", "--csv", "table.csv", "--reason", "fraud"]), 4).contains("column id"));
    assert_eq!(work.run(&["revoke", "--list"]).good().out.lines().count(), 1, "nothing of all this did anything");
}

/// A sandbox whose registry holds this many certificates that were never really signed.
fn stored(many: u64) -> (Workplace, Vec<String>) {
    let work = Workplace::new();
    std::fs::create_dir_all(work.path("out/.sandbox")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ids = runtime.block_on(async {
        let registry = crate::publication::registry(&work.path("out/.sandbox")).await;
        let ids = crate::publication::store(&registry, &[7; 8], 0, many).await;
        registry.close().await;
        ids
    });
    work.write("list.csv", ids.join("\n"));
    (work, ids)
}

const LIST: [&str; 7] = ["revoke", "--csv", "list.csv", "--reason", "fraud", "--report", "r.csv"];

#[test]
fn ten_thousand_identifiers_take_seconds() {
    let (work, ids) = stored(10_000);
    let start = Instant::now();
    let ran = work.run(&LIST).good();
    println!("10,000 revocations took {:?}", start.elapsed());
    assert!(ran.out.starts_with("10000 revoked now, 0 as they were, 0 not\nGroup "), "{ran:?}");
    assert!(start.elapsed().as_secs() < 20);
    let group = ran.out.lines().find_map(|line| line.strip_prefix("Group ")).unwrap().split(';').next().unwrap();
    let start = Instant::now();
    let undone = work.run(&["revoke", "--undo-group", group, "--reason", "mistake", "--confirm", "10000"]).good();
    println!("taking them back took {:?}", start.elapsed());
    assert!(undone.out.contains("\n10000 restored, 0 left"), "{undone:?}");
    assert_eq!(work.run(&["revoke", "--list"]).good().out.lines().count(), 1 + 2 * ids.len());
}

#[test]
fn a_list_that_is_killed_again_and_again_revokes_each_once() {
    let (work, ids) = stored(12_000);
    let mut dice = crate::support::dhis2::population::Dice(5);
    for _ in 0..12 {
        let mut run = work.start(&LIST);
        std::thread::sleep(std::time::Duration::from_millis(dice.roll(400)));
        run.kill().unwrap();
        run.wait().unwrap();
    }
    work.run(&LIST).good();
    let log = work.run(&["revoke", "--list"]).good().out;
    let mut named: Vec<&str> = log.lines().skip(1).map(|row| row.split(',').nth(3).unwrap()).collect();
    named.sort_unstable();
    let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let report = std::fs::read_to_string(work.path("r.csv")).unwrap();
    assert_eq!(report.matches("revoked").count(), ids.len(), "and the last report is whole");
}
