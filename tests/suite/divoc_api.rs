//! The issuing API that DIVOC's sidecars speak: every route with every token, what it answers to good, repeated,
//! corrected and broken requests, and that nothing of a person stands in an error. All people are invented.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use vaccert::{
    batch::{Batch, system_random},
    clock::{Clock as _, System},
    config::Setup,
    document::Press,
    issue::{Format, Issuer},
    limits,
    record::VaccinationRecord,
    registry::{Options, Registry},
    service::{
        self, Api,
        divoc::{
            Caller, Done, Ground, House, Issuing, IssuingError, Mode, Outcome, Presented, Pseudonyms, Right, Sheet,
            Standing, Token, Tokens, pseudonyms, router,
        },
    },
    source::{assess::Assessor, divoc::HEADER, policy::BirthDateMissing, profile::Profile},
    trust::{TrustedKey, bundle},
    valueset::dhis2::Dhis2Vaccines,
    verify::Knowledge,
};

const CODE: &str = "770112345X";
const NAME: &str = "Zyxwana Qwertivo";

/// What the mediators of Sri Lanka's and the proof-of-concept's kind send, with an invented person.
fn mediator(code: &str, dose: u8) -> Value {
    json!({
        "preEnrollmentCode": code,
        "recipient": {
            "contact": ["tel:0700000000"], "dob": "1977-01-12", "gender": "Female", "identity": format!("NIC:{code}"),
            "name": NAME, "nationality": "XX",
            "address": {"addressLine1": "1 Nowhere", "addressLine2": "", "district": "d", "state": "s", "pincode": "1"}
        },
        "vaccination": {
            "batch": "B00001", "date": format!("2021-0{}-03T10:00:00.000Z", dose + 2), "dose": dose,
            "effectiveStart": "2021-03-03", "effectiveUntil": "2021-03-03", "manufacturer": "AstraZeneca",
            "name": "AstraZeneca", "totalDoses": 2
        },
        "vaccinator": {"name": "Dr Nobody"},
        "facility": {
            "name": "Nowhere Hospital",
            "address": {"addressLine1": "2 Nowhere", "addressLine2": "", "district": "d", "state": "s", "pincode": "1"}
        }
    })
}

/// What OpenFn's adaptor sends: the members of v3 and no more.
fn openfn(code: &str) -> Value {
    json!({
        "preEnrollmentCode": code, "programId": "Covid-19", "enrollmentType": "SELF_ENRL", "comorbidities": [],
        "recipient": {"name": NAME, "dob": "1977-01-12", "nationality": "", "identity": "", "contact": ["tel:1"]},
        "vaccination": {"name": "Comirnaty", "manufacturer": "Pfizer", "batch": "B7", "date": "2021-03-03",
            "dose": 1, "totalDoses": 2},
        "facility": {"name": "Nowhere Hospital"}, "meta": {}
    })
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.bytes)))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status of the whole, and the status of each dose.
    fn outcomes(&self) -> (u16, Vec<String>) {
        let json = self.json();
        let each = json.as_array().unwrap_or_else(|| panic!("{json}")).iter();
        (self.status.as_u16(), each.map(|result| result["status"].as_str().unwrap().to_owned()).collect())
    }
}

async fn send(router: &Router, token: &str, method: Method, path: &str, media: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("content-type", media);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, bytes: to_bytes(body, usize::MAX).await.unwrap().to_vec() }
}

/// A house that answers what it is told, and counts what it is asked.
#[derive(Clone, Default)]
struct Double {
    outcomes: Vec<Outcome>,
    presented: Option<Presented>,
    asked: Arc<AtomicUsize>,
}

impl Issuing for Double {
    async fn issue(&self, records: Vec<VaccinationRecord>, _: Mode, _: &Caller) -> Result<Vec<Done>, IssuingError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let outcome = |i: usize| self.outcomes.get(i).copied().unwrap_or(Outcome::Issued);
        let done = |i| Done { outcome: outcome(i), id: Some(format!("ID{i}")), reasons: Vec::new(), notes: Vec::new() };
        Ok((0..records.len()).map(done).collect())
    }

    async fn standing(&self, _: &str) -> Result<Vec<Standing>, IssuingError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let dose = |n| Standing { id: format!("ID{n}"), event: format!("dose-{n}") };
        Ok(vec![dose(3), dose(1), dose(2)])
    }

    async fn find(&self, id: &str) -> Result<Option<String>, IssuingError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(Some(id.to_owned()).filter(|id| id == "ID1"))
    }

    async fn draw(&self, id: &str, sheet: Sheet) -> Result<Vec<u8>, IssuingError> {
        Ok(format!("{sheet:?} {id}").into_bytes())
    }

    async fn presented(&self, _: Vec<u8>) -> Result<Presented, IssuingError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.presented.ok_or(IssuingError::Unavailable)
    }

    async fn revoke(&self, _: &str, event: &str, _: &Caller) -> Result<Vec<String>, IssuingError> {
        Ok(vec![event.replace("dose-", "ID")])
    }
}

