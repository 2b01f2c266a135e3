//! Does what waits: finds out whom a question is about and sends the code, and sends the notices that are due.
//!
//! A code is made here, when it is sent, and only its mark is kept. Any number of couriers may work on one registry:
//! each takes what it does by a lease.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{Carrier, CarryError, Directory, Message, Text, text};
use crate::{
    batch::{BatchError, Random},
    clock::Clock,
    config::{CitizenLimits, CitizenOptions, MessageOptions},
    limits,
    registry::{
        Registry,
        people::{Allowance, AskedCode, Notice, NoticeKind, NoticeOutcome},
    },
    work::people::{Contact, Marks, base32},
};

/// Characters of a link's token: 130 random bits.
pub const LINK_CHARS: usize = 26;

/// Requests that are worked on at the same time; DHIS2 serves others too.
const AT_ONCE: usize = 4;
/// Requests taken at a time.
const BATCH: u32 = 32;

/// What went out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Codes.
    pub codes: u64,
    /// Notices.
    pub notices: u64,
    /// What is tried again later.
    pub waiting: u64,
    /// Why nothing goes out just now, whoever it is for.
    pub trouble: Option<Trouble>,
}

/// Why no message goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong and what to do.
    pub text: String,
    /// Whether somebody must act: it does not pass by itself.
    pub needs_operator: bool,
}

/// Sends codes and notices.
pub struct Courier {
    registry: Registry,
    marks: Marks,
    citizen: CitizenOptions,
    messages: MessageOptions,
    carrier: Carrier,
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    random: Random,
    /// When expiring certificates were last looked for, and what ended was last forgotten.
    tidied: AtomicI64,
    /// Why nothing goes out, and until when no notice is tried.
    trouble: Mutex<Option<(Timestamp, Trouble)>>,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Courier({:?})", self.carrier)
    }
}

impl Courier {
    /// A courier of these parts.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "each part comes from elsewhere")]
    pub fn new(
        registry: Registry,
        marks: Marks,
        citizen: CitizenOptions,
        messages: MessageOptions,
        carrier: Carrier,
        directory: Arc<dyn Directory>,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Self {
        let tidied = AtomicI64::new(i64::MIN);
        let trouble = Mutex::default();
        Self { registry, marks, citizen, messages, carrier, directory, clock, random, tidied, trouble }
    }

    /// Does everything that waits now.
    ///
    /// # Errors
    /// The registry's, or no random bytes. What was taken is taken again when its lease ends.
    pub async fn work(&self) -> Result<Delivered, BatchError> {
        let mut delivered = Delivered::default();
        self.tidy().await?;
        loop {
            let lease = SignedDuration::from_secs(limits::CODE_LEASE_SECONDS);
            let taken = self.registry.take_codes(BATCH, lease, self.clock.now()).await?;
            if taken.is_empty() {
                break;
            }
            let mut done = stream::iter(taken).map(|asked| self.code(asked)).buffer_unordered(AT_ONCE);
            while let Some(sent) = done.next().await {
                match sent? {
                    Some(true) => delivered.codes += 1,
                    Some(false) => delivered.waiting += 1,
                    None => {}
                }
            }
        }
        let told = !matches!(self.carrier, Carrier::Off) && (self.messages.ready || self.messages.expires);
        if told && self.troubled().is_none() {
            let until = after(self.clock.now(), limits::CODE_LEASE_SECONDS);
            let taken = self.registry.take_notices(BATCH, until, self.clock.now()).await?;
            let mut done = stream::iter(taken).map(|notice| self.notice(notice)).buffer_unordered(AT_ONCE);
            while let Some(outcome) = done.next().await {
                match outcome? {
                    NoticeOutcome::Sent => delivered.notices += 1,
                    NoticeOutcome::Again(_) | NoticeOutcome::Later(_) => delivered.waiting += 1,
                    NoticeOutcome::Unsure | NoticeOutcome::Ended => {}
                }
            }
        }
        delivered.trouble = self.troubled();
        Ok(delivered)
    }

    /// Why nothing goes out just now, if that was found a moment ago.
    fn troubled(&self) -> Option<Trouble> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().filter(|(until, _)| self.clock.now() < *until).map(|(_, trouble)| trouble.clone())
    }

