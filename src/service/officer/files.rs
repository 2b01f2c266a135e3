//! The files of the officer's page, each prepared once, and the version that they are together: another byte in any of
//! them is another version, which browsers then fetch whole.

use std::sync::LazyLock;

use super::{Kind, Prepared};
use crate::{keys::sha256, service::frame::Lang};

/// The verifier. Its source is the source of this program (`src/wasm/build`).
pub(super) const VERIFIER: &[u8] = include_bytes!("verifier.wasm");

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! web {
    ($($name:literal $media:expr;)*) => {
        &[$(($name, $media, include_bytes!(concat!("web/", $name)))),*]
    };
}

/// Name, media type and content.
const FILES: &[(&str, &str, &[u8])] = web! {
    "camera.js" SCRIPT;
    "desk.js" SCRIPT;
    "icon-192.png" "image/png";
    "icon-512.png" "image/png";
    "manifest.webmanifest" "application/manifest+json";
    "officer.css" "text/css; charset=utf-8";
    "page.js" SCRIPT;
    "result.js" SCRIPT;
    "settings.js" SCRIPT;
    "signals.js" SCRIPT;
    "verifier.js" SCRIPT;
    "wedge.js" SCRIPT;
    "words.js" SCRIPT;
    "worker.js" SCRIPT;
};

/// The service worker, with places for the version and the files that it keeps.
const KEEPER: &str = include_str!("web/sw.js");
/// Its name.
pub(super) const KEEPER_NAME: &str = "sw.js";

macro_rules! words {
    ($($lang:literal)*) => {
        &[$(($lang, include_bytes!(concat!("../words/officer/", $lang, ".json")))),*]
    };
}
const TEXTS: &[(&str, &[u8])] = words! { "en" "fr" "pt" "es" "ar" "sw" "vi" "lo" "si" "ta" "am" };

const fn kind(media: &'static str, compress: bool) -> Kind {
    Kind { media, cache: "no-cache", compress }
}

/// Everything, ready to be sent, by the path below `/officer/`.
static READY: LazyLock<Vec<(String, Prepared)>> = LazyLock::new(|| {
    let mut ready: Vec<(String, Prepared)> = FILES
        .iter()
        .map(|(name, media, bytes)| {
            ((*name).to_owned(), Prepared::new(kind(media, !name.ends_with(".png")), *bytes, None))
        })
        .collect();
    ready.push(("verifier.wasm".to_owned(), Prepared::new(kind("application/wasm", true), VERIFIER, None)));
    let keeper = KEEPER.replace("{{version}}", &version()).replace("{{files}}", &kept().join(" "));
    ready.push((KEEPER_NAME.to_owned(), Prepared::new(kind(SCRIPT, true), keeper, None)));
    for (lang, text) in TEXTS {
        ready.push((format!("words/{lang}.json"), Prepared::new(kind("application/json", true), *text, None)));
    }
    ready
});

/// What a browser keeps for use without a network.
pub(super) fn kept() -> Vec<String> {
    let own = FILES.iter().map(|(name, ..)| format!("/officer/{name}"));
    let texts = Lang::ALL.into_iter().map(|lang| format!("/officer/words/{}.json", lang.code()));
    ["/officer".to_owned(), "/officer/verifier.wasm".to_owned()].into_iter().chain(own).chain(texts).collect()
}

/// SHA-256 of everything that a browser keeps, its first half.
fn version() -> String {
    let mut all: Vec<u8> = Vec::new();
    let parts = FILES.iter().map(|(_, _, bytes)| *bytes).chain(TEXTS.iter().map(|(_, bytes)| *bytes));
    for part in parts.chain([VERIFIER, super::PAGE.as_bytes(), KEEPER.as_bytes()]) {
        all.extend(sha256(part));
    }
    sha256(&all).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn find(path: &str) -> Option<&'static Prepared> {
    READY.iter().find(|(name, _)| name == path).map(|(_, prepared)| prepared)
}

/// A file of the page.
pub(super) fn file(name: &str) -> Option<&'static Prepared> {
    find(name).filter(|_| !name.contains('/'))
}

/// The words of a language, such as `fr.json`.
pub(super) fn words(file: &str) -> Option<&'static Prepared> {
    find(&format!("words/{file}"))
}
