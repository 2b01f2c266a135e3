//! Master lists of ICAO's members and of ICAO itself (Doc 9303-12 section 9; `.ml` files): the authorities of many
//! countries in one CMS message. It is signed by a master list signer, whom a country's authority certified.
//!
//! The caller gives the signer's certificate or key, or the certificate of the authority that certified it, as list
//! key; the signer's certificate then comes from the message.

use super::{Authenticity, ListError, ListForm, ListKey, ListOptions, ListSignature, SkipReason, collect::Collector};
use crate::{
    keys::{Certificate, CertificateError, der},
    trust::{
        TrustStore,
        cms::{Believed, CmsError, SignedData},
    },
};

/// `cscaMasterList`, 2.23.136.1.1.2.
const OID_MASTER_LIST: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x02];
/// Extended key usage of master list signers (Doc 9303-12 section 7.1).
const SIGNER_USAGE: &str = "2.23.136.1.1.3";

/// Whether a file says of itself that it is a master list.
pub(super) fn is_master_list(bytes: &[u8]) -> bool {
    SignedData::content_type(bytes) == Some(OID_MASTER_LIST)
}

/// Reads a master list.
pub(super) fn read(bytes: &[u8], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let form = ListForm::MasterList;
    let message = SignedData::read_typed(bytes, OID_MASTER_LIST).map_err(|reason| ListError::Cms { form, reason })?;
    let authenticity = signature(&message, options.list_keys).decide(form, options)?;
    let mut collector = Collector::new(options, form);
    // Only what was signed counts, and unsigned attributes are none of it.
    if matches!(authenticity, Authenticity::Whole { .. }) {
        collector.made(message.signing_time().map(|time| time.to_string()).as_deref());
    }
    let missing = || ListError::Cms { form, reason: CmsError::Form { part: "the list in it" } };
    let content = message.content().ok_or_else(missing)?;
    let list = der::Reader::new(content).expect(der::SEQUENCE).ok_or_else(missing)?;
    let mut fields = der::Reader::new(list.content);
    fields.expect(der::INTEGER).filter(|version| version.content == [0]).ok_or_else(missing)?;
    let set = fields.expect(der::SET).ok_or_else(missing)?;
    let mut certificates = der::Reader::new(set.content);
    let mut index = 0;
    while let Some(item) = certificates.any() {
        index += 1;
        let outcome = Certificate::from_der(item.whole).map_err(SkipReason::from);
        let outcome = outcome.and_then(|certificate| collector.authority(certificate, None));
        collector.note(&format!("certificate {index}"), outcome);
    }
    if !certificates.is_empty() {
        let reason = CertificateError::Form { part: "outer sequence" };
        collector.note(&format!("certificate {}", index + 1), Err::<super::collect::Noted, _>(reason.into()));
    }
    if collector.entries() == 0 {
        return Err(ListError::Empty { form });
    }
    collector.commit(authenticity, store);
    Ok(())
}

/// The signature under the list keys, each a signer of the list or an authority that certified one.
fn signature(message: &SignedData<'_>, list_keys: &[ListKey]) -> ListSignature {
    let mut wrong = false;
    let brought: Vec<Certificate> = message.certificates().filter_map(|der| Certificate::from_der(der).ok()).collect();
    for key in list_keys {
        match message.verify(key.believed(), None) {
            Ok(()) => return ListSignature::Verified { by: key.describe() },
            Err(CmsError::OtherSigner) => {}
            Err(_) => wrong = true,
        }
        let ListKey::Certificate(authority) = key else { continue };
        let certified = |signer: &&Certificate| {
            let made_for = |certificate: &Certificate| {
                certificate.profile().is_ok_and(|profile| profile.usages.iter().any(|usage| usage == SIGNER_USAGE))
            };
            let may_certify = authority.profile().is_ok_and(|p| p.is_authority && p.may_sign_certificates());
            may_certify && message.names(signer) && made_for(signer) && signer.is_issued_by(authority).is_ok()
        };
        if let Some(signer) = brought.iter().find(certified) {
            match message.verify(Believed::Certificate(signer), None) {
                Ok(()) => return ListSignature::Verified { by: format!("a signer of {}", key.describe()) },
                Err(_) => wrong = true,
            }
        }
    }
    if wrong { ListSignature::Wrong } else { ListSignature::Uncheckable }
}
