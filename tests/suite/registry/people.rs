//! What citizens are found by, on both databases: marks, codes, sessions, links, notices, cases.

use jiff::{SignedDuration, Timestamp};
use vaccert::registry::{
    Candidate, Content, Envelope, Origin, Registry, Sealed,
    people::{
        Allowance, CaseKind, CaseState, CodeRequest, Mark, NewCase, NoticeKind, NoticeOutcome, PersonMarks,
        SessionTimes,
    },
};

use crate::support::database::on_each;

const TIMES: SessionTimes = SessionTimes { idle: SignedDuration::from_mins(15), most: SignedDuration::from_hours(2) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn mark(n: u8) -> Mark {
    [n; 32]
}

async fn certify(registry: &Registry, person: &str, expires: Timestamp) -> String {
    let content = Content { format: "eu-dcc".into(), digest: [1; 32], wanted: true };
    let candidate = Candidate {
        tracked_entity: person.into(),
        event: "E".into(),
        contents: vec![content],
        origin: Origin::default(),
    };
    let id = format!("ID-{person}");
    let named = id.clone();
    registry.claim(&[candidate], move || named.clone(), "me", at(0)).await.unwrap();
    let envelope = Envelope {
        format: "eu-dcc".into(),
        content: [1; 32],
        text: "HC1:X".into(),
        kid: vec![1],
        algorithm: "ES256".into(),
        issued_at: at(0),
        expires_at: expires,
        listed_as: None,
    };
    let sealed = Sealed { id: id.clone(), envelopes: vec![envelope] };
    registry.store(&[sealed], "me", at(0)).await.unwrap().remove(0).unwrap();
    id
}

fn marks(person: &str, identifier: u8, contact: Option<u8>) -> PersonMarks {
    PersonMarks {
        tracked_entity: person.into(),
        birth: mark(9),
        contact: contact.map(mark),
        language: Some("sw".into()),
        identifiers: vec![
            ("national-id".into(), mark(identifier), mark(8)),
            ("national-id".into(), mark(identifier), mark(8)),
        ],
    }
}

fn request(id: u8, identifier: u8) -> CodeRequest {
    CodeRequest {
        id: mark(id),
        kind: "national-id".into(),
        mark: mark(identifier),
        births: vec![mark(7), mark(8)],
        language: "en".into(),
    }
}

#[test]
fn only_people_with_certificates_are_found_and_by_all_their_marks() {
    on_each(async |database| {
        let registry = database.open().await;
        certify(&registry, "A", at(1_000)).await;
        let people = [marks("A", 1, Some(5)), marks("B", 2, Some(5)), marks("A", 1, Some(5))];
        registry.index_people(&people, &["C".into()], at(0)).await.unwrap();
        let found = registry.find_people("national-id", &mark(1), &[mark(7), mark(8)]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].contact, found[0].language.as_deref()), (Some(mark(5)), Some("sw")));
        for (kind, identifier, births) in
            [("passport", 1, &[mark(8)][..]), ("national-id", 1, &[mark(7)]), ("national-id", 2, &[mark(8)])]
        {
            assert!(registry.find_people(kind, &mark(identifier), births).await.unwrap().is_empty());
        }
        // Read again with another number and without a telephone; then gone.
        registry.index_people(&[marks("A", 3, None)], &[], at(1)).await.unwrap();
        assert!(registry.find_people("national-id", &mark(1), &[mark(8)]).await.unwrap().is_empty());
        assert_eq!(registry.find_people("national-id", &mark(3), &[mark(8)]).await.unwrap()[0].contact, None);
        registry.index_people(&[], &["A".into()], at(2)).await.unwrap();
        assert_eq!(registry.indexed_person("A").await.unwrap(), None);
    });
}

