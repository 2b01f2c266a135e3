//! What publishes the registry of an installation.

use std::path::PathBuf;

use crate::{
    clock::{Clock, System},
    config::Setup,
    publication::{FALSE_HITS, Published, Publisher},
    registry::Registry,
};

/// What publishes `registry` into a folder.
#[must_use]
pub fn publisher(setup: &Setup, registry: Registry, dir: PathBuf) -> Publisher {
    Publisher {
        registry,
        signers: setup.signers.certificates(System.now()),
        list_key: setup.list_key.clone(),
        dir,
        false_hits: FALSE_HITS,
    }
}

/// What was published, in a line.
#[must_use]
pub fn summary(published: &Published) -> String {
    let Published { sequence, revoked, released, files, new_files, list_bytes, filter_bytes, valid_until, .. } =
        published;
    format!(
        "number {sequence}: {revoked} revoked, {released} taken back; {files} files ({new_files} new), lists of \
         {list_bytes} bytes, filters of {filter_bytes} bytes; to be used until {valid_until}"
    )
}
