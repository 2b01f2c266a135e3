//! The EU's quality assurance on own certificates: a pure function from the text of a certificate and the signer
//! certificates that may have signed it to the rules that it breaks ([`check()`]).
//!
//! It reads with the readers of the verifier and judges more strictly: what a verifier forgives, because real
//! certificates are so, an issuer should not do.

pub mod rules;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use serde::Serialize;

pub use rules::{RULES, Rule, Weight};

use crate::{
    barcode::{Level, Qr},
    envelope::hcert::{self, AlgorithmId, Claims, Deviation, Sign1},
    keys::{Algorithm, Certificate, Kid, Purpose},
    limits::DOCTOR_QR_VERSION,
    payload::dcc::{self, Dcc, Entry, ReadError, Reading, sample_time},
    record::{Country, Uvci, names::standardise},
    valueset::{EuSet, ValueSets},
};

/// Versions of the EU schema that were published (eu-dcc-schema).
const SCHEMA_VERSIONS: [&str; 9] = ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.3.2", "1.3.3"];

/// What a certificate is held against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// Certificates of the signers that may have signed it.
    pub signers: &'a [Certificate],
    /// Country of issue, ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Value sets.
    pub value_sets: &'a ValueSets,
    /// It is a specimen that ends before it begins: its end is not judged.
    pub specimen: bool,
}

/// A rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The rule.
    pub rule: &'static Rule,
    /// Which field, code or header; never a value of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

struct Judge<'a> {
    against: &'a Against<'a>,
    breaches: Vec<Breach>,
}

/// Every rule that the certificate breaks. Rules of the envelope hold for every HCERT, those of the content for EU
/// certificates.
#[must_use]
pub fn check(text: &str, against: &Against<'_>) -> Vec<Breach> {
    let mut judge = Judge { against, breaches: Vec::new() };
    judge.text(text);
    judge.breaches
}

impl<'a> Judge<'a> {
    fn breaks(&mut self, rule: &'static Rule, detail: Option<String>) {
        if !self.breaches.iter().any(|breach| breach.rule == rule && breach.detail == detail) {
            self.breaches.push(Breach { rule, detail });
        }
    }

    fn unless(&mut self, holds: bool, rule: &'static Rule) {
        if !holds {
            self.breaks(rule, None);
        }
    }

    fn text(&mut self, text: &str) {
        let Ok((bytes, forgiven)) = hcert::from_text(text) else { return self.breaks(&rules::ENCODING, None) };
        self.unless(!forgiven.contains(&Deviation::MissingPrefix), &rules::PREFIX);
        let Ok(message) = Sign1::read(&bytes) else { return self.breaks(&rules::ENCODING, Some("COSE".to_owned())) };
        let (signer, claims) = (self.header(&message), Claims::read(&message.payload));
        let Ok(claims) = claims else { return self.breaks(&rules::CLAIMS, None) };
        self.token(&claims, signer);
        match claims.dcc().map(Reading::of) {
            // Another content under the same frame.
            None => {}
            Some(Err(ReadError::SeveralEvents { .. })) => self.breaks(&rules::ONE_EVENT, None),
            Some(Err(ReadError::Part { path, .. })) => self.breaks(&rules::SCHEMA, Some(path.to_owned())),
            Some(Ok(reading)) => self.dcc(&reading, &claims, signer, text),
        }
    }

