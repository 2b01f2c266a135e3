//! One pass over DHIS2: what changed since the last one goes into the registry.

use jiff::{Span, Timestamp, civil::DateTime};

use super::{Done, Out, POLLER, WorkError, client, people, program, query, run};
use crate::{
    batch::{Progress, feed::Feed},
    clock::{Clock, System},
    config::{Dhis2Access, Setup},
    registry::{Registry, RegistryError, SourceSeen},
    source::profile::Profile,
};

/// What one pass reads, and where it goes.
pub struct Pass<'a> {
    /// The installation.
    pub setup: &'a Setup,
    /// Its registry, which stays open.
    pub registry: Registry,
    /// Its DHIS2.
    pub access: &'a Dhis2Access,
    /// Profile that was chosen by hand.
    pub profile: Option<&'a str>,
    /// Everybody, not only what changed.
    pub full: bool,
    /// Where files go.
    pub out: Option<Out>,
}

impl std::fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pass({:?})", self.registry)
    }
}

impl Pass<'_> {
    /// Runs the pass. Gives what it did, and since when it read (server time); `None` for everybody.
    ///
    /// # Errors
    /// The first failure; see [`WorkError`]. The mark stays where it was, so that the next pass reads it all again.
    pub async fn run(self, progress: &mut dyn Progress) -> Result<(Done, Option<String>), WorkError> {
        let Pass { setup, registry, access, profile: named, full, out } = self;
        let client = client(access)?;
        let found = program(&client, setup, named).await?;
        let mut query = query(&client, access, &found).await?;
        let read_by = super::profile(setup, named, Some(found.clone()))?;

        // The server's own clock and zone: that is what "updated after" is compared with. A server that hides it
        // is read in full each time.
        let info = client.system_info().await.ok();
        if let Some(info) = &info {
            let address = access.options.base_url.trim_end_matches('/').trim_end_matches("/api");
            let seen = SourceSeen {
                address: address.chars().take(150).collect(),
                version: info.version.chars().take(40).collect(),
                program: found.program.clone(),
            };
            registry.note_source(&seen).await?;
        }
        let started = info.and_then(|info| info.server_date).map(|date| without_zone(&date));
        let source = source_name(access, &found);
        let watermark = registry.watermark(&source).await?;
        let full = full || people::reads_all(setup, &registry, &read_by).await?;
        if !full && started.is_some() {
            query.updated_after = watermark.as_deref().and_then(|mark| back(mark, access.overlap_minutes));
        }
        let since = query.updated_after.clone();

        let begun = System.now();
        let feed = Feed::from_dhis2(client, query);
        let done = run(setup, registry.clone(), feed, named, Some(found), out, POLLER, progress).await?;
        if since.is_none() {
            people::read_all(setup, &registry, &read_by).await?;
            // What it did not meet is in the source no more.
            registry.forget_refusals(begun).await?;
        }
        if let Some(started) = started {
            // Only after everything was stored: a pass that is killed is done again from the old mark.
            registry.set_watermark(&source, &started, false).await?;
        }
        // The server's clock has no zone that could be relied on; ours says how old what is known is.
        registry.set_watermark(POLLED, &begun.as_second().to_string(), false).await?;
        Ok((done, since))
    }
}

/// Name of the mark that holds when the last pass began that ended well, in seconds since 1970 by our own clock:
/// whatever was changed in the source before is known here.
const POLLED: &str = "polled";

/// Up to when what the source says is known here; `None` before the first pass that ended well.
///
/// # Errors
/// The database's.
pub async fn polled_until(registry: &Registry) -> Result<Option<Timestamp>, RegistryError> {
    let seconds = registry.watermark(POLLED).await?.and_then(|seconds| seconds.parse().ok());
    Ok(seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()))
}

/// One watermark for each server and program. The address has no login in it.
fn source_name(access: &Dhis2Access, profile: &Profile) -> String {
    let address: String = access.options.base_url.chars().take(150).collect();
    format!("dhis2 {address} {}", profile.program)
}

/// The date and time without fraction and zone: DHIS2 writes `2026-11-21T10:00:00.000`, sometimes with `+0000`.
fn without_zone(date: &str) -> String {
    date.chars().take(19).collect()
}

/// A watermark minus the overlap; `None` when it is no time.
fn back(mark: &str, minutes: u32) -> Option<String> {
    let mark: DateTime = mark.parse().ok()?;
    let earlier = mark.checked_sub(Span::new().minutes(i64::from(minutes))).ok()?;
    Some(format!("{}.000", earlier.strftime("%Y-%m-%dT%H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_goes_back_by_the_overlap() {
        assert_eq!(back("2026-11-21T00:05:00", 10).unwrap(), "2026-11-20T23:55:00.000");
        assert_eq!(back("yesterday", 10), None);
        assert_eq!(without_zone("2026-11-21T10:00:00.123+0000"), "2026-11-21T10:00:00");
    }
}
