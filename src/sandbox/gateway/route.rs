//! Which request is for what: paths and methods of the EU gateway and of WHO's, the media types that each takes, and
//! the role that it asks for.

use axum::http::{HeaderMap, Method, header};

use super::{Network, book::Role, reply::Problem};

/// What a client may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    TrustList {
        kind: Option<String>,
        country: Option<String>,
    },
    Issuers,
    Certificates,
    References,
    SignerUpload,
    SignerDelete,
    TrustedUpload,
    ReferenceUpload,
    ReferenceDelete,
    Reference(String),
    ValueSets,
    ValueSet(String),
    CountryList,
    Rules(String),
    RuleUpload,
    RuleDelete,
    BatchList,
    Batch(String),
    BatchUpload,
    BatchDelete,
    Packages,
    Migrate,
    /// A DID document of WHO's public list, which needs no authentication.
    Did(String),
}

/// CMS around a certificate.
const CMS: &[&str] = &["application/cms"];
/// CMS around text.
const CMS_TEXT: &[&str] = &["application/cms-text", "application/cms"];
const JSON: &[&str] = &["application/json"];

impl Endpoint {
    /// Finds the endpoint; a path that is there with other methods is 405.
    pub(super) fn of(network: Network, revocation: bool, method: &Method, path: &str) -> Result<Self, Problem> {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let who = network == Network::Who;
        let (get, post, delete) = (method == Method::GET, method == Method::POST, method == Method::DELETE);
        let text = |segment: &str| segment.to_owned();
        // One path, its methods and what they lead to; `None` for a method that the path has not.
        let found = match segments.as_slice() {
            ["trustList"] => get.then_some(Self::TrustList { kind: None, country: None }),
            ["trustList", "issuers"] => get.then_some(Self::Issuers),
            ["trustList", "certificate"] if who => get.then_some(Self::Certificates),
            ["trustList", "references"] if who => get.then_some(Self::References),
            ["trustList", kind] => get.then(|| Self::TrustList { kind: Some(text(kind)), country: None }),
            ["trustList", kind, country] => {
                get.then(|| Self::TrustList { kind: Some(text(kind)), country: Some(text(country)) })
            }
            ["signerCertificate"] if delete => Some(Self::SignerDelete),
            ["signerCertificate"] => post.then_some(Self::SignerUpload),
            ["signerCertificate", "delete"] => post.then_some(Self::SignerDelete),
            ["trustedCertificate"] if who && delete => Some(Self::SignerDelete),
            ["trustedCertificate"] if who => post.then_some(Self::TrustedUpload),
            ["trustedCertificate", "delete"] if who => post.then_some(Self::SignerDelete),
            ["trust", "reference"] if who && delete => Some(Self::ReferenceDelete),
            ["trust", "reference"] if who => post.then_some(Self::ReferenceUpload),
            ["trust", "reference", "delete"] if who && post => Some(Self::ReferenceDelete),
            ["trust", "reference", uuid] if who => get.then(|| Self::Reference(text(uuid))),
            ["valuesets"] => get.then_some(Self::ValueSets),
            ["valuesets", id] => get.then(|| Self::ValueSet(text(id))),
            ["countrylist"] => get.then_some(Self::CountryList),
            ["rules"] if delete => Some(Self::RuleDelete),
            ["rules"] => post.then_some(Self::RuleUpload),
            ["rules", "delete"] if post => Some(Self::RuleDelete),
            ["rules", country] => get.then(|| Self::Rules(text(country))),
            ["revocation-list"] if revocation && delete => Some(Self::BatchDelete),
            ["revocation-list"] if revocation && post => Some(Self::BatchUpload),
            ["revocation-list"] if revocation => get.then_some(Self::BatchList),
            ["revocation-list", "delete"] if revocation && post => Some(Self::BatchDelete),
            ["revocation-list", batch] if revocation => get.then(|| Self::Batch(text(batch))),
            ["cms-migration"] if !who && post => Some(Self::Migrate),
            ["cms-migration"] if !who => get.then_some(Self::Packages),
            ["trustlist", ..] | ["v2", ..] if who => get.then(|| Self::Did(path.trim_start_matches('/').to_owned())),
            _ => return Err(Problem::bare(404)),
        };
        found.ok_or(Problem::bare(405))
    }

    /// The role that it asks for.
    pub(super) fn role(&self) -> Option<Role> {
        match self {
            Self::BatchList | Self::Batch(_) => Some(Role::Reader),
            Self::BatchUpload => Some(Role::Uploader),
            Self::BatchDelete => Some(Role::Deleter),
            _ => None,
        }
    }

    /// Whether it changes what the gateway knows.
    pub(super) fn writes(&self) -> bool {
        self.media().is_some()
    }

    /// The media types of its body, when it takes one.
    fn media(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::SignerUpload | Self::SignerDelete => Some(CMS),
            Self::RuleUpload | Self::RuleDelete | Self::BatchUpload | Self::BatchDelete => Some(CMS_TEXT),
            Self::TrustedUpload | Self::Migrate | Self::ReferenceUpload | Self::ReferenceDelete => Some(JSON),
            _ => None,
        }
    }

    /// Refuses another media type, before anybody is asked who he is.
    pub(super) fn check_media(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(allowed) = self.media() else { return Ok(()) };
        let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let sent = sent.split(';').next().unwrap_or_default().trim();
        if allowed.iter().any(|media| media.eq_ignore_ascii_case(sent)) { Ok(()) } else { Err(Problem::bare(415)) }
    }
}
