//! The published lists over HTTP: small when nothing changed, whole when it did, and able to go on.

use axum::body::Body;
use vaccert::{
    keys::sha256,
    registry::{Cause, Reason},
    revocation::Index,
};

use super::{Answer, Installation, send};

#[tokio::test]
async fn devices_fetch_what_changed_and_go_on_where_they_stopped() {
    let here = Installation::empty().await;
    let get = async |path: &str, headers: &[(&str, &str)]| here.get(path, headers).await;
    for path in ["/v1/revocations/index.json", "/v1/bundle.json", "/v1/trust.json"] {
        assert_eq!(get(path, &[]).await.problem(404), "not-found", "nothing is published yet");
    }
    here.issue().await;
    let ids: Vec<String> = here.certificates().await.into_iter().take(8).map(|sealed| sealed.id).collect();
    here.registry.revoke(&ids, &Cause::from(Reason::Fraud), jiff::Timestamp::now()).await.unwrap();
    here.publish().await;

    let answer = get("/v1/revocations/index.json", &[]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-cache"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(!answer.header("last-modified").is_empty());
    let index = Index::read(&answer.bytes, &[], false).unwrap().index;
    let tag = answer.header("etag").to_owned();
    let same = get("/v1/revocations/index.json", &[("if-none-match", &tag)]).await;
    assert_eq!((same.status, same.bytes.len(), same.header("etag")), (304, 0, &*tag));
    let several = format!("\"other\", W/{tag}");
    assert_eq!(get("/v1/revocations/index.json", &[("if-none-match", &several)]).await.status, 304);
    assert_eq!(get("/v1/revocations/index.json", &[("if-none-match", "\"other\"")]).await.status, 200);
    let bundle = get("/v1/bundle.json", &[]).await;
    assert!(vaccert::trust::bundle::looks_like(&bundle.bytes));
    assert_eq!(get("/v1/trust.json", &[]).await.bytes, bundle.bytes);
    let small = get("/v1/bundle.json", &[("accept-encoding", "gzip")]).await;
    assert_eq!(small.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(small.bytes.as_slice()), &mut unpacked).unwrap();
    assert_eq!(unpacked, bundle.bytes);

    for file in &index.files {
        let path = format!("/v1/revocations/{}", file.name);
        let Answer { status, headers, bytes: whole } = get(&path, &[]).await;
        assert_eq!((status, whole.len() as u64), (200, file.bytes), "{path}");
        assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
        let hex: String = sha256(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, file.sha256);
        // A connection that breaks every so often.
        let tag = headers["etag"].to_str().unwrap().to_owned();
        let mut resumed = whole[..10].to_vec();
        while resumed.len() < whole.len() {
            let to = (resumed.len() + whole.len() / 3).min(whole.len() - 1);
            let range = format!("bytes={}-{to}", resumed.len());
            let part = get(&path, &[("range", &range), ("if-range", &tag)]).await;
            assert_eq!(part.status, 206);
            assert_eq!(part.header("content-range"), format!("bytes {}-{to}/{}", resumed.len(), whole.len()));
            resumed.extend(part.bytes);
        }
        assert_eq!(resumed, whole);
        // Another version meanwhile: the whole again.
        let all = get(&path, &[("range", "bytes=10-"), ("if-range", "\"older\"")]).await;
        assert_eq!((all.status, all.bytes.len()), (200, whole.len()));
        let beyond = get(&path, &[("range", &format!("bytes={}-", whole.len()))]).await;
        assert_eq!(beyond.problem(416), "range");
        assert_eq!(beyond.header("content-range"), format!("bytes */{}", whole.len()));
    }

    for path in [
        "/v1/revocations/",
        "/v1/revocations/lists",
        "/v1/revocations/lists/",
        "/v1/revocations/.publishing",
        "/v1/revocations/../trust.json",
        "/v1/revocations/..%2ftrust.json",
        "/v1/revocations/lists/..%2f..%2ftrust.json",
        "/v1/revocations/%2fetc%2fpasswd",
        "/v1/revocations/lists/nothing.vcrt",
        "/v1/revocations/lists/%ff",
        "/v1/revocations/other.json",
    ] {
        assert_eq!(get(path, &[]).await.status, 404, "{path}");
    }
    let post = send(&here.everybody, "POST", "/v1/revocations/index.json", &[], Body::empty()).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET,HEAD"));
    let head = send(&here.everybody, "HEAD", "/v1/bundle.json", &[], Body::empty()).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), bundle.bytes.len().to_string());
}
