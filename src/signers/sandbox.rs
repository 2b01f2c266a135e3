//! The sandbox's own country: a CSCA (the country's root) and a document signer under it, made in a moment
//! and worth nothing. The certificates follow the profile that real ones must follow (EU DCC governance,
//! section 4; facts in the DCC certificate governance guide), so that everything else is tried for real; they
//! are marked by the organisation [`ORGANISATION`] and the fictional country `XX`, and production refuses both.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::Offset};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize, SerialNumber,
};
use zeroize::Zeroizing;

/// Organisation (`O`) of every sandbox certificate.
pub const ORGANISATION: &str = "vaccert sandbox";

/// Extended key usages that allow a signer to sign tests, vaccinations and recoveries (EU DCC certificate
/// governance, section 4.3).
const USAGES: [[u64; 10]; 3] =
    [[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 1], [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2], [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 3]];
const SUBJECT_KEY_IDENTIFIER: [u64; 4] = [2, 5, 29, 14];
const PRIVATE_KEY_USAGE_PERIOD: [u64; 4] = [2, 5, 29, 16];

/// Kind of the document signer's key. The CSCA always has P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerKey {
    /// P-256, for ES256.
    P256,
    /// RSA with 2048 bits, for PS256.
    Rsa2048,
}

/// When the certificates and their keys may be used. Fractions of a second are cut off: X.509 has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Both begin here.
    pub from: Timestamp,
    /// Last second of the CSCA.
    pub csca_until: Timestamp,
    /// Last second in which the CSCA's key may sign.
    pub csca_signs_until: Timestamp,
    /// Last second of the document signer; not after the CSCA's (shell model).
    pub signer_until: Timestamp,
    /// Last second in which the document signer's key may sign.
    pub signer_signs_until: Timestamp,
}

impl Validity {
    /// The recommended periods: CSCA 4 years and its key 1 year, signer 2 years and its key 6 months (EU DCC
    /// certificate governance, section 4), in days of 24 hours.
    ///
    /// # Errors
    /// [`SandboxError::Period`] at the end of time.
    pub fn recommended(from: Timestamp) -> Result<Self, SandboxError> {
        let after =
            |days: i64| from.checked_add(SignedDuration::from_hours(days * 24)).map_err(|_| SandboxError::Period);
        Ok(Self {
            from,
            csca_until: after(1461)?,
            csca_signs_until: after(365)?,
            signer_until: after(730)?,
            signer_signs_until: after(183)?,
        })
    }
}

/// A certificate with its private key.
pub struct Identity {
    /// The certificate in DER.
    pub certificate_der: Vec<u8>,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// The private key: PKCS#8 in DER, wiped from memory when dropped.
    pub private_key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({} bytes, private key …)", self.certificate_der.len())
    }
}

/// A country of one root and one signer.
#[derive(Debug)]
pub struct Sandbox {
    /// The root.
    pub csca: Identity,
    /// The document signer.
    pub signer: Identity,
}

/// Why no sandbox could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The periods contradict each other or the calendar.
    #[error(
        "the periods of the sandbox certificates do not fit into each other or lie outside the years 1970 to 9999: \
         let the signer end before the CSCA, and every period after its beginning"
    )]
    Period,
    /// The library made no key or certificate.
    #[error("the cryptographic library could not make the sandbox's {what}: run again, then report it")]
    Library {
        /// Which key or certificate.
        what: &'static str,
    },
}

