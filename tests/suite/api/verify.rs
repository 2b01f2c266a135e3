//! `POST /v1/verify`: texts, several codes, pictures, PDFs, options, and what is refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use vaccert::{
    barcode::{Level, Qr},
    config::{VerifyAccess, VerifyOptions},
    limits,
};

use super::{Installation, send, text};

fn picture(code: &str) -> Vec<u8> {
    Qr::encode(code, Level::M).unwrap().to_png(4).unwrap()
}

#[tokio::test]
async fn every_kind_of_body_gets_the_verdict_of_the_interface_document() {
    let here = Installation::issued().await;
    let (dcc, ddcc) = (here.code("eu-dcc").await, here.code("ddcc").await);

    let answer = here.post("/v1/verify", "text/plain", format!("{dcc}\r\n")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let one = answer.json();
    assert_eq!(one["verdict"], "accepted", "{one}");
    assert_eq!(one["issuer"]["list"], "trust.json");
    assert!(one["issuer"]["list_age_seconds"].as_i64().unwrap() < 600);
    assert!(one.get("payload").is_none() && one.get("counts").is_none() && one.get("explanation").is_none());

    // Several, in order; one broken code stops nothing.
    let body = json!({"codes": [dcc, "nothing", ddcc, {"base64": STANDARD.encode(&dcc)}]});
    let several = here.post("/v1/verify", "application/json; charset=utf-8", body.to_string()).await.json();
    let words: Vec<&str> = several.as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
    assert_eq!(words, ["accepted", "rejected", "accepted", "accepted"]);
    let formats: Vec<&str> = several.as_array().unwrap().iter().map(|v| v["format"].as_str().unwrap()).collect();
    assert_eq!(formats, ["eu-dcc", "unknown", "ddcc", "eu-dcc"]);

    let png = picture(&dcc);
    let seen = here.post("/v1/verify", "image/png", png.clone()).await;
    assert_eq!(seen.json().as_array().unwrap().len(), 1);
    assert_eq!(seen.json()[0]["id"], one["id"]);
    let boundary = "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x\r\nContent-Disposition: \
                    form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
    let form = [boundary.as_bytes(), &png, b"\r\n--x--\r\n"].concat();
    let uploaded = here.post("/v1/verify", "multipart/form-data; boundary=x", form).await;
    assert_eq!(uploaded.json()[0]["verdict"], "accepted");
    // A photograph is larger than what libraries read of a form by themselves.
    let large = [b"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n", &vec![b'a'; 3_000_000][..]].concat();
    let large = [&large[..], b"\r\n", boundary.as_bytes(), &png, b"\r\n--x--\r\n"].concat();
    let uploaded = here.post("/v1/verify", "multipart/form-data; boundary=x", large).await;
    assert_eq!(uploaded.json()[0]["verdict"], "accepted");
    // Many codes are judged apart, and answered the same.
    let many = json!({"codes": vec![&dcc; 40]});
    let many = here.post("/v1/verify", "application/json", many.to_string()).await.json();
    assert!(many.as_array().unwrap().iter().all(|v| v["verdict"] == "accepted") && many[39]["id"] == one["id"]);
}

#[tokio::test]
async fn options_come_by_query_or_in_the_json() {
    let here = Installation::issued().await;
    let code = here.code("eu-dcc").await;
    let asked = async |query: &str| here.post(&format!("/v1/verify?{query}"), "text/plain", code.clone()).await;

    let told = asked("explain=true&lang=fr&payload=true").await.json();
    assert_eq!((told["explanation"]["lang"].as_str(), told["verdict"].as_str()), (Some("fr"), Some("accepted")));
    assert!(told["payload"].is_object());
    // A country without rules is never green, and looks like nothing else (failure F31).
    let arrival = asked("country=NL").await.json();
    assert_eq!((arrival["verdict"].as_str(), arrival["reason"].as_str()), (Some("undecided"), Some("no-rules")));
    assert_eq!(arrival["checks"]["rules"], "no-rules");
    assert_eq!(asked("country=NL&rules=false").await.json()["verdict"], "accepted");
    let past = asked("at=2020-01-01T00:00:00Z").await.json();
    assert_eq!(past["reason"], "not-yet-valid", "{past}");
    // What stands in the JSON counts more than the query.
    let body = json!({"codes": [code], "rules": false, "lang": "es", "explain": true}).to_string();
    let answer = here.post("/v1/verify?country=NL&lang=fr", "application/json", body).await.json();
    assert_eq!(
        (answer[0]["verdict"].as_str(), answer[0]["explanation"]["lang"].as_str()),
        (Some("accepted"), Some("es"))
    );

    for (query, code) in [
        ("country=nl", "option-value"),
        ("country=NLD", "option-value"),
        ("region=%3Cb%3E", "option-value"),
        ("at=yesterday", "option-value"),
        ("lang=xx", "option-value"),
        ("explain=yes", "option-value"),
        ("explain=true&explain=true", "option-twice"),
        ("contry=NL", "option-unknown"),
    ] {
        assert_eq!(asked(query).await.problem(400), code, "{query}");
    }
    let now_only = Installation::with(|setup| setup.verify = VerifyOptions::default()).await;
    now_only.publish().await;
    let answer = now_only.post("/v1/verify?at=2020-01-01T00:00:00Z", "text/plain", "HC1:").await;
    assert_eq!(answer.problem(400), "time-not-allowed");
}

#[tokio::test]
async fn the_best_certificate_of_a_person_counts() {
    let here = Installation::issued().await;
    let mut all = here.certificates().await;
    all.retain(|sealed| super::has(sealed, "eu-dcc"));
    let person = |code: &str| {
        let code = code.to_owned();
        async {
            let verdict = here.post("/v1/verify", "text/plain", code).await.json();
            verdict["holder"].clone()
        }
    };
    let mut pairs: Vec<(Value, String)> = Vec::new();
    for sealed in &all {
        let code = text(sealed, "eu-dcc");
        pairs.push((person(&code).await, code));
    }
    let (one, another) = pairs
        .iter()
        .enumerate()
        .find_map(|(i, (holder, code))| {
            pairs[i + 1..].iter().find(|(other, _)| other == holder).map(|(_, other)| (code.clone(), other.clone()))
        })
        .expect("somebody has two certificates");
    let body = json!({"codes": [one, another, pairs.iter().find(|(h, _)| h != &pairs[0].0).unwrap().1]});
    let answers = here.post("/v1/verify", "application/json", body.to_string()).await.json();
    let counted = answers.as_array().unwrap().iter().filter(|v| v.get("counts").is_none()).count();
    assert_eq!(counted, 2, "one of the two of one person, and the other person's");
    assert!(answers.as_array().unwrap().iter().all(|v| v.get("counts").is_none_or(|counts| counts == false)));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_what_to_do() {
    let here = Installation::issued().await;
    // Whatever a camera saw gets a verdict.
    for seen in [&b""[..], b"\xff\xfe", b"HC1:X", b"BEGIN:VCARD\nFN:A\nEND:VCARD", b"https://example.org/"] {
        let answer = here.post("/v1/verify", "text/plain", seen.to_vec()).await;
        assert_eq!((answer.status, answer.json()["verdict"].as_str()), (200, Some("rejected")));
    }
    let code = here.code("eu-dcc").await;
    assert_eq!(here.post("/v1/verify", "text/plain", format!("{code}\n{code}")).await.problem(400), "several-codes");
    let long = "A".repeat(limits::CODE_FILE_BYTES + 3);
    assert_eq!(here.post("/v1/verify", "text/plain", long.clone()).await.problem(413), "too-large");
    for (body, status, code) in [
        ("", 400, "json"),
        ("[]", 400, "json"),
        ("{}", 400, "json"),
        ("{\"codes\": \"HC1:\"}", 400, "json"),
        ("{\"codes\": []}", 400, "no-codes"),
        ("{\"codes\": [1]}", 400, "json"),
        ("{\"codes\": [{\"base64\": \"%\"}]}", 400, "base64"),
        ("{\"codes\": [{\"base64\": \"\", \"x\": 1}]}", 400, "json"),
        ("{\"codes\": [\"a\"], \"codes\": [\"b\"]}", 400, "json"),
        ("{\"codes\": [\"a\"], \"contry\": \"NL\"}", 400, "json"),
        ("{\"codes\": [\"a\"], \"country\": 1}", 400, "option-value"),
        ("\u{feff}{\"codes\"", 400, "json"),
    ] {
        assert_eq!(here.post("/v1/verify", "application/json", body).await.problem(status), code, "{body}");
    }
    let deep = format!("{{\"codes\": {}", "[".repeat(100_000));
    assert_eq!(here.post("/v1/verify", "application/json", deep).await.problem(400), "json");
    let many = json!({"codes": vec!["a"; limits::VERIFY_CODES + 1]}).to_string();
    assert_eq!(here.post("/v1/verify", "application/json", many).await.problem(413), "too-many-codes");
    let one = json!({"codes": [long]}).to_string();
    assert_eq!(here.post("/v1/verify", "application/json", one).await.problem(413), "code-too-long");
    let huge = vec![b' '; limits::VERIFY_BODY_BYTES + 1];
    assert_eq!(here.post("/v1/verify", "application/json", huge).await.problem(413), "too-large");

    for media in ["image/png", "image/jpeg", "application/pdf"] {
        assert_eq!(here.post("/v1/verify", media, "nothing").await.problem(422), "picture", "{media}");
        assert_eq!(here.post("/v1/verify", media, "").await.problem(422), "picture", "{media}");
    }
    let blank = Qr::encode("a", Level::L).unwrap().to_png(1).unwrap();
    let answer = here.post("/v1/verify", "image/png", blank[..blank.len() / 2].to_vec()).await;
    assert_eq!(answer.status, 422);
    for (media, body) in [
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=x", "x"),
        ("multipart/form-data; boundary=x", "--x--\r\n"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--x--\r\n",
        ),
    ] {
        assert_eq!(here.post("/v1/verify", media, body).await.status, 400, "{body}");
    }
    for media in ["text/html", "", "text/plainer", "application/octet-stream"] {
        assert_eq!(here.post("/v1/verify", media, "HC1:").await.problem(415), "media-type", "{media}");
    }
}

#[tokio::test]
async fn a_service_for_known_callers_asks_who_they_are() {
    let here = Installation::with(|setup| setup.verify.access = VerifyAccess::Token).await;
    here.publish().await;
    let answer = here.post("/v1/verify", "text/plain", "HC1:").await;
    assert_eq!(answer.status, 401);
    let wrong = [("content-type", "text/plain"), ("authorization", "Bearer nothing")];
    assert_eq!(send(&here.everybody, "POST", "/v1/verify", &wrong, "HC1:").await.status, 401);
    // What verdicts rest on is no secret.
    assert_eq!(here.get("/v1/lists", &[]).await.status, 200);
}

#[tokio::test]
async fn before_the_first_publication_nothing_is_green_and_it_is_said_when_to_ask_again() {
    let here = Installation::empty().await;
    let answer = here.post("/v1/verify", "text/plain", "HC1:").await;
    assert_eq!(answer.problem(503), "trust-unreadable");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!String::from_utf8_lossy(&answer.bytes).contains(here.home.path().to_str().unwrap()));
    here.issue().await;
    here.publish().await;
    assert_eq!(here.verdict(&here.code("eu-dcc").await).await.0, "accepted");
}

#[tokio::test]
async fn the_form_serves_people_without_an_app_in_their_language() {
    let here = Installation::issued().await;
    let code = here.code("eu-dcc").await;
    let form = here.get("/verify?lang=fr", &[]).await;
    let html = String::from_utf8(form.bytes).unwrap();
    assert!(html.contains("<html lang=\"fr\"") && html.contains("Vérifier un certificat") && !html.contains("{{"));
    assert!(!html.contains("<script"));
    let post = async |lang: &str, media: &str, body: Vec<u8>| {
        let answer = here.post(&format!("/verify?lang={lang}"), media, body).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        let html = String::from_utf8(answer.bytes).unwrap();
        assert!(!html.contains("{{") && !html.contains("<script"), "{html}");
        html
    };
    let encoded: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("code", &code).finish();
    let form = "application/x-www-form-urlencoded";
    let page = post("en", form, encoded.clone().into_bytes()).await;
    assert!(page.contains("class=\"verdict accepted\"") && page.contains("trust.json"));
    assert!(post("ar", form, encoded.into_bytes()).await.contains("dir=\"rtl\""));
    // A code that a letter broke into lines.
    let broken: String =
        code.chars().enumerate().flat_map(|(n, c)| if n % 60 == 59 { vec![c, '\r', '\n'] } else { vec![c] }).collect();
    let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair("code", &broken).finish();
    assert!(post("en", form, encoded.into_bytes()).await.contains("class=\"verdict accepted\""));
    let upload = |file: &[u8], country: &str| {
        let field = |name: &str, value: &[u8]| {
            [
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n").as_bytes(),
                value,
                b"\r\n",
            ]
            .concat()
        };
        [field("code", b""), field("country", country.as_bytes()), field("file", file), b"--x--\r\n".to_vec()].concat()
    };
    let multipart = "multipart/form-data; boundary=x";
    assert!(post("lo", multipart, upload(&picture(&code), "")).await.contains("class=\"verdict accepted\""));
    assert!(post("en", multipart, upload(&picture(&code), "nl")).await.contains("class=\"verdict undecided\""));
    // What is wrong is said beside its field, and nothing that was entered is lost.
    for (body, field) in
        [(upload(b"", ""), "code"), (upload(b"no picture", ""), "file"), (upload(&picture(&code), "<b>"), "country")]
    {
        let page = post("en", multipart, body).await;
        assert!(page.contains(&format!("href=\"#{field}\"")) && page.contains(&format!("{field}-error")), "{page}");
        assert!(!page.contains("<b>"));
    }
    let bad = url::form_urlencoded::Serializer::new(String::new()).append_pair("code", "HC1:<i>").finish();
    assert!(post("en", form, bad.into_bytes()).await.contains("class=\"verdict rejected\""));
}
