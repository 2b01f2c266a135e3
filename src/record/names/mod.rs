//! Names in the person's own writing and in the Latin form of machine-readable travel documents.
//!
//! `source` fills a [`PersonName`]; `payload` takes from it what a certificate shows (`fn`, `gn`) and what
//! a border officer's machine compares with the passport (`fnt`, `gnt`). The tables are those of ICAO Doc 9303
//! part 3 section 6 (`latin`, `cyrillic`, `arabic`), and ELOT 743 for Greek. A script without a table is
//! refused: there the registry needs an attribute with the name in Latin letters.

mod arabic;
mod cyrillic;
mod display;
mod greek;
mod latin;
mod script;
mod standard;

use std::fmt;

pub use display::{is_cut, says_anything};
pub use standard::{NameError, standardise};

use super::Country;

/// A person's name as the source has it. Either part may be missing (mononyms), never both.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// Family name, primary identifier (EU DCC `fn`), in any script.
    pub family: Option<String>,
    /// Given names, secondary identifier (EU DCC `gn`), in any script.
    pub given: Option<String>,
    /// Family name in Latin letters from a mapped attribute; wins over transliteration.
    pub family_latin: Option<String>,
    /// Given names in Latin letters from a mapped attribute; wins over transliteration.
    pub given_latin: Option<String>,
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// A name in the form of the machine-readable zone: `A` to `Z` and `<`, at most 80 characters a part.
#[derive(Clone, PartialEq, Eq)]
pub struct StandardisedName {
    /// Primary identifier (EU DCC `fnt`).
    pub family: Option<String>,
    /// Secondary identifier (EU DCC `gnt`).
    pub given: Option<String>,
}

impl fmt::Debug for StandardisedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandardisedName(…)")
    }
}

impl PersonName {
    /// The name in the form of the machine-readable zone. A mapped Latin form wins over transliteration. A
    /// part that holds no letter (`-`, `.`, left empty) counts as missing, which is fine if the other exists.
    /// `country` is the issuing country; it chooses among the national variants of Cyrillic.
    ///
    /// # Errors
    /// [`NameError::NoTable`] and [`NameError::TooLong`] for either part, [`NameError::Empty`] for both.
    pub fn standardised(&self, country: Country) -> Result<StandardisedName, NameError> {
        let part = |latin: &Option<String>, native: &Option<String>| {
            for text in [latin, native].into_iter().flatten() {
                match standardise(text, country) {
                    Err(NameError::Empty) => {}
                    result => return result.map(Some),
                }
            }
            Ok(None)
        };
        let family = part(&self.family_latin, &self.family)?;
        let given = part(&self.given_latin, &self.given)?;
        if family.is_none() && given.is_none() {
            return Err(NameError::Empty);
        }
        Ok(StandardisedName { family, given })
    }

    /// The family name as the certificate shows it (EU DCC `fn`): own writing, or else the Latin form;
    /// composed (NFC), at most 80 characters and never cut between a letter and its marks. `None` when
    /// there is nothing in it but blanks and marks for "none" (`-`, `.`): whatever else can be seen is shown.
    #[must_use]
    pub fn display_family(&self) -> Option<String> {
        display::part(&self.family, &self.family_latin)
    }

    /// The given names as the certificate shows them (EU DCC `gn`); see [`PersonName::display_family`].
    #[must_use]
    pub fn display_given(&self) -> Option<String> {
        display::part(&self.given, &self.given_latin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(family: Option<&str>, given: Option<&str>) -> PersonName {
        PersonName { family: family.map(str::to_owned), given: given.map(str::to_owned), ..PersonName::default() }
    }

    #[test]
    fn a_mapped_latin_form_wins() {
        let mut person = name(Some("محمد"), Some("علي"));
        let plain = person.standardised(Country::SANDBOX).unwrap();
        assert_eq!((plain.family.as_deref(), plain.given.as_deref()), (Some("MXHMD"), Some("ELY")));
        person.family_latin = Some("Mohammed".into());
        person.given_latin = Some("  ".into());
        let mapped = person.standardised(Country::SANDBOX).unwrap();
        assert_eq!((mapped.family.as_deref(), mapped.given.as_deref()), (Some("MOHAMMED"), Some("ELY")));
        assert_eq!(person.display_family().unwrap(), "محمد");
    }

    #[test]
    fn a_sign_in_place_of_a_name_is_shown_though_no_passport_has_it() {
        let person = name(Some("Nguyen"), Some("🫠"));
        let standard = person.standardised(Country::SANDBOX).unwrap();
        assert_eq!((standard.family.as_deref(), standard.given), (Some("NGUYEN"), None));
        assert_eq!(person.display_given().as_deref(), Some("🫠"));
    }

    #[test]
    fn a_missing_part_is_fine_if_the_other_exists() {
        for missing in [None, Some(""), Some(" "), Some("-"), Some(".")] {
            let person = name(Some("Suharto"), missing);
            let standard = person.standardised(Country::SANDBOX).unwrap();
            assert_eq!((standard.family.as_deref(), standard.given), (Some("SUHARTO"), None));
            assert_eq!(person.display_given(), None);
            assert_eq!(name(missing, missing).standardised(Country::SANDBOX), Err(NameError::Empty));
        }
        assert!(name(Some("Somchai"), Some("สมชาย")).standardised(Country::SANDBOX).is_err());
    }

    #[test]
    fn a_latin_form_opens_scripts_without_a_table() {
        let mut person = name(Some("ວົງສາ"), None);
        assert_eq!(person.standardised(Country::SANDBOX), Err(NameError::NoTable { script: "Lao" }));
        person.family_latin = Some("Vongsa".into());
        assert_eq!(person.standardised(Country::SANDBOX).unwrap().family.as_deref(), Some("VONGSA"));
        assert_eq!(person.display_family().as_deref(), Some("ວົງສາ"));
    }

    #[test]
    fn names_stay_out_of_debug_output() {
        let person = name(Some("Geheim"), Some("Streng"));
        let standard = person.standardised(Country::SANDBOX).unwrap();
        let text = format!("{person:?} {standard:?}").to_uppercase();
        assert!(!text.contains("GEHEIM") && !text.contains("STRENG"));
    }
}
