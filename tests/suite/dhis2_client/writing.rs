//! What the contract server takes and refuses when it is written into: values, records, messages, and who may.

use serde_json::{Value, json};

use crate::support::dhis2::{
    ContractServer, Options, TOKEN,
    messages::Gateways,
    people::{Person, covac},
    users::User,
    values::DataSet,
    writes::{CERTIFICATE_ATTRIBUTE, CERTIFICATE_ELEMENT},
};

fn options(version: &str) -> Options {
    let person =
        Person::new("P0000000001", "Amara", "Vastow", "1971-02-03").dosed("MODERNA", "DOSE1", "2021-03-02", "L");
    let mut options = Options::new(version, vec![person]);
    let writer = ["F_DATAVALUE_ADD", "F_MOBILE_SENDSMS", "F_SEND_EMAIL"];
    options
        .users
        .push(User::new("UserWriter1", "writer", "geheim", &[("GroupNurse1", "Nurses")]).with(&writer).writing());
    options.certificate_fields = true;
    options.data_sets = vec![DataSet {
        id: "DataSetCert".into(),
        period_type: "Daily".into(),
        elements: vec!["ElemIssued1".into()],
        option_combos: vec!["HllvX50cXC0".into()],
        org_units: vec!["HarbourHC01".into()],
    }];
    options
}

async fn send(server: &ContractServer, method: &str, path: &str, body: Option<&Value>, reader: bool) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let method = method.parse().unwrap();
    let mut request = client.request(method, format!("{}{path}", server.url));
    request = if reader {
        request.header("authorization", format!("ApiToken {TOKEN}"))
    } else {
        request.basic_auth("writer", Some("geheim"))
    };
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

