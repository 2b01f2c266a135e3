//! The commands as an operator runs them, against a server on this machine.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{
    made::pem,
    world::{kids, list, whole, without, world},
};
use crate::support::program::Workplace;

/// What the server answers.
#[derive(Clone)]
struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
    /// Half of the body, then nothing.
    stalls: bool,
}

/// A server of one list.
pub(super) struct Server {
    pub(super) port: u16,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(Mutex::new(Answer {
            status: "404 Not Found",
            headers: String::new(),
            body: Vec::new(),
            stalls: false,
        }));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, notes) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &answers.lock().unwrap().clone(), &notes);
            }
        });
        Self { port, answer, asked }
    }

    pub(super) fn sends(&self, body: Vec<u8>, etag: &str) {
        let headers = format!("ETag: \"{etag}\"\r\n");
        *self.answer.lock().unwrap() = Answer { status: "200 OK", headers, body, stalls: false };
    }

    fn says(&self, status: &'static str, headers: &str) {
        *self.answer.lock().unwrap() = Answer { status, headers: headers.to_owned(), body: Vec::new(), stalls: false };
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        request.push_str(&line);
    }
    // A server that knows what the client has.
    let tag = answer.headers.split('"').nth(1).unwrap_or("none");
    let known = request.to_ascii_lowercase().contains(&format!("if-none-match: \"{tag}\""));
    asked.lock().unwrap().push(request);
    let (status, body) = if known { ("304 Not Modified", &[][..]) } else { (answer.status, answer.body.as_slice()) };
    let head =
        format!("HTTP/1.1 {status}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n", answer.headers, body.len());
    let _ = stream.write_all(head.as_bytes());
    if answer.stalls {
        let _ = stream.write_all(&body[..body.len() / 2]);
        // Until the client goes away.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
        let _ = stream.read(&mut [0]);
    } else {
        let _ = stream.write_all(body);
    }
}

fn place(server: &Server) -> Workplace {
    let place = Workplace::new();
    place.write("anchor.pem", pem("CERTIFICATE", &world().anchor));
    let more = "list_key = [\"anchor.pem\"]\n";
    let list =
        format!("[[trust]]\nname = \"eu\"\nkind = \"url\"\nurl = \"http://127.0.0.1:{}/list\"\n{more}", server.port);
    place.write("vaccert.toml", list);
    place
}

