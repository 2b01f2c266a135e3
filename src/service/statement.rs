//! What a certificate states, in the words of a page.

use jiff::Timestamp;

use crate::{
    envelope::hcert::{self, Claims, Sign1},
    payload::dcc::{Dcc, Entry, Reading},
    record::Country,
    trust::TrustStore,
    valueset::{EuSet, ValueSets},
    verify::{Check, Verdict, Verifier},
};

/// A code with its verdict and, if its signature passed, its content in words.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) statement: Option<Statement>,
}

/// What a certificate states.
pub(super) struct Statement {
    /// Kind and what it is about: "Vaccination, dose 1 of 2".
    pub(super) title: String,
    /// Label and value, the most telling first.
    pub(super) rows: Vec<(&'static str, String)>,
    /// Day of the event, to put certificates of one person in order.
    date: String,
}

impl Judged {
    /// By name, then by day; those without a name last.
    pub(super) fn sort_key(&self) -> (bool, String, String) {
        let name = self.verdict.holder.as_ref().map(|holder| holder.standardised_name.clone());
        let date = self.statement.as_ref().map(|statement| statement.date.clone());
        (name.is_none(), name.unwrap_or_default(), date.unwrap_or_default())
    }
}

/// Judges a code, and reads its content out if its signature passed: the same bytes that the verifier checked.
pub(super) fn judge(code: &str, trust: &TrustStore, at: Timestamp) -> Judged {
    let verdict = Verifier::new(trust, at).judge(code);
    let signed = verdict.checks.signature == Check::Passed && verdict.checks.content == Check::Passed;
    let statement = if signed { content(code).map(|dcc| Statement::of(&dcc)) } else { None };
    Judged { verdict, statement }
}

fn content(code: &str) -> Option<Dcc> {
    let (bytes, _) = hcert::from_text(code).ok()?;
    let message = Sign1::read(&bytes).ok()?;
    let claims = Claims::read(&message.payload).ok()?;
    Reading::of(claims.dcc()?).ok().map(|reading| reading.dcc)
}

impl Statement {
    fn of(dcc: &Dcc) -> Self {
        let (title, date, mut rows) = match &dcc.entry {
            Entry::Vaccination(v) => (
                format!("Vaccination, dose {} of {}", v.dose, v.total_doses),
                &v.date,
                vec![
                    ("Vaccine", name(EuSet::VaccineProduct, &v.product)),
                    ("Date", v.date.clone()),
                    ("Type", name(EuSet::VaccineProphylaxis, &v.prophylaxis)),
                    ("Manufacturer", name(EuSet::VaccineHolder, &v.holder)),
                    ("Disease", name(EuSet::Disease, &v.disease)),
                ],
            ),
            Entry::Test(t) => (
                format!("Test: {}", name(EuSet::TestResult, &t.result)),
                &t.sampled_at,
                vec![
                    ("Type", name(EuSet::TestType, &t.kind)),
                    ("Sample taken", t.sampled_at.clone()),
                    ("Disease", name(EuSet::Disease, &t.disease)),
                ],
            ),
            Entry::Recovery(r) => (
                "Recovery".to_owned(),
                &r.first_positive,
                vec![
                    ("First positive test", r.first_positive.clone()),
                    ("Valid", format!("{} to {}", r.valid_from, r.valid_until)),
                    ("Disease", name(EuSet::Disease, &r.disease)),
                ],
            ),
        };
        rows.push(("Country", country(dcc.entry.country())));
        rows.push(("Issued by", dcc.entry.issuer().to_owned()));
        Self { title, date: date.clone(), rows }
    }
}

/// The code's name in words; an unknown code stands raw.
fn name(set: EuSet, code: &str) -> String {
    ValueSets::built_in().eu(set, code).map_or_else(|| code.to_owned(), |entry| entry.display.clone())
}

pub(super) fn country(code: &str) -> String {
    match code.parse::<Country>().ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}
