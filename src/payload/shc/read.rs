//! The claims of a card: whose it is to vouch, since when, and which resources it holds.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{
    bundle::{self, Resources},
    model::HealthCard,
};
use crate::limits::SHC_TEXT_CHARS;

/// The type that makes a credential a health card.
const HEALTH_CARD: &str = "https://smarthealth.cards#health-card";

/// Longest revocation identifier ("Revocation").
const RID_CHARS: usize = 24;

/// Something that a reader forgave or wants shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// Elements that a card in a QR code must not have: identifiers, texts, displays, metadata. They say nothing
    /// that counts.
    NotMinimal,
    /// A form that FHIR does not have and that says what it means: a status in capitals, a family name in a list, a
    /// protocol outside one, as in the cards of Quebec.
    OddForm,
    /// A resource whose patient is not the card's one by reference.
    Reference,
    /// A dose that was not given, or not in full, or entered by mistake; it is not shown as one.
    NotGiven,
    /// Resources that this program does not read.
    OtherResources,
}

/// A card as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub card: HealthCard,
    /// What was forgiven.
    pub remarks: Vec<Remark>,
}

/// Why a payload is no health card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A claim that is missing or wrong.
    #[error("the card's claim {path} {problem}; ask its issuer for a card that conforms")]
    Claim {
        /// Path of the claim.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The issuer's address is not of the form that keys are published under.
    #[error("the issuer's address {problem}; ask it for a card that conforms")]
    Issuer {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A credential of another kind.
    #[error("the credential's types do not name {HEALTH_CARD}; this is no health card")]
    Type,
    /// A time that no calendar has: mostly milliseconds where seconds must stand.
    #[error("the claim {path} is no time in seconds since 1970; ask the issuer for a card that conforms")]
    Time {
        /// Path of the claim.
        path: &'static str,
    },
    /// Another version of FHIR than R4.
    #[error("the card's content is of another FHIR version than 4; this program reads version 4")]
    FhirVersion,
    /// A part of a resource that is missing or wrong.
    #[error("entry {entry} of the card, {path}, {problem}; ask its issuer for a card that conforms")]
    Resource {
        /// Which one, from 1.
        entry: usize,
        /// Path of the part, in the names of FHIR.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than one person.
    #[error("the card names {count} persons; a health card is of one")]
    SeveralPatients {
        /// How many.
        count: usize,
    },
    /// More than any card has.
    #[error("the card has more than {limit} {what}; no card has")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

fn wrong(path: &'static str, problem: &'static str) -> ReadError {
    ReadError::Claim { path, problem }
}

impl Reading {
    /// Reads the JSON that a card signs.
    ///
    /// # Errors
    /// [`ReadError`] names the first part that is missing or wrong.
    pub fn of(payload: &Value) -> Result<Self, ReadError> {
        let claims = object(payload, "payload")?;
        let issuer = issuer(claims)?.to_owned();
        let not_before = time(claims, "nbf")?.ok_or(wrong("nbf", "is missing"))?;
        let expires = time(claims, "exp")?;
        let vc = object(claims.get("vc").ok_or(wrong("vc", "is missing"))?, "vc")?;
        let types = types(vc)?;
        let rid = rid(vc)?;
        let subject = vc.get("credentialSubject").ok_or(wrong("vc.credentialSubject", "is missing"))?;
        let subject = object(subject, "vc.credentialSubject")?;
        let version = subject.get("fhirVersion").and_then(Value::as_str);
        let version = version.ok_or(wrong("vc.credentialSubject.fhirVersion", "is no text"))?;
        if !version.strip_prefix("4.").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(ReadError::FhirVersion);
        }
        let bundle = subject.get("fhirBundle").ok_or(wrong("vc.credentialSubject.fhirBundle", "is missing"))?;
        let Resources { patient, immunizations, observations, others, mut remarks } =
            bundle::read(object(bundle, "vc.credentialSubject.fhirBundle")?)?;
        if others > 0 {
            remarks.push(Remark::OtherResources);
        }
        remarks.sort_unstable();
        remarks.dedup();
        let fhir_version = shortened(version);
        let card = HealthCard {
            issuer,
            not_before,
            expires,
            types,
            fhir_version,
            rid,
            patient,
            immunizations,
            observations,
            others,
        };
        Ok(Self { card, remarks })
    }
}

/// The issuer that a payload names, before anything else of it is read: keys are looked up by it.
///
/// # Errors
/// [`ReadError`] when it names none, or not in the form that keys are published under ("Determining keys
/// associated with an issuer").
pub fn issuer(claims: &Map<String, Value>) -> Result<&str, ReadError> {
    let iss = claims.get("iss").ok_or(wrong("iss", "is missing"))?.as_str().ok_or(wrong("iss", "is no text"))?;
    let problem = |problem| Err(ReadError::Issuer { problem });
    let Some(rest) = iss.strip_prefix("https://") else { return problem("does not begin with https://") };
    if rest.is_empty() || rest.starts_with('/') {
        return problem("names no host");
    }
    if iss.ends_with('/') {
        return problem("ends in a slash");
    }
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\' | '"' | '<' | '>');
    if iss.len() > SHC_TEXT_CHARS || !rest.chars().all(plain) {
        return problem("has characters that an issuer's address has not");
    }
    Ok(iss)
}

fn object<'v>(value: &'v Value, path: &'static str) -> Result<&'v Map<String, Value>, ReadError> {
    value.as_object().ok_or(wrong(path, "is no object"))
}

/// Seconds since 1970 with or without a fraction (RFC 7519 section 2, NumericDate).
fn time(claims: &Map<String, Value>, path: &'static str) -> Result<Option<Timestamp>, ReadError> {
    let Some(value) = claims.get(path) else { return Ok(None) };
    let seconds = value.as_f64().ok_or(wrong(path, "is no number"))?;
    // Issuers write milliseconds; what is below is the rounding of the float.
    let time = SignedDuration::try_from_secs_f64(seconds).ok().and_then(|since| {
        let since = since.round(jiff::SignedDurationRound::new().smallest(jiff::Unit::Millisecond)).ok()?;
        Timestamp::UNIX_EPOCH.checked_add(since).ok()
    });
    time.map(Some).ok_or(ReadError::Time { path })
}

fn types(vc: &Map<String, Value>) -> Result<Vec<String>, ReadError> {
    let list = vc.get("type").and_then(Value::as_array).ok_or(wrong("vc.type", "is no list"))?;
    if list.len() > crate::limits::SHC_LIST {
        return Err(ReadError::TooMany { what: "types", limit: crate::limits::SHC_LIST });
    }
    let texts = list.iter().map(|item| item.as_str().map(shortened)).collect::<Option<Vec<_>>>();
    let types = texts.ok_or(wrong("vc.type", "holds something else than texts"))?;
    if types.iter().any(|name| name == HEALTH_CARD) { Ok(types) } else { Err(ReadError::Type) }
}

fn rid(vc: &Map<String, Value>) -> Result<Option<String>, ReadError> {
    let Some(value) = vc.get("rid") else { return Ok(None) };
    let text = value.as_str().ok_or(wrong("vc.rid", "is no text"))?;
    let alphabet = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if text.is_empty() || text.len() > RID_CHARS || !alphabet {
        return Err(wrong("vc.rid", "is not 1 to 24 characters of the base64url alphabet"));
    }
    Ok(Some(text.to_owned()))
}

/// A text as it stands, up to the bound on texts.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(SHC_TEXT_CHARS).collect()
}
