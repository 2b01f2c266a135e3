//! What one check found, and what to do about it.

use serde::Serialize;

/// A group of checks, in the order in which they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The configuration file, the files that it names, the environment.
    Configuration,
    /// This machine's clock beside those of servers.
    Clock,
    /// The server: reachable, login, rights.
    Dhis2,
    /// What the program records, and what of it can become certificates.
    Profile,
    /// Certificates and keys.
    Keys,
    /// The trust network's gateway.
    Gateway,
    /// A specimen from signature to verdict.
    Canary,
    /// The EU's quality checks on own certificates.
    Quality,
    /// The paper: fonts, and a specimen that is printed.
    Paper,
    /// What was issued, revoked and published.
    Registry,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 10] = [
        Self::Configuration,
        Self::Clock,
        Self::Dhis2,
        Self::Profile,
        Self::Keys,
        Self::Gateway,
        Self::Canary,
        Self::Quality,
        Self::Paper,
        Self::Registry,
    ];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration",
            Self::Clock => "Clock",
            Self::Dhis2 => "DHIS2",
            Self::Profile => "Profile and records",
            Self::Keys => "Keys and certificates",
            Self::Gateway => "Gateway",
            Self::Canary => "Specimen, from signature to verdict",
            Self::Quality => "Quality of own certificates",
            Self::Paper => "Paper",
            Self::Registry => "Registry and publication",
        }
    }
}

/// How a check ended, the lightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// The check did not run; the finding says why.
    NotChecked,
    /// It works, and something should be done.
    Warning,
    /// It does not work, or must not go on so.
    Fault,
}

impl Outcome {
    /// The word that is printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::NotChecked => "not checked",
            Self::Warning => "warning",
            Self::Fault => "FAULT",
        }
    }
}

/// What one check found. Holds no personal data and no secret: counts, codes, key identifiers and names of settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where it belongs.
    pub area: Area,
    /// Stable code of the check, unique within its area.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found; where it was not checked, why.
    pub found: String,
    /// What to do, with the command or setting; nothing where nothing is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The findings of one area while they are written down.
#[derive(Debug)]
pub(super) struct Notes {
    area: Area,
    list: Vec<Finding>,
}

impl Notes {
    pub(super) fn of(area: Area) -> Self {
        Self { area, list: Vec::new() }
    }

    fn add(&mut self, name: &'static str, outcome: Outcome, found: String, remedy: Option<String>) {
        self.list.push(Finding { area: self.area, name, outcome, found, remedy });
    }

    pub(super) fn ok(&mut self, name: &'static str, found: impl Into<String>) {
        self.add(name, Outcome::Ok, found.into(), None);
    }

    /// Worth knowing, with nothing to do.
    pub(super) fn note(&mut self, name: &'static str, found: impl Into<String>) {
        self.add(name, Outcome::Note, found.into(), None);
    }

    /// Worth knowing, with something that may be done.
    pub(super) fn advice(&mut self, name: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.add(name, Outcome::Note, found.into(), Some(remedy.into()));
    }

    pub(super) fn warning(&mut self, name: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.add(name, Outcome::Warning, found.into(), Some(remedy.into()));
    }

    pub(super) fn fault(&mut self, name: &'static str, found: impl Into<String>, remedy: impl Into<String>) {
        self.add(name, Outcome::Fault, found.into(), Some(remedy.into()));
    }

    /// A fault told by an error of another room, whose sentence ends with what to do.
    pub(super) fn error(&mut self, name: &'static str, error: &dyn std::fmt::Display, otherwise: &str) {
        let (found, remedy) = split(&error.to_string(), otherwise);
        self.fault(name, found, remedy);
    }

    pub(super) fn not_checked(&mut self, name: &'static str, reason: impl Into<String>) {
        self.add(name, Outcome::NotChecked, reason.into(), None);
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}

/// The two halves of an error of this program: what is wrong, and behind the last `; ` or `: ` what to do. An error
/// that gives no advice gets `otherwise`.
fn split(sentence: &str, otherwise: &str) -> (String, String) {
    const ADVICE: [&str; 50] = [
        "add",
        "ask",
        "build",
        "check",
        "choose",
        "chmod",
        "compare",
        "complete",
        "configure",
        "convert",
        "correct",
        "delete",
        "encrypt",
        "export",
        "fill",
        "give",
        "have",
        "if",
        "install",
        "issue",
        "keep",
        "leave",
        "look",
        "lower",
        "make",
        "map",
        "move",
        "name",
        "pull",
        "publish",
        "put",
        "read",
        "reopen",
        "report",
        "restore",
        "run",
        "send",
        "set",
        "share",
        "shorten",
        "sign",
        "start",
        "stop",
        "take",
        "tell",
        "try",
        "type",
        "use",
        "wait",
        "write",
    ];
    let advises = |text: &str| {
        let first = text.split([' ', ':', ',']).next().unwrap_or("");
        ADVICE.contains(&first)
    };
    let halves = [sentence.rsplit_once("; "), sentence.split_once(": ")];
    match halves.into_iter().flatten().find(|(_, advice)| advises(advice)) {
        Some((found, advice)) => (found.to_owned(), advice.to_owned()),
        None => (sentence.to_owned(), otherwise.to_owned()),
    }
}

/// "1 record", "2 records".
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_of_an_error_becomes_the_remedy() {
        let halves = |text: &str| split(text, "do something");
        let both = |found: &str, remedy: &str| (found.to_owned(), remedy.to_owned());
        assert_eq!(
            halves("No connection to a:1: connection refused (2 tries); check the address"),
            both("No connection to a:1: connection refused (2 tries)", "check the address")
        );
        assert_eq!(
            halves("the key file a.pem is not encrypted, which only the sandbox allows: encrypt it with: openssl"),
            both("the key file a.pem is not encrypted, which only the sandbox allows", "encrypt it with: openssl")
        );
        assert_eq!(
            halves("vaccert.toml: line 3: unknown field"),
            both("vaccert.toml: line 3: unknown field", "do something")
        );
    }

    #[test]
    fn outcomes_are_ordered_by_weight() {
        assert!(Outcome::Ok < Outcome::Note && Outcome::NotChecked < Outcome::Warning);
        assert!(Outcome::Warning < Outcome::Fault);
        assert_eq!(Area::ALL.len(), Area::ALL.iter().collect::<std::collections::BTreeSet<_>>().len());
    }
}
