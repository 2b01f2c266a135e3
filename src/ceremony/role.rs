//! The four roles that a ceremony makes certificates for.

use std::fmt;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// National authority: CSCA in the EU's words, SCA in WHO's.
    Authority,
    /// Document signer: DSC.
    Signer,
    /// TLS client of a gateway: NB_TLS, TNP_TLS.
    Tls,
    /// Signs uploads to a gateway: NB_UP, TNP_UP.
    Upload,
}

impl Role {
    /// What it is called in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Authority => "national authority (CSCA)",
            Self::Signer => "document signer (DSC)",
            Self::Tls => "TLS client",
            Self::Upload => "upload certificate",
        }
    }
}

impl Role {
    /// The same with its article.
    #[must_use]
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Authority => "a national authority (CSCA)",
            Self::Signer => "a document signer (DSC)",
            Self::Tls => "a TLS client",
            Self::Upload => "an upload certificate",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
