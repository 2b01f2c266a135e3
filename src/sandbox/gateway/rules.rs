//! Business rules: `GET /rules/{country}`, `POST` and `DELETE /rules`, with the gateway's checks in its order and its
//! windows of time (facts of the interface, section on business rules).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    book::{Book, Kind, Rule, thumbprint},
    lists::seconds,
    message::{self, Message},
    reply::{Problem, Reply, created, done},
    signers::Desk,
};
use crate::rules::{Finding, Version, check};

/// An acceptance rule must be announced this long before it begins.
const NOTICE: SignedDuration = SignedDuration::from_hours(48);
/// No rule may begin later than this.
const HORIZON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Every rule must hold for this long.
const SHORTEST: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Reads a message around text that must be signed by its own certificate.
pub(super) fn signed_text(body: &[u8]) -> Result<(Message, String), Problem> {
    let message = message::read(body)?;
    if !message.verified {
        let details = "The text must be signed by an onboarded upload certificate";
        return Err(Problem::new(400, "0x260", "CMS signature is invalid", details));
    }
    let text = String::from_utf8_lossy(&message.content).into_owned();
    Ok((message, text))
}

fn check_uploader(desk: &Desk<'_>, message: &Message) -> Result<(), Problem> {
    let print = thumbprint(message.signer.der());
    match desk.book.party(Kind::Upload, &desk.caller.country, &print, desk.anchor) {
        Some(_) => Ok(()),
        None => {
            let details = format!("no upload certificate {print} is onboarded for the country {}", desk.caller.country);
            Err(Problem::new(400, "0x230", "Invalid Upload Cert", details))
        }
    }
}

/// What the gateway looks at in a rule.
struct Sent {
    id: String,
    acceptance: bool,
    kind: String,
    country: String,
    version: Version,
    version_text: String,
    from: Timestamp,
    to: Timestamp,
}

impl Sent {
    /// Reads a rule that keeps to the schema.
    fn read(text: &str) -> Result<Self, Problem> {
        let bad = |details: String| Problem::new(400, "0x200", "Invalid JSON", details);
        let rule: Value = serde_json::from_str(text).map_err(|_| bad("JSON could not be parsed".to_owned()))?;
        if !rule.is_object() {
            return Err(bad("JSON could not be parsed".to_owned()));
        }
        let of_schema = |finding: &Finding| {
            matches!(finding, Finding::Missing { .. } | Finding::Form { .. } | Finding::Unknown { .. })
        };
        let mut findings: Vec<String> =
            check(&rule).iter().filter(|finding| of_schema(finding)).map(ToString::to_string).collect();
        if rule.get("hash").is_some() {
            findings.push("field \"hash\" is unknown to the schema; remove it".to_owned());
        }
        if !findings.is_empty() {
            return Err(bad(findings.join(", ")));
        }
        let member = |name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = |name: &str| member(name).parse().map_err(|_| bad(format!("{name} is no time")));
        let version_text = member("Version");
        Ok(Self {
            id: member("Identifier"),
            acceptance: member("Type") == "Acceptance",
            kind: member("CertificateType"),
            country: member("Country"),
            version: version_text.parse().map_err(|_| bad("Version is too large".to_owned()))?,
            version_text,
            from: time("ValidFrom")?,
            to: time("ValidTo")?,
        })
    }

    fn check_prefix(&self) -> Result<(), Problem> {
        let bad = |details: &str| Err(Problem::new(400, "0x250", "Invalid RuleID", details));
        let prefix = self.id.get(..2).unwrap_or_default();
        let wanted = match self.kind.as_str() {
            "Vaccination" => "VR",
            "Test" => "TR",
            "Recovery" => "RR",
            _ => "GR",
        };
        if prefix != "IR" && prefix != wanted {
            return bad("the prefix of the identifier does not fit the certificate type");
        }
        match (prefix, self.acceptance) {
            ("IR", true) => bad("an acceptance rule needs another prefix than IR"),
            ("IR", false) | (_, true) => Ok(()),
            (_, false) => bad("an invalidation rule needs the prefix IR"),
        }
    }

    fn check_country(&self, own: &str) -> Result<(), Problem> {
        let bad = |details: &str| Err(Problem::new(403, "0x210", "Invalid Country sent", details));
        if self.country != own {
            return bad("the country is not the one of the client");
        }
        if country_of(&self.id) != Some(own) {
            return bad("the country in the identifier is not the one of the client");
        }
        Ok(())
    }

