//! The parts of a profile that say which field of DHIS2 plays which role, and what no field says.

use super::{Field, overridable};

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
        /// Further given names, which a certificate shows behind the given names.
        middle: Field,
        /// Nationality: a country by its code of two or three letters, or as `values.country` maps it.
        nationality: Field,
        /// Number of the document that a yellow card is bound to.
        document: Field,
        /// What that document is: a code of HL7 table 0203 such as `PPN`, or as `values.document_kind` maps it.
        document_kind: Field,
        /// Family name of the parent or guardian of a minor.
        guardian_family: Field,
        /// Given names of the parent or guardian, or the whole name.
        guardian_given: Field,
    }
}
roles!(Attributes {
    family,
    given,
    family_latin,
    given_latin,
    birth_date,
    birth_date_estimated,
    sex,
    identifier,
    middle,
    nationality,
    document,
    document_kind,
    guardian_family,
    guardian_given
});

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
        /// Name of the clinician who supervised the dose.
        clinician: Field,
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
    practitioner,
    clinician
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
        /// What the mapped document is where no field says it: a code of HL7 table 0203 such as `NI` or `PPN`.
        document_kind: Option<String>,
        /// Time of day, as `HH:MM`, at which a sample counts as taken whose record gives only the day.
        sample_time: Option<String>,
        /// The country's offset from UTC, as `+05:30`: what turns a local time into one that a test certificate
        /// can state.
        utc_offset: Option<String>,
    }
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            country: None,
            issuer: None,
            disease: "840539006".to_owned(),
            manufacturer: None,
            centre: None,
            document_kind: None,
            sample_time: None,
            utc_offset: None,
        }
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
