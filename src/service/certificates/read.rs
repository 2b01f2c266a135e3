//! Reads the body of a request field by field, so that an error names the field and nothing that was in it.

use axum::extract::Request;
use serde_json::{Map, Value};

use super::{JSON, error::CertificateError};
use crate::{
    envelope::json,
    issue::Format,
    registry::Reason,
    service::{ServiceError, body},
    work::desk::Subject,
};

/// The fields of a body.
pub(super) struct Fields(Map<String, Value>);

/// Text of a field that is sent and not empty.
type Text = Result<Option<String>, CertificateError>;

impl Fields {
    /// Reads a body of JSON that may have these fields. Gives its bytes as well.
    pub(super) async fn read(request: Request, limit: usize, known: &[&str]) -> Result<(Self, Vec<u8>), ServiceError> {
        let bytes = body::read(request, JSON, limit).await?;
        // A name twice would let two readers see two requests.
        let Value::Object(fields) = json::read(&bytes)? else { return Err(CertificateError::NotAnObject.into()) };
        Ok((Self::of(fields, known)?, bytes))
    }

    fn of(fields: Map<String, Value>, known: &[&str]) -> Result<Self, CertificateError> {
        if fields.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(CertificateError::FieldUnknown { known: known.join(", ") });
        }
        Ok(Self(fields))
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&self, field: &'static str) -> Text {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Some(_) => Err(CertificateError::Field { field, form: "a text" }),
        }
    }

    /// True or false; false when it is not sent.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool, CertificateError> {
        match self.value(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(CertificateError::Field { field, form: "true or false" }),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, field: &'static str) -> Result<Option<usize>, CertificateError> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        number.map(Some).ok_or(CertificateError::Field { field, form: "a whole number" })
    }

    /// A list of texts.
    pub(super) fn texts(&self, field: &'static str) -> Result<Option<Vec<String>>, CertificateError> {
        let wrong = CertificateError::Field { field, form: "a list of texts" };
        match self.value(field) {
            None => Ok(None),
            Some(Value::Array(all)) => {
                let texts: Option<Vec<String>> = all.iter().map(|text| text.as_str().map(str::to_owned)).collect();
                texts.map(Some).ok_or(wrong)
            }
            Some(_) => Err(wrong),
        }
    }

    /// An object with fields of its own.
    pub(super) fn inner(&self, field: &'static str, known: &[&str]) -> Result<Option<Self>, CertificateError> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Object(inner)) => Self::of(inner.clone(), known).map(Some),
            Some(_) => Err(CertificateError::Field { field, form: "an object" }),
        }
    }

    /// A text that is read further.
    pub(super) fn parsed<T: std::str::FromStr>(
        &self,
        field: &'static str,
        form: &'static str,
    ) -> Result<Option<T>, CertificateError> {
        let text = self.text(field)?;
        text.map(|text| text.parse().map_err(|_| CertificateError::Field { field, form })).transpose()
    }

    /// Why it is asked for.
    pub(super) fn reason(&self) -> Result<String, CertificateError> {
        let remedy = "say in a few words why this is done, without the name of a person";
        self.text("reason")?.ok_or(CertificateError::FieldMissing { field: "reason", remedy })
    }

    /// The person or event that is meant.
    pub(super) fn subject(&self) -> Result<Subject, CertificateError> {
        match (self.text("person")?, self.text("event")?) {
            (Some(person), None) => Ok(Subject::Person(person)),
            (None, Some(event)) => Ok(Subject::Event(event)),
            _ => Err(CertificateError::OneOf { one: "person", other: "event" }),
        }
    }

    /// Formats by name.
    pub(super) fn formats(&self) -> Result<Vec<Format>, CertificateError> {
        let wrong =
            |_| CertificateError::Field { field: "formats", form: "a list of eu-dcc, ddcc, icvp, divoc and divoc-cwt" };
        let names = self.texts("formats")?.unwrap_or_default();
        names.iter().map(|name| name.parse().map_err(wrong)).collect()
    }

    /// The reason of a revocation, by its word.
    pub(super) fn revocation(&self) -> Result<Reason, CertificateError> {
        let word = self.text("reason")?;
        revocation_reason(word.as_deref())
    }
}

/// What the reason of a revocation may be.
const REASON_FORM: &str = "one of fraud, error, lot, key, holder and other";

/// The reason of a revocation.
pub(super) fn revocation_reason(word: Option<&str>) -> Result<Reason, CertificateError> {
    let allowed = [Reason::Fraud, Reason::Error, Reason::Lot, Reason::Key, Reason::Holder, Reason::Other];
    let missing = CertificateError::FieldMissing { field: "reason", remedy: REASON_FORM };
    let word = word.ok_or(missing)?;
    let found = allowed.into_iter().find(|reason| reason.as_str().eq_ignore_ascii_case(word.trim()));
    found.ok_or(CertificateError::Field { field: "reason", form: REASON_FORM })
}

/// More about a revocation; its word where nothing more is said, which `other` must.
pub(super) fn note(reason: Reason, note: Option<String>) -> Result<String, CertificateError> {
    let remedy = "say with it what the other reason is, without the name of a person";
    match (note, reason) {
        (Some(note), _) => Ok(note),
        (None, Reason::Other) => Err(CertificateError::FieldMissing { field: "note", remedy }),
        (None, reason) => Ok(reason.as_str().to_owned()),
    }
}
