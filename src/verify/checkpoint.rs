//! What a checkpoint at a border asks of the verifier, as one value: a bundle is opened under pinned list keys, then codes
//! are judged by it and told in the officer's words. The officer's page holds one, compiled to WebAssembly
//! (`src/wasm`); questions and answers are JSON, because the other side is no Rust.
//!
//! A checkpoint believes what the pinned keys signed and nothing else, and remembers nothing of whom it judged.

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Arrival, Check, Decision, Format, Holder, Knowledge, KnowledgeError, Reason, Statement, Verdict, Verifier, best,
    country, joined,
    statement::clean,
    words::{Explanation, Language, Phrase},
};
use crate::{
    keys::{PublicKey, sha256},
    rules::RuleOutcome,
    trust::bundle::{self, BundleError, Environment},
};

/// Why a checkpoint does not open a bundle. What it went by before stays.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The question is not the JSON that is asked for.
    #[error("the question cannot be read ({0}): reload the page")]
    Question(#[from] serde_json::Error),
    /// No list key, or one that cannot be read.
    #[error("the list key that came with the page cannot be read: reload the page")]
    ListKey,
    /// The bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A part of the bundle.
    #[error(transparent)]
    Content(#[from] KnowledgeError),
    /// The other environment: a rehearsal's bundle at a real checkpoint, or the other way round.
    #[error("the bundle is of the {found} environment and this device of the other: ask for the right bundle")]
    Environment {
        /// That of the bundle.
        found: &'static str,
    },
    /// Older than one that was used (failure F12).
    #[error("the bundle has the number {found}, and this device has used number {seen}: get the newest bundle")]
    Replayed {
        /// Its number.
        found: u64,
        /// The highest that was used.
        seen: u64,
    },
}

impl CheckpointError {
    /// Stable code for the page, which has words of its own for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Question(_) => "question",
            Self::ListKey => "list-key",
            Self::Bundle(BundleError::OtherListKey) => "other-list-key",
            Self::Bundle(BundleError::Version { .. }) => "version",
            Self::Bundle(_) => "damaged",
            Self::Content(_) => "content",
            Self::Environment { .. } => "environment",
            Self::Replayed { .. } => "replayed",
        }
    }
}

/// How a bundle is to be opened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    /// SubjectPublicKeyInfo in DER, base64: the keys that may sign the bundle.
    list_keys: Vec<String>,
    environment: Environment,
    /// The highest number used so far, by the maker's identifier.
    #[serde(default)]
    seen: BTreeMap<String, u64>,
}

/// What a bundle is, for the page to show and to remember.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// Identifier of the list key.
    pub maker: String,
    /// Number of the bundle.
    pub sequence: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it may be used.
    pub valid_until: Timestamp,
    /// Signers' keys.
    pub keys: usize,
    /// Lists in it.
    pub lists: Vec<ListFacts>,
    /// Countries of arrival that it has rules for.
    pub countries: Vec<CountryFacts>,
}

/// A list in a bundle.
#[derive(Debug, Clone, Serialize)]
pub struct ListFacts {
    /// Its name.
    pub name: String,
    /// When it was made, if it says so.
    pub made_at: Option<Timestamp>,
    /// Keys that it brought.
    pub keys: usize,
}

/// A country of arrival.
#[derive(Debug, Clone, Serialize)]
pub struct CountryFacts {
    /// ISO 3166-1 alpha-2.
    pub code: String,
    /// Name and code.
    pub name: String,
}

/// What is asked about codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// What time it is.
    now: Timestamp,
    /// When the holder arrives, where that is another time.
    #[serde(default)]
    arrival: Option<Timestamp>,
    /// Country of arrival.
    #[serde(default)]
    country: Option<String>,
    /// ISO 639-1.
    #[serde(default)]
    language: Option<String>,
    /// Newest time that the device has seen signed.
    #[serde(default)]
    newest_signed: Option<Timestamp>,
    /// Undecided where no revocation list speaks for the issuer.
    #[serde(default)]
    require_revocations: bool,
    /// Initials and year of birth in place of the person (CoronaCheck's minimal disclosure).
    #[serde(default)]
    minimal: bool,
}

/// The answer for each code, in the order in which the codes came.
#[derive(Serialize)]
struct Answer<'a> {
    results: Vec<Told<'a>>,
}

