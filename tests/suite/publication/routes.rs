//! The lists over HTTP.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request},
};
use tower::ServiceExt as _;
use vaccert::{keys::sha256, revocation::Index, service::lists::lists};

use super::{at, publisher, registry, revoke, signer, store};

async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

#[tokio::test]
async fn devices_fetch_what_changed_and_go_on_where_they_stopped() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (registry, signer) = (registry(home.path()).await, signer());
    let router = lists(out.path().to_owned());
    let get = async |path: &str, headers: &[(&str, &str)]| ask(&router, Method::GET, path, headers).await;
    assert_eq!(get("/v1/revocations/index.json", &[]).await.0, 404, "nothing is published yet");
    assert_eq!(get("/v1/bundle.json", &[]).await.0, 404);

    let ids = store(&registry, signer.kid().as_bytes(), 0, 200).await;
    revoke(&registry, &ids, at(0)).await;
    let publisher = publisher(&registry, &signer, out.path());
    publisher.publish(at(1)).await.unwrap();

    let (status, headers, bytes) = get("/v1/revocations/index.json", &[]).await;
    assert_eq!((status, headers["cache-control"].to_str().unwrap()), (200, "no-cache"));
    assert_eq!(headers["content-type"], "application/json");
    let index = Index::read(&bytes, &[], false).unwrap().index;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (status, headers, body) = get("/v1/revocations/index.json", &[("if-none-match", &tag)]).await;
    assert_eq!((status, body.len(), headers["etag"].to_str().unwrap()), (304, 0, &*tag));
    let several = format!("\"other\", W/{tag}");
    assert_eq!(get("/v1/revocations/index.json", &[("if-none-match", &several)]).await.0, 304);
    assert_eq!(get("/v1/revocations/index.json", &[("if-none-match", "\"other\"")]).await.0, 200);
    let (status, headers, bundle) = get("/v1/bundle.json", &[]).await;
    assert_eq!((status, headers["cache-control"].to_str().unwrap()), (200, "no-cache"));
    assert!(vaccert::trust::bundle::looks_like(&bundle));

    for file in &index.files {
        let path = format!("/v1/revocations/{}", file.name);
        let (status, headers, whole) = get(&path, &[]).await;
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
            let (status, headers, part) = get(&path, &[("range", &range), ("if-range", &tag)]).await;
            assert_eq!(status, 206);
            let said = format!("bytes {}-{to}/{}", resumed.len(), whole.len());
            assert_eq!(headers["content-range"], said.as_str());
            resumed.extend(part);
        }
        assert_eq!(resumed, whole);
        // Another version meanwhile: the whole again.
        let (status, _, all) = get(&path, &[("range", "bytes=10-"), ("if-range", "\"older\"")]).await;
        assert_eq!((status, all.len()), (200, whole.len()));
        let beyond = format!("bytes={}-", whole.len());
        let (status, headers, _) = get(&path, &[("range", &beyond)]).await;
        assert_eq!((status, headers["content-range"].to_str().unwrap()), (416, &*format!("bytes */{}", whole.len())));
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
        "/v1/revocations/other.json",
    ] {
        assert_eq!(get(path, &[]).await.0, 404, "{path}");
    }
    assert_eq!(ask(&router, Method::POST, "/v1/revocations/index.json", &[]).await.0, 405);
    assert_eq!(ask(&router, Method::HEAD, "/v1/revocations/index.json", &[]).await.2.len(), 0);
}
