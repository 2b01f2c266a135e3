//! The DHIS2 of an installation: its client, its program, and the query for everybody in it.

use std::sync::Arc;

use super::{WorkError, profile};
use crate::{
    config::{Dhis2Access, Setup},
    source::{
        dhis2::{Client, Query},
        profile::{Detected, Profile, detect},
    },
};

/// A client with the access of the configuration.
///
/// # Errors
/// An address or login that cannot be used.
pub fn client(access: &Dhis2Access) -> Result<Arc<Client>, WorkError> {
    Ok(Arc::new(Client::new(access.options.clone())?))
}

/// The profile of the server's program: the configured program, or the one that a built-in profile knows.
///
/// # Errors
/// DHIS2's, or no program that is known.
pub async fn program(client: &Client, setup: &Setup, named: Option<&str>) -> Result<Profile, WorkError> {
    let fixed = profile(setup, named, None)?;
    if named.is_some() || setup.profile.base.is_some() {
        // A profile that was chosen by hand is taken as it is; nothing needs to be found.
        return Ok(fixed);
    }
    let uid = Some(fixed.program.as_str()).filter(|uid| !uid.is_empty());
    Ok(look(client, uid).await?.profile)
}

/// Looks at a program, or at all that the user sees until a built-in profile knows one.
///
/// # Errors
/// DHIS2's, or no program that is known.
pub async fn look(client: &Client, uid: Option<&str>) -> Result<Detected, WorkError> {
    if let Some(uid) = uid {
        return Ok(detect(&client.program(uid).await?)?);
    }
    let known: Vec<String> = Profile::built_in().into_iter().map(|profile| profile.program).collect();
    let mut programs = client.programs().await?;
    // Where a server has several programs that are known, vaccination against COVID-19 comes first.
    programs.sort_by_key(|program| known.iter().rev().position(|uid| *uid == program.id).unwrap_or(usize::MAX));
    let mut reasons = Vec::new();
    for summary in &programs {
        match detect(&client.program(&summary.id).await?) {
            Ok(detected) => return Ok(detected),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(WorkError::NoProgram(if reasons.is_empty() {
        "the user sees no tracker program; give it the right to read the program's data".to_owned()
    } else {
        reasons.join("; ")
    }))
}

/// The query for everybody of a program.
///
/// # Errors
/// DHIS2's.
pub async fn query(client: &Client, access: &Dhis2Access, profile: &Profile) -> Result<Query, WorkError> {
    let units = if access.org_units.is_empty() { client.root_org_units().await? } else { access.org_units.clone() };
    let mut query = Query::new(profile.program.clone(), units);
    query.stage = profile.only_stage().map(str::to_owned);
    if let Some(size) = access.page_size {
        query.page_size = size;
    }
    Ok(query)
}
