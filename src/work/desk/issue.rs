//! Issuing on request, correcting, renewing, and looking at what would be issued.

use super::{Desk, DeskError, Held, Order, Renewal, Standing};
use crate::{
    access::Actor,
    batch::{Batch, Direct, Item, Mode, Preview, Status, reasons},
    issue::{Format, NotIssued},
    record::{Provenance, Refusal},
    registry::{
        Cause, RENEWAL, Reason,
        audit::{By, Deed, Entry},
    },
    source::{
        assess::{Assessed, Outcome},
        dhis2::is_uid,
    },
    work::{allow_issue, not_issued},
};

/// What is to be certified.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everything of a person, by UID.
    Person(String),
    /// An event, by UID, with every record that it holds.
    Event(String),
}

/// How it ended for one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A certificate was issued now, or got a further format.
    Issued,
    /// A certificate that says the same stands, and is the answer.
    Unchanged,
    /// A certificate of other content stands and was left as it is.
    Conflict,
    /// The record cannot become a certificate.
    Refused,
    /// Its certificate was revoked so that it gets no other.
    Barred,
    /// Its record is deleted, and its certificate revoked now.
    Withdrawn,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// How it ended.
    pub ended: Ended,
    /// UID of the person.
    pub person: String,
    /// UID of the event.
    pub event: String,
    /// What tells the record from the others of its event.
    pub part: Option<String>,
    /// Identifier of its certificate; where it has none any more, of the one that stands in the way.
    pub id: Option<String>,
    /// Formats in which it stands.
    pub formats: Vec<Format>,
    /// Formats that were wanted and that it cannot have, each with its reason.
    pub not_issued: Vec<NotIssued>,
    /// Why it has no certificate, or what is worth knowing of the one that it has.
    pub reasons: Vec<Refusal>,
}

impl Done {
    fn of(item: Item) -> Self {
        let barred = item.reasons.iter().any(|reason| reason.code == reasons::REVOKED.0);
        let ended = match item.status {
            Status::Issued => Ended::Issued,
            Status::Unchanged => Ended::Unchanged,
            Status::Refused if barred => Ended::Barred,
            Status::Refused => Ended::Refused,
        };
        let Item { record: person, event, part, uvci: id, formats, not_issued, reasons, .. } = item;
        Self { ended, person, event, part, id, formats, not_issued, reasons }
    }
}

/// Person, event and part of a record, for answers that do not repeat them.
type Place = (String, String, Option<String>);

fn place(record: &Assessed) -> Place {
    (record.tracked_entity.clone(), record.event.clone(), record.part.clone())
}

/// The batch's answer with its place; `None` where the certificate that was to be corrected stands no more.
fn done((person, event, part): Place, answer: Direct) -> Option<Done> {
    match answer {
        Direct::Done(item) => Some(Done::of(*item)),
        Direct::Missing => None,
        Direct::Conflict { id } => Some(Done {
            ended: Ended::Conflict,
            person,
            event,
            part,
            id: Some(id),
            formats: Vec::new(),
            not_issued: Vec::new(),
            reasons: vec![Refusal::of(reasons::DIFFERS, None)],
        }),
    }
}

fn key(record: &Assessed) -> String {
    Provenance::key(&record.event, record.part.as_deref())
}

impl Desk {
    /// Issues certificates for everything that is asked for, each record with an answer of its own. Asked again, it
    /// gives the same certificates; what was corrected in DHIS2 since is [`Ended::Conflict`] and wants
    /// [`Desk::correct`].
    ///
    /// # Errors
    /// [`DeskError`]: the order or the subject cannot be used, DHIS2 or the registry is away, or nobody can sign.
    pub async fn issue(&self, subject: &Subject, order: Order<'_>) -> Result<Vec<Done>, DeskError> {
        self.issue_in(subject, &[], order).await
    }

