//! The API on top of the main job: the registry remembers, the issuer signs, and whose a certificate is that
//! somebody hands in is told by the verifier.

use std::{fmt, path::PathBuf, sync::Arc};

use super::{Caller, Done, Issuing, IssuingError, Mode, Outcome, Presented, Pseudonyms, Sheet, Standing, reasons};
use crate::{
    access::Rules,
    batch::{Batch, BatchError, Direct, Kind, ListKey, Part, Random, Status},
    issue::{Format, NotIssued},
    record::{Refusal, VaccinationRecord, check_character},
    registry::{Registry, RegistryError},
    verify::{Check, Knowledge},
    work::{NotAllowed, allow_issue, not_issued},
};

/// Name of the setting of the registry that holds the secret of the pseudonyms. It lies beside what it protects,
/// because neither is of use without the other, and who can read the registry reads names in it anyway; what leaves
/// the registry, reports, logs and lists of revocations, shows pseudonyms alone.
const SECRET: &str = "divoc pseudonyms";

/// Formats whose code a client of DIVOC expects, the first that a certificate has.
const PICTURE: [&str; 2] = ["divoc", "divoc-cwt"];

/// Whose certificates count as the house's own: the keys that it signs with, and signed with earlier.
pub type OwnKeys = Arc<dyn Fn() -> Option<Arc<Knowledge>> + Send + Sync>;

/// The main job as the API needs it.
#[derive(Clone)]
pub struct House {
    batch: Batch,
    own_keys: OwnKeys,
    bundle: Option<Arc<Bundle>>,
    rules: Option<Rules>,
}

/// The trust bundle that verifiers take from here.
struct Bundle {
    dir: PathBuf,
    list_key: ListKey,
    /// One writes at a time.
    writing: tokio::sync::Mutex<()>,
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "House({:?})", self.batch)
    }
}

impl House {
    /// The API over this batch. `own_keys` gives what certificates that are handed in are checked with.
    #[must_use]
    pub fn new(batch: Batch, own_keys: OwnKeys) -> Self {
        Self { batch, own_keys, bundle: None, rules: None }
    }

    /// The same, which writes the trust bundle of this folder anew whenever it has revoked something.
    #[must_use]
    pub fn with_bundle(mut self, dir: PathBuf, list_key: ListKey) -> Self {
        self.bundle = Some(Arc::new(Bundle { dir, list_key, writing: tokio::sync::Mutex::new(()) }));
        self
    }

    /// The same, under the rules of the house for whoever issues.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// Asks whether the caller may have so many certificates issued now.
    async fn allow(&self, caller: &Caller, count: u32) -> Result<(), IssuingError> {
        let Some(rules) = &self.rules else { return Ok(()) };
        let now = self.batch.clock.now();
        match allow_issue(&self.batch.registry, rules, caller.actor(), count, now).await {
            Ok(()) => Ok(()),
            Err(NotAllowed::Quota { wait_seconds, .. }) => Err(IssuingError::TooMany { retry_after: wait_seconds }),
            Err(NotAllowed::OffHours { .. }) => Err(IssuingError::OffHours),
            Err(NotAllowed::Registry(error)) => Err(failed(error)),
        }
    }

    /// Tells verifiers what is revoked. A bundle that cannot be written takes nothing back: the registry knows, and
    /// the next bundle says it.
    async fn publish(&self) {
        let Some(bundle) = &self.bundle else { return };
        let _held = bundle.writing.lock().await;
        if let Err(error) = self.batch.publish(&bundle.dir, &bundle.list_key).await {
            tracing::error!("the issuing API: what was revoked is not in the trust bundle yet: {error}");
        }
    }
}

/// The pseudonyms of a registry, whose secret is made when they are asked for the first time.
///
/// # Errors
/// No random bytes, or the registry's.
pub async fn pseudonyms(registry: &Registry, random: &Random) -> Result<Pseudonyms, BatchError> {
    let mut fresh = [0; 32];
    random(&mut fresh)?;
    let fresh: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
    let held = registry.pin_meta(SECRET, &fresh).await?;
    let row = || RegistryError::Row { place: registry.place().to_owned(), column: "value" };
    let mut secret = [0; 32];
    if held.len() != 2 * secret.len() || !held.is_ascii() {
        return Err(row().into());
    }
    for (byte, digits) in secret.iter_mut().zip(held.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| row())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| row())?;
    }
    Ok(Pseudonyms::new(&secret))
}

/// Writes a failure to the log; the client learns that there was one.
fn failed(error: impl fmt::Display) -> IssuingError {
    tracing::error!("the issuing API: {error}");
    IssuingError::Unavailable
}

impl Issuing for House {
    async fn issue(
        &self,
        records: Vec<VaccinationRecord>,
        mode: Mode,
        caller: &Caller,
    ) -> Result<Vec<Done>, IssuingError> {
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        self.allow(caller, count).await?;
        let answers = self.by(caller).issue(records, mode).await.map_err(failed)?;
        let issued = |answer: &Direct| matches!(answer, Direct::Done(item) if item.status == Status::Issued);
        if self.rules.is_some() {
            let made = u32::try_from(answers.iter().filter(|answer| issued(answer)).count()).unwrap_or(u32::MAX);
            let (registry, now) = (&self.batch.registry, self.batch.clock.now());
            not_issued(registry, caller.actor(), count.saturating_sub(made), now).await.map_err(failed)?;
        }
        if mode == Mode::Again && answers.iter().any(issued) {
            self.publish().await;
        }
        Ok(answers.into_iter().map(done).collect())
    }

