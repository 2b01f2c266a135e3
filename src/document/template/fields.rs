//! What a template may place: the parts of a [`Sheet`] by name.

use jiff::civil::Date;

use crate::document::{Language, Row, Sheet, Value};

/// A field that a template may place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Its name in a template.
    pub(super) name: &'static str,
    /// The row of the sheet that it shows, if it shows one.
    pub(super) row: Option<&'static str>,
    /// What it is, for the author of a template.
    pub(super) help: &'static str,
    /// The longest that is to be expected, for a dry print.
    pub(super) long: &'static str,
    /// What is usual, for a dry print and the grid.
    pub(super) usual: &'static str,
}

const fn part(name: &'static str, help: &'static str, usual: &'static str, long: &'static str) -> Known {
    Known { name, row: None, help, long, usual }
}

const fn row(name: &'static str, help: &'static str, usual: &'static str, long: &'static str) -> Known {
    Known { name, row: Some(name), help, long, usual }
}

const LONG_FAMILY: &str = "Wolfeschlegelsteinhausenbergerdorff-Schwarzenbergischer von Hohenstein-Mümmelman";
const LONG_GIVEN: &str = "Maria Magdalena Wilhelmine Mathilde Hieronyma Kunigunde Annegret Walburga Würmle";
const LONG_FAMILY_STD: &str = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF<SCHWARZENBERGISCHER<VON<HOHENSTEIN<MUEMMELMA";
const LONG_GIVEN_STD: &str = "MARIA<MAGDALENA<WILHELMINE<MATHILDE<HIERONYMA<KUNIGUNDE<ANNEGRET<WALBURGA<WUERML";
const ISSUER: &str = "Ministry of Health";
const LONG_ISSUER: &str = "Ministry of Public Health and Social Welfare of the Republic";
const DISEASE: &str = "COVID-19 (840539006)";
const LONG_PLACE: &str = "Provincial Hospital and Community Vaccination Centre North";

/// Every name, in the order in which a new template lists them.
pub(super) const FIELDS: &[Known] = &[
    part("name", "whole name: surname and forename on one line", "Nguyen Minh Khai", LONG_FAMILY),
    part("family", "surname(s) in the holder's own writing", "Nguyen", LONG_FAMILY),
    part("given", "forename(s) in the holder's own writing", "Minh Khai", LONG_GIVEN),
    part("family_std", "surname(s) as in the passport's machine-readable lines", "NGUYEN", LONG_FAMILY_STD),
    part("given_std", "forename(s) as in the passport's machine-readable lines", "MINH<KHAI", LONG_GIVEN_STD),
    part("birth_date", "date of birth", "1990-05-01", "not recorded"),
    part(
        "id",
        "identifier of the certificate",
        "URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N",
        "URN:UVCI:01:XX:MINISTRY/CAMPAIGN-2026/5CWTU0C3YXDJ2TEK9HK6HXYMB9876543#N",
    ),
    part("issued", "date of issue", "2026-11-21", "2026-11-21"),
    part("issuing", "who issues the certificate", ISSUER, LONG_ISSUER),
    part("place", "country of issue", "XX", "Democratic Republic of Examplia"),
    part("subject", "against what the certificate is, such as COVID-19", "COVID-19", "WHO DDCC"),
    part("title", "heading, such as Vaccination certificate", "", ""),
    part("notice", "the text that a law prescribes (yellow card)", "", ""),
    row("dose", "number of the dose, of how many", "2 of 2", "12 of 12"),
    Known { name: "dose_number", row: Some("dose"), help: "number of the dose alone", long: "12", usual: "2" },
    Known { name: "dose_total", row: Some("dose"), help: "of how many doses", long: "12", usual: "2" },
    row("date", "date of vaccination", "2021-06-15", "2021-06-15"),
    row(
        "vaccine",
        "product",
        "Comirnaty (EU/1/20/1528)",
        "COVID-19 Vaccine (Vero Cell), Inactivated (Covid-19-recombinant)",
    ),
    row("prophylaxis", "type of vaccine", "mRNA vaccine (1119349007)", "SARS-CoV-2 mRNA vaccine (1119349007)"),
    row(
        "holder",
        "marketing authorisation holder",
        "Biontech (ORG-100030215)",
        "Biontech Manufacturing GmbH (ORG-100030215)",
    ),
    row("maker", "manufacturer", "Serum Institute", "Serum Institute Of India Private Limited (ORG-100001981)"),
    row("disease", "disease", DISEASE, DISEASE),
    row("lot", "batch number", "AB-1234", "ABCDEFGH-1234567890"),
    row("vaccination-centre", "where the vaccine was given", "Central Clinic", LONG_PLACE),
    row("next", "date of the next dose", "2021-12-15", "2021-12-15"),
    row("result", "result of a test", "Not detected", "Not detected (260415000)"),
    row("sampled", "when the sample was taken", "2021-06-15", "2021-06-15T10:00:00+07:00"),
    row("test", "type of test", "Rapid antigen test", "Nucleic acid amplification with probe detection"),
    row("brand", "name of the test", "Panbio COVID-19 Ag", "Abbott Rapid Diagnostics, Panbio COVID-19 Ag Rapid Test"),
    row("centre", "where the test was made", "Central Clinic", LONG_PLACE),
    row("first-positive", "date of the first positive test", "2021-06-15", "2021-06-15"),
    row("valid", "from when until when", "2021-06-26 – 2021-12-12", "2021-06-26 – 2021-12-12"),
    row("country", "country of the vaccination or test", "Examplia (XX)", "Democratic Republic of Examplia (XX)"),
    row("issuer", "who issues the certificate, as in the table", ISSUER, LONG_ISSUER),
    row("expires", "until when the certificate is good", "2027-11-21", "2027-11-21"),
    row("condition", "disease or condition (yellow card)", "Yellow fever", "Poliomyelitis and other conditions"),
    row(
        "annex-vaccine",
        "vaccine or prophylaxis (yellow card)",
        "Stamaril",
        "Stamaril, yellow fever vaccine (live), 17D-204",
    ),
    row("valid-from", "from when (yellow card)", "2021-06-25", "2021-06-25"),
    row("valid-until", "until when (yellow card)", "2031-06-25", "life of person vaccinated"),
    row("clinician", "supervising clinician (yellow card)", "Dr A. Sample", LONG_GIVEN),
    row("authority", "issuing authority (yellow card)", ISSUER, LONG_ISSUER),
    row("nationality", "nationality", "XXX", "Democratic Republic of Examplia"),
    row("sex", "sex", "female", "female"),
    row("document", "identification document", "P1234567", "National identity card 1990-0501-1234567"),
    row("guardian", "parent or guardian", "Nguyen Van An", LONG_GIVEN),
    row("signed-until", "until when the code's signature is good", "2028-11-21", "2028-11-21"),
];

