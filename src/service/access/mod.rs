//! Who asks: the gate through which every request goes whose endpoint is not open to everybody.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{House, ServiceError, api::Access};
use crate::access::Actor;

/// Lets a request through to an endpoint, and says on whose behalf it comes where the endpoint asks.
pub(super) async fn admit(_house: &House, _parts: &Parts, access: Access) -> Result<Option<Actor>, ServiceError> {
    match access {
        Access::Open => Ok(None),
        Access::Needs(_) | Access::Citizen => Err(ServiceError::Unauthorized),
    }
}

/// The actor of a request that went through the gate.
impl<S: Sync> FromRequestParts<S> for Actor {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ServiceError> {
        parts.extensions.get::<Self>().cloned().ok_or(ServiceError::Unauthorized)
    }
}
