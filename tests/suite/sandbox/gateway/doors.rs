//! Who is let in: TLS certificates and the headers of a load balancer.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, Method};
use vaccert::{
    keys::sha256,
    sandbox::gateway::{Gateway, GatewayError, Network, Options, Participant, Role, Trouble},
};

use super::{Site, answer, client, country, own};

#[tokio::test]
async fn an_onboarded_certificate_opens_the_door_and_others_do_not() {
    let site = Site::open(Network::Eu).await;
    assert_eq!(site.get("/trustList").await.0, 200);

    let url = format!("{}/trustList", site.gateway.url());
    let nobody = client(&site.gateway, None);
    assert_eq!(answer(nobody.get(&url)).await, (401, "0x400".into(), answer(nobody.get(&url)).await.2));
    let stranger = country("XX", 0);
    for made in [&stranger.tls, &site.own.upload] {
        let (status, code, _) = answer(client(&site.gateway, Some(made)).get(&url)).await;
        assert_eq!((status, code.as_str()), (401, "0x402"));
    }
    // The database was changed by somebody who has not the anchor's key.
    site.gateway.forge("XX").unwrap();
    let (status, code, _) = site.get("/trustList").await;
    assert_eq!((status, code.as_str()), (401, "0x402"));
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_server_is_not_served() {
    let site = Site::open(Network::Eu).await;
    assert!(Client::new().get(format!("{}/trustList", site.gateway.url())).send().await.is_err());
    // Plain HTTP is not spoken on the port of TLS.
    let plain = site.gateway.url().replace("https", "http");
    assert!(Client::new().get(format!("{plain}/trustList")).send().await.is_err());
}

#[tokio::test]
async fn a_load_balancer_says_who_it_is_in_three_spellings() {
    let site = Site::with(Network::Eu, |options| options.plain_port = Some(0)).await;
    let url = format!("{}/trustList", site.gateway.plain_url().unwrap());
    let hash = sha256(site.own.tls.der());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let base64 = STANDARD.encode(hash);
    let encoded = base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let ask = async |print: Option<&str>, name: Option<&str>| {
        let mut request = Client::new().get(&url);
        if let Some(print) = print {
            request = request.header("X-SSL-Client-SHA256", print);
        }
        if let Some(name) = name {
            request = request.header("X-SSL-Client-DN", name);
        }
        let (status, code, _) = answer(request).await;
        (status, code)
    };
    for print in [&hex, &base64, &encoded] {
        assert_eq!(ask(Some(print), Some("C=XX,CN=x")).await.0, 200, "{print}");
    }
    for name in ["CN=x, C=XX", "c=XX,C=YY", "C%3DXX%2CO%3Dx"] {
        assert_eq!(ask(Some(&hex), Some(name)).await.0, 200, "{name}");
    }
    assert_eq!(ask(None, Some("C=XX")).await, (401, "0x400".to_owned()));
    assert_eq!(ask(Some(&hex), None).await, (401, "0x400".to_owned()));
    assert_eq!(ask(Some("nonsense!"), Some("C=XX")).await, (401, "0x400".to_owned()));
    assert_eq!(ask(Some(&hex), Some("CN=x,O=y")).await, (400, "0x401".to_owned()));
    // The country is compared letter by letter.
    assert_eq!(ask(Some(&hex), Some("C=xx")).await, (401, "0x402".to_owned()));
    assert_eq!(ask(Some(&hex), Some("C=XA")).await, (401, "0x402".to_owned()));
}

#[tokio::test]
async fn revocation_needs_a_role_for_each_deed() {
    let site = Site::open(Network::Eu).await;
    let deed = async |role: &[Role], method: Method, path: &str| {
        site.gateway.set_roles("XX", role).unwrap();
        let request = site.request(method, path).header("If-Modified-Since", "2021-06-01T00:00:00Z");
        let (status, code, _) = answer(request.header("Content-Type", "application/cms").body("x")).await;
        (status, code)
    };
    let refused = (403, "0x403".to_owned());
    assert_eq!(deed(&[Role::Uploader, Role::Deleter], Method::GET, "/revocation-list").await, refused);
    assert_eq!(deed(&[Role::Reader, Role::Deleter], Method::POST, "/revocation-list").await, refused);
    assert_eq!(deed(&[Role::Reader, Role::Uploader], Method::DELETE, "/revocation-list").await, refused);
    assert_eq!(deed(&[Role::Reader, Role::Uploader], Method::POST, "/revocation-list/delete").await, refused);
    assert_eq!(deed(&[Role::Reader], Method::GET, "/revocation-list").await.0, 204);
    assert_eq!(deed(&[], Method::GET, "/trustList").await.0, 200);
    assert!(matches!(site.gateway.set_roles("XQ", &[]), Err(GatewayError::Stranger { .. })));
}

#[tokio::test]
async fn paths_methods_and_media_types_are_the_gateways() {
    let site = Site::open(Network::Eu).await;
    assert_eq!(site.get("/nothing").await.0, 404);
    assert_eq!(site.get("/trustList/DSC/XX/more").await.0, 404);
    assert_eq!(site.get("/trustedCertificate").await.0, 404, "WHO's alone");
    assert_eq!(site.get("/signerCertificate").await.0, 405);
    assert_eq!(site.send(Method::PUT, "/rules", "application/cms", String::new()).await.0, 405);
    let text = own(b"x", &site.own.upload);
    assert_eq!(site.post("/signerCertificate", "application/json", text.clone()).await.0, 415);
    assert_eq!(site.post("/signerCertificate", "application/cms-text", text.clone()).await.0, 415);
    assert_eq!(site.post("/rules", "text/plain", text).await.0, 415);
    assert_eq!(site.post("/rules", "application/cms", "A".repeat(2 * 1024 * 1024)).await.0, 413);
}

#[tokio::test]
async fn trouble_comes_when_it_is_asked_for_and_goes() {
    let site = Site::open(Network::Eu).await;
    site.gateway.publish(&site.own).unwrap();
    let all = site.list("/trustList").await;
    assert_eq!(all.len(), 5);
    site.gateway.trouble(Trouble::EmptyList, 1);
    assert_eq!(site.list("/trustList").await.len(), 0);
    site.gateway.trouble(Trouble::SmallerList(2), 1);
    assert_eq!(site.list("/trustList").await.len(), 2);
    site.gateway.trouble(Trouble::Status(500), 1);
    assert_eq!(site.get("/countrylist").await.0, 500);
    site.gateway.trouble(Trouble::HalfJson, 1);
    let (status, _, body) = site.get("/trustList").await;
    assert!(status == 200 && serde_json::from_str::<serde_json::Value>(&body).is_err());
    site.gateway.trouble(Trouble::WrongSignature, 1);
    let spoilt = site.list("/trustList").await;
    assert_ne!(spoilt, all);
    site.gateway.trouble(Trouble::FlippedCertificate, 1);
    assert_ne!(site.list("/trustList").await, all);
    site.gateway.trouble(Trouble::Slow(Duration::from_secs(30)), 1);
    // Less than the gateway takes, and enough for a busy one to have taken the request.
    let quick = site.request(Method::GET, "/trustList").timeout(Duration::from_secs(1));
    assert!(quick.send().await.unwrap_err().is_timeout());
    site.gateway.trouble(Trouble::Drop, 1);
    let fresh = client(&site.gateway, Some(&site.own.tls));
    assert!(fresh.get(format!("{}/trustList", site.gateway.url())).send().await.is_err());
    site.gateway.trouble(Trouble::EmptyList, 99);
    site.gateway.recover();
    assert_eq!(site.list("/trustList").await, all);
    let statuses: Vec<u16> = site.gateway.asked().iter().map(|asked| asked.status).collect();
    assert!(statuses.contains(&500) && statuses.contains(&200));
}

#[tokio::test]
async fn what_was_onboarded_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.json");
    let mut anchor = None;
    let site = Site::with(Network::Eu, |options| {
        options.file = Some(file.clone());
        let workshop = vaccert::sandbox::pki::Workshop::new("XX", super::now(), vaccert::batch::system_random());
        let (purpose, key) = (vaccert::sandbox::pki::Purpose::Anchor, vaccert::sandbox::pki::Key::P256);
        let made = workshop.unwrap().make(purpose, "Anchor", key).unwrap();
        anchor = Some(made.clone());
        options.anchor = Some(made);
    })
    .await;
    let dsc = &site.own.signers[0];
    assert_eq!(site.post("/signerCertificate", "application/cms", own(dsc.der(), &site.own.upload)).await.0, 201);
    let before = site.list("/trustList").await;
    let (tls, clock) = (site.own.tls.clone(), site.clock.clone());
    drop(site);

    let mut options = Options::new(Network::Eu, clock, vaccert::batch::system_random());
    options.file = Some(file.clone());
    options.anchor = anchor;
    let gateway = Gateway::start(options.clone()).await.unwrap();
    let client = client(&gateway, Some(&tls));
    let (status, _, body) = answer(client.get(format!("{}/trustList", gateway.url()))).await;
    assert_eq!((status, serde_json::from_str::<Vec<serde_json::Value>>(&body).unwrap()), (200, before));
    drop(gateway);

    std::fs::write(&file, "{").unwrap();
    let error = Gateway::start(options.clone()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Kept { .. }) && error.to_string().contains("gateway.json"));
    // What cannot be kept is not taken: the change is told as failed, and is not there.
    options.file = Some(folder.path().join("missing/gateway.json"));
    let gateway = Gateway::start(options).await.unwrap();
    assert!(gateway.onboard(&Participant::of(&country("XA", 0))).is_err());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let clock = std::sync::Arc::new(vaccert::clock::Fixed(super::now()));
    let mut options = Options::new(Network::Eu, clock, vaccert::batch::system_random());
    options.port = port;
    let error = Gateway::start(options).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}
