//! The endpoints of the interface, and what each is called in messages.

use std::fmt;

/// An endpoint (facts on the trust framework, section 2; OpenAPI of the DGCG and of the TNG 1.10.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `POST /signerCertificate`.
    SignerUpload,
    /// `DELETE /signerCertificate`, `POST /signerCertificate/delete`.
    SignerDelete,
    /// `POST /trustedCertificate` (TNG).
    TrustedUpload,
    /// `DELETE /trustedCertificate`, `POST /trustedCertificate/delete` (TNG).
    TrustedDelete,
    /// `GET /trustList…`.
    TrustList,
    /// `GET /trustList/certificate` (TNG).
    Certificates,
    /// `GET /trustList/issuers`.
    Issuers,
    /// `GET /trustList/references` (TNG).
    References,
    /// `GET /valuesets`.
    ValueSets,
    /// `GET /valuesets/{id}`.
    ValueSet,
    /// `GET /countrylist`.
    Countries,
    /// `GET /rules/{country}`.
    Rules,
    /// `POST /rules`.
    RuleUpload,
    /// `DELETE /rules`, `POST /rules/delete`.
    RuleDelete,
    /// `GET /revocation-list`.
    RevocationList,
    /// `GET /revocation-list/{batchId}`.
    RevocationBatch,
    /// `POST /revocation-list`.
    RevocationUpload,
    /// `DELETE /revocation-list`, `POST /revocation-list/delete`.
    RevocationDelete,
    /// `GET /cms-migration`.
    MigrationList,
    /// `POST /cms-migration`.
    MigrationUpdate,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 20] = [
        Self::SignerUpload,
        Self::SignerDelete,
        Self::TrustedUpload,
        Self::TrustedDelete,
        Self::TrustList,
        Self::Certificates,
        Self::Issuers,
        Self::References,
        Self::ValueSets,
        Self::ValueSet,
        Self::Countries,
        Self::Rules,
        Self::RuleUpload,
        Self::RuleDelete,
        Self::RevocationList,
        Self::RevocationBatch,
        Self::RevocationUpload,
        Self::RevocationDelete,
        Self::MigrationList,
        Self::MigrationUpdate,
    ];

    /// Whether what is sent or received names certificates of people by their hashes, which stay out of messages.
    #[must_use]
    pub fn is_about_people(self) -> bool {
        matches!(self, Self::RevocationBatch | Self::RevocationUpload | Self::MigrationList | Self::MigrationUpdate)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignerUpload | Self::TrustedUpload => "the upload of the signer certificate",
            Self::SignerDelete | Self::TrustedDelete => "the removal of the signer certificate",
            Self::TrustList => "the download of the trust list",
            Self::Certificates => "the download of the trusted certificates",
            Self::Issuers => "the download of the trusted issuers",
            Self::References => "the download of the trusted references",
            Self::ValueSets => "the download of the list of value sets",
            Self::ValueSet => "the download of a value set",
            Self::Countries => "the download of the list of countries",
            Self::Rules => "the download of business rules",
            Self::RuleUpload => "the upload of the business rule",
            Self::RuleDelete => "the removal of the business rule",
            Self::RevocationList => "the download of the list of revocation batches",
            Self::RevocationBatch => "the download of a revocation batch",
            Self::RevocationUpload => "the upload of the revocation batch",
            Self::RevocationDelete => "the removal of the revocation batch",
            Self::MigrationList => "the download of this country's signed packages",
            Self::MigrationUpdate => "the renewal of a signed package",
        })
    }
}
