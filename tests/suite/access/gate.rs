//! The gate over HTTP: tokens, logins of DHIS2, sessions, cross-site requests, approvals, and the page of people.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use jiff::SignedDuration;
use serde_json::json;
use vaccert::{
    access::{Right, Role},
    limits,
};

use super::house::{Dhis2, Site, User, basic};

fn nurse() -> User {
    User {
        name: "nurse",
        password: "Distrikt-7-geheim",
        token: "d2pat_nurse",
        groups: vec![("q3Nh5xhJEy2", "COVAC data entry")],
        units: vec!["ImspTQPwCqd"],
        email: "",
    }
}

fn others() -> Vec<User> {
    let user = |name, groups| User { name, password: "pw", token: "d2pat_other", groups, units: vec![], email: "" };
    vec![nurse(), user("auditor", vec![("AUDITORS000", "Auditors")]), user("cleaner", vec![("x", "Cleaners")])]
}

async fn with_dhis2() -> (Dhis2, Site) {
    let dhis2 = Dhis2::start(others()).await;
    let site = Site::with(|setup| {
        dhis2.in_use(setup, &[("q3Nh5xhJEy2", &[Role::Facility]), ("Auditors", &[Role::Auditor])], false);
    })
    .await;
    (dhis2, site)
}

#[tokio::test]
async fn a_token_opens_what_it_may_and_is_shown_once() {
    let site = Site::new().await;
    let admin = site.account("chief2", &["admin", "approver"], &[]).await;
    let me = site.call(Method::GET, "/v1/me", &admin, None).await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.text);
    assert_eq!((me.json()["name"].as_str(), me.json()["by"].as_str()), (Some("user:chief2"), Some("token")));
    assert_eq!(me.header("cache-control"), "no-store");
    for wrong in ["", "Bearer vct_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Bearer x", "Basic eDp5", "Digest x"] {
        let answer = site.call(Method::GET, "/v1/me", wrong, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"vaccert\"", "{wrong}");
    }
    // A token of her own, with fewer rights and not longer than that with which she asks.
    let wanted = |rights: &[&str], days: u32| json!({"label": "report", "rights": rights, "days": days});
    let made = site.call(Method::POST, "/v1/tokens", &admin, Some(wanted(&["operate"], 7))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let (text, id) =
        (made.json()["token"].as_str().unwrap().to_owned(), made.json()["id"].as_str().unwrap().to_owned());
    let bearer = format!("Bearer {text}");
    assert_eq!(site.call(Method::GET, "/v1/accounts", &bearer, None).await.status, StatusCode::OK);
    let forbidden = site.call(Method::GET, "/v1/approvals", &bearer, None).await;
    assert_eq!((forbidden.status, forbidden.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("right-missing")));
    let list = site.call(Method::GET, "/v1/tokens", &admin, None).await;
    assert!(list.text.contains(&id) && !list.text.contains(&text), "the list never shows a token");
    for (rights, days, code) in [
        (vec!["issue"], 7, "right"),
        (vec![], 7, "right"),
        (vec!["operate"], 31, "days"),
        (vec!["operate"], 0, "days"),
        (vec!["operate"], 10_000, "days"),
    ] {
        let refused = site.call(Method::POST, "/v1/tokens", &admin, Some(wanted(&rights, days))).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(code)));
    }
    let odd = site.call(Method::POST, "/v1/tokens", &admin, Some(json!({"label": "secret-word", "days": "x"}))).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    assert!(!odd.text.contains("secret-word"), "an error repeats nothing: {}", odd.text);
    // Whoever keeps accounts cannot issue by making a token for one that does.
    site.account("clerk", &["operator"], &[]).await;
    let others = json!({"account": "user:clerk", "label": "x", "rights": ["issue"], "days": 1});
    let refused = site.call(Method::POST, "/v1/tokens", &admin, Some(others)).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("others-token")));
    assert_eq!(site.call(Method::DELETE, &format!("/v1/tokens/{id}"), &admin, None).await.status, StatusCode::OK);
    assert_eq!(site.call(Method::GET, "/v1/me", &bearer, None).await.status, StatusCode::UNAUTHORIZED);
    site.clock.forward(SignedDuration::from_hours(24 * 30));
    assert_eq!(site.call(Method::GET, "/v1/me", &admin, None).await.status, StatusCode::UNAUTHORIZED, "expired");
}

