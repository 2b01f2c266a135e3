//! The formats that are issued, by the names that the configuration, the registry and the folders of certificates
//! share.

use std::{fmt, str::FromStr};

/// A format of envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// EU Digital COVID Certificate in an HCERT.
    EuDcc,
    /// WHO core data set (DDCC) in an HCERT, with its FHIR document.
    Ddcc,
    /// WHO's digital yellow card (ICVP) in an HCERT.
    Icvp,
    /// DIVOC credential as linked data with a proof.
    Divoc,
    /// The content of a DIVOC credential in an HCERT: this project's own.
    DivocCwt,
}

impl Format {
    /// Every format, in the order in which they are made and listed.
    pub const ALL: [Self; 5] = [Self::EuDcc, Self::Ddcc, Self::Icvp, Self::Divoc, Self::DivocCwt];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EuDcc => "eu-dcc",
            Self::Ddcc => "ddcc",
            Self::Icvp => "icvp",
            Self::Divoc => "divoc",
            Self::DivocCwt => "divoc-cwt",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no format has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is no format that can be issued; the formats are {}", Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat {
    /// The name, cut to a bearable length.
    pub name: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| UnknownFormat { name: text.chars().take(40).collect() })
    }
}

impl serde::Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Format {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused_by_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "eu-dcc2".parse::<Format>().unwrap_err();
        assert!(error.to_string().contains("'eu-dcc2'") && error.to_string().contains("eu-dcc"), "{error}");
    }
}
