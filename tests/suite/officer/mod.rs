//! The officer's page: the verifier in it gives the verdicts of the program, and the page shows them in a real
//! browser, with and without the server.

mod page;
mod source;
mod verdicts;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Node.js; `None`, said plainly, where there is none.
fn node() -> Option<Command> {
    let found = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("left out: there is no node, so the officer's verifier was not run");
    }
    found.then(|| Command::new("node"))
}

/// The browser, and the packages that drive it; `None`, said plainly, where one of them is missing.
fn browser() -> Option<PathBuf> {
    let chromium =
        std::env::var_os("VACCERT_CHROMIUM").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
    let packages = root().join("tests/browser/node_modules/playwright-core");
    if chromium.is_file() && packages.is_dir() {
        return Some(chromium);
    }
    println!("left out: the officer's page in a browser needs {} and `npm ci` in tests/browser", chromium.display());
    None
}
