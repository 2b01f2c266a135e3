//! The four examples of the specification, in every form that it publishes them in.

use vaccert::{
    trust::TrustStore,
    verify::{Check, Format, Kind, Label, Reason, Statement, Verifier, Warning},
};

use super::*;

/// Example, its outcome, what it states.
const EXAMPLES: [(&str, &str, Option<Kind>); 4] = [
    ("example-00", "accepted", Some(Kind::Vaccination)),
    ("example-01", "accepted", Some(Kind::Vaccination)),
    // A report of 51 measurements that names nobody.
    ("example-02", "undecided holder-missing", Some(Kind::Test)),
    ("example-03", "accepted", Some(Kind::Vaccination)),
];

#[test]
fn every_example_verifies_in_every_form() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/spec-examples")) else { return };
    for (name, expected, kind) in EXAMPLES {
        let jws = text(&folder.join(format!("{name}-d-jws.txt")));
        let file = text(&folder.join(format!("{name}-e-file.smart-health-card")));
        let parts: Vec<String> = (0..3)
            .map(|n| folder.join(format!("{name}-f-qr-code-numeric-value-{n}.txt")))
            .filter(|path| path.exists())
            .map(|path| text(&path))
            .collect();
        assert_eq!(parts.len(), if name == "example-02" { 3 } else { 1 });
        for code in [jws, file, parts.join("\n")] {
            let verdict = judge(&store, code);
            assert_eq!(answer(&verdict), expected, "{name}");
            assert_eq!((verdict.format, verdict.kind), (Format::Shc, kind));
            assert_eq!(verdict.checks.signature, Check::Passed);
            assert!(verdict.warnings.contains(&Warning::Sandbox), "the private keys are published");
            assert_eq!(verdict.holder.is_some(), name != "example-02");
        }
    }
}

#[test]
fn what_an_example_states_is_shown_in_words() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/spec-examples")) else { return };
    let verdict = judge(&store, text(&folder.join("example-00-d-jws.txt")));
    let holder = verdict.holder.unwrap();
    assert_eq!(
        (holder.name.as_str(), holder.standardised_name.as_str(), holder.date_of_birth.as_str()),
        ("John B. Anyperson", "ANYPERSON<<JOHN<B", "1951-01-20")
    );
    assert_eq!(verdict.valid_from.as_deref(), Some("2023-06-22T16:19:24.656Z"));
    assert_eq!(verdict.valid_until, None);
    let rows = Statement::of(verdict.content.as_ref().unwrap(), vaccert::valueset::ValueSets::built_in()).rows;
    let all = |label| rows.iter().filter(|row| row.0 == label).map(|row| row.1.as_str()).collect::<Vec<_>>();
    assert_eq!(all(Label::DateOfVaccination), ["2021-01-01", "2021-01-29", "2022-09-05"]);
    assert_eq!(all(Label::Disease), ["COVID-19"; 3]);
    assert_eq!(all(Label::IssuedBy), [SPEC]);
}

#[test]
fn the_published_revocation_list_revokes_the_example_that_says_so() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/spec-examples")) else { return };
    let list = std::fs::read(folder.join("3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s.json")).unwrap();
    let mut builder = Builder::new();
    builder.add("3Kfdg.json", &list).unwrap();
    let lists = builder.finish().unwrap();
    let verifier = Verifier::new(&store, time(AT)).with_revocations(&lists, true);
    let judged = |name: &str| verifier.judge(&text(&folder.join(format!("{name}-d-jws.txt"))));
    let (clear, other, revoked) = (judged("example-00"), judged("example-01"), judged("example-03"));
    assert_eq!((answer(&clear), clear.checks.revocation), ("accepted".into(), Check::Passed));
    // Of another key, and without an identifier to be named by.
    assert_eq!(answer(&other), "undecided revocation-unknown");
    assert_eq!((answer(&revoked), revoked.checks.revocation), ("rejected revoked".into(), Check::Failed));
    // The same lists from a bundle's table.
    let carried = Revocations::decode(&lists.encode().unwrap()).unwrap();
    let verifier = Verifier::new(&store, time(AT)).with_revocations(&carried, true);
    assert_eq!(verifier.judge(&text(&folder.join("example-03-d-jws.txt"))).reason, Some(Reason::Revoked));
}

