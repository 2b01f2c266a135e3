//! A ministry with a document key: a root, an authority between, and the certificate of the key.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    RsaKeySize,
};
use vaccert::{
    keys::{Certificate, MemoryX509Signer, X509Signer},
    seal::{DocumentKey, SealError},
};

/// Kind of the document key.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    P256,
    Rsa,
}

pub struct Ministry {
    pub certificate: Certificate,
    pub middle: Certificate,
    pub root: Certificate,
    key: Vec<u8>,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "XX");
    params.distinguished_name.push(DnType::OrganizationName, "Ministry of Health of Examplia");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2028, 1, 1);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Ministry {
    pub fn new(kind: Kind) -> Self {
        let key = match kind {
            Kind::P256 => KeyPair::generate().unwrap(),
            Kind::Rsa => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
        };
        Self::made(&key, &["digitalSignature"], &[])
    }

    /// With a P-256 key whose certificate names these usages, and extended ones by their identifiers.
    pub fn with_usage(usages: &[&str], extended: &[&str]) -> Self {
        Self::made(&KeyPair::generate().unwrap(), usages, extended)
    }

    fn made(key: &KeyPair, usages: &[&str], extended: &[&str]) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority("Root of Examplia");
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let (middle_params, middle_key) = (authority("Authority of the ministry"), KeyPair::generate().unwrap());
        let middle = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
        let middle_issuer = Issuer::new(middle_params, middle_key);
        let mut params = named("Ministry of Health of Examplia (documents)");
        params.key_usages = usages
            .iter()
            .map(|usage| match *usage {
                "digitalSignature" => KeyUsagePurpose::DigitalSignature,
                "nonRepudiation" => KeyUsagePurpose::ContentCommitment,
                "keyEncipherment" => KeyUsagePurpose::KeyEncipherment,
                other => panic!("{other}"),
            })
            .collect();
        params.extended_key_usages = extended
            .iter()
            .map(|dotted| ExtendedKeyUsagePurpose::Other(dotted.split('.').map(|arc| arc.parse().unwrap()).collect()))
            .collect();
        let certificate = params.signed_by(key, &middle_issuer).unwrap();
        let [certificate, middle, root] =
            [&certificate, &middle, &root].map(|made| Certificate::from_der(made.der()).unwrap());
        Self { certificate, middle, root, key: key.serialize_der() }
    }

    pub fn signer(&self) -> Arc<dyn X509Signer> {
        Arc::new(MemoryX509Signer::new(&self.key).unwrap())
    }

    /// The document key, with the certificates above it or alone.
    pub fn key(&self, chain: bool) -> Result<DocumentKey, SealError> {
        let above = if chain { vec![self.middle.clone(), self.root.clone()] } else { Vec::new() };
        DocumentKey::new(self.signer(), self.certificate.clone(), above)
    }

    pub fn root_pem(&self) -> String {
        vaccert::keys::pem::write("CERTIFICATE", self.root.der())
    }

    pub fn middle_pem(&self) -> String {
        vaccert::keys::pem::write("CERTIFICATE", self.middle.der())
    }
}
