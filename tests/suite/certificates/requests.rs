//! Requests under a key, as the registry remembers them.

use jiff::Timestamp;
use vaccert::registry::{Admitted, Keyed};

use crate::support::database::on_each;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn request<'a>(actor: &'a str, key: &'a str, digest: u8, owner: &'a str) -> Keyed<'a> {
    Keyed { actor, key, digest: [digest; 32], owner }
}

#[test]
fn a_request_is_done_once_and_answered_alike() {
    on_each(async |database| {
        let registry = database.open().await;
        let mine = request("token:a", "key 1", 1, "one");
        assert_eq!(registry.begin_request(mine, at(0)).await.unwrap(), Admitted::Go);
        // While it is being done, by whomever; and of another sender it is another.
        let again = request("token:a", "key 1", 1, "two");
        assert_eq!(registry.begin_request(again, at(1)).await.unwrap(), Admitted::Underway);
        assert_eq!(registry.begin_request(request("token:b", "key 1", 1, "two"), at(1)).await.unwrap(), Admitted::Go);
        assert_eq!(registry.begin_request(request("token:a", "key 1", 2, "x"), at(1)).await.unwrap(), Admitted::Other);
        // Only who is at it may say what came of it.
        registry.answer_request(again, "created", "wrong").await.unwrap();
        assert_eq!(registry.begin_request(again, at(1)).await.unwrap(), Admitted::Underway);
        registry.answer_request(mine, "created", "{\"id\":1}").await.unwrap();
        registry.answer_request(mine, "created", "another").await.unwrap();
        registry.free_request(mine).await.unwrap();
        let answered = Admitted::Answered { kind: "created".into(), answer: "{\"id\":1}".into() };
        assert_eq!(registry.begin_request(again, at(2)).await.unwrap(), answered);
        // Kept for 48 hours, and then it is another.
        assert_eq!(registry.begin_request(again, at(48 * 3600 - 1)).await.unwrap(), answered);
        assert_eq!(registry.begin_request(again, at(48 * 3600 + 1)).await.unwrap(), Admitted::Go);
    });
}

#[test]
fn a_request_whose_program_was_killed_is_taken_over_and_one_that_failed_is_free_again() {
    on_each(async |database| {
        let registry = database.open().await;
        let killed = request("token:a", "k", 1, "killed");
        assert_eq!(registry.begin_request(killed, at(0)).await.unwrap(), Admitted::Go);
        let next = request("token:a", "k", 1, "next");
        assert_eq!(registry.begin_request(next, at(9)).await.unwrap(), Admitted::Underway);
        assert_eq!(registry.begin_request(next, at(11)).await.unwrap(), Admitted::Go);
        // The one that was thought dead comes back too late.
        registry.answer_request(killed, "all", "late").await.unwrap();
        registry.free_request(killed).await.unwrap();
        assert_eq!(registry.begin_request(request("token:a", "k", 1, "z"), at(12)).await.unwrap(), Admitted::Underway);
        registry.free_request(next).await.unwrap();
        assert_eq!(registry.begin_request(request("token:a", "k", 7, "z"), at(13)).await.unwrap(), Admitted::Go);
    });
}
