//! Paths from a certificate to an authority that is believed, as this field needs them: RFC 5280 section 6 as far as
//! it applies, and the binding to one country on top.
//!
//! Countries have two levels: an authority (CSCA, SCA) and what it issued. An authority below another one counts when
//! it is itself listed, and whatever stands above it then says nothing (certificate governance: only the authority
//! that issues signers is whitelisted). Certificates for TLS and uploads may stand under a longer path of an authority
//! that anybody runs; for them [`Pool::with_intermediates`] holds what may lie between.
//!
//! Time is passed in, nothing is fetched, and the search is bounded: several authorities may share a name or a key
//! identifier, and may have signed one another in circles.

mod reason;

use jiff::Timestamp;

pub use reason::{Fault, NoPath, Place, Reason};

use crate::{
    keys::{Certificate, Profile, PublicKeyError},
    limits::{PATH_DEPTH, PATH_POOL, PATH_SIGNATURES},
};

/// `clientAuth` (RFC 5280 section 4.2.1.12).
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// What the certificate is for that a path is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Signs documents (DSC).
    Documents,
    /// Signs CMS messages (UPLOAD).
    Messages,
    /// Proves who connects (TLS client).
    TlsClient,
    /// Signs certificates: an authority below another one.
    Certificates,
}

/// At which time the certificates must be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// Every one of them at this time: the shell model of the certificate governance.
    At(Timestamp),
    /// The authorities at this time, for a certificate that is not past its own end. Whether it is itself in date is
    /// told as a remark: a list keeps it, and the verdict decides on each document. Of one that has expired the
    /// authorities' dates say nothing more.
    AuthoritiesAt(Timestamp),
    /// Not looked at.
    Ignored,
}

/// What a path must fulfil.
#[derive(Debug, Clone, Copy)]
pub struct PathRules {
    /// What the certificate is for.
    pub purpose: Use,
    /// When the certificates must be valid.
    pub dates: Dates,
    /// Whether the authorities must be of the certificate's own country.
    pub same_country: bool,
    /// Which reasons become remarks instead. A signature that does not count can never be tolerated.
    pub tolerates: fn(&Reason) -> bool,
}

impl PathRules {
    /// Everything strict.
    #[must_use]
    pub fn new(purpose: Use, dates: Dates) -> Self {
        Self { purpose, dates, same_country: true, tolerates: |_| false }
    }

    /// As the entries of a trust list must fulfil them. Authorities were issued anew with other key identifiers, and
    /// their signers stayed (12 of 438 in WHO's production list of August 2026): the name and the signature decide.
    #[must_use]
    pub fn for_list(at: Timestamp) -> Self {
        Self {
            tolerates: |reason| *reason == Reason::KeyIdDiffers,
            ..Self::new(Use::Documents, Dates::AuthoritiesAt(at))
        }
    }

    /// Authorities of any country will do.
    #[must_use]
    pub fn under_any_country(self) -> Self {
        Self { same_country: false, ..self }
    }
}

/// A certificate that may stand in a path.
#[derive(Debug, Clone)]
struct Candidate<'c> {
    certificate: &'c Certificate,
    profile: Result<Profile, Reason>,
    believed: bool,
}

/// The authorities among which a path is looked for.
#[derive(Debug, Clone, Default)]
pub struct Pool<'c> {
    candidates: Vec<Candidate<'c>>,
    too_large: bool,
}

impl<'c> Pool<'c> {
    /// A pool of authorities that are believed.
    #[must_use]
    pub fn new(believed: impl IntoIterator<Item = &'c Certificate>) -> Self {
        Self::default().with_believed(believed)
    }

    /// Adds authorities that are believed.
    #[must_use]
    pub fn with_believed(mut self, believed: impl IntoIterator<Item = &'c Certificate>) -> Self {
        believed.into_iter().for_each(|certificate| self.add(certificate, true));
        self
    }

    /// Adds certificates that prove nothing by themselves and may lie between.
    #[must_use]
    pub fn with_intermediates(mut self, between: impl IntoIterator<Item = &'c Certificate>) -> Self {
        between.into_iter().for_each(|certificate| self.add(certificate, false));
        self
    }

    fn add(&mut self, certificate: &'c Certificate, believed: bool) {
        if let Some(known) = self.candidates.iter_mut().find(|known| known.certificate.der() == certificate.der()) {
            known.believed |= believed;
        } else if self.candidates.len() >= PATH_POOL {
            self.too_large = true;
        } else {
            let profile = certificate.profile().map_err(Reason::of_extensions);
            self.candidates.push(Candidate { certificate, profile, believed });
        }
    }

