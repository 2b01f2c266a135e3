//! How a profile reads laboratory results: which data elements of the stage of results, and of the stage of
//! samples, say what was tested, when and with which outcome.

use serde::{Deserialize, Serialize};

use super::{Field, overridable};
use crate::record::TestKind;

overridable! {
    /// Data elements of a program that records laboratory tests. The stage of results is the profile's `stage`.
    #[derive(Default)]
    Lab, LabOverride {
        /// UID of the stage that records samples; empty where the results say themselves when theirs was taken.
        sample_stage: String,
        /// Type of test.
        kind: Field,
        /// Result.
        result: Field,
        /// Date of the result; the event's own date where it is empty.
        result_date: Field,
        /// When the sample was taken: in the event of the result, else in the stage of samples.
        sample_date: Field,
        /// Name of a NAAT (EU DCC `nm`).
        test_name: Field,
        /// Device of a rapid antigen test, by the EU's list of devices (EU DCC `ma`).
        device: Field,
    }
}

impl Lab {
    /// Every role with its field, in the order of the profile.
    #[must_use]
    pub fn roles(&self) -> Vec<(&'static str, &Field)> {
        vec![
            ("kind", &self.kind),
            ("result", &self.result),
            ("result_date", &self.result_date),
            ("sample_date", &self.sample_date),
            ("test_name", &self.test_name),
            ("device", &self.device),
        ]
    }

    /// Every role with its field, to be changed.
    pub fn roles_mut(&mut self) -> Vec<(&'static str, &mut Field)> {
        vec![
            ("kind", &mut self.kind),
            ("result", &mut self.result),
            ("result_date", &mut self.result_date),
            ("sample_date", &mut self.sample_date),
            ("test_name", &mut self.test_name),
            ("device", &mut self.device),
        ]
    }

    /// Whether the profile reads tests at all.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.result.is_mapped()
    }
}

/// What an option code of a type of test stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabKind {
    /// Nucleic acid amplification, PCR among them.
    Naat,
    /// Rapid antigen test.
    RapidAntigen,
    /// Antibodies: says nothing about an infection now.
    Serology,
    /// Sequencing: of a sample that was found positive by another test.
    Sequencing,
}

impl LabKind {
    /// The kind that a certificate can state.
    #[must_use]
    pub fn certifiable(self) -> Option<TestKind> {
        match self {
            Self::Naat => Some(TestKind::Naat),
            Self::RapidAntigen => Some(TestKind::RapidAntigen),
            Self::Serology | Self::Sequencing => None,
        }
    }
}

/// What an option code of a result stands for. Only the first two are results that a certificate can state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabResult {
    /// The agent was found.
    Detected,
    /// The agent was not found.
    NotDetected,
    /// The test gave no clear answer.
    Inconclusive,
    /// The test failed.
    Invalid,
    /// The result is not known.
    Unknown,
    /// There was no test.
    NotPerformed,
}
