//! The walk: every operation of both doors, as their OpenAPI documents have them, with credentials that do not fit.
//! What is not declared open answers 401 or 403, nothing answers 5xx, and the signer is never asked (failure F01).

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use jiff::SignedDuration;
use serde_json::Value;
use vaccert::access::{Right, Role};

use super::house::{Answer, Site, ask};
use crate::citizen;

/// An operation of a document.
struct Operation {
    method: Method,
    path: String,
    id: String,
    /// `None`: open. Otherwise who may use it, as `security` says it.
    schemes: Vec<String>,
    right: Option<String>,
    media: Option<String>,
}

async fn document(router: &Router) -> Vec<Operation> {
    let request = Request::get("/v1/openapi.json").header(header::HOST, "localhost").body(Body::empty());
    let answer = ask(router, request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schemes = operation["security"].as_array().unwrap_or_else(|| panic!("{path} says nothing of security"));
            let media = operation["requestBody"]["content"].as_object().and_then(|content| content.keys().next());
            operations.push(Operation {
                method: method.to_ascii_uppercase().parse().unwrap(),
                path: filled(path, operation),
                id: operation["operationId"].as_str().unwrap().to_owned(),
                schemes: schemes
                    .iter()
                    .map(|scheme| scheme.as_object().unwrap().keys().next().unwrap().clone())
                    .collect(),
                right: operation["x-right"].as_str().map(str::to_owned),
                media: media.cloned(),
            });
        }
    }
    operations
}

/// The path with something in the place of its parameters.
fn filled(path: &str, operation: &Value) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, tail) = after.split_once('}').unwrap();
        filled.push_str(before);
        filled.push_str("ImspTQPwCqd");
        rest = tail;
    }
    filled.push_str(rest);
    assert!(!filled.contains('{'), "{operation}");
    filled
}

/// Bodies that such an operation might take, so that a gate that is passed would reach the work behind it.
fn body(media: Option<&str>) -> Body {
    match media {
        Some("application/json") => Body::from(
            r#"{"person":"ImspTQPwCqd","event":"ImspTQPwCqd","reason":"x","name":"x","roles":["operator"],"label":"x","rights":["issue"],"days":1}"#,
        ),
        Some("application/x-www-form-urlencoded") => Body::from("of=x&person=ImspTQPwCqd&reason=x&label=x&days=1"),
        _ => Body::from("x"),
    }
}

async fn call(router: &Router, operation: &Operation, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(operation.method.clone())
        .uri(&operation.path)
        .header(header::HOST, "localhost")
        .header("sec-fetch-site", "same-origin");
    if let Some(media) = &operation.media {
        request = request.header(header::CONTENT_TYPE, media);
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    ask(router, request.body(body(operation.media.as_deref())).unwrap()).await
}

/// Two sites, one of which is another tenant's, and every credential that does not fit.
struct Wrong {
    name: &'static str,
    auth: String,
    cookie: String,
    /// The rights that it has all the same.
    rights: Vec<Right>,
}

async fn wrongs(site: &Site, other: &Site) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    let mut wrong = |name, auth: String, rights: &[Right]| {
        wrongs.push(Wrong { name, auth, cookie: String::new(), rights: rights.to_vec() });
    };
    site.account("op", &["operator"], &[]).await;
    let revoked = site.token("user:op", &Right::ALL, 30).await;
    let text = |bearer: &str| vaccert::access::TokenText::read(bearer.strip_prefix("Bearer ").unwrap()).unwrap();
    let found = site.registry.token(&text(&revoked).hash(), site.clock_now()).await.unwrap().unwrap().0.id;
    site.registry.revoke_token(&found, "user:chief", site.clock_now()).await.unwrap();
    wrong("nothing", String::new(), &[]);
    wrong("nonsense", "Bearer nonsense".to_owned(), &[]);
    wrong("revoked", revoked, &[]);
    wrong("of another tenant", other.account("op", &["operator", "admin", "approver", "auditor"], &[]).await, &[]);
    let closed = site.account("gone", &["operator"], &[]).await;
    site.registry.close_account("user:gone", "user:chief", site.clock_now()).await.unwrap();
    wrong("of a closed account", closed, &[]);
    wrong("without rights", site.token("user:op", &[], 30).await, &[]);
    for (name, role) in
        [("verifier", Role::Verifier), ("auditor", Role::Auditor), ("approver", Role::Approver), ("admin", Role::Admin)]
    {
        let auth = site.account(name, &[role.name()], &[]).await;
        wrong(name, auth, role.rights());
    }
    // A citizen's session, and somebody else's cookie.
    for (name, cookie) in [
        ("citizen", "citizen=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; vaccert-citizen=AAAAAAAAAAAA"),
        ("guessed session", "vaccert-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        wrongs.push(Wrong { name, auth: String::new(), cookie: cookie.to_owned(), rights: vec![] });
    }
    wrongs
}

impl Site {
    fn clock_now(&self) -> jiff::Timestamp {
        use vaccert::clock::Clock as _;
        self.clock.now()
    }
}

#[tokio::test]
async fn f01_no_route_reaches_the_signer_without_the_right_to_it() {
    let (site, other) = (Site::new().await, Site::new().await);
    let wrongs = wrongs(&site, &other).await;
    let (mut walked, mut closed) = (0, 0);
    for router in [&site.operators, &site.everybody] {
        for operation in document(router).await {
            for wrong in &wrongs {
                let answer =
                    call(router, &operation, &[("authorization", &wrong.auth), ("cookie", &wrong.cookie)]).await;
                let what = format!("{} {} with {}", operation.id, operation.path, wrong.name);
                // What is missing in a bare house (a list that nobody published) is said by 503, never by 500.
                assert!(
                    !answer.status.is_server_error() || answer.status == StatusCode::SERVICE_UNAVAILABLE,
                    "{what}: {} {}",
                    answer.status,
                    answer.text
                );
                walked += 1;
                if operation.schemes.is_empty() {
                    continue;
                }
                closed += 1;
                let has =
                    operation.right.as_ref().is_some_and(|right| wrong.rights.iter().any(|own| own.name() == right));
                // Whoever is known may ask who they are; whoever has the right is past the gate.
                let known = operation.right.is_none() && operation.schemes.contains(&"token".to_owned());
                let anybody = ["without rights", "verifier", "auditor", "approver", "admin"].contains(&wrong.name);
                if has || (known && anybody) {
                    continue;
                }
                // The pages of citizens lead whoever has no session to the first one.
                let led = operation.schemes.contains(&"citizen".to_owned())
                    && answer.status == StatusCode::SEE_OTHER
                    && answer.text.is_empty();
                assert!(
                    led || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status),
                    "{what}: {} {}",
                    answer.status,
                    answer.text
                );
                assert!(!answer.text.contains("HC1:"), "{what}");
            }
        }
    }
    assert!(walked > 300 && closed > 150, "{walked} walked, {closed} of them closed");
    assert_eq!((site.signatures(), other.signatures()), (0, 0));
    // The same with tokens that have run out.
    let (mut expired, fresh) = (Vec::new(), Site::new().await);
    for role in ["operator", "admin", "approver", "auditor"] {
        expired.push(fresh.account(role, &[role], &[]).await);
    }
    fresh.clock.forward(SignedDuration::from_hours(24 * 30));
    for router in [&fresh.operators, &fresh.everybody] {
        let closed = document(router).await.into_iter();
        for operation in closed.filter(|operation| operation.schemes.contains(&"token".to_owned())) {
            for auth in &expired {
                let answer = call(router, &operation, &[("authorization", auth)]).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", operation.id, answer.text);
            }
        }
    }
    assert_eq!(fresh.signatures(), 0);
}

