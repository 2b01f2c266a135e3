//! What the registry holds of certificates, for those who may see it.

use jiff::{SignedDuration, Timestamp};

use super::{Desk, DeskError};
use crate::{
    access::Actor,
    batch::Part,
    document,
    issue::{Format, Issued},
    limits,
    registry::{self, Action, Origin, Reason, State},
};

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Valid,
    /// It has ended by itself.
    Expired,
    /// A newer one took its place.
    Superseded,
    /// It was revoked.
    Revoked(Reason),
}

impl Standing {
    /// Stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Revoked(_) => "revoked",
        }
    }
}

/// Whether and when a certificate can be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Now.
    Now,
    /// From this time on.
    From(Timestamp),
    /// Until then it could be.
    Over(Timestamp),
    /// Never: revoked, superseded, or without an end.
    Never,
}

/// A signed certificate of the registry.
#[derive(Debug, Clone)]
pub struct Held {
    /// Itself, with its envelopes. Personal data.
    pub issued: Issued,
    /// UID of the person in DHIS2.
    pub person: String,
    /// Key of its record: the UID of its event, with a part behind it where one event holds several.
    pub record: String,
    /// How it stands now.
    pub standing: Standing,
    /// When it first ends in one of its formats; `None` where none says so.
    pub expires_at: Option<Timestamp>,
    /// Whether it can be renewed now.
    pub renewal: Renewal,
    /// Where it came from.
    pub origin: Origin,
    /// The certificate whose place it took.
    pub supersedes: Option<String>,
    /// The certificate that took its place.
    pub superseded_by: Option<String>,
    /// Whether its record is open for another certificate.
    pub(super) withdrawn: bool,
}

impl Held {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        self.issued.id.as_str()
    }

    /// Whether it counts, or did until its end: it was neither revoked nor superseded.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.standing, Standing::Valid | Standing::Expired)
    }

    /// It has no form that was asked for.
    pub(super) fn no_form(&self) -> DeskError {
        DeskError::NoForm { forms: self.issued.formats().into_iter().map(|format| format.name().to_owned()).collect() }
    }

    /// Tells this state of the certificate from every other one: for marks of versions (`ETag`), in which nothing of
    /// the certificate can be read.
    #[must_use]
    pub fn stamp(&self) -> String {
        let said =
            format!("{} {:?} {:?} {:?}", self.issued.id, self.standing, self.superseded_by, self.issued.formats());
        crate::keys::sha256(said.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What happened to a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was decided to sign it.
    Intended,
    /// It was signed in this format.
    Signed(Format),
    /// It took the place of another one.
    Supersedes(String),
    /// Another one took its place.
    SupersededBy(String),
    /// It was revoked.
    Revoked(Reason),
    /// Its revocation was taken back.
    Restored(Reason),
}

/// One thing that happened to a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When; not known of a succession, which the dates around it tell.
    pub at: Option<Timestamp>,
    /// What.
    pub what: What,
    /// Who had it done, where that is known.
    pub by: Option<String>,
    /// The reason that was given.
    pub note: Option<String>,
}

impl Desk {
    /// A signed certificate, whatever became of it.
    ///
    /// # Errors
    /// [`DeskError::Unknown`] where there is none that the actor may see; the registry's.
    pub async fn open(&self, id: &str, actor: &Actor) -> Result<Held, DeskError> {
        let id = self.identifier(id)?;
        let certificate = self.registry().get(&id).await?.ok_or(DeskError::Unknown)?;
        if !self.may_see(actor, certificate.origin.facility.as_deref()).await {
            return Err(DeskError::Unknown);
        }
        self.held(certificate)?.ok_or(DeskError::Unknown)
    }

    /// Every signed certificate of a person that the actor may see, the oldest first, those that no longer count among
    /// them. Empty where there is none.
    ///
    /// # Errors
    /// [`DeskError::Uid`] for what can be the key of no person; the registry's.
    pub async fn list(&self, person: &str, actor: &Actor) -> Result<Vec<Held>, DeskError> {
        if person.is_empty() || person.len() > limits::REGISTRY_KEY_BYTES || person.chars().any(char::is_control) {
            return Err(DeskError::Uid { what: "person" });
        }
        let mut held = Vec::new();
        for certificate in self.registry().list_by_person(person).await? {
            if certificate.sealed.is_some() && self.may_see(actor, certificate.origin.facility.as_deref()).await {
                held.extend(self.held(certificate)?);
            }
        }
        Ok(held)
    }

    /// A file of a certificate: drawn once, and kept in memory for those who come again.
    ///
    /// # Errors
    /// [`DeskError::NoForm`], [`DeskError::NotDrawn`].
    pub async fn draw(&self, held: &Held, part: Part) -> Result<std::sync::Arc<[u8]>, DeskError> {
        let key = drawn_key(held, part);
        if let Some(bytes) = self.0.drawn.get(&key) {
            return Ok(bytes);
        }
        let turn = self.0.drawn.turn().await?;
        if let Some(bytes) = self.0.drawn.get(&key) {
            return Ok(bytes);
        }
        let made = self.batch().draw(held.issued.clone(), part).await?;
        drop(turn);
        let bytes = made.ok_or_else(|| held.no_form())?.map_err(|note| DeskError::NotDrawn { note })?;
        Ok(self.0.drawn.put(key, bytes.into()))
    }

