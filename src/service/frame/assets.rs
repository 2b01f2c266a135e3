//! What pages load besides themselves: styles, scripts and pictures of the program. Each has an address with a digest
//! of its content, so that a browser keeps it for ever and still gets the one of a newer program at once.

use std::sync::OnceLock;

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, header},
    response::Response,
};

use crate::{
    keys::sha256,
    service::{ServiceError, typed},
};

/// Under this address, with a name behind it.
pub(in crate::service) const ROUTE: &str = "/assets/{file}";

/// A file of the program that pages load.
pub(in crate::service) struct Asset {
    name: &'static str,
    ending: &'static str,
    bytes: &'static [u8],
    path: OnceLock<String>,
}

impl Asset {
    /// A file with its name and its ending (`css`, `js`, `svg`).
    pub(in crate::service) const fn new(name: &'static str, ending: &'static str, bytes: &'static [u8]) -> Self {
        Self { name, ending, bytes, path: OnceLock::new() }
    }

    /// Its address.
    pub(in crate::service) fn path(&'static self) -> &'static str {
        self.path.get_or_init(|| {
            let digest: String = sha256(self.bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            format!("/assets/{}-{digest}.{}", self.name, self.ending)
        })
    }

    fn media(&self) -> &'static str {
        match self.ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

/// The style of every page.
pub(in crate::service) static STYLE: Asset = Asset::new("style", "css", include_bytes!("../pages/style.css"));
/// The sign of the program.
pub(in crate::service) static ICON: Asset = Asset::new("icon", "svg", include_bytes!("../pages/icon.svg"));

/// Everything that any page loads by [`Asset::path`]. A part that has a style or script of its own adds its line.
static ALL: &[&Asset] = &[&STYLE, &ICON, &super::super::citizen::STYLE];

/// `GET /assets/{file}`: one of them.
pub(in crate::service) async fn asset(file: Result<Path<String>, PathRejection>) -> Result<Response, ServiceError> {
    let Ok(Path(file)) = file else { return Err(ServiceError::NotFound) };
    let named = |asset: &&'static Asset| asset.path().strip_prefix("/assets/") == Some(&file);
    let found = ALL.iter().copied().find(named).ok_or(ServiceError::NotFound)?;
    let mut response = typed(found.media(), found.bytes);
    let ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, ever);
    Ok(response)
}
