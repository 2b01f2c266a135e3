//! A public key under a name that the caller gives: `--trust did:india=key.pem`, `--trust kid:BASE64=key.pem`, and
//! the keys of a health card issuer under its address: `--trust https://issuer.example=jwks.json`.

use super::{
    Authenticity, ListError, ListForm, ListKey, ListKeyError, ListOptions, collect, collect::Collector, json::Json,
    jwks, text,
};
use crate::{
    keys::{Kid, PublicKey, PublicKeyError, der},
    trust::{TrustStore, TrustedKey},
};

/// What a key is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// The DID of an issuer, such as `did:india` (DIVOC). Its text is the kid as well.
    Did(String),
    /// A kid, of any bytes.
    Kid(Kid),
    /// The address of an issuer of SMART Health Cards. The kid is the key's thumbprint.
    Address(String),
}

impl Binding {
    /// Reads `did:NAME`, `kid:BASE64` or `https://ISSUER`.
    ///
    /// # Errors
    /// [`ListError::Binding`] when it is none of them.
    pub fn read(text: &str) -> Result<Self, ListError> {
        let wrong = || ListError::Binding { binding: text::shown(text) };
        if let Some(kid) = text.strip_prefix("kid:") {
            return collect::kid(kid).map(Self::Kid).map_err(|_| wrong());
        }
        if let Some(rest) = text.strip_prefix("https://") {
            let plain = rest.chars().all(|c| c.is_ascii_graphic()) && !rest.starts_with('/') && !rest.ends_with('/');
            let address = text.len() <= crate::limits::SHC_TEXT_CHARS && plain && !rest.is_empty();
            return if address { Ok(Self::Address(text.to_owned())) } else { Err(wrong()) };
        }
        let named = text.strip_prefix("did:").is_some_and(|name| !name.trim().is_empty());
        let plain = text.len() <= crate::limits::KID_BYTES && !text.contains(|c: char| c.is_whitespace());
        if named && plain { Ok(Self::Did(text.to_owned())) } else { Err(wrong()) }
    }

    /// Splits `did:NAME=PATH`, `kid:BASE64=PATH` or `https://ISSUER=PATH` into the binding and the path. `None` when it is a path
    /// alone. Padding of the base64 belongs to the kid: the last `=` of a run is the separator.
    #[must_use]
    pub fn split(argument: &str) -> Option<(&str, &str)> {
        if !["kid:", "did:", "https://"].iter().any(|prefix| argument.starts_with(prefix)) {
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

/// Reads one public key (PEM or DER, or a certificate for its key) and binds it to a name; under the address of an
/// issuer of health cards also its key set (JWKS). The caller vouches.
///
/// # Errors
/// [`ListError`] when the name is no binding or the file holds no key that can be used.
pub fn bare_key(
    binding: &Binding,
    bytes: &[u8],
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    if let Binding::Address(address) = binding
        && bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().starts_with(b"{")
    {
        let document = Json::read(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?;
        let keys = document.get("keys").and_then(Json::as_list).ok_or(ListError::Unknown)?;
        return jwks::read_bound(keys, address, options, store);
    }
    let mut collector = Collector::new(options, ListForm::BareKey);
    let mut key = trusted(bytes, options.name)?;
    match binding {
        Binding::Did(did) => {
            key.kid = Kid::new(did.as_bytes());
            key.issuer = Some(did.clone());
        }
        Binding::Kid(kid) => key.kid = kid.clone(),
        Binding::Address(address) => {
            let unsupported = || PublicKeyError::Unsupported { name: key.key.describe() };
            key.kid = Kid::new(jwks::thumbprint(&key.key).ok_or_else(unsupported)?.into_bytes());
            key.issuer = Some(address.clone());
        }
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
        assert_eq!(split("https://a.example/b=k=ys.json"), ("https://a.example/b", "k=ys.json"));
        assert_eq!(Binding::split("key.pem"), None);
        assert_eq!(Binding::split("dir=x/key.pem"), None);
        assert_eq!(Binding::split("did:india"), None);
    }

    #[test]
    fn names_are_read_or_refused() {
        assert_eq!(Binding::read("kid:Rjene8QvRwA").unwrap(), Binding::read("kid:Rjene8QvRwA=").unwrap());
        assert_eq!(Binding::read("did:india").unwrap(), Binding::Did("did:india".into()));
        let address = "https://a.example/issuer";
        assert_eq!(Binding::read(address).unwrap(), Binding::Address(address.into()));
        for wrong in ["https://", "https:///a", "https://a/", "https://a b", "http://a"] {
            assert!(matches!(Binding::read(wrong), Err(ListError::Binding { .. })), "{wrong}");
        }
        for wrong in ["kid:", "kid:#", "did:", "did: ", "india", "did:a b", ""] {
            assert!(matches!(Binding::read(wrong), Err(ListError::Binding { .. })), "{wrong}");
        }
    }
}