fn ground(pseudonyms: Pseudonyms) -> Ground {
    Ground {
        issuer: "Ministry of Health".to_owned(),
        country: "XX".parse().unwrap(),
        vaccines: Arc::new(Dhis2Vaccines::divoc().clone()),
        birth_date_missing: BirthDateMissing::Refuse,
        pseudonyms,
        clock: Arc::new(System),
    }
}

fn tokens() -> Tokens {
    let only = |right: Right| Token { rights: vec![right], ..Token::of(right.name(), right.name()) };
    let mut all = vec![Token::of("all", "all")];
    all.extend(Right::ALL.map(only));
    Tokens::new(all)
}

fn over(double: &Double) -> Router {
    router(double.clone(), ground(Pseudonyms::new(&[7; 32])), tokens())
}

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data; boundary=XX";

fn form(name: &str, sheet: &str) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"doses.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         {sheet}\r\n--XX--\r\n"
    )
}

fn sheet(rows: &[&[(&str, &str)]]) -> String {
    let mut text = HEADER.map(|(column, _)| column).join(",") + "\r\n";
    for row in rows {
        let cells =
            HEADER.map(|(column, _)| row.iter().find(|(name, _)| *name == column).map_or("", |(_, cell)| *cell));
        text += &(cells.join(",") + "\r\n");
    }
    text
}

const ROW: [(&str, &str); 8] = [
    ("preEnrollmentCode", CODE),
    ("recipientName", NAME),
    ("recipientDOB", "1977-01-12"),
    ("vaccinationDate", "2021-03-03T10:00:00Z"),
    ("vaccinationDose", "1"),
    ("vaccinationTotalDoses", "2"),
    ("vaccinationManufacturer", "AstraZeneca"),
    ("vaccinationName", "AstraZeneca"),
];