/// Makes a sandbox. `serials` are 16 random bytes each, from the system's generator; the keys come from the
/// generator of the cryptographic library.
///
/// # Errors
/// [`SandboxError`].
pub fn make(signer_key: SignerKey, validity: &Validity, serials: [[u8; 16]; 2]) -> Result<Sandbox, SandboxError> {
    let [csca_serial, signer_serial] = serials;
    if validity.signer_until > validity.csca_until {
        return Err(SandboxError::Period);
    }
    let fail = |what| move |_: rcgen::Error| SandboxError::Library { what };

    let csca_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(fail("CSCA key"))?;
    let mut csca = parameters("Sandbox CSCA", csca_serial, validity.from, validity.csca_until)?;
    csca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    csca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    csca.custom_extensions.push(usage_period(validity.from, validity.csca_signs_until, validity.csca_until)?);
    let csca_certificate = csca.self_signed(&csca_key).map_err(fail("CSCA certificate"))?;

    let key = match signer_key {
        SignerKey::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        SignerKey::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
    }
    .map_err(fail("signer key"))?;
    let mut signer = parameters("Sandbox DSC 1", signer_serial, validity.from, validity.signer_until)?;
    signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    signer.extended_key_usages = USAGES.iter().map(|usage| ExtendedKeyUsagePurpose::Other(usage.to_vec())).collect();
    signer.use_authority_key_identifier_extension = true;
    // The library writes a subject key identifier for authorities only; the profile wants one here too.
    let identifier = signer.key_identifier(&key);
    signer.custom_extensions.push(CustomExtension::from_oid_content(&SUBJECT_KEY_IDENTIFIER, der(0x04, &identifier)?));
    signer.custom_extensions.push(usage_period(validity.from, validity.signer_signs_until, validity.signer_until)?);
    let issuer = Issuer::from_params(&csca, &csca_key);
    let signer_certificate = signer.signed_by(&key, &issuer).map_err(fail("signer certificate"))?;

    Ok(Sandbox { csca: identity(&csca_certificate, &csca_key), signer: identity(&signer_certificate, &key) })
}

/// Makes a key for linked data (Ed25519, PKCS#8 in DER), which a DID names and no certificate.
///
/// # Errors
/// [`SandboxError::Library`].
pub fn make_named_key() -> Result<Zeroizing<Vec<u8>>, SandboxError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519);
    let key = key.map_err(|_| SandboxError::Library { what: "key for linked data" })?;
    Ok(Zeroizing::new(key.serialize_der()))
}

fn identity(certificate: &rcgen::Certificate, key: &KeyPair) -> Identity {
    Identity {
        certificate_der: certificate.der().to_vec(),
        certificate_pem: certificate.pem(),
        private_key: Zeroizing::new(key.serialize_der()),
    }
}

fn parameters(
    name: &str,
    serial: [u8; 16],
    from: Timestamp,
    until: Timestamp,
) -> Result<CertificateParams, SandboxError> {
    if until <= from {
        return Err(SandboxError::Period);
    }
    let mut parameters = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    // ISO 3166 alpha-2 codes are PrintableString (RFC 5280 appendix A).
    let country = "XX".try_into().map_err(|_| SandboxError::Library { what: "country" })?;
    subject.push(DnType::CountryName, DnValue::PrintableString(country));
    subject.push(DnType::OrganizationName, ORGANISATION);
    subject.push(DnType::CommonName, name);
    parameters.distinguished_name = subject;
    // Positive and always 16 bytes long, with 126 random bits (RFC 5280 section 4.1.2.2).
    let positive = (u128::from_be_bytes(serial) & (u128::MAX >> 2)) | (1 << 126);
    parameters.serial_number = Some(SerialNumber::from_slice(&positive.to_be_bytes()));
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let moment = |at: Timestamp| {
        let seconds = u64::try_from(at.as_second()).map_err(|_| SandboxError::Period)?;
        epoch
            .checked_add(Duration::from_secs(seconds).try_into().map_err(|_| SandboxError::Period)?)
            .ok_or(SandboxError::Period)
    };
    parameters.not_before = moment(from)?;
    parameters.not_after = moment(until)?;
    Ok(parameters)
}

/// `PrivateKeyUsagePeriod` (RFC 3280 section 4.2.1.4): `notBefore` [0] and `notAfter` [1], GeneralizedTime.
fn usage_period(from: Timestamp, until: Timestamp, end: Timestamp) -> Result<CustomExtension, SandboxError> {
    if until <= from || until > end {
        return Err(SandboxError::Period);
    }
    let text = |at: Timestamp| {
        let utc = Offset::UTC.to_datetime(at);
        let (year, month, day) = (utc.year(), utc.month(), utc.day());
        format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}Z", utc.hour(), utc.minute(), utc.second())
    };
    let content = [der(0x80, text(from).as_bytes())?, der(0x81, text(until).as_bytes())?].concat();
    Ok(CustomExtension::from_oid_content(&PRIVATE_KEY_USAGE_PERIOD, der(0x30, &content)?))
}

/// Tag, length and content; short lengths are all that is needed here.
fn der(tag: u8, content: &[u8]) -> Result<Vec<u8>, SandboxError> {
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 128);
    let length = length.ok_or(SandboxError::Library { what: "extension" })?;
    Ok([&[tag, length], content].concat())
}
