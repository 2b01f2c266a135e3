//! Alerts, as JSON: `/v1/alerts`. Whoever may approve closes them, and nobody their own.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
};

use super::{
    error::AccessError,
    views::{Alerts, asked},
};
use crate::{
    access::{Actor, Right},
    limits::ACCESS_PAGE,
    service::{House, ServiceError, api::Endpoint},
};

/// The endpoints.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/alerts", "listAlerts")
            .tag("Accounts")
            .summary("Accounts that reached their quota, or issued outside of hours; the newest first")
            .needs(Right::Operate)
            .query::<bool>("all", "Also those that somebody has looked at")
            .gives::<Alerts>(200, "They")
            .run(list),
        Endpoint::post("/v1/alerts/{number}/seen", "closeAlert")
            .tag("Accounts")
            .summary("Note that you have looked at an alert, which is not about yourself")
            .needs(Right::Approve)
            .path_parameter("number", "Its number")
            .gives::<Alerts>(200, "Those that are still open")
            .run(seen),
    ]
}

async fn list(State(house): State<House>, RawQuery(query): RawQuery) -> Result<Json<Alerts>, ServiceError> {
    let all = asked(query.as_deref(), "all").is_some_and(|all| all == "true");
    Ok(Json(page(&house, !all).await?))
}

async fn page(house: &House, open: bool) -> Result<Alerts, AccessError> {
    let alerts = house.registry.alerts(open, ACCESS_PAGE).await?;
    Ok(Alerts { alerts: alerts.into_iter().map(Into::into).collect() })
}

async fn seen(
    State(house): State<House>,
    actor: Actor,
    Path(number): Path<String>,
) -> Result<Json<Alerts>, ServiceError> {
    let number = number.parse().map_err(|_| AccessError::NoAlert)?;
    see(&house, &actor, number).await?;
    Ok(Json(page(&house, true).await?))
}

/// Notes that somebody has looked at an alert.
pub(super) async fn see(house: &House, actor: &Actor, number: u64) -> Result<(), AccessError> {
    let open = house.registry.alerts(true, ACCESS_PAGE).await?;
    let alert = open.iter().find(|alert| alert.number == number).ok_or(AccessError::NoAlert)?;
    if alert.account == actor.name {
        return Err(AccessError::OwnAlert);
    }
    if !house.registry.see_alert(number, &actor.name, house.clock.now()).await? {
        return Err(AccessError::NoAlert);
    }
    Ok(())
}
