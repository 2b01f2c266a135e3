//! Finding oneself, seeing everything, and nobody else's.

use axum::http::StatusCode;
use jiff::SignedDuration;
use vaccert::{registry::Reason, sandbox::dhis2::people::covac};

use super::{Town, national, person};

const BORN: (&str, &str, &str) = ("19", "3", "1984");

fn family() -> Vec<vaccert::sandbox::dhis2::people::Person> {
    vec![
        person(1, Some("070 000 0001"), "1984-03-19"),
        person(2, Some("0700000001"), "2012-05-01"),
        person(3, Some("070 000 0003"), "1990-01-01"),
        person(4, None, "1991-01-01"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_finds_sees_and_downloads_every_certificate() {
    let town = Town::new(family(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let page = browser.get("/me").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["Specimenb", "dose 1 of 2", "dose 2 of 2", "Valid", "LOT7001", "2 June 2021"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("Specimenc") && !page.text.contains("{{"), "{}", page.text);
    // Every link of the page leads somewhere, and nothing of it is kept.
    let links = page.links("/me/");
    assert!(links.len() > 10, "{links:?}");
    for link in
        links.iter().filter(|link| !link.ends_with("/renew") && !["/me/add", "/me/end"].contains(&link.as_str()))
    {
        let answer = browser.get(link).await;
        assert_eq!(answer.status, StatusCode::OK, "{link}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{link}");
        assert!(!answer.bytes.is_empty(), "{link}");
        assert!(!link.contains("URN:") && !link.contains("URN%3A") && !link.contains("P00000"), "{link}");
    }
    let pdf = links.iter().find(|link| link.ends_with("certificate.pdf")).unwrap();
    let answer = browser.get(pdf).await;
    assert!(answer.bytes.starts_with(b"%PDF"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"certificate.pdf\""));
    let chosen = browser.get(&format!("{pdf}?layout=card&size=letter&lang=fr")).await;
    assert!(chosen.bytes.starts_with(b"%PDF") && chosen.bytes != answer.bytes);
    assert_eq!(chosen.header("cache-control"), Some("no-store"));
    assert_eq!(browser.get(&format!("{pdf}?layout=&size=&lang=")).await.bytes, answer.bytes, "as usual");
    for wrong in ["layout=poster", "size=a5", "lang=xx", "size=a4&size=a4"] {
        assert_eq!(browser.get(&format!("{pdf}?{wrong}")).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let all = browser.get("/me/all.pdf").await;
    assert_eq!(all.bytes.windows(5).filter(|w| w == b"%PDF-").count(), 1, "all doses in one paper");
    assert!(all.bytes.len() > answer.bytes.len());
    let zip = browser.get("/me/all.zip").await;
    assert_eq!(zip.bytes.windows(5).filter(|w| w == b"%PDF-").count(), 2, "one paper for each dose");
    // A page in another language has no English left in it.
    browser.language = "ar";
    let page = browser.get("/me").await;
    assert!(page.text.contains("dir=\"rtl\"") && page.text.contains("lang=\"ar\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_people_of_one_number_are_seen_together_and_nobody_of_another() {
    let town = Town::new(family(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let add = |number: usize, born: (&'static str, &'static str, &'static str)| {
        let (day, month, year) = born;
        (national(number), day, month, year)
    };
    for (number, day, month, year, added) in [
        (add(3, ("1", "1", "1990")), "1", "1", "1990", false),
        (add(4, ("1", "1", "1991")), "1", "1", "1991", false),
        (add(2, ("2", "5", "2012")), "2", "5", "2012", false),
        (add(2, ("1", "5", "2012")), "1", "5", "2012", true),
    ]
    .map(|((number, ..), day, month, year, added)| (number, day, month, year, added))
    {
        let fields = [("kind", "national-id"), ("number", &*number), ("day", day), ("month", month), ("year", year)];
        let answer = browser.post("/me/add", &fields).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, added, "{number} {}", answer.text);
    }
    let page = browser.get("/me").await;
    assert!(page.text.contains("Specimenb") && page.text.contains("Specimenc"));
    assert!(!page.text.contains("Specimend") && !page.text.contains("Specimene"));
}

#[tokio::test(flavor = "multi_thread")]
async fn f32_two_sessions_never_see_each_other() {
    let town = Town::new(family(), |_| ()).await;
    let mut one = town.signed_in(1, BORN, "+999700000001").await;
    let mut other = town.signed_in(3, ("1", "1", "1990"), "+999700000003").await;
    let (mine, theirs) = (one.get("/me").await, other.get("/me").await);
    let links = |page: &super::Answer| -> Vec<String> {
        page.links("/me/").into_iter().filter(|link| link.contains("/c/") || link.contains("about=")).collect()
    };
    let (my_links, their_links) = (links(&mine), links(&theirs));
    assert!(my_links.len() > 8 && their_links.len() > 8);
    assert!(my_links.iter().all(|link| !their_links.contains(link)), "names mean nothing to another session");
    // Each asks for everything of the other, for the raw identifiers, and for what was never there.
    let mut raw = Vec::new();
    for person in ["P0000000001", "P0000000003"] {
        for certificate in town.registry.list_by_person(person).await.unwrap() {
            let opaque = certificate.id.rsplit([':', '#']).find(|part| part.len() > 20).unwrap_or("x").to_owned();
            raw.extend([crate::support::in_address(&certificate.id), opaque, person.to_owned()]);
        }
    }
    let raw: Vec<String> = raw.iter().map(|id| format!("/me/c/{id}/certificate.pdf")).collect();
    let unknown = ["/me/c/aaaaaaaaaaaaaaaaaaaaaaaaaa/certificate.pdf".to_owned(), "/me/c/%00/eu-dcc.txt".to_owned()];
    let (mut my_browser, mut their_browser) = (one.clone(), other.clone());
    let try_all = async |browser: &mut super::Browser, links: &[String], secret: &str| {
        let mut bodies = Vec::new();
        for link in links.iter().chain(&raw).chain(&unknown) {
            let answer = if link.ends_with("/renew") { browser.post(link, &[]).await } else { browser.get(link).await };
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{link}");
            assert!(!answer.text.contains(secret), "{link}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            // The links to other languages repeat the query of whoever asks, and nothing else of the address.
            let text = answer.text.replace(link.as_str(), "");
            bodies.push(match link.split_once('?') {
                Some((_, query)) => text.replace(&format!("&amp;{query}"), ""),
                None => text,
            });
        }
        bodies.dedup();
        bodies
    };
    let (a, b) = tokio::join!(
        try_all(&mut my_browser, &their_links, "Specimend"),
        try_all(&mut their_browser, &my_links, "Specimenb")
    );
    assert_eq!((a.len(), b.len()), (1, 1), "what is another's looks like what never was");
    // Without a session nothing is there at all, and after leaving neither.
    let mut stranger = town.browser();
    for link in my_links.iter().filter(|link| !link.ends_with("/renew")) {
        let answer = stranger.get(link).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some("/?ended=1")), "{link}");
    }
    let renew = stranger.post("/me/c/aaaaaaaaaaaaaaaaaaaaaaaaaa/renew", &[]).await;
    assert_eq!(renew.status, StatusCode::UNAUTHORIZED);
    let kept = one.clone();
    assert_eq!(one.post("/me/end", &[]).await.status, StatusCode::SEE_OTHER);
    let mut kept = kept;
    assert_eq!(kept.get("/me").await.status, StatusCode::SEE_OTHER, "the old cookie opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_fifteen_idle_minutes() {
    let town = Town::new(family(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    for _ in 0..3 {
        town.clock.pass(SignedDuration::from_mins(14));
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    }
    town.clock.pass(SignedDuration::from_mins(16));
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_says_why_and_is_not_handed_out() {
    let town = Town::new(family(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let before = browser.get("/me").await.links("/me/c/");
    let certificates = town.registry.list_by_person("P0000000001").await.unwrap();
    let ids: Vec<String> = certificates.iter().map(|certificate| certificate.id.clone()).collect();
    town.registry.revoke(&ids, &Reason::Lot.into(), super::Clock::now(&town.clock)).await.unwrap();
    let page = browser.get("/me").await;
    assert!(page.text.contains("Withdrawn") && page.text.contains("recalled"), "{}", page.text);
    assert!(page.links("/me/c/").is_empty(), "{:?}", page.links("/me/c/"));
    for link in before.iter().filter(|link| !link.ends_with("/renew")) {
        assert_eq!(browser.get(link).await.status, StatusCode::NOT_FOUND, "{link}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f38_what_was_issued_is_there_while_dhis2_is_away() {
    let town = Town::new(family(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let mut waiting = town.browser();
    town.dhis2.always(vaccert::sandbox::dhis2::Fault::Status(503));
    let page = browser.get("/me").await;
    assert_eq!(page.status, StatusCode::OK);
    let pdf = page.links("/me/c/").into_iter().find(|link| link.ends_with("certificate.pdf")).unwrap();
    assert!(browser.get(&pdf).await.bytes.starts_with(b"%PDF"));
    // A code cannot go out now; it does when DHIS2 is back, as long as it is of use.
    let asked = waiting.ask(&national(3), ("1", "1", "1990")).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let sent = town.messages().len();
    assert_eq!(town.courier.work().await.unwrap().waiting, 1);
    assert_eq!(town.messages().len(), sent);
    town.dhis2.recover();
    town.clock.pass(SignedDuration::from_secs(20));
    assert_eq!(town.courier.work().await.unwrap().codes, 1);
    let code = town.code("+999700000003");
    assert_eq!(waiting.post("/code", &[("code", &code)]).await.status, StatusCode::SEE_OTHER);
    // One that waited beyond its end never goes out.
    town.dhis2.always(vaccert::sandbox::dhis2::Fault::Status(503));
    town.browser().ask(&national(1), BORN).await;
    assert_eq!(town.courier.work().await.unwrap().waiting, 1);
    town.dhis2.recover();
    town.clock.pass(SignedDuration::from_mins(11));
    assert_eq!(town.courier.work().await.unwrap(), vaccert::work::messages::Delivered::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_from_28_days_before_its_end() {
    // So short that the sandbox's key still signs at its end: it does for 183 days.
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let town = Town::new(family(), |setup| setup.terms.validity = days(60)).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let page = browser.get("/me").await;
    assert!(page.text.contains("can be renewed from") && !page.text.contains("/renew\""), "{}", page.text);
    let certificate = town.registry.list_by_person("P0000000001").await.unwrap().remove(0);
    let end = certificate.sealed.unwrap().envelopes[0].expires_at;
    let now = super::Clock::now(&town.clock);
    town.clock.pass(end.duration_since(now) - days(20));
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let page = browser.get("/me").await;
    let renew = page.links("/me/c/").into_iter().find(|link| link.ends_with("/renew")).expect("a way to renew");
    let answer = browser.post(&renew, &[]).await;
    assert_eq!(answer.header("location"), Some("/me?note=renewed"));
    let page = browser.get("/me?note=renewed").await;
    assert!(page.text.contains("Replaced") && page.text.contains("was renewed"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deleted_or_changes_the_number_is_found_no_more_by_the_old_one() {
    let town = Town::new(family(), |_| ()).await;
    town.dhis2.edit(|people| {
        people[0].deleted = true;
        for (uid, value) in &mut people[2].attributes {
            if uid == covac::NATIONAL_ID {
                "NX-999-999".clone_into(value);
            }
        }
        for person in people.iter_mut() {
            "2027-01-01T00:00:00.000".clone_into(&mut person.updated);
        }
    });
    town.pass().await;
    for (number, born) in [(national(1), BORN), (national(3), ("1", "1", "1990"))] {
        town.browser().ask(&number, born).await;
    }
    assert_eq!(town.courier.work().await.unwrap().codes, 0);
    town.browser().ask("nx999999", ("1", "1", "1990")).await;
    assert_eq!(town.courier.work().await.unwrap().codes, 1);
}
