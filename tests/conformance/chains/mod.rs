//! Who issued a certificate: every algorithm that authorities use, and each way of not being the issuer.

mod paths;
mod published;

use vaccert::keys::{Certificate, ChainError};

use crate::made::{Key, Spec, certificate, oid, seq, tlv};

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

#[test]
fn every_algorithm_of_an_authority_is_checked() {
    for (name, authority) in [
        ("P-256", Key::p256()),
        ("P-384", Key::p384()),
        ("P-521", Key::p521()),
        ("RSA", Key::rsa(false)),
        ("RSA-PSS", Key::rsa(true)),
    ] {
        let issuer = read(&certificate("XA", "CSCA", &authority, ("CSCA", &authority)));
        assert_eq!(issuer.is_issued_by(&issuer), Ok(()), "{name}");
        let der = certificate("XA", "DSC", &Key::p256(), ("CSCA", &authority));
        assert_eq!(read(&der).is_issued_by(&issuer), Ok(()), "{name}");

        // Whatever is changed in the body or in the signature, it is noticed.
        for at in (20..der.len()).step_by(11) {
            let mut damaged = der.clone();
            damaged[at] ^= 1;
            if let Ok(damaged) = Certificate::from_der(&damaged) {
                assert!(damaged.is_issued_by(&issuer).is_err(), "{name}: byte {at}");
            }
        }
        let namesake = Key::p256();
        let namesake = read(&certificate("XA", "CSCA", &namesake, ("CSCA", &namesake)));
        assert!(read(&der).is_issued_by(&namesake).is_err(), "{name}");
        let stranger = read(&certificate("XB", "CSCA", &authority, ("CSCA", &authority)));
        assert_eq!(read(&der).is_issued_by(&stranger), Ok(()), "{name}: the signature decides, not the name");
    }
}

#[test]
fn a_stranger_is_told_from_a_damaged_certificate() {
    let (authority, other) = (Key::p256(), Key::p256());
    let signer = read(&certificate("XA", "DSC", &Key::p256(), ("CSCA", &authority)));
    let namesake = read(&certificate("XA", "CSCA", &other, ("CSCA", &other)));
    let stranger = read(&certificate("XB", "CSCA", &other, ("CSCA", &other)));
    assert_eq!(signer.is_issued_by(&namesake), Err(ChainError::Mismatch));
    assert_eq!(signer.is_issued_by(&stranger), Err(ChainError::OtherIssuer));
    let rsa = Key::rsa(false);
    let rsa = read(&certificate("XA", "CSCA", &rsa, ("CSCA", &rsa)));
    assert_eq!(signer.is_issued_by(&rsa), Err(ChainError::WrongKind));
}

#[test]
fn what_proves_nothing_is_named() {
    let authority = Key::p256();
    let issuer = read(&certificate("XA", "CSCA", &authority, ("CSCA", &authority)));
    let signed_with = |algorithm: Vec<u8>| {
        let key = Key { algorithm, ..Key::p256() };
        read(&Spec::new("XA", "DSC", "CSCA", &Key::p256()).signed(&key)).is_issued_by(&issuer)
    };
    let weak = |name: &str| Err(ChainError::Weak { name: name.into() });
    let unsupported = |name: &str| Err(ChainError::Unsupported { name: name.into() });
    assert_eq!(signed_with(seq(&[&oid("1.2.840.10045.4.1")])), weak("SHA-1"));
    assert_eq!(signed_with(seq(&[&oid("1.2.840.113549.1.1.5"), &[5, 0]])), weak("SHA-1"));
    assert_eq!(signed_with(seq(&[&oid("1.2.840.113549.1.1.4"), &[5, 0]])), weak("MD2, MD4 or MD5"));
    assert_eq!(signed_with(seq(&[&oid("1.2.840.113549.1.1.10"), &seq(&[])])), weak("SHA-1"));
    assert_eq!(signed_with(seq(&[&oid("1.2.840.10045.4.3.1")])), unsupported("1.2.840.10045.4.3.1"));
    assert_eq!(signed_with(seq(&[&oid("1.2.840.10045.4.3.2"), &[5, 1, 0]])), Err(ChainError::Form));
    assert_eq!(signed_with(seq(&[&tlv(4, b"x")])), Err(ChainError::Form));
    // Without a hash function of its own, as only CMS may write it.
    assert_eq!(signed_with(seq(&[&oid("1.2.840.113549.1.1.1"), &[5, 0]])), unsupported("1.2.840.113549.1.1.1"));
}

/// Made with OpenSSL 3: `req -x509 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20`.
#[test]
fn a_salt_of_another_length_is_checked_all_the_same() {
    let mut der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, SALT_20).unwrap();
    assert_eq!(read(&der).is_issued_by(&read(&der)), Ok(()));
    let good = read(&der);
    *der.last_mut().unwrap() ^= 1;
    assert_eq!(read(&der).is_issued_by(&good), Err(ChainError::Mismatch));
}

const SALT_20: &str = "\
    MIIDdTCCAi6gAwIBAgIUcG7JRCyQJYjyjgiEYqjzWrd3zR4wPAYJKoZIhvcNAQEKMC+gDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCD\
    ANBglghkgBZQMEAgEFADAbMQswCQYDVQQGEwJYQTEMMAoGA1UEAwwDUFNTMB4XDTI2MTEyMjAyMjgxN1oXDTM2MTExOTAyMjgxN1owGzELMAkG\
    A1UEBhMCWEExDDAKBgNVBAMMA1BTUzCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALdKmWTWYnt2Ivji/DUXOEd2K9tVkO7wqiGcnU\
    HmEr784iiFajxopbOPJVU8+Mq3xckKBhgjlv+o7w4XEx8o7gcwoEhjYsIuxfoLlXDA1TDKQPeEvsooTnWANcq8i8CAraSVlPqT4tfVCW6+a3JH\
    HU5+30MLl+DEw2jeF1UIkycvMwGiqEsrvIOkxnCph6Nx3lUM2ZnGgfJkWjnA5SpqBdd2kAb4SmUpIEkbmjbHlQWWNWVgIk31SviG9/EKto6E6a\
    DRtTXS9SMrRjd9HHOeXqcfWdWbnJ8XnK/eaBe0SHfrWJRkjF9ZCKQzaZePEKF6d6dTWPWbaB4KKkIwiVBOumECAwEAAaNTMFEwHQYDVR0OBBYE\
    FJc5pydpDyKLFvJFPWZUD9dAUTEjMB8GA1UdIwQYMBaAFJc5pydpDyKLFvJFPWZUD9dAUTEjMA8GA1UdEwEB/wQFMAMBAf8wPAYJKoZIhvcNAQ\
    EKMC+gDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAAOCAQEAlDt9y6PYklDOQWuEcgKMSc/ZTGEm8fMMLWga\
    shhWs7PpQY6s7ITiqdkpRd55CUEtAFEIF3eH4b1fIokfYOmZkCi8VwKbKyL0U5AlxuJYAN+2Lwk7BPMkQshaJtElmDBdVOJu+8IiYxoBYZr5eS\
    yGrnrF363gIskULYGHfrn2UJeUKUySs1VgjwGmDzEtOPpGXKmuypvGgwn6C1AfLgG6cQoPb7ZqeNn+/AkrXBws7+Ik5nOy4MgrpnpOTVhItp9u\
    7QaS343tjWmkk//JL2OpPlmVou+mFDCHBLrFbPLEPjsRtIKPxu1r4COaYCcS0hBriHCRYp9h6UX++jdeVJuGYA==";
