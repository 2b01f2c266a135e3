//! What the option codes of a program mean. Codes are compared without regard to case: the packages changed
//! it between versions, and option UIDs changed their meaning.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{LabKind, LabResult, overridable};
use crate::record::{Country, DocumentKind, Sex};

/// Which dose an option code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseCode {
    /// The dose of this number, 1 to 9 (EU DCC schema 1.3.x, `dose_posint`).
    Number(u8),
    /// A booster, whose number follows from the doses before it.
    Booster,
}

impl Serialize for DoseCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(n) => serializer.serialize_u8(*n),
            Self::Booster => serializer.serialize_str("booster"),
        }
    }
}

impl<'de> Deserialize<'de> for DoseCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl de::Visitor<'_> for Either {
            type Value = DoseCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a dose number from 1 to 9, or \"booster\"")
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<DoseCode, E> {
                u8::try_from(n)
                    .ok()
                    .filter(|n| (1..=9).contains(n))
                    .map(DoseCode::Number)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(n), &self))
            }

            fn visit_u64<E: de::Error>(self, n: u64) -> Result<DoseCode, E> {
                self.visit_i64(i64::try_from(n).unwrap_or(i64::MAX))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DoseCode, E> {
                match text {
                    "booster" => Ok(DoseCode::Booster),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Administrative sex in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SexCode {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Another recorded value.
    Other,
}

impl From<SexCode> for Sex {
    fn from(code: SexCode) -> Self {
        match code {
            SexCode::Female => Self::Female,
            SexCode::Male => Self::Male,
            SexCode::Other => Self::Other,
        }
    }
}

overridable! {
    /// Meaning of option codes.
    #[derive(Default)]
    Values, ValuesOverride {
        /// Dose option codes.
        dose: BTreeMap<String, DoseCode>,
        /// Sex option codes.
        sex: BTreeMap<String, SexCode>,
        /// Values that mean yes (DHIS2 writes `true`).
        yes: Vec<String>,
        /// Values that mean no (DHIS2 writes `false`).
        no: Vec<String>,
        /// Codes of products: to an id in WHO's catalogue, or the key of a product.
        product: BTreeMap<String, String>,
        /// Codes of countries: to two letters of ISO 3166-1.
        country: BTreeMap<String, String>,
        /// Codes of documents: to a code of HL7 table 0203.
        document_kind: BTreeMap<String, String>,
        /// Codes of types of test.
        test_kind: BTreeMap<String, LabKind>,
        /// Codes of test results.
        test_result: BTreeMap<String, LabResult>,
    }
}

impl Values {
    /// Meaning of a dose code.
    #[must_use]
    pub fn dose_code(&self, code: &str) -> Option<DoseCode> {
        look_up(&self.dose, code)
    }

    /// Meaning of a sex code.
    #[must_use]
    pub fn sex_code(&self, code: &str) -> Option<SexCode> {
        look_up(&self.sex, code)
    }

    /// Whether a value means yes.
    #[must_use]
    pub fn is_yes(&self, value: &str) -> bool {
        self.yes.iter().any(|v| v.eq_ignore_ascii_case(value.trim()))
    }

    /// Whether a value means no.
    #[must_use]
    pub fn is_no(&self, value: &str) -> bool {
        self.no.iter().any(|v| v.eq_ignore_ascii_case(value.trim()))
    }

    /// What a code of a product is mapped to.
    #[must_use]
    pub fn product_code(&self, code: &str) -> Option<&str> {
        look_up_ref(&self.product, code).map(String::as_str)
    }

    /// The country that a code means: as mapped, else by its two or three letters in any case.
    #[must_use]
    pub fn country_code(&self, code: &str) -> Option<Country> {
        let code = look_up_ref(&self.country, code).map_or(code, String::as_str).trim().to_ascii_uppercase();
        let country: Country = code.parse().or_else(|_| Country::from_alpha3(&code)).ok()?;
        (country.is_assigned() || country == Country::SANDBOX || country.name().is_some()).then_some(country)
    }

    /// The kind of document that a code means: as mapped, else a code of HL7 table 0203 itself.
    #[must_use]
    pub fn document(&self, code: &str) -> Option<DocumentKind> {
        DocumentKind::from_code(look_up_ref(&self.document_kind, code).map_or(code, String::as_str).trim())
    }

    /// Meaning of a type of test.
    #[must_use]
    pub fn test_kind_code(&self, code: &str) -> Option<LabKind> {
        look_up(&self.test_kind, code)
    }

    /// Meaning of a result.
    #[must_use]
    pub fn test_result_code(&self, code: &str) -> Option<LabResult> {
        look_up(&self.test_result, code)
    }
}

/// An exact match wins over one that differs in case.
fn look_up<V: Copy>(map: &BTreeMap<String, V>, code: &str) -> Option<V> {
    look_up_ref(map, code).copied()
}

fn look_up_ref<'m, V>(map: &'m BTreeMap<String, V>, code: &str) -> Option<&'m V> {
    let code = code.trim();
    map.get(code).or_else(|| map.iter().find(|(k, _)| k.eq_ignore_ascii_case(code)).map(|(_, v)| v))
}
