//! The issuing API of DIVOC's sidecars over a sandbox: what `vaccert demo` serves beside its pages.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{CliError, run};
use crate::{
    barcode::Level,
    batch::{BUNDLE_FILE, Batch, BatchError, Kind},
    clock::System,
    config::Setup,
    limits::TRUST_LIST_BYTES,
    service::{
        Api,
        divoc::{Ground, House, OwnKeys, Token, Tokens, pseudonyms, router},
    },
    source::{assess::Assessor, policy::BirthDateMissing, profile::Profile},
    trust::bundle,
    valueset::dhis2::Dhis2Vaccines,
    verify::Knowledge,
    work::{self, Out},
};

/// The routes over the sandbox of `setup`, whose files go to `out`; and the token, new each time, that they ask for.
pub(super) async fn sandbox(setup: &Setup, out: &Path) -> Result<Api, CliError> {
    let files = Out { dir: out.to_owned(), kinds: Kind::ALL.to_vec(), level: Level::M };
    let profile = work::profile(setup, None, Profile::built_in().pop())?;
    // The API brings no people of DHIS2: the assessor of the batch is never asked.
    let vaccines = Arc::new(Dhis2Vaccines::divoc().with_overrides(setup.vaccines.clone())?);
    let assessor = Assessor::new(profile, vaccines.clone(), Arc::new(|_: &str| None))?;
    let batch: Batch = work::batch(setup, run::registry(setup).await?, assessor, Some(&files), &run::user())?;
    let ground = Ground {
        issuer: setup.issuer_name.clone(),
        country: setup.country,
        vaccines,
        birth_date_missing: BirthDateMissing::default(),
        pseudonyms: pseudonyms(&batch.registry, &batch.random).await?,
        clock: Arc::new(System),
    };
    let mut secret = [0; 32];
    (batch.random)(&mut secret).map_err(BatchError::from)?;
    let token = URL_SAFE_NO_PAD.encode(secret);
    let tokens = Tokens::new(vec![Token::of("demo", &token)]);
    let house = House::new(batch, own_keys(out)).with_bundle(out.to_owned(), setup.list_key.clone());
    Ok(Api { router: router(house, ground, tokens), token })
}

/// The keys of the bundle in a folder, read again when a later run has replaced it.
fn own_keys(out: &Path) -> OwnKeys {
    let path = out.join(BUNDLE_FILE);
    let held: Mutex<Option<(SystemTime, Arc<Knowledge>)>> = Mutex::new(None);
    Arc::new(move || {
        let metadata = std::fs::metadata(&path).ok()?;
        let changed = metadata.modified().ok()?;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, knowledge)) = held.as_ref().filter(|(read, _)| *read == changed) {
            return Some(Arc::clone(knowledge));
        }
        if metadata.len() > TRUST_LIST_BYTES {
            return None;
        }
        let bundle = bundle::read(std::fs::read(&path).ok()?, &[]).ok()?;
        let knowledge = Arc::new(Knowledge::of_bundle(&bundle, BUNDLE_FILE).ok()?);
        *held = Some((changed, Arc::clone(&knowledge)));
        Some(knowledge)
    })
}
