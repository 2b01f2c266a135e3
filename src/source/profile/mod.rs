//! Profiles: which attribute, data element, option code and constant of a DHIS2 program means what. A
//! profile is data, one TOML file a package version under `builtin/`, and may be overridden field by field.
//!
//! It stands between the tracker model and the assessment: [`detect`] picks one by looking at a program or at
//! data, [`crate::source::assess`] reads people through it.

mod builtin;
pub mod detect;
mod overridable;
mod values;
mod write;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use builtin::BUILT_IN_NAMES;
pub use detect::{DetectError, Detected, Unmapped, detect, detect_from_data};
pub use overridable::Overridable;
pub(in crate::source) use overridable::overridable;
pub use values::{DoseCode, SexCode, Values, ValuesOverride};
pub use write::to_toml_with_comments;

use super::policy::{Policy, PolicyOverride};
use crate::{
    limits::DCC_FIELD_CHARS,
    record::{Country, CountryError},
};

/// Statuses that a policy may count as a given dose; the other three (SCHEDULE, OVERDUE, SKIPPED) say that
/// none was given.
pub const ACCEPTABLE_STATUSES: [&str; 3] = ["COMPLETED", "ACTIVE", "VISITED"];

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The text is not a profile.
    #[error("the profile {name} cannot be read: {reason} (line {line}); compare it with a built-in profile")]
    Form {
        /// Name of the profile.
        name: String,
        /// What the reader says.
        reason: String,
        /// Line of the fault, from 1.
        line: usize,
    },
    /// No built-in profile of this name.
    #[error("there is no built-in profile {name}: use one of {}", .known.join(", "))]
    UnknownName {
        /// Name asked for.
        name: String,
        /// Names that exist.
        known: Vec<String>,
    },
    /// A field that every certificate needs is not mapped.
    #[error("the profile {profile} maps no {role}: name its UID under {section}")]
    NotMapped {
        /// Name of the profile.
        profile: String,
        /// Role of the field.
        role: &'static str,
        /// Section of the profile.
        section: &'static str,
    },
    /// A constant that no DHIS2 record holds is not set.
    #[error("the profile {profile} does not say the {constant}: set it under constants")]
    ConstantMissing {
        /// Name of the profile.
        profile: String,
        /// Name of the constant.
        constant: &'static str,
    },
    /// The country is none.
    #[error("constants.country of the profile {profile} is {source}")]
    Country {
        /// Name of the profile.
        profile: String,
        /// What is wrong.
        source: CountryError,
    },
    /// The issuer does not fit a certificate.
    #[error("constants.issuer of the profile {profile} has {chars} characters: shorten it to {DCC_FIELD_CHARS}")]
    IssuerTooLong {
        /// Name of the profile.
        profile: String,
        /// Characters given.
        chars: usize,
    },
    /// A status that can never mean a given dose.
    #[error("policy.accept_statuses of the profile {profile} names {status}: use COMPLETED, ACTIVE or VISITED")]
    Status {
        /// Name of the profile.
        profile: String,
        /// Status given.
        status: String,
    },
}

/// One attribute or data element: found by UID, else by code, else (in metadata alone) by name.
///
/// In TOML a plain text is the UID; a table may give `uid`, `codes` and `names`. Empty means not mapped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// UID in DHIS2; empty when only codes or names are known.
    pub uid: String,
    /// Codes under which the packages publish it, compared without regard to case.
    pub codes: Vec<String>,
    /// Names under which the packages publish it, compared without regard to case.
    pub names: Vec<String>,
}

impl Field {
    /// A field known by its UID alone.
    pub fn uid(uid: impl Into<String>) -> Self {
        Self { uid: uid.into(), ..Self::default() }
    }

    /// Whether the profile says anything about it.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        !(self.uid.is_empty() && self.codes.is_empty() && self.names.is_empty())
    }

    /// Whether one of its codes is this one.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|c| c.eq_ignore_ascii_case(code.trim()))
    }

    /// Whether one of its names is this one.
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name.trim()))
    }
}

