//! Messages by DHIS2, and links in them.

use axum::http::StatusCode;
use jiff::SignedDuration;
use vaccert::{
    config::{MessageOptions, Setup, Via},
    registry::people::NoticeKind,
    sandbox::dhis2::users::User,
};

use super::{Town, national, person};

const BORN: (&str, &str, &str) = ("19", "3", "1984");

fn with(via: Via) -> impl FnOnce(&mut Setup) {
    move |setup| {
        setup.messages = MessageOptions {
            via,
            address: Some("https://health.example".to_owned()),
            ready: true,
            expires: true,
            ..setup.messages.clone()
        };
    }
}

/// Past the moment of the pass: that goes by the clock of the machine, and the town's stood still meanwhile.
fn after_the_pass(town: &Town) {
    town.clock.pass(SignedDuration::from_secs(120));
}

fn allow(town: &Town) {
    town.dhis2.configure(|options| {
        for user in &mut options.users {
            let authorities: &mut Vec<String> = &mut user.authorities;
            authorities.extend(["F_MOBILE_SENDSMS".to_owned(), "F_SEND_EMAIL".to_owned()]);
        }
    });
    let _: Option<User> = None;
}

#[tokio::test(flavor = "multi_thread")]
async fn dhis2_sends_codes_and_notices_once() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], with(Via::Sms)).await;
    after_the_pass(&town);
    // A user who may not send: nothing goes out, all of it waits however long that lasts, and it is told once for all.
    for _ in 0..15 {
        let sent = town.courier.work().await.unwrap();
        assert_eq!((sent.notices, town.dhis2.messages().len()), (0, 0), "{sent:?}");
        let trouble = sent.trouble.unwrap();
        assert!(trouble.needs_operator && trouble.text.contains("F_MOBILE_SENDSMS"), "{trouble:?}");
        let tries = || town.dhis2.requests().iter().filter(|request| request.path.contains("sms")).count();
        let before = tries();
        assert!(town.courier.work().await.unwrap().trouble.is_some());
        assert_eq!(tries(), before, "not tried again at once");
        after_the_pass(&town);
    }
    allow(&town);
    after_the_pass(&town);
    let sent = town.courier.work().await.unwrap();
    assert_eq!((sent.notices, sent.trouble), (2, None), "one for each certificate");
    let messages = town.dhis2.messages();
    assert!(messages.iter().all(|message| !message.mail && message.recipients == ["+999700000001"]));
    assert!(messages[0].text.contains("https://health.example/l/"), "{:?}", messages[0]);
    assert!(!messages[0].text.contains("Specimen") && !messages[0].text.to_lowercase().contains("covid"));
    for _ in 0..3 {
        town.clock.pass(SignedDuration::from_hours(2));
        assert_eq!(town.courier.work().await.unwrap().notices, 0, "never twice");
    }
    town.pass().await;
    assert_eq!(town.courier.work().await.unwrap().notices, 0);
    // A code by SMS.
    let mut browser = town.browser();
    browser.ask(&national(1), BORN).await;
    assert_eq!(town.courier.work().await.unwrap().codes, 1);
    let text = town.dhis2.messages().pop().unwrap().text;
    let code = text.split(' ').next().unwrap();
    assert_eq!(browser.post("/code", &[("code", code)]).await.status, StatusCode::SEE_OTHER);
    // A server that fails may have sent it: the code works, and no second one goes out.
    town.dhis2.configure(|options| options.gateways.sms = false);
    town.browser().ask(&national(1), BORN).await;
    let sent = town.courier.work().await.unwrap();
    assert_eq!((sent.codes, sent.waiting), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_once_and_with_the_date_of_birth_alone() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], with(Via::File)).await;
    after_the_pass(&town);
    town.courier.work().await.unwrap();
    let links: Vec<String> = town
        .messages()
        .iter()
        .filter_map(|(_, text)| text.split_once("https://health.example"))
        .map(|(_, rest)| rest.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(links.len(), 2);
    let born = [("day", "19"), ("month", "3"), ("year", "1984")];
    let wrong = [("day", "20"), ("month", "3"), ("year", "1984")];
    let mut browser = town.browser();
    let page = browser.get(&links[0]).await;
    assert_eq!(page.text, browser.get(&links[0]).await.text);
    assert!(!page.text.contains("Specimen"));
    for _ in 0..4 {
        assert_eq!(browser.post(&links[0], &wrong).await.status, StatusCode::OK);
    }
    assert_eq!(browser.post(&links[0], &born).await.header("location"), Some("/me"));
    assert!(browser.get("/me").await.text.contains("Specimenb"));
    assert_eq!(town.browser().post(&links[0], &born).await.status, StatusCode::OK, "it was used");
    // Five wrong dates end the other one, and so do 48 hours.
    for _ in 0..5 {
        town.browser().post(&links[1], &wrong).await;
    }
    assert_eq!(town.browser().post(&links[1], &born).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_are_told_four_weeks_before_the_end() {
    let town = Town::new(vec![person(1, Some("0700000001"), "1984-03-19")], with(Via::File)).await;
    after_the_pass(&town);
    town.courier.work().await.unwrap();
    let before = town.messages().len();
    assert_eq!(before, 2, "one for each certificate that is ready");
    let certificate = town.registry.list_by_person("P0000000001").await.unwrap().remove(0);
    let end = certificate.sealed.unwrap().envelopes[0].expires_at;
    let now = super::Clock::now(&town.clock);
    town.clock.pass(end.duration_since(now) - SignedDuration::from_hours(24 * 29));
    town.courier.work().await.unwrap();
    assert_eq!(town.messages().len(), before, "{}", NoticeKind::Expires.as_str());
    town.clock.pass(SignedDuration::from_hours(48));
    assert_eq!(town.courier.work().await.unwrap().notices, 2);
    let (_, text) = town.messages().pop().unwrap();
    assert!(text.contains("ends on") && text.contains("/l/"), "{text}");
    town.clock.pass(SignedDuration::from_hours(48));
    assert_eq!(town.courier.work().await.unwrap().notices, 0);
}
