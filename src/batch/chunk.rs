//! One chunk of people, from assessment to release.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use rayon::prelude::*;

use super::{
    Batch, BatchError, Outputs,
    output::Paper,
    reasons,
    report::{Item, Status},
};
use crate::{
    issue::{Envelope, Format, IssueError, Issued, NotIssued, Record, RecordError},
    keys::Kid,
    limits,
    record::{Country, Refusal, Uvci},
    registry::{self, Candidate, Claim, Content, Origin, Reason, RegistryError, Sealed},
    source::{
        assess::{Assessed, Outcome, Unsaid},
        model::TrackedEntity,
        reasons::ReasonCode,
    },
};

/// Most people in one chunk. Few enough that a chunk is signed well within a lease, also by a token that is slow.
pub const CHUNK_PEOPLE: usize = 256;

/// How often a record that somebody else holds is asked for again, and how long between.
const BUSY_TRIES: u32 = 150;
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// A record on its way, with the place of its item in the report.
pub(super) struct Wanted {
    pub(super) place: usize,
    pub(super) record: Record,
    pub(super) candidate: Candidate,
    /// A certificate of other content that stands is to be left alone.
    pub(super) keeps: bool,
    /// The standing certificate that is to be renewed although it says the same.
    pub(super) renews: Option<String>,
}

/// A claimed record on its way to the signer.
struct Order {
    wanted: Wanted,
    id: String,
    formats: Vec<Format>,
    standing: Standing,
}

/// What stands of a record that is being signed.
enum Standing {
    /// Nothing.
    Nothing,
    /// A certificate that the new one supersedes.
    Superseded(String),
    /// The certificate to which the new envelopes are added.
    Kept(Box<Issued>),
}

/// What became of the signing of one record: the envelopes that were made, if any, and why the others were not.
type Made = (Option<Issued>, Vec<NotIssued>);

