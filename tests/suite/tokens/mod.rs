//! Keys in a token, against SoftHSM2, which follows the standard that hardware follows (PKCS#11). SoftHSM2 reads its
//! configuration from the environment when it is loaded, and it is loaded once a process: each of these tests runs
//! its body in a process of its own, with a token of its own.
#![cfg(feature = "pkcs11")]

mod away;
mod cli;
mod refusals;
mod sign;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use vaccert::{
    clock::System,
    keys::X509Signer,
    signers::{Pin, TokenOptions, TokenUri, Tokens},
};

pub const PIN: &str = "739104";
const FOLDER: &str = "VACCERT_TEST_TOKENS";
const PLACES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
];

/// A folder with the tokens of SoftHSM2.
pub struct Site {
    pub folder: PathBuf,
}

/// SoftHSM2's library.
pub fn module() -> Option<PathBuf> {
    let found = PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("VACCERT_FULL").is_none(), "VACCERT_FULL asks for all tests: install softhsm2");
        println!("left out: SoftHSM2 is not installed");
    }
    found
}

/// Runs the test of this name in a process of its own, and its body there: `None` where it is not to be run.
pub fn in_own_process(test: &str) -> Option<Site> {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(Site { folder: folder.into() });
    }
    module()?;
    let folder = tempfile::tempdir().unwrap();
    let site = Site { folder: folder.path().to_owned() };
    site.write_configuration();
    site.init("health");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    child.env(FOLDER, &site.folder).env("SOFTHSM2_CONF", site.configuration());
    let output = child.output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "no test has this name: {said}");
    assert!(!said.contains(PIN), "the PIN shows");
    print!("{said}");
    None
}

impl Site {
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    pub fn tokens(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    pub fn write_configuration(&self) {
        std::fs::create_dir_all(self.tokens()).unwrap();
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            self.tokens().display()
        );
        std::fs::write(self.configuration(), text).unwrap();
    }

    /// Runs a program of SoftHSM2's or OpenSC's.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.configuration()).output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        said
    }

    /// Makes a token.
    pub fn init(&self, label: &str) {
        let arguments = ["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "81726354"];
        self.run("softhsm2-util", &arguments);
    }
}

/// Tokens with this PIN and this many sessions.
pub fn tokens(pin: &str, sessions: usize) -> Tokens {
    let pin = pin.to_owned();
    Tokens::new(TokenOptions {
        module: module(),
        sessions,
        pin: Arc::new(move |_| Ok(Pin::new(pin.clone()))),
        clock: Arc::new(System),
    })
}

pub fn key(label: &str) -> TokenUri {
    TokenUri::parse(&format!("pkcs11:token=health;object={label}")).unwrap()
}

/// Runs OpenSSL in a folder; gives what it said, or fails.
pub fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    said
}

/// A key in a token, as the library that makes certificates wants one.
pub struct CertificateKey {
    signer: Arc<dyn X509Signer>,
    bits: Vec<u8>,
}

impl CertificateKey {
    pub fn new(signer: Arc<dyn X509Signer>) -> Self {
        let spki = signer.spki();
        // The bits of the key are the last field; its header is 03 42 00, or 03 82 xx xx 00 for RSA.
        let at = match signer.algorithm() {
            vaccert::keys::X509Algorithm::EcdsaSha256 => spki.len() - 65,
            vaccert::keys::X509Algorithm::RsaSha256 => 24,
        };
        let bits = spki[at..].to_vec();
        Self { signer, bits }
    }
}

impl rcgen::PublicKeyData for CertificateKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.signer.algorithm() {
            vaccert::keys::X509Algorithm::EcdsaSha256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            vaccert::keys::X509Algorithm::RsaSha256 => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

impl rcgen::SigningKey for CertificateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signer.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// A subject of the fictional country.
pub fn subject(organisation: &str, country: &str, name: &str) -> rcgen::CertificateParams {
    let mut subject = rcgen::DistinguishedName::new();
    let code = rcgen::DnValue::PrintableString(country.try_into().unwrap());
    subject.push(rcgen::DnType::CountryName, code);
    subject.push(rcgen::DnType::OrganizationName, organisation);
    subject.push(rcgen::DnType::CommonName, name);
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = subject;
    parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2060, 1, 1);
    parameters
}
