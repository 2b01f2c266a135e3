//! What we demand of a certificate before we sign it: the schema 1.3.x, tightened where the schema is loose
//! (its `co` is unanchored, its `dob` accepts 2021-99-99) and where the quality checks of the EU's test
//! programme ask for more.

use jiff::civil::Date;

use super::model::{Dcc, Entry, Name, Recovery, Test, Vaccination};
use crate::{limits::DCC_FIELD_CHARS, record::PartialDate};

/// A rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Fault {
    /// Wire name of the field.
    pub field: &'static str,
    /// The rule.
    pub rule: &'static str,
}

/// Every rule that the certificate breaks; none when it may be signed.
#[must_use]
pub fn check(dcc: &Dcc) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    faults.unless(is_version(&dcc.version), "ver", "must be three numbers with points");
    faults.unless(
        dcc.birth_date.is_empty()
            || dcc.birth_date.parse::<PartialDate>().is_ok_and(|d| (1900..2100).contains(&d.year())),
        "dob",
        "must be empty or a date of the years 1900 to 2099",
    );
    faults.name(&dcc.name);
    match &dcc.entry {
        Entry::Vaccination(v) => faults.vaccination(v),
        Entry::Test(t) => faults.test(t),
        Entry::Recovery(r) => faults.recovery(r),
    }
    faults.0
}

struct Faults(Vec<Fault>);

impl Faults {
    fn unless(&mut self, holds: bool, field: &'static str, rule: &'static str) {
        if !holds {
            self.0.push(Fault { field, rule });
        }
    }

    fn text(&mut self, text: &str, field: &'static str) {
        self.unless(
            is_text(text),
            field,
            "must have 1 to 80 characters, no control characters and no space at its ends",
        );
    }

    fn date(&mut self, text: &str, field: &'static str) {
        self.unless(text.len() == 10 && text.parse::<Date>().is_ok(), field, "must be a date in the form YYYY-MM-DD");
    }

    fn name(&mut self, name: &Name) {
        for (part, field) in [(&name.family, "fn"), (&name.given, "gn")] {
            if let Some(part) = part {
                self.text(part, field);
            }
        }
        for (part, field) in [(&name.family_standard, "fnt"), (&name.given_standard, "gnt")] {
            if let Some(part) = part {
                let legal = part.bytes().all(|b| b.is_ascii_uppercase() || b == b'<');
                self.unless(
                    legal && !part.is_empty() && part.len() <= DCC_FIELD_CHARS,
                    field,
                    "must have 1 to 80 of the letters A-Z and <",
                );
            }
        }
        self.unless(
            name.family_standard.is_some() || name.given_standard.is_some(),
            "nam",
            "must have fnt or gnt (schema 1.3.2)",
        );
        self.unless(name.family.is_none() || name.family_standard.is_some(), "fnt", "must be there when fn is");
        self.unless(name.given.is_none() || name.given_standard.is_some(), "gnt", "must be there when gn is");
    }

    fn common(&mut self, disease: &str, country: &str, issuer: &str, id: &str) {
        self.text(disease, "tg");
        self.unless(
            matches!(country.as_bytes(), [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase()),
            "co",
            "must be an ISO 3166-1 alpha-2 code",
        );
        self.text(issuer, "is");
        self.unless(id.parse::<crate::record::Uvci>().is_ok(), "ci", "must be a UVCI with a right check character");
    }

    fn vaccination(&mut self, v: &Vaccination) {
        self.common(&v.disease, &v.country, &v.issuer, &v.id);
        self.text(&v.prophylaxis, "vp");
        self.text(&v.product, "mp");
        self.text(&v.holder, "ma");
        self.unless((1..=99).contains(&v.dose), "dn", "must be 1 to 99");
        self.unless((1..=99).contains(&v.total_doses), "sd", "must be 1 to 99");
        self.date(&v.date, "dt");
    }

    fn test(&mut self, t: &Test) {
        self.common(&t.disease, &t.country, &t.issuer, &t.id);
        self.text(&t.kind, "tt");
        self.text(&t.result, "tr");
        self.unless(t.sampled_at.parse::<jiff::Timestamp>().is_ok(), "sc", "must be a time with its zone");
        for (text, field) in [(&t.test_name, "nm"), (&t.device, "ma"), (&t.centre, "tc")] {
            if let Some(text) = text {
                self.text(text, field);
            }
        }
        // Quality checks of the EU's test programme: a NAAT has no device, a rapid antigen test no name.
        self.unless(!(t.kind == "LP6464-4" && t.device.is_some()), "ma", "must be absent for a NAAT");
        self.unless(
            !(t.kind == "LP217198-3" && t.test_name.is_some()),
            "nm",
            "must be absent for a rapid antigen test",
        );
        self.unless(t.kind != "LP217198-3" || t.device.is_some(), "ma", "must name the device of a rapid antigen test");
    }

    fn recovery(&mut self, r: &Recovery) {
        self.common(&r.disease, &r.country, &r.issuer, &r.id);
        self.date(&r.first_positive, "fr");
        self.date(&r.valid_from, "df");
        self.date(&r.valid_until, "du");
        self.unless(r.valid_from <= r.valid_until, "du", "must not lie before df");
    }
}

fn is_text(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= DCC_FIELD_CHARS
        && text.trim().len() == text.len()
        && !text.chars().any(char::is_control)
}

fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let mut number = || parts.next().is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    number() && number() && number() && parts.next().is_none()
}
