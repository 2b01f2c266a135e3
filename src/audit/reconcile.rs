//! Certificates against the doses of DHIS2, by facility and day (failure F09).
//!
//! Everybody is read once, as a pass of the poller reads them, and judged by the same profile: what the poller would
//! certify or refuse is what is counted here. A dose is an event that is COMPLETED and not deleted. Memory grows by
//! some twenty bytes a person and forty a person with a certifiable record: names are kept as cut hashes alone.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use futures_util::{Stream, StreamExt};
use jiff::civil::Date;
use rayon::prelude::*;
use serde::Serialize;

use super::{AuditError, Findings};
use crate::{
    batch::{BatchError, CHUNK_PEOPLE},
    clock::Clock,
    keys::sha256,
    limits::{AUDIT_CERTIFICATES, AUDIT_LISTED},
    record::{Country, Person, Provenance, Reason},
    registry::{Duplicate, Registry, audit::Standing},
    source::{
        assess::{Assessor, Outcome},
        model::{Event, TrackedEntity},
    },
};

/// Two people of the source who seem to be one.
pub const DUPLICATE_PERSON: Reason = (
    "duplicate-person",
    "somebody else in DHIS2 has the same name and date of birth",
    "find out whether they are one person; then merge them in DHIS2 and revoke the certificate that is too many",
);

/// Where a dose has no facility or day.
const UNKNOWN: &str = "unknown";

/// Counts of one facility on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    /// Doses: events that are COMPLETED and not deleted, or parts of them.
    pub doses: u64,
    /// Certificates of these doses that stand.
    pub certificates: u64,
    /// Certificates that stand without a dose, by the day and facility that the registry knows.
    pub without_dose: u64,
    /// Doses without a certificate, by the code of the reason: the codes of the refused list, or `not-issued` where
    /// nothing speaks against it.
    pub without_certificate: BTreeMap<String, u64>,
}

/// Counts of one facility.
pub type FacilityCounts = BTreeMap<String, DayCounts>;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// People who were read.
    pub people: u64,
    /// All doses.
    pub doses: u64,
    /// All certificates that stand.
    pub certificates: u64,
    /// By UID of the facility, then by day.
    pub facilities: BTreeMap<String, FacilityCounts>,
    /// People who seem to be there twice, at most [`AUDIT_LISTED`]: findings say the same in words.
    #[serde(skip)]
    pub duplicates: Vec<Duplicate>,
    /// What is wrong.
    #[serde(flatten)]
    pub findings: Findings,
}

impl Reconciled {
    /// Certificates minus doses: more than none is what must not be.
    #[must_use]
    pub fn difference(&self) -> i128 {
        i128::from(self.certificates) - i128::from(self.doses)
    }
}

/// What a reconciliation needs.
#[derive(Clone)]
pub struct Reconciling {
    /// The registry.
    pub registry: Registry,
    /// Reads people as the poller does.
    pub assessor: Assessor,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Country of the issuer: names are compared as passports write them there.
    pub country: Country,
    /// First and last day of the doses that are counted; all without it.
    pub days: Option<(Date, Date)>,
}

impl std::fmt::Debug for Reconciling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reconciling({:?})", self.registry)
    }
}

/// What was read of one person.
struct Read {
    person: String,
    deleted: bool,
    /// Cut hash of name and date of birth, of a person with a certifiable record.
    same: Option<[u8; 16]>,
    doses: Vec<Dose>,
}

/// A dose, or a record that is none.
struct Dose {
    key: String,
    facility: String,
    day: String,
    /// COMPLETED and not deleted.
    counts: bool,
    /// Number of the dose in its series, where the record tells it.
    number: Option<u8>,
    /// Code of the first reason why it gets no certificate.
    refused: Option<String>,
}

