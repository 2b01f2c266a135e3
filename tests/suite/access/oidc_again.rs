//! A person of a provider of identities is looked up again while her session lasts: a lost role, a logout there or a
//! disabled account counts within a quarter of an hour, on every replica, and nobody can take the session over.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use vaccert::{access::Right, limits::GROUPS_SECONDS};

use super::{
    house::Site,
    oidc::{Again, Provider, back, begin, site, state},
};

/// Logs in, and gives the session's cookie.
async fn log_in(site: &Site, provider: &Provider) -> String {
    let (cookie, asked) = begin(site, provider, "/users").await;
    let answer = back(site, &cookie, "good-code", &state(&asked)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let session = cookies.filter_map(|cookie| cookie.split(';').next()).find(|c| c.starts_with("vaccert-session="));
    session.unwrap().to_owned()
}

/// Time goes by here and there.
fn pass(site: &Site, provider: &Provider, seconds: i64) {
    let by = SignedDuration::from_secs(seconds);
    site.clock.forward(by);
    provider.says(|said| said.now = said.now.checked_add(by).unwrap());
}

async fn status(site: &Site, session: &str) -> StatusCode {
    site.look("/users", session).await.status
}

fn asked(provider: &Provider) -> usize {
    provider.says(|said| said.asked_again)
}

#[tokio::test]
async fn a_role_that_was_lost_at_the_provider_counts_within_a_quarter_of_an_hour() {
    let provider = Provider::start().await;
    provider.says(|said| said.again = Again::Anew);
    let site = site(&provider).await;
    let session = log_in(&site, &provider).await;
    let token = site.token("oidc:amina", &[Right::Audit], 30).await;
    let by_token = async || site.call(axum::http::Method::GET, "/v1/audit", &token, None).await.status;
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::OK, 0));
    pass(&site, &provider, GROUPS_SECONDS - 1);
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::OK, 0), "not before it is due");

    // Other groups are other rights, in the session that is open.
    provider.says(|said| said.groups = vec!["admins".to_owned(), "gardeners".to_owned()]);
    pass(&site, &provider, 1);
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::OK, 1));
    let account = site.registry.account("oidc:amina").await.unwrap().unwrap();
    assert_eq!(account.roles, ["admin"]);

    // None that gives a role ends every session of the person, and takes the rights of her tokens away.
    let second = log_in(&site, &provider).await;
    provider.says(|said| said.groups = vec!["gardeners".to_owned()]);
    pass(&site, &provider, GROUPS_SECONDS);
    assert_eq!(status(&site, &session).await, StatusCode::SEE_OTHER, "the way to the page for logging in");
    assert_eq!(status(&site, &second).await, StatusCode::SEE_OTHER);
    assert_eq!(by_token().await, StatusCode::FORBIDDEN);
    let again = begin(&site, &provider, "/").await;
    assert_eq!(back(&site, &again.0, "good-code", &state(&again.1)).await.status, StatusCode::FORBIDDEN);
    assert!(!provider.says(|said| said.stolen));
}

