//! A certificate in the words that go on paper: codes become names, in the language of the sheet.

mod core;
mod icvp;

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::output::{DivocPaper, Paper};
use crate::{
    document::{Language, Row, Sheet},
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
pub(super) fn of(issued: &Issued, paper: &Paper) -> Option<Sheet> {
    let [first, second] = match paper.divoc {
        DivocPaper::Cose => [Format::DivocCwt, Format::Divoc],
        DivocPaper::LinkedData => [Format::Divoc, Format::DivocCwt],
    };
    let order = [Format::Icvp, Format::EuDcc, Format::Ddcc, first, second];
    let envelope = order.into_iter().find_map(|format| issued.envelope(format))?;
    let frame = Frame { id: issued.id.to_string(), envelope, language: paper.language, specimen: paper.specimen };
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
    language: Language,
    specimen: bool,
}

impl Frame<'_> {
    /// A sheet that says nothing yet but which certificate it is.
    fn sheet(&self, title: &str) -> Sheet {
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
            title: title.to_owned(),
            kind_label: String::new(),
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
            language: self.language,
        }
    }
}

fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Adds a line to a table; none for a value that is not stated.
fn push(rows: &mut Vec<Row>, field: &'static str, label: &str, value: Option<String>) {
    let value = value.filter(|value| !value.trim().is_empty());
    rows.extend(value.map(|value| Row { field, label: label.to_owned(), value }));
}

fn eu_dcc(frame: &Frame<'_>, dcc: &Dcc) -> Sheet {
    let language = frame.language;
    let words = Words(language);
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let mut rows = Vec::new();
    let mut row = |field: &'static str, label: &str, value: String| {
        rows.push(Row { field, label: label.to_owned(), value });
    };
    match &dcc.entry {
        Entry::Vaccination(v) => {
            row("dose", words.of("Dose", "Dose"), words.of_total(v.dose, v.total_doses));
            row("date", words.of("Date of vaccination", "Date de vaccination"), v.date.clone());
            row("vaccine", words.of("Vaccine", "Vaccin"), name(EuSet::VaccineProduct, &v.product));
            row(
                "prophylaxis",
                words.of("Vaccine type", "Type de vaccin"),
                name(EuSet::VaccineProphylaxis, &v.prophylaxis),
            );
            row(
                "holder",
                words.of("Marketing authorisation holder", "Titulaire de l'autorisation"),
                name(EuSet::VaccineHolder, &v.holder),
            );
            row("disease", words.of("Disease", "Maladie"), name(EuSet::Disease, &v.disease));
        }
        Entry::Test(t) => {
            row("result", words.of("Test result", "Résultat du test"), name(EuSet::TestResult, &t.result));
            row("sampled", words.of("Sample taken", "Prélèvement"), t.sampled_at.clone());
            row("test", words.of("Type of test", "Type de test"), name(EuSet::TestType, &t.kind));
            if let Some(centre) = &t.centre {
                row("centre", words.of("Testing centre", "Centre de test"), centre.clone());
            }
            row("disease", words.of("Disease", "Maladie"), name(EuSet::Disease, &t.disease));
        }
        Entry::Recovery(r) => {
            row("first-positive", words.of("First positive test", "Premier test positif"), r.first_positive.clone());
            row("valid", words.of("Valid", "Valable"), format!("{} – {}", r.valid_from, r.valid_until));
            row("disease", words.of("Disease", "Maladie"), name(EuSet::Disease, &r.disease));
        }
    }
    row("country", words.of("Country", "Pays"), country(dcc.entry.country()));
    row("issuer", words.of("Issued by", "Délivré par"), dcc.entry.issuer().to_owned());
    row(
        "expires",
        words.of("Certificate valid until", "Certificat valable jusqu'au"),
        frame.envelope.expires_at.map(|time| day(time).to_string()).unwrap_or_default(),
    );

    let title = match &dcc.entry {
        Entry::Vaccination(_) => words.of("Vaccination certificate", "Certificat de vaccination"),
        Entry::Test(_) => words.of("Test certificate", "Certificat de test"),
        Entry::Recovery(_) => words.of("Certificate of recovery", "Certificat de rétablissement"),
    };
    Sheet {
        kind_label: "COVID-19".to_owned(),
        issuer: dcc.entry.issuer().to_owned(),
        country: country(dcc.entry.country()),
        family: text(&dcc.name.family),
        given: text(&dcc.name.given),
        family_std: text(&dcc.name.family_standard),
        given_std: text(&dcc.name.given_standard),
        birth_date: dcc.birth_date.clone(),
        rows,
        ..frame.sheet(title)
    }
}

struct Words(Language);

impl Words {
    fn of(&self, english: &'static str, french: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::French => french,
        }
    }

    fn of_total(&self, dose: i64, total: i64) -> String {
        format!("{dose} {} {total}", self.of("of", "sur"))
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
fn country(code: &str) -> String {
    let known = code.parse::<Country>().or_else(|_| Country::from_alpha3(code));
    match known.ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}
