//! Counts of certificates by facility into an aggregate data set.
//!
//! Each push sends the period of now and the one before, so that what was counted late in a period that has ended is
//! made good. Values replace each other in DHIS2: sending the same twice changes nothing. What was issued and revoked is
//! counted by the audit log; what stands and what is refused is told as of now, and of the period of now alone. Every
//! facility that is known gets a value, a 0 too, or what went away would stay.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{Operand, PushOptions, ReturnsError, period::midnight};
use crate::{
    registry::{
        Registry,
        audit::{By, Deed, Entry, Export, FacilityCounts, ObjectKind},
    },
    source::dhis2::{Client, DataValue, ImportSummary, is_uid},
};

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Values that were sent.
    pub values: usize,
    /// Facilities that they are about.
    pub facilities: usize,
    /// What the server says.
    pub summary: ImportSummary,
}

impl Pushed {
    /// In a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let ImportSummary { imported, updated, ignored, conflicts } = &self.summary;
        let first = conflicts.first().map(|first| format!("; the first conflict: {first}")).unwrap_or_default();
        format!(
            "{} values of {} facilities: {imported} new, {updated} replaced, {ignored} not taken{first}",
            self.values, self.facilities
        )
    }
}

/// The values of a push at this moment.
///
/// # Errors
/// The registry's.
pub async fn payload(
    registry: &Registry,
    options: &PushOptions,
    now: Timestamp,
) -> Result<Vec<DataValue>, ReturnsError> {
    let today = options.offset.to_datetime(now).date();
    let this = options.period.first(today);
    let before = options.period.before(this);
    let counts = [(before, count(registry, options, before).await?), (this, count(registry, options, this).await?)];
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    if options.refused.is_some() {
        for one in registry.refused_counts().await? {
            if let Some(facility) = one.facility {
                *refused.entry(facility).or_default() += one.count;
            }
        }
    }
    let mut facilities: BTreeSet<String> = registry.known_facilities().await?.into_iter().collect();
    facilities.extend(counts.iter().flat_map(|(_, counts)| counts.keys().cloned()));
    facilities.extend(refused.keys().cloned());
    // A facility without a key in the source is known by its name, which DHIS2 does not take.
    facilities.retain(|uid| is_uid(uid));
    let mut values = Vec::new();
    for facility in &facilities {
        let mut tell = |operand: &Option<Operand>, first: Date, value: u64| {
            if let Some(Operand { element, combo }) = operand {
                values.push(DataValue {
                    data_element: element.clone(),
                    period: options.period.name(first),
                    org_unit: facility.clone(),
                    category_option_combo: combo.clone(),
                    value: value.to_string(),
                });
            }
        };
        for (first, counts) in &counts {
            let FacilityCounts { issued, revoked, standing } = counts.get(facility).copied().unwrap_or_default();
            tell(&options.issued, *first, issued);
            tell(&options.revoked, *first, revoked);
            if *first == this {
                tell(&options.standing, *first, standing);
                tell(&options.refused, *first, refused.get(facility).copied().unwrap_or_default());
            }
        }
    }
    Ok(values)
}

async fn count(
    registry: &Registry,
    options: &PushOptions,
    first: Date,
) -> Result<BTreeMap<String, FacilityCounts>, ReturnsError> {
    let from = midnight(first, options.offset);
    let until = midnight(options.period.next(first), options.offset);
    Ok(registry.facility_counts(Export { from, until }).await?)
}

/// Pushes the counts of now, and tells the audit log.
///
/// # Errors
/// The registry's or the server's. Conflicts are no error, but in the summary.
pub async fn push(
    client: &Client,
    registry: &Registry,
    options: &PushOptions,
    by: By,
    now: Timestamp,
) -> Result<Pushed, ReturnsError> {
    let values = payload(registry, options, now).await?;
    let facilities = values.iter().map(|value| value.org_unit.as_str()).collect::<BTreeSet<_>>().len();
    let summary = if values.is_empty() {
        ImportSummary::default()
    } else {
        client.push_values(&options.data_set, &values, false).await?
    };
    let entry = Entry::new(by, Deed::Push)
        .to(ObjectKind::DataSet, options.data_set.as_str())
        .with("values", values.len())
        .with("ignored", summary.ignored);
    registry.audit(&entry, now).await?;
    Ok(Pushed { values: values.len(), facilities, summary })
}
