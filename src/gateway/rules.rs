//! Business rules: uploaded one by one, and downloaded country by country with every check that the gateway's own
//! client leaves out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Client, Endpoint, GatewayError, Uploaders,
    client::{CMS_TEXT, Removed, UploadKey, country as country_code},
    reject::{Reject, Rejected, shown},
    transport::{Method, Request},
};
use crate::{
    limits::{GATEWAY_ERROR_BYTES, GATEWAY_LIST_BYTES, RULES_COUNT},
    rules::{Finding, check},
};

/// A version of a rule as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListedRule {
    /// Version.
    pub version: Option<String>,
    /// Start.
    pub valid_from: Option<String>,
    /// End.
    pub valid_to: Option<String>,
    /// The signed rule, base64.
    pub cms: Option<String>,
}

/// The rules of a country as they are listed: by identifier.
pub type ListedRules = BTreeMap<String, Vec<ListedRule>>;

/// A rule that its country signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRule {
    /// Identifier.
    pub identifier: String,
    /// Version.
    pub version: String,
    /// The rule, byte for byte as it was signed.
    pub text: String,
}

/// A path below `/rules` takes nothing but these.
fn is_identifier(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [kind, country, number]
        if matches!(*kind, "GR" | "VR" | "TR" | "RR" | "IR")
            && country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Opens a listed rule: signed by an uploader of the country, by the schema, and what the list says of it.
///
/// # Errors
/// [`Reject`] says why it does not count.
pub fn open_rule(
    uploaders: &Uploaders,
    country: &str,
    identifier: &str,
    listed: &ListedRule,
    now: Timestamp,
) -> Result<CheckedRule, Reject> {
    let message = listed.cms.as_deref().ok_or(Reject::Missing { member: "cms" })?;
    let content = uploaders.open(country, message, now)?;
    let rule: Json = serde_json::from_slice(&content)
        .map_err(|error| Reject::NotJson { line: error.line(), column: error.column() })?;
    // What a rule says is its author's; a rule whose logic fails stays open, and never passes anybody.
    let broken = check(&rule).into_iter().find(|finding| !matches!(finding, Finding::Logic(_)));
    if let Some(finding) = broken {
        return Err(Reject::Schema { finding: shown(&finding.to_string()) });
    }
    let text = |name| rule.get(name).and_then(Json::as_str).unwrap_or_default();
    let same = |member: &'static str, listed: &str, signed: &str| {
        if listed == signed {
            Ok(())
        } else {
            Err(Reject::Differs { member, listed: shown(listed), signed: shown(signed) })
        }
    };
    same("country", country, text("Country"))?;
    same("identifier", identifier, text("Identifier"))?;
    if !is_identifier(identifier) {
        return Err(Reject::Name { member: "the identifier" });
    }
    same("version", listed.version.as_deref().unwrap_or_default(), text("Version"))?;
    for (member, listed, signed) in
        [("validFrom", &listed.valid_from, "ValidFrom"), ("validTo", &listed.valid_to, "ValidTo")]
    {
        let (listed, signed) = (listed.as_deref().unwrap_or_default(), text(signed));
        let second = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
        if second(listed) != second(signed) {
            same(member, listed, signed)?;
        }
    }
    let (identifier, version) = (identifier.to_owned(), text("Version").to_owned());
    let text = String::from_utf8(content).map_err(|_| Reject::NotJson { line: 1, column: 1 })?;
    Ok(CheckedRule { identifier, version, text })
}

/// Opens all rules of a country; those that do not count are told one by one.
#[must_use]
pub fn open_rules(
    uploaders: &Uploaders,
    country: &str,
    listed: &ListedRules,
    now: Timestamp,
) -> (Vec<CheckedRule>, Vec<Rejected>) {
    let (mut rules, mut rejected): (Vec<CheckedRule>, Vec<Rejected>) = (Vec::new(), Vec::new());
    for (identifier, entry) in listed.iter().flat_map(|(id, versions)| versions.iter().map(move |entry| (id, entry))) {
        let outcome = if rules.len() < RULES_COUNT {
            open_rule(uploaders, country, identifier, entry, now)
        } else {
            Err(Reject::TooMany)
        };
        match outcome {
            // One file each: the same version twice is one rule.
            Ok(rule) if rules.iter().any(|r| (&r.identifier, &r.version) == (&rule.identifier, &rule.version)) => {}
            Ok(rule) => rules.push(rule),
            Err(reason) => {
                let version = entry.version.as_deref().unwrap_or("without version");
                let item = shown(&format!("{identifier} {version}"));
                rejected.push(Rejected { country: country.to_owned(), item, reason });
            }
        }
    }
    (rules, rejected)
}

impl Client {
    /// The rules of a country, unchecked; see [`open_rules`].
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn rules(&self, country: &str) -> Result<ListedRules, GatewayError> {
        let request = Request::get(format!("/rules/{}", country_code(country)?));
        let answer = self.call(Endpoint::Rules, &request, GATEWAY_LIST_BYTES).await?;
        // A country without rules: an empty object, or nothing at all.
        if answer.body.trim_ascii().is_empty() {
            return Ok(ListedRules::new());
        }
        super::client::parse(Endpoint::Rules, &answer.body)
    }

    /// The request by which a rule is uploaded; nothing is sent.
    ///
    /// # Errors
    /// When the upload key fails.
    pub fn rule_upload(&self, rule: &[u8], key: &UploadKey) -> Result<Request, GatewayError> {
        let message = key.message(rule, self.now())?;
        Ok(Request::with_body(Method::Post, "/rules", CMS_TEXT, message))
    }

    /// Uploads a rule, byte for byte as it is given.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn upload_rule(&self, rule: &[u8], key: &UploadKey) -> Result<(), GatewayError> {
        let request = self.rule_upload(rule, key)?;
        self.call(Endpoint::RuleUpload, &request, GATEWAY_ERROR_BYTES).await?;
        Ok(())
    }

    /// Takes all versions of a rule away.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn remove_rule(&self, identifier: &str, key: &UploadKey) -> Result<Removed, GatewayError> {
        if !is_identifier(identifier) {
            return Err(GatewayError::Argument { what: "the identifier", rule: "has the form VR-PT-0001" });
        }
        let message = key.message(identifier.as_bytes(), self.now())?;
        let request = Request::with_body(Method::Delete, "/rules", CMS_TEXT, message);
        self.remove(Endpoint::RuleDelete, request).await
    }
}
