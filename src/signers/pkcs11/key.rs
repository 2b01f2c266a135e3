//! A key in a token, as a signer of documents and as a signer of certificates.

use std::{fmt, sync::Arc, time::Duration};

use super::{session::Scheme, token::Token};
use crate::{
    keys::{
        Algorithm, Certificate, Health, Kid, PublicKey, Signer, SignerError, X509Algorithm, X509Signer, der, sha256,
        signature,
    },
    limits::{TOKEN_CALL_SECONDS, TOKEN_MAKE_SECONDS},
    signers::{TokenError, TokenUri},
};

/// Longest time of one signature.
pub(super) const CALL: Duration = Duration::from_secs(TOKEN_CALL_SECONDS);
/// Longest time for making a key.
const MAKE: Duration = Duration::from_secs(TOKEN_MAKE_SECONDS);

/// A private key in an open token.
pub(in crate::signers) struct TokenKey {
    token: Arc<Token>,
    uri: TokenUri,
    spki: Vec<u8>,
    is_rsa: bool,
}

impl TokenKey {
    /// Finds a key.
    pub(super) fn find(token: Arc<Token>, uri: &TokenUri) -> Result<Self, TokenError> {
        let wanted = uri.clone();
        let found = token.call(CALL, "find a key", move |open| open.key(&wanted).map(|found| found.spki))?;
        Self::of(token, uri, found)
    }

    /// A key that is looked for when it is first needed, and must be this one.
    pub(super) fn later(token: Arc<Token>, uri: &TokenUri, spki: &[u8]) -> Result<Self, TokenError> {
        Self::of(token, uri, spki.to_vec())
    }

    /// Makes a key: RSA of this size, or P-256.
    pub(super) fn make(token: Arc<Token>, uri: &TokenUri, bits: Option<u16>) -> Result<Self, TokenError> {
        let wanted = uri.clone();
        let made = token.call(MAKE, "make a key", move |open| open.make(&wanted, bits).map(|found| found.spki))?;
        Self::of(token, uri, made)
    }

    fn of(token: Arc<Token>, uri: &TokenUri, spki: Vec<u8>) -> Result<Self, TokenError> {
        let unusable = || TokenError::Kind {
            token: token.name(),
            key: uri.key_name(),
            what: "a key whose public half means nothing".to_owned(),
        };
        let public = PublicKey::from_spki(&spki).map_err(|_| unusable())?;
        let is_rsa = !public.is_p256();
        Ok(Self { token, uri: uri.clone(), spki, is_rsa })
    }

    fn sign(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let (uri, spki, message) = (self.uri.clone(), self.spki.clone(), message.to_vec());
        let made = self.token.call(CALL, "sign", move |open| open.sign(&uri, &spki, scheme, &message))?;
        match scheme {
            Scheme::Ecdsa => halves(&made).ok_or_else(|| self.unsound()),
            Scheme::RsaPss | Scheme::RsaPkcs1 => Ok(made),
        }
    }

    fn unsound(&self) -> TokenError {
        let reason = "its signature does not verify with the public half of the key".to_owned();
        TokenError::Failed { token: self.token.name(), what: "sign", reason }
    }

    /// The failure of a signature, in the words of whoever signs.
    fn explain(&self, kid: Kid, error: TokenError) -> SignerError {
        match error {
            TokenError::Away { token, reason } => SignerError::Away { token, reason },
            TokenError::Refused { token, reason } => SignerError::Refused { token, reason },
            TokenError::Failed { .. } => {
                tracing::error!("{error}");
                SignerError::Failed { kid }
            }
            // It is there, and it is not what it was.
            other => SignerError::Refused { token: self.token.name(), reason: other.to_string() },
        }
    }
}

/// `r‖s` with 32 bytes each: shorter halves are padded, as older tokens leave zeros out (PKCS#11 section 2.3.1).
fn halves(signature: &[u8]) -> Option<Vec<u8>> {
    if signature.is_empty() || signature.len() > 64 || !signature.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    let padded = |half: &[u8]| [vec![0; 32 - half.len()], half.to_vec()].concat();
    Some([padded(r), padded(s)].concat())
}

