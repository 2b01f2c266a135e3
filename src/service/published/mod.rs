//! What everybody may fetch: our signed bundle and revocation lists, and the same knowledge in the forms that the
//! EU's reference apps and the national verifier apps read (facts on the EU trust framework, section 4).
//!
//! | file | what it knows |
//! |---|---|
//! | `prepared` | an answer made once: its tag, its date, its compressed form; and what a request gets of it |
//! | `files` | the published folder: bundle, index, lists, filters |
//! | `forms` | rules, value sets, countries |
//! | `signers` | signer certificates one by one, with the token that goes on |
//! | `made` | which of these are made anew, and when |
//!
//! Everything is made when what verdicts rest on changes, and never for a request.

mod files;
mod forms;
mod made;
mod prepared;
mod signers;

pub(super) use files::Files;
pub(super) use made::Made;
pub(super) use prepared::{Kind, Prepared};

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;

use super::{
    House, ServiceError,
    api::Endpoint,
    error::{Fails, Fault},
};

/// Why nothing is handed out.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// Nothing to go by.
    #[error("nothing can be handed out now: {0}")]
    NotReady(std::sync::Arc<super::KnownError>),
    /// The order of signers cannot be read.
    #[error("the order of signer certificates cannot be read now: try again")]
    Order(#[source] crate::registry::RegistryError),
    /// A token that is none.
    #[error("the header X-RESUME-TOKEN is no number: send the one of the last answer, or leave it out to begin anew")]
    Token,
    /// A date that is none.
    #[error("the header If-Modified-Since is no time: write it as 2021-06-01T00:00:00Z, or as HTTP has it")]
    Since,
    /// Key identifiers that are none.
    #[error("the content is no list of key identifiers: send a JSON array of at most {0} texts in base64")]
    Kids(usize),
    /// No such rule, value set or file.
    #[error("there is no such {0}: ask for the list, and for what stands in it")]
    Nothing(&'static str),
}

impl Fails for PublishedError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotReady(_) | Self::Order(_) => Fault::Unavailable { retry_after: 5 },
            Self::Token | Self::Since | Self::Kids(_) => Fault::Bad,
            Self::Nothing(_) => Fault::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotReady(_) => "trust-unreadable",
            Self::Order(_) => "unavailable",
            Self::Token => "resume-token",
            Self::Since => "if-modified-since",
            Self::Kids(_) => "kids",
            Self::Nothing(_) => "not-found",
        }
    }
}

