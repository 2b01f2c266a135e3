//! What can be wrong with a profile.

use crate::{limits::DCC_FIELD_CHARS, record::CountryError};

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
    /// A rule for given doses that cannot be used.
    #[error("the rule given of the profile {profile} for the data element {data_element:?} {fault}")]
    Given {
        /// Name of the profile.
        profile: String,
        /// UID of the rule's data element.
        data_element: String,
        /// What is wrong with it, and what to do.
        fault: &'static str,
    },
    /// A product that nobody knows.
    #[error(
        "the profile {profile} names the product {product:?} under {section}, which is none: use a key of \
         value-sets/vaccine-kinds.json or value-sets/products.json, an id of WHO's catalogue, or a code of the section vaccines"
    )]
    Product {
        /// Name of the profile.
        profile: String,
        /// Section of the profile.
        section: &'static str,
        /// The product.
        product: String,
    },
    /// Doses and tests in one profile.
    #[error("the profile {profile} maps both doses and tests: give each of the two programs a profile of its own")]
    TwoKinds {
        /// Name of the profile.
        profile: String,
    },
    /// A constant that is not of its form.
    #[error("constants.{constant} of the profile {profile} is not {form}")]
    Constant {
        /// Name of the profile.
        profile: String,
        /// Name of the constant.
        constant: &'static str,
        /// The form that it must have.
        form: &'static str,
    },
}
