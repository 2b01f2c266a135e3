//! Certificates of invented people, for looking at the paper before anybody gets it.
//!
//! Nothing of an installation's keys is used: the code is signed with a key that is made for it and thrown away, in the
//! name of the fictional country XX, so that no verifier ever accepts it (failure F01). The paper around it says what
//! the installation's own would say, and that it is a specimen.

use std::sync::Arc;

use jiff::Timestamp;
use unicode_normalization::char::is_combining_mark;

use super::{BatchError, DivocPaper, Random, RandomError, sheet};
use crate::{
    document::{Kind, Language, Sheet, Value},
    issue::{Format, Issuer, RecordError, Terms, specimen},
    keys::{Certificate, MemorySigner},
    limits::{PREVIEW_NAME_CHARS, PREVIEW_PEOPLE},
    record::{Country, PartialDate, PersonName, Record, Uvci, names::says_anything},
    signers::sandbox::{SignerKey, Validity, make},
};

/// A person who does not exist.
#[derive(Debug, Clone)]
pub struct Invented(PersonName);

/// Why names cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// Nothing between two marks, or no comma.
    #[error("the names are read as \"Surname, Forename; Surname, Forename\": give at least one of the two for each")]
    Form,
    /// A sign, a number or a picture in place of a name: records with it get no certificate either.
    #[error(
        "the {part} of person {person} holds no letter, and no certificate is issued with it (name-unreadable): leave \
         it empty, or give a name"
    )]
    NoLetter {
        /// Number of the person, from 1.
        person: usize,
        /// Which part of the name.
        part: &'static str,
    },
    /// More than one looks at.
    #[error("the names are of {count} people and may be of {PREVIEW_PEOPLE}: leave some out")]
    Many {
        /// How many.
        count: usize,
    },
    /// Longer than any certificate takes.
    #[error("a name has {chars} characters and may have {PREVIEW_NAME_CHARS}: shorten it")]
    Long {
        /// How many.
        chars: usize,
    },
}

impl Invented {
    /// Somebody with the letters of a language, and with their name in Latin ones where the tables of passports have
    /// no way from one to the other.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let (family, given, family_latin, given_latin) = match language.tag() {
            "fr" => ("Dupont-Lajoie de l'Épée", "Marie-Élisabeth Geneviève", "", ""),
            "pt" => ("Gonçalves de Vasconcelos", "Maria da Conceição", "", ""),
            "es" => ("Núñez Aránguiz", "María de los Ángeles", "", ""),
            "ar" => ("العبد الله الحسيني", "محمد عبد الرحمن", "Alabdallah Alhusayni", "Muhammad Abdalrahman"),
            "sw" => ("Mwanyumba wa Mwakitele", "Neema Zawadi", "", ""),
            "vi" => ("Nguyễn Phước", "Thị Ngọc Huyền", "", ""),
            "lo" => ("ສຸວັນນະພູມາ", "ສົມຈິດ", "Souvannaphouma", "Somchit"),
            "si" => ("වික්‍රමසිංහ ආරච්චිගේ", "කුසුම් ලතා", "Wickramasinghe Arachchige", "Kusum Latha"),
            "ta" => ("சுப்பிரமணியம்", "மீனாட்சி சுந்தரி", "Subramaniam", "Meenakshi Sundari"),
            "am" => ("ወልደ ማርያም", "አስቴር ገብረ ሥላሴ", "Welde Maryam", "Aster Gebre Selassie"),
            _ => ("Featherstonehaugh-Cholmondeley", "Wilhelmina Alexandrina", "", ""),
        };
        Self::new(family, given, family_latin, given_latin)
    }

    /// Somebody with the longest names that a certificate holds: 80 characters each part (EU DCC schema).
    #[must_use]
    pub fn long() -> Self {
        Self::new(
            "Hohenlohe-Waldenburg-Schillingsfürst und zu Neuenstein-Langenburg-Kirchberg-Oehr",
            "Maximiliane Friederike Wilhelmine Charlotte Auguste Emilie Ernestine Henriette M",
            "",
            "",
        )
    }

    fn new(family: &str, given: &str, family_latin: &str, given_latin: &str) -> Self {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut name = PersonName {
            family: some(family),
            given: some(given),
            family_latin: some(family_latin),
            given_latin: some(given_latin),
        };
        // Of a script that passports have no table for, somebody has to say how it is read; here nobody can.
        if name.standardised(Country::SANDBOX).is_err() {
            name.family_latin = name.family.as_ref().map(|_| specimen::FAMILY.to_owned());
            name.given_latin = name.given.as_ref().map(|_| specimen::GIVEN.to_owned());
        }
        Self(name)
    }

    /// Reads `Surname, Forename; Surname, Forename`; either part may be empty.
    ///
    /// # Errors
    /// [`NamesError`] says what is wrong.
    pub fn read(text: &str) -> Result<Vec<Self>, NamesError> {
        let mut people = Vec::new();
        for person in text.split(';').filter(|person| !person.trim().is_empty()) {
            let (family, given) = person.split_once(',').unwrap_or((person, ""));
            for part in [family, given] {
                let chars = part.trim().chars().count();
                if chars > PREVIEW_NAME_CHARS {
                    return Err(NamesError::Long { chars });
                }
            }
            if ![family, given].iter().any(|part| says_anything(part)) {
                return Err(NamesError::Form);
            }
            // As it is with records: what says something and is no name is refused, and not left out.
            for (part, words) in [(family, "surname"), (given, "forename")] {
                // A vowel sign counts as alphabetic, and is no letter without one that bears it.
                let letter = |c: char| c.is_alphabetic() && !is_combining_mark(c);
                if says_anything(part) && !part.chars().any(letter) {
                    return Err(NamesError::NoLetter { person: people.len() + 1, part: words });
                }
            }
            people.push(Self::new(family, given, "", ""));
        }
        match people.len() {
            0 => Err(NamesError::Form),
            count if count > PREVIEW_PEOPLE => Err(NamesError::Many { count }),
            _ => Ok(people),
        }
    }
}