    fn check_times(&self, latest: Option<&Rule>, now: Timestamp) -> Result<(), Problem> {
        let bad = |details: &str| Err(Problem::new(400, "0x240", "Invalid Timestamp(s)", details));
        let after = |at: Timestamp, by| at.checked_add(by).unwrap_or(Timestamp::MAX);
        if self.to <= self.from {
            return bad("ValidFrom must be before ValidTo");
        }
        if self.from > after(now, HORIZON) {
            return bad("ValidFrom cannot be more than 2 weeks in the future");
        }
        if self.acceptance && self.from < after(now, NOTICE) {
            return bad("ValidFrom must be at least 48 hours in the future for an acceptance rule");
        }
        if !self.acceptance && self.from <= now {
            return bad("ValidFrom must be in the future for an invalidation rule");
        }
        if self.to < after(self.from, SHORTEST) {
            return bad("a rule must hold for at least 3 days");
        }
        if latest.is_some_and(|latest| self.from < latest.from) {
            return bad("ValidFrom cannot be before the one of the previous version");
        }
        Ok(())
    }
}

/// `POST /rules`.
pub(super) fn upload(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, text) = signed_text(body)?;
    check_uploader(&desk, &message)?;
    let rule = Sent::read(&text)?;
    rule.check_prefix()?;
    rule.check_country(&desk.caller.country)?;
    let latest = desk.book.rules.iter().rfind(|other| other.rule == rule.id);
    if let Some(latest) = latest
        && latest.version.parse::<Version>().is_ok_and(|latest| rule.version <= latest)
    {
        let details = format!("the version {} must be greater than {}", rule.version_text, latest.version);
        return Err(Problem::new(400, "0x220", "Invalid Version", details));
    }
    rule.check_times(latest, desk.now)?;
    let id = desk.book.next();
    desk.book.rules.push(Rule {
        id,
        rule: rule.id,
        country: rule.country,
        version: rule.version_text,
        from: rule.from,
        to: rule.to,
        cms: message.text,
    });
    Ok(created())
}

/// The country in `VR-XX-0001`.
fn country_of(id: &str) -> Option<&str> {
    let mut parts = id.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(country), Some(_), None) if country.chars().count() == 2 => Some(country),
        _ => None,
    }
}

/// `DELETE /rules`: all versions go.
pub(super) fn delete(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, id) = signed_text(body)?;
    check_uploader(&desk, &message)?;
    let Some(country) = country_of(&id) else {
        return Err(Problem::new(400, "0x250", "ID-String is invalid", "an identifier is such as GR-XX-0001").sent(&id));
    };
    if country != desk.caller.country {
        let details = "the identifier must hold the country of the client";
        return Err(Problem::new(403, "0x210", "Invalid country in ID-String", details).sent(&id));
    }
    let before = desk.book.rules.len();
    desk.book.rules.retain(|rule| rule.rule != id);
    if desk.book.rules.len() == before {
        let details = "there is no rule of this identifier";
        return Err(Problem::new(404, "0x270", "Validation Rule does not exist", details).sent(&id));
    }
    Ok(done())
}

/// `GET /rules/{country}`: the version in force alone once it is the newest, otherwise it and those to come.
pub(super) fn list(book: &Book, country: &str, now: Timestamp) -> Result<Reply, Problem> {
    if country.chars().count() != 2 {
        return Err(Problem::new(400, "0x001", "Validation Error", "country: length must be between 2 and 2"));
    }
    let mut told: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let own: Vec<&Rule> = book.rules.iter().filter(|rule| rule.country == country).collect();
    for rule in own.iter().rev() {
        // A later row of the same rule that has begun takes this one's place.
        let replaced = own.iter().any(|other| other.rule == rule.rule && other.id > rule.id && other.from < now);
        if !replaced {
            told.entry(&rule.rule).or_default().push(json!({
                "version": rule.version, "validFrom": seconds(rule.from), "validTo": seconds(rule.to), "cms": rule.cms,
            }));
        }
    }
    Ok(Reply::json(&told))
}

/// A new signature over a rule that stands (`POST /cms-migration`).
pub(super) fn renew(desk: Desk<'_>, id: u64, cms: &str) -> Result<Reply, Problem> {
    let (message, text) = signed_text(cms.as_bytes()).map_err(|_| super::migration::bad_signature())?;
    let missing = || Problem::new(409, "0x030", "ValidationRule to be updated does not exist.", "");
    let found = desk.book.rules.iter().position(|rule| rule.id == id).ok_or_else(missing)?;
    check_uploader(&desk, &message).map_err(|_| super::migration::bad_uploader())?;
    let own = desk.caller.country.clone();
    let rule = desk.book.rules.get_mut(found).ok_or_else(missing)?;
    if rule.country != own {
        return Err(Problem::new(400, "0x031", "Invalid country", "the rule is another country's"));
    }
    if !super::migration::same_content(&rule.cms, &text) {
        return Err(Problem::new(400, "0x032", "Json Payload invalid", "the payload is not the one that stands"));
    }
    rule.cms = message.text;
    Ok(done())
}