/// The field of this name.
pub(super) fn known(name: &str) -> Option<Known> {
    FIELDS.iter().copied().find(|known| known.name == name)
}

/// How a day is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DayForm {
    /// As the certificate has it: `2021-06-15`, and with the month in letters on a yellow card, whose law asks for it.
    Own,
    /// `2021-06-15` (ISO 8601).
    Iso,
    /// With the month in letters, in the language of the field: `15 June 2021`.
    Long,
    /// By a pattern of `YYYY`, `MM`, `DD` and what stands between them.
    Pattern(String),
}

impl DayForm {
    /// The form that a template asks for; `None` if it is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "iso" => return Some(Self::Iso),
            "long" => return Some(Self::Long),
            _ => {}
        }
        let parts = ["YYYY", "MM", "DD"];
        let rest = parts.iter().fold(text.to_owned(), |rest, part| rest.replacen(part, "", 1));
        let all = parts.iter().all(|part| text.contains(part));
        let plain = !rest.chars().any(|c| c.is_ascii_alphanumeric());
        (all && plain && text.chars().count() <= 20).then(|| Self::Pattern(text.to_owned()))
    }

    /// `text` in this form if it is a day, or else as it is: a birth date may be a year alone.
    fn written(&self, text: &str, language: Language) -> String {
        match text.parse::<Date>() {
            Ok(day) if text.len() == "YYYY-MM-DD".len() && *self != Self::Own => self.of_day(day, language),
            _ => text.to_owned(),
        }
    }

    fn of_day(&self, day: Date, language: Language) -> String {
        match self {
            Self::Own | Self::Long => language.date(day),
            Self::Iso => day.to_string(),
            Self::Pattern(pattern) => pattern
                .replacen("YYYY", &format!("{:04}", day.year()), 1)
                .replacen("MM", &format!("{:02}", day.month()), 1)
                .replacen("DD", &format!("{:02}", day.day()), 1),
        }
    }
}

/// What `sheet` says in this field, in these words; `None` where it has no such field or says nothing in it.
pub(super) fn said(sheet: &Sheet, known: &Known, language: Language, days: &DayForm) -> Option<String> {
    let text = match known.row {
        Some(name) => of_row(sheet.rows.iter().find(|row| row.field == name)?, known.name, language, days)?,
        None => of_sheet(sheet, known.name, language),
    };
    (!text.trim().is_empty()).then(|| days.written(&text, language))
}

