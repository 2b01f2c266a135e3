//! What a page was asked for, and what a form sends.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use jiff::civil::Date;

use crate::{
    limits,
    service::{ServiceError, body},
};

/// The query of an address.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked(Vec<(String, String)>);

/// The fields of a form.
#[derive(Clone, Default)]
pub(super) struct Sent(Vec<(String, String)>);

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn get<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
}

impl Asked {
    /// A part of it without spaces around; empty where it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        get(&self.0, name)
    }

    /// The same, or nothing.
    pub(super) fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A day of it.
    pub(super) fn day(&self, name: &str) -> Option<Date> {
        self.get(name).parse().ok()
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ServiceError> {
        Ok(Self(pairs(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

impl Sent {
    /// A field without spaces around; empty where it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        get(&self.0, name)
    }

    /// The same, or nothing.
    pub(super) fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Fields that somebody sent otherwise.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = ServiceError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ServiceError> {
        let bytes = body::read(request, super::SENT, limits::CONSOLE_FORM_BYTES).await?;
        Ok(Self(pairs(&bytes)))
    }
}

/// A day that somebody typed or chose: nothing, a day, or what is none.
pub(super) fn day(text: &str) -> Result<Option<Date>, ()> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| ()) }
}
