//! The way up: text → opened → authentic → understood → verdict. Each stage consumes the one before it, so
//! that the content of an unverified message cannot be taken for a verified one.

pub mod checkpoint;
mod content;
mod dcc;
mod ddcc;

mod divoc;
mod hcert;
mod icvp;
mod knowledge;
pub mod lenient;
mod link;
mod person;
mod pieces;
mod reason;
mod sealed;
mod shc;
mod stages;
mod statement;
mod vdsnc;
mod verdict;
pub mod words;

#[cfg(feature = "issue")]
pub use divoc::inspect_credential;
pub use hcert::inspect;
pub use knowledge::{Assembly, Knowledge, KnowledgeError};
pub use link::Link;
pub use person::{Person, best};
pub use pieces::{TextError, codes_in_text, joined};
pub use reason::{Reason, Warning};
pub use sealed::Seal;
pub use stages::{Authentic, Content, Opened, Understood};
pub use statement::{Label, Statement, clean, country};
pub use verdict::{Check, Checks, Decision, Format, Holder, Issuer, Kind, Medical, Verdict};

use jiff::{SignedDuration, Timestamp};

use crate::{
    envelope::detect::{Envelope, detect},
    revocation::Revocations,
    rules::{CodeLists, RuleSet},
    trust::TrustStore,
    valueset::ValueSets,
};

/// How far a clock may run behind a signed time before it counts as set back: two clocks never agree to the
/// minute.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// Judges certificates at one time against what the verifier knows.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    trust: &'a TrustStore,
    at: Timestamp,
    value_sets: &'a ValueSets,
    revocations: Option<&'a Revocations>,
    require_revocations: bool,
    arrival: Option<Arrival<'a>>,
    newest_signed: Option<Timestamp>,
    today: Option<Timestamp>,
    payload: bool,
}

/// Where the holder arrives, and by which rules.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Region, where a country has rules of its own for it.
    pub region: Option<&'a str>,
    /// The rules, of any countries.
    pub rules: &'a RuleSet,
    /// Codes of the value sets that rules look up.
    pub code_lists: &'a CodeLists,
    /// Language of the rules' descriptions, ISO 639-1.
    pub language: &'a str,
}

impl<'a> Verifier<'a> {
    /// A verifier at the time `at`, with the value sets that are built in.
    #[must_use]
    pub fn new(trust: &'a TrustStore, at: Timestamp) -> Self {
        Self {
            trust,
            at,
            value_sets: ValueSets::built_in(),
            revocations: None,
            require_revocations: false,
            arrival: None,
            newest_signed: None,
            today: None,
            payload: false,
        }
    }

    /// Puts the decoded payload into the verdict.
    #[must_use]
    pub fn with_payload(mut self, wanted: bool) -> Self {
        self.payload = wanted;
        self
    }

    /// Looks codes up in these value sets.
    #[must_use]
    pub fn with_value_sets(mut self, value_sets: &'a ValueSets) -> Self {
        self.value_sets = value_sets;
        self
    }

    /// Asks these revocation lists. Where `required`, a certificate for which none of them speaks is undecided.
    #[must_use]
    pub fn with_revocations(mut self, revocations: &'a Revocations, required: bool) -> Self {
        self.revocations = Some(revocations);
        self.require_revocations = required;
        self
    }

    /// Applies the rules of the country of arrival.
    #[must_use]
    pub fn with_arrival(mut self, arrival: Option<Arrival<'a>>) -> Self {
        self.arrival = arrival;
        self
    }

    /// The newest time that this device has ever seen signed. A clock that shows an earlier one was set back,
    /// and no verdict about time can be trusted (failure F27).
    #[must_use]
    pub fn with_newest_signed(mut self, time: Option<Timestamp>) -> Self {
        self.newest_signed = time;
        self
    }

    /// What time it is, where the time of verification is another one (the day of arrival). Lists are as old as they
    /// are now, and a clock is set back or not.
    #[must_use]
    pub fn with_today(mut self, now: Option<Timestamp>) -> Self {
        self.today = now;
        self
    }

    /// What time it is.
    fn now(&self) -> Timestamp {
        self.today.unwrap_or(self.at)
    }

    /// Whether it is earlier than a time that was seen signed.
    fn clock_is_set_back(&self) -> bool {
        self.newest_signed.is_some_and(|seen| seen.duration_since(self.now()) > CLOCK_TOLERANCE)
    }

    /// Judges the text of a code. Never fails: what cannot be read is rejected with its reason.
    #[must_use]
    pub fn judge(&self, text: &str) -> Verdict {
        self.judge_bytes(text.as_bytes())
    }

    /// Judges the content of a code as it was read, which in one format (DIVOC) is no text.
    #[must_use]
    pub fn judge_bytes(&self, code: &[u8]) -> Verdict {
        self.judge_in(code, Seal::Unknown)
    }

    /// The same for a code of a file whose seal says this.
    #[must_use]
    pub fn judge_in(&self, code: &[u8], seal: Seal) -> Verdict {
        let mut verdict = Verdict::new();
        if seal == Seal::Broken {
            verdict.warn(Warning::SealBroken);
        }
        match self.run(code, &mut verdict) {
            Ok(()) => verdict.concluded(),
            Err(stop) => verdict.stopped(stop),
        }
    }

    /// Each format has a journey of its own, through the same stages.
    fn run(&self, code: &[u8], verdict: &mut Verdict) -> Result<(), verdict::Stop> {
        match (detect(code), std::str::from_utf8(code)) {
            (Some(Envelope::Hcert), Ok(text)) => hcert::judge(self, text, verdict),
            (Some(Envelope::Divoc), _) => divoc::judge(self, code, verdict),
            (Some(Envelope::Shc), Ok(text)) => shc::judge(self, text, verdict),
            (Some(Envelope::VdsNc), Ok(text)) => vdsnc::judge(self, text, verdict),
            (Some(Envelope::HealthLink), Ok(text)) => link::judge(self, text, verdict),
            _ => {
                verdict.checks.decode = Check::Failed;
                Err(verdict::Stop::Rejected(Reason::FormatUnknown))
            }
        }
    }
}
