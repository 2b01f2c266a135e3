//! What goes back into DHIS2: counts of certificates into an aggregate data set ([`push()`]), so that they show on the
//! dashboards that a ministry has already, and the identifier and status of a certificate into fields of its record
//! ([`write_back()`]). Both are off unless they are configured, both can be done again without harm, and neither touches
//! anything but what is configured for it.

mod period;
mod push;
mod write_back;

use std::time::Duration;

use jiff::tz::Offset;

pub use period::Period;
pub use push::{Pushed, payload, push};
pub use write_back::{STATUS_REVOKED, STATUS_VALID, WriteBack, WrittenBack, write_back};

use crate::{registry::RegistryError, source::dhis2::Dhis2Error};

/// A data element, with a category option combo where it is not the default one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// UID of the data element.
    pub element: String,
    /// UID of the category option combo.
    pub combo: Option<String>,
}

/// What is pushed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushOptions {
    /// UID of the data set.
    pub data_set: String,
    /// Its period type.
    pub period: Period,
    /// For certificates issued in the period, corrections and renewals with them.
    pub issued: Option<Operand>,
    /// For certificates revoked in the period, but for those that a correction took the place of.
    pub revoked: Option<Operand>,
    /// For records that are refused at the moment of the push.
    pub refused: Option<Operand>,
    /// For certificates that stand at the moment of the push.
    pub standing: Option<Operand>,
    /// Where the days of the periods begin.
    pub offset: Offset,
    /// From one push to the next.
    pub every: Duration,
}

/// Which fields a certificate is written into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteBackOptions {
    /// Data element of the event for the identifier.
    pub certificate_element: Option<String>,
    /// Data element of the event for the status.
    pub status_element: Option<String>,
    /// Program attribute of the person for the identifier of the latest certificate.
    pub certificate_attribute: Option<String>,
    /// Program attribute of the person for its status.
    pub status_attribute: Option<String>,
}

impl WriteBackOptions {
    /// The fields that are named.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let all =
            [&self.certificate_element, &self.status_element, &self.certificate_attribute, &self.status_attribute];
        all.into_iter().flatten().map(String::as_str).collect()
    }
}

/// Why nothing more goes back just now. What went before stays, and the next turn goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ReturnsError {
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// DHIS2 took nothing of what was pushed.
    #[error(
        "DHIS2 took none of {values} values ({first}): check the UIDs of [dhis2.push], and that the data set is assigned \
         to the facilities and shared with the user for data writing"
    )]
    NotTaken {
        /// How many there were.
        values: usize,
        /// What it says of the first.
        first: String,
    },
    /// DHIS2.
    #[error(transparent)]
    Dhis2(#[from] Dhis2Error),
}
