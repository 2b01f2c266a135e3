//! From a setup to the batch that issues, and the profile by which it reads records.

use std::{path::Path, sync::Arc};

use super::{Out, WorkError};
use crate::{
    batch::{Batch, BatchError, Kind, Outputs, system_random},
    clock::{Clock as _, System},
    config::{Setup, profile_file, profile_of},
    issue::Issuer,
    registry::Registry,
    source::{assess::Assessor, profile::Profile},
};

/// Who has the passes over DHIS2 done, as the registry notes it.
pub const POLLER: &str = "poller";

/// The profile: the built-in one or the file that was asked for, or the one that `found` says, with the configuration's
/// changes on it and the issuer's constants in it.
///
/// # Errors
/// An unknown name, a file that cannot be read, or changes that do not fit.
pub fn profile(setup: &Setup, named: Option<&str>, found: Option<Profile>) -> Result<Profile, WorkError> {
    let base = match (named, &setup.profile.base, found) {
        (Some(file), ..) if file.ends_with(".toml") => profile_file(Path::new(file))?.build(&Profile::default())?,
        (Some(name), ..) => Profile::by_name(name)?,
        (None, Some(name), _) => Profile::by_name(name)?,
        (None, None, Some(found)) => found,
        (None, None, None) => Profile::default(),
    };
    Ok(profile_of(&setup.profile, setup.country.as_str(), &setup.issuer_name, &base)?)
}

/// Everything that issuing needs: the issuer, `registry`, and where files go. `operator` is whom it is done for, as in
/// [`Origin::operator`](crate::registry::Origin::operator).
///
/// # Errors
/// A signer that does not fit the configuration, fonts that cannot be used, no random bytes.
pub fn batch(
    setup: &Setup,
    registry: Registry,
    assessor: Assessor,
    out: Option<&Out>,
    operator: &str,
) -> Result<Batch, WorkError> {
    let issuer = Issuer::of_set(Arc::clone(&setup.signers), &setup.country.to_string(), setup.terms.clone());
    let random = system_random();
    let press = Arc::new(super::press(&setup.paper)?);
    if out.is_none_or(|out| out.kinds.contains(&Kind::Pdf)) {
        let whose = (setup.country, setup.issuer_name.as_str());
        super::check_paper(&setup.paper, &press, &setup.formats, whose, System.now(), &random)?;
    }
    let mut owner = [0; 8];
    random(&mut owner).map_err(BatchError::from)?;
    Ok(Batch {
        assessor,
        issuer: Arc::new(issuer.map_err(BatchError::from)?.with_linked_data(setup.linked_data.clone())),
        formats: setup.formats.clone(),
        registry,
        outputs: out.map(|out| Arc::new(Outputs { dir: out.dir.clone(), kinds: out.kinds.clone(), level: out.level })),
        press,
        seal: setup.document_key.clone(),
        wallet: Some(Arc::new(setup.wallet.clone())),
        divoc_paper: setup.divoc_paper,
        clock: Arc::new(System),
        random,
        owner: owner.iter().map(|b| format!("{b:02x}")).collect::<String>().into(),
        operator: operator.into(),
        reason: None,
        request: None,
        follower: None,
    })
}
