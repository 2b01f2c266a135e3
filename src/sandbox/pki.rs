//! Certificates for rehearsals, by the profiles that real ones must follow (certificate governance of the EU and of
//! WHO, sections 3 and 4), for any country, and one-off breaches of a profile for tests of those who check it.
//!
//! Every certificate carries the organisation of the sandbox, which production refuses.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize, SanType, SerialNumber,
};
use zeroize::Zeroizing;

use crate::{
    batch::Random,
    keys::{Certificate, MemoryX509Signer, SANDBOX_ORGANISATION, X509Signer as _, pem},
};

/// Extended key usages of a document signer: tests, vaccinations, recoveries.
const USAGES: [[u64; 10]; 3] =
    [[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 1], [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2], [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 3]];
const SUBJECT_KEY_IDENTIFIER: [u64; 4] = [2, 5, 29, 14];

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Root of a country (CSCA, SCA): 4 years.
    Authority,
    /// Document signer (DSC): 2 years.
    Signer,
    /// Signs uploads (NB_UP, TNP_UP): 1 year, self-signed.
    Upload,
    /// TLS client of a country (NB_TLS, TNP_TLS): 1 year, self-signed.
    TlsClient,
    /// Trust anchor of a gateway's operator: 4 years, self-signed.
    Anchor,
    /// Root of the servers of this machine: 27 years, for a rehearsal may move its clock and TLS must go on.
    ServerAuthority,
    /// TLS server of this machine, as long.
    Server,
}

impl Purpose {
    fn days(self) -> i64 {
        match self {
            Self::Authority | Self::Anchor => 1461,
            Self::Signer => 730,
            Self::Upload | Self::TlsClient => 365,
            Self::ServerAuthority | Self::Server => 9_862,
        }
    }

    fn is_authority(self) -> bool {
        matches!(self, Self::Authority | Self::ServerAuthority)
    }
}

/// Kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// ECDSA with P-256.
    #[default]
    P256,
    /// RSA with 3072 bits.
    Rsa3072,
}

/// Why no certificate could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// The country is no code.
    #[error("{country:?} is no country code: give two letters such as XX")]
    Country {
        /// What was given.
        country: String,
    },
    /// The calendar ends before the certificate.
    #[error("the clock shows a time outside the years 1970 to 9999: set it")]
    Period,
    /// The library, or the system's generator of random bytes.
    #[error("no key or certificate could be made for {name}: run again, then report it")]
    Library {
        /// Common name.
        name: String,
    },
}

/// A certificate with its key, which can issue others.
#[derive(Clone)]
pub struct Made {
    certificate: Certificate,
    pem: String,
    inner: Arc<(CertificateParams, KeyPair)>,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Made({:?}, private key …)", self.certificate)
    }
}

impl Made {
    /// A certificate of an earlier start with its key (PKCS#8 in DER). It signs messages and issues no certificates.
    ///
    /// # Errors
    /// [`PkiError::Library`] when one of them cannot be read, or they do not belong together.
    pub fn load(der: &[u8], pkcs8: &[u8]) -> Result<Self, PkiError> {
        let fail = || PkiError::Library { name: "a certificate of an earlier start".to_owned() };
        let certificate = Certificate::from_der(der).map_err(|_| fail())?;
        let pair = KeyPair::try_from(pkcs8).map_err(|_| fail())?;
        let made = Self {
            pem: pem::write("CERTIFICATE", der),
            certificate,
            inner: Arc::new((CertificateParams::default(), pair)),
        };
        if made.signer()?.spki() == made.certificate.spki() { Ok(made) } else { Err(fail()) }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The private key: PKCS#8 in DER.
    #[must_use]
    pub fn key(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.inner.1.serialize_der())
    }

    /// A signer of CMS messages with this key.
    ///
    /// # Errors
    /// [`PkiError::Library`] when the key is of a kind that signs none.
    pub fn signer(&self) -> Result<MemoryX509Signer, PkiError> {
        MemoryX509Signer::new(&self.key()).map_err(|_| PkiError::Library { name: self.certificate.kid().to_string() })
    }
}

