//! The JSON of verdicts: the object of the interface document, and beside it what only a request for several, or one
//! that asks for words, has to say.

use jiff::Timestamp;
use serde::Serialize;

use super::{Known, request::Wanted};
use crate::{
    service::{ServiceError, operations::Traffic},
    verify::{Arrival, Seal, Verdict, best, words::Explanation},
};

#[derive(Serialize)]
struct Extended<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// False when another certificate of the same person is better and counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

/// What was sent.
pub(super) struct Sent {
    pub(super) codes: Vec<Vec<u8>>,
    /// What the seal of the file says in which they came.
    pub(super) seal: Seal,
    /// Whether it was the text of one code.
    pub(super) single: bool,
}

/// Judges codes and writes the answer: an object for a single text, else an array in the order of the codes.
pub(super) fn answer(
    known: &Known,
    sent: &Sent,
    wanted: &Wanted,
    now: Timestamp,
    require_revocations: bool,
    traffic: &Traffic,
) -> Result<Vec<u8>, ServiceError> {
    let knowledge = &known.knowledge;
    let arrival = wanted.country.as_ref().filter(|_| wanted.rules).map(|country| Arrival {
        country: country.as_str(),
        region: wanted.region.as_deref(),
        rules: &knowledge.rules,
        code_lists: &knowledge.code_lists,
        language: wanted.language.code(),
    });
    let verifier = knowledge
        .verifier(wanted.at.unwrap_or(now))
        .with_revocations(&knowledge.revocations, require_revocations)
        .with_arrival(arrival)
        .with_payload(wanted.payload);
    let verdicts: Vec<Verdict> = sent.codes.iter().map(|code| verifier.judge_in(code, sent.seal)).collect();
    verdicts.iter().for_each(|verdict| traffic.verdict(verdict));
    let explain = |verdict| wanted.explain.then(|| Explanation::of(verdict, wanted.language));
    let mut out = Vec::with_capacity(1024 * verdicts.len() + 2);
    let written = match verdicts.as_slice() {
        [verdict] if sent.single => match explain(verdict) {
            None => serde_json::to_writer(&mut out, verdict),
            explanation => serde_json::to_writer(&mut out, &Extended { verdict, counts: None, explanation }),
        },
        verdicts => {
            let leaders = best(verdicts);
            let all: Vec<Extended<'_>> = verdicts
                .iter()
                .zip(leaders)
                .enumerate()
                .map(|(position, (verdict, leader))| {
                    let counts = (leader != position).then_some(false);
                    Extended { verdict, counts, explanation: explain(verdict) }
                })
                .collect();
            serde_json::to_writer(&mut out, &all)
        }
    };
    written.map_err(|_| ServiceError::Worker)?;
    Ok(out)
}