    /// Hands a message over. What stands in the way of every message is told once for all of them, not for each.
    async fn carry(&self, to: &Contact, said: &Text, now: Timestamp) -> Result<(), CarryError> {
        let carried = self.carrier.carry(to, said, now).await;
        let trouble = match &carried {
            Ok(()) => None,
            Err(error) if error.is_for_everybody() => {
                let trouble = Trouble { text: error.to_string(), needs_operator: !error.passes() };
                Some((after(now, limits::NOTICE_RETRY_SECONDS), trouble))
            }
            Err(_) => return carried,
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        carried
    }

    /// Once an hour: certificates that expire soon, and what may be forgotten.
    async fn tidy(&self) -> Result<(), BatchError> {
        let now = self.clock.now();
        let before = self.tidied.load(Ordering::Relaxed);
        if now.as_second().saturating_sub(before) < 3_600 && before != i64::MIN {
            return Ok(());
        }
        self.tidied.store(now.as_second(), Ordering::Relaxed);
        let yesterday = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
        self.registry.sweep_citizens(yesterday).await?;
        if self.messages.expires {
            let until = now.saturating_add(SignedDuration::from_hours(24 * limits::RENEWAL_DAYS_BEFORE)).unwrap_or(now);
            self.registry.note_expiring(until, limits::NOTICES_AT_ONCE, now).await?;
        }
        Ok(())
    }

    /// `Some(true)` when the code went out, `Some(false)` when it waits, `None` when nothing comes of it.
    async fn code(&self, asked: AskedCode) -> Result<Option<bool>, BatchError> {
        let AskedCode { request, contact: counted } = asked;
        let found = self.registry.find_people(&request.kind, &request.mark, &request.births).await?;
        // Of one person who was registered twice with two numbers, the number that was read last counts.
        let first = found.iter().find_map(|person| Some((person.tracked_entity.clone(), person.contact?)));
        let Some((person, indexed)) = first else {
            self.registry.settle_code(&request.id, false, None).await?;
            return Ok(None);
        };
        let reached = match self.directory.reach(&person).await {
            Ok(Some(reached)) => reached,
            Ok(None) => {
                self.registry.settle_code(&request.id, false, None).await?;
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!("a code waits: {error}");
                return self.wait(&request.id).await.map(Some);
            }
        };
        let contact = self.marks.contact(&reached.contact);
        // A number that changed since the person was read belongs to nobody else of the old one.
        let people: Vec<String> = if contact == indexed {
            let same = found.iter().filter(|person| person.contact == Some(indexed));
            same.map(|person| person.tracked_entity.clone()).collect()
        } else {
            vec![person.clone()]
        };
        let code = self.digits()?;
        let mark = self.marks.code(&request.id, &code);
        let owner = self.marks.person(&person);
        let CitizenLimits { codes_per_hour, codes_per_day, .. } = self.citizen.limits;
        let hour = |name| Allowance::new(name, codes_per_hour, CitizenLimits::HOUR);
        let day = |name| Allowance::new(name, codes_per_day, CitizenLimits::DAY);
        let all = [
            (hour("codes of contact"), contact.as_slice()),
            (day("codes of contact, day"), contact.as_slice()),
            (hour("codes of person"), owner.as_slice()),
            (day("codes of person, day"), owner.as_slice()),
        ];
        let wanted = if counted == Some(contact) { &[][..] } else { &all[..] };
        if !self.registry.arm_code(&request.id, &mark, &contact, &people, wanted, self.clock.now()).await? {
            self.registry.settle_code(&request.id, false, None).await?;
            return Ok(None);
        }
        let language = reached.language.unwrap_or_else(|| request.language.clone());
        let said = text(Message::Code(&code), &language);
        match self.carry(&reached.contact, &said, self.clock.now()).await {
            Ok(()) => {
                self.registry.settle_code(&request.id, true, None).await?;
                Ok(Some(true))
            }
            // It may have arrived, and then it must work.
            Err(error) if !error.is_certain() => {
                tracing::warn!("a code may not have gone out: {error}");
                self.registry.settle_code(&request.id, true, None).await?;
                Ok(None)
            }
            Err(CarryError::Off | CarryError::Kind) => {
                self.registry.settle_code(&request.id, false, None).await?;
                Ok(None)
            }
            Err(error) => {
                if !error.is_for_everybody() {
                    tracing::warn!("a code waits: {error}");
                }
                self.wait(&request.id).await.map(Some)
            }
        }
    }

    async fn wait(&self, id: &[u8; 32]) -> Result<bool, BatchError> {
        let again = after(self.clock.now(), limits::CODE_RETRY_SECONDS);
        self.registry.settle_code(id, false, Some(again)).await?;
        Ok(false)
    }

    /// Six digits, each set of them as likely as any other.
    fn digits(&self) -> Result<String, BatchError> {
        loop {
            let mut bytes = [0; 4];
            (self.random)(&mut bytes)?;
            let number = u32::from_be_bytes(bytes);
            // The last, incomplete million of the range would make low numbers likelier.
            if number < u32::MAX - u32::MAX % 1_000_000 {
                return Ok(format!("{:06}", number % 1_000_000));
            }
        }
    }

    async fn notice(&self, notice: Notice) -> Result<NoticeOutcome, BatchError> {
        let outcome = self.tell(&notice).await?;
        self.registry.settle_notice(notice.number, outcome).await?;
        Ok(outcome)
    }

    async fn tell(&self, notice: &Notice) -> Result<NoticeOutcome, BatchError> {
        let now = self.clock.now();
        let later = || NoticeOutcome::Later(after(now, limits::NOTICE_RETRY_SECONDS));
        if self.troubled().is_some() {
            // Another one has just found that nothing goes out.
            return Ok(later());
        }
        let Some(address) = &self.messages.address else { return Ok(NoticeOutcome::Ended) };
        let certificate = self.registry.get(&notice.certificate).await?.filter(|certificate| certificate.stands());
        let Some(certificate) = certificate else { return Ok(NoticeOutcome::Ended) };
        let again = || {
            let doubled = 1_i64.checked_shl(u32::try_from(notice.tries).unwrap_or(u32::MAX)).unwrap_or(i64::MAX);
            let wait = limits::NOTICE_RETRY_SECONDS.saturating_mul(doubled.max(1)).min(86_400);
            if notice.tries >= limits::NOTICE_TRIES {
                NoticeOutcome::Ended
            } else {
                NoticeOutcome::Again(after(now, wait))
            }
        };
        let reached = match self.directory.reach(&notice.tracked_entity).await {
            Ok(Some(reached)) => reached,
            Ok(None) => return Ok(NoticeOutcome::Ended),
            Err(error) => {
                tracing::warn!("a notice waits: {error}");
                return Ok(again());
            }
        };
        let mut random = [0; 17];
        (self.random)(&mut random)?;
        let token = base32(&random, LINK_CHARS);
        let ends_at = now.saturating_add(SignedDuration::from_hours(limits::LINK_HOURS)).unwrap_or(now);
        self.registry.make_link(&self.marks.token("link", &token), &notice.tracked_entity, ends_at).await?;
        let link = format!("{address}/l/{token}");
        let ends = certificate.sealed.iter().flat_map(|sealed| &sealed.envelopes).map(|e| e.expires_at).min();
        let day = ends.map(|ends| jiff::tz::Offset::UTC.to_datetime(ends).date().to_string()).unwrap_or_default();
        let message = match notice.kind {
            NoticeKind::Ready => Message::Ready(&link),
            NoticeKind::Expires => Message::Expires(&day, &link),
        };
        let said = text(message, reached.language.as_deref().unwrap_or("en"));
        Ok(match self.carry(&reached.contact, &said, now).await {
            Ok(()) => NoticeOutcome::Sent,
            Err(error) if !error.is_certain() => NoticeOutcome::Unsure,
            Err(CarryError::Off | CarryError::Kind) => NoticeOutcome::Ended,
            Err(error) if error.is_for_everybody() => later(),
            Err(error) => {
                tracing::warn!("a notice waits: {error}");
                again()
            }
        })
    }
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}