/// Reconciles. `people` are all people of the program, as the poller would read them; `progress` is told how many are
/// done.
///
/// # Errors
/// The source's or the registry's.
pub async fn reconcile(
    with: &Reconciling,
    people: impl Stream<Item = Result<Vec<TrackedEntity>, BatchError>> + Send,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Reconciled, AuditError> {
    let mut tally = Tally::default();
    let mut people = std::pin::pin!(people);
    while let Some(page) = people.next().await {
        let mut page = page?;
        while !page.is_empty() {
            let rest = page.split_off(page.len().min(CHUNK_PEOPLE));
            let chunk = std::mem::replace(&mut page, rest);
            let uids: Vec<String> = chunk.iter().map(|person| person.tracked_entity.clone()).collect();
            let asked: Vec<&str> = uids.iter().map(String::as_str).collect();
            let reader = with.clone();
            let read = tokio::task::spawn_blocking(move || reader.read(&chunk));
            let (read, standing) = tokio::join!(read, with.registry.standing_of(&asked));
            tally.take(with, read.map_err(|_| AuditError::Worker)?, standing?);
            progress(tally.done.people);
        }
    }
    // Certificates of people whom the source does not show at all.
    let mut after = 0;
    loop {
        let (page, next) = with.registry.standing(after, AUDIT_CERTIFICATES).await?;
        if page.is_empty() {
            break;
        }
        after = next;
        for standing in page {
            if !tally.seen.contains(&cut(standing.tracked_entity.as_bytes())) {
                tally.without_dose(
                    with,
                    &standing,
                    "certificate-without-person",
                    "its person is not in DHIS2 any more",
                );
            }
        }
    }
    Ok(tally.done)
}

impl Reconciling {
    fn read(&self, people: &[TrackedEntity]) -> Vec<Read> {
        let today = self.clock.latest_today();
        people.par_iter().map(|person| self.read_one(person, today)).collect()
    }

    fn read_one(&self, entity: &TrackedEntity, today: Date) -> Read {
        let assessment = self.assessor.assess(entity, today);
        let events: HashMap<&str, &Event> = entity
            .enrollments
            .iter()
            .flat_map(|enrollment| &enrollment.events)
            .map(|event| (event.event.as_str(), event))
            .collect();
        let mut same = None;
        let mut doses = Vec::with_capacity(assessment.records.len());
        for assessed in &assessment.records {
            let event = events.get(assessed.event.as_str());
            let completed = event.is_some_and(|event| !event.deleted && event.status.as_deref() == Some("COMPLETED"));
            let day = event.and_then(|event| event.occurred_at.as_deref()?.get(..10)).unwrap_or(UNKNOWN);
            let facility = event.and_then(|event| event.org_unit.as_deref()).unwrap_or(UNKNOWN);
            let (number, day, refused) = match &assessed.outcome {
                Outcome::Record(record) => {
                    same = same.or_else(|| self.same(record.person()));
                    (record.vaccination().map(|dose| dose.dose), record.day().to_string(), None)
                }
                Outcome::Refused(reasons) | Outcome::Withdrawn(reasons) => {
                    let code = reasons.first().map_or("refused", |refusal| refusal.code.as_str()).to_owned();
                    (None, day.to_owned(), Some(code))
                }
            };
            doses.push(Dose {
                key: Provenance::key(&assessed.event, assessed.part.as_deref()),
                facility: facility.to_owned(),
                day,
                counts: completed && !entity.deleted,
                number,
                refused,
            });
        }
        Read { person: assessment.tracked_entity, deleted: assessment.deleted, same, doses }
    }

    /// What two records of one person have in common: the name as a passport writes it, or else as it stands, and the
    /// date of birth. Nothing without a date of birth.
    fn same(&self, person: &Person) -> Option<[u8; 16]> {
        let born = person.birth_date.as_ref()?;
        let standard = person.name.standardised(self.country).ok();
        let (family, given) = match standard {
            Some(name) => (name.family, name.given),
            None => (person.name.family.clone(), person.name.given.clone()),
        };
        let plain = |text: Option<String>| text.unwrap_or_default().trim().to_lowercase();
        Some(cut(format!("{}\0{}\0{born}", plain(family), plain(given)).as_bytes()))
    }

    fn covers(&self, day: &str) -> bool {
        let Some((from, until)) = self.days else { return true };
        day.parse::<Date>().is_ok_and(|day| from <= day && day <= until)
    }
}

/// Half a SHA-256: enough that no two of a whole country meet by chance.
fn cut(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(sha256(bytes)).for_each(|(to, from)| *to = from);
    half
}

/// People with the same name and date of birth: the first one, and the numbers of the doses that she has a
/// certificate for, as bits.
struct Twin {
    uid: String,
    facility: Option<String>,
    certified: u32,
}

#[derive(Default)]
struct Tally {
    done: Reconciled,
    seen: HashSet<[u8; 16]>,
    twins: HashMap<[u8; 16], Twin>,
}

impl Tally {
    fn take(&mut self, with: &Reconciling, read: Vec<Read>, standing: Vec<Standing>) {
        let mut of: HashMap<String, Vec<Standing>> = HashMap::new();
        for one in standing {
            of.entry(one.tracked_entity.clone()).or_default().push(one);
        }
        for person in read {
            // A person can come twice when rows move while pages are turned.
            if !self.seen.insert(cut(person.person.as_bytes())) {
                continue;
            }
            self.done.people += 1;
            self.person(with, &person, of.remove(&person.person).unwrap_or_default());
        }
    }

    fn person(&mut self, with: &Reconciling, person: &Read, standing: Vec<Standing>) {
        let mut standing: HashMap<String, Standing> =
            standing.into_iter().map(|one| (one.event.clone(), one)).collect();
        let mut certified = 0_u32;
        for dose in &person.doses {
            let certificate = standing.remove(&dose.key);
            if !dose.counts {
                if let Some(one) = certificate {
                    let found = "its record in DHIS2 is deleted or no longer COMPLETED";
                    self.without_dose(with, &one, "certificate-without-dose", found);
                }
                continue;
            }
            if certificate.is_some() {
                certified |= dose.number.and_then(|number| 1_u32.checked_shl(number.into())).unwrap_or(0);
            }
            if let (Some(one), Some(code)) = (&certificate, &dose.refused) {
                self.done.findings.add(
                    "certificate-of-refused-record",
                    &one.id,
                    format!("its record {}/{} is refused now: {code}", person.person, dose.key),
                    "look at the record in DHIS2: correct it, or revoke the certificate",
                );
            }
            if !with.covers(&dose.day) {
                continue;
            }
            self.done.doses += 1;
            let day = self.day(&dose.facility, &dose.day);
            day.doses += 1;
            if certificate.is_some() {
                day.certificates += 1;
                self.done.certificates += 1;
            } else {
                let code = dose.refused.as_deref().unwrap_or("not-issued");
                *day.without_certificate.entry(code.to_owned()).or_default() += 1;
            }
        }
        let mut left: Vec<Standing> = standing.into_values().collect();
        left.sort_by(|a, b| a.event.cmp(&b.event));
        for one in left {
            let found = if person.deleted {
                "its person is deleted in DHIS2"
            } else {
                "DHIS2 does not show the event that it was issued for"
            };
            self.without_dose(with, &one, "certificate-without-dose", found);
        }
        if let Some(same) = person.same.filter(|_| !person.deleted) {
            self.twin(same, person, certified);
        }
    }

    fn twin(&mut self, same: [u8; 16], person: &Read, certified: u32) {
        let facility = person.doses.iter().map(|dose| &dose.facility).find(|uid| *uid != UNKNOWN).cloned();
        let Some(twin) = self.twins.get_mut(&same) else {
            self.twins.insert(same, Twin { uid: person.person.clone(), facility, certified });
            return;
        };
        let both = twin.certified & certified;
        twin.certified |= certified;
        let doses: Vec<u8> = (0..32).filter(|bit| both & (1 << bit) != 0).collect();
        let numbers: Vec<String> = doses.iter().map(u8::to_string).collect();
        let doubled = if numbers.is_empty() {
            String::new()
        } else {
            format!("; both hold a certificate for dose {}", numbers.join(" and "))
        };
        let (code, _, remedy) = DUPLICATE_PERSON;
        let found = format!("has the name and date of birth of {}{doubled}", twin.uid);
        self.done.findings.add(code, &person.person, found, remedy);
        if self.done.duplicates.len() < AUDIT_LISTED {
            self.done.duplicates.push(Duplicate {
                tracked_entity: person.person.clone(),
                facility,
                other: twin.uid.clone(),
                other_facility: twin.facility.clone(),
                doses,
            });
        }
    }

    fn without_dose(&mut self, with: &Reconciling, one: &Standing, code: &'static str, found: &str) {
        self.done.findings.add(
            code,
            &one.id,
            format!("{found} ({}/{})", one.tracked_entity, one.event),
            "find out why; then revoke the certificate, or restore the record in DHIS2",
        );
        let day = one.given_on.map_or_else(|| UNKNOWN.to_owned(), |day| day.to_string());
        if with.covers(&day) {
            self.done.certificates += 1;
            self.day(one.facility.as_deref().unwrap_or(UNKNOWN), &day).without_dose += 1;
        }
    }

    fn day(&mut self, facility: &str, day: &str) -> &mut DayCounts {
        self.done.facilities.entry(facility.to_owned()).or_default().entry(day.to_owned()).or_default()
    }
}
