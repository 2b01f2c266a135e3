//! One chunk of people, from assessment to release.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use rayon::prelude::*;

use super::{
    Batch, BatchError, Outputs, reasons,
    report::{Item, Status},
};
use crate::{
    issue::{IssueError, Issued, Record, RecordError, content_digest},
    limits,
    record::{Country, Refusal, Uvci},
    registry::{Candidate, Claim, Reason, RegistryError, Sealed},
    source::{
        assess::{Assessed, Outcome},
        model::TrackedEntity,
    },
};

/// People in one chunk. Few enough that a chunk is signed well within a lease.
pub const CHUNK_PEOPLE: usize = 256;

/// Name of the format in the registry.
const FORMAT: &str = "eu-dcc";

/// How often a record that somebody else holds is asked for again, and how long between.
const BUSY_TRIES: u32 = 150;
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// A record on its way, with the place of its item in the report.
struct Wanted {
    place: usize,
    record: Record,
    candidate: Candidate,
}

/// What became of the signing of one record.
enum Made {
    Issued(Box<Issued>),
    Refused(Refusal),
}

impl Batch {
    pub(super) async fn chunk(&self, people: Vec<TrackedEntity>) -> Result<Vec<Item>, BatchError> {
        let batch = self.clone();
        let (mut items, wanted, withdrawn) = blocking(move || batch.assess(&people)).await?;
        for (person, event) in &withdrawn {
            let event = event.as_deref();
            let listed = self.registry.withdraw(person, event, Reason::Deleted, self.clock.now()).await?;
            if let Some(place) = items.iter().position(|i| &i.record == person && Some(i.event.as_str()) == event) {
                note_withdrawn(items.get_mut(place), &listed);
            }
        }
        self.note_standing(&mut items, &wanted, &withdrawn).await?;
        for group in groups(wanted) {
            self.issue_group(group, &mut items).await?;
        }
        Ok(items)
    }

    /// Says of refused records that a certificate of them stands, which nobody would look for otherwise: an
    /// event that was opened again, an enrollment that was cancelled. They are not revoked by themselves, because
    /// a record is often refused only while somebody is editing it.
    async fn note_standing(
        &self,
        items: &mut [Item],
        wanted: &[Wanted],
        withdrawn: &[(String, Option<String>)],
    ) -> Result<(), BatchError> {
        let kept: HashSet<&str> = wanted.iter().map(|w| w.candidate.event.as_str()).collect();
        let gone: HashSet<&str> = withdrawn.iter().filter_map(|(_, event)| event.as_deref()).collect();
        let mut known: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for item in items.iter_mut() {
            if kept.contains(item.event.as_str()) || gone.contains(item.event.as_str()) {
                continue;
            }
            if !known.contains_key(&item.record) {
                let all = self.registry.list_by_person(&item.record).await?;
                let standing = all.into_iter().filter(|certificate| certificate.stands());
                known.insert(item.record.clone(), standing.map(|c| (c.candidate.event, c.id)).collect());
            }
            let standing = known.get(&item.record).into_iter().flatten();
            if let Some((_, id)) = standing.into_iter().find(|(event, _)| *event == item.event) {
                item.uvci = Some(id.clone());
                item.reasons.push(Refusal::of(reasons::STANDS, None));
            }
        }
        Ok(())
    }

    /// Assesses people in parallel. Gives the items in order, the records to issue, and what was deleted.
    #[expect(clippy::type_complexity, reason = "three lists that are taken apart at once")]
    fn assess(&self, people: &[TrackedEntity]) -> (Vec<Item>, Vec<Wanted>, Vec<(String, Option<String>)>) {
        let today = self.clock.latest_today();
        let assessments: Vec<_> = people
            .par_iter()
            .map(|person| {
                let assessment = self.assessor.assess(person, today);
                let doses: Vec<_> = assessment.doses.into_iter().map(|dose| self.digest(dose)).collect();
                (assessment.tracked_entity, assessment.deleted, doses)
            })
            .collect();

        let (mut items, mut wanted, mut withdrawn) = (Vec::new(), Vec::new(), Vec::new());
        for (person, deleted, doses) in assessments {
            if deleted {
                withdrawn.push((person, None));
            }
            for (item, record) in doses {
                match record {
                    Some(Ok((record, content))) => wanted.push(Wanted {
                        place: items.len(),
                        candidate: Candidate {
                            tracked_entity: item.record.clone(),
                            event: item.event.clone(),
                            format: FORMAT.to_owned(),
                            content,
                        },
                        record,
                    }),
                    Some(Err(Deleted)) => withdrawn.push((item.record.clone(), Some(item.event.clone()))),
                    None => {}
                }
                items.push(item);
            }
        }
        (items, wanted, withdrawn)
    }