    /// Whether there is nobody in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The believed authority with these octets.
    fn holds(&self, certificate: &Certificate) -> bool {
        self.candidates.iter().any(|one| one.believed && one.certificate.der() == certificate.der())
    }
}

/// A path that was found.
#[derive(Debug, Clone)]
pub struct Path<'c> {
    /// The authorities, from the one that issued the certificate to the one that is believed. Empty when the
    /// certificate itself is believed.
    pub authorities: Vec<&'c Certificate>,
    /// What is worth knowing and no obstacle.
    pub remarks: Vec<Fault>,
}

/// Looks for the path of a certificate.
///
/// # Errors
/// [`NoPath`] with every reason that stands against the certificate and against the best authority found for it.
pub fn find<'c>(certificate: &Certificate, pool: &Pool<'c>, rules: &PathRules) -> Result<Path<'c>, NoPath> {
    let profile = certificate.profile().map_err(Reason::of_extensions);
    let mut own = leaf_faults(certificate, &profile, rules);
    let mut search = Search { pool, rules, leaf: certificate, signatures: 0, best: None };
    let mut path = Vec::new();
    let found = if pool.too_large {
        Err(vec![Fault { place: Place::Leaf, reason: Reason::PoolTooLarge }])
    } else if pool.holds(certificate) || profile == Err(Reason::Malformed) {
        Ok(Vec::new())
    } else {
        search.climb(certificate, profile.as_ref().ok(), &mut path)
    };
    let mut remarks = take_tolerated(&mut own, rules);
    let above = match found {
        Ok(tolerated) => {
            remarks.extend(tolerated);
            Vec::new()
        }
        Err(faults) => faults,
    };
    let mut faults = own.into_iter().chain(above);
    match faults.next() {
        Some(first) => Err(NoPath { first, rest: faults.collect() }),
        None => {
            let authorities: Vec<&Certificate> = path.iter().map(|candidate| candidate.certificate).collect();
            remarks.extend(remarks_on(certificate, &authorities, rules));
            Ok(Path { authorities, remarks })
        }
    }
}

/// Moves what is tolerated out of the faults.
fn take_tolerated(faults: &mut Vec<Fault>, rules: &PathRules) -> Vec<Fault> {
    let (tolerated, kept) = faults.drain(..).partition(|fault| {
        !matches!(
            fault.reason,
            Reason::SignatureMismatch
                | Reason::WeakAlgorithm { .. }
                | Reason::UnsupportedAlgorithm { .. }
                | Reason::WrongKind
                | Reason::SignatureForm
                | Reason::NoAuthority
                | Reason::SelfSigned
        ) && (fault.reason == Reason::NoKeyId || (rules.tolerates)(&fault.reason))
    });
    *faults = kept;
    tolerated
}

/// What can be said of any certificate by itself.
fn general_faults(certificate: &Certificate, profile: &Result<Profile, Reason>, found: &mut Vec<Reason>) {
    match profile {
        Err(reason) => found.push(reason.clone()),
        Ok(profile) => {
            found.extend(profile.unknown_critical.iter().map(|oid| Reason::CriticalUnknown { oid: oid.clone() }));
            if profile.has_extensions && profile.version != 3 {
                found.push(Reason::Version { version: profile.version });
            }
        }
    }
    if matches!(certificate.public_key(), Err(PublicKeyError::ExplicitCurve)) {
        found.push(Reason::ExplicitCurve);
    }
    if certificate.not_after() < certificate.not_before() {
        found.push(Reason::DatesReversed);
    }
}

/// What is wrong with the validity of a certificate at a time.
pub(super) fn date_fault(certificate: &Certificate, at: Timestamp) -> Option<Reason> {
    if at < certificate.not_before() {
        Some(Reason::NotYetValid { from: certificate.not_before() })
    } else if at > certificate.not_after() {
        Some(Reason::Expired { until: certificate.not_after() })
    } else {
        None
    }
}

fn leaf_faults(certificate: &Certificate, profile: &Result<Profile, Reason>, rules: &PathRules) -> Vec<Fault> {
    let mut found = Vec::new();
    general_faults(certificate, profile, &mut found);
    if rules.purpose == Use::Documents
        && let Err(source) = certificate.public_key()
        && source != PublicKeyError::ExplicitCurve
    {
        found.push(Reason::Key { source });
    }
    if let Ok(profile) = profile {
        match rules.purpose {
            Use::Documents if profile.is_authority => found.push(Reason::IsAuthority),
            Use::Certificates if !profile.is_authority => found.push(Reason::NotAnAuthority),
            _ => {}
        }
        match rules.purpose {
            Use::Certificates if !profile.may_sign_certificates() => found.push(Reason::MayNotCertify),
            Use::Documents | Use::Messages | Use::TlsClient if !profile.may_sign_documents() => {
                found.push(Reason::MayNotSign);
            }
            _ => {}
        }
        if rules.purpose == Use::TlsClient && !profile.usages.iter().any(|usage| usage == CLIENT_AUTH) {
            found.push(Reason::UsageMissing { oid: CLIENT_AUTH });
        }
    }
    if rules.same_country && certificate.country().is_none() {
        found.push(Reason::NoCountry);
    }
    if let Dates::At(at) = rules.dates {
        found.extend(date_fault(certificate, at));
    }
    found.into_iter().map(|reason| Fault { place: Place::Leaf, reason }).collect()
}

