//! A public key under a name that the caller gives: `--trust did:india=key.pem`, `--trust kid:BASE64=key.pem`.

use super::{Authenticity, ListError, ListForm, ListKey, ListKeyError, ListOptions, collect, collect::Collector, text};
use crate::{
    keys::{Kid, PublicKey, der},
    trust::{TrustStore, TrustedKey},
};

/// What a key is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// The DID of an issuer, such as `did:india` (DIVOC). Its text is the kid as well.
    Did(String),
    /// A kid, of any bytes.
    Kid(Kid),
}

impl Binding {
    /// Reads `did:NAME` or `kid:BASE64`.
    ///
    /// # Errors
    /// [`ListError::Binding`] when it is neither.
    pub fn read(text: &str) -> Result<Self, ListError> {
        let wrong = || ListError::Binding { binding: text::shown(text) };
        if let Some(kid) = text.strip_prefix("kid:") {
            return collect::kid(kid).map(Self::Kid).map_err(|_| wrong());
        }
        let named = text.strip_prefix("did:").is_some_and(|name| !name.trim().is_empty());
        let plain = text.len() <= crate::limits::KID_BYTES && !text.contains(|c: char| c.is_whitespace());
        if named && plain { Ok(Self::Did(text.to_owned())) } else { Err(wrong()) }
    }

    /// Splits `did:NAME=PATH` or `kid:BASE64=PATH` into the binding and the path. `None` when it is a path
    /// alone. Padding of the base64 belongs to the kid: the last `=` of a run is the separator.
    #[must_use]
    pub fn split(argument: &str) -> Option<(&str, &str)> {
        if !argument.starts_with("kid:") && !argument.starts_with("did:") {
            return None;
        }
        let first = argument.find('=')?;
        let padding = if argument.starts_with("kid:") {
            argument.get(first..)?.bytes().take_while(|&byte| byte == b'=').count().saturating_sub(1)
        } else {
            0
        };
        let at = first + padding;
        Some((argument.get(..at)?, argument.get(at + 1..)?))
    }
}

/// Reads one public key (PEM or DER, or a certificate for its key) and binds it to a name. The caller vouches.
///
/// # Errors
/// [`ListError`] when the name is no binding or the file holds no key that can be used.
pub fn bare_key(
    binding: &Binding,
    bytes: &[u8],
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let mut collector = Collector::new(options, ListForm::BareKey);
    let mut key = trusted(bytes, options.name)?;
    match binding {
        Binding::Did(did) => {
            key.kid = Kid::new(did.as_bytes());
            key.issuer = Some(did.clone());
        }
        Binding::Kid(kid) => key.kid = kid.clone(),
    }
    collector.note("key 1", Ok(Some(key)));
    collector.commit(Authenticity::Vouched, store);
    Ok(())
}

fn trusted(bytes: &[u8], list: &str) -> Result<TrustedKey, ListError> {
    let unnamed = || Kid::new(Vec::new());
    let pkcs1 = text::pem(bytes).into_iter().find(|(label, _)| label == "RSA PUBLIC KEY").and_then(|(_, key)| key);
    if let Some(key) = pkcs1.or_else(|| is_pkcs1(bytes).then(|| bytes.to_vec())) {
        return Ok(TrustedKey::bare(PublicKey::from_pkcs1(&key)?, unnamed(), list));
    }
    let keys = ListKey::read(bytes).map_err(|error| match error {
        ListKeyError::PrivateKey => ListError::PrivateKey,
        ListKeyError::Certificate(error) => error.into(),
        ListKeyError::Unknown | ListKeyError::Key => ListError::Unknown,
    })?;
    match keys.first() {
        Some(ListKey::Certificate(certificate)) => Ok(TrustedKey::from_certificate(certificate, list)?),
        Some(ListKey::Key(spki)) => Ok(TrustedKey::bare(PublicKey::from_spki(spki)?, unnamed(), list)),
        None => Err(ListError::Unknown),
    }
}

fn is_pkcs1(bytes: &[u8]) -> bool {
    let Some(outer) = der::Reader::new(bytes).expect(der::SEQUENCE) else { return false };
    let mut fields = der::Reader::new(outer.content);
    fields.expect(der::INTEGER).is_some() && fields.expect(der::INTEGER).is_some() && fields.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_belongs_to_the_kid() {
        let split = |text| Binding::split(text).unwrap();
        assert_eq!(split("kid:Rjene8QvRwA==key.pem"), ("kid:Rjene8QvRwA=", "key.pem"));
        assert_eq!(split("kid:Rjene8QvRwA=key.pem"), ("kid:Rjene8QvRwA", "key.pem"));
        assert_eq!(split("kid:AQ===a=b.pem"), ("kid:AQ==", "a=b.pem"));
        assert_eq!(split("did:india=key.pem"), ("did:india", "key.pem"));
        assert_eq!(Binding::split("key.pem"), None);
        assert_eq!(Binding::split("dir=x/key.pem"), None);
        assert_eq!(Binding::split("did:india"), None);
    }

    #[test]
    fn names_are_read_or_refused() {
        assert_eq!(Binding::read("kid:Rjene8QvRwA").unwrap(), Binding::read("kid:Rjene8QvRwA=").unwrap());
        assert_eq!(Binding::read("did:india").unwrap(), Binding::Did("did:india".into()));
        for wrong in ["kid:", "kid:#", "did:", "did: ", "india", "did:a b", ""] {
            assert!(matches!(Binding::read(wrong), Err(ListError::Binding { .. })), "{wrong}");
        }
    }
}