    /// An assessed dose as an item of the report and, if it may be issued, its record with its digest.
    #[expect(clippy::type_complexity, reason = "told apart at once by its only caller")]
    fn digest(&self, dose: Assessed) -> (Item, Option<Result<(Record, [u8; 32]), Deleted>>) {
        let Assessed { tracked_entity, event, outcome, notes } = dose;
        let mut item = Item { record: tracked_entity, event, status: Status::Refused, uvci: None, reasons: notes };
        match outcome {
            Outcome::Record(record) => {
                if record.product.eu.is_none() {
                    item.reasons.push(Refusal::of(reasons::NATIONAL_NAME, Some("vaccine")));
                }
                let record = Record::Vaccination(record);
                match content_digest(&record, self.issuer.terms(), &placeholder()) {
                    Ok(content) => (item, Some(Ok((record, content)))),
                    Err(refusal) => {
                        item.reasons.retain(|note| note.code != reasons::NATIONAL_NAME.0);
                        item.reasons.insert(0, refusal);
                        (item, None)
                    }
                }
            }
            Outcome::Refused(reasons) => {
                item.reasons.splice(0..0, reasons);
                (item, None)
            }
            Outcome::Withdrawn(reasons) => {
                item.reasons.splice(0..0, reasons);
                (item, Some(Err(Deleted)))
            }
        }
    }

    /// Claims, signs, stores, writes and releases records, at most [`limits::REGISTRY_BATCH`] at once.
    async fn issue_group(&self, mut wanted: Vec<Wanted>, items: &mut [Item]) -> Result<(), BatchError> {
        let mut tries = 0;
        while !wanted.is_empty() {
            let candidates: Vec<_> = wanted.iter().map(|w| w.candidate.clone()).collect();
            let mut ids = self.new_ids(candidates.len())?.into_iter();
            let next_id = || ids.next().unwrap_or_default();
            let claims = self.registry.claim(&candidates, next_id, &self.owner, self.clock.now()).await?;

            let (mut busy, mut sign, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
            for (wanted, claim) in wanted.into_iter().zip(claims) {
                match claim {
                    Claim::Sign { id, supersedes } => sign.push((wanted, id, supersedes)),
                    Claim::Unchanged { id, text, released, .. } => unchanged.push((wanted.place, id, text, released)),
                    Claim::Busy => busy.push(wanted),
                }
            }
            self.sign_and_store(sign, items).await?;
            self.confirm(unchanged, items).await?;
            wanted = busy;
            if !wanted.is_empty() {
                tries += 1;
                if tries > BUSY_TRIES {
                    return Err(BatchError::Busy { count: wanted.len() });
                }
                tokio::time::sleep(BUSY_WAIT).await;
            }
        }
        Ok(())
    }

    fn new_ids(&self, count: usize) -> Result<Vec<String>, BatchError> {
        let country = self.country();
        (0..count)
            .map(|_| {
                let mut random = [0; 16];
                (self.random)(&mut random)?;
                Ok(Uvci::from_random(country, random).to_string())
            })
            .collect()
    }

    fn country(&self) -> Country {
        self.issuer.certificate().country().and_then(|c| c.parse().ok()).unwrap_or(Country::SANDBOX)
    }

    async fn sign_and_store(
        &self,
        sign: Vec<(Wanted, String, Option<String>)>,
        items: &mut [Item],
    ) -> Result<(), BatchError> {
        if sign.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = sign.iter().map(|(_, id, _)| id.clone()).collect();
        let batch = self.clone();
        let now = self.clock.now();
        let made = blocking(move || {
            sign.into_par_iter()
                .map(|(wanted, id, supersedes)| {
                    batch.sign(&wanted, &id, now).map(|made| (wanted.place, supersedes, made))
                })
                .collect::<Result<Vec<_>, BatchError>>()
        })
        .await?;
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                // The issuer cannot sign: whoever runs next need not wait for the leases.
                self.registry.give_up(&ids, &self.owner, self.clock.now()).await?;
                return Err(error);
            }
        };

