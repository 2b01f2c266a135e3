//! Verdicts in words: every reason, warning, check and label in every language that officers and clerks use.
//! Each language is one file of exhaustive matches, so a code without words does not compile.

mod am;
mod ar;
mod en;
mod es;
mod explain;
mod fr;
mod lo;
mod pt;
mod si;
mod sw;
mod ta;
mod vi;

use super::{
    reason::{Reason, Warning},
    statement::Label,
    verdict::{Check, Decision, Kind},
};

pub use explain::{CheckWords, Explanation, ReasonWords, WarningWords};

/// A language of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Arabic, written from right to left.
    Arabic,
    /// Swahili.
    Swahili,
    /// Vietnamese.
    Vietnamese,
    /// Lao.
    Lao,
    /// Sinhala.
    Sinhala,
    /// Tamil.
    Tamil,
    /// Amharic.
    Amharic,
}

/// What happened, and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub cause: &'static str,
    /// What the officer does next.
    pub next: &'static str,
}

/// A check by its name, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckName {
    /// The text could be decoded.
    Decode,
    /// The signature matches.
    Signature,
    /// The key may be believed.
    Trust,
    /// The key may sign this kind.
    KeyUsage,
    /// Time.
    Validity,
    /// Content.
    Content,
    /// Revocation.
    Revocation,
    /// Rules of the country of arrival.
    Rules,
}

impl CheckName {
    /// Every check.
    pub const ALL: [Self; 8] = [
        Self::Decode,
        Self::Signature,
        Self::Trust,
        Self::KeyUsage,
        Self::Validity,
        Self::Content,
        Self::Revocation,
        Self::Rules,
    ];

    /// Its name in the JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Signature => "signature",
            Self::Trust => "trust",
            Self::KeyUsage => "key-usage",
            Self::Validity => "validity",
            Self::Content => "content",
            Self::Revocation => "revocation",
            Self::Rules => "rules",
        }
    }
}

