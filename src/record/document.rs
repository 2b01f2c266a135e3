//! What a person travels with: the document whose number the digital yellow card carries.

use std::fmt;

/// Kind of an identity or travel document, by the codes of HL7 table 0203 (identifier type), which WHO's ICVP
/// writes (`dt`, `ndt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// Passport (`PPN`).
    Passport,
    /// National unique individual identifier, national identity card (`NI`).
    NationalId,
    /// Driver's licence (`DL`).
    DriversLicence,
    /// Citizenship card (`CZ`).
    CitizenshipCard,
    /// Permanent resident card (`PRC`).
    ResidentCard,
    /// Visa (`VS`).
    Visa,
    /// Birth certificate (`BCT`).
    BirthCertificate,
    /// Health card (`HC`).
    HealthCard,
    /// Social security number (`SS`).
    SocialSecurity,
    /// Medical record (`MR`).
    MedicalRecord,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Passport,
        Self::NationalId,
        Self::DriversLicence,
        Self::CitizenshipCard,
        Self::ResidentCard,
        Self::Visa,
        Self::BirthCertificate,
        Self::HealthCard,
        Self::SocialSecurity,
        Self::MedicalRecord,
    ];

    /// The code of HL7 table 0203.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Passport => "PPN",
            Self::NationalId => "NI",
            Self::DriversLicence => "DL",
            Self::CitizenshipCard => "CZ",
            Self::ResidentCard => "PRC",
            Self::Visa => "VS",
            Self::BirthCertificate => "BCT",
            Self::HealthCard => "HC",
            Self::SocialSecurity => "SS",
            Self::MedicalRecord => "MR",
        }
    }

    /// The kind with this code, in capitals.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A document of a person, by kind and number.
#[derive(Clone, PartialEq, Eq)]
pub struct TravelDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// Its number, as printed.
    pub number: String,
}

impl fmt::Debug for TravelDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The number is personal data.
        f.debug_struct("TravelDocument").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(DocumentKind::from_code("ppn"), None);
    }

    #[test]
    fn the_number_is_not_shown_to_a_log() {
        let document = TravelDocument { kind: DocumentKind::Passport, number: "X1234567".into() };
        assert!(!format!("{document:?}").contains("1234"));
    }
}
