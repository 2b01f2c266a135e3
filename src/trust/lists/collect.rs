//! What a reader of a list gathers. Nothing reaches the store before the whole list was read and believed.

use jiff::Timestamp;

use super::{Authenticity, ListForm, ListOptions, Remark, SkipReason, Skipped, text};
use crate::{
    keys::{Certificate, CertificateError, Kid},
    limits::KID_BYTES,
    trust::{Added, Authority, ListInfo, TrustStore, TrustedKey, authority},
};

/// What one entry of a list gave.
#[derive(Debug)]
pub(super) enum Noted {
    /// A signer of documents.
    Key(Box<TrustedKey>),
    /// An authority.
    Authority(Box<Authority>),
    /// Somebody who signs neither documents nor their signers.
    Neither,
}

impl From<Option<TrustedKey>> for Noted {
    fn from(key: Option<TrustedKey>) -> Self {
        key.map_or(Self::Neither, |key| Self::Key(Box::new(key)))
    }
}

/// What an entry is called: its label, and its country where one is told.
type Entry = (String, Option<String>);

/// Keys and remarks of one list.
#[derive(Debug)]
pub(super) struct Collector<'o> {
    name: &'o str,
    keys: Vec<(Entry, TrustedKey)>,
    authorities: Vec<(Entry, Authority)>,
    beside: Vec<Authority>,
    info: ListInfo,
}

impl<'o> Collector<'o> {
    pub(super) fn new(options: &ListOptions<'o>, form: ListForm) -> Self {
        let info = ListInfo { name: options.name.to_owned(), form, ..ListInfo::default() };
        Self { name: options.name, keys: Vec::new(), authorities: Vec::new(), beside: Vec::new(), info }
    }

    /// Name of the list.
    pub(super) fn name(&self) -> &'o str {
        self.name
    }

    /// How many entries were seen.
    pub(super) fn entries(&self) -> usize {
        self.info.entries
    }

    /// How many keys and authorities wait to be stored.
    pub(super) fn gathered(&self) -> usize {
        self.keys.len() + self.authorities.len()
    }

    /// How many entries are no certificates at all.
    pub(super) fn unreadable(&self) -> usize {
        self.info.skipped.iter().filter(|skipped| skipped.reason.code() == "certificate-unreadable").count()
    }

    /// Notes what one entry gave: a key, an authority, neither, or a reason to leave it out.
    pub(super) fn note(&mut self, entry: &str, outcome: Result<impl Into<Noted>, SkipReason>) {
        self.note_of(entry, None, outcome);
    }

    /// Notes what one entry of a country gave.
    pub(super) fn note_of(
        &mut self,
        entry: &str,
        country: Option<&str>,
        outcome: Result<impl Into<Noted>, SkipReason>,
    ) {
        self.info.entries += 1;
        let (entry, country) = (text::shown(entry), country.map(text::shown));
        match outcome.map(Into::into) {
            Ok(Noted::Key(key)) => self.keys.push(((entry, country), *key)),
            Ok(Noted::Authority(authority)) => self.authorities.push(((entry, country), *authority)),
            Ok(Noted::Neither) => self.info.not_signers += 1,
            Err(reason) => self.info.skipped.push(Skipped { entry, country, reason }),
        }
    }

    /// Notes what is worth knowing of an entry that counts.
    pub(super) fn remark(&mut self, entry: &str, country: Option<&str>, code: &'static str, words: String) {
        let (entry, country) = (text::shown(entry), country.map(text::shown));
        self.info.remarks.push(Remark { entry, country, code, words });
    }

    /// The authority of a certificate that the list holds as one; `country` is what the list says, where the
    /// certificate says nothing.
    pub(super) fn authority(&self, certificate: Certificate, country: Option<&str>) -> Result<Noted, SkipReason> {
        let unreadable = |_| SkipReason::Certificate(CertificateError::Form { part: "extensions" });
        let authority = Authority::of(certificate, self.name).map_err(unreadable)?;
        Ok(authority.map_or(Noted::Neither, |mut authority| {
            authority.country =
                authority.country.or_else(|| country.map(|code| authority::capitals(&text::shown(code))));
            Noted::Authority(Box::new(authority))
        }))
    }

    /// Notes an authority beside the key of the same entry, which is counted as that key.
    pub(super) fn also(&mut self, authority: Authority) {
        self.beside.push(authority);
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
        for ((entry, country), key) in self.keys {
            // What somebody hands over by hand or takes unsigned is their own affair, and is marked; a list that others
            // sign has no business with a key that anybody can sign with.
            if let Some(known) = key.open_to_anybody().filter(|_| authenticity.is_proven()) {
                let reason = SkipReason::Published { place: known.place };
                self.info.skipped.push(Skipped { entry, country, reason });
                continue;
            }
            match store.add(key) {
                Added::Stored => self.info.keys += 1,
                Added::Repeated => self.info.repeated += 1,
                Added::TooMany => {
                    self.info.skipped.push(Skipped { entry, country, reason: SkipReason::TooManyKeys });
                }
            }
        }
        for ((entry, country), authority) in self.authorities {
            match store.add_authority(authority) {
                Added::Stored => self.info.authorities += 1,
                Added::Repeated => self.info.repeated += 1,
                Added::TooMany => {
                    self.info.skipped.push(Skipped { entry, country, reason: SkipReason::TooManyAuthorities });
                }
            }
        }
        for authority in self.beside {
            store.add_authority(authority);
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
