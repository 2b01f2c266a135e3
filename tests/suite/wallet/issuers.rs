//! Issuers of passes: a certificate as Apple gives it, from an invented authority, and a service account.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize};
use vaccert::{
    keys::{Certificate, MemoryX509Signer, pem},
    wallet::{ApplePasses, AppleTerms, Face, GooglePasses, GoogleTerms, WalletError},
};

pub const PASS_TYPE: &str = "pass.org.example.health";
pub const TEAM: &str = "A1B2C3D4E5";
pub const ISSUER: &str = "3388000000012345678";
/// userId (RFC 4519 section 2.39).
const USER_ID: [u64; 7] = [0, 9, 2342, 19_200_300, 100, 1, 1];

pub struct Apple {
    pub root: Certificate,
    pub intermediate: Certificate,
    pub certificate: Certificate,
    pub key: Vec<u8>,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 1, 1);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

pub fn rsa() -> KeyPair {
    KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

impl Apple {
    pub fn new() -> Self {
        let (root_params, root_key) = (authority("Apple Root CA (invented)"), KeyPair::generate().unwrap());
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let (middle_params, middle_key) = (authority("Worldwide Developer Relations (invented)"), rsa());
        let intermediate = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
        let middle_issuer = Issuer::new(middle_params, middle_key);
        let mut params = named("Pass Type ID: pass.org.example.health");
        params.distinguished_name.push(DnType::CustomDnType(USER_ID.to_vec()), PASS_TYPE);
        params.distinguished_name.push(DnType::OrganizationalUnitName, TEAM);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = rsa();
        let certificate = params.signed_by(&key, &middle_issuer).unwrap();
        let [root, intermediate, certificate] =
            [&root, &intermediate, &certificate].map(|made| Certificate::from_der(made.der()).unwrap());
        Self { root, intermediate, certificate, key: key.serialize_der() }
    }

    pub fn terms() -> AppleTerms {
        AppleTerms {
            pass_type: PASS_TYPE.into(),
            team: TEAM.into(),
            organisation: "Ministry of Health of Examplia".into(),
            face: Face::default(),
        }
    }

    pub fn passes(&self) -> ApplePasses {
        self.with(Self::terms(), self.intermediate.clone()).unwrap()
    }

    pub fn with(&self, terms: AppleTerms, intermediate: Certificate) -> Result<ApplePasses, WalletError> {
        let signer = Arc::new(MemoryX509Signer::new(&self.key).unwrap());
        ApplePasses::new(terms, signer, self.certificate.clone(), intermediate)
    }
}

/// The key file of a service account.
pub fn account(key: &KeyPair) -> Vec<u8> {
    serde_json::json!({
        "type": "service_account",
        "project_id": "examplia",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": pem::write("PRIVATE KEY", &key.serialize_der()),
        "client_email": "passes@examplia.iam.gserviceaccount.com",
    })
    .to_string()
    .into_bytes()
}

pub fn google_terms() -> GoogleTerms {
    GoogleTerms {
        issuer: ISSUER.into(),
        class: "certificates".into(),
        organisation: "Ministry of Health of Examplia".into(),
        face: Face::default(),
    }
}

pub fn google(key: &KeyPair) -> GooglePasses {
    GooglePasses::new(google_terms(), &account(key)).unwrap()
}
