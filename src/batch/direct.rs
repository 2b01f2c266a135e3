//! Records that somebody sends, one request at a time, instead of a source that is read through: issued while the
//! sender waits, on the same way through registry, signer and files as those of a run.

use std::collections::{HashMap, HashSet};

use super::{
    Batch, BatchError, Item, Kind, Part, Status, bundle,
    chunk::{Wanted, blocking, groups},
    output, reasons,
};
use crate::{
    barcode::Level,
    document,
    issue::{Format, Issued, RecordError},
    record::{Record, Refusal, Uvci, VaccinationRecord},
    registry::{self, Candidate, Cause, Content, Reason},
    source::assess::{Assessed, Outcome},
};

/// How often records are asked for again that another run took over while they were being signed here. Once is enough
/// unless this machine stands still for longer than a lease again and again.
const TAKEN_OVER_TRIES: u32 = 3;

/// What is to become of a certificate that stands already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Records are certified for the first time: a certificate of other content is left alone.
    First,
    /// Records are corrected: a certificate must stand, and one of other content is superseded and revoked.
    Again,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direct {
    /// Issued, unchanged or refused.
    Done(Box<Item>),
    /// A certificate of other content stands and was left alone ([`Mode::First`]).
    Conflict {
        /// Its identifier.
        id: String,
    },
    /// No certificate stands ([`Mode::Again`]).
    Missing,
}

/// What would become of one record if it were issued now. Nothing of it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Status `Refused` with the reasons, or `Issued` with the formats that would be made, those that would not, and
    /// remarks; with the identifier of the certificate that stands, if one does.
    pub item: Item,
    /// What it would say. Personal data.
    pub record: Option<Record>,
    /// Whether the certificate that stands says something else: a correction would supersede it.
    pub differs: bool,
}

/// The certificates of some people that hold the places of their records, revoked ones among them, by person and key of
/// the record.
type Standing = HashMap<(String, String), registry::Certificate>;

/// Records that were looked through: their items, those to issue, and the answers of those that are left as they are.
type SortedOut = (Vec<Item>, Vec<Wanted>, Vec<Option<Direct>>);

impl Batch {
    /// Issues a certificate for each record, or says why not, in the order of the records.
    ///
    /// # Errors
    /// The first failure of the registry, the signer or the disk. What was stored until then stays, and the same
    /// records sent again go on from there.
    pub async fn issue(&self, records: Vec<VaccinationRecord>, mode: Mode) -> Result<Vec<Direct>, BatchError> {
        let assessed = records.into_iter().map(|record| Assessed {
            tracked_entity: record.provenance.tracked_entity.clone(),
            event: record.provenance.event.clone(),
            part: None,
            outcome: Outcome::Record(Record::Vaccination(Box::new(record))),
            notes: Vec::new(),
        });
        self.issue_assessed(assessed.collect(), mode).await
    }

    /// The same for what was assessed: what is refused comes back with its reasons, and where a certificate of it
    /// stands all the same, with its identifier and a remark. What was deleted is refused too; nothing is withdrawn.
    ///
    /// # Errors
    /// As [`Batch::issue`].
    pub async fn issue_assessed(&self, assessed: Vec<Assessed>, mode: Mode) -> Result<Vec<Direct>, BatchError> {
        self.ask(assessed, mode, None).await
    }

    /// Renews the certificate `id` of a record that was read again: a new one with new dates takes its place, however
    /// many ask for it at once. Where another certificate stands by now, that one is the answer; one of other content
    /// than the record has now is [`Direct::Conflict`], because that would be a correction.
    ///
    /// # Errors
    /// As [`Batch::issue`].
    pub async fn renew(&self, assessed: Assessed, id: &str) -> Result<Option<Direct>, BatchError> {
        Ok(self.ask(vec![assessed], Mode::First, Some(id)).await?.pop())
    }

    /// Asks for records, and again for those that another run took over while they were being signed here: by then
    /// theirs stands, and is the answer.
    async fn ask(&self, assessed: Vec<Assessed>, mode: Mode, renews: Option<&str>) -> Result<Vec<Direct>, BatchError> {
        let mut answers = self.ask_once(assessed.clone(), mode, renews).await?;
        for tries in 0.. {
            let taken: Vec<usize> = (0..).zip(&answers).filter(|(_, one)| one.was_taken()).map(|(at, _)| at).collect();
            if taken.is_empty() {
                break;
            }
            if tries == TAKEN_OVER_TRIES {
                return Err(BatchError::Busy { count: taken.len() });
            }
            let records = taken.iter().filter_map(|at| assessed.get(*at).cloned()).collect();
            for (at, answer) in taken.into_iter().zip(self.ask_once(records, mode, renews).await?) {
                if let Some(place) = answers.get_mut(at) {
                    *place = answer;
                }
            }
        }
        Ok(answers)
    }

