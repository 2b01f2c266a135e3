//! What is wrong with a national template, all of it at once: where, what, and what to do.

use std::path::PathBuf;

/// Something that the author of a template should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line of the template's file, from 1; `None` where it is about the whole.
    pub line: Option<usize>,
    /// What is wrong and what to do, a sentence without full stop.
    pub text: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Why a national template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file that says where the fields stand cannot be read.
    #[error("the template {} cannot be read ({kind}); give the path of its TOML file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// It is larger than any template.
    #[error("the template {} has more than {limit} bytes; give the path of its TOML file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// [`crate::limits::TEMPLATE_BYTES`].
        limit: u64,
    },
    /// What is wrong in it, or with its background.
    #[error("the template {} has {}:{}", path.display(), count(findings.len()), listed(findings))]
    Faults {
        /// The file.
        path: PathBuf,
        /// Each fault, in the order of the lines.
        findings: Vec<Finding>,
    },
    /// The background of a new template, which has no file yet.
    #[error("the background {}: {finding}", path.display())]
    Background {
        /// The background.
        path: PathBuf,
        /// What is wrong with it.
        finding: Finding,
    },
    /// A file that was to be written cannot be.
    #[error("{} cannot be written ({kind}); choose another with --out", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// A file that was to be written is there already.
    #[error("{} is there already and is left as it is; choose another with --out, or move it away", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The paper could not be made.
    #[error(transparent)]
    Document(#[from] crate::document::DocumentError),
}

fn count(faults: usize) -> String {
    if faults == 1 { "one fault".to_owned() } else { format!("{faults} faults") }
}

fn listed(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n  {finding}")).collect()
}
