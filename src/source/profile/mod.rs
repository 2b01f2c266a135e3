//! Profiles: which attribute, data element, option code and constant of a DHIS2 program means what. A
//! profile is data, one TOML file a package version under `builtin/`, and may be overridden field by field.
//!
//! It stands between the tracker model and the assessment: [`detect()`] picks one by looking at a program or at
//! data, [`crate::source::assess`] reads people through it.

mod builtin;
pub mod detect;
mod error;
mod field;
mod overridable;
mod values;
mod write;

use std::str::FromStr;

use serde::Deserialize;

pub use builtin::BUILT_IN_NAMES;
pub use detect::{DetectError, Detected, Unmapped, detect, detect_from_data};
pub use error::ProfileError;
pub use field::Field;
pub use overridable::Overridable;
pub(in crate::source) use overridable::overridable;
pub use values::{DoseCode, SexCode, Values, ValuesOverride};
pub use write::to_toml_with_comments;

use super::policy::{Policy, PolicyOverride};
use crate::{limits::DCC_FIELD_CHARS, record::Country};

/// Statuses that a policy may count as a given dose; the other three (SCHEDULE, OVERDUE, SKIPPED) say that
/// none was given.
pub const ACCEPTABLE_STATUSES: [&str; 3] = ["COMPLETED", "ACTIVE", "VISITED"];

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
mod tests;
