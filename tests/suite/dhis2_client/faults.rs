//! Every fault of a server, a proxy or a network comes out by its name.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use vaccert::source::dhis2::{Auth, Client, ClientOptions, ConnectFault, Dhis2Error, Secret};

use super::{VERSIONS, all, client, options, query, server};
use crate::support::dhis2::{Fault, PASSWORD, TOKEN, USER};

/// The error that a fault comes out as, and how often the list was asked for.
async fn fault(version: &str, fault: Fault) -> (Dhis2Error, usize) {
    let server = server(version, 7).await;
    server.always(fault);
    let error = all(&client(&server), query(3)).await.unwrap_err();
    (error, server.people_hits())
}

#[tokio::test]
async fn tokens_log_in_and_wrong_credentials_are_named() {
    let server = server("2.40.0", 3).await;
    let with = |auth| Client::new(ClientOptions { auth, ..options(&server) }).unwrap();
    let people = all(&with(Auth::Token(Secret::new(format!("{TOKEN}\n")))), query(5)).await.unwrap();
    assert_eq!(people.len(), 3);
    for auth in [
        Auth::Token(Secret::new("d2pat_wrong".to_owned())),
        Auth::Basic { user: USER.to_owned(), password: Secret::new("wrong-one".to_owned()) },
    ] {
        let error = all(&with(auth), query(5)).await.unwrap_err();
        assert!(matches!(error, Dhis2Error::Credentials { .. }), "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
}

#[tokio::test]
async fn every_lasting_fault_has_its_name_and_is_not_asked_again() {
    for (version, _) in VERSIONS {
        let path = if version < "2.36" { "/api/trackedEntityInstances" } else { "/api/tracker/trackedEntities" };
        let path = || path.to_owned();
        let (error, hits) = fault(version, Fault::Conflict).await;
        let message = "Program is not assigned to org unit RootLand001".to_owned();
        assert_eq!(
            error,
            Dhis2Error::Refused { path: path(), status: 409, code: Some("E7114".to_owned()), message },
            "{version}"
        );
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::Html(200)).await;
        assert_eq!((error, hits), (Dhis2Error::Html { path: path(), status: 200 }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Html(500)).await;
        assert_eq!((error, hits), (Dhis2Error::Html { path: path(), status: 500 }, 1), "{version}");
        let (error, hits) = fault(version, Fault::LoginRedirect).await;
        assert_eq!((error, hits), (Dhis2Error::LoginRedirect { path: path() }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Moved("https://new.example.org/x?ticket=1".to_owned())).await;
        let origin = "https://new.example.org".to_owned();
        assert_eq!((error, hits), (Dhis2Error::Redirected { path: path(), origin }, 1), "{version}");
        let (error, hits) = fault(version, Fault::ProgramClosed).await;
        assert_eq!((error, hits), (Dhis2Error::ProgramClosed { path: path() }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Ownership).await;
        assert!(matches!(error, Dhis2Error::OwnershipDenied { .. }), "{version}: {error}");
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::OtherJson).await;
        assert!(matches!(error, Dhis2Error::Unexpected { .. }), "{version}: {error}");
        assert!(!error.to_string().contains("Anna"), "{error}");
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::Status(400)).await;
        assert!(matches!(error, Dhis2Error::Refused { status: 400, .. }), "{version}: {error}");
        assert_eq!(hits, 1);
    }
}

#[tokio::test]
async fn every_passing_fault_is_asked_again_and_named_in_the_end() {
    let version = "2.42.0";
    let path = || "/api/tracker/trackedEntities".to_owned();
    let limited = Fault::Busy { retry_after: None };
    let (error, hits) = fault(version, limited).await;
    assert_eq!((error, hits), (Dhis2Error::RateLimited { path: path(), tries: 4, retry_after: None }, 4));
    for status in [502, 503, 504] {
        let (error, hits) = fault(version, Fault::Html(status)).await;
        assert_eq!((error, hits), (Dhis2Error::Unavailable { path: path(), status, tries: 4 }, 4));
    }
    let (error, hits) = fault(version, Fault::Truncated).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 37, tries: 4 }, 4));
    let (error, hits) = fault(version, Fault::HalfJson).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 35, tries: 4 }, 4));
    let (error, hits) = fault(version, Fault::Status(200)).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 0, tries: 4 }, 4));
}

