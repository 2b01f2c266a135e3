//! The contract server itself: each version answers in its own words and refuses what it refuses.

use serde_json::Value;

use crate::support::dhis2::people::covac;
use crate::support::dhis2::population::crowd;
use crate::support::dhis2::{ContractServer, Options, TOKEN};

const TE: &str = "/api/tracker/trackedEntities";
const TEI: &str = "/api/trackedEntityInstances";
const P: &str = "program=yDuAzyqYABS";

async fn get(server: &ContractServer, path: &str, query: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}{path}?{query}", server.url));
    let answer = request.header("authorization", format!("ApiToken {TOKEN}")).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

#[tokio::test]
async fn each_version_refuses_what_it_refuses() {
    let cases = [
        // Paths come and go.
        ("2.35.0", TE, "program=yDuAzyqYABS", 404),
        ("2.42.0", TEI, "program=yDuAzyqYABS&ou=RootLand001", 404),
        ("2.42.0", "/api/events", "program=yDuAzyqYABS&orgUnit=RootLand001", 404),
        ("2.41.0", TEI, "program=yDuAzyqYABS&ou=RootLand001&ouMode=DESCENDANTS", 200),
        // Names of parameters.
        ("2.40.0", TE, "program=yDuAzyqYABS&orgUnits=RootLand001", 400),
        ("2.40.0", TE, "program=yDuAzyqYABS&orgUnit=RootLand001&orgUnitMode=DESCENDANTS", 400),
        ("2.41.0", TE, "program=yDuAzyqYABS&orgUnit=RootLand001;NorthDist01&ouMode=DESCENDANTS", 200),
        ("2.42.0", TE, "program=yDuAzyqYABS&orgUnit=RootLand001", 400),
        ("2.35.0", TEI, "program=yDuAzyqYABS&ou=RootLand001&updatedAfter=2026-01-01", 400),
        // Separators.
        ("2.40.0", TE, "program=yDuAzyqYABS&orgUnit=RootLand001,NorthDist01", 409),
        ("2.42.0", TE, "program=yDuAzyqYABS&orgUnits=RootLand001;NorthDist01", 400),
        // Org unit modes.
        ("2.40.0", TE, "program=yDuAzyqYABS", 409),
        ("2.41.0", TE, "program=yDuAzyqYABS", 200),
        ("2.40.0", TE, "program=yDuAzyqYABS&orgUnit=RootLand001&ouMode=ALL", 200),
        ("2.41.0", TE, "program=yDuAzyqYABS&orgUnits=RootLand001&orgUnitMode=ALL", 400),
        ("2.42.0", TE, "program=yDuAzyqYABS&orgUnits=RootLand001&orgUnitMode=EVERYWHERE", 400),
        // What to list.
        ("2.42.0", TE, "orgUnits=RootLand001", 400),
        ("2.38.0", TE, "orgUnit=RootLand001", 409),
        ("2.42.0", TE, "program=yDuAzyqYABS&trackedEntityType=MCPQUTHX1Ze", 400),
        ("2.42.0", "/api/tracker/events", "orgUnit=RootLand001", 200),
        ("2.43.0", "/api/tracker/events", "orgUnit=RootLand001", 400),
        // Windows of time.
        ("2.42.0", TE, "program=yDuAzyqYABS&eventStatus=ACTIVE", 400),
        (
            "2.42.0",
            TE,
            "program=yDuAzyqYABS&eventStatus=ACTIVE&eventOccurredAfter=2021-01-01&eventOccurredBefore=2022-01-01",
            200,
        ),
        ("2.42.0", TE, "program=yDuAzyqYABS&updatedAfter=2021-01-01&updatedWithin=P1D", 400),
        ("2.42.0", TE, "program=yDuAzyqYABS&updatedAfter=last-week", 400),
        // Paging.
        ("2.40.0", TE, "program=yDuAzyqYABS&ouMode=ALL&paging=false", 400),
        ("2.40.0", TE, "program=yDuAzyqYABS&ouMode=ALL&skipPaging=true", 200),
        ("2.41.0", TE, "program=yDuAzyqYABS&paging=false&skipPaging=true", 400),
        ("2.42.0", TE, "program=yDuAzyqYABS&paging=false&page=1", 400),
        ("2.42.0", TE, "program=yDuAzyqYABS&page=0", 400),
        ("2.42.0", TE, "program=yDuAzyqYABS&pageSize=50001", 400),
        ("2.38.0", TE, "program=yDuAzyqYABS&ouMode=ALL&pageSize=50001", 200),
        // Order.
        ("2.39.0", TE, "program=yDuAzyqYABS&ouMode=ALL&order=updatedAt:asc", 400),
        ("2.40.0", TE, "program=yDuAzyqYABS&ouMode=ALL&order=updatedAt:asc", 200),
        ("2.41.0", TE, "program=yDuAzyqYABS&order=created:asc", 400),
        ("2.35.0", TEI, "program=yDuAzyqYABS&ouMode=ALL&order=created:desc", 200),
    ];
    for (version, path, query, status) in cases {
        let server = ContractServer::start(Options::new(version, crowd(2, 1))).await.unwrap();
        assert_eq!(get(&server, path, query).await.0, status, "{version} {path}?{query}");
    }
}

#[tokio::test]
async fn each_version_has_its_envelope() {
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let cases = [
        ("2.35.0", TEI, "ouMode=ALL&totalPages=false", "trackedEntityInstances"),
        ("2.35.0", TEI, "ouMode=ALL", "pager trackedEntityInstances"),
        ("2.38.0", TE, "ouMode=ALL", "instances page pageSize"),
        ("2.38.0", TE, "ouMode=ALL&totalPages=true", "instances page pageCount pageSize total"),
        ("2.41.0", TE, "", "page pageSize pager trackedEntities"),
        ("2.42.0", TE, "", "pager trackedEntities"),
        ("2.38.0", "/api/tracker/events", "ouMode=ALL", "instances page pageSize"),
        ("2.42.0", "/api/tracker/events", "", "events pager"),
    ];
    for (version, path, query, expected) in cases {
        let server = ContractServer::start(Options::new(version, crowd(2, 1))).await.unwrap();
        let query = [P, query].into_iter().filter(|q| !q.is_empty()).collect::<Vec<_>>().join("&");
        let (status, value) = get(&server, path, &query).await;
        assert_eq!(status, 200, "{version} {query}: {value}");
        let mut found: Vec<_> = keys(&value).split(' ').map(str::to_owned).collect();
        found.sort();
        assert_eq!(found.join(" "), expected, "{version} {query}");
    }
    let server = ContractServer::start(Options::new("2.42.0", crowd(3, 1))).await.unwrap();
    let (_, value) = get(&server, TE, &format!("{P}&pageSize=2")).await;
    assert!(value["pager"]["nextPage"].as_str().unwrap().starts_with("http://internal-host:8080/"));
    // Without `fields` no enrollments; without a program only the attributes of the entity type.
    assert!(value["trackedEntities"][0].get("enrollments").is_none());
    assert!(value["trackedEntities"][0]["attributes"].as_array().unwrap().len() > 2);
    let (_, value) = get(&server, TE, &format!("trackedEntityType={}", covac::PERSON_TYPE)).await;
    assert_eq!(value["trackedEntities"][0]["attributes"].as_array().unwrap().len(), 2);
}
