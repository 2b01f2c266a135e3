//! Downloads of whole kinds: everything that one pull brings, checked and in the form in which it is kept. Nothing is
//! written here.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    BEGINNING, Batch, Client, GatewayError, ItemType, Part, Reject, Rejected, Uploaders, open_batch, open_rules,
    revocations::is_batch_id,
};
use crate::{
    keys::Certificate,
    limits::{GATEWAY_PARALLEL, GATEWAY_RETENTION_DAYS},
    valueset::ValueSets,
};

/// A kind of thing that is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The participating countries.
    Countries,
    /// Value sets.
    ValueSets,
    /// Business rules.
    Rules,
    /// Revocation batches.
    Revocations,
}

impl Kind {
    /// Every kind, in the order in which they are pulled.
    pub const ALL: [Self; 4] = [Self::Countries, Self::ValueSets, Self::Rules, Self::Revocations];

    /// Name of the kind, and of its folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Countries => "countries",
            Self::ValueSets => "value-sets",
            Self::Rules => "rules",
            Self::Revocations => "revocations",
        }
    }

    /// Whether a gateway may well have none of it.
    #[must_use]
    pub fn may_be_empty(self) -> bool {
        matches!(self, Self::Rules | Self::Revocations)
    }
}

/// One download, ready to be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Files by their names in the folder of the kind.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many things are listed.
    pub listed: usize,
    /// How many can be used: what the guard compares.
    pub usable: usize,
    /// Those that are not used.
    pub rejected: Vec<Rejected>,
    /// Date of the newest change, where the kind has one.
    pub newest: Option<Timestamp>,
    /// Since when to ask the next time, when that is before the newest change: something could not be used yet.
    pub pending: Option<Timestamp>,
    /// Remarks on the whole.
    pub remarks: Vec<String>,
}

/// What is known of the last pull of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastPull {
    /// When it was taken over.
    pub taken_at: Option<Timestamp>,
    /// How many things of it can be used.
    pub usable: usize,
    /// Date of the newest change, where the kind has one.
    pub newest: Option<Timestamp>,
    /// Since when to ask the next time, when that is before the newest change.
    pub pending: Option<Timestamp>,
}

/// A batch as a line of the file of its country: what `--revocations` reads, and the identifier by which the gateway
/// takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeptBatch {
    pub(super) batch_id: String,
    #[serde(flatten)]
    pub(super) batch: Batch,
}

/// The batches of the last pull, by identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptBatches {
    pub(super) batches: BTreeMap<String, KeptBatch>,
    /// Date of the newest change that was seen.
    pub newest: Option<Timestamp>,
    /// Since when to ask, when that is before the newest change.
    pub pending: Option<Timestamp>,
    /// When they were last brought up to date.
    pub synced_at: Option<Timestamp>,
}

impl KeptBatches {
    /// Reads the files of the last pull. A file that cannot be read is as if it were not there, and makes the next
    /// listing a full one.
    #[must_use]
    pub fn read(files: &[(String, Vec<u8>)], last: &LastPull) -> Self {
        let (newest, pending, synced_at) = (last.newest, last.pending, last.taken_at);
        let mut kept = Self { newest, pending, synced_at, ..Self::default() };
        let lines = files.iter().flat_map(|(_, content)| content.split(|byte| *byte == b'\n'));
        for line in lines.filter(|line| !line.is_empty()) {
            let split = serde_json::from_slice::<serde_json::Value>(line).ok().and_then(|mut value| {
                let id = value.as_object_mut()?.remove("batchId")?.as_str()?.to_owned();
                Some((id, Batch::read(value.to_string().as_bytes()).ok()?))
            });
            match split {
                Some((id, batch)) if is_batch_id(&id) => {
                    kept.batches.insert(id.clone(), KeptBatch { batch_id: id, batch });
                }
                _ => kept.synced_at = None,
            }
        }
        kept
    }

    /// Number of entries.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.batches.values().map(|kept| kept.batch.entries.len()).sum()
    }

    /// One file a country, one batch a line.
    fn files(&self) -> Result<Vec<(String, Vec<u8>)>, serde_json::Error> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for kept in self.batches.values() {
            let file = files.entry(format!("{}.jsonl", kept.batch.country)).or_default();
            serde_json::to_writer(&mut *file, kept)?;
            file.push(b'\n');
        }
        Ok(files.into_iter().collect())
    }
}

/// How far a listing reaches back behind the newest change that is known: changes become visible when they are
/// committed, a little after the date that they carry.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// A listing of changes is enough within this time.
const WINDOW: SignedDuration = SignedDuration::from_hours(24 * GATEWAY_RETENTION_DAYS);

