//! The trust networks that speak this interface, and where they are (facts on the trust framework, section 0).

use serde::{Deserialize, Serialize};

/// Whose gateway it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The European Union's (DGCG), frozen on 2023-07-01; software of it still runs.
    Eu,
    /// WHO's Global Digital Health Certification Network (TNG), which took over interface and PKI.
    Who,
}

/// Which of a network's installations; each has keys of its own (certificate governance: separate keys are mandatory).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The real thing.
    Prod,
    /// Acceptance (EU).
    Acc,
    /// User acceptance (WHO).
    Uat,
    /// Test (EU).
    Test,
    /// Development (WHO).
    Dev,
    /// A rehearsal on one machine (`vaccert sandbox`).
    Sandbox,
}

impl Network {
    /// Name in messages and file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eu => "eu",
            Self::Who => "who",
        }
    }

    /// The address of an installation, where it is public knowledge. Those of the EU are historical and have to be
    /// given.
    #[must_use]
    pub fn url(self, stage: Stage) -> Option<&'static str> {
        match (self, stage) {
            (Self::Who, Stage::Prod) => Some("https://tng.who.int"),
            (Self::Who, Stage::Uat) => Some("https://tng-uat.who.int"),
            (Self::Who, Stage::Dev) => Some("https://tng-dev.who.int"),
            _ => None,
        }
    }

    /// Whether there is an installation of this name.
    #[must_use]
    pub fn has(self, stage: Stage) -> bool {
        match stage {
            Stage::Prod | Stage::Sandbox => true,
            Stage::Acc | Stage::Test => self == Self::Eu,
            Stage::Uat | Stage::Dev => self == Self::Who,
        }
    }

    /// Whether listings of changes (`If-Modified-Since`) can be asked for. The TNG has dropped them.
    #[must_use]
    pub fn has_changes(self) -> bool {
        self == Self::Eu
    }
}

impl Stage {
    /// Name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prod => "prod",
            Self::Acc => "acc",
            Self::Uat => "uat",
            Self::Test => "test",
            Self::Dev => "dev",
            Self::Sandbox => "sandbox",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_found_by_name_and_the_eu_is_not() {
        assert_eq!(Network::Who.url(Stage::Uat), Some("https://tng-uat.who.int"));
        assert_eq!(Network::Who.url(Stage::Sandbox), None);
        assert_eq!(Network::Eu.url(Stage::Prod), None);
        assert!(Network::Eu.has(Stage::Acc) && !Network::Who.has(Stage::Acc));
        assert!(Network::Who.has(Stage::Dev) && !Network::Eu.has(Stage::Dev));
    }

    #[test]
    fn names_are_those_of_the_configuration() {
        for stage in [Stage::Prod, Stage::Acc, Stage::Uat, Stage::Test, Stage::Dev, Stage::Sandbox] {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.name());
        }
        assert_eq!(serde_json::from_str::<Network>("\"who\"").unwrap().name(), "who");
    }
}