#[tokio::test]
async fn every_route_asks_for_a_token_with_its_right() {
    let double = Double { presented: Some(Presented::Revoked), ..Double::default() };
    let router = over(&double);
    let items = json!([mediator(CODE, 1)]).to_string();
    let routes: Vec<(Method, String, &str, String, Right, u16)> = vec![
        (Method::POST, "/divoc/api/v1/certify".into(), JSON, items.clone(), Right::Certify, 200),
        (Method::POST, "/divoc/api/v3/certify".into(), JSON, items.clone(), Right::Certify, 200),
        (Method::PUT, "/divoc/api/v1/certificate".into(), JSON, items.clone(), Right::Certify, 200),
        (Method::PUT, "/divoc/api/v3/certificate".into(), JSON, items, Right::Certify, 200),
        (Method::POST, "/divoc/api/v1/bulkCertify".into(), FORM, form("file", &sheet(&[&ROW])), Right::Certify, 200),
        (Method::GET, format!("/certificate/api/certificatePDF/{CODE}"), "", String::new(), Right::Read, 200),
        (Method::HEAD, format!("/certificate/api/certificatePDF/{CODE}"), "", String::new(), Right::Read, 200),
        (Method::GET, "/certificate/api/certificatePDF?certificateId=ID1".into(), "", String::new(), Right::Read, 200),
        (Method::HEAD, "/certificate/api/certificatePDF?certificateId=ID9".into(), "", String::new(), Right::Read, 404),
        (Method::GET, format!("/certificate/api/certificateQRCode/{CODE}"), "", String::new(), Right::Read, 200),
        (Method::GET, format!("/cert/api/certificatePDF/{CODE}"), "", String::new(), Right::Read, 200),
        (Method::GET, format!("/cert/api/certificateQRCode/{CODE}"), "", String::new(), Right::Read, 200),
        (
            Method::POST,
            format!("/certificate/api/eu-certificate?refId={CODE}&type=qrcode"),
            "",
            String::new(),
            Right::Read,
            200,
        ),
        (Method::GET, format!("/cert/api/fhir-certificate?refId={CODE}"), "", String::new(), Right::Read, 200),
        (Method::GET, format!("/certificate/api/shc-certificate?refId={CODE}"), "", String::new(), Right::Read, 404),
        (Method::GET, "/divoc/api/v1/certify/uploads".into(), "", String::new(), Right::Read, 404),
        (Method::GET, "/divoc/api/v1/certify/uploads/7/errors".into(), "", String::new(), Right::Read, 404),
        (Method::POST, "/divoc/api/v1/certificate/revoked".into(), JSON, "{}".into(), Right::Read, 200),
        (
            Method::DELETE,
            format!("/divoc/api/v1/certificates/{CODE}?allDoses=true"),
            "",
            String::new(),
            Right::Revoke,
            200,
        ),
    ];
    for (method, path, media, body, right, status) in routes {
        for wrong in ["", "unknown", "al", "all1", "Bearer all"] {
            let answer = send(&router, wrong, method.clone(), &path, media, body.clone()).await;
            assert_eq!(answer.status, 401, "{method} {path} {wrong}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
        for other in Right::ALL.into_iter().filter(|other| *other != right) {
            let answer = send(&router, other.name(), method.clone(), &path, media, body.clone()).await;
            assert_eq!(answer.status, 403, "{method} {path} {other:?}");
        }
        // Nobody got as far as the house without the right.
        assert_eq!(double.asked.swap(0, Ordering::SeqCst), 0, "{method} {path}");
        for token in ["all", right.name()] {
            let answer = send(&router, token, method.clone(), &path, media, body.clone()).await;
            assert_eq!(answer.status, status, "{method} {path} {}", String::from_utf8_lossy(&answer.bytes));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        // What is not offered says so by itself.
        let offered = !path.contains("/shc-") && !path.contains("/uploads");
        assert_eq!(double.asked.swap(0, Ordering::SeqCst) > 0, offered, "{method} {path}");
        let answer = send(&router, "all", Method::PATCH, &path, media, body).await;
        assert_eq!(answer.status, 405, "{path}");
    }
}

#[tokio::test]
async fn two_hundred_means_that_every_dose_has_its_certificate() {
    use Outcome::{Conflict, Issued, Missing, Refused, Unchanged};
    for (outcomes, status) in [
        (vec![Issued, Unchanged], 200),
        (vec![Issued, Conflict], 409),
        (vec![Missing, Unchanged], 412),
        (vec![Missing, Conflict], 409),
        (vec![Missing, Conflict, Refused], 422),
        (vec![Refused], 422),
    ] {
        let router = over(&Double { outcomes: outcomes.clone(), ..Double::default() });
        let items: Vec<Value> = (0..outcomes.len()).map(|i| mediator(&format!("{CODE}{i}"), 1)).collect();
        let answer = send(&router, "all", Method::POST, "/divoc/api/v1/certify", JSON, json!(items).to_string()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, JSON), "{outcomes:?}");
        assert_eq!(answer.json().as_array().unwrap().len(), outcomes.len());
    }
    // A dose that is not sound has its answer at its place, and the others go on.
    let router = over(&Double::default());
    let mut bad = mediator(CODE, 1);
    bad["recipient"]["dob"] = json!("sometime");
    bad["vaccination"]["name"] = json!("Covishild");
    let items = json!([bad, mediator(CODE, 2), 17]);
    let answer = send(&router, "all", Method::POST, "/divoc/api/v1/certify", JSON, items.to_string()).await;
    assert_eq!(answer.outcomes(), (422, vec!["refused".into(), "issued".into(), "refused".into()]));
    let json = answer.json();
    assert_eq!((&json[0]["preEnrollmentCode"], &json[0]["certificateId"]), (&json!(CODE), &Value::Null));
    assert_eq!(json[0]["errors"][0]["path"], "$[0].recipient.dob");
    assert_eq!(json[0]["errors"][1]["path"], "$[0].vaccination.name");
    assert!(json[0]["errors"][1]["message"].as_str().unwrap().contains("Covishield"));
    assert_eq!((&json[1]["dose"], &json[1]["certificateId"]), (&json!(2), &json!("ID0")));
    assert_eq!(json[2]["errors"][0]["code"], "item-malformed");
    assert!(!answer.bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()), "a name in an answer");
}

#[tokio::test]
async fn bodies_that_hold_no_doses_are_refused_whole() {
    let double = Double::default();
    let router = over(&double);
    let many = format!("[{}1]", "1,".repeat(limits::DIVOC_ITEMS));
    let large = "[".to_owned() + &" ".repeat(limits::DIVOC_BODY_BYTES);
    for (body, media, status, code) in [
        ("{".to_owned(), JSON, 400, "json"),
        (format!(r#"[{{"preEnrollmentCode":"{CODE}","preEnrollmentCode":"b"}}]"#), JSON, 400, "json"),
        ("{}".to_owned(), JSON, 400, "not-an-array"),
        ("[]".to_owned(), JSON, 400, "no-dose"),
        (many, JSON, 400, "too-many-doses"),
        (large, JSON, 413, "too-large"),
        ("[]".to_owned(), "text/plain", 415, "media-type"),
    ] {
        let answer = send(&router, "all", Method::POST, "/divoc/api/v3/certify", media, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), (status, code));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(!answer.json().to_string().contains(CODE));
    }
    let bulk = "/divoc/api/v1/bulkCertify";
    for (body, media, status, code) in [
        (form("other", "x"), FORM, 400, "field-missing"),
        (form("file", ""), FORM, 400, "no-dose"),
        (form("file", "a,b\r\n1,2"), FORM, 400, "sheet"),
        ("no form".to_owned(), FORM, 400, "form-broken"),
        (form("file", "x"), "multipart/form-data", 400, "form-broken"),
        (form("file", "x"), JSON, 415, "media-type"),
        (form("file", &"x".repeat(limits::DIVOC_BODY_BYTES)), FORM, 413, "too-large"),
    ] {
        let answer = send(&router, "all", Method::POST, bulk, media, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), (status, code));
    }
    assert_eq!(double.asked.load(Ordering::SeqCst), 0);
    let mut second = ROW;
    second[4].1 = "two";
    let answer = send(&router, "all", Method::POST, bulk, FORM, form("file", &sheet(&[&ROW, &second]))).await;
    assert_eq!(answer.outcomes(), (422, vec!["issued".into(), "refused".into()]));
    let json = answer.json();
    assert_eq!((&json[0]["line"], &json[1]["line"]), (&json!(2), &json!(3)));
    assert_eq!(json[1]["errors"][0]["path"], "line 3, vaccinationDose");
    // Sheets larger than the two megabytes that a server reads by default.
    let long = "x".repeat(3 * 1024 * 1024);
    let mut wide = ROW;
    wide[1].1 = &long;
    let answer = send(&router, "all", Method::POST, bulk, FORM, form("file", &sheet(&[&wide]))).await;
    assert_eq!(answer.outcomes(), (422, vec!["refused".into()]));
}

#[tokio::test]
async fn certificates_are_found_by_code_dose_and_identifier() {
    let router = over(&Double::default());
    let get = async |path: &str| {
        let answer = send(&router, "all", Method::GET, path, "", "").await;
        (
            answer.status.as_u16(),
            String::from_utf8(answer.bytes.clone()).unwrap(),
            answer.header("content-type").to_owned(),
        )
    };
    for base in ["/certificate/api", "/cert/api"] {
        let paper = format!("{base}/certificatePDF");
        let (status, body, media) = get(&format!("{paper}/{CODE}")).await;
        assert_eq!((status, body.as_str(), media.as_str()), (200, "Paper ID3", "application/pdf"));
        assert_eq!(get(&format!("{paper}/{CODE}?dose=2")).await.1, "Paper ID2");
        assert_eq!(get(&format!("{paper}/a%2Fb%20c")).await.1, "Paper ID3");
        assert_eq!(get(&format!("{paper}?certificateId=ID1")).await.1, "Paper ID1");
        let (_, body, media) = get(&format!("{base}/certificateQRCode/{CODE}?dose=1")).await;
        assert_eq!((body.as_str(), media.as_str()), ("Picture ID1", "image/png"));
        let (_, body, media) = get(&format!("{base}/fhir-certificate?refId=%20{CODE}&dose=2")).await;
        assert_eq!((body.as_str(), media.as_str()), ("Fhir ID2", "application/fhir+json"));
        for (kind, sheet, of) in [
            ("", "EuPaper ID3", "application/pdf"),
            ("&type=pdf", "EuPaper ID3", "application/pdf"),
            ("&type=qrcode", "EuPicture ID3", "image/png"),
        ] {
            let path = format!("{base}/eu-certificate?refId={CODE}{kind}");
            let answer = send(&router, "all", Method::POST, &path, "", "").await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, of), "{path}");
            assert_eq!(answer.bytes, sheet.as_bytes());
        }
        for (path, says) in [
            (format!("{base}/shc-certificate?refId={CODE}"), "SMART Health Cards"),
            ("/divoc/api/v1/certify/uploads".to_owned(), "bulkCertify"),
        ] {
            let (status, body, _) = get(&path).await;
            assert!(status == 404 && body.contains("not-offered") && body.contains(says), "{path}: {body}");
        }
        for wrong in ["", "?refId=a&refId=b", "?refId=a&dose=x"] {
            assert_eq!(get(&format!("{base}/fhir-certificate{wrong}")).await.0, 400, "{wrong}");
        }
        let odd = format!("{base}/eu-certificate?refId={CODE}&type=gif");
        assert_eq!(send(&router, "all", Method::POST, &odd, "", "").await.status, 400);
        for missing in [format!("{paper}/{CODE}?dose=4"), format!("{paper}?certificateId=ID4")] {
            assert_eq!(get(&missing).await.0, 404, "{missing}");
        }
        for wrong in
            [paper.clone(), format!("{paper}/{CODE}?dose=x"), format!("{paper}?certificateId=a&certificateId=b")]
        {
            assert_eq!(get(&wrong).await.0, 400, "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_certificate_is_revoked_or_not_or_none_of_ours() {
    let path = "/divoc/api/v1/certificate/revoked";
    let ask = async |presented, body: &str| {
        let router = over(&Double { presented, ..Double::default() });
        let answer = send(&router, "all", Method::POST, path, JSON, body.to_owned()).await;
        let json = answer.json();
        (answer.status.as_u16(), json["code"].as_str().unwrap_or("").to_owned(), json["revoked"] == json!(true))
    };
    assert_eq!(ask(Some(Presented::Revoked), "{}").await, (200, String::new(), true));
    assert_eq!(ask(Some(Presented::Stands), "{}").await, (404, "not-revoked".into(), false));
    assert_eq!(ask(Some(Presented::NotOurs), "{}").await, (400, "not-ours".into(), false));
    assert_eq!(ask(Some(Presented::Revoked), "{").await, (400, "json".into(), false));
    assert_eq!(ask(Some(Presented::Revoked), r#"{"a":1,"a":1}"#).await, (400, "json".into(), false));
    let large = format!("[{}]", " ".repeat(limits::DIVOC_CERTIFICATE_BYTES));
    assert_eq!(ask(Some(Presented::Revoked), &large).await.0, 413);
    // A house that cannot tell never says "not revoked".
    assert_eq!(ask(None, "{}").await, (503, "unavailable".into(), false));
}

#[tokio::test]
async fn doses_are_revoked_from_the_latest_down() {
    let router = over(&Double::default());
    let revoke = async |query: &str| {
        let path = format!("/divoc/api/v1/certificates/{CODE}?{query}");
        let answer = send(&router, "revoke", Method::DELETE, &path, "", "").await;
        (answer.status.as_u16(), answer.json())
    };
    assert_eq!(revoke("allDoses=true").await.1["revoked"].as_array().unwrap().len(), 3);
    assert_eq!(revoke("doses=3").await, (200, json!({"revoked": ["ID3"]})));
    for both in ["doses=2,3", "doses=3&doses=2", "doses=2,3&allDoses=false"] {
        assert_eq!(revoke(both).await.1["revoked"].as_array().unwrap().len(), 2, "{both}");
    }
    for (query, status) in [
        ("doses=1", 400),
        ("doses=1,3", 400),
        ("doses=3,4", 404),
        ("", 400),
        ("doses=", 400),
        ("doses=x", 400),
        ("doses=3&allDoses=true", 400),
        ("allDoses=false", 400),
        ("allDoses=yes", 400),
    ] {
        assert_eq!(revoke(query).await.0, status, "{query}");
    }
}

/// The API over a registry and a signer as they are.
struct Sandbox {
    dir: TempDir,
    router: Router,
    registry: Registry,
    knowledge: Arc<Knowledge>,
}

impl Sandbox {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let random = system_random();
        let setup = Setup::sandbox(dir.path(), System.now(), &random).unwrap();
        let registry = Registry::open(&setup.registry_url, Options::default()).await.unwrap();
        let mut profile = Profile::by_name("covac-1.2.0").unwrap();
        profile.constants.country = Some("XX".to_owned());
        profile.constants.issuer = Some("Ministry of Health".to_owned());
        let vaccines = Arc::new(Dhis2Vaccines::divoc().clone());
        let issuer = Issuer::new(Arc::clone(&setup.signer), "XX", setup.terms.clone()).unwrap();
        let batch = Batch {
            assessor: Assessor::new(profile, vaccines, Arc::new(|_: &str| None)).unwrap(),
            issuer: Arc::new(issuer.with_linked_data(setup.linked_data.clone())),
            formats: vec![Format::EuDcc, Format::Divoc],
            registry: registry.clone(),
            outputs: None,
            press: Arc::new(Press::standard().unwrap()),
            seal: None,
            wallet: None,
            divoc_paper: setup.divoc_paper,
            clock: Arc::new(System),
            random,
            owner: "api".into(),
            operator: "test".into(),
            reason: None,
            request: None,
            follower: None,
        };
        let pseudonyms = pseudonyms(&registry, &batch.random).await.unwrap();
        let mut knowledge = Knowledge::default();
        knowledge.trust.add(TrustedKey::from_certificate(setup.signer.certificate(), "own").unwrap());
        knowledge.trust.add(setup.linked_data.as_ref().unwrap().key().clone());
        let knowledge = Arc::new(knowledge);
        let keys = Arc::clone(&knowledge);
        let house = House::new(batch, Arc::new(move || Some(Arc::clone(&keys))));
        let house = house.with_bundle(dir.path().to_owned(), setup.list_key.clone());
        let router = router(house, ground(pseudonyms), tokens());
        Self { dir, router, registry, knowledge }
    }

    async fn certify(&self, method: Method, path: &str, items: Value) -> Answer {
        send(&self.router, "all", method, path, JSON, items.to_string()).await
    }

    async fn get(&self, method: Method, path: &str) -> Answer {
        send(&self.router, "all", method, path, "", "").await
    }
}

#[tokio::test]
async fn the_whole_life_of_a_certificate() {
    let sandbox = Sandbox::new().await;
    let certify = async |items: Value| sandbox.certify(Method::POST, "/divoc/api/v1/certify", items).await;
    let correct = async |items: Value| sandbox.certify(Method::PUT, "/divoc/api/v1/certificate", items).await;
    let one = |value: &str| vec![value.to_owned()];

    // Nothing stands: nothing to correct and nothing to fetch.
    assert_eq!(correct(json!([mediator(CODE, 1)])).await.outcomes(), (412, one("missing")));
    let paper = format!("/certificate/api/certificatePDF/{CODE}");
    assert_eq!(sandbox.get(Method::HEAD, &paper).await.status, 404);

    // Issued when the answer comes; sent again, the same certificate.
    let first = certify(json!([mediator(CODE, 1), mediator(CODE, 2)])).await;
    assert_eq!(first.outcomes(), (200, vec!["issued".into(), "issued".into()]));
    let ids: Vec<String> = (0..2).map(|i| first.json()[i]["certificateId"].as_str().unwrap().to_owned()).collect();
    assert_ne!(ids[0], ids[1]);
    let again = certify(json!([mediator(CODE, 2), mediator(CODE, 1)])).await;
    assert_eq!(again.outcomes(), (200, vec!["unchanged".into(), "unchanged".into()]));
    assert_eq!(again.json()[0]["certificateId"], ids[1].as_str());

    // What the registry holds is a certificate that verifies, and its key is no number of a person.
    let stored = sandbox.registry.get(&ids[0]).await.unwrap().unwrap();
    assert!(stored.stands() && stored.tracked_entity.starts_with("divoc-") && !stored.tracked_entity.contains(CODE));
    for envelope in stored.sealed.unwrap().envelopes {
        let verdict = sandbox.knowledge.verifier(System.now()).judge(&envelope.text);
        assert_eq!(serde_json::to_value(&verdict).unwrap()["verdict"], "accepted", "{}", envelope.format);
        assert_eq!(verdict.holder.unwrap().name, NAME);
    }

    // Other content is no second certificate, but a correction is.
    let mut other = mediator(CODE, 2);
    other["recipient"]["name"] = json!("Zyxwana Qwertivo-Fjordwitz");
    let conflict = certify(json!([other.clone()])).await;
    assert_eq!(conflict.outcomes(), (409, one("conflict")));
    assert_eq!(conflict.json()[0]["certificateId"], ids[1].as_str());
    assert!(sandbox.registry.get(&ids[1]).await.unwrap().unwrap().stands());
    let corrected = correct(json!([other.clone()])).await;
    assert_eq!(corrected.outcomes(), (200, one("issued")));
    let new = corrected.json()[0]["certificateId"].as_str().unwrap().to_owned();
    assert!(!sandbox.registry.get(&ids[1]).await.unwrap().unwrap().stands());
    assert_eq!(correct(json!([other])).await.outcomes(), (200, one("unchanged")));

    // The paper and the code are those of the latest dose; by identifier of any that stands.
    let pdf = sandbox.get(Method::GET, &paper).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    let png = sandbox.get(Method::GET, &format!("/cert/api/certificateQRCode/{CODE}")).await;
    assert!(png.bytes.starts_with(b"\x89PNG"));
    assert_eq!(sandbox.get(Method::HEAD, &paper).await.status, 200);
    // The EU's code is the one that was signed when the certificate was issued; what was not issued is not made up.
    let held = sandbox.registry.get(&new).await.unwrap().unwrap().sealed.unwrap();
    let has = |format: &str| held.envelopes.iter().any(|envelope| envelope.format == format);
    let eu = sandbox.get(Method::POST, &format!("/certificate/api/eu-certificate?refId={CODE}&type=qrcode")).await;
    match held.envelopes.iter().find(|envelope| envelope.format == "eu-dcc") {
        Some(envelope) => {
            let read = vaccert::barcode::read::codes_in_picture(&eu.bytes).unwrap();
            assert!(read.iter().any(|code| code.bytes == envelope.text.as_bytes()), "the very code");
        }
        None => assert_eq!((eu.status.as_u16(), eu.json()["code"].as_str().unwrap()), (404, "no-form")),
    }
    let fhir = sandbox.get(Method::GET, &format!("/cert/api/fhir-certificate?refId={CODE}")).await;
    if has("ddcc") && fhir.status == 200 {
        assert_eq!(fhir.json()["resourceType"], "Bundle");
    } else {
        assert!(["no-form", "not-drawn"].contains(&fhir.json()["code"].as_str().unwrap()), "{}", fhir.json());
    }
    let by_id = |id: &str| format!("/certificate/api/certificatePDF?certificateId={}", crate::support::in_address(id));
    for id in [&new, &ids[0], new.split('#').next().unwrap()] {
        assert_eq!(sandbox.get(Method::HEAD, &by_id(id)).await.status, 200, "{id}");
    }
    assert_eq!(sandbox.get(Method::GET, &by_id(&ids[1])).await.status, 404, "superseded");
    assert_eq!(sandbox.get(Method::GET, "/certificate/api/certificatePDF/770112345Y").await.status, 404);

    // Revoked from the latest down; then it may be certified anew, under another identifier.
    let revoke = |query: &str| format!("/divoc/api/v1/certificates/{CODE}?{query}");
    assert_eq!(sandbox.get(Method::DELETE, &revoke("doses=1")).await.status, 400);
    let revoked = sandbox.get(Method::DELETE, &revoke("allDoses=true")).await;
    assert_eq!((revoked.status.as_u16(), revoked.json()["revoked"].as_array().unwrap().len()), (200, 2));
    let listed = sandbox.registry.revocations(0, 10).await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(sandbox.get(Method::DELETE, &revoke("allDoses=true")).await.status, 404);
    assert_eq!(sandbox.get(Method::HEAD, &paper).await.status, 404);
    let anew = certify(json!([mediator(CODE, 1)])).await;
    assert_eq!(anew.outcomes(), (200, one("issued")));
    assert_ne!(anew.json()[0]["certificateId"], ids[0].as_str());

    // Verifiers learn of it with the bundle, which was written when the answer came.
    let bundle = bundle::read(std::fs::read(sandbox.dir.path().join("trust.json")).unwrap(), &[]).unwrap();
    let knowledge = Knowledge::of_bundle(&bundle, "trust.json").unwrap();
    for (id, reason) in [(&ids[0], json!("revoked")), (&new, json!("revoked")), (&ids[1], json!("revoked"))] {
        let stored = sandbox.registry.get(id).await.unwrap().unwrap();
        for envelope in stored.sealed.unwrap().envelopes {
            let verdict = serde_json::to_value(knowledge.verifier(System.now()).judge(&envelope.text)).unwrap();
            assert_eq!(verdict["reason"], reason, "{}", envelope.format);
        }
    }
}

#[tokio::test]
async fn the_pages_of_the_demo_tell_the_token_and_stand_beside_the_api() {
    let sandbox = Sandbox::new().await;
    let doses = json!([mediator(CODE, 1)]).to_string();
    // The first revocation writes the bundle, without which there is no page.
    send(&sandbox.router, "all", Method::POST, "/divoc/api/v1/certify", JSON, doses.clone()).await;
    sandbox.get(Method::DELETE, &format!("/divoc/api/v1/certificates/{CODE}?allDoses=true")).await;
    let api = Api { router: sandbox.router.clone(), token: "all".to_owned() };
    let router = service::router_with(sandbox.dir.path().to_owned(), Arc::new(System), Some(api), None);
    let ask = async |host: &str, method: Method, path: &str, token: &str| {
        let request = Request::builder().method(method).uri(path).header("host", host).header("content-type", JSON);
        let request = request.header("authorization", format!("Bearer {token}")).body(Body::from(doses.clone()));
        let response = router.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        (parts.status.as_u16(), String::from_utf8_lossy(&bytes).into_owned())
    };
    let (status, page) = ask("localhost", Method::GET, "/", "").await;
    assert!(status == 200 && page.contains("Authorization: Bearer all") && !page.contains("{{"), "{page}");
    assert_eq!(ask("localhost", Method::POST, "/divoc/api/v1/certify", "all").await.0, 200);
    let (status, problem) = ask("localhost", Method::POST, "/divoc/api/v1/certify", "other").await;
    assert!(status == 401 && problem.contains("token-unknown"), "{problem}");
    // A page of the Internet that points its name at this machine reaches neither.
    assert_eq!(ask("evil.example", Method::POST, "/divoc/api/v1/certify", "all").await.0, 421);
    let (status, problem) = ask("localhost", Method::GET, "/divoc/api/v9/certify", "all").await;
    assert!(status == 404 && problem.starts_with('{'), "{problem}");
}

#[tokio::test]
async fn whether_a_certificate_is_revoked_is_told_by_what_it_signs() {
    let sandbox = Sandbox::new().await;
    let issued =
        sandbox.certify(Method::POST, "/divoc/api/v1/certify", json!([mediator(CODE, 1), mediator(CODE, 2)])).await;
    let mut texts = Vec::new();
    for result in issued.json().as_array().unwrap() {
        let stored = sandbox.registry.get(result["certificateId"].as_str().unwrap()).await.unwrap().unwrap();
        let envelopes = stored.sealed.unwrap().envelopes;
        texts.push(envelopes.into_iter().find(|envelope| envelope.format == "divoc").unwrap().text);
    }
    let ask = async |sandbox: &Sandbox, text: String| {
        send(&sandbox.router, "read", Method::POST, "/divoc/api/v1/certificate/revoked", JSON, text)
            .await
            .status
            .as_u16()
    };
    let path = format!("/divoc/api/v1/certificates/{CODE}?doses=2");
    assert_eq!((ask(&sandbox, texts[0].clone()).await, ask(&sandbox, texts[1].clone()).await), (404, 404));
    assert_eq!(sandbox.get(Method::DELETE, &path).await.status, 200);
    assert_eq!((ask(&sandbox, texts[0].clone()).await, ask(&sandbox, texts[1].clone()).await), (404, 200));

    // None of the ways in which a revoked certificate slips through the official check (facts on the holes of the
    // signature) gives "not revoked".
    let credential: Value = serde_json::from_str(&texts[1]).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut credential = credential.clone();
        change(&mut credential);
        credential.to_string()
    };
    let swap = |credential: &mut Value, one: &str, two: &str| {
        let first = credential["evidence"][0][one].take();
        let second = credential["evidence"][0][two].take();
        (credential["evidence"][0][one], credential["evidence"][0][two]) = (second, first);
    };
    let loose: [String; 4] = [
        changed(&|credential| swap(credential, "dose", "totalDoses")),
        changed(&|credential| swap(credential, "certificateId", "batch")),
        changed(&|credential| {
            let id = credential["credentialSubject"]["refId"].take();
            credential["credentialSubject"].as_object_mut().unwrap().remove("refId");
            credential["credentialSubject"]["uhid"] = id;
        }),
        changed(&|credential| credential["evidence"][0]["certificateId"] = json!("123456789")),
    ];
    for (number, text) in loose.into_iter().enumerate() {
        assert_ne!(ask(&sandbox, text).await, 404, "change {number}");
    }
    // Somebody else's, and what is none at all.
    assert_eq!(ask(&Sandbox::new().await, texts[0].clone()).await, 400);
    assert_eq!(ask(&sandbox, "{}".to_owned()).await, 400);
}

#[tokio::test]
async fn many_requests_for_one_dose_make_one_certificate() {
    let sandbox = Arc::new(Sandbox::new().await);
    let mut requests = Vec::new();
    for n in 0..8 {
        let sandbox = Arc::clone(&sandbox);
        requests.push(tokio::spawn(async move {
            let mut item = mediator(CODE, 1);
            if n % 2 == 1 {
                item["vaccination"]["date"] = json!("2021-03-04");
            }
            let answer = sandbox.certify(Method::POST, "/divoc/api/v1/certify", json!([item])).await;
            answer.outcomes().1.remove(0)
        }));
    }
    let mut outcomes = Vec::new();
    for request in requests {
        outcomes.push(request.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "issued").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "unchanged").count(), 3, "{outcomes:?}");
    assert_eq!(sandbox.registry.revocations(0, 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_the_adaptor_sends_is_issued_and_what_cannot_be_is_said() {
    let sandbox = Sandbox::new().await;
    let answer = sandbox.certify(Method::POST, "/divoc/api/v3/certify", json!([openfn("A-1")])).await;
    assert_eq!(answer.outcomes(), (200, vec!["issued".into()]), "{}", answer.json());
    // The certificate is found by the code alone, although the program is a part of the dose's key.
    assert_eq!(sandbox.get(Method::HEAD, "/certificate/api/certificatePDF/A-1").await.status, 200);
    let answer = sandbox.certify(Method::POST, "/divoc/api/v1/certify", json!([openfn("A-2")])).await;
    assert_eq!(answer.outcomes(), (422, vec!["refused".into()]));
    // A script that no table transliterates: no EU certificate, and the answer says so.
    let mut lao = openfn("A-3");
    lao["recipient"]["name"] = json!("ວົງສາວັນ");
    let answer = sandbox.certify(Method::POST, "/divoc/api/v3/certify", json!([lao])).await;
    assert_eq!(answer.outcomes(), (200, vec!["issued".into()]));
    let told = answer.json();
    let warnings = told[0]["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == "name-not-latin").unwrap();
    assert!(warning["message"].as_str().unwrap().starts_with("not issued as eu-dcc: "), "{warning}");
    assert!(!answer.json().to_string().contains("ວົງ"));
}

#[tokio::test]
async fn pseudonyms_are_those_of_the_registry() {
    let (one, two) = (Sandbox::new().await, Sandbox::new().await);
    let random = system_random();
    let of = async |sandbox: &Sandbox| pseudonyms(&sandbox.registry, &random).await.unwrap().of(CODE);
    assert_eq!(of(&one).await, of(&one).await);
    assert_ne!(of(&one).await, of(&two).await);
}
