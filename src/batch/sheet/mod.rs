//! What a certificate says on paper: codes become names. The words around them are the paper's.

mod core;
mod icvp;

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::output::DivocPaper;
use crate::{
    document::{Kind, Row, Sheet, Value},
    issue::{Envelope, Format, Issued, Says},
    payload::{
        dcc::{Dcc, Entry},
        ddcc, divoc,
    },
    record::Country,
    valueset::{EuSet, ValueSets},
};

/// The sheet of a certificate. It carries one code, and everything on it is true for that code: the yellow card where
/// there is one, else the EU certificate, else the WHO core data set, else DIVOC in the form that the operator chose.
/// `None` when that envelope's text is none that this program writes.
pub(super) fn of(issued: &Issued, divoc: DivocPaper, specimen: bool) -> Option<Sheet> {
    let [first, second] = match divoc {
        DivocPaper::Cose => [Format::DivocCwt, Format::Divoc],
        DivocPaper::LinkedData => [Format::Divoc, Format::DivocCwt],
    };
    let order = [Format::Icvp, Format::EuDcc, Format::Ddcc, first, second];
    let envelope = order.into_iter().find_map(|format| issued.envelope(format))?;
    let frame = Frame { id: issued.id.to_string(), envelope, specimen };
    match envelope.says()? {
        Says::EuDcc(dcc) => Some(eu_dcc(&frame, &dcc)),
        Says::Icvp(card) => Some(icvp::sheet(&frame, &card)),
        Says::Ddcc(ddcc) => Some(core::sheet(&frame, &ddcc::to_core(&ddcc), "WHO DDCC")),
        Says::Divoc(credential) => Some(core::sheet(&frame, &divoc::to_core(&credential), "DIVOC")),
    }
}

/// What every sheet has, whatever its format.
struct Frame<'i> {
    id: String,
    envelope: &'i Envelope,
    specimen: bool,
}

impl Frame<'_> {
    /// A sheet that says nothing yet but which certificate it is.
    fn sheet(&self, kind: Kind) -> Sheet {
        let code = match self.envelope.format {
            // The archive is drawn; the text would not fit.
            Format::Divoc => String::new(),
            _ => self.envelope.text.clone(),
        };
        let archive = match self.envelope.format {
            Format::Divoc => self.envelope.code().map(std::borrow::Cow::into_owned),
            _ => None,
        };
        Sheet {
            kind,
            subject: String::new().into(),
            issuer: String::new(),
            country: String::new(),
            name: String::new(),
            family: String::new(),
            given: String::new(),
            family_std: String::new(),
            given_std: String::new(),
            birth_date: String::new(),
            rows: Vec::new(),
            notices: Vec::new(),
            id: self.id.clone(),
            code,
            archive,
            issued: day(self.envelope.issued_at),
            specimen: self.specimen,
        }
    }
}

fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Adds a line to a table; none for a value that is not stated.
fn push(rows: &mut Vec<Row>, field: &'static str, value: Option<Value>) {
    rows.extend(value.map(|value| Row { field, value }));
}

/// A value that is the same in every language, if it says anything.
fn text(value: impl Into<String>) -> Option<Value> {
    let value = value.into();
    (!value.trim().is_empty()).then_some(Value::Text(value))
}

/// A word of ours.
fn word(word: &'static str) -> Option<Value> {
    coded(word, "")
}

/// A word of ours for a code, which stands behind it.
fn coded(word: &'static str, code: &str) -> Option<Value> {
    Some(Value::Word { word, code: code.to_owned() })
}

fn eu_dcc(frame: &Frame<'_>, dcc: &Dcc) -> Sheet {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let mut rows = Vec::new();
    let mut row = |field: &'static str, value| push(&mut rows, field, value);
    match &dcc.entry {
        Entry::Vaccination(v) => {
            row("dose", Some(Value::Dose { dose: v.dose, total: v.total_doses }));
            row("date", text(&*v.date));
            row("vaccine", text(name(EuSet::VaccineProduct, &v.product)));
            row("prophylaxis", of_eu(EuSet::VaccineProphylaxis, &v.prophylaxis));
            row("holder", text(name(EuSet::VaccineHolder, &v.holder)));
            row("disease", text(name(EuSet::Disease, &v.disease)));
        }
        Entry::Test(t) => {
            row("result", of_eu(EuSet::TestResult, &t.result));
            row("sampled", text(&*t.sampled_at));
            row("test", of_eu(EuSet::TestType, &t.kind));
            row("centre", t.centre.as_deref().and_then(text));
            row("disease", text(name(EuSet::Disease, &t.disease)));
        }
        Entry::Recovery(r) => {
            row("first-positive", text(&*r.first_positive));
            row("valid", text(format!("{} – {}", r.valid_from, r.valid_until)));
            row("disease", text(name(EuSet::Disease, &r.disease)));
        }
    }
    row("country", text(country(dcc.entry.country())));
    row("issuer", text(dcc.entry.issuer()));
    row("expires", frame.envelope.expires_at.and_then(|time| text(day(time).to_string())));

    let kind = match &dcc.entry {
        Entry::Vaccination(_) => Kind::Vaccination,
        Entry::Test(_) => Kind::Test,
        Entry::Recovery(_) => Kind::Recovery,
    };
    Sheet {
        subject: "COVID-19".into(),
        issuer: dcc.entry.issuer().to_owned(),
        country: country(dcc.entry.country()),
        family: part(&dcc.name.family),
        given: part(&dcc.name.given),
        family_std: part(&dcc.name.family_standard),
        given_std: part(&dcc.name.given_standard),
        birth_date: dcc.birth_date.clone(),
        rows,
        ..frame.sheet(kind)
    }
}

/// A code of the EU in our words, for which there are some, or in those of its value set.
fn of_eu(set: EuSet, code: &str) -> Option<Value> {
    match (set, code) {
        (EuSet::VaccineProphylaxis, "1119349007") => coded("mrna-vaccine", code),
        (EuSet::VaccineProphylaxis, "1119305005") => coded("antigen-vaccine", code),
        (EuSet::VaccineProphylaxis, "J07BX03") => coded("covid-vaccine", code),
        (EuSet::TestResult, "260373001") => coded("detected", code),
        (EuSet::TestResult, "260415000") => coded("not-detected", code),
        (EuSet::TestType, "LP6464-4") => coded("naat", code),
        (EuSet::TestType, "LP217198-3") => coded("antigen", code),
        _ => text(name(set, code)),
    }
}

/// The code's name in words, with the code behind it where they differ; an unknown code stands raw.
fn name(set: EuSet, code: &str) -> String {
    match ValueSets::built_in().eu(set, code) {
        Some(entry) if entry.display != code => format!("{} ({code})", entry.display),
        _ => code.to_owned(),
    }
}

/// A country in words, by its alpha-2 or alpha-3 code.
pub(super) fn country(code: &str) -> String {
    let known = code.parse::<Country>().or_else(|_| Country::from_alpha3(code));
    match known.ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}