    async fn standing(&self, person: &str) -> Result<Vec<Standing>, IssuingError> {
        let all = self.batch.registry.list_by_person(person).await.map_err(failed)?;
        let standing = all.into_iter().filter(|certificate| certificate.stands());
        Ok(standing.map(|certificate| Standing { id: certificate.id, event: certificate.event }).collect())
    }

    async fn find(&self, id: &str) -> Result<Option<String>, IssuingError> {
        Ok(self.known(id).await?.filter(|(_, stands)| *stands).map(|(id, _)| id))
    }

    async fn draw(&self, id: &str, sheet: Sheet) -> Result<Vec<u8>, IssuingError> {
        let (part, format) = match sheet {
            Sheet::Paper | Sheet::Picture => {
                let kind = if sheet == Sheet::Paper { Kind::Pdf } else { Kind::Png };
                return self.batch.file(id, kind, &PICTURE).await.map_err(failed)?.ok_or(IssuingError::NotDrawn);
            }
            Sheet::EuPaper => (Part::Pdf, Format::EuDcc),
            Sheet::EuPicture => (Part::Png(Format::EuDcc), Format::EuDcc),
            Sheet::Fhir => (Part::FhirDocument, Format::Ddcc),
        };
        let no_form = IssuingError::NoForm { form: format.name() };
        let found = self.batch.registry.get(id).await.map_err(failed)?.filter(|certificate| certificate.stands());
        let Some(sealed) = found.and_then(|certificate| certificate.sealed) else { return Err(no_form) };
        let issued = self.batch.open(sealed).map_err(failed)?;
        if !issued.formats().contains(&format) {
            return Err(no_form);
        }
        let drawn = self.batch.draw(issued, part).await.map_err(failed)?;
        // The profiles of the document may want more than the record has.
        drawn.ok_or(no_form)?.map_err(|_| IssuingError::NotDrawn)
    }

    async fn presented(&self, certificate: Vec<u8>) -> Result<Presented, IssuingError> {
        let own_keys = Arc::clone(&self.own_keys);
        let now = self.batch.clock.now();
        let judged = tokio::task::spawn_blocking(move || {
            let knowledge = own_keys()?;
            let verdict = knowledge.verifier(now).judge_bytes(&certificate);
            // Every value that the identifier rests on is signed, and by a key of ours.
            let checks = &verdict.checks;
            let sound = [checks.decode, checks.signature, checks.trust, checks.content];
            Some(verdict.id.filter(|_| sound.iter().all(|check| *check == Check::Passed)))
        });
        let Some(id) = judged.await.map_err(failed)? else {
            return Err(failed("the keys of this issuer cannot be read: write the trust bundle again"));
        };
        let Some(id) = id else { return Ok(Presented::NotOurs) };
        Ok(match self.known(&id).await? {
            Some((_, true)) => Presented::Stands,
            Some((_, false)) => Presented::Revoked,
            None => Presented::NotOurs,
        })
    }

    async fn revoke(&self, person: &str, event: &str, caller: &Caller) -> Result<Vec<String>, IssuingError> {
        let revoked = self.by(caller).revoke(person, event).await.map_err(failed)?;
        if !revoked.is_empty() {
            self.publish().await;
        }
        Ok(revoked)
    }
}

impl House {
    /// The batch on behalf of a caller.
    fn by(&self, caller: &Caller) -> Batch {
        self.batch.by(&caller.actor().name)
    }

    /// The whole identifier of a certificate that was ever signed, with or without its check character, and whether
    /// it stands.
    async fn known(&self, id: &str) -> Result<Option<(String, bool)>, IssuingError> {
        let id = id.trim().to_ascii_uppercase();
        let whole = match (id.contains('#'), check_character(&id)) {
            (false, Some(check)) => format!("{id}#{check}"),
            _ => id,
        };
        let found = self.batch.registry.get(&whole).await.map_err(failed)?;
        let signed = found.filter(|certificate| certificate.sealed.is_some());
        Ok(signed.map(|certificate| (certificate.id.clone(), certificate.stands())))
    }
}

/// The batch's answer in the words of the API.
fn done(answer: Direct) -> Done {
    let refuse =
        |outcome, id, reason| Done { outcome, id, reasons: vec![Refusal::of(reason, None)], notes: Vec::new() };
    match answer {
        Direct::Conflict { id } => refuse(Outcome::Conflict, Some(id), reasons::CONFLICT),
        Direct::Missing => refuse(Outcome::Missing, None, reasons::MISSING),
        Direct::Done(item) => {
            let outcome = match item.status {
                Status::Issued => Outcome::Issued,
                Status::Unchanged => Outcome::Unchanged,
                Status::Refused => return Done::refused(item.reasons),
            };
            let mut notes = item.reasons;
            // Formats that were wanted and that this dose cannot have.
            notes.extend(item.not_issued.into_iter().map(|NotIssued { format, mut refusal }| {
                refusal.message = format!("not issued as {format}: {}", refusal.message);
                refusal
            }));
            Done { outcome, id: item.uvci, reasons: Vec::new(), notes }
        }
    }
}