#[test]
fn a_code_is_taken_once_armed_and_used_once() {
    on_each(async |database| {
        let (one, other) = (database.open().await, database.open().await);
        assert!(one.ask_code(&request(1, 1), &[], at(600), at(0)).await.unwrap());
        let lease = SignedDuration::from_secs(60);
        let taken = one.take_codes(10, lease, at(0)).await.unwrap();
        assert_eq!((taken.len(), &taken[0].request), (1, &request(1, 1)));
        assert!(other.take_codes(10, lease, at(1)).await.unwrap().is_empty(), "it is leased");
        assert_eq!(other.take_codes(10, lease, at(61)).await.unwrap().len(), 1, "the lease ran out");
        assert!(!one.try_code(&mark(1), &mark(2), &mark(50), &[], at(62)).await.unwrap(), "no code is out yet");
        let rule = Allowance::new("codes", 1, SignedDuration::from_hours(1));
        let contact = mark(5);
        let wanted = [(rule, contact.as_slice())];
        assert!(one.arm_code(&mark(1), &mark(2), &contact, &["A".into(), "B".into()], &wanted, at(62)).await.unwrap());
        assert!(
            !one.arm_code(&mark(1), &mark(3), &contact, &[], &wanted, at(62)).await.unwrap(),
            "the allowance is spent"
        );
        one.settle_code(&mark(1), true, None).await.unwrap();
        assert!(!one.try_code(&mark(1), &mark(3), &mark(50), &[], at(63)).await.unwrap());
        assert!(one.try_code(&mark(1), &mark(2), &mark(51), &[], at(64)).await.unwrap());
        assert!(!other.try_code(&mark(1), &mark(2), &mark(52), &[], at(65)).await.unwrap(), "single use");
        let session = other.citizen_session(&mark(51), TIMES, at(70)).await.unwrap().unwrap();
        assert_eq!(
            (session.contact, session.people.as_slice()),
            (Some(contact), &["A".to_owned(), "B".to_owned()][..])
        );
        assert_eq!(one.citizen_session(&mark(50), TIMES, at(70)).await.unwrap(), None);
        assert_eq!(one.citizen_session(&mark(51), TIMES, at(70 + 901)).await.unwrap(), None, "idle");
        one.end_citizen_session(&mark(51)).await.unwrap();
        assert_eq!(other.citizen_session(&mark(51), TIMES, at(71)).await.unwrap(), None);
        // Two that try the right code at once: one session.
        one.ask_code(&request(2, 1), &[], at(600), at(0)).await.unwrap();
        one.take_codes(10, lease, at(200)).await.unwrap();
        one.arm_code(&mark(2), &mark(4), &contact, &["A".into()], &[], at(200)).await.unwrap();
        let (first, second) = (mark(60), mark(61));
        let (asked, code) = (mark(2), mark(4));
        let both = tokio::join!(
            one.try_code(&asked, &code, &first, &[], at(201)),
            other.try_code(&asked, &code, &second, &[], at(201))
        );
        assert_ne!(both.0.unwrap(), both.1.unwrap());
        assert!(one.sweep_citizens(at(100_000)).await.unwrap() >= 3);
    });
}

#[test]
fn allowances_are_one_for_all_replicas() {
    on_each(async |database| {
        let (one, other) = (database.open().await, database.open().await);
        let rule = Allowance::new("questions", 10, SignedDuration::from_mins(15));
        let block = mark(3);
        let mut taken = 0;
        for n in 0..15 {
            let registry = if n % 2 == 0 { &one } else { &other };
            taken += u32::from(registry.spend(&[(rule, block.as_slice())], at(0)).await.unwrap());
        }
        assert_eq!(taken, 10);
        let second = Allowance::new("questions, day", 1, SignedDuration::from_hours(24));
        let both = [(second, block.as_slice()), (rule, block.as_slice())];
        assert!(!one.spend(&both, at(1)).await.unwrap(), "none of any");
        assert!(one.spend(&[(second, block.as_slice())], at(1)).await.unwrap(), "it was not taken then");
        assert!(one.spend(&[(rule, block.as_slice())], at(91)).await.unwrap(), "one came back");
    });
}

#[test]
fn links_open_once_and_end() {
    on_each(async |database| {
        let registry = database.open().await;
        certify(&registry, "A", at(1_000)).await;
        registry.index_people(&[marks("A", 1, Some(5))], &[], at(0)).await.unwrap();
        let births = |birth: u8| move |_: &str| vec![mark(1), mark(birth)];
        for token in [1, 2, 3] {
            registry.make_link(&mark(token), "A", at(100)).await.unwrap();
        }
        let open = async |token: u8, birth: u8, now: i64| {
            registry.open_link(&mark(token), births(birth), &mark(70 + token), &[], at(now)).await.unwrap()
        };
        assert!(!open(1, 4, 10).await && open(1, 9, 10).await && !open(1, 9, 10).await);
        assert_eq!(registry.citizen_session(&mark(71), TIMES, at(11)).await.unwrap().unwrap().people, ["A"]);
        for _ in 0..5 {
            assert!(!open(2, 4, 10).await);
        }
        assert!(!open(2, 9, 10).await, "five tries");
        assert!(!open(3, 9, 100).await, "its end");
        assert!(!open(99, 9, 10).await, "never made");
    });
}

