//! What every command of the family needs: the settings, and a client that is ready to ask.

use std::{path::PathBuf, sync::Arc};

use crate::{
    cli::operator::{CliError, Common},
    clock::System,
    config::{CONFIG_FILE, ConfigError, GatewaySettings},
    gateway::{Client, Http, HttpOptions, ItemType, ListEntry, Part, Patience, UploadKey},
};

/// This installation at its gateway.
pub(super) struct Site {
    /// The configuration file.
    pub(super) config: PathBuf,
    pub(super) settings: GatewaySettings,
    pub(super) client: Client,
    pub(super) quiet: bool,
}

impl Site {
    /// Reads the configuration and prepares the client. Nothing is asked yet.
    pub(super) fn open(common: &Common) -> Result<Self, CliError> {
        let path = common.config.clone().unwrap_or_else(|| PathBuf::from(CONFIG_FILE));
        if common.config.is_none() && !path.is_file() {
            return Err(CliError::Config(ConfigError::Setting {
                setting: "the gateway",
                problem: format!("is not configured: give --config, or run where {CONFIG_FILE} is"),
            }));
        }
        let settings = GatewaySettings::load(&path)?;
        let identity = settings.tls_identity()?;
        let roots = settings.tls_roots()?;
        let http = Http::new(&HttpOptions::new(&settings.url, &identity, roots.as_deref()))?;
        // A system without randomness only loses the spread of waiting times.
        let seed = getrandom::u64().unwrap_or_default();
        let client = Client::new(Box::new(http), Arc::new(System), settings.network, Patience::default(), seed);
        Ok(Self { config: path, settings, client, quiet: common.quiet })
    }

    /// Certificate and key that sign uploads.
    pub(super) fn upload_key(&self) -> Result<UploadKey, CliError> {
        let (certificate, signer) = self.settings.upload()?;
        Ok(UploadKey::new(certificate, signer))
    }

    /// The entries of the trust list that a check before sending compares with: those of every country, because a key
    /// identifier may be anybody's.
    pub(super) async fn list(&self) -> Result<Vec<ListEntry>, CliError> {
        Ok(self.client.trust_list(Part::Whole, None).await?.entries)
    }

    /// This country's entries of a kind.
    pub(super) fn own<'l>(&self, list: &'l [ListEntry], kind: ItemType) -> impl Iterator<Item = &'l ListEntry> {
        let country = self.settings.country.clone();
        list.iter().filter(move |entry| entry.is(kind) && entry.country.as_deref() == Some(country.as_str()))
    }

    /// Where things go, as the first line of a command says it.
    pub(super) fn address(&self) -> String {
        let settings = &self.settings;
        format!("{} ({}, {}), as {}", settings.url, settings.network.name(), settings.stage.name(), settings.country)
    }
}