/// Makes certificates of one country.
#[derive(Clone)]
pub struct Workshop {
    country: String,
    from: Timestamp,
    random: Random,
}

impl std::fmt::Debug for Workshop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workshop({})", self.country)
    }
}

impl Workshop {
    /// A workshop whose certificates begin at `from`. Fractions of a second are cut off.
    ///
    /// # Errors
    /// [`PkiError::Country`].
    pub fn new(country: &str, from: Timestamp, random: Random) -> Result<Self, PkiError> {
        if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(PkiError::Country { country: country.chars().take(8).collect() });
        }
        Ok(Self { country: country.to_owned(), from, random })
    }

    /// The country's code.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// Makes a certificate that signs itself.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn make(&self, purpose: Purpose, name: &str, key: Key) -> Result<Made, PkiError> {
        self.issue(purpose, name, key, None)
    }

    /// Makes a certificate that `issuer` signs.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn issued(&self, purpose: Purpose, name: &str, key: Key, issuer: &Made) -> Result<Made, PkiError> {
        self.issue(purpose, name, key, Some(issuer))
    }

    fn issue(&self, purpose: Purpose, name: &str, key: Key, issuer: Option<&Made>) -> Result<Made, PkiError> {
        let fail = || PkiError::Library { name: name.to_owned() };
        let pair = match key {
            Key::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Key::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
        }
        .map_err(|_| fail())?;
        let params = self.params(purpose, name, &pair)?;
        let certificate = match issuer {
            None => params.self_signed(&pair),
            Some(issuer) => params.signed_by(&pair, &Issuer::from_params(&issuer.inner.0, &issuer.inner.1)),
        }
        .map_err(|_| fail())?;
        let read = Certificate::from_der(certificate.der()).map_err(|_| fail())?;
        Ok(Made { certificate: read, pem: certificate.pem(), inner: Arc::new((params, pair)) })
    }

    fn params(&self, purpose: Purpose, name: &str, key: &KeyPair) -> Result<CertificateParams, PkiError> {
        let fail = || PkiError::Library { name: name.to_owned() };
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        // ISO 3166 alpha-2 codes are PrintableString (RFC 5280 appendix A).
        let country = self.country.as_str().try_into().map_err(|_| fail())?;
        subject.push(DnType::CountryName, DnValue::PrintableString(country));
        subject.push(DnType::OrganizationName, SANDBOX_ORGANISATION);
        subject.push(DnType::CommonName, name);
        params.distinguished_name = subject;
        let mut serial = [0; 16];
        (self.random)(&mut serial).map_err(|_| fail())?;
        // Positive and always 16 bytes long, with 126 random bits (RFC 5280 section 4.1.2.2).
        let positive = (u128::from_be_bytes(serial) & (u128::MAX >> 2)) | (1 << 126);
        params.serial_number = Some(SerialNumber::from_slice(&positive.to_be_bytes()));
        let until = self.from.checked_add(SignedDuration::from_hours(24 * purpose.days()));
        params.not_before = moment(self.from)?;
        params.not_after = moment(until.map_err(|_| PkiError::Period)?)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = match purpose {
            Purpose::Authority | Purpose::ServerAuthority => {
                vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]
            }
            // A TLS client that signs itself must be allowed to (certificate governance, section 3).
            Purpose::TlsClient => vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign],
            Purpose::Signer | Purpose::Upload | Purpose::Anchor | Purpose::Server => {
                vec![KeyUsagePurpose::DigitalSignature]
            }
        };
        if purpose.is_authority() {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        } else {
            // The library writes a subject key identifier for authorities only.
            let identifier = params.key_identifier(key);
            let length = u8::try_from(identifier.len()).map_err(|_| fail())?;
            let content = [&[0x04, length], identifier.as_slice()].concat();
            params.custom_extensions.push(CustomExtension::from_oid_content(&SUBJECT_KEY_IDENTIFIER, content));
        }
        params.extended_key_usages = match purpose {
            Purpose::Signer => USAGES.iter().map(|usage| ExtendedKeyUsagePurpose::Other(usage.to_vec())).collect(),
            Purpose::TlsClient => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Purpose::Server => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Purpose::Authority | Purpose::Upload | Purpose::Anchor | Purpose::ServerAuthority => Vec::new(),
        };
        if purpose == Purpose::Server {
            let local = "localhost".try_into().map_err(|_| fail())?;
            let addresses = [std::net::Ipv4Addr::LOCALHOST.into(), std::net::Ipv6Addr::LOCALHOST.into()];
            params.subject_alt_names = vec![SanType::DnsName(local)];
            params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
        }
        Ok(params)
    }
}