    async fn ask_once(
        &self,
        assessed: Vec<Assessed>,
        mode: Mode,
        renews: Option<&str>,
    ) -> Result<Vec<Direct>, BatchError> {
        self.issuer.check(&self.formats)?;
        bundle::remember(&self.issuer, &self.registry, self.clock.now()).await?;
        let known = self.known().await?;
        let standing = self.standing(&assessed).await?;
        let (batch, renews) = (self.clone(), renews.map(str::to_owned));
        let (mut items, wanted, left) =
            blocking(move || batch.sort_out(assessed, &known, &standing, mode, renews.as_deref())).await?;
        for group in groups(wanted) {
            self.issue_group(group, &mut items).await?;
        }
        let answers = items.into_iter().zip(left);
        Ok(answers.map(|(item, left)| left.unwrap_or_else(|| Direct::Done(Box::new(item)))).collect())
    }

    /// The formats that were ever issued, those of now among them.
    async fn known(&self) -> Result<Vec<Format>, BatchError> {
        let names: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        Ok(self.registry.formats(&names).await?.iter().filter_map(|name| name.parse().ok()).collect())
    }

    async fn standing(&self, assessed: &[Assessed]) -> Result<Standing, BatchError> {
        let people: HashSet<&str> = assessed.iter().map(|record| record.tracked_entity.as_str()).collect();
        let mut standing = Standing::new();
        for person in people {
            for certificate in self.registry.list_by_person(person).await? {
                let closed = certificate.superseded_by.is_some() || certificate.withdrawn_at.is_some();
                if certificate.sealed.is_some() && !closed {
                    standing.insert((person.to_owned(), certificate.event.clone()), certificate);
                }
            }
        }
        Ok(standing)
    }