#[tokio::test]
async fn faults_that_pass_leave_no_trace() {
    for (version, _) in VERSIONS {
        let server = server(version, 12).await;
        server.misbehave(Fault::Status(502), 1);
        server.misbehave(Fault::Truncated, 1);
        server.misbehave(Fault::Busy { retry_after: Some("0".to_owned()) }, 1);
        assert_eq!(all(&client(&server), query(5)).await.unwrap().len(), 12, "{version}");
        assert_eq!(server.people_hits(), 4 + 3, "{version}");
    }
}

#[tokio::test]
async fn retry_after_is_kept_and_has_a_bound() {
    let server = server("2.41.0", 3).await;
    server.misbehave(Fault::Busy { retry_after: Some("1".to_owned()) }, 1);
    let start = Instant::now();
    assert_eq!(all(&client(&server), query(5)).await.unwrap().len(), 3);
    assert!(start.elapsed() >= Duration::from_secs(1));

    let (error, hits) = fault("2.41.0", Fault::Busy { retry_after: Some("86400".to_owned()) }).await;
    let path = "/api/tracker/trackedEntities".to_owned();
    assert_eq!((error, hits), (Dhis2Error::RateLimited { path, tries: 1, retry_after: Some(86_400) }, 1));
}

#[tokio::test]
async fn slow_servers_time_out() {
    let server = server("2.41.0", 3).await;
    server.always(Fault::Slow(Duration::from_secs(30)));
    let mut options = options(&server);
    // Long enough for a busy server to have taken each request.
    options.read_timeout = Duration::from_secs(1);
    options.retry.tries = 2;
    let error = all(&Client::new(options).unwrap(), query(5)).await.unwrap_err();
    assert_eq!(error, Dhis2Error::Timeout { path: "/api/tracker/trackedEntities".to_owned(), tries: 2 });
    assert_eq!(server.people_hits(), 2);
}

#[tokio::test]
async fn servers_that_are_not_there_are_named() {
    let server = server("2.41.0", 0).await;
    let mut options = options(&server);
    options.retry.tries = 2;

    // A port that is taken, so that no other test gets it, and at which nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let host = taken.local_addr().unwrap().to_string();
    options.base_url = format!("http://{host}/");
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Connect { host: host.clone(), fault: ConnectFault::Refused, tries: 2 });

    options.base_url = "https://no-such-host.invalid/dhis".to_owned();
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::Connect { fault: ConnectFault::Unresolved, .. }), "{error}");

    // The contract server speaks no TLS.
    options.base_url = server.url.replace("http:", "https:");
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.readable().await;
            drop(stream);
        }
    });
    let server = server("2.41.0", 0).await;
    let error = Client::new(ClientOptions { base_url: url, ..options(&server) }).unwrap().me().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Broken { path: "/api/me".to_owned(), tries: 4 });
    assert!(count.load(Ordering::SeqCst) >= 4);
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_cut_off() {
    let server = server("2.41.0", 0).await;
    server.always(Fault::HugeInfo);
    let error = client(&server).system_info().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn secrets_never_come_back_in_an_error() {
    for status in [400, 401, 403, 404, 409, 429, 500, 503] {
        let server = server("2.41.0", 1).await;
        server.always(Fault::Echo(status));
        for auth in [
            Auth::Basic { user: USER.to_owned(), password: Secret::new(PASSWORD.to_owned()) },
            Auth::Token(Secret::new(TOKEN.to_owned())),
        ] {
            let basic = matches!(auth, Auth::Basic { .. });
            let options = ClientOptions { auth, ..options(&server) };
            let said = format!("{options:?}");
            let client = Client::new(options).unwrap();
            let error = all(&client, query(5)).await.unwrap_err();
            let said = format!("{said} {error} {error:?} {client:?}");
            let own = if basic { PASSWORD } else { TOKEN };
            assert!(!said.contains(own) && !said.contains("cmVhZGVy"), "{status}: {said}");
            assert!(!said.contains("updatedAt"), "{status}: the query string is not repeated: {said}");
        }
    }
}
