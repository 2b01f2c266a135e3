//! What taking many certificates back at once has in common, whoever orders it: the command on the machine, which needs
//! no key for it, and the desk of the service.

use jiff::Timestamp;

use crate::{
    batch::{Random, RandomError},
    limits,
    registry::{Cause, Registry, RegistryError, Revoked, Selection},
};

/// Why a selection is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub enum BadSelection {
    /// It names nobody.
    Everybody,
    /// A window without a moment in it.
    Backwards,
}

impl BadSelection {
    /// What is wrong and what to do.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Everybody => {
                "times alone select everybody: name a facility, an operator or a batch number beside them"
            }
            Self::Backwards => "a window ends before it begins: exchange its ends",
        }
    }
}

/// Refuses a selection of everybody, and windows that end before they begin.
///
/// # Errors
/// [`BadSelection`].
pub fn check(selection: &Selection) -> Result<(), BadSelection> {
    let Selection { facility, operator, lot, issued_from, issued_until, given_from, given_until } = selection;
    if facility.is_none() && operator.is_none() && lot.is_none() {
        return Err(BadSelection::Everybody);
    }
    let issued = issued_from.zip(*issued_until).is_some_and(|(from, until)| from >= until);
    let given = given_from.zip(*given_until).is_some_and(|(from, until)| from > until);
    if issued || given { Err(BadSelection::Backwards) } else { Ok(()) }
}

/// A name for a bulk, by which it can be taken back at once: when, and some letters by chance.
///
/// # Errors
/// No random bytes.
pub fn name(now: Timestamp, random: &Random) -> Result<String, RandomError> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 6];
    random(&mut bytes)?;
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('a', char::from);
    let letters: String = bytes.into_iter().map(letter).collect();
    Ok(format!("{}-{letters}", now.strftime("%Y%m%d-%H%M%S")))
}

/// Revokes these certificates in transactions of a bearable size. Gives how many it revoked; the others were revoked
/// already, or are none.
///
/// # Errors
/// The registry's; what was done before stays, and the same again does the rest.
pub async fn revoke_all(
    registry: &Registry,
    ids: &[String],
    cause: &Cause,
    now: Timestamp,
) -> Result<usize, RegistryError> {
    let mut revoked = 0;
    for chunk in ids.chunks(limits::REGISTRY_BATCH) {
        let answers = registry.revoke(chunk, cause, now).await?;
        revoked += answers.iter().filter(|answer| **answer == Revoked::Done).count();
    }
    Ok(revoked)
}
