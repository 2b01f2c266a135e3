//! A certificate in the words that go on paper: codes become names, in the language of the sheet.

use jiff::tz::Offset;

use crate::{
    document::{Language, Row, Sheet},
    issue::{Envelope, Format, Issued, Says},
    payload::dcc::{Dcc, Entry},
    record::Country,
    valueset::{EuSet, ValueSets},
};

/// The sheet of a certificate, for the first of its formats in this order: EU DCC. `None` when that one's text is
/// none that this program writes.
pub(super) fn of(issued: &Issued, language: Language, specimen: bool) -> Option<Sheet> {
    let envelope = PAPER.into_iter().find_map(|format| issued.envelope(format))?;
    match envelope.says()? {
        Says::EuDcc(dcc) => Some(eu_dcc(issued, envelope, &dcc, language, specimen)),
    }
}

/// The formats whose code goes on paper, the most telling first.
const PAPER: [Format; 1] = [Format::EuDcc];

fn eu_dcc(issued: &Issued, envelope: &Envelope, dcc: &Dcc, language: Language, specimen: bool) -> Sheet {
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
    let day = |time| Offset::UTC.to_datetime(time).date();
    row(
        "expires",
        words.of("Certificate valid until", "Certificat valable jusqu'au"),
        envelope.expires_at.map(|time| day(time).to_string()).unwrap_or_default(),
    );

    let title = match &dcc.entry {
        Entry::Vaccination(_) => words.of("Vaccination certificate", "Certificat de vaccination"),
        Entry::Test(_) => words.of("Test certificate", "Certificat de test"),
        Entry::Recovery(_) => words.of("Certificate of recovery", "Certificat de rétablissement"),
    };
    Sheet {
        title: title.to_owned(),
        kind_label: "COVID-19".to_owned(),
        issuer: dcc.entry.issuer().to_owned(),
        country: country(dcc.entry.country()),
        family: text(&dcc.name.family),
        given: text(&dcc.name.given),
        family_std: text(&dcc.name.family_standard),
        given_std: text(&dcc.name.given_standard),
        birth_date: dcc.birth_date.clone(),
        rows,
        id: issued.id.to_string(),
        code: envelope.text.clone(),
        issued: day(envelope.issued_at),
        specimen,
        language,
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

fn country(code: &str) -> String {
    match code.parse::<Country>().ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}
