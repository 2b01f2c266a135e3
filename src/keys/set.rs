//! The signers of one issuer, old and new, and which of them signs now.
//!
//! A verifier without a network knows a new key only when it has fetched a list since the key was published, so a key
//! is published before it signs (24 hours in CoronaCheck's design and by default here). Hence a signer's life: not
//! published, pending, active, retired (it signs no more, and stays published until the last of its certificates has
//! expired, which is at the latest when its own certificate ends), ended. All of it follows from two things: when the
//! key was first published, which the caller remembers, and the present, which the caller hands in. Nothing needs to
//! be switched by hand, and a program that runs for months changes over by itself.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};

use super::{Algorithm, Certificate, Kid, Purpose, Signer, SignerError};

/// How long a key is published before it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// From the first publication to the first signature; zero where keys sign unpublished.
    pub period: SignedDuration,
    /// Whether a key that has no predecessor signs at once: in a sandbox, where nobody waits for it.
    pub first_at_once: bool,
}

impl Publication {
    /// Keys sign as soon as they are there.
    pub const AT_ONCE: Self = Self { period: SignedDuration::ZERO, first_at_once: true };
}

/// One signer of a set.
pub struct Member {
    signer: Arc<dyn Signer>,
    /// What it is for; empty for whatever its certificate allows.
    usages: Vec<Purpose>,
    /// When it was first published, in seconds since 1970; [`NEVER`] until then.
    published: AtomicI64,
}

/// Not published.
const NEVER: i64 = i64::MAX;

/// A signer whose key is not at hand.
struct Absent(Certificate);

impl Signer for Absent {
    fn algorithm(&self) -> Algorithm {
        if self.0.public_key().is_ok_and(|key| key.is_p256()) { Algorithm::Es256 } else { Algorithm::Ps256 }
    }

    fn certificate(&self) -> &Certificate {
        &self.0
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        Err(SignerError::Failed { kid: self.0.kid().clone() })
    }
}

/// What a signer is at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerState {
    /// Nobody was told of it yet.
    Unpublished,
    /// It does not sign yet.
    Pending {
        /// When it will, if no other is newer by then.
        from: Timestamp,
    },
    /// It signs.
    Active {
        /// What: at least one.
        purposes: Vec<Purpose>,
        /// The first second in which it will not.
        until: Timestamp,
    },
    /// It signs no more, and what it signed still verifies.
    Retired {
        /// Last second of its certificate.
        until: Timestamp,
    },
    /// Its certificate is over: nothing that it signed counts any more.
    Ended {
        /// Since when.
        since: Timestamp,
    },
}

/// Why nobody signs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigning {
    /// The only key in question was not published.
    #[error(
        "the signer certificate {kid} was never published, and a new key signs {hours} hours after its publication: \
         publish it (vaccert keys publish, or upload it to the gateway), or set keys.publish_hours = 0 if verifiers \
         have it already"
    )]
    Unpublished {
        /// Its key identifier.
        kid: Kid,
        /// The period.
        hours: i64,
    },
    /// It was published too recently.
    #[error(
        "the signer certificate {kid} was published at {published} and signs from {from} on, when verifiers have had \
         the time to fetch it: run again then, keep the old key as another [[keys.signer]] until then, or lower \
         keys.publish_hours if verifiers have it already"
    )]
    Pending {
        /// Its key identifier.
        kid: Kid,
        /// When.
        published: Timestamp,
        /// From when it signs.
        from: Timestamp,
    },
    /// Its certificate, or the use of its key, begins later.
    #[error("the signer certificate {kid} may sign from {from} to {until}, not at {now}; put a current one in place")]
    NotYet {
        /// Its key identifier.
        kid: Kid,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// The time of issue.
        now: Timestamp,
    },
    /// Its key may sign no more, while its certificate is still valid.
    #[error(
        "the key of the signer certificate {kid} may not sign since {until} (private key usage period; what it signed \
         counts until {not_after}): put its successor in place"
    )]
    KeyUseOver {
        /// Its key identifier.
        kid: Kid,
        /// End of the use of the key.
        until: Timestamp,
        /// End of the certificate.
        not_after: Timestamp,
    },
    /// Its certificate is over.
    #[error("the signer certificate {kid} ended at {until}, and it is {now}: put its successor in place")]
    Over {
        /// Its key identifier.
        kid: Kid,
        /// When.
        until: Timestamp,
        /// The time of issue.
        now: Timestamp,
    },
}

