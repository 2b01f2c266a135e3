//! One person with several accounts, and whoever lost a group of DHIS2 while a session stands.

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::json;
use vaccert::{
    access::{Right, Role},
    limits,
    registry::{Approval, External, Proposal, Proposed, Registry, Vouched},
};

use super::house::{Dhis2, Site, User, basic, now};
use crate::support::database::on_each;

fn user(name: &'static str, group: (&'static str, &'static str), email: &'static str) -> User {
    User { name, password: "pw", token: "d2pat_none", groups: vec![group], units: vec!["ImspTQPwCqd"], email }
}

const AUDITORS: (&str, &str) = ("AUDITORS000", "Auditors");
const APPROVERS: (&str, &str) = ("APPROVERS00", "Approvers");
const CLINICS: (&str, &str) = ("CLINICS0000", "Clinics");

async fn with(users: Vec<User>) -> (Dhis2, Site) {
    let dhis2 = Dhis2::start(users).await;
    let roles: [(&str, &[Role]); 3] =
        [("Auditors", &[Role::Auditor]), ("Approvers", &[Role::Approver]), ("Clinics", &[Role::Facility])];
    let site = Site::with(|setup| dhis2.in_use(setup, &roles, false)).await;
    (dhis2, site)
}

async fn propose(registry: &Registry, name: &str, by: &str) -> Proposed {
    let roles = vec!["facility".to_owned()];
    let facilities = vec!["ImspTQPwCqd".to_owned()];
    let proposal = Proposal { name: name.to_owned(), roles, facilities, quota: None };
    registry.propose_account(&proposal, by, now()).await.unwrap()
}

fn external(origin: &'static str, subject: &str, called: &str, role: &str) -> External {
    External {
        origin,
        subject: subject.to_owned(),
        called: called.to_owned(),
        roles: vec![role.to_owned()],
        facilities: vec!["ImspTQPwCqd".to_owned()],
        vouched: Vouched::NotIssuing,
    }
}

#[test]
fn f03_one_person_with_two_accounts_approves_once() {
    on_each(async |database| {
        let registry = database.open().await;
        let approve = async |name: &str, by: &str| registry.approve_account(name, by, now()).await.unwrap();
        let know = async |one: External, marks: &[[u8; 32]]| {
            let name = registry.know_account(&one, now()).await.unwrap().name;
            registry.know_person(&name, marks).await.unwrap();
            name
        };
        // By the address that both origins tell; the names are different.
        let amara = know(external("dhis2", "Uamara00000", "amara", "approver"), &[[1; 32], [2; 32]]).await;
        let other = know(external("oidc", "f3c1", "a.kone", "approver"), &[[2; 32]]).await;
        propose(&registry, "user:clinic", "user:chief").await;
        assert_eq!(approve("user:clinic", &amara).await, Approval::OneMore);
        assert_eq!(approve("user:clinic", &other).await, Approval::Twice);
        // By the name, in whatever letters, at another origin.
        for same in ["user:amara", "oidc:Amara"] {
            assert_eq!(approve("user:clinic", same).await, Approval::Twice, "{same}");
        }
        assert_eq!(approve("user:clinic", "user:badr").await, Approval::Active);
        // Nobody approves an account of their own by another of theirs, nor proposes it.
        let own = know(external("dhis2", "Uclerk00000", "clerk", "facility"), &[[3; 32]]).await;
        let door = know(external("oidc", "9a", "c.diallo", "approver"), &[[3; 32]]).await;
        assert_eq!(approve(&own, &door).await, Approval::Own);
        assert_eq!(approve(&own, "user:clerk").await, Approval::Own);
        assert_eq!(propose(&registry, "user:clerk", &own).await, Proposed::Own);
        assert_eq!(approve(&own, "user:one").await, Approval::OneMore);
        // What was once known of a person stays, whatever the origin says later; and there is an end to it.
        know(external("oidc", "9a", "c.diallo", "approver"), &[[4; 32]]).await;
        assert_eq!(approve(&own, &door).await, Approval::Own);
        let many: Vec<[u8; 32]> = (0..=255).map(|byte| [byte; 32]).collect();
        registry.know_person(&door, &many).await.unwrap();
        let last = know(external("dhis2", "Ulast000000", "last", "approver"), &[[255; 32]]).await;
        propose(&registry, "user:ward", "user:chief").await;
        assert_eq!(approve("user:ward", &door).await, Approval::OneMore);
        assert_eq!(approve("user:ward", &last).await, Approval::Active, "the marks of one account are bounded");
    });
}

