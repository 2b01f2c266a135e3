//! The profiles: what a certificate of each role must and must not say (certificate governance sections 3 and 4, and
//! the numbers of WHO's published checks; facts on the trust framework, section 1).

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::Role;
use crate::keys::{Certificate, Details, KeyUse, UnfitKey};

/// The extended key usages of document signers: tests, vaccinations, recoveries.
pub const SIGNER_USAGES: [(&str, &str); 3] = [
    ("test", "1.3.6.1.4.1.1847.2021.1.1"),
    ("vaccination", "1.3.6.1.4.1.1847.2021.1.2"),
    ("recovery", "1.3.6.1.4.1.1847.2021.1.3"),
];

/// The same with the stray zero of an early specification text, which 131 signers of WHO's list carry.
const MISTYPED_ARC: &str = "1.3.6.1.4.1.0.1847.2021.1.";

/// `id-kp-clientAuth` (RFC 5280 section 4.2.1.12).
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// `id-kp-serverAuth`.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// A rule of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// X.509 version 3.
    Version,
    /// A positive serial number of at least 64 bits.
    Serial,
    /// Exactly one country, of two capital letters.
    Country,
    /// Exactly one common name, which is not empty.
    CommonName,
    /// A key that is strong and nobody else's.
    Key,
    /// How long it is valid.
    Lifetime,
    /// How long its key may sign.
    KeyUsePeriod,
    /// What the key may be used for.
    KeyUsage,
    /// Which documents or connections it is for.
    Usages,
    /// Whether it is an authority, and how long a path.
    Constraints,
    /// Identifiers of its own and of the issuer's key.
    Identifiers,
    /// Signed by its issuer, and not longer valid than it.
    Issuer,
    /// Valid today.
    Expired,
}

impl Rule {
    /// A short name that does not change.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Serial => "serial-number",
            Self::Country => "country",
            Self::CommonName => "common-name",
            Self::Key => "key",
            Self::Lifetime => "lifetime",
            Self::KeyUsePeriod => "key-use-period",
            Self::KeyUsage => "key-usage",
            Self::Usages => "extended-key-usage",
            Self::Constraints => "basic-constraints",
            Self::Identifiers => "key-identifiers",
            Self::Issuer => "issuer",
            Self::Expired => "expired",
        }
    }
}

/// A rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.code(), self.problem)
    }
}

impl Role {
    /// Shortest and longest validity in days, both excluded: one to two years for TLS and upload, two to four for an
    /// authority (WHO's published checks count a year as 365 days less one below and as 366 above); a signer must
    /// outlive its key's use and lives two years at most (governance section 4.3).
    #[must_use]
    pub fn lifetime_days(self) -> (i64, i64) {
        match self {
            Self::Authority => (2 * 365 - 1, 4 * 366),
            Self::Signer => (0, 2 * 366),
            Self::Tls | Self::Upload => (364, 2 * 366),
        }
    }

    /// Longest use of the private key in days: a year, and six months for a signer (governance section 4).
    #[must_use]
    pub fn key_use_days(self) -> Option<i64> {
        match self {
            Self::Authority => Some(366),
            Self::Signer => Some(184),
            Self::Tls | Self::Upload => None,
        }
    }

    /// What keys of this role are used for.
    #[must_use]
    pub fn key_use(self) -> KeyUse {
        match self {
            Self::Authority => KeyUse::Authority,
            Self::Signer => KeyUse::Signer,
            Self::Tls => KeyUse::Tls,
            Self::Upload => KeyUse::Upload,
        }
    }
}

/// Every rule that a certificate of this role breaks, at this time. `issuer` is the certificate that should have
/// issued it; without one a signer's issuer is not checked.
#[must_use]
pub fn breaches(certificate: &Certificate, role: Role, issuer: Option<&Certificate>, now: Timestamp) -> Vec<Breach> {
    let Ok(details) = certificate.details() else {
        let problem = "a part of the certificate is malformed or comes twice: issue it again".to_owned();
        return vec![Breach { rule: Rule::Version, problem }];
    };
    let mut check = Check { details: &details, role, found: Vec::new() };
    check.names();
    check.key(certificate);
    check.periods(now);
    check.extensions();
    if let Some(issuer) = issuer {
        check.issuer(certificate, issuer);
    }
    check.found
}