/// Why signers make no set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// No signer at all.
    #[error("there is no signer: name one with its key and its certificate")]
    Empty,
    /// One certificate, twice.
    #[error("the signer certificate {kid} is named twice: remove one of them")]
    Twice {
        /// Its key identifier.
        kid: Kid,
    },
    /// It is to sign what its certificate does not allow.
    #[error(
        "the signer certificate {kid} is to sign {purpose:?} certificates, which its extended key usage does not \
         allow: correct its usages, or get a certificate for them"
    )]
    Usage {
        /// Its key identifier.
        kid: Kid,
        /// The purpose.
        purpose: Purpose,
    },
}

/// All kinds.
const PURPOSES: [Purpose; 3] = [Purpose::Vaccination, Purpose::Test, Purpose::Recovery];

impl Member {
    /// A signer for `usages`, or for whatever its certificate allows when there are none.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, usages: Vec<Purpose>) -> Self {
        Self { signer, usages, published: AtomicI64::new(NEVER) }
    }

    /// A signer whose key is not at hand: good for telling its state, and it signs nothing.
    #[must_use]
    pub fn of_certificate(certificate: Certificate, usages: Vec<Purpose>) -> Self {
        Self::new(Arc::new(Absent(certificate)), usages)
    }

    /// The same, which was published at this time.
    #[must_use]
    pub fn published_at(self, at: Option<Timestamp>) -> Self {
        self.published.store(at.map_or(NEVER, Timestamp::as_second), Ordering::Release);
        self
    }

    /// The signer.
    #[must_use]
    pub fn signer(&self) -> &Arc<dyn Signer> {
        &self.signer
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    /// When it was first published, to the second.
    #[must_use]
    pub fn published(&self) -> Option<Timestamp> {
        let seconds = self.published.load(Ordering::Acquire);
        (seconds != NEVER).then(|| Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN))
    }

    /// Whether it signs certificates of this kind, when it signs.
    #[must_use]
    pub fn serves(&self, purpose: Purpose) -> bool {
        (self.usages.is_empty() || self.usages.contains(&purpose)) && self.certificate().allows(purpose)
    }

    /// From when it signs: published for long enough, and allowed by its certificate. `None` before publication.
    fn from(&self, rule: Publication) -> Option<Timestamp> {
        let earliest = self.certificate().signs_from();
        if rule.period.is_zero() {
            return Some(earliest);
        }
        let seen = self.published()?.checked_add(rule.period).unwrap_or(Timestamp::MAX);
        Some(seen.max(earliest))
    }

    /// Whether its certificate lets it sign.
    fn is_allowed(&self, now: Timestamp) -> bool {
        let certificate = self.certificate();
        certificate.signs_from() <= now && now < certificate.signs_until()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({}, published {:?})", self.signer.kid(), self.published())
    }
}

/// The signers of one issuer; at least one.
#[derive(Debug)]
pub struct SignerSet {
    members: Vec<Member>,
    rule: Publication,
}

impl SignerSet {
    /// A set of signers, each with another certificate.
    ///
    /// # Errors
    /// [`SetError`].
    pub fn new(members: Vec<Member>, rule: Publication) -> Result<Self, SetError> {
        if members.is_empty() {
            return Err(SetError::Empty);
        }
        for (place, member) in members.iter().enumerate() {
            let kid = member.signer.kid();
            if members.iter().take(place).any(|other| other.certificate() == member.certificate()) {
                return Err(SetError::Twice { kid: kid.clone() });
            }
            if let Some(&purpose) = member.usages.iter().find(|purpose| !member.certificate().allows(**purpose)) {
                return Err(SetError::Usage { kid: kid.clone(), purpose });
            }
        }
        Ok(Self { members, rule })
    }

    /// A set of one, which signs at once.
    #[must_use]
    pub fn single(signer: Arc<dyn Signer>) -> Self {
        Self { members: vec![Member::new(signer, Vec::new())], rule: Publication::AT_ONCE }
    }

    /// All of them, in the order of the configuration.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// When keys sign.
    #[must_use]
    pub fn rule(&self) -> Publication {
        self.rule
    }

    /// Remembers that a key was published. The first time counts; another certificate's kid says nothing.
    pub fn learn(&self, kid: &Kid, at: Timestamp) {
        for member in self.members.iter().filter(|member| member.signer.kid() == kid) {
            member.published.fetch_min(at.as_second(), Ordering::AcqRel);
        }
    }

    /// The certificates that lists must carry at `now`: of all that sign, will sign, or signed and are not over.
    #[must_use]
    pub fn certificates(&self, now: Timestamp) -> Vec<Certificate> {
        let standing = self.members.iter().map(Member::certificate).filter(|certificate| certificate.not_after() > now);
        standing.cloned().collect()
    }