#[tokio::test]
async fn a_session_that_the_provider_ended_ends_here_and_the_log_says_why() {
    for again in [Again::Gone, Again::NoIdToken] {
        let provider = Provider::start().await;
        provider.says(|said| said.again = Again::Anew);
        let site = site(&provider).await;
        let session = log_in(&site, &provider).await;
        provider.says(|said| {
            said.again = again;
            // Without an ID token it says at the other place of whom it speaks: of somebody else.
            said.informs_of = Some("somebody-else".to_owned());
        });
        pass(&site, &provider, GROUPS_SECONDS);
        assert_eq!(status(&site, &session).await, StatusCode::SEE_OTHER, "{again:?}");
        let rows = site.registry.audit_records(0, 100).await.unwrap();
        let last = rows.iter().rev().find(|row| row.action == "logout").unwrap();
        assert_eq!(last.reason.as_deref(), Some("the provider has ended it"), "{again:?}");
        assert_eq!(status(&site, &session).await, StatusCode::SEE_OTHER);
        assert_eq!(asked(&provider), 1, "{again:?}: a session that is over asks nobody");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_ends_nothing_before_the_end_of_the_session() {
    let provider = Provider::start().await;
    provider.says(|said| said.again = Again::Anew);
    let site = site(&provider).await;
    let session = log_in(&site, &provider).await;
    provider.says(|said| said.again = Again::Broken);
    pass(&site, &provider, GROUPS_SECONDS);
    for _ in 0..3 {
        assert_eq!(status(&site, &session).await, StatusCode::OK);
    }
    assert_eq!(asked(&provider), 1, "once a minute, not with every request");
    pass(&site, &provider, 60);
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::OK, 2));
    // Back again, it is asked with what it gave last.
    provider.says(|said| said.again = Again::Anew);
    pass(&site, &provider, 60);
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::OK, 3));
    assert!(!provider.says(|said| said.stolen));
    // Away for good, the session has its hard end.
    drop(provider);
    for _ in 0..24 {
        site.clock.forward(SignedDuration::from_mins(25));
        status(&site, &session).await;
    }
    assert_eq!(status(&site, &session).await, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_ask_once_and_no_refresh_token_is_used_twice() {
    let provider = Provider::start().await;
    provider.says(|said| said.again = Again::Anew);
    let site = std::sync::Arc::new(site(&provider).await);
    let session = log_in(&site, &provider).await;
    for round in 1..=4 {
        pass(&site, &provider, GROUPS_SECONDS);
        let calls = (0..16).map(|_| {
            let (site, session) = (std::sync::Arc::clone(&site), session.clone());
            tokio::spawn(async move { status(&site, &session).await })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), StatusCode::OK);
        }
        assert_eq!(asked(&provider), round);
    }
    assert!(!provider.says(|said| said.stolen), "an old refresh token is one that was stolen");
    // Whoever reads the database has nothing to ask the provider with.
    site.registry.close().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(site._dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("registry") {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(13).any(|window| window == b"refresh-token"), "{}", path.display());
            seen += usize::from(bytes.windows(10).any(|window| window == b"oidc:amina"));
        }
    }
    assert!(seen > 0, "the registry was looked at");
}

#[tokio::test]
async fn without_a_refresh_token_the_session_is_short() {
    let provider = Provider::start().await;
    let site = site(&provider).await;
    let session = log_in(&site, &provider).await;
    for minutes in [25, 25, 9] {
        pass(&site, &provider, minutes * 60);
        assert_eq!(status(&site, &session).await, StatusCode::OK);
    }
    pass(&site, &provider, 60);
    assert_eq!((status(&site, &session).await, asked(&provider)), (StatusCode::SEE_OTHER, 0));
}

#[tokio::test]
async fn groups_may_stand_at_the_userinfo_endpoint_and_keys_may_change() {
    let provider = Provider::start().await;
    provider.says(|said| (said.again, said.thin) = (Again::Anew, true));
    let site = site(&provider).await;
    let session = log_in(&site, &provider).await;
    assert_eq!(site.registry.account("oidc:amina").await.unwrap().unwrap().roles, ["auditor"]);
    provider.says(|said| said.groups = vec!["admins".to_owned()]);
    for (again, rotated) in [(Again::Anew, false), (Again::NoIdToken, false), (Again::Anew, true)] {
        provider.says(|said| (said.again, said.rotated) = (again, rotated));
        pass(&site, &provider, GROUPS_SECONDS);
        assert_eq!(status(&site, &session).await, StatusCode::OK, "{again:?} {rotated}");
        assert_eq!(site.registry.account("oidc:amina").await.unwrap().unwrap().roles, ["admin"]);
    }
    assert_eq!(asked(&provider), 3);
    // A first login after the keys have changed is believed too.
    log_in(&site, &provider).await;
    // What is said of somebody else counts for nobody.
    provider.says(|said| (said.informs_of, said.again) = (Some("other".to_owned()), Again::Anew));
    let (cookie, asked) = begin(&site, &provider, "/").await;
    assert_eq!(back(&site, &cookie, "good-code", &state(&asked)).await.status, StatusCode::FORBIDDEN);
}
