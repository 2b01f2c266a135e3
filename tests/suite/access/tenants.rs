//! Two tenants behind one door: what is known to one is unknown to the other.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use vaccert::service::Tenants;

use super::house::{Site, ask};

const TOGO: &str = "togo.example.org";
const BENIN: &str = "benin.example.org";

#[tokio::test]
async fn a_token_of_one_tenant_is_unknown_to_the_other() {
    let (togo, benin) = (Site::called(TOGO).await, Site::called(BENIN).await);
    let door =
        Tenants::new().with(&[TOGO.to_owned()], &togo.operators).with(&[BENIN.to_owned()], &benin.operators).router();
    let of_togo = togo.account("op", &["operator"], &[]).await;
    let of_benin = benin.account("op", &["operator"], &[]).await;
    let session = togo.send("/login", "", &[("token", of_togo.strip_prefix("Bearer ").unwrap())]).await.cookie();
    let (_, value) = session.split_once('=').unwrap();
    let cookie = format!("__Host-vaccert-session={value}");
    let status = async |host: &str, name: &str, value: &str| {
        let request = Request::get("/v1/me").header(header::HOST, host).header(name, value).body(Body::empty());
        ask(&door, request.unwrap()).await.status
    };
    for (host, auth, expected) in [
        (TOGO, &of_togo, StatusCode::OK),
        (BENIN, &of_benin, StatusCode::OK),
        (BENIN, &of_togo, StatusCode::UNAUTHORIZED),
        (TOGO, &of_benin, StatusCode::UNAUTHORIZED),
        ("ghana.example.org", &of_togo, StatusCode::MISDIRECTED_REQUEST),
    ] {
        assert_eq!(status(host, "authorization", auth).await, expected, "{host}");
    }
    assert_eq!(status(TOGO, "cookie", &cookie).await, StatusCode::OK);
    assert_eq!(status(BENIN, "cookie", &cookie).await, StatusCode::UNAUTHORIZED);
    // A house checks the name itself too, whoever hands it the request.
    let request = Request::get("/v1/me").header(header::HOST, BENIN).header(header::AUTHORIZATION, &of_togo);
    let strayed = ask(&togo.operators, request.body(Body::empty()).unwrap()).await;
    assert_eq!(strayed.status, StatusCode::MISDIRECTED_REQUEST);
    // What one revokes or closes is nothing to the other.
    togo.registry.close_account("user:op", "user:chief", super::house::now()).await.unwrap();
    assert_eq!(status(TOGO, "authorization", &of_togo).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(BENIN, "authorization", &of_benin).await, StatusCode::OK);
}
