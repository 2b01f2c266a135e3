//! Accounts and their approval, as JSON: `/v1/me`, `/v1/accounts`, `/v1/approvals`.

use axum::{
    Json,
    extract::{Path, RawQuery, Request, State},
    response::IntoResponse,
};

use super::{
    Credential,
    error::AccessError,
    views::{AccountView, Accounts, Me, NewAccount, asked, json},
};
use crate::{
    access::{Actor, Right},
    limits::ACCESS_PAGE,
    registry::{Account, Approval, Proposed},
    service::{House, ServiceError, api::Endpoint, error::made},
};

/// The endpoints.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let tag = "Accounts";
    vec![
        Endpoint::get("/v1/me", "readMe")
            .tag(tag)
            .summary("Whoever asks, and what they may do")
            .known()
            .gives::<Me>(200, "The account behind the token, the DHIS2 login or the session")
            .run(me),
        Endpoint::get("/v1/accounts", "listAccounts")
            .tag(tag)
            .summary("Accounts in the order of their names")
            .needs(Right::Operate)
            .query::<String>("after", "Only those after this name")
            .gives::<Accounts>(200, "A page of them")
            .run(list),
        Endpoint::post("/v1/accounts", "proposeAccount")
            .tag(tag)
            .summary("Propose an account, or other rights for one")
            .about(
                "It has no right before it is approved: by two different approvers if one of its roles issues \
                 (facility, operator), by one otherwise. Other rights for an account begin anew.",
            )
            .needs(Right::Accounts)
            .takes::<NewAccount>("application/json")
            .gives::<AccountView>(201, "It waits for approval")
            .gives::<AccountView>(200, "It is there already as proposed")
            .run(propose),
        Endpoint::get("/v1/accounts/{name}", "readAccount")
            .tag(tag)
            .summary("One account")
            .needs(Right::Operate)
            .path_parameter("name", "Its name")
            .gives::<AccountView>(200, "The account")
            .run(read),
        Endpoint::delete("/v1/accounts/{name}", "closeAccount")
            .tag(tag)
            .summary("Close an account: its sessions end and its tokens are revoked")
            .needs(Right::Accounts)
            .path_parameter("name", "Its name")
            .gives::<AccountView>(200, "It is closed")
            .run(close),
        Endpoint::get("/v1/approvals", "listApprovals")
            .tag(tag)
            .summary("Accounts that wait for approval")
            .needs(Right::Approve)
            .query::<String>("after", "Only those after this name")
            .gives::<Accounts>(200, "A page of them")
            .run(waiting),
        Endpoint::post("/v1/approvals/{name}", "approveAccount")
            .tag(tag)
            .summary("Approve an account")
            .needs(Right::Approve)
            .path_parameter("name", "Its name")
            .gives::<AccountView>(200, "It is approved by whoever asks")
            .run(approve),
        Endpoint::delete("/v1/approvals/{name}", "refuseAccount")
            .tag(tag)
            .summary("Refuse an account that waits for approval")
            .needs(Right::Approve)
            .path_parameter("name", "Its name")
            .gives::<AccountView>(200, "It is refused")
            .run(refuse),
    ]
}

async fn me(credential: Credential) -> Json<Me> {
    let Credential { actor, account, ends_at, by, .. } = credential;
    Json(Me {
        name: actor.name,
        roles: account.effective().into_iter().map(str::to_owned).collect(),
        approvals_missing: account.approvals_missing(),
        rights: actor.rights,
        facilities: actor.facilities,
        by: by.word(),
        ends_at: ends_at.map(|at| at.to_string()),
    })
}

async fn page(house: &House, pending: bool, query: Option<String>) -> Result<Json<Accounts>, ServiceError> {
    let after = asked(query.as_deref(), "after").unwrap_or_default();
    let found = house.registry.accounts(pending, &after, ACCESS_PAGE).await.map_err(AccessError::from)?;
    let full = u32::try_from(found.len()).is_ok_and(|many| many == ACCESS_PAGE);
    let next = found.last().filter(|_| full).map(|last| last.name.clone());
    Ok(Json(Accounts { accounts: found.into_iter().map(AccountView::from).collect(), next }))
}

async fn list(State(house): State<House>, RawQuery(query): RawQuery) -> Result<Json<Accounts>, ServiceError> {
    page(&house, false, query).await
}

async fn waiting(State(house): State<House>, RawQuery(query): RawQuery) -> Result<Json<Accounts>, ServiceError> {
    page(&house, true, query).await
}

async fn find(house: &House, name: &str) -> Result<Account, AccessError> {
    house.registry.account(name).await?.ok_or(AccessError::NoAccount)
}

async fn read(State(house): State<House>, Path(name): Path<String>) -> Result<Json<AccountView>, ServiceError> {
    Ok(Json(find(&house, &name).await?.into()))
}

async fn propose(
    State(house): State<House>,
    actor: Actor,
    request: Request,
) -> Result<impl IntoResponse, ServiceError> {
    let wanted: NewAccount = json(request).await?;
    let (account, new) = propose_account(&house, &actor, wanted).await?;
    Ok((made(new), Json(AccountView::from(account))))
}

/// Proposes an account; true when something now waits for approval.
pub(super) async fn propose_account(
    house: &House,
    actor: &Actor,
    wanted: NewAccount,
) -> Result<(Account, bool), AccessError> {
    let proposal = wanted.proposal()?;
    let new = match house.registry.propose_account(&proposal, &actor.name, house.clock.now()).await? {
        Proposed::Waits => true,
        Proposed::Unchanged => false,
        Proposed::Own => return Err(AccessError::Own),
        Proposed::Foreign => return Err(AccessError::Foreign),
    };
    Ok((find(house, &proposal.name).await?, new))
}

async fn close(
    State(house): State<House>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<AccountView>, ServiceError> {
    Ok(Json(close_account(&house, &actor, &name).await?.into()))
}

/// Closes an account.
pub(super) async fn close_account(house: &House, actor: &Actor, name: &str) -> Result<Account, AccessError> {
    if name == actor.name {
        return Err(AccessError::Own);
    }
    find(house, name).await?;
    house.registry.close_account(name, &actor.name, house.clock.now()).await?;
    find(house, name).await
}

async fn approve(
    State(house): State<House>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<AccountView>, ServiceError> {
    Ok(Json(approve_account(&house, &actor, &name).await?.into()))
}

/// Approves an account.
pub(super) async fn approve_account(house: &House, actor: &Actor, name: &str) -> Result<Account, AccessError> {
    match house.registry.approve_account(name, &actor.name, house.clock.now()).await? {
        Approval::Active | Approval::OneMore => find(house, name).await,
        Approval::Own => Err(AccessError::OwnApproval),
        Approval::Twice => Err(AccessError::Twice),
        Approval::NotPending => Err(AccessError::NotPending),
        Approval::Unknown => Err(AccessError::NoAccount),
    }
}

async fn refuse(
    State(house): State<House>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<AccountView>, ServiceError> {
    Ok(Json(refuse_account(&house, &actor, &name).await?.into()))
}

/// Refuses an account that waits.
pub(super) async fn refuse_account(house: &House, actor: &Actor, name: &str) -> Result<Account, AccessError> {
    find(house, name).await?;
    if house.registry.refuse_account(name, &actor.name, house.clock.now()).await? {
        find(house, name).await
    } else {
        Err(AccessError::NotPending)
    }
}