struct Check<'a> {
    details: &'a Details,
    role: Role,
    found: Vec<Breach>,
}

impl Check<'_> {
    fn breach(&mut self, rule: Rule, problem: impl Into<String>) {
        self.found.push(Breach { rule, problem: problem.into() });
    }

    fn demand(&mut self, holds: bool, rule: Rule, problem: impl Into<String>) {
        if !holds {
            self.breach(rule, problem);
        }
    }

    fn names(&mut self) {
        let details = self.details;
        self.demand(details.version == 3, Rule::Version, format!("version {} instead of 3", details.version));
        let (negative, bits) = match details.serial.as_slice() {
            [first, ..] => (*first >= 0x80, serial_bits(&details.serial)),
            [] => (false, 0),
        };
        self.demand(!negative, Rule::Serial, "the serial number is negative: issue it again with a positive one");
        let problem = format!("a serial number of {bits} bits: 64 random bits are the least, issue it again");
        // A random number of 64 bits loses seven leading bits once in 128 times.
        self.demand(bits > 56, Rule::Serial, problem);
        let countries: Vec<&str> = details.subject.all("C").collect();
        let good =
            matches!(countries.as_slice(), [one] if one.len() == 2 && one.bytes().all(|b| b.is_ascii_uppercase()));
        self.demand(
            good,
            Rule::Country,
            format!("the subject has the countries {countries:?}: exactly one C of two capital letters belongs there"),
        );
        let names: Vec<&str> = details.subject.all("CN").collect();
        let good = matches!(names.as_slice(), [one] if !one.trim().is_empty());
        self.demand(good, Rule::CommonName, "exactly one common name (CN) with some text belongs into the subject");
    }

    fn key(&mut self, certificate: &Certificate) {
        match certificate.refuse(self.role.key_use()) {
            Ok(()) => {}
            Err(error @ UnfitKey::Known { .. }) => self.breach(Rule::Key, error.to_string()),
            Err(error) => self.breach(Rule::Key, error.to_string()),
        }
    }

    fn periods(&mut self, now: Timestamp) {
        let (from, until) = (self.details.not_before, self.details.not_after);
        let lifetime = until.duration_since(from);
        let (least, most) = self.role.lifetime_days();
        let day = |days: i64| SignedDuration::from_hours(24 * days);
        if lifetime <= day(least) || lifetime >= day(most) {
            let days = lifetime.as_hours() / 24;
            let problem = format!("valid for {days} days: more than {least} and fewer than {most} are allowed");
            self.breach(Rule::Lifetime, problem);
        }
        let extensions = &self.details.extensions;
        if let (Some(most), Some(end)) = (self.role.key_use_days(), extensions.signs_until) {
            let used = end.duration_since(extensions.signs_from.unwrap_or(from));
            if used > day(most) || end > until {
                let days = used.as_hours() / 24;
                let problem = format!(
                    "the private key may sign for {days} days: {most} at most, and not longer than the certificate"
                );
                self.breach(Rule::KeyUsePeriod, problem);
            }
        }
        if now > until {
            self.breach(Rule::Expired, format!("expired on {}: make a new one", day_of(until)));
        } else if now < from {
            self.breach(Rule::Expired, format!("not valid before {}: wait, or check the clock", day_of(from)));
        }
    }

    fn extensions(&mut self) {
        let extensions = &self.details.extensions;
        let usage = extensions.key_usage;
        let has = |bit: fn(crate::keys::KeyUsage) -> bool| usage.is_some_and(bit);
        let (signs, certifies) = (has(|u| u.digital_signature()), has(|u| u.key_cert_sign()));
        let lists = has(|u| u.crl_sign());
        let self_signed = self.details.subject == self.details.issuer;
        self.demand(usage.is_none_or(|u| u.critical), Rule::KeyUsage, "the key usage is not critical: issue it again");
        let authority = extensions.basic_constraints.is_some_and(|b| b.authority);
        match self.role {
            Role::Authority => {
                self.demand(certifies, Rule::KeyUsage, "an authority needs keyCertSign: issue it again");
                let good =
                    extensions.basic_constraints.is_some_and(|b| b.authority && b.critical && b.path_length == Some(0));
                self.demand(good, Rule::Constraints, "basic constraints must be critical, CA:TRUE, pathlen:0");
                let named = extensions.subject_key_id.is_some();
                self.demand(named, Rule::Identifiers, "an authority needs a subject key identifier");
                let none = extensions.usages.is_empty();
                self.demand(none, Rule::Usages, "an authority has no extended key usages");
            }
            Role::Signer => {
                self.demand(signs, Rule::KeyUsage, "a document signer needs digitalSignature");
                let only = !certifies && !lists && !authority;
                self.demand(
                    only,
                    Rule::Constraints,
                    "a document signer must not be an authority (keyCertSign, cRLSign, CA:TRUE)",
                );
                self.signer_usages();
                let named = extensions.authority_key_id.is_some();
                self.demand(named, Rule::Identifiers, "a document signer needs an authority key identifier");
            }
            Role::Tls => {
                self.demand(signs, Rule::KeyUsage, "a TLS client needs digitalSignature");
                self.demand(!lists, Rule::KeyUsage, "a TLS client must not have cRLSign");
                let stated = !self_signed || certifies;
                self.demand(
                    stated,
                    Rule::KeyUsage,
                    "a self-signed TLS certificate needs keyCertSign as well, or the gateway's TLS refuses it",
                );
                let client = extensions.usages.iter().any(|usage| usage == CLIENT_AUTH);
                self.demand(client, Rule::Usages, "a TLS client needs the extended key usage clientAuth");
            }
            Role::Upload => {
                self.demand(signs, Rule::KeyUsage, "an upload certificate needs digitalSignature");
                self.demand(!lists, Rule::KeyUsage, "an upload certificate must not have cRLSign");
            }
        }
    }

    fn signer_usages(&mut self) {
        let extensions = &self.details.extensions;
        self.demand(!extensions.usages_critical, Rule::Usages, "the extended key usages must not be critical");
        let mut problems = Vec::new();
        for usage in &extensions.usages {
            if usage.starts_with(MISTYPED_ARC) {
                let right = usage.replace(MISTYPED_ARC, "1.3.6.1.4.1.1847.2021.1.");
                problems.push(format!("{usage} has a zero too many, {right} is right"));
            } else if !SIGNER_USAGES.iter().any(|(_, known)| known == usage) {
                problems.push(format!("{usage} is no usage of a document signer"));
            }
        }
        for problem in problems {
            self.breach(Rule::Usages, problem);
        }
    }

    fn issuer(&mut self, certificate: &Certificate, issuer: &Certificate) {
        if let Err(error) = certificate.is_issued_by(issuer) {
            self.breach(Rule::Issuer, format!("its issuer did not sign it: {error}"));
        }
        let Ok(authority) = issuer.details() else {
            return self.breach(Rule::Issuer, "the certificate of the issuer cannot be read");
        };
        let own = &self.details.extensions.authority_key_id;
        let same = *own == authority.extensions.subject_key_id && own.is_some();
        self.demand(same, Rule::Identifiers, "the authority key identifier is not the issuer's subject key identifier");
        if self.details.not_after > authority.not_after {
            let problem = format!(
                "valid until {}, longer than its issuer ({}): shorten it, or renew the authority first",
                day_of(self.details.not_after),
                day_of(authority.not_after)
            );
            self.breach(Rule::Issuer, problem);
        }
        let countries = |details: &Details| details.subject.all("C").map(str::to_owned).collect::<Vec<_>>();
        if countries(self.details) != countries(&authority) {
            self.breach(Rule::Country, "the subject and its issuer are of different countries");
        }
    }
}

fn serial_bits(serial: &[u8]) -> usize {
    let significant: Vec<u8> = serial.iter().copied().skip_while(|&octet| octet == 0).collect();
    let zeros = significant.first().map_or(0, |first| first.leading_zeros());
    (significant.len() * 8).saturating_sub(usize::try_from(zeros).unwrap_or(0))
}

/// The UTC date of a moment.
pub(super) fn day_of(at: Timestamp) -> String {
    jiff::tz::Offset::UTC.to_datetime(at).date().to_string()
}
