//! What a linked-data signature does not see, and therefore must be plausible (facts on DIVOC, section 3): values
//! whose names share one property of the graph may stand at each other's places, and equal values at several places
//! are one, so that all but one of them may be missing.
//!
//! The rules look for the one order of values that makes sense. Where the order found makes none, somebody has
//! exchanged values ([`Implausible`]); where another order would make as much sense, nobody can tell ([`Doubt`]).

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{
    core::result_code,
    model::{Credential, Event, Test, Vaccination},
};
use crate::valueset::ValueSets;

/// What the signature says of the places of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Linked data: a set of values.
    Unordered,
    /// COSE: every value at its place.
    Ordered,
}

/// Something that cannot be true of an honest certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Implausible {
    /// Nobody is named.
    Nameless,
    /// Certificate id, vaccine, date, or result of a test is missing.
    Incomplete,
    /// The certificate id is not the tail of the evidence's id, which is the one that is signed at its place.
    CertificateId,
    /// A health identifier without the number of the enrolment, whose property it shares.
    HealthIdAlone,
    /// Vaccine, manufacturer and batch stand at each other's places.
    Names,
    /// The dates are in an order that no vaccination has, or in each other's form.
    Dates,
    /// The number of the dose and of doses in the series contradict each other, or one of them is missing.
    Doses,
}

/// Something that could be otherwise just as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// No list knows the vaccine, so that any of the texts may be it.
    Vaccine,
    /// The manufacturer and the batch may be each other.
    Manufacturer,
    /// The date of the dose and the date from which it counts may be each other.
    Dates,
    /// More doses than the series has, of a vaccine whose series nobody knows: a booster, or exchanged.
    Doses,
    /// No list knows the disease or the kind of test.
    Test,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Faults, the gravest first.
    pub implausible: Vec<Implausible>,
    /// What cannot be decided.
    pub doubts: Vec<Doubt>,
    /// No list knows the vaccine.
    pub unknown_vaccine: bool,
    /// No list knows the manufacturer.
    pub unknown_manufacturer: bool,
}

/// Looks at a credential.
#[must_use]
pub fn check(credential: &Credential, sets: &ValueSets, binding: Binding) -> Findings {
    let mut checker =
        Checker { credential, sets, unordered: binding == Binding::Unordered, findings: Findings::default() };
    checker.fault(credential.subject.name.is_none(), Implausible::Nameless);
    checker.fault(credential.id().is_none(), Implausible::Incomplete);
    if checker.unordered {
        let tail = tail_is_id(credential.evidence.id.as_deref(), credential.evidence.certificate_id.as_deref());
        checker.fault(!tail, Implausible::CertificateId);
        let subject = &credential.subject;
        checker.fault(subject.uhid.is_some() && subject.ref_id.is_none(), Implausible::HealthIdAlone);
    }
    match &credential.evidence.event {
        Event::Vaccination(v) => {
            checker.names(v);
            checker.dates(v);
            checker.doses(v);
        }
        Event::Test(t) => checker.test(t),
    }
    let mut findings = checker.findings;
    findings.implausible.sort_unstable();
    findings.implausible.dedup();
    findings.doubts.sort_unstable();
    findings.doubts.dedup();
    findings
}

/// What a text looks like among batch, vaccine and manufacturer.
#[derive(Clone, Copy)]
struct Look {
    brand: bool,
    maker: bool,
    /// Has a digit, as nearly every lot number has and no name of a company.
    digits: bool,
}

struct Checker<'c> {
    credential: &'c Credential,
    sets: &'c ValueSets,
    unordered: bool,
    findings: Findings,
}