/// A verdict, and the words for the officer.
#[derive(Serialize)]
struct Told<'a> {
    verdict: Cow<'a, Verdict>,
    /// Position of the certificate that counts for this person: its own, unless another is better.
    best: usize,
    /// The certificate is spread over several codes, and some are not here yet.
    incomplete: bool,
    words: Explanation,
    /// What it is, and whose.
    title: String,
    person: Option<PersonTold>,
    /// Label and value, the most telling first.
    rows: Vec<(&'static str, String)>,
    /// Rules that are not met, or open.
    rules: Vec<(&'static str, String)>,
    /// Warnings that an officer must see.
    warnings: Vec<&'static str>,
}

/// The holder, as far as the checkpoint shows them.
#[derive(Serialize)]
struct PersonTold {
    name: String,
    standardised: String,
    born: String,
    /// The signature does not cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_covered: Option<&'static str>,
}

/// A checkpoint, with what it goes by.
#[derive(Debug)]
pub struct Checkpoint {
    knowledge: Knowledge,
    facts: Facts,
}

impl Checkpoint {
    /// Opens a bundle as `opening` (JSON) says.
    ///
    /// # Errors
    /// [`CheckpointError`] says why it is not believed.
    pub fn open(bundle: Vec<u8>, opening: &[u8]) -> Result<Self, CheckpointError> {
        let Opening { list_keys, environment, seen } = serde_json::from_slice(opening)?;
        let read = |text: &String| STANDARD.decode(text).ok().and_then(|spki| PublicKey::from_spki(&spki).ok());
        let pinned: Vec<PublicKey> = list_keys.iter().filter_map(read).collect();
        if pinned.is_empty() || pinned.len() < list_keys.len() {
            return Err(CheckpointError::ListKey);
        }
        let bundle = bundle::read_pinned(bundle, &pinned)?;
        let found = bundle.contents.environment;
        if found != environment {
            let found = if found == Environment::Sandbox { "sandbox" } else { "production" };
            return Err(CheckpointError::Environment { found });
        }
        let sequence = bundle.contents.sequence;
        if let Some(seen) = seen.get(&bundle.maker).copied().filter(|seen| *seen > sequence) {
            return Err(CheckpointError::Replayed { found: sequence, seen });
        }
        let knowledge = Knowledge::of_bundle(&bundle, "bundle")?;
        let lists = knowledge.trust.lists().iter();
        let lists = lists.map(|list| ListFacts { name: list.name.clone(), made_at: list.made_at, keys: list.keys });
        let countries = knowledge.rules.countries();
        let countries = countries.map(|code| CountryFacts { code: code.to_owned(), name: country(code) });
        let facts = Facts {
            maker: bundle.maker.clone(),
            sequence,
            made_at: bundle.contents.made_at,
            valid_until: bundle.contents.valid_until,
            keys: knowledge.trust.len(),
            lists: lists.collect(),
            countries: countries.collect(),
        };
        Ok(Self { knowledge, facts })
    }

    /// What it goes by.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Judges codes as `question` (JSON) asks, and tells the verdicts as JSON.
    ///
    /// # Errors
    /// [`CheckpointError::Question`]. No code makes it fail.
    pub fn judge(&self, codes: Vec<Vec<u8>>, question: &[u8]) -> Result<Vec<u8>, CheckpointError> {
        let question: Question = serde_json::from_slice(question)?;
        let language = question.language.as_deref().and_then(Language::from_code).unwrap_or_default();
        let codes = joined(codes.into_iter().map(|code| ((), code)).collect());
        let verdicts: Vec<Verdict> = codes.iter().map(|((), code)| self.verdict(code, &question, language)).collect();
        let results = verdicts.iter().zip(best(&verdicts));
        let results = results.map(|(verdict, best)| self.told(verdict, best, language, question.minimal)).collect();
        Ok(serde_json::to_vec(&Answer { results })?)
    }

    /// One verdict. A certificate must be good today; then the rules are asked about the day of arrival, on which it
    /// must still be valid.
    fn verdict(&self, code: &[u8], question: &Question, language: Language) -> Verdict {
        let verifier = |at| {
            self.knowledge
                .verifier(at)
                .with_revocations(&self.knowledge.revocations, question.require_revocations)
                .with_newest_signed(question.newest_signed)
                .with_today(Some(question.now))
        };
        let rules = |verifier: Verifier<'_>| {
            let arrival = question.country.as_deref().map(|country| Arrival {
                country,
                region: None,
                rules: &self.knowledge.rules,
                code_lists: &self.knowledge.code_lists,
                language: language.code(),
            });
            verifier.with_arrival(arrival).judge_bytes(code)
        };
        match question.arrival.filter(|arrival| *arrival > question.now) {
            None => rules(verifier(question.now)),
            Some(arrival) => {
                let today = verifier(question.now).judge_bytes(code);
                if today.verdict == Decision::Accepted { rules(verifier(arrival)) } else { today }
            }
        }
    }

    fn told<'a>(&self, verdict: &'a Verdict, best: usize, language: Language, minimal: bool) -> Told<'a> {
        let person = verdict.holder.as_ref().map(|holder| PersonTold {
            name: if minimal { initials(holder) } else { clean(&holder.name) },
            standardised: if minimal { String::new() } else { clean(&holder.standardised_name) },
            born: clean(if minimal { year(&holder.date_of_birth) } else { &holder.date_of_birth }),
            not_covered: holder.not_covered.then(|| language.phrase(Phrase::NotCovered)),
        });
        let statement = verdict.content.as_ref().filter(|_| !minimal);
        let statement = statement.map(|content| Statement::of(content, self.knowledge.value_sets()));
        let rows = statement.iter().flat_map(|statement| &statement.rows);
        let rules = verdict.rules.iter().filter_map(|rule| match rule.result {
            RuleOutcome::Passed => None,
            RuleOutcome::Failed => Some((language.phrase(Phrase::RuleFailed), rule)),
            RuleOutcome::Open => Some((language.phrase(Phrase::RuleOpen), rule)),
        });
        let warnings = verdict.warnings.iter().filter(|warning| warning.is_for_officers());
        let kept = if minimal {
            Cow::Owned(Verdict { holder: None, id: None, medical: None, content: None, ..verdict.clone() })
        } else {
            Cow::Borrowed(verdict)
        };
        Told {
            best,
            incomplete: verdict.reason == Some(Reason::CodeIncomplete),
            words: Explanation::of(verdict, language),
            title: title(verdict, language),
            person,
            rows: rows.map(|(label, value)| (language.label(*label), clean(value))).collect(),
            rules: rules.map(|(word, rule)| (word, clean(&format!("{} {}", rule.id, rule.description)))).collect(),
            warnings: warnings.map(|warning| language.warning(*warning)).collect(),
            verdict: kept,
        }
    }
}

