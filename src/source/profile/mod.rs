//! Profiles: which attribute, data element, option code and constant of a DHIS2 program means what. A
//! profile is data, one TOML file a package version under `builtin/`, and may be overridden field by field.
//!
//! It stands between the tracker model and the assessment: [`detect()`] picks one by looking at a program or at
//! data, [`crate::source::assess`] reads people through it.

mod builtin;
pub mod detect;
mod error;
mod field;
mod given;
mod lab;
mod overridable;
mod roles;
mod values;
mod write;

use std::{collections::BTreeMap, str::FromStr};

use serde::Deserialize;

pub use builtin::BUILT_IN_NAMES;
pub use detect::{DetectError, Detected, Unmapped, detect, detect_from_data};
pub use error::ProfileError;
pub use field::Field;
pub use given::{Antigen, GivenRule, GivenRuleOverride, Used};
pub use lab::{Lab, LabKind, LabOverride, LabResult};
pub use overridable::Overridable;
pub(in crate::source) use overridable::overridable;
pub use roles::{
    Attributes, AttributesOverride, Constants, ConstantsOverride, DataElements, DataElementsOverride, Signs,
    SignsOverride,
};
pub use values::{DoseCode, SexCode, Values, ValuesOverride};
pub use write::to_toml_with_comments;

use super::policy::{Policy, PolicyOverride};
use crate::{limits::DCC_FIELD_CHARS, record::Country, valueset::COVID_19};

/// Statuses that a policy may count as a given dose; the other three (SCHEDULE, OVERDUE, SKIPPED) say that
/// none was given.
pub const ACCEPTABLE_STATUSES: [&str; 3] = ["COMPLETED", "ACTIVE", "VISITED"];

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
        /// UID of the program stage that records doses, or results of tests.
        stage: String,
        /// Attributes of the person.
        attributes: Attributes,
        /// Data elements of the stage, where one event is one dose.
        data_elements: DataElements,
        /// Doses that one data element each says to be given, where one event may be many doses.
        given: Vec<GivenRule>,
        /// Where the details of those doses come from, by kind of vaccine.
        antigens: BTreeMap<String, Antigen>,
        /// Data elements of a program that records tests.
        lab: Lab,
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
    /// UID of the program stage that records doses, or results of tests.
    pub stage: Option<String>,
    /// Attributes of the person.
    pub attributes: Option<AttributesOverride>,
    /// Data elements of the stage, where one event is one dose.
    pub data_elements: Option<DataElementsOverride>,
    /// Doses that one data element each says to be given: a rule for a data element that has one changes it.
    pub given: Option<Vec<GivenRuleOverride>>,
    /// Where the details of those doses come from, by kind of vaccine.
    pub antigens: Option<BTreeMap<String, Antigen>>,
    /// Data elements of a program that records tests.
    pub lab: Option<LabOverride>,
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
        let Self {
            base: _,
            name,
            title,
            program,
            stage,
            attributes,
            data_elements,
            given,
            antigens,
            lab,
            values,
            constants,
            policy,
        } = self;
        profile.apply(ProfileChange {
            name,
            title,
            program,
            stage,
            attributes,
            data_elements,
            given,
            antigens,
            lab,
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

    /// Whether events of the stage say by codes which vaccine and which dose they are: one event, one dose.
    #[must_use]
    pub fn reads_codes(&self) -> bool {
        let fields = &self.data_elements;
        fields.vaccine.is_mapped() || fields.brand.is_mapped() || fields.dose_number.is_mapped()
    }

    /// The stage whose events alone tell of changes; `None` where other stages may hold a part of a record.
    #[must_use]
    pub fn only_stage(&self) -> Option<&str> {
        (self.given.is_empty() && !self.lab.is_mapped()).then_some(self.stage.as_str())
    }

    /// Checks that the profile can lead to a certificate at all.
    ///
    /// # Errors
    /// When a mapping that every record needs is missing, a rule contradicts itself, or a policy is not one.
    pub fn check(&self) -> Result<(), ProfileError> {
        let name = || self.name.clone();
        let mut needed = vec![
            (!self.program.is_empty(), "program", "profile"),
            (!self.stage.is_empty(), "stage", "profile"),
            (self.attributes.family.is_mapped() || self.attributes.given.is_mapped(), "name", "attributes"),
            (self.attributes.birth_date.is_mapped(), "birth_date", "attributes"),
        ];
        if self.lab.is_mapped() {
            needed.push((self.lab.kind.is_mapped(), "kind", "lab"));
            needed.push((self.lab.sample_date.is_mapped(), "sample_date", "lab"));
        }
        if self.reads_codes() || (self.given.is_empty() && !self.lab.is_mapped()) {
            let fields = &self.data_elements;
            needed.push((fields.vaccine.is_mapped() || fields.brand.is_mapped(), "vaccine", "data_elements"));
            needed.push((fields.dose_number.is_mapped(), "dose_number", "data_elements"));
        }
        if let Some(&(_, role, section)) = needed.iter().find(|(mapped, ..)| !mapped) {
            return Err(ProfileError::NotMapped { profile: name(), role, section });
        }
        if self.lab.is_mapped() && (self.reads_codes() || !self.given.is_empty()) {
            return Err(ProfileError::TwoKinds { profile: name() });
        }
        if self.lab.is_mapped() && self.constants.disease != COVID_19 {
            let form = "840539006 (COVID-19), the only disease whose tests certificates state";
            return Err(ProfileError::Constant { profile: name(), constant: "disease", form });
        }
        self.check_given()?;
        if let Some(status) = self.policy.accept_statuses.iter().find(|s| !ACCEPTABLE_STATUSES.contains(&s.as_str())) {
            return Err(ProfileError::Status { profile: name(), status: status.clone() });
        }
        Ok(())
    }

    fn check_given(&self) -> Result<(), ProfileError> {
        let wrong = |rule: &GivenRule, rule_at_fault: &'static str| ProfileError::Given {
            profile: self.name.clone(),
            data_element: rule.part().chars().take(64).collect(),
            fault: rule_at_fault,
        };
        let mut seen = std::collections::BTreeSet::new();
        for rule in &self.given {
            let uid = rule.part();
            if uid.is_empty() || uid.len() > 64 || !uid.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(wrong(rule, "has no UID in data_element, and needs one"));
            }
            if !seen.insert(uid) {
                return Err(wrong(rule, "stands there twice; keep one of the two rules"));
            }
            if rule.product.is_empty() {
                return Err(wrong(rule, "names no product; give the key of a kind of vaccine such as yellow-fever"));
            }
            if !(1..=9).contains(&rule.dose) || rule.total.is_some_and(|total| !(1..=9).contains(&total)) {
                return Err(wrong(rule, "needs a dose, and where it gives a total a total, from 1 to 9"));
            }
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
