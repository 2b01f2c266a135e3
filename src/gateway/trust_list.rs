//! `GET /trustList` and its kin: entries as the gateway lists them, unchecked. Whoever uses them checks them first:
//! upload certificates in [`super::Uploaders`], signers and authorities in the room of trust.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Client, Endpoint, GatewayError,
    client::country as country_code,
    reject::{Reject, signed_by},
    transport::Request,
    uploaders::base64,
};
use crate::{
    keys::Certificate,
    limits::{GATEWAY_ENTRIES, GATEWAY_LIST_BYTES, GATEWAY_PAGES, GATEWAY_RETENTION_DAYS},
    trust::cms::SignedData,
};

/// What an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemType {
    /// TLS certificates of participants.
    Authentication,
    /// Upload certificates.
    Upload,
    /// National authorities.
    Csca,
    /// Document signers.
    Dsc,
    /// The operator's own (TNG).
    TrustAnchor,
}

impl ItemType {
    /// Name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "AUTHENTICATION",
            Self::Upload => "UPLOAD",
            Self::Csca => "CSCA",
            Self::Dsc => "DSC",
            Self::TrustAnchor => "TRUSTANCHOR",
        }
    }
}

/// An entry as it is listed. Every member may be absent: in a listing of changes a removed signer has neither
/// certificate nor signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct ListEntry {
    /// Key identifier, base64.
    pub kid: Option<String>,
    /// When it was added.
    pub timestamp: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// What it is for.
    pub certificate_type: Option<String>,
    /// SHA-256 of the certificate in hexadecimal letters.
    pub thumbprint: Option<String>,
    /// Detached CMS over the certificate, base64.
    pub signature: Option<String>,
    /// The certificate in DER, base64.
    pub raw_data: Option<String>,
}

impl ListEntry {
    /// Whether it is for that.
    #[must_use]
    pub fn is(&self, kind: ItemType) -> bool {
        self.certificate_type.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(kind.name()))
    }

    /// Whether a listing of changes says that it is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.raw_data.is_none() && self.signature.is_none()
    }

    /// What entries of a list are told apart by. Gateways keep one entry a kid, type and country.
    fn key(&self) -> [Option<String>; 3] {
        [&self.certificate_type, &self.country, &self.kid].map(|part| part.as_deref().map(str::to_ascii_uppercase))
    }
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Everything.
    Whole,
    /// One type.
    Of(ItemType),
    /// One type of one country.
    OfCountry(ItemType, &'a str),
}

/// A list with where it stands in time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The entries, unchecked.
    pub entries: Vec<ListEntry>,
    /// The gateway's time when it was asked; since then a listing of changes goes on.
    pub asked_at: Option<Timestamp>,
}

impl Snapshot {
    /// The list in the form of the gateway: what `--trust` takes.
    ///
    /// # Errors
    /// Never in practice; entries are texts.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.entries)
    }

    /// Takes over a listing of changes.
    fn apply(&mut self, changes: Vec<ListEntry>) {
        let changed: BTreeMap<_, _> = changes.into_iter().map(|entry| (entry.key(), entry)).collect();
        self.entries.retain(|entry| !changed.contains_key(&entry.key()));
        self.entries.extend(changed.into_values().filter(|entry| !entry.is_gone()));
        self.entries.sort_by_key(ListEntry::key);
    }
}

/// How far a listing of changes reaches back behind the last one: entries become visible when they are committed,
/// which may be a little after the time that they carry.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Days of the retention window, less one for clocks and slow schedules.
const WINDOW: SignedDuration = SignedDuration::from_hours(24 * (GATEWAY_RETENTION_DAYS - 1));

impl Client {
    /// A part of the trust list: in one answer, or in pages of so many entries.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn trust_list(&self, part: Part<'_>, page_size: Option<usize>) -> Result<Snapshot, GatewayError> {
        let entries = self.pages(Endpoint::TrustList, &Request::get(path(part)?), page_size).await?;
        // The answer told the gateway's time.
        Ok(Snapshot { entries, asked_at: Some(self.its_now()) })
    }

    /// The whole list, by asking for changes since `last` where that is enough: the gateway offers it, and forgets
    /// nothing that was removed in between.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn trust_list_since(&self, last: Option<Snapshot>) -> Result<Snapshot, GatewayError> {
        let since = last.as_ref().and_then(|last| last.asked_at).filter(|asked| {
            let age = self.its_now().duration_since(*asked);
            self.network().has_changes() && age >= SignedDuration::ZERO && age < WINDOW
        });
        let (Some(mut list), Some(since)) = (last, since) else { return self.trust_list(Part::Whole, None).await };
        let since = since.checked_sub(OVERLAP).unwrap_or(since);
        let request = Request::get("/trustList").header("If-Modified-Since", whole_seconds(since));
        let changes = self.pages(Endpoint::TrustList, &request, None).await?;
        list.apply(changes);
        list.asked_at = Some(self.its_now());
        Ok(list)
    }

    /// All entries of a listing, in pages where a size is given.
    pub(super) async fn pages<T: DeserializeOwned + Serialize>(
        &self,
        endpoint: Endpoint,
        request: &Request,
        size: Option<usize>,
    ) -> Result<Vec<T>, GatewayError> {
        let too_many = || GatewayError::TooMany { endpoint, what: "entries", limit: GATEWAY_ENTRIES };
        let Some(size) = size.filter(|size| *size > 0) else {
            let all: Vec<T> = self.json(endpoint, request, GATEWAY_LIST_BYTES).await?;
            return if all.len() > GATEWAY_ENTRIES { Err(too_many()) } else { Ok(all) };
        };
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        for page in 0..GATEWAY_PAGES {
            let request = request.clone().parameter("page", page.to_string()).parameter("pagesize", size.to_string());
            let found: Vec<T> = self.json(endpoint, &request, GATEWAY_LIST_BYTES).await?;
            let (count, before) = (found.len(), all.len());
            for entry in found {
                // An entry that moved from one page to the next comes twice.
                if seen.insert(serde_json::to_vec(&entry).unwrap_or_default()) {
                    all.push(entry);
                }
            }
            if all.len() > GATEWAY_ENTRIES {
                return Err(too_many());
            }
            // The last page; or a gateway that knows of no pages and gives everything each time.
            if count != size || all.len() == before {
                return Ok(all);
            }
        }
        Err(too_many())
    }
}