fn of_row(row: &Row, name: &str, language: Language, days: &DayForm) -> Option<String> {
    match (name, &row.value) {
        (_, Value::Day(day)) => Some(days.of_day(*day, language)),
        ("dose_number", Value::Dose { dose, .. }) => Some(dose.to_string()),
        ("dose_total", Value::Dose { total, .. }) => Some(total.to_string()),
        ("dose_total", _) => None,
        (_, value) => Some(value.in_words(language)),
    }
}

fn of_sheet(sheet: &Sheet, name: &str, language: Language) -> String {
    match name {
        "name" if sheet.name.trim().is_empty() => {
            let parts = [&*sheet.family, &*sheet.given].map(str::trim);
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        "name" => sheet.name.clone(),
        "family" => sheet.family.clone(),
        "given" => sheet.given.clone(),
        "family_std" => sheet.family_std.clone(),
        "given_std" => sheet.given_std.clone(),
        "birth_date" if sheet.birth_date.trim().is_empty() => language.word("not_recorded").to_owned(),
        "birth_date" => sheet.birth_date.clone(),
        "id" => sheet.id.clone(),
        "issued" => sheet.issued.to_string(),
        "issuing" => sheet.issuer.clone(),
        "place" => sheet.country.clone(),
        "subject" => sheet.subject.in_words(language),
        "title" => language.entry("title", sheet.kind.name()).unwrap_or_default().to_owned(),
        "notice" => sheet.notice(language).map(|notice| notice.text.to_owned()).unwrap_or_default(),
        _ => String::new(),
    }
}

/// What a screen reader says before the field, where the template says nothing else: our own words for it.
pub(super) fn label(known: &Known, language: Language) -> Option<&'static str> {
    match (known.row, known.name) {
        (Some(row), _) => language.entry("label", row),
        (None, "family_std") => Some(language.word("family")),
        (None, "given_std") => Some(language.word("given")),
        (None, name @ ("name" | "family" | "given" | "birth_date" | "id")) => {
            known_word(name).map(|key| language.word(key))
        }
        (None, _) => None,
    }
}

fn known_word(name: &str) -> Option<&'static str> {
    ["name", "family", "given", "birth_date", "id"].into_iter().find(|key| *key == name)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_row_that_has_words_can_be_placed() {
        let words: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(include_str!("../words/en.json")).unwrap();
        for label in words.keys().filter_map(|key| key.strip_prefix("label.")) {
            let known = known(label).unwrap_or_else(|| panic!("no field {label}"));
            assert_eq!(known.row, Some(label));
        }
        for known in FIELDS.iter().filter(|known| known.row.is_some()) {
            assert!(label(known, Language::ENGLISH).is_some(), "{}", known.name);
        }
        let mut names: Vec<_> = FIELDS.iter().map(|known| known.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len(), "each once");
    }

    #[test]
    fn days_are_written_as_asked_and_parts_of_days_as_they_are() {
        let form = DayForm::of("DD.MM.YYYY").unwrap();
        let long = DayForm::of("long").unwrap();
        assert_eq!(form.written("2021-06-05", Language::ENGLISH), "05.06.2021");
        assert_eq!(DayForm::of("DD/MM/YYYY").unwrap().written("0987-12-31", Language::ENGLISH), "31/12/0987");
        for language in Language::all() {
            assert_eq!(long.written("2021-06-05", language), language.date(date(2021, 6, 5)), "{}", language.tag());
            assert_ne!(long.written("2021-06-05", language), "2021-06-05");
        }
        assert_eq!(long.written("2021-06-01", Language::FRENCH), "1er juin 2021");
        for whole in ["1990", "1990-05", "not recorded", "2021-06-15T10:00:00Z", "2021-02-30"] {
            for form in [&form, &long, &DayForm::Iso, &DayForm::Own] {
                assert_eq!(form.written(whole, Language::ENGLISH), whole);
            }
        }
        // The yellow card's days are no texts: they are as its law has them, unless the template asks for another form.
        let row = Row { field: "valid-from", value: Value::Day(date(2021, 6, 5)) };
        let said = |form: &str| {
            let form = if form.is_empty() { DayForm::Own } else { DayForm::of(form).unwrap() };
            of_row(&row, "valid-from", Language::ENGLISH, &form).unwrap()
        };
        assert_eq!([said(""), said("long")], [Language::ENGLISH.date(date(2021, 6, 5)), said("")]);
        assert_eq!([said("iso"), said("DD.MM.YYYY")], ["2021-06-05", "05.06.2021"]);
        for wrong in ["", "Long", "DD.MM.YY", "MM/YYYY", "DDMMYYYY and more", "D.M.Y"] {
            assert_eq!(DayForm::of(wrong), None, "{wrong}");
        }
        let form = DayForm::of("YYYY年MM月DD日").unwrap();
        assert_eq!(form.written("2021-06-05", Language::ENGLISH), "2021年06月05日");
    }
}
