//! A configured installation, examined from end to end: one list of findings, each with its remedy.
//!
//! Every area has a file of its own and a function that gives its findings. No check ends the examination: what
//! cannot be checked because something else failed says so ([`Outcome::NotChecked`]). Nothing is changed, issued or
//! stored; the one thing that is signed is a specimen (`canary`) that no clock makes green in production. Time is
//! handed in, and every network check is bounded in time ([`crate::limits`]).

mod canary;
mod certificates;
mod clock;
mod configuration;
mod finding;
mod gateway;
mod keys;
mod lists;
mod metadata;
mod paper;
mod published;
pub mod quality;
mod report;
mod sample;
mod server;
mod store;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use finding::{Area, Finding, Outcome};
pub use report::{Report, Tally};

use crate::{
    batch::{Random, learn},
    clock::Clock,
    config::{ConfigError, Environment, Inspected, Setup},
};

/// What to examine.
#[derive(Debug)]
pub struct Installation {
    /// The configuration file; `None` where there is none.
    file: Option<PathBuf>,
    /// What stands in it.
    inspected: Option<Result<Inspected, ConfigError>>,
    /// The same, built and checked.
    setup: Option<Result<Setup, ConfigError>>,
}

impl Installation {
    /// Reads a configuration file; `None` where nothing is configured.
    #[must_use]
    pub fn open(file: Option<&Path>) -> Self {
        let inspected = file.map(Inspected::read);
        let setup = file.filter(|_| matches!(inspected, Some(Ok(_)))).map(Setup::load);
        Self { file: file.map(Path::to_owned), inspected, setup }
    }

    fn inspected(&self) -> Option<&Inspected> {
        self.inspected.as_ref().and_then(|inspected| inspected.as_ref().ok())
    }

    fn setup(&self) -> Option<&Setup> {
        self.setup.as_ref().and_then(|setup| setup.as_ref().ok())
    }
}

/// How to examine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Ask no server.
    pub offline: bool,
    /// In a test environment of the trust network, upload the signer certificate and look for it.
    pub upload: bool,
    /// People of the program to look at, and own certificates whose quality is checked.
    pub sample: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { offline: false, upload: false, sample: 200 }
    }
}

/// Examines an installation. Never fails: what is wrong is in the report.
pub async fn examine(installation: &Installation, options: &Options, time: &Arc<dyn Clock>, random: &Random) -> Report {
    let clock = time.as_ref();
    let made_at = clock.now();
    let inspected = installation.inspected();
    let setup = installation.setup();
    let mut findings = configuration::check(installation);

    let (found, server) = server::check(inspected, options, clock).await;
    let (at_gateway, asked) = gateway::check(inspected, options, time).await;
    findings.extend(clock::check(options, server.as_ref().and_then(|server| server.clock), asked.clock));
    findings.extend(found);
    let (found, profile) = metadata::check(inspected, server.as_ref()).await;
    findings.extend(found);
    findings.extend(sample::check(setup, inspected, server.as_ref(), profile, options, clock).await);

    let (found, registry) = store::check(inspected, setup, made_at).await;
    if let (Some(setup), Some(registry)) = (setup, &registry) {
        // When each key was published stands in the registry; without it a key counts as never published.
        let _ = learn(&setup.signers, registry).await;
    }
    let csca = gateway::settings(inspected).and_then(|settings| settings.csca().ok());
    findings.extend(keys::check(setup, csca.as_ref(), made_at));
    findings.extend(at_gateway);
    let pulled = lists::check(inspected, setup, made_at);
    let (canary, specimens) = canary::check(setup, asked.list.as_ref().or(pulled.list.as_ref()), clock, random).await;
    findings.extend(canary);
    findings.extend(certificates::check(setup, registry.as_ref(), &specimens, options).await);
    findings.extend(paper::check(installation, made_at, random));
    findings.extend(found);
    findings.extend(published::check(inspected, setup, registry.as_ref(), made_at).await);
    findings.extend(pulled.findings);
    if let Some(registry) = registry {
        registry.close().await;
    }

    Report {
        version: env!("CARGO_PKG_VERSION"),
        made_at,
        configuration: installation.file.as_ref().map(|file| {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            name.unwrap_or_default()
        }),
        environment: inspected.map(|inspected| match inspected.environment {
            Environment::Sandbox => "sandbox",
            Environment::Production => "production",
        }),
        country: inspected.map(|inspected| inspected.country.chars().take(8).collect()),
        kids: setup.map(keys::kids).unwrap_or_default(),
        usable: setup.is_some(),
        findings,
    }
}