    /// Headers and signature. Gives the certificate that signed, or that has the key identifier.
    fn header(&mut self, message: &Sign1<'_>) -> Option<&'a Certificate> {
        let has = |deviation| message.deviations.contains(&deviation);
        self.unless(!has(Deviation::Untagged) && !has(Deviation::CwtTag), &rules::COSE_TAG);
        self.unless(!has(Deviation::UnprotectedAlgorithm), &rules::ALGORITHM_PROTECTED);
        let kid_is_good =
            ![Deviation::UnprotectedKid, Deviation::KidsDisagree, Deviation::TextKid].into_iter().any(has);
        self.unless(kid_is_good && message.kid.is_some(), &rules::KID_PROTECTED);
        let algorithm = match &message.algorithm {
            Some(AlgorithmId::Known(known @ (Algorithm::Es256 | Algorithm::Ps256))) => Some(*known),
            _ => None,
        };
        self.unless(algorithm.is_some(), &rules::ALGORITHM);
        let named: Vec<&'a Certificate> = self
            .against
            .signers
            .iter()
            .filter(|signer| message.kid.as_ref().is_some_and(|kid| is_of(kid, signer)))
            .collect();
        let (Some(first), Some(algorithm)) = (named.first().copied(), algorithm) else {
            self.unless(!named.is_empty(), &rules::SIGNER_KNOWN);
            return named.first().copied();
        };
        let signed = message.signed_bytes();
        let signs = |certificate: &&&Certificate| {
            certificate.public_key().is_ok_and(|key| key.verify(algorithm, &signed, &message.signature).is_ok())
        };
        let signer = named.iter().find(signs).copied();
        self.unless(signer.is_some(), &rules::SIGNATURE);
        Some(signer.unwrap_or(first))
    }

    /// Issuer and times, which every content shares.
    fn token(&mut self, claims: &Claims<'_>, signer: Option<&Certificate>) {
        let (Some(issuer), Some(issued), Some(ends)) = (&claims.issuer, claims.issued_at, claims.expires_at) else {
            return self.breaks(&rules::CLAIMS, None);
        };
        self.unless(claims.deviations.is_empty(), &rules::CLAIMS);
        let country = self.against.country;
        self.unless(issuer == country && signer.is_none_or(|s| s.country() == Some(country)), &rules::ISSUER);
        let year_2021 = Date::constant(2021, 1, 1);
        let day = Offset::UTC.to_datetime(issued).date();
        if let Some(signer) = signer {
            self.unless(issued >= signer.not_before(), &rules::SIGNER_BEGAN);
            self.unless(ends <= signer.not_after(), &rules::SIGNER_LASTS);
        }
        if !self.against.specimen {
            self.unless(issued < ends && day >= year_2021, &rules::ENDS_AFTER_ISSUE);
            self.unless(ends.as_second() != 42, &rules::SPECIMEN_END);
            self.unless(ends.duration_since(issued) <= SignedDuration::from_hours(24 * 366), &rules::YEAR);
        }
    }

    fn dcc(&mut self, reading: &Reading, claims: &Claims<'_>, signer: Option<&Certificate>, text: &str) {
        let Reading { dcc, remarks } = reading;
        self.unless(SCHEMA_VERSIONS.contains(&dcc.version.as_str()), &rules::SCHEMA_VERSION);
        for fault in dcc::check(dcc) {
            let rule = if fault.field == "ci" { &rules::IDENTIFIER } else { &rules::SCHEMA };
            self.breaks(rule, Some(fault.field.to_owned()));
        }
        for remark in remarks {
            self.breaks(&rules::SCHEMA, Some(remark.code().to_owned()));
        }
        let purpose = match &dcc.entry {
            Entry::Vaccination(_) => Purpose::Vaccination,
            Entry::Test(_) => Purpose::Test,
            Entry::Recovery(_) => Purpose::Recovery,
        };
        self.unless(signer.is_none_or(|signer| signer.allows(purpose)), &rules::USAGE);
        if let Some(issued) = claims.issued_at {
            self.unless(happened_before(&dcc.entry, issued), &rules::EVENT_BEFORE_ISSUE);
        }
        self.codes(dcc);
        self.names(dcc);
        let own = dcc.entry.id().parse::<Uvci>().is_ok_and(|id| {
            id.as_str()
                .strip_prefix("URN:UVCI:01:")
                .is_some_and(|rest| rest.starts_with(&format!("{}:", self.against.country)))
        });
        self.unless(own, &rules::IDENTIFIER);
        match Qr::encode(text, Level::PAPER) {
            Ok(symbol) if symbol.version() > DOCTOR_QR_VERSION => {
                self.breaks(&rules::SIZE, Some(format!("version {} at level Q", symbol.version())));
            }
            Ok(_) => {}
            Err(_) => self.breaks(&rules::SIZE, Some("too long".to_owned())),
        }
    }

    fn codes(&mut self, dcc: &Dcc) {
        let sets = self.against.value_sets;
        let mut known = |set: EuSet, code: &str| {
            if sets.eu(set, code).is_none() {
                self.breaks(&rules::VALUE_SETS, Some(set.id().to_owned()));
            }
        };
        match &dcc.entry {
            Entry::Vaccination(v) => {
                known(EuSet::Disease, &v.disease);
                known(EuSet::VaccineProphylaxis, &v.prophylaxis);
                known(EuSet::VaccineProduct, &v.product);
                known(EuSet::VaccineHolder, &v.holder);
            }
            Entry::Test(t) => {
                known(EuSet::Disease, &t.disease);
                known(EuSet::TestType, &t.kind);
                known(EuSet::TestResult, &t.result);
                if let Some(device) = &t.device {
                    known(EuSet::TestDevice, device);
                }
            }
            Entry::Recovery(r) => known(EuSet::Disease, &r.disease),
        }
        let country = dcc.entry.country();
        if !country.parse::<Country>().is_ok_and(|country| country.name().is_some()) {
            known(EuSet::Country, country);
        }
    }

    /// Only names in Latin letters: the passport's form of other scripts is the nation's own affair.
    fn names(&mut self, dcc: &Dcc) {
        let Ok(country) = self.against.country.parse::<Country>() else { return };
        let name = &dcc.name;
        for (own, standard) in [(&name.family, &name.family_standard), (&name.given, &name.given_standard)] {
            let (Some(own), Some(standard)) = (own, standard) else { continue };
            let latin = own
                .chars()
                .filter(|c| c.is_alphabetic())
                .all(|c| c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c));
            if latin && standardise(own, country).is_ok_and(|made| made != *standard) {
                self.breaks(&rules::NAMES, None);
            }
        }
    }
}

fn is_of(kid: &Kid, certificate: &Certificate) -> bool {
    certificate.kid() == kid
}

/// Whether the event lies on or before the day of issue, wherever on earth that day was (UTC+14).
fn happened_before(entry: &Entry, issued: Timestamp) -> bool {
    let latest = Offset::constant(14).to_datetime(issued).date();
    let day = |text: &str| text.get(..10).and_then(|day| day.parse::<Date>().ok());
    match entry {
        Entry::Vaccination(v) => day(&v.date).is_none_or(|day| day <= latest),
        Entry::Recovery(r) => day(&r.first_positive).is_none_or(|day| day <= latest),
        Entry::Test(t) => sample_time(&t.sampled_at).is_none_or(|(sampled, _)| sampled <= issued),
    }
}

#[cfg(test)]
mod tests;
