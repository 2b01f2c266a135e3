//! Records that somebody sends, one request at a time, instead of a source that is read through: issued while the
//! sender waits, on the same way through registry, signer and files as those of a run.

use std::collections::{HashMap, HashSet};

use super::{
    Batch, BatchError, Item, Kind, Outputs, Part, Status, bundle,
    chunk::{Wanted, blocking, groups},
};
use crate::{
    barcode::Level,
    issue::Format,
    record::{Record, VaccinationRecord},
    registry::{self, Candidate, Cause, Content, Reason},
    source::assess::{Assessed, Outcome},
};

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

impl Batch {
    /// Issues a certificate for each record, or says why not, in the order of the records.
    ///
    /// # Errors
    /// The first failure of the registry, the signer or the disk. What was stored until then stays, and the same
    /// records sent again go on from there.
    pub async fn issue(&self, records: Vec<VaccinationRecord>, mode: Mode) -> Result<Vec<Direct>, BatchError> {
        self.issuer.check(&self.formats)?;
        bundle::remember(&self.issuer, &self.registry, self.clock.now()).await?;
        let names: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        let known: Vec<Format> =
            self.registry.formats(&names).await?.iter().filter_map(|name| name.parse().ok()).collect();

        let people: HashSet<String> = records.iter().map(|record| record.provenance.tracked_entity.clone()).collect();
        let mut standing: HashMap<(String, String), registry::Certificate> = HashMap::new();
        for person in people {
            for certificate in self.registry.list_by_person(&person).await? {
                if certificate.stands() {
                    standing.insert((person.clone(), certificate.event.clone()), certificate);
                }
            }
        }

        let batch = self.clone();
        let (mut items, wanted, left) = blocking(move || batch.sort_out(records, &known, &standing, mode)).await?;
        for group in groups(wanted) {
            self.issue_group(group, &mut items).await?;
        }
        let answers = items.into_iter().zip(left);
        Ok(answers.map(|(item, left)| left.unwrap_or_else(|| Direct::Done(Box::new(item)))).collect())
    }

    /// For each record its item, and the answer where it is left as it stands; and the records to issue.
    fn sort_out(
        &self,
        records: Vec<VaccinationRecord>,
        known: &[Format],
        standing: &HashMap<(String, String), registry::Certificate>,
        mode: Mode,
    ) -> (Vec<Item>, Vec<Wanted>, Vec<Option<Direct>>) {
        let now = self.clock.now();
        let (mut items, mut wanted, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            let (person, event) = (record.provenance.tracked_entity.clone(), record.provenance.event.clone());
            let assessed = Assessed {
                tracked_entity: person.clone(),
                event: event.clone(),
                part: None,
                outcome: Outcome::Record(Record::Vaccination(Box::new(record))),
                notes: Vec::new(),
            };
            let (item, record) = self.digest(assessed, known, now);
            let mut answer = None;
            if let Some(Ok((record, contents))) = record {
                let stands = standing.get(&(person.clone(), event.clone()));
                answer = match (mode, stands) {
                    (Mode::First, Some(stands)) if differ(stands, &contents) => {
                        Some(Direct::Conflict { id: stands.id.clone() })
                    }
                    (Mode::Again, None) => Some(Direct::Missing),
                    _ => None,
                };
                if answer.is_none() {
                    let origin = self.origin(&record);
                    let candidate = Candidate { tracked_entity: person, event, contents, origin };
                    let keeps = mode == Mode::First;
                    wanted.push(Wanted { place: items.len(), record, candidate, keeps });
                }
            }
            items.push(item);
            left.push(answer);
        }
        (items, wanted, left)
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
        let read = |outputs: &Outputs| std::fs::read(outputs.folder(&issued.id).join(part.file_name())).ok();
        if let Some(bytes) = self.outputs.as_deref().and_then(read) {
            return Ok(Some(bytes));
        }
        // Only its owner may enter the folder, and it goes when this function ends.
        let scratch = tempfile::tempdir().map_err(BatchError::write(std::env::temp_dir()))?;
        let outputs = Outputs { dir: scratch.path().to_owned(), kinds: vec![kind], level: Level::M };
        let mut batch = self.clone();
        batch.outputs = Some(std::sync::Arc::new(outputs.clone()));
        batch.hand_over(vec![(0, issued.clone())], &mut []).await?;
        Ok(read(&outputs))
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
}
