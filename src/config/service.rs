//! `[service]`: what `vaccert serve` listens on and how often it works.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{ConfigError, Proxies};
use crate::limits;

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
    replica: Option<String>,
    read_only: bool,
    trusted_proxies: Vec<String>,
    requests_at_once: usize,
    drain_seconds: u32,
    finish_seconds: u64,
    tls: Option<TlsSection>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsSection {
    certificate: PathBuf,
    key: PathBuf,
    #[serde(default)]
    operators: bool,
    redirect: Option<SocketAddr>,
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
            replica: None,
            read_only: false,
            trusted_proxies: Vec::new(),
            requests_at_once: limits::SERVICE_REQUESTS_AT_ONCE,
            drain_seconds: 0,
            finish_seconds: limits::TASK_GRACE_SECONDS,
            tls: None,
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
    /// How this process is called among the replicas; a little chance is added to it. Without it: the machine's name.
    pub replica: Option<String>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Proxies whose word about a client counts.
    pub proxies: Proxies,
    /// Most requests under way.
    pub requests_at_once: usize,
    /// From the end of readiness to the end of the doors.
    pub drain: Duration,
    /// How long a task under way may go on after that, before another replica takes it over.
    pub finish: Duration,
    /// TLS of our own.
    pub tls: Option<TlsFiles>,
}

/// TLS of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate with those that vouch for it, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// Whether the operators' port has it too.
    pub operators: bool,
    /// A port that sends whoever comes without TLS to the one that has it.
    pub redirect: Option<SocketAddr>,
}

/// A revocation must be on a published list within this time.
const REVOCATION_SECONDS: u32 = 300;

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}

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
            replica: match self.replica {
                Some(name) if name.is_empty() || name.len() > 40 || !name.bytes().all(is_plain) => {
                    let problem = "must be up to 40 letters, digits, dots and hyphens".to_owned();
                    return Err(ConfigError::Setting { setting: "service.replica", problem });
                }
                other => other,
            },
            read_only: self.read_only,
            proxies: Proxies::read(&self.trusted_proxies).map_err(|text| ConfigError::Setting {
                setting: "service.trusted_proxies",
                problem: format!(
                    "has {text:?}, which is no address and no block of them: write 10.0.0.0/8 or 192.0.2.1"
                ),
            })?,
            requests_at_once: match self.requests_at_once {
                most @ 8..=65_536 => most,
                other => {
                    let problem = format!("is {other}, and must be 8 to 65536");
                    return Err(ConfigError::Setting { setting: "service.requests_at_once", problem });
                }
            },
            drain: Duration::from_secs(between("service.drain_seconds", self.drain_seconds, 0, 120)?),
            finish: match self.finish_seconds {
                seconds @ 0..=600 => Duration::from_secs(seconds),
                other => {
                    let problem = format!("is {other}, and must be 0 to 600");
                    return Err(ConfigError::Setting { setting: "service.finish_seconds", problem });
                }
            },
            tls: self.tls.map(|TlsSection { certificate, key, operators, redirect }| TlsFiles {
                certificate: base.join(certificate),
                key: base.join(key),
                operators,
                redirect,
            }),
        })
    }
}
