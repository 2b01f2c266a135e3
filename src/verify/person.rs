//! Several certificates of one person in one run: the best one counts (failure F31, an older certificate was
//! better than a newer one).

use std::collections::HashMap;

use super::verdict::{Check, Decision, Verdict};

/// Who a certificate belongs to, as far as certificates can tell: standardised name without repeated or
/// trailing fillers (issuers differ there: facts on the EU DCC, section 6), and date of birth.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Person {
    name: String,
    date_of_birth: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

impl Person {
    /// The holder of a certificate whose signature passed; `None` for every other: whoever forges one must not
    /// hide behind somebody's good one.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Option<Self> {
        if verdict.checks.signature != Check::Passed {
            return None;
        }
        let holder = verdict.holder.as_ref().filter(|holder| !holder.not_covered)?;
        let parts: Vec<&str> = holder.standardised_name.split('<').filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| Self { name: parts.join("<"), date_of_birth: holder.date_of_birth.clone() })
    }
}

/// For each verdict the position of the one that counts for its person: its own where it stands alone.
#[must_use]
pub fn best(verdicts: &[Verdict]) -> Vec<usize> {
    let mut leaders: HashMap<Person, usize> = HashMap::new();
    for (position, verdict) in verdicts.iter().enumerate() {
        let Some(person) = Person::of(verdict) else { continue };
        let leader = leaders.entry(person).or_insert(position);
        if verdicts.get(*leader).is_some_and(|other| rank(verdict) > rank(other)) {
            *leader = position;
        }
    }
    verdicts
        .iter()
        .enumerate()
        .map(|(position, verdict)| {
            Person::of(verdict).and_then(|person| leaders.get(&person).copied()).unwrap_or(position)
        })
        .collect()
}

/// Accepted before undecided before rejected; then the one that is valid longest.
fn rank(verdict: &Verdict) -> (u8, &str) {
    let decision = match verdict.verdict {
        Decision::Accepted => 2,
        Decision::Undecided => 1,
        Decision::Rejected => 0,
    };
    (decision, verdict.valid_until.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Holder, Reason, verdict::Stop};

    fn verdict(name: &str, signed: bool, accepted: bool) -> Verdict {
        let mut verdict = Verdict::new();
        verdict.holder = Some(Holder {
            name: String::new(),
            standardised_name: name.into(),
            date_of_birth: "1980".into(),
            not_covered: false,
        });
        verdict.checks.signature = if signed { Check::Passed } else { Check::Failed };
        if accepted {
            verdict.verdict = Decision::Accepted;
            return verdict;
        }
        verdict.stopped(Stop::Rejected(Reason::Expired))
    }

    #[test]
    fn the_best_of_a_person_counts_and_nobody_hides_behind_another() {
        let verdicts = [
            verdict("DOE<<JANE", true, false),
            verdict("DOE<JANE<", true, true),
            verdict("ROE<<JANE", true, false),
            verdict("DOE<<JANE", false, false),
            verdict("<<", true, true),
        ];
        assert_eq!(best(&verdicts), [1, 1, 2, 3, 4]);
        assert_eq!(best(&[]), Vec::<usize>::new());
    }
}