    /// The same in these formats alone; in all of the configuration where none is named. Formats that are left out are
    /// added by the next pass over DHIS2.
    ///
    /// # Errors
    /// [`DeskError::Format`] for one that the configuration does not have, and as [`Desk::issue`].
    pub async fn issue_in(
        &self,
        subject: &Subject,
        formats: &[Format],
        order: Order<'_>,
    ) -> Result<Vec<Done>, DeskError> {
        order.check()?;
        let offered = &self.batch().formats;
        if formats.iter().any(|format| !offered.contains(format)) {
            return Err(DeskError::Format { offered: offered.iter().map(|format| format.name().to_owned()).collect() });
        }
        let reading = self.read(subject, order.actor).await?;
        let places: Vec<Place> = reading.records.iter().map(place).collect();
        let mut batch = on_behalf(&reading.batch, order);
        if !formats.is_empty() {
            batch.formats.retain(|format| formats.contains(format));
        }
        let counted = self.count(order.actor, &reading.records).await?;
        let answers = batch.issue_assessed(reading.records, Mode::First).await?;
        let done: Vec<Done> =
            places.into_iter().zip(answers).filter_map(|(place, answer)| done(place, answer)).collect();
        self.settle(order, counted, &done).await?;
        Ok(done)
    }

    /// Reads the record of a certificate again. Where DHIS2 says something else now, a new certificate takes the place
    /// of this one, which is revoked; where the record is deleted, it is revoked; otherwise it stays.
    ///
    /// # Errors
    /// [`DeskError::Replaced`] and [`DeskError::Revoked`] where there is nothing to correct, and as [`Desk::issue`].
    pub async fn correct(&self, id: &str, order: Order<'_>) -> Result<Done, DeskError> {
        order.check()?;
        let held = self.open(id, order.actor).await?;
        let mode = match held.standing {
            Standing::Valid | Standing::Expired => Mode::Again,
            // Revoked until it is corrected: that is now.
            Standing::Revoked(Reason::Error) => Mode::First,
            Standing::Revoked(reason) => return Err(DeskError::Revoked { reason }),
            Standing::Superseded => return Err(replaced(held)),
        };
        let (batch, record) = self.again(&held, order.actor).await?;
        if matches!(record.outcome, Outcome::Withdrawn(_)) {
            return self.withdraw(held, record, order).await;
        }
        let (place, counted) = (place(&record), self.count(order.actor, std::slice::from_ref(&record)).await?);
        let answer = on_behalf(&batch, order).issue_assessed(vec![record], mode).await?.pop();
        let done = answer.and_then(|answer| done(place, answer)).ok_or(DeskError::Unknown)?;
        self.settle(order, counted, std::slice::from_ref(&done)).await?;
        Ok(done)
    }

    /// Renews a certificate: a new one that says the same, with new dates, takes its place. Allowed from
    /// [`RENEWAL_DAYS_BEFORE`](crate::limits::RENEWAL_DAYS_BEFORE) days before its end to
    /// [`RENEWAL_DAYS_AFTER`](crate::limits::RENEWAL_DAYS_AFTER) days after it, and at any time where its key signs for
    /// nobody any more. However many ask at once, it is renewed once, and all of them get the new one.
    ///
    /// # Errors
    /// [`DeskError::TooEarly`], [`DeskError::TooLate`], [`DeskError::Revoked`], [`DeskError::Replaced`],
    /// [`DeskError::NoExpiry`], and as [`Desk::issue`].
    pub async fn renew(&self, id: &str, order: Order<'_>) -> Result<Done, DeskError> {
        order.check()?;
        let held = self.open(id, order.actor).await?;
        match (held.standing, held.renewal) {
            (Standing::Superseded, _) => return Err(replaced(held)),
            (_, Renewal::Now) => {}
            (Standing::Revoked(reason), _) => return Err(DeskError::Revoked { reason }),
            (_, Renewal::From(from)) => {
                return Err(DeskError::TooEarly { from, expires: held.expires_at.unwrap_or(from) });
            }
            (_, Renewal::Over(until)) => return Err(DeskError::TooLate { until }),
            (_, Renewal::Never) => return Err(DeskError::NoExpiry),
        }
        let (batch, record) = self.again(&held, order.actor).await?;
        let (place, counted) = (place(&record), self.count(order.actor, std::slice::from_ref(&record)).await?);
        let why = format!("{RENEWAL}: {}", order.reason.trim());
        let batch = on_behalf(&batch, Order { reason: &why, ..order });
        let answer = if held.withdrawn {
            batch.issue_assessed(vec![record], Mode::First).await?.pop()
        } else {
            batch.renew(record, held.id()).await?
        };
        let done = answer.and_then(|answer| done(place, answer)).ok_or(DeskError::Unknown)?;
        self.settle(order, counted, std::slice::from_ref(&done)).await?;
        Ok(done)
    }