#[tokio::test]
async fn users_prove_who_they_are_and_have_groups() {
    let server = ContractServer::start(options("2.41.0")).await.unwrap();
    server.configure(|options| {
        let mut closed = User::new("UserClosed1", "closed", "pw", &[]);
        closed.disabled = true;
        options.users.push(closed);
        options.users.push(User::new("UserHill001", "hill", "pw:with:colons", &[]).at(&["HillClinic1"]));
    });
    let (status, me) = send(
        &server,
        "GET",
        "/api/me?fields=id,username,userGroups[id,name],organisationUnits[id],authorities",
        None,
        false,
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(me["userGroups"], json!([{"id": "GroupNurse1", "name": "Nurses"}]));
    assert_eq!((&me["username"], &me["organisationUnits"]), (&"writer".into(), &json!([{"id": "RootLand001"}])));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = |name: &'static str, password: &'static str| {
        client
            .get(format!("{}/api/me?fields=organisationUnits[id]", server.url))
            .basic_auth(name, Some(password))
            .send()
    };
    assert_eq!(login("writer", "wrong").await.unwrap().status(), 401);
    assert_eq!(login("nobody", "geheim").await.unwrap().status(), 401);
    let closed = login("closed", "pw").await.unwrap();
    assert_eq!(closed.status(), 401);
    assert!(closed.text().await.unwrap().contains("Account disabled"));
    let hill = login("hill", "pw:with:colons").await.unwrap();
    assert_eq!(hill.text().await.unwrap(), r#"{"organisationUnits":[{"id":"HillClinic1"}]}"#);
}

#[tokio::test]
async fn aggregate_values_are_replaced_and_conflicts_are_told() {
    let body = |value: &str, period: &str, unit: &str| {
        json!({"dataSet": "DataSetCert", "dataValues": [
            {"dataElement": "ElemIssued1", "period": period, "orgUnit": unit, "value": value}]})
    };
    for (version, wrapped) in [("2.35.14", false), ("2.37.9", false), ("2.38.1", true), ("2.43.1", true)] {
        let server = ContractServer::start(options(version)).await.unwrap();
        let path = "/api/dataValueSets";
        let summary = |told: &Value| if wrapped { told["response"].clone() } else { told.clone() };
        for (round, counts) in [("5", (1, 0)), ("7", (0, 1))] {
            let (status, told) =
                send(&server, "POST", path, Some(&body(round, "20261121", "HarbourHC01")), false).await;
            assert_eq!((status, &summary(&told)["status"]), (200, &"SUCCESS".into()), "{version}");
            let count = &summary(&told)["importCount"];
            assert_eq!((&count["imported"], &count["updated"]), (&counts.0.into(), &counts.1.into()));
        }
        let key = ("ElemIssued1", "20261121", "HarbourHC01", "HllvX50cXC0");
        let key = (key.0.to_owned(), key.1.to_owned(), key.2.to_owned(), key.3.to_owned());
        assert_eq!(server.values()[&key], "7", "a value is replaced, not added");
        for bad in [
            body("7", "202611", "HarbourHC01"),
            body("7", "20261121", "LakeHospit1"),
            body("7", "20261121", "Nowhere0001"),
            body("-7", "20261121", "HarbourHC01"),
        ] {
            let (status, told) = send(&server, "POST", path, Some(&bad), false).await;
            assert_eq!(status, if wrapped { 409 } else { 200 }, "{version}: {told}");
            assert_eq!(summary(&told)["status"], "ERROR");
            let conflict = &summary(&told)["conflicts"][0];
            assert!(conflict["value"].is_string() && conflict["errorCode"].is_string() == wrapped, "{conflict}");
        }
        assert_eq!(server.values().len(), 1);
        assert_eq!(send(&server, "POST", path, Some(&body("1", "20261121", "HarbourHC01")), true).await.0, 403);
        send(&server, "POST", &format!("{path}?dryRun=true"), Some(&body("9", "20261121", "HarbourHC01")), false).await;
        assert_eq!(server.values()[&key], "7", "a rehearsal changes nothing");
    }
}

#[tokio::test]
async fn records_are_written_in_the_words_of_each_version() {
    // New: asynchronous unless told otherwise, whole or not at all, and only what is sent is changed.
    let event = |value: &str| {
        json!({"events": [{"event": "E0000000011", "program": covac::PROGRAM, "programStage": covac::STAGE,
            "enrollment": "N0000000001", "orgUnit": "HarbourHC01", "status": "COMPLETED",
            "occurredAt": "2021-03-02T00:00:00.000",
            "dataValues": [{"dataElement": CERTIFICATE_ELEMENT, "value": value}]}]})
    };
    for version in ["2.36.12", "2.40.4", "2.41.0", "2.43.1"] {
        let server = ContractServer::start(options(version)).await.unwrap();
        let before = server.people()[0].events().next().unwrap().clone();
        let (status, told) =
            send(&server, "POST", "/api/tracker?async=false&importStrategy=UPDATE", Some(&event("URN:X")), false).await;
        assert_eq!(
            (status, &told["status"], &told["stats"]["updated"]),
            (200, &"OK".into(), &1.into()),
            "{version}: {told}"
        );
        let after = server.people()[0].events().next().unwrap().clone();
        assert_eq!(after.values.len(), before.values.len() + 1);
        assert_eq!(
            (&after.status, &after.occurred, after.updated != before.updated),
            (&before.status, &before.occurred, true)
        );
        let (_, told) = send(&server, "POST", "/api/tracker?importStrategy=UPDATE", Some(&event("URN:Y")), false).await;
        assert_eq!(told["response"]["responseType"], "TrackerJob", "asynchronous unless told otherwise");
        for (body, reader, code) in
            [(event("URN:X"), true, "E1095"), (json!({"events": [{"event": "Nowhere0001"}]}), false, "E1032")]
        {
            let (status, told) =
                send(&server, "POST", "/api/tracker?async=false&importStrategy=UPDATE", Some(&body), reader).await;
            assert_eq!(
                (status, &told["validationReport"]["errorReports"][0]["errorCode"]),
                (409, &code.into()),
                "{told}"
            );
        }
        let enrollment = json!({"enrollments": [{"enrollment": "N0000000001", "trackedEntity": "P0000000001",
            "program": covac::PROGRAM, "orgUnit": "HarbourHC01", "status": "ACTIVE", "enrolledAt": "2021-03-01",
            "attributes": [{"attribute": CERTIFICATE_ATTRIBUTE, "value": "URN:X"}]}]});
        let names = server.people()[0].attributes.len();
        let (status, told) =
            send(&server, "POST", "/api/tracker?async=false&importStrategy=UPDATE", Some(&enrollment), false).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(server.people()[0].attributes.len(), names + 1, "no other attribute is lost");
    }
    // Old: a missing status opens the event again.
    let server = ContractServer::start(options("2.35.14")).await.unwrap();
    let path = format!("/api/events/E0000000011/{CERTIFICATE_ELEMENT}");
    let body = |status: &str| {
        json!({"event": "E0000000011", "status": status, "eventDate": "2021-03-02",
            "dataValues": [{"dataElement": CERTIFICATE_ELEMENT, "value": "URN:X"}]})
    };
    assert_eq!(send(&server, "PUT", &path, Some(&body("COMPLETED")), false).await.0, 200);
    assert_eq!(server.people()[0].events().next().unwrap().status, "COMPLETED");
    assert_eq!(send(&server, "PUT", &path, Some(&body("")), false).await.0, 200);
    assert_eq!(server.people()[0].events().next().unwrap().status, "ACTIVE");
    assert_eq!(send(&server, "PUT", &path, Some(&body("COMPLETED")), true).await.0, 409);
    assert_eq!(
        send(&server, "PUT", "/api/events/E0000000011/Nowhere0001", Some(&body("COMPLETED")), false).await.0,
        404
    );
    assert_eq!(send(&server, "POST", "/api/tracker", Some(&event("URN:X")), false).await.0, 404);
    let server = ContractServer::start(options("2.42.0")).await.unwrap();
    assert_eq!(send(&server, "PUT", &path, Some(&body("COMPLETED")), false).await.0, 404, "gone with 2.42");
}

#[tokio::test]
async fn messages_are_handed_on_where_something_is_set_up() {
    let server = ContractServer::start(options("2.41.0")).await.unwrap();
    let sms = json!({"message": "Your code is 123456", "recipients": ["+995551234"]});
    assert_eq!(send(&server, "POST", "/api/sms/outbound", Some(&sms), false).await.0, 200);
    assert_eq!(send(&server, "POST", "/api/sms/outbound", Some(&sms), true).await.0, 403);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = "recipients=a%40example.org&subject=Hello&message=There";
    let mail = client.post(format!("{}/api/email/notification", server.url)).basic_auth("writer", Some("geheim"));
    let mail = mail.header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(mail.send().await.unwrap().status(), 200);
    let sent = server.messages();
    assert_eq!((sent.len(), sent[0].mail, sent[0].recipients[0].as_str()), (2, false, "+995551234"));
    assert_eq!((sent[1].mail, sent[1].subject.as_str(), sent[1].text.as_str()), (true, "Hello", "There"));
    server.configure(|options| options.gateways = Gateways { sms: false, mail: false });
    assert_eq!(send(&server, "POST", "/api/sms/outbound", Some(&sms), false).await.0, 500);
    assert_eq!(server.messages().len(), 2);
}
