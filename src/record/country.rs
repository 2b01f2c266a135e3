//! Countries by ISO 3166-1.

use std::{fmt, str::FromStr};

use crate::valueset::countries::{self, CountryEntry};

/// An ISO 3166-1 alpha-2 code in upper case. `XX` (from the user-assigned range) is the sandbox's fictional country.
///
/// Any two capital letters are a `Country`: certificates carry codes that ISO has not assigned (`UN`, `EU`,
/// `XK`), and a verifier must be able to show them. An issuer asks [`Country::is_assigned`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

/// A text that is no alpha-2 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a country code: give the two capital letters of ISO 3166-1, such as LK or TG")]
pub struct CountryError;

impl Country {
    /// The sandbox's fictional country.
    pub const SANDBOX: Self = Self(*b"XX");

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX")
    }

    fn entry(&self) -> Option<&'static CountryEntry> {
        countries::by_alpha2(self.as_str())
    }

    /// The alpha-3 code, which WHO DDCC and ICAO use: ISO 3166-1, and for what ISO has not assigned `UNO` and
    /// `EUE` (ICAO Doc 9303 part 3 section 5), `XKX` (Kosovo, as the EU writes it) and `XXX` (the sandbox,
    /// user-assigned range). `None` for two letters that nobody has given a meaning.
    #[must_use]
    pub fn alpha3(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.alpha3.as_str())
    }

    /// The country with this alpha-3 code in capitals; `RKS` (Doc 9303) means Kosovo as `XKX` does.
    ///
    /// # Errors
    /// [`CountryError`] when no country has the code.
    pub fn from_alpha3(code: &str) -> Result<Self, CountryError> {
        countries::by_alpha3(code).ok_or(CountryError)?.alpha2.parse()
    }

    /// Short English name; `None` for a code without meaning.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name.as_str())
    }

    /// Whether ISO 3166-1 has assigned the code officially. False for `XX`, `XK`, `UN` and `EU`.
    #[must_use]
    pub fn is_assigned(&self) -> bool {
        self.entry().is_some_and(|entry| entry.assigned)
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(s: &str) -> Result<Self, CountryError> {
        match s.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(CountryError),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        code.parse().unwrap()
    }

    #[test]
    fn alpha3_there_and_back() {
        for entry in countries::all() {
            let code = country(&entry.alpha2);
            assert_eq!(Country::from_alpha3(code.alpha3().unwrap()).unwrap(), code);
        }
        assert_eq!(country("VU").alpha3(), Some("VUT"));
        assert_eq!(Country::from_alpha3("CHE").unwrap(), country("CH"));
        assert_eq!(Country::from_alpha3("RKS").unwrap(), country("XK"));
        for wrong in ["", "CH", "che", "ZZZ", "CHEE"] {
            assert_eq!(Country::from_alpha3(wrong), Err(CountryError), "{wrong}");
        }
    }

    #[test]
    fn unassigned_codes_are_known_as_such() {
        for (code, alpha3) in [("XX", "XXX"), ("XK", "XKX"), ("UN", "UNO"), ("EU", "EUE")] {
            assert!(!country(code).is_assigned() && country(code).name().is_some());
            assert_eq!(country(code).alpha3(), Some(alpha3));
        }
        assert!(country("TG").is_assigned());
        assert_eq!(country("LK").name(), Some("Sri Lanka"));
        assert_eq!((country("QQ").name(), country("QQ").alpha3()), (None, None));
        assert!(!country("QQ").is_assigned());
    }

    #[test]
    fn only_two_capital_letters_are_a_code() {
        for wrong in ["", "x", "xx", "XXX", "X1", "ÄÄ", " XX"] {
            assert_eq!(wrong.parse::<Country>(), Err(CountryError), "{wrong}");
        }
    }
}
