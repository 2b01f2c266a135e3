//! API tokens, as JSON: `/v1/tokens`. Whoever has an account makes tokens for themselves, which allow no more than
//! they may; an administrator makes them also for accounts that issue nothing. A token for somebody else's account
//! that issues is made on the machine of the service alone: nobody who keeps accounts can issue by that way.

use axum::{
    Json,
    extract::{Path, Request, State},
    response::IntoResponse,
};
use jiff::SignedDuration;

use super::{
    Credential,
    error::AccessError,
    state::{hex, random},
    views::{MadeToken, TokenView, Tokens, WantedToken, json},
};
use crate::{
    access::{Right, TokenText},
    limits::ACCESS_PAGE,
    registry::NewToken,
    service::{House, ServiceError, api::Endpoint, error::made},
};

/// The endpoints.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let tag = "Accounts";
    vec![
        Endpoint::get("/v1/tokens", "listTokens")
            .tag(tag)
            .summary("Tokens of whoever asks; all of them to those who keep accounts or audit")
            .known()
            .gives::<Tokens>(200, "What is known of them: never the tokens themselves")
            .run(list),
        Endpoint::post("/v1/tokens", "makeToken")
            .tag(tag)
            .summary("Make a token")
            .about(
                "The token is in the answer and nowhere else: it cannot be shown again. It allows no more than its \
                 account may, whatever is asked for, and falls silent when the account is closed.",
            )
            .known()
            .takes::<WantedToken>("application/json")
            .gives::<MadeToken>(201, "The token")
            .run(make),
        Endpoint::delete("/v1/tokens/{id}", "revokeToken")
            .tag(tag)
            .summary("Revoke a token: the own ones, or any to those who keep accounts")
            .known()
            .path_parameter("id", "Its identifier, as the list shows it")
            .gives::<TokenView>(200, "It is revoked")
            .run(revoke),
    ]
}

fn sees_all(credential: &Credential) -> bool {
    credential.actor.may(Right::Accounts) || credential.actor.may(Right::Audit)
}

/// The tokens that somebody may see.
pub(super) async fn visible(house: &House, credential: &Credential) -> Result<Vec<TokenView>, AccessError> {
    let now = house.clock.now();
    let own = (!sees_all(credential)).then_some(credential.actor.name.as_str());
    let tokens = house.registry.tokens(own, ACCESS_PAGE).await?;
    Ok(tokens.into_iter().map(|token| TokenView::of(token, now)).collect())
}

async fn list(State(house): State<House>, credential: Credential) -> Result<Json<Tokens>, ServiceError> {
    Ok(Json(Tokens { tokens: visible(&house, &credential).await? }))
}

async fn make(
    State(house): State<House>,
    credential: Credential,
    request: Request,
) -> Result<impl IntoResponse, ServiceError> {
    let wanted: WantedToken = json(request).await?;
    let token = make_token(&house, &credential, wanted).await?;
    Ok((made(true), Json(token)))
}

/// Makes a token.
pub(super) async fn make_token(
    house: &House,
    credential: &Credential,
    wanted: WantedToken,
) -> Result<MadeToken, AccessError> {
    wanted.check()?;
    let now = house.clock.now();
    let account = wanted.account.as_deref().unwrap_or(&credential.actor.name);
    if account == credential.actor.name {
        if wanted.rights.iter().any(|right| !credential.actor.may(*right)) {
            return Err(AccessError::Right);
        }
        // Bounds are not shed by making a new token.
        let bound = credential.actor.facilities.as_ref();
        if bound.is_some_and(|own| wanted.facilities.iter().any(|unit| !own.contains(unit))) {
            return Err(AccessError::Facility);
        }
    } else {
        if !credential.actor.may(Right::Accounts) {
            return Err(AccessError::NoAccount);
        }
        let other = house.registry.account(account).await?.ok_or(AccessError::NoAccount)?;
        if other.issuing {
            return Err(AccessError::OthersToken);
        }
    }
    let lasts = SignedDuration::from_hours(24 * i64::from(wanted.days));
    let expires_at = now.checked_add(lasts).map_err(|_| AccessError::Days)?;
    if credential.token.as_ref().is_some_and(|parent| expires_at > parent.expires_at) {
        return Err(AccessError::Days);
    }
    let text = TokenText::of(&random::<32>(house)?);
    let id = format!("t{}", hex(&random::<6>(house)?));
    let rights: Vec<String> = wanted.rights.iter().map(|right| right.name().to_owned()).collect();
    // Without units of its own, a token made with one that has them keeps to those.
    let inherited = credential.token.as_ref().filter(|_| account == credential.actor.name);
    let facilities = match inherited {
        Some(parent) if wanted.facilities.is_empty() => parent.facilities.clone(),
        _ => wanted.facilities,
    };
    let new = NewToken {
        id: &id,
        hash: &text.hash(),
        account,
        label: wanted.label.trim(),
        rights: &rights,
        facilities: &facilities,
        made_by: &credential.actor.name,
        expires_at,
    };
    if !house.registry.make_token(&new, now).await? {
        return Err(AccessError::NoAccount);
    }
    let stored = house.registry.token_by_id(&id).await?.ok_or(AccessError::NoToken)?;
    Ok(MadeToken { token: text.reveal().to_owned(), about: TokenView::of(stored, now) })
}

async fn revoke(
    State(house): State<House>,
    credential: Credential,
    Path(id): Path<String>,
) -> Result<Json<TokenView>, ServiceError> {
    Ok(Json(revoke_token(&house, &credential, &id).await?))
}

/// Revokes a token. Somebody else's is as unknown as one that never was.
pub(super) async fn revoke_token(house: &House, credential: &Credential, id: &str) -> Result<TokenView, AccessError> {
    let now = house.clock.now();
    let may = |account: &str| account == credential.actor.name || credential.actor.may(Right::Accounts);
    let found = house.registry.token_by_id(id).await?.filter(|token| may(&token.account));
    if found.is_none() || !house.registry.revoke_token(id, &credential.actor.name, now).await? {
        return Err(AccessError::NoToken);
    }
    let token = house.registry.token_by_id(id).await?.ok_or(AccessError::NoToken)?;
    Ok(TokenView::of(token, now))
}
