//! The doctor at the gateway of a rehearsal: a country that is known there, and what is found when something lacks.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use vaccert::{
    batch::system_random,
    clock::System,
    sandbox::{
        gateway::{Gateway, Network, Options, Participant, Role, Trouble},
        pki::{Country, Key, Made, Purpose, Workshop},
    },
};

use crate::support::program::Workplace;

use super::Examined;

/// A gateway that runs while the program talks to it.
struct Site {
    runtime: tokio::runtime::Runtime,
    gateway: Gateway,
    own: Country,
    work: Workplace,
}

impl Drop for Site {
    fn drop(&mut self) {
        // The gateway's tasks must end inside its runtime.
        let _inside = self.runtime.enter();
    }
}

fn workshop(country: &str) -> Workshop {
    Workshop::new(country, Timestamp::now(), system_random()).unwrap()
}

fn write(work: &Workplace, name: &str, made: &Made) {
    work.write(&format!("{name}.pem"), made.pem());
    let key = STANDARD.encode(made.key().as_slice());
    let key = work
        .write(&format!("{name}-key.pem"), format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"));
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
}

impl Site {
    /// A gateway, and the installation of a country that is not onboarded yet.
    fn open(network: Network) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options::new(network, Arc::new(System), system_random());
        let gateway = runtime.block_on(Gateway::start(options)).unwrap();
        let own = Country::make(&workshop("XX"), 1).unwrap();
        let work = Workplace::new();
        for (name, made) in [("csca", &own.csca), ("dsc", &own.signers[0]), ("upload", &own.upload), ("tls", &own.tls)]
        {
            write(&work, name, made);
        }
        work.write("anchor.pem", gateway.anchor_pem());
        work.write("root.pem", gateway.root_pem());
        let network = if network == Network::Eu { "eu" } else { "who" };
        work.write(
            "vaccert.toml",
            format!(
                r#"
environment = "sandbox"
[issuer]
country = "XX"
name = "Ministry of Health (specimen)"
[keys]
signer_key = "dsc-key.pem"
signer_certificate = "dsc.pem"
list_key = "csca-key.pem"
list_certificate = "csca.pem"
[gateway]
network = "{network}"
environment = "sandbox"
url = "{}"
tls_certificate = "tls.pem"
tls_key = "tls-key.pem"
tls_ca = "root.pem"
upload_certificate = "upload.pem"
upload_key = "upload-key.pem"
csca_certificate = "csca.pem"
trust_anchor = "anchor.pem"
"#,
                gateway.url()
            ),
        );
        Self { runtime, gateway, own, work }
    }

    fn onboarded(network: Network) -> Self {
        let site = Self::open(network);
        site.gateway.onboard(&Participant::of(&site.own)).unwrap();
        site
    }
}

#[test]
fn a_signer_is_uploaded_found_again_and_known_abroad() {
    for network in [Network::Eu, Network::Who] {
        let site = Site::onboarded(network);
        let before = Examined::of(&site.work, &[]);
        before.has("signer-listed", "fault", "vaccert gateway upload --signer");
        before.has("downloaded-list", "fault", "eu-dcc: abroad nobody knows the signer");
        before.has("anchored", "ok", "3 entries").has("clock-gateway", "ok", "").has("own-bundle", "ok", "");
        assert_eq!(before.ran.code, Some(1));

        let upload = Examined::of(&site.work, &["--upload"]);
        upload.ends(0, &[]).has("upload-tried", "ok", "uploaded, and the list downloaded again");
        upload.has("signer-listed", "ok", "").has("downloaded-list", "ok", "eu-dcc, ddcc, icvp");
        Examined::of(&site.work, &["--upload"]).ends(0, &[]).has("upload-tried", "ok", "already");
        let after = Examined::of(&site.work, &[]);
        after.ends(0, &[]).has("signer-profile", "ok", "issued by the configured CSCA");
        assert!(!after.ran.out.contains("upload-tried"));

        let offline = Examined::of(&site.work, &["--offline"]);
        offline.ends(0, &[]).has("reachable", "not-checked", "--offline").has("tls", "ok", "ends on");
        offline.has("downloaded-list", "not-checked", "");
    }
}

#[test]
fn pulled_lists_are_looked_at_without_a_network() {
    let site = Site::onboarded(Network::Eu);
    site.gateway.publish(&site.own).unwrap();
    let text = fs::read_to_string(site.work.path("vaccert.toml")).unwrap();
    site.work.write("vaccert.toml", format!("{text}\n[[trust]]\nname = \"eu\"\nkind = \"gateway\"\n"));
    Examined::of(&site.work, &[]).ends(3, &["trust-lists"]).has("trust-lists", "warning", "never pulled");
    site.work.run(&["trust", "pull", "--quiet"]).good();
    let pulled = Examined::of(&site.work, &["--offline"]);
    pulled.ends(0, &[]).has("trust-lists", "ok", "1 signer of 1 country");
    pulled.has("downloaded-list", "ok", "eu-dcc");
    // Taken off the list: the next pull misses it, and waits for an operator.
    site.work.run(&["gateway", "revoke", "dsc.pem", "--yes", "--quiet"]).good();
    site.work.run(&["trust", "pull", "--quiet"]);
    let missing = Examined::of(&site.work, &[]);
    missing.has("signer-listed", "fault", "not on the list");
    assert!(missing.bad().contains(&"trust-lists"), "{}", missing.ran.out);
}