/// What is worth knowing of a path that counts.
fn remarks_on(certificate: &Certificate, authorities: &[&Certificate], rules: &PathRules) -> Vec<Fault> {
    let mut remarks = Vec::new();
    let mut note = |place, reason| remarks.push(Fault { place, reason });
    if let Dates::AuthoritiesAt(at) = rules.dates
        && let Some(reason) = date_fault(certificate, at)
    {
        note(Place::Leaf, reason);
    }
    if let Dates::At(at) | Dates::AuthoritiesAt(at) = rules.dates
        && rules.purpose == Use::Documents
        && certificate.signs_until() < certificate.not_after()
        && certificate.signs_until() < at
        && at <= certificate.not_after()
    {
        note(Place::Leaf, Reason::KeyUseEnded { until: certificate.signs_until() });
    }
    let mut below = certificate;
    for (level, authority) in authorities.iter().enumerate() {
        if below.not_after() > authority.not_after() {
            let place = if level == 0 { Place::Leaf } else { Place::Authority(level) };
            note(place, Reason::Outlives { authority_until: authority.not_after() });
        }
        below = authority;
    }
    remarks
}

/// Whether two country codes are one: case counts, as at the gateway. The EU writes EL where ISO 3166 has GR.
fn is_same_country(one: &str, other: &str) -> bool {
    let code = |text: &str| if text == "EL" { "GR".to_owned() } else { text.to_owned() };
    code(one) == code(other)
}

/// How close an attempt that failed came: to somebody who is believed, with a signature that matches, how far up, and
/// with how few faults.
type Rank = (bool, bool, usize, std::cmp::Reverse<usize>);

struct Search<'s, 'c> {
    pool: &'s Pool<'c>,
    rules: &'s PathRules,
    leaf: &'s Certificate,
    /// Signatures checked so far.
    signatures: usize,
    best: Option<(Rank, Vec<Fault>)>,
}

impl<'s, 'c> Search<'s, 'c> {
    /// Goes up from `below`; `path` holds the authorities found so far, and the whole path when it ends well. Gives
    /// the faults that were tolerated on the way.
    fn climb(
        &mut self,
        below: &Certificate,
        profile: Option<&Profile>,
        path: &mut Vec<&'s Candidate<'c>>,
    ) -> Result<Vec<Fault>, Vec<Fault>> {
        let here = if path.is_empty() { Place::Leaf } else { Place::Authority(path.len()) };
        for candidate in self.candidates(below, profile, path) {
            if self.signatures >= PATH_SIGNATURES {
                self.failed((false, false, path.len(), std::cmp::Reverse(0)), || {
                    vec![Fault { place: here, reason: Reason::TooManyTries }]
                });
                break;
            }
            self.signatures += 1;
            let mut faults = self.link_faults(below, profile, candidate, here);
            faults.extend(self.authority_faults(candidate, path));
            if faults.iter().any(|fault| fault.reason == Reason::ExplicitCurve) {
                // That is why the signature cannot be checked; one reason says it.
                faults.retain(|fault| !matches!(fault.reason, Reason::UnsupportedAlgorithm { .. }));
            }
            let mut tolerated = take_tolerated(&mut faults, self.rules);
            if !faults.is_empty() {
                let matches = !faults.iter().any(|fault| fault.reason == Reason::SignatureMismatch);
                let rank = (candidate.believed && matches, matches, path.len(), std::cmp::Reverse(faults.len()));
                self.failed(rank, || faults);
                continue;
            }
            path.push(candidate);
            if candidate.believed {
                return Ok(tolerated);
            }
            if path.len() >= PATH_DEPTH {
                self.failed((false, true, path.len(), std::cmp::Reverse(0)), || {
                    vec![Fault { place: Place::Leaf, reason: Reason::TooDeep }]
                });
            } else if let Ok(above) = self.climb(candidate.certificate, candidate.profile.as_ref().ok(), path) {
                tolerated.extend(above);
                return Ok(tolerated);
            }
            path.pop();
        }
        let reason = match profile {
            Some(profile) if profile.is_self_signed() => Reason::SelfSigned,
            _ => Reason::NoAuthority,
        };
        self.failed((false, false, path.len(), std::cmp::Reverse(1)), || vec![Fault { place: here, reason }]);
        Err(self.best.as_ref().map(|(_, faults)| faults.clone()).unwrap_or_default())
    }

