//! A citizen's session: a cookie, and whose certificates may be seen.

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use super::{CitizenError, caller::cookie};
use crate::{
    access::{Actor, ActorKind},
    batch::BatchError,
    registry::people::{CitizenSession, SessionTimes},
    service::{House, ServiceError, frame::Frame},
    work::people::{Marks, base32},
};

/// Name of the cookie of a session.
pub(super) const COOKIE: &str = "citizen";
/// Name of the cookie of a question.
pub(super) const QUESTION: &str = "question";

/// Somebody who has proved a number.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) inner: CitizenSession,
    pub(super) marks: Marks,
}

impl Session {
    /// On whose behalf it is. The name tells two sessions apart and nothing of a person.
    pub(super) fn actor(&self) -> Actor {
        let name: String = self.marks.name_in_session(&self.inner.token, "actor").chars().take(12).collect();
        Actor { kind: ActorKind::Citizen, name: format!("citizen:{name}"), rights: Vec::new(), facilities: None }
    }

    /// The name by which this session knows something.
    pub(super) fn name(&self, what: &str) -> String {
        self.marks.name_in_session(&self.inner.token, what)
    }
}

impl FromRequestParts<House> for Session {
    type Rejection = Response;

    /// Whoever has no session is led to the first page, or refused where something was to be done.
    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Response> {
        match find(parts, house).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) if parts.method == Method::GET => {
                let Ok(frame) = Frame::from_request_parts(parts, house).await;
                Err(Redirect::to(&frame.way("/?ended=1")).into_response())
            }
            Ok(None) => Err(ServiceError::from(CitizenError::NoSession).into_response()),
            Err(error) => Err(ServiceError::from(error).into_response()),
        }
    }
}

async fn find(parts: &Parts, house: &House) -> Result<Option<Session>, CitizenError> {
    let Some(token) = cookie(&parts.headers, COOKIE) else { return Ok(None) };
    let marks = house.marks().await?;
    let mark = marks.token(COOKIE, token);
    let found = house.registry.citizen_session(&mark, SessionTimes::CITIZENS, house.clock.now()).await?;
    Ok(found.map(|inner| Session { inner, marks: marks.clone() }))
}

/// A fresh secret for a cookie: 160 random bits.
pub(super) fn fresh(house: &House) -> Result<String, CitizenError> {
    let mut bytes = [0; 20];
    (house.random)(&mut bytes).map_err(BatchError::from)?;
    Ok(base32(&bytes, 32))
}
