//! Every operation of both documents, with what clients send by mistake or on purpose: the answer is one that is
//! documented, never a fault of the program.

use axum::body::Body;
use serde_json::Value;

use super::{Installation, document, send};

/// Bodies that no operation takes.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty", Vec::new()),
        ("bad UTF-8", vec![0xff, 0xfe, 0x00, 0x80]),
        ("no JSON", b"{\"codes\": [".to_vec()),
        ("deep JSON", vec![b'['; 200_000]),
        ("deep objects", b"{\"a\":".repeat(50_000)),
        ("another JSON", b"{\"nothing\": [1.5e308, -1, null, \"\\ud83d\"]}".to_vec()),
        ("a number", b"1e999999".to_vec()),
        ("huge", vec![b' '; 20 * 1024 * 1024]),
        ("a form of nothing", b"--x\r\n\r\n--x--\r\n".to_vec()),
    ]
}

#[tokio::test]
async fn no_body_and_no_parameter_makes_the_program_fail() {
    let here = Installation::issued().await;
    let [everybody, operators] = document::documents(&here).await;
    let mut asked = 0;
    for (router, description) in [(&here.everybody, &everybody), (&here.operators, &operators)] {
        for (path, method, operation) in document::operations(description) {
            let method = method.to_uppercase();
            let check = |what: &str, status: u16, answer: &super::Answer| {
                let name = format!("{method} {path} with {what}");
                assert!(status < 500 || status == 503, "{name}: {status} {}", String::from_utf8_lossy(&answer.bytes));
                if status >= 400 && answer.header("content-type") == "application/problem+json" {
                    let json = answer.json();
                    assert!(json["code"].as_str().is_some_and(|code| !code.is_empty()), "{name}: {json}");
                    assert!(json["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{name}: {json}");
                }
                let documented = operation["responses"].as_object().unwrap();
                // Whoever has no session is led to the first page.
                let known = status == 303
                    || documented.contains_key(&status.to_string())
                    || (status >= 400 && documented.contains_key("default"));
                assert!(known, "{name}: {status} is not in the document");
            };
            let fill = |with: &str| {
                let mut filled = path.clone();
                while let Some((before, rest)) = filled.clone().split_once('{') {
                    let (_, after) = rest.split_once('}').unwrap();
                    filled = format!("{before}{with}{after}");
                }
                filled
            };
            let names: Vec<String> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p["in"] == "query")
                .map(|p| p["name"].as_str().unwrap().to_owned())
                .collect();
            // Values that are none, in every part of the address.
            for value in ["x", "%00", "%ff%fe", "..%2f..", "-1", "99999999999999999999", "%F0%9F%92%89"] {
                let query: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
                let address = format!("{}?{}", fill(value), query.join("&"));
                let answer = send(router, &method, &address, &[("content-type", "text/plain")], Body::empty()).await;
                check(value, answer.status, &answer);
                asked += 1;
            }
            let media: Vec<String> = operation["requestBody"]["content"]
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default();
            for media in media.iter().map(String::as_str).chain(["text/html", ""]) {
                if method == "GET" {
                    continue;
                }
                let media = if media == "multipart/form-data" { "multipart/form-data; boundary=x" } else { media };
                for (what, body) in bodies() {
                    let answer = send(router, &method, &fill("x"), &[("content-type", media)], body).await;
                    check(&format!("{what} as {media:?}"), answer.status, &answer);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 100, "{asked} requests");
}

#[test]
fn bodies_are_what_they_are_called() {
    assert!(serde_json::from_slice::<Value>(&bodies()[5].1).is_err(), "a lone surrogate");
}
