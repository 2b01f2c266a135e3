//! Where a certificate came from: what its revocation in bulk goes by.

use std::fmt;

use jiff::civil::Date;

use super::{
    Registry, RegistryError,
    sql::{Row, Value},
};
use crate::limits::REGISTRY_KEY_BYTES;

/// Where a certificate came from. Nothing of it stands in the certificate's digest: a facility that gets another key
/// supersedes nothing. What is not known is `None`, and stays so.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// UID of the org unit of the event, or the name of the facility where the source has no key for it.
    pub facility: Option<String>,
    /// Who had it issued: `api:` and the name of a token, `user:` and the name of a user of the command line, or
    /// `poller`.
    pub operator: Option<String>,
    /// Batch number of the vaccine.
    pub lot: Option<String>,
    /// Day of the dose, the sample or the first positive result.
    pub given_on: Option<Date>,
    /// Why it is asked for, where somebody said: for the audit log, and not kept beside the certificate.
    pub reason: Option<String>,
    /// The HTTP request that asks for it, likewise.
    pub request: Option<String>,
}

/// A batch number beside a person's UID tells about the person.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin(…)")
    }
}

impl Origin {
    /// The same without what cannot be stored: texts that are empty, longer than [`REGISTRY_KEY_BYTES`] or hold
    /// control characters. They become unknown, for half a name would be another one. Spaces around are no part of
    /// a text.
    #[must_use]
    pub fn storable(self) -> Self {
        let short = |text: Option<String>| {
            let text = text?.trim().to_owned();
            let bearable = !text.is_empty() && text.len() <= REGISTRY_KEY_BYTES && !text.chars().any(char::is_control);
            bearable.then_some(text)
        };
        Self {
            facility: short(self.facility),
            operator: short(self.operator),
            lot: short(self.lot),
            given_on: self.given_on,
            reason: short(self.reason),
            request: short(self.request),
        }
    }
}

/// An [`Origin`] as its columns have it.
pub(super) struct Columns<'a> {
    origin: &'a Origin,
    day: Option<String>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        Self { origin, day: origin.given_on.map(|day| day.to_string()) }
    }

    /// facility, operator, lot, given_on, reason, request.
    pub(super) fn values(&self) -> [Value<'_>; 6] {
        [
            Value::OptText(self.origin.facility.as_deref()),
            Value::OptText(self.origin.operator.as_deref()),
            Value::OptText(self.origin.lot.as_deref()),
            Value::OptText(self.day.as_deref()),
            Value::OptText(self.origin.reason.as_deref()),
            Value::OptText(self.origin.request.as_deref()),
        ]
    }
}

impl Registry {
    /// Reads facility, operator, lot and given_on, from the column `from` on.
    pub(super) fn origin(&self, row: &Row, from: usize) -> Result<Origin, RegistryError> {
        let day = row.opt_text(from + 3).map_err(self.say())?;
        Ok(Origin {
            facility: row.opt_text(from).map_err(self.say())?,
            operator: row.opt_text(from + 1).map_err(self.say())?,
            lot: row.opt_text(from + 2).map_err(self.say())?,
            given_on: day.map(|day| day.parse().map_err(|_| self.row("given_on"))).transpose()?,
            reason: None,
            request: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_stored_is_unknown_and_nothing_is_shortened() {
        let origin = |text: &str| Origin { lot: Some(text.to_owned()), ..Origin::default() }.storable().lot;
        assert_eq!(origin(" AB 12 ").as_deref(), Some("AB 12"));
        for bad in ["", "  ", "a\0b", "a\nb", &"x".repeat(REGISTRY_KEY_BYTES + 1)] {
            assert_eq!(origin(bad), None, "{bad:?}");
        }
        assert!(!format!("{:?}", Origin { lot: Some("AB12".into()), ..Origin::default() }).contains("AB12"));
    }
}
