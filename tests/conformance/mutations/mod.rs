//! Good certificates with one fault each, layer by layer. Every row states the verdict and the decisive reason;
//! accepted ones are the deviations that reading forgives, and state their warnings too.

mod cbor;
mod cose;
mod cwt;
mod dcc;
mod signature;
mod text;
mod usage;

use jiff::Timestamp;
use vaccert::{
    envelope::hcert,
    keys::Kid,
    trust::TrustStore,
    verify::{Check, Decision, Verifier},
};

use crate::{
    cost::worked,
    workshop::{
        cbor::Node,
        message::{Draft, signer},
        pki::{self, Key},
        sample::{self, AT, KINDS, Kind},
    },
};

/// What must come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The answer.
    pub decision: Decision,
    /// The decisive reason.
    pub reason: Option<&'static str>,
    /// Warnings: all of them where it is accepted, otherwise some.
    pub warnings: Vec<&'static str>,
}

/// Rejected for this reason.
pub fn rejected(reason: &'static str) -> Expected {
    Expected { decision: Decision::Rejected, reason: Some(reason), warnings: Vec::new() }
}

/// Undecided for this reason.
pub fn undecided(reason: &'static str) -> Expected {
    Expected { decision: Decision::Undecided, reason: Some(reason), warnings: Vec::new() }
}

/// Accepted with exactly these warnings.
pub fn accepted(warnings: &[&'static str]) -> Expected {
    Expected { decision: Decision::Accepted, reason: None, warnings: warnings.to_vec() }
}

/// One broken certificate.
pub struct Mutation {
    name: String,
    text: String,
    /// Another store than the bench's.
    store: Option<TrustStore>,
    expected: Expected,
}

/// A key, a store that trusts it, and the rows so far.
pub struct Bench {
    /// Who signs.
    pub key: Key,
    /// Its identifier.
    pub kid: Kid,
    store: TrustStore,
    rows: Vec<Mutation>,
}

impl Bench {
    fn new(key: Key) -> Self {
        let (store, kid) = pki::store(&signer(key));
        Self { key, kid, store, rows: Vec::new() }
    }

    /// A good message of a kind.
    pub fn good(&self, kind: Kind) -> Draft {
        self.around(sample::content(kind))
    }

    /// A message around any content.
    pub fn around(&self, content: Node) -> Draft {
        sample::draft(self.key, &self.kid, content)
    }

    /// A message around any claims.
    pub fn claiming(&self, claims: Vec<(Node, Node)>) -> Draft {
        Draft::new(self.key, &self.kid, Node::Map(claims).encode())
    }

    /// A row.
    pub fn row(&mut self, name: impl Into<String>, text: String, expected: Expected) {
        self.rows.push(Mutation { name: name.into(), text, store: None, expected });
    }

    /// A row with a store of its own.
    pub fn row_under(&mut self, store: TrustStore, name: impl Into<String>, text: String, expected: Expected) {
        self.rows.push(Mutation { name: name.into(), text, store: Some(store), expected });
    }

    /// Judges every row.
    fn run(self, layer: &str) -> usize {
        let at: Timestamp = AT.parse().unwrap();
        let mut wrong = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for row in &self.rows {
            assert!(names.insert(&row.name), "two rows are called {}", row.name);
            let store = row.store.as_ref().unwrap_or(&self.store);
            let (verdict, took) = worked(|| Verifier::new(store, at).with_payload(true).judge(&row.text));
            // Far above what any takes, far below what a bomb would (failure F26).
            assert!(took.as_secs() < 2, "{layer}, {}: took {took:?}", row.name);
            let warnings: Vec<String> = verdict.warnings.iter().map(ToString::to_string).collect();
            let reason = verdict.reason.map(|reason| reason.to_string());
            let expected = &row.expected;
            let warned = expected.warnings.iter().all(|warning| warnings.iter().any(|w| w == warning))
                && (expected.decision != Decision::Accepted || warnings.len() == expected.warnings.len());
            if verdict.verdict != expected.decision || reason.as_deref() != expected.reason || !warned {
                let found = (verdict.verdict, reason, warnings);
                wrong.push(format!("{layer}, {}: expected {expected:?}, found {found:?}", row.name));
            }
            if verdict.checks.signature != Check::Passed {
                let shown = verdict.holder.is_some() || verdict.id.is_some() || verdict.payload.is_some();
                assert!(!shown, "{layer}, {}: content is shown although the signature did not pass", row.name);
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), self.rows.len(), wrong.join("\n"));
        self.rows.len()
    }
}

fn run(layer: &str, fill: fn(&mut Bench)) -> usize {
    let count = [Key::Es256, Key::Ps256]
        .into_iter()
        .map(|key| {
            let mut bench = Bench::new(key);
            fill(&mut bench);
            bench.run(&format!("{layer} {}", key.name()))
        })
        .sum();
    println!("{layer}: {count} mutations, each with ES256 and PS256");
    count
}

/// Name of a layer, and what fills a bench with its rows.
type Layer = (&'static str, fn(&mut Bench));

#[test]
fn every_layer_names_its_fault() {
    let layers: [Layer; 7] = [
        ("text", text::fill),
        ("cbor", cbor::fill),
        ("cose", cose::fill),
        ("cwt", cwt::fill),
        ("dcc", dcc::fill),
        ("signature", signature::fill),
        ("usage", usage::fill),
    ];
    let mut total = 0;
    let mut failures = Vec::new();
    for (layer, fill) in layers {
        match std::panic::catch_unwind(|| run(layer, fill)) {
            Ok(count) => total += count,
            Err(_) => failures.push(layer),
        }
    }
    assert!(failures.is_empty(), "layers with deviations: {failures:?}");
    println!("{total} single-fault mutations");
    assert!(total >= 2 * 200, "only {total}");
}

/// No change of any byte or character gets through: what is still accepted carries the very same message.
#[test]
fn every_changed_byte_and_character_is_noticed() {
    let at: Timestamp = AT.parse().unwrap();
    let mut judged = 0;
    for key in [Key::Es256, Key::Ps256] {
        let bench = Bench::new(key);
        let verifier = Verifier::new(&bench.store, at);
        for kind in KINDS {
            let message = bench.good(kind).finish();
            for at in 0..message.len() {
                let mut changed = message.clone();
                changed[at] ^= 1 << (at % 8);
                let verdict = verifier.judge(&hcert::to_text(&changed));
                assert_ne!(verdict.verdict, Decision::Accepted, "{key:?} {kind:?}: byte {at}");
                judged += 1;
            }
            let text = hcert::to_text(&message);
            for at in 4..text.len() {
                let (before, after) = (&text[..at], &text[at + 1..]);
                let other = if text.as_bytes()[at] == b'7' { '8' } else { '7' };
                let changed = format!("{before}{other}{after}");
                for changed in [changed, format!("{before}{after}")] {
                    let verdict = verifier.judge(&changed);
                    // The padding after the last bit of a deflate stream means nothing.
                    let same = hcert::from_text(&changed).is_ok_and(|(bytes, _)| bytes == message);
                    assert!(verdict.verdict != Decision::Accepted || same, "{key:?} {kind:?}: character {at}");
                    judged += 1;
                }
            }
        }
    }
    println!("{judged} changes");
}
