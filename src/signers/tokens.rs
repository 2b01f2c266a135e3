//! Keys in tokens and hardware security modules, by their names, whichever way the program was built: without the
//! feature `pkcs11` every name is refused with the sentence that says which build is needed.

use std::{fmt, path::PathBuf, sync::Arc};

use zeroize::Zeroizing;

use super::TokenUri;
#[cfg(feature = "pkcs11")]
use super::pkcs11;
use crate::{
    clock::{Clock, System},
    keys::{Certificate, Health, Kid, Signer, X509Signer},
};

/// The PIN of a token; wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct Pin(
    #[cfg_attr(not(feature = "pkcs11"), expect(dead_code, reason = "only a token reads it"))] Zeroizing<String>,
);

impl Pin {
    /// Takes over a PIN, exactly as it is. A line end from a file is the caller's to remove.
    #[must_use]
    pub fn new(pin: String) -> Self {
        Self(Zeroizing::new(pin))
    }

    /// The PIN, for the token alone.
    #[cfg(feature = "pkcs11")]
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// Kind of a key that is made in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKey {
    /// P-256.
    P256,
    /// RSA with this many bits, 2048 to 4096.
    Rsa(u16),
}

/// How tokens are reached where the name of a key does not say it.
#[derive(Clone)]
pub struct TokenOptions {
    /// The library that speaks to the token (PKCS#11 module), an absolute path.
    pub module: Option<PathBuf>,
    /// Sessions with each token: how many signatures it makes at the same time.
    pub sessions: usize,
    /// Gives the PIN of the token of this name; asked once a token.
    pub pin: PinSource,
    /// Tells since when a token is away.
    pub clock: Arc<dyn Clock>,
}

/// Where PINs come from: the name of a token, and the file that the key's own name says; the answer is the PIN, or
/// why there is none.
pub type PinSource = Arc<dyn Fn(&TokenUri) -> Result<Pin, String> + Send + Sync>;

impl TokenOptions {
    /// No token is reached: for whoever has key files only.
    #[must_use]
    pub fn none() -> Self {
        let pin = |_: &TokenUri| Err("there is no place for it here".to_owned());
        Self { module: None, sessions: 1, pin: Arc::new(pin), clock: Arc::new(System) }
    }
}

impl fmt::Debug for TokenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenOptions({:?}, {} sessions)", self.module, self.sessions)
    }
}

/// How a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHealth {
    /// Name of the token.
    pub token: String,
    /// Whether it signs.
    pub health: Health,
}

/// Why a key in a token cannot be used or made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Built without PKCS#11.
    #[error(
        "the key {key} is in a token, which this program was built without: use a build with the feature pkcs11 \
         (cargo build --release --features pkcs11)"
    )]
    NotBuilt {
        /// Name of the key.
        key: String,
    },
    /// Nobody said which library.
    #[error(
        "which library speaks to the token {token} is not known: set keys.pkcs11.module to the vendor's PKCS#11 \
         library, such as /usr/lib/softhsm/libsofthsm2.so"
    )]
    NoModule {
        /// Name of the token.
        token: String,
    },
    /// The library cannot be loaded.
    #[error("the PKCS#11 library {} cannot be used ({reason}): give the absolute path of the vendor's library for this machine", path.display())]
    Module {
        /// Path.
        path: PathBuf,
        /// Why, in one clause.
        reason: String,
    },
    /// No such token.
    #[error("there is no token {wanted}; the library sees {found}: plug it in, or correct its label or serial number")]
    NoToken {
        /// What was asked for.
        wanted: String,
        /// Labels that there are.
        found: String,
    },
    /// Several tokens of the name.
    #[error("{count} tokens are called {wanted}: name it by its serial number as well (serial=…): {found}")]
    SeveralTokens {
        /// What was asked for.
        wanted: String,
        /// How many.
        count: usize,
        /// Their serial numbers.
        found: String,
    },
    /// No PIN.
    #[error("the PIN of the token {token} is not known: {reason}")]
    PinMissing {
        /// Name of the token.
        token: String,
        /// Where it was looked for.
        reason: String,
    },
    /// The token does not let us in.
    #[error("the token {token} lets nobody in ({reason})")]
    Refused {
        /// Name of the token.
        token: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The token is away.
    #[error("the token {token} is away ({reason}): check that it is switched on and reachable")]
    Away {
        /// Name of the token.
        token: String,
        /// What it said, by name.
        reason: String,
    },
    /// No such key.
    #[error("the token {token} holds no private key {key}; it holds {found}: correct the label or id of the key")]
    NoKey {
        /// Name of the token.
        token: String,
        /// What was asked for.
        key: String,
        /// Labels of the private keys that there are.
        found: String,
    },
    /// Several keys of the name.
    #[error("the token {token} holds {count} private keys {key}: name it by its id as well (id=%xx…)")]
    SeveralKeys {
        /// Name of the token.
        token: String,
        /// What was asked for.
        key: String,
        /// How many.
        count: usize,
    },
    /// There is one already.
    #[error("the token {token} holds a key {key} already: a key is never replaced, give another label")]
    Exists {
        /// Name of the token.
        token: String,
        /// What was asked for.
        key: String,
    },
    /// A key without a label.
    #[error("a key that is made in the token {token} needs a label: add object=LABEL")]
    NoLabel {
        /// Name of the token.
        token: String,
    },
    /// A key that no format of ours takes.
    #[error(
        "the key {key} in the token {token} is {what}: use a key on the named curve P-256, or RSA with 2048 to 4096 bits"
    )]
    Kind {
        /// Name of the token.
        token: String,
        /// Name of the key.
        key: String,
        /// What it is.
        what: String,
    },
    /// The public half is not in the token.
    #[error("the public half of the key {key} is not in the token {token}: import it beside the private key")]
    NoPublic {
        /// Name of the token.
        token: String,
        /// Name of the key.
        key: String,
    },
    /// The certificate is of another key.
    #[error(
        "the key {key} in the token {token} and the certificate {kid} do not belong together; name the key that was certified"
    )]
    OtherKey {
        /// Name of the token.
        token: String,
        /// Name of the key.
        key: String,
        /// Key identifier of the certificate.
        kid: Kid,
    },
    /// The token cannot sign as we need it.
    #[error("the token {token} offers none of {needed}: it cannot make this kind of signature")]
    Mechanism {
        /// Name of the token.
        token: String,
        /// Mechanisms that would do.
        needed: &'static str,
    },
    /// The operation failed on a token that is there.
    #[error("the token {token} could not {what} ({reason})")]
    Failed {
        /// Name of the token.
        token: String,
        /// What it was to do.
        what: &'static str,
        /// What it said, by name.
        reason: String,
    },
}