#[tokio::test]
async fn f03_approvals_over_http_take_two_people_and_never_oneself() {
    let site = Site::new().await;
    let chief = site.account("boss", &["admin", "approver"], &[]).await;
    let second = site.account("second", &["approver", "operator"], &[]).await;
    let clinic = json!({"name": "clinic-7", "roles": ["facility"], "facilities": ["ImspTQPwCqd"]});
    let proposed = site.call(Method::POST, "/v1/accounts", &chief, Some(clinic.clone())).await;
    assert_eq!(proposed.status, StatusCode::CREATED, "{}", proposed.text);
    assert_eq!(proposed.json()["effective_roles"], json!([]));
    assert_eq!(site.call(Method::POST, "/v1/accounts", &chief, Some(clinic)).await.status, StatusCode::OK);
    let approve =
        async |auth: &str, name: &str| site.call(Method::POST, &format!("/v1/approvals/{name}"), auth, None).await;
    let once = approve(&chief, "user:clinic-7").await;
    assert_eq!((once.status, once.json()["approvals_missing"].as_u64()), (StatusCode::OK, Some(1)));
    let twice = approve(&chief, "user:clinic-7").await;
    assert_eq!((twice.status, twice.json()["code"].as_str()), (StatusCode::CONFLICT, Some("approved-twice")));
    let done = approve(&second, "user:clinic-7").await;
    assert_eq!((done.status, done.json()["state"].as_str()), (StatusCode::OK, Some("active")));
    // Nobody approves, proposes or closes himself.
    let own = json!({"name": "boss", "roles": ["operator"]});
    let refused = site.call(Method::POST, "/v1/accounts", &chief, Some(own)).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("own-account")));
    assert_eq!(site.call(Method::DELETE, "/v1/accounts/user:boss", &chief, None).await.status, StatusCode::FORBIDDEN);
    let waiting = json!({"name": "second", "roles": ["approver", "operator", "auditor"]});
    assert_eq!(site.call(Method::POST, "/v1/accounts", &chief, Some(waiting)).await.status, StatusCode::CREATED);
    // Whose account waits has no right any more, to approve it least of all.
    assert_eq!(approve(&second, "user:second").await.status, StatusCode::FORBIDDEN);
    assert_eq!(approve(&chief, "user:nobody").await.status, StatusCode::NOT_FOUND);
    for (body, code) in [
        (json!({"name": "Amina B", "roles": ["auditor"]}), "account-name"),
        (json!({"name": "amina", "roles": []}), "role"),
        (json!({"name": "amina", "roles": ["citizen"]}), "role"),
        (json!({"name": "amina", "roles": ["facility"]}), "facility"),
        (json!({"name": "amina", "roles": ["facility"], "facilities": ["a,b"]}), "facility"),
        (json!({"name": "dhis2:amina", "roles": ["auditor"]}), "account-name"),
    ] {
        let refused = site.call(Method::POST, "/v1/accounts", &chief, Some(body)).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(code)));
    }
    assert_eq!(site.call(Method::DELETE, "/v1/accounts/user:clinic-7", &chief, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_login_of_dhis2_is_asked_once_a_minute_and_issues_only_when_approved() {
    let (dhis2, site) = with_dhis2().await;
    let auth = basic("nurse", "Distrikt-7-geheim");
    let me = site.call(Method::GET, "/v1/me", &auth, None).await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.text);
    assert_eq!((me.json()["name"].as_str(), me.json()["approvals_missing"].as_u64()), (Some("dhis2:nurse"), Some(2)));
    assert_eq!(me.json()["rights"], json!([]));
    for by in ["user:one", "user:two"] {
        site.registry.approve_account("dhis2:nurse", by, super::house::now()).await.unwrap();
    }
    let me = site.call(Method::GET, "/v1/me", &auth, None).await.json();
    assert!(me["rights"].as_array().unwrap().contains(&json!("issue")), "approval counts at once: {me}");
    assert_eq!(me["facilities"], json!(["ImspTQPwCqd"]));
    let asked = || dhis2.asked.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(asked(), 1, "the second time nobody asked DHIS2");
    site.clock.forward(SignedDuration::from_secs(limits::LOGIN_CACHE_SECONDS));
    assert_eq!(site.call(Method::GET, "/v1/me", &auth, None).await.status, StatusCode::OK);
    assert_eq!(asked(), 2);
    let by_token = site.call(Method::GET, "/v1/me", "ApiToken d2pat_nurse", None).await;
    assert_eq!(by_token.json()["name"], "dhis2:nurse");
    // Out of every group, out of every role; a password that was changed works no longer than a minute.
    dhis2.users.lock().unwrap().get_mut("nurse").unwrap().groups.clear();
    site.clock.forward(SignedDuration::from_secs(limits::LOGIN_CACHE_SECONDS));
    let out = site.call(Method::GET, "/v1/me", &auth, None).await;
    assert_eq!((out.status, out.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("no-role")));
    dhis2.users.lock().unwrap().get_mut("nurse").unwrap().password = "another";
    assert_eq!(site.call(Method::GET, "/v1/me", &auth, None).await.status, StatusCode::UNAUTHORIZED);
    // Somebody without a mapped group is nobody here, and gets no account.
    let cleaner = site.call(Method::GET, "/v1/me", &basic("cleaner", "pw"), None).await;
    assert_eq!(cleaner.status, StatusCode::FORBIDDEN);
    assert!(site.registry.account("dhis2:cleaner").await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_learns_from_a_refusal_who_exists_and_attempts_are_counted() {
    let (dhis2, site) = with_dhis2().await;
    let mut answers = Vec::new();
    for (name, password) in [("nurse", "falsch-9x1"), ("no-such-user", "falsch-9x1"), ("Nurse", "falsch-9x1")] {
        let begun = std::time::Instant::now();
        let answer = site.send("/login", "", &[("name", name), ("password", password), ("next", "/users")]).await;
        assert!(begun.elapsed().as_millis() >= u128::from(limits::LOGIN_REFUSED_MILLISECONDS), "{name}");
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!answer.text.contains("falsch-9x1") && answer.header("set-cookie").is_empty());
        answers.push(answer.text.replace(&format!("value=\"{name}\""), ""));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the same page for all");
    // In small letters they are one name; further ones are refused before DHIS2 is asked.
    for _ in 2..limits::LOGIN_FAILURES_NAME {
        assert_eq!(
            site.call(Method::GET, "/v1/me", &basic("nurse", "wrong"), None).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let asked = dhis2.asked.load(std::sync::atomic::Ordering::SeqCst);
    for password in ["wrong", "Distrikt-7-geheim"] {
        let answer = site.call(Method::GET, "/v1/me", &basic("NURSE", password), None).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: i64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=limits::LOGIN_SPAN_SECONDS).contains(&wait));
    }
    assert_eq!(dhis2.asked.load(std::sync::atomic::Ordering::SeqCst), asked);
    site.clock.forward(SignedDuration::from_secs(limits::LOGIN_SPAN_SECONDS));
    let auth = basic("nurse", "Distrikt-7-geheim");
    assert_eq!(site.call(Method::GET, "/v1/me", &auth, None).await.status, StatusCode::OK);
    // DHIS2 away is no refusal, and counts against nobody.
    drop(dhis2);
    site.clock.forward(SignedDuration::from_secs(limits::LOGIN_CACHE_SECONDS));
    let away = site.call(Method::GET, "/v1/me", &basic("auditor", "pw"), None).await;
    assert_eq!((away.status, away.json()["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("dhis2-away")));
}

#[tokio::test]
async fn a_session_begins_on_the_page_and_ends_on_every_replica() {
    let (_dhis2, site) = with_dhis2().await;
    let out = site.look("/users?lang=en", "").await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/login?next=%2Fusers%3Flang%3Den"));
    let page = site.look("/login?next=/users", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("name=\"password\"") && page.text.contains("value=\"/users\""));
    let fields = [("name", "auditor"), ("password", "pw"), ("next", "/users")];
    let logged_in = site.send("/login", "", &fields).await;
    assert_eq!(
        (logged_in.status, logged_in.header("location")),
        (StatusCode::SEE_OTHER, "/users"),
        "{}",
        logged_in.text
    );
    let set = logged_in.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let cookie = logged_in.cookie();
    let users = site.look("/users", &cookie).await;
    assert_eq!(users.status, StatusCode::OK, "{}", users.text);
    assert!(users.text.contains("dhis2:auditor") && !users.text.contains("{{"), "{}", users.text);
    // From another site nothing is changed, although the browser sends the cookie with it.
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("x", "y"),
    ] {
        let request = Request::post("/users/token")
            .header(header::HOST, "localhost:8081")
            .header(header::COOKIE, &cookie)
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("label=x&days=1&right-read=yes"));
        let refused = site.ask(request.unwrap()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert!(site.registry.tokens(None, 10).await.unwrap().is_empty());
    let made = site.send("/users/token", &cookie, &[("label", "x"), ("days", "1"), ("right-read", "yes")]).await;
    assert!(made.status == StatusCode::OK && made.text.contains("vct_"), "{}", made.text);
    let bad = site.send("/users/token", &cookie, &[("label", ""), ("days", "1"), ("right-read", "yes")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text.contains("href=\"#label\""), "the error leads to its field: {}", bad.text);
    assert_eq!(site.send("/users/approve", &cookie, &[("of", "x")]).await.status, StatusCode::FORBIDDEN);
    // On another name the cookie must have its prefix.
    let request = Request::get("/v1/me").header(header::HOST, "console.example.org").header(header::COOKIE, &cookie);
    assert_eq!(site.ask(request.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED);
    let ended = site.send("/logout", &cookie, &[]).await;
    assert!(ended.status == StatusCode::SEE_OTHER && ended.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(site.look("/users", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_begins_a_session_that_has_no_more_rights_than_it() {
    let site = Site::new().await;
    site.account("boss", &["admin", "approver"], &[]).await;
    let narrow = site.token("user:boss", &[Right::Operate], 1).await;
    let text = narrow.strip_prefix("Bearer ").unwrap();
    let wrong = site.send("/login", "", &[("token", "vct_wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let cookie = site.send("/login", "", &[("token", text), ("next", "//evil.example")]).await;
    assert_eq!(cookie.header("location"), "/", "the way back stays here");
    let cookie = cookie.cookie();
    let page = site.look("/users", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("/users/propose"), "no form for what the token does not allow");
    assert_eq!(site.send("/users/propose", &cookie, &[("name", "x")]).await.status, StatusCode::FORBIDDEN);
    site.clock.forward(SignedDuration::from_hours(24));
    assert_eq!(site.look("/users", &cookie).await.status, StatusCode::SEE_OTHER);
    // Secure and with its prefix where the name is not this machine's.
    let request = Request::post("/login")
        .header(header::HOST, "console.example.org")
        .header("origin", "https://console.example.org")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let fresh = site.token("user:boss", &[Right::Operate], 1).await;
    let form = format!("token={}", fresh.strip_prefix("Bearer ").unwrap());
    let answer = site.ask(request.body(Body::from(form)).unwrap()).await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-vaccert-session=") && set.ends_with("; Secure"), "{set}");
}
