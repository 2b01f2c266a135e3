//! What a gateway would refuse, said before anything is sent: with the reason, where the gateway has one code for five
//! causes.
//!
//! Gateways check an upload in the order uploader, country, issuer, repeat, key identifier (`SignerInformationService`);
//! rules in the order of `ValidationRuleService` (facts on the trust framework, sections 2, 3 and 5). Whether the
//! gateway's clock and ours agree is not known, so every window is taken a little narrower than it is.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value as Json;

use super::{
    Batch,
    rules::ListedRules,
    trust_list::{ItemType, ListEntry},
    uploaders::thumbprint,
};
use crate::{
    keys::{Certificate, ChainError, KeyUse, UnfitKey},
    rules::{RuleKind, Version, check},
};

/// Something that is wrong with what is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Whether the gateway would refuse it; otherwise verifiers abroad may, or it is unwise.
    pub blocks: bool,
    /// What is wrong and what to do.
    pub message: String,
}

fn blocks(code: &'static str, message: impl Into<String>) -> Finding {
    Finding { code, blocks: true, message: message.into() }
}

fn advice(code: &'static str, message: impl Into<String>) -> Finding {
    Finding { code, blocks: false, message: message.into() }
}

/// A key that everybody has, or that is easily found, is never sent anywhere. Gateways take curves and lengths that
/// readers of certificates need not know; that is a remark.
fn unfit(code: &'static str, certificate: &Certificate, key_use: KeyUse) -> Option<Finding> {
    let error = certificate.refuse(key_use).err()?;
    let blocks = !matches!(error, UnfitKey::Kind { .. } | UnfitKey::Long { .. });
    Some(Finding { code, blocks, message: error.to_string() })
}

/// By how much the gateway's clock may differ from ours.
const SLACK: SignedDuration = SignedDuration::from_mins(15);

/// Days before its end on which an upload certificate is worth a remark.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Who is about to send.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Country that this client is admitted for.
    pub country: &'a str,
    /// The upload certificate.
    pub upload: &'a Certificate,
    /// The time.
    pub now: Timestamp,
    /// The trust list, if it was downloaded.
    pub list: Option<&'a [ListEntry]>,
}

