//! Certificate authorities of countries (CSCA, SCA): they sign certificates, never documents. Formats that bring
//! their signer's certificate along, such as ICAO's seals, are believed through them.

use super::{Added, TrustStore};
use crate::{
    keys::{Certificate, ChainError, Profile},
    limits::AUTHORITIES_PER_COUNTRY,
};

/// An authority, and what its list says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its certificate.
    pub certificate: Certificate,
    /// Country, in capitals: of the certificate, or else of the list.
    pub country: Option<String>,
    /// Identifier of its key, which the certificates that it signs name.
    pub subject_key_id: Option<Vec<u8>>,
    /// Made by a sandbox, a test participant or for demonstrations.
    pub sandbox: bool,
    /// Which list vouches for it.
    pub list: String,
}

impl Authority {
    /// The authority of a certificate; `None` when the certificate says that it is none (no basic constraints of an
    /// authority, or a key usage without the signing of certificates).
    ///
    /// # Errors
    /// [`ChainError::Form`] when its extensions cannot be read.
    pub fn of(certificate: Certificate, list: &str) -> Result<Option<Self>, ChainError> {
        let profile = certificate.profile()?;
        Ok(Self::with(certificate, profile, list))
    }

    pub(super) fn with(certificate: Certificate, profile: Profile, list: &str) -> Option<Self> {
        let is_one = profile.is_authority && profile.may_sign_certificates();
        is_one.then(|| Self {
            country: certificate.country().map(capitals),
            subject_key_id: profile.subject_key_id,
            sandbox: certificate.is_sandbox(),
            list: list.to_owned(),
            certificate,
        })
    }
}

/// A country code as it is compared: certificates write `de` as well.
pub(super) fn capitals(country: &str) -> String {
    country.trim().to_ascii_uppercase()
}

impl TrustStore {
    /// Adds an authority, once a list.
    pub fn add_authority(&mut self, authority: Authority) -> Added {
        let of_country = self.authorities.entry(authority.country.clone().unwrap_or_default()).or_default();
        if of_country.contains(&authority) {
            return Added::Repeated;
        }
        if of_country.len() >= AUTHORITIES_PER_COUNTRY {
            return Added::TooMany;
        }
        of_country.push(authority);
        Added::Stored
    }

    /// Every authority, by country.
    pub fn authorities(&self) -> impl Iterator<Item = &Authority> {
        self.authorities.values().flatten()
    }

    /// The authorities of a country, ISO 3166-1 alpha-2 in capitals.
    #[must_use]
    pub fn authorities_of(&self, country: &str) -> &[Authority] {
        self.authorities.get(country).map_or(&[], Vec::as_slice)
    }
}
