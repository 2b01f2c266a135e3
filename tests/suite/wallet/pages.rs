//! Passes where citizens and operators find them.

use std::sync::Arc;

use axum::http::StatusCode;
use vaccert::wallet::{PKPASS, Wallet};

use super::issuers::{Apple, google, rsa};
use crate::citizen::{Town, person};

const BORN: (&str, &str, &str) = ("19", "3", "1984");
const PHONE: &str = "+999700000001";

fn people() -> Vec<vaccert::sandbox::dhis2::people::Person> {
    vec![person(1, Some("070 000 0001"), "1984-03-19")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_adds_a_certificate_to_a_wallet_where_the_ministry_makes_passes() {
    let wallet = Wallet {
        apple: Some(Arc::new(Apple::new().passes())),
        google: Some(Arc::new(google(&rsa()))),
        ..Wallet::default()
    };
    let town = Town::new(people(), |setup| setup.wallet = wallet).await;
    let mut browser = town.signed_in(1, BORN, PHONE).await;
    let page = browser.get("/me").await;
    for words in ["Add to Apple Wallet", "Add to Google Wallet", "Google Wallet tells Google what the certificate says"]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let links = page.links("/me/c/");
    let link = |end: &str| links.iter().find(|link| link.ends_with(end)).unwrap().clone();
    let pass = browser.get(&link("certificate.pkpass")).await;
    assert_eq!((pass.status, pass.header("content-type")), (StatusCode::OK, Some(PKPASS)));
    assert_eq!(pass.header("cache-control"), Some("no-store"));
    assert!(pass.bytes.starts_with(b"PK\x03\x04"), "{:?}", pass.bytes.get(..40));

    let answer = browser.get(&link("google-wallet")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::SEE_OTHER, Some("no-store")));
    let location = answer.header("location").unwrap();
    let known = location.starts_with("https://pay.google.com/gp/v/save/") || location == "/me?note=google-long";
    assert!(known && answer.header("referrer-policy") == Some("no-referrer"), "{answer:?}");
    // Nobody gets the pass of another session.
    let mut stranger = town.browser();
    for end in ["certificate.pkpass", "google-wallet"] {
        let answer = stranger.get(&link(end)).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some("/?ended=1")), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_passes_are_made_nothing_of_them_is_seen() {
    let town = Town::new(people(), |_| ()).await;
    let mut browser = town.signed_in(1, BORN, PHONE).await;
    let page = browser.get("/me").await;
    assert!(!page.text.contains("Wallet"), "{}", page.text);
    let pdf = page.links("/me/c/").into_iter().find(|link| link.ends_with("certificate.pdf")).unwrap();
    for end in ["certificate.pkpass", "google-wallet"] {
        let answer = browser.get(&pdf.replace("certificate.pdf", end)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{end}");
    }
}