#[tokio::test]
async fn f03_two_accounts_of_dhis2_with_one_address_are_one_approver() {
    let (_dhis2, site) = with(vec![
        user("amara", APPROVERS, "amara@health.example"),
        user("a_kone", APPROVERS, " Amara@Health.example"),
        user("badr", APPROVERS, "badr@health.example"),
        user("nurse", CLINICS, "nurse@health.example"),
    ])
    .await;
    assert_eq!(site.call(Method::GET, "/v1/me", &basic("nurse", "pw"), None).await.status, StatusCode::OK);
    let approve = async |name: &str| {
        let answer = site.call(Method::POST, "/v1/approvals/dhis2:nurse", &basic(name, "pw"), None).await;
        (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(approve("amara").await.0, 200);
    assert_eq!(approve("a_kone").await, (409, "approved-twice".to_owned()));
    assert_eq!(approve("badr").await.0, 200);
    let nurse = site.registry.account("dhis2:nurse").await.unwrap().unwrap();
    assert_eq!((nurse.effective(), nurse.approvers.len()), (vec!["facility"], 2));
}

async fn log_in(site: &Site, name: &str) -> String {
    let answer = site.send("/login", "", &[("name", name), ("password", "pw"), ("next", "/users")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.cookie()
}

#[tokio::test]
async fn a_lost_group_counts_within_a_quarter_of_an_hour() {
    let (dhis2, site) = with(vec![user("auditor", AUDITORS, "")]).await;
    let groups = |groups: Vec<(&'static str, &'static str)>| {
        dhis2.users.lock().unwrap().get_mut("auditor").unwrap().groups = groups;
    };
    let quarter = SignedDuration::from_secs(limits::GROUPS_SECONDS);
    let looked_up = || dhis2.looked_up.load(Ordering::SeqCst);
    let cookie = log_in(&site, "auditor").await;
    let token = site.token("dhis2:auditor", &[Right::Audit], 7).await;
    let page = async |cookie: &str| site.look("/users", cookie).await.status;
    let by_token = async || site.call(Method::GET, "/v1/me", &token, None).await.status;
    assert_eq!((page(&cookie).await, by_token().await), (StatusCode::OK, StatusCode::OK));
    groups(vec![("x", "Cleaners")]);
    site.clock.forward(quarter.checked_sub(SignedDuration::from_secs(1)).unwrap());
    assert_eq!((page(&cookie).await, looked_up()), (StatusCode::OK, 0), "not before its time");
    site.clock.forward(SignedDuration::from_secs(1));
    assert_eq!(page(&cookie).await, StatusCode::SEE_OTHER, "to the page for logging in");
    assert_eq!((page(&cookie).await, by_token().await), (StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED));
    assert_eq!(looked_up(), 1, "once is enough");
    // Back in the group, a login counts at once, and so does the token.
    groups(vec![AUDITORS]);
    site.clock.forward(SignedDuration::from_secs(limits::LOGIN_CACHE_SECONDS));
    let again = log_in(&site, "auditor").await;
    assert_eq!((page(&again).await, by_token().await), (StatusCode::OK, StatusCode::OK));
    assert_eq!(page(&cookie).await, StatusCode::SEE_OTHER, "the old session has ended");
    // Other groups, other rights, without another login.
    groups(vec![APPROVERS]);
    site.clock.forward(quarter);
    let me = site.look("/v1/me", &again).await.json();
    assert_eq!(me["roles"], json!(["approver"]), "{me}");
    // Removed altogether.
    dhis2.users.lock().unwrap().clear();
    site.clock.forward(quarter);
    assert_eq!(page(&again).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn with_dhis2_away_a_session_goes_on_to_its_end() {
    let (dhis2, site) = with(vec![user("auditor", AUDITORS, "")]).await;
    let looked_up = || dhis2.looked_up.load(Ordering::SeqCst);
    let cookie = log_in(&site, "auditor").await;
    let page = async || site.look("/users", &cookie).await.status;
    // A server that does not show its users is as one that is away; it is asked again after a while, not every time.
    dhis2.hides_users.store(true, Ordering::SeqCst);
    dhis2.users.lock().unwrap().get_mut("auditor").unwrap().groups.clear();
    site.clock.forward(SignedDuration::from_secs(limits::GROUPS_SECONDS));
    assert_eq!((page().await, page().await, looked_up()), (StatusCode::OK, StatusCode::OK, 1));
    site.clock.forward(SignedDuration::from_secs(limits::GROUPS_RETRY_SECONDS));
    assert_eq!((page().await, looked_up()), (StatusCode::OK, 2));
    drop(dhis2);
    let mut hours = 0;
    while page().await == StatusCode::OK {
        hours += 1;
        assert!(hours < 60, "no session lasts for ever");
        site.clock.forward(SignedDuration::from_mins(20));
    }
    assert!(hours > 10, "{hours} times twenty minutes");
}