/// The tokens that a program uses, each opened when it is first asked for and kept open.
#[derive(Clone)]
pub struct Tokens {
    #[cfg(feature = "pkcs11")]
    open: Arc<pkcs11::Opened>,
    #[cfg(not(feature = "pkcs11"))]
    _options: Arc<TokenOptions>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({:?})", self.health())
    }
}

impl Tokens {
    /// No tokens.
    #[must_use]
    pub fn none() -> Self {
        Self::new(TokenOptions::none())
    }
}

#[cfg(feature = "pkcs11")]
impl Tokens {
    /// Tokens that are reached like this. Nothing is opened yet.
    #[must_use]
    pub fn new(options: TokenOptions) -> Self {
        Self { open: Arc::new(pkcs11::Opened::new(options)) }
    }

    /// The key of this name, which signs documents: ES256 with P-256, PS256 with RSA. Where the token is away, the
    /// signer says so until it comes, so that a service starts without it.
    ///
    /// # Errors
    /// [`TokenError`]: among others when the certificate is of another key.
    pub fn signer(&self, uri: &TokenUri, certificate: Certificate) -> Result<Arc<dyn Signer>, TokenError> {
        Ok(Arc::new(pkcs11::TokenSigner::new(self.open.key_of(uri, &certificate)?, certificate)?))
    }

    /// The key of this name, which signs certificates, requests and CMS messages.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn x509_signer(&self, uri: &TokenUri) -> Result<Arc<dyn X509Signer>, TokenError> {
        Ok(Arc::new(pkcs11::TokenX509Signer::new(self.open.key(uri)?)))
    }

    /// Makes a key of this name in the token, which never leaves it, and gives it as a signer of certificates, so
    /// that a request or a certificate can be made for it. There must be no key of this name yet.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn make(&self, uri: &TokenUri, kind: NewKey) -> Result<Arc<dyn X509Signer>, TokenError> {
        Ok(Arc::new(pkcs11::TokenX509Signer::new(self.open.make(uri, kind)?)))
    }

    /// How each token is that was opened, as its last use told; nothing is asked now.
    #[must_use]
    pub fn health(&self) -> Vec<TokenHealth> {
        self.open.health()
    }
}

#[cfg(not(feature = "pkcs11"))]
impl Tokens {
    /// Tokens that are reached like this. Nothing is opened yet.
    #[must_use]
    pub fn new(options: TokenOptions) -> Self {
        Self { _options: Arc::new(options) }
    }

    /// The key of this name, which signs documents.
    ///
    /// # Errors
    /// [`TokenError::NotBuilt`].
    pub fn signer(&self, uri: &TokenUri, _: Certificate) -> Result<Arc<dyn Signer>, TokenError> {
        Err(TokenError::NotBuilt { key: uri.key_name() })
    }

    /// The key of this name, which signs certificates, requests and CMS messages.
    ///
    /// # Errors
    /// [`TokenError::NotBuilt`].
    pub fn x509_signer(&self, uri: &TokenUri) -> Result<Arc<dyn X509Signer>, TokenError> {
        Err(TokenError::NotBuilt { key: uri.key_name() })
    }

    /// Makes a key of this name in the token.
    ///
    /// # Errors
    /// [`TokenError::NotBuilt`].
    pub fn make(&self, uri: &TokenUri, _: NewKey) -> Result<Arc<dyn X509Signer>, TokenError> {
        Err(TokenError::NotBuilt { key: uri.key_name() })
    }

    /// How each token is that was opened: none is.
    #[must_use]
    pub fn health(&self) -> Vec<TokenHealth> {
        Vec::new()
    }
}
