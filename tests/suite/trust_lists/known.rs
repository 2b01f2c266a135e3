//! Keys that everybody knows (failure F06): nobody issues with one in production, and whoever does is believed by none of
//! our roads, although a list that is signed as it should be carries the key.

use std::{fs, sync::Arc};

use aws_lc_rs::{
    encoding::AsDer,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use serde_json::Value;
use vaccert::{
    issue::{self, Format, Record, Terms},
    keys::{Certificate, MemorySigner, Signer, known_key},
    record::{Country, Person, PersonName, Provenance, Uvci, VaccinationRecord},
    signers::{Passphrase, Protection, write_private_key},
    valueset::ValueSets,
};

use super::{
    made::{Key, Pair, pem},
    program::Server,
    world::of_signer,
};
use crate::{replicas::house::ask_with, support::program::Workplace};

const PASSPHRASE: &str = "four copper kettles";

/// Extended key usage for vaccinations (EU DCC certificate governance, section 4.3).
const VACCINATIONS: [u64; 10] = [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2];

/// The example key of JWS (RFC 7515 appendix A.3), both halves of which everybody can read, as PKCS#8.
fn published() -> Vec<u8> {
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let point = [
        vec![4],
        read("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        read("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ];
    let secret = read("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_ASN1_SIGNING, &secret, &point.concat());
    pair.unwrap().to_pkcs8v1().unwrap().as_ref().to_vec()
}

/// The same for the certificates of [`of_signer`].
fn key_of(pkcs8: &[u8]) -> Key {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).unwrap();
    let spki = pair.public_key().as_der().unwrap().as_ref().to_vec();
    Key { pair: Pair::Ec(pair), spki, ..Key::p256() }
}

/// A vaccination certificate of a country, signed by this key under this certificate.
fn code(pkcs8: &[u8], der: &[u8], country: &str) -> String {
    let signer: Arc<dyn Signer> = Arc::new(MemorySigner::new(pkcs8, Certificate::from_der(der).unwrap()).unwrap());
    let issuer = issue::Issuer::new(signer, country, Terms::default()).unwrap();
    let country: Country = country.parse().unwrap();
    let record = Record::Vaccination(Box::new(VaccinationRecord {
        provenance: Provenance {
            tracked_entity: "person".into(),
            event: "event".into(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName { family: Some("Specimen".into()), given: Some("Amara".into()), ..PersonName::default() },
            birth_date: Some("1984-03-19".parse().unwrap()),
            sex: None,
            identifier: None,
            nationality: None,
            document: None,
            guardian: None,
        },
        product: Arc::clone(ValueSets::built_in().product("comirnaty").unwrap()),
        lot: Some("LOT1".into()),
        date: "2026-06-01".parse().unwrap(),
        dose: 1,
        total_doses: 1,
        country,
        centre: Some("Clinic".into()),
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }));
    let now = vaccert::clock::Clock::now(&vaccert::clock::System);
    let id = Uvci::from_random(country, [9; 16]);
    let issued = issuer.seal(issuer.prepare(&record, &id, &[Format::EuDcc], now).unwrap()).unwrap();
    String::from_utf8(issued.envelope(Format::EuDcc).unwrap().code().unwrap().into_owned()).unwrap()
}

fn subject(name: &str) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, DnValue::PrintableString("LK".try_into().unwrap()));
    subject.push(DnType::OrganizationName, "Ministry of Health");
    subject.push(DnType::CommonName, name);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject;
    parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2060, 1, 1);
    parameters
}

/// A ministry in production, whose authority has certified these two keys (PKCS#8) for signing certificates and lists.
fn ministry(dsc: &[u8], list: &[u8], more: &str) -> Workplace {
    let mut work = Workplace::new();
    work.set("VACCERT_PASSPHRASE", PASSPHRASE);
    let mut root = subject("National CSCA");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer = Issuer::new(root, KeyPair::generate().unwrap());
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    for (name, pkcs8) in [("dsc", dsc), ("list", list)] {
        let key = KeyPair::try_from(pkcs8).unwrap();
        let mut parameters = subject(name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.use_authority_key_identifier_extension = true;
        if name == "dsc" {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(VACCINATIONS.to_vec())];
        }
        work.write(&format!("keys/{name}.pem"), parameters.signed_by(&key, &issuer).unwrap().pem());
        let path = work.path(&format!("keys/{name}-key.pem"));
        write_private_key(&path, pkcs8, &Protection::Passphrase(&passphrase, [7; 32])).unwrap();
    }
    work.write(
        "vaccert.toml",
        format!(
            "environment = \"production\"\n[issuer]\ncountry = \"LK\"\nname = \"Ministry of Health\"\n[keys]\n\
             publish_hours = 0\nsigner_key = \"keys/dsc-key.pem\"\nsigner_certificate = \"keys/dsc.pem\"\n\
             list_key = \"keys/list-key.pem\"\nlist_certificate = \"keys/list.pem\"\n[registry]\n\
             url = \"registry.sqlite\"\n{more}"
        ),
    );
    work
}

fn fresh() -> Vec<u8> {
    KeyPair::generate().unwrap().serialize_der()
}

