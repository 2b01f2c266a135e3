//! Whether the signer certificate that an ICAO seal brings along may be believed: an authority of the store signed it,
//! both are in date, and it is a certificate for such seals (technical report "VDS for Non-Constrained environments",
//! barcode signer profile; Doc 9303-12 and 9303-13).
//!
//! The seal's own signature is not looked at here: it proves nothing before all this is established.

use jiff::Timestamp;

use super::{Authority, TrustStore, authority::capitals};
use crate::keys::{Certificate, ChainError, Profile};

/// Extended key usage of barcode signers.
const USAGE: &str = "2.23.136.1.1.14.2";

/// What a seal is on, by the codes of the document type list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedDocument {
    /// Proof of vaccination, `NV`.
    Vaccination,
    /// Proof of testing, `NT`.
    Test,
}

impl SealedDocument {
    /// The code of the document type.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Vaccination => "NV",
            Self::Test => "NT",
        }
    }
}

/// Why a signer certificate is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerFault {
    /// No authority of the store can have signed it: the verifier lacks one, and the certificate may be good.
    #[error("no certificate authority of {country} that could have signed the seal's certificate is known")]
    UnknownAuthority {
        /// Country of the certificate.
        country: String,
    },
    /// It names an authority of the store, and that one did not sign it, or in a way that cannot be relied on.
    #[error("the authority that the seal's certificate names did not sign it: {source}")]
    Chain {
        /// What is wrong with the signature.
        source: ChainError,
    },
    /// The authority signed it, in a way that this program cannot check.
    #[error("the signature on the seal's certificate cannot be checked: {source}")]
    Uncheckable {
        /// What is not known.
        source: ChainError,
    },
    /// Its extensions are malformed, or it demands what this program does not know.
    #[error("the seal's certificate has extensions that cannot be read or are not known")]
    Extensions,
    /// Authority and certificate are of different countries.
    #[error("the seal's certificate is of {certificate}, its authority of {authority}")]
    Country {
        /// Country of the certificate.
        certificate: String,
        /// Country of the authority.
        authority: String,
    },
    /// The certificate is itself an authority's, or its key may not sign documents.
    #[error("the seal's certificate is not one for signing documents")]
    NotASigner,
    /// It lacks the extended key usage of seals.
    #[error("the seal's certificate is not made for signing seals")]
    Usage,
    /// It may not seal documents of this kind.
    #[error("the seal's certificate may not sign documents of the type {wanted}")]
    DocumentType {
        /// The type that it would have to name.
        wanted: &'static str,
    },
    /// Its validity has not begun.
    #[error("the seal's certificate is not valid yet")]
    NotYetValid,
    /// Its validity has ended.
    #[error("the seal's certificate has expired")]
    Expired,
    /// The authority's validity has not begun.
    #[error("the certificate of the seal's authority is not valid yet")]
    AuthorityNotYetValid,
    /// The authority's validity has ended.
    #[error("the certificate of the seal's authority has expired")]
    AuthorityExpired,
}

/// Finds the authority that signed a seal's certificate; of several, the one that ranks highest. Whether either may
/// be used is for the checks below.
///
/// # Errors
/// [`SignerFault::UnknownAuthority`] when the store has none that could be it, [`SignerFault::Chain`] when the one
/// that the certificate names did not sign it.
pub fn authority_of<'s, R: Ord>(
    store: &'s TrustStore,
    signer: &Certificate,
    rank: impl Fn(&Authority) -> R,
) -> Result<&'s Authority, SignerFault> {
    let profile = signer.profile().map_err(|_| SignerFault::Extensions)?;
    let country = signer.country().map(capitals).unwrap_or_default();
    let named = profile.authority_key_id.as_deref();
    let mut found: Option<&Authority> = None;
    let mut closest: Option<ChainError> = None;
    for authority in store.authorities() {
        let by_key = match (named, authority.subject_key_id.as_deref()) {
            (Some(named), Some(own)) if named == own => true,
            (Some(_), Some(_)) => continue,
            // One of the two says nothing: names and signature have to tell.
            _ if authority.country.as_deref() == Some(country.as_str()) => false,
            _ => continue,
        };
        match signer.is_issued_by(&authority.certificate) {
            Ok(()) if found.is_none_or(|found| rank(authority) > rank(found)) => found = Some(authority),
            Ok(()) => {}
            // Another authority of the same country, for which nothing but the country spoke.
            Err(ChainError::OtherIssuer | ChainError::WrongKind) if !by_key => {}
            Err(error) => closest = Some(error),
        }
    }
    match (found, closest) {
        (Some(found), _) => Ok(found),
        (None, Some(source @ ChainError::Unsupported { .. })) => Err(SignerFault::Uncheckable { source }),
        (None, Some(source)) => Err(SignerFault::Chain { source }),
        (None, None) => Err(SignerFault::UnknownAuthority { country }),
    }
}

/// Whether signer and authority are of one country.
///
/// # Errors
/// [`SignerFault::Country`].
pub fn check_country(signer: &Certificate, authority: &Authority) -> Result<(), SignerFault> {
    let certificate = signer.country().map(capitals).unwrap_or_default();
    let of_authority = authority.country.clone().unwrap_or_default();
    if certificate == of_authority {
        Ok(())
    } else {
        Err(SignerFault::Country { certificate, authority: of_authority })
    }
}

/// Whether signer and authority are in date.
///
/// # Errors
/// [`SignerFault`] says whose date speaks against it.
pub fn check_dates(signer: &Certificate, authority: &Authority, at: Timestamp) -> Result<(), SignerFault> {
    in_date(signer, at).map_err(|early| if early { SignerFault::NotYetValid } else { SignerFault::Expired })?;
    in_date(&authority.certificate, at).map_err(|early| match early {
        true => SignerFault::AuthorityNotYetValid,
        false => SignerFault::AuthorityExpired,
    })
}

/// Whether the certificate is one for seals on documents of this kind.
///
/// # Errors
/// [`SignerFault`] is the first thing that speaks against it.
pub fn check_use(signer: &Certificate, document: SealedDocument) -> Result<(), SignerFault> {
    let profile = signer.profile().map_err(|_| SignerFault::Extensions)?;
    made_for(&profile, document)
}

fn made_for(profile: &Profile, document: SealedDocument) -> Result<(), SignerFault> {
    if profile.demands_unknown {
        return Err(SignerFault::Extensions);
    }
    if profile.is_authority || !profile.may_sign_documents() {
        return Err(SignerFault::NotASigner);
    }
    if !profile.usages.iter().any(|usage| usage == USAGE) {
        return Err(SignerFault::Usage);
    }
    let wanted = document.code();
    let types = profile.document_types.as_deref().unwrap_or_default();
    if types.iter().any(|code| code == wanted) { Ok(()) } else { Err(SignerFault::DocumentType { wanted }) }
}

/// Whether a certificate is in date; the error says whether it is too early.
fn in_date(certificate: &Certificate, at: Timestamp) -> Result<(), bool> {
    if at < certificate.not_before() {
        Err(true)
    } else if at > certificate.not_after() {
        Err(false)
    } else {
        Ok(())
    }
}
