//! The endpoints, as a developer with curl meets them: what they take, in which forms they give, and what they say of
//! bad input. Who may is the gate's business; here everybody has a token.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vaccert::{
    access::{Right, TokenText},
    batch::system_random,
    clock::Clock as _,
    issue::Format,
    registry::{Approval, NewToken, Proposal, Registry},
    service::{self, Hosts, House, Rooms, operations::Board},
};

use super::{World, dosed, event};
use crate::{
    support::{
        database::{Database, on_each},
        dhis2::people::Person,
    },
    wallet::issuers::Apple,
};

/// What the invented people are called.
const NAMES: [&str; 3] = ["Zyxwana", "Qwertivo", "1977-01-12"];

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A problem of this status and code, which tells nothing of a person.
    fn is_problem(&self, status: u16, code: &str) -> String {
        let json = self.json();
        assert_eq!((self.status, json["code"].as_str().unwrap()), (status, code), "{json}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let text = json.to_string();
        assert!(NAMES.iter().all(|name| !text.contains(name)), "{text}");
        json["detail"].as_str().unwrap().to_owned()
    }
}

/// A token of an account with every right.
pub async fn token(registry: &Registry, now: jiff::Timestamp, facilities: &[&str]) -> String {
    let facilities: Vec<String> = facilities.iter().map(|unit| (*unit).to_owned()).collect();
    let name = format!("user:clerk{}", facilities.len());
    let role = if facilities.is_empty() { "operator" } else { "facility" };
    let proposal = Proposal { name: name.clone(), roles: vec![role.to_owned()], facilities, quota: None };
    registry.propose_account(&proposal, "user:chief", now).await.unwrap();
    if registry.approve_account(&name, "user:one", now).await.unwrap() == Approval::OneMore {
        registry.approve_account(&name, "user:two", now).await.unwrap();
    }
    let mut bytes = [0; 32];
    system_random()(&mut bytes).unwrap();
    let text = TokenText::of(&bytes);
    let rights: Vec<String> = Right::ALL.iter().map(|right| right.name().to_owned()).collect();
    let new = NewToken {
        id: &format!("t{:x}{:x}", bytes[0], bytes[1]),
        hash: &text.hash(),
        account: &name,
        label: "test",
        rights: &rights,
        facilities: &[],
        made_by: "user:chief",
        expires_at: now.checked_add(jiff::SignedDuration::from_hours(24 * 30)).unwrap(),
    };
    assert!(registry.make_token(&new, now).await.unwrap());
    format!("Bearer {}", text.reveal())
}

struct Site {
    world: World,
    operators: Router,
    token: String,
}

