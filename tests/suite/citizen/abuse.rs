//! Guessing, flooding, timing, and what is written down.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use jiff::SignedDuration;
use vaccert::issue::Format;

use super::{Answer, Town, national, person};

const BORN: (&str, &str, &str) = ("19", "3", "1984");

fn people() -> Vec<vaccert::sandbox::dhis2::people::Person> {
    let mut people = vec![person(1, Some("0700000001"), "1984-03-19"), person(2, None, "1984-03-19")];
    people.extend((10..40).map(|number| person(number, Some(&format!("07100000{number}")), "1984-03-19")));
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn f33_a_code_works_once_for_ten_minutes_and_for_five_tries() {
    let town = Town::new(people(), |_| ()).await;
    let wrong = |code: &str| if code == "000000" { "000001".to_owned() } else { "000000".to_owned() };
    // Once.
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let code = town.code("+999700000001");
    assert_eq!(browser.post("/code", &[("code", &code)]).await.status, StatusCode::OK, "it was used");
    // Only where it was asked for.
    let mut asked = town.browser();
    asked.ask(&national(1), BORN).await;
    town.courier.work().await.unwrap();
    let code = town.code("+999700000001");
    let mut stranger = town.browser();
    stranger.ask(&national(10), BORN).await;
    assert_eq!(stranger.post("/code", &[("code", &code)]).await.status, StatusCode::OK);
    assert_eq!(
        asked.post("/code", &[("code", &format!(" {} {} ", &code[..3], &code[3..]))]).await.status,
        StatusCode::SEE_OTHER
    );
    // Five wrong tries end it, and the sixth is not right any more.
    asked.ask(&national(1), BORN).await;
    town.courier.work().await.unwrap();
    let code = town.code("+999700000001");
    for _ in 0..5 {
        assert_eq!(asked.post("/code", &[("code", &wrong(&code))]).await.status, StatusCode::OK);
    }
    assert_eq!(asked.post("/code", &[("code", &code)]).await.status, StatusCode::OK, "too late");
    // Ten minutes.
    asked.ask(&national(11), BORN).await;
    town.courier.work().await.unwrap();
    let code = town.code("+999710000011");
    town.clock.pass(SignedDuration::from_secs(601));
    assert_eq!(asked.post("/code", &[("code", &code)]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn f33_codes_go_to_the_number_on_record_and_not_too_often() {
    let town = Town::new(people(), |_| ()).await;
    // Five an hour for one person, whoever asks; the sixth looks the same and brings nothing.
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(town.browser().ask(&national(1), BORN).await.status);
        town.courier.work().await.unwrap();
    }
    assert!(answers.iter().all(|status| *status == StatusCode::SEE_OTHER));
    assert_eq!(town.messages().len(), 5);
    assert!(town.messages().iter().all(|(to, _)| to == "+999700000001"));
    town.clock.pass(SignedDuration::from_mins(61));
    town.browser().ask(&national(1), BORN).await;
    town.courier.work().await.unwrap();
    assert_eq!(town.messages().len(), 6);
    // Nobody gets a code who has no number, a wrong date, or is unknown.
    for (number, born) in [(national(2), BORN), (national(1), ("20", "3", "1984")), ("NX-1".to_owned(), BORN)] {
        town.browser().ask(&number, born).await;
    }
    town.courier.work().await.unwrap();
    assert_eq!(town.messages().len(), 6);
    // The number that DHIS2 has now is the one that counts.
    town.dhis2.edit(|people| {
        for (uid, value) in &mut people[0].attributes {
            if uid == vaccert::sandbox::dhis2::people::covac::PHONE {
                "0700009999".clone_into(value);
            }
        }
    });
    town.clock.pass(SignedDuration::from_hours(2));
    town.browser().ask(&national(1), BORN).await;
    town.courier.work().await.unwrap();
    assert_eq!(town.messages().pop().unwrap().0, "+999700009999");
    // One block of addresses asks twenty times in a quarter of an hour.
    town.clock.pass(SignedDuration::from_hours(2));
    for number in 10..40 {
        assert_eq!(town.browser().ask(&national(number), BORN).await.status, StatusCode::SEE_OTHER);
    }
    let before = town.messages().len();
    town.courier.work().await.unwrap();
    assert_eq!(town.messages().len() - before, 20);
}

/// An answer without what is random in every one of them: the cookie's value, and the number of the request.
fn told(answer: &Answer) -> (StatusCode, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap();
        if name == "x-request-id" {
            assert!(value.len() == 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit()), "{value}");
            return (name.to_string(), "…".to_owned());
        }
        let value = match value.split_once("question=") {
            Some((before, rest)) => format!("{before}question=…{}", rest.split_once(';').map_or("", |(_, rest)| rest)),
            None => value.to_owned(),
        };
        (name.to_string(), value)
    });
    (answer.status, headers.collect(), answer.bytes.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn f32_a_hit_and_a_miss_cannot_be_told_apart() {
    let town = Town::new(people(), |setup| {
        // The allowances are another test's; here nobody is held back.
        let limits = &mut setup.citizen.as_mut().unwrap().limits;
        (limits.questions_per_quarter, limits.questions_per_day) = (10_000, 1_000_000);
    })
    .await;
    town.courier.work().await.unwrap();
    let (mut hits, mut misses) = (Vec::new(), Vec::new());
    let mut first: Option<(StatusCode, Vec<(String, String)>, Vec<u8>)> = None;
    let mut code_pages: Option<(StatusCode, Vec<u8>)> = None;
    for round in 0..200 {
        for hit in if round % 2 == 0 { [true, false] } else { [false, true] } {
            // A miss is a number that nobody has, a wrong date, or somebody without a telephone.
            let (number, born) = match (hit, round % 3) {
                (true, _) => (national(10 + round % 30), BORN),
                (false, 0) => (format!("NX-000-{:03}", 500 + round % 30), BORN),
                (false, 1) => (national(10 + round % 30), ("18", "3", "1984")),
                (false, _) => (national(2), BORN),
            };
            let mut browser = town.browser();
            let started = Instant::now();
            let answer = browser.ask(&number, born).await;
            let took = started.elapsed();
            if hit {
                hits.push(took)
            } else {
                misses.push(took)
            }
            let told = told(&answer);
            match &first {
                None => first = Some(told),
                Some(first) => assert_eq!(first, &told, "round {round}, hit {hit}"),
            }
            if round < 20 {
                let page = browser.post("/code", &[("code", "123456")]).await;
                let told = (page.status, page.bytes.clone());
                match &code_pages {
                    None => code_pages = Some(told),
                    Some(first) => assert_eq!(first, &told),
                }
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let (hit, miss) = (median(&mut hits), median(&mut misses));
    println!("median of a hit {hit:?}, of a miss {miss:?}");
    // Nothing is looked up before the answer, so the difference is noise: far less than a half.
    let (low, high) = (hit.min(miss), hit.max(miss));
    assert!(high - low < (low / 2).max(Duration::from_millis(2)), "{hit:?} {miss:?}");
    town.courier.work().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_is_written_down_outside_the_message() {
    // DIVOC's certificate is open JSON and names its holder's number: it is left out here, so that whatever else holds
    // one is found.
    let town = Town::new(people(), |setup| setup.formats.retain(|format| *format != Format::Divoc)).await;
    let mut browser = town.signed_in(1, BORN, "+999700000001").await;
    let code = town.code("+999700000001");
    browser.get("/me").await;
    let metrics = {
        use tower::ServiceExt;
        let request = axum::http::Request::get("/metrics").header("host", "localhost");
        let response = town.operators.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        String::from_utf8_lossy(&axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap()).into_owned()
    };
    let said = [metrics, format!("{:?} {:?} {:?}", town.house, town.courier, town.registry)].concat();
    for secret in ["Specimenb", "Amara", "1984", "NX-000-001", "NX000001", "700000001", &code] {
        assert!(!said.contains(secret), "{secret}");
    }
    // The database holds signed certificates, and beside them marks alone: no number, no identifier, no code.
    town.registry.close().await;
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(town.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("registry")) {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    assert!(bytes.len() > 10_000);
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for secret in ["NX-000-001", "NX000001", "0700000001", "999700000001"] {
        assert!(!holds(secret), "{secret}");
    }
    assert!(!holds(&format!("\u{0}{code}\u{0}")));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(town.messages_file()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_and_breaks_nothing() {
    let town = Town::new(people(), |_| ()).await;
    let mut browser = town.browser();
    let answer = browser.ask("", ("31", "2", "2010")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("href=\"#number\"") && answer.text.contains("href=\"#day\""), "{}", answer.text);
    assert!(answer.text.contains("aria-invalid=\"true\""));
    for number in ["<script>", "' OR 1=1 --", "\u{0}", "🙂", &"9".repeat(5_000)] {
        let answer = browser.ask(number, ("1", "1", "1990")).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::SEE_OTHER), "{number}");
        assert!(!answer.text.contains("<script>"));
    }
    assert_eq!(browser.post("/find", &[("x", &"y".repeat(100_000))]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for code in ["", "abc", "12345", "1234567890123", "\u{0661}\u{0662}\u{0663}\u{0664}\u{0665}\u{0666}"] {
        assert_eq!(browser.post("/code", &[("code", code)]).await.status, StatusCode::OK, "{code}");
    }
    for link in ["/l/x", "/l/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/l/%FF"] {
        let (shown, sent) =
            (browser.get(link).await, browser.post(link, &[("day", "1"), ("month", "1"), ("year", "1990")]).await);
        assert_eq!((shown.status, sent.status), (StatusCode::OK, StatusCode::OK), "{link}");
    }
}