    /// Asks whether the actor may have these records issued now, and counts them with it.
    async fn count(&self, actor: &Actor, records: &[Assessed]) -> Result<u32, DeskError> {
        let wanted = records.iter().filter(|record| record.outcome.record().is_some()).count();
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        if wanted > 0 {
            let (rules, now) = (&self.0.setup.access.rules, self.batch().clock.now());
            allow_issue(self.registry(), rules, actor, wanted, now).await?;
        }
        Ok(wanted)
    }

    /// Gives back what was counted and not issued, and writes into the audit log what was refused.
    async fn settle(&self, order: Order<'_>, counted: u32, done: &[Done]) -> Result<(), DeskError> {
        let now = self.batch().clock.now();
        let issued = done.iter().filter(|one| one.ended == Ended::Issued).count();
        let left = counted.saturating_sub(u32::try_from(issued).unwrap_or(u32::MAX));
        not_issued(self.registry(), order.actor, left, now).await?;
        let refused = done.iter().filter(|one| matches!(one.ended, Ended::Refused | Ended::Barred));
        let entries: Vec<Entry> = refused
            .map(|one| {
                let codes: Vec<&str> = one.reasons.iter().map(|reason| reason.code.as_str()).collect();
                let key = Provenance::key(&one.event, one.part.as_deref());
                Entry::new(By::from(order.actor), Deed::Refuse)
                    .of(&one.person, &key)
                    .because(order.reason.trim())
                    .with("reasons", codes.join(","))
            })
            .collect();
        if !entries.is_empty() {
            self.registry().audit_all(&entries, now).await?;
        }
        Ok(())
    }

    /// What would be issued, and what would be in it. Nothing of it is signed.
    ///
    /// # Errors
    /// As [`Desk::issue`].
    pub async fn preview(&self, subject: &Subject, actor: &Actor) -> Result<Vec<Preview>, DeskError> {
        let reading = self.read(subject, actor).await?;
        Ok(reading.batch.preview(reading.records).await?)
    }

    /// The record of a certificate, read again.
    async fn again(&self, held: &Held, actor: &Actor) -> Result<(Batch, Assessed), DeskError> {
        if !is_uid(&held.person) {
            return Err(DeskError::NotFromDhis2);
        }
        let reading = match self.read(&Subject::Person(held.person.clone()), actor).await {
            Err(DeskError::NothingRecorded) => return Err(DeskError::RecordGone),
            other => other?,
        };
        let found = reading.records.into_iter().find(|record| {
            // Of an event that is deleted, its parts are told no more.
            let deleted = matches!(record.outcome, Outcome::Withdrawn(_)) && record.part.is_none();
            key(record) == held.record || (deleted && is_of(&held.record, &record.event))
        });
        Ok((reading.batch, found.ok_or(DeskError::RecordGone)?))
    }

    /// Revokes the certificate of a deleted record.
    async fn withdraw(&self, held: Held, record: Assessed, order: Order<'_>) -> Result<Done, DeskError> {
        let (operator, note) = (Some(order.actor.name.clone()), Some(order.reason.trim().to_owned()));
        let cause = Cause { operator, note, ..Cause::from(Reason::Deleted) };
        let now = self.batch().clock.now();
        self.registry().withdraw(&held.person, Some(&held.record), cause, now).await?;
        let mut why = record.outcome.reasons().to_vec();
        why.push(Refusal::of(reasons::WITHDRAWN, None));
        Ok(Done {
            ended: Ended::Withdrawn,
            person: record.tracked_entity,
            event: record.event,
            part: record.part,
            id: Some(held.issued.id.to_string()),
            formats: Vec::new(),
            not_issued: Vec::new(),
            reasons: why,
        })
    }
}

/// The batch, for whoever gives the order.
fn on_behalf(batch: &Batch, order: Order<'_>) -> Batch {
    batch.by(&order.actor.name).because(Some(order.reason.trim()), None)
}

/// Whether this is the key of a record of the event.
fn is_of(key: &str, event: &str) -> bool {
    key.strip_prefix(event).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

fn replaced(held: Held) -> DeskError {
    match held.superseded_by {
        Some(by) => DeskError::Replaced { by },
        None => DeskError::Revoked { reason: Reason::Superseded },
    }
}