/// The routes.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let cached = |endpoint: Endpoint| {
        endpoint
            .open()
            .header("If-None-Match", "The ETag that the client has: then nothing is sent where it is the same")
            .gives_nothing(304, "The client has it already")
            .fails(404, &["not-found"])
            .fails(503, &["trust-unreadable", "unavailable"])
    };
    let get = |path, id, summary| cached(Endpoint::get(path, id).tag("Published lists").summary(summary));
    let app = |path, id, summary| {
        let endpoint = Endpoint::get(path, id).tag("National verifier apps").summary(summary).open();
        endpoint.fails(503, &["trust-unreadable", "unavailable"])
    };
    let mut all = files::endpoints(&get);
    all.extend([
        get("/v1/rules", "listRules", "Every business rule: identifier, version, country, hash")
            .gives::<Vec<RuleItem>>(200, "The rules")
            .run(rules),
        get("/v1/rules/{country}", "listRulesOfCountry", "The business rules of a country")
            .path_parameter("country", "ISO 3166-1 alpha-2")
            .gives::<Vec<RuleItem>>(200, "The rules")
            .run(rules_of),
        get("/v1/rules/{country}/{hash}", "readRule", "A business rule, byte for byte as its country signed it")
            .path_parameter("country", "ISO 3166-1 alpha-2")
            .path_parameter("hash", "SHA-256 of the rule, hexadecimal, as the list has it")
            .about(SIGNED)
            .gives_media(200, "application/json", "The rule")
            .run(rule),
        get("/v1/valuesets", "listValueSets", "Every value set: name and hash")
            .gives::<Vec<ValueSetItem>>(200, "The value sets")
            .run(value_sets),
        get("/v1/valuesets/{hash}", "readValueSet", "A value set")
            .path_parameter("hash", "SHA-256 of the value set, hexadecimal, as the list has it")
            .about(SIGNED)
            .gives_media(200, "application/json", "The value set")
            .run(value_set),
        get("/v1/countrylist", "listCountries", "The participating countries")
            .gives::<Vec<String>>(200, "Two-letter codes")
            .run(countries),
        app("/signercertificateUpdate", "nextSigner", "The next signer certificate")
            .about(
                "One certificate at a time (DER in base64). Its number comes back as X-RESUME-TOKEN and its key \
                 identifier as X-KID; with the number the next one is asked for. At the end there is no content.",
            )
            .header("X-RESUME-TOKEN", "Number of the certificate that was fetched last; leave it out to begin")
            .gives_media(200, "text/plain", "The certificate")
            .gives_nothing(204, "There are no more")
            .fails(400, &["resume-token"])
            .run(signers::next),
        Endpoint::post("/signercertificateUpdate", "readSigners")
            .tag("National verifier apps")
            .summary("Signer certificates by their key identifiers")
            .open()
            .takes::<Vec<String>>("application/json")
            .gives::<std::collections::BTreeMap<String, Vec<signers::SignerItem>>>(200, "By country")
            .fails(400, &["kids", "body-broken"])
            .fails(413, &["too-large"])
            .fails(415, &["media-type"])
            .fails(503, &["trust-unreadable", "unavailable"])
            .run(signers::by_kid),
        app("/signercertificateStatus", "listSigners", "Key identifiers of all signer certificates that count")
            .header("If-None-Match", "The ETag that the client has")
            .gives::<Vec<String>>(200, "Key identifiers, base64")
            .gives_nothing(304, "The client has it already")
            .run(signers::status),
        app("/signercertificateStatus/delta", "listSignerChanges", "What changed of the signer certificates")
            .header("If-Modified-Since", "Since when, in ISO 8601 or as HTTP has it; without it everything is new")
            .gives::<signers::Delta>(200, "Key identifiers, base64")
            .fails(400, &["if-modified-since"])
            .run(signers::delta),
    ]);
    all
}

const SIGNED: &str = "The header X-SIGNATURE has a signature of our list key (ECDSA with SHA-256, DER, base64) over the \
                      hash as it stands in the list (text in hexadecimal).";

/// A line of the list of rules.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(super) struct RuleItem {
    /// Identifier.
    pub(super) identifier: String,
    /// Version.
    pub(super) version: String,
    /// Country.
    pub(super) country: String,
    /// SHA-256 of the rule, hexadecimal.
    pub(super) hash: String,
}

/// A line of the list of value sets.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(super) struct ValueSetItem {
    /// Name.
    pub(super) id: String,
    /// SHA-256 of the value set, hexadecimal.
    pub(super) hash: String,
}

async fn rules(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    Ok(house.made().forms(&house).await?.rules.answer(&headers))
}

async fn rules_of(
    State(house): State<House>,
    Path(country): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let forms = house.made().forms(&house).await?;
    let found = forms.rules_of.get(&country.to_ascii_uppercase());
    Ok(found.ok_or(PublishedError::Nothing("country"))?.answer(&headers))
}

async fn rule(
    State(house): State<House>,
    Path((country, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let forms = house.made().forms(&house).await?;
    let found = forms.rule.get(&(country.to_ascii_uppercase(), hash.to_ascii_lowercase()));
    Ok(found.ok_or(PublishedError::Nothing("rule"))?.answer(&headers))
}

async fn value_sets(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    Ok(house.made().forms(&house).await?.value_sets.answer(&headers))
}

async fn value_set(
    State(house): State<House>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let forms = house.made().forms(&house).await?;
    let found = forms.value_set.get(&hash.to_ascii_lowercase());
    Ok(found.ok_or(PublishedError::Nothing("value set"))?.answer(&headers))
}

async fn countries(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    Ok(house.made().forms(&house).await?.countries.answer(&headers))
}
