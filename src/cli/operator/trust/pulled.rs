//! The lists that were pulled, for commands that name none.

use std::path::PathBuf;

use super::{CliError, Common};
use crate::{
    cli::verify::knowledge::{Pulled, Sources},
    config::{CONFIG_FILE, TrustSource},
    gateway::lists::{Source, SourceKind, Version, stored},
    trust::lists::Checks,
};

/// The lists of the configuration; none where there is no configuration.
pub(super) fn configured(common: &Common) -> Result<Vec<TrustSource>, CliError> {
    let beside = PathBuf::from(CONFIG_FILE);
    let path = match &common.config {
        Some(path) => path,
        None if beside.is_file() => &beside,
        None => return Ok(Vec::new()),
    };
    Ok(TrustSource::load(path)?)
}

/// A version of a list as a verifier reads it; `None` where it was never pulled.
pub(super) fn version(source: &Source, version: Version) -> Result<Option<Pulled>, CliError> {
    let found = stored(source, version).map_err(|error| CliError::Pull(error.into()))?;
    Ok(found.map(|found| Pulled {
        name: source.name.clone(),
        bytes: found.bytes,
        list_keys: source.list_keys.clone(),
        unsigned: source.unsigned,
        checks: Checks {
            at: found.kept.judged_at,
            need_authorities: source.kind == SourceKind::Gateway,
            old_uploaders: source.old_uploaders,
        },
    }))
}

/// Every list of the configuration as it was pulled last. One that was never pulled is told.
pub(in crate::cli) fn lists_in_use(common: &Common) -> Result<Vec<Pulled>, CliError> {
    let mut all = Vec::new();
    for source in configured(common)? {
        match version(&source.source, Version::Current)? {
            Some(pulled) => all.push(pulled),
            None => {
                eprintln!("{}: never pulled, so it vouches for nobody; run `vaccert trust pull`", source.source.name)
            }
        }
    }
    Ok(all)
}

/// Lets a command that names no list go by those that were pulled.
pub(super) fn fill(sources: &mut Sources, common: &Common) -> Result<(), CliError> {
    if sources.trust.is_empty() {
        sources.pulled = lists_in_use(common)?;
    }
    Ok(())
}
