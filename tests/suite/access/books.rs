//! Accounts, tokens, sessions, counts and alerts in both databases.

use jiff::{SignedDuration, Timestamp};
use vaccert::registry::{
    AccountState, AlertKind, Approval, External, NewSession, NewToken, Proposal, Proposed, Registry, Vouched,
};

use super::house::now;
use crate::support::database::on_each;

fn later(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn proposal(name: &str, roles: &[&str]) -> Proposal {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Proposal { name: name.to_owned(), roles, facilities: vec!["ImspTQPwCqd".to_owned()], quota: None }
}

async fn propose(registry: &Registry, name: &str, roles: &[&str]) -> Proposed {
    registry.propose_account(&proposal(name, roles), "user:chief", now()).await.unwrap()
}

#[test]
fn the_first_admin_is_made_once() {
    on_each(async |database| {
        let registry = database.open().await;
        let roles = ["approver".to_owned()];
        assert!(registry.make_first_admin("user:amina", &roles, now()).await.unwrap());
        assert!(!registry.make_first_admin("user:badr", &roles, now()).await.unwrap(), "there is one");
        let first = registry.account("user:amina").await.unwrap().unwrap();
        assert_eq!(first.effective(), ["admin", "approver"]);
        // Closed, she is none any more, and the machine makes the next.
        assert!(registry.close_account("user:amina", "user:badr", now()).await.unwrap());
        assert!(!registry.make_first_admin("user:amina", &roles, now()).await.unwrap(), "a closed name stays closed");
        assert!(registry.make_first_admin("user:badr", &roles, now()).await.unwrap());
    });
}

#[test]
fn f03_an_account_that_issues_needs_two_different_approvers() {
    on_each(async |database| {
        let registry = database.open().await;
        let approve = async |name: &str, by: &str| registry.approve_account(name, by, now()).await.unwrap();
        assert_eq!(propose(&registry, "user:clinic", &["facility"]).await, Proposed::Waits);
        assert_eq!(propose(&registry, "user:clinic", &["facility"]).await, Proposed::Unchanged);
        assert_eq!(approve("user:clinic", "user:clinic").await, Approval::Own);
        assert_eq!(approve("user:clinic", "user:one").await, Approval::OneMore);
        assert_eq!(approve("user:clinic", "user:one").await, Approval::Twice);
        assert_eq!(approve("user:clinic", "user:clinic").await, Approval::Own);
        let waiting = registry.account("user:clinic").await.unwrap().unwrap();
        assert_eq!((waiting.effective(), waiting.approvals_missing()), (vec![], 1));
        assert_eq!(registry.accounts(true, "", 10).await.unwrap().len(), 1);
        assert_eq!(approve("user:clinic", "user:two").await, Approval::Active);
        assert_eq!(approve("user:clinic", "user:three").await, Approval::NotPending);
        assert_eq!(registry.account("user:clinic").await.unwrap().unwrap().effective(), ["facility"]);
        // Nobody issues by one approval, and nobody proposes himself.
        let own = registry.propose_account(&proposal("user:x", &["operator"]), "user:x", now()).await.unwrap();
        assert_eq!(own, Proposed::Own);
        assert_eq!(propose(&registry, "user:clerk", &["auditor"]).await, Proposed::Waits);
        assert_eq!(approve("user:clerk", "user:one").await, Approval::Active, "one is enough where nothing is issued");
        // What was approved was something else: the approvals are gone with the change.
        assert_eq!(propose(&registry, "user:clerk", &["auditor", "operator"]).await, Proposed::Waits);
        let changed = registry.account("user:clerk").await.unwrap().unwrap();
        assert_eq!((changed.state, changed.approvals_missing()), (AccountState::Pending, 2));
        assert!(changed.effective().is_empty());
        assert_eq!(approve("user:nobody", "user:one").await, Approval::Unknown);
        assert!(registry.refuse_account("user:clerk", "user:two", now()).await.unwrap());
        assert_eq!(registry.account("user:clerk").await.unwrap().unwrap().state, AccountState::Closed);
    });
}

#[tokio::test]
async fn f03_the_schema_itself_refuses_an_account_that_approves_itself() {
    use sqlx::{Connection as _, Executor as _};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("registry.db");
    let registry = Registry::open(path.to_str().unwrap(), Default::default()).await.unwrap();
    propose(&registry, "user:clinic", &["facility"]).await;
    registry.approve_account("user:clinic", "user:one", now()).await.unwrap();
    let mut raw = sqlx::SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    for change in [
        "approver_one = name",
        "approver_two = name",
        "approver_two = approver_one",
        "approver_one = NULL, approver_two = 'user:two'",
        "state = 'active'",
        "issuing = 0",
        "vouched = 2",
        "proposed_by = name",
        "state = 'active', issuing = 0, roles = 'operator'",
    ] {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE account SET {change} WHERE name = 'user:clinic'"));
        let refused = raw.execute(sqlx::raw_sql(sql)).await;
        let code = refused.as_ref().err().and_then(|e| e.as_database_error()?.code().map(|c| c.into_owned()));
        assert_eq!(code.as_deref(), Some("275"), "CHECK must refuse: {change}");
    }
    let good = sqlx::AssertSqlSafe("UPDATE account SET approver_two = 'user:two', state = 'active'".to_owned());
    raw.execute(sqlx::raw_sql(good)).await.unwrap();
}

fn external(subject: &str, called: &str, roles: &[&str], vouched: Vouched) -> External {
    External {
        origin: "dhis2",
        subject: subject.to_owned(),
        called: called.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        facilities: vec!["ImspTQPwCqd".to_owned()],
        vouched,
    }
}

#[test]
fn what_another_system_vouches_for_is_followed_and_never_issues_by_itself() {
    on_each(async |database| {
        let registry = database.open().await;
        let know = async |known: External| registry.know_account(&known, now()).await.unwrap();
        let nurse = |roles: &[&str]| external("U1", "nurse", roles, Vouched::NotIssuing);
        let first = know(nurse(&["facility", "verifier"])).await;
        assert_eq!((first.name.as_str(), first.state), ("dhis2:nurse", AccountState::Pending));
        assert_eq!(first.effective(), ["verifier"], "what does not issue counts at once");
        for by in ["user:one", "user:two"] {
            registry.approve_account("dhis2:nurse", by, now()).await.unwrap();
        }
        assert_eq!(know(nurse(&["facility", "verifier"])).await.effective(), ["facility", "verifier"]);
        // Fewer roles need nobody; more that issue begin anew.
        assert_eq!(know(nurse(&["facility"])).await.effective(), ["facility"]);
        let more = know(nurse(&["facility", "operator"])).await;
        assert_eq!((more.state, more.approvals_missing(), more.effective()), (AccountState::Pending, 2, vec![]));
        // Another user who has the name of the first now.
        let other = know(external("U2", "nurse", &["auditor"], Vouched::NotIssuing)).await;
        assert_eq!((other.name.as_str(), other.state), ("dhis2:U2", AccountState::Active));
        assert_eq!(know(external("U1", "renamed", &["verifier"], Vouched::NotIssuing)).await.name, "dhis2:nurse");
        // Where the configuration says that the group is enough, it is.
        let trusted = know(external("U3", "clerk", &["operator"], Vouched::Everything)).await;
        assert_eq!(trusted.effective(), ["operator"]);
        assert_eq!(know(external("U3", "clerk", &["operator"], Vouched::NotIssuing)).await.effective().len(), 0);
        // Closed stays closed, whatever the other system says.
        assert!(registry.close_account("dhis2:U2", "user:chief", now()).await.unwrap());
        let closed = know(external("U2", "nurse", &["auditor", "admin"], Vouched::Everything)).await;
        assert_eq!((closed.state, closed.effective().len()), (AccountState::Closed, 0));
        assert_eq!(propose(&registry, "dhis2:nurse", &["operator"]).await, Proposed::Foreign);
    });
}

fn token<'a>(id: &'a str, hash: &'a [u8; 32], account: &'a str, rights: &'a [String]) -> NewToken<'a> {
    let (label, made_by, expires_at) = ("test", "user:chief", later(3_600));
    NewToken { id, hash, account, label, rights, facilities: &[], made_by, expires_at }
}

#[test]
fn a_token_ends_by_time_by_revocation_and_with_its_account() {
    on_each(async |database| {
        let registry = database.open().await;
        propose(&registry, "user:a", &["auditor"]).await;
        registry.approve_account("user:a", "user:one", now()).await.unwrap();
        let rights = ["read".to_owned()];
        for (id, byte) in [("t1", 1), ("t2", 2)] {
            assert!(registry.make_token(&token(id, &[byte; 32], "user:a", &rights), now()).await.unwrap());
        }
        assert!(!registry.make_token(&token("t3", &[3; 32], "user:nobody", &rights), now()).await.unwrap());
        let (found, account) = registry.token(&[1; 32], later(10)).await.unwrap().unwrap();
        assert_eq!((found.rights, account.name.as_str()), (vec!["read".to_owned()], "user:a"));
        let used = registry.token_by_id("t1").await.unwrap().unwrap().used_on.unwrap();
        assert_eq!(used.to_string(), "2026-11-20T00:00:00Z", "the day alone is noted");
        assert!(registry.token(&[1; 32], later(3_600)).await.unwrap().is_none(), "at its end it is over");
        assert!(registry.token(&[9; 32], now()).await.unwrap().is_none());
        assert!(registry.revoke_token("t1", "user:chief", now()).await.unwrap());
        assert!(!registry.revoke_token("t1", "user:chief", now()).await.unwrap());
        assert!(registry.token(&[1; 32], now()).await.unwrap().is_none());
        assert!(registry.close_account("user:a", "user:chief", now()).await.unwrap());
        assert!(registry.token(&[2; 32], now()).await.unwrap().is_none());
        assert_eq!(registry.tokens(Some("user:a"), 10).await.unwrap().len(), 2, "the list remembers them");
    });
}

#[test]
fn a_session_ends_by_idleness_by_time_and_with_its_token() {
    on_each(async |database| {
        let registry = database.open().await;
        propose(&registry, "user:a", &["auditor"]).await;
        registry.approve_account("user:a", "user:one", now()).await.unwrap();
        let rights = ["read".to_owned()];
        registry.make_token(&token("t1", &[1; 32], "user:a", &rights), now()).await.unwrap();
        let idle = SignedDuration::from_mins(30);
        let begin = async |byte: u8, by: Option<&str>| {
            let new =
                NewSession { hash: &[byte; 32], account: "user:a", token: by, ends_at: later(7_200), asked: None };
            registry.begin_session(&new, now()).await.unwrap();
        };
        let stands = async |byte: u8, at: Timestamp| registry.session(&[byte; 32], idle, at).await.unwrap().is_some();
        begin(1, None).await;
        assert!(stands(1, later(1_799)).await);
        assert!(stands(1, later(3_500)).await, "its use has kept it");
        assert!(!stands(1, later(3_500 + 1_800)).await, "unused for half an hour");
        begin(2, None).await;
        for at in (1_000..7_200).step_by(1_000) {
            assert!(stands(2, later(at)).await, "{at}");
        }
        assert!(!stands(2, later(7_200)).await, "no use keeps it for ever");
        begin(3, Some("t1")).await;
        assert!(stands(3, later(60)).await);
        registry.revoke_token("t1", "user:chief", later(61)).await.unwrap();
        assert!(!stands(3, later(62)).await);
        begin(4, None).await;
        registry.end_session(&[4; 32], now()).await.unwrap();
        assert!(!stands(4, now()).await);
        begin(5, None).await;
        registry.close_account("user:a", "user:chief", now()).await.unwrap();
        assert!(!stands(5, now()).await);
    });
}

#[test]
fn replicas_never_go_over_a_bound_together() {
    on_each(async |database| {
        let (one, two) = (database.open().await, database.open().await);
        let hour = SignedDuration::from_hours(1);
        let tries = (0..60).map(|n| {
            let registry = if n % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move { registry.count_up("issue user:a", 3, 100, hour, now()).await.unwrap().allowed })
        });
        let done = futures_util::future::join_all(tries).await;
        let allowed = done.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert_eq!(allowed, 33, "33 times 3 is 99, and one more would be 102");
        let (used, until) = one.counted("issue user:a", hour, now()).await.unwrap();
        assert_eq!((used, until), (99, later(3_600)));
        one.count_back("issue user:a", 9, hour, now()).await.unwrap();
        assert_eq!(one.counted("issue user:a", hour, now()).await.unwrap().0, 90);
        one.count_back("issue user:a", 500, hour, now()).await.unwrap();
        assert_eq!(one.counted("issue user:a", hour, now()).await.unwrap().0, 0, "never below nothing");
        // The next hour begins with nothing, and forgets the last.
        assert!(two.count_up("issue user:b", 1, 1, hour, later(3_600)).await.unwrap().allowed);
        assert_eq!(one.counted("issue user:a", hour, later(3_600)).await.unwrap().0, 0);
    });
}