/// The table form of a field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    #[serde(default)]
    uid: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    codes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.codes.is_empty() && self.names.is_empty() {
            return serializer.serialize_str(&self.uid);
        }
        FieldTable { uid: self.uid.clone(), codes: self.codes.clone(), names: self.names.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> de::Visitor<'de> for Either {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UID, or a table with uid, codes and names")
            }

            fn visit_str<E: de::Error>(self, uid: &str) -> Result<Field, E> {
                Ok(Field::uid(uid))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                let FieldTable { uid, codes, names } =
                    FieldTable::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Field { uid, codes, names })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Adds the list of roles to a group of fields.
macro_rules! roles {
    ($group:ident { $($role:ident),* $(,)? }) => {
        impl $group {
            /// Every role with its field, in the order of the profile.
            #[must_use]
            pub fn roles(&self) -> Vec<(&'static str, &Field)> {
                vec![$((stringify!($role), &self.$role)),*]
            }

            /// Every role with its field, to be changed.
            pub fn roles_mut(&mut self) -> Vec<(&'static str, &mut Field)> {
                vec![$((stringify!($role), &mut self.$role)),*]
            }
        }
    };
}

overridable! {
    /// Attributes of the person by role.
    #[derive(Default)]
    Attributes, AttributesOverride {
        /// Family name in the person's own writing.
        family: Field,
        /// Given names in the person's own writing.
        given: Field,
        /// Family name in Latin letters.
        family_latin: Field,
        /// Given names in Latin letters.
        given_latin: Field,
        /// Date of birth (value types DATE and AGE; both store a date).
        birth_date: Field,
        /// Whether the date of birth is an estimate (TRUE_ONLY).
        birth_date_estimated: Field,
        /// Administrative sex.
        sex: Field,
        /// National or health identifier.
        identifier: Field,
    }
}
roles!(Attributes { family, given, family_latin, given_latin, birth_date, birth_date_estimated, sex, identifier });

overridable! {
    /// Data elements of the vaccination stage by role.
    #[derive(Default)]
    DataElements, DataElementsOverride {
        /// Vaccine given.
        vaccine: Field,
        /// Brand, where the package has one (COVAC from 1.2.0).
        brand: Field,
        /// Manufacturer.
        manufacturer: Field,
        /// Which dose.
        dose_number: Field,
        /// Doses of the series.
        total_doses: Field,
        /// "Last dose": known, and never trusted (set by a rule for DOSE2 alone, whatever the product).
        last_dose: Field,
        /// Batch or lot number.
        batch: Field,
        /// Expiry date of the batch.
        expiry: Field,
        /// When the next dose is due.
        next_dose: Field,
        /// Health worker.
        practitioner: Field,
    }
}
roles!(DataElements {
    vaccine,
    brand,
    manufacturer,
    dose_number,
    total_doses,
    last_dose,
    batch,
    expiry,
    next_dose,
    practitioner
});

overridable! {
    /// What no DHIS2 package records and a certificate needs.
    Constants, ConstantsOverride {
        /// Country of vaccination and of issue (ISO 3166-1 alpha-2).
        country: Option<String>,
        /// Body that answers for the certificate, at most 80 characters.
        issuer: Option<String>,
        /// Disease targeted (SNOMED CT code of the EU value set `disease-agent-targeted`).
        disease: String,
        /// Manufacturer code to assume where a record names none, such as the only one the country ever bought
        /// from. Nothing is assumed without it.
        manufacturer: Option<String>,
        /// Administering centre to name where the facility's name is not known.
        centre: Option<String>,
    }
}

impl Default for Constants {
    fn default() -> Self {
        Self { country: None, issuer: None, disease: "840539006".to_owned(), manufacturer: None, centre: None }
    }
}

overridable! {
    /// What tells this profile from its relatives when a program or its data are looked at.
    #[derive(Default)]
    Signs, SignsOverride {
        /// Codes of the program.
        program_codes: Vec<String>,
        /// Vaccine option codes, in exactly this case.
        vaccine_codes: Vec<String>,
        /// UIDs of attributes, data elements or stages that only this profile has.
        uids: Vec<String>,
    }
}

overridable! {
    /// How to read one DHIS2 program.
    #[derive(Default)]
    Profile, ProfileChange {
        /// Name in kebab-case, such as `covac-1.2.0`.
        name: String,
        /// What it is, in words.
        title: String,
        /// UID of the program.
        program: String,
        /// UID of the program stage that records doses.
        stage: String,
        /// Attributes of the person.
        attributes: Attributes,
        /// Data elements of the stage.
        data_elements: DataElements,
        /// What option codes mean.
        values: Values,
        /// What no record says.
        constants: Constants,
        /// What counts as completed.
        policy: Policy,
        /// How to recognise the program.
        signs: Signs,
    }
}

