//! `vaccert gateway` against the rehearsal gateway over real mutual TLS, run as a ministry runs it; and our CMS
//! messages against OpenSSL.

mod openssl;
mod packages;
mod people;
mod pulls;
mod reach;
mod signers;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vaccert::{
    batch::system_random,
    clock::{Clock as _, System},
    sandbox::{
        gateway::{Gateway, Network, Options, Participant},
        pki::{Country, Key, Made, Purpose, Workshop},
    },
};

use crate::support::program::{Ran, Workplace};

/// A gateway, a country on it, and a workplace whose configuration is that country's.
pub struct Site {
    runtime: tokio::runtime::Runtime,
    pub gateway: Option<Gateway>,
    pub own: Country,
    pub work: Workplace,
    network: Network,
}

/// A country whose certificates began yesterday.
pub fn country(code: &str, signers: usize) -> Country {
    Country::make(&workshop(code), signers).unwrap()
}

pub fn workshop(code: &str) -> Workshop {
    let yesterday = System.now().checked_sub(SignedDuration::from_hours(24)).unwrap();
    Workshop::new(code, yesterday, system_random()).unwrap()
}

/// PKCS#8 in PEM.
pub fn key_pem(made: &Made) -> String {
    let text = STANDARD.encode(made.key().as_slice());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

impl Site {
    pub fn open(network: Network) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options::new(network, Arc::new(System), system_random());
        let gateway = runtime.block_on(Gateway::start(options)).unwrap();
        gateway.stock_value_sets().unwrap();
        let own = country("XX", 1);
        gateway.onboard(&Participant::of(&own)).unwrap();
        let site = Self { runtime, gateway: Some(gateway), own, work: Workplace::new(), network };
        site.identity("tls", &site.own.tls);
        site.identity("upload", &site.own.upload);
        site.identity("dsc", &site.own.signers[0]);
        site.work.write("keys/csca.pem", site.own.csca.pem());
        site.work.write("keys/anchor.pem", site.gateway().anchor_pem());
        site.work.write("keys/server.pem", site.gateway().root_pem());
        site.configure("");
        site
    }

    pub fn gateway(&self) -> &Gateway {
        self.gateway.as_ref().unwrap()
    }

    /// Ends the gateway; nobody listens any more.
    pub fn close(&mut self) {
        let _inside = self.runtime.enter();
        self.gateway = None;
    }

    /// Certificate and key in the folder of keys.
    pub fn identity(&self, name: &str, made: &Made) {
        self.work.write(&format!("keys/{name}.pem"), made.pem());
        let key = self.work.write(&format!("keys/{name}-key.pem"), key_pem(made));
        #[cfg(unix)]
        fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// Writes the configuration, with more lines at the end of the section.
    pub fn configure(&self, more: &str) {
        let network = if self.network == Network::Eu { "eu" } else { "who" };
        let url = self.gateway.as_ref().map_or("https://localhost:1", Gateway::url);
        self.work.write(
            "vaccert.toml",
            format!(
                "environment = \"sandbox\"\n[issuer]\ncountry = \"XX\"\nname = \"Ministry\"\n[keys]\n\
                 signer_key = \"keys/dsc-key.pem\"\nsigner_certificate = \"keys/dsc.pem\"\n[gateway]\n\
                 network = \"{network}\"\nurl = \"{url}\"\ntls_certificate = \"keys/tls.pem\"\n\
                 tls_key = \"keys/tls-key.pem\"\nupload_certificate = \"keys/upload.pem\"\n\
                 upload_key = \"keys/upload-key.pem\"\ncsca_certificate = \"keys/csca.pem\"\n\
                 trust_anchor = \"keys/anchor.pem\"\ntls_ca = \"keys/server.pem\"\n{more}"
            ),
        );
    }

    /// Runs `vaccert gateway …`, and finds no key in what it says.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.work.run(&[&["gateway"], arguments].concat());
        for made in [&self.own.tls, &self.own.upload, &self.own.signers[0]] {
            let key = STANDARD.encode(made.key().as_slice());
            assert!(!ran.said().contains(&key[40..80]), "a private key is shown");
        }
        ran
    }

    /// The same in JSON, which must end with this status.
    #[track_caller]
    pub fn json(&self, arguments: &[&str], code: i32) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, Some(code), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
    }

    /// Status of each thing that a command tells of.
    #[track_caller]
    pub fn statuses(&self, arguments: &[&str], code: i32) -> Vec<String> {
        let told = self.json(arguments, code);
        told["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap().to_owned()).collect()
    }

    /// A rule that gateways take, beginning after so many hours.
    pub fn rule(&self, version: &str, hours: i64) -> PathBuf {
        let from = after(hours);
        let rule = json!({
            "Identifier": "VR-XX-0001", "Type": "Acceptance", "Country": "XX", "Version": version,
            "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "1.0.0",
            "CertificateType": "Vaccination", "ValidFrom": from, "ValidTo": after(hours + 24 * 30),
            "AffectedFields": ["v.0"],
            "Description": [{"lang": "en", "desc": "There must be a vaccination."}],
            "Logic": {"===": [1, 1]},
        });
        self.work.write(&format!("rule-{version}.json"), rule.to_string())
    }

    /// A batch with so many entries.
    pub fn batch(&self, name: &str, entries: u32) -> PathBuf {
        let entries: Vec<Value> = (0..entries)
            .map(|number| {
                let mut hash = [7u8; 16];
                hash[..4].copy_from_slice(&number.to_be_bytes());
                json!({"hash": STANDARD.encode(hash)})
            })
            .collect();
        let kid = self.own.signers[0].certificate().kid().to_string();
        let batch = json!({"country": "XX", "expires": after(24 * 90), "kid": kid, "hashType": "UCI",
                           "entries": entries});
        self.work.write(name, batch.to_string())
    }

    /// A new upload certificate in the place of the old one, admitted by the operator beside it.
    pub fn renew_upload(&self) -> Made {
        let new = workshop("XX").make(Purpose::Upload, "Sandbox upload XX 2", Key::P256).unwrap();
        let mut more = Participant::of(&self.own);
        more.upload = vec![new.der().to_vec()];
        self.gateway().onboard(&more).unwrap();
        self.identity("upload", &new);
        new
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The gateway's tasks must end inside their runtime.
        self.close();
    }
}

/// A time so many hours from now, as rules write it.
pub fn after(hours: i64) -> String {
    let at = System.now().checked_add(SignedDuration::from_hours(hours)).unwrap();
    Timestamp::from_second(at.as_second()).unwrap().to_string()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
