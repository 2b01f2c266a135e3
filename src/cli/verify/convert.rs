//! `--convert`: a certificate whose signature passed, said in another format, with an account of what was lost.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use serde_json::Value;

use crate::{
    payload::{
        core::{CoreDataSet, Loss},
        dcc,
        mapping::{Target, convert},
    },
    verify::{Check, Verdict},
};

/// A format by its code.
pub(super) fn parser() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::code))
        .map(|code| Target::from_code(&code).unwrap_or(Target::Ddcc))
}

/// The certificate in the other format, or why not.
#[derive(Debug, Serialize)]
pub(super) struct Converted {
    /// Code of the format.
    pub(super) format: &'static str,
    /// The content, without envelope and signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Value>,
    /// What did not fit.
    pub(super) lost: Vec<Loss>,
    /// Why there is no content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl Converted {
    /// Converts what a signature that passed covers; `None` where there is no such content.
    pub(super) fn of(verdict: &Verdict, target: Target) -> Option<Self> {
        if verdict.checks.signature != Check::Passed {
            return None;
        }
        let core = core(verdict)?;
        let format = target.code();
        // Whom nobody has signed for must not become the holder of something that looks whole.
        if verdict.holder.as_ref().is_none_or(|holder| holder.not_covered) {
            let error =
                Some("the signature does not cover the holder, so that there is nobody to state it of".to_owned());
            return Some(Self { format, payload: None, lost: Vec::new(), error });
        }
        Some(match convert(&core, target) {
            Ok((payload, lost)) => Self { format, payload: Some(payload), lost, error: None },
            Err(error) => Self { format, payload: None, lost: Vec::new(), error: Some(error.to_string()) },
        })
    }
}

/// What the certificate says, with the times of its envelope where its content tells none.
fn core(verdict: &Verdict) -> Option<CoreDataSet> {
    let content = verdict.content.as_ref()?;
    let mut core = content.dcc().map(dcc::to_core).or_else(|| content.core())?;
    let times = &mut core.certificate;
    times.valid_from = times.valid_from.take().or_else(|| verdict.valid_from.clone());
    times.valid_until = times.valid_until.take().or_else(|| verdict.valid_until.clone());
    Some(core)
}