/// Makes specimens with a key of its own, which ends with it.
pub struct Mint {
    issuer: Issuer,
    country: Country,
    name: String,
    now: Timestamp,
    random: Random,
}

impl std::fmt::Debug for Mint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mint({})", self.country)
    }
}

fn defect(error: impl std::fmt::Display) -> BatchError {
    BatchError::Specimen(error.to_string())
}

impl Mint {
    /// One whose papers say that they come from `country`, issued by `name`.
    ///
    /// # Errors
    /// No random bytes, or no key.
    pub fn new(country: Country, name: &str, now: Timestamp, random: Random) -> Result<Self, BatchError> {
        let mut serials = [[0; 16]; 2];
        for serial in &mut serials {
            random(serial)?;
        }
        let keys = make(SignerKey::P256, &Validity::recommended(now).map_err(defect)?, serials).map_err(defect)?;
        let certificate = Certificate::from_der(&keys.signer.certificate_der).map_err(defect)?;
        let signer = MemorySigner::new(&keys.signer.private_key, certificate).map_err(defect)?;
        let issuer = Issuer::new(Arc::new(signer), Country::SANDBOX.as_str(), Terms::default())?;
        Ok(Self { issuer, country, name: name.to_owned(), now, random })
    }

    /// A vaccination certificate of the EU's form, or a yellow card ([`Format::Icvp`]).
    ///
    /// # Errors
    /// When the program cannot make it, which would be a defect.
    pub fn sheet(&self, format: Format, person: &Invented) -> Result<Sheet, BatchError> {
        let record = specimen::record(format, Country::SANDBOX, &self.name, self.now);
        let Some(Record::Vaccination(mut record)) = record else {
            return Err(defect("no product fits"));
        };
        record.person.name = person.0.clone();
        record.person.birth_date = Some(PartialDate::Day(jiff::civil::date(1985, 2, 14)));
        record.lot = Some("AB1234".to_owned());
        record.dose = record.total_doses;
        let mut opaque = [0; 16];
        (self.random)(&mut opaque).map_err(|RandomError| RandomError)?;
        let id = Uvci::from_random(Country::SANDBOX, opaque);
        let prepared = match self.issuer.prepare(&Record::Vaccination(record), &id, &[format], self.now) {
            Ok(prepared) => prepared,
            Err(RecordError::Issuer(error)) => return Err(error.into()),
            Err(refused) => return Err(defect(refused)),
        };
        let issued = self.issuer.seal(prepared)?;
        let sheet = sheet::of(&issued, DivocPaper::default(), true).ok_or_else(|| defect("it says nothing"))?;
        Ok(self.at_home(sheet))
    }

