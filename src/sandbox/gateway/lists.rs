//! Lists: of trusted certificates, of issuers, of countries, of value sets.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    Network,
    book::{Book, Entry, Party},
    reply::{Problem, Reply},
};
use crate::keys::{Certificate, Kid};

/// Entries on a page when only one of the two parameters is given.
const PAGE: usize = 100;

/// A moment as the lists write it: to the second, with an offset.
pub(super) fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `If-Modified-Since` as ISO 8601 with an offset, which is all that the gateway reads (its test suite also has the
/// form of RFC 2616, which it refuses).
pub(super) fn modified_since(headers: &HeaderMap) -> Result<Option<Timestamp>, Problem> {
    let Some(value) = headers.get(header::IF_MODIFIED_SINCE) else { return Ok(None) };
    let read = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    read.map(Some).ok_or(Problem::bare(400))
}

/// Parameters of a request.
pub(super) type Params = [(String, String)];

/// The first value of a parameter.
pub(super) fn param<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    kid: String,
    timestamp: String,
    country: String,
    certificate_type: &'static str,
    thumbprint: String,
    signature: Option<String>,
    raw_data: Option<String>,
}

fn kid(raw: &str) -> String {
    STANDARD.decode(raw).map(|der| Kid::of_certificate(&der).to_string()).unwrap_or_default()
}

impl Item {
    fn of_party(party: &Party) -> Self {
        Self {
            kid: kid(&party.raw),
            timestamp: seconds(party.since),
            country: party.country.clone(),
            certificate_type: party.kind.name(),
            thumbprint: party.thumbprint.clone(),
            signature: Some(party.signature.clone()),
            raw_data: Some(party.raw.clone()),
        }
    }

    fn of_entry(entry: &Entry) -> Self {
        let there = entry.deleted.is_none();
        Self {
            kid: entry.kid.clone(),
            timestamp: seconds(entry.deleted.unwrap_or(entry.since)),
            country: entry.country.clone(),
            certificate_type: "DSC",
            thumbprint: entry.thumbprint.clone(),
            signature: there.then(|| entry.signature.clone()),
            raw_data: there.then(|| entry.raw.clone()),
        }
    }
}