    /// Those that nobody was told of yet, and must be.
    pub fn unpublished(&self, now: Timestamp) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |m| m.published().is_none() && m.certificate().not_after() > now)
    }

    /// The one that signs certificates of this kind at `now`: of those that may, the one that began last. Where no
    /// certificate of the set is for this kind, the one that signs anything: not every format asks.
    ///
    /// # Errors
    /// [`NotSigning`]: of the signers in question, why the most promising one does not.
    pub fn select(&self, purpose: Purpose, now: Timestamp) -> Result<&Member, NotSigning> {
        let for_it: Vec<&Member> = self.members.iter().filter(|member| member.serves(purpose)).collect();
        let asked = if for_it.is_empty() { self.members.iter().collect() } else { for_it };
        let ready = asked.iter().enumerate().filter_map(|(place, member)| {
            let from = member.from(self.rule).filter(|from| *from <= now && member.is_allowed(now))?;
            Some(((from, member.certificate().not_before(), place), *member))
        });
        if let Some((_, member)) = ready.max_by_key(|(order, _)| *order) {
            return Ok(member);
        }
        if self.rule.first_at_once {
            let allowed = asked.iter().filter(|member| member.is_allowed(now));
            // The one that has been known for longest.
            if let Some(member) = allowed.min_by_key(|member| member.published().unwrap_or(Timestamp::MAX)) {
                return Ok(member);
            }
        }
        Err(self.why_not(&asked, now))
    }

    fn why_not(&self, asked: &[&Member], now: Timestamp) -> NotSigning {
        let reason = |member: &&Member| {
            let (certificate, kid) = (member.certificate(), member.signer.kid().clone());
            if now >= certificate.not_after() {
                (4, NotSigning::Over { kid, until: certificate.not_after(), now })
            } else if now >= certificate.signs_until() {
                let (until, not_after) = (certificate.signs_until(), certificate.not_after());
                (3, NotSigning::KeyUseOver { kid, until, not_after })
            } else {
                match (member.published(), member.from(self.rule)) {
                    (Some(published), Some(from)) if certificate.signs_from() <= now => {
                        (0, NotSigning::Pending { kid, published, from })
                    }
                    (None, None) => (1, NotSigning::Unpublished { kid, hours: self.rule.period.as_hours() }),
                    _ => {
                        let (from, until) = (certificate.signs_from(), certificate.signs_until());
                        (2, NotSigning::NotYet { kid, from, until, now })
                    }
                }
            }
        };
        let reasons = asked.iter().map(reason);
        let best = reasons.min_by_key(|(rank, _)| *rank).map(|(_, reason)| reason);
        // A set has at least one member, and `asked` too.
        best.unwrap_or(NotSigning::Unpublished { kid: Kid::new([]), hours: self.rule.period.as_hours() })
    }

    /// Whoever goes on when this member stops: of those that serve all that it signs, the one that signs longest, if
    /// it is longer than this one, and from when it may.
    #[must_use]
    pub fn successor(&self, member: &Member, purposes: &[Purpose]) -> Option<(&Member, Timestamp)> {
        let until = member.certificate().signs_until();
        let others = self.members.iter().filter_map(|other| {
            let goes_on = !std::ptr::eq(other, member) && purposes.iter().all(|purpose| other.serves(*purpose));
            let from = other.from(self.rule).filter(|from| *from <= until)?;
            (goes_on && other.certificate().signs_until() > until).then_some((other, from))
        });
        others.max_by_key(|(other, _)| other.certificate().signs_until())
    }

    /// What a member of this set is at `now`.
    #[must_use]
    pub fn state(&self, member: &Member, now: Timestamp) -> SignerState {
        let certificate = member.certificate();
        if now >= certificate.not_after() {
            return SignerState::Ended { since: certificate.not_after() };
        }
        let signs = |purpose: &Purpose| {
            member.serves(*purpose) && self.select(*purpose, now).is_ok_and(|chosen| std::ptr::eq(chosen, member))
        };
        let purposes: Vec<Purpose> = PURPOSES.into_iter().filter(signs).collect();
        if !purposes.is_empty() {
            return SignerState::Active { purposes, until: certificate.signs_until() };
        }
        if now >= certificate.signs_until() {
            return SignerState::Retired { until: certificate.not_after() };
        }
        match member.from(self.rule) {
            None => SignerState::Unpublished,
            Some(from) if from > now => SignerState::Pending { from },
            Some(_) => SignerState::Retired { until: certificate.not_after() },
        }
    }
}