impl Client {
    /// The upload certificates of all countries, as far as the anchor vouches for them.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn uploaders(&self, anchor: &Certificate) -> Result<Uploaders, GatewayError> {
        let list = self.trust_list(Part::Of(ItemType::Upload), None).await?;
        Ok(Uploaders::vouched(&list.entries, anchor, self.now()))
    }

    /// The participating countries.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn take_countries(&self) -> Result<(Vec<String>, Taken), GatewayError> {
        let codes = self.countries().await?;
        let mut text = serde_json::to_vec(&codes).unwrap_or_default();
        text.push(b'\n');
        let count = codes.len();
        let taken =
            Taken { files: vec![("countries.json".into(), text)], listed: count, usable: count, ..Taken::default() };
        Ok((codes, taken))
    }

    /// Every value set that can be read.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn take_value_sets(&self) -> Result<Taken, GatewayError> {
        let names = self.value_sets().await?;
        let mut taken = Taken { listed: names.len(), ..Taken::default() };
        let mut downloads = stream::iter(names)
            .map(|name| async move {
                let content = self.value_set(&name).await?;
                Ok::<_, GatewayError>((name, content))
            })
            .buffered(GATEWAY_PARALLEL);
        while let Some((name, content)) = downloads.try_next().await? {
            // By the reader that will use it.
            match ValueSets::built_in().with([(name.as_str(), content.as_slice())]) {
                Ok(_) => taken.files.push((format!("{name}.json"), content)),
                Err(error) => {
                    let reason = Reject::Schema { finding: super::reject::shown(&error.to_string()) };
                    taken.rejected.push(Rejected { country: String::new(), item: name, reason });
                }
            }
        }
        taken.usable = taken.files.len();
        Ok(taken)
    }

    /// The rules of these countries.
    ///
    /// # Errors
    /// [`GatewayError`]: when one country cannot be asked, none is taken over.
    pub async fn take_rules(&self, countries: &[String], uploaders: &Uploaders) -> Result<Taken, GatewayError> {
        let mut taken = Taken::default();
        let mut downloads = stream::iter(countries)
            .map(|country| async move { Ok::<_, GatewayError>((country, self.rules(country).await?)) })
            .buffered(GATEWAY_PARALLEL);
        while let Some((country, listed)) = downloads.try_next().await? {
            let (rules, rejected) = open_rules(uploaders, country, &listed, self.now());
            taken.listed += listed.values().map(Vec::len).sum::<usize>();
            taken.rejected.extend(rejected);
            taken.files.extend(
                rules.into_iter().map(|rule| {
                    (format!("{country}/{}_{}.json", rule.identifier, rule.version), rule.text.into_bytes())
                }),
            );
        }
        taken.usable = taken.files.len();
        Ok(taken)
    }

    /// The revocation batches of all countries: what changed since the last pull, or all of them when that is too long
    /// ago for the gateway to remember what was removed. With `resync` everything is listed and fetched again.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn take_revocations(
        &self,
        kept: KeptBatches,
        uploaders: &Uploaders,
        resync: bool,
    ) -> Result<Taken, GatewayError> {
        let fresh = kept.synced_at.is_some_and(|synced| {
            let age = self.now().duration_since(synced);
            age >= SignedDuration::ZERO && age < WINDOW
        });
        let since = kept.newest.filter(|_| fresh && !resync);
        let since = since.map(|newest| newest.checked_sub(OVERLAP).unwrap_or(newest));
        let since = since.map(|since| kept.pending.map_or(since, |pending| pending.min(since)));
        let beginning: Timestamp = BEGINNING.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let changes = self.revocation_changes(since.unwrap_or(beginning)).await?;

        let mut taken = Taken { newest: changes.newest.max(kept.newest), ..Taken::default() };
        if since.is_none() {
            // Of the whole listing its own newest counts: one that is older than the last is a replay.
            taken.newest = changes.newest;
        }
        if changes.crowded > 0 {
            taken.remarks.push(format!(
                "{} moments have more changes than the gateway lists at once; pull again with --resync to be sure that \
                 none is missing",
                changes.crowded
            ));
        }
        taken.rejected = changes.rejected;
        let mut now = KeptBatches::default();
        let mut old = kept.batches;
        if since.is_some() {
            // What is not named stays as it is.
            now.batches = std::mem::take(&mut old);
        } else if resync {
            old.clear();
        }
        let mut wanted = Vec::new();
        for listed in changes.batches {
            if listed.deleted {
                now.batches.remove(&listed.batch_id);
            } else if let Some(batch) = old.remove(&listed.batch_id) {
                now.batches.insert(listed.batch_id, batch);
            } else if !now.batches.contains_key(&listed.batch_id) {
                wanted.push(listed);
            }
        }
        let mut downloads = stream::iter(wanted)
            .map(|listed| async move {
                let message = match self.revocation_batch(&listed.batch_id).await {
                    Err(GatewayError::Refused(problem)) if problem.status == 404 => Err(Reject::NotThere),
                    other => Ok(other?),
                };
                Ok::<_, GatewayError>((listed, message))
            })
            .buffered(GATEWAY_PARALLEL);
        while let Some((listed, message)) = downloads.try_next().await? {
            let opened = match message {
                // Removed between listing and asking.
                Ok(None) => continue,
                Ok(Some(message)) => open_batch(uploaders, &listed.country, &message, self.now()),
                Err(reason) => Err(reason),
            };
            match opened {
                Ok(batch) => {
                    now.batches.insert(listed.batch_id.clone(), KeptBatch { batch_id: listed.batch_id, batch });
                }
                Err(reason) => {
                    // It is asked for again with every pull until it can be used or is gone.
                    let before = listed.date.checked_sub(OVERLAP).unwrap_or(listed.date);
                    taken.pending = Some(taken.pending.map_or(before, |pending| pending.min(before)));
                    taken.rejected.push(Rejected { country: listed.country, item: listed.batch_id, reason });
                }
            }
        }
        taken.listed = now.batches.len() + taken.rejected.len();
        taken.usable = now.entries();
        taken.files = now.files().unwrap_or_default();
        Ok(taken)
    }
}
