//! What is taken and given, as JSON.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::{
    batch::{Preview, Status},
    issue::NotIssued,
    record::{Record, Refusal, Uvci},
    work::desk::{self, BulkDone, Done, Ended, Happening, Held, Renewal, Standing, What},
};

/// Bodies are read field by field, so that errors name the field; here they are described.
macro_rules! bodies {
    ($($(#[$about:meta])* $name:ident = $schema:tt;)*) => { $(
        $(#[$about])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )* };
}

bodies! {
    /// What is to be issued.
    IssueBody = {
        "type": "object", "additionalProperties": false, "required": ["reason"],
        "oneOf": [{"required": ["person"]}, {"required": ["event"]}],
        "properties": {
            "person": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{10}$", "description": "UID of a person in DHIS2: everything that is recorded of her"},
            "event": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{10}$", "description": "UID of an event in DHIS2"},
            "reason": {"type": "string", "minLength": 1, "maxLength": 240, "description": "Why, without the name of a person; kept in the audit log"},
            "formats": {"type": "array", "items": {"enum": ["eu-dcc", "ddcc", "icvp", "divoc", "divoc-cwt"]}, "description": "Only these of the formats that are issued here"}
        }
    };
    /// What is to be looked at.
    PreviewBody = {
        "type": "object", "additionalProperties": false,
        "oneOf": [{"required": ["person"]}, {"required": ["event"]}],
        "properties": {
            "person": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{10}$"},
            "event": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{10}$"}
        }
    };
    /// Why it is done.
    ReasonBody = {
        "type": "object", "additionalProperties": false, "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 240, "description": "Why, without the name of a person"}}
    };
    /// Why it is revoked.
    RevokeBody = {
        "type": "object", "additionalProperties": false, "required": ["reason"],
        "properties": {
            "reason": {"enum": ["fraud", "error", "lot", "key", "holder", "other"], "description": "fraud, lot, holder and other keep the record from another certificate; error does until it is corrected"},
            "note": {"type": "string", "maxLength": 240, "description": "More about it, without the name of a person; needed with other"}
        }
    };
    /// Many certificates that are to be revoked.
    BulkBody = {
        "type": "object", "additionalProperties": false, "required": ["reason"],
        "oneOf": [{"required": ["ids"]}, {"required": ["selection"]}],
        "properties": {
            "reason": {"enum": ["fraud", "error", "lot", "key", "holder", "other"]},
            "note": {"type": "string", "maxLength": 240},
            "dry_run": {"type": "boolean", "description": "Show what would be done, and do nothing"},
            "confirm": {"type": "integer", "minimum": 0, "description": "The exact number of certificates of the selection"},
            "ids": {"type": "array", "items": {"type": "string"}},
            "selection": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {
                "facility": {"type": "string", "description": "UID of an org unit"},
                "operator": {"type": "string", "description": "Who had them issued"},
                "lot": {"type": "string", "description": "Batch number of the vaccine"},
                "issued_from": {"type": "string", "format": "date-time"},
                "issued_to": {"type": "string", "format": "date-time", "description": "Issued before this time"},
                "given_from": {"type": "string", "format": "date"},
                "given_to": {"type": "string", "format": "date", "description": "Given on this day or earlier"}
            }}
        }
    };
}

/// Where a certificate is found.
pub(super) fn href(id: &str) -> String {
    let escaped = |_| url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let opaque = id.parse::<Uvci>().map_or_else(escaped, |id| id.opaque().to_owned());
    format!("/v1/certificates/{opaque}")
}

/// Why not, or what is worth knowing.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Why {
    /// Stable.
    code: String,
    /// The field of the record, by name and UID.
    field: Option<String>,
    message: String,
    /// What to do about it.
    remedy: String,
}

impl From<Refusal> for Why {
    fn from(Refusal { code, field, message, remedy }: Refusal) -> Self {
        Self { code, field, message, remedy }
    }
}

/// A format that a record cannot have.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WhyNot {
    format: String,
    #[serde(flatten)]
    why: Why,
}

impl From<NotIssued> for WhyNot {
    fn from(NotIssued { format, refusal }: NotIssued) -> Self {
        Self { format: format.name().to_owned(), why: refusal.into() }
    }
}

/// What became of one record.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Outcome {
    /// `issued`, `unchanged` (it stood already), `conflict` (a certificate of other content stands: correct it),
    /// `refused`, `barred` (its certificate was revoked for good) or `withdrawn` (its record is deleted, and its
    /// certificate revoked).
    status: &'static str,
    /// Identifier of its certificate, or of the one that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Where it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    /// UID of the person in DHIS2.
    person: String,
    /// UID of the event in DHIS2.
    event: String,
    /// Which of the records of the event, where it holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    formats: Vec<String>,
    not_issued: Vec<WhyNot>,
    reasons: Vec<Why>,
}

