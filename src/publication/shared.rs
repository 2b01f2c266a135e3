//! One publication for all replicas: the registry keeps it, and each replica fills its own folder from there. Whoever has
//! the turn publishes; a publication counts when the registry has taken it over, and only then does anybody see it. So
//! there is one line of numbers, whoever publishes and whoever dies in the middle.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{LISTS_FOLDER, PublicationError, Published, Publisher, files::Folder};
use crate::{
    batch::{BUNDLE_FILE, write_public},
    registry::{RegistryError, Turn},
    revocation::{INDEX_FILE, Index},
};

/// How often a fetch begins again because something else was published meanwhile.
const TRIES: u32 = 3;

/// Name of a file of the index below the published folder, as the registry knows it.
fn listed(name: &str) -> String {
    format!("{LISTS_FOLDER}/{name}")
}

impl Publisher {
    /// Publishes for all replicas when there is something to publish, or anyway where that is asked for, in the turn at
    /// the task that the caller has.
    ///
    /// # Errors
    /// [`PublicationError`]; then nothing was published.
    pub async fn publish_together(
        &self,
        turn: &Turn,
        anyway: bool,
        now: Timestamp,
    ) -> Result<Option<Published>, PublicationError> {
        self.fetch().await?;
        let before = self.registry.published_sequence().await?;
        if !anyway && before.is_some() && !self.is_due(now).await? {
            return Ok(None);
        }
        let folder = self.folder();
        let _held = folder.hold()?;
        let sealed = self.seal(&folder, now).await?;
        let there: HashSet<String> = self.registry.published_names().await?.into_iter().collect();
        let names: Vec<String> = sealed.files.iter().map(|(file, _)| listed(&file.name)).collect();
        let index_name = listed(INDEX_FILE);
        let mut files: Vec<(&str, &[u8])> = names
            .iter()
            .zip(&sealed.files)
            .filter(|(name, _)| !there.contains(*name))
            .map(|(name, (_, bytes))| (name.as_str(), &**bytes))
            .collect();
        files.push((BUNDLE_FILE, &sealed.bundle));
        files.push((&index_name, &sealed.index_bytes));
        // Those of the index before stay, for whoever is just downloading them.
        let earlier: Vec<String> =
            sealed.before.iter().flat_map(|index| &index.files).map(|f| listed(&f.name)).collect();
        let keep: Vec<&str> = names.iter().chain(&earlier).map(String::as_str).collect();
        self.registry.keep_published(turn, before, sealed.published.sequence, &files, &keep).await?;
        let published = sealed.published.clone();
        let placed = tokio::task::spawn_blocking(move || sealed.place(&folder));
        placed.await.map_err(|_| PublicationError::Worker)??;
        self.announced(now).await?;
        Ok(Some(published))
    }

    /// Fills the folder with what the registry has as published, where that is newer or the folder lacks something.
    /// Gives the number of what the folder has then.
    ///
    /// # Errors
    /// [`PublicationError`]; what the folder had stays.
    pub async fn fetch(&self) -> Result<Option<u64>, PublicationError> {
        let folder = self.folder();
        for _ in 0..TRIES {
            let newest = self.registry.published_sequence().await?;
            let (checked, list_key) = (folder.clone(), self.list_key.clone());
            let here = tokio::task::spawn_blocking(move || {
                let (index, _) = checked.index(&list_key)?;
                let whole = checked.bundle().is_file() && index.index.files.iter().all(|file| checked.has(file));
                Some((index.index.sequence, whole))
            });
            let here = here.await.map_err(|_| PublicationError::Worker)?;
            let Some(newest) = newest else { return Ok(here.map(|(number, _)| number)) };
            // One that is newer than the registry's was published before the registry kept them; the next one is the
            // registry's, with a higher number.
            if let Some((number, whole)) = here
                && (number > newest || number == newest && whole)
            {
                return Ok(Some(number));
            }
            if let Some(number) = self.fill(&folder).await? {
                return Ok(Some(number));
            }
        }
        Err(PublicationError::Registry(RegistryError::TurnLost { name: "publish".to_owned() }))
    }

    /// Fills the folder; none when something else was published meanwhile.
    async fn fill(&self, folder: &Folder) -> Result<Option<u64>, PublicationError> {
        let _held = folder.hold()?;
        let get = async |name: String| self.registry.published_file(&name).await;
        let Some(index_bytes) = get(listed(INDEX_FILE)).await? else { return Ok(None) };
        let keys: Vec<_> = self.list_key.signer.certificate().public_key().into_iter().collect();
        let index = Index::read(&index_bytes, &keys, true).map_err(PublicationError::Sign)?.index;
        for file in &index.files {
            if folder.has(file) {
                continue;
            }
            let Some(bytes) = get(listed(&file.name)).await? else { return Ok(None) };
            folder.put(&file.name, &bytes)?;
        }
        let Some(bundle) = get(BUNDLE_FILE.to_owned()).await? else { return Ok(None) };
        let (folder, before) = (folder.clone(), folder.index(&self.list_key).map(|(before, _)| before.index));
        let number = index.sequence;
        let placed = tokio::task::spawn_blocking(move || {
            write_public(&folder.bundle(), &bundle)?;
            folder.put_index(&index_bytes)?;
            folder.sweep([Some(&index), before.as_ref()].into_iter().flatten());
            Ok::<_, PublicationError>(())
        });
        placed.await.map_err(|_| PublicationError::Worker)??;
        Ok(Some(number))
    }
}