fn moment<T>(at: Timestamp) -> Result<T, PkiError>
where
    T: From<std::time::SystemTime>,
{
    let seconds = u64::try_from(at.as_second()).map_err(|_| PkiError::Period)?;
    let at = std::time::SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(PkiError::Period)?;
    Ok(T::from(at))
}

/// Everything that a country needs to take part.
#[derive(Debug, Clone)]
pub struct Country {
    /// Its code.
    pub code: String,
    /// Root.
    pub csca: Made,
    /// Document signers.
    pub signers: Vec<Made>,
    /// Signs uploads.
    pub upload: Made,
    /// TLS client.
    pub tls: Made,
}

impl Country {
    /// Makes the certificates of a country with `signers` document signers.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn make(workshop: &Workshop, signers: usize) -> Result<Self, PkiError> {
        let code = workshop.country();
        let csca = workshop.make(Purpose::Authority, &format!("Sandbox CSCA {code}"), Key::P256)?;
        let signers = (1..=signers)
            .map(|number| {
                let name = format!("Sandbox DSC {code} {number}");
                workshop.issued(Purpose::Signer, &name, Key::P256, &csca)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            code: code.to_owned(),
            upload: workshop.make(Purpose::Upload, &format!("Sandbox upload {code}"), Key::P256)?,
            tls: workshop.make(Purpose::TlsClient, &format!("Sandbox TLS {code}"), Key::P256)?,
            csca,
            signers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::system_random;

    fn workshop(country: &str) -> Result<Workshop, PkiError> {
        Workshop::new(country, "2026-11-22T10:00:00Z".parse().unwrap(), system_random())
    }

    #[test]
    fn a_country_is_complete_and_marked() {
        let country = Country::make(&workshop("XA").unwrap(), 2).unwrap();
        for made in country.signers.iter().chain([&country.csca, &country.upload, &country.tls]) {
            let certificate = made.certificate();
            assert!(certificate.is_sandbox());
            assert_eq!(certificate.country(), Some("XA"));
            assert_eq!(made.signer().unwrap().spki(), certificate.spki());
        }
        for signer in &country.signers {
            signer.certificate().is_issued_by(country.csca.certificate()).unwrap();
            assert_eq!(signer.certificate().purposes().len(), 3);
        }
        assert_ne!(country.signers[0].certificate().kid(), country.signers[1].certificate().kid());
        assert_eq!(country.csca.certificate().not_after().to_string(), "2030-11-22T10:00:00Z");
    }

    #[test]
    fn a_certificate_comes_back_with_its_own_key_alone() {
        let workshop = workshop("XA").unwrap();
        let made = |name| workshop.make(Purpose::Anchor, name, Key::P256).unwrap();
        let (one, other) = (made("one"), made("other"));
        assert_eq!(Made::load(one.der(), &one.key()).unwrap().certificate(), one.certificate());
        assert!(Made::load(one.der(), &other.key()).is_err());
        assert!(Made::load(b"", &one.key()).is_err());
    }

    #[test]
    fn other_than_two_letters_are_no_country() {
        for wrong in ["", "X", "xx", "XXX", "X1"] {
            assert!(matches!(workshop(wrong), Err(PkiError::Country { .. })), "{wrong}");
        }
    }
}
