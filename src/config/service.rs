//! `[service]`: what `vaccert serve` listens on and how often it works.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::ConfigError;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServiceSection {
    listen: SocketAddr,
    operator_listen: SocketAddr,
    hosts: Vec<String>,
    sync_seconds: u32,
    trust_minutes: u32,
    publish_seconds: u32,
    pub(super) public: PathBuf,
}

impl Default for ServiceSection {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            operator_listen: ([127, 0, 0, 1], 8081).into(),
            hosts: Vec::new(),
            sync_seconds: 300,
            trust_minutes: 60,
            publish_seconds: 60,
            public: PathBuf::from("public"),
        }
    }
}

/// How the service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceOptions {
    /// For everybody, usually behind a proxy.
    pub listen: SocketAddr,
    /// For operators: status and metrics, which the Internet must not reach.
    pub operator_listen: SocketAddr,
    /// Names of the service; empty takes any.
    pub hosts: Vec<String>,
    /// From one poll of DHIS2 to the next.
    pub sync: Duration,
    /// From one pull of the trust lists to the next.
    pub trust: Duration,
    /// From one look for something to publish to the next.
    pub publish: Duration,
    /// Folder of what is published.
    pub public: PathBuf,
}

/// A revocation must be on a published list within this time.
const REVOCATION_SECONDS: u32 = 300;

impl ServiceSection {
    pub(super) fn build(self, base: &std::path::Path) -> Result<ServiceOptions, ConfigError> {
        let between = |setting, value: u32, least: u32, most: u32| {
            if (least..=most).contains(&value) {
                Ok(u64::from(value))
            } else {
                let problem = format!("is {value}, and must be {least} to {most}");
                Err(ConfigError::Setting { setting, problem })
            }
        };
        Ok(ServiceOptions {
            listen: self.listen,
            operator_listen: self.operator_listen,
            hosts: self.hosts,
            sync: Duration::from_secs(between("service.sync_seconds", self.sync_seconds, 10, 86_400)?),
            trust: Duration::from_secs(60 * between("service.trust_minutes", self.trust_minutes, 1, 1_440)?),
            // Half of the five minutes that a revocation may take.
            publish: Duration::from_secs(between(
                "service.publish_seconds",
                self.publish_seconds,
                5,
                REVOCATION_SECONDS / 2,
            )?),
            public: base.join(self.public),
        })
    }
}