fn path(part: Part<'_>) -> Result<String, GatewayError> {
    Ok(match part {
        Part::Whole => "/trustList".to_owned(),
        Part::Of(kind) => format!("/trustList/{}", kind.name()),
        Part::OfCountry(kind, code) => format!("/trustList/{}/{}", kind.name(), country_code(code)?),
    })
}

/// ISO 8601 to the second in UTC. The test suites of gateways send nothing finer here.
pub(super) fn whole_seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// A trusted issuer (`GET /trustList/issuers`): where a country publishes keys by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Issuer {
    /// Address or DID.
    pub url: Option<String>,
    /// `HTTP` or `DID`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Thumbprint of the document at the address.
    pub thumbprint: Option<String>,
    /// TLS key of the address.
    pub ssl_public_key: Option<String>,
    /// How keys are published there.
    pub key_storage_type: Option<String>,
    /// Detached CMS of the trust anchor.
    pub signature: Option<String>,
    /// When it was added.
    pub timestamp: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Trust domain.
    pub domain: Option<String>,
}

impl Issuer {
    /// Whether the trust anchor signed it: over `country;name;url;type;`, and nothing else of it.
    ///
    /// # Errors
    /// [`Reject`] says why it does not count.
    pub fn check(&self, anchor: &Certificate, now: Timestamp) -> Result<(), Reject> {
        let message = base64(self.signature.as_deref().ok_or(Reject::Missing { member: "signature" })?, "signature")?;
        let signed = SignedData::read(&message).map_err(Reject::Anchor)?;
        // A member that is null is written as the word, as the gateway's own language does.
        let parts = [&self.country, &self.name, &self.url, &self.kind];
        let content: String = parts.iter().map(|part| format!("{};", part.as_deref().unwrap_or("null"))).collect();
        signed_by(&signed, anchor, Some(content.as_bytes()), now).map_err(|reason| match reason {
            Reject::Signature(error) => Reject::Anchor(error),
            other => other,
        })
    }
}

/// A trusted certificate of the TNG (`GET /trustList/certificate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedEntry {
    /// The certificate in DER, base64.
    pub certificate: Option<String>,
    /// Detached CMS over it, base64.
    pub signature: Option<String>,
    /// Key identifier.
    pub kid: Option<String>,
    /// Group, as types of the trust list.
    pub group: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Trust domain.
    pub domain: Option<String>,
    /// Identifier in the gateway.
    pub uuid: Option<String>,
    /// Version.
    pub version: Option<i64>,
    /// Gateway that it comes from, when it is another one's.
    pub source_gateway: Option<String>,
}

/// Which trusted certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedFilter {
    /// Group, such as `DSC`.
    pub group: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Trust domain.
    pub domain: Option<String>,
    /// Whether those of other gateways count.
    pub federated: bool,
}

impl Client {
    /// Trusted certificates (TNG).
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn trusted_certificates(
        &self,
        filter: &TrustedFilter,
        page_size: Option<usize>,
    ) -> Result<Vec<TrustedEntry>, GatewayError> {
        let mut request = Request::get("/trustList/certificate");
        let parts = [("group", &filter.group), ("country", &filter.country), ("domain", &filter.domain)];
        for (name, value) in parts {
            if let Some(value) = value {
                request = request.parameter(name, value);
            }
        }
        if filter.federated {
            request = request.parameter("withFederation", "true");
        }
        self.pages(Endpoint::Certificates, &request, page_size).await
    }

    /// Trusted issuers, of these countries or of all; unchecked, see [`Issuer::check`].
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn issuers(&self, countries: &[String]) -> Result<Vec<Issuer>, GatewayError> {
        let mut request = Request::get("/trustList/issuers");
        if !countries.is_empty() {
            for country in countries {
                country_code(country)?;
            }
            request = request.parameter("country", countries.join(","));
        }
        self.pages(Endpoint::Issuers, &request, None).await
    }

    /// Trusted references (TNG), as the gateway lists them: addresses of other services, which nothing here follows.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn references(&self) -> Result<Vec<serde_json::Value>, GatewayError> {
        self.pages(Endpoint::References, &Request::get("/trustList/references"), None).await
    }
}
