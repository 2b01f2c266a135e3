//! One pull: each kind downloaded, checked, judged against the last good one, and taken over or not; with a report
//! that names everything that was left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Client, Folder, FolderError, GatewayError, KeptBatches, Kind, LastPull, Rejected, Taken, Uploaders, guard,
};
use crate::{keys::Certificate, rules::Version};

/// File of the report.
const REPORT: &str = "report.json";
/// File of what is known of the last pulls.
const STATE: &str = ".pulls.json";

/// What to pull, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullOptions {
    /// Kinds; empty means all.
    pub kinds: Vec<Kind>,
    /// An operator's word for a download that is empty, much smaller or older than the last.
    pub accept: bool,
    /// Lists and fetches every revocation batch again.
    pub resync: bool,
}

/// What became of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The download took the place of the last.
    Taken,
    /// The last good one stays, until an operator accepts.
    Kept,
    /// There was no download.
    Failed,
}

/// The account of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindReport {
    /// The kind.
    pub kind: Kind,
    /// What became of it.
    pub status: State,
    /// How many things the gateway lists.
    pub listed: usize,
    /// How many of the download can be used.
    pub usable: usize,
    /// How many of the last good one could be used.
    pub before: usize,
    /// How many are not used.
    pub rejected: usize,
    /// Why it is not taken over, and what to do.
    pub reason: Option<String>,
    /// Remarks.
    pub remarks: Vec<String>,
}

/// Something that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Kind of thing.
    pub kind: String,
    /// Country that it is listed under.
    pub country: String,
    /// Its name in the list.
    pub item: String,
    /// Stable code of the reason.
    pub code: String,
    /// The reason.
    pub reason: String,
}

/// The account of a pull: `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullReport {
    /// When it began.
    pub pulled_at: Timestamp,
    /// Whose gateway.
    pub network: super::Network,
    /// Upload certificates that the trust anchor vouches for.
    pub uploaders: usize,
    /// Each kind.
    pub kinds: Vec<KindReport>,
    /// Everything that is not used.
    pub rejected: Vec<Rejection>,
    /// Whether the gateway could not be reached.
    pub unreachable: bool,
}

impl PullReport {
    /// Whether every kind was taken over.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.kinds.iter().all(|kind| kind.status == State::Taken)
    }

    fn reject(&mut self, kind: &str, rejected: Vec<Rejected>) {
        self.rejected.extend(rejected.into_iter().map(|rejected| Rejection {
            kind: kind.to_owned(),
            country: rejected.country,
            item: rejected.item,
            code: rejected.reason.code().to_owned(),
            reason: rejected.reason.to_string(),
        }));
    }
}

/// What the other downloads of one pull rest on, asked for once.
#[derive(Default)]
struct Ground {
    countries: Option<Vec<String>>,
    uploaders: Option<Uploaders>,
}

/// Pulls into a folder and writes the report there.
///
/// # Errors
/// [`FolderError`] when the folder cannot be used; everything about the gateway is in the report.
pub async fn pull(
    client: &Client,
    anchor: &Certificate,
    folder: &Folder,
    options: &PullOptions,
) -> Result<PullReport, FolderError> {
    let mut report = PullReport {
        pulled_at: Timestamp::from_second(client.now().as_second()).unwrap_or(client.now()),
        network: client.network(),
        uploaders: 0,
        kinds: Vec::new(),
        rejected: Vec::new(),
        unreachable: false,
    };
    let mut state: BTreeMap<String, LastPull> = folder.read_json(STATE).unwrap_or_default();
    let mut ground = Ground::default();
    let wanted = |kind: &Kind| options.kinds.is_empty() || options.kinds.contains(kind);
    for kind in Kind::ALL.into_iter().filter(wanted) {
        let last = state.get(kind.name()).cloned().unwrap_or_default();
        let mut line = KindReport {
            kind,
            status: State::Failed,
            listed: 0,
            usable: 0,
            before: last.usable,
            rejected: 0,
            reason: None,
            remarks: Vec::new(),
        };
        if report.unreachable {
            line.reason = Some("the gateway could not be reached for what comes before".to_owned());
            report.kinds.push(line);
            continue;
        }
        // Countries are a single file beside the folders.
        let before = if kind == Kind::Countries { Vec::new() } else { folder.read(kind.name())? };
        let taken = match take(client, anchor, kind, options, &last, &before, &mut ground).await {
            Ok(taken) => taken,
            Err(error) => {
                report.unreachable = error.is_unreachable();
                line.reason = Some(error.to_string());
                report.kinds.push(line);
                continue;
            }
        };
        (line.listed, line.usable, line.rejected) = (taken.listed, taken.usable, taken.rejected.len());
        line.remarks.clone_from(&taken.remarks);
        let objection = objection(kind, &last, &before, &taken).filter(|_| !options.accept);
        line.status = if objection.is_some() { State::Kept } else { State::Taken };
        line.reason = objection
            .map(|why| format!("{why}: the last good one stays; look into it, and pull with --accept if it is right"));
        if line.status == State::Taken {
            match taken.files.as_slice() {
                [(name, content)] if kind == Kind::Countries => folder.write(name, content)?,
                files => folder.replace(kind.name(), files)?,
            }
            let now = LastPull {
                taken_at: Some(report.pulled_at),
                usable: taken.usable,
                newest: taken.newest,
                pending: taken.pending,
            };
            state.insert(kind.name().to_owned(), now);
            folder.write_json(STATE, &state)?;
        }
        report.reject(kind.name(), taken.rejected);
        report.kinds.push(line);
    }
    if let Some(uploaders) = ground.uploaders.take() {
        report.uploaders = uploaders.len();
        report.reject("upload-certificates", uploaders.rejected);
    }
    folder.write_json(REPORT, &report)?;
    Ok(report)
}