impl Checker<'_> {
    fn fault(&mut self, is_one: bool, fault: Implausible) {
        if is_one {
            self.findings.implausible.push(fault);
        }
    }

    fn doubt(&mut self, is_one: bool, doubt: Doubt) {
        if is_one && self.unordered {
            self.findings.doubts.push(doubt);
        }
    }

    fn look(&self, text: Option<&String>) -> Option<Look> {
        text.filter(|text| *text != "-").map(|text| Look {
            brand: self.sets.named_vaccine(text).is_some(),
            maker: self.sets.names_manufacturer(text),
            digits: text.chars().any(|c| c.is_ascii_digit()),
        })
    }

    /// Of batch, vaccine and manufacturer. The certificate id is bound by the evidence's id, the ICD-11 code by its
    /// form.
    fn names(&mut self, v: &Vaccination) {
        let (batch, maker) = (self.look(v.batch.as_ref()), self.look(v.manufacturer.as_ref()));
        let Some(vaccine) = self.look(v.vaccine.as_ref()) else {
            return self.fault(true, Implausible::Incomplete);
        };
        self.findings.unknown_vaccine = !vaccine.brand;
        self.findings.unknown_manufacturer = maker.is_some_and(|maker| !maker.maker);
        if !self.unordered {
            return;
        }
        // Codes of ICD-11 vaccines are XM and four more. A lot may look so too; only one that is a code is misplaced.
        let like_a_code = |text: &String| text.len() == 6 && text.starts_with("XM");
        let is_code = |text: &String| self.sets.icd11(text).is_some();
        let wrong_code = v.icd11.as_ref().is_some_and(|code| !like_a_code(code))
            || [&v.batch, &v.vaccine, &v.manufacturer].into_iter().flatten().any(is_code);
        let named_batch = batch.is_some_and(|batch| batch.brand || batch.maker);
        let brand_for_maker = maker.is_some_and(|maker| maker.brand && !maker.maker);
        let maker_for_brand = vaccine.maker && !vaccine.brand;
        // A known name elsewhere, and where the vaccine stands a text that looks like a lot.
        let lot_for_brand = !vaccine.brand
            && vaccine.digits
            && maker.is_some_and(|maker| maker.brand)
            && batch.is_none_or(|batch| !batch.digits);
        self.fault(
            wrong_code || named_batch || brand_for_maker || maker_for_brand || lot_for_brand,
            Implausible::Names,
        );
        let like_a_lot = batch.is_none_or(|batch| batch.digits);
        match (vaccine.brand, maker) {
            (true, Some(maker)) if !maker.maker => self.doubt(maker.digits || !like_a_lot, Doubt::Manufacturer),
            (true, _) => {}
            // An unknown name between a known manufacturer and a lot can only be the vaccine.
            (false, Some(maker)) if maker.maker => self.doubt(vaccine.digits || !like_a_lot, Doubt::Vaccine),
            (false, _) => self.doubt(true, Doubt::Vaccine),
        }
    }

    fn dates(&mut self, v: &Vaccination) {
        let Some(date) = v.date.as_deref() else { return self.fault(true, Implausible::Incomplete) };
        let moments = [Some(date), v.effective_start.as_deref(), v.effective_until.as_deref()]
            .map(|text| text.map(|text| Moment::of(text).ok_or(())));
        let [Some(Ok(date)), start, until] = moments else { return self.fault(true, Implausible::Dates) };
        let (Ok(start), Ok(until)) = (start.transpose(), until.transpose()) else {
            return self.fault(true, Implausible::Dates);
        };
        // The dose may be dated by a clock a day ahead of the one of the issue.
        let issued = Moment::of(&self.credential.issuance_date).map(|issued| issued.day);
        let after = |day: Date, other: Date| day > other.tomorrow().unwrap_or(other);
        let birth = self.credential.subject.birth_date.as_deref().and_then(Moment::of);
        let wrong_order = issued.is_some_and(|issued| after(date.day, issued))
            || until.is_some_and(|until| after(date.day, until.day))
            || start.zip(until).is_some_and(|(start, until)| start.day > until.day)
            || birth.is_some_and(|birth| after(birth.day, date.day));
        // Only the dose has a time of the day: with it, the three cannot be mistaken for each other.
        let wrong_form = self.unordered && [start, until].into_iter().flatten().any(|moment| moment.timed);
        self.fault(wrong_order || wrong_form, Implausible::Dates);
        // Without it, a dose that counts from an earlier day than its own may be the earlier one. The day of issue
        // is signed at its place: where one of the three is that day, it is the dose's, or nobody can tell.
        let is_issue = |moment: Option<Moment>| moment.is_some() && moment.map(|moment| moment.day) == issued;
        let earlier = start.is_some_and(|start| start.day < date.day);
        let unsure = !date.timed && !is_issue(Some(date)) && (earlier || is_issue(start) || is_issue(until));
        self.doubt(unsure, Doubt::Dates);
    }

    fn doses(&mut self, v: &Vaccination) {
        let (dose, total) = match (v.dose, v.total_doses) {
            (None, None) => return,
            (Some(dose), Some(total)) => (dose, total),
            // Equal numbers are one statement: the other place may have been emptied.
            _ => return self.fault(self.unordered, Implausible::Doses),
        };
        self.fault(dose == 0 || total == 0, Implausible::Doses);
        if dose <= total || !self.unordered {
            return;
        }
        // A booster counts on behind a series of the length that the vaccine has.
        let product = v.vaccine.as_deref().and_then(|name| self.sets.named_vaccine(name)?.product);
        match product.and_then(|product| product.primary_doses) {
            Some(series) => self.fault(total != u32::from(series), Implausible::Doses),
            None => self.doubt(true, Doubt::Doses),
        }
    }

    /// Of a test, nearly all values share one property; the result is the one that matters.
    fn test(&mut self, t: &Test) {
        let is_result = |text: &Option<String>| text.as_deref().is_some_and(|text| result_code(text).is_some());
        self.fault(t.result.is_none() || t.sampled_at.is_none(), Implausible::Incomplete);
        let times = [&t.sampled_at, &t.result_at].map(|text| text.as_deref().map(Moment::of));
        self.fault(times.contains(&Some(None)), Implausible::Dates);
        if let [Some(Some(sampled)), Some(Some(result))] = times {
            let issued = Moment::of(&self.credential.issuance_date);
            let late = issued.is_some_and(|issued| issued.day.tomorrow().is_ok_and(|next| sampled.day > next));
            self.fault(sampled.instant > result.instant || late, Implausible::Dates);
        }
        if !self.unordered {
            return;
        }
        let others = [&t.disease, &t.kind, &t.origin, &t.batch, &t.manufacturer];
        self.fault(others.into_iter().any(is_result), Implausible::Names);
        let has = |text: &Option<String>, words: &[&str]| {
            let text = text.as_deref().unwrap_or_default().to_ascii_lowercase();
            words.iter().any(|word| text.contains(word))
        };
        let disease = has(&t.disease, &["covid", "sars-cov-2", "corona"]);
        let kind = has(&t.kind, &["pcr", "naat", "nucleic", "antigen", "rat", "truenat", "lamp"]);
        self.doubt(!disease || !kind || !is_result(&t.result), Doubt::Test);
    }
}