#[test]
fn an_example_past_its_end_and_one_without_keys() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/spec-examples")) else { return };
    let jws = text(&folder.join("example-03-d-jws.txt"));
    let late = Verifier::new(&store, time("2024-06-21T16:19:25Z")).judge(&jws);
    assert_eq!(answer(&late), "rejected expired");
    let early = Verifier::new(&store, time("2023-06-22T16:19:24.656Z")).judge(&jws);
    assert_eq!(answer(&early), "rejected not-yet-valid");
    let none = judge(&TrustStore::new(), &jws);
    assert_eq!((answer(&none), none.holder), ("undecided no-trust-list".into(), None));
    // Nobody's keys but the listed issuer's count, and a set without an address says so.
    let path = vectors("vectors/who/shc/shc-spec-jwks.json").unwrap();
    let jwks = std::fs::read(path).unwrap();
    let other = judge(&store_of(&jwks, Some("https://other.example")), &jws);
    assert_eq!(answer(&other), "undecided issuer-unknown");
    let unbound = judge(&store_of(&jwks, None), &jws);
    assert_eq!(answer(&unbound), "accepted");
    assert!(unbound.warnings.contains(&Warning::IssuerNotBound));
    // The other key of the set has a certificate, which names the address.
    let certified = judge(&store_of(&jwks, None), text(&folder.join("example-01-d-jws.txt")));
    assert!(!certified.warnings.contains(&Warning::IssuerNotBound));
}

#[test]
fn parts_of_different_cards_are_not_taken_for_one() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/spec-examples")) else { return };
    let part = |n: usize| text(&folder.join(format!("example-02-f-qr-code-numeric-value-{n}.txt")));
    let parts = [part(0), part(1), part(2)];
    for (chosen, expected) in [
        (vec![2, 0, 1, 0], "undecided holder-missing"),
        (vec![0, 2], "undecided code-incomplete"),
        (vec![1], "undecided code-incomplete"),
    ] {
        let code: Vec<&str> = chosen.iter().map(|n| parts[*n].trim()).collect();
        let verdict = judge(&store, code.join("\n"));
        assert_eq!(answer(&verdict), expected, "{chosen:?}");
    }
    let swapped = parts[1].replace("shc:/2/3/", "shc:/1/3/");
    let twice = [parts[0].trim(), swapped.trim()].join("\n");
    assert_eq!(answer(&judge(&store, twice)), "undecided code-incomplete");
    let other = parts[1].replace("shc:/2/3/", "shc:/2/4/");
    assert_eq!(answer(&judge(&store, [parts[0].trim(), other.trim()].join("\n"))), "undecided code-incomplete");
}

#[test]
fn the_examples_of_who_are_read_too() {
    let Some(folder) = vectors("vectors/who/ddcc-claims/fixtures/shc") else { return };
    let read = |path: std::path::PathBuf| -> Value { serde_json::from_str(&text(&path)).unwrap() };
    let mut cards = vec![
        (read(folder.join("example-00-b-jws-payload-expanded.json")), "accepted", 3),
        (read(folder.join("bundle-lab-test-results-covid-jws-payload-expanded.json")), "accepted", 1),
        (payload(read(folder.join("example-00-a-fhirBundle.json"))), "accepted", 3),
        (payload(read(folder.join("Bundle-example-bundle-lab-test-results-covid.json"))), "accepted", 1),
    ];
    if let Some(path) = vectors("vectors/who/ddcc-fhir/SHCVaccinationBundleDM-Example-English-From-ddcc-to-shc.json") {
        cards.push((payload(read(path)), "accepted", 1));
    }
    for (card, expected, events) in cards {
        let verdict = judge(&own_store(), reissued(card));
        assert_eq!(answer(&verdict), expected);
        let core = verdict.content.as_ref().unwrap().core().unwrap();
        assert_eq!(core.events.len(), events);
        let tests = verdict.kind == Some(Kind::Test);
        assert_eq!(verdict.warnings.contains(&Warning::TestPositive), tests);
    }
}