async fn take(
    client: &Client,
    anchor: &Certificate,
    kind: Kind,
    options: &PullOptions,
    last: &LastPull,
    before: &[(String, Vec<u8>)],
    ground: &mut Ground,
) -> Result<Taken, GatewayError> {
    match kind {
        Kind::Countries => {
            let (codes, taken) = client.take_countries().await?;
            ground.countries = Some(codes);
            Ok(taken)
        }
        Kind::ValueSets => client.take_value_sets().await,
        Kind::Rules => {
            let countries = match ground.countries.take() {
                Some(countries) => countries,
                None => client.countries().await?,
            };
            let uploaders = uploaders(client, anchor, ground).await?;
            client.take_rules(&countries, uploaders).await
        }
        Kind::Revocations => {
            let kept = KeptBatches::read(before, last);
            let uploaders = uploaders(client, anchor, ground).await?;
            client.take_revocations(kept, uploaders, options.resync).await
        }
    }
}

async fn uploaders<'g>(
    client: &Client,
    anchor: &Certificate,
    ground: &'g mut Ground,
) -> Result<&'g Uploaders, GatewayError> {
    let found = match ground.uploaders.take() {
        Some(found) => found,
        None => client.uploaders(anchor).await?,
    };
    Ok(ground.uploaders.insert(found))
}

/// Why a download does not take the place of the last.
fn objection(kind: Kind, last: &LastPull, before: &[(String, Vec<u8>)], taken: &Taken) -> Option<String> {
    if taken.usable == 0 && taken.listed > 0 {
        return Some(format!("none of the {} that the gateway lists can be used", taken.listed));
    }
    // Nothing where nothing was is normal for some kinds.
    if last.usable > 0 || taken.usable > 0 || !kind.may_be_empty() {
        let verdict = guard::judge(last.usable, taken.usable);
        if !verdict.is_taken() {
            return Some(verdict.to_string());
        }
    }
    if let (Some(last), Some(newest)) = (last.newest, taken.newest)
        && newest < last
    {
        return Some(format!("the newest change of the download is of {newest}, and {last} was seen before"));
    }
    match kind {
        Kind::Rules => older_rule(before, &taken.files),
        Kind::ValueSets => older_value_set(before, &taken.files),
        Kind::Countries | Kind::Revocations => None,
    }
}

/// A rule that came back in an older version than the last pull had: a replay, or a country that began anew.
fn older_rule(before: &[(String, Vec<u8>)], now: &[(String, Vec<u8>)]) -> Option<String> {
    let newest = |files: &[(String, Vec<u8>)]| {
        let mut found: BTreeMap<String, Version> = BTreeMap::new();
        for (name, _) in files {
            let parts = name.strip_suffix(".json").and_then(|name| name.rsplit_once('_'));
            if let Some((rule, version)) = parts.and_then(|(rule, text)| Some((rule, text.parse::<Version>().ok()?))) {
                let newest = found.entry(rule.to_owned()).or_insert(version);
                *newest = version.max(*newest);
            }
        }
        found
    };
    let now = newest(now);
    newest(before).into_iter().find_map(|(rule, version)| {
        let found = now.get(&rule).filter(|found| **found < version)?;
        Some(format!("{rule} is of version {found}, and version {version} was there before"))
    })
}

/// A value set that came back with an older date.
fn older_value_set(before: &[(String, Vec<u8>)], now: &[(String, Vec<u8>)]) -> Option<String> {
    let date = |content: &[u8]| {
        let set: Json = serde_json::from_slice(content).ok()?;
        set.get("valueSetDate")?.as_str()?.parse::<jiff::civil::Date>().ok()
    };
    before.iter().find_map(|(name, content)| {
        let (_, found) = now.iter().find(|(other, _)| other == name)?;
        let (old, new) = (date(content)?, date(found)?);
        (new < old).then(|| format!("{name} is of {new}, and one of {old} was there before"))
    })
}