/// Signs documents with a key in a token.
pub(in crate::signers) struct TokenSigner {
    key: TokenKey,
    certificate: Certificate,
    public: PublicKey,
}

impl TokenSigner {
    /// Takes a key and the certificate of its public half.
    pub(in crate::signers) fn new(key: TokenKey, certificate: Certificate) -> Result<Self, TokenError> {
        let public = PublicKey::from_spki(&key.spki).map_err(|_| key.unsound())?;
        if certificate.public_key().ok().as_ref() != Some(&public) {
            let (token, name) = (key.token.name(), key.uri.key_name());
            return Err(TokenError::OtherKey { token, key: name, kid: certificate.kid().clone() });
        }
        Ok(Self { key, certificate, public })
    }
}

impl Signer for TokenSigner {
    fn algorithm(&self) -> Algorithm {
        if self.key.is_rsa { Algorithm::Ps256 } else { Algorithm::Es256 }
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let scheme = if self.key.is_rsa { Scheme::RsaPss } else { Scheme::Ecdsa };
        let signature = self.key.sign(scheme, message).and_then(|signature| {
            let verified = self.public.verify(self.algorithm(), message, &signature);
            verified.map(|()| signature).map_err(|_| self.key.unsound())
        });
        signature.map_err(|error| self.key.explain(self.kid().clone(), error))
    }

    fn health(&self) -> Health {
        self.key.token.health()
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSigner({}, {})", self.algorithm(), self.kid())
    }
}

/// Algorithm identifier of ECDSA with SHA-256 (RFC 5758 section 3.2), content.
const ECDSA_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// Algorithm identifier of RSASSA-PKCS1-v1.5 with SHA-256 (RFC 8017 appendix A.2.4), content.
const RSA_SHA256: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];

/// Signs certificates, requests and CMS messages with a key in a token.
pub(in crate::signers) struct TokenX509Signer {
    key: TokenKey,
}

impl TokenX509Signer {
    pub(in crate::signers) fn new(key: TokenKey) -> Self {
        Self { key }
    }

    fn signed(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let (signature, algorithm) = if self.key.is_rsa {
            (self.key.sign(Scheme::RsaPkcs1, message)?, RSA_SHA256)
        } else {
            let halves = self.key.sign(Scheme::Ecdsa, message)?;
            let (r, s) = halves.split_at_checked(32).ok_or_else(|| self.key.unsound())?;
            let (mut numbers, mut signature) = (Vec::new(), Vec::new());
            der::write_unsigned(r, &mut numbers);
            der::write_unsigned(s, &mut numbers);
            der::write(der::SEQUENCE, &numbers, &mut signature);
            (signature, ECDSA_SHA256)
        };
        // What it signs is kept for years, and nobody reads it back before it is sent.
        let verified = signature::verify(&self.key.spki, algorithm, None, message, &signature);
        verified.map(|()| signature).map_err(|_| self.key.unsound())
    }
}

impl X509Signer for TokenX509Signer {
    fn algorithm(&self) -> X509Algorithm {
        if self.key.is_rsa { X509Algorithm::RsaSha256 } else { X509Algorithm::EcdsaSha256 }
    }

    fn spki(&self) -> &[u8] {
        &self.key.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let name = || Kid::new(sha256(&self.key.spki).get(..8).unwrap_or_default());
        self.signed(message).map_err(|error| self.key.explain(name(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_halves_are_padded_and_others_refused() {
        let padded = halves(&[1; 62]).unwrap();
        assert_eq!((padded[0], padded[1], padded[32], padded[33], padded.len()), (0, 1, 0, 1, 64));
        assert_eq!(halves(&[7; 64]), Some(vec![7; 64]));
        for broken in [0, 63, 66, 71] {
            assert_eq!(halves(&vec![1; broken]), None, "{broken}");
        }
    }
}