    /// The paper says the installation's country where the code says XX.
    fn at_home(&self, mut sheet: Sheet) -> Sheet {
        let country = sheet::country(self.country.as_str());
        for row in &mut sheet.rows {
            if matches!(row.field, "country" | "nationality") {
                row.value = Value::Text(country.clone());
            }
            if matches!(row.field, "authority" | "clinician") {
                row.value = Value::Text(self.name.clone());
            }
        }
        if sheet.kind == Kind::YellowCard {
            sheet.issuer.clone_from(&self.name);
        }
        sheet.country = country;
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{trust::TrustStore, verify::Verifier};

    fn mint() -> Mint {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        Mint::new("LA".parse().unwrap(), "Ministry of Health", now, super::super::system_random()).unwrap()
    }

    #[test]
    fn f01_the_code_of_a_preview_is_accepted_by_nobody() {
        let mint = mint();
        for format in [Format::EuDcc, Format::Icvp] {
            for language in Language::all() {
                let sheet = mint.sheet(format, &Invented::of(language)).unwrap();
                assert!(sheet.specimen && sheet.country.contains("LA"), "{format:?} {language:?}");
                assert!(sheet.code.starts_with("HC1:"));
                let trust = TrustStore::new();
                let verdict = Verifier::new(&trust, mint.now).judge(&sheet.code);
                assert_ne!(verdict.verdict, crate::verify::Decision::Accepted);
            }
        }
        assert_eq!(mint.sheet(Format::Icvp, &Invented::long()).unwrap().kind, Kind::YellowCard);
    }

    #[test]
    fn names_are_read_in_any_script_and_refused_with_what_to_do() {
        let people = Invented::read("Müller, Änne; ສຸກ, ; , គឹម").unwrap();
        assert_eq!(people.len(), 3);
        let sheet = mint().sheet(Format::EuDcc, &people[1]).unwrap();
        assert_eq!((sheet.family.as_str(), sheet.given.as_str()), ("ສຸກ", ""));
        assert_eq!(Invented::read(" ; ").unwrap_err(), NamesError::Form);
        for (text, person, part) in [
            ("A, B; 12, C", 2, "surname"),
            ("Nguyen, 🫠", 1, "forename"),
            ("Nguyen, ⛄\u{fe0f}", 1, "forename"),
            ("Nguyen, \u{a926}", 1, "forename"),
        ] {
            let error = Invented::read(text).unwrap_err();
            assert_eq!(error, NamesError::NoLetter { person, part }, "{text}");
            assert!(!error.to_string().contains(['🫠', '1', 'N']) || person == 1);
        }
        // A mark for "none" is none.
        assert_eq!(Invented::read("Nguyen, -; -, Anna").unwrap().len(), 2);
        assert_eq!(Invented::read(&"x".repeat(81)).unwrap_err(), NamesError::Long { chars: 81 });
        let many = "A, B;".repeat(PREVIEW_PEOPLE + 1);
        assert_eq!(Invented::read(&many).unwrap_err(), NamesError::Many { count: PREVIEW_PEOPLE + 1 });
    }

    /// What can be seen of a text.
    fn seen(text: &str) -> String {
        use unicode_normalization::UnicodeNormalization as _;
        text.nfc().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_a_name_holds_is_on_the_sheet_or_refused(
            family in "\\PC{0,40}|[\\p{L}\\p{M}\\p{So}\\p{Cf}\\p{Nd} -]{0,20}",
            given in "\\PC{0,12}|[\\p{So}\\p{Sk}\\p{Cf}\\p{M}\\p{Co}]{0,6}|[a-z -]{0,9}",
        ) {
            static MINT: std::sync::LazyLock<Mint> = std::sync::LazyLock::new(mint);
            let (family, given) = (family.replace([',', ';'], ""), given.replace([',', ';'], ""));
            let Ok(people) = Invented::read(&format!("{family},{given}")) else { return Ok(()) };
            let sheet = match MINT.sheet(Format::EuDcc, &people[0]) {
                Ok(sheet) => sheet,
                // Letters that no passport writes, such as a prime or a soft sign alone.
                Err(BatchError::Specimen(_)) => return Ok(()),
                Err(error) => panic!("{error}"),
            };
            for (shown, written) in [(&sheet.family, &family), (&sheet.given, &given)] {
                if says_anything(written) {
                    proptest::prop_assert_eq!(seen(shown), seen(written));
                }
            }
        }
    }
}