/// Whether the evidence's address ends in the certificate id, and not in the middle of another one. Without an
/// address there is nothing to compare; without a certificate id the address must not have one either (DIVOC's
/// signer writes `undefined` then).
fn tail_is_id(evidence: Option<&str>, certificate: Option<&str>) -> bool {
    match (evidence, certificate) {
        (None, _) => true,
        (Some(evidence), None) => evidence.ends_with("undefined"),
        (Some(evidence), Some(id)) => evidence.strip_suffix(id).is_some_and(|base| {
            let numeric = id.bytes().all(|b| b.is_ascii_digit());
            base.ends_with(|c: char| if numeric { !c.is_ascii_digit() } else { !c.is_alphanumeric() })
        }),
    }
}

/// A date, or a date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    day: Date,
    instant: Timestamp,
    timed: bool,
}

impl Moment {
    /// `YYYY-MM-DD`, `YYYYMMDD` (DIVOC's own samples), or a date-time of ISO 8601, read as UTC where it names no
    /// zone.
    fn of(text: &str) -> Option<Self> {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        if text.len() == 10 || digits {
            let day: Date = text.parse().ok()?;
            let instant = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
            return Some(Self { day, instant, timed: false });
        }
        let (instant, _) = crate::payload::dcc::sample_time(text).filter(|_| text.contains(['T', 't', ' ']))?;
        Some(Self { day: Offset::UTC.to_datetime(instant).date(), instant, timed: true })
    }
}