impl Batch {
    /// `known` are the formats that were ever issued, those of now among them.
    pub(super) async fn chunk(&self, people: Vec<TrackedEntity>, known: Vec<Format>) -> Result<Vec<Item>, BatchError> {
        let batch = self.clone();
        let people = Arc::new(people);
        let assessed = Arc::clone(&people);
        let (mut items, wanted, withdrawn, unsaid) = blocking(move || batch.assess(&assessed, &known)).await?;
        // Nearly always nothing was ever issued of what is gone.
        let gone: HashSet<&str> = withdrawn.iter().map(|(person, _)| person.as_str()).collect();
        let held = self.registry.having_anything(&gone.into_iter().collect::<Vec<_>>()).await?;
        for (person, event) in withdrawn.iter().filter(|(person, _)| held.contains(person)) {
            let event = event.as_deref();
            let listed = self.registry.withdraw(person, event, Reason::Deleted, self.clock.now()).await?;
            if let Some(place) =
                items.iter().position(|i| &i.record == person && Some(i.event.as_str()) == event && i.part.is_none())
            {
                note_withdrawn(items.get_mut(place), &listed);
            }
        }
        self.note_standing(&mut items, &wanted, &withdrawn).await?;
        self.note_unsaid(&mut items, unsaid).await?;
        for group in groups(wanted) {
            self.issue_group(group, &mut items).await?;
        }
        if let Some(follower) = &self.follower {
            follower.follow(&people, &items).await?;
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
        let in_question = |item: &Item| !kept.contains(item.key().as_str()) && !gone.contains(item.event.as_str());
        let asked: HashSet<&str> =
            items.iter().filter(|item| in_question(item)).map(|item| item.record.as_str()).collect();
        let asked: Vec<&str> = asked.into_iter().collect();
        let mut standing = HashMap::new();
        for certificate in self.registry.standing_of(&asked).await? {
            standing.insert((certificate.tracked_entity, certificate.event), certificate.id);
        }
        if standing.is_empty() {
            return Ok(());
        }
        for item in items.iter_mut().filter(|item| in_question(item)) {
            if let Some(id) = standing.get(&(item.record.clone(), item.key())) {
                item.uvci = Some(id.clone());
                item.reasons.push(Refusal::of(reasons::STANDS, None));
            }
        }
        Ok(())
    }

    /// Reports what an event says no longer, where a certificate of it stands: a tick that was taken back, a
    /// result that was corrected. Like every record that is refused now, it is not revoked by itself.
    async fn note_unsaid(&self, items: &mut Vec<Item>, unsaid: Vec<(String, Vec<Unsaid>)>) -> Result<(), BatchError> {
        let asked: HashSet<&str> = unsaid.iter().map(|(person, _)| person.as_str()).collect();
        let asked: Vec<&str> = asked.into_iter().collect();
        let mut standing: HashMap<(String, String), String> = HashMap::new();
        for certificate in self.registry.standing_of(&asked).await? {
            standing.insert((certificate.tracked_entity, certificate.event), certificate.id);
        }
        if standing.is_empty() {
            return Ok(());
        }
        for (person, parts) in unsaid {
            for said in parts {
                let Some(id) = standing.remove(&(person.clone(), said.key())) else { continue };
                let Unsaid { event, part } = said;
                let reasons = vec![ReasonCode::NoLongerSaid.at(Some(&part)), Refusal::of(reasons::STANDS, None)];
                let mut item = Item::new(person.clone(), event, Some(part), reasons);
                item.uvci = Some(id);
                items.push(item);
            }
        }
        Ok(())
    }

    /// Assesses people in parallel. Gives the items in order, the records to issue, what was deleted, and what
    /// is not said (any more).
    fn assess(
        &self,
        people: &[TrackedEntity],
        known: &[Format],
    ) -> (Vec<Item>, Vec<Wanted>, Vec<(String, Option<String>)>, Vec<(String, Vec<Unsaid>)>) {
        let (today, now) = (self.clock.latest_today(), self.clock.now());
        let assessments: Vec<_> = people
            .par_iter()
            .map(|person| {
                let assessment = self.assessor.assess(person, today);
                let records: Vec<_> =
                    assessment.records.into_iter().map(|record| self.digest(record, known, now)).collect();
                (assessment.tracked_entity, assessment.deleted, assessment.unsaid, records)
            })
            .collect();

        let (mut items, mut wanted, mut withdrawn, mut all_unsaid) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (person, deleted, unsaid, records) in assessments {
            if !unsaid.is_empty() {
                all_unsaid.push((person.clone(), unsaid));
            }
            if deleted {
                withdrawn.push((person, None));
            }
            for (item, record) in records {
                match record {
                    Some(Ok((record, contents))) => wanted.push(Wanted {
                        place: items.len(),
                        candidate: Candidate {
                            tracked_entity: item.record.clone(),
                            event: item.key(),
                            contents,
                            origin: self.origin(&record),
                        },
                        record,
                        keeps: false,
                        renews: None,
                    }),
                    Some(Err(Deleted)) => withdrawn.push((item.record.clone(), Some(item.event.clone()))),
                    None => {}
                }
                items.push(item);
            }
        }
        (items, wanted, withdrawn, all_unsaid)
    }

    /// An assessed record as an item of the report and, if it may be issued, its record with what each format would
    /// say.
    pub(super) fn digest(
        &self,
        assessed: Assessed,
        known: &[Format],
        now: jiff::Timestamp,
    ) -> (Item, Option<Result<(Record, Vec<Content>), Deleted>>) {
        let Assessed { tracked_entity, event, part, outcome, notes } = assessed;
        let mut item = Item::new(tracked_entity, event, part, notes);
        match outcome {
            Outcome::Record(record) => {
                let national = record.vaccination().is_some_and(|dose| dose.product.eu.is_none());
                let (mut contents, mut refused) = (Vec::new(), Vec::new());
                for format in known {
                    let wanted = self.formats.contains(format);
                    match self.issuer.digest(&record, *format, now) {
                        Ok(digest) => contents.push(Content { format: format.name().to_owned(), digest, wanted }),
                        Err(reason) if wanted => refused.push(reason),
                        Err(_) => {}
                    }
                }
                if contents.iter().any(|content| content.wanted) {
                    if national && contents.iter().any(|content| content.format == Format::EuDcc.name()) {
                        item.reasons.push(Refusal::of(reasons::NATIONAL_NAME, Some("vaccine")));
                    }
                    item.not_issued = refused;
                    (item, Some(Ok((record, contents))))
                } else {
                    item.refuse(refused);
                    (item, None)
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

    /// Where a certificate of this record comes from.
    pub(super) fn origin(&self, record: &Record) -> Origin {
        let origin = Origin {
            facility: record.provenance().facility.clone(),
            operator: Some(self.operator.to_string()),
            lot: record.vaccination().and_then(|dose| dose.lot.clone()),
            given_on: Some(record.day()),
            reason: self.reason.as_deref().map(str::to_owned),
            request: self.request.as_deref().map(str::to_owned),
        };
        origin.storable()
    }

    /// Claims, signs, stores, writes and releases records, at most [`limits::REGISTRY_BATCH`] at once.
    pub(super) async fn issue_group(&self, mut wanted: Vec<Wanted>, items: &mut [Item]) -> Result<(), BatchError> {
        let mut tries = 0;
        while !wanted.is_empty() {
            let candidates: Vec<_> = wanted.iter().map(|w| w.candidate.clone()).collect();
            let mut ids = self.new_ids(candidates.len())?.into_iter();
            let next_id = || ids.next().unwrap_or_default();
            let renews: Vec<String> = wanted.iter().filter_map(|w| w.renews.clone()).collect();
            let now = self.clock.now();
            let claims = self.registry.claim_renewing(&candidates, &renews, next_id, &self.owner, now).await?;

            let (mut busy, mut sign, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
            let mut overtaken = Vec::new();
            for (wanted, claim) in wanted.into_iter().zip(claims) {
                match claim {
                    // Somebody certified other content since we looked.
                    Claim::Sign { id, supersedes: Some(_), .. } if wanted.keeps => {
                        overtaken.push(id);
                        if let Some(item) = items.get_mut(wanted.place) {
                            item.reasons.insert(0, Refusal::of(reasons::TAKEN_OVER, None));
                        }
                    }
                    Claim::Sign { id, formats, supersedes } => {
                        let standing = supersedes.map_or(Standing::Nothing, Standing::Superseded);
                        sign.push(Order { wanted, id, formats: named(&formats), standing });
                    }
                    Claim::Add { id, formats, stands, .. } => {
                        let standing = Standing::Kept(Box::new(self.reopen(&id, stands)?));
                        sign.push(Order { wanted, id, formats: named(&formats), standing });
                    }
                    Claim::Unchanged { id, envelopes, released } => {
                        unchanged.push((wanted.place, self.reopen(&id, envelopes)?, released));
                    }
                    Claim::Revoked { id, .. } => {
                        if let Some(item) = items.get_mut(wanted.place) {
                            item.uvci = Some(id);
                            item.reasons.insert(0, Refusal::of(reasons::REVOKED, None));
                        }
                    }
                    Claim::Busy => busy.push(wanted),
                }
            }
            self.registry.give_up(&overtaken, &self.owner, self.clock.now()).await?;
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

    pub(super) fn country(&self) -> Country {
        self.issuer.certificate().country().and_then(|c| c.parse().ok()).unwrap_or(Country::SANDBOX)
    }

    async fn sign_and_store(&self, sign: Vec<Order>, items: &mut [Item]) -> Result<(), BatchError> {
        if sign.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = sign.iter().map(|order| order.id.clone()).collect();
        let batch = self.clone();
        let now = self.clock.now();
        let made = blocking(move || {
            sign.into_par_iter()
                .map(|order| batch.sign(&order, now).map(|made| (order, made)))
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

        let (mut given_up, mut unchanged, mut issued, mut sealed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (order, (certificate, refused)) in made {
            let Some(item) = items.get_mut(order.wanted.place) else { continue };
            if let Standing::Kept(standing) = &order.standing {
                item.formats = standing.formats();
            }
            match (certificate, order.standing) {
                (Some(certificate), standing) => {
                    item.not_issued.extend(refused);
                    sealed.push(sealed_of(&certificate, &order.wanted.candidate));
                    issued.push((order.wanted.place, standing, certificate, order.wanted.renews));
                }
                (None, Standing::Kept(standing)) => {
                    item.refuse(refused);
                    given_up.push(order.id);
                    unchanged.push((order.wanted.place, *standing, false));
                }
                (None, _) => {
                    item.refuse(refused);
                    given_up.push(order.id);
                }
            }
        }
        self.registry.give_up(&given_up, &self.owner, self.clock.now()).await?;
        // Where no files are written, nothing is left to hand over when it is stored.
        let now = self.clock.now();
        let answers = match &self.outputs {
            Some(_) => self.registry.store(&sealed, &self.owner, now).await?,
            None => self.registry.store_released(&sealed, &self.owner, now).await?,
        };
        let mut stored = Vec::new();
        for ((place, standing, mut certificate, renewed), answer) in issued.into_iter().zip(answers) {
            let Some(item) = items.get_mut(place) else { continue };
            match answer {
                Ok(()) => {
                    item.status = Status::Issued;
                    item.uvci = Some(certificate.id.to_string());
                    match standing {
                        Standing::Nothing => {}
                        Standing::Superseded(old) => {
                            let why =
                                if renewed.as_ref() == Some(&old) { reasons::RENEWS } else { reasons::SUPERSEDES };
                            item.reasons.push(Refusal::of(why, None).with(old));
                        }
                        Standing::Kept(standing) => {
                            item.reasons.push(Refusal::of(reasons::FORMAT_ADDED, None));
                            certificate.envelopes.extend(standing.envelopes);
                        }
                    }
                    item.formats = certificate.formats();
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
        match &self.outputs {
            Some(_) => self.hand_over(stored, items).await?,
            None => self.look_at_paper(stored, items).await?,
        }
        self.confirm(unchanged, items).await
    }

    fn sign(&self, order: &Order, now: jiff::Timestamp) -> Result<Made, BatchError> {
        let id = self.uvci(&order.id)?;
        match self.issuer.prepare(&order.wanted.record, &id, &order.formats, now) {
            Ok(prepared) => {
                let refused = prepared.refused().to_vec();
                Ok((Some(self.issuer.seal(prepared)?), refused))
            }
            Err(RecordError::Refused(refused)) => Ok((None, refused)),
            Err(RecordError::Issuer(error)) => Err(error.into()),
        }
    }

    fn uvci(&self, id: &str) -> Result<Uvci, RegistryError> {
        id.parse().map_err(|_| RegistryError::Row { place: self.registry.place().into(), column: "id" })
    }

    /// A certificate from the registry. An envelope of a later program's format is left where it is.
    pub(super) fn reopen(&self, id: &str, envelopes: Vec<registry::Envelope>) -> Result<Issued, BatchError> {
        let row = |column| RegistryError::Row { place: self.registry.place().into(), column };
        let issued_at = envelopes.iter().map(|envelope| envelope.issued_at).max().ok_or_else(|| row("issued_at"))?;
        let mut known = Vec::with_capacity(envelopes.len());
        for envelope in envelopes {
            let Ok(format) = envelope.format.parse() else { continue };
            known.push(Envelope {
                format,
                text: envelope.text,
                kid: Kid::new(envelope.kid),
                algorithm: envelope.algorithm.parse().map_err(|_| row("algorithm"))?,
                issued_at: envelope.issued_at,
                expires_at: Some(envelope.expires_at).filter(|expires_at| *expires_at < FOR_EVER),
                listed_as: envelope.listed_as,
            });
        }
        Ok(Issued { id: self.uvci(id)?, issued_at, envelopes: known })
    }

    /// Certificates that stand already: their files are written again if they are not there.
    async fn confirm(&self, unchanged: Vec<(usize, Issued, bool)>, items: &mut [Item]) -> Result<(), BatchError> {
        let (mut missing, mut kept) = (Vec::new(), Vec::new());
        for (place, issued, released) in unchanged {
            let formats = issued.formats();
            let complete = self.outputs.as_ref().is_none_or(|outputs| outputs.is_complete(&issued.id, &formats));
            if let Some(item) = items.get_mut(place) {
                item.status = Status::Unchanged;
                item.uvci = Some(issued.id.to_string());
                item.formats = formats;
            }
            if !released || !complete {
                missing.push((place, issued));
            } else if self.outputs.is_none() {
                kept.push((place, issued));
            }
        }
        self.look_at_paper(kept, items).await?;
        self.hand_over(missing, items).await
    }

    /// Where no paper is printed now, somebody will want it later: a letter that no font here has is told today.
    async fn look_at_paper(&self, issued: Vec<(usize, Issued)>, items: &mut [Item]) -> Result<(), BatchError> {
        if issued.is_empty() {
            return Ok(());
        }
        let paper = self.paper();
        let looked = blocking(move || {
            let look = |(place, issued): &(usize, Issued)| Some((*place, paper.unprintable(issued)?));
            issued.par_iter().filter_map(look).collect::<Vec<_>>()
        });
        for (place, note) in looked.await? {
            if let Some(item) = items.get_mut(place) {
                item.reasons.push(note);
            }
        }
        Ok(())
    }

    /// How the paper is printed.
    pub(super) fn paper(&self) -> Paper {
        let specimen = self.issuer.certificate().is_sandbox();
        let seal = self.seal.clone().map(|key| (key, self.clock.now()));
        Paper { press: Arc::clone(&self.press), specimen, divoc: self.divoc_paper, seal }
    }

    /// Writes the files of certificates, and releases them.
    pub(super) async fn hand_over(&self, issued: Vec<(usize, Issued)>, items: &mut [Item]) -> Result<(), BatchError> {
        if issued.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = issued.iter().map(|(_, certificate)| certificate.id.to_string()).collect();
        if self.outputs.is_none() {
            self.look_at_paper(issued, items).await?;
        } else if let Some(outputs) = self.outputs.clone() {
            let paper = self.paper();
            let written = blocking(move || {
                issued
                    .par_iter()
                    .map(|(place, certificate)| {
                        Outputs::write(&outputs, certificate, &paper).map(|notes| (*place, notes))
                    })
                    .collect::<Result<Vec<_>, BatchError>>()
            })
            .await??;
            for (place, notes) in written {
                if let Some(item) = items.get_mut(place) {
                    item.reasons.extend(notes);
                }
            }
        }
        self.registry.release(&ids).await?;
        Ok(())
    }
}

/// The record of an event was deleted in the source.
pub(super) struct Deleted;

/// Expiry of what does not expire, as the registry has it: in the last year of its calendar.
const FOR_EVER: jiff::Timestamp = jiff::Timestamp::constant(253_370_764_800, 0);

/// What goes into the registry of a certificate: its new envelopes, each with the digest that was claimed.
fn sealed_of(issued: &Issued, candidate: &Candidate) -> Sealed {
    let digest = |format: &str| candidate.contents.iter().find(|content| content.format == format);
    let envelopes = issued.envelopes.iter().filter_map(|envelope| {
        let content = digest(envelope.format.name())?.digest;
        Some(registry::Envelope {
            format: envelope.format.name().to_owned(),
            content,
            text: envelope.text.clone(),
            kid: envelope.kid.as_bytes().to_vec(),
            algorithm: envelope.algorithm.to_string(),
            issued_at: envelope.issued_at,
            expires_at: envelope.expires_at.unwrap_or(FOR_EVER),
            listed_as: envelope.listed_as.clone(),
        })
    });
    Sealed { id: issued.id.to_string(), envelopes: envelopes.collect() }
}

/// Formats by their names, all of which came from here.
fn named(formats: &[String]) -> Vec<Format> {
    formats.iter().filter_map(|name| name.parse().ok()).collect()
}

pub(super) fn groups(mut wanted: Vec<Wanted>) -> Vec<Vec<Wanted>> {
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
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BatchError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BatchError::Worker)
}

impl From<IssueError> for Box<BatchError> {
    fn from(error: IssueError) -> Self {
        Self::new(error.into())
    }
}