/// The profile section of `vaccert.toml`: a built-in profile to start from (absent: the detected one) and
/// every field that differs, under the names of [`Profile`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileOverride {
    /// Name of the built-in profile to start from.
    pub base: Option<String>,
    /// Name of the result.
    pub name: Option<String>,
    /// What it is, in words.
    pub title: Option<String>,
    /// UID of the program.
    pub program: Option<String>,
    /// UID of the program stage that records doses.
    pub stage: Option<String>,
    /// Attributes of the person.
    pub attributes: Option<AttributesOverride>,
    /// Data elements of the stage.
    pub data_elements: Option<DataElementsOverride>,
    /// What option codes mean.
    pub values: Option<ValuesOverride>,
    /// What no record says.
    pub constants: Option<ConstantsOverride>,
    /// What counts as completed.
    pub policy: Option<PolicyOverride>,
}

impl ProfileOverride {
    /// Builds the profile: this override on its `base`, or on the detected profile when it names none.
    ///
    /// # Errors
    /// When `base` is no built-in profile.
    pub fn build(self, detected: &Profile) -> Result<Profile, ProfileError> {
        let mut profile = match &self.base {
            Some(name) => Profile::by_name(name)?,
            None => detected.clone(),
        };
        let Self { base: _, name, title, program, stage, attributes, data_elements, values, constants, policy } = self;
        profile.apply(ProfileChange {
            name,
            title,
            program,
            stage,
            attributes,
            data_elements,
            values,
            constants,
            policy,
            signs: None,
        });
        Ok(profile)
    }
}

impl Profile {
    /// Every built-in profile, in the order of [`BUILT_IN_NAMES`].
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        builtin::all()
    }

    /// The built-in profile of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn by_name(name: &str) -> Result<Self, ProfileError> {
        Self::built_in().into_iter().find(|p| p.name == name).ok_or_else(|| ProfileError::UnknownName {
            name: name.chars().take(64).collect(),
            known: BUILT_IN_NAMES.iter().map(|&n| n.to_owned()).collect(),
        })
    }

    /// Reads a whole profile from TOML.
    ///
    /// # Errors
    /// When the text is no profile.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ProfileError> {
        toml::from_str(text).map_err(|e| ProfileError::Form {
            name: name.to_owned(),
            reason: e.message().lines().next().unwrap_or("").to_owned(),
            line: line_of(text, e.span().map_or(0, |s| s.start)),
        })
    }

    /// Country of the constants.
    ///
    /// # Errors
    /// When it is not set, or no country code.
    pub fn country(&self) -> Result<Country, ProfileError> {
        let text = self
            .constants
            .country
            .as_deref()
            .ok_or_else(|| ProfileError::ConstantMissing { profile: self.name.clone(), constant: "country" })?;
        Country::from_str(text).map_err(|source| ProfileError::Country { profile: self.name.clone(), source })
    }

    /// Issuer of the constants.
    ///
    /// # Errors
    /// When it is not set, or longer than a certificate allows.
    pub fn issuer(&self) -> Result<String, ProfileError> {
        let text = self
            .constants
            .issuer
            .as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| ProfileError::ConstantMissing { profile: self.name.clone(), constant: "issuer" })?;
        match text.chars().count() {
            chars if chars > DCC_FIELD_CHARS => Err(ProfileError::IssuerTooLong { profile: self.name.clone(), chars }),
            _ => Ok(text.to_owned()),
        }
    }

    /// Checks that the profile can lead to a certificate at all.
    ///
    /// # Errors
    /// When a mapping that every record needs is missing, or a policy is not one.
    pub fn check(&self) -> Result<(), ProfileError> {
        let needed = [
            (!self.program.is_empty(), "program", "profile"),
            (!self.stage.is_empty(), "stage", "profile"),
            (self.attributes.family.is_mapped() || self.attributes.given.is_mapped(), "name", "attributes"),
            (self.attributes.birth_date.is_mapped(), "birth_date", "attributes"),
            (
                self.data_elements.vaccine.is_mapped() || self.data_elements.brand.is_mapped(),
                "vaccine",
                "data_elements",
            ),
            (self.data_elements.dose_number.is_mapped(), "dose_number", "data_elements"),
        ];
        if let Some(&(_, role, section)) = needed.iter().find(|(mapped, ..)| !mapped) {
            return Err(ProfileError::NotMapped { profile: self.name.clone(), role, section });
        }
        if let Some(status) = self.policy.accept_statuses.iter().find(|s| !ACCEPTABLE_STATUSES.contains(&s.as_str())) {
            return Err(ProfileError::Status { profile: self.name.clone(), status: status.clone() });
        }
        Ok(())
    }
}

