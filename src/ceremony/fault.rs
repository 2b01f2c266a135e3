//! Faults of a ceremony file: all of them at once, each with its line, its setting and what to do.

use std::fmt;

/// A fault of a ceremony file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Line in the file, from 1; 0 for what the file lacks as a whole.
    pub line: usize,
    /// The setting, such as `signer[2].days`.
    pub setting: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "{}: {}", self.setting, self.problem)
    }
}

/// A value and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// Faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, line: usize, setting: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Fault { line, setting: setting.into(), problem: problem.into() });
    }

    /// In the order of the file.
    pub(super) fn sorted(mut self) -> Vec<Fault> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}
