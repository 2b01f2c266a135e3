//! Whether a download may take the place of the one before (failure F18: a gateway that lists 0 authorities, and
//! every signer is refused by the next morning).
//!
//! Pure arithmetic, asked by everything that pulls: trust lists, rules, value sets, revocations. Whoever asks keeps
//! the last good download until [`Verdict::Take`], or until an operator accepts what was found.

use std::fmt;

use crate::limits::{GUARD_LOSS_PARTS, GUARD_PARTS};

/// What is to be done with a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It takes the place of the one before.
    Take,
    /// It holds nothing at all; the one before stays.
    Empty {
        /// How many entries there were.
        old: usize,
    },
    /// It lost more than a fifth; the one before stays.
    Smaller {
        /// How many entries there were.
        old: usize,
        /// How many there are.
        new: usize,
    },
}

impl Verdict {
    /// Whether the download takes the place of the one before.
    #[must_use]
    pub fn is_taken(self) -> bool {
        self == Self::Take
    }

    /// Stable code for reports and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Take => "taken",
            Self::Empty { .. } => "empty",
            Self::Smaller { .. } => "smaller",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Take => f.write_str("taken"),
            Self::Empty { old } => write!(f, "the download is empty where there were {old} entries"),
            Self::Smaller { old, new } => {
                let lost = old.saturating_sub(*new).saturating_mul(100).checked_div(*old).unwrap_or(0);
                write!(f, "the download has {new} entries where there were {old}: {lost} % are gone")
            }
        }
    }
}

/// Judges a download by its number of usable entries, against the number that the last good one had.
///
/// An empty one is never taken, not even as the first: where nothing at all is normal (a country without rules, a
/// gateway without revocations), the caller does not ask while `old` is 0 too. One that lost a fifth exactly is taken,
/// one that lost more is not.
#[must_use]
pub fn judge(old: usize, new: usize) -> Verdict {
    if new == 0 {
        return Verdict::Empty { old };
    }
    // In 128 bits no number of entries overflows.
    let (kept, wanted) = (widened(new) * GUARD_PARTS, widened(old) * (GUARD_PARTS - GUARD_LOSS_PARTS));
    if kept < wanted { Verdict::Smaller { old, new } } else { Verdict::Take }
}

fn widened(count: usize) -> u128 {
    u128::try_from(count).unwrap_or(u128::from(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fifth_may_go_and_not_one_more() {
        for (old, new, taken) in [
            (0, 1, true),
            (1, 1, true),
            (10, 8, true),
            (10, 7, false),
            (5, 4, true),
            (4, 3, false),
            (438, 351, true),
            (438, 350, false),
            (3, 1_000, true),
            (usize::MAX, usize::MAX - 1, true),
            (usize::MAX, 1, false),
        ] {
            assert_eq!(judge(old, new).is_taken(), taken, "{old} -> {new}");
        }
    }

    #[test]
    fn nothing_is_never_taken_and_the_words_say_how_much_is_gone() {
        assert_eq!(judge(0, 0), Verdict::Empty { old: 0 });
        assert_eq!(judge(61, 0), Verdict::Empty { old: 61 });
        let smaller = judge(100, 50);
        assert_eq!(smaller.to_string(), "the download has 50 entries where there were 100: 50 % are gone");
        assert_eq!((smaller.code(), judge(9, 0).code(), judge(9, 9).code()), ("smaller", "empty", "taken"));
    }

    proptest! {
        #[test]
        fn growing_is_always_taken(old in any::<usize>(), more in any::<usize>()) {
            let new = old.saturating_add(more).max(1);
            prop_assert_eq!(judge(old, new), Verdict::Take);
        }

        #[test]
        fn fewer_is_never_better(old in 0..10_000usize, new in 0..10_000usize) {
            if !judge(old, new + 1).is_taken() {
                prop_assert!(!judge(old, new).is_taken());
            }
        }
    }
}