#[test]
fn notices_are_due_once() {
    on_each(async |database| {
        let registry = database.open().await;
        let soon = certify(&registry, "A", at(10_000)).await;
        let later = certify(&registry, "B", at(900_000)).await;
        certify(&registry, "C", at(10_000)).await;
        let people = [marks("A", 1, Some(5)), marks("B", 2, Some(5)), marks("C", 3, None)];
        registry.index_people(&people, &[], at(0)).await.unwrap();
        let ready = [(soon.clone(), "A".to_owned()), (later, "B".to_owned())];
        assert_eq!(registry.note_ready(&ready, at(0)).await.unwrap(), 2);
        assert_eq!(registry.note_ready(&ready, at(0)).await.unwrap(), 0);
        assert_eq!(registry.note_expiring(at(20_000), 10, at(0)).await.unwrap(), 1, "C has no number");
        assert_eq!(registry.note_expiring(at(20_000), 10, at(0)).await.unwrap(), 0);
        let taken = registry.take_notices(10, at(90), at(1)).await.unwrap();
        assert_eq!(taken.len(), 3);
        assert!(registry.take_notices(10, at(90), at(2)).await.unwrap().is_empty());
        assert!(taken.iter().any(|notice| notice.kind == NoticeKind::Expires && notice.certificate == soon));
        registry.settle_notice(taken[0].number, NoticeOutcome::Sent).await.unwrap();
        registry.settle_notice(taken[1].number, NoticeOutcome::Again(at(50))).await.unwrap();
        // The third was taken by somebody who is gone: it may have gone out, and is left alone.
        let again = registry.take_notices(10, at(200), at(95)).await.unwrap();
        assert_eq!((again.len(), again[0].number, again[0].tries), (1, taken[1].number, 1));
        let counts = registry.notice_counts().await.unwrap();
        assert_eq!(counts, [("sending".to_owned(), 1), ("sent".to_owned(), 1), ("unsure".to_owned(), 1)]);
    });
}

#[test]
fn cases_keep_their_history() {
    on_each(async |database| {
        let registry = database.open().await;
        let case = |reference: &str, person: Option<&str>| NewCase {
            reference: reference.into(),
            kind: CaseKind::Name,
            tracked_entity: person.map(str::to_owned),
            certificate: None,
            text: "ສົມຈິດ\nis spelt otherwise".into(),
        };
        let first = registry.open_case(&case("AAAA-BBBB", Some("A")), &[], at(0)).await.unwrap().unwrap();
        registry.open_case(&case("CCCC-DDDD", None), &[], at(1)).await.unwrap().unwrap();
        assert_eq!(registry.open_cases().await.unwrap(), 2);
        let now = at(5);
        assert!(registry.decide_case(first, CaseState::Answered, "clerk", "looked at", now).await.unwrap());
        assert!(registry.decide_case(first, CaseState::Closed, "clerk", "done", at(6)).await.unwrap());
        assert!(!registry.decide_case(9_999, CaseState::Closed, "clerk", "done", at(6)).await.unwrap());
        let (found, steps) = registry.case_by_number(first).await.unwrap().unwrap();
        assert_eq!((found.state, found.changed_at, steps.len()), (CaseState::Closed, at(6), 2));
        assert_eq!(steps[0].note, "looked at");
        assert_eq!(registry.cases(Some(CaseState::Open), 0, 10).await.unwrap().len(), 1);
        assert_eq!(registry.cases(None, first, 10).await.unwrap().len(), 1);
        assert_eq!(registry.cases_of("A", 10).await.unwrap().len(), 1);
        let long = NewCase { text: "x".repeat(2_001), ..case("EEEE-FFFF", None) };
        assert!(registry.open_case(&long, &[], at(0)).await.is_err());
        // Each of it stands in the log, which the words of citizen and operator never reach.
        let rows = registry.audit_records(0, 100).await.unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.action.as_str(), row.actor_kind.as_str(), row.actor.as_deref(), row.object.as_deref()))
            .collect();
        let one = first.to_string();
        let (two, one) = ((first + 1).to_string(), Some(one.as_str()));
        assert_eq!(
            told,
            [
                ("case-opened", "citizen", None, one),
                ("case-opened", "anybody", None, Some(two.as_str())),
                ("case-changed", "system", Some("clerk"), one),
                ("case-closed", "system", Some("clerk"), one),
            ]
        );
        let details = |at: usize| rows[at].details.clone().unwrap();
        assert_eq!(details(3), r#"{"from":"answered","kind":"name","to":"closed"}"#);
        let all = format!("{rows:?}");
        assert!(!all.contains("ສົມຈິດ") && !all.contains("looked at") && !all.contains("AAAA"), "{all}");
    });
}