impl From<Done> for Outcome {
    fn from(done: Done) -> Self {
        let status = match done.ended {
            Ended::Issued => "issued",
            Ended::Unchanged => "unchanged",
            Ended::Conflict => "conflict",
            Ended::Refused => "refused",
            Ended::Barred => "barred",
            Ended::Withdrawn => "withdrawn",
        };
        Self {
            status,
            href: done.id.as_deref().map(href),
            id: done.id,
            person: done.person,
            event: done.event,
            part: done.part,
            formats: done.formats.into_iter().map(|format| format.name().to_owned()).collect(),
            not_issued: done.not_issued.into_iter().map(WhyNot::from).collect(),
            reasons: done.reasons.into_iter().map(Why::from).collect(),
        }
    }
}

/// What became of each record.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Results {
    pub(super) certificates: Vec<Outcome>,
}

/// One signed form of a certificate.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Envelope {
    format: String,
    issued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Key identifier of the signer, in base64.
    kid: String,
    algorithm: String,
    /// The signed text: personal data. Absent in lists, and when the certificate counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A certificate.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Certificate {
    /// Identifier.
    id: String,
    /// Where it is found.
    href: String,
    /// `valid`, `expired`, `superseded` or `revoked`.
    status: &'static str,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_for: Option<&'static str>,
    /// UID of the person in DHIS2.
    person: String,
    /// UID of the event in DHIS2, with `#` and a part behind it where the event holds several records.
    record: String,
    issued_at: String,
    /// The first end of its formats.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Whether it can be renewed now.
    renewable: bool,
    /// From when it can be renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewable_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
    /// UID of the org unit of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    facility: Option<String>,
    /// Day of the dose, the sample or the first positive result.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_on: Option<String>,
    /// Who had it issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    formats: Vec<Envelope>,
}

impl Certificate {
    /// As it is held; with its signed texts where `texts` says so and it counts.
    pub(super) fn of(held: &Held, texts: bool) -> Self {
        let texts = texts && matches!(held.standing, Standing::Valid | Standing::Expired);
        let envelope = |envelope: &crate::issue::Envelope| Envelope {
            format: envelope.format.name().to_owned(),
            issued_at: envelope.issued_at.to_string(),
            expires_at: envelope.expires_at.map(|end| end.to_string()),
            kid: envelope.kid.to_string(),
            algorithm: envelope.algorithm.to_string(),
            text: texts.then(|| envelope.text.clone()),
        };
        Self {
            id: held.id().to_owned(),
            href: href(held.id()),
            status: held.standing.word(),
            revoked_for: match held.standing {
                Standing::Revoked(reason) => Some(reason.as_str()),
                Standing::Valid | Standing::Expired | Standing::Superseded => None,
            },
            person: held.person.clone(),
            record: held.record.clone(),
            issued_at: held.issued.issued_at.to_string(),
            expires_at: held.expires_at.map(|end| end.to_string()),
            renewable: held.renewal == Renewal::Now,
            renewable_from: match held.renewal {
                Renewal::From(from) => Some(from.to_string()),
                Renewal::Now | Renewal::Over(_) | Renewal::Never => None,
            },
            supersedes: held.supersedes.clone(),
            superseded_by: held.superseded_by.clone(),
            facility: held.origin.facility.clone(),
            given_on: held.origin.given_on.map(|day| day.to_string()),
            operator: held.origin.operator.clone(),
            formats: held.issued.envelopes.iter().map(envelope).collect(),
        }
    }
}

