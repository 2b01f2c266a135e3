//! The pages of the demo: every route, its headers, what it refuses, and that no text leaves its place.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use vaccert::{
    clock::{Clock as _, Fixed, System},
    envelope::hcert::{self, Claims, ToBeSigned},
    keys::{Certificate, MemorySigner, Signer},
    limits,
    payload::dcc::{Dcc, Entry, Name, SCHEMA_VERSION, Vaccination},
    revocation::{Builder, Fingerprints, HashKind},
    service,
    signers::sandbox::{self, SignerKey, Validity},
    trust::bundle::{self, Contents, Environment},
};

const ID: &str = "ABCDEFGHIJKLMNOPQRSTUVWX27";
const REVOKED_ID: &str = "BBCDEFGHIJKLMNOPQRSTUVWX27";
const EVIL: &str = "<script>alert(1)</script>\"'&";

/// A folder as a run leaves it, with two certificates, one of them revoked, whose names are hostile.
struct Demo {
    dir: TempDir,
    clock: Fixed,
    signer: MemorySigner,
}

/// What a request was answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn urn(id: &str) -> String {
    format!("URN:UVCI:01:XX:{id}#A")
}

impl Demo {
    fn new() -> Self {
        let clock = Fixed(System.now());
        let keys = sandbox::make(SignerKey::P256, &Validity::recommended(clock.0).unwrap(), [[0xff; 16], [0; 16]]);
        let keys = keys.unwrap();
        let signer = |identity: &sandbox::Identity| {
            let certificate = Certificate::from_der(&identity.certificate_der).unwrap();
            MemorySigner::new(&identity.private_key, certificate).unwrap()
        };
        let (root, signer) = (signer(&keys.csca), signer(&keys.signer));
        let demo = Self { dir: tempfile::tempdir().unwrap(), clock, signer };
        let until = clock.0 + jiff::SignedDuration::from_hours(24);
        let mut contents = Contents::new(Environment::Sandbox, 1, clock.0, until);
        contents.certificates = vec![demo.signer.certificate().der().to_vec()];
        let mut revocations = Builder::new();
        let revoked = *Fingerprints::of_identifier(&urn(REVOKED_ID)).get(HashKind::Identifier).unwrap();
        revocations.add_own(vec![revoked], [demo.signer.kid()], until).unwrap();
        contents.revocations = revocations.finish().unwrap().encode().unwrap();
        demo.write("trust.json", &bundle::write(&contents, &root).unwrap());
        for id in [ID, REVOKED_ID] {
            demo.write(&format!("{id}/eu-dcc.txt"), demo.code(id, EVIL).as_bytes());
            demo.write(&format!("{id}/eu-dcc.svg"), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
            demo.write(&format!("{id}/eu-dcc.png"), b"\x89PNG");
        }
        demo.write(&format!("{ID}/certificate.pdf"), b"%PDF-");
        demo.write(&format!("{ID}/secret.txt"), b"never");
        let reason = |n: u32| {
            serde_json::json!({"record": format!("person{n}"), "event": EVIL, "status": "refused",
                "reasons": [{"code": "dose-order", "field": null, "message": EVIL, "remedy": "correct it"}]})
        };
        let mut items: Vec<Value> = (0..250).map(reason).collect();
        items.push(
            serde_json::json!({"record": "issuedone", "event": "e", "status": "issued", "id": urn(ID), "reasons": []}),
        );
        let report = serde_json::json!({"records": 251, "issued": 1, "refused": 250, "unchanged": 0, "items": items});
        demo.write("report.json", report.to_string().as_bytes());
        demo
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A code that is signed properly, whatever it says.
    fn code(&self, id: &str, name: &str) -> String {
        let dcc = Dcc {
            version: SCHEMA_VERSION.to_owned(),
            name: Name {
                family: Some(name.to_owned()),
                given: Some("Ada".to_owned()),
                family_standard: Some("EVIL".to_owned()),
                given_standard: Some("ADA".to_owned()),
            },
            birth_date: "1990-01-02".to_owned(),
            entry: Entry::Vaccination(Vaccination {
                disease: "840539006".to_owned(),
                prophylaxis: "1119349007".to_owned(),
                product: "EU/1/20/1528".to_owned(),
                holder: "ORG-100030215".to_owned(),
                dose: 1,
                total_doses: 2,
                date: "2021-07-11".to_owned(),
                country: "XX".to_owned(),
                issuer: name.to_owned(),
                id: urn(id),
            }),
        };
        let until = self.clock.0 + jiff::SignedDuration::from_hours(24);
        let payload = Claims::write_dcc("XX", self.clock.0, until, &dcc.to_cbor());
        let message = ToBeSigned::new(self.signer.algorithm(), self.signer.certificate().kid(), payload);
        hcert::to_text(&message.finish(&self.signer.sign(&message.signed_bytes()).unwrap()))
    }

    fn router(&self) -> Router {
        service::router(self.dir.path().to_owned(), Arc::new(self.clock))
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("host", "127.0.0.1:8080").body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, media: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header("host", "localhost").header("content-type", media);
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn form(&self, code: &str) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
        self.post("/verify", "application/x-www-form-urlencoded", body).await
    }
}

#[tokio::test]
async fn every_route_answers_with_its_type_and_its_headers() {
    let demo = Demo::new();
    let pdf_policy = "frame-ancestors 'none'";
    for (path, media, cache) in [
        ("/", "text/html; charset=utf-8", "no-store"),
        ("/verify", "text/html; charset=utf-8", "no-store"),
        ("/style.css", "text/css; charset=utf-8", "no-cache"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/healthz", "text/plain; charset=utf-8", "no-cache"),
        ("/v1/trust.json", "application/json", "no-cache"),
        (&format!("/c/{ID}/eu-dcc.txt"), "text/plain; charset=utf-8", "no-store"),
        (&format!("/c/{ID}/eu-dcc.png"), "image/png", "no-store"),
        (&format!("/c/{ID}/eu-dcc.svg"), "image/svg+xml", "no-store"),
        (&format!("/c/{ID}/certificate.pdf"), "application/pdf", "no-store"),
    ] {
        let answer = demo.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), media, "{path}");
        assert_eq!(answer.header("cache-control"), cache, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(policy == pdf_policy, path.ends_with(".pdf"), "{path}");
        assert!(!policy.contains("unsafe") && !policy.contains("script"), "{path}");
    }
    assert_eq!(demo.get("/v1/trust.json").await.bytes, fs::read(demo.dir.path().join("trust.json")).unwrap());
    assert_eq!(demo.get(&format!("/c/{ID}/certificate.pdf")).await.bytes, b"%PDF-");
}

#[tokio::test]
async fn the_first_page_shows_verified_holders_and_refusals_and_no_foreign_element() {
    let demo = Demo::new();
    let answer = demo.get("/").await;
    let page = answer.text();
    assert!(!page.contains("{{") && !page.contains("<script") && !page.contains(" style="));
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";
    assert!(page.contains(&format!("<bdi class=\"name\" translate=\"no\">Ada {escaped}</bdi>")));
    assert!(
        page.contains("Born 1990-01-02") && page.contains("Vaccination, dose 1 of 2") && page.contains("Comirnaty")
    );
    assert!(page.contains("1 of 2\naccepted") || page.contains("1 of 2 accepted"));
    assert!(page.contains("ACCEPTED") && page.contains("REJECTED") && page.contains("The issuer has revoked this"));
    assert!(page.contains("person0<") && page.contains("person199<") && !page.contains("person200<"));
    assert!(
        page.contains("The first 200 are shown; 50 more")
            && page.contains("Correct it.")
            && !page.contains("issuedone")
    );
    // A file that is not there has no link.
    assert!(
        page.contains(&format!("/c/{ID}/certificate.pdf"))
            && !page.contains(&format!("/c/{REVOKED_ID}/certificate.pdf"))
    );
    // Every form leads back here, and no address leads away.
    for address in page.split("href=\"").chain(page.split("src=\"")).chain(page.split("action=\"")).skip(1) {
        assert!(address.starts_with(['/', '#', '<']), "{}", &address[..40.min(address.len())]);
    }
}

#[tokio::test]
async fn a_form_gives_the_verdict_in_large_words() {
    let demo = Demo::new();
    let good = demo.code(ID, EVIL);
    let page = demo.form(&format!("\r\n{}\r\n{}\r\n", &good[..100], &good[100..])).await;
    assert_eq!(page.status, 200);
    let heading = |answer: &Answer| {
        let (_, rest) = answer.text().split_once("<h1").unwrap();
        let (line, _) = rest.split_once("</h1>").unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(heading(&page), "ACCEPTED");
    assert!(page.text().contains("SANDBOX") && page.text().contains("Born 1990-01-02"));
    assert!(!page.text().contains("<script") && !page.text().contains("{{"));

    let revoked = demo.form(&demo.code(REVOKED_ID, "Lovelace")).await;
    assert_eq!(heading(&revoked), "REJECTED");
    assert!(revoked.text().contains("(revoked)") && revoked.text().contains("Ada Lovelace"));

    let stranger = demo.form(&Demo::new().code(ID, "Lovelace")).await;
    assert_eq!(heading(&stranger), "UNDECIDED");
    assert!(stranger.text().contains("(issuer-unknown)"));
    // What nobody has vouched for is not shown.
    assert!(!stranger.text().contains("Lovelace") && !stranger.text().contains("1990-01-02"));

    for nothing in ["", "{{code}}", "HC1:", EVIL, "\u{0}\u{202e}"] {
        let page = demo.form(nothing).await;
        assert_eq!((page.status, heading(&page).as_str()), (StatusCode::OK, "REJECTED"));
        assert!(!page.text().contains("<script"));
    }
    let missing = demo.post("/verify", "application/x-www-form-urlencoded", "other=1").await;
    assert_eq!(missing.status, 400);
    // The longest code fits even when a browser writes each of its characters as three.
    let longest = "%".repeat(limits::CODE_TEXT_BYTES);
    assert_eq!(demo.form(&longest).await.status, 200);
    assert_eq!(demo.form(&(longest + "%".repeat(64).as_str())).await.status, 413);
}

#[tokio::test]
async fn the_interface_gives_the_json_of_the_verifier() {
    let demo = Demo::new();
    let code = demo.code(ID, "Lovelace");
    let answer = demo.post("/v1/verify", "Text/Plain; charset=utf-8", format!("{code}\r\n")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    assert_eq!(json["verdict"], "accepted");
    assert_eq!(json["warnings"], serde_json::json!(["sandbox", "id-check-character"]));
    assert_eq!(json["holder"]["name"], "Ada Lovelace");
    assert_eq!(json["issuer"]["list"], "trust.json");
    assert!(json.get("payload").is_none());

    for (body, verdict) in [(vec![0xff, 0xfe], "rejected"), (Vec::new(), "rejected"), (b"HC1:X".to_vec(), "rejected")] {
        let answer = demo.post("/v1/verify", "text/plain", body).await;
        assert_eq!((answer.status, answer.json()["verdict"].as_str()), (StatusCode::OK, Some(verdict)));
    }
    let at_limit = demo.post("/v1/verify", "text/plain", vec![b'A'; limits::CODE_FILE_BYTES]).await;
    assert_eq!(at_limit.status, 200);
    let beyond = vec![b'A'; limits::CODE_FILE_BYTES + 3];
    assert_eq!(demo.post("/v1/verify", "text/plain", beyond.clone()).await.status, 413);
    // The same without a length that tells it beforehand.
    let pieces = beyond.chunks(1000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let streamed = Body::from_stream(futures_util::stream::iter(pieces));
    let answer = demo.post("/v1/verify", "text/plain", streamed).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("too-large")));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    for media in ["application/json", "text/html", "", "text/plainer"] {
        assert_eq!(demo.post("/v1/verify", media, code.clone()).await.status, 415, "{media}");
    }
}

#[tokio::test]
async fn the_bundle_of_a_later_run_counts() {
    let demo = Demo::new();
    let router = demo.router();
    let verdict = async |code: String| {
        let request = Request::post("/v1/verify").header("host", "localhost").header("content-type", "text/plain");
        let response = router.clone().oneshot(request.body(Body::from(code)).unwrap()).await.unwrap();
        let bytes = to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["verdict"].clone()
    };
    let later = Demo::new();
    assert_eq!(verdict(later.code(ID, "L")).await, "undecided");
    fs::rename(later.dir.path().join("trust.json"), demo.dir.path().join("trust.json")).unwrap();
    assert_eq!(verdict(later.code(ID, "L")).await, "accepted");
    assert_eq!(verdict(demo.code(ID, "L")).await, "undecided");
}

#[tokio::test]
async fn no_path_leads_out_of_a_certificates_folder() {
    let demo = Demo::new();
    for path in [
        format!("/c/{ID}/secret.txt"),
        format!("/c/{ID}/"),
        format!("/c/{ID}"),
        format!("/c/{ID}/../trust.json"),
        format!("/c/{ID}/..%2f..%2ftrust.json"),
        format!("/c/{ID}/%2e%2e/trust.json"),
        format!("/c/{ID}/eu-dcc.txt%00"),
        format!("/c/{ID}/eu-dcc.txt/"),
        format!("/c/{ID}/EU-DCC.TXT"),
        format!("/c/{ID}%2f..%2f{ID}/eu-dcc.txt"),
        format!("/c/{}/eu-dcc.txt", ID.to_lowercase()),
        format!("/c/{}/eu-dcc.txt", ID.replace('A', "C")),
        format!("/c/{REVOKED_ID}/certificate.pdf"),
        "/c/../trust.json".to_owned(),
        "/c/..%2f..%2fetc/passwd".to_owned(),
        "/c/.sandbox/people.json".to_owned(),
        "/c/%ff%fe/eu-dcc.txt".to_owned(),
        "/c//eu-dcc.txt".to_owned(),
        "/trust.json".to_owned(),
        "/report.json".to_owned(),
        "//etc/passwd".to_owned(),
    ] {
        let answer = demo.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("There is nothing here"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn other_hosts_and_other_methods_are_refused() {
    let demo = Demo::new();
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", ""] {
        let request = Request::get("/").header("host", host).body(Body::empty()).unwrap();
        let answer = demo.send(request).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.text().contains("1990-01-02"));
    }
    let none = demo.send(Request::get("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(none.status, 421);
    let two = Request::get("/").header("host", "localhost").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(demo.send(two).await.status, 421);
    let absolute = Request::get("http://evil.example/").header("host", "localhost").body(Body::empty()).unwrap();
    assert_eq!(demo.send(absolute).await.status, 421);

    for (method, path, allowed) in
        [("POST", "/", "GET,HEAD"), ("GET", "/v1/verify", "POST"), ("DELETE", "/verify", "GET,HEAD,POST")]
    {
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let answer = demo.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allowed), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let head = Request::head("/healthz").header("host", "localhost").body(Body::empty()).unwrap();
    let head = demo.send(head).await;
    assert_eq!((head.status, head.bytes.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn what_the_folder_lacks_is_said_without_its_path() {
    let demo = Demo::new();
    fs::remove_file(demo.dir.path().join("report.json")).unwrap();
    assert_eq!(demo.get("/").await.status, 200);
    demo.write("report.json", b"{\"records\": 1");
    let answer = demo.get("/").await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("The file report.json is not a report"));
    demo.write("trust.json", b"{}");
    let answer = demo.post("/v1/verify", "text/plain", "HC1:").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, Some("trust-unreadable"))
    );
    fs::remove_file(demo.dir.path().join("trust.json")).unwrap();
    let answer = demo.get("/v1/trust.json").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains(demo.dir.path().to_str().unwrap()));
    assert_eq!(demo.get("/healthz").await.status, 200);
}

fn talk(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The program itself: does the whole job, serves its pages, and ends when it is told to.
#[test]
fn the_demo_serves_what_it_made_and_ends_on_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_vaccert"))
        .args(["demo", "--port", "0", "--out"])
        .arg(dir.path().join("out"))
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.into_iter().find(|line| line.starts_with("4. Look at it")).unwrap();
    let (_, rest) = line.split_once("http://127.0.0.1:").unwrap();
    let port: u16 = rest.split_once('/').unwrap().0.parse().unwrap();

    let page = talk(port, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("ACCEPTED") && !page.contains("REJECTED"));
    assert!(!page.contains("{{"));
    for id in page.split("/c/").skip(1).filter_map(|rest| rest.split_once("/eu-dcc.txt").map(|(id, _)| id)) {
        if id.len() == ID.len() {
            assert!(Path::new(&dir.path().join("out").join(id)).is_dir());
            let request = format!("GET /c/{id}/eu-dcc.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assert!(talk(port, &request).contains("\r\n\r\nHC1:"));
        }
    }
    // A client that never ends its request does not hold the program up for good.
    let mut idle = TcpStream::connect(("127.0.0.1", port)).unwrap();
    idle.write_all(b"POST /v1/verify HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    let status = Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert!(program.wait().unwrap().success());
}
