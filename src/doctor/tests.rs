//! The report on paper and on a terminal, letter by letter.

use super::{Area, Finding, Outcome, Report, finding::Notes};

fn report(findings: Vec<Finding>, usable: bool) -> Report {
    Report {
        version: "1.2.3",
        made_at: "2026-11-22T10:00:00.5Z".parse().unwrap(),
        configuration: Some("vaccert.toml".to_owned()),
        environment: Some("production"),
        country: Some("LK".to_owned()),
        kids: vec!["AAAAAAAAAAA=".to_owned(), "BBBBBBBBBBB=".to_owned()],
        usable,
        findings,
    }
}

fn findings() -> Vec<Finding> {
    let mut server = Notes::of(Area::Dhis2);
    server.ok("login", "accepted");
    server.warning("least-privilege", "the user is a superuser (authority ALL)", "make a user of its own");
    let mut keys = Notes::of(Area::Keys);
    keys.fault("signer-lifetime", "ends in 3 days", "make a new one");
    keys.advice("list-key", "the signer itself", "give [keys] list_key | list_certificate");
    keys.not_checked("divoc-key", "no such key");
    [server.into_list(), keys.into_list()].concat()
}

#[test]
fn on_a_terminal_faults_stand_last_and_first_among_what_is_to_be_done() {
    let text = report(findings(), true).to_text(false);
    assert_eq!(
        text,
        "vaccert 1.2.3 doctor, 2026-11-22T10:00:00Z
vaccert.toml · production · LK · keys AAAAAAAAAAA=, BBBBBBBBBBB=

DHIS2
  ok           login            accepted
  warning      least-privilege  the user is a superuser (authority ALL)

Keys and certificates
  FAULT        signer-lifetime  ends in 3 days
  note         list-key         the signer itself
                                -> give [keys] list_key | list_certificate
  not checked  divoc-key        no such key

What to do, in this order
  1. FAULT signer-lifetime: ends in 3 days
     -> make a new one
  2. warning least-privilege: the user is a superuser (authority ALL)
     -> make a user of its own

1 fault, 1 warning, 1 note, 1 ok, 1 not checked
"
    );
    let brief = report(findings(), true).to_text(true);
    assert!(brief.starts_with("What to do") && brief.lines().count() == 5, "{brief}");
}

#[test]
fn on_paper_nothing_formats_and_nothing_is_missing() {
    let mut odd = Notes::of(Area::Profile);
    odd.ok("program", "a *bold* | name\nof <a> program");
    let text = report([findings(), odd.into_list()].concat(), true).to_markdown();
    assert_eq!(
        text,
        "# Examination of a vaccert installation

- Date: 2026-11-22T10:00:00Z
- Program: vaccert 1.2.3
- Configuration: vaccert.toml
- Environment: production
- Country: LK
- Keys: AAAAAAAAAAA=, BBBBBBBBBBB=
- Result: 1 fault, 1 warning, 1 note, 2 ok, 1 not checked

This report holds no personal data and no secrets.

## What to do, in this order

1. **FAULT** `signer-lifetime`: ends in 3 days
   To do: make a new one
2. **warning** `least-privilege`: the user is a superuser (authority ALL)
   To do: make a user of its own

## DHIS2

| outcome | check | found | to do |
|---|---|---|---|
| ok | login | accepted |  |
| warning | least-privilege | the user is a superuser (authority ALL) | make a user of its own |

## Profile and records

| outcome | check | found | to do |
|---|---|---|---|
| ok | program | a \\*bold\\* \\| name of \\<a> program |  |

## Keys and certificates

| outcome | check | found | to do |
|---|---|---|---|
| FAULT | signer-lifetime | ends in 3 days | make a new one |
| note | list-key | the signer itself | give \\[keys] list\\_key \\| list\\_certificate |
| not checked | divoc-key | no such key |  |

Examined by: ______________________    Date and signature: ______________________
"
    );
}

#[test]
fn the_exit_status_tells_the_worst() {
    let with = |outcomes: &[Outcome], usable| {
        let finding = |outcome: &Outcome| Finding {
            area: Area::Keys,
            name: "signer",
            outcome: *outcome,
            found: "something".to_owned(),
            remedy: None,
        };
        report(outcomes.iter().map(finding).collect(), usable).exit()
    };
    assert_eq!(with(&[], true), 0);
    assert_eq!(with(&[Outcome::Ok, Outcome::Note, Outcome::NotChecked], true), 0);
    assert_eq!(with(&[Outcome::Note, Outcome::Warning], true), 3);
    assert_eq!(with(&[Outcome::Warning, Outcome::Fault], true), 1);
    assert_eq!(with(&[Outcome::Fault], false), 2);
    assert_eq!(with(&[], false), 2);
}
