//! The contract of the rehearsal gateway: each refusal once, asked with bare HTTP and with messages that OpenSSL made,
//! so that our own client and our own server cannot be wrong in the same way.

mod doors;
mod lists;
mod migration;
mod revocation;
mod rules;
mod signers;
mod who;

use std::{
    process::{Command, Stdio},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use vaccert::{
    batch::system_random,
    clock::Fixed,
    sandbox::{
        MovedClock,
        gateway::{Gateway, Network, Options},
        pki::{Country, Made, Workshop},
    },
    trust::cms::{self, Carries},
};

/// A gateway with one country on it, whose client knocks at its door.
pub struct Site {
    pub gateway: Gateway,
    pub clock: Arc<MovedClock>,
    pub own: Country,
    pub client: Client,
}

/// Status, problem code (empty without a report), body.
pub type Answer = (u16, String, String);

pub fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub fn country(code: &str, signers: usize) -> Country {
    Country::make(&Workshop::new(code, now(), system_random()).unwrap(), signers).unwrap()
}

/// PKCS#8 in PEM.
pub fn key_pem(made: &Made) -> String {
    let text = STANDARD.encode(made.key().as_slice());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

pub fn client(gateway: &Gateway, identity: Option<&Made>) -> Client {
    let root = reqwest::Certificate::from_pem(gateway.root_pem().as_bytes()).unwrap();
    let mut builder = Client::builder().tls_certs_only([root]).https_only(true);
    if let Some(made) = identity {
        let pem = format!("{}{}", made.pem(), key_pem(made));
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

impl Site {
    pub async fn open(network: Network) -> Self {
        Self::with(network, |_| {}).await
    }

    pub async fn with(network: Network, change: impl FnOnce(&mut Options)) -> Self {
        let clock = Arc::new(MovedClock::new(Arc::new(Fixed(now()))));
        let mut options = Options::new(network, clock.clone(), system_random());
        change(&mut options);
        let gateway = Gateway::start(options).await.unwrap();
        let own = country("XX", 2);
        gateway.onboard(&vaccert::sandbox::gateway::Participant::of(&own)).unwrap();
        let client = client(&gateway, Some(&own.tls));
        Self { gateway, clock, own, client }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.gateway.url()))
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        let (status, _, body) = self.get(path).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Entries that changed after a moment.
    pub async fn changed(&self, path: &str, since: &str) -> Vec<Value> {
        let request = self.request(Method::GET, path).header("If-Modified-Since", since);
        let (status, _, body) = answer(request).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, media: &str, body: String) -> Answer {
        answer(self.request(method, path).header("Content-Type", media).body(body)).await
    }

    pub async fn post(&self, path: &str, media: &str, body: String) -> Answer {
        self.send(Method::POST, path, media, body).await
    }

    pub fn later(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    let report: Value = serde_json::from_str(&body).unwrap_or_default();
    let code = report["code"].as_str().unwrap_or_default().to_owned();
    if !code.is_empty() {
        for member in ["problem", "sendValue", "details"] {
            assert!(report[member].is_string(), "{member} is missing in {body}");
        }
    }
    (status, code, body)
}

/// An attached message as ministries make it: with OpenSSL where there is one, otherwise with our own writer.
pub fn signed(content: &[u8], by: &Made) -> String {
    signed_with(content, by, &["-nodetach"])
}

/// The same with other options of `openssl cms -sign`.
pub fn signed_with(content: &[u8], by: &Made, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let input = file("content", content);
    let (certificate, key) = (file("up.pem", by.pem().as_bytes()), file("up.key", key_pem(by).as_bytes()));
    let ran = Command::new("openssl")
        .args(["cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-in"])
        .arg(input)
        .arg("-signer")
        .arg(certificate)
        .arg("-inkey")
        .arg(key)
        .args(options)
        .stderr(Stdio::null())
        .output();
    match ran {
        Ok(output) if output.status.success() => STANDARD.encode(output.stdout),
        _ if options == ["-nodetach"] => own(content, by),
        _ => panic!("this message is made with OpenSSL: install it"),
    }
}

/// An attached message of our own writer, which is quick.
pub fn own(content: &[u8], by: &Made) -> String {
    cms::line(&cms::sign(content, Carries::Content, by.certificate(), &by.signer().unwrap(), now()).unwrap())
}