/// `GET /trustList[/{type}[/{country}]]`.
pub(super) fn trust_list(
    book: &Book,
    network: Network,
    anchor: &(Certificate, String),
    kind: Option<&str>,
    country: Option<&str>,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Reply, Problem> {
    let kind = kind.map(str::to_ascii_uppercase);
    let known = match kind.as_deref() {
        None | Some("AUTHENTICATION" | "UPLOAD" | "CSCA" | "DSC") => true,
        Some("TRUSTANCHOR") => network == Network::Who,
        Some(_) => false,
    };
    if !known {
        return Err(Problem::bare(400));
    }
    if country.is_some_and(|country| country.chars().count() != 2) {
        return Err(Problem::new(400, "0x001", "Validation Error", "country: size must be between 2 and 2"));
    }
    let country = country.map(str::to_ascii_uppercase);
    let since = modified_since(headers)?;
    let page = paging(params)?;

    let of_kind = |name: &str| kind.as_deref().is_none_or(|kind| kind == name);
    let of_country = |other: &str| country.as_deref().is_none_or(|country| country == other);
    let parties = book.parties.iter().filter(|party| {
        of_kind(party.kind.name()) && of_country(&party.country) && since.is_none_or(|since| party.since > since)
    });
    // Only document signers of the domain DCC are on the list that predates domains.
    let entries = book.entries.iter().filter(|entry| {
        of_kind("DSC")
            && of_country(&entry.country)
            && (entry.domain == "DCC" && entry.group == "DSC")
            && match since {
                None => entry.deleted.is_none(),
                Some(since) => entry.deleted.unwrap_or(entry.since) > since,
            }
    });
    let mut items: Vec<Item> = parties.map(Item::of_party).chain(entries.map(Item::of_entry)).collect();
    if kind.as_deref() == Some("TRUSTANCHOR") && of_country(anchor.0.country().unwrap_or_default()) {
        items.push(Item {
            kid: anchor.0.kid().to_string(),
            timestamp: seconds(anchor.0.not_before()),
            country: anchor.0.country().unwrap_or_default().to_owned(),
            certificate_type: "TRUSTANCHOR",
            thumbprint: super::book::thumbprint(anchor.0.der()),
            signature: Some(anchor.1.clone()),
            raw_data: Some(STANDARD.encode(anchor.0.der())),
        });
    }
    items.sort_by(|one, other| one.kid.cmp(&other.kid));
    if let Some((page, size)) = page {
        items = items.into_iter().skip(page.saturating_mul(size)).take(size).collect();
    }
    Ok(Reply::json(&items))
}

/// Page and size, once either is given and both are sound.
fn paging(params: &Params) -> Result<Option<(usize, usize)>, Problem> {
    let number = |name: &str| match param(params, name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse::<i64>().map(Some).map_err(|_| Problem::bare(400)),
    };
    let (page, size) = (number("page")?, number("pagesize")?);
    if page.is_none() && size.is_none() {
        return Ok(None);
    }
    let page = page.map_or(Some(0), |page| usize::try_from(page).ok());
    let size = size.map_or(Some(PAGE), |size| usize::try_from(size).ok().filter(|size| *size > 0));
    // A negative page or an empty one is no page: the whole list is given.
    Ok(page.zip(size))
}

/// `GET /trustList/issuers`.
pub(super) fn issuers(book: &Book, params: &Params) -> Result<Reply, Problem> {
    let wanted: Vec<&str> =
        param(params, "country").map(|list| list.split(',').map(str::trim).collect()).unwrap_or_default();
    if wanted.iter().any(|country| country.chars().count() != 2) {
        return Err(Problem::new(400, "0x001", "Validation Error", "country: size must be between 2 and 2"));
    }
    let found = book.issuers.iter().filter(|issuer| wanted.is_empty() || wanted.contains(&issuer.country.as_str()));
    let found: Vec<Value> = found
        .map(|issuer| {
            serde_json::json!({
                "url": issuer.url, "type": issuer.kind, "country": issuer.country, "thumbprint": null,
                "sslPublicKey": null, "keyStorageType": null, "signature": issuer.signature,
                "timestamp": seconds(issuer.since), "name": issuer.name, "domain": "DCC", "uuid": issuer.uuid,
            })
        })
        .collect();
    Ok(Reply::json(&found))
}

/// `GET /countrylist`: who is onboarded.
pub(super) fn countries(book: &Book) -> Reply {
    let mut found: Vec<&str> = book.parties.iter().map(|party| party.country.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    Reply::json(&found)
}

/// `GET /valuesets`: their names.
pub(super) fn value_sets(book: &Book) -> Reply {
    Reply::json(&book.value_sets.keys().collect::<Vec<_>>())
}

/// `GET /valuesets/{id}`: one of them, as it was published.
pub(super) fn value_set(book: &Book, id: &str) -> Result<Reply, Problem> {
    let unknown = || Problem::new(404, "0x100", "Valueset not found", "There is no value set of this name").sent(id);
    let text = book.value_sets.get(id).ok_or_else(unknown)?;
    Ok(Reply::typed("application/json", text.clone().into_bytes()))
}

/// `GET /trustList/certificate` (WHO): every certificate, with groups and domains.
pub(super) fn certificates(book: &Book, params: &Params) -> Reply {
    let among = |name: &str, value: &str| {
        param(params, name).is_none_or(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(value)))
    };
    let wanted = |group: &str, country: &str, domain: &str| {
        among("group", group) && among("country", country) && among("domain", domain)
    };
    let parties = book.parties.iter().filter(|party| wanted(party.kind.name(), &party.country, &party.domain));
    let parties = parties.map(|party| {
        serde_json::json!({
            "certificate": party.raw, "signature": party.signature, "kid": kid(&party.raw), "group": party.kind.name(),
            "country": party.country, "properties": {}, "domain": party.domain, "uuid": party.uuid, "version": 1,
            "sourceGateway": null,
        })
    });
    let entries = book.entries.iter().filter(|entry| entry.deleted.is_none());
    let entries = entries.filter(|entry| wanted(&entry.group, &entry.country, &entry.domain)).map(|entry| {
        serde_json::json!({
            "certificate": entry.raw, "signature": entry.signature, "kid": entry.kid, "group": entry.group,
            "country": entry.country, "properties": entry.properties, "domain": entry.domain, "uuid": entry.uuid,
            "version": entry.version, "sourceGateway": null,
        })
    });
    Reply::json(&parties.chain(entries).collect::<Vec<Value>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &[(&str, &str)]) -> Option<Option<(usize, usize)>> {
        let params: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        paging(&params).ok()
    }

    #[test]
    fn one_parameter_is_enough_for_a_page() {
        assert_eq!(page(&[]), Some(None));
        assert_eq!(page(&[("page", "2")]), Some(Some((2, 100))));
        assert_eq!(page(&[("pagesize", "7")]), Some(Some((0, 7))));
        assert_eq!(page(&[("page", "-1"), ("pagesize", "7")]), Some(None));
        assert_eq!(page(&[("page", "x")]), None);
    }
}
