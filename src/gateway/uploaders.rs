//! Who may upload for which country: the upload certificates of a trust list that the operator's trust anchor vouches
//! for, and the opening of what they signed.
//!
//! The chain is trust anchor → upload certificate of a country → rule or batch of the same country. The reference
//! client only logs when a signature of it fails (facts on the trust framework, section 2; failure F12).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::{
    reject::{Reject, Rejected, shown, signed_by},
    trust_list::{ItemType, ListEntry},
};
use crate::{
    keys::{Certificate, sha256},
    trust::cms::{CmsError, SignedData},
};

/// The upload certificates of each country.
#[derive(Debug, Default)]
pub struct Uploaders {
    by_country: BTreeMap<String, Vec<Certificate>>,
    /// Upload certificates of the list that the anchor does not vouch for, each with its reason.
    pub rejected: Vec<Rejected>,
}

impl Uploaders {
    /// Those entries of a trust list that are upload certificates and that the anchor signed.
    #[must_use]
    pub fn vouched(entries: &[ListEntry], anchor: &Certificate, now: Timestamp) -> Self {
        let mut all = Self::default();
        for entry in entries.iter().filter(|entry| entry.is(ItemType::Upload)) {
            let country = entry.country.clone().unwrap_or_default();
            match vouched_for(entry, anchor, now) {
                Ok(certificate) => all.by_country.entry(country).or_default().push(certificate),
                Err(reason) => {
                    let item = shown(entry.kid.as_deref().unwrap_or("an upload certificate"));
                    all.rejected.push(Rejected { country: shown(&country), item, reason });
                }
            }
        }
        all
    }

    /// The upload certificates of a country.
    #[must_use]
    pub fn of(&self, country: &str) -> &[Certificate] {
        self.by_country.get(country).map_or(&[], Vec::as_slice)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_country.values().map(Vec::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_country.is_empty()
    }

    /// The content of an attached message (base64) that an uploader of this country signed.
    ///
    /// # Errors
    /// [`Reject`] says why it does not count.
    pub fn open(&self, country: &str, message: &str, now: Timestamp) -> Result<Vec<u8>, Reject> {
        let bytes = base64(message, "message")?;
        let signed = SignedData::read(&bytes)?;
        let content = signed.content().ok_or(CmsError::NoContent)?;
        self.is_signed(country, &signed, None, now)?;
        Ok(content.to_vec())
    }

    /// Whether an uploader of this country signed `signed`, over `detached` where it does not carry its content.
    ///
    /// # Errors
    /// [`Reject`] says why it does not count.
    pub fn is_signed(
        &self,
        country: &str,
        signed: &SignedData<'_>,
        detached: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<(), Reject> {
        let uploaders = self.of(country);
        if uploaders.is_empty() {
            return Err(Reject::NoUploader { country: shown(country) });
        }
        let mut closest = Reject::Uploader { country: shown(country) };
        for uploader in uploaders {
            match signed_by(signed, uploader, detached, now) {
                Ok(()) => return Ok(()),
                Err(Reject::Signature(CmsError::OtherSigner)) => {}
                Err(reason) => closest = reason,
            }
        }
        Err(closest)
    }
}

/// The certificate of an entry that the anchor signed.
///
/// # Errors
/// [`Reject`] says why it does not count.
pub fn vouched_for(entry: &ListEntry, anchor: &Certificate, now: Timestamp) -> Result<Certificate, Reject> {
    let certificate = entry.certificate()?;
    let message = base64(entry.signature.as_deref().ok_or(Reject::Missing { member: "signature" })?, "signature")?;
    let signed = SignedData::read(&message).map_err(Reject::Anchor)?;
    signed_by(&signed, anchor, Some(certificate.der()), now).map_err(|reason| match reason {
        Reject::Signature(error) => Reject::Anchor(error),
        other => other,
    })?;
    Ok(certificate)
}

impl ListEntry {
    /// The certificate of the entry, if thumbprint and country beside it are its own.
    ///
    /// # Errors
    /// [`Reject`] says what is wrong.
    pub fn certificate(&self) -> Result<Certificate, Reject> {
        let raw = self.raw_data.as_deref().ok_or(Reject::Missing { member: "rawData" })?;
        let certificate = Certificate::from_der(&base64(raw, "rawData")?)?;
        let listed = self.thumbprint.as_deref().ok_or(Reject::Missing { member: "thumbprint" })?;
        if !listed.eq_ignore_ascii_case(&thumbprint(&certificate)) {
            return Err(Reject::Thumbprint);
        }
        let (listed, signed) = (self.country.as_deref().unwrap_or_default(), certificate.country().unwrap_or_default());
        if listed != signed {
            return Err(Reject::Differs { member: "country", listed: shown(listed), signed: shown(signed) });
        }
        Ok(certificate)
    }
}

/// SHA-256 of a certificate in small hexadecimal letters, as gateways write it.
#[must_use]
pub fn thumbprint(certificate: &Certificate) -> String {
    sha256(certificate.der()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn base64(text: &str, member: &'static str) -> Result<Vec<u8>, Reject> {
    STANDARD.decode(text.trim()).map_err(|_| Reject::NotBase64 { member })
}