/// Line of a byte offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_reads_and_is_complete() {
        let all = Profile::built_in();
        assert_eq!(all.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), BUILT_IN_NAMES);
        for profile in all {
            profile.check().unwrap();
            let text = toml::to_string(&profile).unwrap();
            assert_eq!(Profile::from_toml("again", &text).unwrap(), profile);
        }
    }

    #[test]
    fn an_override_changes_only_what_it_names() {
        let base = Profile::by_name("covac-1.2.0").unwrap();
        let over: ProfileOverride = toml::from_str(
            r#"
            [attributes]
            family = "abcdefghij1"
            identifier = ""
            family_latin = { codes = ["FAMILY_LATIN"] }
            [values.dose]
            FIRST = 1
            [constants]
            country = "LK"
            [policy]
            accept_statuses = ["COMPLETED", "ACTIVE"]
            "#,
        )
        .unwrap();
        let built = over.build(&base).unwrap();
        assert_eq!(built.attributes.family, Field::uid("abcdefghij1"));
        assert_eq!(built.attributes.given, base.attributes.given);
        assert!(!built.attributes.identifier.is_mapped());
        assert!(built.attributes.family_latin.has_code("family_latin"));
        assert_eq!(built.values.dose_code("first"), Some(DoseCode::Number(1)));
        assert_eq!(built.values.dose_code("DOSE2"), Some(DoseCode::Number(2)));
        assert_eq!(built.country().unwrap().as_str(), "LK");
        assert_eq!(built.policy.accept_statuses, ["COMPLETED", "ACTIVE"]);
        assert_eq!(built.policy.mixed_products, base.policy.mixed_products);
        let over: ProfileOverride = toml::from_str("base = \"covac-1.0.0\"").unwrap();
        assert_eq!(over.build(&base).unwrap(), Profile::by_name("covac-1.0.0").unwrap());
    }

    #[test]
    fn wrong_settings_are_named() {
        assert!(toml::from_str::<ProfileOverride>("[attributes]\nfamly = \"a\"").is_err());
        assert!(toml::from_str::<ProfileOverride>("[attributes]\nfamily = { uuid = \"a\" }").is_err());
        assert!(toml::from_str::<ProfileOverride>("[values.dose]\nDOSE1 = 0").is_err());
        assert!(toml::from_str::<ProfileOverride>("[values.dose]\nDOSE1 = \"often\"").is_err());
        assert!(matches!(Profile::by_name("covac-9"), Err(ProfileError::UnknownName { .. })));
        let error = Profile::from_toml("mine", "name = \"x\"\n\ncountry = 3\n").unwrap_err();
        assert!(matches!(&error, ProfileError::Form { line: 3, .. }), "{error}");

        let mut profile = Profile::by_name("covac-1.0.0").unwrap();
        assert!(matches!(profile.country(), Err(ProfileError::ConstantMissing { constant: "country", .. })));
        profile.constants.country = Some("lk".into());
        assert!(matches!(profile.country(), Err(ProfileError::Country { .. })));
        profile.constants.issuer = Some("x".repeat(81));
        assert!(matches!(profile.issuer(), Err(ProfileError::IssuerTooLong { chars: 81, .. })));
        profile.policy.accept_statuses = vec!["SCHEDULE".into()];
        assert!(matches!(profile.check(), Err(ProfileError::Status { .. })));
        profile.data_elements.dose_number = Field::default();
        assert!(matches!(profile.check(), Err(ProfileError::NotMapped { role: "dose_number", .. })));
    }
}
