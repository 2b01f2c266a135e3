//! A feed, run through to its end: certificates, report and bundle.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
};

use super::{
    WorkError, batch,
    people::PeopleIndex,
    profile,
    refusals::{Followers, RefusalKeeper},
};
use crate::{
    barcode::Level,
    batch::{BatchError, Follower, Kind, Progress, Report, Tally, feed::Feed},
    config::Setup,
    registry::Registry,
    source::{
        assess::Assessor,
        profile::{Profile, detect_from_data},
    },
    valueset::dhis2::Dhis2Vaccines,
};

/// What a run left behind.
#[derive(Debug)]
pub struct Done {
    /// Counts.
    pub tally: Tally,
    /// Codes of refusal, each with how often it was given.
    pub reasons: std::collections::BTreeMap<String, u64>,
    /// The report, where one was written.
    pub report: Option<PathBuf>,
    /// The bundle, where one was written.
    pub bundle: Option<PathBuf>,
    /// Name of the profile by which records were read.
    pub profile: String,
}

/// Files of a run.
#[derive(Debug, Clone)]
pub struct Out {
    /// Folder.
    pub dir: PathBuf,
    /// Which kinds of file.
    pub kinds: Vec<Kind>,
    /// Error correction of pictures.
    pub level: Level,
}

/// Runs a feed to its end. `found` is the profile that the program's metadata told, if there was one; without
/// it the data are looked at. The registry stays open.
///
/// # Errors
/// The first failure; see [`WorkError`]. What was stored until then stays.
#[expect(clippy::too_many_arguments, reason = "a run has these parts, each from elsewhere")]
pub async fn run(
    setup: &Setup,
    registry: Registry,
    mut feed: Feed,
    named: Option<&str>,
    found: Option<Profile>,
    out: Option<Out>,
    operator: &str,
    progress: &mut dyn Progress,
) -> Result<Done, WorkError> {
    let fixed = named.is_some() || setup.profile.base.is_some() || setup.profile.program.is_some();
    let found = match found {
        Some(found) => Some(found),
        None if fixed => None,
        None => {
            let sample = feed.peek().await?;
            if sample.is_empty() { Profile::built_in().pop() } else { Some(detect_from_data(sample)?.profile) }
        }
    };
    let profile = profile(setup, named, found)?;
    let profile_name = profile.name.clone();
    let vaccines = Dhis2Vaccines::built_in().with_overrides(setup.vaccines.clone())?;
    let index_profile = profile.clone();
    let names = feed.facilities().names();
    let assessor = Assessor::new(profile, Arc::new(vaccines), names.clone())?;

    let mut batch = batch(setup, registry, assessor, out.as_ref(), operator)?;
    let clock = Arc::clone(&batch.clock);
    let index = PeopleIndex::of(setup, &batch.registry, index_profile, Arc::clone(&clock), &batch.random).await?;
    let mut followers: Vec<Arc<dyn Follower>> =
        vec![Arc::new(RefusalKeeper::new(batch.registry.clone(), names, clock))];
    followers.extend(index.map(|index| -> Arc<dyn Follower> { Arc::new(index) }));
    batch.follower = Some(Arc::new(Followers(followers)));
    if let Some(out) = &out {
        // A key that nobody knows yet is published before anything else, also when nothing can be signed today.
        batch.announce(&out.dir, &setup.list_key).await?;
    }
    let mut report = Report::new(out.as_ref().map(|out| out.dir.as_path()))?;
    let (people, summary) = feed.into_stream();
    let ran = batch.run(people, &mut report, progress).await;
    progress.end();
    // A source that breaks off (a cut file, a server gone) takes nothing back: what came before is issued, and
    // its report and bundle are written before the failure is told.
    let broke_off = match ran {
        Ok(()) => None,
        Err(error @ BatchError::Feed(_)) if report.tally().records > 0 => Some(error),
        Err(other) => return Err(other.into()),
    };
    let summary = summary.read().unwrap_or_else(PoisonError::into_inner).clone();
    for item in Feed::malformed(&summary) {
        report.add(&item)?;
    }
    let (tally, reasons) = (*report.tally(), report.reasons().clone());
    let report = report.finish()?;
    let bundle = match &out {
        None => None,
        Some(out) => Some(batch.publish(&out.dir, &setup.list_key).await?),
    };
    match broke_off {
        Some(error) => Err(error.into()),
        None => Ok(Done { tally, reasons, report, bundle, profile: profile_name }),
    }
}