#[test]
fn an_operator_pulls_looks_and_accepts() {
    let server = Server::new();
    let place = place(&server);
    let lists = place.run(&["verify", "--show-lists"]);
    assert!(lists.err.contains("eu: never pulled, so it vouches for nobody; run `vaccert trust pull`"), "{lists:?}");

    server.sends(whole(), "1");
    let ran = place.run(&["trust", "pull"]).good();
    assert!(
        ran.out.starts_with(
            "eu: 15 signers of 3 countries, 3 authorities, made 2026-10-05T09:00:00Z, 0 left out; 15 added, 0 removed"
        ),
        "{ran:?}"
    );
    let ran = place.run(&["trust", "pull"]).good();
    assert!(ran.out.ends_with("; unchanged\n"), "{ran:?}");
    assert!(server.asked.lock().unwrap()[1].to_ascii_lowercase().contains("if-none-match: \"1\""));
    assert_eq!(place.run(&["-q", "trust", "pull"]).good().out, "");

    // Commands that name no list go by what was pulled.
    let lists = place.run(&["verify", "--show-lists"]).good();
    assert!(lists.out.contains("eu: gateway trust list\n  each entry signed, under certificate"), "{lists:?}");
    let shown = place.run(&["trust", "show"]).good();
    assert!(shown.out.contains("XA 5  XB 5  XC 5") && shown.out.contains("eu from http://127.0.0.1"), "{shown:?}");
    let country = place.run(&["trust", "show", "xb"]).good();
    assert!(country.out.starts_with("XB: 5 signers (5 in date), 1 authority, 0 entries left out\n"), "{country:?}");
    assert!(country.out.contains(&format!(
        "signer {}: in date\n  valid from 2021-06-01T00:00:00Z to 2046-06-01T00:00:00Z",
        kids("XB")[0]
    )));
    assert!(country.out.contains("vouched for by eu") && country.out.contains("C=XB, CN=CSCA"));
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["trust", "show", "XB", "--json"]).good().out).unwrap();
    assert_eq!(json["signers"].as_array().unwrap().len(), 5);
    let nobody = place.run(&["trust", "show", "PT"]);
    assert_eq!(
        (nobody.code, nobody.out.as_str()),
        (Some(1), "PT: 0 signers (0 in date), 0 authorities, 0 entries left out\n")
    );
    let bundle = place.run(&["trust", "bundle", "--config", "none.toml"]);
    assert_eq!(bundle.code, Some(2));

    // A list that shrank waits.
    server.sends(without("XA", 5), "2");
    let ran = place.run(&["trust", "pull"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("eu: REFUSED: the download has 10 entries where there were 15: 33 % are gone (signers); no signer of XA is left"), "{ran:?}");
    assert!(ran.err.contains("the list in use was last confirmed 0 minutes ago\n  what would change: vaccert trust diff eu eu@pending; to take it: vaccert trust accept eu\n"), "{ran:?}");
    let shown = place.run(&["trust", "show"]).good();
    assert!(
        shown.out.contains("XA 5")
            && shown.out.contains("NEEDS AN OPERATOR")
            && shown.out.contains("a list waits since"),
        "{shown:?}"
    );
    let diff = place.run(&["trust", "diff", "eu", "eu@pending"]);
    assert_eq!(diff.code, Some(1), "{diff:?}");
    assert!(diff.out.starts_with("15 signers before, 10 after: 0 added, 5 removed, 0 changed; authorities 3 before, 3 after\nNO SIGNER LEFT of XA\nXA: 5 signers before, 0 after\n  - signer "), "{diff:?}");
    let refused = place.run(&["trust", "accept", "eu"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("there is nobody to ask"), "{refused:?}");
    let accepted = place.run(&["trust", "accept", "eu", "--yes"]).good();
    assert!(accepted.out.contains("eu: accepted; 10 signers of 2 countries"), "{accepted:?}");
    let ran = place.run(&["trust", "pull", "--json"]).good();
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((json[0]["level"].as_str(), json[0]["status"]["outcome"].as_str()), (Some("good"), Some("unchanged")));
    assert_eq!(
        place.run(&["trust", "accept", "eu", "--yes"]).refused(1),
        "eu has no list that waits: nothing to accept"
    );

    // Two files are compared as well, and the same file with itself.
    let (one, two) = (place.write("one.json", whole()), place.write("two.json", without("XC", 1)));
    let call = |after: &std::path::Path| {
        place.run(&[
            "trust",
            "diff",
            one.to_str().unwrap(),
            after.to_str().unwrap(),
            "--list-key",
            "anchor.pem",
            "--json",
        ])
    };
    let same = call(&one);
    assert_eq!(same.code, Some(0), "{same:?}");
    let different = call(&two);
    assert_eq!(different.code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&different.out).unwrap();
    assert_eq!((json["trust"]["removed"].as_u64(), json["same"].as_bool()), (Some(1), Some(false)));
    assert_eq!(json["trust"]["countries"]["XC"]["removed"][0]["kid"].as_str(), kids("XC").last().map(String::as_str));
}

#[test]
fn what_is_wrong_is_told_in_one_sentence() {
    let server = Server::new();
    let place = place(&server);
    let pull = || place.run(&["trust", "pull"]);
    // Before the first list nothing is young enough.
    let ran = pull();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("eu: 127.0.0.1 answers 404: check the address; there is NO list in use"), "{ran:?}");
    server.sends(whole(), "1");
    pull().good();
    for (status, headers, words) in [
        ("503 Service Unavailable", "", "answers 503"),
        ("302 Found", "Location: https://elsewhere.invalid/list\r\n", "redirects to another server, or without end"),
    ] {
        server.says(status, headers);
        let ran = pull();
        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(ran.err.contains(words) && ran.err.lines().count() == 1, "{ran:?}");
    }
    server.sends(b"<html>maintenance</html>".to_vec(), "3");
    let ran = pull();
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("eu: NOT BELIEVED: this is no trust list"), "{ran:?}");
    server.sends(list(|entry| entry["certificateType"] == "DSC"), "4");
    let ran = pull();
    assert!(ran.err.contains("eu: NOT BELIEVED: none of the 15 entries is signed under the list key"), "{ran:?}");
    drop(server);

    let sentence = place.run(&["trust", "pull", "--only", "who"]).refused(2);
    assert_eq!(sentence, "[[trust]] has no list \"who\": there are eu");
    let empty = Workplace::new();
    let sentence = empty.run(&["trust", "pull"]).refused(2);
    assert!(sentence.starts_with("[[trust]] names no list to pull: add one"), "{sentence}");
    assert_eq!(place.run(&["trust", "show", "Portugal"]).code, Some(2));
    assert_eq!(place.run(&["trust", "diff", "eu", "nowhere.json"]).code, Some(4));
}

/// A run that is killed while it downloads leaves the last good list, and the next one goes on.
#[test]
fn a_killed_pull_leaves_the_last_good_list() {
    let server = Server::new();
    let place = place(&server);
    server.sends(whole(), "1");
    place.run(&["trust", "pull"]).good();
    server.sends(without("XB", 1), "2");
    server.answer.lock().unwrap().stalls = true;
    let before = server.asked.lock().unwrap().len();
    let mut child = place.start(&["trust", "pull"]);
    while server.asked.lock().unwrap().len() == before {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Another run finds the list held.
    let held = place.run(&["trust", "pull"]);
    assert_eq!(held.code, Some(4), "{held:?}");
    assert!(held.err.contains("another run is pulling into"), "{held:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let shown = place.run(&["trust", "show"]).good();
    assert!(shown.out.contains("XA 5  XB 5  XC 5"), "{shown:?}");
    server.sends(without("XB", 1), "2");
    let ran = place.run(&["trust", "pull"]).good();
    assert!(ran.out.contains("0 added, 1 removed"), "{ran:?}");
}
