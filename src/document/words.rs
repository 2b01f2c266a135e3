//! The fixed words of a sheet in each language. What depends on the certificate (title, rows) comes with the sheet.

/// Language of the fixed words, and of the document as a whole for screen readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

/// The fixed words.
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) family: &'static str,
    pub(super) given: &'static str,
    pub(super) standardised: &'static str,
    pub(super) birth_date: &'static str,
    pub(super) not_recorded: &'static str,
    pub(super) id: &'static str,
    pub(super) code: &'static str,
    pub(super) specimen: &'static str,
    pub(super) footer: &'static str,
}

impl Language {
    /// Language tag (RFC 5646).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The words of this language.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &Words {
                name: "Name",
                family: "Surname(s)",
                given: "Forename(s)",
                standardised: "Standardised (ICAO 9303)",
                birth_date: "Date of birth",
                not_recorded: "not recorded",
                id: "Certificate identifier",
                code: "QR code with the signed certificate",
                specimen: "SPECIMEN – NOT VALID",
                footer: "Only the code counts: verify it before you rely on it.",
            },
            Self::French => &Words {
                name: "Nom",
                family: "Nom(s) de famille",
                given: "Prénom(s)",
                standardised: "Forme normalisée (OACI 9303)",
                birth_date: "Date de naissance",
                not_recorded: "non renseignée",
                id: "Identifiant du certificat",
                code: "Code QR contenant le certificat signé",
                specimen: "SPÉCIMEN – NON VALABLE",
                footer: "Seul le code fait foi : vérifiez-le avant de vous y fier.",
            },
        }
    }
}