    /// For each record its item, and the answer where it is left as it stands; and the records to issue.
    fn sort_out(
        &self,
        assessed: Vec<Assessed>,
        known: &[Format],
        standing: &Standing,
        mode: Mode,
        renews: Option<&str>,
    ) -> SortedOut {
        let now = self.clock.now();
        let (mut items, mut wanted, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for record in assessed {
            let (mut item, record) = self.digest(record, known, now);
            let mut answer = None;
            let holds = standing.get(&(item.record.clone(), item.key()));
            let stands = holds.filter(|holds| holds.stands());
            if let Some(Ok((record, contents))) = record {
                answer = match (mode, stands) {
                    (Mode::First, Some(stands)) if differ(stands, &contents) => {
                        Some(Direct::Conflict { id: stands.id.clone() })
                    }
                    (Mode::Again, None) => Some(Direct::Missing),
                    _ => None,
                };
                if answer.is_none() {
                    let origin = self.origin(&record);
                    let (tracked_entity, event) = (item.record.clone(), item.key());
                    let candidate = Candidate { tracked_entity, event, contents, origin };
                    // One that was revoked until its record is corrected gives its place to the correction.
                    let free = holds.is_none_or(registry::Certificate::stands);
                    let keeps = mode == Mode::First && renews.is_none() && free;
                    let renews = renews.map(str::to_owned);
                    wanted.push(Wanted { place: items.len(), record, candidate, keeps, renews });
                }
            } else if let Some(stands) = stands {
                item.uvci = Some(stands.id.clone());
                item.reasons.push(Refusal::of(reasons::STANDS, None));
            }
            items.push(item);
            left.push(answer);
        }
        (items, wanted, left)
    }

    /// Says what would become of records, without a signature: everything but that is done, the lint by a throw-away
    /// key among it.
    ///
    /// # Errors
    /// The registry's, or the issuer's when it could not sign now.
    pub async fn preview(&self, assessed: Vec<Assessed>) -> Result<Vec<Preview>, BatchError> {
        self.issuer.check(&self.formats)?;
        let known = self.known().await?;
        let standing = self.standing(&assessed).await?;
        let batch = self.clone();
        blocking(move || {
            let each = assessed.into_iter().map(|record| batch.preview_one(record, &known, &standing));
            each.collect::<Result<Vec<_>, BatchError>>()
        })
        .await?
    }

    fn preview_one(&self, assessed: Assessed, known: &[Format], standing: &Standing) -> Result<Preview, BatchError> {
        let now = self.clock.now();
        let (mut item, record) = self.digest(assessed, known, now);
        let stands = standing.get(&(item.record.clone(), item.key())).filter(|holds| holds.stands());
        item.uvci = stands.map(|stands| stands.id.clone());
        let Some(Ok((record, contents))) = record else {
            return Ok(Preview { item, record: None, differs: false });
        };
        let differs = stands.is_some_and(|stands| differ(stands, &contents));
        let formats: Vec<Format> = contents.iter().filter(|c| c.wanted).filter_map(|c| c.format.parse().ok()).collect();
        // The lint needs an identifier; nothing is kept of it.
        let placeholder = Uvci::from_random(self.country(), [0; 16]);
        match self.issuer.prepare(&record, &placeholder, &formats, now) {
            Ok(prepared) => {
                let refused = prepared.refused();
                let made = |format: &Format| !refused.iter().any(|not| not.format == *format);
                item.formats = formats.into_iter().filter(made).collect();
                item.not_issued.extend(refused.iter().cloned());
                item.status = Status::Issued;
            }
            Err(RecordError::Refused(refused)) => item.refuse(refused),
            Err(RecordError::Issuer(error)) => return Err(error.into()),
        }
        Ok(Preview { item, record: Some(record), differs })
    }

    /// Revokes the certificate of one record, as an operator does. Gives what is revoked now: nothing the second time.
    ///
    /// # Errors
    /// The registry's.
    pub async fn revoke(&self, person: &str, event: &str) -> Result<Vec<String>, BatchError> {
        let operator = Some(self.operator.to_string());
        let cause = Cause { operator, ..Cause::from(Reason::Operator) };
        Ok(self.registry.withdraw(person, Some(event), cause, self.clock.now()).await?)
    }

    /// A file of a certificate that stands: from its folder, or made anew where it lies in none. Of the codes, that
    /// of the first of `formats` (by name) which it has, or else of its first format. `None` when there is no such
    /// certificate or the file cannot be drawn.
    ///
    /// # Errors
    /// The registry's or the disk's.
    pub async fn file(&self, id: &str, kind: Kind, formats: &[&str]) -> Result<Option<Vec<u8>>, BatchError> {
        let Some(certificate) = self.registry.get(id).await?.filter(registry::Certificate::stands) else {
            return Ok(None);
        };
        let Some(sealed) = certificate.sealed else { return Ok(None) };
        let issued = self.reopen(&sealed.id, sealed.envelopes)?;
        let own = issued.formats();
        let named = |name: &&str| own.iter().copied().find(|format| format.name() == *name);
        let format = formats.iter().find_map(named).or_else(|| own.first().copied());
        let parts: Vec<Part> = Part::of(&[kind], format.as_slice());
        let Some(part) = parts.first().copied() else { return Ok(None) };
        Ok(self.draw(issued, part).await?.and_then(Result::ok))
    }

    /// A signed certificate of the registry, opened. An envelope of a later program's format is left out.
    ///
    /// # Errors
    /// [`RegistryError::Row`](registry::RegistryError::Row) when what is stored means nothing.
    pub fn open(&self, sealed: registry::Sealed) -> Result<Issued, BatchError> {
        self.reopen(&sealed.id, sealed.envelopes)
    }

    /// A file of a certificate: from its folder where files are kept in one, or else drawn in memory. `None` where the
    /// certificate has no such file; the note of the inner error says why it cannot be drawn.
    ///
    /// # Errors
    /// A lost worker.
    pub async fn draw(&self, issued: Issued, part: Part) -> Result<Option<Result<Vec<u8>, Refusal>>, BatchError> {
        let (outputs, paper) = (self.outputs.clone(), self.paper());
        blocking(move || {
            let folder = outputs.as_deref().map(|outputs| outputs.folder(&issued.id));
            if let Some(bytes) = folder.and_then(|folder| std::fs::read(folder.join(part.file_name())).ok()) {
                return Some(Ok(bytes));
            }
            let level = outputs.as_deref().map_or(Level::M, |outputs| outputs.level);
            output::make(part, &issued, level, &paper, &mut None)
        })
        .await
    }

    /// Certificates on paper, in one PDF and as somebody ordered it. `None` where one of them has no paper; the note of
    /// the inner error says why they cannot be drawn.
    ///
    /// # Errors
    /// A lost worker.
    pub async fn print(
        &self,
        issued: Vec<Issued>,
        order: document::Order,
    ) -> Result<Option<Result<Vec<u8>, Refusal>>, BatchError> {
        let paper = self.paper();
        blocking(move || paper.print(&issued, &order)).await
    }
}

/// Whether a certificate says something else than these contents, in a format that both have.
fn differ(stands: &registry::Certificate, contents: &[Content]) -> bool {
    let envelopes = stands.sealed.iter().flat_map(|sealed| &sealed.envelopes);
    envelopes.into_iter().any(|envelope| {
        contents.iter().any(|content| content.format == envelope.format && content.digest != envelope.content)
    })
}

impl Direct {
    /// Whether a certificate of the record stands now.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        matches!(self, Self::Done(item) if item.status != Status::Refused)
    }

    /// Whether another run was quicker, so that the record has to be asked for again.
    fn was_taken(&self) -> bool {
        let taken = |item: &Item| item.reasons.iter().any(|reason| reason.code == reasons::TAKEN_OVER.0);
        matches!(self, Self::Done(item) if item.status == Status::Refused && taken(item))
    }
}