        let mut refused = Vec::new();
        let mut issued = Vec::new();
        for ((place, supersedes, made), id) in made.into_iter().zip(ids) {
            match made {
                Made::Issued(certificate) => issued.push((place, supersedes, *certificate)),
                Made::Refused(refusal) => {
                    refused.push(id);
                    if let Some(item) = items.get_mut(place) {
                        item.reasons.insert(0, refusal);
                    }
                }
            }
        }
        self.registry.give_up(&refused, &self.owner, self.clock.now()).await?;
        let sealed: Vec<Sealed> = issued.iter().map(|(_, _, certificate)| self.sealed(certificate)).collect();
        let answers = self.registry.store(&sealed, &self.owner, self.clock.now()).await?;
        let mut stored = Vec::new();
        for ((place, supersedes, certificate), answer) in issued.into_iter().zip(answers) {
            let Some(item) = items.get_mut(place) else { continue };
            match answer {
                Ok(()) => {
                    item.status = Status::Issued;
                    item.uvci = Some(certificate.id.to_string());
                    if let Some(old) = supersedes {
                        item.reasons.push(Refusal::of(reasons::SUPERSEDES, None).with(old));
                    }
                    stored.push((place, certificate));
                }
                // Somebody else was quicker, or the record changed meanwhile: this signature never leaves.
                Err(
                    RegistryError::LeaseLost { .. }
                    | RegistryError::AlreadySealed { .. }
                    | RegistryError::Abandoned { .. },
                ) => item.reasons.insert(0, Refusal::of(reasons::TAKEN_OVER, None)),
                Err(other) => return Err(other.into()),
            }
        }
        self.hand_over(stored, items).await
    }

    fn sealed(&self, issued: &Issued) -> Sealed {
        Sealed {
            id: issued.id.to_string(),
            text: issued.text.clone(),
            kid: issued.kid.as_bytes().to_vec(),
            algorithm: self.issuer.algorithm().to_string(),
            issued_at: issued.issued_at,
            expires_at: issued.expires_at,
        }
    }

    fn sign(&self, wanted: &Wanted, id: &str, now: jiff::Timestamp) -> Result<Made, BatchError> {
        let id: Uvci =
            id.parse().map_err(|_| RegistryError::Row { place: self.registry.place().into(), column: "id" })?;
        match self.issuer.prepare(&wanted.record, &id, now) {
            Ok(prepared) => Ok(Made::Issued(Box::new(self.issuer.seal(prepared)?))),
            Err(RecordError::Refused(refusal)) => Ok(Made::Refused(refusal)),
            Err(RecordError::Issuer(error)) => Err(error.into()),
        }
    }

    /// Certificates that stand already: their files are written again if they are not there.
    async fn confirm(
        &self,
        unchanged: Vec<(usize, String, String, bool)>,
        items: &mut [Item],
    ) -> Result<(), BatchError> {
        let mut missing = Vec::new();
        for (place, id, text, released) in unchanged {
            if let Some(item) = items.get_mut(place) {
                item.status = Status::Unchanged;
                item.uvci = Some(id.clone());
            }
            let complete = match (&self.outputs, id.parse::<Uvci>()) {
                (Some(outputs), Ok(id)) => outputs.is_complete(&id),
                _ => true,
            };
            if !released || !complete {
                let issued = Issued::reopen(&text)
                    .ok_or(RegistryError::Row { place: self.registry.place().into(), column: "text" })?;
                missing.push((place, issued));
            }
        }
        self.hand_over(missing, items).await
    }

    /// Writes the files of certificates, and releases them.
    async fn hand_over(&self, issued: Vec<(usize, Issued)>, items: &mut [Item]) -> Result<(), BatchError> {
        if issued.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = issued.iter().map(|(_, certificate)| certificate.id.to_string()).collect();
        if let Some(outputs) = self.outputs.clone() {
            let (press, language) = (Arc::clone(&self.press), self.language);
            let specimen = self.issuer.certificate().is_sandbox();
            let written = blocking(move || {
                issued
                    .par_iter()
                    .map(|(place, certificate)| {
                        Outputs::write(&outputs, certificate, &press, language, specimen).map(|note| (*place, note))
                    })
                    .collect::<Result<Vec<_>, BatchError>>()
            })
            .await??;
            for (place, note) in written {
                if let (Some(item), Some(note)) = (items.get_mut(place), note) {
                    item.reasons.push(note);
                }
            }
        }
        self.registry.release(&ids).await?;
        Ok(())
    }
}

/// The record of an event was deleted in the source.
struct Deleted;

/// The content's digest leaves the identifier out; any will do.
fn placeholder() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [0; 16])
}

fn groups(mut wanted: Vec<Wanted>) -> Vec<Vec<Wanted>> {
    let mut groups = Vec::new();
    while wanted.len() > limits::REGISTRY_BATCH {
        let rest = wanted.split_off(limits::REGISTRY_BATCH);
        groups.push(std::mem::replace(&mut wanted, rest));
    }
    groups.push(wanted);
    groups
}

fn note_withdrawn(item: Option<&mut Item>, listed: &[String]) {
    if let (Some(item), Some(id)) = (item, listed.first()) {
        item.uvci = Some(id.clone());
        item.reasons.push(Refusal::of(reasons::WITHDRAWN, None));
    }
}

/// Runs heavy work where it blocks nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BatchError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BatchError::Worker)
}

impl From<IssueError> for Box<BatchError> {
    fn from(error: IssueError) -> Self {
        Self::new(error.into())
    }
}