/// A page of certificates.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct List {
    pub(super) certificates: Vec<Certificate>,
    /// What "after" is to be for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// What happened to a certificate.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Happened {
    /// When; absent of a succession, which the times around it tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// `intended`, `signed`, `supersedes`, `superseded`, `revoked` or `restored`.
    what: &'static str,
    /// In which format it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// The other certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Who had it done.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<Happening> for Happened {
    fn from(Happening { at, what, by, note }: Happening) -> Self {
        let (word, format, certificate, reason) = match what {
            What::Intended => ("intended", None, None, None),
            What::Signed(format) => ("signed", Some(format.name()), None, None),
            What::Supersedes(id) => ("supersedes", None, Some(id), None),
            What::SupersededBy(id) => ("superseded", None, Some(id), None),
            What::Revoked(reason) => ("revoked", None, None, Some(reason.as_str())),
            What::Restored(reason) => ("restored", None, None, Some(reason.as_str())),
        };
        Self { at: at.map(|at| at.to_string()), what: word, format, certificate, reason, by, note }
    }
}

/// What happened to a certificate, in order.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct History {
    pub(super) id: String,
    pub(super) happened: Vec<Happened>,
}

/// What would be in a certificate. Personal data.
#[derive(Serialize, JsonSchema)]
pub(super) struct Says {
    /// `vaccination`, `test` or `recovery`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    /// Day of the dose, the sample or the first positive result.
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dose: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_doses: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facility: Option<String>,
}

impl From<&Record> for Says {
    fn from(record: &Record) -> Self {
        let person = record.person();
        let dose = record.vaccination();
        let (kind, facility) = match record {
            Record::Vaccination(dose) => ("vaccination", dose.centre.clone()),
            Record::Test(test) => ("test", test.centre.clone()),
            Record::Recovery(_) => ("recovery", None),
        };
        Self {
            kind,
            family_name: person.name.family.clone(),
            given_name: person.name.given.clone(),
            birth_date: person.birth_date.map(|date| date.to_string()),
            date: record.day().to_string(),
            product: dose.map(|dose| dose.product.name.clone()),
            dose: dose.map(|dose| dose.dose),
            total_doses: dose.map(|dose| dose.total_doses),
            lot: dose.and_then(|dose| dose.lot.clone()),
            facility,
        }
    }
}

/// What would become of one record.
#[derive(Serialize, JsonSchema)]
pub(super) struct Previewed {
    /// `would-issue`, `stands` (nothing would be done), `would-correct` (what stands says something else), or `refused`.
    status: &'static str,
    person: String,
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    /// The certificate that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// Formats that it would have.
    formats: Vec<String>,
    not_issued: Vec<WhyNot>,
    reasons: Vec<Why>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Says>,
}

impl From<Preview> for Previewed {
    fn from(Preview { item, record, differs }: Preview) -> Self {
        let status = match (item.status, &item.uvci) {
            (Status::Refused, _) => "refused",
            (_, None) => "would-issue",
            (_, Some(_)) if differs => "would-correct",
            (_, Some(_)) => "stands",
        };
        Self {
            status,
            person: item.record,
            event: item.event,
            part: item.part,
            certificate: item.uvci,
            formats: item.formats.into_iter().map(|format| format.name().to_owned()).collect(),
            not_issued: item.not_issued.into_iter().map(WhyNot::from).collect(),
            reasons: item.reasons.into_iter().map(Why::from).collect(),
            says: record.as_ref().map(Says::from),
        }
    }
}

/// What would become of each record.
#[derive(Serialize, JsonSchema)]
pub(super) struct Previews {
    pub(super) certificates: Vec<Previewed>,
}

/// What became of one line.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LineAnswer {
    line: u64,
    /// The identifier, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `revoked`, `already-revoked`, `not-signed`, `unknown`, `malformed`; of a rehearsal `would-be-revoked`.
    result: &'static str,
}

/// What was revoked.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BulkAnswer {
    /// Certificates of the selection, or lines.
    found: usize,
    /// Revoked now.
    revoked: usize,
    /// Certificates that may belong to the selection, of which that is not on record; they are left.
    unknown: u64,
    /// Certificates of the selection that are being signed at this moment; they are left.
    signing: u64,
    /// Name of the bulk, by which it can be taken back at once (`vaccert revoke --undo-group`).
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk: Option<String>,
    /// Each line of a list.
    lines: Vec<LineAnswer>,
}

impl From<BulkDone> for BulkAnswer {
    fn from(done: BulkDone) -> Self {
        let line = |desk::LineDone { number, id, result }| LineAnswer { line: number, id, result };
        let lines = done.lines.into_iter().map(line).collect();
        let BulkDone { bulk, found, revoked, unknown, signing, .. } = done;
        Self { found, revoked, unknown, signing, bulk, lines }
    }
}