/// Single words and short phrases around a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phrase {
    /// Before a date of birth.
    Born,
    /// Before the country and kind when nothing was verified.
    Unverified,
    /// A certificate of no known kind.
    Certificate,
    /// Before the first and the last day of validity.
    Valid,
    /// Before the name of the list that vouches.
    List,
    /// Before the age of a list.
    Age,
    /// The age of a list that does not tell when it was made.
    AgeUnknown,
    /// A list made after the time of verification.
    AgeFuture,
    /// After a number of days.
    Days,
    /// After a number of hours.
    Hours,
    /// After a number of minutes.
    Minutes,
    /// No list at all.
    NoList,
    /// Before a number of lists.
    Lists,
    /// After a number of keys.
    Keys,
    /// Before a rule that passed.
    RulePassed,
    /// Before a rule that failed.
    RuleFailed,
    /// Before a rule that is open.
    RuleOpen,
    /// The verdict of one who showed several certificates; followed by the decision and the number.
    BestOfPerson,
    /// Before the warnings.
    Warnings,
    /// Of a link that asks for one.
    Passcode,
    /// After a holder whom the signature does not cover.
    NotCovered,
    /// WHO's decision table says that the vaccination counts.
    VaccinationCounts,
    /// It says that it does not.
    VaccinationCountsNot,
    /// It does not tell.
    VaccinationOpen,
    /// Before the next step.
    Next,
    /// Before a format and the certificate's content in it.
    Converted,
    /// Before a format that cannot state the certificate, and why.
    NotConverted,
    /// Before the elements that a conversion lost.
    Lost,
    /// Lost: the format has no place for it.
    LostNoPlace,
    /// Lost: the format asks for it, and the certificate does not say it.
    LostUnknown,
    /// Lost: said less exactly.
    LostCoarser,
    /// Lost: cut to the length of the format.
    LostCut,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 11] = [
        Self::English,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Arabic,
        Self::Swahili,
        Self::Vietnamese,
        Self::Lao,
        Self::Sinhala,
        Self::Tamil,
        Self::Amharic,
    ];

    /// ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Arabic => "ar",
            Self::Swahili => "sw",
            Self::Vietnamese => "vi",
            Self::Lao => "lo",
            Self::Sinhala => "si",
            Self::Tamil => "ta",
            Self::Amharic => "am",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The one word of a verdict.
    #[must_use]
    pub const fn decision(self, decision: Decision) -> &'static str {
        match self {
            Self::English => en::decision(decision),
            Self::French => fr::decision(decision),
            Self::Spanish => es::decision(decision),
            Self::Portuguese => pt::decision(decision),
            Self::Arabic => ar::decision(decision),
            Self::Swahili => sw::decision(decision),
            Self::Vietnamese => vi::decision(decision),
            Self::Lao => lo::decision(decision),
            Self::Sinhala => si::decision(decision),
            Self::Tamil => ta::decision(decision),
            Self::Amharic => am::decision(decision),
        }
    }

    /// Cause and next step of a reason.
    #[must_use]
    pub const fn reason(self, reason: Reason) -> Advice {
        let (cause, next) = match self {
            Self::English => en::reason(reason),
            Self::French => fr::reason(reason),
            Self::Spanish => es::reason(reason),
            Self::Portuguese => pt::reason(reason),
            Self::Arabic => ar::reason(reason),
            Self::Swahili => sw::reason(reason),
            Self::Vietnamese => vi::reason(reason),
            Self::Lao => lo::reason(reason),
            Self::Sinhala => si::reason(reason),
            Self::Tamil => ta::reason(reason),
            Self::Amharic => am::reason(reason),
        };
        Advice { cause, next }
    }

    /// A warning.
    #[must_use]
    pub const fn warning(self, warning: Warning) -> &'static str {
        match self {
            Self::English => en::warning(warning),
            Self::French => fr::warning(warning),
            Self::Spanish => es::warning(warning),
            Self::Portuguese => pt::warning(warning),
            Self::Arabic => ar::warning(warning),
            Self::Swahili => sw::warning(warning),
            Self::Vietnamese => vi::warning(warning),
            Self::Lao => lo::warning(warning),
            Self::Sinhala => si::warning(warning),
            Self::Tamil => ta::warning(warning),
            Self::Amharic => am::warning(warning),
        }
    }

    /// What a check found, in a short sentence.
    #[must_use]
    pub const fn check(self, name: CheckName, outcome: Check) -> &'static str {
        match self {
            Self::English => en::check(name, outcome),
            Self::French => fr::check(name, outcome),
            Self::Spanish => es::check(name, outcome),
            Self::Portuguese => pt::check(name, outcome),
            Self::Arabic => ar::check(name, outcome),
            Self::Swahili => sw::check(name, outcome),
            Self::Vietnamese => vi::check(name, outcome),
            Self::Lao => lo::check(name, outcome),
            Self::Sinhala => si::check(name, outcome),
            Self::Tamil => ta::check(name, outcome),
            Self::Amharic => am::check(name, outcome),
        }
    }

    /// What a certificate states.
    #[must_use]
    pub const fn kind(self, kind: Kind) -> &'static str {
        match self {
            Self::English => en::kind(kind),
            Self::French => fr::kind(kind),
            Self::Spanish => es::kind(kind),
            Self::Portuguese => pt::kind(kind),
            Self::Arabic => ar::kind(kind),
            Self::Swahili => sw::kind(kind),
            Self::Vietnamese => vi::kind(kind),
            Self::Lao => lo::kind(kind),
            Self::Sinhala => si::kind(kind),
            Self::Tamil => ta::kind(kind),
            Self::Amharic => am::kind(kind),
        }
    }

    /// The name of a row of a statement.
    #[must_use]
    pub const fn label(self, label: Label) -> &'static str {
        match self {
            Self::English => en::label(label),
            Self::French => fr::label(label),
            Self::Spanish => es::label(label),
            Self::Portuguese => pt::label(label),
            Self::Arabic => ar::label(label),
            Self::Swahili => sw::label(label),
            Self::Vietnamese => vi::label(label),
            Self::Lao => lo::label(label),
            Self::Sinhala => si::label(label),
            Self::Tamil => ta::label(label),
            Self::Amharic => am::label(label),
        }
    }

    /// A word or phrase.
    #[must_use]
    pub const fn phrase(self, phrase: Phrase) -> &'static str {
        match self {
            Self::English => en::phrase(phrase),
            Self::French => fr::phrase(phrase),
            Self::Spanish => es::phrase(phrase),
            Self::Portuguese => pt::phrase(phrase),
            Self::Arabic => ar::phrase(phrase),
            Self::Swahili => sw::phrase(phrase),
            Self::Vietnamese => vi::phrase(phrase),
            Self::Lao => lo::phrase(phrase),
            Self::Sinhala => si::phrase(phrase),
            Self::Tamil => ta::phrase(phrase),
            Self::Amharic => am::phrase(phrase),
        }
    }
}

#[cfg(test)]
mod tests;