/// Every private key that everybody has and that could sign certificates: the example of RFC 7515, and those of this
/// repository.
fn known() -> Vec<Vec<u8>> {
    let mut keys = vec![published()];
    for entry in fs::read_dir("fixtures/pki").unwrap() {
        let path = entry.unwrap().path();
        let pkcs8 = fs::read(&path).unwrap();
        let p256 = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8).is_ok();
        if path.to_str().unwrap().ends_with(".key.der") && p256() {
            keys.push(pkcs8);
        }
    }
    assert!(keys.len() >= 3, "{}", keys.len());
    keys
}

#[test]
fn f06_production_neither_starts_nor_issues_with_a_key_that_everybody_knows() {
    for pkcs8 in known() {
        for (dsc, list, setting) in
            [(pkcs8.clone(), fresh(), "keys.signer_key"), (fresh(), pkcs8.clone(), "keys.list_key")]
        {
            let work = ministry(&dsc, &list, "");
            work.write("export.json", r#"{"trackedEntities":[]}"#);
            for command in [
                &["issue", "--from", "export.json", "--out", "out"][..],
                &["serve", "--no-sync", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"],
                &["publish"],
            ] {
                let said = work.run(command).refused(2);
                assert!(said.contains(setting) && said.contains("published"), "{command:?}: {said}");
            }
            // The folder for certificates may be there by then; nothing is in it.
            let names = |folder: &str| {
                let found = fs::read_dir(work.path(folder)).into_iter().flatten();
                let mut names: Vec<String> = found.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
                names.sort();
                names
            };
            let left: Vec<String> = names(".").into_iter().filter(|name| name != "out").collect();
            assert_eq!(left, ["export.json", "keys", "vaccert.toml"], "no list, no registry");
            assert!(names("out").iter().all(|name| name == ".lock"), "no certificate: {:?}", names("out"));
        }
    }
    // With keys of its own the same ministry works.
    let work = ministry(&fresh(), &fresh(), "");
    work.run(&["publish"]).good();
}

#[test]
fn f06_a_certificate_of_a_key_that_everybody_knows_is_believed_nowhere() {
    for (pkcs8, believed) in [(fresh(), true), (published(), false)] {
        let key = key_of(&pkcs8);
        assert_eq!(known_key(&key.spki).is_none(), believed);
        let (anchor, list, der) = of_signer("TG", &key);
        let code = code(&pkcs8, &der, "TG");
        let server = Server::new();
        server.sends(list.clone(), "1");
        let trust = format!(
            "[[trust]]\nname = \"eu\"\nkind = \"url\"\nurl = \"http://127.0.0.1:{}/list\"\n\
             list_key = [\"anchor.pem\"]\n",
            server.port
        );
        let work = ministry(&fresh(), &fresh(), &trust);
        work.write("anchor.pem", pem("CERTIFICATE", &anchor));
        work.write("list.json", &list);
        let expected = if believed { "accepted" } else { "undecided" };
        let right = |road: &str, verdict: &Value| {
            assert_eq!(verdict["verdict"], expected, "{road}: {verdict}");
            if !believed {
                assert_eq!(verdict["reason"], "issuer-unknown", "{road}: {verdict}");
            }
        };

        // A list that is signed as it should be, pulled by the program: the entry is left out by name.
        let pulled = work.run(&["trust", "pull"]).good();
        let left = if believed { "eu: 2 signers" } else { "eu: 1 signers" };
        assert!(pulled.out.starts_with(left) || pulled.out.starts_with("eu: 1 signer "), "{pulled:?}");
        let codes = [work.write("code.txt", &code)];
        let verified = work.run(&["verify", "--format", "json", codes[0].to_str().unwrap()]);
        right("verify", &serde_json::from_str(verified.out.lines().next().unwrap()).unwrap());

        // The program of a border that has nothing but the list and its anchor.
        let offline =
            work.verify(&work.path("list.json"), &codes, &["--list-key", work.path("anchor.pem").to_str().unwrap()]);
        right("offline", &offline.verdicts[0]);

        // The bundle that officers carry, made of the pulled list, and read by its own key alone.
        work.run(&["trust", "bundle", "--out", "bundle.json"]).good();
        let officers = work.verify(
            &work.path("bundle.json"),
            &codes,
            &["--list-key", work.path("keys/list.pem").to_str().unwrap()],
        );
        right("bundle", &officers.verdicts[0]);

        // The service.
        let served = serve(&work, &code);
        right("service", &served);
    }
}

/// What the service of a workplace says of a code.
fn serve(work: &Workplace, code: &str) -> Value {
    use std::io::{BufRead as _, BufReader};
    work.run(&["publish"]).good();
    let log = fs::File::create(work.path("serve.log")).unwrap();
    let arguments = ["serve", "--no-sync", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
    let mut child = work.command(&arguments).stdout(std::process::Stdio::piped()).stderr(log).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = said.find(|line| line.as_ref().unwrap().starts_with("For everybody"));
    let address = line.unwrap().unwrap().split("://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut answer = None;
    // The lists are there a moment after the doors are open, on a busy machine some seconds.
    for _ in 0..600 {
        let headers = [("Content-Type", "text/plain")];
        let said = ask_with(&address, "POST", "/v1/verify", &headers, code).unwrap();
        if said.status == 200 {
            answer = Some(serde_json::from_str(&said.body).unwrap());
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let _ = child.kill();
    let _ = child.wait();
    answer.unwrap_or_else(|| panic!("{}", fs::read_to_string(work.path("serve.log")).unwrap()))
}
