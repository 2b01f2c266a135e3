//! One JSON object a code: the verdict, and what only a run with several inputs has to say.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use super::{convert::Converted, human::Human};
use crate::verify::{Verdict, words::Explanation};

/// A verdict on its way out.
pub(super) struct Line<'a> {
    pub(super) verdict: &'a Verdict,
    /// Where the code came from, when there are several.
    pub(super) input: Option<&'a &'a Path>,
    /// False when another certificate of the same person is better and counts.
    pub(super) counts: Option<bool>,
    pub(super) human: &'a Human<'a>,
}

#[derive(Serialize)]
struct Extended<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    converted: Option<Converted>,
}

impl Line<'_> {
    pub(super) fn write(&self, explain: bool, out: &mut impl Write) -> io::Result<()> {
        let converted = self.human.converted(self.verdict);
        if self.input.is_none() && self.counts.is_none() && !explain && converted.is_none() {
            serde_json::to_writer(&mut *out, self.verdict)?;
        } else {
            let extended = Extended {
                verdict: self.verdict,
                input: self.input.map(|path| path.display().to_string()),
                counts: self.counts,
                explanation: explain.then(|| Explanation::of(self.verdict, self.human.language)),
                converted,
            };
            serde_json::to_writer(&mut *out, &extended)?;
        }
        out.write_all(b"\n")
    }
}