impl Sender<'_> {
    fn entries(&self, kind: ItemType) -> impl Iterator<Item = &ListEntry> {
        self.list.unwrap_or_default().iter().filter(move |entry| entry.is(kind))
    }

    fn is_own(&self, entry: &ListEntry) -> bool {
        entry.country.as_deref() == Some(self.country)
    }

    /// Whether the upload certificate may sign for the country now.
    #[must_use]
    pub fn uploader(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let (certificate, now) = (self.upload, self.now);
        if certificate.country() != Some(self.country) {
            found.push(blocks(
                "uploader-country",
                format!(
                    "the upload certificate is of {}, and this client is admitted for {}: use the one of this country",
                    certificate.country().unwrap_or("no country"),
                    self.country
                ),
            ));
        }
        if now < certificate.not_before() || now > certificate.not_after() {
            found.push(blocks(
                "uploader-dates",
                format!(
                    "the upload certificate is valid from {} to {}: make a new one, send it to the operator, then run \
                     `vaccert gateway migrate`",
                    certificate.not_before(),
                    certificate.not_after()
                ),
            ));
        } else if certificate.not_after().duration_since(now) < SOON {
            found.push(advice(
                "uploader-ends-soon",
                format!(
                    "the upload certificate ends on {}: send a new one to the operator now",
                    certificate.not_after()
                ),
            ));
        }
        found.extend(unfit("uploader-key", certificate, KeyUse::Upload));
        if self.list.is_some() {
            let mine = thumbprint(certificate);
            let mut uploaders = self.entries(ItemType::Upload).filter(|entry| self.is_own(entry));
            if !uploaders.any(|entry| entry.thumbprint.as_deref().is_some_and(|hex| hex.eq_ignore_ascii_case(&mine))) {
                found.push(blocks(
                    "uploader-unknown",
                    format!(
                        "the gateway's list has no upload certificate of {} with the thumbprint {mine}: send it to the \
                         operator, or configure the one that was admitted",
                        self.country
                    ),
                ));
            }
        }
        found
    }

    /// What would be refused of a signer certificate, and what would be unwise.
    #[must_use]
    pub fn signer(&self, certificate: &Certificate, csca: Option<&Certificate>) -> Vec<Finding> {
        let mut found = self.uploader();
        if certificate.country() != Some(self.country) {
            found.push(blocks(
                "signer-country",
                format!(
                    "the certificate is of {}, and this client is admitted for {}: issue it with C={}",
                    certificate.country().unwrap_or("no country"),
                    self.country,
                    self.country
                ),
            ));
        }
        found.extend(unfit("signer-key", certificate, KeyUse::Signer));
        self.issuer(certificate, csca, &mut found);
        if self.now > certificate.not_after() {
            found.push(blocks("signer-ended", format!("the certificate ended on {}", certificate.not_after())));
        } else if self.now < certificate.not_before() {
            found.push(advice(
                "signer-early",
                format!("the certificate begins on {}: verifiers abroad refuse it before", certificate.not_before()),
            ));
        }
        match certificate.profile() {
            Ok(profile) => {
                if profile.is_authority || !profile.may_sign_documents() {
                    found.push(blocks(
                        "signer-usage",
                        "the certificate is not one for signing documents: it needs the key usage digitalSignature and \
                         no basic constraints",
                    ));
                }
                if profile.authority_key_id.is_none() {
                    found.push(advice(
                        "signer-authority-key",
                        "the certificate does not name its issuer's key (authority key identifier)",
                    ));
                }
            }
            Err(_) => found.push(advice("signer-extensions", "the extensions of the certificate cannot be read")),
        }
        let (mine, kid) = (thumbprint(certificate), certificate.kid().to_string());
        let clash = self.entries(ItemType::Dsc).find(|entry| {
            let other = entry.thumbprint.as_deref().is_some_and(|hex| !hex.eq_ignore_ascii_case(&mine));
            other && entry.kid.as_deref() == Some(kid.as_str())
        });
        if let Some(entry) = clash {
            found.push(blocks(
                "kid-taken",
                format!(
                    "another certificate of {} has the same key identifier {kid}: issue a new one",
                    entry.country.as_deref().unwrap_or("another country")
                ),
            ));
        }
        found
    }

    /// The gateway takes what any admitted authority of the country signed.
    fn issuer(&self, certificate: &Certificate, csca: Option<&Certificate>, found: &mut Vec<Finding>) {
        let listed: Option<Vec<Certificate>> = self.list.map(|_| {
            let own = self.entries(ItemType::Csca).filter(|entry| self.is_own(entry));
            own.filter_map(|entry| entry.certificate().ok()).collect()
        });
        let verdict = |authority: &Certificate| certificate.is_issued_by(authority);
        if let Some(csca) = csca {
            match verdict(csca) {
                Ok(()) if certificate.not_after() > csca.not_after() => found.push(advice(
                    "signer-outlives-authority",
                    format!("the certificate ends after its authority, on {}: issue a shorter one", csca.not_after()),
                )),
                Ok(()) => {}
                Err(ChainError::OtherIssuer) => found.push(blocks(
                    "signer-issuer",
                    "the authority in gateway.csca_certificate did not issue the certificate: give the one that did",
                )),
                Err(error) => found.push(blocks(
                    "signer-issuer",
                    format!("the authority in gateway.csca_certificate does not vouch for the certificate: {error}"),
                )),
            }
        }
        match listed {
            Some(listed) if listed.is_empty() => found.push(blocks(
                "authority-missing",
                format!("the gateway's list has no authority (CSCA) of {}: send it to the operator", self.country),
            )),
            Some(listed) if !listed.iter().any(|authority| verdict(authority).is_ok()) => found.push(blocks(
                "authority-other",
                format!("no authority (CSCA) of {} on the gateway's list issued the certificate", self.country),
            )),
            _ => {}
        }
    }

    /// What would be refused of a rule.
    #[must_use]
    pub fn rule(&self, content: &[u8], published: Option<&ListedRules>) -> Vec<Finding> {
        let mut found = self.uploader();
        let rule: Json = match serde_json::from_slice(content) {
            Ok(rule) => rule,
            Err(error) => {
                let place = format!("the rule is no JSON (line {}, column {})", error.line(), error.column());
                found.push(blocks("rule-json", place));
                return found;
            }
        };
        // What distributors add beside the rule is not in the gateway's schema.
        if rule.get("hash").is_some() {
            found.push(blocks("rule-schema", "the rule has the member hash: take it out"));
        }
        for finding in check(&rule) {
            // Gateways do not read the logic; verifiers do.
            let logic = matches!(finding, crate::rules::Finding::Logic(_));
            let code = if logic { "rule-logic" } else { "rule-schema" };
            found.push(Finding { code, blocks: !logic, message: finding.to_string() });
        }
        let text = |name| rule.get(name).and_then(Json::as_str).unwrap_or_default();
        if text("Country") != self.country {
            found.push(blocks(
                "rule-country",
                format!("Country is {:?}, and this client is admitted for {}", text("Country"), self.country),
            ));
        }
        let time = |name| text(name).parse::<Timestamp>().ok();
        if let (Some(from), Some(to)) = (time("ValidFrom"), time("ValidTo")) {
            let kind = if text("Type") == "Invalidation" { RuleKind::Invalidation } else { RuleKind::Acceptance };
            self.window(kind, from, to, &mut found);
        }
        let versions = published.and_then(|rules| rules.get(text("Identifier")));
        self.versions(text("Version"), time("ValidFrom"), versions.map(Vec::as_slice).unwrap_or_default(), &mut found);
        found
    }

    fn window(&self, kind: RuleKind, from: Timestamp, to: Timestamp, found: &mut Vec<Finding>) {
        // To the second, as rules are written.
        let now = Timestamp::from_second(self.now.as_second()).unwrap_or(self.now);
        let after = |span: SignedDuration| now.checked_add(span).unwrap_or(Timestamp::MAX);
        let hours = SignedDuration::from_hours;
        if from > after(hours(24 * 14) - SLACK) {
            found.push(blocks(
                "rule-too-far",
                format!("ValidFrom is {from}, more than 2 weeks ahead: upload the rule later, or let it begin earlier"),
            ));
        }
        let (ahead, words) = match kind {
            RuleKind::Acceptance => (hours(48), "at least 48 hours ahead"),
            RuleKind::Invalidation => (SignedDuration::ZERO, "in the future"),
        };
        if from < after(ahead + SLACK) {
            found.push(blocks(
                "rule-too-soon",
                format!(
                    "ValidFrom is {from}, and must be {words} by the gateway's clock: let it begin after {}",
                    after(ahead + SLACK)
                ),
            ));
        }
        if to < from.checked_add(hours(72)).unwrap_or(Timestamp::MAX) {
            found.push(blocks("rule-too-short", format!("ValidTo is {to}: a rule must hold for at least 3 days")));
        }
    }

    fn versions(
        &self,
        version: &str,
        from: Option<Timestamp>,
        published: &[super::rules::ListedRule],
        found: &mut Vec<Finding>,
    ) {
        let read = |text: &str| text.parse::<Version>().ok();
        let newest = published
            .iter()
            .filter_map(|rule| Some((read(rule.version.as_deref()?)?, rule)))
            .max_by_key(|(version, _)| *version);
        let Some((newest, rule)) = newest else { return };
        if read(version).is_some_and(|version| version <= newest) {
            found
                .push(blocks("rule-version", format!("Version is {version}, and {newest} is there already: raise it")));
        }
        let before = rule.valid_from.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
        if let (Some(from), Some(before)) = (from, before)
            && from < before
        {
            found.push(blocks(
                "rule-before-predecessor",
                format!("ValidFrom is {from}, before that of version {newest} ({before}): let it begin later"),
            ));
        }
    }

    /// What would be refused of a revocation batch.
    #[must_use]
    pub fn batch(&self, content: &[u8]) -> Vec<Finding> {
        let mut found = self.uploader();
        let batch = match Batch::read(content) {
            Ok(batch) => batch,
            Err(reason) => {
                found.push(blocks("batch-schema", reason.to_string()));
                return found;
            }
        };
        if batch.country != self.country {
            found.push(blocks(
                "batch-country",
                format!("country is {:?}, and this client is admitted for {}", batch.country, self.country),
            ));
        }
        if batch.ends().is_some_and(|end| end < self.now.checked_add(SLACK).unwrap_or(Timestamp::MAX)) {
            found.push(blocks(
                "batch-ended",
                format!(
                    "expires is {}, which is not in the future: certificates that ended need no batch",
                    batch.expires
                ),
            ));
        }
        let own = |entry: &&ListEntry| self.is_own(entry) && entry.kid.as_deref() == Some(batch.kid.as_str());
        if batch.kid != super::UNKNOWN_KID && self.list.is_some() && !self.entries(ItemType::Dsc).any(|e| own(&e)) {
            found.push(advice(
                "batch-kid",
                format!(
                    "no signer certificate of {} on the gateway's list has the key identifier {}",
                    self.country, batch.kid
                ),
            ));
        }
        let mut hashes: Vec<&str> = batch.entries.iter().map(|entry| entry.hash.as_str()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        if hashes.len() < batch.entries.len() {
            let repeated = batch.entries.len() - hashes.len();
            found.push(advice("batch-repeats", format!("{repeated} of its entries repeat others")));
        }
        found
    }
}