impl Site {
    async fn new(people: Vec<Person>, database: &Database, formats: &[Format]) -> Self {
        let formats = formats.to_vec();
        let world = World::with("2.41.0", people, database, |setup| {
            setup.formats = formats;
            setup.wallet.apple = Some(Arc::new(Apple::new().passes()));
        })
        .await;
        let clock: Arc<dyn vaccert::clock::Clock> = Arc::new(world.clock.clone());
        let rooms = Rooms {
            setup: Arc::clone(&world.setup),
            registry: world.registry.clone(),
            board: Arc::new(Board::new(Arc::clone(&clock), "sandbox")),
            clock,
            random: system_random(),
        };
        let operators = service::operators(&House::new(rooms), Hosts::this_machine());
        let token = token(&world.registry, world.clock.now(), &[]).await;
        Self { world, operators, token }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header(header::AUTHORIZATION, &self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.operators.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await
    }

    async fn get(&self, path: &str, accept: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", accept)], Body::empty()).await
    }
}

#[test]
fn a_certificate_is_issued_fetched_in_every_form_and_revoked() {
    on_each(async |database| {
        let person = dosed("Phttp000001");
        let site = Site::new(vec![person.clone()], &database, &Format::ALL).await;
        let body = json!({"event": event(&person, 0), "reason": "asked for at the counter"});
        let issued = site.post("/v1/certificates", &body).await;
        let made = issued.json();
        assert_eq!(issued.status, 201, "{made}");
        let one = &made["certificates"][0];
        let (href, id) = (one["href"].as_str().unwrap(), one["id"].as_str().unwrap());
        assert_eq!((one["status"].as_str().unwrap(), issued.header("location")), ("issued", href));
        assert_eq!(issued.header("cache-control"), "no-store");
        let again = site.post("/v1/certificates", &body).await;
        assert_eq!((again.status, again.json()["certificates"][0]["id"].as_str()), (200, Some(id)));

        let json = site.get(href, "*/*").await;
        let text = json.json();
        assert_eq!((json.status, text["status"].as_str()), (200, Some("valid")));
        assert_eq!(text["operator"], "user:clerk0");
        let dcc = text["formats"].as_array().unwrap().iter().find(|f| f["format"] == "eu-dcc").unwrap();
        assert!(dcc["text"].as_str().unwrap().starts_with("HC1:"));
        let usual = site.get(&format!("{href}?as=pdf"), "*/*").await;
        let fold = site.get(&format!("{href}?as=pdf&layout=fold&size=letter&lang=fr"), "*/*").await;
        assert!(fold.bytes.starts_with(b"%PDF") && fold.bytes != usual.bytes);
        assert_ne!(fold.header("etag"), usual.header("etag"), "another paper is another version");
        for wrong in ["layout=poster", "size=a5", "lang=xx", "lang=fr&lang=fr"] {
            site.get(&format!("{href}?as=pdf&{wrong}"), "*/*").await.is_problem(400, "query");
        }
        site.get(&format!("{href}?as=pdf&layout=yellow"), "*/*").await.is_problem(406, "not-drawn");
        let forms: [(&str, &str, &[u8]); 7] = [
            ("application/pdf", "application/pdf", b"%PDF"),
            ("image/png", "image/png", b"\x89PNG"),
            ("image/svg+xml", "image/svg+xml", b"<svg"),
            ("text/plain", "text/plain; charset=utf-8", b"HC1:"),
            ("application/fhir+json", "application/fhir+json", b"{"),
            ("application/zip", "application/zip", b"PK"),
            ("application/vnd.apple.pkpass", "application/vnd.apple.pkpass", b"PK"),
        ];
        for (accept, media, start) in forms {
            let form = site.get(href, accept).await;
            if accept == "application/fhir+json" && form.status == 406 {
                // The profiles of the document want more than this record has.
                form.is_problem(406, "not-drawn");
                continue;
            }
            assert_eq!((form.status, form.header("content-type")), (200, media));
            assert!(form.bytes.starts_with(start), "{accept}: {:?}", &form.bytes[..20]);
            assert_eq!(form.header("cache-control"), "no-store");
            let tag = form.header("etag").to_owned();
            let known = [("accept", accept), ("if-none-match", tag.as_str())];
            let unchanged = site.send(Method::GET, href, &known, Body::empty()).await;
            assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0), "{accept}");
        }
        let drawn = site.get(&format!("{href}?format=divoc-cwt&as=png"), "text/html").await;
        assert!(drawn.status == 200 && drawn.bytes.starts_with(b"\x89PNG"));
        let text = site.get(&format!("{href}?as=text&format=eu-dcc"), "").await;
        assert!(!text.bytes.ends_with(b"\n"), "a code and nothing else");
        site.get(href, "video/mp4").await.is_problem(406, "not-acceptable");
        site.get(&format!("{href}?format=vds"), "").await.is_problem(400, "query");

        // In every spelling; and what is none is not found.
        let escaped = crate::support::in_address(id);
        assert_eq!(site.get(&format!("/v1/certificates/{escaped}"), "").await.json()["id"], id);
        assert_eq!(
            site.get(&format!("/v1/certificates/{}", href.rsplit('/').next().unwrap().to_lowercase()), "").await.status,
            200
        );
        for wrong in ["X", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "%ff", &"A".repeat(500)] {
            site.get(&format!("/v1/certificates/{wrong}"), "").await.is_problem(404, "no-certificate");
        }

        let revoke = json!({"reason": "fraud", "note": "file 7"});
        let revoked = site.post(&format!("{href}/revoke"), &revoke).await;
        assert_eq!((revoked.status, revoked.json()["revoked_for"].as_str()), (200, Some("fraud")));
        for (accept, ..) in forms {
            site.get(href, accept).await.is_problem(410, "gone");
        }
        let shown = site.get(href, "application/json").await.json();
        assert_eq!(shown["status"], "revoked");
        assert!(shown["formats"].as_array().unwrap().iter().all(|format| format.get("text").is_none()));
        let barred = site.post("/v1/certificates", &body).await;
        assert_eq!((barred.status, barred.json()["certificates"][0]["status"].as_str()), (409, Some("barred")));
        site.post(&format!("{href}/renew"), &json!({"reason": "x"})).await.is_problem(409, "revoked");
        let happened = site.get(&format!("{href}/history"), "").await.json();
        let last = happened["happened"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((last["what"].as_str(), last["note"].as_str()), (Some("revoked"), Some("file 7")));
        let back = site.post(&format!("{href}/restore"), &json!({"reason": "a mistake"})).await;
        assert_eq!((back.status, back.json()["status"].as_str()), (200, Some("valid")));
        assert_eq!(site.get(href, "application/pdf").await.status, 200);

        // The list of a person, page by page.
        let person_body = json!({"person": person.uid, "reason": "the rest"});
        assert_eq!(site.post("/v1/certificates", &person_body).await.status, 201);
        let list = format!("/v1/certificates?person={}&limit=1", person.uid);
        let page = site.get(&list, "").await.json();
        let next = page["next"].as_str().unwrap();
        assert_eq!(page["certificates"][0]["id"], id);
        let rest = site.get(&format!("{list}&after={next}"), "").await.json();
        assert!(rest.get("next").is_none() && rest["certificates"].as_array().unwrap().len() == 1);
        site.get(&format!("{list}&after=X"), "").await.is_problem(400, "query");
        site.get("/v1/certificates", "").await.is_problem(400, "query");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_requests_are_told_which_field_is_wrong_and_sign_nothing() {
    let mut person = dosed("Pbad0000001");
    person.enrollments[0].events[1].status = "ACTIVE".to_owned();
    let database = Database::sqlite();
    let site = Site::new(vec![person.clone()], &database, &[Format::EuDcc]).await;
    let uid = event(&person, 0);
    let cases = [
        (json!({"event": uid}), 422, "field-missing", "reason"),
        (json!({"event": uid, "reason": ""}), 422, "field-missing", "reason"),
        (json!({"event": uid, "reason": "x".repeat(300)}), 422, "reason", "240"),
        (json!({"reason": "x"}), 422, "one-of", "person"),
        (json!({"event": uid, "person": person.uid, "reason": "x"}), 422, "one-of", "event"),
        (json!({"event": 7, "reason": "x"}), 422, "field", "event"),
        (json!({"event": "Zyxwana", "reason": "x"}), 422, "uid", "event"),
        (json!({"event": uid, "reason": "x", "Qwertivo": 1}), 422, "field-unknown", "formats"),
        (json!({"event": uid, "reason": "x", "formats": ["vds"]}), 422, "field", "formats"),
        (json!({"event": uid, "reason": "x", "formats": ["icvp"]}), 422, "format", "eu-dcc"),
        (json!(["x"]), 400, "not-an-object", "object"),
        (json!({"event": "Enothing001", "reason": "x"}), 404, "no-event", "DHIS2"),
        (json!({"person": "Pnobody0001", "reason": "x"}), 404, "no-person", "DHIS2"),
    ];
    for (body, status, code, says) in cases {
        let detail = site.post("/v1/certificates", &body).await.is_problem(status, code);
        assert!(detail.contains(says), "{code}: {detail}");
    }
    let json = [("content-type", "application/json")];
    site.send(Method::POST, "/v1/certificates", &json, "{\"event\"").await.is_problem(400, "json");
    site.send(Method::POST, "/v1/certificates", &json, "{\"reason\":\"a\",\"reason\":\"b\"}")
        .await
        .is_problem(400, "json");
    site.send(Method::POST, "/v1/certificates", &json, vec![b' '; 20_000]).await.is_problem(413, "too-large");
    let plain = [("content-type", "text/plain")];
    site.send(Method::POST, "/v1/certificates", &plain, "x").await.is_problem(415, "media-type");
    // A record that is not complete: its reasons come back, with what to do.
    let refused = site.post("/v1/certificates", &json!({"event": event(&person, 1), "reason": "x"})).await;
    let answer = refused.json();
    assert_eq!(refused.status, 422);
    assert_eq!(answer["certificates"][0]["reasons"][0]["code"], "event-not-completed");
    let preview = site.post("/v1/certificates/preview", &json!({"person": person.uid})).await;
    let shown = preview.json();
    assert_eq!(preview.status, 200);
    let statuses: Vec<&str> =
        shown["certificates"].as_array().unwrap().iter().map(|c| c["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["would-issue", "refused"]);
    assert_eq!(shown["certificates"][0]["says"]["family_name"], "Qwertivo");
    assert!(!shown.to_string().contains("HC1:"), "a preview has no signature");
    assert_eq!(site.world.signed(), 0);
    for body in [json!({"reason": "because"}), json!({}), json!({"reason": "other"}), json!({"reason": "superseded"})] {
        assert_eq!(site.post("/v1/certificates/AAAAAAAAAAAAAAAAAAAAAAAAAA/revoke", &body).await.status, 422, "{body}");
    }
}

#[test]
fn the_same_request_under_a_key_is_done_once() {
    on_each(async |database| {
        let people: Vec<Person> = (0..3).map(|n| dosed(&format!("Pkey000000{n}"))).collect();
        let site = Arc::new(Site::new(people.clone(), &database, &[Format::EuDcc]).await);
        let body = |n: usize| json!({"person": people[n].uid, "reason": "asked for"}).to_string();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (site, body) = (Arc::clone(&site), body(0));
            tasks.spawn(async move {
                let headers = [("content-type", "application/json"), ("idempotency-key", "8e03978e-40d5")];
                site.send(Method::POST, "/v1/certificates", &headers, body).await
            });
        }
        let answers = tasks.join_all().await;
        let first = answers[0].bytes.clone();
        for answer in &answers {
            assert_eq!((answer.status, &answer.bytes), (201, &first), "all are answered alike");
        }
        let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
        assert_eq!((replayed, site.world.signed()), (9, 2));
        let send = async |key: &str, body: String| {
            let headers = [("content-type", "application/json"), ("idempotency-key", key)];
            site.send(Method::POST, "/v1/certificates", &headers, body).await
        };
        send("8e03978e-40d5", body(1)).await.is_problem(422, "idempotency-key-reused");
        let long = "x".repeat(256);
        for bad in ["", "  ", long.as_str()] {
            send(bad, body(1)).await.is_problem(400, "idempotency-key");
        }
        assert_eq!(send("another", body(0)).await.status, 200, "under another key it is another request");
        // What failed may be sent again under its key when its cause is mended.
        site.world.server.edit(|people| people[2].enrollments[0].events[0].status = "ACTIVE".to_owned());
        site.world.server.edit(|people| people[2].enrollments[0].events[1].status = "ACTIVE".to_owned());
        assert_eq!(send("later", body(2)).await.status, 422);
        site.world.server.edit(|people| {
            people[2].enrollments[0].events.iter_mut().for_each(|event| event.status = "COMPLETED".to_owned());
        });
        assert_eq!(send("later", body(2)).await.status, 201);
        assert_eq!(site.world.signed(), 4);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_without_dhis2_downloads_go_on_and_issuing_says_when_to_come_again() {
    let person = dosed("Pf380000002");
    let database = Database::sqlite();
    let site = Site::new(vec![person.clone()], &database, &[Format::EuDcc]).await;
    let body = json!({"event": event(&person, 0), "reason": "x"});
    let href = site.post("/v1/certificates", &body).await.header("location").to_owned();
    site.world.server.always(crate::support::dhis2::Fault::Echo(503));
    let away = site.post("/v1/certificates", &json!({"event": event(&person, 1), "reason": "x"})).await;
    away.is_problem(503, "dhis2-away");
    assert!(away.header("retry-after").parse::<u64>().unwrap() > 0);
    for accept in ["application/json", "application/pdf", "image/png"] {
        assert_eq!(site.get(&href, accept).await.status, 200, "{accept}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_a_list_of_many_is_revoked_line_by_line() {
    let people: Vec<Person> = (0..30).map(|n| dosed(&format!("Pf0500000{n:02}"))).collect();
    let database = Database::sqlite();
    let site = Site::new(people.clone(), &database, &[Format::EuDcc]).await;
    let mut ids = Vec::new();
    for person in &people {
        let answer = site.post("/v1/certificates", &json!({"person": person.uid, "reason": "x"})).await.json();
        ids.extend(answer["certificates"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()));
    }
    let mut csv = "id;reason\n".to_owned();
    for id in &ids[..50] {
        csv.push_str(&format!("{id};lot\n"));
    }
    csv.push_str("Qwertivo;\nAAAAAAAAAAAAAAAAAAAAAAAAAA;\n");
    csv.push_str(&format!("{};\n", ids[0]));
    let headers = [("content-type", "text/csv")];
    let path = "/v1/revocations?reason=fraud&note=file%207";
    let dry = site.send(Method::POST, &format!("{path}&dry_run=true"), &headers, csv.clone()).await;
    assert_eq!((dry.status, dry.json()["revoked"].as_u64()), (200, Some(0)));
    let done = site.send(Method::POST, path, &headers, csv).await;
    let json = done.json();
    assert_eq!((done.status, json["revoked"].as_u64(), json["found"].as_u64()), (200, Some(50), Some(53)));
    let lines = json["lines"].as_array().unwrap();
    assert_eq!(lines[50]["result"], "malformed");
    assert!(!json.to_string().contains("Qwertivo"), "what is malformed is not repeated");
    assert_eq!(
        (lines[51]["result"].as_str(), lines[52]["result"].as_str()),
        (Some("unknown"), Some("already-revoked"))
    );
    let standing = site.get(&format!("/v1/certificates?person={}", people[29].uid), "").await.json();
    assert!(standing["certificates"].as_array().unwrap().iter().all(|c| c["status"] == "valid"));
    // A selection is counted first.
    let selection = json!({"reason": "fraud", "selection": {"operator": "user:clerk0"}});
    let detail = site.post("/v1/revocations", &selection).await.is_problem(409, "not-confirmed");
    assert!(detail.contains("10 certificates"), "{detail}");
    let confirmed = json!({"reason": "fraud", "confirm": 10, "selection": {"operator": "user:clerk0"}});
    assert_eq!(site.post("/v1/revocations", &confirmed).await.json()["revoked"], 10);
    let everybody = json!({"reason": "fraud", "selection": {"issued_from": "2026-01-01T00:00:00Z"}});
    site.post("/v1/revocations", &everybody).await.is_problem(422, "selection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sidecar_of_divoc_is_served_on_the_operators_door() {
    let database = Database::sqlite();
    let site = Site::new(Vec::new(), &database, &[Format::EuDcc, Format::Divoc, Format::DivocCwt]).await;
    let dose = json!([{
        "preEnrollmentCode": "770112345X",
        "recipient": {"contact": ["tel:1"], "dob": "1977-01-12", "gender": "Female", "identity": "NIC:1",
            "name": "Zyxwana Qwertivo", "nationality": "XX", "address": {"addressLine1": "1", "addressLine2": "",
            "district": "d", "state": "s", "pincode": "1"}},
        "vaccination": {"batch": "B1", "date": "2021-03-03T10:00:00.000Z", "dose": 1, "effectiveStart": "2021-03-03",
            "effectiveUntil": "2021-03-03", "manufacturer": "AstraZeneca", "name": "AstraZeneca", "totalDoses": 2},
        "vaccinator": {"name": "Dr Nobody"},
        "facility": {"name": "Nowhere Hospital", "address": {"addressLine1": "2", "addressLine2": "", "district": "d",
            "state": "s", "pincode": "1"}}
    }]);
    let issued = site.post("/divoc/api/v1/certify", &dose).await;
    let json = issued.json();
    assert_eq!((issued.status, json[0]["status"].as_str()), (200, Some("issued")), "{json}");
    let id = json[0]["certificateId"].as_str().unwrap().to_owned();
    let shown = site.get(&format!("/v1/certificates/{}", crate::support::in_address(&id)), "").await.json();
    assert_eq!(shown["operator"], "user:clerk0", "the account of the service's own token");
    let whole = shown["formats"].as_array().unwrap().iter().find(|f| f["format"] == "divoc").unwrap()["text"].clone();
    for base in ["/certificate/api", "/cert/api"] {
        let paper = site.get(&format!("{base}/certificatePDF/770112345X"), "").await;
        assert!(paper.status == 200 && paper.bytes.starts_with(b"%PDF"));
        let picture = site.get(&format!("{base}/certificateQRCode/770112345X?dose=1"), "").await;
        assert!(picture.status == 200 && picture.bytes.starts_with(b"\x89PNG"));
    }
    let ask = async || {
        let headers = [("content-type", "application/json")];
        site.send(Method::POST, "/divoc/api/v1/certificate/revoked", &headers, whole.as_str().unwrap().to_owned()).await
    };
    assert_eq!(ask().await.status, 404, "it is not revoked");
    let path = "/divoc/api/v1/certificates/770112345X?allDoses=true";
    let revoked = site.send(Method::DELETE, path, &[], Body::empty()).await;
    assert_eq!((revoked.status, revoked.json()["revoked"][0].as_str()), (200, Some(id.as_str())));
    assert_eq!(ask().await.status, 200, "now it is");
    // Who is bound to a facility uses the API that knows facilities.
    let nurse = token(&site.world.registry, site.world.clock.now(), &["HarbourHC01"]).await;
    let bound = [("authorization", nurse.as_str()), ("content-type", "application/json")];
    let refused = site.send(Method::POST, "/divoc/api/v1/certify", &bound, dose.to_string()).await;
    refused.is_problem(403, "bound-to-facility");
}