/// Kind of certificate and country, with a word where nothing vouches for them.
fn title(verdict: &Verdict, language: Language) -> String {
    if verdict.checks.decode != Check::Passed || verdict.format == Format::HealthLink {
        return String::new();
    }
    let kind = verdict.kind.map_or(language.phrase(Phrase::Certificate), |kind| language.kind(kind));
    let of = verdict.issuer.country.as_deref().map(country).or_else(|| verdict.issuer.address.clone());
    let of = of.map(|of| format!(", {}", clean(&of))).unwrap_or_default();
    let unverified = if verdict.checks.signature == Check::Passed {
        String::new()
    } else {
        format!(" ({})", language.phrase(Phrase::Unverified))
    };
    format!("{kind}{of}{unverified}")
}

/// First letters of the given and the family name, by the standardised name `FAMILY<<GIVEN`.
fn initials(holder: &Holder) -> String {
    let (family, given) = holder.standardised_name.split_once("<<").unwrap_or((&holder.standardised_name, ""));
    let first = |name: &str| name.chars().find(char::is_ascii_alphabetic).map(|letter| format!("{letter}."));
    [first(given), first(family)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The year of a date that begins with it.
fn year(date: &str) -> &str {
    date.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit())).unwrap_or_default()
}

/// What an officer compares with the ministry's word: SHA-256 of the key (SubjectPublicKeyInfo), in groups of four
/// hexadecimal digits.
#[must_use]
pub fn fingerprint(spki: &[u8]) -> String {
    let digits: Vec<String> =
        sha256(spki).chunks(2).map(|two| two.iter().map(|b| format!("{b:02X}")).collect()).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_shown_of_a_person_where_little_is_asked_for() {
        let holder = |standardised: &str| Holder {
            name: "Đặng Văn An".to_owned(),
            standardised_name: standardised.to_owned(),
            date_of_birth: "1980-02-03".to_owned(),
            not_covered: false,
        };
        assert_eq!(initials(&holder("DANG<<VAN<AN")), "V. D.");
        assert_eq!(initials(&holder("DANG")), "D.");
        assert_eq!(initials(&holder("")), "");
        assert_eq!(year("1980-02-03"), "1980");
        assert_eq!(year("03/02/1980"), "");
        assert_eq!(year("\u{661}\u{662}"), "");
    }

    #[test]
    fn fingerprints_can_be_read_aloud() {
        let text = fingerprint(b"key");
        assert_eq!(text.len(), 16 * 4 + 15);
        assert!(text.split(' ').all(|group| group.len() == 4));
    }

    #[test]
    fn a_question_or_key_that_cannot_be_read_opens_nothing() {
        let opened = |opening: &str| Checkpoint::open(b"{}".to_vec(), opening.as_bytes()).unwrap_err().code();
        assert_eq!(opened("{"), "question");
        assert_eq!(opened(r#"{"list_keys":[],"environment":"sandbox"}"#), "list-key");
        assert_eq!(opened(r#"{"list_keys":["AAAA"],"environment":"sandbox"}"#), "list-key");
    }
}