/// A real session of a citizen, who has proved a number: it opens the citizens' own pages and nothing else, of whichever
/// door; nothing is signed, and nothing of anybody else is shown.
#[tokio::test(flavor = "multi_thread")]
async fn f32_a_citizens_session_opens_the_citizens_pages_alone() {
    let people = vec![
        citizen::person(1, Some("0700000001"), "1984-03-19"),
        citizen::person(2, Some("0700000002"), "1990-07-02"),
    ];
    let town = citizen::Town::new(people, |_| ()).await;
    let mut browser = town.signed_in(1, ("19", "3", "1984"), "+999700000001").await;
    assert_eq!(browser.get("/me").await.status, StatusCode::OK, "the session is real");
    let cookie: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookie = cookie.join("; ");
    let others = town.registry.list_by_person("P0000000002").await.unwrap();
    assert!(!others.is_empty());
    let before = town.registry.counts().await.unwrap();
    let (mut own, mut closed) = (0, 0);
    for router in [&town.operators, &town.router] {
        for operation in document(router).await.into_iter().filter(|operation| !operation.schemes.is_empty()) {
            // What ends the session would make the rest of the walk one without it.
            if operation.schemes.contains(&"citizen".to_owned()) && operation.path == "/me/end" {
                continue;
            }
            let answer = call(router, &operation, &[("cookie", &cookie)]).await;
            let what = format!("{} {}: {} {}", operation.id, operation.path, answer.status, answer.text);
            assert!(!answer.status.is_server_error(), "{what}");
            let somebody_else = ["Specimenc", "P0000000002", others[0].id.as_str()];
            assert!(!somebody_else.iter().any(|told| answer.text.contains(told)), "{what}");
            if operation.schemes.contains(&"citizen".to_owned()) {
                own += 1;
            } else {
                assert!([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status), "{what}");
                closed += 1;
            }
        }
    }
    assert!(own > 4 && closed > 40, "{own} of citizens, {closed} of others");
    assert_eq!(town.registry.counts().await.unwrap(), before, "nothing was issued, revoked or superseded");
}

/// Nobody who keeps the house can issue: not an admin, not an approver, not an auditor, not by all three together.
#[tokio::test]
async fn f05_no_admin_issues() {
    let site = Site::new().await;
    let all = site.account("all", &["admin", "approver", "auditor", "verifier"], &[]).await;
    let mut tried = 0;
    for operation in document(&site.operators).await {
        if operation.right.as_deref().is_some_and(|right| ["issue", "correct", "revoke"].contains(&right)) {
            let answer = call(&site.operators, &operation, &[("authorization", &all)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", operation.id, answer.text);
            tried += 1;
        }
    }
    println!("{tried} operations that issue, correct or revoke");
    assert_eq!(site.signatures(), 0);
}