#[test]
fn an_alert_is_one_an_hour_and_opens_again() {
    on_each(async |database| {
        let registry = database.open().await;
        for seconds in [0, 5, 10] {
            registry.raise_alert(AlertKind::Quota, "user:a", later(seconds)).await.unwrap();
        }
        registry.raise_alert(AlertKind::OffHours, "user:a", later(3_600)).await.unwrap();
        let open = registry.alerts(true, 10).await.unwrap();
        assert_eq!(open.iter().map(|alert| alert.times).collect::<Vec<_>>(), [1, 3]);
        let number = open[1].number;
        assert!(registry.see_alert(number, "user:b", later(20)).await.unwrap());
        assert!(!registry.see_alert(number, "user:b", later(20)).await.unwrap());
        assert_eq!(registry.alerts(true, 10).await.unwrap().len(), 1);
        registry.raise_alert(AlertKind::Quota, "user:a", later(30)).await.unwrap();
        let again = registry.alerts(true, 10).await.unwrap();
        assert!(again.iter().any(|alert| alert.times == 4 && alert.seen_by.is_none()));
    });
}

#[test]
fn every_change_stands_in_the_audit_log() {
    on_each(async |database| {
        let registry = database.open().await;
        registry.make_first_admin("user:chief", &[], now()).await.unwrap();
        propose(&registry, "user:clinic", &["facility"]).await;
        registry.approve_account("user:clinic", "user:one", now()).await.unwrap();
        registry.approve_account("user:clinic", "user:two", now()).await.unwrap();
        let rights = ["issue".to_owned()];
        registry.make_token(&token("t1", &[1; 32], "user:clinic", &rights), now()).await.unwrap();
        registry.revoke_token("t1", "user:chief", now()).await.unwrap();
        registry.raise_alert(AlertKind::Quota, "user:clinic", now()).await.unwrap();
        registry.close_account("user:clinic", "user:chief", now()).await.unwrap();
        let rows = registry.audit_records(0, 100).await.unwrap();
        let deeds: Vec<String> = rows.iter().map(|row| row.action.clone()).collect();
        let expected = [
            "account-made",
            "account-asked",
            "approval-given",
            "approval-given",
            "token-made",
            "token-ended",
            "quota-reached",
            "account-closed",
        ];
        assert_eq!(deeds, expected);
    });
}
