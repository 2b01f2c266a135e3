//! What a configured installation offers to everybody: verification, the trust bundle, and whatever lists it
//! publishes. No page here knows a certificate of the registry.

use std::{path::PathBuf, sync::Arc};

use axum::{Router, routing::get};

use super::{Shared, folder::Folder, form, trust};
use crate::{clock::Clock, keys::PublicKey};

/// What is published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Folder that holds the trust bundle.
    pub dir: PathBuf,
    /// Keys that sign it.
    pub list_keys: Vec<PublicKey>,
}

/// The routes, with `lists` (the published revocations) beside them.
///
/// | route | answer |
/// |---|---|
/// | `GET /` | the form that takes a code |
/// | `GET /v1/trust.json` | the trust bundle |
pub fn public(published: Published, lists: Router, clock: Arc<dyn Clock>) -> Router {
    let folder = Folder::new(published.dir).with_list_keys(published.list_keys);
    let own: Router = Router::new().route("/", get(form)).route("/v1/trust.json", get(trust)).with_state(Shared {
        folder: Arc::new(folder),
        clock,
        token: None,
    });
    own.merge(lists)
}