    fn failed(&mut self, rank: Rank, faults: impl FnOnce() -> Vec<Fault>) {
        if self.best.as_ref().is_none_or(|(best, _)| rank > *best) {
            self.best = Some((rank, faults()));
        }
    }

    /// Who may have issued `below`, the likeliest first: by key identifier and by name, and where nothing fits, those
    /// of its country whom the signature alone can prove or refute.
    fn candidates(
        &self,
        below: &Certificate,
        profile: Option<&Profile>,
        path: &[&Candidate<'c>],
    ) -> Vec<&'s Candidate<'c>> {
        let named = profile.and_then(|profile| profile.authority_key_id.as_deref());
        let in_path = |one: &Candidate<'_>| {
            let der = one.certificate.der();
            der == below.der() || der == self.leaf.der() || path.iter().any(|known| known.certificate.der() == der)
        };
        let mut ranked: Vec<(u8, &Candidate<'c>)> = Vec::new();
        for one in self.pool.candidates.iter().filter(|one| !in_path(one)) {
            let own = one.profile.as_ref().ok().and_then(|profile| profile.subject_key_id.as_deref());
            let by_key = named.is_some() && named == own;
            let by_name = below.names_issuer(one.certificate);
            let rank = match (by_key, by_name) {
                (true, true) => 6,
                (true, false) => 4,
                (false, true) => 2,
                (false, false) if one.believed && below.country() == one.certificate.country() => 0,
                (false, false) => continue,
            };
            ranked.push((rank + u8::from(one.believed), one));
        }
        // One sort that keeps the order of the pool among equals.
        ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        ranked.into_iter().map(|(_, one)| one).collect()
    }

    /// The signature of `candidate` on `below`, and how the one names the other.
    fn link_faults(
        &self,
        below: &Certificate,
        profile: Option<&Profile>,
        candidate: &Candidate<'_>,
        place: Place,
    ) -> Vec<Fault> {
        let mut found = Vec::new();
        if let Err(error) = below.is_issued_by(candidate.certificate) {
            found.push(Reason::of_signature(error));
        }
        if !below.names_issuer(candidate.certificate) {
            found.push(Reason::NameDiffers);
        }
        let named = profile.and_then(|profile| profile.authority_key_id.as_deref());
        let own = candidate.profile.as_ref().ok().and_then(|profile| profile.subject_key_id.as_deref());
        match (named, own) {
            (Some(named), Some(own)) if named != own => found.push(Reason::KeyIdDiffers),
            (Some(_), Some(_)) => {}
            _ => found.push(Reason::NoKeyId),
        }
        found.into_iter().map(|reason| Fault { place, reason }).collect()
    }

    /// What the authority itself must be, `path` standing between it and the certificate.
    fn authority_faults(&self, candidate: &Candidate<'_>, path: &[&Candidate<'c>]) -> Vec<Fault> {
        let mut found = Vec::new();
        let certificate = candidate.certificate;
        general_faults(certificate, &candidate.profile, &mut found);
        if let Ok(profile) = &candidate.profile {
            if !profile.is_authority {
                found.push(Reason::NotAnAuthority);
            }
            if !profile.may_sign_certificates() {
                found.push(Reason::MayNotCertify);
            }
            // RFC 5280 section 6.1.4 (l): those that issued themselves do not count.
            let between = path.iter().filter(|one| one.profile.as_ref().is_ok_and(|below| !below.is_self_issued));
            let between = u32::try_from(between.count()).unwrap_or(u32::MAX);
            if let Some(allowed) = profile.path_length.filter(|allowed| between > *allowed) {
                found.push(Reason::PathLength { allowed, found: between });
            }
        }
        if self.rules.same_country {
            match (self.leaf.country(), certificate.country()) {
                (Some(own), Some(other)) if !is_same_country(own, other) => {
                    found.push(Reason::CountryDiffers { certificate: own.to_owned(), authority: other.to_owned() });
                }
                (Some(_), None) => found.push(Reason::NoCountry),
                _ => {}
            }
        }
        let at = match self.rules.dates {
            Dates::At(at) => Some(at),
            Dates::AuthoritiesAt(at) => (at <= self.leaf.not_after()).then_some(at.max(self.leaf.not_before())),
            Dates::Ignored => None,
        };
        found.extend(at.and_then(|at| date_fault(certificate, at)));
        let place = Place::Authority(path.len() + 1);
        found.into_iter().map(|reason| Fault { place, reason }).collect()
    }
}
