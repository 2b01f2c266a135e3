//! What a reader of a list gathers. Nothing reaches the store before the whole list was read and believed.

use jiff::Timestamp;

use super::{Authenticity, ListForm, ListOptions, SkipReason, Skipped, text};
use crate::{
    keys::{Certificate, Kid},
    limits::KID_BYTES,
    trust::{Added, ListInfo, TrustStore, TrustedKey},
};

/// Keys and remarks of one list.
#[derive(Debug)]
pub(super) struct Collector<'o> {
    name: &'o str,
    keys: Vec<(String, TrustedKey)>,
    info: ListInfo,
}

impl<'o> Collector<'o> {
    pub(super) fn new(options: &ListOptions<'o>, form: ListForm) -> Self {
        let info = ListInfo { name: options.name.to_owned(), form, ..ListInfo::default() };
        Self { name: options.name, keys: Vec::new(), info }
    }

    /// Name of the list.
    pub(super) fn name(&self) -> &'o str {
        self.name
    }

    /// How many entries were seen.
    pub(super) fn entries(&self) -> usize {
        self.info.entries
    }

    /// How many keys wait to be stored.
    pub(super) fn gathered(&self) -> usize {
        self.keys.len()
    }

    /// How many entries are no certificates at all.
    pub(super) fn unreadable(&self) -> usize {
        self.info.skipped.iter().filter(|skipped| skipped.reason.code() == "certificate-unreadable").count()
    }

    /// Notes what one entry gave: a key, nothing to sign documents with, or a reason to leave it out.
    pub(super) fn note(&mut self, entry: &str, outcome: Result<Option<TrustedKey>, SkipReason>) {
        self.info.entries += 1;
        match outcome {
            Ok(Some(key)) => self.keys.push((entry.to_owned(), key)),
            Ok(None) => self.info.not_signers += 1,
            Err(reason) => self.info.skipped.push(Skipped { entry: text::shown(entry), reason }),
        }
    }

    /// Notes when an entry was made, if that can be read.
    pub(super) fn made(&mut self, timestamp: Option<&str>) {
        let made = timestamp.and_then(|text| text.parse::<Timestamp>().ok());
        self.info.newest_entry = self.info.newest_entry.max(made);
    }

    /// Notes when the list was made, if that can be read.
    pub(super) fn made_at(&mut self, timestamp: Option<&str>) {
        self.info.made_at = timestamp.and_then(|text| text.parse().ok());
    }

    /// Puts everything into the store.
    pub(super) fn commit(mut self, authenticity: Authenticity, store: &mut TrustStore) {
        for (entry, key) in self.keys {
            match store.add(key) {
                Added::Stored => self.info.keys += 1,
                Added::Repeated => self.info.repeated += 1,
                Added::TooMany => {
                    let entry = text::shown(&entry);
                    self.info.skipped.push(Skipped { entry, reason: SkipReason::TooManyKeys });
                }
            }
        }
        self.info.authenticity = authenticity;
        store.add_list(self.info);
    }
}

/// The certificate in base64 that an entry holds.
pub(super) fn certificate(base64: Option<&str>, field: &'static str) -> Result<Certificate, SkipReason> {
    let text = base64.ok_or(SkipReason::Missing { field })?;
    let der = text::base64(text).ok_or(SkipReason::NotBase64 { field })?;
    Ok(Certificate::from_der(&der)?)
}

/// The kid that an entry gives in base64.
pub(super) fn kid(text: &str) -> Result<Kid, SkipReason> {
    opaque_kid(text::base64(text).ok_or(SkipReason::NotBase64 { field: "kid" })?)
}

/// A kid of any bytes.
pub(super) fn opaque_kid(bytes: Vec<u8>) -> Result<Kid, SkipReason> {
    if bytes.is_empty() || bytes.len() > KID_BYTES {
        return Err(SkipReason::KidLength { bytes: bytes.len() });
    }
    Ok(Kid::new(bytes))
}
