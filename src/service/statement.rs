//! What a certificate states, on a page.

use jiff::Timestamp;

use crate::{
    valueset::ValueSets,
    verify::{Kind, Knowledge, Label, Statement as Words, Understood, Verdict, words::Language},
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

/// Judges a code, and puts what it states into words if its signature passed.
pub(super) fn judge(code: &str, knowledge: &Knowledge, at: Timestamp) -> Judged {
    let verdict = knowledge.verifier(at).judge(code);
    let statement =
        verdict.content.as_ref().map(|content| Statement::of(content, verdict.kind, knowledge.value_sets()));
    Judged { verdict, statement }
}

impl Statement {
    fn of(content: &Understood, kind: Option<Kind>, sets: &ValueSets) -> Self {
        let Words { mut rows, date } = Words::of(content, sets);
        let told = |rows: &[(Label, String)], label| {
            rows.iter().find(|(l, _)| *l == label).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (dose, result) = (told(&rows, Label::Dose), told(&rows, Label::Result));
        let title = match (kind, dose.split_once('/')) {
            (Some(Kind::Vaccination), Some((dose, total))) => format!("Vaccination, dose {dose} of {total}"),
            (Some(Kind::Vaccination), None) => "Vaccination".to_owned(),
            (Some(Kind::Test), _) => format!("Test: {result}"),
            (Some(Kind::Recovery), _) => "Recovery".to_owned(),
            (None, _) => "Certificate".to_owned(),
        };
        rows.retain(|(label, _)| !matches!(label, Label::Dose | Label::Result));
        let rows = rows.into_iter().map(|(label, value)| (Language::English.label(label), value)).collect();
        Self { title, rows, date }
    }
}