#[test]
fn what_lacks_at_the_gateway_is_named() {
    let site = Site::open(Network::Eu);
    // Nobody there knows this country's TLS certificate.
    let stranger = Examined::of(&site.work, &[]);
    stranger.ends(1, &["reachable"]).has("own-bundle", "ok", "").has("downloaded-list", "not-checked", "");

    site.gateway.onboard(&Participant::of(&site.own)).unwrap();
    site.gateway.publish(&site.own).unwrap();
    Examined::of(&site.work, &[]).ends(0, &[]);
    site.gateway.set_roles("XX", &[Role::Uploader]).unwrap();
    Examined::of(&site.work, &[]).ends(3, &["revocation-role"]);
    site.gateway.set_roles("XX", &[Role::Reader]).unwrap();

    // Another upload certificate than the admitted one; the signers of the old one stay.
    let other = workshop("XX").make(Purpose::Upload, "Another upload", Key::P256).unwrap();
    write(&site.work, "upload", &other);
    Examined::of(&site.work, &[]).ends(1, &["upload-listed"]);
    write(&site.work, "upload", &site.own.upload);
    // Of another country.
    let foreign = workshop("XA").make(Purpose::Upload, "Foreign upload", Key::P256).unwrap();
    write(&site.work, "upload", &foreign);
    Examined::of(&site.work, &[]).has("upload", "fault", "is of XA, not of XX");
    write(&site.work, "upload", &site.own.upload);

    // The anchor of another environment.
    let anchor = workshop("XX").make(Purpose::Anchor, "Another anchor", Key::P256).unwrap();
    site.work.write("anchor.pem", anchor.pem());
    let wrong = Examined::of(&site.work, &[]);
    wrong.has("anchored", "fault", "trust anchor of this very environment").has("list", "fault", "");
    wrong.has("signer-listed", "note", "nobody knows more").has("downloaded-list", "not-checked", "");
    site.work.write("anchor.pem", site.gateway.anchor_pem());

    // An authority that did not issue the signer.
    let csca = workshop("XX").make(Purpose::Authority, "Another CSCA", Key::P256).unwrap();
    let pem = fs::read(site.work.path("csca.pem")).unwrap();
    site.work.write("other-csca.pem", csca.pem());
    let text = fs::read_to_string(site.work.path("vaccert.toml")).unwrap();
    site.work.write(
        "vaccert.toml",
        text.replace("csca_certificate = \"csca.pem\"", "csca_certificate = \"other-csca.pem\""),
    );
    let orphan = Examined::of(&site.work, &[]);
    orphan.has("signer-profile", "fault", "issuer").has("csca-listed", "fault", "");
    site.work.write("vaccert.toml", &text);
    assert_eq!(fs::read(site.work.path("csca.pem")).unwrap(), pem);

    // No TLS key; a setting that is none.
    fs::remove_file(site.work.path("tls-key.pem")).unwrap();
    Examined::of(&site.work, &[]).has("named-file", "fault", "gateway.tls_key").has(
        "reachable",
        "fault",
        "tls-key.pem",
    );
    site.work.write("vaccert.toml", text.replace("environment = \"sandbox\"\nurl", "environment = \"prod\"\nurl"));
    Examined::of(&site.work, &[]).has("settings", "fault", "rehearsal");
    site.work.write("vaccert.toml", text.split("[gateway]").next().unwrap());
    Examined::of(&site.work, &[]).ends(0, &[]).has("settings", "note", "vaccert gateway onboard");
}

#[test]
fn a_gateway_in_trouble_is_told_from_one_that_refuses() {
    let site = Site::onboarded(Network::Eu);
    site.gateway.publish(&site.own).unwrap();
    for (trouble, name) in [
        (Trouble::Status(503), "reachable"),
        (Trouble::HalfJson, "reachable"),
        (Trouble::Drop, "reachable"),
        (Trouble::EmptyList, "signer-listed"),
        (Trouble::WrongSignature, "signer-listed"),
    ] {
        site.gateway.trouble(trouble.clone(), usize::MAX);
        let found = Examined::of(&site.work, &[]);
        found.has(name, "fault", "");
        assert_eq!(found.ran.code, Some(1), "{trouble:?}");
        found.has("own-bundle", "ok", "");
        site.gateway.recover();
    }
    Examined::of(&site.work, &[]).ends(0, &[]);
}