    /// Certificates on paper, all in one PDF and as somebody ordered it; kept as [`Desk::draw`] keeps files.
    ///
    /// # Errors
    /// [`DeskError::NoForm`], [`DeskError::NotDrawn`].
    pub async fn print(&self, held: &[&Held], order: &document::Order) -> Result<std::sync::Arc<[u8]>, DeskError> {
        let keys: Vec<String> = held.iter().map(|held| drawn_key(held, Part::Pdf)).collect();
        let key = format!("{} {order:?}", keys.join(" "));
        if let Some(bytes) = self.0.drawn.get(&key) {
            return Ok(bytes);
        }
        let turn = self.0.drawn.turn().await?;
        if let Some(bytes) = self.0.drawn.get(&key) {
            return Ok(bytes);
        }
        let issued = held.iter().map(|held| held.issued.clone()).collect();
        let made = self.batch().print(issued, *order).await?;
        drop(turn);
        let no_form = || DeskError::NoForm { forms: Vec::new() };
        let bytes = made.ok_or_else(no_form)?.map_err(|note| DeskError::NotDrawn { note })?;
        Ok(self.0.drawn.put(key, bytes.into()))
    }

    /// What happened to a certificate, in order.
    ///
    /// # Errors
    /// As [`Desk::open`].
    pub async fn history(&self, id: &str, actor: &Actor) -> Result<Vec<Happening>, DeskError> {
        let id = self.identifier(id)?;
        let certificate = self.registry().get(&id).await?.filter(|found| found.state != State::Intended);
        let certificate = certificate.ok_or(DeskError::Unknown)?;
        if !self.may_see(actor, certificate.origin.facility.as_deref()).await {
            return Err(DeskError::Unknown);
        }
        let operator = certificate.origin.operator.clone();
        let plain = |at, what| Happening { at, what, by: None, note: None };
        let mut happened = vec![Happening { by: operator, ..plain(Some(certificate.intended_at), What::Intended) }];
        for envelope in certificate.sealed.iter().flat_map(|sealed| &sealed.envelopes) {
            if let Ok(format) = envelope.format.parse() {
                happened.push(plain(Some(envelope.issued_at), What::Signed(format)));
            }
        }
        happened.extend(certificate.supersedes.map(|older| plain(None, What::Supersedes(older))));
        for record in self.registry().revocations_about(&id).await? {
            let what = match record.action {
                Action::Revoke => What::Revoked(record.cause.reason),
                Action::Undo => What::Restored(record.cause.reason),
            };
            let (by, note) = (record.cause.operator, record.cause.note);
            happened.push(Happening { at: Some(record.at), what, by, note });
        }
        happened.extend(certificate.superseded_by.map(|newer| plain(None, What::SupersededBy(newer))));
        Ok(happened)
    }

    /// A row of the registry as it is held out; `None` for an intent.
    pub(super) fn held(&self, certificate: registry::Certificate) -> Result<Option<Held>, DeskError> {
        let registry::Certificate {
            tracked_entity,
            event,
            sealed,
            supersedes,
            superseded_by,
            withdrawn_at,
            origin,
            revoked,
            ..
        } = certificate;
        let Some(sealed) = sealed else { return Ok(None) };
        let issued = self.batch().open(sealed)?;
        let now = self.batch().clock.now();
        let expires_at = issued.envelopes.iter().filter_map(|envelope| envelope.expires_at).min();
        let withdrawn = withdrawn_at.is_some();
        let standing = match (revoked, &superseded_by) {
            (Some(Reason::Superseded), _) | (None, Some(_)) => Standing::Superseded,
            (Some(reason), _) => Standing::Revoked(reason),
            (None, None) if withdrawn => Standing::Revoked(Reason::Deleted),
            (None, None) if expires_at.is_some_and(|end| end <= now) => Standing::Expired,
            (None, None) => Standing::Valid,
        };
        let mut held = Held {
            issued,
            person: tracked_entity,
            record: event,
            standing,
            expires_at,
            renewal: Renewal::Never,
            origin,
            supersedes,
            superseded_by,
            withdrawn,
        };
        held.renewal = self.renewal(&held, now);
        Ok(Some(held))
    }

    /// Users' ask 4: from 28 days before the end to 90 days after it; and at once when the key is gone.
    fn renewal(&self, held: &Held, now: Timestamp) -> Renewal {
        match held.standing {
            Standing::Superseded => return Renewal::Never,
            // The key was lost and not the certificate: its record is free for another one.
            Standing::Revoked(Reason::Key) => return Renewal::Now,
            Standing::Revoked(_) => return Renewal::Never,
            Standing::Valid | Standing::Expired => {}
        }
        let issuer = &self.batch().issuer;
        let known = |kid: &crate::keys::Kid| {
            let signs = issuer.signers().members().iter().any(|member| member.certificate().kid() == kid);
            signs || issuer.linked_data().is_some_and(|linked| linked.key().kid == *kid)
        };
        if !held.issued.envelopes.iter().all(|envelope| known(&envelope.kid)) {
            return Renewal::Now;
        }
        let Some(end) = held.expires_at else { return Renewal::Never };
        let days = |days| SignedDuration::from_hours(24 * days);
        let from = end.checked_sub(days(limits::RENEWAL_DAYS_BEFORE)).unwrap_or(end);
        let until = end.checked_add(days(limits::RENEWAL_DAYS_AFTER)).unwrap_or(end);
        match () {
            () if now < from => Renewal::From(from),
            () if now > until => Renewal::Over(until),
            () => Renewal::Now,
        }
    }
}

fn drawn_key(held: &Held, part: Part) -> String {
    let formats: Vec<&str> = held.issued.formats().into_iter().map(Format::name).collect();
    format!("{} {} {}", held.issued.id, part.file_name(), formats.join(","))
}
