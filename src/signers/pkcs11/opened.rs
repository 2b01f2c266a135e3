//! The tokens of a program that are open: each once, however many of its keys are used.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    key::{CALL, TokenKey},
    token::Token,
};
use crate::{
    keys::Certificate,
    signers::{NewKey, TokenError, TokenHealth, TokenOptions, TokenUri},
};

/// Open tokens, by library and by what names the token.
pub(in crate::signers) struct Opened {
    options: TokenOptions,
    tokens: Mutex<HashMap<(PathBuf, String), Arc<Token>>>,
}

impl Opened {
    pub(in crate::signers) fn new(options: TokenOptions) -> Self {
        Self { options, tokens: Mutex::new(HashMap::new()) }
    }

    /// The key of this name, which must be that of a certificate. Where its token is away, it is looked for when it is
    /// first needed: a service starts without it, and says so.
    pub(in crate::signers) fn key_of(&self, uri: &TokenUri, certificate: &Certificate) -> Result<TokenKey, TokenError> {
        match self.key(uri) {
            Err(error @ (TokenError::Away { .. } | TokenError::NoToken { .. })) => {
                let token = self.place(uri)?.expected(&error);
                tracing::warn!("{error}; it is looked for again when it is needed");
                TokenKey::later(token, uri, certificate.spki())
            }
            found => found,
        }
    }

    /// The key of this name.
    pub(in crate::signers) fn key(&self, uri: &TokenUri) -> Result<TokenKey, TokenError> {
        TokenKey::find(self.token(uri)?, uri)
    }

    /// A new key of this name.
    pub(in crate::signers) fn make(&self, uri: &TokenUri, kind: NewKey) -> Result<TokenKey, TokenError> {
        let bits = match kind {
            NewKey::P256 => None,
            NewKey::Rsa(bits) if (2_048..=4_096).contains(&bits) && bits % 8 == 0 => Some(bits),
            NewKey::Rsa(bits) => {
                let what = format!("to have {bits} bits");
                return Err(TokenError::Kind { token: uri.token_name(), key: uri.key_name(), what });
            }
        };
        TokenKey::make(self.token(uri)?, uri, bits)
    }

    /// How each open token is.
    pub(in crate::signers) fn health(&self) -> Vec<TokenHealth> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            tokens.values().map(|token| TokenHealth { token: token.name(), health: token.health() }).collect();
        all.sort_by(|a, b| a.token.cmp(&b.token));
        all
    }

    /// The token, open.
    fn token(&self, uri: &TokenUri) -> Result<Arc<Token>, TokenError> {
        let token = self.place(uri)?;
        // With one session to begin with, so that a wrong name or PIN shows at once.
        token.call(CALL, "be opened", |_| Ok(()))?;
        Ok(token)
    }

    /// The token, whether it is there or not. One that refused is kept, so that nobody tries the same PIN again.
    fn place(&self, uri: &TokenUri) -> Result<Arc<Token>, TokenError> {
        let module = uri.module_path.clone().or_else(|| self.options.module.clone());
        let module = module.ok_or_else(|| TokenError::NoModule { token: uri.token_name() })?;
        // The token alone: its keys share it.
        let place = TokenUri { object: None, id: None, module_path: None, pin_source: None, ..uri.clone() };
        let place = (module.clone(), place.to_string());
        // Held while the PIN is asked for: once is enough.
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.get(&place) {
            return Ok(Arc::clone(token));
        }
        let pin =
            (self.options.pin)(uri).map_err(|reason| TokenError::PinMissing { token: uri.token_name(), reason })?;
        let token = Arc::new(Token::new(module, uri, pin, self.options.sessions, &self.options.clock)?);
        tokens.insert(place, Arc::clone(&token));
        Ok(token)
    }
}
