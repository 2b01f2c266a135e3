//! What is wrong, from the citizen's words to the operators' queue and to the published list.

use axum::http::StatusCode;
use jiff::SignedDuration;
use vaccert::{
    limits,
    registry::{
        Reason,
        people::{CaseKind, CaseState},
    },
    work,
};

use super::{Clock as _, Town, person};

const BORN: (&str, &str, &str) = ("19", "3", "1984");

fn reference(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.into_iter().find(|word| word.len() == 9 && word.as_bytes()[4] == b'-').expect("a number").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_dispute_of_a_dose_that_was_never_given_reaches_an_operator() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let page = browser.get("/me").await;
    let wrong = page.links("/me/wrong?about=").remove(0);
    let form = browser.get(&wrong).await;
    assert_eq!(form.status, StatusCode::OK);
    let about = wrong.split_once("about=").unwrap().1;
    let empty = browser.post("/me/wrong", &[("about", about), ("kind", ""), ("text", "")]).await;
    assert!(empty.text.contains("href=\"#kind\"") && empty.text.contains("href=\"#text\""), "{}", empty.text);
    let words = "I was abroad that day <script>alert(1)</script>";
    let sent = browser.post("/me/wrong", &[("about", about), ("kind", "not-vaccinated"), ("text", words)]).await;
    assert_eq!(sent.status, StatusCode::OK);
    let number = reference(sent.text.split_once("<main").unwrap().1);
    let cases = town.registry.cases(Some(CaseState::Open), 0, 10).await.unwrap();
    let [case] = cases.as_slice() else { panic!("{cases:?}") };
    assert_eq!((case.kind, &case.reference, case.text.as_str()), (CaseKind::NotVaccinated, &number, words));
    assert_eq!(case.tracked_entity.as_deref(), Some("P0000000001"));
    assert!(case.certificate.is_some());
    assert!(!format!("{case:?}").contains("abroad"));
    // The citizen sees what became of it, and an operator's note stays inside.
    assert!(browser.get("/me").await.text.contains("waits for an answer"));
    let now = town.clock.now();
    assert!(
        town.registry
            .decide_case(case.number, CaseState::Closed, "dhis2:clerk", "record corrected", now)
            .await
            .unwrap()
    );
    let page = browser.get("/me").await;
    assert!(page.text.contains(&number) && page.text.contains("done") && !page.text.contains("record corrected"));
    let (_, steps) = town.registry.case_by_number(case.number).await.unwrap().unwrap();
    assert_eq!((steps.len(), steps[0].operator.as_str()), (1, "dhis2:clerk"));
    // Nobody opens a case about somebody else's certificate.
    let other = browser.post("/me/wrong", &[("about", "P0000000001"), ("kind", "name"), ("text", "x")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn f39_report_of_a_false_certificate_becomes_a_case_and_its_revocation_is_published_in_time() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], |_| ()).await;
    let certificate = town.registry.list_by_person("P0000000001").await.unwrap().remove(0);
    let mut browser = town.browser();
    assert!(browser.post("/report", &[("code", ""), ("text", " ")]).await.text.contains("href=\"#code\""));
    let sent = browser.post("/report", &[("code", &certificate.id), ("text", "sold at the station")]).await;
    reference(sent.text.split_once("<main").unwrap().1);
    // A made-up one looks the same to whoever reports it.
    let other = browser.post("/report", &[("code", "URN:UVCI:01:XX:AAAAAAAAAAAAAAAAAAAAAAAAAA#B"), ("text", "")]).await;
    assert_eq!(other.status, sent.status);
    let cases = town.registry.cases(Some(CaseState::Open), 0, 10).await.unwrap();
    assert_eq!(cases.len(), 2);
    assert_eq!((cases[0].kind, cases[0].certificate.as_deref()), (CaseKind::LooksFalse, Some(certificate.id.as_str())));
    assert_eq!(cases[1].certificate, None);
    assert!(cases[1].text.contains("URN:UVCI:01:XX"));
    // Revoked by its number; the next look for something to publish, within five minutes, says so.
    let public = town.folder.path().join("public");
    let publisher = work::publisher(&town.setup, town.registry.clone(), public);
    publisher.publish_if_due(town.clock.now()).await.unwrap();
    town.registry.revoke(&[certificate.id], &Reason::Fraud.into(), town.clock.now()).await.unwrap();
    let every = town.setup.service.publish;
    assert!(every.as_secs() <= 150);
    town.clock.pass(SignedDuration::try_from(every).unwrap());
    let published = publisher.publish_if_due(town.clock.now()).await.unwrap().expect("something to publish");
    assert_eq!(published.revoked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_bounded() {
    let town = Town::new(Vec::new(), |_| ()).await;
    let mut browser = town.browser();
    let long = browser.post("/report", &[("code", ""), ("text", &"x".repeat(2_001))]).await;
    assert!(long.text.contains("href=\"#text\""));
    let tries = (0..25).map(|_| {
        let mut browser = town.browser();
        async move { browser.post("/report", &[("code", "x"), ("text", "seen")]).await.text.contains("Thank you") }
    });
    let opened = futures_util::future::join_all(tries).await;
    assert_eq!(opened.into_iter().filter(|opened| *opened).count(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn f39_a_report_takes_as_long_whether_the_certificate_is_ours_or_not() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], |setup| {
        let limits = &mut setup.citizen.as_mut().unwrap().limits;
        (limits.questions_per_quarter, limits.questions_per_day) = (10_000, 1_000_000);
    })
    .await;
    let ours = town.registry.list_by_person("P0000000001").await.unwrap().remove(0);
    let ours = town.registry.get(&ours.id).await.unwrap().unwrap();
    let another = format!("{}#", ours.id.rsplit_once('#').map_or(ours.id.as_str(), |(id, _)| id)).replace('5', "6");
    let least = std::time::Duration::from_millis(limits::REPORT_MILLISECONDS);
    // Another kind of refusal than any of these tells nothing of the certificate, and need not wait.
    for (code, is_ours) in [(ours.id.as_str(), true), (another.as_str(), false), ("HC1:NCF", false), ("x", false)] {
        // What it takes itself goes on behind that time, not on top of it: so the quickest of some, for a busy machine
        // makes any of them wait.
        let mut quickest = std::time::Duration::MAX;
        for _ in 0..8 {
            let before = town.registry.cases(None, 0, 100).await.unwrap().len();
            let mut browser = town.browser();
            let begun = std::time::Instant::now();
            let answer = browser.post("/report", &[("code", code), ("text", "seen")]).await;
            let took = begun.elapsed();
            assert!(took >= least, "{code}: {took:?}");
            assert!(answer.text.contains("Thank you"), "{}", answer.text);
            let cases = town.registry.cases(None, 0, 100).await.unwrap();
            assert_eq!((cases.len(), cases[before].certificate.is_some()), (before + 1, is_ours), "{code}");
            quickest = quickest.min(took);
            if quickest < least * 2 {
                break;
            }
        }
        assert!(quickest < least * 2, "{code}: {quickest:?}");
    }
}
