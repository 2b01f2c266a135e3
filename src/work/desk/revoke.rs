//! Taking certificates back one by one, and taking that back.

use super::{Desk, DeskError, Held, Order, Standing};
use crate::registry::{Cause, Reason, Restored, Revoked};

impl Desk {
    /// Revokes a certificate in every format. Asked again, it stays as it is. Published lists say so within minutes.
    ///
    /// # Errors
    /// [`DeskError::Selection`] for a reason that is not an operator's, [`DeskError::Unknown`],
    /// [`DeskError::Replaced`] where another certificate stands in its place; the registry's.
    pub async fn revoke(&self, id: &str, reason: Reason, order: Order<'_>) -> Result<Held, DeskError> {
        order.check()?;
        of_an_operator(reason)?;
        let held = self.open(id, order.actor).await?;
        if let (Standing::Superseded, Some(by)) = (held.standing, &held.superseded_by) {
            return Err(DeskError::Replaced { by: by.clone() });
        }
        let ids = [held.id().to_owned()];
        let answers = self.registry().revoke(&ids, &cause(reason, order, None), self.batch().clock.now()).await?;
        match answers.first() {
            Some(Revoked::Done | Revoked::Already { .. }) => self.open(held.id(), order.actor).await,
            _ => Err(DeskError::Unknown),
        }
    }

    /// Takes a revocation back. What is not revoked stays as it is.
    ///
    /// # Errors
    /// [`DeskError::Replaced`] where another certificate stands in its place, [`DeskError::Unknown`]; the registry's.
    pub async fn restore(&self, id: &str, order: Order<'_>) -> Result<Held, DeskError> {
        order.check()?;
        let held = self.open(id, order.actor).await?;
        let ids = [held.id().to_owned()];
        let cause = cause(Reason::Mistake, order, None);
        match self.registry().restore(&ids, &cause, self.batch().clock.now()).await?.pop() {
            Some(Restored::Done | Restored::NotRevoked) => self.open(held.id(), order.actor).await,
            Some(Restored::Replaced { by }) => Err(DeskError::Replaced { by }),
            Some(Restored::Unknown) | None => Err(DeskError::Unknown),
        }
    }
}

/// The reasons that an operator may give for a revocation.
pub(super) const REASONS: [Reason; 6] =
    [Reason::Fraud, Reason::Error, Reason::Lot, Reason::Key, Reason::Holder, Reason::Other];

pub(super) fn of_an_operator(reason: Reason) -> Result<(), DeskError> {
    const WRONG: DeskError =
        DeskError::Selection("this cannot be the reason of a revocation: give fraud, error, lot, key, holder or other");
    if REASONS.contains(&reason) { Ok(()) } else { Err(WRONG) }
}

/// What the log says of it.
pub(super) fn cause(reason: Reason, order: Order<'_>, bulk: Option<String>) -> Cause {
    Cause { reason, note: Some(order.reason.trim().to_owned()), operator: Some(order.actor.name.clone()), bulk }
}
